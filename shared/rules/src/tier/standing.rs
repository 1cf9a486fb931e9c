//! Where a member stands among the tiers: promotion, periods, reviews.
//!
//! By lifetime points the tier is the one that the total is good for. By qualifying points a
//! tier, once reached, is kept to the end of its period and for the days of grace: then it is
//! reviewed by what was earned in the period, and in the running one since. Nothing else takes a
//! tier away, but that it is deleted.

use jiff::{Timestamp, civil::Date};

use super::{Downgrade, Level, Tier, TierPolicy, TierTable};
use crate::{Account, Program, account::Status};

/// How many earlier tiers an account remembers, for events that come late.
const EARLIER_MAX: usize = 8;

/// A member's tier, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TierStanding {
    /// The key of the tier; none where absent.
    pub key: Option<String>,
    /// Since when, where it ever changed.
    pub since: Option<Timestamp>,
    /// The first day of the period at whose end the tier is reviewed, where it can fall.
    pub period: Option<Date>,
    /// The tiers before, the oldest first.
    pub earlier: Vec<Earlier>,
    /// Qualifying points, in the order of time, as far back as they can still count.
    pub earned: Vec<EarnedOn>,
}

/// A tier that a member had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its key; none where absent.
    pub key: Option<String>,
    /// Until when.
    pub until: Timestamp,
}

/// Points earned, less what was reversed of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarnedOn {
    /// The day; by calendar years the first of the year.
    pub day: Date,
    /// How many.
    pub points: i64,
}

/// A change of a member's tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierChange {
    /// The key of the tier before; none where absent.
    pub from: Option<String>,
    /// The key of the tier from now on; none where absent.
    pub to: Option<String>,
    /// Why.
    pub reason: TierReason,
    /// From when it counts.
    pub at: Timestamp,
}

/// Why a tier changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierReason {
    /// The member has earned it.
    ThresholdReached,
    /// The period has ended, and the grace, without the points that it takes.
    PeriodEnded,
    /// The program's tiers or what they go by were changed.
    TiersChanged,
    /// Two accounts became one.
    Merged,
}

impl TierReason {
    /// All there are.
    pub const ALL: [TierReason; 4] = [
        TierReason::ThresholdReached,
        TierReason::PeriodEnded,
        TierReason::TiersChanged,
        TierReason::Merged,
    ];

    /// The reason as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TierReason::ThresholdReached => "threshold_reached",
            TierReason::PeriodEnded => "period_ended",
            TierReason::TiersChanged => "tiers_changed",
            TierReason::Merged => "accounts_merged",
        }
    }

    /// Reads what [`TierReason::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<TierReason> {
        TierReason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
    }
}

impl TierStanding {
    /// The key of the tier that the member had at `at`, as far as the account remembers: before
    /// the oldest change that it knows, the tier that this ended.
    #[must_use]
    pub fn key_at(&self, at: Timestamp) -> Option<&str> {
        let then = self.earlier.iter().find(|earlier| at < earlier.until);
        then.map_or(&self.key, |earlier| &earlier.key).as_deref()
    }

    fn change(&mut self, to: Option<&Tier>, reason: TierReason, at: Timestamp) -> TierChange {
        // The event that crosses a threshold may be a late one; what came between stays judged.
        let at = self.earlier.last().map_or(at, |last| at.max(last.until));
        let to = to.map(|tier| tier.key.clone());
        let from = std::mem::replace(&mut self.key, to.clone());
        self.since = Some(at);
        // Whoever is judged by other tiers is judged by them for what came before, too, as by
        // other rules.
        if reason != TierReason::TiersChanged {
            let key = from.clone();
            self.earlier.push(Earlier { key, until: at });
        }
        if self.earlier.len() > EARLIER_MAX {
            self.earlier.remove(0);
        }
        TierChange {
            from,
            to,
            reason,
            at,
        }
    }

    /// The points of the days from `start` on and before `end`.
    fn earned_in(&self, start: Date, end: Date) -> i64 {
        let days = self
            .earned
            .iter()
            .filter(|on| start <= on.day && on.day < end);
        days.map(|on| on.points).fold(0, i64::saturating_add)
    }

