//! What an account stands at, and what time does to that.

use jiff::Timestamp;

use super::{Figure, Figures, Flow, Month, Unit};
use crate::{
    Account, Program,
    purse::{Purse, Step},
};

/// What an account contributes as it is stored: what has expired since and is not written off
/// counts. Of its lots those are pending that mature after `at`.
#[must_use]
pub fn standing(account: &Account, program: &Program, at: Timestamp) -> Figures {
    let mut figures = Figures::default();
    for (unit, purse, idle) in purses(account, program) {
        for lot in &purse.lots {
            let end = lot.expiry(idle);
            let month = end.map(|end| Month::of_end(end, &program.timezone));
            let amount = lot.remaining.into();
            figures.add(&unit, Figure::Outstanding(month), amount);
            if lot.available_at.is_some_and(|matures| matures > at) {
                figures.add(&unit, Figure::Pending, amount);
            }
        }
        figures.add(&unit, Figure::Deficit, purse.deficit.into());
    }
    figures
}

/// When time next changes what [`standing`] answers as of `at`, or what the account should be
/// written as.
#[must_use]
pub fn next_change(account: &Account, program: &Program, at: Timestamp) -> Option<Timestamp> {
    let mut next: Option<Timestamp> = None;
    for (_, purse, idle) in purses(account, program) {
        let holds = purse.holds.iter().map(|hold| hold.until);
        next = holds.chain(next).min();
        for lot in &purse.lots {
            // What has matured and repays what is owed does so once the account is written.
            let is_ahead = |matures: &Timestamp| *matures > at || purse.deficit > 0;
            let matures = lot.available_at.filter(is_ahead);
            let change = [matures, lot.expiry(idle), next];
            next = change.into_iter().flatten().min();
        }
    }
    next
}

/// What time has done to an account since it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// What it stands at then.
    pub standing: Figures,
    /// What the entries will say that are yet to be written for it.
    pub flows: Figures,
}

/// What an account will stand at once everything is written that time has done to it by `now`.
#[must_use]
pub fn passed(account: &Account, program: &Program, now: Timestamp) -> Passed {
    let mut settled = account.clone();
    let mut flows = Figures::default();
    let passed = settled.settle(program, now);
    let points = passed.points.into_iter().map(|step| (Unit::Points, step));
    let credit = passed.store_credit.into_iter();
    let credit = credit.map(|(currency, step)| (Unit::Credit(currency), step));
    for (unit, step) in points.chain(credit) {
        let zone = &program.timezone;
        let (month, flow, amount) = match step {
            Step::Expired(expired) => {
                let month = Month::of_end(expired.at, zone);
                (month, Flow::Expired, -i128::from(expired.amount))
            }
            // It is booked when it is written.
            Step::Returned(returned) => {
                let amount = returned.hold.amount().into();
                (Month::of(now, zone), Flow::Returned, amount)
            }
        };
        flows.add(&unit, Figure::Booked(month, flow), amount);
    }
    Passed {
        standing: standing(&settled, program, now),
        flows,
    }
}

/// All purses, each with the moment at which its lots expire by inactivity.
fn purses<'a>(
    account: &'a Account,
    program: &Program,
) -> impl Iterator<Item = (Unit, &'a Purse, Option<Timestamp>)> {
    let points = (Unit::Points, &account.points, account.idle_at(program));
    let credit = account.store_credit.purses.iter();
    // Store credit is money: doing nothing does not lose it.
    let credit = credit.map(|(currency, purse)| (Unit::Credit(currency.clone()), purse, None));
    std::iter::once(points).chain(credit)
}
