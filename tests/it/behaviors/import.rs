//! The article's configuration, made rules.

use axum::Router;
use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_host::Mode;
use laurel_tests::Crash;
use serde_json::{Value, json};

use super::{IMPORT, RULES, import, points, shop};
use crate::calls::{Call, process};

/// The configuration of the article, as it stands.
fn article() -> Value {
    json!({
        "purchase": {"rsncPerDollar": 10},
        "signup": {"rsncFlat": 100},
        "referral_complete": {"rsncFlat": 500},
        "review_submitted": {"rsncFlat": 50},
        "social_share": {"rsncFlat": 25},
        "discord_message": {"rsncFlat": 1},
        "event_attendance": {"rsncFlat": 200},
    })
}

async fn listed(router: &Router) -> Vec<Value> {
    let listed = Call::get(format!("{RULES}?limit=100")).at(router).await;
    listed.body["data"].as_array().expect("rules").clone()
}

#[tokio::test]
async fn the_articles_block_becomes_rules() {
    let (_world, router) = shop().await;
    let rules = import(&router, article()).await;
    assert_eq!(rules.len(), 7);
    let of = |trigger: &str| rules.iter().find(|rule| rule["trigger"] == trigger);
    let purchase = of("purchase").expect("a rule");
    let per_dollar = json!({"type": "per_amount", "per": 100, "points": 10});
    assert_eq!(
        (&purchase["award"], &purchase["name"]),
        (&per_dollar, &json!("purchase"))
    );
    for (event, metadata, expected) in [
        ("purchase", json!({"order_value": 120.5}), 1205),
        ("signup", json!({}), 100),
        ("referral_complete", json!({}), 500),
        ("review_submitted", json!({"rating": 5}), 50),
        ("social_share", json!({}), 25),
        ("discord_message", json!({}), 1),
        ("event_attendance", json!({}), 200),
    ] {
        assert_eq!(points(&router, event, metadata).await, expected, "{event}");
    }
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_values_do() {
    let (_world, router) = shop().await;
    let first = import(&router, article()).await;
    assert_eq!(import(&router, article()).await, first);
    assert_eq!(listed(&router).await.len(), 7);
    let id = |rules: &[Value], trigger: &str| {
        let found = rules.iter().find(|rule| rule["trigger"] == trigger);
        found.map(|rule| rule["id"].as_str().expect("an id").to_owned())
    };
    let signup = id(&first, "signup").expect("a rule");
    // What was set by hand stays.
    let by_hand = json!({"cap": {"points": 300}, "metadata": {"team": "growth"}});
    let set = Call::post(format!("{RULES}/{signup}"), by_hand)
        .at(&router)
        .await;
    assert_eq!(set.status, 200, "{set:?}");
    let changed = import(&router, json!({"signup": {"rsncFlat": 150}})).await;
    assert_eq!(
        (
            &changed[0]["id"],
            &changed[0]["award"]["points"],
            &changed[0]["version"]
        ),
        (&json!(signup), &json!(150), &json!(3))
    );
    assert_eq!(changed[0]["cap"]["points"], 300);
    assert_eq!(changed[0]["metadata"]["team"], "growth");
    // A rule that was deactivated is there again.
    Call::new("DELETE", format!("{RULES}/{signup}"), None)
        .at(&router)
        .await;
    let again = import(&router, json!({"signup": {"rsncFlat": 150}})).await;
    assert_eq!(again[0]["active"], true);
    assert_eq!(listed(&router).await.len(), 7);
}

#[tokio::test]
async fn conditions_are_cel_or_the_portals_words() {
    let (_world, router) = shop().await;
    let signup = |conditions: Value| json!({"signup": {"rsncFlat": 5, "conditions": conditions}});
    let made = import(&router, signup(json!("first-time only"))).await;
    assert_eq!(made[0]["cap"], json!({"awards": 1}));
    let made = import(&router, signup(json!("channel == 'web'"))).await;
    assert_eq!(
        (&made[0]["cap"], &made[0]["when"]),
        (&Value::Null, &json!("channel == 'web'"))
    );
    let kept = import(&router, json!({"signup": {"rsncFlat": 6}})).await;
    assert_eq!(kept[0]["when"], "channel == 'web'");
    let made = import(&router, signup(Value::Null)).await;
    assert_eq!(
        (&made[0]["when"], &made[0]["trigger"]),
        (&Value::Null, &json!("signup"))
    );
    // The rule of one kind makes way for that of the other.
    let made = import(&router, signup(json!("Referred user purchases"))).await;
    assert_eq!(
        (&made[0]["trigger"], &made[0]["recipient"]),
        (&json!("referral.converted"), &json!("referrer"))
    );
    let active = |rules: Vec<Value>| {
        let active = rules.into_iter().filter(|rule| rule["active"] == true);
        active
            .map(|rule| rule["trigger"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(active(listed(&router).await), ["referral.converted"]);
    import(&router, signup(Value::Null)).await;
    assert_eq!(active(listed(&router).await), ["signup"]);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_written() {
    let (_world, router) = shop().await;
    for (wrong, code, param) in [
        (
            json!({"rsncPerDollar": -1}),
            "parameter_invalid",
            "events.z_wrong.rsncPerDollar",
        ),
        (
            json!({"rsncPerDollar": 0}),
            "parameter_invalid",
            "events.z_wrong.rsncPerDollar",
        ),
        (
            json!({"rsncPerDollar": "ten"}),
            "parameter_invalid",
            "events.z_wrong.rsncPerDollar",
        ),
        (
            json!({"rsncFlat": 1.5}),
            "parameter_invalid",
            "events.z_wrong.rsncFlat",
        ),
        (
            json!({"rsncFlat": 0}),
            "parameter_invalid",
            "events.z_wrong.rsncFlat",
        ),
        (json!({}), "parameter_invalid", "events.z_wrong"),
        (
            json!({"rsncFlat": 1, "rsncPerDollar": 1}),
            "parameter_invalid",
            "events.z_wrong",
        ),
        (
            json!({"rsncFlat": 1, "bonus": 2}),
            "parameter_unknown",
            "events.z_wrong.bonus",
        ),
        (
            json!({"rsncFlat": 1, "conditions": "a >"}),
            "condition_invalid",
            "events.z_wrong.conditions",
        ),
        (json!(5), "parameter_invalid", "events.z_wrong"),
        (Value::Null, "parameter_invalid", "events.z_wrong"),
    ] {
        let events = json!({"signup": {"rsncFlat": 5}, "z_wrong": wrong});
        let answer = Call::post(IMPORT, json!({"events": events}))
            .at(&router)
            .await;
        assert_eq!(
            (answer.status, answer.code(), &answer.body["error"]["param"]),
            (400, code, &json!(param)),
            "{wrong}: {answer:?}"
        );
    }
    for (body, param) in [
        (
            json!({"events": {"Sign-Up": {"rsncFlat": 5}}}),
            "events.Sign-Up",
        ),
        (json!({"events": {}}), "events"),
        (json!({}), "events"),
        (json!({"events": []}), "events"),
    ] {
        let answer = Call::post(IMPORT, body).at(&router).await;
        assert_eq!(
            (answer.status, &answer.body["error"]["param"]),
            (400, &json!(param)),
            "{answer:?}"
        );
    }
    let none = json!({"program": "prog_none", "events": article()});
    let answer = Call::post(IMPORT, none).at(&router).await;
    assert_eq!((answer.status, answer.code()), (404, "resource_missing"));
    assert_eq!(listed(&router).await, Vec::<Value>::new());
}

#[tokio::test]
async fn fractions_of_a_point_per_dollar_are_exact() {
    let (_world, router) = shop().await;
    let made = import(&router, json!({"purchase": {"rsncPerDollar": 2.5}})).await;
    assert_eq!(
        made[0]["award"],
        json!({"type": "per_amount", "per": 200, "points": 5})
    );
    for (order_value, expected) in [(0.4, 1), (0.39, 0), (4.0, 10)] {
        let metadata = json!({"order_value": order_value});
        assert_eq!(points(&router, "purchase", metadata).await, expected);
    }
}

#[tokio::test]
async fn imports_at_once_make_each_rule_once() {
    let (world, router) = shop().await;
    let racing = (0..4).map(|_| {
        let router = process(&world, 0);
        tokio::spawn(async move { import(&router, article()).await })
    });
    for done in join_all(racing).await {
        assert_eq!(done.expect("no panic").len(), 7);
    }
    let rules = listed(&router).await;
    assert_eq!(rules.len(), 7);
    assert!(rules.iter().all(|rule| rule["version"] == 1), "{rules:?}");
}

#[tokio::test]
async fn an_import_that_died_is_completed_by_its_repeat() {
    let two = || json!({"purchase": {"rsncPerDollar": 10}, "signup": {"rsncFlat": 100}});
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let (world, router) = shop().await;
            let crash = Crash::at(&world, Some((call, phase)));
            let rules = crash
                .survive(async |ledger| {
                    let bus = std::sync::Arc::new(crate::calls::Sink);
                    let key = api::ApiKey::new(crate::calls::ROOT);
                    let state = api::AppState::new(ledger, bus, key, Mode::Sandbox);
                    import(&api::router(state), two()).await
                })
                .await;
            let came = crash.came();
            assert_eq!(rules.len(), 2);
            let rules = listed(&router).await;
            assert_eq!(rules.len(), 2, "{call}");
            assert!(rules.iter().all(|rule| rule["version"] == 1));
            if !came {
                assert!(call > 5, "only {call} calls");
                break;
            }
        }
    }
}
