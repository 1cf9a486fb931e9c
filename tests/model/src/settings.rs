//! Programs and earning rules, as plain values, and as the JSON that the API takes.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::{Map, Value, json};

use crate::goals::{Milestone, Streak};
use crate::referrals::ReferralSettings;
use crate::rewards::RedeemRate;

/// An exact decimal: `mantissa` × 10^-`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, without the point.
    pub mantissa: i64,
    /// How many of the digits stand after the point.
    pub scale: u32,
}

impl Decimal {
    /// The number 1.
    pub const ONE: Self = Self::new(1, 0);

    /// `mantissa` × 10^-`scale`.
    pub const fn new(mantissa: i64, scale: u32) -> Self {
        Self { mantissa, scale }
    }

    /// The same number as a fraction.
    pub fn exact(self) -> BigRational {
        BigRational::new(self.mantissa.into(), BigInt::from(10).pow(self.scale))
    }

    /// The same number in JSON.
    pub fn json(self) -> Value {
        serde_json::from_str(&self.to_string()).expect("a decimal is a JSON number")
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{part}")
    }
}

/// How an exact value becomes whole points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// Down.
    #[default]
    Floor,
    /// To the nearest, a half upwards.
    HalfUp,
    /// To the nearest, a half to the even neighbour.
    HalfEven,
    /// Up.
    Ceil,
}

/// What happens when points that were spent already are clawed back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NegativeBalance {
    /// The balance goes below zero.
    #[default]
    Allow,
    /// The balance stops at zero; the shortfall is recorded and written off.
    Clamp,
}

/// What an expiry is rounded up to the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundUpTo {
    /// The end of the local day.
    Day,
    /// The end of the local month.
    Month,
    /// The end of the local year.
    Year,
}

/// How long points live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expires {
    /// An ISO 8601 duration from the earning, such as `P12M`.
    pub after: String,
    /// Rounded up to the end of this.
    pub round: Option<RoundUpTo>,
}

/// The settings of a program that this model knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramSettings {
    /// An IANA time zone.
    pub timezone: String,
    /// The one rounding of every award.
    pub rounding: Rounding,
    /// Whether an unknown customer's event enrols the customer.
    pub auto_enroll: bool,
    /// What a clawback of spent points does.
    pub negative_balance: NegativeBalance,
    /// For how many calendar days an award is pending.
    pub pending_days: u32,
    /// How long points live; `None` is for ever.
    pub expires: Option<Expires>,
    /// Which points count for tiers.
    pub tier_basis: TierBasis,
    /// The period of qualifying points.
    pub tier_period: TierPeriod,
    /// What becomes of a tier that was not earned again; `None` is nothing.
    pub downgrade: Option<Downgrade>,
    /// For how many days a tier is kept beyond the end of its period.
    pub grace_days: u32,
    /// The most points that may be awarded to all members together.
    pub budget: Option<Budget>,
    /// What points are worth where members pay with them.
    pub redeem_rate: Option<RedeemRate>,
    /// Whether a full refund of the payment that confirmed a redemption cancels it.
    pub cancel_redemptions_on_refund: bool,
    /// How long store credit lives; `None` is for ever.
    pub store_credit_expires: Option<Expires>,
    /// What members get who bring others.
    pub referrals: ReferralSettings,
}

impl Default for ProgramSettings {
    fn default() -> Self {
        Self {
            timezone: "UTC".to_owned(),
            rounding: Rounding::Floor,
            auto_enroll: false,
            negative_balance: NegativeBalance::Allow,
            pending_days: 0,
            expires: None,
            tier_basis: TierBasis::LifetimePoints,
            tier_period: TierPeriod::CalendarYear,
            downgrade: None,
            grace_days: 0,
            budget: None,
            redeem_rate: None,
            cancel_redemptions_on_refund: false,
            store_credit_expires: None,
            referrals: ReferralSettings::default(),
        }
    }
}

/// Which points count for tiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierBasis {
    /// All that were ever earned.
    #[default]
    LifetimePoints,
    /// Those earned in a period, less what was reversed of them.
    QualifyingPoints,
}

/// The period of qualifying points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierPeriod {
    /// January to December.
    #[default]
    CalendarYear,
    /// Twelve months from the day of each earning.
    Rolling12Months,
}

/// What becomes of a tier that was not earned again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downgrade {
    /// The member falls to the tier below.
    OneLevel,
    /// The member falls to the tier that was earned.
    ToEarned,
}

/// A tier of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// What accounts and events call it.
    pub key: String,
    /// The points that it takes.
    pub threshold: i64,
    /// What its members' awards are multiplied by.
    pub multiplier: Decimal,
}

/// How points are computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Award {
    /// amount × points ÷ per.
    PerAmount {
        /// Minor units.
        per: u64,
        /// Points for each `per`.
        points: u64,
    },
    /// The same points whatever the amount.
    Fixed {
        /// Points.
        points: u64,
    },
    /// Amount in major units × the rate of its currency.
    PerCurrency {
        /// Points per major unit, by ISO 4217 code.
        rates: BTreeMap<String, Decimal>,
    },
}

