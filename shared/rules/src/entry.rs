//! The log of an account: one entry per cause, each with the transactions that it made.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;

use crate::{
    calculation::Calculation,
    event,
    id::{CreditId, TransactionId},
    redemption::RedemptionChange,
    referral::ReferralChange,
    rule::Window,
    store_credit::{CreditBalance, CreditTransaction},
    tier::TierChange,
};

/// What one cause did to one account: immutable, numbered without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: String,
    /// The number in the account's log, from 1.
    pub seq: u64,
    /// The program.
    pub program: String,
    /// The event type that caused it.
    pub trigger: String,
    /// The id of the object behind the cause.
    pub source_id: String,
    /// The payment concerned, also on a refund's entry.
    pub payment: Option<String>,
    /// When the cause happened.
    pub occurred_at: Timestamp,
    /// When it was written.
    pub created: Timestamp,
    /// What changed beside points, in order.
    pub changes: Vec<Change>,
    /// The transactions, in order.
    pub transactions: Vec<Transaction>,
    /// Those of store credit, in order.
    pub credits: Vec<CreditTransaction>,
    /// What seals it, once it is written.
    pub seal: Option<Seal>,
}

/// The SHA-256 of an entry and of the seal of the one before it in the account's log, so that
/// whoever changes, drops or slips in an entry breaks all seals from there on. Zeros stand for the
/// seal before the first entry.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Seal(pub [u8; 32]);

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({self})")
    }
}

/// A change of something else than points, announced like a transaction is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The account was created. What it was then, for the announcement.
    Created {
        /// Its customer.
        customer: Option<String>,
        /// Its metadata.
        metadata: BTreeMap<String, String>,
        /// Which request created it; empty where an event did.
        request: String,
    },
    /// Customer, email or metadata changed; these fields did.
    Updated {
        /// Names of the fields.
        fields: Vec<String>,
    },
    /// The account was closed.
    Closed,
    /// The account was opened again.
    Reopened,
    /// Another account was merged into this one, which took over what that one had.
    Merged {
        /// The other account.
        source: String,
        /// Its balance.
        points: i64,
        /// Its points that were to mature later.
        pending: i64,
        /// Its lifetime total.
        lifetime_points: i64,
        /// Its store credit.
        store_credit: Vec<CreditBalance>,
    },
    /// The award in this entry took the last point of a budget.
    BudgetReached {
        /// The campaign whose budget it is; the program's own where absent.
        campaign: Option<String>,
        /// The window that it counts over.
        window: Window,
        /// Its limit in points.
        points: i64,
        /// When the window began; absent for all time.
        starts_at: Option<Timestamp>,
        /// When it ends.
        ends_at: Option<Timestamp>,
    },
    /// The tier changed.
    TierChanged(TierChange),
    /// A redemption was made, or something became of it.
    Redemption(Box<RedemptionChange>),
    /// Something became of a referral.
    Referral(Box<ReferralChange>),
    /// This account was merged into another: the last entry of its log. The other's log announces
    /// it.
    MergedInto {
        /// The other account.
        target: String,
        /// Which request did it.
        request: String,
    },
    /// Points will expire, unless they are spent before: a reminder.
    PointsExpiring {
        /// How many.
        points: i64,
        /// When.
        expires_at: Timestamp,
    },
    /// Store credit will: a reminder.
    CreditExpiring {
        /// ISO 4217.
        currency: String,
        /// Minor units.
        amount: i64,
        /// When.
        expires_at: Timestamp,
    },
}

/// What a transaction is (spec section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum TransactionType {
    Earn,
    Redeem,
    Expire,
    Adjust,
    Reverse,
}

impl TransactionType {
    const ALL: [TransactionType; 5] = [
        TransactionType::Earn,
        TransactionType::Redeem,
        TransactionType::Expire,
        TransactionType::Adjust,
        TransactionType::Reverse,
    ];

    /// The type as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TransactionType::Earn => "earn",
            TransactionType::Redeem => "redeem",
            TransactionType::Expire => "expire",
            TransactionType::Adjust => "adjust",
            TransactionType::Reverse => "reverse",
        }
    }

    /// Reads what [`TransactionType::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<TransactionType> {
        TransactionType::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One change of a balance: immutable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// What it is.
    pub kind: TransactionType,
    /// Signed points.
    pub amount: i64,
    /// The rule that made it, with the version in force.
    pub rule: Option<(String, u32)>,
    /// Why, for a person.
    pub reason: String,
    /// From when it counts; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Until when what it gave can be spent.
    pub expires_at: Option<Timestamp>,
    /// When it happened, where that is not when its cause did, as for an expiry.
    pub occurred_at: Option<Timestamp>,
    /// The redemption concerned.
    pub redemption: Option<String>,
    /// The referral concerned.
    pub referral: Option<String>,
    /// The earning that it reverses or that expired; it may stand in the log of an account that
    /// was merged into this one.
    pub of: Option<TransactionId>,
    /// When the reversed earning happened: its points return to that window.
    pub earned_at: Option<Timestamp>,
    /// The spendable balance right after.
    pub balance_after: i64,
    /// Whether it counts into the lifetime total.
    pub lifetime: bool,
    /// The award before its cap, where the cap truncated it.
    pub uncapped_points: Option<i64>,
    /// What a clawback could not take and the program wrote off.
    pub written_off: Option<i64>,
    /// The caller's own keys and values, on an adjustment.
    pub metadata: BTreeMap<String, String>,
    /// How it came about.
    pub calculation: Option<Calculation>,
}

impl Transaction {
    /// A transaction with nothing but its type, amount and reason.
    pub fn new(kind: TransactionType, amount: i64, reason: impl Into<String>) -> Transaction {
        Transaction {
            kind,
            amount,
            rule: None,
            reason: reason.into(),
            available_at: None,
            expires_at: None,
            occurred_at: None,
            redemption: None,
            referral: None,
            of: None,
            earned_at: None,
            balance_after: 0,
            lifetime: false,
            uncapped_points: None,
            written_off: None,
            metadata: BTreeMap::new(),
            calculation: None,
        }
    }
}

impl Entry {
    /// The id of the transaction at `place`.
    #[must_use]
    pub fn transaction_id(&self, place: usize) -> TransactionId {
        TransactionId {
            account: self.account.clone(),
            seq: self.seq,
            place: u32::try_from(place).unwrap_or(u32::MAX),
        }
    }

    /// The ids of all transactions.
    #[must_use]
    pub fn transaction_ids(&self) -> Vec<TransactionId> {
        (0..self.transactions.len())
            .map(|place| self.transaction_id(place))
            .collect()
    }

    /// The id of the transaction of store credit at `place`.
    #[must_use]
    pub fn credit_id(&self, place: usize) -> CreditId {
        CreditId(self.transaction_id(place))
    }

    /// What the object behind the cause is called.
    #[must_use]
    pub fn source_type(&self) -> &str {
        event::source_type(&self.trigger)
    }
}
