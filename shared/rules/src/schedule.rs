//! Weekly schedules: on which weekdays and at what hours something holds, by the program's clocks.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize, de};

use crate::Refusal;

/// When in the week something holds (spec section 5, "Campaigns").
///
/// It goes by what the clocks on the program's walls show. Where they are put forward, the hour
/// that is left out does not come; where they are put back, the hour that comes twice counts twice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// On these days; every day where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<Weekday>>,
    /// In these ranges; the whole day where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<Hours>>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A range of hours. One that ends no later than it starts goes on past midnight, and belongs to
/// the weekday on which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The first minute.
    pub from: Clock,
    /// The first minute after; `24:00` for the end of the day.
    pub to: Clock,
}

/// What a clock shows, `00:00` to `24:00`, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(u16);

const DAY_MINUTES: u16 = 24 * 60;
/// How many ranges a schedule may have.
pub const HOURS_MAX: usize = 50;

impl Clock {
    /// Reads `18:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Clock> {
        let (hours, minutes) = text.split_once(':')?;
        let two = |digits: &str| {
            let all_digits = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            all_digits.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= DAY_MINUTES).then_some(Clock(total))
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Clock, D::Error> {
        let text = String::deserialize(deserializer)?;
        Clock::parse(&text).ok_or_else(|| de::Error::custom("must be a time such as 18:00"))
    }
}

impl Weekday {
    fn of(date: civil::Date) -> Weekday {
        match date.weekday() {
            civil::Weekday::Monday => Weekday::Monday,
            civil::Weekday::Tuesday => Weekday::Tuesday,
            civil::Weekday::Wednesday => Weekday::Wednesday,
            civil::Weekday::Thursday => Weekday::Thursday,
            civil::Weekday::Friday => Weekday::Friday,
            civil::Weekday::Saturday => Weekday::Saturday,
            civil::Weekday::Sunday => Weekday::Sunday,
        }
    }
}

