//! Campaigns: what multiplies awards for a while, or at certain hours.

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use crate::ops::Event;
use crate::settings::{Budget, Decimal, Rule};

/// What multiplies awards for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// `camp_…`.
    pub id: String,
    /// What awards are multiplied by.
    pub multiplier: Decimal,
    /// Whether it can be in effect.
    pub active: bool,
    /// From when it is.
    pub starts_at: Option<Timestamp>,
    /// Until when, exclusive.
    pub ends_at: Option<Timestamp>,
    /// For events of these types only.
    pub triggers: Option<Vec<String>>,
    /// For awards of these rules only.
    pub rules: Option<Vec<String>>,
    /// When in the week it is in effect.
    pub schedule: Option<Schedule>,
    /// The most points that it may add.
    pub budget: Option<Budget>,
}

/// When in the week a campaign is in effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// On these days, 0 for Monday to 6 for Sunday; every day where there is nothing.
    pub weekdays: Option<Vec<i8>>,
    /// In these ranges, in minutes of the day; all day where there is nothing. The end may be
    /// 24:00. One that ends before it starts belongs to the day on which it starts.
    pub hours: Option<Vec<(u16, u16)>>,
}

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

impl Campaign {
    /// Whether it multiplies what a rule gives for an event.
    pub fn in_effect(&self, event: &Event, rule: &Rule, zone: &TimeZone) -> bool {
        let at = event.occurred_at;
        let among = |list: &Option<Vec<String>>, name: &String| {
            list.as_ref().is_none_or(|list| list.contains(name))
        };
        self.active
            && self.starts_at.is_none_or(|start| start <= at)
            && self.ends_at.is_none_or(|end| at < end)
            && among(&self.triggers, &event.kind)
            && among(&self.rules, &rule.id)
            && self
                .schedule
                .as_ref()
                .is_none_or(|schedule| schedule.covers(zone.to_datetime(at)))
    }

    /// The campaign as the API takes it.
    pub fn to_api(&self, program: &str) -> Map<String, Value> {
        let body = json!({
            "id": self.id,
            "program": program,
            "multiplier": self.multiplier.json(),
            "active": self.active,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "triggers": self.triggers,
            "rules": self.rules,
            "schedule": self.schedule.as_ref().map(Schedule::to_api),
            "budget": self.budget.map(Budget::to_api),
        });
        let Value::Object(mut body) = body else {
            unreachable!("an object was written");
        };
        body.retain(|_, value| !value.is_null());
        body
    }
}

impl Schedule {
    /// Whether it covers a moment, by the clocks of the program's time zone.
    fn covers(&self, local: DateTime) -> bool {
        let on = |day: Weekday| {
            let day = day.to_monday_zero_offset();
            self.weekdays
                .as_ref()
                .is_none_or(|days| days.contains(&day))
        };
        let today = on(local.weekday());
        let yesterday = on((local - 1.day()).weekday());
        let Some(hours) = &self.hours else {
            return today;
        };
        let time = local.time();
        hours.iter().any(|&(from, to)| {
            let begun = minute(from).is_some_and(|from| from <= time);
            let not_over = minute(to).is_none_or(|to| time < to);
            if from < to {
                today && begun && not_over
            } else {
                today && begun || yesterday && not_over
            }
        })
    }

    fn to_api(&self) -> Value {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let days = self.weekdays.as_ref().map(|days| {
            let names = days
                .iter()
                .map(|day| WEEKDAYS[usize::from(day.unsigned_abs())]);
            names.collect::<Vec<_>>()
        });
        let hours = self.hours.as_ref().map(|hours| {
            let ranges = hours
                .iter()
                .map(|&(from, to)| json!({"from": clock(from), "to": clock(to)}));
            ranges.collect::<Vec<_>>()
        });
        let mut object = Map::new();
        if let Some(days) = days {
            object.insert("weekdays".to_owned(), json!(days));
        }
        if let Some(hours) = hours {
            object.insert("hours".to_owned(), json!(hours));
        }
        Value::Object(object)
    }
}

/// A minute of the day on the clock; none for 24:00.
fn minute(minute: u16) -> Option<Time> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    Time::new(hour, minute, 0, 0).ok()
}
