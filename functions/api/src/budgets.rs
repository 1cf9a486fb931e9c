//! What programs and campaigns say of their budgets, and what is used of them.

use jiff::Timestamp;
use laurel_ledger::BudgetUse;
use laurel_rules::{Code, POINTS_MAX, Refusal, budget::Budget, rule::Window};
use serde::Serialize;

use crate::{
    accounts::PROGRAM,
    earning_rules::fields::WINDOWS,
    fields::{Field, Fields, Kind, Shape},
    routes::Answer,
    shape::{NUMBER, words},
};

/// A limit over all members.
pub(crate) const BUDGET: Field = Field::new(
    "budget",
    Kind::Object(&LIMIT),
    "The most points that may be awarded to all members together in each window; any number where \
     null. What is over it is cut, as by a cap.",
)
.example("{\"points\": 100000, \"window\": \"month\"}")
.nullable();
const LIMIT: Shape = Shape::of(
    "`budget`",
    &[
        Field::new("points", Kind::Whole(1, POINTS_MAX), "At most so many.").required(),
        Field::new(
            "window",
            Kind::Choice(&words(&WINDOWS)),
            "In each calendar day, week from Monday or month of the program's time zone, by the \
             time of the event; or in all, which is the default.",
        ),
    ],
);

/// Reads a budget.
///
/// # Errors
/// `parameter_missing`, `parameter_invalid`, `parameter_unknown`.
pub(crate) fn budget(fields: &mut Fields, name: &str) -> Result<Option<Budget>, Refusal> {
    let Some(mut budget) = fields.object(name, &LIMIT)? else {
        return Ok(None);
    };
    Ok(Some(Budget {
        points: budget.required("points", |fields, name| fields.whole(name, 1..=POINTS_MAX))?,
        window: budget.choice("window", &WINDOWS)?.unwrap_or_default(),
        revision: 0,
    }))
}

/// Sets a budget where an update says something of it; the same limit stays as it is.
pub(crate) fn set_budget(field: &mut Option<Budget>, value: Option<Option<Budget>>) {
    let Some(value) = value else {
        return;
    };
    let is_same = matches!((&*field, &value), (Some(now), Some(new)) if now.limits_like(new));
    if !is_same {
        *field = value;
    }
}

/// A budget as programs and campaigns show it.
#[derive(Debug, Serialize)]
pub(crate) struct BudgetForm {
    points: i64,
    window: Window,
}

impl From<Budget> for BudgetForm {
    fn from(budget: Budget) -> BudgetForm {
        BudgetForm {
            points: budget.points,
            window: budget.window,
        }
    }
}

const BUDGET_OBJECT: Shape = Shape::answer(
    "Budget",
    &[
        Field::new("object", Kind::Constant("budget"), "What this is."),
        PROGRAM,
        Field::new(
            "campaign",
            Kind::Id,
            "The campaign whose budget it is; the program's own where null.",
        )
        .nullable(),
        Field::new("points", NUMBER, "The limit."),
        Field::new(
            "window",
            Kind::Choice(&words(&WINDOWS)),
            "The period that it counts over.",
        ),
        Field::new(
            "starts_at",
            Kind::Instant,
            "When the current window began; null for all time.",
        )
        .nullable(),
        Field::new("ends_at", Kind::Instant, "When it ends.").nullable(),
        Field::new(
            "used",
            NUMBER,
            "Points awarded in it, less what was reversed; of a campaign those that it added.",
        ),
        Field::new("remaining", NUMBER, "Points that are left."),
    ],
);

/// What is used of a budget.
#[derive(Debug, Serialize)]
pub(crate) struct BudgetObject {
    object: &'static str,
    program: String,
    campaign: Option<String>,
    points: i64,
    window: Window,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    used: i64,
    remaining: i64,
}

impl BudgetObject {
    /// What is used of a budget, where there is one.
    ///
    /// # Errors
    /// `resource_missing`.
    pub(crate) fn of(found: Option<BudgetUse>) -> Result<BudgetObject, Refusal> {
        let found = found.ok_or_else(|| {
            let message = "It has no `budget`; set one to limit what it awards.";
            Refusal::new(Code::ResourceMissing, message)
        })?;
        Ok(BudgetObject {
            object: "budget",
            remaining: found.remaining(),
            program: found.program,
            campaign: found.campaign,
            points: found.points,
            window: found.window,
            starts_at: found.starts_at,
            ends_at: found.ends_at,
            used: found.used,
        })
    }
}

impl Answer for BudgetObject {
    const KIND: Kind = Kind::Object(&BUDGET_OBJECT);
}
