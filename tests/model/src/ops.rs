//! What can be asked of the model, and how it answers.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::campaigns::Campaign;
use crate::referrals::{CodeId, Qualify, Sides};
use crate::rewards::{Act, Money, RedemptionStatus, Reward, Wanted};
use crate::settings::{ProgramSettings, Rule, Tier};

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

/// A redemption, numbered in the order made from 0. A number that none has stands for a
/// well-formed id that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedemptionId(pub usize);

impl fmt::Display for RedemptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redemption{}", self.0)
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
    /// `data.metadata.redemption`, which [`Event::data_with`] fills in.
    pub redemption: Option<RedemptionId>,
    /// `data.metadata.referral_code`, which [`Event::data_with`] fills in.
    pub referral_code: Option<CodeId>,
    /// Everything else that the event says.
    pub data: Map<String, Value>,
}

impl Event {
    /// An event that says nothing but that it is.
    pub fn new(kind: &str, envelope_id: String, occurred_at: Timestamp) -> Self {
        Self {
            kind: kind.to_owned(),
            envelope_id,
            occurred_at,
            account: None,
            loyalty_account: None,
            redemption: None,
            referral_code: None,
            data: Map::new(),
        }
    }

    /// The source id: the event's own, else the envelope's, as of each change of a customer.
    pub fn source_id(&self) -> &str {
        if self.kind == "customer.updated" {
            return &self.envelope_id;
        }
        self.text("id").unwrap_or(&self.envelope_id)
    }

    /// The customer: of what is told of a customer the object itself.
    pub fn customer(&self) -> Option<&str> {
        if self.kind.starts_with("customer.") {
            return self.text("id");
        }
        self.text("customer")
    }

    /// What tells the card of a payment from others.
    pub fn card(&self) -> Option<&str> {
        self.data
            .get("payment_method")?
            .get("fingerprint")?
            .as_str()
    }

    /// A text field of `data`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.data.get(key).and_then(Value::as_str)
    }

    /// A whole number of `data`.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.data.get(key).and_then(Value::as_u64)
    }

    /// `data` with the members and the redemption in it under the names that `names` gives them.
    pub fn data_with(&self, names: &impl Names) -> Map<String, Value> {
        let mut data = self.data.clone();
        if let Some(account) = self.account {
            data.insert("account".to_owned(), json!(names.member(account)));
        }
        let mut named = |key: &str, name: String| {
            let metadata = data.entry("metadata").or_insert_with(|| json!({}));
            let metadata = metadata.as_object_mut().expect("metadata is an object");
            metadata.insert(key.to_owned(), json!(name));
        };
        if let Some(account) = self.loyalty_account {
            named("loyalty_account", names.member(account));
        }
        if let Some(redemption) = self.redemption {
            named("redemption", names.redemption(redemption));
        }
        if let Some(code) = self.referral_code {
            named("referral_code", names.code(code));
        }
        data
    }

    /// The event as `POST /v1/events` takes it.
    pub fn to_api(&self, program: &str, names: &impl Names) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(self.kind));
        body.insert("id".to_owned(), json!(self.envelope_id));
        body.insert("occurred_at".to_owned(), json!(self.occurred_at));
        body.insert("program".to_owned(), json!(program));
        body.insert("data".to_owned(), Value::Object(self.data_with(names)));
        body
    }
}

/// What members and redemptions are called.
pub trait Names {
    /// A member's id.
    fn member(&self, member: MemberId) -> String;
    /// A redemption's id.
    fn redemption(&self, redemption: RedemptionId) -> String;
    /// A referral code.
    fn code(&self, code: CodeId) -> String;
}

/// The names that the model itself uses.
#[derive(Clone, Copy, Debug)]
pub struct OwnNames;

impl Names for OwnNames {
    fn member(&self, member: MemberId) -> String {
        member.to_string()
    }

    fn redemption(&self, redemption: RedemptionId) -> String {
        redemption.to_string()
    }

    fn code(&self, code: CodeId) -> String {
        code.to_string()
    }
}

/// When store credit that is given expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditExpiry {
    /// As the program says.
    ByProgram,
    /// Never, whatever the program says.
    Never,
    /// At this instant.
    At(Timestamp),
}

