//! Conditions of rules, campaigns, rewards and segments, as events and redemptions meet them.

use laurel_ledger::Listing;
use laurel_rules::{Code, Outcome, Segment, campaign::Campaign};
use laurel_tests::{PROGRAM, World, merge, payment, rewards::wish};
use serde_json::{Value, json};

use crate::calls::{Call, process};

fn fixed(points: i64, trigger: &str, when: &str) -> Value {
    json!({
        "trigger": trigger, "when": when, "name": when,
        "award": {"type": "fixed", "points": points},
    })
}

async fn add_segment(world: &World, key: &str, when: &str) -> Segment {
    let segment = Segment {
        id: world.ledger.new_id("seg_"),
        program: PROGRAM.to_owned(),
        key: key.to_owned(),
        name: key.to_owned(),
        when: when.to_owned(),
        metadata: std::collections::BTreeMap::new(),
        version: 1,
        created: world.ledger.now(),
    };
    let created = world.ledger.create_configured(segment, "set up").await;
    created.expect("a new segment")
}

/// The rows of the article's table that ask for something of the event.
#[tokio::test]
async fn what_an_event_says_decides_whether_it_earns() {
    let rules = [
        json!({
            "trigger": "purchase", "when": "order_value > 0", "name": "10 per dollar",
            "award": {"type": "per_amount", "per": 100, "points": 10},
        }),
        fixed(200, "purchase", "order_value > 100"),
        fixed(50, "review_submitted", "verified_purchase && rating >= 3"),
        fixed(
            25,
            "review_submitted",
            "has(event.metadata.has_photo) && has_photo",
        ),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    let event = |id: &str, kind: &str, metadata: Value| {
        json!({"type": kind, "data": {
            "id": id, "customer": "cust_1", "amount": 4000, "currency": "USD", "metadata": metadata,
        }})
    };
    for (number, (kind, metadata, points)) in [
        ("purchase", json!({"order_value": 40}), 400),
        ("purchase", json!({"order_value": 0}), 0),
        ("purchase", json!({"order_value": 100.01}), 600),
        // Nobody has said what it was worth, or has not said it as a number.
        ("purchase", json!({}), 0),
        ("purchase", json!({"order_value": "40"}), 0),
        (
            "review_submitted",
            json!({"verified_purchase": true, "rating": 5, "has_photo": true}),
            75,
        ),
        (
            "review_submitted",
            json!({"verified_purchase": true, "rating": 5}),
            50,
        ),
        (
            "review_submitted",
            json!({"verified_purchase": false, "rating": 5}),
            0,
        ),
        ("review_submitted", json!({"rating": 5}), 0),
    ]
    .into_iter()
    .enumerate()
    {
        let event = event(&format!("e_{number}"), kind, metadata.clone());
        let outcome = world.apply(event.clone()).await.expect("is handled");
        let expected = if points > 0 {
            Outcome::Awarded
        } else {
            Outcome::NoAward
        };
        assert_eq!(outcome.outcome, expected, "{metadata}");
        let again = world.apply(event).await.expect("is handled");
        assert!(again.duplicate);
        let mut earned = 0;
        for id in &outcome.transactions {
            let log = world.log(&id.account).await;
            let of_event = log.iter().filter(|view| view.id() == *id);
            earned += of_event.map(|view| view.transaction().amount).sum::<i64>();
        }
        assert_eq!(earned, points, "{metadata}");
    }
    assert_eq!(world.member("cust_1").await.balance, 400 + 600 + 75 + 50);
}

#[tokio::test]
async fn a_condition_knows_the_member_as_it_was_before_the_event() {
    let rules = [
        fixed(10, "payment.completed", "member.balance < 30"),
        fixed(
            1,
            "payment.completed",
            "member.lifetime_points >= 10 && member.tier == null",
        ),
        fixed(
            100,
            "payment.completed",
            "member.metadata.birthday == '11-20'",
        ),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    for number in 0..5 {
        let event = payment(&format!("pay_{number}"), "cust_1", 1000);
        world.apply(event).await.expect("is handled");
    }
    let member = world.member("cust_1").await.account;
    assert_eq!(
        world.log_text(&member.id).await,
        "earn 10, earn 10, earn 1, earn 10, earn 1, earn 1, earn 1"
    );
}

#[tokio::test]
async fn a_changed_condition_is_in_force_with_the_next_event_in_every_process() {
    let rules = [fixed(10, "signup", "plan == 'pro'")];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    let other = world.another_ledger();
    let event = |id: &str| {
        let value = json!({"type": "signup", "data": {
            "id": id, "customer": "cust_1", "metadata": {"plan": "free"},
        }});
        world.event(value).expect("an event")
    };
    let outcome = other.apply(&event("s_1")).await.expect("is handled");
    assert_eq!(outcome.outcome, Outcome::NoAward);
    let listing = Listing {
        program: PROGRAM.to_owned(),
        ..Listing::default()
    };
    let rules = world
        .ledger
        .list_configured::<laurel_rules::Rule>(&listing, |_| true);
    let id = rules.await.expect("rules").data[0].id.clone();
    let change = |when: Option<&'static str>| {
        let ledger = world.ledger.clone();
        let id = id.clone();
        async move {
            let changed = ledger.update_configured(&id, |rule: &mut laurel_rules::Rule| {
                rule.when = when.map(str::to_owned);
                Ok(())
            });
            changed.await
        }
    };
    change(Some("plan == 'free'")).await.expect("a change");
    let outcome = other.apply(&event("s_2")).await.expect("is handled");
    assert_eq!(outcome.outcome, Outcome::Awarded);
    let refused = change(Some("plan = 'free'")).await.expect_err("a refusal");
    assert_eq!(refused.refusal().code, Code::ConditionInvalid);
    change(None).await.expect("a change");
    let outcome = other.apply(&event("s_3")).await.expect("is handled");
    assert_eq!(outcome.outcome, Outcome::Awarded);
}

#[tokio::test]
async fn a_campaign_multiplies_for_whom_its_condition_holds() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    add_segment(&world, "big_spender", "member.lifetime_points >= 100").await;
    for (id, when) in [
        ("camp_app", "channel == 'app'"),
        ("camp_big", "'big_spender' in member.segments"),
        (
            "camp_gone",
            "'gone' in member.segments || !('gone' in member.segments)",
        ),
    ] {
        let campaign = json!({
            "id": id, "program": PROGRAM, "multiplier": 3, "active": true, "version": 1,
            "created": world.ledger.now(), "when": when,
        });
        let campaign: Campaign = serde_json::from_value(campaign).expect("a campaign");
        let created = world.ledger.create_configured(campaign, "set up").await;
        created.expect("a new campaign");
    }
    for (number, channel) in [(1, "web"), (2, "app"), (3, "app")] {
        let mut event = payment(&format!("pay_{number}"), "cust_1", 5000);
        merge(
            &mut event["data"],
            json!({"metadata": {"channel": channel}}),
        );
        world.apply(event).await.expect("is handled");
    }
    let member = world.member("cust_1").await.account;
    // 50; three times that in the app; and three times again once 100 points were earned.
    assert_eq!(
        world.log_text(&member.id).await,
        "earn 50, earn 150, earn 450"
    );
}

