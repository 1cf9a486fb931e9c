//! How what would have happened differs from what did.

use std::collections::BTreeSet;

use laurel_rules::program::RedeemRate;
use serde::{Deserialize, Serialize};

use crate::Figures;

/// How many of the members whom it changes most are told.
const MEMBERS_MAX: usize = 10;

/// What happened, what would have happened, and how they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What happened.
    pub actual: Totals,
    /// What would have happened under the candidate rules.
    pub candidate: Totals,
    /// `candidate` less `actual`.
    pub difference: Difference,
    /// By rule, in the order of their ids.
    pub rules: Vec<RuleChange>,
    /// The ten members who get more or less, those with the largest difference first.
    pub members: Vec<MemberChange>,
}

/// Sums of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Events.
    pub events: u64,
    /// Events that could not be handled: an award would have been out of range.
    pub refused: u64,
    /// Members who got or lost points by a rule.
    pub members: u64,
    /// Awards of rules.
    pub awards: u64,
    /// Points of these awards.
    pub points: i64,
    /// Awards that a cap or a budget has cut.
    pub capped: u64,
    /// Points that refunds took back.
    pub reversed: i64,
    /// Points that expired.
    pub expired: i64,
    /// Points that the members have in the end, pending ones too, less what they owe.
    pub outstanding: i64,
    /// What those are worth at the program's `redeem_rate`, in minor units; absent without one.
    pub liability: Option<i64>,
    /// The currency of that.
    pub currency: Option<String>,
    /// How many members went from which tier to which.
    pub tier_changes: Vec<TierMove>,
}

/// Members who went from one tier to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierMove {
    /// The tier before; none where absent.
    pub from: Option<String>,
    /// The tier after; none where absent.
    pub to: Option<String>,
    /// How often.
    pub count: u64,
}

/// What would have been more, or with a minus less.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Awards.
    pub awards: i64,
    /// Points awarded.
    pub points: i64,
    /// Awards that were cut.
    pub capped: i64,
    /// Points that refunds took back.
    pub reversed: i64,
    /// Points that expired.
    pub expired: i64,
    /// Changes of tiers.
    pub tier_changes: i64,
    /// Points that the members have in the end.
    pub outstanding: i64,
    /// What those are worth, in minor units; absent without a `redeem_rate`.
    pub liability: Option<i64>,
}

/// What a rule gave on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The rule.
    pub rule: String,
    /// Awards that happened.
    pub actual_awards: u64,
    /// Points of them, less reversed.
    pub actual_points: i64,
    /// Awards that would have happened.
    pub candidate_awards: u64,
    /// Points of them, less reversed.
    pub candidate_points: i64,
}

/// A member who would have got more or less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// The account.
    pub account: String,
    /// Points that rules gave, less reversed.
    pub actual: i64,
    /// The same under the candidate rules.
    pub candidate: i64,
    /// `candidate` less `actual`.
    pub difference: i64,
}

impl Comparison {
    /// Compares, with points worth `rate`.
    #[must_use]
    pub fn of(actual: &Figures, candidate: &Figures, rate: Option<&RedeemRate>) -> Comparison {
        let (before, after) = (Totals::of(actual, rate), Totals::of(candidate, rate));
        Comparison {
            difference: Difference {
                awards: less(after.awards, before.awards),
                points: after.points - before.points,
                capped: less(after.capped, before.capped),
                reversed: after.reversed - before.reversed,
                expired: after.expired - before.expired,
                tier_changes: less(moves(&after), moves(&before)),
                outstanding: after.outstanding - before.outstanding,
                liability: after
                    .liability
                    .zip(before.liability)
                    .map(|(after, before)| after - before),
            },
            actual: before,
            candidate: after,
            rules: rules(actual, candidate),
            members: members(actual, candidate),
        }
    }
}

impl Totals {
    fn of(figures: &Figures, rate: Option<&RedeemRate>) -> Totals {
        let moved = figures.tier_changes.iter();
        Totals {
            events: figures.events,
            refused: figures.refused,
            members: u64::try_from(figures.by_member.len()).unwrap_or(u64::MAX),
            awards: figures.awards,
            points: figures.points,
            capped: figures.capped,
            reversed: figures.reversed,
            expired: figures.expired,
            outstanding: figures.outstanding,
            liability: rate.and_then(|rate| worth(figures.outstanding, rate)),
            currency: rate.map(|rate| rate.currency.clone()),
            tier_changes: moved
                .map(|((from, to), count)| TierMove {
                    from: from.clone(),
                    to: to.clone(),
                    count: *count,
                })
                .collect(),
        }
    }
}

/// What points are worth, in whole minor units.
fn worth(points: i64, rate: &RedeemRate) -> Option<i64> {
    let amount = i128::from(points).checked_mul(i128::from(rate.amount))?;
    let amount = amount.checked_div_euclid(i128::from(rate.points))?;
    i64::try_from(amount).ok()
}

fn less(after: u64, before: u64) -> i64 {
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    signed(after) - signed(before)
}

fn moves(totals: &Totals) -> u64 {
    totals.tier_changes.iter().map(|moved| moved.count).sum()
}

fn rules(actual: &Figures, candidate: &Figures) -> Vec<RuleChange> {
    let ids: BTreeSet<&String> = actual
        .by_rule
        .keys()
        .chain(candidate.by_rule.keys())
        .collect();
    let changes = ids.into_iter().map(|rule| {
        let of = |figures: &Figures| figures.by_rule.get(rule).copied().unwrap_or_default();
        let (before, after) = (of(actual), of(candidate));
        RuleChange {
            rule: rule.clone(),
            actual_awards: before.awards,
            actual_points: before.points - before.reversed,
            candidate_awards: after.awards,
            candidate_points: after.points - after.reversed,
        }
    });
    changes.collect()
}

fn members(actual: &Figures, candidate: &Figures) -> Vec<MemberChange> {
    let ids: BTreeSet<&String> = actual
        .by_member
        .keys()
        .chain(candidate.by_member.keys())
        .collect();
    let mut changes: Vec<MemberChange> = ids
        .into_iter()
        .filter_map(|account| {
            let of = |figures: &Figures| figures.by_member.get(account).copied().unwrap_or(0);
            let (actual, candidate) = (of(actual), of(candidate));
            (actual != candidate).then(|| MemberChange {
                account: account.clone(),
                actual,
                candidate,
                difference: candidate - actual,
            })
        })
        .collect();
    // Of equal differences the order of their ids decides, so that a repeat tells the same ten.
    changes.sort_by_key(|change| std::cmp::Reverse(change.difference.unsigned_abs()));
    changes.truncate(MEMBERS_MAX);
    changes
}
