//! `/v1/loyalty/segments`

use std::collections::BTreeMap;

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_ledger::{CONDITION_BYTES_MAX, Listing};
use laurel_rules::{Code, Refusal, Segment, segment::SEGMENT_PREFIX};
use serde::Serialize;

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM, program},
    body::Body,
    caller::State,
    deleted::Deleted,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    settings::set,
};

const BASE: &str = "/v1/loyalty/segments";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Segments",
        "Named conditions on members. A member is in a segment while its condition holds; \
         conditions of rules, campaigns and rewards ask for it by `'vip' in member.segments`.",
    )
    .get(BASE, list, "segments.list", "List segments")
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "segments.create", "Create a segment")
    .refuses(&[
        Code::ResourceMissing,
        Code::ResourceAlreadyExists,
        Code::LimitReached,
    ])
    .get(one, retrieve, "segments.retrieve", "Retrieve a segment")
    .about("By its id.")
    .post(one, update, "segments.update", "Update a segment")
    .about("What is absent stays. Members are in it or not by its new condition at once.")
    .patch(one, update, "segments.patch", "Update a segment, by PATCH")
    .delete(one, remove, "segments.delete", "Delete a segment")
    .about(
        "Conditions that ask for it then fail and say so, also those that ask whether a member \
         is not in it.",
    )
}

const KEY: Field = Field::new(
    "key",
    Kind::Pattern("^[a-z0-9_-]{1,40}$"),
    "What conditions call it; unique in the program, and for good.",
)
.example("vip");
const NAME: Field = Field::new(
    "name",
    Kind::Text(""),
    "What you call it; its key where absent.",
)
.example("Our best customers");
const WHEN: Field = Field::new(
    "when",
    Kind::Source(CONDITION_BYTES_MAX),
    "Who is in it: a condition, in CEL, on `member`, `program` and `now`. It cannot ask for other \
     segments. See docs/conditions.md.",
)
.example("member.tier == 'gold' || member.lifetime_points >= 10000");

const SEGMENT: Shape = Shape::answer(
    "Segment",
    &[
        Field::new("id", Kind::Id, "`seg_…`").example("seg_7Qk2"),
        Field::new("object", Kind::Constant("segment"), "What this is."),
        PROGRAM,
        KEY,
        NAME,
        WHEN,
        METADATA,
        CREATED,
    ],
);

impl Answer for SegmentObject {
    const KIND: Kind = Kind::Object(&SEGMENT);
}

/// A segment as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct SegmentObject {
    id: String,
    object: &'static str,
    program: String,
    key: String,
    name: String,
    when: String,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<Segment> for SegmentObject {
    fn from(segment: Segment) -> SegmentObject {
        SegmentObject {
            object: "segment",
            id: segment.id,
            program: segment.program,
            key: segment.key,
            name: segment.name,
            when: segment.when,
            metadata: segment.metadata,
            created: segment.created,
        }
    }
}

/// What an update may say; absent fields stay.
struct Change {
    name: Option<String>,
    when: Option<String>,
    metadata: MetadataChange,
}

impl FromFields for Change {
    const SHAPE: Shape = Shape::of("an update of a segment", &[NAME, WHEN, METADATA])
        // Conditions name a segment by its key; another key is another segment.
        .read_only(&["id", "object", "program", "key", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Change, Refusal> {
        Ok(Change {
            name: fields.text("name")?,
            when: fields.source("when")?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

impl Change {
    fn apply(&self, segment: &mut Segment) -> Result<(), Refusal> {
        set(&mut segment.name, self.name.as_ref());
        set(&mut segment.when, self.when.as_ref());
        self.metadata.apply(&mut segment.metadata)
    }
}

struct Creation {
    program: String,
    key: String,
    name: Option<String>,
    when: String,
    metadata: MetadataChange,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new segment",
        &[PROGRAM, KEY.required(), NAME, WHEN.required(), METADATA],
    )
    .read_only(&["id", "object", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        Ok(Creation {
            program: program(fields)?,
            key: fields.required("key", Fields::text)?,
            name: fields.text("name")?,
            when: fields.required("when", Fields::source)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<SegmentObject>, ApiError> {
    let mut segment = Segment {
        id: seed.id(SEGMENT_PREFIX),
        name: creation.name.unwrap_or_else(|| creation.key.clone()),
        key: creation.key,
        when: creation.when,
        metadata: BTreeMap::new(),
        version: 1,
        created: state.ledger.now(),
        program: creation.program,
    };
    creation.metadata.apply(&mut segment.metadata)?;
    segment.check()?;
    segment.created = state.ledger.time_of(&segment.program).await?;
    let segment = state
        .ledger
        .create_configured(segment, &seed.to_text())
        .await?;
    Ok(Created(segment.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<SegmentObject>>, ApiError> {
    let page = state
        .ledger
        .list_configured(&listing, |_: &Segment| true)
        .await?;
    Ok(List::of(page, &uri, SegmentObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<SegmentObject>, ApiError> {
    Ok(Json(state.ledger.configured::<Segment>(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<Change>,
) -> Result<Json<SegmentObject>, ApiError> {
    let updated = state
        .ledger
        .update_configured(&id, |segment| change.apply(segment));
    Ok(Json(updated.await?.into()))
}

async fn remove(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<Deleted>, ApiError> {
    let gone: Segment = state.ledger.delete_configured(&id).await?;
    Ok(Json(Deleted::of("segment", gone.id)))
}
