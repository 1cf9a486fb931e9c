//! What is kept of a member's events, as accounts show it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::stats::Stats;
use serde::Serialize;

use crate::{
    fields::{Field, Kind, Shape},
    shape::NUMBER,
};

pub(super) const STATS: Field = Field::new(
    "stats",
    Kind::Object(&BY_TYPE),
    "What is kept of the member's events, by event type: of types that a rule listens to or a \
     condition names, from when one first does.",
);
const BY_TYPE: Shape = Shape::answer("AccountStats", &[]).others(&Kind::Object(&STAT));
const STAT: Shape = Shape::answer(
    "AccountStat",
    &[
        Field::new("count", NUMBER, "How many events there were."),
        Field::new(
            "sum",
            NUMBER,
            "What their amounts come to, less refunds, in minor units.",
        ),
        Field::new("first_at", Kind::Instant, "When the first one happened."),
        Field::new("last_at", Kind::Instant, "When the last one happened."),
        Field::new("days", NUMBER, "On how many days there was one."),
    ],
);

/// The figures of one event type.
#[derive(Debug, Serialize)]
pub(super) struct StatObject {
    count: u64,
    sum: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    days: u32,
}

/// The figures by event type.
pub(super) fn by_type(stats: Stats) -> BTreeMap<String, StatObject> {
    let stats = stats.0.into_iter();
    stats
        .map(|stat| {
            let object = StatObject {
                count: stat.count,
                sum: stat.sum,
                first_at: stat.first_at,
                last_at: stat.last_at,
                days: stat.days,
            };
            (stat.trigger, object)
        })
        .collect()
}
