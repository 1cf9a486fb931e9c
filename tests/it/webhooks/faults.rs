//! A crash at every call of the table while an event is delivered, and answers that get lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use laurel::embedded::{Fault, Phase, WireCall};

use tokio::sync::Notify;

use super::{
    bench::Bench,
    receiver::{Receiver, Reply},
};

/// Delivers one event to a receiver that fails at first, with a fault at the `at`th call of the
/// table; answers whether it came to that.
async fn deliver(at: u64, fault: &Fault) -> bool {
    let receiver = Receiver::start(&[Reply::Status(500)], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, secret) = bench.endpoint(&receiver.url).await;
    bench.pay("pay_1", "cust_1").await;
    let calls = Arc::new(AtomicU64::new(0));
    let crash = Arc::new(Notify::new());
    let (counted, fallen, fault) = (Arc::clone(&calls), Arc::clone(&crash), fault.clone());
    bench
        .world
        .store
        .set_faults(Arc::new(move |_: &WireCall<'_>| {
            if counted.fetch_add(1, Ordering::SeqCst) != at {
                return Fault::None;
            }
            if matches!(fault, Fault::Hang(_)) {
                fallen.notify_one();
            }
            fault.clone()
        }));
    while let Some(message) = bench.next() {
        // A message that was not carried out comes again, as from the queue after a while.
        loop {
            let died = async {
                crash.notified().await;
                // The hanging call has had time to be carried out where it was to be.
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            tokio::select! {
                carried_out = bench.carry_out(&message) => if carried_out { break },
                () = died => {}
            }
        }
    }
    bench.world.store.clear_faults();
    let received = receiver.received();
    assert!(
        (2..=3).contains(&received.len()),
        "call {at}: {}",
        received.len()
    );
    for one in &received {
        assert_eq!(one.id(), received[0].id());
        assert!(one.verifies(&secret));
    }
    let [delivery] = &bench.deliveries(&endpoint).await[..] else {
        panic!("call {at}: one delivery")
    };
    assert_eq!(delivery["status"], "succeeded", "call {at}: {delivery}");
    calls.load(Ordering::SeqCst) > at
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_call_repeats_an_attempt_and_loses_none() {
    for fault in [
        Fault::Hang(Phase::Request),
        Fault::Hang(Phase::Answer),
        Fault::Lose(Phase::Answer),
    ] {
        let mut calls = 0;
        while deliver(calls, &fault).await {
            calls += 1;
        }
        assert!(calls >= 6, "two attempts read and write: {calls}");
    }
}
