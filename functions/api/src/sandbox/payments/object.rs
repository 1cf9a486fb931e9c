//! The sandbox's payments and refunds as clients see them.

use laurel_ledger::{Card, SandboxPayment};
use laurel_rules::POINTS_MAX;
use serde::Serialize;
use serde_json::{Value, json};

use super::fields::{ACCOUNT, AMOUNT, CURRENCY, CUSTOMER, EMAIL, LINE_ITEMS, METADATA};
use crate::{
    accounts::{CREATED, PROGRAM},
    events::answer::OUTCOME_KIND,
    fields::{Field, Kind, Shape},
    routes::Answer,
};

const EVENT: Field = Field::new("event", OUTCOME_KIND, "What came of its event.").optional();

const PAYMENT: Shape = Shape::answer(
    "SandboxPayment",
    &[
        Field::new("id", Kind::Id, "`pay_…`").example("pay_7Qk2"),
        Field::new("object", Kind::Constant("sandbox_payment"), "What this is."),
        PROGRAM,
        Field::new(
            "status",
            Kind::Choice(&["completed", "failed"]),
            "What came of it.",
        ),
        Field::new("failure_code", Kind::AnyText, "Why it failed.")
            .example("card_declined")
            .nullable(),
        AMOUNT,
        Field::new(
            "amount_refunded",
            Kind::Whole(0, POINTS_MAX),
            "What was given back.",
        ),
        CURRENCY,
        CUSTOMER,
        ACCOUNT,
        EMAIL,
        Field::new("payment_method", Kind::Object(&METHOD), "How it was paid."),
        LINE_ITEMS,
        METADATA,
        Field::new(
            "refunds",
            Kind::List(&Kind::Object(&REFUND_OF), 0, 100),
            "What was given back, the oldest first.",
        ),
        CREATED,
        EVENT,
    ],
);
const METHOD: Shape = Shape::answer(
    "SandboxPaymentMethod",
    &[
        Field::new("type", Kind::Constant("card"), "What this is."),
        Field::new("brand", Kind::AnyText, "The card's brand.").example("visa"),
        Field::new("last4", Kind::AnyText, "The last digits of its number.").example("4242"),
        Field::new("fingerprint", Kind::Id, "The same for the same card."),
    ],
);
const REFUND_OF: Shape = Shape::answer(
    "SandboxRefundOfPayment",
    &[Field::new("id", Kind::Id, "`re_…`"), AMOUNT, CREATED],
);
const REFUND: Shape = Shape::answer(
    "SandboxRefund",
    &[
        Field::new("id", Kind::Id, "`re_…`").example("re_7Qk2"),
        Field::new("object", Kind::Constant("sandbox_refund"), "What this is."),
        PROGRAM,
        Field::new("payment", Kind::Id, "The payment."),
        AMOUNT,
        CURRENCY,
        Field::new("status", Kind::Constant("succeeded"), "It did."),
        CREATED,
        EVENT,
    ],
);

/// A payment as clients see it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct PaymentObject(pub(super) Value);

impl Answer for PaymentObject {
    const KIND: Kind = Kind::Object(&PAYMENT);
}

/// A refund as clients see it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct RefundObject(pub(super) Value);

impl Answer for RefundObject {
    const KIND: Kind = Kind::Object(&REFUND);
}

/// What a payment keeps as its event will carry it.
const DETAILS: [&str; 5] = ["customer", "account", "email", "line_items", "metadata"];

/// A payment as clients see it.
pub(super) fn payment(payment: SandboxPayment) -> PaymentObject {
    let mut object = json!({
        "id": payment.id,
        "object": "sandbox_payment",
        "program": payment.program,
        "status": if payment.is_completed() { "completed" } else { "failed" },
        "failure_code": payment.failure_code,
        "amount": payment.amount,
        "amount_refunded": payment.amount_refunded(),
        "currency": payment.currency,
        "payment_method": payment_method(&payment.card),
        "created": payment.created,
        "refunds": payment.refunds.iter().map(|refund| json!({
            "id": refund.id, "amount": refund.amount, "created": refund.created,
        })).collect::<Value>(),
    });
    for name in DETAILS {
        object[name] = payment.details.get(name).cloned().unwrap_or(Value::Null);
    }
    PaymentObject(object)
}

/// How it was paid: of a payment as of its event.
pub(super) fn payment_method(card: &Card) -> Value {
    json!({
        "type": "card",
        "brand": card.brand,
        "last4": card.last4,
        "fingerprint": card.fingerprint,
    })
}
