//! Store credit that is spent: reserved, confirmed, canceled, expired, by request, by time, by
//! payments and refunds; and rewards that pay it out.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use clock::Clock;
use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_events::outgoing;
use laurel_ledger::{
    CreditAdjustmentRequest, CreditFilter, CreditView, Ledger, PageRequest, Seed, TimeRange,
};
use laurel_rules::{
    Redemption,
    decide::{Act, Redeem, Wanted},
    entry::TransactionType,
    redemption::RedemptionStatus,
    store_credit::Money,
};
use laurel_tests::{
    Crash, World, at, merge, payment, refund,
    rewards::{outcome, used_by, wish},
};
use serde_json::{Value, json};

async fn world() -> World {
    World::with(json!({"auto_enroll": true}), &[]).await
}

/// Gives store credit in euros, until `expires_at`.
async fn give(world: &World, account: &str, amount: i64, expires_at: Option<&str>) {
    let request = CreditAdjustmentRequest {
        account: account.to_owned(),
        currency: "EUR".to_owned(),
        amount,
        reason: "a gift".to_owned(),
        allow_negative: false,
        expires_at: Some(expires_at.map(at)),
        metadata: BTreeMap::new(),
        request: world.ledger.new_id("adj_"),
    };
    world
        .ledger
        .adjust_store_credit(request)
        .await
        .expect("a gift");
}

fn spend(account: &str, amount: i64, reserve: bool) -> Redeem {
    Redeem {
        id: Ledger::redemption_id(account, Seed::fresh()),
        account: account.to_owned(),
        wanted: Wanted::StoreCredit(Money {
            amount,
            currency: "EUR".to_owned(),
        }),
        reserve_minutes: reserve.then_some(30),
        metadata: BTreeMap::new(),
    }
}

async fn read(world: &World, id: &str) -> Redemption {
    world.ledger.redemption(id).await.expect("it").redemption
}

/// What there is in euros: to spend, and reserved.
async fn euros(world: &World, account: &str) -> (i64, i64) {
    let view = world.ledger.account(account).await.expect("an account");
    let euros = view.store_credit.iter().find(|it| it.currency == "EUR");
    euros.map_or((0, 0), |euros| (euros.balance, euros.reserved))
}

async fn log(world: &World, account: &str) -> Vec<CreditView> {
    let filter = CreditFilter {
        account: account.to_owned(),
        currency: None,
        kind: None,
        created: TimeRange::default(),
    };
    let all = PageRequest {
        limit: 1000,
        ..PageRequest::default()
    };
    let page = world.ledger.store_credit_transactions(&filter, &all).await;
    page.expect("a list").data.into_iter().rev().collect()
}

/// The log in words, and that its sum is what can be spent, also after each, and that what a
/// redemption did says which.
async fn told(world: &World, account: &str) -> String {
    let log = log(world, account).await;
    let sum: i64 = log.iter().map(|view| view.transaction().amount).sum();
    assert_eq!(sum, euros(world, account).await.0);
    let mut balance = 0;
    for view in &log {
        let made = view.transaction();
        balance += made.amount;
        assert_eq!(made.balance_after, balance, "{made:?}");
        let is_of_a_redemption = matches!(
            made.kind,
            TransactionType::Redeem | TransactionType::Reverse | TransactionType::Earn
        );
        assert_eq!(made.redemption.is_some(), is_of_a_redemption, "{made:?}");
    }
    let words = log.iter().map(|view| {
        let made = view.transaction();
        format!("{} {}", made.kind.as_str(), made.amount)
    });
    words.collect::<Vec<_>>().join(", ")
}

fn naming(id: &str, redemption: &str) -> Value {
    let mut payment = payment(id, "cust_1", 1000);
    merge(
        &mut payment["data"],
        json!({"metadata": {"redemption": redemption}}),
    );
    payment
}

