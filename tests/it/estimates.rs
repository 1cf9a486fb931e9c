//! Estimates: what they say comes to pass, they write nothing, and a page learns of nobody.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use laurel_tests::{PROGRAM, World, merge, payment};
use serde_json::{Value, json};

use crate::calls::{Answer, Call, account, key, process};

const PATH: &str = "/v1/loyalty/estimate";

fn question(event: Value) -> Call {
    Call::post(PATH, json!({ "event": event }))
}

fn of_payment(customer: &str, amount: i64) -> Value {
    json!({"type": "payment.completed", "occurred_at": "2026-11-20T11:00:00Z",
        "data": {"customer": customer, "amount": amount, "currency": "EUR"}})
}

/// A program in which much counts.
async fn world() -> (World, Router) {
    let settings = json!({"auto_enroll": true, "timezone": "Europe/Berlin"});
    let rules = [
        json!({"id": "rule_euro", "name": "1 point per euro",
            "award": {"type": "per_amount", "per": 100, "points": 1},
            "cap": {"points": 100}, "window": "day"}),
        json!({"id": "rule_big", "award": {"type": "fixed", "points": 50},
            "when": "event.amount >= 10000", "created": "2026-11-20T12:00:01Z"}),
        json!({"id": "rule_gift", "award": {"type": "fixed", "points": 5},
            "when": "gift_wrap", "created": "2026-11-20T12:00:02Z"}),
        json!({"id": "rule_old", "award": {"type": "fixed", "points": 5}, "active": false,
            "created": "2026-11-20T12:00:03Z"}),
        json!({"id": "rule_welcome", "trigger": "loyalty.account.created",
            "award": {"type": "fixed", "points": 30}}),
    ];
    let world = World::with(settings, &rules).await;
    let router = process(&world, 0);
    for (path, body) in [
        (
            "tiers",
            json!({"key": "member", "threshold": 0, "name": "Member"}),
        ),
        (
            "tiers",
            json!({"key": "gold", "threshold": 100, "name": "Gold", "multiplier": 2}),
        ),
        (
            "campaigns",
            json!({"id": "camp_week", "multiplier": 1.5, "name": "A week"}),
        ),
        (
            "campaigns",
            json!({"id": "camp_past", "multiplier": 3, "ends_at": "2026-01-01T00:00:00Z"}),
        ),
        (
            "campaigns",
            json!({"id": "camp_odd", "multiplier": 3, "when": "gift_wrap"}),
        ),
        (
            "campaigns",
            json!({"id": "camp_other", "multiplier": 3, "triggers": ["review"]}),
        ),
    ] {
        let made = Call::post(format!("/v1/loyalty/{path}"), body);
        assert_eq!(made.at(&router).await.status, 201, "{path}");
    }
    (world, router)
}

/// All that is stored, in the order of the keys.
async fn table(world: &World) -> Vec<HashMap<String, AttributeValue>> {
    let found = world.store.client().scan().table_name("laurel").send();
    let mut items = found.await.expect("a scan").items().to_vec();
    items.sort_by_key(|item| {
        ["pk", "sk"]
            .map(|name| item[name].as_s().cloned())
            .map(Result::ok)
    });
    items
}

/// What each rule gives, or why it does not.
fn verdicts(answer: &Answer) -> Vec<(String, Value)> {
    let rules = answer.body["rules"].as_array();
    let rules = rules.unwrap_or_else(|| panic!("{answer:?}"));
    let told = |rule: &Value| match &rule["reason"] {
        Value::Null => rule["points"].clone(),
        reason => reason.clone(),
    };
    let id = |rule: &Value| rule["rule"].as_str().unwrap_or_default().to_owned();
    rules.iter().map(|rule| (id(rule), told(rule))).collect()
}

fn named(pairs: &[(&str, Value)]) -> Vec<(String, Value)> {
    let pairs = pairs.iter();
    pairs
        .map(|(id, told)| ((*id).to_owned(), told.clone()))
        .collect()
}

