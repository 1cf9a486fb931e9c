//! Milestones and streaks: rules that pay for how far a member has come, not for each event (spec
//! section 6, "Stats").
//!
//! A milestone is crossed where a figure of the member's stats passes a threshold; a streak is a
//! run of days, weeks or months with an event each. Both pay with the event that completes them,
//! and what an account remembers of that is in [`Goals`].

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    Code, POINTS_MAX, Refusal, Rule,
    calculation::{MilestoneTrace, StreakTrace},
    evaluate::Reason,
    stats::Stat,
};

mod milestones;
mod standing;
mod streaks;

pub use milestones::MilestoneStanding;
pub use standing::{Goals, Kept, STANDINGS_MAX, Standing};
pub use streaks::{EarlierRun, StreakStanding};

/// How many thresholds a rule may have.
pub const THRESHOLDS_MAX: usize = 20;
/// The longest streak that pays: a year and a day of days.
pub const LENGTH_MAX: u32 = 366;
/// The most missed units in a row that a streak may forgive.
pub const GRACE_MAX: u32 = 30;
/// How many active rules of a program may have milestones or a streak.
pub const RULES_MAX: usize = 50;

/// Pays once for each threshold that a figure of the member crosses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// The rule's trigger and which figure of it, as `payment.completed.sum`.
    pub stat: String,
    /// The thresholds, each larger than the one before.
    pub at: Vec<i64>,
}

/// Pays for a run of days, weeks or months with an event each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streak {
    /// What follows each other.
    pub unit: StreakUnit,
    /// How many units a run takes.
    pub length: u32,
    /// Whether a run pays again at each further `length`.
    #[serde(default)]
    pub repeat: bool,
    /// How many missed units in a row do not break a run; they do not count either.
    #[serde(default)]
    pub grace: u32,
}

/// What streaks count, by the calendar in the program's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum StreakUnit {
    Day,
    /// From Monday.
    Week,
    Month,
}

impl StreakUnit {
    /// The unit as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            StreakUnit::Day => "day",
            StreakUnit::Week => "week",
            StreakUnit::Month => "month",
        }
    }

    /// Reads what [`StreakUnit::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<StreakUnit> {
        let all = [StreakUnit::Day, StreakUnit::Week, StreakUnit::Month];
        all.into_iter().find(|unit| unit.as_str() == text)
    }

    /// The number of the unit that an instant lies in by the clocks of a time zone: units that
    /// follow each other have numbers that do.
    #[must_use]
    pub fn number(self, at: Timestamp, zone: &TimeZone) -> i32 {
        /// 1 January 1970 was a Thursday.
        const MONDAY_BEFORE: i32 = 3;
        let date = zone.to_datetime(at).date();
        let since = date.duration_since(Date::constant(1970, 1, 1));
        let day = i32::try_from(since.as_hours().div_euclid(24)).unwrap_or(i32::MAX);
        match self {
            StreakUnit::Day => day,
            StreakUnit::Week => day.saturating_add(MONDAY_BEFORE).div_euclid(7),
            StreakUnit::Month => i32::from(date.year()) * 12 + i32::from(date.month()) - 1,
        }
    }
}

/// Which figure of the member's stats a milestone goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// How many events.
    Count,
    /// What they come to, less refunds, in minor units.
    Sum,
    /// On how many days.
    Days,
}

impl Figure {
    fn parse(text: &str) -> Option<Figure> {
        match text {
            "count" => Some(Figure::Count),
            "sum" => Some(Figure::Sum),
            "days" => Some(Figure::Days),
            _ => None,
        }
    }

    /// The figure, which is 0 where there was no event.
    #[must_use]
    pub fn of(self, stat: Option<&Stat>) -> i64 {
        stat.map_or(0, |stat| match self {
            Figure::Count => i64::try_from(stat.count).unwrap_or(i64::MAX),
            Figure::Sum => stat.sum,
            Figure::Days => stat.days.into(),
        })
    }
}

impl Milestone {
    /// The figure that it goes by, where `stat` names one of `trigger`.
    #[must_use]
    pub fn figure(&self, trigger: &str) -> Option<Figure> {
        let figure = self.stat.strip_prefix(trigger)?.strip_prefix('.')?;
        Figure::parse(figure)
    }

