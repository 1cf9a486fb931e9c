//! Each function takes the events that are its own, and no others.

use std::sync::{Arc, Mutex};

use laurel_host::{Adapter, Apply};
use laurel_ledger::SystemClock;
use laurel_rules::{Event, EventOutcome, Outcome};
use serde_json::{Value, json};

use super::{samples, type_of};

const FUNCTIONS: [&str; 5] = [
    "account-created",
    "behavior",
    "payment-completed",
    "payment-refunded",
    "referral-attributed",
];

/// A stand-in for the ledger that notes what reaches it.
fn handler(function: &str, reached: &Arc<Mutex<Vec<String>>>) -> Arc<dyn Apply> {
    let reached = Arc::clone(reached);
    let ledger = move |event: Event| {
        let key = format!("{} {}", event.trigger, event.source_id);
        reached.lock().expect("a lock").push(key);
        async { Ok(EventOutcome::without_effect(Outcome::Awarded, None)) }
    };
    match function {
        "account-created" => Arc::new(account_created::handler(ledger)),
        "behavior" => Arc::new(behavior::handler(ledger)),
        "payment-completed" => Arc::new(payment_completed::handler(ledger)),
        "payment-refunded" => Arc::new(payment_refunded::handler(ledger)),
        "referral-attributed" => Arc::new(referral_attributed::handler(ledger)),
        unknown => panic!("no function {unknown}"),
    }
}

/// Lets the function have `envelope`; its answer, and the keys of what reached the ledger.
async fn invoke(function: &str, envelope: &str) -> (Value, Vec<String>) {
    let reached = Arc::new(Mutex::new(Vec::new()));
    let adapter = Adapter::new(handler(function, &reached), Arc::new(SystemClock));
    let answer = adapter.invoke(envelope).await.expect("an answer");
    let reached = std::mem::take(&mut *reached.lock().expect("a lock"));
    (answer, reached)
}

#[tokio::test]
async fn every_sample_reaches_the_ledger_through_its_function_and_no_other() {
    let mut keys = Vec::new();
    for (name, sample) in samples() {
        let own = match type_of(&sample).as_str() {
            "payment.completed" | "payment.failed" | "invoice.paid" => "payment-completed",
            "payment.refunded" | "payment.disputed" => "payment-refunded",
            "loyalty.account.created" => "account-created",
            "customer.created" | "referral.attributed" => "referral-attributed",
            _ => "behavior",
        };
        for function in FUNCTIONS {
            let (answer, reached) = invoke(function, &sample).await;
            if function == own {
                assert_eq!(answer["outcome"], "awarded", "{name}: {answer}");
                keys.extend(reached.into_iter().map(|key| format!("{name}: {key}")));
            } else {
                assert_eq!(answer["outcome"], "refused", "{name} at {function}");
                assert_eq!(answer["error"]["param"], "detail-type");
                assert!(reached.is_empty(), "{name} at {function}");
            }
        }
    }
    assert_eq!(
        keys,
        [
            "account-created.json: loyalty.account.created loy_from_the_crm",
            "customer-created.json: customer.created cust_anna",
            "customer-deleted.json: customer.deleted cust_ben",
            "customer-updated.json: customer.updated 0d9c7a4e-5b1f-4c63-9a2e-00000000000c",
            "invoice-paid.json: invoice.paid inv_3001",
            "payment-completed-second-member.json: payment.completed pay_2001",
            "payment-completed.json: payment.completed pay_1001",
            "payment-disputed.json: payment.disputed dis_2001",
            "payment-failed.json: payment.failed pay_1002",
            "payment-over-cap.json: payment.completed pay_1003",
            "payment-refunded.json: payment.refunded re_1001",
            "referral-attributed.json: referral.attributed \
             ref_of_another_table_01jbkq3v5c8d1f4g7h9k2m5n8p",
            "review-submitted.json: review_submitted rev_4001",
            "subscription-created.json: subscription.created sub_5001",
        ]
    );
}

#[tokio::test]
async fn what_laurel_emits_and_what_asks_for_nothing_is_ignored() {
    let own = json!({"detail-type": "loyalty.points.earned", "source": "laurel", "detail": {
        "id": "evt_a_1_0", "created": "2026-11-03T10:15:00Z", "program": "prog_default",
        "data": {"points": 5}}});
    let updated = json!({"detail-type": "customer.updated", "source": "shop", "id": "e-1",
                         "time": "2026-11-03T10:15:00Z", "detail": {"id": "cust_anna"}});
    for ignored in [own, updated] {
        let (answer, reached) = invoke("behavior", &ignored.to_string()).await;
        assert_eq!(
            answer,
            json!({"object": "event_outcome", "outcome": "ignored"})
        );
        assert!(reached.is_empty());
    }
}