#[tokio::test]
async fn a_reward_is_for_whom_its_condition_holds() {
    let world = World::with(json!({}), &[]).await;
    add_segment(&world, "rich", "member.balance >= 500").await;
    let reward = world
        .add_reward(json!({"when": "'rich' in member.segments"}))
        .await;
    let (poor, rich) = (
        world.rich("cust_1", 300).await,
        world.rich("cust_2", 600).await,
    );
    let refused = world.ledger.redeem(&wish(&poor, &reward, false)).await;
    let refused = refused.expect_err("a refusal");
    assert_eq!(refused.refusal().code, Code::RewardUnavailable);
    assert_eq!(world.balance(&poor).await, 300);
    world
        .ledger
        .redeem(&wish(&rich, &reward, false))
        .await
        .expect("a redemption");
    // It is judged when it is redeemed, with the balance of then.
    world
        .ledger
        .redeem(&wish(&rich, &reward, false))
        .await
        .expect("a redemption");
    let refused = world.ledger.redeem(&wish(&rich, &reward, false)).await;
    assert!(refused.is_err());
    assert_eq!(world.balance(&rich).await, 400);
}

#[tokio::test]
async fn a_segment_that_is_gone_counts_for_nobody() {
    let rules = [
        fixed(5, "signup", "'vip' in member.segments"),
        fixed(7, "signup", "!('vip' in member.segments)"),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    let segment = add_segment(&world, "vip", "member.balance > 0").await;
    let event = |id: &str| json!({"type": "signup", "data": {"id": id, "customer": "cust_1"}});
    for id in ["s_1", "s_2"] {
        world.apply(event(id)).await.expect("is handled");
    }
    world
        .ledger
        .delete_configured::<Segment>(&segment.id)
        .await
        .expect("deleted");
    let outcome = world.apply(event("s_3")).await.expect("is handled");
    assert_eq!(outcome.outcome, Outcome::NoAward);
    let member = world.member("cust_1").await.account;
    assert_eq!(world.log_text(&member.id).await, "earn 7, earn 5");
}

#[tokio::test]
async fn a_rule_with_a_condition_costs_no_request_more() {
    let rules = [fixed(
        5,
        "payment.completed",
        "event.amount >= 1000 && member.balance >= 0",
    )];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("enrols");
    let before = world.store.usage();
    world
        .apply(payment("pay_2", "cust_1", 1000))
        .await
        .expect("earns");
    let used = world.store.usage().since(&before);
    assert_eq!(
        (
            used.total_requests(),
            used.write_units,
            used.read_half_units
        ),
        (2, 8, 3)
    );
}

#[tokio::test]
async fn the_api_takes_conditions_and_shows_them_as_they_were_written() {
    let world = World::with(json!({}), &[]).await;
    let router = process(&world, 0);
    let when = "event.amount >= 2000\n  && member.tier in ['gold'] // the good ones";
    let table = [
        (
            "/v1/loyalty/earning_rules",
            json!({"trigger": "signup", "award": {"type": "fixed", "points": 1}}),
            when,
        ),
        ("/v1/loyalty/campaigns", json!({"multiplier": 2}), when),
        (
            "/v1/loyalty/rewards",
            json!({"type": "custom", "name": "A hug", "cost": 5}),
            "member.tier == 'gold'",
        ),
    ];
    for (path, object, when) in table {
        let made = Call::post(path, object.clone()).at(&router).await;
        assert_eq!(
            (made.status, &made.body["when"]),
            (201, &Value::Null),
            "{made:?}"
        );
        let mut conditioned = object.clone();
        merge(&mut conditioned, json!({"when": when}));
        let made = Call::post(path, conditioned).at(&router).await;
        assert_eq!(
            (made.status, made.body["when"].as_str()),
            (201, Some(when)),
            "{made:?}"
        );
        let one = format!("{path}/{}", made.id());
        let wrong = json!({"when": "member.teir == 'gold'"});
        let refused = Call::post(&one, wrong.clone()).at(&router).await;
        assert_eq!((refused.status, refused.code()), (400, "condition_invalid"));
        let error = &refused.body["error"];
        assert_eq!(error["param"], "when");
        let message = "`when`, column 8: `member` has no field `teir`; did you mean `member.tier`?";
        assert_eq!(error["message"], message);
        let mut created = object;
        merge(&mut created, wrong);
        assert_eq!(
            Call::post(path, created).at(&router).await.code(),
            "condition_invalid"
        );
        let kept = Call::get(&one).at(&router).await;
        assert_eq!(kept.body["when"].as_str(), Some(when));
        let unset = Call::post(&one, json!({"when": null})).at(&router).await;
        assert_eq!((unset.status, &unset.body["when"]), (200, &Value::Null));
    }
    let event = json!({"type": "custom", "name": "A hug", "cost": 5, "when": "event.amount > 1"});
    let refused = Call::post("/v1/loyalty/rewards", event).at(&router).await;
    assert_eq!(refused.code(), "condition_invalid");
}

#[tokio::test]
async fn segments_over_http() {
    const BASE: &str = "/v1/loyalty/segments";
    let world = World::with(json!({}), &[]).await;
    let router = process(&world, 0);
    let vip = json!({"key": "vip", "when": "member.tier == 'gold'"});
    let made = Call::post(BASE, vip.clone()).at(&router).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["name"], "vip");
    let taken = Call::post(BASE, vip).at(&router).await;
    assert_eq!(
        (taken.status, taken.code()),
        (409, "resource_already_exists")
    );
    assert_eq!(taken.body["error"]["param"], "key");
    for (segment, code, param) in [
        (json!({"when": "true"}), "parameter_missing", "key"),
        (json!({"key": "x"}), "parameter_missing", "when"),
        (
            json!({"key": "A#B", "when": "true"}),
            "parameter_invalid",
            "key",
        ),
        (json!({"key": "x", "when": ""}), "condition_invalid", "when"),
        (json!({"key": "x", "when": 5}), "parameter_invalid", "when"),
        (
            json!({"key": "x", "when": "event.amount > 1"}),
            "condition_invalid",
            "when",
        ),
        (
            json!({"key": "x", "when": "'vip' in member.segments"}),
            "condition_invalid",
            "when",
        ),
    ] {
        let refused = Call::post(BASE, segment.clone()).at(&router).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{segment}");
        assert_eq!(refused.body["error"]["param"], param, "{segment}");
    }
    let one = format!("{BASE}/{}", made.id());
    let change = json!({"when": "member.tier in ['gold', 'ruby']", "name": "Best"});
    let changed = Call::post(&one, change).at(&router).await;
    assert_eq!(changed.body["when"], "member.tier in ['gold', 'ruby']");
    let renamed = Call::post(&one, json!({"key": "other"})).at(&router).await;
    assert_eq!(renamed.code(), "parameter_unknown");
    let listed = Call::get(BASE).at(&router).await;
    assert_eq!(listed.body["data"].as_array().map(Vec::len), Some(1));
    let gone = Call::new("DELETE", &one, None).at(&router).await;
    assert_eq!(gone.body["deleted"], true);
    assert_eq!(Call::get(&one).at(&router).await.status, 404);
}