#[tokio::test]
async fn it_is_reserved_then_confirmed_or_canceled() {
    let world = world().await;
    let account = world.create("cust_1").await;
    give(&world, &account, 1500, None).await;
    let (first, second) = (spend(&account, 600, true), spend(&account, 400, true));
    let made = world.ledger.redeem(&first).await.expect("reserved");
    let again = world.ledger.redeem(&first).await.expect("reserved");
    assert_eq!(made, again, "the same request is the same redemption");
    world.ledger.redeem(&second).await.expect("reserved");
    assert_eq!(euros(&world, &account).await, (500, 1000));
    let confirmed = world.ledger.act_on_redemption(&first.id, &Act::Confirm);
    assert_eq!(outcome(confirmed.await), "confirmed");
    let canceled = world.ledger.act_on_redemption(&second.id, &Act::Cancel);
    assert_eq!(outcome(canceled.await), "canceled");
    assert_eq!(euros(&world, &account).await, (900, 0));
    assert_eq!(
        told(&world, &account).await,
        "adjust 1500, redeem -600, redeem -400, reverse 400"
    );
    let log = log(&world, &account).await;
    let made = read(&world, &second.id).await;
    assert_eq!(made.transaction, Some(log[2].id().to_string()));
    assert_eq!(made.reversal, Some(log[3].id().to_string()));
    assert_eq!(log[3].transaction().redemption, Some(second.id));
    let events = outgoing(&log[3].entry).into_iter();
    let events: Vec<String> = events.map(|event| event.event_type).collect();
    assert_eq!(
        events,
        ["redemption.canceled", "loyalty.store_credit.returned"]
    );
    // A confirmed one is worth that much at a checkout, can be used once, and not returned then.
    let act = used_by("a");
    let used = world.ledger.act_on_redemption(&first.id, &act);
    assert_eq!(outcome(used.await), "used");
    let canceled = world.ledger.act_on_redemption(&first.id, &Act::Cancel);
    assert_eq!(outcome(canceled.await), "redemption_used");
    // Points were never touched.
    assert_eq!(world.log_text(&account).await, "");
}

