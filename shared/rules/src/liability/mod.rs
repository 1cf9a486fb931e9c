//! What a program owes its members: figures that add up over all accounts.
//!
//! An account contributes two kinds of them. What it *stands* at (its lots by the month in which
//! they expire, what of them is pending, what the member owes) follows from the account as it is
//! stored; what *flowed* follows from the entries of its log. Both are [`Figures`], and of each
//! account, as of each sum of accounts, Σ flows = outstanding − deficit.

mod flow;
mod journal;
mod standing;

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, tz::TimeZone};

pub use flow::{Flow, Movement, Place, flows, movements};
pub use journal::{LedgerAccount, Posting, postings, worth};
pub use standing::{Passed, next_change, passed, standing};

use crate::window;

/// What is owed: points, or a currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Points.
    Points,
    /// Store credit in minor units of an ISO 4217 currency.
    Credit(String),
}

impl Unit {
    /// `points`, or the currency.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Unit::Points => "points",
            Unit::Credit(currency) => currency,
        }
    }

    /// Reads what [`Unit::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Unit {
        match text {
            "points" => Unit::Points,
            currency => Unit::Credit(currency.to_owned()),
        }
    }
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
}

impl Month {
    /// The month that `at` falls in.
    #[must_use]
    pub fn of(at: Timestamp, zone: &TimeZone) -> Month {
        let date = at.to_zoned(zone.clone()).date();
        Month {
            year: date.year(),
            month: date.month(),
        }
    }

    /// The month in which something that ends at `end` can last be used: what ends with
    /// 31 December, at the midnight after it, belongs to December.
    #[must_use]
    pub fn of_end(end: Timestamp, zone: &TimeZone) -> Month {
        Month::of(window::shifted(end, -1), zone)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Month {
        match self.month {
            12 => Month {
                year: self.year.saturating_add(1),
                month: 1,
            },
            month => Month {
                month: month + 1,
                ..self
            },
        }
    }

    /// Reads `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let month = Month {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        // One spelling per month.
        ((1..=12).contains(&month.month) && month.to_string() == text).then_some(month)
    }

    /// The first instant of the month and the first after it.
    #[must_use]
    pub fn bounds(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let first = |month: Month| {
            let date = jiff::civil::Date::new(month.year, month.month, 1).ok()?;
            window::midnight(date, zone)
        };
        Some((first(self)?, first(self.next())?))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// One figure of many accounts together, or of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// What can be spent now or later, by the month in which it expires; `None` for never.
    Outstanding(Option<Month>),
    /// What of it matures later.
    Pending,
    /// What members owe.
    Deficit,
    /// What was booked in a month: positive where it adds to what is owed.
    Booked(Month, Flow),
}

/// Figures; those that are zero are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures(BTreeMap<(Unit, Figure), i128>);

impl Figures {
    /// Adds to a figure.
    pub fn add(&mut self, unit: &Unit, figure: Figure, amount: i128) {
        let key = (unit.clone(), figure);
        let sum = self.get(unit, figure).saturating_add(amount);
        if sum == 0 {
            self.0.remove(&key);
        } else {
            self.0.insert(key, sum);
        }
    }

    /// Adds all of `other`.
    pub fn add_all(&mut self, other: &Figures) {
        for (unit, figure, amount) in other.iter() {
            self.add(unit, figure, amount);
        }
    }

    /// Takes all of `other` away.
    pub fn take_all(&mut self, other: &Figures) {
        for (unit, figure, amount) in other.iter() {
            self.add(unit, figure, amount.saturating_neg());
        }
    }

    /// One figure.
    #[must_use]
    pub fn get(&self, unit: &Unit, figure: Figure) -> i128 {
        self.0.get(&(unit.clone(), figure)).copied().unwrap_or(0)
    }

    /// All that are not zero, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Unit, Figure, i128)> {
        let figures = self.0.iter();
        figures.map(|((unit, figure), amount)| (unit, *figure, *amount))
    }

    /// Whether all are zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_spelt_in_one_way() {
        for text in ["2026-11", "2026-01", "0999-12"] {
            assert_eq!(Month::parse(text).map(|m| m.to_string()), Some(text.into()));
        }
        for wrong in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "26-11",
            "2026-11-01",
        ] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_ends_with_a_month_belongs_to_it() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let table = [
            ("2026-12-31T22:59:59.999Z", "2026-12", "2026-12"),
            ("2026-12-31T23:00:00Z", "2027-01", "2026-12"),
            ("2026-12-31T23:00:00.001Z", "2027-01", "2027-01"),
        ];
        for (at, month, ends) in table {
            let instant = at.parse().expect(at);
            assert_eq!(Month::of(instant, &zone).to_string(), month, "{at}");
            assert_eq!(Month::of_end(instant, &zone).to_string(), ends, "{at}");
        }
        let december = Month::parse("2026-12").expect("a month");
        let (first, after) = december.bounds(&zone).expect("bounds");
        assert_eq!(first.to_string(), "2026-11-30T23:00:00Z");
        assert_eq!(after.to_string(), "2026-12-31T23:00:00Z");
    }

    #[test]
    fn figures_that_are_zero_are_absent() {
        let mut figures = Figures::default();
        figures.add(&Unit::Points, Figure::Pending, 5);
        let copy = figures.clone();
        figures.take_all(&copy);
        assert!(figures.is_empty());
        figures.add_all(&copy);
        assert_eq!(figures, copy);
    }
}
