//! What a program owes, read from the sums.
//!
//! The sums are of accounts as they were written. What time has done to accounts since, and has
//! not been written yet, is put right while reading: an index tells which accounts these are.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use laurel_rules::{
    Program,
    liability::{Figure, Figures, Flow, Month, Unit, passed, worth},
};

use super::item;
use crate::{
    Error, Ledger,
    accounts::CURRENT,
    item as items,
    store::Consistency,
    table::{Key, TOTALS_EDGE_SHARDS},
};

/// How many accounts that time has changed are put right in one read at the most, in each part
/// of the index.
const CHANGED_MAX: i32 = 200;

/// What a program owes its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liability {
    /// The program.
    pub program: Program,
    /// Up to when time has been let pass: now, unless more accounts wait to be counted again
    /// than one read looks at.
    pub as_of: Timestamp,
    /// Points.
    pub points: UnitFigures,
    /// Store credit, by currency.
    pub store_credit: BTreeMap<String, UnitFigures>,
}

/// The figures of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitFigures {
    /// What can be spent now or later.
    pub outstanding: i128,
    /// What of it matures later.
    pub pending: i128,
    /// What members owe.
    pub deficit: i128,
    /// What is outstanding, by the month in which it expires; what never does comes last.
    pub by_expiry: Vec<(Option<Month>, i128)>,
    /// What was booked, by month, from the first to the last in which something was.
    pub months: Vec<MonthFigures>,
}

/// What was booked in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFigures {
    /// The month.
    pub month: Month,
    /// What was owed before it, less what members owed.
    pub opening: i128,
    /// What was booked, above zero where it adds to what is owed; in the order of [`Flow::ALL`].
    pub flows: [i128; Flow::ALL.len()],
    /// What was owed after it, less what members owed.
    pub closing: i128,
}

impl Liability {
    /// What the outstanding points are worth, in minor units of the currency of the program's
    /// rate; `None` where it has none.
    #[must_use]
    pub fn value(&self) -> Option<i128> {
        self.value_of(self.points.outstanding)
    }

    /// What so many points are worth.
    #[must_use]
    pub fn value_of(&self, points: i128) -> Option<i128> {
        let rate = self.program.redeem_rate.as_ref()?;
        Some(worth(points, rate))
    }
}

impl UnitFigures {
    fn of(figures: &Figures, unit: &Unit) -> UnitFigures {
        let mut found = UnitFigures::default();
        let mut by_expiry = BTreeMap::new();
        let mut booked: BTreeMap<Month, [i128; Flow::ALL.len()]> = BTreeMap::new();
        for (_, figure, amount) in figures.iter().filter(|(of, _, _)| *of == unit) {
            match figure {
                Figure::Outstanding(month) => {
                    found.outstanding = found.outstanding.saturating_add(amount);
                    // `None` sorts first.
                    by_expiry.insert((month.is_none(), month), amount);
                }
                Figure::Pending => found.pending = amount,
                Figure::Deficit => found.deficit = amount,
                Figure::Booked(month, flow) => {
                    let flows = booked.entry(month).or_default();
                    if let Some(place) = Flow::ALL.iter().position(|known| *known == flow) {
                        flows[place] = amount;
                    }
                }
            }
        }
        found.by_expiry = by_expiry
            .into_iter()
            .map(|((_, month), amount)| (month, amount))
            .collect();
        found.months = roll_forward(booked);
        found
    }
}

/// Each month begins with what the one before ended with.
fn roll_forward(mut booked: BTreeMap<Month, [i128; Flow::ALL.len()]>) -> Vec<MonthFigures> {
    let mut months = Vec::new();
    let last = booked.keys().next_back().copied();
    let mut next = booked.keys().next().copied();
    let mut opening = 0_i128;
    while let (Some(month), Some(last)) = (next, last) {
        let flows = booked.remove(&month).unwrap_or_default();
        let closing = flows
            .iter()
            .fold(opening, |sum, flow| sum.saturating_add(*flow));
        months.push(MonthFigures {
            month,
            opening,
            flows,
            closing,
        });
        opening = closing;
        next = (month < last).then(|| month.next());
    }
    months
}

impl Ledger {
    /// What a program owes its members. The sums are a moment behind the ledger, as the table's
    /// stream is.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn liability(&self, program: &str) -> Result<Liability, Error> {
        let catalog = self.checked_catalog(program, CURRENT).await?;
        let program = catalog.program.clone();
        let now = self.now_in(&program);
        let mut sums = Figures::default();
        let partition = format!("F#{}", program.id);
        for found in self.store.query_all(&partition, "0", "~").await? {
            sums.add_all(&item::totals(&found)?);
        }
        // After the sums: an account that is counted in between is then put right for nothing,
        // and never twice.
        let as_of = self.let_time_pass(&program, &mut sums, now).await?;
        let currencies: BTreeSet<&str> = sums
            .iter()
            .filter_map(|(unit, _, _)| match unit {
                Unit::Points => None,
                Unit::Credit(currency) => Some(currency.as_str()),
            })
            .collect();
        let store_credit = currencies.into_iter().map(|currency| {
            let unit = Unit::Credit(currency.to_owned());
            (currency.to_owned(), UnitFigures::of(&sums, &unit))
        });
        Ok(Liability {
            as_of,
            points: UnitFigures::of(&sums, &Unit::Points),
            store_credit: store_credit.collect(),
            program,
        })
    }

    /// Corrects `sums` by what time has done to accounts that are counted to their end. Answers
    /// up to when.
    async fn let_time_pass(
        &self,
        program: &Program,
        sums: &mut Figures,
        now: Timestamp,
    ) -> Result<Timestamp, Error> {
        let month = Month::of(now, &program.timezone);
        let can_change = sums.iter().any(|(_, figure, _)| match figure {
            Figure::Pending | Figure::Deficit => true,
            Figure::Outstanding(expires) => expires.is_some_and(|expires| expires <= month),
            // A reservation may come back.
            Figure::Booked(_, flow) => flow == Flow::Redeemed,
        });
        if !can_change {
            return Ok(now);
        }
        let parts = stream::iter(0..TOTALS_EDGE_SHARDS)
            .map(|shard| self.changed(&program.id, shard, now, CHANGED_MAX))
            .buffer_unordered(usize::from(TOTALS_EDGE_SHARDS))
            .try_collect::<Vec<_>>()
            .await?;
        // Where a part has more, all parts stop where it does.
        let ends = parts.iter().filter(|(_, has_more)| *has_more);
        let ends = ends.filter_map(|(due, _)| Some(due.last()?.0));
        let as_of = ends.min().unwrap_or(now);
        let due = parts.into_iter().flat_map(|(due, _)| due);
        let due: Vec<String> = due
            .filter(|(at, _)| *at <= as_of)
            .map(|(_, account)| account)
            .collect();
        for ids in due.chunks(50) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let found = self.counted(&ids, None, Consistency::Strong).await?;
            for id in ids {
                let account = found.get(&Key::account(id)).map(items::account);
                let counted = found.get(&Key::counted(id)).map(item::counted);
                let (Some(account), Some(counted)) = (account.transpose()?, counted.transpose()?)
                else {
                    continue;
                };
                // One that has been written since is counted in a moment.
                if account.seq == counted.seq {
                    let passed = passed(&account, program, as_of);
                    sums.add_all(&passed.flows);
                    sums.add_all(&passed.standing);
                    sums.take_all(&counted.standing);
                }
            }
        }
        Ok(as_of)
    }
}
