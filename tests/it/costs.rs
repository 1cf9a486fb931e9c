//! What a payment costs, as counts: round trips, items and capacity units are promises.

use std::sync::{Arc, Mutex};

use laurel::embedded::{Fault, WireCall};
use laurel_rules::Outcome;
use laurel_tests::{World, payment};
use serde_json::{Value, json};

async fn capped_world() -> World {
    let rule = json!({
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "cap": {"points": 5000}, "window": "month",
    });
    World::with(json!({"auto_enroll": true}), &[rule]).await
}

#[tokio::test]
async fn a_payment_of_a_known_member_takes_two_round_trips_and_four_items() {
    let world = capped_world().await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("enrols");
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    world.store.set_faults(Arc::new(move |call: &WireCall<'_>| {
        seen.lock()
            .expect("bodies")
            .push((call.operation.to_owned(), call.body.to_vec()));
        Fault::None
    }));
    let before = world.store.usage();
    let outcome = world
        .apply(payment("pay_2", "cust_1", 1000))
        .await
        .expect("earns");
    let used = world.store.usage().since(&before);
    assert_eq!(outcome.outcome, Outcome::Awarded);
    assert_eq!(used.total_requests(), 2, "{used:?}");
    assert_eq!(used.requests_of("BatchGetItem"), 1);
    assert_eq!(used.requests_of("TransactWriteItems"), 1);
    let bodies = bodies.lock().expect("bodies");
    let (_, body) = bodies.last().expect("a request");
    let write: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(write["TransactItems"].as_array().map(Vec::len), Some(4));
    // Each item is under 1 kB, and transactional writes cost double: 8 units, of which the archive
    // takes 2. The reads are of
    // the record (absent), the account and the program, half a unit each.
    assert_eq!(used.write_units, 8, "{used:?}");
    assert_eq!(used.read_half_units, 3, "{used:?}");
}

#[tokio::test]
async fn a_duplicate_takes_one_read_and_writes_nothing() {
    let world = capped_world().await;
    let first = world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("earns");
    let before = world.store.usage();
    let again = world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("repeats");
    let used = world.store.usage().since(&before);
    assert!(again.duplicate);
    assert_eq!(
        (again.outcome, again.transactions),
        (first.outcome, first.transactions)
    );
    assert_eq!(used.total_requests(), 1, "{used:?}");
    assert_eq!(used.write_units, 0, "{used:?}");
}

#[tokio::test]
async fn an_account_stays_small_over_years() {
    let world = capped_world().await;
    for day in 0..400 {
        let at =
            laurel_tests::at("2025-01-01T10:00:00Z") + jiff::SignedDuration::from_hours(24 * day);
        let mut event = payment(&format!("pay_{day}"), "cust_1", 1000);
        laurel_tests::merge(&mut event, json!({"occurred_at": at}));
        world.apply(event).await.expect("earns");
    }
    let account = world.member("cust_1").await.account;
    assert!(
        account
            .counters
            .iter()
            .all(|counter| counter.marks.len() <= 2),
        "{account:?}"
    );
    assert_eq!(account.lifetime_points, 4000);
}

#[tokio::test]
async fn what_enrolling_refunding_and_finding_nobody_cost() {
    let world = capped_world().await;
    let strangers = World::with(json!({}), &[]).await;
    // (requests, read half units, write units): an enrolment writes the account with its index
    // row, the claim on the customer, and a record and an entry each for the creation and the
    // payment; a refund finds its payment's record first and then the account that it names, and
    // one that is ahead writes a record under each name that its payment may have.
    let mut used = Vec::new();
    for (world, event) in [
        (&world, payment("pay_1", "cust_1", 1000)),
        (&world, laurel_tests::refund("re_1", "pay_1", Some(300))),
        (&world, laurel_tests::refund("re_2", "pay_later", None)),
        (&strangers, payment("pay_1", "cust_1", 1000)),
    ] {
        // The catalog is read once per process.
        world
            .apply(payment("pay_warm", "cust_warm", 0))
            .await
            .expect("is handled");
        let before = world.store.usage();
        world.apply(event).await.expect("is handled");
        let spent = world.store.usage().since(&before);
        used.push((
            spent.total_requests(),
            spent.read_half_units,
            spent.write_units,
        ));
    }
    assert_eq!(used, [(3, 4, 15), (3, 5, 10), (2, 4, 6), (4, 12, 0)]);
}

#[tokio::test]
async fn what_the_turns_of_an_accounts_life_cost() {
    let world = capped_world().await;
    for customer in ["a", "b"] {
        for number in 0..3 {
            let id = format!("pay_{customer}_{number}");
            world
                .apply(payment(&id, customer, 1000))
                .await
                .expect("earns");
        }
    }
    let (a, b) = (world.member("a").await, world.member("b").await);
    let (a, b) = (a.account.id, b.account.id);
    let mut used = Vec::new();
    let mut before = world.store.usage();
    let mut note = |what| {
        let now = world.store.usage();
        let spent = now.since(&before);
        before = now;
        used.push((
            what,
            spent.total_requests(),
            spent.read_half_units,
            spent.write_units,
        ));
    };
    world.create("c").await;
    note("create");
    world.ledger.close_account(&a).await.expect("is closed");
    note("close");
    world.ledger.close_account(&a).await.expect("is closed");
    note("close again");
    world.ledger.reopen_account(&a).await.expect("is open");
    note("reopen");
    world.merge(&a, &b).await;
    note("merge");
    world.ledger.account(&b).await.expect("an account");
    note("retrieve");
    let log = world.log(&b).await;
    note("list of both logs");
    let id = log[0].id().to_string();
    world.ledger.transaction(&id).await.expect("a transaction");
    note("transaction of the merged");
    world
        .apply(payment("pay_new", "a", 1000))
        .await
        .expect("earns");
    note("payment of the merged customer");
    world
        .ledger
        .erase_personal_data(&b)
        .await
        .expect("is erased");
    note("erase both");
    // (what, requests, read half units, write units). A reopening follows the claims on the
    // names, and so does a customer whose account was merged: three reads more than one whose id
    // follows from the customer. An erasure is one transaction for each of the two accounts,
    // a look at each day of the archive since it was created, and one at its log.
    let expected = [
        ("create", 3, 6, 11),
        ("close", 3, 2, 4),
        ("close again", 4, 6, 0),
        ("reopen", 5, 4, 6),
        ("merge", 3, 3, 8),
        ("retrieve", 2, 4, 0),
        ("list of both logs", 3, 6, 0),
        ("transaction of the merged", 2, 6, 0),
        ("payment of the merged customer", 5, 6, 8),
        ("erase both", 17, 23, 14),
    ];
    assert_eq!(used, expected);
}
