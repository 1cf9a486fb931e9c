//! The sample events of this function reach the ledger, and no others do.

use std::sync::{Arc, Mutex};

use behavior::handler;
use laurel_host::Adapter;
use laurel_ledger::SystemClock;
use laurel_rules::{Event, EventOutcome, Outcome};
use serde_json::{Value, json};

/// Lets the function have `envelope`; its answer, and the keys of what reached the ledger.
async fn invoke(envelope: &str) -> (Value, Vec<String>) {
    let reached = Arc::new(Mutex::new(Vec::new()));
    let ledger = {
        let reached = reached.clone();
        move |event: Event| {
            let key = format!("{} {}", event.trigger, event.source_id);
            reached.lock().expect("a lock").push(key);
            async { Ok(EventOutcome::without_effect(Outcome::Awarded, None)) }
        }
    };
    let adapter = Adapter::new(Arc::new(handler(ledger)), Arc::new(SystemClock));
    let answer = adapter.invoke(envelope).await.expect("an answer");
    let reached = reached.lock().expect("a lock").clone();
    (answer, reached)
}

fn envelope(event_type: &str, detail: &Value) -> String {
    let envelope = json!({"detail-type": event_type, "source": "shop", "id": "e-1",
                          "time": "2026-11-03T10:15:00Z", "detail": detail});
    envelope.to_string()
}

#[tokio::test]
async fn its_samples_reach_the_ledger() {
    for (sample, key) in [
        (
            include_str!("../../../events/customer-updated.json"),
            "customer.updated 0d9c7a4e-5b1f-4c63-9a2e-00000000000c",
        ),
        (
            include_str!("../../../events/customer-deleted.json"),
            "customer.deleted cust_ben",
        ),
        (
            include_str!("../../../events/review-submitted.json"),
            "review_submitted rev_4001",
        ),
        (
            include_str!("../../../events/subscription-created.json"),
            "subscription.created sub_5001",
        ),
    ] {
        let (answer, reached) = invoke(sample).await;
        assert_eq!(
            answer,
            json!({"object": "event_outcome", "outcome": "awarded"})
        );
        assert_eq!(reached, [key]);
    }
}

#[tokio::test]
async fn what_belongs_elsewhere_is_refused() {
    for event_type in [
        "payment.completed",
        "invoice.paid",
        "payment.failed",
        "payment.refunded",
        "payment.disputed",
        "loyalty.account.created",
        "customer.created",
        "referral.attributed",
    ] {
        let detail = json!({"id": "x", "payment": "p", "status": "lost", "amount": 1,
                            "currency": "EUR"});
        let (answer, reached) = invoke(&envelope(event_type, &detail)).await;
        assert_eq!(answer["outcome"], "refused", "{answer}");
        assert_eq!(answer["error"]["param"], "detail-type");
        assert!(reached.is_empty());
    }
}

#[tokio::test]
async fn what_laurel_emits_and_what_asks_for_nothing_is_ignored() {
    let own = json!({"detail-type": "loyalty.points.earned", "source": "laurel", "detail": {
        "id": "evt_a_1_0", "created": "2026-11-03T10:15:00Z", "program": "prog_default",
        "data": {"points": 5}}});
    let updated = envelope("customer.updated", &json!({"id": "cust_anna"}));
    for ignored in [own.to_string(), updated] {
        let (answer, reached) = invoke(&ignored).await;
        assert_eq!(
            answer,
            json!({"object": "event_outcome", "outcome": "ignored"})
        );
        assert!(reached.is_empty());
    }
}
