//! What a program says of its referrals (spec section 4). The settings are kept and checked here;
//! nothing is decided by them yet.

use serde::{Deserialize, Serialize};

use crate::store_credit::Money;

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
