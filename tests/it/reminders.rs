//! `loyalty.points.expiring`, `loyalty.store_credit.expiring`: once before each expiry, whoever looks and however often.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Clock;
use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_events::outgoing;
use laurel_ledger::{CreditAdjustmentRequest, Ledger, item};
use laurel_rules::decide::AccountChange;
use laurel_tests::{Crash, World, at, merge, payment};
use serde_json::{Value, json};

async fn world(expires: Value) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let settings = json!({"auto_enroll": true, "expires": expires, "reminder_days": 7});
    World::with(settings, &[rule]).await
}

async fn sweep(ledger: Ledger) {
    let until = Instant::now() + Duration::from_secs(60);
    let swept = Clock::new(ledger).sweep(until).await;
    assert_eq!(swept.failed, 0, "{swept:?}");
}

async fn sweep_at(world: &World, now: &str) {
    world.clock.set(at(now));
    sweep(world.another_ledger()).await;
}

async fn pay(world: &World, id: &str, occurred_at: &str) {
    let mut event = payment(id, "cust_1", 1000);
    merge(&mut event, json!({"occurred_at": occurred_at}));
    world.apply(event).await.expect("earns");
}

/// What the member's log announces of points that expire or will, in order.
async fn told(world: &World) -> Vec<String> {
    let account = world.member("cust_1").await.account.id;
    let client = world.store.client();
    let query = client.query().table_name("laurel");
    let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :sk)");
    let query = query.expression_attribute_values(":pk", AttributeValue::S(format!("A#{account}")));
    let query = query.expression_attribute_values(":sk", AttributeValue::S("T#".to_owned()));
    let items = query.send().await.expect("entries").items.expect("items");
    let mut told = Vec::new();
    for item in items {
        for event in outgoing(&item::entry(&item).expect("an entry")) {
            match event.event_type.as_str() {
                "loyalty.points.expiring" => told.push(format!(
                    "{} expiring {}",
                    event.data["points"],
                    event.data["expires_at"].as_str().expect("a time")
                )),
                "loyalty.store_credit.expiring" => told.push(format!(
                    "{} {} expiring {}",
                    event.data["amount"],
                    event.data["currency"].as_str().expect("a currency"),
                    event.data["expires_at"].as_str().expect("a time")
                )),
                "loyalty.store_credit.expired" => told.push(format!(
                    "{} {} expired",
                    event.data["amount"],
                    event.data["currency"].as_str().expect("a currency"),
                )),
                "loyalty.points.expired" => told.push(format!("{} expired", event.data["points"])),
                _ => {}
            }
        }
    }
    told
}

#[tokio::test]
async fn each_expiry_is_announced_once_and_what_expires_together_together() {
    let world = world(json!({"after": "P1M", "round": "day"})).await;
    pay(&world, "pay_1", "2026-11-19T08:00:00Z").await;
    pay(&world, "pay_2", "2026-11-19T20:00:00Z").await;
    pay(&world, "pay_3", "2026-11-20T11:00:00Z").await;
    sweep_at(&world, "2026-12-12T23:59:59.999Z").await;
    assert!(told(&world).await.is_empty());
    for _ in 0..3 {
        sweep_at(&world, "2026-12-13T00:00:00Z").await;
    }
    assert_eq!(told(&world).await, ["20 expiring 2026-12-20T00:00:00Z"]);
    sweep_at(&world, "2026-12-19T12:00:00Z").await;
    let expected = [
        "20 expiring 2026-12-20T00:00:00Z",
        "10 expiring 2026-12-21T00:00:00Z",
    ];
    assert_eq!(told(&world).await, expected);
    sweep_at(&world, "2027-01-01T00:00:00Z").await;
    let all = told(&world).await;
    assert_eq!(all[2..], ["-10 expired", "-10 expired", "-10 expired"]);
}

