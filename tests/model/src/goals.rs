//! Milestones and streaks, as settings of a rule and by brute force.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// A figure of a member's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// How many.
    Count,
    /// What they come to, less refunds.
    Sum,
}

/// Thresholds that pay once each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Of which figure of the rule's trigger.
    pub figure: Figure,
    /// Rising.
    pub at: Vec<i64>,
}

impl Milestone {
    /// As the API takes it.
    pub fn to_api(&self, trigger: &str) -> Value {
        let figure = match self.figure {
            Figure::Count => "count",
            Figure::Sum => "sum",
        };
        json!({"stat": format!("{trigger}.{figure}"), "at": self.at})
    }
}

/// What follows each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Calendar days.
    Day,
    /// Weeks from Monday.
    Week,
    /// Months.
    Month,
}

/// Runs that pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// Of what.
    pub unit: Unit,
    /// How long.
    pub length: u32,
    /// Whether again at each further length.
    pub repeat: bool,
    /// How many missed units are forgiven.
    pub grace: i64,
}

/// So many units up to the latest are known; what is told of later than that is not counted.
const KNOWN: i64 = 64;

impl Streak {
    /// As the API takes it.
    pub fn to_api(&self) -> Value {
        let unit = match self.unit {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
        };
        json!({
            "unit": unit, "length": self.length, "repeat": self.repeat, "grace": self.grace,
        })
    }

    /// The unit that an instant lies in; the next one is one more.
    pub fn unit_of(&self, at: Timestamp, zone: &TimeZone) -> i64 {
        let date = zone.to_datetime(at).date();
        // 5 January 1970 was a Monday.
        let since = |start: Date| i64::from(date.since(start).expect("days").get_days());
        match self.unit {
            Unit::Day => since(Date::constant(1970, 1, 5)),
            Unit::Week => since(Date::constant(1970, 1, 5)).div_euclid(7),
            Unit::Month => i64::from(date.year()) * 12 + i64::from(date.month()),
        }
    }

    /// The runs in a set of units.
    fn runs(&self, units: &BTreeSet<i64>) -> Vec<Vec<i64>> {
        let mut runs: Vec<Vec<i64>> = Vec::new();
        for &unit in units {
            match runs.last_mut() {
                Some(run) if unit - run[run.len() - 1] - 1 <= self.grace => run.push(unit),
                _ => runs.push(vec![unit]),
            }
        }
        runs
    }

    fn due(&self, units: &BTreeSet<i64>) -> u32 {
        let of = |run: &Vec<i64>| {
            let times = u32::try_from(run.len()).expect("few") / self.length;
            if self.repeat { times } else { times.min(1) }
        };
        self.runs(units).iter().map(of).sum()
    }
}

/// The units of a member's events under one rule.
#[derive(Clone, Debug, Default)]
pub struct Units {
    units: BTreeSet<i64>,
    /// How often the next event pays beyond what it completes.
    pub owed: u32,
}

impl Units {
    fn counts(&self, unit: i64) -> bool {
        self.units.last().is_none_or(|last| last - unit < KNOWN)
    }

    /// How often an event in `unit` pays.
    pub fn pays(&self, streak: &Streak, unit: i64) -> u32 {
        let mut with = self.clone();
        with.count(unit);
        let completes = streak
            .due(&with.units)
            .saturating_sub(streak.due(&self.units));
        completes + self.owed
    }

    /// Counts an event.
    pub fn count(&mut self, unit: i64) {
        if self.counts(unit) {
            self.units.insert(unit);
        }
    }

    /// The units that are known up to `last`, and the latest run of those before.
    fn known(&self, streak: &Streak, last: i64) -> (BTreeSet<i64>, Option<Vec<i64>>) {
        let (old, known) = self.units.iter().partition(|unit| last - **unit >= KNOWN);
        (known, streak.runs(&old).pop())
    }

    /// Takes over those of another member. Ruling: of what lies before the units that are known,
    /// the later run counts, or of runs that touch each other the longer.
    pub fn absorb(&mut self, other: Self, streak: &Streak, active: bool) {
        let last = self.units.last().max(other.units.last());
        let Some(&last) = last else { return };
        let (one, two) = (self.known(streak, last), other.known(streak, last));
        let run = match (one.1.clone(), two.1.clone()) {
            (Some(one), Some(two)) => {
                let end = |run: &Vec<i64>| run[run.len() - 1];
                let (first, second) = if end(&one) <= end(&two) {
                    (one, two)
                } else {
                    (two, one)
                };
                let touch = end(&second) - end(&first) - 1 <= streak.grace;
                let len = if touch {
                    first.len().max(second.len())
                } else {
                    second.len()
                };
                let len = i64::try_from(len).expect("few");
                // How the run is spread out before its end is no matter any more.
                Some((end(&second) - len + 1..=end(&second)).collect())
            }
            (one, two) => one.or(two),
        };
        let all = |known: &BTreeSet<i64>, run: &Option<Vec<i64>>| -> BTreeSet<i64> {
            known.iter().chain(run.iter().flatten()).copied().collect()
        };
        let paid = streak.due(&all(&one.0, &one.1)) + streak.due(&all(&two.0, &two.1));
        let known = one.0.union(&two.0).copied().collect();
        self.units = all(&known, &run);
        self.owed += other.owed;
        if active {
            self.owed += streak.due(&self.units).saturating_sub(paid);
        }
    }
}
