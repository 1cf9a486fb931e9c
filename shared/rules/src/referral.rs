//! Referrals (spec section 4): what a program says of them, codes that members share, what
//! becomes of those who come by one, and what an account knows of both.

mod code;
mod standing;
mod state;
mod velocity;

use serde::{Deserialize, Serialize};

use crate::{event, store_credit::Money};

pub use code::{
    CODE_LETTERS, ReferralCode, SUFFIX_LETTERS, SUFFIX_LETTERS_MAX, code_form, code_name,
};
pub use standing::{
    FINGERPRINTS_MAX, FIRST_PAYMENTS_MAX, Fingerprint, FirstPayment, OwnCode, ReferralStanding,
    Referred,
};
pub use state::{
    Gift, Given, Referral, ReferralChange, ReferralId, ReferralStatus, ReferralTurn,
    RejectionReason, SideName, Touch,
};
pub use velocity::Conversions;

/// A program's settings for referrals; each may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferralSettings {
    /// What both sides get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<ReferralReward>,
    /// What the referee must do for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualify: Option<Qualify>,
    /// How many conversions one referrer may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity: Option<Velocity>,
    /// What codes begin with where the member has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_prefix: Option<String>,
    /// Where the landing page forwards to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signup_url: Option<String>,
    /// Who is never rewarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Blocked>,
}

/// What the two sides of a referral get.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferralReward {
    /// The member who shared the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Side>,
    /// The new customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referee: Option<Side>,
}

/// What one side of a referral gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// So many points, at least 1.
    Points(i64),
    /// A reward of the catalog, by its id.
    Reward(String),
    /// Store credit.
    StoreCredit(Money),
}

/// What a referee must do before both sides are rewarded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Qualify {
    /// The least that the first payment must be, in minor units; more than 0 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_payment_minimum: Option<i64>,
    /// Within so many days of the attribution; at any time where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u16>,
    /// Another event type that counts instead of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
}

/// How many conversions one referrer may have in a rolling window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Velocity {
    /// So many.
    pub max_conversions_per_window: u32,
    /// In so many days.
    pub window_days: u16,
}

impl Qualify {
    /// The least that a payment must be, in minor units: at least 1.
    #[must_use]
    pub fn minimum(&self) -> i64 {
        self.first_payment_minimum.unwrap_or(1).max(1)
    }

    /// Whether an event of this type counts: a payment, unless another type is named.
    #[must_use]
    pub fn listens_to(&self, trigger: &str) -> bool {
        match &self.trigger {
            Some(named) => named == trigger,
            None => event::is_payment(trigger),
        }
    }
}

impl Blocked {
    /// Why somebody of this name is not rewarded.
    #[must_use]
    pub fn reason(&self, customer: Option<&str>, email: Option<&str>) -> Option<RejectionReason> {
        let is_in = |list: &[String], name: &str| list.iter().any(|blocked| blocked == name);
        let domain = email.and_then(|email| Some(email.rsplit_once('@')?.1));
        // A list names a domain with all that is under it.
        let is_under = |list: &[String]| {
            domain.is_some_and(|domain| {
                list.iter().any(|blocked| {
                    let rest = domain.strip_suffix(blocked.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            })
        };
        let is_blocked = customer.is_some_and(|customer| is_in(&self.customers, customer))
            || email.is_some_and(|email| is_in(&self.emails, email))
            || is_under(&self.domains);
        if is_blocked {
            return Some(RejectionReason::Blocked);
        }
        is_under(&self.disposable).then_some(RejectionReason::Disposable)
    }
}

impl Default for Velocity {
    /// 10 in 30 days (spec section 4, "Fraud").
    fn default() -> Velocity {
        Velocity {
            max_conversions_per_window: 10,
            window_days: 30,
        }
    }
}

/// Who is never rewarded for a referral.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Blocked {
    /// These customers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<String>,
    /// These email addresses, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Email addresses of these domains, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The same, for domains that give addresses to anybody for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disposable: Vec<String>,
}
