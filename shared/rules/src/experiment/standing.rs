//! What an experiment keeps of a member, and counts over all.
//!
//! The figures of an experiment are at any moment the sum of what the members' accounts say of it:
//! whatever changes an account changes the figures by the difference, in the same transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Trial;
use crate::{Event, POINTS_MAX, Rule};

/// What an account says of one experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The experiment's key.
    pub experiment: String,
    /// The member's variant.
    pub variant: String,
    /// When the member was first given it.
    pub since: Timestamp,
    /// How many awards.
    pub awards: u64,
    /// What they came to.
    pub points: i64,
    /// What refunds took back of that.
    pub reversed: i64,
    /// What the member spent since, less what was refunded, in minor units.
    pub spend: i64,
    /// Whether the member turned out to have had two variants, and counts for none.
    pub is_excluded: bool,
}

/// What an account says of experiments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Experiments {
    /// By now.
    pub standings: Vec<Standing>,
    /// When the account was read: the difference is what changes the figures.
    pub loaded: Vec<Standing>,
}

/// What a payment counted for, for its refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The experiment's key.
    pub experiment: String,
    /// Whether its amount is in the member's spend.
    pub is_spend: bool,
    /// The place of the award that the experiment's rule gave.
    pub award: Option<u32>,
}

/// What is counted of one variant. Squares are there for the spread of spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub struct Figures {
    pub members: i128,
    pub awarded_members: i128,
    pub awards: i128,
    pub points: i128,
    pub reversed_points: i128,
    pub spend: i128,
    /// Σ of the squares of the members' spends.
    pub spend_squares: i128,
    pub excluded_members: i128,
}

/// How many numbers figures are.
pub const FIGURES: usize = 8;

impl Figures {
    /// The numbers, in the order of the fields.
    #[must_use]
    pub fn numbers(&self) -> [i128; FIGURES] {
        [
            self.members,
            self.awarded_members,
            self.awards,
            self.points,
            self.reversed_points,
            self.spend,
            self.spend_squares,
            self.excluded_members,
        ]
    }

    /// Reads what [`Figures::numbers`] gave.
    #[must_use]
    pub fn of(numbers: [i128; FIGURES]) -> Figures {
        let [
            members,
            awarded_members,
            awards,
            points,
            reversed_points,
            spend,
            spend_squares,
            excluded_members,
        ] = numbers;
        Figures {
            members,
            awarded_members,
            awards,
            points,
            reversed_points,
            spend,
            spend_squares,
            excluded_members,
        }
    }

    /// The sum, `sign` times the other. A member's square has at most 107 bits, so that 128 are
    /// enough for a million members who spent the most.
    #[must_use]
    pub fn plus(self, sign: i128, other: Figures) -> Figures {
        let (own, other) = (self.numbers(), other.numbers());
        let mut sums = own
            .into_iter()
            .zip(other)
            .map(|(own, other)| own.saturating_add(other.saturating_mul(sign)));
        Figures::of(std::array::from_fn(|_| sums.next().unwrap_or(0)))
    }
}

impl Standing {
    fn new(trial: &Trial, at: Timestamp) -> Standing {
        Standing {
            experiment: trial.experiment.clone(),
            variant: trial.variant.clone(),
            since: at,
            awards: 0,
            points: 0,
            reversed: 0,
            spend: 0,
            is_excluded: false,
        }
    }

    /// What the member is in the figures of the variant.
    #[must_use]
    pub fn figures(&self) -> Figures {
        if self.is_excluded {
            return Figures {
                excluded_members: 1,
                ..Figures::default()
            };
        }
        let spend = i128::from(self.spend);
        Figures {
            members: 1,
            awarded_members: i128::from(self.awards > 0),
            awards: i128::from(self.awards),
            points: i128::from(self.points),
            reversed_points: i128::from(self.reversed),
            spend,
            spend_squares: spend * spend,
            excluded_members: 0,
        }
    }

    /// Takes over what another account says of the same experiment. One person with two variants
    /// tells nothing of either.
    fn absorb(&mut self, other: Standing) {
        self.since = self.since.min(other.since);
        self.is_excluded |= other.is_excluded || other.variant != self.variant;
        self.awards = self.awards.saturating_add(other.awards);
        self.points = capped(self.points.saturating_add(other.points));
        self.reversed = capped(self.reversed.saturating_add(other.reversed));
        self.spend = capped(self.spend.saturating_add(other.spend));
    }
}

