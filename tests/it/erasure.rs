//! Erasing what identifies a person: nothing of it is left in the table, the ledger is.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use laurel::embedded::Phase;
use laurel_ledger::Seed;
use laurel_rules::{Code, Outcome, account::Status, decide::NewAccount};
use laurel_tests::{Crash, PROGRAM, World, payment, refund};
use serde_json::json;

/// What must not be left anywhere.
const PERSONAL: [&str; 4] = [
    "cust_anna",
    "cust_guest",
    "anna@example.com",
    "Anna Example",
];

/// A member with a guest's account merged into it, both with personal data.
async fn world() -> (Arc<World>, String) {
    let rules = [
        json!({"award": {"type": "per_amount", "per": 100, "points": 1}}),
        json!({"trigger": "customer.created", "award": {"type": "fixed", "points": 5}}),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    let new = NewAccount {
        program: PROGRAM.to_owned(),
        customer: Some("cust_anna".to_owned()),
        email: Some("anna@example.com".to_owned()),
        metadata: [("name".to_owned(), "Anna Example".to_owned())].into(),
        ..NewAccount::default()
    };
    let anna = world.ledger.create_account(new, Seed::fresh()).await;
    let anna = anna.expect("an account").account.id;
    let guest = json!({"type": "customer.created", "data": {"id": "cust_guest"}});
    world.apply(guest).await.expect("enrols");
    // The archive keeps metadata as they are given, until somebody is erased.
    let mut greeted = payment("pay_a", "cust_anna", 1000);
    greeted["data"]["metadata"] = json!({"greeting": "For Anna Example"});
    world.apply(greeted).await.expect("earns");
    world
        .apply(payment("pay_g", "cust_guest", 1000))
        .await
        .expect("earns");
    let guest = world.member("cust_guest").await.account.id;
    world.merge(&guest, &anna).await;
    (Arc::new(world), anna)
}

/// All keys and attributes of the table in which one of the personal texts stands, but for the
/// keys of events' records, which tell no more than that there was such an event.
async fn traces(world: &World) -> Vec<String> {
    let scan = world
        .store
        .client()
        .scan()
        .table_name("laurel")
        .send()
        .await;
    let mut traces = Vec::new();
    for mut item in scan.expect("a scan").items.unwrap_or_default() {
        if matches!(item.get("pk"), Some(AttributeValue::S(pk)) if pk.starts_with("E#")) {
            item.remove("pk");
            // Nor may the record lead from the customer to the account.
            let is_named = item
                .values()
                .any(|value| format!("{value:?}").contains("customer."));
            assert!(!is_named, "{item:?}");
        }
        let text = format!("{item:?}");
        traces.extend(
            PERSONAL
                .into_iter()
                .filter(|personal| text.contains(personal))
                .map(|personal| format!("{personal} in {text}")),
        );
    }
    traces
}

#[tokio::test]
async fn nothing_personal_is_left_and_the_ledger_is() {
    let (world, anna) = world().await;
    let log = world.log_text(&anna).await;
    for _ in 0..2 {
        let erased = world.ledger.erase_personal_data(&anna).await;
        let erased = erased.expect("is erased");
        let account = &erased.account;
        assert_eq!(
            (account.status, erased.balance, account.lifetime_points),
            (Status::Closed, 25, 25)
        );
        assert_eq!((&account.customer, &account.email), (&None, &None));
        assert!(account.metadata.is_empty());
        assert_eq!(traces(&world).await, Vec::<String>::new());
    }
    assert_eq!(world.log_text(&anna).await, log);
    // Refunds still take back; repeats do nothing, and nobody is led to the account.
    let back = world.apply(refund("re_1", "pay_g", None)).await;
    assert_eq!(back.expect("takes back").outcome, Outcome::Reversed);
    let again = json!({"type": "customer.created", "data": {"id": "cust_guest"}});
    let again = world.apply(again).await.expect("repeats");
    assert!(again.duplicate);
    assert_eq!(again.account, None);
    assert!(world.find_member("cust_anna").await.is_none());
    // Whoever comes back is somebody new.
    let back = world.apply(payment("pay_new", "cust_anna", 1000)).await;
    let back = back.expect("enrols").account.expect("an account");
    assert_ne!(back, anna);
    assert_eq!(world.member("cust_anna").await.balance, 10);
}

#[tokio::test]
async fn who_was_merged_is_erased_with_the_survivor() {
    let (world, anna) = world().await;
    let absorbed = world
        .ledger
        .account(&anna)
        .await
        .expect("anna")
        .account
        .absorbed;
    let refused = world.ledger.erase_personal_data(&absorbed[0].account).await;
    let refusal = refused.expect_err("is refused").refusal();
    assert_eq!(refusal.code, Code::AccountMerged);
    assert_eq!(refusal.account, Some(anna));
}

#[tokio::test]
async fn a_name_that_went_on_to_another_stays_that_ones() {
    let (world, anna) = world().await;
    world.ledger.close_account(&anna).await.expect("is closed");
    let other = world.create("cust_guest").await;
    world
        .ledger
        .erase_personal_data(&anna)
        .await
        .expect("is erased");
    assert_eq!(world.member("cust_guest").await.account.id, other);
    assert!(world.find_member("cust_anna").await.is_none());
}

#[tokio::test]
async fn an_erasure_that_died_is_finished_by_the_same_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let (world, anna) = world().await;
            let crash = Crash::at(&world, Some((call, phase)));
            let erased = crash.survive(async |ledger| ledger.erase_personal_data(&anna).await);
            assert_eq!(erased.await.expect("is erased").balance, 25);
            let crashed = crash.came();
            assert_eq!(
                traces(&world).await,
                Vec::<String>::new(),
                "call {call}, {phase:?}"
            );
            let account = world.ledger.account(&anna).await.expect("anna").account;
            assert_eq!(account.status, Status::Closed);
            if !crashed {
                assert!(call > 8, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_during_an_erasure_bring_nothing_back() {
    for _ in 0..10 {
        let (world, anna) = world().await;
        let telling = tokio::spawn({
            let world = Arc::clone(&world);
            async move {
                let update = json!({"type": "customer.updated", "id": "evt_1",
                    "data": {"id": "cust_anna", "email": "new@example.com"}});
                let update = world.event(update).expect("an event");
                let told = world.another_ledger().apply(&update).await;
                told.expect("is handled").outcome
            }
        });
        let ledger = world.another_ledger();
        ledger.erase_personal_data(&anna).await.expect("is erased");
        let outcome = telling.await.expect("no panic");
        assert!(
            matches!(outcome, Outcome::Processed | Outcome::Unlinked),
            "{outcome:?}"
        );
        let account = world.ledger.account(&anna).await.expect("anna").account;
        assert_eq!((account.email, account.customer), (None, None));
        let email = laurel_ledger::AccountFilter {
            email: Some("new@example.com".to_owned()),
            ..laurel_ledger::AccountFilter::of(PROGRAM)
        };
        let found = world.ledger.accounts(&email, &Default::default()).await;
        assert!(found.expect("a list").data.is_empty());
    }
}

#[tokio::test]
async fn referrals_that_gave_way_forget_the_customer_too() {
    let blocked = json!({"auto_enroll": true, "blocked": {"customers": ["cust_blocked"]}});
    let world = World::with(blocked, &[]).await;
    let (_, first) = world.referrer("cust_blocked").await;
    let (_, second) = world.referrer("cust_dora").await;
    let rejected = world.attribute("cust_new", &first).await;
    let counts = world.attribute("cust_new", &second).await;
    assert_eq!(rejected.status.as_str(), "rejected");
    assert_eq!(counts.status.as_str(), "attributed");
    let account = world.member("cust_new").await.account.id;
    for _ in 0..2 {
        let erased = world.ledger.erase_personal_data(&account).await;
        erased.expect("is erased");
        for id in [&rejected.id, &counts.id] {
            let view = world.ledger.referral(id).await.expect("a referral");
            assert_eq!((view.customer, view.referee), (None, Some(account.clone())));
        }
    }
}
