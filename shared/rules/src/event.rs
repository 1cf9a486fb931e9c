//! What happened, as the edge understood it, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Program, id::TransactionId};

/// An event that was parsed and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The event type, as `payment.completed`.
    pub trigger: String,
    /// The id of the object behind it: the payment's, the refund's, or the event's own.
    pub source_id: String,
    /// The program that it belongs to.
    pub program: String,
    /// When it happened, in whole milliseconds.
    pub occurred_at: Timestamp,
    /// Whether that is what it says itself. An event that does not say when it happened happened
    /// when it was read; in a sandbox that is the program's own time.
    pub is_dated: bool,
    /// Who it may be about, in the order of precedence.
    pub member: MemberRef,
    /// Minor units, not negative.
    pub amount: Option<i64>,
    /// ISO 4217.
    pub currency: Option<iso_currency::Currency>,
    /// What was bought.
    pub line_items: Vec<LineItem>,
    /// All fields of the event.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// A digest of `data`: two events with one key and different digests contradict each other.
    pub content: String,
    /// What the event asks for beside earning.
    pub intent: Intent,
}

impl Event {
    /// An event that Laurel makes itself, about nobody by name and with no figures.
    #[must_use]
    pub fn own(trigger: &str, source_id: &str, program: &Program, at: Timestamp) -> Event {
        Event {
            trigger: trigger.to_owned(),
            source_id: source_id.to_owned(),
            program: program.id.clone(),
            occurred_at: at,
            is_dated: true,
            member: MemberRef::default(),
            amount: None,
            currency: None,
            line_items: Vec::new(),
            data: serde_json::Map::new(),
            content: String::new(),
            intent: Intent::Earn,
        }
    }

    /// The referral code that a new customer or a payment names in its metadata.
    #[must_use]
    pub fn referral_code(&self) -> Option<&str> {
        let is_first_touch = is_payment(&self.trigger) || self.trigger == CUSTOMER_CREATED;
        let is_its = self.intent == Intent::Earn && is_first_touch;
        let metadata = self.data.get("metadata").filter(|_| is_its)?;
        metadata.get("referral_code")?.as_str()
    }

    /// What tells the card of a payment from others.
    #[must_use]
    pub fn card_fingerprint(&self) -> Option<&str> {
        let is_purchase = self.intent == Intent::Earn && is_payment(&self.trigger);
        let method = self.data.get("payment_method").filter(|_| is_purchase)?;
        let fingerprint = method.get("fingerprint")?.as_str()?;
        (!fingerprint.is_empty()).then_some(fingerprint)
    }

    /// The redemption that a payment names in its metadata, as it is spelt there.
    #[must_use]
    pub fn redemption(&self) -> Option<&str> {
        let is_purchase = self.intent == Intent::Earn && is_payment(&self.trigger);
        let metadata = self.data.get("metadata").filter(|_| is_purchase)?;
        metadata.get("redemption")?.as_str()
    }
}

/// Whom an event names (spec section 1, "Member resolution"): the first that is found counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberRef {
    /// Account ids, first `metadata.loyalty_account`, then `account`.
    pub accounts: Vec<String>,
    /// The customer.
    pub customer: Option<String>,
    /// The email address, in lower case.
    pub email: Option<String>,
    /// Whether the address alone names a customer, so that it may enrol one.
    pub enrols_by_email: bool,
}

impl MemberRef {
    /// Whether it says enough of somebody unknown to enrol them where the program enrols by itself.
    #[must_use]
    pub(crate) fn names_customer(&self) -> bool {
        self.customer.is_some() || (self.enrols_by_email && self.email.is_some())
    }
}

/// What an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Evaluate the rules that listen to its type.
    Earn,
    /// Take back what a payment earned.
    Refund {
        /// The payment's id.
        payment: String,
        /// Minor units; all of the payment where absent.
        amount: Option<i64>,
    },
    /// Let the member's account have this email address, in lower case.
    Update {
        /// The address.
        email: String,
    },
    /// Close the member's account.
    Close,
    /// Nothing: a declined payment, a dispute that is not lost.
    Ignore,
}

/// One line of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineItem {
    /// The product's id.
    pub product: Option<String>,
    /// The product's category.
    pub category: Option<String>,
    /// How many.
    pub quantity: i64,
    /// Minor units for the whole line.
    pub amount: i64,
}

/// What came of an event (spec, appendix "Outcomes").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one rule fired.
    Awarded,
    /// No rule fired.
    NoAward,
    /// The event names no known member.
    Unlinked,
    /// The member's account is closed.
    AccountClosed,
    /// A refund took points back.
    Reversed,
    /// A refund came ahead of its payment.
    Remembered,
    /// Done, without points.
    Processed,
    /// Nothing to do for such an event.
    Ignored,
}

