//! `/v1/events`: events in.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use laurel_events::{from_api, object};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Event, Refusal};
use serde_json::Value;

use crate::{
    AppState,
    body::Payload,
    error::{self, ApiError},
    fields::{Fields, FromFields, Shape},
    list::List,
    naming::Naming,
    query::Query,
};

mod batch;
mod queue;

use batch::{Batch, batch};

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/v1/events", post(ingest))
}

struct Ingestion {
    /// Whether to put the events on the bus instead of handling them at once.
    is_async: bool,
}

impl FromFields for Ingestion {
    const SHAPE: Shape = Shape::of("this route's query", &["async"]);

    fn from_fields(fields: &mut Fields) -> Result<Ingestion, Refusal> {
        Ok(Ingestion {
            is_async: fields.boolean("async")?.unwrap_or(false),
        })
    }
}

/// What came of one event of a call.
type Outcome = Result<Value, Refusal>;

async fn ingest(
    State(state): State<AppState>,
    uri: Uri,
    Naming(seed): Naming,
    Query(Ingestion { is_async }): Query<Ingestion>,
    payload: Payload,
) -> Result<Response, ApiError> {
    let batch = batch(payload)?;
    let parsed = batch
        .events()
        .iter()
        .zip(0..)
        .map(|(event, place)| parse(&state.ledger, seed.nth("evt_", place), event));
    let (status, outcomes) = if is_async {
        (
            StatusCode::ACCEPTED,
            queue::put_all(state.bus.as_ref(), parsed.collect()).await,
        )
    } else {
        (
            StatusCode::OK,
            handle_all(&state.ledger, parsed.collect()).await,
        )
    };
    match batch {
        Batch::One(_) => {
            let none = || Err(Refusal::new(Code::Internal, "The event has no outcome."));
            let outcome = outcomes.into_iter().next().unwrap_or_else(none)?;
            Ok((status, Json(outcome)).into_response())
        }
        Batch::Many(_) => {
            let data = outcomes.into_iter().enumerate().map(|(place, outcome)| {
                outcome.unwrap_or_else(|refusal| {
                    object::refused(&refusal.within(&format!("events[{place}]")))
                })
            });
            Ok((status, List::whole(data.collect(), &uri)).into_response())
        }
    }
}

fn parse(ledger: &Ledger, id: String, event: &Value) -> Result<Event, Refusal> {
    let mut incoming = from_api(event)?;
    // Without an id of its own, an event is another one with each request.
    incoming.id.get_or_insert(id);
    laurel_events::parse(incoming, ledger.now())
}

/// Handles events in order and one by one: a refund may follow its payment in one call.
async fn handle_all(ledger: &Ledger, events: Vec<Result<Event, Refusal>>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(events.len());
    for event in events {
        outcomes.push(match event {
            Ok(event) => match ledger.apply(&event).await {
                Ok(outcome) => Ok(object::outcome(&outcome)),
                Err(error) => Err(error::refusal_of(&error)),
            },
            Err(refusal) => Err(refusal),
        });
    }
    outcomes
}
