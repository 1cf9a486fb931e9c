//! What a budget costs, as counts, and that no item of it is hot.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use laurel::embedded::{Fault, WireCall};
use laurel_tests::payment;
use serde_json::{Value, json};

use super::{pay, pay_at_once, world};

/// The partitions that the transactions of `body` write or check.
fn partitions(body: &[u8]) -> Vec<String> {
    let write: Value = serde_json::from_slice(body).expect("JSON");
    let items = write["TransactItems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let partition = |item: Value| {
        let item = item.as_object()?.values().next()?.clone();
        let key = item.get("Key").or(item.get("Item"))?.clone();
        Some(key["pk"]["S"].as_str()?.to_owned())
    };
    items.into_iter().filter_map(partition).collect()
}

#[tokio::test]
async fn an_award_under_a_budget_takes_two_round_trips_and_five_items() {
    let world = world(json!({"points": 1_000_000, "window": "month"})).await;
    pay(&world.ledger, &world, payment("pay_1", "cust_1", 1000)).await;
    // The same share again, so that it has been filled.
    let mut cheapest = None;
    for number in 0..200 {
        let one = world.store.usage();
        let event = payment(&format!("pay_n{number}"), "cust_1", 1000);
        pay(&world.ledger, &world, event).await;
        let used = world.store.usage().since(&one);
        let spent = (
            used.total_requests(),
            used.read_half_units,
            used.write_units,
        );
        cheapest = Some(cheapest.map_or(spent, |least: (u64, u64, u64)| least.min(spent)));
    }
    // Beside the record, the account and the program: head and share, half a unit each; and the
    // share is written.
    assert_eq!(cheapest, Some((2, 5, 10)));
}

#[tokio::test]
async fn after_its_end_a_budget_costs_reads_only() {
    let world = world(json!({"points": 100, "window": "month"})).await;
    for number in 0..4 {
        let event = payment(&format!("pay_{number}"), "cust_1", 9000);
        pay(&world.ledger, &world, event).await;
    }
    let before = world.store.usage();
    pay(&world.ledger, &world, payment("pay_late", "cust_1", 9000)).await;
    let used = world.store.usage().since(&before);
    // What is cut to nothing is decided on a consistent read.
    assert_eq!(
        (used.total_requests(), used.write_units),
        (3, 8),
        "{used:?}"
    );
    assert_eq!(used.read_half_units, 5 + 10, "{used:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_item_is_written_by_more_than_its_share_of_a_thousand_awards() {
    let world = world(json!({"points": 1_000_000, "window": "month"})).await;
    let counts: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let seen = Arc::clone(&counts);
    world.store.set_faults(Arc::new(move |call: &WireCall<'_>| {
        if call.operation == "TransactWriteItems" {
            let mut counts = seen.lock().expect("counts");
            for partition in partitions(call.body) {
                *counts.entry(partition).or_default() += 1;
            }
        }
        Fault::None
    }));
    for batch in 0..10 {
        pay_at_once(&world, &format!("b{batch}"), 100, 1000).await;
    }
    world.store.clear_faults();
    let counts = counts.lock().expect("counts").clone();
    // The head is written where a share is filled, and again where two fill theirs at once, which
    // happens the more the slower the store is.
    let head = counts["B#prog_default##m2026-11-01"];
    assert!(head <= 300, "the head was written {head} times");
    let shares = counts
        .iter()
        .filter(|(key, _)| key.starts_with("B#prog_default##m2026-11-01#"));
    let shares: Vec<usize> = shares.map(|(_, count)| *count).collect();
    assert!(shares.len() > 50, "awards spread over the shares");
    let hottest = shares.iter().max().expect("a share");
    assert!(*hottest <= 60, "a share was written {hottest} times");
}
