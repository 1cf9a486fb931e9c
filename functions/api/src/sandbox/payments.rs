//! `/v1/sandbox/payments`: payments without money. What real ones tell of by events, these do
//! too, and the events are handled before the call is answered: the next read shows the points.

use axum::{Json, http::Uri};
use laurel_ledger::{Card, Error, Ledger, Listing, SandboxPayment};
use laurel_rules::{Code, Event, Refusal};
use serde_json::{Value, json};

use super::cards::Paid;
use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

mod event;
mod fields;
mod object;

use event::{payment_event, refund_event};
use fields::{Creation, Refunding};
use object::{PaymentObject, RefundObject};

const BASE: &str = "/v1/sandbox/payments";

pub(super) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged("Sandbox", "")
        .get(
            BASE,
            list,
            "sandbox.payments.list",
            "List payments of the sandbox",
        )
        .refuses(&[Code::ResourceMissing])
        .post(
            BASE,
            create,
            "sandbox.payments.create",
            "Make a payment in the sandbox",
        )
        .about(
            "Its event, `payment.completed` or `payment.failed`, is handled before the call is \
             answered. Payments are kept for 30 days.",
        )
        .refuses(&[Code::ResourceMissing, Code::ResourceAlreadyExists])
        .get(
            one,
            retrieve,
            "sandbox.payments.retrieve",
            "Retrieve a payment of the sandbox",
        )
        .post(
            &format!("{one}/refund"),
            refund,
            "sandbox.payments.refund",
            "Refund a payment of the sandbox",
        )
        .about("Wholly where no amount is given. The event is `payment.refunded`.")
        .refuses(&[
            Code::ResourceMissing,
            Code::ResourceAlreadyExists,
            Code::PaymentNotRefundable,
            Code::LimitReached,
        ])
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<PaymentObject>, ApiError> {
    let ledger = &state.ledger;
    let now = ledger.time_of(&creation.program).await?;
    if creation.created.is_some_and(|created| created > now) {
        let message = format!("`created` must not be after the program's time, which is {now}.");
        return Err(Refusal::invalid("created", message).into());
    }
    let Paid {
        number,
        card,
        fingerprint,
    } = creation.paid;
    let fingerprint = match fingerprint {
        Some(fingerprint) => fingerprint,
        None => {
            let program = &creation.program;
            ledger.card_fingerprint(program, number).await?
        }
    };
    let payment = SandboxPayment {
        id: creation.id.unwrap_or_else(|| seed.id("pay_")),
        program: creation.program,
        failure_code: card.failure_code.map(str::to_owned),
        amount: creation.amount,
        currency: creation.currency,
        card: Card {
            brand: card.brand.to_owned(),
            last4: number[number.len() - 4..].to_owned(),
            fingerprint,
        },
        details: creation.details,
        created: creation.created.unwrap_or(now),
        refunds: Vec::new(),
    };
    // What the event would not take is refused before anything is kept.
    payment_event(&payment)?;
    let payment = ledger.create_sandbox_payment(payment, seed).await?;
    let event = payment_event(&payment)?;
    let PaymentObject(mut answer) = object::payment(payment);
    answer["event"] = handled(ledger, &event).await?;
    Ok(Created(PaymentObject(answer)))
}

async fn refund(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(payment): Id,
    Query(Nothing): Query<Nothing>,
    Body(Refunding { id, amount }): Body<Refunding>,
) -> Result<Created<RefundObject>, ApiError> {
    let ledger = &state.ledger;
    let id = id.unwrap_or_else(|| seed.id("re_"));
    let refunded = ledger.refund_sandbox_payment(&payment, &id, amount, seed);
    let (payment, refund) = refunded.await?;
    let event = refund_event(&payment, &refund)?;
    let answer = json!({
        "id": refund.id,
        "object": "sandbox_refund",
        "program": payment.program,
        "payment": payment.id,
        "amount": refund.amount,
        "currency": payment.currency,
        "status": "succeeded",
        "created": refund.created,
        "event": handled(ledger, &event).await?,
    });
    Ok(Created(RefundObject(answer)))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<PaymentObject>, ApiError> {
    Ok(Json(object::payment(
        state.ledger.sandbox_payment(&id).await?,
    )))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<PaymentObject>>, ApiError> {
    let Listing {
        program,
        created,
        page,
    } = listing;
    state.ledger.program(&program).await?;
    let page = state.ledger.sandbox_payments(&program, created, &page);
    Ok(List::of(page.await?, &uri, object::payment))
}

/// What came of an event. A refused one does not undo the payment: the card was charged.
async fn handled(ledger: &Ledger, event: &Event) -> Result<Value, ApiError> {
    match ledger.apply(event).await {
        Ok(outcome) => Ok(laurel_events::object::outcome(&outcome)),
        Err(Error::Refused(refusal)) => Ok(laurel_events::object::refused(&refusal)),
        Err(error) => Err(error.into()),
    }
}
