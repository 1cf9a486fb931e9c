//! `GET /v1/events`: events out.

use axum::{Json, http::Uri};
use laurel_events::Outgoing;
use laurel_ledger::{EventFilter, PageRequest};
use laurel_rules::Refusal;
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM, program},
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    path::Id,
    query::{Nothing, Query},
    routes::Answer,
};

/// An event as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct EventObject(Value);

const EVENT: Shape = Shape::answer(
    "Event",
    &[
        Field::new(
            "id",
            Kind::Id,
            "`evt_…`, the same however often the event is sent.",
        )
        .example("evt_7Qk2_3_0"),
        Field::new("object", Kind::Constant("event"), "What this is."),
        Field::new("type", Kind::EventType, "What happened.").example("loyalty.points.earned"),
        CREATED,
        PROGRAM,
        Field::new("data", Kind::AnyObject, "What describes it, by type."),
    ],
);

impl Answer for EventObject {
    const KIND: Kind = Kind::Object(&EVENT);
}

pub(super) struct Emitted {
    filter: EventFilter,
    page: PageRequest,
}

impl FromFields for Emitted {
    const SHAPE: Shape = Shape::of(
        "the list of events",
        &[
            PROGRAM,
            Field::new("account", Kind::Id, "Only of this account."),
            Field::new("type", Kind::EventType, "Only of this type.")
                .example("loyalty.points.earned"),
            CREATED_THEN,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Emitted, Refusal> {
        Ok(Emitted {
            filter: EventFilter {
                program: program(fields)?,
                account: fields.id("account")?,
                event_type: fields.event_type("type")?,
                created: list::created(fields)?,
            },
            page: list::page(fields)?,
        })
    }
}

fn object(event: Outgoing) -> EventObject {
    EventObject(event.envelope())
}

pub(super) async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Emitted { filter, page }): Query<Emitted>,
) -> Result<Json<List<EventObject>>, ApiError> {
    let page = state.ledger.emitted_events(&filter, &page).await?;
    Ok(List::of(page, &uri, object))
}

pub(super) async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<EventObject>, ApiError> {
    Ok(Json(object(state.ledger.emitted_event(&id).await?)))
}
