//! `/v1/loyalty/programs/{id}/audit`: whether the ledger keeps what it promises.

use axum::Json;
use jiff::Timestamp;
use laurel_ledger::{AuditProgress, AuditReport, Invariant, Violation};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    AppState,
    caller::State,
    error::ApiError,
    fields::{Field, Kind, Shape},
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Routes},
    shape::{NUMBER, words},
};

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Audit",
        "Whether the ledger keeps what it promises: a scheduled audit goes through all members, \
         round after round.",
    )
    .get(
        "/v1/loyalty/programs/{id}/audit",
        retrieve,
        "programs.audit",
        "Retrieve how far the audit is",
    )
    .about(
        "What the round that is under way has come to in this program, and the one before. Where \
         something does not hold, it says where, with the transactions behind it.",
    )
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<AuditObject>, ApiError> {
    Ok(Json(object(&state.ledger.audit_progress(&id).await?)))
}

/// The audit of a program as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
struct AuditObject(Value);

impl Answer for AuditObject {
    const KIND: Kind = Kind::Object(&AUDIT);
}

fn object(progress: &AuditProgress) -> AuditObject {
    let current = progress.current.as_ref();
    let last = progress.last.as_ref();
    AuditObject(json!({
        "object": "audit",
        "program": progress.program,
        "current": current.map(|(started, report)| round(*started, None, report)),
        "last": last.map(|(started, ended, report)| round(*started, Some(*ended), report)),
    }))
}

fn round(started: Timestamp, ended: Option<Timestamp>, report: &AuditReport) -> Value {
    let counts = report.counts;
    json!({
        "started": started.to_string(),
        "ended": ended.map(|at| at.to_string()),
        "program_ended": report.ended.map(|at| at.to_string()),
        "members": counts.members,
        "entries": counts.entries,
        "names": counts.names,
        "skipped": counts.skipped,
        "violation_count": counts.violations,
        "violations": report.found.iter().map(violation).collect::<Vec<_>>(),
    })
}

fn violation(violation: &Violation) -> Value {
    json!({
        "invariant": violation.invariant.as_str(),
        "account": violation.account,
        "message": violation.message,
        "transactions": violation.transactions,
    })
}

/// The names of what is checked.
const INVARIANTS: [(&str, Invariant); Invariant::ALL.len()] = {
    let mut names = [("", Invariant::Items); Invariant::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = (Invariant::ALL[place].as_str(), Invariant::ALL[place]);
        place += 1;
    }
    names
};

const VIOLATION: Shape = Shape::answer(
    "AuditViolation",
    &[
        Field::new(
            "invariant",
            Kind::Choice(&words(&INVARIANTS)),
            "What does not hold, as the documentation of the audit names it.",
        ),
        Field::new(
            "account",
            Kind::AnyText,
            "Of which member; null where it is about the program as a whole.",
        )
        .nullable(),
        Field::new("message", Kind::AnyText, "How."),
        Field::new(
            "transactions",
            Kind::List(&Kind::AnyText, 0, 20),
            "The transactions behind it, where single ones are: up to 20.",
        ),
    ],
);

const ROUND: Shape = Shape::answer(
    "AuditRound",
    &[
        Field::new("started", Kind::Instant, "When the round began."),
        Field::new(
            "ended",
            Kind::Instant,
            "When it ended; null while it is under way.",
        )
        .nullable(),
        Field::new(
            "program_ended",
            Kind::Instant,
            "When the last member of this program was audited; null where that is to come.",
        )
        .nullable(),
        Field::new("members", NUMBER, "Members that were audited."),
        Field::new("entries", NUMBER, "Entries of their logs."),
        Field::new("names", NUMBER, "Names and codes that lead to them."),
        Field::new(
            "skipped",
            NUMBER,
            "Members that were left out because they were written again and again meanwhile.",
        ),
        Field::new(
            "violation_count",
            NUMBER,
            "How often something does not hold.",
        ),
        Field::new(
            "violations",
            Kind::List(&Kind::Object(&VIOLATION), 0, 20),
            "Where: up to 20 of them.",
        ),
    ],
);

const AUDIT: Shape = Shape::answer(
    "Audit",
    &[
        Field::new("object", Kind::Constant("audit"), "The object's type."),
        Field::new("program", Kind::Id, "The program."),
        Field::new(
            "current",
            Kind::Object(&ROUND),
            "The round that is under way; null between two rounds.",
        )
        .nullable(),
        Field::new(
            "last",
            Kind::Object(&ROUND),
            "The round before; null before the end of the first one that the program was in.",
        )
        .nullable(),
    ],
);
