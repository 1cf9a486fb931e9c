//! The manners of programs and earning rules: what is set is answered, ids may be given, lists
//! keep their place, and a repeat is no second object.

use axum::http::StatusCode;
use laurel_rules::Code;
use serde_json::{Value, json};

use crate::http::Site;

const PROGRAMS: &str = "/v1/loyalty/programs";
const RULES: &str = "/v1/loyalty/earning_rules";

#[tokio::test]
async fn referral_settings_are_answered_as_the_documents_write_them() {
    let site = Site::new().await;
    let (_, fresh) = site.get(&format!("{PROGRAMS}/prog_default")).await;
    assert_eq!(
        (&fresh["reward"], &fresh["velocity"]),
        (
            &Value::Null,
            &json!({"maxConversionsPerWindow": 10, "windowDays": 30})
        )
    );
    let settings = json!({
        "reward": {
            "referrer": {"points": 500},
            "referee": {"store_credit": {"amount": 500, "currency": "EUR"}},
        },
        "qualify": {"firstPaymentMinimum": 2000, "windowDays": 30},
        "velocity": {"maxConversionsPerWindow": 3, "windowDays": 7},
        "code_prefix": "ANNA", "signup_url": "https://shop.example.com/signup?from=friend",
        "blocked": {"domains": ["evil.example"], "emails": ["eve@example.com"]},
        "redeem_rate": {"points": 100, "amount": 100, "currency": "EUR"},
    });
    let id = "prog_referrals";
    let mut creation = settings.clone();
    creation["id"] = json!(id);
    let (status, made) = site.post(PROGRAMS, creation).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    for (name, value) in settings.as_object().expect("an object") {
        assert_eq!(made[name], *value, "{name}");
    }
    // In snake case, as a form, and whole: what is not said again is gone.
    let form = "qualify[first_payment_minimum]=1000&velocity[max_conversions_per_window]=5\
        &reward[referee][reward]=rwd_1&blocked[domains][]=Evil.Example&code_prefix=&signup_url=\
        http%3A%2F%2F127.0.0.1%3A3000%2Fsignup&redeem_rate[points]=50&redeem_rate[amount]=1\
        &redeem_rate[currency]=jpy";
    let path = format!("{PROGRAMS}/{id}");
    let kind = "application/x-www-form-urlencoded";
    let (status, changed) = site.send(Site::request("PATCH", &path, kind, form)).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    for (name, value) in [
        ("reward", json!({"referee": {"reward": "rwd_1"}})),
        ("qualify", json!({"firstPaymentMinimum": 1000})),
        (
            "velocity",
            json!({"maxConversionsPerWindow": 5, "windowDays": 30}),
        ),
        ("code_prefix", Value::Null),
        ("signup_url", json!("http://127.0.0.1:3000/signup")),
        ("blocked", json!({"domains": ["evil.example"]})),
        (
            "redeem_rate",
            json!({"points": 50, "amount": 1, "currency": "JPY"}),
        ),
    ] {
        assert_eq!(changed[name], value, "{name}");
    }
    assert_eq!(site.get(&path).await.1, changed);
}

