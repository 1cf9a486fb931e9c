//! Milestones and streaks of members.

use super::*;
use crate::goals::Figure;

/// An event that counts into its member's figures.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) member: MemberId,
    pub(super) kind: String,
    pub(super) source_id: String,
    pub(super) amount: u64,
}

/// What an event does for the milestones or the streak of a rule.
pub(super) enum Reached {
    /// It pays for these thresholds.
    Thresholds(Vec<i64>),
    /// It stands in this unit, and pays so often.
    Unit(i64, u32),
}

impl Reached {
    pub(super) fn times(&self) -> u64 {
        match self {
            Self::Thresholds(crossed) => crossed.len() as u64,
            Self::Unit(_, times) => u64::from(*times),
        }
    }
}

impl Model {
    /// Ruling: events of types that no rule listens to are not counted.
    pub(super) fn count(&mut self, member: MemberId, event: &Event) {
        if self.rules.iter().any(|rule| rule.trigger == event.kind) {
            self.counted.push(Counted {
                member,
                kind: event.kind.clone(),
                source_id: event.source_id().to_owned(),
                amount: paid(&event.data),
            });
        }
    }

    fn figure(&self, figure: Figure, kind: &str, member: MemberId) -> i64 {
        let counted = self.counted.iter().filter(|it| it.kind == kind);
        let counted = counted.filter(|it| self.survivor(it.member) == member);
        let of = |it: &Counted| match figure {
            Figure::Count => 1,
            Figure::Sum if !PAYMENTS.contains(&kind) => in_i64(it.amount),
            Figure::Sum => {
                let refunded = self.refunded(&it.source_id, self.refunds.len());
                in_i64(it.amount - refunded.min(it.amount))
            }
        };
        counted.map(of).sum()
    }

    /// Whether there is an award for a threshold of which something is left, and whether there
    /// was one of which nothing is. Ruling: of one that a cap has cut to 0 something is left.
    fn paid_at(&self, member: MemberId, rule: &str, threshold: i64) -> (bool, bool) {
        let awards = self.lineage(member).filter(|(_, award)| {
            award.rule.as_deref() == Some(rule) && award.milestones.contains(&threshold)
        });
        let gone: Vec<bool> = awards
            .map(|(number, award)| award.amount > 0 && self.reversed(number) == award.amount)
            .collect();
        (gone.contains(&false), gone.contains(&true))
    }

    /// What an event does for the goal of a rule; `None` where that has none.
    ///
    /// Ruling: an award that was wholly taken back is due again with the next event, where the
    /// figure is as high.
    pub(super) fn progress(&self, member: MemberId, event: &Event, rule: &Rule) -> Option<Reached> {
        if let Some(milestone) = &rule.milestone {
            let before = self.figure(milestone.figure, &rule.trigger, member);
            let after = before
                + match milestone.figure {
                    Figure::Count => 1,
                    Figure::Sum => in_i64(paid(&event.data)),
                };
            let crossed = milestone.at.iter().copied().filter(|threshold| {
                let (paid, taken_back) = self.paid_at(member, &rule.id, *threshold);
                let owed = self.owed.contains(&(member, rule.id.clone(), *threshold));
                let open = before < *threshold || owed || taken_back;
                *threshold <= after && open && !paid
            });
            return Some(Reached::Thresholds(crossed.collect()));
        }
        let streak = rule.streak?;
        let unit = streak.unit_of(event.occurred_at, &self.zone);
        let units = self.units.get(&(member, rule.id.clone()));
        let times = units.map_or(0, |units| units.pays(&streak, unit));
        Some(Reached::Unit(unit, times))
    }

    /// Counts an event into the run of a rule.
    pub(super) fn count_unit(&mut self, member: MemberId, rule: &str, unit: i64, paid: bool) {
        let units = self.units.entry((member, rule.to_owned())).or_default();
        units.count(unit);
        if paid {
            units.owed = 0;
        }
    }

    /// What a merge does to goals, given the merge has not happened yet. Ruling: it pays nothing;
    /// what it alone completes is due with the next event.
    pub(super) fn merge_goals(&mut self, source: MemberId, target: MemberId) {
        for rule in self.rules.clone() {
            if let Some(milestone) = &rule.milestone {
                let of = |member| self.figure(milestone.figure, &rule.trigger, member);
                let (one, two) = (of(source), of(target));
                let crossed = milestone.at.iter().filter(|at| {
                    let known = |member| self.owed.contains(&(member, rule.id.clone(), **at));
                    let by_merge = rule.active && one.max(two) < **at && **at <= one + two;
                    by_merge || known(source)
                });
                let crossed: Vec<i64> = crossed.copied().collect();
                let crossed = crossed.into_iter().map(|at| (target, rule.id.clone(), at));
                self.owed.extend(crossed.collect::<Vec<_>>());
            }
            if let Some(streak) = rule.streak
                && let Some(other) = self.units.remove(&(source, rule.id.clone()))
            {
                let units = self.units.entry((target, rule.id)).or_default();
                units.absorb(other, &streak, rule.active);
            }
        }
    }
}

fn in_i64(amount: u64) -> i64 {
    i64::try_from(amount).expect("no history has so much")
}
