//! A crash at every wire call in turn: the handler's future is dropped there, before the store
//! saw the call or after, and the same event is delivered again to a fresh process.

use laurel::embedded::Phase;
use laurel_tests::{Crash, World, payment, refund};
use serde_json::{Value, json};

async fn world() -> World {
    let rules = [
        json!({
            "award": {"type": "per_amount", "per": 100, "points": 1},
            "cap": {"points": 25}, "window": "month", "carry": true,
        }),
        json!({"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 500}}),
    ];
    World::with(
        json!({"auto_enroll": true, "expires": {"after": "P1M"}}),
        &rules,
    )
    .await
}

/// What a crash-free run leaves behind, in words.
async fn state(world: &World) -> String {
    let Some(member) = world.find_member("cust_1").await else {
        return "no member".to_owned();
    };
    let log = world.log_text(&member.account.id).await;
    format!(
        "{} of {}: {log}",
        member.balance, member.account.lifetime_points
    )
}

/// Delivers `events` in order. At wire call `crash.0` of the whole run the process dies in phase
/// `crash.1`; a new one gets the event again. Answers whether the crash came.
async fn deliver(world: &World, events: &[Value], crash: Option<(u64, Phase)>) -> bool {
    let crash = Crash::at(world, crash);
    for event in events {
        let event = world.event(event.clone()).expect("an event");
        let handled = crash.survive(async |ledger| ledger.apply(&event).await);
        handled.await.expect("is handled");
    }
    crash.came()
}

async fn survives_a_crash_at_every_call(events: &[Value]) {
    let untouched = world().await;
    deliver(&untouched, events, None).await;
    let expected = state(&untouched).await;
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world().await;
            let crashed = deliver(&world, events, Some((call, phase))).await;
            assert_eq!(
                state(&world).await,
                expected,
                "crash at call {call}, {phase:?}"
            );
            // Delivering everything once more changes nothing.
            deliver(&world, events, None).await;
            assert_eq!(
                state(&world).await,
                expected,
                "again after call {call}, {phase:?}"
            );
            if !crashed {
                assert!(call > 3, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn payments_survive_a_crash_at_every_call() {
    let events = [
        payment("pay_1", "cust_1", 1050),
        payment("pay_2", "cust_1", 1050),
        payment("pay_3", "cust_1", 1050),
    ];
    survives_a_crash_at_every_call(&events).await;
}

#[tokio::test]
async fn refunds_survive_a_crash_at_every_call() {
    let events = [
        payment("pay_1", "cust_1", 1050),
        refund("re_1", "pay_1", Some(333)),
        refund("re_2", "pay_1", None),
    ];
    survives_a_crash_at_every_call(&events).await;
}

#[tokio::test]
async fn refunds_ahead_of_their_payment_survive_a_crash_at_every_call() {
    let events = [
        refund("re_1", "pay_1", Some(333)),
        refund("re_2", "pay_1", Some(100)),
        payment("pay_1", "cust_1", 1050),
    ];
    survives_a_crash_at_every_call(&events).await;
}
