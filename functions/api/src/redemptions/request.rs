//! What requests about redemptions say.

use std::collections::BTreeMap;

use laurel_ledger::{PageRequest, RedemptionFilter, Shown};
use laurel_rules::{
    POINTS_MAX, Refusal,
    checkout::Order,
    decide::Wanted,
    event::LineItem,
    pay_with_points::PointsPayment,
    redemption::{TTL_MINUTES_DEFAULT, TTL_MINUTES_MAX},
    store_credit::Money,
};

use super::object::STATUSES;
use crate::{
    accounts::{PROGRAM, program},
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    shape::words,
};

const ACCOUNT: Field =
    Field::new("account", Kind::Id, "The account of the member.").example("loy_7Qk2");
const REWARD: Field = Field::new("reward", Kind::Id, "The reward.").example("rwd_five_off");
const CODE: Field = Field::new(
    "code",
    Kind::Text(""),
    "A code; letter case and dashes don't matter.",
)
.example("7Q2K-M4XW-9TRE");
const WHOLE: Kind = Kind::Whole(1, POINTS_MAX);
const AMOUNT: Kind = Kind::Whole(0, POINTS_MAX);

/// A redemption that is asked for.
pub(super) struct Redemption {
    pub(super) account: String,
    pub(super) wanted: Wanted,
    pub(super) reserve_minutes: Option<i64>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl FromFields for Redemption {
    const SHAPE: Shape = Shape::of(
        "a new redemption",
        &[
            ACCOUNT.required(),
            REWARD,
            Field::new("points", WHOLE, "Points to pay with, instead of a reward.").example("200"),
            Field::new(
                "currency",
                Kind::Text(""),
                "What they pay in; with `points`.",
            )
            .example("EUR"),
            Field::new(
                "store_credit",
                Kind::Object(&MONEY),
                "Store credit to pay with, instead of a reward.",
            )
            .example("{\"amount\": 1500, \"currency\": \"EUR\"}"),
            Field::new(
                "order_amount",
                AMOUNT,
                "What the order comes to, in minor units; with `points`.",
            )
            .example("5000"),
            Field::new(
                "capture",
                Kind::Boolean,
                "Whether it is confirmed at once, which it is unless this is false.",
            ),
            Field::new(
                "ttl_minutes",
                Kind::Whole(1, TTL_MINUTES_MAX),
                "How long it stays reserved where `capture` is false: 30 where absent.",
            )
            .example("30"),
            METADATA,
        ],
    )
    .read_only(&[
        "id",
        "object",
        "program",
        "status",
        "value",
        "code",
        "expires_at",
        "valid_until",
        "min_order_amount",
        "transaction",
        "reversal",
        "payment",
        "created",
        "confirmed_at",
        "canceled_at",
        "used_at",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Redemption, Refusal> {
        let account = fields.required("account", Fields::id)?;
        let reward = fields.id("reward")?;
        let points = fields.whole("points", 1..=POINTS_MAX)?;
        let currency = fields.currency("currency")?;
        let order_amount = fields.whole("order_amount", 0..=POINTS_MAX)?;
        let wanted = match (reward, points, store_credit(fields)?) {
            (Some(reward), None, None) => {
                no_strays(currency.as_ref(), order_amount)?;
                Wanted::Reward(reward)
            }
            (None, None, Some(money)) => {
                no_strays(currency.as_ref(), order_amount)?;
                Wanted::StoreCredit(money)
            }
            (None, Some(points), None) => Wanted::Discount(PointsPayment {
                points,
                currency: currency.ok_or_else(|| Refusal::missing("currency"))?,
                order_amount,
            }),
            (None, None, None) => return Err(Refusal::missing("reward")),
            (_, points, _) => {
                let param = if points.is_some() {
                    "points"
                } else {
                    "store_credit"
                };
                let message = "Pass one of `reward`, `points` and `store_credit`.";
                return Err(Refusal::invalid(param, message));
            }
        };
        let ttl = fields.whole("ttl_minutes", 1..=TTL_MINUTES_MAX)?;
        let reserve_minutes = match (fields.boolean("capture")?, ttl) {
            (Some(false), ttl) => Some(ttl.unwrap_or(TTL_MINUTES_DEFAULT)),
            (_, None) => None,
            (_, Some(_)) => {
                let message = "`ttl_minutes` is for redemptions with `capture: false`.";
                return Err(Refusal::invalid("ttl_minutes", message));
            }
        };
        Ok(Redemption {
            account,
            wanted,
            reserve_minutes,
            metadata: MetadataChange::read(fields)?.into_new(),
        })
    }
}

const MONEY: Shape = Shape::of(
    "`store_credit`",
    &[
        Field::new("amount", WHOLE, "Minor units.")
            .example("1500")
            .required(),
        Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.")
            .example("EUR")
            .required(),
    ],
);

fn store_credit(fields: &mut Fields) -> Result<Option<Money>, Refusal> {
    let Some(mut money) = fields.object("store_credit", &MONEY)? else {
        return Ok(None);
    };
    Ok(Some(Money {
        amount: money.required("amount", |fields, name| fields.whole(name, 1..=POINTS_MAX))?,
        currency: money.required("currency", Fields::currency)?,
    }))
}

/// Refuses what says how points pay where they don't.
fn no_strays(currency: Option<&String>, order_amount: Option<i64>) -> Result<(), Refusal> {
    let stray = [
        ("currency", currency.is_some()),
        ("order_amount", order_amount.is_some()),
    ];
    match stray.into_iter().find(|(_, is_there)| *is_there) {
        Some((name, _)) => {
            let message = format!("`{name}` goes with `points` only.");
            Err(Refusal::invalid(name, message))
        }
        None => Ok(()),
    }
}

/// Which redemptions to list.
pub(super) struct Redemptions {
    pub(super) filter: RedemptionFilter,
    pub(super) page: PageRequest,
}

impl FromFields for Redemptions {
    const SHAPE: Shape = Shape::of(
        "the list of redemptions",
        &[
            PROGRAM,
            ACCOUNT,
            REWARD,
            Field::new(
                "status",
                Kind::Choice(&words(&STATUSES)),
                "Only those that have come so far.",
            ),
            CREATED_THEN,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Redemptions, Refusal> {
        Ok(Redemptions {
            filter: RedemptionFilter {
                program: program(fields)?,
                account: fields.id("account")?,
                reward: fields.id("reward")?,
                status: fields.choice("status", &STATUSES)?,
                created: list::created(fields)?,
            },
            page: list::page(fields)?,
        })
    }
}

const LINE_ITEM: Shape = Shape::of(
    "a line item",
    &[
        Field::new("product", Kind::AnyText, "The product."),
        Field::new("category", Kind::AnyText, "Its category."),
        Field::new("quantity", AMOUNT, "How many; 1 where absent."),
        Field::new("amount", AMOUNT, "Minor units for the whole line."),
    ],
);
const LINE_ITEMS_MAX: usize = 500;

const ORDER_SHAPE: Shape = Shape::of(
    "`order`",
    &[
        Field::new("amount", AMOUNT, "Minor units, before the discount.")
            .example("5000")
            .required(),
        Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.")
            .example("EUR")
            .required(),
        Field::new(
            "line_items",
            Kind::List(&Kind::Object(&LINE_ITEM), 0, LINE_ITEMS_MAX),
            "What is bought.",
        ),
    ],
);
const ORDER: Field = Field::new("order", Kind::Object(&ORDER_SHAPE), "What is to be paid.");

fn order(fields: &mut Fields, name: &str) -> Result<Option<Order>, Refusal> {
    let Some(mut order) = fields.object(name, &ORDER_SHAPE)? else {
        return Ok(None);
    };
    let items = order.objects_with_numbers("line_items", &["quantity", "amount"])?;
    let items = items.map(|items| {
        if items.len() > LINE_ITEMS_MAX {
            let message = format!("`{name}.line_items` may have at most {LINE_ITEMS_MAX} items.");
            return Err(Refusal::invalid(format!("{name}.line_items"), message));
        }
        let items = items.iter().enumerate();
        let items = items.map(|(place, item)| {
            line_item(item).map_err(|field| {
                let param = format!("{name}.line_items[{place}]{field}");
                let message = format!("`{param}` is not what a line item has there.");
                Refusal::invalid(param, message)
            })
        });
        items.collect::<Result<Vec<LineItem>, Refusal>>()
    });
    Ok(Some(Order {
        amount: order.required("amount", |fields, name| fields.whole(name, 0..=POINTS_MAX))?,
        currency: order.required("currency", Fields::currency)?,
        line_items: items.transpose()?,
    }))
}

/// A line item, or the name of the field at fault.
fn line_item(item: &serde_json::Value) -> Result<LineItem, &'static str> {
    let item = item.as_object().ok_or("")?;
    let text = |name: &str, at: &'static str| match item.get(name) {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(at),
    };
    let whole = |name: &str, at: &'static str, absent: i64| match item.get(name) {
        None | Some(serde_json::Value::Null) => Ok(absent),
        Some(value) => laurel_rules::exact::whole(value)
            .filter(|number| (0..=POINTS_MAX).contains(number))
            .ok_or(at),
    };
    Ok(LineItem {
        product: text("product", ".product")?,
        category: text("category", ".category")?,
        quantity: whole("quantity", ".quantity", 1)?,
        amount: whole("amount", ".amount", 0)?,
    })
}

/// What is shown at a checkout, and for which order.
pub(super) struct Validation {
    pub(super) shown: Shown,
    pub(super) order: Order,
}

impl FromFields for Validation {
    const SHAPE: Shape = Shape::of(
        "a validation",
        &[
            CODE,
            Field::new("redemption", Kind::Id, "A redemption, instead of a code."),
            PROGRAM,
            ORDER.required(),
        ],
    )
    .any_of(&["code", "redemption"]);

    fn from_fields(fields: &mut Fields) -> Result<Validation, Refusal> {
        let program = program(fields)?;
        let shown = match (fields.any_text("code")?, fields.id("redemption")?) {
            (Some(code), None) => Shown::Code { program, code },
            (None, Some(id)) => Shown::Redemption(id),
            (None, None) => return Err(Refusal::missing("code")),
            (Some(_), Some(_)) => {
                let message = "Pass either `code` or `redemption`, not both.";
                return Err(Refusal::invalid("redemption", message));
            }
        };
        Ok(Validation {
            shown,
            order: fields.required("order", order)?,
        })
    }
}

/// The use of a code.
pub(super) struct CodeUse {
    pub(super) shown: Shown,
    pub(super) order: Option<Order>,
}

impl FromFields for CodeUse {
    const SHAPE: Shape = Shape::of("a use of a code", &[CODE.required(), PROGRAM, ORDER]);

    fn from_fields(fields: &mut Fields) -> Result<CodeUse, Refusal> {
        let program = program(fields)?;
        Ok(CodeUse {
            shown: Shown::Code {
                program,
                code: fields.required("code", Fields::any_text)?,
            },
            order: order(fields, "order")?,
        })
    }
}

/// The use of a redemption.
pub(super) struct Use {
    pub(super) order: Option<Order>,
}

impl FromFields for Use {
    const SHAPE: Shape = Shape::of("a use of a redemption", &[ORDER]);

    fn from_fields(fields: &mut Fields) -> Result<Use, Refusal> {
        Ok(Use {
            order: order(fields, "order")?,
        })
    }
}