#[tokio::test]
async fn every_rule_that_listens_says_what_it_gives_or_why_not() {
    let (world, router) = world().await;
    let answer = question(of_payment("cust_1", 4200)).at(&router).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // 42 × 1.5 for everybody: nobody is gold by the welcome alone.
    assert_eq!(answer.body["points"], 63);
    assert_eq!(answer.body["account"], Value::Null);
    assert_eq!(answer.body["tier"], "member");
    assert_eq!(
        verdicts(&answer),
        named(&[
            ("rule_euro", json!(63)),
            ("rule_big", json!("condition_false")),
            ("rule_gift", json!("condition_failed")),
            ("rule_old", json!("inactive")),
        ])
    );
    let rules = &answer.body["rules"];
    assert_eq!(rules[0]["calculation"]["exact"], "63");
    assert_eq!(rules[0]["calculation"]["cap"]["used_points"], 0);
    assert_eq!(
        rules[1]["message"],
        "Its condition does not hold: `event.amount >= 10000`."
    );
    let failed = rules[2]["message"].as_str().expect("a sentence");
    assert!(failed.contains("gift_wrap"), "{failed}");
    let campaigns = answer.body["campaigns"].as_array().expect("campaigns");
    let campaigns: Vec<_> = campaigns
        .iter()
        .map(|it| (&it["campaign"], &it["reason"]))
        .collect();
    assert_eq!(
        campaigns,
        [
            (&json!("camp_odd"), &json!("condition_failed")),
            (&json!("camp_past"), &json!("ended")),
            (&json!("camp_week"), &Value::Null),
        ]
    );
    // What failed is in the trace of the award, too, there and in the ledger.
    let paid = world
        .apply(payment("pay_1", "cust_1", 4200))
        .await
        .expect("earns");
    let log = world.log(&paid.account.expect("a member")).await;
    let kept = log
        .last()
        .expect("an award")
        .transaction()
        .calculation
        .clone();
    let kept = serde_json::to_value(kept).expect("JSON");
    assert_eq!(kept["campaigns_failed"][0]["campaign"], "camp_odd");
    assert_eq!(kept, rules[0]["calculation"]);
}

#[tokio::test]
async fn what_is_estimated_comes_to_pass_with_caps_and_tiers_on_the_way() {
    let (world, router) = world().await;
    let mut seen = Vec::new();
    for (number, amount) in [4200, 2000, 5000, 12_000, 1].into_iter().enumerate() {
        let estimated = question(of_payment("cust_1", amount)).at(&router).await;
        let paid = world.apply(payment(&format!("pay_{number}"), "cust_1", amount));
        let paid = paid.await.expect("is handled");
        let log = world.log(paid.account.as_ref().expect("a member")).await;
        let made: Vec<Value> = log
            .iter()
            .filter(|view| paid.transactions.contains(&view.id()))
            .map(|view| {
                let made = view.transaction();
                json!([
                    made.amount,
                    made.uncapped_points.is_some(),
                    made.calculation
                ])
            })
            .collect();
        let rules = estimated.body["rules"].as_array().expect("rules").iter();
        let fires = rules.filter(|rule| rule["reason"].is_null());
        let expected: Vec<Value> = fires
            .map(|rule| json!([rule["points"], rule["capped"], rule["calculation"]]))
            .collect();
        assert_eq!(made, expected, "payment {number}");
        seen.push(estimated.body["points"].clone());
    }
    // With the welcome that makes a gold member, whose 60 are cut to what the day's cap leaves; the
    // award of 50 is not capped, doubles, and the campaign is on top.
    assert_eq!(seen, [63, 37, 0, 150, 0]);
}

