//! Store credit: money that a member can spend in the shop, in a purse per currency (spec section
//! 5, "Store credit"). Amounts are minor units of the currency.
//!
//! It is a ledger of its own beside that of points: its transactions stand in the same entries,
//! in a list of their own, and neither counts what the other says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Account, Code, Refusal,
    entry::TransactionType,
    hold::Hold,
    id::CreditId,
    program::{Expiry, ExpiryAfter, Program},
    purse::{Lot, Part, Purse, Step},
    window,
};

/// How many currencies one account can have store credit in.
pub const CURRENCIES_MAX: usize = 20;
/// How many lots are told apart in a currency: 100. Beyond that the two that expire closest
/// together become one that expires when the later of them does. With all currencies this is some
/// 30 kB of the account's item.
pub const CREDIT_LOTS_MAX: usize = 100;

/// A member's store credit: a purse per currency, by its ISO 4217 code. A purse of which nothing
/// is left and nothing is owed is not there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreCredit {
    /// The purses.
    pub purses: BTreeMap<String, Purse>,
}

/// What an account has in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditBalance {
    /// ISO 4217.
    pub currency: String,
    /// Minor units to spend now; below zero what is owed.
    pub balance: i64,
    /// Minor units that are reserved for redemptions.
    pub reserved: i64,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, at least 1.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// One change of a member's store credit: immutable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransaction {
    /// What it is.
    pub kind: TransactionType,
    /// ISO 4217.
    pub currency: String,
    /// Signed minor units.
    pub amount: i64,
    /// Why, for a person.
    pub reason: String,
    /// Until when what it gave can be spent.
    pub expires_at: Option<Timestamp>,
    /// When it happened, where that is not when its cause did, as for an expiry.
    pub occurred_at: Option<Timestamp>,
    /// The redemption concerned.
    pub redemption: Option<String>,
    /// What gave the credit that expired; it may stand in the log of an account that was merged
    /// into this one.
    pub of: Option<CreditId>,
    /// What can be spent in this currency right after.
    pub balance_after: i64,
    /// The caller's own keys and values, on an adjustment.
    pub metadata: BTreeMap<String, String>,
}

impl CreditTransaction {
    /// A transaction with nothing but its type, amount and reason.
    pub fn new(
        kind: TransactionType,
        currency: impl Into<String>,
        amount: i64,
        reason: impl Into<String>,
    ) -> CreditTransaction {
        CreditTransaction {
            kind,
            currency: currency.into(),
            amount,
            reason: reason.into(),
            expires_at: None,
            occurred_at: None,
            redemption: None,
            of: None,
            balance_after: 0,
            metadata: BTreeMap::new(),
        }
    }
}

impl StoreCredit {
    /// The purse of a currency, where there is anything in it.
    #[must_use]
    pub fn purse(&self, currency: &str) -> Option<&Purse> {
        self.purses.get(currency)
    }

    /// What can be spent in a currency, given that it is settled to `now`; below zero what is
    /// owed.
    #[must_use]
    pub fn balance(&self, currency: &str, now: Timestamp) -> i64 {
        self.purse(currency).map_or(0, |purse| purse.balance(now))
    }

    /// All balances, given that they are settled to `now`.
    #[must_use]
    pub fn balances(&self, now: Timestamp) -> Vec<CreditBalance> {
        let balance = |(currency, purse): (&String, &Purse)| CreditBalance {
            currency: currency.clone(),
            balance: purse.balance(now),
            reserved: purse.reserved(),
        };
        self.purses.iter().map(balance).collect()
    }

    /// Lets time pass until `now`, and answers what it did, with the currency of each step: in a
    /// currency in the order of time.
    pub fn settle(&mut self, now: Timestamp) -> Vec<(String, Step)> {
        let mut steps = Vec::new();
        for (currency, purse) in &mut self.purses {
            // Store credit is money: doing nothing does not lose it.
            let passed = purse.settle(None, now).into_iter();
            steps.extend(passed.map(|step| (currency.clone(), step)));
            // What has come back can be lots that were gone.
            purse.bound_lots(CREDIT_LOTS_MAX);
        }
        self.drop_empty();
        steps
    }

