//! What an account keeps of its events, one line of text for each type.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use laurel_rules::stats::{Stat, Stats};

use super::Reader;
use crate::Error;

/// The attribute's value.
pub(super) fn stat_values(stats: &Stats) -> Vec<AttributeValue> {
    let lines = stats.0.iter().map(|stat| {
        format!(
            "{} {} {} {} {} {} {} {:x} {}",
            stat.trigger,
            stat.count,
            stat.sum,
            stat.first_at.as_millisecond(),
            stat.last_at.as_millisecond(),
            stat.days,
            stat.last_day,
            stat.recent,
            stat.earlier_run,
        )
    });
    lines.map(AttributeValue::S).collect()
}

/// Reads what [`stat_values`] wrote.
pub(super) fn stats(reader: &Reader<'_>, name: &str) -> Result<Stats, Error> {
    let lines = reader.list(name).iter();
    let stats = lines.map(|line| {
        let read = stat(reader.word(name, Some(line))?);
        read.ok_or_else(|| reader.corrupt("the figures of an event type are not readable"))
    });
    stats.collect::<Result<_, _>>().map(Stats)
}

fn stat(line: &str) -> Option<Stat> {
    let words: Vec<&str> = line.split(' ').collect();
    let [
        trigger,
        count,
        sum,
        first_at,
        last_at,
        days,
        last_day,
        recent,
        earlier_run,
    ] = *words
    else {
        return None;
    };
    let time = |text: &str| Timestamp::from_millisecond(text.parse().ok()?).ok();
    Some(Stat {
        trigger: trigger.to_owned(),
        count: count.parse().ok()?,
        sum: sum.parse().ok()?,
        first_at: time(first_at)?,
        last_at: time(last_at)?,
        days: days.parse().ok()?,
        last_day: last_day.parse().ok()?,
        recent: u64::from_str_radix(recent, 16).ok()?,
        earlier_run: earlier_run.parse().ok()?,
    })
}
