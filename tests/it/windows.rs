//! Cap windows where the account no longer holds them, and where rules change under way.

use laurel_rules::{Outcome, Rule};
use laurel_tests::{World, at, merge, payment, refund};
use serde_json::{Value, json};

fn paid_at(id: &str, when: &str, amount: i64) -> Value {
    let mut event = payment(id, "cust_1", amount);
    merge(&mut event, json!({"occurred_at": when}));
    event
}

async fn world(rule: Value) -> (World, String) {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let mut full = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    merge(&mut full, rule);
    let rule = world.add_rule(full).await;
    (world, rule.id)
}

async fn points_of(world: &World, event: Value) -> i64 {
    let outcome = world.apply(event).await.expect("is handled");
    let mut points = 0;
    for id in &outcome.transactions {
        let view = world
            .ledger
            .transaction(&id.to_string())
            .await
            .expect("a transaction");
        points += view.transaction().amount;
    }
    points
}

#[tokio::test]
async fn a_late_event_counts_in_the_window_in_which_it_happened() {
    let (world, _) = world(json!({"cap": {"points": 15}, "window": "day"})).await;
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-09-01T10:00:00Z", 1000)).await,
        10
    );
    // Eighty days later the first of September is long gone from the account.
    assert_eq!(
        points_of(&world, paid_at("pay_2", "2026-11-19T10:00:00Z", 1000)).await,
        10
    );
    let account = world.member("cust_1").await.account;
    assert_eq!(account.counters[0].marks.len(), 1, "{account:?}");
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-09-01T23:00:00Z", 1000)).await,
        5
    );
    assert_eq!(
        points_of(&world, paid_at("pay_4", "2026-09-01T23:30:00Z", 1000)).await,
        0
    );
    assert_eq!(
        points_of(&world, paid_at("pay_5", "2026-11-19T23:00:00Z", 1000)).await,
        5
    );
}

#[tokio::test]
async fn points_reversed_in_a_window_long_gone_return_to_it() {
    let (world, _) = world(json!({"cap": {"points": 15}, "window": "day"})).await;
    points_of(&world, paid_at("pay_1", "2026-09-01T10:00:00Z", 1000)).await;
    points_of(&world, paid_at("pay_2", "2026-11-19T10:00:00Z", 1000)).await;
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("is handled");
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-09-01T12:00:00Z", 2000)).await,
        15
    );
}

#[tokio::test]
async fn a_late_event_breaks_no_later_rolling_window() {
    let (world, _) = world(json!({"cap": {"points": 10, "rolling": true}, "window": "day"})).await;
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-11-18T20:00:00Z", 800)).await,
        8
    );
    // (t − 24 h, t] with t = the event above holds 8 already.
    assert_eq!(
        points_of(&world, paid_at("pay_2", "2026-11-18T10:00:00Z", 800)).await,
        2
    );
    // Exactly 24 hours later the first no longer counts.
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-11-19T20:00:00Z", 2000)).await,
        10
    );
}

#[tokio::test]
async fn a_rolling_cap_holds_beyond_what_the_account_remembers() {
    let (world, _) =
        world(json!({"cap": {"points": 90, "rolling": true}, "window": "month"})).await;
    for number in 0..80 {
        let when = format!("2026-11-{:02}T{:02}:00:00Z", 1 + number / 10, number % 10);
        assert_eq!(
            points_of(&world, paid_at(&format!("pay_{number}"), &when, 100)).await,
            1
        );
    }
    let account = world.member("cust_1").await.account;
    assert!(account.counters[0].marks.len() <= 64, "bounded");
    assert_eq!(
        points_of(&world, paid_at("pay_last", "2026-11-20T00:00:00Z", 5000)).await,
        10
    );
}

