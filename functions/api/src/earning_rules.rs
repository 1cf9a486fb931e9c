//! `/v1/loyalty/earning_rules`

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri},
    response::IntoResponse,
    routing::get,
};
use laurel_ledger::{PageRequest, RuleFilter};
use laurel_rules::{Refusal, Rule};

use crate::{
    AppState,
    accounts::program,
    body::Body,
    error::ApiError,
    fields::{Fields, FromFields, Shape},
    list::{self, List},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
};

mod change;
mod object;
#[cfg(test)]
mod tests;

use change::{RuleChange, RuleCreation};
use object::RuleObject;

const BASE: &str = "/v1/loyalty/earning_rules";

pub(crate) fn routes() -> Router<AppState> {
    let one = get(retrieve).post(update).patch(update).delete(deactivate);
    Router::new()
        .route(BASE, get(list).post(create))
        .route(&format!("{BASE}/{{id}}"), one)
}

struct Rules {
    filter: RuleFilter,
    page: PageRequest,
}

impl FromFields for Rules {
    const SHAPE: Shape = Shape::of(
        "the list of earning rules",
        &[
            "program",
            "trigger",
            "active",
            "limit",
            "starting_after",
            "ending_before",
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Rules, Refusal> {
        let filter = RuleFilter {
            program: program(fields)?,
            trigger: fields.event_type("trigger")?,
            active: fields.boolean("active")?,
        };
        Ok(Rules {
            filter,
            page: list::page(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<RuleCreation>,
) -> Result<impl IntoResponse, ApiError> {
    let rule = creation.into_rule(seed.id("rule_"), state.ledger.now())?;
    let rule = state.ledger.create_rule(rule).await?;
    Ok((StatusCode::CREATED, Json(RuleObject::from(rule))))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Rules { filter, page }): Query<Rules>,
) -> Result<Json<List<RuleObject>>, ApiError> {
    let page = state.ledger.rules(&filter, &page).await?;
    Ok(List::of(page, &uri, RuleObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RuleObject>, ApiError> {
    Ok(Json(state.ledger.rule(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<RuleChange>,
) -> Result<Json<RuleObject>, ApiError> {
    Ok(Json(
        state
            .ledger
            .update_rule(&id, |rule| change.apply(rule))
            .await?
            .into(),
    ))
}

/// Transactions name the rule that made them, so that a rule is never really deleted.
async fn deactivate(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RuleObject>, ApiError> {
    let deactivated = |rule: &mut Rule| {
        rule.active = false;
        Ok(())
    };
    Ok(Json(
        state.ledger.update_rule(&id, deactivated).await?.into(),
    ))
}
