//! What is kept of a member's events: each counted once, whatever happens on the way.

use std::sync::Arc;

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_rules::stats::Stat;
use laurel_tests::{Crash, World, merge, payment, refund};
use serde_json::{Value, json};

fn first_only() -> Value {
    json!({
        "trigger": "signup", "when": "member.stats.signup.count == 0",
        "award": {"type": "fixed", "points": 100},
    })
}

fn signup(id: &str, at: &str) -> Value {
    json!({"type": "signup", "occurred_at": at, "data": {"id": id, "customer": "cust_1"}})
}

async fn stat(world: &World, customer: &str, trigger: &str) -> Option<Stat> {
    let member = world.member(customer).await.account;
    member.stats.get(trigger).cloned()
}

async fn counted(world: &World, customer: &str, trigger: &str) -> (u64, i64, u32) {
    let stat = stat(world, customer, trigger).await;
    stat.map_or((0, 0, 0), |stat| (stat.count, stat.sum, stat.days))
}

#[tokio::test]
async fn the_first_time_only() {
    let world = World::with(json!({"auto_enroll": true}), &[first_only()]).await;
    let noon = "2026-11-20T11:00:00Z";
    for id in ["s_1", "s_1", "s_2", "s_2", "s_3"] {
        world.apply(signup(id, noon)).await.expect("is handled");
    }
    let member = world.member("cust_1").await.account;
    assert_eq!(world.log_text(&member.id).await, "earn 100");
    assert_eq!(counted(&world, "cust_1", "signup").await, (3, 0, 1));
}

#[tokio::test]
async fn of_twenty_at_once_one_is_the_first() {
    let world = World::with(json!({"auto_enroll": true}), &[first_only()]).await;
    let world = Arc::new(world);
    world.create("cust_1").await;
    let racing = (0..20).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = signup(&format!("s_{number}"), "2026-11-20T11:00:00Z");
            let event = world.event(event).expect("an event");
            world
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled")
        })
    });
    for done in join_all(racing).await {
        done.expect("no panic");
    }
    let member = world.member("cust_1").await.account;
    assert_eq!(world.log_text(&member.id).await, "earn 100");
    assert_eq!(counted(&world, "cust_1", "signup").await, (20, 0, 1));
}

#[tokio::test]
async fn spending_is_what_was_not_refunded_in_any_order() {
    let big = json!({
        "when": "member.stats.payment.completed.sum + event.amount >= 5000",
        "award": {"type": "fixed", "points": 7},
    });
    let events = [
        payment("pay_1", "cust_1", 3000),
        refund("re_1", "pay_1", Some(1000)),
        refund("re_2", "pay_1", Some(500)),
        payment("pay_2", "cust_1", 1000),
        refund("re_3", "pay_2", None),
    ];
    for order in [
        [0, 1, 2, 3, 4],
        [2, 1, 0, 4, 3],
        [4, 3, 2, 0, 1],
        [3, 0, 4, 1, 2],
    ] {
        let world = World::with(json!({"auto_enroll": true}), std::slice::from_ref(&big)).await;
        for place in order {
            let event = events[place].clone();
            world.apply(event.clone()).await.expect("is handled");
            world.apply(event).await.expect("is handled");
        }
        assert_eq!(
            counted(&world, "cust_1", "payment.completed").await,
            (2, 1500, 1),
            "{order:?}"
        );
        // 1500 and 3499 are not enough; with one more they are.
        for (id, amount) in [("pay_3", 3499), ("pay_4", 1)] {
            world
                .apply(payment(id, "cust_1", amount))
                .await
                .expect("is handled");
        }
        let member = world.member("cust_1").await.account;
        assert_eq!(world.log_text(&member.id).await, "earn 7", "{order:?}");
    }
}