#[tokio::test]
async fn awards_from_before_a_rule_had_a_cap_count_against_it() {
    let (world, rule) = world(json!({})).await;
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-11-20T10:00:00Z", 1000)).await,
        10
    );
    let set_cap = |points: Option<i64>| {
        let rule = rule.clone();
        let ledger = world.ledger.clone();
        async move {
            let cap = points.map(|points| serde_json::from_value(json!({"points": points})));
            let cap = cap.transpose().expect("a cap");
            ledger
                .update_configured(&rule, |rule: &mut Rule| {
                    rule.cap = cap;
                    Ok(())
                })
                .await
                .expect("is changed")
        }
    };
    assert_eq!(set_cap(Some(15)).await.version, 2);
    assert_eq!(
        points_of(&world, paid_at("pay_2", "2026-11-20T10:01:00Z", 1000)).await,
        5
    );
    set_cap(None).await;
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-11-20T10:02:00Z", 1000)).await,
        10
    );
    set_cap(Some(30)).await;
    assert_eq!(
        points_of(&world, paid_at("pay_4", "2026-11-20T10:03:00Z", 1000)).await,
        5
    );
}

#[tokio::test]
async fn a_change_of_window_or_time_zone_recounts_the_past() {
    let (world, rule) = world(json!({"cap": {"points": 15}, "window": "day"})).await;
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-11-17T23:30:00Z", 1000)).await,
        10
    );
    assert_eq!(
        points_of(&world, paid_at("pay_2", "2026-11-18T10:00:00Z", 1000)).await,
        10
    );
    // In Berlin the first payment was half an hour after midnight of the 18th.
    world
        .ledger
        .update_program(laurel_tests::PROGRAM, |program| {
            program.timezone = laurel_rules::program::timezone("Europe/Berlin")?;
            Ok(())
        })
        .await
        .expect("is changed");
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-11-18T11:00:00Z", 1000)).await,
        0
    );
    world
        .ledger
        .update_configured(&rule, |rule: &mut Rule| {
            rule.window = laurel_rules::rule::Window::Month;
            rule.cap = Some(serde_json::from_value(json!({"points": 22})).expect("a cap"));
            Ok(())
        })
        .await
        .expect("is changed");
    assert_eq!(
        points_of(&world, paid_at("pay_4", "2026-11-19T11:00:00Z", 1000)).await,
        2
    );
}

#[tokio::test]
async fn a_changed_rule_is_in_force_with_the_next_event_in_every_process() {
    let (world, rule) = world(json!({})).await;
    let other = world.another_ledger();
    let event = |id: &str| world.event(payment(id, "cust_1", 1000)).expect("an event");
    other.apply(&event("pay_1")).await.expect("is handled");
    world
        .ledger
        .update_configured(&rule, |rule: &mut Rule| {
            rule.active = false;
            Ok(())
        })
        .await
        .expect("is changed");
    let outcome = other.apply(&event("pay_2")).await.expect("is handled");
    assert_eq!(outcome.outcome, Outcome::NoAward);
}

#[tokio::test]
async fn a_month_ends_to_the_millisecond() {
    let (world, _) = world(json!({"cap": {"points": 10}, "window": "month"})).await;
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-10-31T23:59:59.999Z", 1000)).await,
        10
    );
    assert_eq!(
        points_of(&world, paid_at("pay_2", "2026-11-01T00:00:00.000Z", 1000)).await,
        10
    );
    assert_eq!(
        points_of(&world, paid_at("pay_3", "2026-10-31T23:59:59.999Z", 1000)).await,
        0
    );
}

#[tokio::test]
async fn what_happens_more_than_five_minutes_ahead_is_refused() {
    let (world, _) = world(json!({})).await;
    let now = at("2026-11-20T12:00:00Z");
    world.clock.set(now);
    let refused = world
        .apply(paid_at("pay_1", "2026-11-20T12:05:00.001Z", 1000))
        .await;
    assert_eq!(
        refused.expect_err("is refused").refusal().code,
        laurel_rules::Code::OccurredInFuture
    );
    assert_eq!(
        points_of(&world, paid_at("pay_1", "2026-11-20T12:05:00Z", 1000)).await,
        10
    );
}
