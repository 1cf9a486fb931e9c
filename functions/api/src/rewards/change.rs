//! What the creation and the update of a reward may say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    POINTS_MAX, Refusal, Reward,
    exact::Factor,
    id::ID_LEN_MAX,
    reward::{CODE_LEN_DEFAULT, CODE_LEN_MAX, CODE_LEN_MIN, CodeForm, Limit, REWARD_PREFIX, Value},
    time::Period,
};

use super::fields::{
    AMOUNT, CODE, COST, CURRENCY, LIMIT, MAX_AMOUNT, NAME, PERCENT, PRODUCT, REWARD_FIELDS, TYPE,
    TYPES,
};
use crate::{
    accounts::{PROGRAM, program},
    conditions,
    earning_rules::fields::WINDOWS,
    fields::{Field, Fields, FromFields, Kind, Shape},
    metadata::MetadataChange,
    settings::{self, set},
};

/// What a request says of the value; each type has its own.
#[derive(Debug, Default)]
struct ValueChange {
    amount: Option<i64>,
    currency: Option<String>,
    percent: Option<Factor>,
    max_amount: Option<Option<i64>>,
    product: Option<String>,
}

impl ValueChange {
    fn read(fields: &mut Fields) -> Result<ValueChange, Refusal> {
        let whole = |fields: &mut Fields, name: &str| fields.whole(name, 1..=POINTS_MAX);
        Ok(ValueChange {
            amount: fields.nullable("amount", whole)?.flatten(),
            currency: fields.nullable("currency", Fields::currency)?.flatten(),
            percent: fields.nullable("percent", Fields::factor)?.flatten(),
            max_amount: fields.nullable("max_amount", whole)?,
            product: fields.nullable("product", Fields::id)?.flatten(),
        })
    }

    /// The value of a new reward of this type.
    fn into_new(self, kind: &str) -> Result<Value, Refusal> {
        let ValueChange {
            amount,
            currency,
            percent,
            max_amount,
            product,
        } = &self;
        let missing = |name: &str| Refusal::missing(name);
        let value = match kind {
            "discount_amount" => Value::DiscountAmount {
                amount: amount.ok_or_else(|| missing("amount"))?,
                currency: currency.clone().ok_or_else(|| missing("currency"))?,
            },
            "store_credit" => Value::StoreCredit {
                amount: amount.ok_or_else(|| missing("amount"))?,
                currency: currency.clone().ok_or_else(|| missing("currency"))?,
            },
            "discount_percent" => Value::DiscountPercent {
                percent: percent.ok_or_else(|| missing("percent"))?,
                max_amount: max_amount.flatten(),
            },
            "free_product" => Value::FreeProduct {
                product: product.clone().ok_or_else(|| missing("product"))?,
            },
            _ => Value::Custom,
        };
        self.fits(&value)?;
        Ok(value)
    }

    /// Changes the value of a reward.
    fn apply(&self, value: &mut Value) -> Result<(), Refusal> {
        self.fits(value)?;
        match value {
            Value::DiscountAmount { amount, currency }
            | Value::StoreCredit { amount, currency } => {
                set(amount, self.amount.as_ref());
                set(currency, self.currency.as_ref());
            }
            Value::DiscountPercent {
                percent,
                max_amount,
            } => {
                set(percent, self.percent.as_ref());
                set(max_amount, self.max_amount.as_ref());
            }
            Value::FreeProduct { product } => set(product, self.product.as_ref()),
            Value::Custom => {}
        }
        Ok(())
    }

    /// Refuses what a reward of this type does not have.
    fn fits(&self, value: &Value) -> Result<(), Refusal> {
        let kind = value.kind();
        let has_amount = matches!(kind, "discount_amount" | "store_credit");
        let table = [
            ("amount", self.amount.is_some(), has_amount),
            ("currency", self.currency.is_some(), has_amount),
            (
                "percent",
                self.percent.is_some(),
                kind == "discount_percent",
            ),
            (
                "max_amount",
                self.max_amount.flatten().is_some(),
                kind == "discount_percent",
            ),
            ("product", self.product.is_some(), kind == "free_product"),
        ];
        for (name, is_given, is_known) in table {
            if is_given && !is_known {
                let message = format!("A reward of the type `{kind}` has no `{name}`.");
                return Err(Refusal::invalid(name, message));
            }
        }
        Ok(())
    }
}

