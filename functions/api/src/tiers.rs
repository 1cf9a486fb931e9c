//! `/v1/loyalty/tiers`

use std::collections::BTreeMap;

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_ledger::Listing;
use laurel_rules::{Code, POINTS_MAX, Refusal, Tier, exact::Factor};
use serde::Serialize;

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM, program},
    body::Body,
    caller::State,
    deleted::Deleted,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, NAMES_MAX, Shape},
    list::List,
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    settings::set,
};

const BASE: &str = "/v1/loyalty/tiers";
const PREFIX: &str = "tier_";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Tiers",
        "Levels that members reach by what they earn. The program says which points count, over \
         which time, and what happens at its end: `tier_basis`, `tier_period`, `downgrade`, \
         `grace_days`.",
    )
    .get(BASE, list, "tiers.list", "List tiers")
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "tiers.create", "Create a tier")
    .about(
        "Members who have earned it get it when they are evaluated next: with their next event. \
         Reads show it at once.",
    )
    .refuses(&[
        Code::ResourceMissing,
        Code::ResourceAlreadyExists,
        Code::LimitReached,
    ])
    .get(one, retrieve, "tiers.retrieve", "Retrieve a tier")
    .about("By its id.")
    .post(one, update, "tiers.update", "Update a tier")
    .about("What is absent stays. Members are evaluated by it from their next event on.")
    .patch(one, update, "tiers.patch", "Update a tier, by PATCH")
    .delete(one, remove, "tiers.delete", "Delete a tier")
    .about("Its members get the tier that they have earned when they are evaluated next.")
}

const KEY: Field = Field::new(
    "key",
    Kind::Pattern("^[a-z0-9_-]{1,40}$"),
    "What accounts and events call it; unique in the program, and for good.",
)
.example("gold");
const NAME: Field = Field::new(
    "name",
    Kind::Text(""),
    "What members call it; its key where absent.",
)
.example("Gold");
const THRESHOLD: Field = Field::new(
    "threshold",
    Kind::Whole(0, POINTS_MAX),
    "The points that it takes, by the program's `tier_basis`; each tier of a program has its own. \
     With 0 every member has it.",
)
.example("500");
const MULTIPLIER: Field = Field::new(
    "multiplier",
    Kind::Factor,
    "Multiplies what its members earn; 1 where absent.",
)
.example("1.5");
const BENEFITS: Field = Field::new(
    "benefits",
    Kind::Names,
    "What else it brings, in your words.",
)
.example("[\"Free shipping\"]")
.nullable();
const BENEFITS_SHOWN: Field = Field::new(
    "benefits",
    Kind::List(&Kind::AnyText, 0, NAMES_MAX),
    "What else it brings, in your words.",
)
.example("[\"Free shipping\"]");

const TIER: Shape = Shape::answer(
    "Tier",
    &[
        Field::new("id", Kind::Id, "`tier_…`").example("tier_7Qk2"),
        Field::new("object", Kind::Constant("tier"), "What this is."),
        PROGRAM,
        KEY,
        NAME,
        THRESHOLD,
        MULTIPLIER,
        BENEFITS_SHOWN,
        METADATA,
        CREATED,
    ],
);

impl Answer for TierObject {
    const KIND: Kind = Kind::Object(&TIER);
}

/// A tier as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct TierObject {
    id: String,
    object: &'static str,
    program: String,
    key: String,
    name: String,
    threshold: i64,
    multiplier: Factor,
    benefits: Vec<String>,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<Tier> for TierObject {
    fn from(tier: Tier) -> TierObject {
        TierObject {
            object: "tier",
            id: tier.id,
            program: tier.program,
            key: tier.key,
            name: tier.name,
            threshold: tier.threshold,
            multiplier: tier.multiplier,
            benefits: tier.benefits,
            metadata: tier.metadata,
            created: tier.created,
        }
    }
}

/// What an update may say; absent fields stay.
struct Change {
    name: Option<String>,
    threshold: Option<i64>,
    multiplier: Option<Factor>,
    benefits: Option<Option<Vec<String>>>,
    metadata: MetadataChange,
}

impl FromFields for Change {
    const SHAPE: Shape = Shape::of(
        "an update of a tier",
        &[NAME, THRESHOLD, MULTIPLIER, BENEFITS, METADATA],
    )
    // Accounts name a tier by its key; another key is another tier.
    .read_only(&["id", "object", "program", "key", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Change, Refusal> {
        Ok(Change {
            name: fields.text("name")?,
            threshold: fields.whole("threshold", 0..=POINTS_MAX)?,
            multiplier: fields.factor("multiplier")?,
            benefits: fields.nullable("benefits", Fields::names)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

impl Change {
    fn apply(&self, tier: &mut Tier) -> Result<(), Refusal> {
        set(&mut tier.name, self.name.as_ref());
        set(&mut tier.threshold, self.threshold.as_ref());
        set(&mut tier.multiplier, self.multiplier.as_ref());
        if let Some(benefits) = &self.benefits {
            tier.benefits = benefits.clone().unwrap_or_default();
        }
        self.metadata.apply(&mut tier.metadata)
    }
}

struct Creation {
    program: String,
    key: String,
    threshold: i64,
    name: Option<String>,
    multiplier: Option<Factor>,
    benefits: Option<Vec<String>>,
    metadata: MetadataChange,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new tier",
        &[
            PROGRAM,
            KEY.required(),
            NAME,
            THRESHOLD.required(),
            MULTIPLIER,
            BENEFITS,
            METADATA,
        ],
    )
    .read_only(&["id", "object", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        let threshold = |fields: &mut Fields, name: &str| fields.whole(name, 0..=POINTS_MAX);
        Ok(Creation {
            program: program(fields)?,
            key: fields.required("key", Fields::text)?,
            threshold: fields.required("threshold", threshold)?,
            name: fields.text("name")?,
            multiplier: fields.factor("multiplier")?,
            benefits: fields.nullable("benefits", Fields::names)?.flatten(),
            metadata: MetadataChange::read(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<TierObject>, ApiError> {
    let mut tier = Tier {
        id: seed.id(PREFIX),
        name: creation.name.unwrap_or_else(|| creation.key.clone()),
        key: creation.key,
        threshold: creation.threshold,
        multiplier: creation.multiplier.unwrap_or(Factor::ONE),
        benefits: creation.benefits.unwrap_or_default(),
        metadata: BTreeMap::new(),
        version: 1,
        created: state.ledger.now(),
        program: creation.program,
    };
    creation.metadata.apply(&mut tier.metadata)?;
    tier.check()?;
    tier.created = state.ledger.time_of(&tier.program).await?;
    let tier = state
        .ledger
        .create_configured(tier, &seed.to_text())
        .await?;
    Ok(Created(tier.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<TierObject>>, ApiError> {
    let page = state
        .ledger
        .list_configured(&listing, |_: &Tier| true)
        .await?;
    Ok(List::of(page, &uri, TierObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<TierObject>, ApiError> {
    Ok(Json(state.ledger.configured::<Tier>(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<Change>,
) -> Result<Json<TierObject>, ApiError> {
    let updated = state
        .ledger
        .update_configured(&id, |tier| change.apply(tier));
    Ok(Json(updated.await?.into()))
}

async fn remove(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<Deleted>, ApiError> {
    let gone: Tier = state.ledger.delete_configured(&id).await?;
    Ok(Json(Deleted::of("tier", gone.id)))
}
