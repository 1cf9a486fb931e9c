//! What DynamoDB does on a bad day: throttles, conflicts, lost answers.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use laurel::embedded::{Fault, Phase, WireCall, WireError};
use laurel_ledger::Error;
use laurel_tests::{World, payment, refund};
use serde_json::{Value, json};

async fn world() -> World {
    let rule = json!({
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "cap": {"points": 5000}, "window": "month",
    });
    World::with(json!({"auto_enroll": true}), &[rule]).await
}

/// Three payments and a refund, with `fault` at about half of the wire calls.
async fn run_with(fault: impl Fn(&WireCall<'_>) -> Fault + Send + Sync + 'static) -> String {
    let world = world().await;
    let chance = Mutex::new(fastrand::Rng::with_seed(7));
    world.store.set_faults(Arc::new(move |call: &WireCall<'_>| {
        if chance.lock().expect("chance").bool() {
            fault(call)
        } else {
            Fault::None
        }
    }));
    let ledger = world.ledger_on(world.store.client_without_retries());
    let events: [Value; 5] = [
        payment("pay_1", "cust_1", 1000),
        payment("pay_2", "cust_1", 2000),
        refund("re_1", "pay_1", Some(500)),
        payment("pay_1", "cust_1", 1000),
        payment("pay_3", "cust_1", 3000),
    ];
    for event in events {
        let event = world.event(event).expect("an event");
        ledger.apply(&event).await.expect("is handled in the end");
    }
    world.store.clear_faults();
    let member = world.member("cust_1").await;
    format!(
        "{}: {}",
        member.balance,
        world.log_text(&member.account.id).await
    )
}

const EXPECTED: &str = "55: earn 10, earn 20, reverse -5, earn 30";

#[tokio::test]
async fn throttling_is_waited_out() {
    assert_eq!(
        run_with(|_| Fault::Answer(WireError::throttled())).await,
        EXPECTED
    );
}

#[tokio::test]
async fn errors_of_the_service_are_waited_out() {
    assert_eq!(
        run_with(|_| Fault::Answer(WireError::internal())).await,
        EXPECTED
    );
}

#[tokio::test]
async fn lost_requests_are_repeated() {
    assert_eq!(run_with(|_| Fault::Lose(Phase::Request)).await, EXPECTED);
}

#[tokio::test]
async fn lost_answers_award_nothing_twice() {
    assert_eq!(run_with(|_| Fault::Lose(Phase::Answer)).await, EXPECTED);
}

#[tokio::test]
async fn every_mix_of_passing_cancellation_reasons_is_tried_again() {
    let codes = [
        "None",
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ThrottlingError",
    ];
    for first in codes {
        for second in codes {
            let canceled = WireError::canceled(&[first, second, "None"]);
            let ended = run_with(move |call| match call.operation {
                "TransactWriteItems" => Fault::Answer(canceled.clone()),
                _ => Fault::None,
            });
            assert_eq!(ended.await, EXPECTED, "{first} {second}");
        }
    }
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    let world = world().await;
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    world
        .store
        .set_faults(Arc::new(move |call: &WireCall<'_>| match call.operation {
            "TransactWriteItems" => {
                counted.fetch_add(1, Ordering::SeqCst);
                Fault::Answer(WireError::canceled(&[
                    "ConditionalCheckFailed",
                    "ValidationError",
                ]))
            }
            _ => Fault::None,
        }));
    let ended = world.apply(payment("pay_1", "cust_1", 1000)).await;
    assert!(matches!(ended, Err(Error::Rejected { .. })), "{ended:?}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn contention_without_end_ends_as_busy_and_writes_nothing() {
    let world = world().await;
    world
        .store
        .set_faults(Arc::new(|call: &WireCall<'_>| match call.operation {
            "TransactWriteItems" => Fault::Answer(WireError::canceled(&["TransactionConflict"])),
            _ => Fault::None,
        }));
    tokio::time::pause();
    let ended = world.apply(payment("pay_1", "cust_1", 1000)).await;
    assert!(matches!(ended, Err(Error::Busy { .. })), "{ended:?}");
    assert!(ended.is_err_and(|error| error.is_transient()));
    world.store.clear_faults();
    assert!(world.find_member("cust_1").await.is_none());
}
