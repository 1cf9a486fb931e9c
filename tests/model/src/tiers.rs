//! The tier of a member at an instant, by replaying all that was earned from the first.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::model::{Merge, Model};
use crate::ops::MemberId;
use crate::settings::{Downgrade, Tier, TierBasis, TierPeriod};

/// The tiers of a program from an instant on, in the order of their thresholds.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) at: Timestamp,
    pub(crate) step: usize,
    pub(crate) tiers: Vec<Tier>,
}

/// Where a member stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// The key of the tier.
    pub(crate) tier: Option<String>,
    /// Since when each change was in force, and what was before it; the oldest first.
    changes: Vec<(Timestamp, Option<String>)>,
    /// What was earned, or reversed of it, each at the time of the earning.
    points: Vec<(Timestamp, i64)>,
    /// When the period began that the tier is reviewed after: the year, or the day, in which it
    /// was reached or kept.
    period: Option<Date>,
}

#[cfg(test)]
impl Standing {
    /// From where to where each change led.
    pub(crate) fn steps(&self) -> Vec<(&Option<String>, &Option<String>)> {
        let after = self.changes.iter().skip(1).map(|(_, before)| before);
        let after = after.chain([&self.tier]);
        let before = self.changes.iter().map(|(_, before)| before);
        before.zip(after).collect()
    }
}

