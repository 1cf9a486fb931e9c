//! The archive: every event that was handled is there once, whatever happens on the way, and
//! nothing in it tells who a member is.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use laurel::embedded::Phase;
use laurel_rules::archive::{ARCHIVED_BYTES_MAX, Archived};
use laurel_tests::{Crash, PROGRAM, World, merge, payment, refund};
use serde_json::{Value, json};

async fn world(settings: Value) -> World {
    let mut all = json!({"auto_enroll": true});
    merge(&mut all, settings);
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    World::with(all, &[rule]).await
}

async fn archived(world: &World) -> Vec<Archived> {
    let always = (Timestamp::UNIX_EPOCH, world.ledger.now());
    let (from, to) = (
        world.ledger.now() - jiff::SignedDuration::from_hours(48),
        always.1,
    );
    let to = to + jiff::SignedDuration::from_hours(1);
    let found = world.ledger.archived(PROGRAM, from, to, 10_000).await;
    let mut found = found.expect("is read").expect("not too many");
    found.sort_by(|a, b| (&a.account, a.place()).cmp(&(&b.account, b.place())));
    found
}

/// How often each event is in the archive.
async fn counts(world: &World) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for archived in archived(world).await {
        *counts.entry(archived.source_id).or_insert(0) += 1;
    }
    counts
}

fn once(names: &[&str]) -> BTreeMap<String, u64> {
    names.iter().map(|name| ((*name).to_owned(), 1)).collect()
}

#[tokio::test]
async fn an_event_is_kept_with_what_was_known_and_without_who_it_was() {
    let world = world(json!({})).await;
    let mut first = payment("pay_1", "cust_1", 1000);
    first["data"]["email"] = json!("anna@example.com");
    first["data"]["payment_method"] = json!({"type": "card", "fingerprint": "fp_1"});
    first["data"]["metadata"] = json!({"channel": "app", "referral_code": "ANNA-7F3K"});
    world.apply(first).await.expect("earns");
    world
        .apply(refund("re_1", "pay_1", Some(300)))
        .await
        .expect("reverses");
    let kept = archived(&world).await;
    let member = world.member("cust_1").await.account.id;
    assert_eq!(
        kept.iter().map(|it| &it.account).collect::<Vec<_>>(),
        [&member, &member]
    );
    assert_eq!(
        Value::Object(kept[0].data.clone()),
        json!({"id": "pay_1", "amount": 1000, "currency": "EUR", "metadata": {"channel": "app"}})
    );
    assert!(kept[0].before.is_none());
    assert_eq!(kept[0].entries, 2);
    let before = kept[1].before.as_ref().expect("a member");
    assert_eq!(
        (before.lifetime_points, &before.customer, before.seq),
        (10, &None, 2)
    );
    assert_eq!(kept[1].records.len(), 1);
    let paid = kept[1].records[0].handled.as_ref().expect("handled");
    assert_eq!((paid.amount, paid.awards[0].points), (1000, 10));
}

#[tokio::test]
async fn what_did_nothing_is_not_kept_nor_is_anything_where_nothing_is_to_be() {
    let world = world(json!({"auto_enroll": false})).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("is unlinked");
    let failed = json!({"type": "payment.failed", "data": {"id": "pay_2", "customer": "cust_1"}});
    world.apply(failed).await.expect("is ignored");
    assert_eq!(counts(&world).await, once(&[]));
    let id = world.create("cust_1").await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("earns");
    assert_eq!(counts(&world).await, once(&[&id, "pay_1"]));

    let off = World::with(json!({"auto_enroll": true, "archive_days": 0}), &[]).await;
    off.apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("earns nothing");
    off.create("cust_2").await;
    assert_eq!(counts(&off).await, once(&[]));
}

#[tokio::test]
async fn of_a_very_long_event_figures_are_kept() {
    let world = world(json!({})).await;
    let mut long = payment("pay_1", "cust_1", 1000);
    let text = "x".repeat(ARCHIVED_BYTES_MAX);
    long["data"]["metadata"] = json!({ "note": text });
    long["data"]["amount_net"] = json!(840);
    world.apply(long).await.expect("earns");
    assert_eq!(
        Value::Object(archived(&world).await[0].data.clone()),
        json!({"id": "pay_1", "amount": 1000, "currency": "EUR", "amount_net": 840})
    );
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_each_event_there_once() {
    let events = [
        payment("pay_1", "cust_1", 1000),
        refund("re_1", "pay_1", Some(300)),
        payment("pay_2", "cust_1", 5),
    ];
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!({})).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for event in &events {
                let event = world.event(event.clone()).expect("an event");
                let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                handled.await.expect("is handled");
            }
            let crashed = crash.came();
            for event in &events {
                world.apply(event.clone()).await.expect("repeats");
            }
            let expected = once(&["pay_1", "pay_2", "re_1"]);
            assert_eq!(counts(&world).await, expected, "call {call}, {phase:?}");
            if !crashed {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn duplicates_at_once_are_kept_once_and_in_the_order_of_the_log() {
    let world = Arc::new(world(json!({})).await);
    world
        .apply(payment("pay_0", "cust_1", 1000))
        .await
        .expect("enrols");
    let tasks = (0..24).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = payment(&format!("pay_{}", 1 + number % 6), "cust_1", 1000);
            let event = world.event(event).expect("an event");
            world
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled");
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
    let names = [
        "pay_0", "pay_1", "pay_2", "pay_3", "pay_4", "pay_5", "pay_6",
    ];
    assert_eq!(counts(&world).await, once(&names));
    let account = world.member("cust_1").await.account.id;
    let log = world.log(&account).await;
    let of_log = log.iter().map(|it| it.entry.source_id.clone());
    let of_archive = archived(&world).await.into_iter().map(|it| it.source_id);
    assert_eq!(of_archive.collect::<Vec<_>>(), of_log.collect::<Vec<_>>());
}
