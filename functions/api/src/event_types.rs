//! `/v1/event_types`

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_ledger::{EventType, Listing};
use laurel_rules::{Code, Refusal};
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM, program},
    body::Body,
    caller::State,
    deleted::Deleted,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    settings::set,
};

const BASE: &str = "/v1/event_types";
const PREFIX: &str = "evtype_";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Event types",
        "What the metadata of your own events must look like. Any event type earns by a rule \
         that names it; one that is registered with a schema is checked as well.",
    )
    .get(BASE, list, "event_types.list", "List event types")
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "event_types.create", "Register an event type")
    .about(
        "Its events are checked from the next one on, on whatever way they come: what does not \
         match is refused and leaves nothing behind.",
    )
    .refuses(&[
        Code::ResourceMissing,
        Code::ResourceAlreadyExists,
        Code::LimitReached,
    ])
    .get(
        one,
        retrieve,
        "event_types.retrieve",
        "Retrieve an event type",
    )
    .about("By its id, or by its name in a program.")
    .post(one, update, "event_types.update", "Update an event type")
    .patch(
        one,
        update,
        "event_types.patch",
        "Update an event type, by PATCH",
    )
    .delete(one, remove, "event_types.delete", "Delete an event type")
    .about("Its events are no longer checked; what they earned stays.")
}

const NAME: Field = Field::new(
    "name",
    // Those that start with `loyalty.` are Laurel's own.
    Kind::Pattern(r"^(?!loyalty\.)[a-z][a-z0-9_.]{0,63}$"),
    "The type, as events name it.",
)
.example("review_submitted");
const DESCRIPTION: Field =
    Field::new("description", Kind::Text(""), "What it is about.").nullable();
const SCHEMA: Field = Field::new(
    "schema",
    Kind::AnyJson,
    "The JSON Schema (2020-12, 2019-09 or draft 7) of the metadata of its events: at most 16 KiB, \
     32 deep, references only to itself, patterns without look-around. A form writes it as JSON \
     text.",
)
.example(
    "{\"type\": \"object\", \"required\": [\"rating\"], \"properties\": {\"rating\": \
     {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 5}}}",
)
.nullable();

const EVENT_TYPE: Shape = Shape::answer(
    "EventType",
    &[
        Field::new("id", Kind::Id, "`evtype_…`").example("evtype_7Qk2"),
        Field::new("object", Kind::Constant("event_type"), "What this is."),
        PROGRAM,
        NAME,
        DESCRIPTION,
        SCHEMA,
        CREATED,
    ],
);

impl Answer for EventTypeObject {
    const KIND: Kind = Kind::Object(&EVENT_TYPE);
}

/// An event type as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct EventTypeObject {
    id: String,
    object: &'static str,
    program: String,
    name: String,
    description: Option<String>,
    schema: Option<Value>,
    created: Timestamp,
}

impl From<EventType> for EventTypeObject {
    fn from(event_type: EventType) -> EventTypeObject {
        EventTypeObject {
            object: "event_type",
            id: event_type.id,
            program: event_type.program,
            name: event_type.name,
            description: event_type.description,
            schema: event_type.schema,
            created: event_type.created,
        }
    }
}

/// What an update may say; absent fields stay.
struct Change {
    description: Option<Option<String>>,
    schema: Option<Option<Value>>,
}

impl FromFields for Change {
    const SHAPE: Shape = Shape::of("an update of an event type", &[DESCRIPTION, SCHEMA])
        // Events are known by the name; another name is another type.
        .read_only(&["id", "object", "program", "name", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Change, Refusal> {
        Ok(Change {
            description: fields.nullable("description", Fields::text)?,
            schema: fields.nullable("schema", Fields::json)?,
        })
    }
}

impl Change {
    /// Any change is good that the event type's own check takes.
    #[allow(clippy::unnecessary_wraps, reason = "changes may be refused")]
    fn apply(&self, event_type: &mut EventType) -> Result<(), Refusal> {
        set(&mut event_type.description, self.description.as_ref());
        set(&mut event_type.schema, self.schema.as_ref());
        Ok(())
    }
}

struct Creation {
    program: String,
    name: String,
    settings: Change,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new event type",
        &[PROGRAM, NAME.required(), DESCRIPTION, SCHEMA],
    )
    .read_only(&["id", "object", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        Ok(Creation {
            program: program(fields)?,
            name: fields.required("name", Fields::event_type)?,
            settings: Change::from_fields(fields)?,
        })
    }
}

/// The program in which a name is looked up; an id needs none.
struct Within(String);

impl FromFields for Within {
    const SHAPE: Shape = Shape::of("this route's query", &[PROGRAM]);

    fn from_fields(fields: &mut Fields) -> Result<Within, Refusal> {
        program(fields).map(Within)
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<EventTypeObject>, ApiError> {
    let Creation {
        program,
        name,
        settings,
    } = creation;
    let event_type = EventType {
        id: seed.id(PREFIX),
        created: state.ledger.time_of(&program).await?,
        program,
        name,
        description: settings.description.flatten(),
        schema: settings.schema.flatten(),
        version: 1,
    };
    let request = seed.to_text();
    let event_type = state.ledger.create_configured(event_type, &request).await?;
    Ok(Created(event_type.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<EventTypeObject>>, ApiError> {
    let page = state
        .ledger
        .list_configured(&listing, |_: &EventType| true)
        .await?;
    Ok(List::of(page, &uri, EventTypeObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Within(program)): Query<Within>,
) -> Result<Json<EventTypeObject>, ApiError> {
    let found: EventType = state.ledger.configured((&*program, &*id)).await?;
    Ok(Json(found.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Within(program)): Query<Within>,
    Body(change): Body<Change>,
) -> Result<Json<EventTypeObject>, ApiError> {
    let named = (&*program, &*id);
    let updated = state
        .ledger
        .update_configured(named, |event_type| change.apply(event_type));
    Ok(Json(updated.await?.into()))
}

async fn remove(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Within(program)): Query<Within>,
) -> Result<Json<Deleted>, ApiError> {
    let named = (&*program, &*id);
    let gone: EventType = state.ledger.delete_configured(named).await?;
    Ok(Json(Deleted::of("event_type", gone.id)))
}