    fn check(&self, trigger: &str) -> Result<(), Refusal> {
        if self.figure(trigger).is_none() {
            let message = format!(
                "`milestone.stat` must be a figure of the rule's own trigger: `{trigger}.count`, \
                 `{trigger}.sum` or `{trigger}.days`."
            );
            return Err(Refusal::invalid("milestone.stat", message));
        }
        if self.at.is_empty() || self.at.len() > THRESHOLDS_MAX {
            let message = format!("`milestone.at` must list 1 to {THRESHOLDS_MAX} thresholds.");
            return Err(Refusal::invalid("milestone.at", message));
        }
        let mut least = 1;
        for (place, threshold) in self.at.iter().enumerate() {
            if !(least..=POINTS_MAX).contains(threshold) {
                let param = format!("milestone.at[{place}]");
                let message = format!(
                    "`{param}` must be a whole number from {least} to {POINTS_MAX}: thresholds \
                     rise."
                );
                return Err(Refusal::invalid(param, message));
            }
            least = threshold + 1;
        }
        Ok(())
    }
}

impl Streak {
    fn check(self) -> Result<(), Refusal> {
        if !(2..=LENGTH_MAX).contains(&self.length) {
            let message = format!("`streak.length` must be a whole number from 2 to {LENGTH_MAX}.");
            return Err(Refusal::invalid("streak.length", message));
        }
        if self.grace > GRACE_MAX {
            let message = format!("`streak.grace` must be a whole number from 0 to {GRACE_MAX}.");
            return Err(Refusal::invalid("streak.grace", message));
        }
        Ok(())
    }

    /// How often a run of so many units pays in all.
    fn due(self, run: u32) -> u32 {
        let times = run.checked_div(self.length).unwrap_or(0);
        if self.repeat { times } else { times.min(1) }
    }
}

/// Checks the milestones and the streak of a rule.
pub(crate) fn check(rule: &Rule) -> Result<(), Refusal> {
    match (&rule.milestone, rule.streak) {
        (Some(_), Some(_)) => Err(Refusal::invalid(
            "streak",
            "A rule has a `milestone` or a `streak`, not both; make two rules.",
        )),
        (Some(milestone), None) => milestone.check(&rule.trigger),
        (None, Some(streak)) => streak.check(),
        (None, None) => Ok(()),
    }
}

impl Rule {
    /// Checks it beside the other rules of its program.
    ///
    /// # Errors
    /// `limit_reached` where too many active ones have milestones or a streak: accounts remember
    /// something of each.
    pub fn check_beside<'a>(&self, others: impl Iterator<Item = &'a Rule>) -> Result<(), Refusal> {
        let has_goal = |rule: &Rule| rule.milestone.is_some() || rule.streak.is_some();
        if !self.active || !has_goal(self) {
            return Ok(());
        }
        let others = others.filter(|rule| rule.active && has_goal(rule));
        if others.count() < RULES_MAX {
            return Ok(());
        }
        let message = format!(
            "A program may have at most {RULES_MAX} active rules with a `milestone` or a `streak`."
        );
        Err(Refusal::new(Code::LimitReached, message))
    }
}

/// What a rule pays for instead of each event, made ready for evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Thresholds of a figure.
    Milestone(Figure, Milestone),
    /// A run.
    Streak(Streak),
}

impl Goal {
    /// The goal of a rule that has one.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<Goal> {
        let milestone = rule.milestone.as_ref();
        let milestone = milestone.and_then(|milestone| {
            let figure = milestone.figure(&rule.trigger)?;
            Some(Goal::Milestone(figure, milestone.clone()))
        });
        milestone.or(rule.streak.map(Goal::Streak))
    }
}

/// Which thresholds of a milestone: a bit for each, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crossed(u32);

impl Crossed {
    /// Those of `milestone` of which `is_crossed` says so.
    fn of(milestone: &Milestone, is_crossed: impl Fn(i64) -> bool) -> Crossed {
        let places = milestone.at.iter().take(THRESHOLDS_MAX).enumerate();
        let crossed = places.filter(|(_, threshold)| is_crossed(**threshold));
        Crossed(crossed.fold(0, |bits, (place, _)| bits | 1 << place))
    }

    /// The thresholds themselves.
    #[must_use]
    pub fn thresholds(self, milestone: &Milestone) -> Vec<i64> {
        let places = milestone.at.iter().take(THRESHOLDS_MAX).enumerate();
        let crossed = places.filter(|(place, _)| self.0 >> place & 1 == 1);
        crossed.map(|(_, threshold)| *threshold).collect()
    }
}

/// What an event does for the goal of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It moves the figure.
    Milestone {
        /// The thresholds that it pays for.
        crossed: Crossed,
        /// The figure without it.
        before: i64,
        /// The figure with it.
        after: i64,
    },
    /// It stands in a run.
    Streak {
        /// The unit, by its number.
        unit: i32,
        /// How many units the run has with it.
        run: u32,
        /// How often it pays.
        times: u32,
    },
}

impl Progress {
    /// How often the rule's award is due.
    #[must_use]
    pub fn times(&self) -> i64 {
        match self {
            Progress::Milestone { crossed, .. } => i64::from(crossed.0.count_ones()),
            Progress::Streak { times, .. } => i64::from(*times),
        }
    }