/// The span in which a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// A calendar day, or the trailing 24 hours.
    Day,
    /// A calendar week from Monday, or the trailing 7 days.
    Week,
    /// A calendar month, or the trailing 30 days.
    Month,
    /// For ever.
    Lifetime,
}

impl Window {
    /// The name in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Lifetime => "lifetime",
        }
    }
}

/// A limit over all members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// At most so many points in a window.
    pub points: i64,
    /// By the calendar.
    pub window: Window,
}

impl Budget {
    /// The budget as the API takes it.
    pub fn to_api(self) -> Value {
        json!({"points": self.points, "window": self.window.as_str()})
    }
}

/// A limit per member and rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cap {
    /// At most so many points in a window.
    pub points: Option<u64>,
    /// At most so many awards in a window.
    pub awards: Option<u64>,
    /// Trailing windows instead of calendar ones.
    pub rolling: bool,
}

/// The part of a payment that earns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarnOn {
    /// Line items of these categories.
    pub categories: Vec<String>,
    /// Line items of these products.
    pub products: Vec<String>,
    /// But not of these categories.
    pub exclude_categories: Vec<String>,
    /// And not of these products.
    pub exclude_products: Vec<String>,
}

/// Which rule of an exclusive group fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exclusive {
    /// The one with the highest priority.
    #[default]
    Priority,
    /// The one with the largest award.
    Best,
}

/// Whom a rule about a referral gives to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Who shares the code.
    Referrer,
    /// Who comes by it.
    Referee,
}

/// An earning rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The model's own name of the rule; the engine has another.
    pub id: String,
    /// The event type that it listens to.
    pub trigger: String,
    /// The side of a referral that it gives to; the member of the event where there is none.
    pub recipient: Option<Recipient>,
    /// How points are computed.
    pub award: Award,
    /// Scales the award.
    pub multiplier: Decimal,
    /// `basis: whole_units`.
    pub whole_units: bool,
    /// The figure of the event that earns, instead of `amount`.
    pub basis_field: Option<String>,
    /// The line items that earn, instead of the whole.
    pub earn_on: Option<EarnOn>,
    /// Limits.
    pub cap: Option<Cap>,
    /// The span of the limits; `None` is `lifetime`, and says that none was given.
    pub window: Option<Window>,
    /// Keeps the fraction that rounding cut off.
    pub carry: bool,
    /// Whether the rule is evaluated at all.
    pub active: bool,
    /// Judges events from this instant.
    pub starts_at: Option<Timestamp>,
    /// Judges events before this instant.
    pub ends_at: Option<Timestamp>,
    /// Overrides the program's.
    pub pending_days: Option<u32>,
    /// Overrides the program's.
    pub expires: Option<Expires>,
    /// The higher goes first in an exclusive group.
    pub priority: i64,
    /// At most one rule of a group fires for one event.
    pub exclusive_group: Option<String>,
    /// Which one.
    pub exclusive: Exclusive,
    /// Pays for thresholds instead of events.
    pub milestone: Option<Milestone>,
    /// Pays for runs instead of events.
    pub streak: Option<Streak>,
}

impl Rule {
    /// A rule with every option at its default.
    pub fn new(id: &str, trigger: &str, award: Award) -> Self {
        Self {
            id: id.to_owned(),
            trigger: trigger.to_owned(),
            recipient: None,
            award,
            multiplier: Decimal::ONE,
            whole_units: false,
            basis_field: None,
            earn_on: None,
            cap: None,
            window: None,
            carry: false,
            active: true,
            starts_at: None,
            ends_at: None,
            pending_days: None,
            expires: None,
            priority: 0,
            exclusive_group: None,
            exclusive: Exclusive::Priority,
            milestone: None,
            streak: None,
        }
    }

    /// The cap in force: a fixed award with an explicit window and no cap is a one-time bonus.
    pub fn cap_in_force(&self) -> Option<Cap> {
        match (self.cap, &self.award, self.window) {
            (None, Award::Fixed { .. }, Some(_)) => Some(Cap {
                awards: Some(1),
                ..Cap::default()
            }),
            (cap, ..) => cap,
        }
    }

    /// The window in force.
    pub fn window_in_force(&self) -> Window {
        self.window.unwrap_or(Window::Lifetime)
    }

