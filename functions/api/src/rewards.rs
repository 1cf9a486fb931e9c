//! `/v1/loyalty/rewards`

use axum::{Json, http::Uri};
use laurel_ledger::{CODES_IMPORTED_MAX, Listing, Page};
use laurel_rules::{Code, Refusal, Reward, reward::REWARD_PREFIX};

use crate::{
    AppState,
    accounts::PROGRAM,
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{CREATED_THEN, List, PAGE_FIELDS},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

mod change;
pub(crate) mod fields;
pub(crate) mod object;

use change::{RewardChange, RewardCreation};
use fields::ACTIVE;
use object::{ImportObject, RewardObject};

const BASE: &str = "/v1/loyalty/rewards";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged("Rewards", "What members can have for their points.")
        .get(BASE, list, "rewards.list", "List rewards")
        .refuses(&[Code::ResourceMissing])
        .post(BASE, create, "rewards.create", "Create a reward")
        .refuses(&[
            Code::ResourceMissing,
            Code::ResourceAlreadyExists,
            Code::LimitReached,
        ])
        .get(one, retrieve, "rewards.retrieve", "Retrieve a reward")
        .post(one, update, "rewards.update", "Update a reward")
        .about(
            "What is absent stays; null unsets. Redemptions that were made keep what they are \
             worth.",
        )
        .patch(one, update, "rewards.patch", "Update a reward, by PATCH")
        .delete(one, deactivate, "rewards.delete", "Deactivate a reward")
        .about("Redemptions name their reward, so that it stays to be read.")
        .post(
            &format!("{one}/codes"),
            import,
            "rewards.import_codes",
            "Import codes",
        )
        .about(
            "Adds codes to those that redemptions of this reward get, each once. A code that the \
             program has already is left out and named in the answer. Letter case and dashes \
             don't tell codes apart.",
        )
}

struct Rewards {
    listing: Listing,
    /// Only active or only inactive ones.
    active: Option<bool>,
}

impl FromFields for Rewards {
    const SHAPE: Shape =
        Shape::of("the list of rewards", &[PROGRAM, ACTIVE, CREATED_THEN]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Rewards, Refusal> {
        Ok(Rewards {
            active: fields.boolean("active")?,
            listing: Listing::from_fields(fields)?,
        })
    }
}

async fn shown(state: &AppState, reward: Reward) -> Result<RewardObject, ApiError> {
    let stocks = state.ledger.stocks(std::slice::from_ref(&reward)).await?;
    let stock = stocks.first().copied().unwrap_or_default();
    Ok(RewardObject::of(reward, stock))
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<RewardCreation>,
) -> Result<Created<RewardObject>, ApiError> {
    let mut reward = creation.into_reward(seed.id(REWARD_PREFIX), state.ledger.now())?;
    reward.check()?;
    reward.created = state.ledger.time_of(&reward.program).await?;
    let request = seed.to_text();
    let made = state.ledger.create_configured(reward, &request).await?;
    Ok(Created(shown(&state, made).await?))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(asked): Query<Rewards>,
) -> Result<Json<List<RewardObject>>, ApiError> {
    let keep = |reward: &Reward| asked.active.is_none_or(|active| reward.active == active);
    let page = state.ledger.list_configured(&asked.listing, keep).await?;
    let stocks = state.ledger.stocks(&page.data).await?;
    let page = Page {
        data: page.data.into_iter().zip(stocks).collect(),
        has_more: page.has_more,
    };
    Ok(List::of(page, &uri, |(reward, stock)| {
        RewardObject::of(reward, stock)
    }))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RewardObject>, ApiError> {
    let reward = state.ledger.configured(&id).await?;
    Ok(Json(shown(&state, reward).await?))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<RewardChange>,
) -> Result<Json<RewardObject>, ApiError> {
    let updated = state
        .ledger
        .update_configured(&id, |reward| change.apply(reward));
    Ok(Json(shown(&state, updated.await?).await?))
}

async fn deactivate(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RewardObject>, ApiError> {
    let deactivated = |reward: &mut Reward| {
        reward.active = false;
        Ok(())
    };
    let updated = state.ledger.update_configured(&id, deactivated).await?;
    Ok(Json(shown(&state, updated).await?))
}

struct Codes(Vec<String>);

impl FromFields for Codes {
    const SHAPE: Shape = Shape::of(
        "an import of codes",
        &[Field::new(
            "codes",
            Kind::List(&Kind::Text(""), 1, CODES_IMPORTED_MAX),
            "Each 4 to 64 letters, digits or `_`, beside dashes.",
        )
        .example("[\"WINTER-7Q2K\", \"WINTER-M4XW\"]")
        .required()],
    );

    fn from_fields(fields: &mut Fields) -> Result<Codes, Refusal> {
        let codes = fields.required("codes", |fields, name| {
            fields.texts_up_to(name, CODES_IMPORTED_MAX)
        })?;
        Ok(Codes(codes))
    }
}

async fn import(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(Codes(codes)): Body<Codes>,
) -> Result<Json<ImportObject>, ApiError> {
    let imported = state.ledger.import_codes(&id, &codes, seed).await?;
    Ok(Json(ImportObject {
        object: "code_import",
        reward: id,
        imported: imported.imported,
        duplicates: imported.duplicates,
        codes_left: imported.stock.codes_left(),
    }))
}
