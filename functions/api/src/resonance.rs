//! `/resonance-api/manual-event`: one behaviour of somebody known by an email address, in the form
//! that Resonance's clients send it (spec section 6).
//!
//! The body becomes an event as `POST /v1/events` takes it, and is handled by the same code; what
//! is refused is told by the names of this body.

use axum::Json;
use laurel_events::{Incoming, object};
use laurel_ledger::Gain;
use laurel_rules::{
    Code, EventOutcome, Refusal,
    event::{PAYMENT_FAILED, source_type},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    fields::Kind,
    naming::Naming,
    query::{Nothing, Query},
    routes::{Answer, Routes},
};

mod fields;
mod order;

use fields::{ManualEvent, OUTCOME};

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Resonance",
        "Behaviours of people who are known by their email addresses, as Resonance's clients send \
         them.",
    )
    .post(
        "/resonance-api/manual-event",
        trigger,
        "resonance.trigger_event",
        "Send one behaviour of a member known by email",
    )
    .about(
        "It is handled at once. Without `eventId` each call is another event; under an \
         `Idempotency-Key` its repeats are one. `metadata.order_value`, in major units of \
         `metadata.currency` (US dollars where absent), is the event's amount. Where the program \
         enrols by itself, somebody unknown becomes a member. See docs/behaviors.md.",
    )
    .refuses(&[Code::EventContentMismatch, Code::ResourceMissing])
}

/// The outcome of an event, with what the member has of it.
#[derive(Debug, Serialize)]
struct ManualOutcome {
    #[serde(flatten)]
    outcome: Value,
    points: i64,
    balance: Option<i64>,
}

impl ManualOutcome {
    fn new(outcome: &EventOutcome, gain: Option<Gain>) -> ManualOutcome {
        ManualOutcome {
            outcome: object::outcome(outcome),
            points: gain.map_or(0, |gain| gain.points),
            balance: gain.map(|gain| gain.balance),
        }
    }
}

impl Answer for ManualOutcome {
    const KIND: Kind = Kind::Object(&OUTCOME);
}

async fn trigger(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(sent): Body<ManualEvent>,
) -> Result<Json<ManualOutcome>, ApiError> {
    let incoming = incoming(sent, seed.id("evt_"))?;
    let mut event = laurel_events::parse(incoming, state.ledger.now()).map_err(in_their_words)?;
    event.member.enrols_by_email = true;
    let applied = state.ledger.apply(&event).await;
    let outcome = applied.map_err(|error| in_their_words(crate::error::refusal_of(&error)))?;
    let gain = state.ledger.gain(&outcome).await?;
    Ok(Json(ManualOutcome::new(&outcome, gain)))
}

/// The event, with the id `id` where it has none of its own.
fn incoming(sent: ManualEvent, id: String) -> Result<Incoming, Refusal> {
    let event_type = sent.event_type;
    if source_type(&event_type) != "behavior" || event_type == PAYMENT_FAILED {
        let message = format!(
            "`{event_type}` is about an object of its own, which has an id and more; send it to \
             `POST /v1/events`."
        );
        return Err(Refusal::invalid("eventType", message));
    }
    let mut data = Map::new();
    data.insert("email".to_owned(), sent.email.into());
    if let Some(order) = order::of(&sent.metadata)? {
        data.insert("amount".to_owned(), order.amount.into());
        data.insert("currency".to_owned(), order.currency.code().into());
    }
    data.insert("metadata".to_owned(), Value::Object(sent.metadata));
    Ok(Incoming {
        event_type,
        id: Some(sent.id.unwrap_or(id)),
        occurred_at: sent.occurred_at,
        program: Some(sent.program),
        data,
        own: false,
    })
}

/// The refusal of an event by the names that its sender knows.
fn in_their_words(refusal: Refusal) -> Refusal {
    const NAMES: [(&str, &str); 6] = [
        ("data.metadata", "metadata"),
        ("data.email", "userEmail"),
        ("type", "eventType"),
        ("program", "brandId"),
        ("occurred_at", "occurredAt"),
        ("id", "eventId"),
    ];
    let Some(param) = &refusal.param else {
        return refusal;
    };
    let renamed = NAMES.iter().find_map(|(theirs, ours)| {
        let rest = param.strip_prefix(theirs)?;
        let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
        is_whole.then(|| (param.clone(), *theirs, format!("{ours}{rest}")))
    });
    let Some((param, _, renamed)) = renamed else {
        return refusal;
    };
    Refusal {
        message: refusal
            .message
            .replace(&format!("`{param}`"), &format!("`{renamed}`")),
        param: Some(renamed),
        ..refusal
    }
}

#[cfg(test)]
mod tests;
