//! Milestones and streaks on the table: paid once under duplicates, races and crashes, and right
//! after merges.

use std::sync::Arc;

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::Error;
use laurel_rules::Code;
use laurel_tests::{Crash, PROGRAM, World, payment, refund};
use serde_json::{Value, json};

/// 500 points for each of 100 and 500 euros.
fn milestone() -> Value {
    json!({
        "id": "rule_m", "award": {"type": "fixed", "points": 500},
        "milestone": {"stat": "payment.completed.sum", "at": [10_000, 50_000]},
    })
}

/// 7 points for each three days in a row.
fn streak() -> Value {
    json!({
        "id": "rule_s", "trigger": "check_in", "award": {"type": "fixed", "points": 7},
        "streak": {"unit": "day", "length": 3, "repeat": true},
    })
}

async fn world(rules: &[Value]) -> Arc<World> {
    Arc::new(World::with(json!({"auto_enroll": true}), rules).await)
}

fn check_in(customer: &str, day: u32, hour: u32) -> Value {
    json!({
        "type": "check_in", "occurred_at": format!("2026-11-{day:02}T{hour:02}:00:00Z"),
        "data": {"id": format!("{customer}_{day}_{hour}"), "customer": customer},
    })
}

async fn apply(world: &World, event: Value) {
    world.apply(event).await.expect("is handled");
}

async fn log(world: &World, customer: &str) -> String {
    let member = world.member(customer).await.account;
    world.log_text(&member.id).await
}

async fn merge(world: &World, source: &str, target: &str) {
    let id = async |customer: &str| world.member(customer).await.account.id;
    let (source, target) = (id(source).await, id(target).await);
    world.merge(&source, &target).await;
}

