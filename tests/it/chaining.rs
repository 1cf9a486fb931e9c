//! Rules that hear what Laurel itself tells: within the transaction, once, and one level deep.

use std::{sync::Arc, time::Instant};

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::AdjustmentRequest;
use laurel_rules::{Outcome, Tier, decide::AccountChange, exact::Factor};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment, referrals, refund, rewards::tick};
use serde_json::{Value, json};

use crate::calls::{Call, process};

const EARNED: &str = "loyalty.points.earned";
const TIER: &str = "loyalty.tier.changed";

fn euro() -> Value {
    json!({"id": "rule_euro", "award": {"type": "per_amount", "per": 100, "points": 1}})
}

fn bonus(id: &str, trigger: &str, points: i64, when: Option<&str>) -> Value {
    json!({"id": id, "trigger": trigger, "award": {"type": "fixed", "points": points}, "when": when})
}

async fn add_tier(world: &World, key: &str, threshold: i64, multiplier: &str) {
    let tier = Tier {
        id: format!("tier_{key}"),
        program: PROGRAM.to_owned(),
        key: key.to_owned(),
        name: key.to_owned(),
        threshold,
        multiplier: Factor::parse(multiplier).expect("a factor"),
        benefits: Vec::new(),
        metadata: std::collections::BTreeMap::new(),
        version: 1,
        created: world.ledger.now(),
    };
    world
        .ledger
        .create_configured(tier, key)
        .await
        .expect("a tier");
}

/// A point a euro; gold from 100 points, which doubles.
async fn world(settings: Value, rules: &[Value]) -> World {
    let mut all = json!({"auto_enroll": true});
    merge(&mut all, settings);
    let mut every = vec![euro()];
    every.extend_from_slice(rules);
    let world = World::with(all, &every).await;
    add_tier(&world, "gold", 100, "2").await;
    world
}

async fn log_of(world: &World, customer: &str) -> String {
    let id = world.member(customer).await.account.id;
    world.log_text(&id).await
}

#[tokio::test]
async fn an_award_is_heard_in_its_own_transaction() {
    let heard = bonus(
        "rule_heard",
        EARNED,
        5,
        Some("points >= 40 && rule == 'rule_euro' && trigger == 'payment.completed' && !pending"),
    );
    let world = world(json!({}), &[heard]).await;
    let small = world
        .apply(payment("pay_1", "cust_1", 3900))
        .await
        .expect("earns");
    assert_eq!(small.transactions.len(), 1);
    let usage = world.store.usage();
    let paid = world
        .apply(payment("pay_2", "cust_1", 4200))
        .await
        .expect("earns");
    let used = world.store.usage().since(&usage);
    assert_eq!(used.requests_of("TransactWriteItems"), 1, "{used:?}");
    assert_eq!(
        (paid.outcome, paid.transactions.len()),
        (Outcome::Awarded, 2)
    );
    assert_eq!(world.balance_of("cust_1").await, 39 + 42 + 5);
    let router = process(&world, 0);
    let ids: Vec<String> = paid.transactions.iter().map(ToString::to_string).collect();
    let path = format!("/v1/loyalty/transactions/{}?expand[]=calculation", ids[1]);
    let told = Call::get(path).at(&router).await.body;
    assert_eq!(told["source"], json!({"type": "transaction", "id": ids[0]}));
    assert_eq!(
        (&told["payment"], &told["rule"]),
        (&json!("pay_2"), &json!("rule_heard"))
    );
    let lead = &told["calculation"]["explanation"][0];
    let expected = format!(
        "The rule `rule_heard` (version 1) rewards the transaction `{}`.",
        ids[0]
    );
    assert_eq!(lead, &json!(expected));
    // A repeat gets the same answer, and gives nothing.
    let again = world
        .apply(payment("pay_2", "cust_1", 4200))
        .await
        .expect("repeats");
    assert!(again.duplicate);
    assert_eq!(again.transactions, paid.transactions);
    assert_eq!(world.balance_of("cust_1").await, 86);
}

#[tokio::test]
async fn it_goes_one_level_deep_whatever_rules_there_are() {
    let rules = [
        bonus("rule_loop", EARNED, 60, None),
        bonus("rule_tier_loop", TIER, 70, None),
        bonus("rule_welcome", "loyalty.account.created", 10, None),
    ];
    let world = world(json!({}), &rules).await;
    let paid = world
        .apply(payment("pay_1", "cust_1", 2900))
        .await
        .expect("earns");
    // The welcome and the payment are each heard once. That these awards reach gold is announced,
    // and not heard: it follows from what was heard.
    assert_eq!(
        log_of(&world, "cust_1").await,
        "earn 10, earn 60, earn 29, earn 60"
    );
    assert_eq!(paid.transactions.len(), 2);
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("gold"));
    // What is heard of an award is multiplied by the tier that multiplied the award.
    world
        .apply(payment("pay_2", "cust_1", 1000))
        .await
        .expect("earns");
    let log = log_of(&world, "cust_1").await;
    assert!(log.ends_with("earn 20, earn 120"), "{log}");
}

