//! Conditions: what a rule, a campaign, a reward or a segment may ask before it counts (spec
//! section 6, "Conditions"). The expression language lives outside this crate; here it is asked.

use std::fmt::Debug;

use jiff::Timestamp;

use crate::{Account, Catalog, Event, evaluate::Reason, stats::Stat};

/// A condition, compiled once for each version of a program.
pub trait Condition: Debug + Send + Sync {
    /// Whether it holds, or in words why that cannot be told. Each step of the work is taken from
    /// `steps`; where none is left, that is the reason.
    ///
    /// # Errors
    /// The reason, for the trace; whatever depends on the condition does not happen.
    fn holds(&self, facts: &Facts<'_>, steps: &mut Steps) -> Result<bool, String>;

    /// The event types whose stats it asks for, which are kept for that.
    fn event_types(&self) -> &[String] {
        &[]
    }
}

/// How many steps one condition may take, segments that it asks for included.
pub const STEPS_MAX: usize = 10_000;

/// What is left of the steps that a condition may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps(usize);

impl Default for Steps {
    fn default() -> Steps {
        Steps(STEPS_MAX)
    }
}

impl Steps {
    /// Takes so many steps; `false` where there are not as many left, and then none are.
    #[must_use]
    pub fn take(&mut self, steps: usize) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    /// How many are left.
    #[must_use]
    pub fn left(self) -> usize {
        self.0
    }
}

/// What conditions may ask about.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The program, its tiers and its segments.
    pub catalog: &'a Catalog,
    /// The event; none where a reward is redeemed.
    pub event: Option<&'a Event>,
    /// The member, settled to `decided_at`; none for an anonymous visitor.
    pub account: Option<&'a Account>,
    /// The time that is judged: when the event happened.
    pub at: Timestamp,
    /// The time of deciding, at which the balance is told.
    pub decided_at: Timestamp,
}

impl<'a> Facts<'a> {
    /// Those of an event of a member, before it counts.
    #[must_use]
    pub fn of_event(
        catalog: &'a Catalog,
        event: &'a Event,
        account: Option<&'a Account>,
        decided_at: Timestamp,
    ) -> Facts<'a> {
        Facts {
            catalog,
            event: Some(event),
            account,
            at: event.occurred_at,
            decided_at,
        }
    }

    /// Why a condition keeps something from happening; `None` where it holds.
    #[must_use]
    pub fn obstacle(&self, condition: &dyn Condition) -> Option<Reason> {
        match condition.holds(self, &mut Steps::default()) {
            Ok(true) => None,
            Ok(false) => Some(Reason::ConditionFalse),
            Err(problem) => Some(Reason::ConditionFailed(problem)),
        }
    }

    /// The key of the member's tier at the time that is judged.
    #[must_use]
    pub fn tier(&self) -> Option<&'a str> {
        self.account?.tier.key_at(self.at)
    }

    /// The member's spendable points.
    #[must_use]
    pub fn balance(&self) -> i64 {
        let account = self.account;
        account.map_or(0, |account| account.balance(self.decided_at))
    }

    /// What is kept of the member's events of this type, where there was any.
    #[must_use]
    pub fn stat(&self, trigger: &str) -> Option<&'a Stat> {
        self.account?.stats.get(trigger)
    }

    /// On how many days in a row the member had events of this type, up to the day that is judged,
    /// or to the day before where that has had none yet. The event at hand counts.
    #[must_use]
    pub fn streak_days(&self, trigger: &str) -> u32 {
        let zone = &self.catalog.program.timezone;
        let is_one = self.event.is_some_and(|event| event.trigger == trigger);
        let stats = self.account.map(|account| &account.stats);
        stats.map_or(u32::from(is_one), |stats| {
            stats.streak_days(trigger, self.at, zone, is_one)
        })
    }

    /// Whether the member is in the segment with this key.
    ///
    /// # Errors
    /// Why that cannot be told: there is no such segment, or its own condition failed.
    pub fn in_segment(&self, key: &str, steps: &mut Steps) -> Result<bool, String> {
        let segment = self.catalog.segment(key);
        let condition = segment.ok_or_else(|| format!("there is no segment `{key}`"))?;
        let holds = condition.holds(self, steps);
        holds.map_err(|problem| format!("the segment `{key}`: {problem}"))
    }

    /// The keys of all segments that the member is in. A segment of which that cannot be told
    /// counts as one that the member is not in.
    ///
    /// # Errors
    /// The steps ended.
    pub fn segments(&self, steps: &mut Steps) -> Result<Vec<&'a str>, String> {
        let mut held = Vec::new();
        for (key, condition) in self.catalog.segments() {
            let holds = condition.holds(self, steps);
            if steps.left() == 0 {
                return Err("there are too many segments to ask for all of them".to_owned());
            }
            if holds == Ok(true) {
                held.push(key);
            }
        }
        Ok(held)
    }
}
