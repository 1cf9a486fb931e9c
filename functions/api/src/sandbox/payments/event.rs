//! What the sandbox's payments tell of by events.

use jiff::Timestamp;
use laurel_events::Incoming;
use laurel_ledger::{SandboxPayment, SandboxRefund};
use laurel_rules::{
    Event, Refusal,
    event::{PAYMENT_COMPLETED, PAYMENT_FAILED, PAYMENT_REFUNDED},
};
use serde_json::{Map, Value, json};

use super::object::payment_method;

/// The event that tells of a payment: it follows from what is kept, so that a repeat makes the
/// same again.
pub(super) fn payment_event(payment: &SandboxPayment) -> Result<Event, Refusal> {
    let mut data = payment.details.clone();
    data.insert("id".to_owned(), json!(payment.id));
    data.insert("program".to_owned(), json!(payment.program));
    data.insert("amount".to_owned(), json!(payment.amount));
    data.insert("currency".to_owned(), json!(payment.currency));
    data.insert("created".to_owned(), json!(payment.created));
    data.insert("payment_method".to_owned(), payment_method(&payment.card));
    let event_type = match &payment.failure_code {
        None => PAYMENT_COMPLETED,
        Some(code) => {
            data.insert("failure_code".to_owned(), json!(code));
            PAYMENT_FAILED
        }
    };
    event(event_type, data, payment.created)
}

/// The event that tells of a refund.
pub(super) fn refund_event(
    payment: &SandboxPayment,
    refund: &SandboxRefund,
) -> Result<Event, Refusal> {
    let data = json!({
        "id": refund.id,
        "program": payment.program,
        "payment": payment.id,
        "amount": refund.amount,
        "created": refund.created,
    });
    let data = data.as_object().cloned().unwrap_or_default();
    event(PAYMENT_REFUNDED, data, refund.created)
}

fn event(event_type: &str, data: Map<String, Value>, at: Timestamp) -> Result<Event, Refusal> {
    let incoming = Incoming {
        event_type: event_type.to_owned(),
        data,
        ..Incoming::default()
    };
    // What the caller calls `amount` is `data.amount` to the event.
    laurel_events::parse(incoming, at).map_err(|refusal| Refusal {
        param: refusal
            .param
            .map(|param| param.trim_start_matches("data.").to_owned()),
        message: refusal.message.replace("`data.", "`"),
        ..refusal
    })
}
