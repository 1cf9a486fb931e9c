//! What can be asked of the model, and how it answers.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::settings::Rule;

/// A member, numbered in the order of enrolment from 0. The engine's id is another: a harness
/// pairs the two when an account is created or enrolled. A number that no member has stands for
/// a well-formed id that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub usize);

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member{}", self.0)
    }
}

/// An event in.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event type.
    pub kind: String,
    /// The id of the envelope; it counts only where `data` has no `id`.
    pub envelope_id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// `data.account`, which [`Event::data_with`] fills in.
    pub account: Option<MemberId>,
    /// `data.metadata.loyalty_account`, which [`Event::data_with`] fills in.
    pub loyalty_account: Option<MemberId>,
    /// Everything else that the event says.
    pub data: Map<String, Value>,
}

impl Event {
    /// The source id: the event's own, else the envelope's.
    pub fn source_id(&self) -> &str {
        self.text("id").unwrap_or(&self.envelope_id)
    }

    /// A text field of `data`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.data.get(key).and_then(Value::as_str)
    }

    /// A whole number of `data`.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.data.get(key).and_then(Value::as_u64)
    }

    /// `data` with the members in it under the names that `name` gives them.
    pub fn data_with(&self, name: impl Fn(MemberId) -> String) -> Map<String, Value> {
        let mut data = self.data.clone();
        if let Some(account) = self.account {
            data.insert("account".to_owned(), json!(name(account)));
        }
        if let Some(account) = self.loyalty_account {
            let metadata = data.entry("metadata").or_insert_with(|| json!({}));
            let metadata = metadata.as_object_mut().expect("metadata is an object");
            metadata.insert("loyalty_account".to_owned(), json!(name(account)));
        }
        data
    }

    /// The event as `POST /v1/events` takes it.
    pub fn to_api(&self, program: &str, name: impl Fn(MemberId) -> String) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(self.kind));
        body.insert("id".to_owned(), json!(self.envelope_id));
        body.insert("occurred_at".to_owned(), json!(self.occurred_at));
        body.insert("program".to_owned(), json!(program));
        body.insert("data".to_owned(), Value::Object(self.data_with(name)));
        body
    }
}

/// One step of a history.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// `POST /accounts`; the new member's number is the count of members before.
    CreateAccount {
        /// The customer to link.
        customer: Option<String>,
        /// The email to find the member by.
        email: Option<String>,
    },
    /// `PATCH /accounts/{id}`; the outer `None` leaves the field as it is, the inner one clears it.
    UpdateAccount {
        /// Whose.
        member: MemberId,
        /// The new customer.
        customer: Option<Option<String>>,
        /// The new email.
        email: Option<Option<String>>,
    },
    /// An event of any type.
    Event(Event),
    /// The event `loyalty.account.created` of an existing member, once more; its data is the
    /// member's id alone. It answers the first outcome and adds nothing.
    AccountCreatedAgain(MemberId),
    /// `POST /transactions` with `type: adjust`.
    Adjust {
        /// Whose.
        member: MemberId,
        /// Signed.
        amount: i64,
        /// Whether the balance may go below zero.
        allow_negative: bool,
        /// Whether it counts into `lifetime_points`.
        lifetime: bool,
        /// When the points expire; `None` is never.
        expires_at: Option<Timestamp>,
    },
    /// Replaces the rule with the same id.
    UpdateRule(Box<Rule>),
    /// `POST /accounts/{id}/close`.
    Close(MemberId),
    /// `POST /accounts/{id}/reopen`.
    Reopen(MemberId),
    /// `POST /accounts/merge`.
    Merge {
        /// Who ends.
        source: MemberId,
        /// Who survives.
        target: MemberId,
    },
}

/// The type of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransactionKind {
    /// An award.
    Earn,
    /// Part of an award taken back.
    Reverse,
    /// Points given or taken by hand.
    Adjust,
}

impl TransactionKind {
    /// The name in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Reverse => "reverse",
            Self::Adjust => "adjust",
        }
    }
}

/// A transaction in an answer: its type and its signed amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its type.
    pub kind: TransactionKind,
    /// Its signed amount.
    pub amount: i64,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The event earned; a capped award of 0 points counts too.
    Awarded,
    /// A known member's event that earned nothing; it is remembered.
    NoAward,
    /// Nobody's event; it leaves no trace.
    Unlinked,
    /// An event of a member whose account is closed; it leaves no trace.
    AccountClosed,
    /// A refund or lost dispute that took something back.
    Reversed,
    /// A refund ahead of its payment.
    Remembered,
    /// A refund of a known payment that took nothing back.
    Processed,
    /// An event that never does anything; it leaves no trace.
    Ignored,
    /// Not an event: an account was created.
    Created,
    /// Not an event: an account was updated.
    Updated,
    /// Not an event: points were adjusted.
    Adjusted,
    /// Not an event: a rule was updated.
    RuleUpdated,
    /// Not an event: an account was closed, or was so already.
    Closed,
    /// Not an event: an account was opened again, or was open already.
    Reopened,
    /// Not an event: an account was merged into another.
    Merged,
}

impl Outcome {
    /// The name in the spec; for what is not an event, a name of the model's own.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Awarded => "awarded",
            Self::NoAward => "no_award",
            Self::Unlinked => "unlinked",
            Self::AccountClosed => "account_closed",
            Self::Reversed => "reversed",
            Self::Remembered => "remembered",
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Adjusted => "adjusted",
            Self::RuleUpdated => "rule_updated",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Merged => "merged",
        }
    }
}

/// The answer to an operation that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What became of it.
    pub outcome: Outcome,
    /// Whether this is the repeat of an earlier event, whose answer this is.
    pub duplicate: bool,
    /// The member concerned.
    pub account: Option<MemberId>,
    /// Whether this event enrolled that member.
    pub enrolled: bool,
    /// The welcome transactions of the enrolment.
    pub welcome: Vec<Posted>,
    /// The transactions of the operation itself, in the order written.
    pub transactions: Vec<Posted>,
}

/// How the model answers an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done, or needed nothing done.
    Done(Done),
    /// It was refused with this code, and changed nothing.
    Refused(&'static str),
}

impl Answer {
    /// What was done, if it was not refused.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            Self::Refused(_) => None,
        }
    }

    /// The outcome's name in the spec; `refused` for a refusal.
    pub fn outcome(&self) -> &'static str {
        self.done().map_or("refused", |done| done.outcome.as_str())
    }

    /// The refusal's code.
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Done(_) => None,
            Self::Refused(code) => Some(code),
        }
    }
}
