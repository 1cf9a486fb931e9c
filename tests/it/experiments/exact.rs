//! Each event counts once into the figures: repeated, at once, or with a crash on the way.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_rules::experiment::standing::Figures;
use laurel_tests::{Crash, World, find_member, merge, payment, refund};
use serde_json::{Value, json};

use super::{check_sums, doubled, figures, world};

fn customers(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("cust_{number}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_with_repeats() {
    let world = Arc::new(world(doubled()).await);
    let racing = (0..120_usize).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            // Each event three times, at once; ten members with four payments each.
            let number = number % 40;
            let customer = format!("cust_{}", number % 10);
            let event = payment(&format!("pay_{number}"), &customer, 1000);
            let event = world.event(event).expect("an event");
            let ledger = world.another_ledger();
            while ledger.apply(&event).await.is_err() {}
        })
    });
    for done in join_all(racing).await {
        done.expect("no panic");
    }
    let sums = figures(&world).await;
    let (a, b) = (sums["a"], sums["b"]);
    assert_eq!(a.members + b.members, 10);
    assert_eq!(a.awarded_members + b.awarded_members, 10);
    assert_eq!(
        (a.awards, a.points, a.spend),
        (a.members * 4, a.members * 40, a.members * 4000)
    );
    assert_eq!(
        (b.awards, b.points, b.spend),
        (b.members * 4, b.members * 80, b.members * 4000)
    );
    assert_eq!(a.spend_squares, a.members * 4000 * 4000);
    check_sums(&world, &customers(10)).await;
}

/// A member who pays, has a part refunded, and is merged into another who paid.
async fn live(world: &World, crash: Option<(u64, Phase)>) -> bool {
    let crash = Crash::at(world, crash);
    let mut invoice = payment("in_1", "cust_1", 700);
    merge(&mut invoice, json!({"type": "invoice.paid"}));
    let events: [Value; 4] = [
        payment("pay_0", "cust_0", 1000),
        payment("pay_1", "cust_1", 3000),
        refund("re_1", "pay_1", Some(500)),
        invoice,
    ];
    for event in events {
        let event = world.event(event).expect("an event");
        let handled = crash.survive(async |ledger| ledger.apply(&event).await);
        handled.await.expect("is handled");
    }
    let id = async |customer: &str| {
        let found = crash.survive(async |ledger| find_member(&ledger, customer).await);
        found.await.expect("a member").account.id
    };
    let (source, target) = (id("cust_1").await, id("cust_0").await);
    let seed = laurel_ledger::Seed::fresh();
    let merged = crash.survive(async |ledger| ledger.merge_accounts(&source, &target, seed).await);
    merged.await.expect("a merge");
    crash.came()
}

/// How many members there are; what they did follows from that.
fn told(sums: &BTreeMap<String, Figures>) -> i128 {
    let sum = |of: fn(&Figures) -> i128| -> i128 { sums.values().map(of).sum() };
    let excluded = sum(|it| it.excluded_members);
    let (awards, spend) = if excluded == 0 { (2, 3500) } else { (0, 0) };
    assert_eq!((sum(|it| it.awards), sum(|it| it.spend)), (awards, spend));
    sum(|it| it.members) + excluded
}

#[tokio::test]
async fn a_crash_at_every_call_changes_nothing() {
    let untouched = world(doubled()).await;
    live(&untouched, None).await;
    assert_eq!(told(&figures(&untouched).await), 1);
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(doubled()).await;
            let came = live(&world, Some((call, phase))).await;
            assert_eq!(told(&figures(&world).await), 1, "{call} {phase:?}");
            check_sums(&world, &customers(1)).await;
            if !came {
                break;
            }
        }
    }
}
