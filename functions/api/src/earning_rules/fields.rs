//! The fields of an earning rule, for requests and answers.

use laurel_rules::{
    POINTS_MAX,
    experiment::{VARIANTS_MAX, VARIANTS_MIN, WEIGHT_MAX},
    rule::{Basis, Exclusive, Recipient, Window},
};

use super::goals::{MILESTONE, STREAK};
use crate::{
    accounts::{CREATED, PROGRAM},
    conditions::WHEN,
    fields::{Field, Kind, Shape},
    metadata::METADATA,
    settings::{EXPIRES, PENDING_DAYS},
    shape::words,
};

pub(super) const BASES: [(&str, Basis); 2] =
    [("exact", Basis::Exact), ("whole_units", Basis::WholeUnits)];
pub(crate) const WINDOWS: [(&str, Window); 4] = [
    ("day", Window::Day),
    ("week", Window::Week),
    ("month", Window::Month),
    ("lifetime", Window::Lifetime),
];
pub(super) const EXCLUSIVES: [(&str, Exclusive); 2] =
    [("priority", Exclusive::Priority), ("best", Exclusive::Best)];
pub(super) const RECIPIENTS: [(&str, Recipient); 3] = [
    ("member", Recipient::Member),
    ("referrer", Recipient::Referrer),
    ("referee", Recipient::Referee),
];

pub(super) const TRIGGER: Field = Field::new(
    "trigger",
    Kind::EventType,
    "The type of the events that it listens to.",
)
.example("payment.completed");
pub(super) const ACTIVE: Field = Field::new("active", Kind::Boolean, "Whether it is evaluated.");

const POINTS: Field = Field::new("points", Kind::Whole(1, POINTS_MAX), "Points.").required();

/// How an event becomes points.
pub(crate) const AWARDS: Kind = Kind::OneOf(&[&PER_AMOUNT, &FIXED, &PER_CURRENCY, &PER_CURRENCIES]);
const PER_AMOUNT: Shape = Shape::of(
    "Points for each so much",
    &[
        Field::new(
            "type",
            Kind::Constant("per_amount"),
            "`amount × points ÷ per`",
        )
        .required(),
        Field::new(
            "per",
            Kind::Whole(1, POINTS_MAX),
            "Minor units of the currency.",
        )
        .example("100")
        .required(),
        POINTS,
    ],
);
const FIXED: Shape = Shape::of(
    "The same for any event",
    &[
        Field::new("type", Kind::Constant("fixed"), "Once per event").required(),
        POINTS,
    ],
);
const PER_CURRENCY_TYPE: Field = Field::new(
    "type",
    Kind::Constant("per_currency"),
    "Amount in major units × the rate of its currency",
)
.required();
const PER_CURRENCY: Shape = Shape::of(
    "Points by currency",
    &[
        PER_CURRENCY_TYPE,
        Field::new(
            "rates",
            Kind::Rates,
            "Points for each major unit, by ISO 4217 code.",
        )
        .example("{\"EUR\": 1, \"JPY\": 0.01}")
        .required(),
    ],
);
const PER_CURRENCIES: Shape = Shape::of(
    "Points by currency, the rates beside the type",
    &[PER_CURRENCY_TYPE],
)
.others(&Kind::Rates);

pub(super) const AWARD: Field = Field::new("award", AWARDS, "How an event becomes points.")
    .example("{\"type\": \"per_amount\", \"per\": 100, \"points\": 1}");

const CATEGORIES: Field = Field::new("categories", Kind::Names, "Categories of line items.")
    .nullable()
    .optional();
const PRODUCTS: Field = Field::new("products", Kind::Names, "Products of line items.")
    .nullable()
    .optional();
pub(super) const EXCLUDE: Shape = Shape::of("`earn_on.exclude`", &[CATEGORIES, PRODUCTS]);
pub(super) const EARN_ON: Shape = Shape::of(
    "`earn_on`",
    &[
        CATEGORIES,
        PRODUCTS,
        Field::new("exclude", Kind::Object(&EXCLUDE), "What never earns.").nullable(),
    ],
);
pub(super) const CAP: Shape = Shape::of(
    "`cap`",
    &[
        Field::new(
            "points",
            Kind::Whole(0, POINTS_MAX),
            "At most so many points.",
        )
        .nullable(),
        Field::new(
            "awards",
            Kind::Whole(0, u32::MAX as i64),
            "At most so many awards.",
        )
        .nullable(),
        Field::new(
            "rolling",
            Kind::Boolean,
            "Over the trailing 24 hours, 7 days or 30 days instead of the calendar's.",
        ),
    ],
)
.any_of(&["points", "awards"]);

pub(super) const MULTIPLIER: Field =
    Field::new("multiplier", Kind::Factor, "Scales the award.").example("1.5");