    /// The thresholds that it pays for.
    pub(crate) fn milestones(self, rule: &Rule) -> Vec<i64> {
        match (self, &rule.milestone) {
            (Progress::Milestone { crossed, .. }, Some(milestone)) => crossed.thresholds(milestone),
            _ => Vec::new(),
        }
    }

    /// What the trace of an award says of milestones.
    pub(crate) fn milestone_trace(self, rule: &Rule) -> Option<MilestoneTrace> {
        let Progress::Milestone { before, after, .. } = self else {
            return None;
        };
        Some(MilestoneTrace {
            stat: rule.milestone.as_ref()?.stat.clone(),
            before,
            after,
            crossed: self.milestones(rule),
        })
    }

    /// What the trace of an award says of a streak.
    pub(crate) fn streak_trace(self, rule: &Rule) -> Option<StreakTrace> {
        let Progress::Streak { run, times, .. } = self else {
            return None;
        };
        let streak = rule.streak?;
        Some(StreakTrace {
            unit: streak.unit,
            length: streak.length,
            run,
            times,
        })
    }

    /// Why the rule does not fire where that is not at all.
    #[must_use]
    pub fn obstacle(&self) -> Reason {
        match self {
            Progress::Milestone { .. } => Reason::MilestoneNotReached,
            Progress::Streak { .. } => Reason::StreakNotReached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milestone(stat: &str, at: &[i64]) -> Milestone {
        Milestone {
            stat: stat.to_owned(),
            at: at.to_vec(),
        }
    }

    fn refused(checked: Result<(), Refusal>) -> Option<String> {
        checked.err().and_then(|refusal| refusal.param)
    }

    #[test]
    fn thresholds_rise_from_one_to_what_points_can_be() {
        let many: Vec<i64> = (1..=20).collect();
        for at in [&[1][..], &[1, 2], &[POINTS_MAX], &many] {
            assert_eq!(refused(milestone("signup.count", at).check("signup")), None);
        }
        let too_many: Vec<i64> = (1..=21).collect();
        for (at, param) in [
            (&[][..], "milestone.at"),
            (&too_many, "milestone.at"),
            (&[0], "milestone.at[0]"),
            (&[-1], "milestone.at[0]"),
            (&[POINTS_MAX + 1], "milestone.at[0]"),
            (&[5, 5], "milestone.at[1]"),
            (&[5, 6, 4], "milestone.at[2]"),
            (&[POINTS_MAX, POINTS_MAX], "milestone.at[1]"),
        ] {
            let found = refused(milestone("signup.count", at).check("signup"));
            assert_eq!(found.as_deref(), Some(param), "{at:?}");
        }
        for stat in ["signup.counts", "signup", "other.count", "signupcount", ""] {
            let found = refused(milestone(stat, &[1]).check("signup"));
            assert_eq!(found.as_deref(), Some("milestone.stat"), "{stat}");
        }
    }

    #[test]
    fn a_run_takes_two_units_to_a_year_of_days_and_a_month_may_be_missed() {
        let streak = |length: u32, grace: u32| Streak {
            unit: StreakUnit::Day,
            length,
            repeat: false,
            grace,
        };
        for (length, grace) in [(2, 0), (366, 30)] {
            assert_eq!(refused(streak(length, grace).check()), None);
        }
        for (length, grace, param) in [
            (0, 0, "streak.length"),
            (1, 0, "streak.length"),
            (367, 0, "streak.length"),
            (2, 31, "streak.grace"),
        ] {
            let found = refused(streak(length, grace).check());
            assert_eq!(found.as_deref(), Some(param));
        }
    }

    /// Accounts keep these numbers: they stay what they are.
    #[test]
    fn units_have_the_numbers_that_accounts_keep() {
        let number = |unit: StreakUnit, text: &str| {
            unit.number(text.parse().expect("a time"), &TimeZone::UTC)
        };
        for (unit, text, expected) in [
            (StreakUnit::Day, "1970-01-01T00:00:00Z", 0),
            (StreakUnit::Day, "1969-12-31T23:59:59Z", -1),
            (StreakUnit::Week, "1970-01-04T23:59:59Z", 0),
            (StreakUnit::Week, "1970-01-05T00:00:00Z", 1),
            (StreakUnit::Month, "1970-01-31T23:59:59Z", 23_640),
            (StreakUnit::Month, "1970-02-01T00:00:00Z", 23_641),
            (StreakUnit::Month, "1971-01-01T00:00:00Z", 23_652),
        ] {
            assert_eq!(number(unit, text), expected, "{text}");
        }
    }
}
