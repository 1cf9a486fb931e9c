//! `/v1/loyalty/redemptions`

use axum::{Json, http::Uri};
use laurel_ledger::{Ledger, Shown};
use laurel_rules::{
    Code,
    decide::{Act, Redeem},
};

use crate::{
    AppState,
    body::{Body, NoFields},
    caller::State,
    error::ApiError,
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

mod object;
mod request;

use object::{RedemptionObject, ValidationObject};
use request::{CodeUse, Redemption, Redemptions, Use, Validation};

const BASE: &str = "/v1/loyalty/redemptions";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    let used = [Code::RedemptionUsed, Code::RedemptionNotUsable];
    Routes::tagged("Redemptions", "Points that became a reward, or pay for an order.")
        .get(BASE, list, "redemptions.list", "List redemptions")
        .about("The newest come first. With `account` those of accounts that were merged into it, too.")
        .refuses(&[Code::ResourceMissing])
        .post(BASE, create, "redemptions.create", "Redeem points or store credit")
        .about(
            "Takes the points, or the store credit, at once. With `capture: false` they are reserved: they come back by \
             themselves after `ttl_minutes` unless the redemption is confirmed, by a call or by a \
             `payment.completed` that names it in `metadata.redemption`.",
        )
        .refuses(&[
            Code::ResourceMissing,
            Code::AccountClosed,
            Code::AccountMerged,
            Code::InsufficientPoints,
            Code::InsufficientStoreCredit,
            Code::OutOfStock,
            Code::RewardUnavailable,
            Code::TierTooLow,
            Code::LimitReached,
        ])
        .post(
            &format!("{BASE}/validate"),
            validate,
            "redemptions.validate",
            "Ask what a code is worth for an order",
        )
        .about("Changes nothing. What is worth nothing is no error: `valid` is false, and `reason` says why.")
        .post(
            &format!("{BASE}/use"),
            use_code,
            "redemptions.use_code",
            "Use a code",
        )
        .about(
            "Counts once, however many try. Send an `Idempotency-Key`: the same request again is \
             no second use.",
        )
        .refuses(&used)
        .refuses(&[Code::ResourceMissing])
        .get(one, retrieve, "redemptions.retrieve", "Retrieve a redemption")
        .post(
            &format!("{one}/confirm"),
            confirm,
            "redemptions.confirm",
            "Confirm a redemption",
        )
        .about("Issues its code. To confirm it again changes nothing.")
        .refuses(&[Code::RedemptionNotReserved, Code::OutOfStock])
        .post(
            &format!("{one}/cancel"),
            cancel,
            "redemptions.cancel",
            "Cancel a redemption",
        )
        .about(
            "The points go back to the earnings that they came from; what has expired meanwhile \
             stays expired. A confirmed redemption can be canceled until it is used. To cancel it \
             again changes nothing.",
        )
        .refuses(&[Code::RedemptionNotReserved, Code::RedemptionUsed])
        .post(
            &format!("{one}/use"),
            use_one,
            "redemptions.use",
            "Use a redemption",
        )
        .refuses(&used)
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(asked): Body<Redemption>,
) -> Result<Created<RedemptionObject>, ApiError> {
    let redeem = Redeem {
        id: Ledger::redemption_id(&asked.account, seed),
        account: asked.account,
        wanted: asked.wanted,
        reserve_minutes: asked.reserve_minutes,
        metadata: asked.metadata,
    };
    Ok(Created(state.ledger.redeem(&redeem).await?.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Redemptions { filter, page }): Query<Redemptions>,
) -> Result<Json<List<RedemptionObject>>, ApiError> {
    let page = state.ledger.redemptions(&filter, &page).await?;
    Ok(List::of(page, &uri, RedemptionObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RedemptionObject>, ApiError> {
    Ok(Json(state.ledger.redemption(&id).await?.into()))
}

async fn confirm(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<RedemptionObject>, ApiError> {
    let view = state.ledger.act_on_redemption(&id, &Act::Confirm).await?;
    Ok(Json(view.into()))
}

async fn cancel(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<RedemptionObject>, ApiError> {
    let view = state.ledger.act_on_redemption(&id, &Act::Cancel).await?;
    Ok(Json(view.into()))
}

async fn use_one(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(asked): Body<Use>,
) -> Result<Json<RedemptionObject>, ApiError> {
    let (shown, request) = (Shown::Redemption(id), seed.to_text());
    let view = state.ledger.use_shown(&shown, request, asked.order).await?;
    Ok(Json(view.into()))
}

async fn use_code(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(asked): Body<CodeUse>,
) -> Result<Json<RedemptionObject>, ApiError> {
    let request = seed.to_text();
    let view = state
        .ledger
        .use_shown(&asked.shown, request, asked.order)
        .await?;
    Ok(Json(view.into()))
}

async fn validate(
    State(state): State<AppState>,
    Query(Nothing): Query<Nothing>,
    Body(asked): Body<Validation>,
) -> Result<Json<ValidationObject>, ApiError> {
    let (worth, view) = state.ledger.worth(&asked.shown, &asked.order).await?;
    let currency = asked.order.currency;
    Ok(Json(ValidationObject::of(worth, currency, view)))
}