#[tokio::test]
async fn an_estimate_reads_once_and_writes_nothing() {
    let (world, router) = world().await;
    world
        .apply(payment("pay_1", "cust_1", 4200))
        .await
        .expect("earns");
    let member = world.member("cust_1").await.account.id;
    let before = table(&world).await;
    let with_account = json!({"account": member, "event": {
        "type": "payment.completed", "data": {"amount": 100, "currency": "EUR"}}});
    for (call, requests) in [
        (question(of_payment("cust_1", 4200)), 1),
        // Nobody has the claim on the customer either.
        (question(of_payment("cust_new", 4200)), 2),
        (question(json!({"type": "loyalty.account.created"})), 1),
        // The account says which program it is.
        (Call::post(PATH, with_account.clone()), 2),
        (Call::post(PATH, with_account).named("once"), 2),
    ] {
        let _ = question(json!({"type": "warm_up"})).at(&router).await;
        let usage = world.store.usage();
        let answer = call.at(&router).await;
        let used = world.store.usage().since(&usage);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(
            (used.total_requests(), used.write_units),
            (requests, 0),
            "{answer:?}"
        );
    }
    assert!(table(&world).await == before, "nothing was written");
}

#[tokio::test]
async fn who_joins_is_told_of_the_welcome_where_that_is_the_question() {
    let (world, router) = world().await;
    let answer = question(json!({"type": "loyalty.account.created"}))
        .at(&router)
        .await;
    assert_eq!(answer.body["points"], 45, "30 × 1.5: {answer:?}");
    let id = world.create("cust_1").await;
    assert_eq!(world.member("cust_1").await.balance, 45);
    let body = json!({"account": id, "event": {"type": "loyalty.account.created"}});
    let refused = Call::post(PATH, body).at(&router).await;
    assert_eq!((refused.status, refused.code()), (400, "parameter_invalid"));
    assert_eq!(refused.body["error"]["param"], "account");
}

#[tokio::test]
async fn the_last_points_of_a_budget_are_told_although_they_lie_scattered() {
    let rule = json!({"id": "rule_euro", "award": {"type": "per_amount", "per": 100, "points": 1}});
    let settings = json!({"auto_enroll": true, "budget": {"points": 100_000}});
    let world = World::with(settings, &[rule]).await;
    let router = process(&world, 0);
    // Many small awards leave something in many shares.
    for number in 0..40 {
        let paid = payment(&format!("pay_{number}"), "cust_1", 100);
        world.apply(paid).await.expect("earns");
    }
    let before = table(&world).await;
    let estimated = question(of_payment("cust_2", 20_000_000)).at(&router).await;
    assert_eq!(estimated.body["points"], 99_960, "{estimated:?}");
    assert_eq!(estimated.body["rules"][0]["capped"], true);
    assert!(table(&world).await == before, "nothing was written");
    world
        .apply(payment("pay_last", "cust_2", 20_000_000))
        .await
        .expect("earns");
    assert_eq!(world.member("cust_2").await.balance, 99_960);
    let nothing = question(of_payment("cust_2", 20_000_000)).at(&router).await;
    assert_eq!(nothing.body["points"], 0);
    let trace = &nothing.body["rules"][0]["calculation"]["budgets"][0];
    assert_eq!(
        (&trace["wanted_points"], &trace["granted_points"]),
        (&json!(200_000), &json!(0))
    );
}

