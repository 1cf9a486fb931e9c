//! Rewards and redemptions, as plain values, and as the JSON that the API takes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::ops::MemberId;
use crate::settings::Window;

/// What points buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reward {
    /// `rwd_…`.
    pub id: String,
    /// What it is.
    pub gives: Gives,
    /// Points.
    pub cost: i64,
    /// How many can be redeemed in all.
    pub stock: Option<i64>,
    /// How many one member can redeem.
    pub limit: Option<Limit>,
    /// The key of the lowest tier that can redeem it.
    pub min_tier: Option<String>,
    /// Whether it can be redeemed.
    pub active: bool,
    /// From when it can be redeemed.
    pub starts_at: Option<Timestamp>,
    /// Until when, exclusive.
    pub ends_at: Option<Timestamp>,
}

/// What a reward is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gives {
    /// So much off an order.
    Discount(Money),
    /// Store credit.
    StoreCredit(Money),
    /// Whatever the operator makes of it.
    Custom,
}

/// An amount in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Money {
    /// So many minor units of a currency.
    pub fn new(amount: i64, currency: &str) -> Self {
        let currency = currency.to_owned();
        Self { amount, currency }
    }
}

/// How many of a reward one member can redeem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many.
    pub redemptions: usize,
    /// In this window.
    pub window: Window,
    /// Trailing windows instead of calendar ones.
    pub rolling: bool,
}

/// What points are worth where members pay with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedeemRate {
    /// So many points …
    pub points: i64,
    /// … pay so much.
    pub pays: Money,
    /// The fewest that can be paid with.
    pub minimum_points: Option<i64>,
    /// How much of an order points can pay, of a hundred.
    pub maximum_percent: Option<i64>,
}

impl Reward {
    /// The reward as the API takes it.
    pub fn to_api(&self, program: &str) -> Map<String, Value> {
        let body = json!({
            "id": self.id,
            "program": program,
            "name": self.id,
            "cost": self.cost,
            "stock": self.stock,
            "limit": self.limit.map(|limit| json!({
                "redemptions": limit.redemptions,
                "window": limit.window.as_str(),
                "rolling": limit.rolling,
            })),
            "min_tier": self.min_tier,
            "active": self.active,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
        });
        let Value::Object(mut body) = body else {
            unreachable!("an object was written");
        };
        body.extend(self.gives.to_api());
        body.retain(|_, value| !value.is_null());
        body
    }
}

impl Gives {
    /// What it is, as the API takes it.
    pub fn to_api(&self) -> Map<String, Value> {
        let value = match self {
            Self::Discount(money) => {
                json!({"type": "discount_amount", "amount": money.amount, "currency": money.currency})
            }
            Self::StoreCredit(money) => {
                json!({"type": "store_credit", "amount": money.amount, "currency": money.currency})
            }
            Self::Custom => json!({"type": "custom"}),
        };
        value.as_object().cloned().unwrap_or_default()
    }
}

impl RedeemRate {
    /// The rate as the API takes it.
    pub fn to_api(&self) -> Value {
        let mut body = json!({
            "points": self.points,
            "amount": self.pays.amount,
            "currency": self.pays.currency,
        });
        if let Some(points) = self.minimum_points {
            body["minimum_points"] = json!(points);
        }
        if let Some(percent) = self.maximum_percent {
            body["maximum_percent"] = json!(percent);
        }
        body
    }
}

/// What a member wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A reward.
    Reward(String),
    /// To pay with points.
    PayWithPoints {
        /// So many.
        points: i64,
        /// In this currency.
        currency: String,
        /// What the order comes to.
        order_amount: Option<i64>,
    },
    /// To pay with store credit.
    StoreCredit(Money),
}

/// What can be done with a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `POST /redemptions/{id}/confirm`.
    Confirm,
    /// `POST /redemptions/{id}/cancel`.
    Cancel,
    /// `POST /redemptions/{id}/use`, each time by another request.
    Use,
}

/// How far a redemption has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedemptionStatus {
    /// Its points are taken, and come back by themselves.
    Reserved,
    /// It is issued.
    Confirmed,
    /// It was spent.
    Used,
    /// Its points came back by request.
    Canceled,
    /// Its points came back by themselves.
    Expired,
}

impl RedemptionStatus {
    /// The name in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Confirmed => "confirmed",
            Self::Used => "used",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

/// A member spending points or store credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Whose it was when it was made.
    pub member: MemberId,
    /// The reward, unless points or store credit pay.
    pub reward: Option<String>,
    /// What it takes: points, or minor units where there is a currency.
    pub takes: i64,
    /// The currency of the store credit that it takes.
    pub currency: Option<String>,
    /// What of that has come back.
    pub returned: i64,
    /// What it gives.
    pub gives: Gives,
    /// When it was made.
    pub created: Timestamp,
    /// When its reservation ends.
    pub ends_at: Option<Timestamp>,
    /// How far it has come.
    pub status: RedemptionStatus,
    /// The payment that confirmed it.
    pub payment: Option<String>,
    /// Whether it was taken off the reward's stock.
    pub of_stock: bool,
    /// The number of the transaction that paid it out as store credit.
    pub payout: Option<usize>,
    /// The number of the referral that it was given for.
    pub referral: Option<usize>,
}

impl Redemption {
    /// Whether it still stands: its points have not come back.
    pub fn stands(&self) -> bool {
        !matches!(
            self.status,
            RedemptionStatus::Canceled | RedemptionStatus::Expired
        )
    }
}