#[tokio::test]
async fn late_events_count_on_their_own_day() {
    let rule = json!({
        "trigger": "signup", "when": "member.streak.signup == 3",
        "award": {"type": "fixed", "points": 5},
    });
    let world = World::with(
        json!({"auto_enroll": true, "timezone": "Europe/Berlin"}),
        &[rule],
    )
    .await;
    // In Berlin the second one is on the 18th. The third fills the gap that the fourth leaves.
    for (id, at) in [
        ("s_1", "2026-11-17T10:00:00Z"),
        ("s_2", "2026-11-17T23:30:00Z"),
        ("s_4", "2026-11-20T10:00:00Z"),
        ("s_3", "2026-11-19T10:00:00Z"),
    ] {
        world.apply(signup(id, at)).await.expect("is handled");
    }
    assert_eq!(counted(&world, "cust_1", "signup").await, (4, 0, 4));
    let stat = stat(&world, "cust_1", "signup").await.expect("it");
    assert_eq!(stat.first_at, laurel_tests::at("2026-11-17T10:00:00Z"));
    assert_eq!(stat.last_at, laurel_tests::at("2026-11-20T10:00:00Z"));
    let member = world.member("cust_1").await.account;
    // The third day in a row: the one that came late.
    assert_eq!(world.log_text(&member.id).await, "earn 5");
}

#[tokio::test]
async fn a_merge_adds_them_up() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    for (id, customer, day) in [
        ("pay_1", "cust_1", "2026-11-17"),
        ("pay_2", "cust_2", "2026-11-18"),
        ("pay_3", "cust_2", "2026-11-17"),
        ("pay_4", "cust_1", "2026-11-20"),
    ] {
        let mut event = payment(id, customer, 1000);
        merge(
            &mut event,
            json!({"occurred_at": format!("{day}T09:00:00Z")}),
        );
        world.apply(event).await.expect("is handled");
    }
    let source = world.member("cust_2").await.account.id;
    let target = world.member("cust_1").await.account.id;
    world.merge(&source, &target).await;
    assert_eq!(
        counted(&world, "cust_1", "payment.completed").await,
        (4, 4000, 3)
    );
    // A repeat of what the other has earned adds nothing, and its refund is taken out here.
    let again = world
        .apply(payment("pay_3", "cust_2", 1000))
        .await
        .expect("is handled");
    assert!(again.duplicate);
    world
        .apply(refund("re_1", "pay_3", None))
        .await
        .expect("is handled");
    assert_eq!(
        counted(&world, "cust_1", "payment.completed").await,
        (4, 3000, 3)
    );
}

/// What nobody asks about is not kept, and costs nothing.
#[tokio::test]
async fn only_what_somebody_asks_about_is_counted() {
    let world = World::with(json!({"auto_enroll": true}), &[first_only()]).await;
    world.create("cust_1").await;
    let other = json!({"type": "opened_app", "data": {"id": "o_1", "customer": "cust_1"}});
    world.apply(other).await.expect("is handled");
    assert_eq!(stat(&world, "cust_1", "opened_app").await, None);
    let asking = json!({
        "trigger": "signup", "when": "member.stats.opened_app.days >= 2",
        "award": {"type": "fixed", "points": 1},
    });
    world.add_rule(asking).await;
    let other = json!({"type": "opened_app", "data": {"id": "o_2", "customer": "cust_1"}});
    world.apply(other).await.expect("is handled");
    assert_eq!(counted(&world, "cust_1", "opened_app").await, (1, 0, 1));
}

#[tokio::test]
async fn they_survive_a_crash_at_every_call() {
    let rules = [json!({
        "when": "member.stats.payment.completed.count % 2 == 0",
        "award": {"type": "fixed", "points": 3},
    })];
    let events = [
        payment("pay_1", "cust_1", 1000),
        refund("re_2", "pay_2", Some(100)),
        payment("pay_2", "cust_1", 1000),
        refund("re_1", "pay_1", None),
        payment("pay_3", "cust_1", 1000),
    ];
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = World::with(json!({"auto_enroll": true}), &rules).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for event in &events {
                let event = world.event(event.clone()).expect("an event");
                let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                handled.await.expect("is handled");
            }
            let came = crash.came();
            assert_eq!(
                counted(&world, "cust_1", "payment.completed").await,
                (3, 1900, 1),
                "crash at call {call}, {phase:?}"
            );
            let member = world.member("cust_1").await.account;
            let log = world.log_text(&member.id).await;
            assert_eq!(
                log, "earn 3, reverse -3, earn 3",
                "crash at call {call}, {phase:?}"
            );
            if !came {
                assert!(call > 3, "there was hardly a call to crash at");
                break;
            }
        }
    }
}
