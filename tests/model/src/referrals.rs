//! Referrals, as settings of a program and as what became of each.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::ops::MemberId;
use crate::rewards::Money;

/// A code, numbered in the order of minting from 0. A number that none has stands for a code that
/// nobody shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeId(pub usize);

impl fmt::Display for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code{}", self.0)
    }
}

/// What one side of a referral gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// So many points.
    Points(i64),
    /// Store credit.
    StoreCredit(Money),
    /// A reward of the catalog.
    Reward(String),
}

/// What both sides get; one that is absent gets nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// Who shares the code.
    pub referrer: Option<Side>,
    /// Who comes by it.
    pub referee: Option<Side>,
}

/// What must be done for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qualify {
    /// The least that the payment must be.
    pub minimum: Option<u64>,
    /// Within so many days of the attribution.
    pub window_days: Option<u32>,
    /// Another event type that counts instead of a payment.
    pub trigger: Option<String>,
}

/// How many conversions of one referrer a rolling window may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Velocity {
    /// So many.
    pub most: usize,
    /// In so many days.
    pub days: i64,
}

impl Default for Velocity {
    fn default() -> Self {
        Self { most: 10, days: 30 }
    }
}

/// What a program says of referrals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferralSettings {
    /// What both sides get.
    pub reward: Sides,
    /// For what.
    pub qualify: Qualify,
    /// At most so often.
    pub velocity: Velocity,
    /// Customers who are never rewarded.
    pub blocked_customers: Vec<String>,
    /// Domains that give addresses to anybody.
    pub disposable: Vec<String>,
}

impl ReferralSettings {
    /// Puts them into the body of a program.
    pub fn put_into(&self, body: &mut Map<String, Value>) {
        body.insert("reward".to_owned(), self.reward.to_api());
        body.insert("qualify".to_owned(), self.qualify.to_api());
        let Velocity { most, days } = self.velocity;
        let velocity = json!({"maxConversionsPerWindow": most, "windowDays": days});
        body.insert("velocity".to_owned(), velocity);
        let blocked = json!({"customers": self.blocked_customers, "disposable": self.disposable});
        body.insert("blocked".to_owned(), blocked);
    }
}

impl Sides {
    /// As the API takes them.
    pub fn to_api(&self) -> Value {
        let mut body = Map::new();
        for (name, side) in [("referrer", &self.referrer), ("referee", &self.referee)] {
            let side = match side {
                Some(Side::Points(points)) => json!({"points": points}),
                Some(Side::StoreCredit(Money { amount, currency })) => {
                    json!({"store_credit": {"amount": amount, "currency": currency}})
                }
                Some(Side::Reward(id)) => json!({"reward": id}),
                None => continue,
            };
            body.insert(name.to_owned(), side);
        }
        Value::Object(body)
    }
}

impl Qualify {
    /// As the API takes it.
    pub fn to_api(&self) -> Value {
        let mut body = Map::new();
        for (key, value) in [
            ("firstPaymentMinimum", json!(self.minimum)),
            ("windowDays", json!(self.window_days)),
            ("trigger", json!(self.trigger)),
        ] {
            if !value.is_null() {
                body.insert(key.to_owned(), value);
            }
        }
        Value::Object(body)
    }

    /// The least that must remain of a payment: more than nothing.
    pub fn least(&self) -> u64 {
        self.minimum.unwrap_or(1).max(1)
    }
}

/// A code that is shared.
#[derive(Clone, Debug)]
pub struct ReferralCode {
    /// Who was given it.
    pub member: MemberId,
    /// What both get who come by it, instead of what the program says.
    pub reward: Option<Sides>,
    /// For what, instead of what the program says.
    pub qualify: Option<Qualify>,
    /// Whether it was forgotten with the member's name.
    pub erased: bool,
}

/// How far a referral has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferralStatus {
    /// Somebody came by the code.
    Attributed,
    /// Both are rewarded.
    Converted,
    /// Nobody is.
    Rejected,
    /// The rewards were taken back.
    Reversed,
}

/// Somebody who came by a code.
#[derive(Clone, Debug)]
pub struct Referral {
    /// Who was given the code.
    pub referrer: MemberId,
    /// Who came.
    pub referee: MemberId,
    /// The customer who came.
    pub customer: Option<String>,
    /// When.
    pub came_at: Timestamp,
    /// Until when it can convert.
    pub expires_at: Option<Timestamp>,
    /// What is promised.
    pub reward: Sides,
    /// For what.
    pub qualify: Qualify,
    /// How far it has come.
    pub status: ReferralStatus,
    /// Why it was rejected.
    pub reason: Option<&'static str>,
    /// Whether it was rejected when they came: another code may still count.
    pub never_attributed: bool,
    /// The type and source of what converted it.
    pub converted_by: Option<(String, String)>,
    /// The numbers of the transactions that it gave.
    pub given: Vec<usize>,
}

impl Referral {
    /// How far it has come by an instant, in the words of the spec.
    pub fn status_at(&self, now: Timestamp) -> &'static str {
        match self.status {
            ReferralStatus::Attributed if self.expires_at.is_some_and(|end| end <= now) => {
                "expired"
            }
            ReferralStatus::Attributed => "attributed",
            ReferralStatus::Converted => "converted",
            ReferralStatus::Rejected => "rejected",
            ReferralStatus::Reversed => "reversed",
        }
    }
}
