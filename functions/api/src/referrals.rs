//! `/v1/loyalty/referrals`

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use laurel_rules::{Code, decide::Mint};

use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    list::List,
    path::Id,
    public_url::PublicUrl,
    query::{Nothing, Query},
    routes::{Answer, Created, Operation, Output, Routes},
};

mod object;
mod request;

use object::ReferralObject;
use request::{Attribution, NewCode, Referrals};

const BASE: &str = "/v1/loyalty/referrals";

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Referrals",
        "Members who bring members: codes that they share, and who came by them.",
    )
    .get(BASE, list, "referrals.list", "List referrals")
    .about(
        "The newest come first, codes among them as referrals that are `pending`. With `referrer` \
         those of accounts that were merged into it, too, and the codes last. With `referee` or \
         `customer` the one that they came by.",
    )
    .refuses(&[Code::ResourceMissing])
    .post(BASE, create, "referrals.create", "Create a member's code")
    .about(
        "A member has one code: to ask again answers the same, with status 200. `reward` and \
         `qualify` hold instead of the program's for whoever comes by it from now on.",
    )
    .refuses(&[
        Code::ResourceMissing,
        Code::AccountClosed,
        Code::AccountMerged,
    ])
    .post(
        &format!("{BASE}/attribute"),
        attribute,
        "referrals.attribute",
        "Attribute a new customer to a code",
    )
    .about(
        "The first one counts: another answers the referral that there is, unchanged. A new \
         customer is enrolled. What fraud controls find is no error: the referral is `rejected`, \
         and `reason` says why.",
    )
    .refuses(&[
        Code::ReferralCodeNotFound,
        Code::ResourceMissing,
        Code::AccountClosed,
        Code::AccountMerged,
    ])
    .get(
        &format!("{BASE}/{{id}}"),
        retrieve,
        "referrals.retrieve",
        "Retrieve a referral",
    )
}

/// A code that may have been there before.
enum Found<T> {
    New(T),
    Known(T),
}

impl<T: serde::Serialize> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        match self {
            Found::New(made) => Created(made).into_response(),
            Found::Known(known) => Json(known).into_response(),
        }
    }
}

impl<T: Answer> Output for Found<T> {
    fn describe(operation: &mut Operation) {
        Created::<T>::describe(operation);
        operation.answers.push((StatusCode::OK, Some(T::KIND)));
    }
}

async fn create(
    State(state): State<AppState>,
    base: PublicUrl,
    Query(Nothing): Query<Nothing>,
    Body(asked): Body<NewCode>,
) -> Result<Found<ReferralObject>, ApiError> {
    let mint = Mint {
        referrer: asked.referrer,
        reward: asked.reward,
        qualify: asked.qualify,
    };
    let program = asked.program.as_deref();
    let minted = state.ledger.mint_referral_code(program, &mint).await?;
    let object = ReferralObject::of(minted.view, &base);
    Ok(match minted.is_new {
        true => Found::New(object),
        false => Found::Known(object),
    })
}

async fn attribute(
    State(state): State<AppState>,
    base: PublicUrl,
    Query(Nothing): Query<Nothing>,
    Body(Attribution(asked)): Body<Attribution>,
) -> Result<Json<ReferralObject>, ApiError> {
    let view = state.ledger.attribute(&asked).await?;
    Ok(Json(ReferralObject::of(view, &base)))
}

async fn list(
    State(state): State<AppState>,
    base: PublicUrl,
    uri: Uri,
    Query(Referrals { filter, page }): Query<Referrals>,
) -> Result<Json<List<ReferralObject>>, ApiError> {
    let page = state.ledger.referrals(&filter, &page).await?;
    Ok(List::of(page, &uri, |view| ReferralObject::of(view, &base)))
}

async fn retrieve(
    State(state): State<AppState>,
    base: PublicUrl,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<ReferralObject>, ApiError> {
    let view = state.ledger.referral(&id).await?;
    Ok(Json(ReferralObject::of(view, &base)))
}
