//! Closing and reopening accounts, what becomes of their names, and what shops tell of customers.

use std::sync::Arc;

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_events::outgoing;
use laurel_ledger::{AdjustmentRequest, Error, Seed};
use laurel_rules::{
    Account, Code, Outcome,
    account::Status,
    decide::{AccountChange, NewAccount},
    entry::Seal,
};
use laurel_tests::{Crash, PROGRAM, World, payment, refund};
use serde_json::json;

async fn world() -> Arc<World> {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    Arc::new(World::with(json!({"auto_enroll": true}), &[rule]).await)
}

/// The account but for the seal of its log, which is set where it is written.
fn unsealed(account: Account) -> Account {
    Account {
        seal: Seal::default(),
        ..account
    }
}

fn named(customer: &str) -> NewAccount {
    NewAccount {
        program: PROGRAM.to_owned(),
        customer: Some(customer.to_owned()),
        ..NewAccount::default()
    }
}

fn refusal(result: Result<impl std::fmt::Debug, Error>) -> (Code, Option<String>) {
    let refusal = result.expect_err("is refused").refusal();
    (refusal.code, refusal.account)
}

#[tokio::test]
async fn a_closed_account_earns_nothing_and_keeps_what_it_has() {
    let world = world().await;
    world
        .apply(payment("pay_1", "c", 1000))
        .await
        .expect("earns");
    let id = world.member("c").await.account.id;
    for _ in 0..2 {
        let closed = world.ledger.close_account(&id).await.expect("is closed");
        assert_eq!(
            (closed.account.status, closed.balance),
            (Status::Closed, 10)
        );
        assert_eq!(closed.account.seq, 3, "closing it again writes nothing");
    }
    let missed = world
        .apply(payment("pay_2", "c", 1000))
        .await
        .expect("is handled");
    assert_eq!(
        (missed.outcome, missed.account.as_ref()),
        (Outcome::AccountClosed, Some(&id))
    );
    let adjustment = AdjustmentRequest {
        account: id.clone(),
        amount: 5,
        reason: "test".to_owned(),
        allow_negative: false,
        lifetime: false,
        expires_at: None,
        metadata: std::collections::BTreeMap::new(),
        request: None,
    };
    let refused = world.ledger.adjust(adjustment).await;
    assert_eq!(refusal(refused).0, Code::AccountClosed);
    // A refund takes back what was earned all the same.
    let back = world.apply(refund("re_1", "pay_1", Some(400))).await;
    assert_eq!(back.expect("takes back").outcome, Outcome::Reversed);
    for _ in 0..2 {
        let open = world.ledger.reopen_account(&id).await.expect("is open");
        assert_eq!((open.account.status, open.balance), (Status::Active, 6));
    }
    let earns = world
        .apply(payment("pay_2", "c", 1000))
        .await
        .expect("is handled");
    assert_eq!(
        earns.outcome,
        Outcome::Awarded,
        "the first try left no trace"
    );
}