#[tokio::test]
async fn a_tier_that_is_reached_is_heard_and_multiplies_nothing_yet() {
    let rules = [
        bonus(
            "rule_gold",
            TIER,
            500,
            Some("event.metadata.to == 'gold' && from == null"),
        ),
        bonus(
            "rule_tier_member",
            TIER,
            1,
            Some("member.tier == 'gold' && reason == 'threshold_reached'"),
        ),
    ];
    let world = world(json!({}), &rules).await;
    world
        .apply(payment("pay_1", "cust_1", 9900))
        .await
        .expect("earns");
    assert_eq!(world.balance_of("cust_1").await, 99);
    let paid = world
        .apply(payment("pay_2", "cust_1", 100))
        .await
        .expect("earns");
    assert_eq!(paid.transactions.len(), 3);
    assert_eq!(
        log_of(&world, "cust_1").await,
        "earn 99, earn 1, earn 500, earn 1"
    );
    let router = process(&world, 0);
    let path = format!("/v1/loyalty/transactions/{}", paid.transactions[1]);
    let told = Call::get(path).at(&router).await.body;
    assert_eq!(told["source"]["type"], "event");
    let event = told["source"]["id"].as_str().expect("an id");
    assert!(event.starts_with("evt_"), "{told}");
    world
        .apply(payment("pay_3", "cust_1", 100))
        .await
        .expect("earns");
    assert!(log_of(&world, "cust_1").await.ends_with("earn 1, earn 2"));
}

#[tokio::test]
async fn refunds_take_back_what_followed_by_its_share() {
    let rules = [
        bonus("rule_heard", EARNED, 50, None),
        bonus("rule_gold", TIER, 31, None),
    ];
    for early in [false, true] {
        let world = world(json!({}), &rules).await;
        let half = refund("re_1", "pay_1", Some(6000));
        let rest = refund("re_2", "pay_1", None);
        let mut events = vec![payment("pay_1", "cust_1", 12_000), half, rest];
        if early {
            events.rotate_left(1);
        }
        for (number, event) in events.into_iter().enumerate() {
            world.apply(event).await.expect("is handled");
            if !early && number == 1 {
                let log = log_of(&world, "cust_1").await;
                assert!(
                    log.ends_with("reverse -60, reverse -15, reverse -25"),
                    "{log}"
                );
            }
        }
        assert_eq!(world.balance_of("cust_1").await, 0);
        let log = log_of(&world, "cust_1").await;
        assert!(log.starts_with("earn 120, earn 31, earn 50"), "{log}");
    }
}

#[tokio::test]
async fn an_adjustment_and_a_merge_that_reach_a_tier_are_heard() {
    let gold = |reason: &str| format!("to == 'gold' && reason == '{reason}'");
    let rules = [
        bonus("rule_adjusted", TIER, 7, Some(&gold("threshold_reached"))),
        bonus("rule_merged", TIER, 9, Some(&gold("accounts_merged"))),
    ];
    let world = world(json!({"budget": {"points": 1000}}), &rules).await;
    let adjusted = world.create("cust_1").await;
    let request = AdjustmentRequest {
        account: adjusted.clone(),
        amount: 150,
        reason: "moved".to_owned(),
        allow_negative: false,
        lifetime: true,
        expires_at: None,
        metadata: std::collections::BTreeMap::new(),
        request: Some("adj_1".to_owned()),
    };
    for _ in 0..2 {
        world.ledger.adjust(request.clone()).await.expect("adjusts");
    }
    assert_eq!(world.log_text(&adjusted).await, "adjust 150, earn 7");
    for customer in ["cust_2", "cust_3"] {
        world
            .apply(payment(customer, customer, 6000))
            .await
            .expect("earns");
    }
    let source = world.member("cust_2").await.account.id;
    let target = world.member("cust_3").await.account.id;
    assert_eq!(world.merge(&source, &target).await.balance, 129);
    assert!(world.log_text(&target).await.ends_with("earn 9"));
}

fn yearly() -> Value {
    json!({"tier_basis": "qualifying_points", "downgrade": "to_earned"})
}

/// A member who was gold in 2026, at the first instant of 2028.
async fn fallen(world: &World) {
    world
        .apply(payment("pay_1", "cust_1", 15_000))
        .await
        .expect("earns");
    world.clock.set(at("2028-01-01T00:00:00Z"));
}