pub(super) const BASIS: Field = Field::new(
    "basis",
    Kind::Choice(&words(&BASES)),
    "What of an incomplete unit counts: its share, or nothing.",
);
pub(super) const BASIS_FIELD: Field = Field::new(
    "basis_field",
    Kind::Id,
    "Which figure of the event counts; `amount` where null.",
)
.example("amount_net")
.nullable();
pub(super) const EARNS_ON: Field = Field::new(
    "earn_on",
    Kind::Object(&EARN_ON),
    "Which line items count; the whole payment where null.",
)
.nullable();
pub(super) const LIMITS: Field =
    Field::new("cap", Kind::Object(&CAP), "Limits per member and window.").nullable();
pub(super) const WINDOW: Field = Field::new(
    "window",
    Kind::Choice(&words(&WINDOWS)),
    "The period that `cap` counts over.",
);
pub(super) const CARRY: Field = Field::new(
    "carry",
    Kind::Boolean,
    "Whether the fraction that rounding cut off counts next time.",
);

/// What a creation and an update have in common, and an answer has as well.
pub(super) const RULE_FIELDS: [Field; 22] = [
    Field::new(
        "name",
        Kind::Text(""),
        "What you call it; the reason on its transactions.",
    )
    .example("1 point per euro")
    .nullable(),
    MULTIPLIER,
    BASIS,
    BASIS_FIELD,
    EARNS_ON,
    LIMITS,
    WINDOW,
    CARRY,
    ACTIVE,
    Field::new(
        "starts_at",
        Kind::Instant,
        "From when it counts, judged at the event's time.",
    )
    .nullable(),
    Field::new("ends_at", Kind::Instant, "Until when it counts, exclusive.").nullable(),
    PENDING_DAYS.nullable(),
    EXPIRES,
    Field::new(
        "priority",
        Kind::Whole(i32::MIN as i64, i32::MAX as i64),
        "The higher wins in an exclusive group.",
    ),
    Field::new(
        "exclusive_group",
        Kind::Id,
        "Of the rules of one group only one fires.",
    )
    .nullable(),
    Field::new(
        "exclusive",
        Kind::Choice(&words(&EXCLUSIVES)),
        "Which one: the one of the highest priority, or the one that gives most.",
    ),
    Field::new(
        "recipient",
        Kind::Choice(&words(&RECIPIENTS)),
        "Who gets the points; others than the member are for referral triggers.",
    ),
    MILESTONE,
    STREAK,
    WHEN,
    EXPERIMENT,
    METADATA,
];

pub(super) const OVERRIDES: Shape = Shape::of(
    "`overrides`",
    &[
        AWARD,
        MULTIPLIER,
        BASIS,
        BASIS_FIELD,
        EARNS_ON,
        LIMITS,
        WINDOW,
        CARRY,
        PENDING_DAYS.nullable(),
        EXPIRES,
    ],
);
const EXPERIMENT_KEY: Kind = Kind::Pattern("^[A-Za-z0-9_-]{1,40}$");
pub(super) const VARIANT: Shape = Shape::of(
    "a variant",
    &[
        Field::new(
            "key",
            EXPERIMENT_KEY,
            "What it is called in its experiment.",
        )
        .example("double")
        .required(),
        Field::new(
            "weight",
            Kind::Whole(1, WEIGHT_MAX as i64),
            "How many of the members get it, beside the other weights.",
        )
        .example("1")
        .required(),
        Field::new(
            "overrides",
            Kind::Object(&OVERRIDES),
            "Fields of the rule that are otherwise; none where absent. Null unsets.",
        )
        .example("{\"multiplier\": 2}")
        .nullable(),
    ],
);
pub(crate) const VARIANT_KIND: Kind = Kind::Object(&VARIANT);
pub(super) const EXPERIMENTS: Shape = Shape::of(
    "`experiment`",
    &[
        Field::new("key", EXPERIMENT_KEY, "What it is called, once in its program.")
            .example("welcome-2026")
            .required(),
        Field::new(
            "variants",
            Kind::List(&VARIANT_KIND, VARIANTS_MIN, VARIANTS_MAX),
            "What members get; the first is what the others are compared with.",
        )
        .example("[{\"key\": \"control\", \"weight\": 1}, {\"key\": \"double\", \"weight\": 1, \"overrides\": {\"multiplier\": 2}}]")
        .required(),
        Field::new(
            "currency",
            Kind::Pattern("^[A-Za-z]{3}$"),
            "Only amounts in this currency count as spend; all where null.",
        )
        .example("EUR")
        .nullable(),
    ],
);
const EXPERIMENT: Field = Field::new(
    "experiment",
    Kind::Object(&EXPERIMENTS),
    "Different awards for different members. While it runs it stays as it is, until it is stopped \
     at `/v1/experiments/{key}/stop`. See docs/experiments.md.",
)
.nullable();

/// A rule as it is answered.
pub(crate) const RULE: Shape = Shape::answer(
    "EarningRule",
    &[
        Field::new("id", Kind::Id, "`rule_…`").example("rule_01"),
        Field::new("object", Kind::Constant("earning_rule"), "What this is."),
        PROGRAM,
        TRIGGER,
        AWARD,
        Field::new(
            "version",
            Kind::Whole(1, u32::MAX as i64),
            "Grows with each update, from 1.",
        ),
        CREATED,
    ],
)
.and(&RULE_FIELDS);
