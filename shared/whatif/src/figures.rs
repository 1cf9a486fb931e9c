//! Figures of what events gave, counted from entries of members' logs.

use std::collections::{BTreeMap, HashMap};

use laurel_rules::{
    Account, Entry, Transaction,
    entry::{Change, TransactionType},
};

/// What events gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Events.
    pub events: u64,
    /// Events that could not be handled: an award would have been out of range.
    pub refused: u64,
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
    /// How many members went from one tier to another; none where absent.
    pub tier_changes: BTreeMap<(Option<String>, Option<String>), u64>,
    /// Points that the members have in the end, pending ones too, less what they owe.
    pub outstanding: i64,
    /// The same by rule.
    pub by_rule: BTreeMap<String, RuleFigures>,
    /// Points awarded less reversed, by member.
    pub by_member: HashMap<String, i64>,
}

/// What one rule gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleFigures {
    /// Awards.
    pub awards: u64,
    /// Points of them.
    pub points: i64,
    /// How many were cut.
    pub capped: u64,
    /// Points that refunds took back.
    pub reversed: i64,
}

impl RuleFigures {
    /// Adds those of another rule, or of another run.
    pub fn add(&mut self, other: &RuleFigures) {
        self.awards += other.awards;
        self.points += other.points;
        self.capped += other.capped;
        self.reversed += other.reversed;
    }
}

impl Figures {
    /// Begins with what a member has.
    pub fn begin_with(&mut self, account: &Account) {
        let lots = account.points.lots.iter();
        let held: i64 = lots.map(|lot| lot.remaining).sum();
        self.outstanding += held - account.points.deficit;
    }

    /// Counts an entry of a log.
    pub fn count(&mut self, entry: &Entry) {
        self.count_changes(entry);
        for transaction in &entry.transactions {
            self.count_transaction(&entry.account, transaction);
        }
    }

    pub(crate) fn count_changes(&mut self, entry: &Entry) {
        for change in &entry.changes {
            if let Change::TierChanged(change) = change {
                let moved = (change.from.clone(), change.to.clone());
                *self.tier_changes.entry(moved).or_insert(0) += 1;
            }
        }
    }

    pub(crate) fn count_transaction(&mut self, account: &str, transaction: &Transaction) {
        let amount = transaction.amount;
        self.outstanding += amount;
        let is_referrals = transaction.referral.is_some();
        let Some((rule, _)) = transaction.rule.as_ref().filter(|_| !is_referrals) else {
            if transaction.kind == TransactionType::Expire {
                self.expired -= amount;
            }
            return;
        };
        let of_rule = self.by_rule.entry(rule.clone()).or_default();
        match transaction.kind {
            TransactionType::Earn => {
                let capped = u64::from(transaction.uncapped_points.is_some());
                self.awards += 1;
                self.points += amount;
                self.capped += capped;
                of_rule.awards += 1;
                of_rule.points += amount;
                of_rule.capped += capped;
            }
            TransactionType::Reverse => {
                self.reversed -= amount;
                of_rule.reversed -= amount;
            }
            TransactionType::Expire => self.expired -= amount,
            TransactionType::Redeem | TransactionType::Adjust => return,
        }
        if transaction.kind != TransactionType::Expire {
            let member = self.by_member.entry(account.to_owned()).or_insert(0);
            *member += amount;
        }
    }
}
