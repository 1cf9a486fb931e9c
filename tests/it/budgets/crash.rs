//! A crash at every wire call: nothing is counted twice, and nothing is lost.

use laurel::embedded::Phase;
use laurel_tests::{Crash, payment, refund};
use serde_json::{Value, json};

use super::{Given, given, used, world};

/// Delivers `events` with a crash at each wire call in turn, and then once more.
async fn survives_a_crash_at_every_call(budget: Value, events: &[Value], expected: Given) {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(budget.clone()).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for event in events {
                let event = world.event(event.clone()).expect("an event");
                let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                handled.await.expect("is handled");
            }
            let came = crash.came();
            for event in events {
                world.apply(event.clone()).await.expect("repeats");
            }
            assert_eq!(given(&world).await, expected, "at call {call}, {phase:?}");
            assert_eq!(
                used(&world).await.used,
                expected.points,
                "at call {call}, {phase:?}"
            );
            if !came {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn awards_up_to_the_last_point_survive_a_crash_at_every_call() {
    let events = [
        payment("pay_1", "cust_1", 6000),
        payment("pay_2", "cust_2", 6000),
        payment("pay_3", "cust_1", 6000),
        payment("pay_4", "cust_3", 6000),
    ];
    let budget = json!({"points": 150, "window": "month"});
    let expected = Given {
        points: 150,
        cut: 2,
        announced: 1,
    };
    survives_a_crash_at_every_call(budget, &events, expected).await;
}

#[tokio::test]
async fn refunds_before_and_after_survive_a_crash_at_every_call() {
    let events = [
        refund("re_1", "pay_1", Some(3000)),
        payment("pay_1", "cust_1", 6000),
        payment("pay_2", "cust_2", 10_000),
        refund("re_2", "pay_2", None),
        payment("pay_3", "cust_1", 9000),
    ];
    let budget = json!({"points": 100, "window": "month"});
    let expected = Given {
        // 60 − 30, then 40 of 100 that go back, then 70 of 90.
        points: 100,
        cut: 2,
        announced: 1,
    };
    survives_a_crash_at_every_call(budget, &events, expected).await;
}
