//! What the settings of programs and of earning rules have in common.

use laurel_rules::{
    Refusal,
    archive::ARCHIVE_DAYS_MAX,
    program::{
        Expiry, ExpiryAfter, ExpiryInactivity, ExpiryRound, PENDING_DAYS_MAX, REMINDER_DAYS_MAX,
    },
    time::Period,
};

use crate::{
    fields::{Field, Fields, Kind, Shape},
    shape::words,
};

const AFTER: Field = Field::new(
    "after",
    Kind::Text("duration"),
    "So long after the earning, in ISO 8601.",
)
.example("P12M")
.nullable();
const ROUND: Field = Field::new(
    "round",
    Kind::Choice(&words(&ROUNDS)),
    "Up to the end of which calendar unit, in the program's time zone.",
)
.nullable();
const INACTIVITY: Field = Field::new(
    "inactivity",
    Kind::Text("duration"),
    "So long after the member last did anything, in ISO 8601.",
)
.example("P6M")
.nullable();

/// What is read of a policy, which is one of the next two.
const POLICY: Shape = Shape::of("`expires`", &[AFTER, ROUND, INACTIVITY]);
pub(crate) const EXPIRES_AFTER: Shape =
    Shape::of("`expires` after a time", &[AFTER.set().required(), ROUND]);
const EXPIRES_INACTIVE: Shape =
    Shape::of("`expires` by inactivity", &[INACTIVITY.set().required()]);

/// When points expire.
pub(crate) const EXPIRES: Field = Field::new(
    "expires",
    Kind::OneOf(&[&EXPIRES_AFTER, &EXPIRES_INACTIVE]),
    "When points expire; never where null.",
)
.nullable();
/// How long points stay pending.
pub(crate) const PENDING_DAYS: Field = Field::new(
    "pending_days",
    Kind::Whole(0, PENDING_DAYS_MAX as i64),
    "Days from the earning until points can be spent.",
);

/// When an expiry is announced.
pub(crate) const REMINDER_DAYS: Field = Field::new(
    "reminder_days",
    Kind::Whole(0, REMINDER_DAYS_MAX as i64),
    "Days before points or store credit expire that `loyalty.points.expiring` or `loyalty.store_credit.expiring` tells of it; 0 for not at all.",
);

/// How long events are kept for simulations.
pub(crate) const ARCHIVE_DAYS: Field = Field::new(
    "archive_days",
    Kind::Whole(0, ARCHIVE_DAYS_MAX as i64),
    "Days that events are kept for what-if simulations, without what tells who the member is; 0 for not at all.",
);

const ROUNDS: [(&str, ExpiryRound); 3] = [
    ("day", ExpiryRound::Day),
    ("month", ExpiryRound::Month),
    ("year", ExpiryRound::Year),
];

/// Reads a policy of expiry: `{after, round?}` or `{inactivity}`.
///
/// # Errors
/// `parameter_invalid`, `parameter_unknown`.
pub(crate) fn expiry(fields: &mut Fields, name: &str) -> Result<Option<Expiry>, Refusal> {
    let Some(mut expires) = fields.object(name, &POLICY)? else {
        return Ok(None);
    };
    let after = period(&mut expires, name, "after")?;
    let round = expires
        .nullable("round", |fields, name| fields.choice(name, &ROUNDS))?
        .flatten();
    let inactivity = period(&mut expires, name, "inactivity")?;
    match (after, round, inactivity) {
        (Some(after), round, None) => Ok(Some(Expiry::After(ExpiryAfter { after, round }))),
        (None, None, Some(inactivity)) => {
            Ok(Some(Expiry::Inactivity(ExpiryInactivity { inactivity })))
        }
        _ => {
            let message = format!("`{name}` must be either {{after, round?}} or {{inactivity}}.");
            Err(Refusal::invalid(name, message))
        }
    }
}

/// Reads a policy of expiry after a time: `{after, round?}`.
///
/// # Errors
/// `parameter_missing`, `parameter_invalid`, `parameter_unknown`.
pub(crate) fn expiry_after(
    fields: &mut Fields,
    name: &str,
) -> Result<Option<ExpiryAfter>, Refusal> {
    let Some(mut expires) = fields.object(name, &EXPIRES_AFTER)? else {
        return Ok(None);
    };
    let after = expires.required("after", Fields::text)?;
    let after = iso_period(&after, name, "after")?;
    let round = expires
        .nullable("round", |fields, name| fields.choice(name, &ROUNDS))?
        .flatten();
    Ok(Some(ExpiryAfter { after, round }))
}

fn period(fields: &mut Fields, within: &str, name: &str) -> Result<Option<Period>, Refusal> {
    let text = fields.nullable(name, Fields::text)?.flatten();
    text.map(|text| iso_period(&text, within, name)).transpose()
}

fn iso_period(text: &str, within: &str, name: &str) -> Result<Period, Refusal> {
    // Other spellings of durations, such as "12 months", are no ISO 8601.
    let iso = if text.starts_with('P') { text } else { "" };
    Period::parse(iso).map_err(|problem| {
        let param = format!("{within}.{name}");
        let message = format!("`{param}` {problem}.");
        Refusal::invalid(param, message)
    })
}

/// Reads the days that points stay pending.
///
/// # Errors
/// `parameter_invalid`.
pub(crate) fn pending_days(fields: &mut Fields, name: &str) -> Result<Option<u16>, Refusal> {
    days(fields, name, PENDING_DAYS_MAX)
}

/// Reads a number of days up to `days_max`.
///
/// # Errors
/// `parameter_invalid`.
pub(crate) fn days(fields: &mut Fields, name: &str, days_max: u16) -> Result<Option<u16>, Refusal> {
    let days = fields.whole(name, 0..=i64::from(days_max))?;
    Ok(days.and_then(|days| u16::try_from(days).ok()))
}

/// Reads the id that a creation may give, which must say what it names.
///
/// # Errors
/// `parameter_invalid`.
pub(crate) fn new_id(fields: &mut Fields, prefix: &str) -> Result<Option<String>, Refusal> {
    let id = fields.id("id")?;
    let is_bare = |id: &String| id.strip_prefix(prefix).is_none_or(str::is_empty);
    if id.as_ref().is_some_and(is_bare) {
        let message = format!("`id` must start with {prefix}, as in {prefix}abc123.");
        return Err(Refusal::invalid("id", message));
    }
    Ok(id)
}

/// Sets a field where an update says something of it.
pub(crate) fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}