#[tokio::test]
async fn closing_frees_the_names_and_reopening_asks_for_them() {
    let world = world().await;
    let first = world.create("c").await;
    world.ledger.close_account(&first).await.expect("is closed");
    let second = world.create("c").await;
    assert_ne!(first, second);
    assert_eq!(world.member("c").await.account.id, second);
    let taken = world.ledger.reopen_account(&first).await;
    let expected = (Code::AccountAlreadyExists, Some(second.clone()));
    assert_eq!(refusal(taken), expected);
    // What it is called tells whether it may be opened, so it stays.
    let renamed = AccountChange {
        customer: Some(Some("d".to_owned())),
        ..AccountChange::default()
    };
    let refused = world.ledger.update_account(&first, &renamed).await;
    assert_eq!(refusal(refused).0, Code::AccountClosed);
    // An event names the second, by the id that follows from the customer too.
    let paid = world
        .apply(payment("pay_1", "c", 1000))
        .await
        .expect("earns");
    assert_eq!(paid.account.as_ref(), Some(&second));
    world
        .ledger
        .close_account(&second)
        .await
        .expect("is closed");
    world.ledger.reopen_account(&first).await.expect("is open");
    let paid = world
        .apply(payment("pay_2", "c", 1000))
        .await
        .expect("earns");
    assert_eq!(paid.account.as_ref(), Some(&first));
    let taken = world.ledger.reopen_account(&second).await;
    assert_eq!(refusal(taken).1, Some(first.clone()));
    // Another account may take the name by a change, too.
    let third = world.create("e").await;
    world.ledger.close_account(&first).await.expect("is closed");
    let renamed = AccountChange {
        customer: Some(Some("c".to_owned())),
        ..AccountChange::default()
    };
    world
        .ledger
        .update_account(&third, &renamed)
        .await
        .expect("is free");
    assert_eq!(world.member("c").await.account.id, third);
    assert!(world.find_member("e").await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_customer_never_has_two_active_accounts() {
    for round in 0..20 {
        let world = world().await;
        let first = world.create("c").await;
        world.ledger.close_account(&first).await.expect("is closed");
        let reopening = tokio::spawn({
            let (world, first) = (Arc::clone(&world), first.clone());
            async move { world.another_ledger().reopen_account(&first).await.is_ok() }
        });
        let creating = tokio::spawn({
            let world = Arc::clone(&world);
            async move {
                let ledger = world.another_ledger();
                ledger
                    .create_account(named("c"), Seed::fresh())
                    .await
                    .is_ok()
            }
        });
        let won = [
            reopening.await.expect("no panic"),
            creating.await.expect("no panic"),
        ];
        assert_eq!(
            won.iter().filter(|won| **won).count(),
            1,
            "round {round}: {won:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn payments_racing_a_close_count_wholly_or_not_at_all() {
    let world = world().await;
    let id = world.create("c").await;
    let earning = (0..40).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = payment(&format!("pay_{number}"), "c", 1000);
            let event = world.event(event).expect("an event");
            world
                .another_ledger()
                .apply(&event)
                .await
                .expect("is handled")
                .outcome
        })
    });
    let earning: Vec<_> = earning.collect();
    world
        .another_ledger()
        .close_account(&id)
        .await
        .expect("is closed");
    let mut counted = 0;
    for outcome in join_all(earning).await {
        match outcome.expect("no panic") {
            Outcome::Awarded => counted += 10,
            outcome => assert_eq!(outcome, Outcome::AccountClosed),
        }
    }
    let account = world.ledger.account(&id).await.expect("an account");
    assert_eq!(
        (account.balance, account.account.lifetime_points),
        (counted, counted)
    );
}

#[tokio::test]
async fn an_account_may_bring_its_id() {
    let world = world().await;
    let imported = |customer: &str| NewAccount {
        id: Some("loy_old_7".to_owned()),
        ..named(customer)
    };
    let seed = Seed::fresh();
    for _ in 0..2 {
        let made = world.ledger.create_account(imported("c"), seed).await;
        assert_eq!(made.expect("an account").account.id, "loy_old_7");
    }
    for customer in ["c", "d"] {
        let taken = world
            .ledger
            .create_account(imported(customer), Seed::fresh())
            .await;
        let expected = (Code::AccountAlreadyExists, Some("loy_old_7".to_owned()));
        assert_eq!(refusal(taken), expected);
    }
    let paid = world
        .apply(payment("pay_1", "c", 1000))
        .await
        .expect("earns");
    assert_eq!(paid.account.as_deref(), Some("loy_old_7"));
    // The same request for a customer without an id finds its account too.
    let seed = Seed::fresh();
    let first = world
        .ledger
        .create_account(named("e"), seed)
        .await
        .expect("an account");
    let again = world
        .ledger
        .create_account(named("e"), seed)
        .await
        .expect("the same");
    assert_eq!(unsealed(first.account), unsealed(again.account));
}

