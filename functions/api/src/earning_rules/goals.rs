//! The fields `milestone` and `streak` of an earning rule.

use laurel_rules::{
    POINTS_MAX, Refusal,
    goal::{GRACE_MAX, LENGTH_MAX, Milestone, Streak, StreakUnit, THRESHOLDS_MAX},
};

use crate::{
    fields::{Field, Fields, Kind, Shape},
    shape::words,
};

pub(crate) const UNITS: [(&str, StreakUnit); 3] = [
    ("day", StreakUnit::Day),
    ("week", StreakUnit::Week),
    ("month", StreakUnit::Month),
];

const THRESHOLD: Kind = Kind::Whole(1, POINTS_MAX);
const MILESTONE_FIELDS: Shape = Shape::of(
    "`milestone`",
    &[
        Field::new(
            "stat",
            Kind::Pattern(r"^[a-z][a-z0-9_.]{0,63}\.(count|sum|days)$"),
            "The rule's trigger and which figure of it: how many events, what they come to less \
             refunds, on how many days.",
        )
        .example("payment.completed.sum")
        .required(),
        Field::new(
            "at",
            Kind::List(&THRESHOLD, 1, THRESHOLDS_MAX),
            "The thresholds, each larger than the one before.",
        )
        .example("[100000, 500000]")
        .required(),
    ],
);
const STREAK_FIELDS: Shape = Shape::of(
    "`streak`",
    &[
        Field::new(
            "unit",
            Kind::Choice(&words(&UNITS)),
            "What follows each other, in the program's time zone; weeks begin on Monday.",
        )
        .required(),
        Field::new(
            "length",
            Kind::Whole(2, LENGTH_MAX as i64),
            "How many units a run takes.",
        )
        .example("7")
        .required(),
        Field::new(
            "repeat",
            Kind::Boolean,
            "Whether a run pays again at each further `length`.",
        ),
        Field::new(
            "grace",
            Kind::Whole(0, GRACE_MAX as i64),
            "How many missed units in a row do not break a run.",
        ),
    ],
);

pub(super) const MILESTONE: Field = Field::new(
    "milestone",
    Kind::Object(&MILESTONE_FIELDS),
    "Pays once for each threshold that the event crosses, not for each event. See \
     docs/milestones-and-streaks.md.",
)
.nullable();
pub(super) const STREAK: Field = Field::new(
    "streak",
    Kind::Object(&STREAK_FIELDS),
    "Pays for a run of days, weeks or months with an event each, not for each event. See \
     docs/milestones-and-streaks.md.",
)
.nullable();

/// Reads a milestone; what fits the rule's trigger is the rule's to check.
pub(super) fn milestone(fields: &mut Fields, name: &str) -> Result<Option<Milestone>, Refusal> {
    let Some(mut milestone) = fields.object(name, &MILESTONE_FIELDS)? else {
        return Ok(None);
    };
    Ok(Some(Milestone {
        stat: milestone.required("stat", Fields::text)?,
        at: milestone.required("at", |milestone, name| {
            milestone.wholes(name, 1..=POINTS_MAX, THRESHOLDS_MAX)
        })?,
    }))
}

/// Reads a streak.
pub(super) fn streak(fields: &mut Fields, name: &str) -> Result<Option<Streak>, Refusal> {
    let Some(mut streak) = fields.object(name, &STREAK_FIELDS)? else {
        return Ok(None);
    };
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Some(Streak {
        unit: streak.required("unit", |streak, name| streak.choice(name, &UNITS))?,
        length: streak.required("length", |streak, name| {
            let length = streak.whole(name, 2..=i64::from(LENGTH_MAX))?;
            Ok(length.map(count))
        })?,
        repeat: streak.boolean("repeat")?.unwrap_or(false),
        grace: streak
            .whole("grace", 0..=i64::from(GRACE_MAX))?
            .map_or(0, count),
    }))
}
