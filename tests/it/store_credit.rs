//! Store credit: a ledger per currency beside that of points.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use clock::Clock;
use futures::future::join_all;
use jiff::Timestamp;
use laurel::embedded::Phase;
use laurel_events::outgoing;
use laurel_ledger::{
    CreditAdjustmentRequest, CreditFilter, CreditView, Error, Ledger, PageRequest, TimeRange,
};
use laurel_rules::{Code, entry::TransactionType};
use laurel_tests::{Crash, World, at, payment};
use serde_json::json;

async fn world() -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    World::with(
        json!({"auto_enroll": true, "store_credit_expires": {"after": "P1M"}}),
        &[rule],
    )
    .await
}

fn given(account: &str, request: &str, amount: i64) -> CreditAdjustmentRequest {
    CreditAdjustmentRequest {
        account: account.to_owned(),
        currency: "EUR".to_owned(),
        amount,
        reason: "Return without receipt".to_owned(),
        allow_negative: false,
        expires_at: None,
        metadata: std::collections::BTreeMap::new(),
        request: request.to_owned(),
    }
}

/// What a list shows first.
async fn listed(world: &World, filter: &CreditFilter) -> Vec<CreditView> {
    let request = PageRequest::default();
    let page = world.ledger.store_credit_transactions(filter, &request);
    page.await.expect("a list").data
}

async fn adjust(ledger: &Ledger, request: CreditAdjustmentRequest) -> Result<CreditView, Error> {
    ledger.adjust_store_credit(request).await
}

fn code(answer: Result<CreditView, Error>) -> Option<Code> {
    match answer {
        Err(Error::Refused(refusal)) => Some(refusal.code),
        _ => None,
    }
}

/// The log of one currency, oldest first, each with the balance after it.
async fn log(world: &World, account: &str, currency: &str) -> Vec<(TransactionType, i64, i64)> {
    let filter = CreditFilter {
        account: account.to_owned(),
        currency: Some(currency.to_owned()),
        kind: None,
        created: TimeRange::default(),
    };
    let all = PageRequest {
        limit: 1000,
        ..PageRequest::default()
    };
    let page = world.ledger.store_credit_transactions(&filter, &all).await;
    let data = page.expect("a list").data.into_iter().rev();
    let told = data.map(|view| {
        let made = view.transaction();
        (made.kind, made.amount, made.balance_after)
    });
    told.collect()
}