/// What can happen to a tier.
enum Happening<'a> {
    Points(Timestamp, i64),
    Merged(&'a Merge),
    Changed(&'a Table),
}

impl Model {
    /// The key of a member's tier.
    pub fn tier(&self, member: MemberId, now: Timestamp) -> Option<String> {
        self.standing(member, now).tier
    }

    /// The tier above, and how many points are missing to it.
    pub fn next_tier(&self, member: MemberId, now: Timestamp) -> Option<(String, i64)> {
        let standing = self.standing(member, now);
        let held = self.place(self.tiers(), standing.tier.as_deref());
        let next = self.tiers().get(held.map_or(0, |place| place + 1))?;
        let missing = next.threshold - self.running(&standing, now);
        Some((next.key.clone(), missing))
    }

    /// Until when a member's tier is kept whatever happens; `None` where it cannot be lost.
    pub fn tier_until(&self, member: MemberId, now: Timestamp) -> Option<Timestamp> {
        let standing = self.standing(member, now);
        let held = self.place(self.tiers(), standing.tier.as_deref())?;
        let free = self.tiers()[held].threshold <= 0;
        self.review_of(&standing).filter(|_| !free)
    }

    /// The tiers now, the lowest first.
    pub fn tiers(&self) -> &[Tier] {
        self.tables
            .last()
            .map_or(&[], |table| table.tiers.as_slice())
    }

    /// The tier that an event at `at` is judged by: the one that the member had then. What it is
    /// good for is said by the tiers of now.
    pub(crate) fn tier_of_event(&self, member: MemberId, at: Timestamp) -> Option<Tier> {
        if self.tables.is_empty() {
            return None;
        }
        let standing = self.standing(member, self.now().max(at));
        let later = standing.changes.iter().find(|(since, _)| at < *since);
        let key = later.map_or(&standing.tier, |(_, before)| before);
        let place = self.place(self.tiers(), key.as_deref())?;
        Some(self.tiers()[place].clone())
    }

    /// When a member's tier is reviewed next, whether or not it can be lost.
    pub(crate) fn next_review(&self, member: MemberId, now: Timestamp) -> Option<Timestamp> {
        self.review_of(&self.standing(member, now))
    }

    pub(crate) fn standing(&self, member: MemberId, at: Timestamp) -> Standing {
        self.standing_before(member, usize::MAX, at)
    }

    /// The same before a step.
    fn standing_before(&self, member: MemberId, step: usize, at: Timestamp) -> Standing {
        let mut happened: Vec<(usize, Timestamp, Happening)> = Vec::new();
        for (_, t) in self.numbered(member) {
            if let Some((earned, points)) = self.qualifies(t) {
                happened.push((t.step, t.created, Happening::Points(earned, points)));
            }
        }
        let merges = self.merges.iter().filter(|merge| merge.target == member);
        happened.extend(merges.map(|merge| (merge.step, merge.at, Happening::Merged(merge))));
        let tables = self.tables.iter();
        happened.extend(tables.map(|table| (table.step, table.at, Happening::Changed(table))));
        happened.sort_by_key(|(step, ..)| *step);
        let mut standing = Standing::default();
        let mut tiers: &[Tier] = &[];
        let enrolled = self.members[member.0].step;
        for (happened_in, when, happening) in happened
            .into_iter()
            .filter(|(before, when, _)| *before < step && *when <= at)
        {
            self.pass(tiers, &mut standing, when);
            match happening {
                Happening::Points(earned, points) => {
                    standing.points.push((earned, points));
                    self.judge(tiers, &mut standing, earned, when);
                }
                Happening::Merged(merge) => {
                    let source = self.standing_before(merge.source, merge.step, when);
                    self.join(tiers, &mut standing, source, when);
                }
                Happening::Changed(table) => {
                    tiers = &table.tiers;
                    // What everybody has from the start is no change; and whoever is judged by
                    // other tiers is so for what came before, too, as by other rules.
                    let changes = standing.changes.clone();
                    if happened_in < enrolled {
                        standing.tier = self.reached(tiers, 0).map(|it| tiers[it].key.clone());
                    } else {
                        self.judge(tiers, &mut standing, when, when);
                        self.begin(tiers, &mut standing, when);
                    }
                    standing.changes = changes;
                }
            }
        }
        self.pass(tiers, &mut standing, at);
        standing
    }

    /// What a transaction adds to the points that count for tiers, and when those were earned.
    /// Ruling: a reversal takes the points out of the period of their earning, also what `clamp`
    /// wrote off of them.
    fn qualifies(&self, t: &crate::Transaction) -> Option<(Timestamp, i64)> {
        if t.currency.is_some() {
            return None;
        }
        let qualifying = self.settings.tier_basis == TierBasis::QualifyingPoints;
        match t.reverses {
            Some(award) if qualifying => {
                let award = &self.transactions[award];
                Some((award.occurred_at, t.amount - t.shortfall))
            }
            _ => t.lifetime.then_some((t.occurred_at, t.amount)),
        }
    }

    /// Lets reviews happen up to `until`.
    fn pass(&self, tiers: &[Tier], standing: &mut Standing, until: Timestamp) {
        while let Some(review) = self.review_of(standing).filter(|at| *at <= until) {
            self.review(tiers, standing, review);
        }
    }

    /// When the tier is reviewed.
    fn review_of(&self, standing: &Standing) -> Option<Timestamp> {
        self.settings.downgrade?;
        if self.settings.tier_basis == TierBasis::LifetimePoints {
            return None;
        }
        Some(self.after_grace(standing.period? + 12.months()))
    }

    /// The period that a tier which is reached at an instant is reviewed after.
    fn period_of(&self, reached: Timestamp) -> Date {
        match self.settings.tier_period {
            TierPeriod::CalendarYear => self.day(reached).first_of_year(),
            TierPeriod::Rolling12Months => self.day(reached),
        }
    }

    fn after_grace(&self, end: Date) -> Timestamp {
        let review = end + i64::from(self.settings.grace_days).days();
        let midnight = review.to_zoned(self.zone.clone()).expect("a date in range");
        midnight.timestamp()
    }

    /// A tier that was not earned again falls, one level or to what was earned.
    fn review(&self, tiers: &[Tier], standing: &mut Standing, at: Timestamp) {
        let start = standing.period.expect("a period to review");
        let earned = self.counting(standing, at);
        standing.period = Some(start + 12.months());
        let held = self.place(tiers, standing.tier.as_deref());
        let earned = self.reached(tiers, earned);
        if held <= earned {
            return;
        }
        let falls_to = match self.settings.downgrade {
            Some(Downgrade::OneLevel) => held.and_then(|place| place.checked_sub(1)),
            _ => earned,
        };
        self.change(tiers, standing, falls_to.max(earned), at);
        // The days of grace belong to the next period, whether the tier was kept or not; what
        // everybody has needs none.
        let held = self.place(tiers, standing.tier.as_deref());
        let can_fall = held.is_some_and(|place| tiers[place].threshold > 0);
        standing.period = can_fall.then(|| start + 12.months());
    }

    /// Gives the tier that was earned, if it is above the one held. By lifetime points a tier is
    /// what was earned, always; and one that is not there any more cannot be kept.
    fn judge(&self, tiers: &[Tier], standing: &mut Standing, since: Timestamp, now: Timestamp) {
        let earned = self.reached(tiers, self.counting(standing, now));
        let held = self.place(tiers, standing.tier.as_deref());
        let may_fall = self.settings.tier_basis == TierBasis::LifetimePoints;
        if earned > held || may_fall {
            self.change(tiers, standing, earned, since);
        } else if held.is_none() {
            self.change(tiers, standing, None, since);
        }
    }

    /// Ruling: a tier that was everybody's and is not any more counts as reached that day; one
    /// that everybody has needs no period.
    fn begin(&self, tiers: &[Tier], standing: &mut Standing, now: Timestamp) {
        let held = self.place(tiers, standing.tier.as_deref());
        if held.is_none_or(|it| tiers[it].threshold <= 0) {
            standing.period = None;
        } else if standing.period.is_none() {
            standing.period = Some(self.period_of(now));
        }
    }

    /// Ruling: no change is dated before the one before it.
    fn change(&self, tiers: &[Tier], standing: &mut Standing, to: Option<usize>, since: Timestamp) {
        let to = to.map(|place| tiers[place].key.clone());
        if to == standing.tier {
            return;
        }
        let last = standing.changes.last().map(|(since, _)| *since);
        let since = last.map_or(since, |last| last.max(since));
        let before = std::mem::replace(&mut standing.tier, to);
        standing.changes.push((since, before));
        standing.period = standing.tier.as_ref().map(|_| self.period_of(since));
    }

    /// The higher of two tiers, or the one that the points of both are good for together. Ruling:
    /// a survivor that has earned its tier by the points of both has reached it that day; one that
    /// only takes it over has it for the rest of its period.
    fn join(&self, tiers: &[Tier], standing: &mut Standing, source: Standing, now: Timestamp) {
        standing.points.extend(source.points);
        self.judge(tiers, standing, now, now);
        let theirs = self.place(tiers, source.tier.as_deref());
        if theirs > self.place(tiers, standing.tier.as_deref()) {
            self.change(tiers, standing, theirs, now);
            standing.period = source.period;
        }
    }

    /// The points of the running period: of the year, or of the last twelve months.
    fn running(&self, standing: &Standing, at: Timestamp) -> i64 {
        let today = self.day(at);
        self.sum(standing, |day| {
            match (self.settings.tier_basis, self.settings.tier_period) {
                (TierBasis::LifetimePoints, _) => true,
                (_, TierPeriod::CalendarYear) => day.year() == today.year(),
                (_, TierPeriod::Rolling12Months) => today < day + 12.months(),
            }
        })
    }

    /// The points that a tier is judged by: those of the period that it is reviewed after, while
    /// that is open, or those of the running one, whichever are more. Ruling: by rolling months
    /// those of the day on which the tier was reached do not keep it.
    fn counting(&self, standing: &Standing, at: Timestamp) -> i64 {
        let running = self.running(standing, at);
        let Some(start) = standing
            .period
            .filter(|_| self.settings.downgrade.is_some())
        else {
            return running;
        };
        let own = self.sum(standing, |day| match self.settings.tier_period {
            TierPeriod::CalendarYear => day.year() == start.year(),
            TierPeriod::Rolling12Months => start < day && day < start + 12.months(),
        });
        running.max(own)
    }

    fn sum(&self, standing: &Standing, counts: impl Fn(Date) -> bool) -> i64 {
        let points = standing.points.iter();
        let counting = points.filter(|(when, _)| counts(self.day(*when)));
        counting.map(|(_, points)| points).sum()
    }

    fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    fn place(&self, tiers: &[Tier], key: Option<&str>) -> Option<usize> {
        tiers.iter().position(|tier| Some(tier.key.as_str()) == key)
    }

    /// The highest tier that so many points are good for.
    fn reached(&self, tiers: &[Tier], points: i64) -> Option<usize> {
        tiers
            .iter()
            .rposition(|tier| tier.threshold <= points.max(0))
    }
}