    /// The body that creates this rule over the API; `id` is left out.
    pub fn to_api(&self, program: &str) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                body.insert(key.to_owned(), value);
            }
        };
        put("program", json!(program));
        put("trigger", json!(self.trigger));
        let recipient = self.recipient.map(|recipient| match recipient {
            Recipient::Referrer => "referrer",
            Recipient::Referee => "referee",
        });
        put("recipient", json!(recipient));
        put("award", self.award.to_api());
        put("multiplier", self.multiplier.json());
        if self.whole_units {
            put("basis", json!("whole_units"));
        }
        put("basis_field", json!(self.basis_field));
        if let Some(earn_on) = &self.earn_on {
            put("earn_on", earn_on.to_api());
        }
        if let Some(cap) = self.cap {
            let mut object = Map::new();
            if let Some(points) = cap.points {
                object.insert("points".to_owned(), json!(points));
            }
            if let Some(awards) = cap.awards {
                object.insert("awards".to_owned(), json!(awards));
            }
            if cap.rolling {
                object.insert("rolling".to_owned(), json!(true));
            }
            put("cap", Value::Object(object));
        }
        if let Some(window) = self.window {
            put("window", json!(window.as_str()));
        }
        if let Some(milestone) = &self.milestone {
            put("milestone", milestone.to_api(&self.trigger));
        }
        if let Some(streak) = &self.streak {
            put("streak", streak.to_api());
        }
        put("carry", json!(self.carry));
        put("active", json!(self.active));
        put("starts_at", json!(self.starts_at));
        put("ends_at", json!(self.ends_at));
        put("pending_days", json!(self.pending_days));
        put("expires", expires_to_api(self.expires.as_ref()));
        put("priority", json!(self.priority));
        if let Some(group) = &self.exclusive_group {
            put("exclusive_group", json!(group));
            put(
                "exclusive",
                json!(match self.exclusive {
                    Exclusive::Priority => "priority",
                    Exclusive::Best => "best",
                }),
            );
        }
        body
    }
}

impl Award {
    /// The award as the API takes it.
    pub fn to_api(&self) -> Value {
        match self {
            Self::PerAmount { per, points } => {
                json!({"type": "per_amount", "per": per, "points": points})
            }
            Self::Fixed { points } => json!({"type": "fixed", "points": points}),
            Self::PerCurrency { rates } => {
                let rates: Map<_, _> = rates
                    .iter()
                    .map(|(code, rate)| (code.clone(), rate.json()))
                    .collect();
                json!({"type": "per_currency", "rates": rates})
            }
        }
    }
}

impl EarnOn {
    /// The selection as the API takes it; empty lists are left out.
    pub fn to_api(&self) -> Value {
        let lists = |categories: &[String], products: &[String]| {
            let mut object = Map::new();
            if !categories.is_empty() {
                object.insert("categories".to_owned(), json!(categories));
            }
            if !products.is_empty() {
                object.insert("products".to_owned(), json!(products));
            }
            object
        };
        let mut object = lists(&self.categories, &self.products);
        let exclude = lists(&self.exclude_categories, &self.exclude_products);
        if !exclude.is_empty() {
            object.insert("exclude".to_owned(), Value::Object(exclude));
        }
        Value::Object(object)
    }
}

impl ProgramSettings {
    /// The settings as the API takes them.
    pub fn to_api(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("timezone".to_owned(), json!(self.timezone));
        let rounding = match self.rounding {
            Rounding::Floor => "floor",
            Rounding::HalfUp => "half_up",
            Rounding::HalfEven => "half_even",
            Rounding::Ceil => "ceil",
        };
        body.insert("rounding".to_owned(), json!(rounding));
        body.insert("auto_enroll".to_owned(), json!(self.auto_enroll));
        let negative_balance = match self.negative_balance {
            NegativeBalance::Allow => "allow",
            NegativeBalance::Clamp => "clamp",
        };
        body.insert("negative_balance".to_owned(), json!(negative_balance));
        body.insert("pending_days".to_owned(), json!(self.pending_days));
        if self.expires.is_some() {
            body.insert("expires".to_owned(), expires_to_api(self.expires.as_ref()));
        }
        if self.tier_basis == TierBasis::QualifyingPoints {
            body.insert("tier_basis".to_owned(), json!("qualifying_points"));
            let period = match self.tier_period {
                TierPeriod::CalendarYear => "calendar_year",
                TierPeriod::Rolling12Months => "rolling_12_months",
            };
            body.insert("tier_period".to_owned(), json!(period));
        }
        if let Some(downgrade) = self.downgrade {
            let downgrade = match downgrade {
                Downgrade::OneLevel => "one_level",
                Downgrade::ToEarned => "to_earned",
            };
            body.insert("downgrade".to_owned(), json!(downgrade));
        }
        if self.grace_days > 0 {
            body.insert("grace_days".to_owned(), json!(self.grace_days));
        }
        if let Some(budget) = self.budget {
            body.insert("budget".to_owned(), budget.to_api());
        }
        if let Some(rate) = &self.redeem_rate {
            body.insert("redeem_rate".to_owned(), rate.to_api());
        }
        if self.cancel_redemptions_on_refund {
            body.insert("cancel_redemptions_on_refund".to_owned(), json!(true));
        }
        if let Some(expires) = &self.store_credit_expires {
            let expires = expires_to_api(Some(expires));
            body.insert("store_credit_expires".to_owned(), expires);
        }
        if self.referrals != ReferralSettings::default() {
            self.referrals.put_into(&mut body);
        }
        body
    }
}

fn expires_to_api(expires: Option<&Expires>) -> Value {
    let Some(expires) = expires else {
        return Value::Null;
    };
    let mut object = Map::new();
    object.insert("after".to_owned(), json!(expires.after));
    if let Some(round) = expires.round {
        let round = match round {
            RoundUpTo::Day => "day",
            RoundUpTo::Month => "month",
            RoundUpTo::Year => "year",
        };
        object.insert("round".to_owned(), json!(round));
    }
    Value::Object(object)
}