/// What tells by which code somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The code itself.
    Code,
    /// What the landing page gave a visitor a moment ago.
    Click,
    /// The same of more than a day ago.
    OldClick,
    /// Something like it that the landing page did not make.
    ForgedClick,
}

/// Somebody who comes by a code, as `POST /referrals/attribute` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Which.
    pub code: CodeId,
    /// How that is told.
    pub via: Via,
    /// The customer.
    pub customer: Option<String>,
    /// The account, where it is known.
    pub account: Option<MemberId>,
    /// The email address.
    pub email: Option<String>,
    /// What tells the device from others.
    pub device: Option<String>,
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
    /// Creates the tier with this key, or replaces its threshold and multiplier.
    SetTier(Tier),
    /// Deletes the tier with this key.
    DeleteTier(String),
    /// Creates the campaign with this id, or replaces it.
    SetCampaign(Box<Campaign>),
    /// Creates the reward with this id, or replaces it.
    SetReward(Box<Reward>),
    /// `POST /redemptions`; the new redemption's number is the count of redemptions before.
    Redeem {
        /// Whose.
        member: MemberId,
        /// What for.
        wanted: Wanted,
        /// For how long it is reserved; it is captured at once where absent.
        reserve_minutes: Option<u32>,
    },
    /// Something is done with a redemption.
    Act {
        /// Which.
        redemption: RedemptionId,
        /// What.
        act: Act,
    },
    /// `POST /store_credit_transactions`.
    AdjustCredit {
        /// Whose.
        member: MemberId,
        /// Signed.
        money: Money,
        /// Whether the balance may go below zero.
        allow_negative: bool,
        /// When it expires.
        expiry: CreditExpiry,
    },
    /// Gives the program other settings.
    SetProgram(Box<ProgramSettings>),
    /// `POST /referrals`; a new code's number is the count of codes before.
    Mint {
        /// Whose.
        member: MemberId,
        /// What both get who come by it from now on, where that is said.
        reward: Option<Sides>,
        /// For what, where that is said.
        qualify: Option<Qualify>,
    },
    /// `POST /referrals/attribute`.
    Attribute(Coming),
    /// The event `referral.attributed` of the referral with this number, in the order of coming.
    AttributionTold(usize),
    /// `DELETE /accounts/{id}/personal_data`.
    Erase(MemberId),
    /// Another API key takes the place of the one that requests came with. It changes nothing
    /// else.
    RotateKey,
    /// The clock's minute: what time has done is written. It changes nothing that can be read.
    Tick,
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
    /// Part of an award taken back, or what a redemption took given back.
    Reverse,
    /// Points given or taken by hand.
    Adjust,
    /// Points spent.
    Redeem,
}

impl TransactionKind {
    /// The name in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Reverse => "reverse",
            Self::Adjust => "adjust",
            Self::Redeem => "redeem",
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
    /// Whether it gives or takes back what was promised for a referral.
    pub for_referral: bool,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Not an event: the program was given other settings.
    ProgramSet,
    /// Not an event: a member has a referral code.
    Minted,
    /// Not an event: the referral that somebody came by has come so far.
    Referral(&'static str),
    /// Not an event: an account's personal data are gone.
    Erased,
    /// Not an event: requests come with another API key.
    KeyRotated,
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
    /// Not an event: the table of tiers was changed.
    TiersChanged,
    /// Not an event: a campaign was created or updated.
    CampaignSet,
    /// Not an event: a reward was created or updated.
    RewardSet,
    /// Not an event: a redemption has come so far.
    Redemption(RedemptionStatus),
    /// Not an event: the clock's minute.
    Ticked,
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
            Self::ProgramSet => "program_set",
            Self::Minted => "minted",
            Self::Referral(status) => status,
            Self::Erased => "erased",
            Self::KeyRotated => "key_rotated",
            Self::Remembered => "remembered",
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Adjusted => "adjusted",
            Self::RuleUpdated => "rule_updated",
            Self::TiersChanged => "tiers_changed",
            Self::CampaignSet => "campaign_set",
            Self::RewardSet => "reward_set",
            Self::Redemption(status) => status.as_str(),
            Self::Ticked => "ticked",
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