    /// The points that count at an instant: of the running period, or of the tier's own where
    /// that is not reviewed yet and there are more in it.
    fn qualifying_points(&self, policy: &TierPolicy, today: Date) -> i64 {
        let running = self.earned_in(policy.window_start(today), Date::MAX);
        let own = self
            .period
            .map(|period| self.earned_in(policy.keeping_start(period), policy.period_end(period)));
        running.max(own.unwrap_or(0))
    }
}

impl Account {
    /// Lets tiers follow time, and whatever the program has changed about them, up to `now`:
    /// reviews at the ends of periods, in their order. Answers the changes.
    pub fn settle_tier(
        &mut self,
        program: &Program,
        tiers: &TierTable,
        now: Timestamp,
    ) -> Vec<TierChange> {
        let policy = &program.tiers;
        if self.status == Status::Merged {
            return Vec::new();
        }
        let mut changes = Vec::new();
        if !policy.is_qualifying() {
            self.tier.period = None;
            self.tier.earned.clear();
            let level = tiers.earned(self.lifetime_points);
            if self.level(tiers) != Some(level) {
                let to = tiers.tier_of(level);
                changes.push(self.tier.change(to, TierReason::TiersChanged, now));
            }
            return changes;
        }
        while let Some(at) = self.tier_review_at(program).filter(|at| *at <= now) {
            let (Some(held), Some(period)) = (self.level(tiers), self.tier.period) else {
                break;
            };
            let level = self.reviewed(program, tiers, held, at);
            if level < held {
                let to = tiers.tier_of(level);
                changes.push(self.tier.change(to, TierReason::PeriodEnded, at));
            }
            let next = policy.period_end(period);
            let goes_on = tiers.can_fall(level) && next > period;
            self.tier.period = goes_on.then_some(next);
        }
        let earned = self.earned_level(program, tiers, now);
        let held = self.level(tiers);
        if held.is_none_or(|held| held < earned) {
            let to = tiers.tier_of(earned);
            changes.push(self.tier.change(to, TierReason::TiersChanged, now));
            self.tier.period = None;
        }
        self.keep_period(program, tiers, now);
        changes
    }

    /// Gives the member the tier that the points are good for by now, where that is a higher one,
    /// from `at` on: what was earned by an event counts from when that happened. The tier must be
    /// settled to `now`.
    pub fn promote(
        &mut self,
        program: &Program,
        tiers: &TierTable,
        reason: TierReason,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<TierChange> {
        let earned = self.earned_level(program, tiers, now);
        if self.level(tiers).is_some_and(|held| held >= earned) {
            return None;
        }
        let change = self.tier.change(tiers.tier_of(earned), reason, at);
        self.tier.period = None;
        self.keep_period(program, tiers, change.at);
        Some(change)
    }

    /// Counts points that were earned at `at`, where tiers go by qualifying points.
    pub fn qualify(&mut self, program: &Program, points: i64, at: Timestamp, now: Timestamp) {
        let policy = &program.tiers;
        if !policy.is_qualifying() || points == 0 {
            return;
        }
        let own = self.tier.period.map(|period| policy.keeping_start(period));
        let running = policy.window_start(local_date(program, now));
        let keep_from = own.map_or(running, |own| own.min(running));
        let earned = &mut self.tier.earned;
        earned.retain(|on| on.day >= keep_from);
        let day = policy.counted_on(local_date(program, at));
        let place = earned.partition_point(|on| on.day < day);
        match earned.get_mut(place).filter(|on| on.day == day) {
            Some(on) => on.points = on.points.saturating_add(points),
            // A period that was judged already stays as it was judged.
            None if day < keep_from => {}
            None => earned.insert(place, EarnedOn { day, points }),
        }
    }

    /// Takes points that were earned at `at` and reversed out of the period that they were
    /// counted in; this takes nobody's tier away before the period ends.
    pub fn disqualify(&mut self, program: &Program, points: i64, at: Timestamp) {
        let day = program.tiers.counted_on(local_date(program, at));
        let mut days = self.tier.earned.iter_mut();
        if let Some(on) = days.find(|on| on.day == day) {
            // Points from before they were counted may be reversed, too.
            on.points = on.points.saturating_sub(points).max(0);
        }
    }

    /// When the tier is reviewed next; never where it cannot fall.
    #[must_use]
    pub fn tier_review_at(&self, program: &Program) -> Option<Timestamp> {
        let policy = &program.tiers;
        let falls = policy.is_qualifying() && policy.downgrade.is_some();
        let period = self.tier.period.filter(|_| falls)?;
        Some(policy.review_at(period, program))
    }

    /// The tier above the member's, and the points that are missing to it; none at the top. What
    /// is earned from now on counts in the running period, so that those of the ended one, which
    /// in its days of grace still keep a tier, make nothing nearer. The tier must be settled to
    /// `now`.
    #[must_use]
    pub fn next_tier<'a>(
        &self,
        program: &Program,
        tiers: &'a TierTable,
        now: Timestamp,
    ) -> Option<(&'a Tier, i64)> {
        let next = tiers.tier_of(self.level(tiers)? + 1)?;
        let policy = &program.tiers;
        let points = if policy.is_qualifying() {
            let start = policy.window_start(local_date(program, now));
            self.tier.earned_in(start, Date::MAX)
        } else {
            self.lifetime_points
        };
        Some((next, next.threshold - points))
    }

