//! Windows, new limits, and what counts.

use std::sync::Arc;

use laurel_rules::{budget::Budget, rule::Window};
use laurel_tests::{PROGRAM, World, at, merge, payment, refund};
use serde_json::{Value, json};

use super::{given, pay, pay_at_once, used, world};

fn paid_at(id: &str, customer: &str, amount: i64, when: &str) -> Value {
    let mut event = payment(id, customer, amount);
    merge(&mut event, json!({"occurred_at": when}));
    event
}

async fn set_limit(world: &World, points: i64, window: Window) {
    let budget = Budget {
        points,
        window,
        revision: 0,
    };
    let changed = world.ledger.update_program(PROGRAM, |program| {
        program.budget = Some(budget);
        Ok(())
    });
    changed.await.expect("a new limit");
}

#[tokio::test]
async fn each_window_has_its_own_points_by_the_time_of_the_event() {
    let world = world(json!({"points": 100, "window": "day"})).await;
    let steps = [
        // 20 November, up to its last millisecond.
        ("2026-11-20T11:00:00Z", 60),
        ("2026-11-19T23:59:59.999Z", 80),
        ("2026-11-20T00:00:00Z", 40),
        // Late events count in the window in which they happened.
        ("2026-11-19T08:00:00Z", 20),
        ("2026-11-18T08:00:00Z", 80),
        ("2026-11-20T11:30:00Z", 0),
    ];
    for (number, (when, expected)) in steps.into_iter().enumerate() {
        let customer = format!("cust_{number}");
        let amount = if number == 0 { 6000 } else { 8000 };
        let event = paid_at(&format!("pay_{number}"), &customer, amount, when);
        pay(&world.ledger, &world, event).await;
        assert_eq!(world.member(&customer).await.balance, expected, "{when}");
    }
    assert_eq!(
        given(&world).await.announced,
        2,
        "of the 19th and of the 20th"
    );
    let now = used(&world).await;
    assert_eq!((now.used, now.remaining()), (100, 0));
    assert_eq!(now.starts_at, Some(at("2026-11-20T00:00:00Z")));
    world.clock.set(at("2026-11-21T00:00:00Z"));
    assert_eq!(used(&world).await.used, 0);
}

#[tokio::test]
async fn windows_follow_the_program_s_time_zone() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let settings = json!({
        "auto_enroll": true, "timezone": "Europe/Berlin",
        "budget": {"points": 100, "window": "day"},
    });
    let world = Arc::new(World::with(settings, &[rule]).await);
    let first = paid_at("pay_1", "cust_1", 9000, "2026-11-19T22:59:59.999Z");
    let second = paid_at("pay_2", "cust_2", 9000, "2026-11-19T23:00:00Z");
    pay(&world.ledger, &world, first).await;
    pay(&world.ledger, &world, second).await;
    assert_eq!(given(&world).await.points, 180);
}

#[tokio::test]
async fn refunds_give_back_to_the_window_of_the_award_and_it_is_announced_once() {
    let world = world(json!({"points": 100, "window": "day"})).await;
    let event = paid_at("pay_1", "cust_1", 20_000, "2026-11-19T10:00:00Z");
    pay(&world.ledger, &world, event).await;
    assert_eq!(world.member("cust_1").await.balance, 100);
    pay(&world.ledger, &world, refund("re_1", "pay_1", Some(5000))).await;
    assert_eq!(used(&world).await.used, 0, "today's is as it was");
    let event = paid_at("pay_2", "cust_2", 20_000, "2026-11-19T12:00:00Z");
    pay(&world.ledger, &world, event).await;
    assert_eq!(world.member("cust_2").await.balance, 25);
    assert_eq!(given(&world).await.announced, 1);
}

