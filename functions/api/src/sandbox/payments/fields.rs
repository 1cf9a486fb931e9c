//! What requests say of the sandbox's payments.

use jiff::Timestamp;
use laurel_rules::{POINTS_MAX, Refusal};
use serde_json::{Map, Value};

use crate::{
    accounts::{PROGRAM, program},
    fields::{Field, Fields, FromFields, Kind, Shape},
    sandbox::cards::{self, CARD, Paid},
};

pub(super) const AMOUNT: Field =
    Field::new("amount", Kind::Whole(0, POINTS_MAX), "Minor units.").example("2599");
pub(super) const CURRENCY: Field =
    Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.").example("EUR");
pub(super) const CUSTOMER: Field = Field::new("customer", Kind::Id, "Who paid.")
    .example("cust_abc123")
    .nullable();
pub(super) const ACCOUNT: Field =
    Field::new("account", Kind::Id, "Whose account it is for.").nullable();
pub(super) const EMAIL: Field = Field::new("email", Kind::Email, "Who paid, by email.").nullable();
pub(super) const LINE_ITEMS: Field = Field::new(
    "line_items",
    Kind::List(&Kind::Object(&LINE_ITEM), 0, 500),
    "What was bought.",
)
.nullable();
const LINE_ITEM: Shape = Shape::of(
    "A line item",
    &[
        Field::new("product", Kind::AnyText, "The product.").nullable(),
        Field::new("category", Kind::AnyText, "Its category.").nullable(),
        Field::new(
            "quantity",
            Kind::Whole(0, POINTS_MAX),
            "How many; 1 where absent.",
        )
        .nullable(),
        Field::new(
            "amount",
            Kind::Whole(0, POINTS_MAX),
            "Minor units, of them all.",
        )
        .nullable(),
    ],
)
.others(&Kind::AnyText);
pub(super) const METADATA: Field = Field::new(
    "metadata",
    Kind::AnyObject,
    "Keys and values of your own, as its event carries them.",
)
.example("{\"order\": \"order_1\"}")
.nullable();
const MADE: Field = Field::new(
    "created",
    Kind::Instant,
    "When it was made, by the program's time.",
);
pub(super) struct Creation {
    pub(super) id: Option<String>,
    pub(super) program: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) created: Option<Timestamp>,
    pub(super) paid: Paid,
    pub(super) details: Map<String, Value>,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a payment of the sandbox",
        &[
            Field::new("id", Kind::Id, "An id of your own choice.").example("pay_order_1"),
            PROGRAM,
            CUSTOMER,
            ACCOUNT,
            EMAIL,
            AMOUNT.required(),
            CURRENCY.required(),
            CARD.required(),
            LINE_ITEMS,
            METADATA,
            MADE.nullable(),
        ],
    )
    .read_only(&[
        "object",
        "status",
        "failure_code",
        "amount_refunded",
        "refunds",
        "event",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        let mut details = Map::new();
        let mut keep = |name: &str, value: Option<Value>| {
            details.extend(value.map(|value| (name.to_owned(), value)));
        };
        for name in ["customer", "account"] {
            let id = fields.nullable(name, Fields::id)?.flatten();
            keep(name, id.map(Value::String));
        }
        let email = fields.nullable("email", Fields::email)?.flatten();
        keep("email", email.map(Value::String));
        let items = fields.nullable("line_items", |fields, name| {
            fields.objects_with_numbers(name, &["amount", "quantity"])
        })?;
        keep("line_items", items.flatten().map(Value::Array));
        let metadata = fields.nullable("metadata", Fields::map)?.flatten();
        keep("metadata", metadata.map(Value::Object));
        Ok(Creation {
            id: fields.id("id")?,
            program: program(fields)?,
            amount: fields.required("amount", |fields, name| fields.whole(name, 0..=POINTS_MAX))?,
            currency: fields.required("currency", Fields::currency)?,
            created: fields.nullable("created", Fields::instant)?.flatten(),
            paid: cards::paid(fields)?,
            details,
        })
    }
}

pub(super) struct Refunding {
    pub(super) id: Option<String>,
    pub(super) amount: Option<i64>,
}

impl FromFields for Refunding {
    const SHAPE: Shape = Shape::of(
        "a refund of the sandbox",
        &[
            Field::new("id", Kind::Id, "An id of your own choice.").example("re_order_1"),
            AMOUNT.nullable(),
        ],
    )
    .read_only(&[
        "object", "payment", "program", "currency", "status", "created", "event",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Refunding, Refusal> {
        let amount = |fields: &mut Fields, name: &str| fields.whole(name, 0..=POINTS_MAX);
        Ok(Refunding {
            id: fields.id("id")?,
            amount: fields.nullable("amount", amount)?.flatten(),
        })
    }
}
