//! `/v1/loyalty/programs/{id}/tier_evaluation`: all members evaluated, as after a change of tiers.

use axum::Json;
use jiff::Timestamp;
use laurel_ledger::TierEvaluation;
use serde::Serialize;

use crate::{
    AppState,
    accounts::PROGRAM,
    caller::State,
    error::ApiError,
    fields::{Field, Kind, Shape},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::Answer,
    shape::NUMBER,
};

const EVALUATION: Shape = Shape::answer(
    "TierEvaluation",
    &[
        Field::new("object", Kind::Constant("tier_evaluation"), "What this is."),
        PROGRAM,
        Field::new(
            "status",
            Kind::Choice(&["running", "finished"]),
            "Whether it has come to the last member.",
        ),
        Field::new("evaluated", NUMBER, "Members that it has come to.").example("1200"),
        Field::new(
            "changed",
            NUMBER,
            "Those of them whose tier has changed since it was started.",
        )
        .example("17"),
        Field::new("started", Kind::Instant, "When it was started.")
            .example("2026-11-20T12:00:00Z"),
        Field::new(
            "finished",
            Kind::Instant,
            "When it came to the last member.",
        )
        .nullable(),
    ],
);

/// An evaluation as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct EvaluationObject {
    object: &'static str,
    program: String,
    status: &'static str,
    evaluated: u64,
    changed: u64,
    started: Timestamp,
    finished: Option<Timestamp>,
}

impl Answer for EvaluationObject {
    const KIND: Kind = Kind::Object(&EVALUATION);
}

impl From<TierEvaluation> for EvaluationObject {
    fn from(evaluation: TierEvaluation) -> EvaluationObject {
        EvaluationObject {
            object: "tier_evaluation",
            status: match evaluation.finished {
                Some(_) => "finished",
                None => "running",
            },
            program: evaluation.program,
            evaluated: evaluation.evaluated,
            changed: evaluation.changed,
            started: evaluation.started,
            finished: evaluation.finished,
        }
    }
}

pub(super) async fn start(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<EvaluationObject>, ApiError> {
    let request = seed.to_text();
    let started = state.ledger.start_tier_evaluation(&id, &request);
    Ok(Json(started.await?.into()))
}

pub(super) async fn progress(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<EvaluationObject>, ApiError> {
    Ok(Json(state.ledger.tier_evaluation(&id).await?.into()))
}