#[tokio::test]
async fn ids_may_be_given_once() {
    let site = Site::new().await;
    let rule = json!({
        "id": "rule_abc123", "trigger": "signup", "award": {"type": "fixed", "points": 5},
    });
    let (status, made) = site.post(RULES, rule.clone()).await;
    assert_eq!((status, &made["id"]), (StatusCode::CREATED, &rule["id"]));
    let taken = [
        (RULES, rule, "resource_already_exists"),
        (
            PROGRAMS,
            json!({"id": "prog_default"}),
            "program_already_exists",
        ),
    ];
    for (path, body, code) in taken {
        let (status, answer) = site.post(path, body).await;
        assert_eq!(
            (status, &answer["error"]["code"], &answer["error"]["param"]),
            (StatusCode::CONFLICT, &json!(code), &json!("id")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_same_request_again_finds_what_it_made() {
    let site = Site::new().await;
    let ledger = &site.world.ledger;
    let id = "prog_2";
    let program = || ledger.new_program(Some(id.to_owned()));
    let first = ledger.create_program(program(), "one").await;
    let first = first.expect("a program");
    // Its salt is random, so that another one would show.
    let again = ledger.create_program(program(), "one").await;
    assert_eq!(again.expect("the same program"), first);
    let other = ledger.create_program(program(), "two");
    let code = other.await.map_err(|error| error.refusal().code);
    assert_eq!(code, Err(Code::ProgramAlreadyExists));

    let rule = site
        .world
        .add_rule(json!({"award": {"type": "fixed", "points": 5}}))
        .await;
    let rule = laurel_rules::Rule {
        id: "rule_2".to_owned(),
        ..rule
    };
    let first = ledger.create_configured(rule.clone(), "one").await;
    first.expect("a rule");
    let later = site.world.ledger.now() + jiff::SignedDuration::from_secs(60);
    let mut again = rule.clone();
    again.created = later;
    let again = ledger
        .create_configured(again, "one")
        .await
        .expect("the same rule");
    assert_eq!(again, rule);
    let other = ledger.create_configured(rule, "two").await;
    let code = other.map_err(|error| error.refusal().code);
    assert_eq!(code, Err(Code::ResourceAlreadyExists));
}

#[tokio::test]
async fn a_deleted_rule_stays_and_earns_no_more() {
    let site = Site::new().await;
    let rule = json!({
        "id": "rule_1", "trigger": "signup", "award": {"type": "fixed", "points": 5},
    });
    site.post(RULES, rule).await;
    let path = format!("{RULES}/rule_1");
    for _ in 0..2 {
        let request = Site::request("DELETE", &path, "application/json", "");
        let (status, rule) = site.send(request).await;
        assert_eq!(
            (status, &rule["active"], &rule["version"]),
            (StatusCode::OK, &json!(false), &json!(2))
        );
    }
    assert_eq!(site.get(&path).await.1["active"], false);
    let event = json!({"type": "signup", "data": {"id": "s_1", "customer": "c"}});
    let (_, outcome) = site.post("/v1/events", event).await;
    assert_eq!(outcome["outcome"], "no_award");
}

#[tokio::test]
async fn lists_filter_by_time_and_keep_their_place() {
    let site = Site::new().await;
    for number in 0..4 {
        let later = site.world.ledger.now() + jiff::SignedDuration::from_secs(1);
        site.world.clock.set(later);
        let rule = json!({
            "id": format!("rule_{number}"), "trigger": "signup",
            "award": {"type": "fixed", "points": 5},
        });
        site.post(RULES, rule).await;
        site.post(PROGRAMS, json!({"id": format!("prog_{number}")}))
            .await;
    }
    let ids = async |path: String| -> Vec<String> {
        let (status, list) = site.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path} {list}");
        let data = list["data"].as_array().expect("data").iter();
        data.map(|one| one["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let since = "created[gte]=2026-11-20T12:00:03Z";
    assert_eq!(ids(format!("{RULES}?{since}")).await, ["rule_3", "rule_2"]);
    assert_eq!(
        ids(format!("{PROGRAMS}?{since}")).await,
        ["prog_3", "prog_2"]
    );
    assert_eq!(
        ids(format!(
            "{RULES}?created[lt]=2026-11-20T12:00:02Z&trigger=signup&active=true"
        ))
        .await,
        ["rule_0"]
    );
    // Between two pages one is added before the cursor, and the cursor's own rule drops out.
    let page = format!("{RULES}?active=true&limit=2");
    assert_eq!(ids(page.clone()).await, ["rule_3", "rule_2"]);
    let rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}});
    site.post(RULES, rule).await;
    site.post(&format!("{RULES}/rule_2"), json!({"active": false}))
        .await;
    let next = format!("{page}&starting_after=rule_2");
    assert_eq!(ids(next).await, ["rule_1", "rule_0"]);
}

#[tokio::test]
async fn events_of_a_program_that_does_not_exist_are_refused() {
    let site = Site::new().await;
    let table = [
        json!({"type": "signup", "program": "prog_none", "data": {"id": "s_1"}}),
        json!({"type": "signup", "data": {"id": "s_1", "program": "prog_none"}}),
    ];
    for event in table {
        let (status, answer) = site.post("/v1/events", event).await;
        let error = &answer["error"];
        assert_eq!(
            (status, &error["code"], &error["param"]),
            (
                StatusCode::NOT_FOUND,
                &json!("resource_missing"),
                &json!("program")
            )
        );
    }
}