#[tokio::test]
async fn what_cannot_be_estimated_is_refused_and_says_so() {
    let (world, router) = world().await;
    let closed = account(&router, PROGRAM, "cust_closed").await;
    let close = Call::post(format!("/v1/loyalty/accounts/{closed}/close"), json!({}));
    assert_eq!(close.at(&router).await.status, 200);
    let paid = of_payment("cust_1", 100);
    let mut early = paid.clone();
    merge(&mut early, json!({"occurred_at": "2026-11-20T12:10:00Z"}));
    let typed = |kind: &str, data: Value| json!({"event": {"type": kind, "data": data}});
    let other = json!({"id": "prog_other"});
    assert_eq!(
        Call::post("/v1/loyalty/programs", other)
            .at(&router)
            .await
            .status,
        201
    );
    for (body, status, code, param) in [
        (json!({}), 400, "parameter_missing", "event"),
        (json!({"event": {}}), 400, "parameter_missing", "event.type"),
        (
            json!({"event": {"type": "x", "amount": 1}}),
            400,
            "parameter_unknown",
            "event.amount",
        ),
        (
            json!({"event": paid, "points": 1}),
            400,
            "parameter_unknown",
            "points",
        ),
        (
            typed(
                "payment.completed",
                json!({"amount": -1, "currency": "EUR"}),
            ),
            400,
            "parameter_invalid",
            "event.data.amount",
        ),
        (
            typed("payment.completed", json!({})),
            400,
            "parameter_missing",
            "event.data.amount",
        ),
        (
            typed("payment.refunded", json!({"payment": "pay_1"})),
            400,
            "parameter_invalid",
            "event.type",
        ),
        (
            typed("payment.failed", json!({})),
            400,
            "parameter_invalid",
            "event.type",
        ),
        (
            typed("customer.deleted", json!({})),
            400,
            "parameter_invalid",
            "event.type",
        ),
        (
            typed("referral.attributed", json!({})),
            400,
            "parameter_invalid",
            "event.type",
        ),
        (
            json!({"event": early}),
            400,
            "occurred_in_future",
            "event.occurred_at",
        ),
        (
            json!({"event": paid, "account": "loy_none"}),
            404,
            "resource_missing",
            "account",
        ),
        (
            json!({"event": paid, "program": "prog_none"}),
            404,
            "resource_missing",
            "program",
        ),
        (
            json!({"event": paid, "account": closed, "program": "prog_other"}),
            404,
            "resource_missing",
            "account",
        ),
        (
            json!({"event": paid, "account": closed}),
            409,
            "account_closed",
            "account",
        ),
        (
            json!({"event": of_payment("cust_closed", 1)}),
            409,
            "account_closed",
            "account",
        ),
        (
            json!({"program": PROGRAM, "event": {"type": "x", "program": "prog_other"}}),
            400,
            "parameter_invalid",
            "event.program",
        ),
    ] {
        let answer = Call::post(PATH, body.clone()).at(&router).await;
        assert_eq!(
            (answer.status, answer.code(), &answer.body["error"]["param"]),
            (status, code, &json!(param)),
            "{body}"
        );
    }
    assert!(world.find_member("cust_1").await.is_none());
}

#[tokio::test]
async fn a_merged_member_is_the_survivor() {
    let (world, router) = world().await;
    world
        .apply(payment("pay_1", "cust_1", 9000))
        .await
        .expect("earns");
    let guest = world.member("cust_1").await.account.id;
    let family = world.create("cust_2").await;
    world.merge(&guest, &family).await;
    let body = json!({"account": guest, "event": {
        "type": "payment.completed", "data": {"amount": 1000, "currency": "EUR"}}});
    let answer = Call::post(PATH, body).at(&router).await;
    assert_eq!(answer.body["account"], json!(family), "{answer:?}");
    // 90 × 1.5 reached the cap of 100 a day.
    assert_eq!(answer.body["rules"][0]["capped"], true);
}

