//! Many writers at once, each with a ledger of its own, as processes have.

use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use laurel_ledger::{AdjustmentRequest, Error, Seed};
use laurel_rules::{Code, Outcome, decide::NewAccount};
use laurel_tests::{PROGRAM, World, payment, refund};
use serde_json::json;

async fn world(cap: serde_json::Value) -> Arc<World> {
    let rule = json!({
        "award": {"type": "per_amount", "per": 100, "points": 1}, "cap": cap, "window": "month",
    });
    Arc::new(World::with(json!({"auto_enroll": true}), &[rule]).await)
}

fn new_account(customer: &str) -> NewAccount {
    NewAccount {
        program: PROGRAM.to_owned(),
        customer: Some(customer.to_owned()),
        ..NewAccount::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_payments_racing_a_cap_never_exceed_it() {
    let world = world(json!({"points": 505})).await;
    let racing = (0..100).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let ledger = world.another_ledger();
            let event = payment(&format!("pay_{number}"), "cust_1", 1000);
            let event = world.event(event).expect("an event");
            ledger.apply(&event).await.expect("is handled")
        })
    });
    for outcome in join_all(racing).await {
        assert_eq!(outcome.expect("no panic").outcome, Outcome::Awarded);
    }
    let member = world.member("cust_1").await;
    assert_eq!(member.balance, 505);
    let log = world.log(&member.account.id).await;
    assert_eq!(log.len(), 100);
    let capped = log
        .iter()
        .filter(|view| view.transaction().uncapped_points.is_some())
        .count();
    assert_eq!(capped, 50, "one truncated to 5, the other 49 to nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_delivered_fifty_times_at_once_earns_once() {
    let world = world(json!(null)).await;
    let racing = (0..50).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = world
                .event(payment("pay_1", "cust_1", 1000))
                .expect("an event");
            world
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled")
        })
    });
    let outcomes = join_all(racing).await;
    let first = outcomes
        .iter()
        .filter(|o| !o.as_ref().expect("no panic").duplicate)
        .count();
    assert_eq!(first, 1);
    let member = world.member("cust_1").await;
    assert_eq!(
        (member.balance, world.log(&member.account.id).await.len()),
        (10, 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_adjustment_racing_earnings_loses_nothing() {
    let world = world(json!(null)).await;
    world
        .apply(payment("pay_first", "cust_1", 100_000))
        .await
        .expect("earns");
    let account = world.member("cust_1").await.account.id;
    let earning = (0..30).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = payment(&format!("pay_{number}"), "cust_1", 1000);
            let event = world.event(event).expect("an event");
            world.another_ledger().apply(&event).await.map(drop)
        })
    });
    let spending = (0..30).map(|_| {
        let (world, account) = (Arc::clone(&world), account.clone());
        tokio::spawn(async move {
            let request = AdjustmentRequest {
                account,
                amount: -20,
                reason: "race".to_owned(),
                allow_negative: false,
                lifetime: false,
                expires_at: None,
                metadata: std::collections::BTreeMap::new(),
                request: None,
            };
            world.another_ledger().adjust(request).await.map(drop)
        })
    });
    for done in join_all(earning.chain(spending)).await {
        done.expect("no panic").expect("is handled");
    }
    let member = world.member("cust_1").await;
    assert_eq!(member.balance, 1000 + 30 * 10 - 30 * 20);
    assert_eq!(member.account.lifetime_points, 1300);
    // The log numbers its entries without a gap, and each balance follows from the one before.
    let log = world.log(&account).await;
    let seqs: Vec<u64> = log.iter().map(|view| view.entry.seq).collect();
    assert_eq!(seqs, (2..=62).collect::<Vec<_>>());
    let mut balance = 0;
    for view in &log {
        balance += view.transaction().amount;
        assert_eq!(view.transaction().balance_after, balance);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_racing_each_other_take_back_exactly_the_award() {
    let world = world(json!(null)).await;
    world
        .apply(payment("pay_1", "cust_1", 999))
        .await
        .expect("earns");
    let racing = (0..9).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = refund(&format!("re_{number}"), "pay_1", Some(111));
            let event = world.event(event).expect("an event");
            world
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled")
        })
    });
    join_all(racing)
        .await
        .into_iter()
        .for_each(|done| drop(done.expect("no panic")));
    let member = world.member("cust_1").await;
    assert_eq!((member.balance, member.account.lifetime_points), (0, 9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_racing_its_refund_ends_alike_whoever_wins() {
    for round in 0..20 {
        let world = world(json!(null)).await;
        let (first, second) = (Arc::clone(&world), Arc::clone(&world));
        let pay = tokio::spawn(async move {
            let event = first
                .event(payment("pay_1", "cust_1", 1000))
                .expect("an event");
            first
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled");
        });
        let back = tokio::spawn(async move {
            let event = second
                .event(refund("re_1", "pay_1", Some(300)))
                .expect("an event");
            second
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled");
        });
        pay.await.expect("no panic");
        back.await.expect("no panic");
        let member = world.member("cust_1").await;
        assert_eq!(
            (member.balance, member.account.lifetime_points),
            (7, 10),
            "round {round}"
        );
        assert_eq!(
            world.log_text(&member.account.id).await,
            "earn 10, reverse -3"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_creates_of_one_customer_one_wins() {
    let world = world(json!(null)).await;
    let racing = (0..50).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            world
                .another_ledger()
                .create_account(new_account("c"), Seed::fresh())
                .await
        })
    });
    let mut created = Vec::new();
    let mut existing = BTreeSet::new();
    for done in join_all(racing).await {
        match done.expect("no panic") {
            Ok(view) => created.push(view.account.id),
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal.code, Code::AccountAlreadyExists);
                existing.extend(refusal.account);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(existing, BTreeSet::from([created[0].clone()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn enrolment_by_create_and_by_payment_at_once_makes_one_member() {
    for _ in 0..20 {
        let world = world(json!(null)).await;
        let (first, second) = (Arc::clone(&world), Arc::clone(&world));
        let create = tokio::spawn(async move {
            let ledger = &first.ledger;
            ledger.create_account(new_account("c"), Seed::fresh()).await
        });
        let pay = tokio::spawn(async move {
            let event = second.event(payment("pay_1", "c", 1000)).expect("an event");
            second
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled")
        });
        let created = create.await.expect("no panic");
        let paid = pay.await.expect("no panic");
        let member = world.member("c").await;
        assert_eq!(paid.account.as_ref(), Some(&member.account.id));
        assert_eq!(member.balance, 10);
        match created {
            Ok(view) => assert_eq!(view.account.id, member.account.id),
            Err(error) => assert_eq!(error.refusal().account, Some(member.account.id)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_default_program_is_there_for_all_who_ask_first_at_once() {
    let world = Arc::new(World::empty().await);
    let racing = (0..20).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let ledger = world.another_ledger();
            let event = payment(&format!("pay_{number}"), "cust_1", 1000);
            let event = world.event(event).expect("an event");
            let outcome = ledger.apply(&event).await.expect("is handled");
            (
                outcome.outcome,
                ledger.program(PROGRAM).await.expect("a program"),
            )
        })
    });
    let mut programs = Vec::new();
    for done in join_all(racing).await {
        let (outcome, program) = done.expect("no panic");
        assert_eq!(outcome, Outcome::Unlinked, "nobody is enrolled unasked");
        programs.push(program);
    }
    programs.dedup();
    assert_eq!(programs.len(), 1);
}
