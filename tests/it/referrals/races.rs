//! Many at once.

use std::sync::Arc;

use futures::future::join_all;
use laurel_ledger::AttributionRequest;
use laurel_tests::{
    World, at,
    referrals::{paid, settings},
};

/// How many come by one leaked code. Ten thousand take a minute or two:
/// `LAUREL_REFEREES=10000 cargo test -p laurel-tests --release leaked`.
fn referees() -> usize {
    let asked = std::env::var("LAUREL_REFEREES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(400)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_leaked_code_pays_its_cap_and_all_others_are_rejected() {
    let world = Arc::new(World::with(settings(), &[]).await);
    let (anna, code) = world.referrer("anna").await;
    let all: Vec<usize> = (0..referees()).collect();
    for chunk in all.chunks(100) {
        let coming = chunk.iter().map(|n| {
            let (world, code) = (Arc::clone(&world), code.clone());
            let customer = format!("ref_{n}");
            tokio::spawn(async move { world.attribute(&customer, &code).await })
        });
        for made in join_all(coming).await {
            assert_eq!(made.expect("no panic").status.as_str(), "attributed");
        }
    }
    world.clock.set(at("2026-11-20T14:00:00Z"));
    let paying = all.iter().map(|n| {
        let world = Arc::clone(&world);
        let payment = paid(
            &format!("pay_{n}"),
            &format!("ref_{n}"),
            5000,
            "13:00",
            &format!("card_{n}"),
        );
        tokio::spawn(async move {
            // A bus delivers again what could not be handled.
            for _ in 0..20 {
                match world.apply(payment.clone()).await {
                    Ok(_) => return,
                    Err(error) => assert!(error.is_transient(), "{error}"),
                }
            }
            panic!("never handled");
        })
    });
    for handled in join_all(paying).await {
        handled.expect("no panic");
    }
    let mut statuses = std::collections::BTreeMap::new();
    for n in &all {
        *statuses
            .entry(world.referral_text(&format!("ref_{n}")).await)
            .or_insert(0) += 1;
    }
    let expected = [
        ("converted".to_owned(), 10),
        ("rejected velocity".to_owned(), all.len() - 10),
    ];
    assert_eq!(statuses, expected.into());
    let anna = world.ledger.account(&anna).await.expect("anna");
    assert_eq!(anna.balance, 10 * 500);
    let log = world.log(&anna.account.id).await;
    assert_eq!(log.len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_codes_for_one_customer_one_sticks() {
    for round in 0..10 {
        let world = Arc::new(World::with(settings(), &[]).await);
        let (anna, first) = world.referrer("anna").await;
        let (dora, second) = world.referrer("dora").await;
        let coming = (0..8).map(|n| {
            let world = Arc::clone(&world);
            let code = if n % 2 == 0 {
                first.clone()
            } else {
                second.clone()
            };
            tokio::spawn(async move { world.attribute("ben", &code).await })
        });
        let made: Vec<_> = join_all(coming)
            .await
            .into_iter()
            .map(|it| it.expect("no panic"))
            .collect();
        assert!(
            made.iter().all(|it| it.id == made[0].id),
            "round {round}: {made:?}"
        );
        assert!([anna, dora].contains(&made[0].referrer));
        assert_eq!(
            world.member("ben").await.account.seq,
            2,
            "created, attributed"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_accounts_with_one_card_at_once_convert_once() {
    for _ in 0..10 {
        let world = Arc::new(World::with(settings(), &[]).await);
        let (_, code) = world.referrer("anna").await;
        for customer in ["ben", "cem"] {
            world.attribute(customer, &code).await;
        }
        world.clock.set(at("2026-11-20T14:00:00Z"));
        let paying = ["ben", "cem"].map(|customer| {
            let world = Arc::clone(&world);
            let payment = paid(
                &format!("pay_{customer}"),
                customer,
                5000,
                "13:00",
                "one_card",
            );
            tokio::spawn(async move { world.apply(payment).await })
        });
        for handled in join_all(paying).await {
            handled.expect("no panic").expect("handled");
        }
        let mut ends = [
            world.referral_text("ben").await,
            world.referral_text("cem").await,
        ];
        ends.sort();
        assert_eq!(ends, ["converted", "rejected shared_fingerprint"]);
        assert_eq!(world.balance_of("anna").await, 500);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_member_asked_for_at_once_has_one_code() {
    let world = Arc::new(World::with(settings(), &[]).await);
    let anna = world.create("anna").await;
    let asking = (0..20).map(|_| {
        let (world, anna) = (Arc::clone(&world), anna.clone());
        tokio::spawn(async move { world.code_of(&anna).await })
    });
    let codes: Vec<String> = join_all(asking)
        .await
        .into_iter()
        .map(|it| it.expect("no panic"))
        .collect();
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    assert_eq!(
        world.ledger.account(&anna).await.expect("anna").account.seq,
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_conversion_and_its_refund_at_once_end_reversed() {
    for _ in 0..10 {
        let world = Arc::new(World::with(settings(), &[]).await);
        let (anna, code) = world.referrer("anna").await;
        let request = AttributionRequest {
            code: Some(code),
            customer: Some("ben".to_owned()),
            ..AttributionRequest::default()
        };
        world.ledger.attribute(&request).await.expect("attributed");
        world.clock.set(at("2026-11-20T14:00:00Z"));
        let events = [
            paid("pay_1", "ben", 5000, "13:00", "card"),
            laurel_tests::refund("re_1", "pay_1", None),
            paid("pay_1", "ben", 5000, "13:00", "card"),
            laurel_tests::refund("re_1", "pay_1", None),
        ];
        let applying = events.map(|event| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.apply(event).await })
        });
        for handled in join_all(applying).await {
            handled.expect("no panic").expect("handled");
        }
        assert_eq!(world.referral_text("ben").await, "reversed");
        assert_eq!(world.log_text(&anna).await, "earn 500, reverse -500");
    }
}
