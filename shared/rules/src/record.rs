//! The record of an event: what makes a repeat a no-op, and what its refunds are reckoned from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    event::{EventOutcome, Outcome},
    experiment::standing::Counted,
    id::TransactionId,
    pool::PoolId,
    refund,
};

/// What names an event for good (spec section 1, "Deduplication key").
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey {
    /// The program.
    pub program: String,
    /// The event type.
    pub trigger: String,
    /// The id of the object behind it.
    pub source_id: String,
}

/// What is kept of an event for ever. It stands in the same transaction as what the event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Which event.
    pub key: EventKey,
    /// Grows with each write.
    pub version: u64,
    /// What came of it; absent while only refunds of it have come.
    pub handled: Option<Handled>,
    /// Refunds so far, where the event is a payment.
    pub refunds: Refunds,
}

/// What came of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// The digest of its data.
    pub content: String,
    /// The first outcome, which repeats get again.
    pub outcome: Outcome,
    /// The member concerned.
    pub account: Option<String>,
    /// Where its transactions stand in that member's log. The awards are in the first entry, and
    /// those that followed from them in the next; refunds that came ahead of the payment each have another.
    pub entries: Vec<EntryRef>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The amount paid, in minor units.
    pub amount: i64,
    /// What it awarded, for its refunds.
    pub awards: Vec<Awarded>,
    /// The redemption that it named and confirmed, for its refunds.
    pub redemption: Option<String>,
    /// The referral that it converted, for its refunds.
    pub referral: Option<String>,
}

/// Where the transactions of an event stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRef {
    /// The entry.
    pub seq: u64,
    /// How many transactions, from place 0.
    pub count: u32,
}

/// One award of a payment, with what was reversed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awarded {
    /// The entry, where that is not the first of the event's: of an award that followed from
    /// another.
    pub entry: Option<u64>,
    /// The place in the entry.
    pub place: u32,
    /// The rule.
    pub rule: String,
    /// The version of the rule that awarded.
    pub rule_version: u32,
    /// Points awarded.
    pub points: i64,
    /// Points reversed so far.
    pub reversed: i64,
    /// When its lot expires.
    pub expires_at: Option<Timestamp>,
    /// The thresholds that it paid for, until all of it is reversed.
    pub milestones: Vec<i64>,
    /// What it took from pools of budgets, to which reversed points return.
    pub drawn: Vec<Drawn>,
}

/// Points of an award that count against a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The pool.
    pub pool: PoolId,
    /// How many.
    pub points: i64,
}

impl Drawn {
    /// How many of them return where the reversed part of an award of `awarded` points grows from
    /// `before` to `after`: each its share, rounded down, and all of them with the last point.
    #[must_use]
    pub fn returned(&self, awarded: i64, before: i64, after: i64) -> i64 {
        let share = |reversed: i64| refund::reversed_points(self.points, reversed, awarded);
        (share(after) - share(before)).max(0)
    }
}

/// The refunds of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refunds {
    /// Minor units refunded so far, where the payment is known.
    pub total: i64,
    /// Refunds that came ahead of the payment, in the order of their coming.
    pub early: Vec<EarlyRefund>,
    /// Experiments that the payment counted for.
    pub counted: Vec<Counted>,
}

/// A refund that waits for its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyRefund {
    /// The refund's type, `payment.refunded` or `payment.disputed`.
    pub trigger: String,
    /// The refund's id.
    pub source_id: String,
    /// Minor units; all of the payment where absent.
    pub amount: Option<i64>,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// How many refunds may wait for one payment.
pub const EARLY_REFUNDS_MAX: usize = 100;

impl Handled {
    /// The answer to a repeat of the event.
    #[must_use]
    pub fn replay(&self) -> EventOutcome {
        let places = self
            .entries
            .iter()
            .flat_map(|entry| (0..entry.count).map(|place| (entry.seq, place)));
        let transactions = match &self.account {
            Some(account) => places
                .map(|(seq, place)| TransactionId {
                    account: account.clone(),
                    seq,
                    place,
                })
                .collect(),
            None => Vec::new(),
        };
        EventOutcome {
            outcome: self.outcome,
            duplicate: true,
            account: self.account.clone(),
            transactions,
        }
    }
}
