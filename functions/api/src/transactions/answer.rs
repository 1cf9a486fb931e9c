//! A transaction as it is answered.

use laurel_rules::{exact::Rounding, goal::THRESHOLDS_MAX};

use super::{ACCOUNT, TYPES};
use crate::{
    accounts::{CREATED, PROGRAM},
    earning_rules::{
        fields::{AWARDS, WINDOWS},
        goals::UNITS,
    },
    fields::{Field, Kind, Shape},
    shape::{NUMBER, words},
};

/// The seal of a transaction of points or of store credit.
pub(crate) const SEAL: Field = Field::new(
    "seal",
    Kind::AnyText,
    "SHA-256 of what was written with this transaction and of the seal before it in the member's \
     log, in hexadecimal digits; see docs/audit.md.",
)
.example("3f7c0a…")
.nullable();

pub(super) const TRANSACTION: Shape = Shape::answer(
    "Transaction",
    &[
        Field::new("id", Kind::Id, "`ptx_…`").example("ptx_7Qk2_3_0"),
        Field::new(
            "object",
            Kind::Constant("points_transaction"),
            "What this is.",
        ),
        ACCOUNT,
        PROGRAM,
        Field::new("type", Kind::Choice(&words(&TYPES)), "What kind of change."),
        Field::new(
            "amount",
            NUMBER,
            "Points, below zero where they were taken.",
        ),
        Field::new("points", NUMBER, "The same as `amount`."),
        Field::new("rule", Kind::Id, "The earning rule.").nullable(),
        Field::new("rule_version", NUMBER, "Its version then.").nullable(),
        Field::new("reason", Kind::AnyText, "Why, for people.").nullable(),
        Field::new("source", Kind::Object(&SOURCE), "What it came of."),
        Field::new("payment", Kind::Id, "The payment.").nullable(),
        Field::new("redemption", Kind::Id, "The redemption.").nullable(),
        Field::new("referral", Kind::Id, "The referral.").nullable(),
        Field::new(
            "status",
            Kind::AnyText,
            "`pending` until `available_at`, then `available`.",
        ),
        Field::new(
            "available_at",
            Kind::Instant,
            "When the points can be spent.",
        )
        .nullable(),
        Field::new("expires_at", Kind::Instant, "When they expire.").nullable(),
        Field::new(
            "occurred_at",
            Kind::Instant,
            "When it happened, by the event's word.",
        ),
        CREATED,
        Field::new("balance_after", NUMBER, "The balance after it."),
        SEAL,
        Field::new(
            "metadata",
            Kind::AnyObject,
            "Your own keys, and `capped`, `uncapped_points` or `written_off` where a limit cut it.",
        ),
        Field::new(
            "calculation",
            Kind::AnyOf(&[Kind::Object(&CALCULATION), Kind::Object(&EXPLANATION)]),
            "How an award came about; with `expand` any transaction has an `explanation`.",
        )
        .nullable(),
        Field::new(
            "experiment",
            Kind::Object(&TRIAL),
            "Which variant of which experiment made an award.",
        )
        .optional(),
        Field::new(
            "reverses",
            Kind::Id,
            "The earning that a `reverse` takes back.",
        )
        .optional(),
        Field::new(
            "extends",
            Kind::Id,
            "The earning of which what is left got more time, by an `adjust` of 0 points.",
        )
        .optional(),
        Field::new(
            "reinstates",
            Kind::Id,
            "The `expire` whose points an `adjust` gave back.",
        )
        .optional(),
    ],
);

pub(crate) const SOURCE: Shape = Shape::answer(
    "TransactionSource",
    &[
        Field::new("type", Kind::AnyText, "As `payment`."),
        Field::new("id", Kind::AnyText, "Its id."),
    ],
);

const ROUNDINGS: [(&str, Rounding); 4] = crate::programs::ROUNDINGS;