#[tokio::test]
async fn a_lower_limit_holds_from_the_answer_on_and_a_higher_one_gives_more() {
    let world = world(json!({"points": 10_000, "window": "month"})).await;
    pay_at_once(&world, "a", 40, 1000).await;
    set_limit(&world, 500, Window::Month).await;
    assert_eq!(
        (used(&world).await.used, used(&world).await.remaining()),
        (400, 100)
    );
    pay_at_once(&world, "b", 40, 1000).await;
    assert_eq!(given(&world).await.points, 500);
    // Below what is used nothing is taken back, and nothing given.
    set_limit(&world, 300, Window::Month).await;
    assert_eq!(
        (used(&world).await.used, used(&world).await.remaining()),
        (500, 0)
    );
    pay_at_once(&world, "c", 5, 1000).await;
    assert_eq!(given(&world).await.points, 500);
    // What refunds return first makes up for what is used beyond the limit.
    for number in 0..21 {
        let event = refund(&format!("re_{number}"), &format!("pay_a_{number}"), None);
        pay(&world.ledger, &world, event).await;
    }
    assert_eq!(used(&world).await.used, 290);
    pay_at_once(&world, "d", 5, 1000).await;
    assert_eq!(
        (given(&world).await.points, used(&world).await.used),
        (300, 300)
    );
    set_limit(&world, 350, Window::Month).await;
    pay_at_once(&world, "e", 10, 1000).await;
    let given = given(&world).await;
    assert_eq!((given.points, given.announced), (350, 1));
    // Another window begins another count.
    set_limit(&world, 350, Window::Week).await;
    assert_eq!(used(&world).await.used, 0);
    pay_at_once(&world, "f", 1, 1000).await;
    assert_eq!(used(&world).await.used, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_moves_while_awards_race_is_never_exceeded() {
    let world = world(json!({"points": 100_000, "window": "month"})).await;
    let before = pay_at_once(&world, "a", 50, 1000);
    let moving = async {
        for limit in [700, 90_000, 600, 50_000, 400] {
            set_limit(&world, limit, Window::Month).await;
        }
        used(&world).await.used
    };
    let ((), at_answer) = futures::future::join(before, moving).await;
    // From the answer on nothing more is given, unless there was room below the limit.
    let total = given(&world).await.points;
    assert!(total <= at_answer.max(400), "{total} after {at_answer}");
    pay_at_once(&world, "b", 50, 1000).await;
    assert_eq!(given(&world).await.points, total.max(400));
    assert_eq!(used(&world).await.used, total.max(400));
}

#[tokio::test]
async fn a_limit_below_what_a_stale_process_knows_binds_it_too() {
    let world = world(json!({"points": 10_000, "window": "month"})).await;
    let stale = world.another_ledger();
    pay(&stale, &world, payment("pay_1", "cust_1", 1000)).await;
    set_limit(&world, 15, Window::Month).await;
    pay(&stale, &world, payment("pay_2", "cust_2", 1000)).await;
    assert_eq!(world.member("cust_2").await.balance, 5);
    // A budget that is taken away limits nothing; one that comes back knows what was used.
    let unlimited = world.ledger.update_program(PROGRAM, |program| {
        program.budget = None;
        Ok(())
    });
    unlimited.await.expect("no budget");
    pay(&stale, &world, payment("pay_3", "cust_3", 1000)).await;
    assert_eq!(world.member("cust_3").await.balance, 10);
    set_limit(&world, 17, Window::Month).await;
    pay(&stale, &world, payment("pay_4", "cust_4", 1000)).await;
    assert_eq!(world.member("cust_4").await.balance, 2);
}

#[tokio::test]
async fn a_cap_and_a_budget_hold_together_and_enrolment_counts() {
    let rules = [
        json!({"award": {"type": "per_amount", "per": 100, "points": 1},
               "cap": {"points": 40}, "window": "month"}),
        json!({"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 30}}),
    ];
    let settings = json!({"auto_enroll": true, "budget": {"points": 100, "window": "lifetime"}});
    let world = Arc::new(World::with(settings, &rules).await);
    pay(&world.ledger, &world, payment("pay_1", "cust_1", 6000)).await;
    assert_eq!(world.member("cust_1").await.balance, 70);
    assert_eq!(used(&world).await.used, 70);
    // The bonus takes the last 30; the payment in the same transaction gets nothing.
    pay(&world.ledger, &world, payment("pay_2", "cust_2", 6000)).await;
    assert_eq!(world.member("cust_2").await.balance, 30);
    world.create("cust_3").await;
    assert_eq!(world.member("cust_3").await.balance, 0);
    let given = given(&world).await;
    assert_eq!((given.points, given.announced), (100, 1));
    // What a budget cut does not count against the member's cap.
    let found = world.member("cust_2").await.account;
    let counted: i64 = found
        .counters
        .iter()
        .flat_map(|it| &it.marks)
        .map(|it| it.points)
        .sum();
    assert_eq!(counted, 0);
}