/// Hands all events to ledgers of their own, at once.
async fn race(world: &Arc<World>, events: Vec<Value>) {
    let racing = events.into_iter().map(|event| {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let event = world.event(event).expect("an event");
            let handled = world.another_ledger().apply(&event).await;
            handled.expect("is handled");
        })
    });
    for ended in join_all(racing).await {
        ended.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_events_at_once_one_crosses() {
    for _ in 0..5 {
        let world = world(&[milestone()]).await;
        apply(&world, payment("pay_0", "cust_1", 9_999)).await;
        let both = ["pay_1", "pay_2"].map(|id| payment(id, "cust_1", 5_000));
        race(&world, both.to_vec()).await;
        assert_eq!(log(&world, "cust_1").await, "earn 500");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_payments_at_once_cross_each_threshold_once() {
    let world = world(&[milestone()]).await;
    world.create("cust_1").await;
    let events = (0..30).flat_map(|number| {
        let paid = payment(&format!("pay_{number}"), "cust_1", 2_000);
        [paid.clone(), paid]
    });
    race(&world, events.collect()).await;
    assert_eq!(log(&world, "cust_1").await, "earn 500, earn 500");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_month_of_days_at_once_pays_as_many_streaks() {
    let world = world(&[streak()]).await;
    world.create("cust_1").await;
    // Days 1 to 16 without the eighth: two streaks of the first seven, two of the other eight.
    let days = (1..=16).filter(|day| *day != 8);
    let events = days.flat_map(|day| [9, 10].map(|hour| check_in("cust_1", day, hour)));
    race(&world, events.collect()).await;
    let earned = |times| vec!["earn 7"; times].join(", ");
    assert_eq!(log(&world, "cust_1").await, earned(4));
    // The eighth makes one run of sixteen.
    apply(&world, check_in("cust_1", 8, 12)).await;
    assert_eq!(log(&world, "cust_1").await, earned(5));
}

#[tokio::test]
async fn a_crash_at_any_call_pays_no_less_and_no_more() {
    let events = [
        payment("pay_1", "cust_1", 9_000),
        payment("pay_2", "cust_1", 45_000),
        refund("re_1", "pay_2", None),
        payment("pay_3", "cust_1", 1_000),
        check_in("cust_1", 1, 9),
        check_in("cust_1", 3, 9),
        check_in("cust_1", 2, 9),
    ];
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(&[milestone(), streak()]).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for event in &events {
                let event = world.event(event.clone()).expect("an event");
                let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                handled.await.expect("is handled");
            }
            let came = crash.came();
            for event in &events {
                apply(&world, event.clone()).await;
            }
            let expected = "earn 1000, reverse -1000, earn 500, earn 7";
            assert_eq!(log(&world, "cust_1").await, expected, "{call} {phase:?}");
            if !came {
                assert!(call > 10, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_merge_pays_nothing_and_the_next_event_what_only_both_crossed() {
    let world = world(&[milestone()]).await;
    apply(&world, payment("pay_1", "a", 6_000)).await;
    apply(&world, payment("pay_2", "b", 6_000)).await;
    merge(&world, "a", "b").await;
    assert_eq!(log(&world, "b").await, "");
    for id in ["pay_3", "pay_4"] {
        apply(&world, payment(id, "a", 100)).await;
        assert_eq!(log(&world, "b").await, "earn 500");
    }
    // What a refund takes below the threshold before anybody is paid is crossed again later.
    apply(&world, payment("pay_5", "c", 6_000)).await;
    apply(&world, payment("pay_6", "d", 6_000)).await;
    merge(&world, "c", "d").await;
    apply(&world, refund("re_5", "pay_5", None)).await;
    apply(&world, payment("pay_7", "c", 100)).await;
    assert_eq!(log(&world, "d").await, "");
    for id in ["pay_8", "pay_9"] {
        apply(&world, payment(id, "d", 4_000)).await;
        assert_eq!(log(&world, "d").await, "earn 500");
    }
}

#[tokio::test]
async fn what_both_were_paid_is_paid_until_both_are_refunded() {
    let world = world(&[milestone()]).await;
    apply(&world, payment("pay_1", "a", 10_000)).await;
    apply(&world, payment("pay_2", "b", 10_000)).await;
    merge(&world, "a", "b").await;
    let both = "earn 500, earn 500";
    apply(&world, payment("pay_3", "b", 100)).await;
    assert_eq!(log(&world, "b").await, both);
    apply(&world, refund("re_1", "pay_1", None)).await;
    apply(&world, payment("pay_4", "b", 100)).await;
    assert_eq!(log(&world, "b").await, format!("{both}, reverse -500"));
    // 9,800 more than the 200, of which nothing was paid for any more.
    apply(&world, refund("re_2", "pay_2", None)).await;
    apply(&world, payment("pay_5", "b", 9_800)).await;
    let all = format!("{both}, reverse -500, reverse -500, earn 500");
    assert_eq!(log(&world, "b").await, all);
}

#[tokio::test]
async fn a_merge_joins_runs_and_the_next_event_pays_what_only_both_complete() {
    let world = world(&[streak()]).await;
    for day in [1, 3, 4, 5, 7] {
        apply(&world, check_in("a", day, 9)).await;
    }
    for day in [2, 3, 6] {
        apply(&world, check_in("b", day, 9)).await;
    }
    assert_eq!(log(&world, "a").await, "earn 7");
    merge(&world, "a", "b").await;
    assert_eq!(log(&world, "b").await, "earn 7");
    // Seven days in a row, of which three were paid; another event of the seventh day.
    apply(&world, check_in("a", 7, 10)).await;
    assert_eq!(log(&world, "b").await, "earn 7, earn 7");
    apply(&world, check_in("b", 8, 9)).await;
    assert_eq!(log(&world, "b").await, "earn 7, earn 7");
    apply(&world, check_in("b", 9, 9)).await;
    assert_eq!(log(&world, "b").await, "earn 7, earn 7, earn 7");
}

#[tokio::test]
async fn only_events_that_meet_the_condition_are_part_of_a_run() {
    let mut rule = streak();
    rule["when"] = json!("stars >= 4");
    let world = world(&[rule]).await;
    for (day, stars) in [(1, 5), (2, 4), (3, 3), (4, 5), (5, 5)] {
        let mut event = check_in("cust_1", day, 9);
        event["data"]["metadata"] = json!({"stars": stars});
        apply(&world, event).await;
    }
    assert_eq!(log(&world, "cust_1").await, "");
    let mut event = check_in("cust_1", 3, 10);
    event["data"]["metadata"] = json!({"stars": 4});
    apply(&world, event).await;
    assert_eq!(log(&world, "cust_1").await, "earn 7");
}

#[tokio::test]
async fn a_program_has_so_many_of_them_and_no_more() {
    let world = world(&[]).await;
    let new = |number: usize, active: bool| {
        let mut rule = streak();
        rule["id"] = json!(format!("rule_{number}"));
        rule["active"] = json!(active);
        rule
    };
    for number in 0..50 {
        world.add_rule(new(number, true)).await;
    }
    // One that is not active is no matter, nor is one without.
    world.add_rule(new(50, false)).await;
    world
        .add_rule(json!({"award": {"type": "fixed", "points": 1}}))
        .await;
    let activated =
        world
            .ledger
            .update_configured::<laurel_rules::Rule>((PROGRAM, "rule_50"), |rule| {
                rule.active = true;
                Ok(())
            });
    match activated.await {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.code, Code::LimitReached),
        other => panic!("{other:?}"),
    }
    // All fifty remember their runs.
    for day in 1..=3 {
        apply(&world, check_in("cust_1", day, 9)).await;
    }
    let paid = log(&world, "cust_1").await;
    assert_eq!(paid, vec!["earn 7"; 50].join(", "));
}