pub(crate) const CALCULATION: Shape = Shape::answer(
    "Calculation",
    &[
        Field::new("rule", Kind::Id, "The rule."),
        Field::new("rule_version", NUMBER, "Its version."),
        Field::new("award", AWARDS, "The award as it was configured."),
        Field::new("basis", Kind::Object(&BASIS), "What of the event counted.").optional(),
        Field::new(
            "milestone",
            Kind::Object(&MILESTONE),
            "The milestones that it was given for.",
        )
        .optional(),
        Field::new(
            "streak",
            Kind::Object(&STREAK),
            "The streak that it was given for.",
        )
        .optional(),
        Field::new(
            "base",
            Kind::AnyText,
            "The award before multipliers, exact; of several thresholds at once, of all together.",
        ),
        Field::new(
            "multipliers",
            Kind::List(&Kind::Object(&MULTIPLIER), 1, 100),
            "Those other than 1, in their order.",
        )
        .optional(),
        Field::new("carried_in", Kind::AnyText, "The fraction carried in.").optional(),
        Field::new("exact", Kind::AnyText, "Before rounding."),
        Field::new(
            "rounding",
            Kind::Choice(&words(&ROUNDINGS)),
            "How it was rounded.",
        ),
        Field::new("rounded", NUMBER, "After rounding, before the cap."),
        Field::new("carried_out", Kind::AnyText, "The fraction carried on.").optional(),
        Field::new("cap", Kind::Object(&CAP), "What the cap did.").optional(),
        Field::new(
            "budgets",
            Kind::List(&Kind::Object(&BUDGET), 1, 100),
            "What budgets did.",
        )
        .optional(),
        Field::new(
            "campaigns_failed",
            Kind::List(&Kind::Object(&CAMPAIGN), 1, 200),
            "Campaigns that did not count because their condition could not be told.",
        )
        .optional(),
        Field::new(
            "experiment",
            Kind::Object(&TRIAL),
            "Which variant of an experiment it was.",
        )
        .optional(),
        Field::new("points", NUMBER, "The points awarded."),
        EXPLAINED.optional(),
    ],
);

/// How a transaction came about that no rule gave, where that is asked for.
const EXPLANATION: Shape = Shape::answer("Explanation", &[EXPLAINED]);

const EXPLAINED: Field = Field::new(
    "explanation",
    Kind::List(&Kind::AnyText, 1, 500),
    "How it came about in short sentences, in English; only where it is asked for by `expand`.",
)
.example("[\"So it gave 84 points.\"]");

const CAMPAIGN: Shape = Shape::answer(
    "CalculationCampaign",
    &[
        Field::new("campaign", Kind::Id, "The campaign."),
        Field::new("message", Kind::AnyText, "Why."),
    ],
);

const TRIAL: Shape = Shape::answer(
    "CalculationExperiment",
    &[
        Field::new("key", Kind::AnyText, "The experiment's key."),
        Field::new("variant", Kind::AnyText, "The variant's."),
    ],
);

const BASIS: Shape = Shape::answer(
    "CalculationBasis",
    &[
        Field::new("field", Kind::AnyText, "Its field, or `line_items`."),
        Field::new("amount", NUMBER, "Minor units."),
        Field::new("currency", Kind::AnyText, "ISO 4217.").optional(),
    ],
);

const MILESTONE: Shape = Shape::answer(
    "CalculationMilestone",
    &[
        Field::new("stat", Kind::AnyText, "The figure.").example("payment.completed.sum"),
        Field::new("before", NUMBER, "The figure before the event."),
        Field::new("after", NUMBER, "The figure with the event."),
        Field::new(
            "crossed",
            Kind::List(&NUMBER, 1, THRESHOLDS_MAX),
            "The thresholds that were paid.",
        ),
    ],
);

const STREAK: Shape = Shape::answer(
    "CalculationStreak",
    &[
        Field::new("unit", Kind::Choice(&words(&UNITS)), "What was counted."),
        Field::new("length", NUMBER, "How many units a streak takes."),
        Field::new("run", NUMBER, "How many units the run had with the event."),
        Field::new(
            "times",
            NUMBER,
            "How often it paid: more than once where a merge had completed another.",
        ),
    ],
);

const MULTIPLIER: Shape = Shape::answer(
    "CalculationMultiplier",
    &[
        Field::new(
            "origin",
            Kind::Choice(&["rule", "tier", "campaign"]),
            "Whose it is.",
        ),
        Field::new("id", Kind::AnyText, "Its id or key."),
        Field::new("value", Kind::Factor, "How much."),
    ],
);

const CAP: Shape = Shape::answer(
    "CalculationCap",
    &[
        Field::new("window", Kind::Choice(&words(&WINDOWS)), "The period."),
        Field::new("rolling", Kind::Boolean, "Whether it trails the event.").optional(),
        Field::new("limit_points", NUMBER, "The limit in points.").optional(),
        Field::new("limit_awards", NUMBER, "The limit in awards.").optional(),
        Field::new("used_points", NUMBER, "Points used before this award."),
        Field::new("used_awards", NUMBER, "Awards before this one."),
    ],
);

const BUDGET: Shape = Shape::answer(
    "CalculationBudget",
    &[
        Field::new(
            "campaign",
            Kind::Id,
            "The campaign whose budget it is; the program's own where absent.",
        )
        .optional(),
        Field::new("window", Kind::Choice(&words(&WINDOWS)), "The period."),
        Field::new(
            "starts_on",
            Kind::AnyText,
            "The day on which it began, in the program's time zone; absent for all time.",
        )
        .optional()
        .example("2026-11-01"),
        Field::new("limit_points", NUMBER, "The limit over all members."),
        Field::new(
            "wanted_points",
            NUMBER,
            "Points of the award that count against it.",
        ),
        Field::new("granted_points", NUMBER, "Points that were left for them."),
    ],
);
