//! `/v1/experiments`: what runs on earning rules, what comes of it, and its end. Experiments are
//! begun by rules.

use axum::{Json, http::Uri};
use laurel_ledger::{ExperimentView, Listing};
use laurel_rules::{Code, Refusal};

use crate::{
    AppState,
    accounts::{PROGRAM, program},
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{CREATED_THEN, List, PAGE_FIELDS},
    path::Id,
    query::{Nothing, Query},
    routes::Routes,
};

mod object;
mod statistics;

use object::ExperimentObject;

const BASE: &str = "/v1/experiments";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Experiments",
        "Different awards for different members, and what comes of them. An earning rule begins \
         one by its `experiment`.",
    )
    .get(BASE, list, "experiments.list", "List experiments")
    .refuses(&[Code::ResourceMissing])
    .get(
        one,
        retrieve,
        "experiments.retrieve",
        "Retrieve an experiment with its results",
    )
    .about("By its key.")
    .post(
        &format!("{BASE}/{{id}}/stop"),
        stop,
        "experiments.stop",
        "Stop an experiment",
    )
    .about(
        "Its rule goes on with the fields of the `winner`, or with its own, as a new version. The \
         results stay as they are.",
    )
    .refuses(&[Code::ExperimentStopped])
}

const STATUSES: [(&str, bool); 2] = [("running", true), ("stopped", false)];

struct Experiments {
    listing: Listing,
    is_running: Option<bool>,
}

impl FromFields for Experiments {
    const SHAPE: Shape = Shape::of(
        "the list of experiments",
        &[
            PROGRAM,
            Field::new(
                "status",
                Kind::Choice(&crate::shape::words(&STATUSES)),
                "Only those that run, or do not.",
            ),
            CREATED_THEN,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Experiments, Refusal> {
        Ok(Experiments {
            is_running: fields.choice("status", &STATUSES)?,
            listing: Listing::from_fields(fields)?,
        })
    }
}

struct OfProgram(String);

impl FromFields for OfProgram {
    const SHAPE: Shape = Shape::of("this route's query", &[PROGRAM]);

    fn from_fields(fields: &mut Fields) -> Result<OfProgram, Refusal> {
        program(fields).map(OfProgram)
    }
}

struct Stop {
    program: String,
    winner: Option<String>,
}

impl FromFields for Stop {
    const SHAPE: Shape = Shape::of(
        "the end of an experiment",
        &[
            PROGRAM,
            Field::new(
                "winner",
                Kind::Id,
                "The key of the variant whose fields the rule takes over; its own stay where null.",
            )
            .example("double")
            .nullable(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Stop, Refusal> {
        Ok(Stop {
            program: program(fields)?,
            winner: fields.nullable("winner", Fields::id)?.flatten(),
        })
    }
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(asked): Query<Experiments>,
) -> Result<Json<List<ExperimentObject>>, ApiError> {
    let Experiments {
        listing,
        is_running,
    } = asked;
    let page = state.ledger.experiments(&listing, is_running).await?;
    Ok(List::of(page, &uri, ExperimentObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(key): Id,
    Query(OfProgram(program)): Query<OfProgram>,
) -> Result<Json<ExperimentObject>, ApiError> {
    let view = state.ledger.experiment(&program, &key).await?;
    with_results(&state, view).await
}

async fn stop(
    State(state): State<AppState>,
    Id(key): Id,
    Query(Nothing): Query<Nothing>,
    Body(Stop { program, winner }): Body<Stop>,
) -> Result<Json<ExperimentObject>, ApiError> {
    let winner = winner.as_deref();
    let stopped = state.ledger.stop_experiment(&program, &key, winner).await?;
    with_results(&state, stopped).await
}

async fn with_results(
    state: &AppState,
    view: ExperimentView,
) -> Result<Json<ExperimentObject>, ApiError> {
    let figures = state.ledger.experiment_figures(&view).await?;
    Ok(Json(ExperimentObject::with_results(view, &figures)))
}