/// What the account has by currency: `EUR 1500, USD 20`.
async fn balances(world: &World, account: &str) -> String {
    let view = world.ledger.account(account).await.expect("an account");
    let told = view.store_credit.iter();
    let told = told.map(|credit| format!("{} {}", credit.currency, credit.balance));
    told.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn each_currency_has_a_balance_of_its_own_beside_points() {
    let world = world().await;
    let account = world.create("a").await;
    let paid = payment("pay_1", "a", 4200);
    world.apply(paid).await.expect("earns");
    let dollars = CreditAdjustmentRequest {
        currency: "USD".to_owned(),
        ..given(&account, "adj_2", 700)
    };
    let first = adjust(&world.ledger, given(&account, "adj_1", 1500)).await;
    adjust(&world.ledger, dollars).await.expect("gives");
    adjust(&world.ledger, given(&account, "adj_3", -400))
        .await
        .expect("takes");
    assert_eq!(balances(&world, &account).await, "EUR 1100, USD 700");
    assert_eq!(
        log(&world, &account, "EUR").await,
        [
            (TransactionType::Adjust, 1500, 1500),
            (TransactionType::Adjust, -400, 1100)
        ]
    );
    // Points know nothing of it.
    let view = world.ledger.account(&account).await.expect("an account");
    assert_eq!((view.balance, view.account.lifetime_points), (42, 42));
    assert_eq!(world.log_text(&account).await, "earn 42");
    // It is found by its id, and announced under it.
    let first = first.expect("gives");
    let found = world
        .ledger
        .store_credit_transaction(&first.id().to_string())
        .await;
    assert_eq!(found.expect("is there"), first);
    let told = outgoing(&first.entry);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event_type, "loyalty.store_credit.adjusted");
    assert_eq!(told[0].data["transaction"], first.id().to_string());
    let event = world.ledger.emitted_event(&told[0].id).await;
    assert_eq!(event.expect("is there"), told[0]);
    // What is used up leaves nothing behind.
    adjust(&world.ledger, given(&account, "adj_4", -1100))
        .await
        .expect("takes");
    assert_eq!(balances(&world, &account).await, "USD 700");
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_another_content_is_refused() {
    let world = world().await;
    let account = world.create("a").await;
    let first = adjust(&world.ledger, given(&account, "adj_1", 1500)).await;
    let first = first.expect("gives");
    let again = adjust(&world.another_ledger(), given(&account, "adj_1", 1500)).await;
    assert_eq!(again.expect("answers"), first);
    let other = adjust(&world.ledger, given(&account, "adj_1", 1600)).await;
    assert_eq!(code(other), Some(Code::IdempotencyKeyReused));
    assert_eq!(log(&world, &account, "EUR").await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_taken_or_given_is_refused() {
    let world = world().await;
    let account = world.create("a").await;
    let euros = |request: &str, amount| given(&account, request, amount);
    adjust(&world.ledger, euros("adj_1", 100))
        .await
        .expect("gives");
    let (now, later) = (world.ledger.now(), at("2027-01-01T00:00:00Z"));
    let table = [
        (euros("adj_2", -101), Code::InsufficientStoreCredit),
        (euros("adj_3", 0), Code::ParameterInvalid),
        (euros("adj_4", i64::MAX), Code::ParameterInvalid),
        (
            CreditAdjustmentRequest {
                expires_at: Some(Some(now)),
                ..euros("adj_5", 1)
            },
            Code::ParameterInvalid,
        ),
        (
            CreditAdjustmentRequest {
                expires_at: Some(Some(later)),
                ..euros("adj_6", -1)
            },
            Code::ParameterInvalid,
        ),
        (
            euros("adj_7", laurel_rules::POINTS_MAX),
            Code::PointsOutOfRange,
        ),
        (
            CreditAdjustmentRequest {
                currency: "USD".to_owned(),
                ..euros("adj_8", -1)
            },
            Code::InsufficientStoreCredit,
        ),
        (given("loy_none", "adj_9", 1), Code::ResourceMissing),
    ];
    for (request, expected) in table {
        let told = format!("{request:?}");
        assert_eq!(
            code(adjust(&world.ledger, request).await),
            Some(expected),
            "{told}"
        );
    }
    assert_eq!(balances(&world, &account).await, "EUR 100");
    // Where it may, the balance goes below zero, and what is given later repays it.
    let below = CreditAdjustmentRequest {
        allow_negative: true,
        ..euros("adj_10", -250)
    };
    adjust(&world.ledger, below).await.expect("takes");
    assert_eq!(balances(&world, &account).await, "EUR -150");
    adjust(&world.ledger, euros("adj_11", 200))
        .await
        .expect("gives");
    assert_eq!(balances(&world, &account).await, "EUR 50");
    world.ledger.close_account(&account).await.expect("closes");
    let closed = adjust(&world.ledger, euros("adj_12", 1)).await;
    assert_eq!(code(closed), Some(Code::AccountClosed));
    assert_eq!(balances(&world, &account).await, "EUR 50");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_racing_spends_with_funds_for_one_one_succeeds() {
    let world = Arc::new(world().await);
    let account = world.create("a").await;
    adjust(&world.ledger, given(&account, "adj_0", 1500))
        .await
        .expect("gives");
    let racing = (1..=50).map(|number| {
        let (world, account) = (Arc::clone(&world), account.clone());
        tokio::spawn(async move {
            let request = given(&account, &format!("adj_{number}"), -1000);
            adjust(&world.another_ledger(), request).await
        })
    });
    let mut taken = 0;
    for answer in join_all(racing).await {
        match answer.expect("no panic") {
            Ok(_) => taken += 1,
            refused => assert_eq!(code(refused), Some(Code::InsufficientStoreCredit)),
        }
    }
    assert_eq!(taken, 1);
    assert_eq!(balances(&world, &account).await, "EUR 500");
    assert_eq!(log(&world, &account, "EUR").await.len(), 2);
}

#[tokio::test]
async fn an_adjustment_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world().await;
            let account = world.create("a").await;
            let crash = Crash::at(&world, Some((call, phase)));
            for (request, amount) in [("adj_1", 1500), ("adj_2", -400)] {
                let given = given(&account, request, amount);
                let done = crash
                    .survive(async |ledger| adjust(&ledger, given.clone()).await)
                    .await;
                done.expect("is done");
            }
            let crashed = crash.came();
            let log = log(&world, &account, "EUR").await;
            assert_eq!(
                log,
                [
                    (TransactionType::Adjust, 1500, 1500),
                    (TransactionType::Adjust, -400, 1100)
                ],
                "crash at call {call}, {phase:?}"
            );
            assert_eq!(balances(&world, &account).await, "EUR 1100");
            if !crashed {
                assert!(call > 3, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn it_expires_at_its_millisecond_and_what_expires_first_is_spent_first() {
    let world = world().await;
    let account = world.create("a").await;
    let never = CreditAdjustmentRequest {
        expires_at: Some(None),
        ..given(&account, "adj_1", 300)
    };
    let own: Timestamp = at("2026-12-01T00:00:00Z");
    let dated = CreditAdjustmentRequest {
        expires_at: Some(Some(own)),
        ..given(&account, "adj_2", 500)
    };
    adjust(&world.ledger, never).await.expect("gives");
    let dated = adjust(&world.ledger, dated).await.expect("gives");
    // By the program: a month from noon of 20 November.
    let usual = adjust(&world.ledger, given(&account, "adj_3", 1000)).await;
    let usual = usual.expect("gives");
    let month = at("2026-12-20T12:00:00Z");
    assert_eq!(usual.transaction().expires_at, Some(month));
    adjust(&world.ledger, given(&account, "adj_4", -100))
        .await
        .expect("takes");
    let just_before = |at: Timestamp| laurel_rules::window::shifted(at, -1);
    for (now, expected) in [
        (just_before(own), "EUR 1700"),
        (own, "EUR 1300"),
        (just_before(month), "EUR 1300"),
        (month, "EUR 300"),
    ] {
        world.clock.set(now);
        assert_eq!(balances(&world, &account).await, expected, "{now}");
    }
    // Nothing is written yet; the next write, whatever it is about, writes it.
    assert_eq!(log(&world, &account, "EUR").await.len(), 4);
    let mut paid = payment("pay_1", "a", 100);
    paid["occurred_at"] = json!("2026-12-20T12:00:00Z");
    world.apply(paid).await.expect("earns");
    assert_eq!(
        log(&world, &account, "EUR").await[4..],
        [
            (TransactionType::Expire, -400, 1300),
            (TransactionType::Expire, -1000, 300)
        ]
    );
    assert_eq!(balances(&world, &account).await, "EUR 300");
    let filter = CreditFilter {
        account: account.clone(),
        currency: None,
        kind: Some(TransactionType::Expire),
        created: TimeRange::default(),
    };
    let data = listed(&world, &filter).await;
    let expired = data.last().expect("an expiry");
    assert_eq!(expired.transaction().of, Some(dated.id()));
    assert_eq!(expired.transaction().occurred_at, Some(own));
    let told = outgoing(&expired.entry);
    let types: Vec<&str> = told.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["loyalty.store_credit.expired"; 2]);
}

#[tokio::test]
async fn the_clock_writes_off_what_has_expired_once() {
    let world = world().await;
    let account = world.create("a").await;
    adjust(&world.ledger, given(&account, "adj_1", 1500))
        .await
        .expect("gives");
    world.clock.set(at("2027-01-01T00:00:00Z"));
    for written in [1, 0] {
        let swept = Clock::new(world.another_ledger())
            .sweep(Instant::now() + Duration::from_secs(600))
            .await;
        assert_eq!(swept.written, written);
        assert_eq!(
            log(&world, &account, "EUR").await[1..],
            [(TransactionType::Expire, -1500, 0)]
        );
    }
    assert_eq!(balances(&world, &account).await, "");
}

#[tokio::test]
async fn a_merge_adds_up_each_currency_and_both_logs() {
    let world = world().await;
    let (source, target) = (world.create("a").await, world.create("b").await);
    let first = adjust(&world.ledger, given(&source, "adj_1", 1000)).await;
    let first = first.expect("gives");
    let dollars = CreditAdjustmentRequest {
        currency: "USD".to_owned(),
        ..given(&source, "adj_2", 70)
    };
    adjust(&world.ledger, dollars).await.expect("gives");
    // The target owes some.
    let owing = CreditAdjustmentRequest {
        allow_negative: true,
        ..given(&target, "adj_3", -300)
    };
    adjust(&world.ledger, owing).await.expect("takes");
    let before = world.store.usage();
    world.merge(&source, &target).await;
    assert_eq!(world.store.usage().since(&before).total_requests(), 3);
    assert_eq!(balances(&world, &target).await, "EUR 700, USD 70");
    assert_eq!(balances(&world, &source).await, "");
    assert_eq!(log(&world, &source, "EUR").await, []);
    let merged: Vec<i64> = log(&world, &target, "EUR")
        .await
        .iter()
        .map(|(_, amount, _)| *amount)
        .collect();
    assert_eq!(merged.iter().sum::<i64>(), 700);
    let found = world
        .ledger
        .store_credit_transaction(&first.id().to_string())
        .await;
    assert_eq!(found.expect("is there").account, target);
    // What expires later says where it came from.
    world.clock.set(at("2027-01-01T00:00:00Z"));
    adjust(&world.ledger, given(&target, "adj_4", 5))
        .await
        .expect("gives");
    assert_eq!(balances(&world, &target).await, "EUR 5");
    let filter = CreditFilter {
        account: target.clone(),
        currency: Some("EUR".to_owned()),
        kind: Some(TransactionType::Expire),
        created: TimeRange::default(),
    };
    let data = listed(&world, &filter).await;
    assert_eq!(data[0].transaction().of, Some(first.id()));
    assert_eq!(data[0].transaction().amount, -700);
}

#[tokio::test]
async fn an_erasure_leaves_the_ledger() {
    let world = world().await;
    let account = world.create("a").await;
    adjust(&world.ledger, given(&account, "adj_1", 1500))
        .await
        .expect("gives");
    world
        .ledger
        .erase_personal_data(&account)
        .await
        .expect("erases");
    assert_eq!(balances(&world, &account).await, "EUR 1500");
    assert_eq!(log(&world, &account, "EUR").await.len(), 1);
    world
        .ledger
        .reopen_account(&account)
        .await
        .expect("reopens");
    assert_eq!(balances(&world, &account).await, "EUR 1500");
}

#[tokio::test]
async fn pages_are_laid_out_like_those_of_points() {
    let world = world().await;
    let account = world.create("a").await;
    for number in 1..=7_i64 {
        let request = given(&account, &format!("adj_{number}"), number);
        adjust(&world.ledger, request).await.expect("gives");
        let paid = payment(&format!("pay_{number}"), "a", 100);
        world.apply(paid).await.expect("earns");
    }
    let filter = CreditFilter {
        account: account.clone(),
        currency: None,
        kind: None,
        created: TimeRange::default(),
    };
    let mut request = PageRequest {
        limit: 3,
        ..PageRequest::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = world
            .ledger
            .store_credit_transactions(&filter, &request)
            .await;
        let page = page.expect("a page");
        seen.extend(page.data.iter().map(|view| view.transaction().amount));
        request.starting_after = page.data.last().map(|view| view.id().to_string());
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    // A cursor of the other ledger is none of this one.
    let points = world.log(&account).await[0].id().to_string();
    let request = PageRequest {
        starting_after: Some(points),
        ..PageRequest::default()
    };
    let page = world
        .ledger
        .store_credit_transactions(&filter, &request)
        .await;
    assert!(matches!(page, Err(Error::Refused(refusal)) if refusal.code == Code::ParameterInvalid));
}
