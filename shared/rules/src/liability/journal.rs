//! A transaction as accountants book it: two accounts, one debited and one credited.

use super::{Flow, Movement, Unit, movements};
use crate::{Entry, event::is_payment, program::RedeemRate};

/// An account of the general ledger, by what it is for; every company has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerAccount {
    /// What is owed for points that may yet be spent: a contract liability, or deferred revenue.
    ContractLiability,
    /// What is owed for store credit that may yet be spent.
    StoreCreditLiability,
    /// Revenue: what purchases put off by points, and what spending them brings.
    Revenue,
    /// The cost of points, or store credit, that were given for something else than a purchase.
    LoyaltyExpense,
    /// Revenue of points that will never be spent.
    BreakageRevenue,
}

impl LedgerAccount {
    /// All of them.
    pub const ALL: [LedgerAccount; 5] = [
        LedgerAccount::ContractLiability,
        LedgerAccount::StoreCreditLiability,
        LedgerAccount::Revenue,
        LedgerAccount::LoyaltyExpense,
        LedgerAccount::BreakageRevenue,
    ];

    /// The account as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            LedgerAccount::ContractLiability => "contract_liability",
            LedgerAccount::StoreCreditLiability => "store_credit_liability",
            LedgerAccount::Revenue => "revenue",
            LedgerAccount::LoyaltyExpense => "loyalty_expense",
            LedgerAccount::BreakageRevenue => "breakage_revenue",
        }
    }
}

/// How a transaction is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// What is booked.
    pub movement: Movement,
    /// The account that is debited.
    pub debit: LedgerAccount,
    /// The account that is credited.
    pub credit: LedgerAccount,
}

/// How the transactions of an entry are booked.
///
/// Points for a purchase defer a part of its revenue (IFRS 15.B39–B41, ASC 606-10-55-41 to 45: a
/// material right); what is given for anything else is an expense. Spending recognises revenue,
/// expiry recognises breakage.
pub fn postings(entry: &Entry) -> impl Iterator<Item = Posting> {
    // A refund names its payment, also where it came first.
    let is_of_purchase = is_payment(&entry.trigger) || entry.payment.is_some();
    movements(entry).map(move |movement| {
        let owed = match movement.unit {
            Unit::Points => LedgerAccount::ContractLiability,
            Unit::Credit(_) => LedgerAccount::StoreCreditLiability,
        };
        let defers = is_of_purchase && movement.unit == Unit::Points;
        let other = match movement.flow {
            Flow::Issued | Flow::Reversed if defers => LedgerAccount::Revenue,
            Flow::Issued | Flow::Reversed | Flow::Adjusted => LedgerAccount::LoyaltyExpense,
            Flow::Redeemed | Flow::Returned => LedgerAccount::Revenue,
            Flow::Expired => LedgerAccount::BreakageRevenue,
        };
        let (debit, credit) = match movement.amount < 0 {
            true => (owed, other),
            false => (other, owed),
        };
        Posting {
            movement,
            debit,
            credit,
        }
    })
}

/// What points are worth at a rate, in whole minor units of its currency; what is less than one
/// is left out, so that a sum of points is worth at least what its parts are.
#[must_use]
pub fn worth(points: i128, rate: &RedeemRate) -> i128 {
    let amount = points.saturating_mul(rate.amount.into());
    amount.checked_div(rate.points.into()).unwrap_or(0)
}
