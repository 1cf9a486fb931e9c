//! A reward as clients see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    Reward,
    decide::Stock,
    exact::Factor,
    reward::{CodeForm, Limit, Value},
    time::Period,
};
use serde::Serialize;

use super::fields::{IMPORTED, REWARD};
use crate::{fields::Kind, routes::Answer};

/// What a reward is worth, with null where its type has no such field.
#[derive(Debug, Serialize)]
pub(crate) struct ValueObject {
    #[serde(rename = "type")]
    kind: &'static str,
    amount: Option<i64>,
    currency: Option<String>,
    percent: Option<Factor>,
    max_amount: Option<i64>,
    product: Option<String>,
}

impl From<Value> for ValueObject {
    fn from(value: Value) -> ValueObject {
        let mut object = ValueObject {
            kind: value.kind(),
            amount: None,
            currency: None,
            percent: None,
            max_amount: None,
            product: None,
        };
        match value {
            Value::DiscountAmount { amount, currency }
            | Value::StoreCredit { amount, currency } => {
                object.amount = Some(amount);
                object.currency = Some(currency);
            }
            Value::DiscountPercent {
                percent,
                max_amount,
            } => {
                object.percent = Some(percent);
                object.max_amount = max_amount;
            }
            Value::FreeProduct { product } => object.product = Some(product),
            Value::Custom => {}
        }
        object
    }
}

/// All fields are there always, null where unset.
#[derive(Debug, Serialize)]
pub(crate) struct RewardObject {
    id: String,
    object: &'static str,
    program: String,
    name: String,
    #[serde(flatten)]
    value: ValueObject,
    cost: i64,
    stock: Option<i64>,
    stock_left: Option<i64>,
    limit: Option<Limit>,
    min_tier: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    when: Option<String>,
    active: bool,
    code_pool: bool,
    codes_left: Option<i64>,
    code: CodeForm,
    valid_for: Option<Period>,
    min_order_amount: Option<i64>,
    version: u32,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl RewardObject {
    /// The reward, of which so much is taken.
    pub(super) fn of(reward: Reward, stock: Stock) -> RewardObject {
        RewardObject {
            object: "reward",
            stock_left: reward.stock.map(|all| (all - stock.used).max(0)),
            codes_left: reward.code_pool.then(|| stock.codes_left()),
            id: reward.id,
            program: reward.program,
            name: reward.name,
            value: reward.value.into(),
            cost: reward.cost,
            stock: reward.stock,
            limit: reward.limit,
            min_tier: reward.min_tier,
            starts_at: reward.starts_at,
            ends_at: reward.ends_at,
            when: reward.when,
            active: reward.active,
            code_pool: reward.code_pool,
            code: reward.code,
            valid_for: reward.valid_for,
            min_order_amount: reward.min_order_amount,
            version: reward.version,
            metadata: reward.metadata,
            created: reward.created,
        }
    }
}

impl Answer for RewardObject {
    const KIND: Kind = Kind::Object(&REWARD);
}

/// What became of codes that were to be imported.
#[derive(Debug, Serialize)]
pub(crate) struct ImportObject {
    pub(super) object: &'static str,
    pub(super) reward: String,
    pub(super) imported: usize,
    pub(super) duplicates: Vec<String>,
    pub(super) codes_left: i64,
}

impl Answer for ImportObject {
    const KIND: Kind = Kind::Object(&IMPORTED);
}
