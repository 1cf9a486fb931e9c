//! What an account remembers of the milestones and streaks of rules.

use super::{Crossed, Goal, MilestoneStanding, Progress, StreakStanding};
use crate::{Account, Catalog, Event, Program, Rule, evaluate::Verdict, rule::CompiledRule};

/// How many rules an account remembers something of: all that may be active at once
/// ([`super::RULES_MAX`]), and some that were.
pub const STANDINGS_MAX: usize = 60;

/// What an account remembers of rules that have milestones or a streak.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goals(pub Vec<Standing>);

/// What it remembers of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The rule.
    pub rule: String,
    /// What there is.
    pub kept: Kept,
}

/// What is remembered, by the kind of the goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Of milestones.
    Milestone(MilestoneStanding),
    /// Of a streak.
    Streak(StreakStanding),
}

impl Goals {
    fn get(&self, rule: &str) -> Option<&Kept> {
        let standing = self.0.iter().find(|standing| standing.rule == rule)?;
        Some(&standing.kept)
    }

    fn milestones(&self, rule: &str) -> Option<&MilestoneStanding> {
        match self.get(rule)? {
            Kept::Milestone(standing) => Some(standing),
            Kept::Streak(_) => None,
        }
    }

    fn take(&mut self, rule: &str) -> Option<Kept> {
        let place = self.0.iter().position(|standing| standing.rule == rule)?;
        Some(self.0.remove(place).kept)
    }

    /// Puts what is remembered of a rule last. Beyond the bound goes what was written the longest
    /// ago of a rule that is not active any more; there is one, since so many cannot be.
    fn put(&mut self, rule: &str, kept: Kept, catalog: &Catalog) {
        let rule = rule.to_owned();
        self.0.push(Standing { rule, kept });
        if self.0.len() > STANDINGS_MAX {
            let mut standings = self.0.iter();
            let gone = standings.position(|standing| !catalog.has_active_goal(&standing.rule));
            self.0.remove(gone.unwrap_or(0));
        }
    }

    /// Notes what an event did for the goal of a rule, and whether that was paid.
    pub(crate) fn follow(
        &mut self,
        rule: &Rule,
        progress: Progress,
        is_paid: bool,
        catalog: &Catalog,
    ) {
        match (progress, &rule.milestone, rule.streak) {
            (Progress::Milestone { crossed, .. }, Some(milestone), _) if is_paid => {
                let mut standing = match self.take(&rule.id) {
                    Some(Kept::Milestone(standing)) => standing,
                    _ => MilestoneStanding::default(),
                };
                standing.pay(milestone, &crossed.thresholds(milestone));
                self.put(&rule.id, Kept::Milestone(standing), catalog);
            }
            (Progress::Streak { unit, .. }, _, Some(streak)) => {
                let mut standing = match self.take(&rule.id) {
                    // What was counted by other units says nothing about these.
                    Some(Kept::Streak(standing)) if standing.unit == streak.unit => standing,
                    _ => StreakStanding::first(streak.unit, unit),
                };
                standing.count(streak, unit);
                if is_paid {
                    standing.owed = 0;
                }
                self.put(&rule.id, Kept::Streak(standing), catalog);
            }
            _ => {}
        }
    }

    /// Notes that nothing is left of a rule's award for these thresholds: they are open again.
    pub(crate) fn reopen(&mut self, rule: &str, thresholds: &[i64]) {
        let mut standings = self.0.iter_mut();
        let standing = standings.find(|standing| standing.rule == rule);
        if let Some(Kept::Milestone(standing)) = standing.map(|standing| &mut standing.kept) {
            for threshold in thresholds {
                standing.reopen(*threshold);
            }
        }
    }
}

impl Goal {
    /// What an event does for this goal of a member; of an anonymous visitor where there is none.
    pub(crate) fn progress(
        &self,
        rule: &str,
        event: &Event,
        account: Option<&Account>,
        program: &Program,
    ) -> Progress {
        let (at, zone) = (event.occurred_at, &program.timezone);
        match self {
            Goal::Milestone(figure, milestone) => {
                let (trigger, amount) = (&event.trigger, event.amount.unwrap_or(0));
                let none = Default::default();
                let stats = account.map_or(&none, |account| &account.stats);
                let before = figure.of(stats.get(trigger));
                let after = figure.of(Some(&stats.with(trigger, amount, at, zone)));
                let nothing = MilestoneStanding::default();
                let standing = account.and_then(|account| account.goals.milestones(rule));
                let standing = standing.unwrap_or(&nothing);
                Progress::Milestone {
                    crossed: Crossed::of(milestone, |at| standing.pays(at, before, after)),
                    before,
                    after,
                }
            }
            Goal::Streak(streak) => {
                let unit = streak.unit.number(at, zone);
                let kept = account.and_then(|account| account.goals.get(rule));
                let (run, times) = match kept {
                    Some(Kept::Streak(standing)) if standing.unit == streak.unit => {
                        standing.with(*streak, unit)
                    }
                    _ => (1, streak.due(1)),
                };
                Progress::Streak { unit, run, times }
            }
        }
    }
}

impl Progress {
    /// What an event did for the goal of the rule that a verdict is about, where that has one and
    /// the event is one that it rewards. It is worked out again rather than kept in the verdict,
    /// for which every rule of every event would pay: nothing has changed of what it depends on.
    pub(crate) fn of(
        verdict: &Verdict<'_>,
        event: &Event,
        account: &Account,
        program: &Program,
    ) -> Option<Progress> {
        let rule = match verdict {
            Verdict::Silent { reason, .. } if !reason.is_of_an_award() => return None,
            Verdict::Silent { rule, .. } => rule,
            Verdict::Fires(fired) => fired.rule,
        };
        let goal = Goal::of(rule)?;
        Some(goal.progress(&rule.id, event, Some(account), program))
    }
}

impl Account {
    /// Takes over the stats of another account, which ends, and what that remembers of goals. The
    /// merge pays nothing; what it alone completes is owed.
    pub(crate) fn absorb_goals(&mut self, source: &mut Account, catalog: &Catalog) {
        let (own, theirs) = (self.stats.clone(), source.stats.clone());
        self.stats.absorb(&mut source.stats);
        let mut others = std::mem::take(&mut source.goals);
        for CompiledRule { rule, goal, .. } in catalog.rules_with_goals() {
            let kept = (self.goals.take(&rule.id), others.take(&rule.id));
            let kept = match goal {
                None => None,
                Some(Goal::Milestone(figure, milestone)) => {
                    let mut standing = MilestoneStanding::default();
                    for kept in [kept.0, kept.1] {
                        if let Some(Kept::Milestone(one)) = kept {
                            standing.absorb(one);
                        }
                    }
                    if rule.active {
                        let of = |stats: &crate::stats::Stats| figure.of(stats.get(&rule.trigger));
                        let higher = of(&own).max(of(&theirs));
                        standing.cross_by_merge(milestone, higher, of(&self.stats));
                    }
                    (!standing.is_empty()).then_some(Kept::Milestone(standing))
                }
                Some(Goal::Streak(streak)) => {
                    let fits = |kept| match kept {
                        Some(Kept::Streak(one)) if one.unit == streak.unit => Some(one),
                        _ => None,
                    };
                    match (fits(kept.0), fits(kept.1)) {
                        (Some(mut one), Some(two)) => {
                            one.absorb(two, *streak, rule.active);
                            Some(Kept::Streak(one))
                        }
                        (one, two) => one.or(two).map(Kept::Streak),
                    }
                }
            };
            if let Some(kept) = kept {
                self.goals.put(&rule.id, kept, catalog);
            }
        }
    }
}
