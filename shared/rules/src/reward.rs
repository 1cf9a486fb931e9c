//! Rewards: what members can have for their points (spec section 5, "Rewards").

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Code, POINTS_MAX, Refusal, counter::Unit, exact::Factor, id, rule::Window, time::Period,
};

/// The prefix of reward ids.
pub const REWARD_PREFIX: &str = "rwd_";
/// The fewest characters of a generated code, without its prefix.
pub const CODE_LEN_MIN: u8 = 8;
/// The most.
pub const CODE_LEN_MAX: u8 = 24;
/// How long a generated code is unless its reward says otherwise: 12 out of 31 characters make 59
/// bits.
pub const CODE_LEN_DEFAULT: u8 = 12;
/// How long the prefix of generated codes may be.
pub const CODE_PREFIX_LEN_MAX: usize = 16;

/// Something that members can have for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// `rwd_…`.
    pub id: String,
    /// The program that it belongs to.
    pub program: String,
    /// What the operator calls it.
    pub name: String,
    /// What it is worth.
    pub value: Value,
    /// Points, 0 for a gift.
    pub cost: i64,
    /// How many can be redeemed in all; unlimited where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// How many one member can redeem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The key of the lowest tier that can redeem it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tier: Option<String>,
    /// From when it can be redeemed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// For members of whom this condition holds only, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether it can be redeemed at all.
    pub active: bool,
    /// Whether its codes are imported ones rather than made.
    pub code_pool: bool,
    /// What codes that are made look like.
    #[serde(default)]
    pub code: CodeForm,
    /// How long a code is good for once it is issued; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Period>,
    /// The least that an order must come to for a code to count, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_amount: Option<i64>,
    /// The operator's own keys and values.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Grows with each change.
    pub version: u32,
    /// When it was created.
    pub created: Timestamp,
}

/// What a redemption is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Value {
    /// So much off an order.
    DiscountAmount {
        /// Minor units.
        amount: i64,
        /// ISO 4217.
        currency: String,
    },
    /// A share of an order off.
    DiscountPercent {
        /// Of a hundred, more than 0 and at most 100.
        percent: Factor,
        /// At most so many minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_amount: Option<i64>,
    },
    /// One of a product.
    FreeProduct {
        /// The product.
        product: String,
    },
    /// Store credit on the member's account.
    StoreCredit {
        /// Minor units.
        amount: i64,
        /// ISO 4217.
        currency: String,
    },
    /// Whatever the operator makes of it.
    Custom,
}

impl Value {
    /// The type as clients see it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::DiscountAmount { .. } => "discount_amount",
            Value::DiscountPercent { .. } => "discount_percent",
            Value::FreeProduct { .. } => "free_product",
            Value::StoreCredit { .. } => "store_credit",
            Value::Custom => "custom",
        }
    }

    /// Whether whoever has it shows a code for it.
    #[must_use]
    pub fn has_code(&self) -> bool {
        !matches!(self, Value::StoreCredit { .. })
    }
}

/// How many one member can redeem, over which window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many, at least 1.
    pub redemptions: u32,
    /// The window.
    pub window: Window,
    /// Whether the window trails instead of following the calendar.
    #[serde(default)]
    pub rolling: bool,
}

impl Limit {
    /// What it is counted over.
    #[must_use]
    pub fn unit(self) -> Unit {
        Unit {
            window: self.window,
            rolling: self.rolling && self.window != Window::Lifetime,
        }
    }
}

/// What codes that are made look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeForm {
    /// What they begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// How many characters come after it.
    pub length: u8,
}

impl Default for CodeForm {
    fn default() -> CodeForm {
        CodeForm {
            prefix: None,
            length: CODE_LEN_DEFAULT,
        }
    }
}

impl Reward {
    /// Checks all that can be wrong with it by itself.
    ///
    /// # Errors
    /// `parameter_invalid` at the field at fault.
    pub fn check(&self) -> Result<(), Refusal> {
        id::check("id", &self.id)?;
        let whole = |param: &str, value: i64, least: i64| {
            if (least..=POINTS_MAX).contains(&value) {
                return Ok(());
            }
            let message = format!("`{param}` must be a whole number from {least} to {POINTS_MAX}.");
            Err(Refusal::invalid(param, message))
        };
        whole("cost", self.cost, 0)?;
        whole("stock", self.stock.unwrap_or(0), 0)?;
        whole("min_order_amount", self.min_order_amount.unwrap_or(0), 0)?;
        match &self.value {
            Value::DiscountAmount { amount, .. } | Value::StoreCredit { amount, .. } => {
                whole("amount", *amount, 1)?;
            }
            Value::DiscountPercent {
                percent,
                max_amount,
            } => {
                whole("max_amount", max_amount.unwrap_or(1), 1)?;
                let (num, den) = percent.ratio().parts();
                if num <= 0 || num > den * 100 {
                    let message = "`percent` must be more than 0 and at most 100.";
                    return Err(Refusal::invalid("percent", message));
                }
            }
            Value::FreeProduct { product } => {
                id::check("product", product)?;
            }
            Value::Custom => {}
        }
        if self.limit.is_some_and(|limit| limit.redemptions == 0) {
            let message = "`limit.redemptions` must be at least 1.";
            return Err(Refusal::invalid("limit.redemptions", message));
        }
        if let (Some(from), Some(to)) = (self.starts_at, self.ends_at)
            && from >= to
        {
            let message = "`ends_at` must be after `starts_at`.";
            return Err(Refusal::invalid("ends_at", message));
        }
        self.check_codes()
    }

    fn check_codes(&self) -> Result<(), Refusal> {
        if !(CODE_LEN_MIN..=CODE_LEN_MAX).contains(&self.code.length) {
            let message = format!("`code.length` must be from {CODE_LEN_MIN} to {CODE_LEN_MAX}.");
            return Err(Refusal::invalid("code.length", message));
        }
        let is_fine = |prefix: &String| {
            (1..=CODE_PREFIX_LEN_MAX).contains(&prefix.len())
                && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !self.code.prefix.as_ref().is_none_or(is_fine) {
            let message = format!(
                "`code.prefix` must have 1 to {CODE_PREFIX_LEN_MAX} ASCII letters and digits."
            );
            return Err(Refusal::invalid("code.prefix", message));
        }
        if self.code_pool && !self.value.has_code() {
            let message = "A reward of store credit has no codes.";
            return Err(Refusal::invalid("code_pool", message));
        }
        Ok(())
    }

    /// Checks that it can be redeemed at `now`, as far as that is the same for every member.
    ///
    /// # Errors
    /// `reward_unavailable`.
    pub fn check_available(&self, now: Timestamp) -> Result<(), Refusal> {
        let why = if !self.active {
            "is not active".to_owned()
        } else if let Some(from) = self.starts_at.filter(|from| *from > now) {
            format!("can be redeemed from {from} on")
        } else if let Some(end) = self.ends_at.filter(|end| *end <= now) {
            format!("could be redeemed until {end}")
        } else {
            return Ok(());
        };
        let message = format!("The reward `{}` {why}.", self.id);
        Err(Refusal::new(Code::RewardUnavailable, message).at("reward"))
    }
}