#[tokio::test]
async fn a_reservation_comes_back_by_itself_to_what_it_came_from() {
    let world = world().await;
    let account = world.create("cust_1").await;
    give(&world, &account, 300, Some("2026-11-20T12:10:00Z")).await;
    give(&world, &account, 500, None).await;
    let redeem = spend(&account, 400, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    world.clock.set(at("2026-11-20T12:29:59.999Z"));
    assert_eq!(euros(&world, &account).await, (400, 400));
    // 300 of it had expired meanwhile: they come back and expire at once.
    world.clock.set(at("2026-11-20T12:30:00Z"));
    assert_eq!(euros(&world, &account).await, (500, 0));
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Expired
    );
    for written in [1, 0] {
        let swept = Clock::new(world.another_ledger())
            .sweep(Instant::now() + Duration::from_secs(600))
            .await;
        assert_eq!(swept.written, written);
    }
    assert_eq!(
        told(&world, &account).await,
        "adjust 300, adjust 500, redeem -400, reverse 400, expire -300"
    );
    let log = log(&world, &account).await;
    assert_eq!(log[4].transaction().of, Some(log[0].id()));
    let half_past = Some(at("2026-11-20T12:30:00Z"));
    for view in &log[3..] {
        assert_eq!(view.transaction().occurred_at, half_past);
    }
    assert_eq!(
        read(&world, &redeem.id).await.reversal,
        Some(log[3].id().to_string())
    );
    let late = world.ledger.act_on_redemption(&redeem.id, &Act::Confirm);
    assert_eq!(outcome(late.await), "redemption_not_reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_racing_redemptions_with_funds_for_one_one_succeeds() {
    let world = Arc::new(world().await);
    let account = world.create("cust_1").await;
    give(&world, &account, 1500, None).await;
    let racing = (0..50).map(|number| {
        let (world, account) = (Arc::clone(&world), account.clone());
        tokio::spawn(async move {
            let redeem = spend(&account, 1000, number % 2 == 0);
            outcome(world.another_ledger().redeem(&redeem).await)
        })
    });
    let mut taken = 0;
    for outcome in join_all(racing).await {
        match outcome.expect("no panic") {
            "reserved" | "confirmed" => taken += 1,
            refused => assert_eq!(refused, "insufficient_store_credit"),
        }
    }
    assert_eq!(taken, 1);
    assert_eq!(euros(&world, &account).await.0, 500);
    assert_eq!(log(&world, &account).await.len(), 2);
}

#[tokio::test]
async fn a_payment_confirms_it_and_its_full_refund_returns_it() {
    let world = world().await;
    let account = world.create("cust_1").await;
    give(&world, &account, 1500, None).await;
    let redeem = spend(&account, 600, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    for _ in 0..2 {
        let paid = naming("pay_1", &redeem.id);
        world.apply(paid).await.expect("is handled");
        let made = read(&world, &redeem.id).await;
        assert_eq!(made.status, RedemptionStatus::Confirmed);
        assert_eq!(made.payment.as_deref(), Some("pay_1"));
        assert_eq!(euros(&world, &account).await, (900, 0));
    }
    // A part of the money brings back its share, the rest all of it, once.
    for (id, amount, expected) in [
        ("re_1", Some(999), 1499),
        ("re_2", None, 1500),
        ("re_2", None, 1500),
        ("re_3", None, 1500),
    ] {
        let refunded = refund(id, "pay_1", amount);
        world.apply(refunded).await.expect("is handled");
        assert_eq!(euros(&world, &account).await.0, expected, "{id}");
    }
    assert_eq!(
        told(&world, &account).await,
        "adjust 1500, redeem -600, reverse 599, reverse 1"
    );
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Canceled
    );
}

#[tokio::test]
async fn it_survives_a_crash_at_every_call() {
    for act in [Act::Confirm, Act::Cancel] {
        let mut expected = None;
        for phase in [Phase::Request, Phase::Answer] {
            for call in 0.. {
                let world = world().await;
                let account = world.create("cust_1").await;
                give(&world, &account, 1500, None).await;
                let redeem = spend(&account, 600, true);
                let crash = Crash::at(&world, expected.is_some().then_some((call, phase)));
                let made = crash.survive(async |ledger| ledger.redeem(&redeem).await);
                made.await.expect("reserved");
                let done = crash
                    .survive(async |ledger| ledger.act_on_redemption(&redeem.id, &act).await)
                    .await;
                done.expect("done");
                let crashed = crash.came();
                let state = (
                    told(&world, &account).await,
                    euros(&world, &account).await,
                    read(&world, &redeem.id).await.status,
                );
                let Some(expected) = &expected else {
                    expected = Some(state);
                    continue;
                };
                assert_eq!(state, *expected, "crash at call {call}, {phase:?}");
                if !crashed {
                    assert!(call > 3, "there was hardly a call to crash at");
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn reservations_move_with_a_merge() {
    for act in [Some(Act::Confirm), Some(Act::Cancel), None] {
        let world = world().await;
        let (source, target) = (world.create("a").await, world.create("b").await);
        give(&world, &source, 1500, None).await;
        give(&world, &target, 100, None).await;
        let redeem = spend(&source, 600, true);
        world.ledger.redeem(&redeem).await.expect("reserved");
        world.merge(&source, &target).await;
        assert_eq!(euros(&world, &target).await, (1000, 600));
        let expected = match &act {
            Some(act) => {
                let done = world.ledger.act_on_redemption(&redeem.id, act).await;
                done.expect("done");
                if *act == Act::Confirm { 1000 } else { 1600 }
            }
            None => {
                world.clock.set(at("2026-11-20T13:00:00Z"));
                1600
            }
        };
        assert_eq!(euros(&world, &target).await, (expected, 0), "{act:?}");
        // A confirmed one can still be canceled, to the lots of the account that is no more.
        if act == Some(Act::Confirm) {
            let done = world
                .ledger
                .act_on_redemption(&redeem.id, &Act::Cancel)
                .await;
            assert_eq!(outcome(done), "canceled");
            assert_eq!(euros(&world, &target).await, (1600, 0));
        }
    }
}

#[tokio::test]
async fn closing_cancels_what_is_reserved() {
    let world = world().await;
    let account = world.create("cust_1").await;
    give(&world, &account, 1500, None).await;
    let redeem = spend(&account, 600, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    world.ledger.close_account(&account).await.expect("closes");
    assert_eq!(euros(&world, &account).await, (1500, 0));
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Canceled
    );
    let refused = world.ledger.redeem(&spend(&account, 1, true)).await;
    assert_eq!(outcome(refused), "account_closed");
}

#[tokio::test]
async fn a_reward_pays_it_out_when_it_is_confirmed() {
    let world = world().await;
    let value = json!({"type": "store_credit", "amount": 500, "currency": "EUR"});
    let reward = world.add_reward(json!({"value": value})).await;
    let anna = world.rich("cust_1", 300).await;
    let (at_once, reserved) = (wish(&anna, &reward, false), wish(&anna, &reward, true));
    world.ledger.redeem(&at_once).await.expect("redeemed");
    world.ledger.redeem(&reserved).await.expect("reserved");
    assert_eq!(euros(&world, &anna).await, (500, 0));
    for _ in 0..2 {
        let confirmed = world.ledger.act_on_redemption(&reserved.id, &Act::Confirm);
        assert_eq!(outcome(confirmed.await), "confirmed");
    }
    assert_eq!(euros(&world, &anna).await, (1000, 0));
    assert_eq!(world.balance(&anna).await, 100);
    // It can be taken back as long as all of it is there.
    let canceled = world.ledger.act_on_redemption(&reserved.id, &Act::Cancel);
    assert_eq!(outcome(canceled.await), "canceled");
    assert_eq!(world.balance(&anna).await, 200);
    assert_eq!(
        told(&world, &anna).await,
        "earn 500, earn 500, reverse -500"
    );
    let spent = world.ledger.redeem(&spend(&anna, 1, false)).await;
    assert_eq!(outcome(spent), "confirmed");
    let canceled = world.ledger.act_on_redemption(&at_once.id, &Act::Cancel);
    assert_eq!(outcome(canceled.await), "redemption_used");
    assert_eq!(euros(&world, &anna).await, (499, 0));
}

#[tokio::test]
async fn what_a_reward_pays_out_expires_as_the_program_has_it() {
    let settings = json!({"auto_enroll": true, "store_credit_expires": {"after": "P2D"}});
    let world = World::with(settings, &[]).await;
    let value = json!({"type": "store_credit", "amount": 500, "currency": "EUR"});
    let reward = world.add_reward(json!({"value": value})).await;
    let anna = world.rich("cust_1", 100).await;
    let redeemed = world.ledger.redeem(&wish(&anna, &reward, false)).await;
    let id = redeemed.expect("redeemed").redemption.id;
    let log = log(&world, &anna).await;
    let paid_out = log[0].transaction();
    assert_eq!(paid_out.redemption, Some(id.clone()));
    assert_eq!(paid_out.expires_at, Some(at("2026-11-22T12:00:00Z")));
    assert_eq!(
        read(&world, &id).await.payout,
        Some(log[0].id().to_string())
    );
    world.clock.set(at("2026-11-22T12:00:00Z"));
    assert_eq!(euros(&world, &anna).await, (0, 0));
    let canceled = world.ledger.act_on_redemption(&id, &Act::Cancel).await;
    assert_eq!(outcome(canceled), "redemption_used", "it has expired");
}