impl Schedule {
    /// Whether it holds at `at`, in `zone`.
    #[must_use]
    pub fn holds(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = at.to_zoned(zone.clone()).datetime();
        let (today, time) = (local.date(), local.time());
        let minute =
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        let on = |date: Option<civil::Date>| match (&self.weekdays, date) {
            (None, _) => true,
            (Some(days), Some(date)) => days.contains(&Weekday::of(date)),
            (Some(_), None) => false,
        };
        let Some(hours) = &self.hours else {
            return on(Some(today));
        };
        hours.iter().any(|Hours { from, to }| {
            if from < to {
                return on(Some(today)) && (from.0..to.0).contains(&minute);
            }
            (on(Some(today)) && from.0 <= minute) || (on(today.yesterday().ok()) && minute < to.0)
        })
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// `parameter_invalid`; its `param` begins with `schedule`.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.weekdays.as_ref().is_some_and(Vec::is_empty) {
            let message = "`schedule.weekdays` must name a day; leave it out for every day.";
            return Err(Refusal::invalid("schedule.weekdays", message));
        }
        let Some(hours) = &self.hours else {
            return Ok(());
        };
        if hours.is_empty() || hours.len() > HOURS_MAX {
            let message = format!(
                "`schedule.hours` must have 1 to {HOURS_MAX} ranges; leave it out for the whole \
                 day."
            );
            return Err(Refusal::invalid("schedule.hours", message));
        }
        for (place, Hours { from, to }) in hours.iter().enumerate() {
            let param = format!("schedule.hours[{place}]");
            if from.0 == DAY_MINUTES {
                let message = format!("`{param}.from` must be before 24:00.");
                return Err(Refusal::invalid(format!("{param}.from"), message));
            }
            if from == to {
                let message =
                    format!("`{param}.to` must differ from `from`; a whole day is 00:00 to 24:00.");
                return Err(Refusal::invalid(format!("{param}.to"), message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(json: &str) -> Schedule {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn schedules_table() {
        const SATURDAY: &str = r#"{"weekdays": ["saturday"]}"#;
        const HAPPY: &str = r#"{"hours": [{"from": "18:00", "to": "22:00"}]}"#;
        const LATE: &str =
            r#"{"weekdays": ["friday"], "hours": [{"from": "22:00", "to": "02:00"}]}"#;
        const EARLY: &str = r#"{"hours": [{"from": "02:00", "to": "03:00"}]}"#;
        const EVENING: &str = r#"{"hours": [{"from": "20:00", "to": "24:00"}]}"#;
        let table = [
            // 21 November 2026 is a Saturday; in Berlin it begins at 23:00 UTC the day before.
            (SATURDAY, "UTC", "2026-11-20T23:30:00Z", false),
            (SATURDAY, "Europe/Berlin", "2026-11-20T23:30:00Z", true),
            (SATURDAY, "Europe/Berlin", "2026-11-21T22:59:59.999Z", true),
            (SATURDAY, "Europe/Berlin", "2026-11-21T23:00:00Z", false),
            // The end is exclusive.
            (HAPPY, "UTC", "2026-11-20T17:59:59.999Z", false),
            (HAPPY, "UTC", "2026-11-20T18:00:00Z", true),
            (HAPPY, "UTC", "2026-11-20T21:59:59.999Z", true),
            (HAPPY, "UTC", "2026-11-20T22:00:00Z", false),
            (EVENING, "UTC", "2026-11-20T23:59:59.999Z", true),
            (EVENING, "UTC", "2026-11-21T00:00:00Z", false),
            // Past midnight a range belongs to the day on which it starts.
            (LATE, "UTC", "2026-11-20T21:59:59Z", false),
            (LATE, "UTC", "2026-11-20T22:00:00Z", true),
            (LATE, "UTC", "2026-11-21T01:59:59Z", true),
            (LATE, "UTC", "2026-11-21T02:00:00Z", false),
            (LATE, "UTC", "2026-11-20T01:00:00Z", false),
            (LATE, "UTC", "2026-11-21T23:00:00Z", false),
            // 18:00 in Berlin is 17:00 UTC in winter and 16:00 UTC in summer.
            (HAPPY, "Europe/Berlin", "2026-03-28T17:00:00Z", true),
            (HAPPY, "Europe/Berlin", "2026-03-28T16:00:00Z", false),
            (HAPPY, "Europe/Berlin", "2026-03-29T16:00:00Z", true),
            // On 29 March 2026 the clocks there go from 02:00 to 03:00: the hour does not come.
            (EARLY, "Europe/Berlin", "2026-03-29T00:59:59Z", false),
            (EARLY, "Europe/Berlin", "2026-03-29T01:00:00Z", false),
            // On 25 October they go back from 03:00 to 02:00: it comes twice.
            (EARLY, "Europe/Berlin", "2026-10-24T23:59:59Z", false),
            (EARLY, "Europe/Berlin", "2026-10-25T00:00:00Z", true),
            (EARLY, "Europe/Berlin", "2026-10-25T01:30:00Z", true),
            (EARLY, "Europe/Berlin", "2026-10-25T02:00:00Z", false),
        ];
        for (json, zone, at, expected) in table {
            let zone = TimeZone::get(zone).expect(zone);
            let at: Timestamp = at.parse().expect(at);
            assert_eq!(schedule(json).holds(at, &zone), expected, "{json} {at}");
        }
    }

    #[test]
    fn clocks_and_ranges_that_are_refused() {
        for text in [
            "24:01", "1:00", "12:60", "12", "12:0", "+1:00", "1２:00", "",
        ] {
            assert_eq!(Clock::parse(text), None, "{text}");
        }
        let table = [
            (r#"{"weekdays": []}"#, "schedule.weekdays"),
            (r#"{"hours": []}"#, "schedule.hours"),
            (
                r#"{"hours": [{"from": "24:00", "to": "02:00"}]}"#,
                "schedule.hours[0].from",
            ),
            (
                r#"{"hours": [{"from": "01:00", "to": "02:00"}, {"from": "08:00", "to": "08:00"}]}"#,
                "schedule.hours[1].to",
            ),
        ];
        for (json, param) in table {
            let refusal = schedule(json).check().expect_err(json);
            assert_eq!(refusal.param.as_deref(), Some(param), "{json}");
        }
    }
}