#[tokio::test]
async fn a_page_is_told_of_itself_and_of_visitors_only() {
    let (world, router) = world().await;
    let page = key(&router, json!({"type": "publishable"})).await;
    world
        .apply(payment("pay_1", "cust_1", 9000))
        .await
        .expect("earns");
    let member = world.member("cust_1").await.account.id;
    let gold = world.create("cust_2").await;
    let visitor = question(of_payment("nobody", 4200))
        .by(&page)
        .at(&router)
        .await;
    assert_eq!((visitor.status, &visitor.body["points"]), (200, &json!(63)));
    assert_eq!(visitor.headers["access-control-allow-origin"], "*");
    // Rules that give nothing, and why, are not for everybody's eyes.
    assert_eq!(verdicts(&visitor), named(&[("rule_euro", json!(63))]));
    assert_eq!(visitor.body["campaigns"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        visitor.body["rules"][0]["calculation"].get("campaigns_failed"),
        None
    );
    // Whomever it names, the answer is the same.
    for data in [
        json!({"customer": "cust_1"}),
        json!({"account": member}),
        json!({"metadata": {"loyalty_account": member}}),
        json!({"account": gold, "email": "anna@example.com"}),
    ] {
        let mut event = of_payment("nobody", 4200);
        merge(&mut event["data"], data.clone());
        let named = question(event).by(&page).at(&router).await;
        assert_eq!(named.content(), visitor.content(), "{data}");
    }
    let asked = |account: &str| {
        let event = of_payment("nobody", 4200);
        Call::post(PATH, json!({"account": account, "event": event})).by(&page)
    };
    let bare = asked(&member).at(&router).await;
    assert_eq!((bare.status, bare.code()), (403, "scope_insufficient"));
    let path = format!("/v1/loyalty/accounts/{member}/member_token");
    let minted = Call::post(path, json!({})).at(&router).await;
    let token = minted.body["token"].as_str().expect("a token").to_owned();
    let own = asked(&member)
        .with("x-member-token", &token)
        .at(&router)
        .await;
    assert_eq!(
        (own.status, &own.body["account"]),
        (200, &json!(member)),
        "{own:?}"
    );
    assert_eq!(own.body["points"], 0, "the day's cap is reached");
    let unasked = question(of_payment("cust_2", 4200)).by(&page);
    let unasked = unasked.with("x-member-token", &token).at(&router).await;
    assert_eq!(unasked.content(), own.content());
    let theirs = asked(&gold)
        .with("x-member-token", &token)
        .at(&router)
        .await;
    let nobodys = asked("loy_nobody")
        .with("x-member-token", &token)
        .at(&router)
        .await;
    assert_eq!((theirs.status, theirs.code()), (404, "resource_missing"));
    let swapped = theirs.content().to_string().replace(&gold, "loy_nobody");
    assert_eq!(swapped, nobodys.content().to_string());
    let forged = question(of_payment("cust_1", 1)).by(&page);
    let forged = forged
        .with("x-member-token", &format!("{token}0"))
        .at(&router)
        .await;
    assert_eq!((forged.status, forged.code()), (403, "scope_insufficient"));
}

#[tokio::test]
async fn a_scope_to_read_is_enough() {
    let (_world, router) = world().await;
    for (scope, status) in [
        ("estimate:read", 200),
        ("estimate:write", 200),
        ("events:write", 403),
    ] {
        let scoped = json!({"type": "restricted", "scopes": [scope]});
        let scoped = key(&router, scoped).await;
        let answer = question(of_payment("cust_1", 1))
            .by(&scoped)
            .at(&router)
            .await;
        assert_eq!(answer.status, status, "{scope}");
    }
    let ask = Call::new("OPTIONS", PATH, None)
        .by("")
        .with("origin", "https://shop.example")
        .with("access-control-request-method", "POST");
    let let_in = ask.at(&router).await;
    assert_eq!(let_in.status, 204);
    assert_eq!(let_in.headers["access-control-allow-methods"], "POST");
    let headers = let_in.headers["access-control-allow-headers"].to_str();
    assert!(headers.expect("text").contains("content-type"));
}

#[tokio::test]
async fn a_form_says_the_same() {
    let (_world, router) = world().await;
    let body = "event[type]=payment.completed&event[data][amount]=4200&event[data][currency]=EUR";
    let request = crate::http::Site::request(
        "POST",
        PATH,
        "application/x-www-form-urlencoded",
        axum::body::Body::from(body),
    );
    let answer = tower::ServiceExt::oneshot(router, request)
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .expect("a body");
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(body["points"], 63);
}