    /// The first instant at which time does something that is to be written.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let purses = self.purses.values();
        purses.filter_map(|purse| purse.next_due(None)).min()
    }

    /// Adds a lot; it repays what is owed in the currency first.
    ///
    /// # Errors
    /// `points_out_of_range` where the purse would hold more than 2⁵³ − 1; `limit_reached` where
    /// there are too many currencies.
    pub fn credit(&mut self, currency: &str, lot: Lot, now: Timestamp) -> Result<(), Refusal> {
        let purse = self.open(currency)?;
        purse.credit(lot, now)?;
        purse.bound_lots(CREDIT_LOTS_MAX);
        self.drop_empty();
        Ok(())
    }

    /// Takes `amount` from what expires first, and beyond it by owing; answers what came from
    /// which lot.
    ///
    /// # Errors
    /// As [`StoreCredit::credit`].
    pub fn debit(
        &mut self,
        currency: &str,
        amount: i64,
        now: Timestamp,
    ) -> Result<Vec<Part>, Refusal> {
        let parts = self.open(currency)?.debit(amount, now)?;
        self.drop_empty();
        Ok(parts)
    }

    /// The purse of a currency, new where there was none.
    ///
    /// # Errors
    /// `limit_reached` where there are too many currencies.
    pub(crate) fn open(&mut self, currency: &str) -> Result<&mut Purse, Refusal> {
        if self.purses.len() >= CURRENCIES_MAX && !self.purses.contains_key(currency) {
            return Err(too_many_currencies().at("currency"));
        }
        Ok(self.purses.entry(currency.to_owned()).or_default())
    }

    /// Takes all holds out, each with its currency.
    pub(crate) fn take_holds(&mut self) -> Vec<(String, Hold)> {
        let purses = self.purses.iter_mut();
        let holds = purses.flat_map(|(currency, purse)| {
            let holds = std::mem::take(&mut purse.holds).into_iter();
            holds.map(|hold| (currency.clone(), hold))
        });
        holds.collect()
    }

    /// Keeps a hold on what was taken in a currency.
    ///
    /// # Errors
    /// As [`Purse::add_hold`].
    pub(crate) fn add_hold(&mut self, currency: &str, hold: Hold) -> Result<(), Refusal> {
        self.open(currency)?.add_hold(hold)
    }

    /// Forgets purses that say nothing any more.
    pub(crate) fn drop_empty(&mut self) {
        self.purses.retain(|_, purse| *purse != Purse::default());
    }

    /// Takes over all of `source`, as [`Purse::absorb`] does for each currency.
    pub(crate) fn absorb(
        &mut self,
        source: &mut StoreCredit,
        origin: u32,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for (currency, mut purse) in std::mem::take(&mut source.purses) {
            let own = self.purses.entry(currency).or_default();
            own.absorb(&mut purse, origin, now)?;
            own.bound_lots(CREDIT_LOTS_MAX);
        }
        self.drop_empty();
        if self.purses.len() > CURRENCIES_MAX {
            return Err(too_many_currencies().at("source"));
        }
        Ok(())
    }
}

fn too_many_currencies() -> Refusal {
    let message = format!(
        "An account can have store credit in {CURRENCIES_MAX} currencies at a time; use up one \
         first."
    );
    Refusal::new(Code::LimitReached, message)
}

impl Account {
    /// The purse that a redemption took from: that of points, or of store credit in a currency.
    #[must_use]
    pub fn purse(&self, credit: Option<&Money>) -> Option<&Purse> {
        match credit {
            None => Some(&self.points),
            Some(money) => self.store_credit.purse(&money.currency),
        }
    }

    /// Ends the hold of a redemption, which took from the purse of `credit`, and gives nothing
    /// back.
    pub(crate) fn take_hold(&mut self, redemption: &str, credit: Option<&Money>) -> Option<Hold> {
        match credit {
            None => self.points.take_hold(redemption),
            Some(money) => {
                let purse = self.store_credit.purses.get_mut(&money.currency)?;
                let hold = purse.take_hold(redemption);
                self.store_credit.drop_empty();
                hold
            }
        }
    }
}

/// When store credit that is given at `at` expires by the program's setting.
#[must_use]
pub fn expires_at(program: &Program, at: Timestamp) -> Option<Timestamp> {
    let ExpiryAfter { after, round } = program.store_credit_expires.clone()?;
    let policy = Expiry::After(ExpiryAfter { after, round });
    window::expires_at(&policy, at, &program.timezone)
}