/// What an update may say; absent fields stay, null ones go.
#[derive(Debug, Default)]
pub(crate) struct RewardChange {
    name: Option<String>,
    cost: Option<i64>,
    value: ValueChange,
    stock: Option<Option<i64>>,
    limit: Option<Option<Limit>>,
    min_tier: Option<Option<String>>,
    starts_at: Option<Option<Timestamp>>,
    ends_at: Option<Option<Timestamp>>,
    when: Option<Option<String>>,
    active: Option<bool>,
    code_pool: Option<bool>,
    code: Option<Option<CodeForm>>,
    valid_for: Option<Option<Period>>,
    min_order_amount: Option<Option<i64>>,
    metadata: MetadataChange,
}

impl FromFields for RewardChange {
    const SHAPE: Shape = Shape::of(
        "an update of a reward",
        &[NAME, COST, AMOUNT, CURRENCY, PERCENT, MAX_AMOUNT, PRODUCT],
    )
    .and(&REWARD_FIELDS)
    // Redemptions tell what they are worth by the type; another type is another reward.
    .read_only(&[
        "id",
        "object",
        "program",
        "type",
        "stock_left",
        "codes_left",
        "version",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<RewardChange, Refusal> {
        let whole = |fields: &mut Fields, name: &str| fields.whole(name, 0..=POINTS_MAX);
        Ok(RewardChange {
            name: fields.text("name")?,
            cost: whole(fields, "cost")?,
            value: ValueChange::read(fields)?,
            stock: fields.nullable("stock", whole)?,
            limit: fields.nullable("limit", limit)?,
            min_tier: fields.nullable("min_tier", Fields::id)?,
            starts_at: fields.nullable("starts_at", Fields::instant)?,
            ends_at: fields.nullable("ends_at", Fields::instant)?,
            when: conditions::when(fields)?,
            active: fields.boolean("active")?,
            code_pool: fields.boolean("code_pool")?,
            code: fields.nullable("code", code)?,
            valid_for: fields.nullable("valid_for", period)?,
            min_order_amount: fields.nullable("min_order_amount", whole)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

fn limit(fields: &mut Fields, name: &str) -> Result<Option<Limit>, Refusal> {
    let Some(mut limit) = fields.object(name, &LIMIT)? else {
        return Ok(None);
    };
    let redemptions = limit.required("redemptions", |fields, name| {
        fields.whole(name, 1..=i64::from(u32::MAX))
    })?;
    Ok(Some(Limit {
        redemptions: u32::try_from(redemptions).unwrap_or(u32::MAX),
        window: limit.required("window", |fields, name| fields.choice(name, &WINDOWS))?,
        rolling: limit.boolean("rolling")?.unwrap_or(false),
    }))
}

fn code(fields: &mut Fields, name: &str) -> Result<Option<CodeForm>, Refusal> {
    let Some(mut code) = fields.object(name, &CODE)? else {
        return Ok(None);
    };
    let range = i64::from(CODE_LEN_MIN)..=i64::from(CODE_LEN_MAX);
    let length = code.whole("length", range)?;
    Ok(Some(CodeForm {
        prefix: code.nullable("prefix", Fields::text)?.flatten(),
        length: length
            .and_then(|length| u8::try_from(length).ok())
            .unwrap_or(CODE_LEN_DEFAULT),
    }))
}

fn period(fields: &mut Fields, name: &str) -> Result<Option<Period>, Refusal> {
    let Some(text) = fields.text(name)? else {
        return Ok(None);
    };
    let parsed = Period::parse(&text).map(Some);
    parsed.map_err(|problem| Refusal::invalid(name, format!("`{name}` {problem}.")))
}

impl RewardChange {
    /// Changes `reward`. Ranges and combinations are the ledger's to check, on the whole of it.
    ///
    /// # Errors
    /// `parameter_invalid` at a field that the reward's type does not have.
    pub(crate) fn apply(&self, reward: &mut Reward) -> Result<(), Refusal> {
        self.value.apply(&mut reward.value)?;
        self.apply_rest(reward)
    }

    fn apply_rest(&self, reward: &mut Reward) -> Result<(), Refusal> {
        set(&mut reward.name, self.name.as_ref());
        set(&mut reward.cost, self.cost.as_ref());
        set(&mut reward.stock, self.stock.as_ref());
        set(&mut reward.limit, self.limit.as_ref());
        set(&mut reward.min_tier, self.min_tier.as_ref());
        set(&mut reward.starts_at, self.starts_at.as_ref());
        set(&mut reward.ends_at, self.ends_at.as_ref());
        set(&mut reward.when, self.when.as_ref());
        set(&mut reward.active, self.active.as_ref());
        set(&mut reward.code_pool, self.code_pool.as_ref());
        if let Some(code) = &self.code {
            reward.code = code.clone().unwrap_or_default();
        }
        set(&mut reward.valid_for, self.valid_for.as_ref());
        set(&mut reward.min_order_amount, self.min_order_amount.as_ref());
        self.metadata.apply(&mut reward.metadata)
    }
}

/// What a creation says: an update of a reward that has only what it must have.
#[derive(Debug)]
pub(crate) struct RewardCreation {
    id: Option<String>,
    program: String,
    kind: &'static str,
    rest: RewardChange,
}

impl FromFields for RewardCreation {
    const SHAPE: Shape = Shape::of(
        "a new reward",
        &[
            Field::new(
                "id",
                Kind::Prefixed(REWARD_PREFIX, ID_LEN_MAX),
                "An id of your own choice, which starts with `rwd_`.",
            )
            .example("rwd_five_off"),
            PROGRAM,
            TYPE.required(),
            NAME.required(),
            COST.required(),
            AMOUNT,
            CURRENCY,
            PERCENT,
            MAX_AMOUNT,
            PRODUCT,
        ],
    )
    .and(&REWARD_FIELDS)
    .read_only(&["object", "stock_left", "codes_left", "version", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<RewardCreation, Refusal> {
        let creation = RewardCreation {
            id: settings::new_id(fields, REWARD_PREFIX)?,
            program: program(fields)?,
            kind: fields.required("type", |fields, name| fields.choice(name, &TYPES))?,
            rest: RewardChange::from_fields(fields)?,
        };
        for (name, is_there) in [
            ("name", creation.rest.name.is_some()),
            ("cost", creation.rest.cost.is_some()),
        ] {
            if !is_there {
                return Err(Refusal::missing(name));
            }
        }
        Ok(creation)
    }
}

impl RewardCreation {
    /// The reward, with the id `id` where none was given.
    ///
    /// # Errors
    /// `parameter_missing`, `parameter_invalid`.
    pub(crate) fn into_reward(self, id: String, now: Timestamp) -> Result<Reward, Refusal> {
        let RewardCreation {
            id: given,
            program,
            kind,
            mut rest,
        } = self;
        let mut reward = Reward {
            id: given.unwrap_or(id),
            program,
            name: String::new(),
            value: std::mem::take(&mut rest.value).into_new(kind)?,
            cost: 0,
            stock: None,
            limit: None,
            min_tier: None,
            starts_at: None,
            ends_at: None,
            when: None,
            active: true,
            code_pool: false,
            code: CodeForm::default(),
            valid_for: None,
            min_order_amount: None,
            metadata: BTreeMap::new(),
            version: 1,
            created: now,
        };
        rest.apply_rest(&mut reward)?;
        Ok(reward)
    }
}
