//! Budgets: what a program, or a campaign, may award to all members together.

use super::*;
use crate::settings::Budget;

impl Model {
    /// What is used of the program's budget, or of a campaign's, in the window of an instant;
    /// `None` where it has none.
    pub fn budget_used(&self, campaign: Option<&str>, at: Timestamp) -> Option<i64> {
        let budget = self.budget(campaign)?;
        let awards = self.transactions.iter().enumerate();
        let used = awards
            .filter(|(_, t)| t.kind == TransactionKind::Earn && t.currency.is_none())
            .filter(|(_, t)| calendar::same_window(budget.window, t.occurred_at, at, &self.zone))
            .map(|(number, t)| match campaign {
                None => t.amount - self.reversed(number),
                Some(id) => {
                    let added = t.added.iter().find(|(campaign, _)| campaign == id);
                    added.map_or(0, |(_, points)| points - self.reversed_of(number, *points))
                }
            });
        Some(used.sum())
    }

    /// Ruling: of what a campaign added to an award the same share is reversed as of the award.
    fn reversed_of(&self, award: usize, points: i64) -> i64 {
        let amount = i128::from(self.transactions[award].amount);
        if amount == 0 {
            return 0;
        }
        let share = i128::from(points) * i128::from(self.reversed(award)) / amount;
        i64::try_from(share).expect("not more than the award")
    }

    fn budget(&self, campaign: Option<&str>) -> Option<Budget> {
        let Some(id) = campaign else {
            return self.settings.budget;
        };
        let campaign = self.campaigns.iter().find(|campaign| campaign.id == id);
        campaign.and_then(|campaign| campaign.budget)
    }

    fn budget_left(&self, campaign: Option<&str>, at: Timestamp) -> Option<i64> {
        let (budget, used) = (self.budget(campaign)?, self.budget_used(campaign, at)?);
        Some((budget.points - used).max(0))
    }

    /// What of an award is within all budgets, and what campaigns with budgets have added to
    /// that. `added` is what they would add, in the order of their creation; of an award that a
    /// cap has cut to `points`, what it would be without them comes first.
    pub(super) fn within_budgets(
        &self,
        at: Timestamp,
        uncapped: i64,
        points: i64,
        added: Vec<(String, i64)>,
    ) -> (i64, Vec<(String, i64)>) {
        let all_added: i64 = added.iter().map(|(_, points)| points).sum();
        let base = points.min(uncapped - all_added);
        let mut within_cap = points - base;
        let mut granted = Vec::new();
        for (id, wanted) in added {
            let wanted = wanted.min(within_cap);
            within_cap -= wanted;
            let left = self.budget_left(Some(&id), at);
            granted.push((id, left.map_or(wanted, |left| wanted.min(left))));
        }
        // What the last campaign added goes first, since its budget then keeps it.
        let left = self.budget_left(None, at).unwrap_or(i64::MAX);
        let base = base.min(left);
        let mut total = base;
        for (_, points) in &mut granted {
            *points = (*points).min(left - total);
            total += *points;
        }
        (total, granted)
    }
}
