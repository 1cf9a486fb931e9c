//! Budgets in a decision: an award is cut to what they have left (spec section 1, "budget").

use std::sync::Arc;

use jiff::Timestamp;

use super::Draft;
use crate::{
    Catalog,
    calculation::BudgetTrace,
    campaign::Campaign,
    entry::Change,
    evaluate::Fired,
    pool::{PoolSpec, Unknown},
    record::Drawn,
};

/// What budgets gave of one award.
#[derive(Debug, Default)]
pub(super) struct FromBudgets {
    /// What was taken from which, for the record.
    pub(super) drawn: Vec<Drawn>,
    /// What each was asked for and gave.
    pub(super) traces: Vec<BudgetTrace>,
}

/// Cuts an award to what the budgets of its campaigns, and then that of the program, have left, and
/// takes that from them. `added` is what campaigns with a budget added to it.
///
/// Within the cap the award is first what it is without those campaigns, then what each of them
/// adds in turn. Where the program's budget is short, what the last campaigns added goes first.
pub(super) fn take_from_budgets(
    draft: &mut Draft<'_>,
    catalog: &Catalog,
    at: Timestamp,
    fired: &mut Fired<'_>,
    added: &[(Arc<Campaign>, i64)],
) -> Result<FromBudgets, Unknown> {
    let program = catalog.pool_of(None, at);
    if program.is_none() && added.is_empty() {
        return Ok(FromBudgets::default());
    }
    let within_cap = fired.points;
    let of_campaigns: i64 = added.iter().map(|(_, points)| points).sum();
    let mut total = (fired.rounded - of_campaigns).min(within_cap);
    let mut taken: Vec<Taken> = Vec::with_capacity(added.len() + 1);
    for (campaign, added) in added {
        let Some(pool) = catalog.pool_of(Some(campaign), at) else {
            continue;
        };
        let wanted = (*added).min(within_cap - total);
        let granted = draft.taking.take(&pool, wanted)?;
        total += granted;
        taken.push(Taken {
            pool,
            wanted,
            granted,
        });
    }
    if let Some(pool) = program {
        let granted = draft.taking.take(&pool, total)?;
        let mut excess = total - granted;
        for campaign in taken.iter_mut().rev() {
            let back = campaign.granted.min(excess);
            draft.taking.undo(&campaign.pool, back);
            campaign.granted -= back;
            excess -= back;
        }
        taken.push(Taken {
            pool,
            wanted: total,
            granted,
        });
        total = granted;
    }
    fired.points = total;
    let traces = taken.iter().map(Taken::trace).collect();
    let drawn = taken.into_iter().filter(|taken| taken.granted > 0);
    let drawn = drawn.map(|taken| Drawn {
        pool: taken.pool.id,
        points: taken.granted,
    });
    Ok(FromBudgets {
        drawn: drawn.collect(),
        traces,
    })
}

struct Taken {
    pool: PoolSpec,
    wanted: i64,
    granted: i64,
}

impl Taken {
    fn trace(&self) -> BudgetTrace {
        BudgetTrace {
            campaign: self.pool.id.campaign.clone(),
            window: self.pool.id.window.kind(),
            starts_on: self.pool.id.window.starts_on(),
            limit_points: self.pool.limit,
            wanted_points: self.wanted,
            granted_points: self.granted,
        }
    }
}

/// The announcements of budgets of which this decision takes the last point.
pub(super) fn newly_reached(draft: &mut Draft<'_>) -> Vec<Change> {
    let zone = &draft.program.timezone;
    let reached = draft.taking.newly_reached().into_iter();
    let reached = reached.map(|pool| {
        let range = pool.id.window.range(zone);
        Change::BudgetReached {
            window: pool.id.window.kind(),
            points: pool.limit,
            starts_at: range.start,
            ends_at: range.end,
            campaign: pool.id.campaign,
        }
    });
    reached.collect()
}
