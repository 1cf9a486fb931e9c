//! Instants in whole milliseconds, and calendar durations.

use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize, de};

/// The instant that `timestamp` falls in, in whole milliseconds: what is stored and compared.
#[must_use]
pub fn truncate(timestamp: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(timestamp.as_millisecond()).unwrap_or(timestamp)
}

/// An ISO 8601 duration in calendar units, as `P12M` or `P1Y6M`: what an expiry is given in.
#[derive(Debug, Clone, Copy)]
pub struct Period(Span);

impl Period {
    /// Reads an ISO 8601 duration of years, months, weeks, days and hours, positive and at most
    /// 100 years long.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Period, String> {
        let problem = "must be an ISO 8601 duration such as \"P12M\" or \"P90D\"";
        // The parser takes "12 months" too, which is not ISO 8601.
        let span: Option<Span> = text.parse().ok().filter(|_| text.starts_with('P'));
        let span = span.ok_or_else(|| problem.to_owned())?;
        let only_calendar = span.get_minutes() == 0
            && span.get_seconds() == 0
            && span.get_milliseconds() == 0
            && span.get_microseconds() == 0
            && span.get_nanoseconds() == 0;
        if !only_calendar || !span.is_positive() {
            return Err(format!(
                "{problem}, longer than nothing and in hours at the finest"
            ));
        }
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let hours = i64::from(span.get_hours());
        if months > 1200 || days > 36_525 || hours > 876_600 {
            return Err(format!("{problem}, at most 100 years"));
        }
        Ok(Period(span))
    }

    /// The span to add to a zoned instant; adding months clamps to the month's end.
    #[must_use]
    pub fn span(self) -> Span {
        self.0
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.0.fieldwise() == other.0.fieldwise()
    }
}

impl Eq for Period {}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Period::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_of_calendar_units_and_at_most_a_hundred_years() {
        for text in [
            "P12M",
            "P1Y6M",
            "P90D",
            "P2W",
            "PT36H",
            "P1DT1H",
            "P100Y",
            "P1200M",
            "P99Y12M",
            "P36525D",
            "P5217W6D",
            "PT876600H",
        ] {
            assert!(Period::parse(text).is_ok(), "{text}");
        }
        for text in ["12 months", "P", "", "P0D", "-P1D", "P1.5D"] {
            assert!(Period::parse(text).is_err(), "{text}");
        }
        for text in [
            "PT1M",
            "PT1S",
            "PT0.001S",
            "PT0.000001S",
            "PT0.000000001S",
            "P1DT1M",
        ] {
            let problem = Period::parse(text).expect_err(text);
            assert!(problem.ends_with("in hours at the finest"), "{problem}");
        }
        for text in [
            "P101Y",
            "P1201M",
            "P99Y13M",
            "P36526D",
            "P5218W",
            "P5217W7D",
            "PT876601H",
        ] {
            let problem = Period::parse(text).expect_err(text);
            assert!(problem.ends_with("at most 100 years"), "{problem}");
        }
    }

    #[test]
    fn periods_are_the_same_where_their_units_are() {
        let period = |text: &str| Period::parse(text).expect("a period");
        assert_eq!(period("P1Y"), period("P1Y"));
        assert_ne!(period("P1Y"), period("P12M"));
    }
}
