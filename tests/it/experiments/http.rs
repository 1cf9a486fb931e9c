//! Experiments over HTTP: begun by a rule, read, stopped.

use axum::Router;
use laurel_tests::World;
use serde_json::{Value, json};

use crate::calls::{Answer, Call, key, process};

const RULES: &str = "/v1/loyalty/earning_rules";
const EXPERIMENTS: &str = "/v1/experiments";

fn wanted() -> Value {
    json!({
        "key": "welcome-2026",
        "variants": [
            {"key": "control", "weight": 1},
            {"key": "double", "weight": 1, "overrides": {"multiplier": 2, "cap": {"points": 500}}},
        ],
    })
}

fn rule(experiment: Value) -> Value {
    json!({
        "id": "rule_tested", "trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "experiment": experiment,
    })
}

async fn shop() -> (World, Router) {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let router = process(&world, 0);
    (world, router)
}

async fn begin(router: &Router) -> Value {
    let made = Call::post(RULES, rule(wanted())).at(router).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body
}

async fn update(router: &Router, change: Value) -> Answer {
    Call::post(format!("{RULES}/rule_tested"), change)
        .at(router)
        .await
}

async fn pay(router: &Router, customer: &str, amount: i64) {
    let data = json!({
        "id": format!("pay_{customer}_{amount}"), "customer": customer, "amount": amount,
        "currency": "EUR",
    });
    let paid = Call::post(
        "/v1/events",
        json!({"type": "payment.completed", "data": data}),
    );
    assert_eq!(paid.at(router).await.status, 200);
}

