//! `/v1/loyalty/campaigns`

use axum::{Json, http::Uri};
use laurel_ledger::Listing;
use laurel_rules::{Code, Refusal, campaign::Campaign};

use crate::{
    AppState,
    accounts::PROGRAM,
    body::Body,
    budgets::BudgetObject,
    caller::State,
    error::ApiError,
    fields::{Fields, FromFields, Shape},
    list::{CREATED_THEN, List, PAGE_FIELDS},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

mod change;
mod fields;
mod object;

use change::{CampaignChange, CampaignCreation};
use fields::ACTIVE;
use object::CampaignObject;

const BASE: &str = "/v1/loyalty/campaigns";
const PREFIX: &str = "camp_";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Campaigns",
        "For a while, or at certain hours, awards are multiplied. Campaigns in effect at the time \
         of an event multiply each other, the member's tier and the rule.",
    )
    .get(BASE, list, "campaigns.list", "List campaigns")
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "campaigns.create", "Create a campaign")
    .about("It is in force with the next event, for what happened before as well.")
    .refuses(&[
        Code::ResourceMissing,
        Code::ResourceAlreadyExists,
        Code::LimitReached,
    ])
    .get(one, retrieve, "campaigns.retrieve", "Retrieve a campaign")
    .post(one, update, "campaigns.update", "Update a campaign")
    .about(
        "What is absent stays; null unsets. An object such as `schedule` or `budget` replaces the \
         one before wholly. A lower limit of the budget holds when this answers; what was awarded \
         stays, and another window begins another count.",
    )
    .patch(
        one,
        update,
        "campaigns.patch",
        "Update a campaign, by PATCH",
    )
    .delete(one, deactivate, "campaigns.delete", "Deactivate a campaign")
    .about("Transactions name the campaigns that multiplied them, so that it stays to be read.")
    .get(
        &format!("{one}/budget"),
        budget,
        "campaigns.budget",
        "Retrieve what is used of a campaign's budget",
    )
    .about("In the current window, exact at some moment while this is answered.")
}

struct Campaigns {
    listing: Listing,
    active: Option<bool>,
}

impl FromFields for Campaigns {
    const SHAPE: Shape =
        Shape::of("the list of campaigns", &[PROGRAM, ACTIVE, CREATED_THEN]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Campaigns, Refusal> {
        Ok(Campaigns {
            active: fields.boolean("active")?,
            listing: Listing::from_fields(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<CampaignCreation>,
) -> Result<Created<CampaignObject>, ApiError> {
    let mut campaign = creation.into_campaign(seed.id(PREFIX), state.ledger.now())?;
    campaign.check()?;
    campaign.created = state.ledger.time_of(&campaign.program).await?;
    let campaign = state
        .ledger
        .create_configured(campaign, &seed.to_text())
        .await?;
    Ok(Created(campaign.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(asked): Query<Campaigns>,
) -> Result<Json<List<CampaignObject>>, ApiError> {
    let Campaigns { listing, active } = asked;
    let keep = |campaign: &Campaign| active.is_none_or(|active| campaign.active == active);
    let page = state.ledger.list_configured(&listing, keep).await?;
    Ok(List::of(page, &uri, CampaignObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<CampaignObject>, ApiError> {
    let campaign = state.ledger.configured::<Campaign>(&id).await?;
    Ok(Json(campaign.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<CampaignChange>,
) -> Result<Json<CampaignObject>, ApiError> {
    let updated = state
        .ledger
        .update_campaign(&id, |campaign| change.apply(campaign));
    Ok(Json(updated.await?.into()))
}

/// Transactions name the campaigns that multiplied them, so that one is never really deleted.
async fn deactivate(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<CampaignObject>, ApiError> {
    let deactivated = |campaign: &mut Campaign| {
        campaign.active = false;
        Ok(())
    };
    let updated = state.ledger.update_campaign(&id, deactivated).await?;
    Ok(Json(updated.into()))
}

async fn budget(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<BudgetObject>, ApiError> {
    let campaign = state.ledger.configured::<Campaign>(&id).await?;
    let found = state.ledger.campaign_budget(&campaign).await?;
    Ok(Json(BudgetObject::of(found)?))
}