    /// Takes over the tier of another account, which ends: the higher of the two, or the one that
    /// both accounts' points together are good for. The points must be taken over already.
    pub(crate) fn absorb_tier(
        &mut self,
        source: &mut Account,
        program: &Program,
        tiers: &TierTable,
        now: Timestamp,
    ) -> Option<TierChange> {
        let source = std::mem::take(&mut source.tier);
        for on in source.earned {
            let earned = &mut self.tier.earned;
            let place = earned.partition_point(|own| own.day < on.day);
            match earned.get_mut(place).filter(|own| own.day == on.day) {
                Some(own) => own.points = own.points.saturating_add(on.points),
                None => earned.insert(place, on),
            }
        }
        let theirs = tiers.level_of(source.key.as_deref()).unwrap_or(0);
        let earned = self.earned_level(program, tiers, now);
        let held = self.level(tiers).unwrap_or(0);
        if theirs <= held || theirs <= earned {
            return self.promote(program, tiers, TierReason::Merged, now, now);
        }
        self.tier.period = source.period;
        let to = tiers.tier_of(theirs);
        Some(self.tier.change(to, TierReason::Merged, now))
    }

    /// The level of its tier; `None` where there is no such tier any more.
    fn level(&self, tiers: &TierTable) -> Option<Level> {
        tiers.level_of(self.tier.key.as_deref())
    }

    /// The points that count towards a tier at `now`.
    fn counting_points(&self, program: &Program, now: Timestamp) -> i64 {
        if program.tiers.is_qualifying() {
            let today = local_date(program, now);
            self.tier.qualifying_points(&program.tiers, today)
        } else {
            self.lifetime_points
        }
    }

    fn earned_level(&self, program: &Program, tiers: &TierTable, now: Timestamp) -> Level {
        tiers.earned(self.counting_points(program, now))
    }

    /// The level after the review at `at`.
    fn reviewed(&self, program: &Program, tiers: &TierTable, held: Level, at: Timestamp) -> Level {
        let earned = self.earned_level(program, tiers, at);
        let lower = match program.tiers.downgrade {
            Some(Downgrade::OneLevel) => held.saturating_sub(1),
            Some(Downgrade::ToEarned) => 0,
            None => held,
        };
        earned.max(lower).min(held)
    }

    /// Sees to it that a tier that can fall has a period, which starts at `at` where it has none
    /// yet, and that no other has.
    fn keep_period(&mut self, program: &Program, tiers: &TierTable, at: Timestamp) {
        let policy = &program.tiers;
        let level = self.level(tiers).unwrap_or(0);
        let falls = policy.is_qualifying() && policy.downgrade.is_some() && tiers.can_fall(level);
        let start = || policy.period_of(local_date(program, at));
        self.tier.period = falls.then(|| self.tier.period.unwrap_or_else(start));
    }
}

fn local_date(program: &Program, at: Timestamp) -> Date {
    at.to_zoned(program.timezone.clone()).date()
}