#[tokio::test]
async fn a_rule_begins_one_and_the_report_tells_of_it() {
    let (_world, router) = shop().await;
    let made = begin(&router).await;
    assert_eq!(made["experiment"]["key"], "welcome-2026");
    let overrides = json!({"multiplier": 2, "cap": {"points": 500}});
    assert_eq!(made["experiment"]["variants"][1]["overrides"], overrides);
    for number in 0..40 {
        pay(&router, &format!("cust_{number}"), 1000).await;
    }
    let path = format!("{EXPERIMENTS}/welcome-2026");
    let report = Call::get(path).at(&router).await;
    assert_eq!(report.status, 200, "{report:?}");
    let body = &report.body;
    assert_eq!(
        (
            &body["object"],
            &body["rule"],
            &body["status"],
            &body["excluded_members"]
        ),
        (
            &json!("experiment"),
            &json!("rule_tested"),
            &json!("running"),
            &json!(0)
        )
    );
    let [control, double] = [0, 1].map(|place| body["results"][place].clone());
    let number = |result: &Value, name: &str| result[name].as_i64().expect("a number");
    assert_eq!(number(&control, "members") + number(&double, "members"), 40);
    for (result, points) in [(&control, 10), (&double, 20)] {
        let members = number(result, "members");
        assert!(members > 5, "{members}");
        assert_eq!(number(result, "points"), members * points);
        assert_eq!(number(result, "spend"), members * 1000);
        assert_eq!(result["mean_spend"], 1000.0);
        assert_eq!(result["awarded_share"], 1.0);
    }
    assert_eq!(control["awarded_share_difference"], Value::Null);
    let difference = &double["awarded_share_difference"];
    assert_eq!(difference["difference"], 0.0);
    assert!(difference["low"].as_f64() < Some(0.0) && difference["high"].as_f64() > Some(0.0));
    // Everybody spent the same: there is no spread to reckon with.
    assert_eq!(double["mean_spend_difference"], Value::Null);
    pay(&router, "cust_1", 333).await;
    let report = Call::get(format!("{EXPERIMENTS}/welcome-2026"))
        .at(&router)
        .await;
    assert!(report.body["results"][1]["mean_spend_difference"]["low"].is_number());
    let listed = Call::get(format!("{EXPERIMENTS}?status=running"))
        .at(&router)
        .await;
    assert_eq!(listed.body["data"][0]["id"], "welcome-2026");
    assert_eq!(listed.body["data"][0].get("results"), None);
    let listed = Call::get(format!("{EXPERIMENTS}?status=stopped"))
        .at(&router)
        .await;
    assert_eq!(listed.body["data"], json!([]));
    let transactions = Call::get("/v1/loyalty/accounts?customer=cust_0")
        .at(&router)
        .await;
    let account = transactions.body["data"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/v1/loyalty/transactions?account={account}");
    let listed = Call::get(&path).at(&router).await;
    let trial = listed.body["data"][0]["experiment"].clone();
    assert_eq!(trial["key"], "welcome-2026");
    let path = format!("{path}&expand[]=data.calculation");
    let expanded = Call::get(path).at(&router).await;
    let said = &expanded.body["data"][0]["calculation"]["explanation"];
    let variant = trial["variant"].as_str().expect("a variant");
    let sentence =
        format!("In the experiment `welcome-2026` this member gets the variant `{variant}`.");
    assert!(said.to_string().contains(&sentence), "{said}");
}

#[tokio::test]
async fn while_it_runs_it_stays_as_it_is() {
    let (_world, router) = shop().await;
    begin(&router).await;
    // The same again is no change, and other fields may change.
    let same = update(&router, json!({"experiment": wanted(), "name": "Points"})).await;
    assert_eq!(
        (same.status, &same.body["version"]),
        (200, &json!(2)),
        "{same:?}"
    );
    let mut heavier = wanted();
    heavier["variants"][0]["weight"] = json!(3);
    let mut other = wanted();
    other["key"] = json!("another");
    for change in [heavier, other, Value::Null] {
        let refused = update(&router, json!({"experiment": change})).await;
        assert_eq!((refused.status, refused.code()), (400, "parameter_invalid"));
        assert_eq!(refused.body["error"]["param"], "experiment");
        let message = refused.body["error"]["message"]
            .as_str()
            .expect("a message");
        assert!(message.contains("stop it"), "{message}");
    }
}

#[tokio::test]
async fn the_winner_is_what_the_rule_goes_on_as() {
    for (winner, multiplier, cap) in [
        (json!("double"), 2, json!({"points": 500})),
        (json!("control"), 1, Value::Null),
        (Value::Null, 1, Value::Null),
    ] {
        let (_world, router) = shop().await;
        begin(&router).await;
        for number in 0..10 {
            pay(&router, &format!("cust_{number}"), 1000).await;
        }
        let path = format!("{EXPERIMENTS}/welcome-2026");
        let before = Call::get(&path).at(&router).await.body["results"].clone();
        let none = json!({"winner": "triple"});
        let refused = Call::post(format!("{path}/stop"), none).at(&router).await;
        assert_eq!(
            (refused.status, &refused.body["error"]["param"]),
            (400, &json!("winner"))
        );
        for _ in 0..2 {
            let body = json!({"winner": winner});
            let stopped = Call::post(format!("{path}/stop"), body).at(&router).await;
            assert_eq!(stopped.status, 200, "{stopped:?}");
            assert_eq!(
                (&stopped.body["status"], &stopped.body["winner"]),
                (&json!("stopped"), &winner)
            );
        }
        let other = if winner.is_null() {
            json!("double")
        } else {
            Value::Null
        };
        let again = Call::post(format!("{path}/stop"), json!({"winner": other}));
        let again = again.at(&router).await;
        assert_eq!((again.status, again.code()), (409, "experiment_stopped"));
        let rule = Call::get(format!("{RULES}/rule_tested"))
            .at(&router)
            .await
            .body;
        assert_eq!(
            (
                &rule["multiplier"],
                &rule["cap"],
                &rule["experiment"],
                &rule["version"]
            ),
            (&json!(multiplier), &cap, &Value::Null, &json!(2))
        );
        // The report stays, whatever happens to what was paid.
        for number in 0..10 {
            pay(&router, &format!("cust_{number}"), 2000).await;
            let data =
                json!({"id": format!("re_{number}"), "payment": format!("pay_cust_{number}_1000")});
            let refund = json!({"type": "payment.refunded", "data": data});
            assert_eq!(
                Call::post("/v1/events", refund).at(&router).await.status,
                200
            );
        }
        let after = Call::get(&path).at(&router).await.body["results"].clone();
        assert_eq!(after, before);
        // Its key is taken for good; another experiment may begin.
        let taken = update(&router, json!({"experiment": wanted()})).await;
        assert_eq!(
            (taken.status, taken.code()),
            (409, "resource_already_exists")
        );
        let mut next = wanted();
        next["key"] = json!("next");
        let next = update(&router, json!({"experiment": next})).await;
        assert_eq!(next.status, 200, "{next:?}");
        let listed = Call::get(EXPERIMENTS).at(&router).await.body;
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (_world, router) = shop().await;
    let variants =
        |second: Value| json!({"key": "x", "variants": [{"key": "a", "weight": 1}, second]});
    let overriding =
        |overrides: Value| variants(json!({"key": "b", "weight": 1, "overrides": overrides}));
    for (experiment, code, param) in [
        (
            json!({"key": "x"}),
            "parameter_missing",
            "experiment.variants",
        ),
        (
            json!({"variants": []}),
            "parameter_missing",
            "experiment.key",
        ),
        (
            json!({"key": "a b", "variants": wanted()["variants"]}),
            "parameter_invalid",
            "experiment.key",
        ),
        (
            json!({"key": "x", "variants": [{"key": "a", "weight": 1}]}),
            "parameter_invalid",
            "experiment.variants",
        ),
        (
            json!({"key": "x", "variants": 5}),
            "parameter_invalid",
            "experiment.variants",
        ),
        (
            variants(json!({"key": "a", "weight": 1})),
            "parameter_invalid",
            "experiment.variants[1].key",
        ),
        (
            variants(json!({"key": "b", "weight": 0})),
            "parameter_invalid",
            "experiment.variants[1].weight",
        ),
        (
            variants(json!({"key": "b", "weight": 0.5})),
            "parameter_invalid",
            "experiment.variants[1].weight",
        ),
        (
            variants(json!({"key": "b"})),
            "parameter_missing",
            "experiment.variants[1].weight",
        ),
        (
            variants(json!({"key": "b", "weight": 1, "size": 2})),
            "parameter_unknown",
            "experiment.variants[1].size",
        ),
        (
            overriding(json!({"award": {"type": "per_amount", "per": 0, "points": 1}})),
            "parameter_invalid",
            "experiment.variants[1].overrides.award.per",
        ),
        (
            overriding(json!({"multiplier": -1})),
            "parameter_invalid",
            "experiment.variants[1].overrides.multiplier",
        ),
        (
            overriding(json!({"cap": {"points": 5, "rolling": true}})),
            "parameter_invalid",
            "experiment.variants[1].overrides.cap.rolling",
        ),
        (
            overriding(json!({"cap": {}})),
            "parameter_invalid",
            "experiment.variants[1].overrides.cap",
        ),
        (
            overriding(json!({"expires": {"after": "soon"}})),
            "parameter_invalid",
            "experiment.variants[1].overrides.expires.after",
        ),
        (
            overriding(json!({"trigger": "signup"})),
            "parameter_unknown",
            "experiment.variants[1].overrides.trigger",
        ),
        (
            overriding(json!({"award": null})),
            "parameter_invalid",
            "experiment.variants[1].overrides.award",
        ),
        (
            json!({"key": "x", "currency": "euros", "variants": wanted()["variants"]}),
            "parameter_invalid",
            "experiment.currency",
        ),
    ] {
        let made = Call::post(RULES, rule(experiment.clone()))
            .at(&router)
            .await;
        assert_eq!(
            (made.status, made.code(), &made.body["error"]["param"]),
            (400, code, &json!(param)),
            "{experiment}: {made:?}"
        );
    }
    begin(&router).await;
    let mut second = rule(wanted());
    second["id"] = json!("rule_second");
    let taken = Call::post(RULES, second).at(&router).await;
    assert_eq!(
        (taken.status, taken.code()),
        (409, "resource_already_exists")
    );
    assert_eq!(taken.body["error"]["param"], "experiment.key");
}

#[tokio::test]
async fn a_program_runs_twenty_at_most() {
    let (_world, router) = shop().await;
    for number in 0..=20 {
        let mut experiment = wanted();
        experiment["key"] = json!(format!("exp_{number}"));
        let mut rule = rule(experiment);
        rule["id"] = json!(format!("rule_{number}"));
        let made = Call::post(RULES, rule).at(&router).await;
        let expected = if number < 20 {
            (201, "")
        } else {
            (409, "limit_reached")
        };
        assert_eq!((made.status, made.code()), expected);
    }
}

#[tokio::test]
async fn scopes_and_programs_hold() {
    let (_world, router) = shop().await;
    begin(&router).await;
    let reads = key(
        &router,
        json!({"type": "restricted", "scopes": ["experiments:read"]}),
    )
    .await;
    let path = format!("{EXPERIMENTS}/welcome-2026");
    assert_eq!(Call::get(&path).by(&reads).at(&router).await.status, 200);
    let stop = Call::post(format!("{path}/stop"), json!({}))
        .by(&reads)
        .at(&router)
        .await;
    assert_eq!((stop.status, stop.code()), (403, "scope_insufficient"));
    let unknown = Call::get(format!("{EXPERIMENTS}/none")).at(&router).await;
    assert_eq!((unknown.status, unknown.code()), (404, "resource_missing"));
}
