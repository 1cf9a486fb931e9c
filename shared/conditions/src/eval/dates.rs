//! Parts of dates, counted as CEL counts them.

use jiff::tz::TimeZone;
use laurel_rules::Program;

use super::{Evaluated, numbers::whole_units};
use crate::{failure::Failure, functions::DatePart, time, value::Value};

/// A part of a time by the clocks of a time zone, UTC where none is named, or of a span of time.
pub(super) fn part<'a>(
    part: DatePart,
    of: &Value<'_>,
    zone: Option<&str>,
    program: &Program,
) -> Evaluated<'a> {
    let at = match of {
        Value::Time(at) => *at,
        Value::Span(span) if zone.is_none() => {
            let unit_ms = match part {
                DatePart::Hours => 3_600_000,
                DatePart::Minutes => 60_000,
                DatePart::Seconds => 1_000,
                DatePart::Milliseconds => 1,
                _ => return Err(Failure::wrong("a span of time has no date")),
            };
            let units = whole_units(*span, unit_ms);
            // Unlike the others, CEL counts only what is left beside whole seconds here.
            let is_ms = part == DatePart::Milliseconds;
            return Ok(Value::whole(if is_ms { units % 1_000 } else { units }));
        }
        other => return Err(Failure::wrong(format!("{} has no date", other.kind()))),
    };
    let zone = match zone {
        None => TimeZone::UTC,
        Some(name) if name == program.timezone_name() => program.timezone.clone(),
        Some(name) => time::zone(name).map_err(Failure::wrong)?,
    };
    let local = at.to_zoned(zone);
    Ok(Value::whole(match part {
        DatePart::FullYear => i64::from(local.year()),
        DatePart::Month => i64::from(local.month()) - 1,
        DatePart::Date => i64::from(local.day()),
        DatePart::DayOfMonth => i64::from(local.day()) - 1,
        DatePart::DayOfWeek => i64::from(local.weekday().to_sunday_zero_offset()),
        DatePart::DayOfYear => i64::from(local.day_of_year()) - 1,
        DatePart::Hours => i64::from(local.hour()),
        DatePart::Minutes => i64::from(local.minute()),
        DatePart::Seconds => i64::from(local.second()),
        DatePart::Milliseconds => i64::from(local.millisecond()),
    }))
}