#[tokio::test]
async fn whatever_writes_first_announces_it() {
    // What else is written between the reminder's time and the next sweep tells of it, too, and
    // swallows nothing.
    let world = world(json!({"after": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    world.clock.set(at("2026-12-14T00:00:00Z"));
    let account = world.member("cust_1").await.account.id;
    let change = AccountChange {
        metadata: [("shoe".to_owned(), Some("42".to_owned()))].into(),
        ..AccountChange::default()
    };
    let changed = world.ledger.update_account(&account, &change).await;
    changed.expect("is changed");
    assert_eq!(told(&world).await, ["10 expiring 2026-12-20T11:00:00Z"]);
    pay(&world, "pay_2", "2026-12-14T00:00:00Z").await;
    sweep_at(&world, "2026-12-15T00:00:00Z").await;
    assert_eq!(told(&world).await, ["10 expiring 2026-12-20T11:00:00Z"]);
}

#[tokio::test]
async fn activity_that_puts_the_expiry_off_has_a_reminder_of_its_own() {
    let world = world(json!({"inactivity": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    sweep_at(&world, "2026-12-13T11:00:00Z").await;
    assert_eq!(told(&world).await, ["10 expiring 2026-12-20T11:00:00Z"]);
    world.clock.set(at("2026-12-16T00:00:00Z"));
    pay(&world, "pay_2", "2026-12-16T00:00:00Z").await;
    sweep_at(&world, "2026-12-20T11:00:00Z").await;
    sweep_at(&world, "2027-01-10T00:00:00Z").await;
    let expected = [
        "10 expiring 2026-12-20T11:00:00Z",
        "20 expiring 2027-01-16T00:00:00Z",
    ];
    assert_eq!(told(&world).await, expected);
}

#[tokio::test]
async fn nobody_is_warned_of_what_is_over_spent_or_closed() {
    let world = world(json!({"after": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    // The clock stood for a month: a warning would come too late.
    sweep_at(&world, "2026-12-20T11:00:00Z").await;
    assert_eq!(told(&world).await, ["-10 expired"]);

    pay(&world, "pay_2", "2026-12-20T11:00:00Z").await;
    let account = world.member("cust_1").await.account.id;
    world.ledger.close_account(&account).await.expect("closes");
    sweep_at(&world, "2027-01-14T00:00:00Z").await;
    assert_eq!(told(&world).await, ["-10 expired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sweeps_side_by_side_announce_once() {
    let world = world(json!({"after": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    world.clock.set(at("2026-12-14T00:00:00Z"));
    let sweeps = (0..5).map(|_| tokio::spawn(sweep(world.another_ledger())));
    for swept in join_all(sweeps).await {
        swept.expect("no panic");
    }
    assert_eq!(told(&world).await, ["10 expiring 2026-12-20T11:00:00Z"]);
}

#[tokio::test]
async fn reminders_survive_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!({"after": "P1M"})).await;
            pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
            world.clock.set(at("2026-12-14T00:00:00Z"));
            let crash = Crash::at(&world, Some((call, phase)));
            crash.survive(sweep).await;
            let came = crash.came();
            let expected = ["10 expiring 2026-12-20T11:00:00Z"];
            assert_eq!(told(&world).await, expected, "call {call}, {phase:?}");
            if !came {
                assert!(call > 18, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_merge_takes_reminders_with_it() {
    let world = world(json!({"after": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    let source = world.create("cust_2").await;
    let mut event = payment("pay_2", "cust_2", 500);
    merge(&mut event, json!({"occurred_at": "2026-11-20T11:00:00Z"}));
    world.apply(event).await.expect("earns");
    let target = world.member("cust_1").await.account.id;
    world.merge(&source, &target).await;
    sweep_at(&world, "2026-12-14T00:00:00Z").await;
    assert_eq!(told(&world).await, ["15 expiring 2026-12-20T11:00:00Z"]);
}

/// Gives store credit in a currency, until `expires_at`.
async fn give(world: &World, account: &str, amount: i64, currency: &str, expires_at: &str) {
    let request = CreditAdjustmentRequest {
        account: account.to_owned(),
        currency: currency.to_owned(),
        amount,
        reason: "a gift".to_owned(),
        allow_negative: false,
        expires_at: Some(Some(at(expires_at))),
        metadata: BTreeMap::new(),
        request: world.ledger.new_id("adj_"),
    };
    let given = world.ledger.adjust_store_credit(request).await;
    given.expect("a gift");
}

#[tokio::test]
async fn store_credit_is_announced_by_currency_beside_points() {
    // Inactivity takes points, and no store credit.
    let world = world(json!({"inactivity": "P1M"})).await;
    pay(&world, "pay_1", "2026-11-20T11:00:00Z").await;
    let account = world.member("cust_1").await.account.id;
    for (amount, currency, until) in [
        (1500, "EUR", "2026-12-20T11:00:00Z"),
        (500, "EUR", "2026-12-20T11:00:00Z"),
        (700, "USD", "2026-12-20T11:00:00Z"),
        (300, "EUR", "2026-12-21T00:00:00Z"),
        // With less than seven days to live.
        (1, "EUR", "2026-11-25T00:00:00Z"),
    ] {
        give(&world, &account, amount, currency, until).await;
    }
    sweep_at(&world, "2026-12-13T10:59:59.999Z").await;
    assert_eq!(told(&world).await, ["-1 EUR expired"]);
    for _ in 0..2 {
        sweep_at(&world, "2026-12-13T11:00:00Z").await;
    }
    let together = [
        "-1 EUR expired",
        "10 expiring 2026-12-20T11:00:00Z",
        "2000 EUR expiring 2026-12-20T11:00:00Z",
        "700 USD expiring 2026-12-20T11:00:00Z",
    ];
    assert_eq!(told(&world).await, together);
    sweep_at(&world, "2026-12-14T00:00:00Z").await;
    assert_eq!(
        told(&world).await[4..],
        ["300 EUR expiring 2026-12-21T00:00:00Z"]
    );
    sweep_at(&world, "2027-01-01T00:00:00Z").await;
    assert_eq!(told(&world).await.len(), 5 + 1 + 4);
}

#[tokio::test]
async fn reminders_of_store_credit_survive_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!(null)).await;
            let account = world.create("cust_1").await;
            give(&world, &account, 1500, "EUR", "2026-12-20T11:00:00Z").await;
            world.clock.set(at("2026-12-14T00:00:00Z"));
            let crash = Crash::at(&world, Some((call, phase)));
            crash.survive(sweep).await;
            let came = crash.came();
            let expected = ["1500 EUR expiring 2026-12-20T11:00:00Z"];
            assert_eq!(told(&world).await, expected, "call {call}, {phase:?}");
            if !came {
                assert!(call > 18, "there was hardly a call to crash at");
                break;
            }
        }
    }
}
