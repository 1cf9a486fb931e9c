//! Refunds in every order and amount, and what repeats and contradictions do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use laurel::embedded::{Fault, WireCall};
use laurel_ledger::Error;
use laurel_rules::{Code, Outcome};
use laurel_tests::{World, at, merge, payment, refund};
use serde_json::{Value, json};

async fn world(settings: Value) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let mut with = json!({"auto_enroll": true});
    merge(&mut with, settings);
    World::with(with, &[rule]).await
}

/// All orders of events.
pub(crate) fn permutations(events: &[Value]) -> Vec<Vec<Value>> {
    if events.len() <= 1 {
        return vec![events.to_vec()];
    }
    let mut all = Vec::new();
    for place in 0..events.len() {
        let mut rest = events.to_vec();
        let first = rest.remove(place);
        for mut tail in permutations(&rest) {
            tail.insert(0, first.clone());
            all.push(tail);
        }
    }
    all
}

#[tokio::test]
async fn every_order_of_a_payment_and_its_refunds_ends_alike() {
    let events = [
        payment("pay_1", "cust_1", 999),
        refund("re_1", "pay_1", Some(333)),
        refund("re_2", "pay_1", Some(333)),
        payment("pay_2", "cust_1", 500),
    ];
    for order in permutations(&events) {
        let world = world(json!({})).await;
        for event in order.iter().chain(&order) {
            world.apply(event.clone()).await.expect("is handled");
        }
        let member = world.member("cust_1").await;
        // ⌊9 × 666 ÷ 999⌋ = 6 of 9 points go back.
        assert_eq!(
            (member.balance, member.account.lifetime_points),
            (8, 14),
            "{order:#?}"
        );
    }
}

#[tokio::test]
async fn a_duplicate_is_found_after_any_time_and_under_any_envelope() {
    let world = world(json!({})).await;
    let mut event = payment("pay_1", "cust_1", 1000);
    let first = world.apply(event.clone()).await.expect("earns");
    for (seconds, id) in [(1, "evt_a"), (11 * 60, "evt_b"), (40 * 86_400, "evt_c")] {
        world
            .clock
            .set(at("2026-11-20T12:00:00Z") + jiff::SignedDuration::from_secs(seconds));
        merge(
            &mut event,
            json!({"id": id, "occurred_at": "2026-11-20T11:59:59Z"}),
        );
        let again = world.apply(event.clone()).await.expect("repeats");
        assert!(again.duplicate);
        assert_eq!(again.transactions, first.transactions);
    }
    assert_eq!(world.member("cust_1").await.balance, 10);
}

#[tokio::test]
async fn the_same_key_with_other_content_is_refused() {
    let world = world(json!({})).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("earns");
    for other in [
        payment("pay_1", "cust_1", 1001),
        payment("pay_1", "cust_2", 1000),
    ] {
        let refused = world.apply(other).await;
        let Err(Error::Refused(refusal)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(refusal.code, Code::EventContentMismatch);
    }
    assert_eq!(world.member("cust_1").await.balance, 10);
    assert!(world.find_member("cust_2").await.is_none());
}

#[tokio::test]
async fn a_dispute_counts_only_when_lost() {
    let world = world(json!({})).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("earns");
    let dispute = |status: &str| {
        json!({
            "type": "payment.disputed",
            "data": {"id": "dp_1", "payment": "pay_1", "status": status},
        })
    };
    let open = world
        .apply(dispute("needs_response"))
        .await
        .expect("is handled");
    assert_eq!(open.outcome, Outcome::Ignored);
    let lost = world.apply(dispute("lost")).await.expect("is handled");
    assert_eq!(lost.outcome, Outcome::Reversed);
    let member = world.member("cust_1").await;
    assert_eq!((member.balance, member.account.lifetime_points), (0, 10));
}

#[tokio::test]
async fn an_invoice_is_refunded_like_a_payment_before_and_after() {
    for early in [false, true] {
        let world = world(json!({})).await;
        let rule = json!({
            "trigger": "invoice.paid", "award": {"type": "per_amount", "per": 100, "points": 2},
        });
        world.add_rule(rule).await;
        let invoice = json!({
            "type": "invoice.paid", "occurred_at": "2026-11-20T11:00:00Z",
            "data": {
                "id": "in_1", "subscription": "sub_1", "amount": 1000, "currency": "EUR",
                "customer": "cust_1",
            },
        });
        let mut events = [invoice, refund("re_1", "in_1", Some(500))];
        if early {
            events.reverse();
        }
        for event in events {
            world.apply(event).await.expect("is handled");
        }
        let member = world.member("cust_1").await;
        assert_eq!(
            world.log_text(&member.account.id).await,
            "earn 20, reverse -10",
            "{early}"
        );
    }
}

#[tokio::test]
async fn an_invoice_and_its_refund_side_by_side_see_each_other() {
    for is_refund_first in [false, true] {
        let world = world(json!({})).await;
        let rule = json!({
            "trigger": "invoice.paid", "award": {"type": "per_amount", "per": 100, "points": 2},
        });
        world.add_rule(rule).await;
        let mut invoice = payment("in_1", "cust_1", 1000);
        merge(&mut invoice, json!({"type": "invoice.paid"}));
        let mut events = [invoice, refund("re_1", "in_1", Some(500))];
        if is_refund_first {
            events.reverse();
        }
        // Whoever decides first writes last.
        let is_written = AtomicBool::new(false);
        world.store.set_faults(Arc::new(move |call: &WireCall<'_>| {
            if call.operation == "TransactWriteItems" && !is_written.swap(true, Ordering::SeqCst) {
                Fault::Delay(Duration::from_millis(200))
            } else {
                Fault::None
            }
        }));
        let [first, second] = events;
        let later = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            world.apply(second).await
        };
        let (first, second) = tokio::join!(world.apply(first), later);
        first.expect("is handled");
        second.expect("is handled");
        let member = world.member("cust_1").await;
        let log = world.log_text(&member.account.id).await;
        assert_eq!(log, "earn 20, reverse -10", "{is_refund_first}");
    }
}

#[tokio::test]
async fn points_spent_already_follow_the_programs_setting() {
    for (setting, balance, log) in [
        ("allow", -10, "earn 10, adjust -10, reverse -10"),
        ("clamp", 0, "earn 10, adjust -10, reverse 0"),
    ] {
        let world = world(json!({"negative_balance": setting})).await;
        world
            .apply(payment("pay_1", "cust_1", 1000))
            .await
            .expect("earns");
        let account = world.member("cust_1").await.account.id;
        let spend = laurel_ledger::AdjustmentRequest {
            account: account.clone(),
            amount: -10,
            reason: "spent".to_owned(),
            allow_negative: false,
            lifetime: false,
            expires_at: None,
            metadata: std::collections::BTreeMap::new(),
            request: None,
        };
        world.ledger.adjust(spend).await.expect("spends");
        world
            .apply(refund("re_1", "pay_1", None))
            .await
            .expect("is handled");
        assert_eq!(world.member("cust_1").await.balance, balance);
        assert_eq!(world.log_text(&account).await, log);
        // Later earnings repay what is owed.
        world
            .apply(payment("pay_2", "cust_1", 2500))
            .await
            .expect("earns");
        assert_eq!(world.member("cust_1").await.balance, balance + 25);
    }
}