#[tokio::test]
async fn a_tier_that_is_lost_with_time_is_heard_when_that_is_written() {
    let lost = json!({"id": "rule_lost", "trigger": TIER, "when": "to == null && from == 'gold'",
        "award": {"type": "fixed", "points": 20}, "cap": {"awards": 1}, "window": "month"});
    let settings = json!({"budget": {"points": 1000, "window": "month"}});
    // By the clock, by an event, and by a write that is about something else.
    for way in 0..3 {
        let mut all = yearly();
        merge(&mut all, settings.clone());
        let world = world(all, std::slice::from_ref(&lost)).await;
        fallen(&world).await;
        let member = world.member("cust_1").await.account.id;
        match way {
            0 => tick(&world.ledger).await,
            1 => {
                let mut paid = payment("pay_2", "cust_1", 100);
                merge(&mut paid, json!({"occurred_at": "2028-01-01T00:00:00Z"}));
                world.apply(paid).await.expect("earns");
            }
            _ => {
                let change = AccountChange {
                    email: Some(Some("anna@example.com".to_owned())),
                    ..AccountChange::default()
                };
                let changed = world.ledger.update_account(&member, &change).await;
                changed.expect("is changed");
            }
        }
        let expected = if way == 1 {
            "earn 150, earn 20, earn 1"
        } else {
            "earn 150, earn 20"
        };
        assert_eq!(world.log_text(&member).await, expected, "way {way}");
        tick(&world.ledger).await;
        assert_eq!(world.log_text(&member).await, expected, "way {way}, again");
        let view = world.member("cust_1").await;
        assert_eq!(view.account.tier.key, None);
    }
}

#[tokio::test]
async fn tiers_that_are_changed_are_heard_by_the_evaluation() {
    let rules = [bonus(
        "rule_told",
        TIER,
        3,
        Some("reason == 'tiers_changed'"),
    )];
    let world = world(json!({}), &rules).await;
    world
        .apply(payment("pay_1", "cust_1", 5000))
        .await
        .expect("earns");
    add_tier(&world, "silver", 50, "1").await;
    let until = Instant::now() + std::time::Duration::from_secs(60);
    world
        .ledger
        .start_tier_evaluation(PROGRAM, "now")
        .await
        .expect("starts");
    world.ledger.evaluate_tiers(until).await.expect("evaluates");
    assert_eq!(log_of(&world, "cust_1").await, "earn 50, earn 3");
}

#[tokio::test]
async fn caps_and_budgets_hold_for_what_follows_too() {
    let heard = json!({"id": "rule_heard", "trigger": EARNED,
        "award": {"type": "fixed", "points": 30}, "cap": {"points": 50}, "window": "day"});
    let world = world(json!({"budget": {"points": 100}}), &[heard]).await;
    for number in 0..4 {
        let paid = payment(&format!("pay_{number}"), "cust_1", 1000);
        world.apply(paid).await.expect("earns");
    }
    // 10 and 30, 10 and the 20 that the cap leaves, 10 and 0, 10 and 0.
    assert_eq!(
        log_of(&world, "cust_1").await,
        "earn 10, earn 30, earn 10, earn 20, earn 10, earn 0, earn 10, earn 0"
    );
    world
        .apply(payment("pay_5", "cust_2", 1500))
        .await
        .expect("earns");
    // Of the budget 10 are left: they go to the award that comes first.
    assert_eq!(log_of(&world, "cust_2").await, "earn 10, earn 0");
}

#[tokio::test]
async fn what_both_sides_of_a_referral_get_is_heard_and_taken_back() {
    let rules = [bonus(
        "rule_heard",
        EARNED,
        5,
        Some("trigger == 'referral.converted'"),
    )];
    let world = world(referrals::settings(), &rules).await;
    let (referrer, code) = world.referrer("cust_anna").await;
    // The payments of the tests are of an hour before the world's time.
    world.clock.set(at("2026-11-20T10:00:00Z"));
    world.attribute("cust_ben", &code).await;
    world.clock.set(at("2026-11-20T12:00:00Z"));
    world
        .apply(payment("pay_1", "cust_ben", 5000))
        .await
        .expect("converts");
    assert_eq!(world.log_text(&referrer).await, "earn 500, earn 5");
    assert_eq!(
        log_of(&world, "cust_ben").await,
        "earn 50, earn 250, earn 5"
    );
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("reverses");
    assert_eq!(world.balance_of("cust_anna").await, 0);
    assert_eq!(world.balance_of("cust_ben").await, 0);
}