#[tokio::test]
async fn what_a_shop_tells_of_its_customers_changes_their_accounts() {
    let world = world().await;
    let (c, d) = (world.create("c").await, world.create("d").await);
    let told = |event: &str, kind: &str, data| json!({"type": kind, "id": event, "data": data});
    let update = |event: &str, id: &str, email: &str| {
        told(event, "customer.updated", json!({"id": id, "email": email}))
    };
    for (event, email) in [("evt_1", "One@example.com"), ("evt_2", "two@example.com")] {
        let done = world
            .apply(update(event, "c", email))
            .await
            .expect("is handled");
        assert_eq!(
            (done.outcome, done.account.as_ref()),
            (Outcome::Processed, Some(&c))
        );
    }
    // An old one again changes nothing.
    let again = world.apply(update("evt_1", "c", "One@example.com")).await;
    assert!(again.expect("repeats").duplicate);
    let email = |view: laurel_ledger::AccountView| view.account.email;
    assert_eq!(
        email(world.member("c").await).as_deref(),
        Some("two@example.com")
    );
    // Another's address stays another's, and no event fails for it.
    let taken = world.apply(update("evt_3", "d", "two@example.com")).await;
    assert_eq!(taken.expect("is handled").outcome, Outcome::Processed);
    assert_eq!(email(world.member("d").await), None);
    let unknown = world
        .apply(update("evt_4", "nobody", "x@example.com"))
        .await;
    assert_eq!(unknown.expect("is handled").outcome, Outcome::Unlinked);
    let gone = told("evt_5", "customer.deleted", json!({"id": "c"}));
    let done = world.apply(gone.clone()).await.expect("is handled");
    assert_eq!(
        (done.outcome, done.account.as_ref()),
        (Outcome::Processed, Some(&c))
    );
    assert_eq!(world.member("c").await.account.status, Status::Closed);
    world.ledger.reopen_account(&c).await.expect("is open");
    assert!(world.apply(gone).await.expect("repeats").duplicate);
    assert_eq!(world.member("c").await.account.status, Status::Active);
    let closed = world
        .ledger
        .close_account(&d)
        .await
        .expect("is closed")
        .account;
    let late = world.apply(update("evt_6", "d", "d@example.com")).await;
    assert_eq!(late.expect("is handled").outcome, Outcome::AccountClosed);
    // Each change is told of once, with what caused it; what changed nothing is not.
    let mut entries = crate::liability::entries(&world).await;
    entries.retain(|entry| entry.account == c);
    entries.sort_by_key(|entry| entry.seq);
    let told = entries.iter().flat_map(outgoing);
    let told: Vec<String> = told.map(|event| event.event_type).collect();
    assert_eq!(
        told,
        [
            "loyalty.account.created",
            "loyalty.account.updated",
            "loyalty.account.updated",
            "loyalty.account.closed",
            "loyalty.account.reopened",
        ]
    );
    let causes: Vec<(&str, &str)> = entries[1..4]
        .iter()
        .map(|entry| (entry.trigger.as_str(), entry.source_id.as_str()))
        .collect();
    assert_eq!(
        causes,
        [
            ("customer.updated", "evt_1"),
            ("customer.updated", "evt_2"),
            ("customer.deleted", "c"),
        ]
    );
    let stored = world.ledger.account(&d).await.expect("d").account;
    assert_eq!(unsealed(stored), unsealed(closed));
}

#[tokio::test]
async fn closing_and_reopening_survive_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world().await;
            world
                .apply(payment("pay_1", "c", 1000))
                .await
                .expect("earns");
            let id = world.member("c").await.account.id;
            let crash = Crash::at(&world, Some((call, phase)));
            let closed = crash.survive(async |ledger| ledger.close_account(&id).await);
            assert_eq!(closed.await.expect("closes").account.status, Status::Closed);
            let open = crash.survive(async |ledger| ledger.reopen_account(&id).await);
            assert_eq!(open.await.expect("opens").account.status, Status::Active);
            let crashed = crash.came();
            let member = world.member("c").await;
            assert_eq!(
                (member.balance, member.account.seq),
                (10, 4),
                "call {call}, {phase:?}"
            );
            if !crashed {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}
