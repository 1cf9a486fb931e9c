//! `/v1/loyalty/earning_rules`

use axum::{Json, http::Uri};
use laurel_ledger::Listing;
use laurel_rules::{Code, Refusal, Rule};

use crate::{
    AppState,
    accounts::PROGRAM,
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Fields, FromFields, Shape},
    list::{CREATED_THEN, List, PAGE_FIELDS},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

pub(crate) mod change;
mod experiment;
pub(crate) mod fields;
pub(crate) mod goals;
mod import;
pub(crate) mod object;
#[cfg(test)]
mod tests;

use change::{ACTIVE, RuleChange, RuleCreation, TRIGGER};
use object::RuleObject;

const BASE: &str = "/v1/loyalty/earning_rules";
const PREFIX: &str = "rule_";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged("Earning rules", "Which event gives how many points.")
        .get(BASE, list, "earning_rules.list", "List earning rules")
        .refuses(&[Code::ResourceMissing])
        .post(
            BASE,
            create,
            "earning_rules.create",
            "Create an earning rule",
        )
        .about("It is in force with the next event, for what happened before as well.")
        .refuses(&[
            Code::ResourceMissing,
            Code::ResourceAlreadyExists,
            Code::LimitReached,
        ])
        .post(
            &format!("{BASE}/import"),
            import::import,
            "earning_rules.import",
            "Make rules of a configuration by event types",
        )
        .about(
            "The events that Resonance's clients configure, as `{\"signup\": {\"rsncFlat\": 100}}`. \
             Each has a rule of its own, which the same event changes when it is imported again; \
             rules of other events stay. All are checked before any is written. See \
             docs/behaviors.md.",
        )
        .refuses(&[Code::ResourceMissing, Code::LimitReached])
        .get(
            one,
            retrieve,
            "earning_rules.retrieve",
            "Retrieve an earning rule",
        )
        .post(
            one,
            update,
            "earning_rules.update",
            "Update an earning rule",
        )
        .about("What is absent stays; null unsets. An object such as `cap` or `award` replaces the one \
             before wholly. Each update makes a new version.")
        .patch(
            one,
            update,
            "earning_rules.patch",
            "Update an earning rule, by PATCH",
        )
        .delete(
            one,
            deactivate,
            "earning_rules.delete",
            "Deactivate an earning rule",
        )
        .about("Transactions name the rule that made them, so that it stays to be read.")
}

struct Rules {
    listing: Listing,
    /// Only those that listen to this event type.
    trigger: Option<String>,
    /// Only active or only inactive ones.
    active: Option<bool>,
}

impl FromFields for Rules {
    const SHAPE: Shape = Shape::of(
        "the list of earning rules",
        &[PROGRAM, TRIGGER, ACTIVE, CREATED_THEN],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Rules, Refusal> {
        Ok(Rules {
            trigger: fields.event_type("trigger")?,
            active: fields.boolean("active")?,
            listing: Listing::from_fields(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<RuleCreation>,
) -> Result<Created<RuleObject>, ApiError> {
    let mut rule = creation.into_rule(seed.id(PREFIX), state.ledger.now())?;
    rule.check()?;
    rule.created = state.ledger.time_of(&rule.program).await?;
    if let Some(experiment) = &mut rule.experiment {
        experiment.started_at = rule.created;
    }
    let rule = state
        .ledger
        .create_configured(rule, &seed.to_text())
        .await?;
    Ok(Created(rule.into()))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(asked): Query<Rules>,
) -> Result<Json<List<RuleObject>>, ApiError> {
    let Rules {
        listing,
        trigger,
        active,
    } = asked;
    let keep = |rule: &Rule| {
        trigger
            .as_ref()
            .is_none_or(|trigger| rule.trigger == *trigger)
            && active.is_none_or(|active| rule.active == active)
    };
    let page = state.ledger.list_configured(&listing, keep).await?;
    Ok(List::of(page, &uri, RuleObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<RuleObject>, ApiError> {
    Ok(Json(state.ledger.configured::<Rule>(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(mut change): Body<RuleChange>,
) -> Result<Json<RuleObject>, ApiError> {
    if change.names_experiment() {
        let rule = state.ledger.configured::<Rule>(&id).await?;
        change.set_beginning(state.ledger.time_of(&rule.program).await?);
    }
    let updated = state
        .ledger
        .update_configured(&id, |rule| change.apply(rule));
    Ok(Json(updated.await?.into()))
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
    let updated = state.ledger.update_configured(&id, deactivated).await?;
    Ok(Json(updated.into()))
}
