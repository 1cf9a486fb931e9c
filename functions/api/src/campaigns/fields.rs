//! The fields of a campaign, for requests and answers.

use laurel_rules::{
    campaign::NAMED_MAX,
    schedule::{HOURS_MAX, Weekday},
};

use crate::{
    accounts::{CREATED, PROGRAM},
    budgets::BUDGET,
    conditions::WHEN,
    fields::{Field, Kind, Shape},
    metadata::METADATA,
    shape::words,
};

pub(super) const ACTIVE: Field =
    Field::new("active", Kind::Boolean, "Whether it can be in effect.");
pub(super) const MULTIPLIER: Field =
    Field::new("multiplier", Kind::Factor, "What awards are multiplied by.").example("2");

pub(super) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

pub(super) const SCHEDULE: Shape = Shape::of(
    "`schedule`",
    &[
        Field::new(
            "weekdays",
            Kind::List(&Kind::Choice(&words(&WEEKDAYS)), 1, 7),
            "On these days; every day where null.",
        )
        .nullable(),
        Field::new(
            "hours",
            Kind::List(&Kind::Object(&HOURS), 1, HOURS_MAX),
            "In these ranges, by the clocks of the program's time zone; all day where null.",
        )
        .nullable(),
    ],
);
const CLOCK: Kind = Kind::Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$");
const HOURS: Shape = Shape::of(
    "a range of hours",
    &[
        Field::new("from", CLOCK, "The first minute.")
            .example("18:00")
            .required(),
        Field::new(
            "to",
            Kind::Pattern("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"),
            "The first minute after. A range that ends before it starts goes on past midnight and \
             belongs to the day on which it starts.",
        )
        .example("22:00")
        .required(),
    ],
);

/// What a creation and an update have in common, and an answer has as well.
pub(super) const CAMPAIGN_FIELDS: [Field; 10] = [
    Field::new("name", Kind::Text(""), "What you call it.")
        .example("Double points weekend")
        .nullable(),
    Field::new(
        "starts_at",
        Kind::Instant,
        "From when it is in effect, judged at the event's time.",
    )
    .nullable(),
    Field::new("ends_at", Kind::Instant, "Until when, exclusive.").nullable(),
    Field::new(
        "triggers",
        Kind::List(&Kind::EventType, 1, NAMED_MAX),
        "For events of these types only; of all where null.",
    )
    .nullable(),
    Field::new(
        "rules",
        Kind::List(&Kind::Id, 1, NAMED_MAX),
        "For awards of these earning rules only; of all where null.",
    )
    .nullable(),
    Field::new(
        "schedule",
        Kind::Object(&SCHEDULE),
        "When in the week it is in effect; always where null.",
    )
    .example(
        "{\"weekdays\": [\"saturday\"], \"hours\": [{\"from\": \"18:00\", \"to\": \"22:00\"}]}",
    )
    .nullable(),
    WHEN,
    BUDGET,
    ACTIVE,
    METADATA,
];

pub(super) const CAMPAIGN: Shape = Shape::answer(
    "Campaign",
    &[
        Field::new("id", Kind::Id, "`camp_…`").example("camp_7Qk2"),
        Field::new("object", Kind::Constant("campaign"), "What this is."),
        PROGRAM,
        MULTIPLIER,
        Field::new("version", crate::shape::NUMBER, "Grows with each change."),
        CREATED,
    ],
)
.and(&CAMPAIGN_FIELDS);
