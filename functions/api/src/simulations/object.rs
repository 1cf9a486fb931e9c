//! A simulation as clients see it.

use jiff::Timestamp;
use laurel_ledger::{SimulationStatus, StoredSimulation};
use laurel_whatif::Comparison;
use serde::Serialize;

use crate::{
    accounts::{CREATED, PROGRAM},
    earning_rules::{fields::RULE, object::RuleObject},
    fields::{Field, Kind, Shape},
    routes::Answer,
    shape::NUMBER,
};

pub(super) const NAME: Field =
    Field::new("name", Kind::Text(""), "What you call it.").example("Double points");
pub(super) const FROM: Field = Field::new(
    "from",
    Kind::Instant,
    "The first instant of the range, by when events were handled.",
)
.example("2026-10-01T00:00:00Z");
pub(super) const TO: Field = Field::new("to", Kind::Instant, "The end of the range, exclusive.")
    .example("2026-11-01T00:00:00Z");
pub(super) const REPLACE: Field = Field::new(
    "replace",
    Kind::Boolean,
    "Whether `rules` are all that there are (the default); else they join those of the program.",
);

const SIMULATION: Shape = Shape::answer(
    "Simulation",
    &[
        Field::new("id", Kind::Id, "`sim_…`").example("sim_7Qk2"),
        Field::new("object", Kind::Constant("simulation"), "What this is."),
        PROGRAM,
        NAME.nullable(),
        Field::new(
            "status",
            Kind::Choice(&["queued", "running", "finished", "failed"]),
            "How far it is.",
        ),
        FROM,
        TO,
        REPLACE,
        Field::new(
            "rules",
            Kind::List(&Kind::Object(&RULE), 0, super::RULES_MAX),
            "The candidate rules. New ones are called `candidate_001` and so on.",
        ),
        Field::new(
            "progress",
            Kind::Object(&PROGRESS),
            "How many events it has run.",
        ),
        Field::new(
            "result",
            Kind::Object(&COMPARISON),
            "What came of it; null until it is finished.",
        )
        .nullable(),
        Field::new("failure", Kind::AnyText, "Why it failed.").nullable(),
        CREATED,
        Field::new("finished_at", Kind::Instant, "When it ended.").nullable(),
    ],
);
const PROGRESS: Shape = Shape::answer(
    "SimulationProgress",
    &[
        Field::new(
            "events",
            NUMBER,
            "Events of the range; 0 before they were read.",
        ),
        Field::new("done", NUMBER, "Those that were run."),
    ],
);
const COMPARISON: Shape = Shape::answer(
    "SimulationResult",
    &[
        Field::new("actual", Kind::Object(&TOTALS), "What happened."),
        Field::new(
            "candidate",
            Kind::Object(&TOTALS),
            "What would have happened under the candidate rules.",
        ),
        Field::new(
            "difference",
            Kind::Object(&DIFFERENCE),
            "`candidate` less `actual`.",
        ),
        Field::new(
            "rules",
            Kind::List(&Kind::Object(&OF_RULE), 0, 1000),
            "The same by rule.",
        ),
        Field::new(
            "members",
            Kind::List(&Kind::Object(&MEMBER), 0, 10),
            "The ten members who get most more or less.",
        ),
    ],
);

const AWARDS: Field = Field::new("awards", NUMBER, "Awards of rules.");
const POINTS: Field = Field::new("points", NUMBER, "Points of these awards.");
const CAPPED: Field = Field::new("capped", NUMBER, "Awards that a cap or a budget has cut.");
const REVERSED: Field = Field::new("reversed", NUMBER, "Points that refunds took back.");
const EXPIRED: Field = Field::new("expired", NUMBER, "Points that expired.");
const OUTSTANDING: Field = Field::new(
    "outstanding",
    NUMBER,
    "Points that the members have in the end, pending ones too, less what they owe.",
);
const LIABILITY: Field = Field::new(
    "liability",
    NUMBER,
    "What those are worth at the program's `redeem_rate`, in minor units; null without one.",
)
.nullable();

const TOTALS: Shape = Shape::answer(
    "SimulationTotals",
    &[
        Field::new("events", NUMBER, "Events."),
        Field::new(
            "refused",
            NUMBER,
            "Events that could not be handled: an award would have been out of range.",
        ),
        Field::new(
            "members",
            NUMBER,
            "Members who got or lost points by a rule.",
        ),
        AWARDS,
        POINTS,
        CAPPED,
        REVERSED,
        EXPIRED,
        OUTSTANDING,
        LIABILITY,
        Field::new("currency", Kind::AnyText, "The currency of `liability`.").nullable(),
        Field::new(
            "tier_changes",
            Kind::List(&Kind::Object(&MOVE), 0, 1000),
            "How many members went from which tier to which.",
        ),
    ],
);
const MOVE: Shape = Shape::answer(
    "SimulationTierMove",
    &[
        Field::new("from", Kind::AnyText, "The key of the tier before.").nullable(),
        Field::new("to", Kind::AnyText, "The key of the tier after.").nullable(),
        Field::new("count", NUMBER, "How often."),
    ],
);
const DIFFERENCE: Shape = Shape::answer(
    "SimulationDifference",
    &[
        AWARDS,
        POINTS,
        CAPPED,
        REVERSED,
        EXPIRED,
        Field::new("tier_changes", NUMBER, "Changes of tiers."),
        OUTSTANDING,
        LIABILITY,
    ],
);
const OF_RULE: Shape = Shape::answer(
    "SimulationRule",
    &[
        Field::new("rule", Kind::Id, "The rule."),
        Field::new("actual_awards", NUMBER, "Awards that happened."),
        Field::new("actual_points", NUMBER, "Points of them, less reversed."),
        Field::new(
            "candidate_awards",
            NUMBER,
            "Awards that would have happened.",
        ),
        Field::new("candidate_points", NUMBER, "Points of them, less reversed."),
    ],
);
const MEMBER: Shape = Shape::answer(
    "SimulationMember",
    &[
        Field::new("account", Kind::Id, "The account."),
        Field::new("actual", NUMBER, "Points that rules gave, less reversed."),
        Field::new("candidate", NUMBER, "The same under the candidate rules."),
        Field::new("difference", NUMBER, "`candidate` less `actual`."),
    ],
);

/// A simulation as clients see it.
#[derive(Debug, Serialize)]
pub(super) struct SimulationObject {
    id: String,
    object: &'static str,
    program: String,
    name: Option<String>,
    status: SimulationStatus,
    from: Timestamp,
    to: Timestamp,
    replace: bool,
    rules: Vec<RuleObject>,
    progress: ProgressObject,
    result: Option<Comparison>,
    failure: Option<String>,
    created: Timestamp,
    finished_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct ProgressObject {
    events: u64,
    done: u64,
}

impl Answer for SimulationObject {
    const KIND: Kind = Kind::Object(&SIMULATION);
}

impl From<StoredSimulation> for SimulationObject {
    fn from(simulation: StoredSimulation) -> SimulationObject {
        SimulationObject {
            object: "simulation",
            id: simulation.id,
            program: simulation.program,
            name: simulation.name,
            status: simulation.status,
            from: simulation.from,
            to: simulation.to,
            replace: simulation.replace,
            rules: simulation.rules.into_iter().map(RuleObject::from).collect(),
            progress: ProgressObject {
                events: simulation.events,
                done: simulation.events_done,
            },
            result: simulation.result,
            failure: simulation.failure,
            created: simulation.created,
            finished_at: simulation.finished_at,
        }
    }
}