#[tokio::test]
async fn nobody_else_can_tell_what_rules_hear() {
    let rules = [
        bonus("rule_loop", EARNED, 60, None),
        bonus("rule_tier", TIER, 60, None),
    ];
    let world = world(json!({}), &rules).await;
    world.create("cust_1").await;
    let router = process(&world, 0);
    for kind in [EARNED, TIER] {
        let forged = json!({"type": kind, "data": {"id": "x", "customer": "cust_1",
            "metadata": {"points": 5, "to": "gold"}}});
        let refused = Call::post("/v1/events", forged.clone()).at(&router).await;
        assert_eq!(
            (
                refused.status,
                refused.code(),
                &refused.body["error"]["param"]
            ),
            (400, "parameter_invalid", &json!("type"))
        );
        let queued = Call::post("/v1/events?async=true", forged.clone())
            .at(&router)
            .await;
        assert_eq!(queued.status, 400);
        let estimated = Call::post("/v1/loyalty/estimate", json!({"event": forged}));
        let estimated = estimated.at(&router).await;
        assert_eq!(estimated.body["error"]["param"], "event.type");
        // On the bus: what others send is refused, what Laurel sent is news and no more.
        let envelope = |source: &str, detail: Value| {
            json!({"id": "e_1", "detail-type": kind, "source": source,
                "time": "2026-11-20T11:00:00Z", "detail": detail})
        };
        let data = json!({"account": "loy_1", "customer": "cust_1"});
        let theirs = laurel_events::from_envelope(envelope("shop", data.clone()));
        let theirs = laurel_events::parse(theirs.expect("an envelope"), world.ledger.now());
        assert!(theirs.is_err());
        let ours = json!({"id": "evt_1_1_0", "type": kind, "created": "2026-11-20T11:00:00Z",
            "program": PROGRAM, "data": data});
        let ours = laurel_events::from_envelope(envelope("laurel", ours)).expect("an envelope");
        let ours = laurel_events::parse(ours, world.ledger.now()).expect("news");
        let outcome = world.ledger.apply(&ours).await.expect("is handled");
        assert_eq!(outcome.outcome, Outcome::Ignored);
    }
    assert_eq!(world.balance_of("cust_1").await, 0);
}

#[tokio::test]
async fn estimates_tell_what_would_follow() {
    let rules = [
        bonus("rule_heard", EARNED, 5, None),
        bonus("rule_gold", TIER, 500, Some("to == 'gold'")),
    ];
    let world = world(json!({}), &rules).await;
    let router = process(&world, 0);
    let event = json!({"type": "payment.completed",
        "data": {"customer": "cust_1", "amount": 12_000, "currency": "EUR"}});
    let told = Call::post("/v1/loyalty/estimate", json!({"event": event}));
    let told = told.at(&router).await.body;
    let rules = told["rules"].as_array().expect("rules").iter();
    let rules: Vec<_> = rules
        .map(|rule| (&rule["rule"], &rule["trigger"], &rule["points"]))
        .collect();
    assert_eq!(
        rules,
        [
            (
                &json!("rule_euro"),
                &json!("payment.completed"),
                &json!(120)
            ),
            (&json!("rule_gold"), &json!(TIER), &json!(500)),
            (&json!("rule_heard"), &json!(EARNED), &json!(5)),
        ]
    );
    assert_eq!(told["points"], 625);
    world
        .apply(payment("pay_1", "cust_1", 12_000))
        .await
        .expect("earns");
    assert_eq!(world.balance_of("cust_1").await, 625);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_payments_at_once_one_is_heard_to_reach_a_tier() {
    let rules = [bonus("rule_gold", TIER, 1000, None)];
    let world = Arc::new(world(json!({}), &rules).await);
    world
        .apply(payment("pay_0", "cust_1", 100))
        .await
        .expect("enrols");
    let paying = (1..=30).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            // Each comes twice.
            let event = world.event(payment(&format!("pay_{}", number % 15), "cust_1", 1000));
            let ledger = world.another_ledger();
            let _ = ledger.apply(&event.expect("an event")).await;
        })
    });
    for ended in join_all(paying).await {
        ended.expect("no panic");
    }
    let log = log_of(&world, "cust_1").await;
    assert_eq!(log.matches("earn 1000").count(), 1, "{log}");
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_all_of_it_or_nothing() {
    let rules = [
        bonus("rule_heard", EARNED, 5, None),
        bonus("rule_tier", TIER, 20, None),
    ];
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(yearly(), &rules).await;
            let first = world
                .event(payment("pay_1", "cust_1", 15_000))
                .expect("an event");
            let crash = Crash::at(&world, Some((call, phase)));
            let paid = crash.survive(async |ledger| ledger.apply(&first).await);
            paid.await.expect("is handled");
            world.clock.set(at("2028-01-01T00:00:00Z"));
            crash.survive(async |ledger| tick(&ledger).await).await;
            let came = crash.came();
            tick(&world.ledger).await;
            assert_eq!(
                log_of(&world, "cust_1").await,
                "earn 150, earn 20, earn 5, earn 20",
                "call {call}, {phase:?}"
            );
            if !came {
                assert!(call > 3, "there was hardly a call to crash at");
                break;
            }
        }
    }
}
