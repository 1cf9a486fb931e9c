//! Times, spans of time and time zones, as conditions write them.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// The units of a span, with their length in nanoseconds; the longer names first. Days are 24
/// hours, which CEL leaves to be written so.
const UNITS: [(&str, i64); 8] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

/// The longest span, in seconds: ten thousand years, as in CEL.
const SPAN_S_MAX: i64 = 315_576_000_000;

/// Reads a time.
///
/// # Errors
/// What to write instead.
pub(crate) fn timestamp(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .map_err(|_| "this is no time; write it as '2026-01-31T00:00:00Z'")
}

/// Reads a span of time, as `1h30m`.
///
/// # Errors
/// What to write instead.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, &'static str> {
    let wrong = "this is no span of time; write it as '30d' or '1h30m'";
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() || text.len() > 40 {
        return Err(wrong);
    }
    let mut sum = Decimal::ZERO;
    while !rest.is_empty() {
        let len = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, after) = rest.split_at(len.ok_or(wrong)?);
        let mut units = UNITS.iter();
        let (unit, ns) = units
            .find(|(unit, _)| after.starts_with(unit))
            .ok_or(wrong)?;
        let number = crate::lex::decimal(digits).ok_or(wrong)?;
        let part = number.checked_mul(Decimal::from(*ns)).ok_or(wrong)?;
        sum = sum.checked_add(part).ok_or(wrong)?;
        rest = &after[unit.len()..];
    }
    if is_negative {
        sum = -sum;
    }
    let ns = sum.trunc().to_i128().ok_or(wrong)?;
    let (seconds, rest) = (ns / 1_000_000_000, ns % 1_000_000_000);
    let seconds = i64::try_from(seconds).map_err(|_| wrong)?;
    let rest = i32::try_from(rest).map_err(|_| wrong)?;
    if seconds.abs() > SPAN_S_MAX {
        return Err("a span of time is at most ten thousand years long");
    }
    Ok(SignedDuration::new(seconds, rest))
}

/// Reads the name of a time zone.
///
/// # Errors
/// What to write instead.
pub(crate) fn zone(name: &str) -> Result<TimeZone, &'static str> {
    TimeZone::get(name).map_err(|_| "this is no time zone; write it as 'Europe/Berlin'")
}