impl Outcome {
    /// The outcome as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Awarded => "awarded",
            Outcome::NoAward => "no_award",
            Outcome::Unlinked => "unlinked",
            Outcome::AccountClosed => "account_closed",
            Outcome::Reversed => "reversed",
            Outcome::Remembered => "remembered",
            Outcome::Processed => "processed",
            Outcome::Ignored => "ignored",
        }
    }

    /// Reads what [`Outcome::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Outcome> {
        use Outcome::{
            AccountClosed, Awarded, Ignored, NoAward, Processed, Remembered, Reversed, Unlinked,
        };
        [
            Awarded,
            NoAward,
            Unlinked,
            AccountClosed,
            Reversed,
            Remembered,
            Processed,
            Ignored,
        ]
        .into_iter()
        .find(|outcome| outcome.as_str() == text)
    }
}

/// The answer to an event; a repeat gets the first one again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOutcome {
    /// What came of it.
    pub outcome: Outcome,
    /// Whether this was a repeat.
    pub duplicate: bool,
    /// The member concerned.
    pub account: Option<String>,
    /// What was written to the ledger.
    pub transactions: Vec<TransactionId>,
}

impl EventOutcome {
    /// An answer without effect on the ledger.
    #[must_use]
    pub fn without_effect(outcome: Outcome, account: Option<String>) -> EventOutcome {
        EventOutcome {
            outcome,
            duplicate: false,
            account,
            transactions: Vec::new(),
        }
    }
}

/// The trigger of the welcome bonus, whose source is the account itself.
pub const ACCOUNT_CREATED: &str = "loyalty.account.created";
/// Points were earned, which rules may listen to.
pub const POINTS_EARNED: &str = "loyalty.points.earned";
/// A member's tier changed, which rules may listen to.
pub const TIER_CHANGED: &str = "loyalty.tier.changed";
/// The trigger of a purchase.
pub const PAYMENT_COMPLETED: &str = "payment.completed";
/// The trigger of a paid invoice, which earns and is refunded like a payment.
pub const INVOICE_PAID: &str = "invoice.paid";
/// A refund of a payment.
pub const PAYMENT_REFUNDED: &str = "payment.refunded";
/// A dispute of a payment.
pub const PAYMENT_DISPUTED: &str = "payment.disputed";
/// A declined payment.
pub const PAYMENT_FAILED: &str = "payment.failed";
/// A new customer, who may earn by it.
pub const CUSTOMER_CREATED: &str = "customer.created";
/// A customer's email address changed.
pub const CUSTOMER_UPDATED: &str = "customer.updated";
/// A customer is no longer one.
pub const CUSTOMER_DELETED: &str = "customer.deleted";
/// The pseudo-trigger of an adjustment by hand; no event type has an `@`, so no event can take
/// the place of an adjustment's record.
pub const ADJUSTMENT: &str = "@adjustment";
/// The same of store credit.
pub const CREDIT_ADJUSTMENT: &str = "@credit_adjustment";
/// The pseudo-trigger of what becomes of a redemption by request.
pub const REDEMPTION: &str = "@redemption";
/// The pseudo-trigger of the record that points which expired were given back.
pub const REINSTATEMENT: &str = "@reinstatement";
/// The pseudo-trigger of points that expired.
pub const EXPIRY: &str = "@expiry";
/// The pseudo-trigger of tiers that changed by themselves: by time, or with the program's tiers.
pub const TIER_REVIEW: &str = "@tier_review";
/// The pseudo-trigger of an announcement that points will expire.
pub const REMINDER: &str = "@reminder";

/// Both sides of a referral are paid: rules that listen to it say what they get beside what the
/// referral promises.
pub const REFERRAL_CONVERTED: &str = "referral.converted";
/// Somebody came by a member's code.
pub const REFERRAL_ATTRIBUTED: &str = "referral.attributed";
/// The pseudo-trigger of somebody's coming by a code, or of that coming to nothing.
pub const REFERRAL_ATTRIBUTION: &str = "@referral_attribution";
/// The pseudo-trigger of a new code.
pub const REFERRAL_CODE: &str = "@referral_code";
/// The pseudo-trigger of a referral whose time is over.
pub const REFERRAL_EXPIRY: &str = "@referral_expiry";

/// Whether events of this type can be refunded by `payment.refunded`.
#[must_use]
pub fn is_payment(trigger: &str) -> bool {
    trigger == PAYMENT_COMPLETED || trigger == INVOICE_PAID
}

/// What the object behind an event of this type is called in `source.type`.
#[must_use]
pub fn source_type(trigger: &str) -> &str {
    match trigger {
        PAYMENT_COMPLETED => "payment",
        INVOICE_PAID => "invoice",
        PAYMENT_REFUNDED => "refund",
        PAYMENT_DISPUTED => "dispute",
        "subscription.created" => "subscription",
        CUSTOMER_CREATED | CUSTOMER_UPDATED | CUSTOMER_DELETED => "customer",
        ACCOUNT_CREATED => "account",
        POINTS_EARNED => "transaction",
        TIER_CHANGED => "event",
        ADJUSTMENT | CREDIT_ADJUSTMENT => "adjustment",
        REDEMPTION => "redemption",
        REFERRAL_CONVERTED | REFERRAL_ATTRIBUTED | REFERRAL_ATTRIBUTION | REFERRAL_CODE
        | REFERRAL_EXPIRY => "referral",
        _ => "behavior",
    }
}
