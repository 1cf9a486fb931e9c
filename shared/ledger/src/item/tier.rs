//! A member's tier, as a part of the account's item.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{ToSpan, civil::Date};
use laurel_rules::tier::{Earlier, EarnedOn, TierStanding};

use super::{Reader, Writer, number};
use crate::Error;

/// Adds what there is to say of a tier; nothing where the program has none.
pub(super) fn write(writer: Writer, tier: &TierStanding) -> Writer {
    let earlier = tier.earlier.iter().flat_map(|earlier| {
        [
            AttributeValue::S(earlier.key.clone().unwrap_or_default()),
            number(earlier.until.as_millisecond()),
        ]
    });
    let earned = tier.earned.iter();
    let earned = earned.flat_map(|on| [number(day_number(on.day)), number(on.points)]);
    let writer = writer
        .maybe_text("ti", tier.key.as_ref())
        .maybe_time("ts", tier.since)
        .list("te", earlier.collect())
        .list("tq", earned.collect());
    match tier.period {
        Some(period) => writer.number("tp", day_number(period)),
        None => writer,
    }
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// `Corrupt` where it is otherwise.
pub(super) fn read(reader: &Reader<'_>) -> Result<TierStanding, Error> {
    let period = reader.maybe_number("tp")?;
    let earlier = reader.list("te").chunks(2).map(|chunk| {
        let [key, until] = chunk else {
            return Err(reader.corrupt("an earlier tier is cut off"));
        };
        let key = reader.word("te", Some(key))?;
        Ok(Earlier {
            key: (!key.is_empty()).then(|| key.to_owned()),
            until: reader.instant("te", until)?,
        })
    });
    let earned = reader.list("tq").chunks(2).map(|chunk| {
        let [on, points] = chunk else {
            return Err(reader.corrupt("a day's points are cut off"));
        };
        Ok(EarnedOn {
            day: day(reader, reader.parse("tq", on)?)?,
            points: reader.parse("tq", points)?,
        })
    });
    Ok(TierStanding {
        key: reader.owned("ti"),
        since: reader.maybe_time("ts")?,
        period: period.map(|period| day(reader, period)).transpose()?,
        earlier: earlier.collect::<Result<_, _>>()?,
        earned: earned.collect::<Result<_, _>>()?,
    })
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A day as the number of days since 1970 began.
fn day_number(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

fn day(reader: &Reader<'_>, number: i32) -> Result<Date, Error> {
    let day = EPOCH.checked_add(i64::from(number).days());
    day.map_err(|_| reader.corrupt("a day is out of range"))
}
