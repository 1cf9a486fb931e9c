//! `/v1/sandbox/clock`: what time it is for a program.

use axum::Json;
use jiff::Timestamp;
use laurel_ledger::ProgramTime;
use laurel_rules::{Code, Refusal};
use serde::Serialize;

use crate::{
    AppState,
    accounts::{PROGRAM, program},
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    query::{Nothing, Query},
    routes::{Answer, Routes},
};

const PATH: &str = "/v1/sandbox/clock";

pub(super) fn routes() -> Routes {
    Routes::tagged(
        "Sandbox",
        "For trying out: time that is moved, payments that nobody makes. In live mode these \
         routes do not exist.",
    )
    .get(
        PATH,
        retrieve,
        "sandbox.clock.retrieve",
        "Retrieve a program's clock",
    )
    .refuses(&[Code::ResourceMissing])
    .post(PATH, set, "sandbox.clock.set", "Set a program's clock")
    .about(
        "Time moves forward only, and then stands still until it is set again. Points that \
         mature or expire by then have done so when the call returns.",
    )
    .refuses(&[Code::ResourceMissing, Code::ClockAhead])
}

const NOW: Field =
    Field::new("now", Kind::Instant, "The program's time.").example("2027-01-01T00:00:00Z");

const CLOCK: Shape = Shape::answer(
    "SandboxClock",
    &[
        Field::new("object", Kind::Constant("sandbox_clock"), "What this is."),
        PROGRAM,
        NOW,
        Field::new(
            "frozen",
            Kind::Boolean,
            "Whether it stands still since it was set; else it is the real time.",
        ),
        Field::new("real_time", Kind::Instant, "The time elsewhere."),
    ],
);

impl Answer for ClockObject {
    const KIND: Kind = Kind::Object(&CLOCK);
}

/// A program's clock as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct ClockObject {
    object: &'static str,
    program: String,
    now: Timestamp,
    frozen: bool,
    real_time: Timestamp,
}

impl ClockObject {
    fn new(program: String, time: ProgramTime) -> ClockObject {
        ClockObject {
            object: "sandbox_clock",
            program,
            now: time.now,
            frozen: time.is_frozen,
            real_time: time.real_time,
        }
    }
}

struct Of(String);

impl FromFields for Of {
    const SHAPE: Shape = Shape::of("this route's query", &[PROGRAM]);

    fn from_fields(fields: &mut Fields) -> Result<Of, Refusal> {
        program(fields).map(Of)
    }
}

struct Setting {
    program: String,
    now: Timestamp,
}

impl FromFields for Setting {
    const SHAPE: Shape = Shape::of("the clock", &[PROGRAM, NOW.required()]).read_only(&[
        "object",
        "frozen",
        "real_time",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Setting, Refusal> {
        Ok(Setting {
            program: program(fields)?,
            now: fields.required("now", Fields::instant)?,
        })
    }
}

async fn retrieve(
    State(state): State<AppState>,
    Query(Of(program)): Query<Of>,
) -> Result<Json<ClockObject>, ApiError> {
    let time = state.ledger.program_time(&program).await?;
    Ok(Json(ClockObject::new(program, time)))
}

async fn set(
    State(state): State<AppState>,
    Query(Nothing): Query<Nothing>,
    Body(Setting { program, now }): Body<Setting>,
) -> Result<Json<ClockObject>, ApiError> {
    let time = state.ledger.set_program_time(&program, now).await?;
    Ok(Json(ClockObject::new(program, time)))
}