fn capped(sum: i64) -> i64 {
    sum.clamp(0, POINTS_MAX)
}

impl Experiments {
    /// What was read of an account.
    #[must_use]
    pub fn read(standings: Vec<Standing>) -> Experiments {
        Experiments {
            loaded: standings.clone(),
            standings,
        }
    }

    /// What the account says of this experiment.
    #[must_use]
    pub fn get(&self, experiment: &str) -> Option<&Standing> {
        let mut standings = self.standings.iter();
        standings.find(|standing| standing.experiment == experiment)
    }

    fn get_mut(&mut self, experiment: &str) -> Option<&mut Standing> {
        let mut standings = self.standings.iter_mut();
        standings.find(|standing| standing.experiment == experiment)
    }

    /// Notes what an event did by a rule of an experiment: the member was given a variant, where
    /// the rule came to that, and what a member who has one spends is counted. Answers what it counted for.
    pub(crate) fn note(&mut self, rule: &Rule, event: &Event) -> Option<Counted> {
        let (key, only) = match (&rule.trial, &rule.experiment) {
            (Some(trial), _) => (&trial.experiment, &trial.currency),
            (None, Some(experiment)) => (&experiment.key, &experiment.currency),
            (None, None) => return None,
        };
        if let Some(trial) = rule.trial.as_ref().filter(|_| self.get(key).is_none()) {
            self.standings.push(Standing::new(trial, event.occurred_at));
        }
        let currency = event.currency.map(|currency| currency.code());
        let counts = only.is_none() || only.as_deref() == currency;
        let amount = event.amount.filter(|amount| *amount > 0 && counts);
        let standing = self.get_mut(key)?;
        standing.spend = capped(standing.spend.saturating_add(amount.unwrap_or(0)));
        Some(Counted {
            experiment: key.clone(),
            is_spend: amount.is_some(),
            award: None,
        })
    }

    /// Counts an award.
    pub(crate) fn award(&mut self, experiment: &str, points: i64) {
        if let Some(standing) = self.get_mut(experiment) {
            standing.awards = standing.awards.saturating_add(1);
            standing.points = capped(standing.points.saturating_add(points));
        }
    }

    /// Takes what was refunded of a payment out of the member's spend.
    pub(crate) fn refund(&mut self, counted: &[Counted], amount: i64) {
        for counted in counted.iter().filter(|counted| counted.is_spend) {
            if let Some(standing) = self.get_mut(&counted.experiment) {
                standing.spend = capped(standing.spend.saturating_sub(amount));
            }
        }
    }

    /// Counts points of the award at `place` that were taken back.
    pub(crate) fn reverse(&mut self, counted: &[Counted], place: u32, points: i64) {
        let mut counted = counted.iter();
        let Some(counted) = counted.find(|counted| counted.award == Some(place)) else {
            return;
        };
        if let Some(standing) = self.get_mut(&counted.experiment) {
            standing.reversed = capped(standing.reversed.saturating_add(points));
        }
    }

    /// Takes over what another account says.
    pub(crate) fn absorb(&mut self, source: &mut Experiments) {
        for other in source.standings.drain(..) {
            match self.get_mut(&other.experiment) {
                Some(standing) => standing.absorb(other),
                None => self.standings.push(other),
            }
        }
    }

    /// Forgets experiments that run no longer; their figures stay as they are.
    pub(crate) fn forget(&mut self, runs: impl Fn(&str) -> bool) {
        self.standings.retain(|standing| runs(&standing.experiment));
        self.loaded.retain(|standing| runs(&standing.experiment));
    }

    /// By how much the figures change when the account is written, by experiment and variant.
    #[must_use]
    pub fn changes(&self) -> BTreeMap<(&str, &str), Figures> {
        let mut changes: BTreeMap<(&str, &str), Figures> = BTreeMap::new();
        for (sign, standings) in [(1, &self.standings), (-1, &self.loaded)] {
            for standing in standings {
                let key = (standing.experiment.as_str(), standing.variant.as_str());
                let sum = changes.entry(key).or_default();
                *sum = sum.plus(sign, standing.figures());
            }
        }
        changes.retain(|_, change| *change != Figures::default());
        changes
    }
}
