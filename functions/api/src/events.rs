//! `/v1/events`: events in, and in [`emitted`] events out.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use laurel_events::{from_api, object};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Event, Refusal};
use serde_json::Value;

use crate::{
    AppState,
    body::Payload,
    caller::State,
    error::{self, ApiError},
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    naming::Naming,
    query::Query,
    routes::{Operation, Output, Routes},
};

mod batch;
mod emitted;
mod queue;

use batch::batch;
pub(crate) use batch::type_figures;

pub(crate) mod answer;

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Events",
        "What happened in your shop, for the rules to judge; and what Laurel emitted of it.",
    )
    .post(
        "/v1/events",
        ingest,
        "events.create",
        "Send one event, or up to 100",
    )
    .about(
        "Events are handled at once and in the order given; each has an outcome, and the \
             refusal of one does not stop the others. The refusal of a single event is the \
             answer's own status. With `async=true` they are queued: status 202.",
    )
    .body(answer::BODY)
    .refuses(&[Code::EventContentMismatch, Code::ResourceMissing])
    .get(
        "/v1/events",
        emitted::list,
        "events.list",
        "List what Laurel emitted",
    )
    .about(
        "The newest come first; events are kept for 30 days. `docs/events.json` has a schema and \
         an example of each type.",
    )
    .refuses(&[Code::ResourceMissing])
    .get(
        "/v1/events/{id}",
        emitted::retrieve,
        "events.retrieve",
        "Retrieve an event that Laurel emitted",
    )
}

/// What came of the events.
struct Ingested(Response);

impl IntoResponse for Ingested {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Output for Ingested {
    fn describe(operation: &mut Operation) {
        for status in [StatusCode::OK, StatusCode::ACCEPTED] {
            operation.answers.push((status, Some(answer::OUTCOMES)));
        }
    }
}

struct Ingestion {
    /// Whether to put the events on the bus instead of handling them at once.
    is_async: bool,
}

impl FromFields for Ingestion {
    const SHAPE: Shape = Shape::of(
        "this route's query",
        &[Field::new(
            "async",
            Kind::Boolean,
            "Whether to queue the events instead of handling them at once.",
        )],
    );

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
) -> Result<Ingested, ApiError> {
    let batch = batch(payload)?;
    let is_list = batch.is_list();
    let parsed = batch
        .into_events()
        .into_iter()
        .zip(0..)
        .map(|(event, place)| parse(&state.ledger, seed.nth("evt_", place), event));
    let (status, outcomes) = if is_async {
        let mut parsed: Vec<_> = parsed.collect();
        for event in &mut parsed {
            // The bus would say that it happened when it got it, by the machine's clock.
            let Ok(undated) = event else { continue };
            if undated.is_dated {
                continue;
            }
            match state.ledger.time_of(&undated.program).await {
                Ok(now) => undated.occurred_at = now,
                Err(error) => *event = Err(error::refusal_of(&error)),
            }
        }
        (
            StatusCode::ACCEPTED,
            queue::put_all(state.bus.as_ref(), parsed).await,
        )
    } else {
        (
            StatusCode::OK,
            handle_all(&state.ledger, parsed.collect()).await,
        )
    };
    if !is_list {
        let none = || Err(Refusal::new(Code::Internal, "The event has no outcome."));
        let outcome = outcomes.into_iter().next().unwrap_or_else(none)?;
        return Ok(Ingested((status, Json(outcome)).into_response()));
    }
    let data = outcomes.into_iter().enumerate().map(|(place, outcome)| {
        outcome
            .unwrap_or_else(|refusal| object::refused(&refusal.within(&format!("events[{place}]"))))
    });
    let list = List::whole(data.collect(), &uri);
    Ok(Ingested((status, list).into_response()))
}

fn parse(ledger: &Ledger, id: String, event: Value) -> Result<Event, Refusal> {
    let mut incoming = from_api(event)?;
    // Without an id of its own, an event is another one with each request.
    incoming.id.get_or_insert(id);
    let event = laurel_events::parse(incoming, ledger.now())?;
    // An event that goes onto the bus is handled by one who sees all programs.
    ledger.check_sees(&event.program)?;
    Ok(event)
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
