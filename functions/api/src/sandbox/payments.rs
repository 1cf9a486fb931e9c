//! `/v1/sandbox/payments`: payments without money. What real ones tell of by events, these do
//! too, and the events are handled before the call is answered: the next read shows the points.

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_events::{Incoming, object};
use laurel_ledger::{Card, Error, Ledger, Listing, SandboxPayment, SandboxRefund};
use laurel_rules::{
    Code, Event, POINTS_MAX, Refusal,
    event::{PAYMENT_COMPLETED, PAYMENT_FAILED, PAYMENT_REFUNDED},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::cards::{self, CARD, Paid};
use crate::{
    AppState,
    accounts::{CREATED, PROGRAM, program},
    body::Body,
    caller::State,
    error::ApiError,
    events::answer::OUTCOME_KIND,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
};

const BASE: &str = "/v1/sandbox/payments";

pub(super) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged("Sandbox", "")
        .get(
            BASE,
            list,
            "sandbox.payments.list",
            "List payments of the sandbox",
        )
        .refuses(&[Code::ResourceMissing])
        .post(
            BASE,
            create,
            "sandbox.payments.create",
            "Make a payment in the sandbox",
        )
        .about(
            "Its event, `payment.completed` or `payment.failed`, is handled before the call is \
             answered. Payments are kept for 30 days.",
        )
        .refuses(&[Code::ResourceMissing, Code::ResourceAlreadyExists])
        .get(
            one,
            retrieve,
            "sandbox.payments.retrieve",
            "Retrieve a payment of the sandbox",
        )
        .post(
            &format!("{one}/refund"),
            refund,
            "sandbox.payments.refund",
            "Refund a payment of the sandbox",
        )
        .about("Wholly where no amount is given. The event is `payment.refunded`.")
        .refuses(&[
            Code::ResourceMissing,
            Code::ResourceAlreadyExists,
            Code::PaymentNotRefundable,
            Code::LimitReached,
        ])
}

const AMOUNT: Field =
    Field::new("amount", Kind::Whole(0, POINTS_MAX), "Minor units.").example("2599");
const CURRENCY: Field = Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.").example("EUR");
const CUSTOMER: Field = Field::new("customer", Kind::Id, "Who paid.")
    .example("cust_abc123")
    .nullable();
const ACCOUNT: Field = Field::new("account", Kind::Id, "Whose account it is for.").nullable();
const EMAIL: Field = Field::new("email", Kind::Email, "Who paid, by email.").nullable();
const LINE_ITEMS: Field = Field::new(
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
const METADATA: Field = Field::new(
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
const EVENT: Field = Field::new("event", OUTCOME_KIND, "What came of its event.").optional();

const PAYMENT: Shape = Shape::answer(
    "SandboxPayment",
    &[
        Field::new("id", Kind::Id, "`pay_…`").example("pay_7Qk2"),
        Field::new("object", Kind::Constant("sandbox_payment"), "What this is."),
        PROGRAM,
        Field::new(
            "status",
            Kind::Choice(&["completed", "failed"]),
            "What came of it.",
        ),
        Field::new("failure_code", Kind::AnyText, "Why it failed.")
            .example("card_declined")
            .nullable(),
        AMOUNT,
        Field::new(
            "amount_refunded",
            Kind::Whole(0, POINTS_MAX),
            "What was given back.",
        ),
        CURRENCY,
        CUSTOMER,
        ACCOUNT,
        EMAIL,
        Field::new("payment_method", Kind::Object(&METHOD), "How it was paid."),
        LINE_ITEMS,
        METADATA,
        Field::new(
            "refunds",
            Kind::List(&Kind::Object(&REFUND_OF), 0, 100),
            "What was given back, the oldest first.",
        ),
        CREATED,
        EVENT,
    ],
);
const METHOD: Shape = Shape::answer(
    "SandboxPaymentMethod",
    &[
        Field::new("type", Kind::Constant("card"), "What this is."),
        Field::new("brand", Kind::AnyText, "The card's brand.").example("visa"),
        Field::new("last4", Kind::AnyText, "The last digits of its number.").example("4242"),
        Field::new("fingerprint", Kind::Id, "The same for the same card."),
    ],
);
const REFUND_OF: Shape = Shape::answer(
    "SandboxRefundOfPayment",
    &[Field::new("id", Kind::Id, "`re_…`"), AMOUNT, CREATED],
);
const REFUND: Shape = Shape::answer(
    "SandboxRefund",
    &[
        Field::new("id", Kind::Id, "`re_…`").example("re_7Qk2"),
        Field::new("object", Kind::Constant("sandbox_refund"), "What this is."),
        PROGRAM,
        Field::new("payment", Kind::Id, "The payment."),
        AMOUNT,
        CURRENCY,
        Field::new("status", Kind::Constant("succeeded"), "It did."),
        CREATED,
        EVENT,
    ],
);

/// A payment as clients see it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct PaymentObject(Value);

impl Answer for PaymentObject {
    const KIND: Kind = Kind::Object(&PAYMENT);
}

/// A refund as clients see it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct RefundObject(Value);

impl Answer for RefundObject {
    const KIND: Kind = Kind::Object(&REFUND);
}

/// What a payment keeps as its event will carry it.
const DETAILS: [&str; 5] = ["customer", "account", "email", "line_items", "metadata"];

struct Creation {
    id: Option<String>,
    program: String,
    amount: i64,
    currency: String,
    created: Option<Timestamp>,
    paid: Paid,
    details: Map<String, Value>,
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

struct Refunding {
    id: Option<String>,
    amount: Option<i64>,
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

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<PaymentObject>, ApiError> {
    let ledger = &state.ledger;
    let now = ledger.time_of(&creation.program).await?;
    if creation.created.is_some_and(|created| created > now) {
        let message = format!("`created` must not be after the program's time, which is {now}.");
        return Err(Refusal::invalid("created", message).into());
    }
    let Paid {
        number,
        card,
        fingerprint,
    } = creation.paid;
    let fingerprint = match fingerprint {
        Some(fingerprint) => fingerprint,
        None => {
            let program = &creation.program;
            ledger.card_fingerprint(program, number).await?
        }
    };
    let payment = SandboxPayment {
        id: creation.id.unwrap_or_else(|| seed.id("pay_")),
        program: creation.program,
        failure_code: card.failure_code.map(str::to_owned),
        amount: creation.amount,
        currency: creation.currency,
        card: Card {
            brand: card.brand.to_owned(),
            last4: number[number.len() - 4..].to_owned(),
            fingerprint,
        },
        details: creation.details,
        created: creation.created.unwrap_or(now),
        refunds: Vec::new(),
    };
    // What the event would not take is refused before anything is kept.
    payment_event(&payment)?;
    let payment = ledger.create_sandbox_payment(payment, seed).await?;
    let event = payment_event(&payment)?;
    let PaymentObject(mut answer) = form(payment);
    answer["event"] = handled(ledger, &event).await?;
    Ok(Created(PaymentObject(answer)))
}

async fn refund(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(payment): Id,
    Query(Nothing): Query<Nothing>,
    Body(Refunding { id, amount }): Body<Refunding>,
) -> Result<Created<RefundObject>, ApiError> {
    let ledger = &state.ledger;
    let id = id.unwrap_or_else(|| seed.id("re_"));
    let refunded = ledger.refund_sandbox_payment(&payment, &id, amount, seed);
    let (payment, refund) = refunded.await?;
    let event = refund_event(&payment, &refund)?;
    let answer = json!({
        "id": refund.id,
        "object": "sandbox_refund",
        "program": payment.program,
        "payment": payment.id,
        "amount": refund.amount,
        "currency": payment.currency,
        "status": "succeeded",
        "created": refund.created,
        "event": handled(ledger, &event).await?,
    });
    Ok(Created(RefundObject(answer)))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<PaymentObject>, ApiError> {
    Ok(Json(form(state.ledger.sandbox_payment(&id).await?)))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(listing): Query<Listing>,
) -> Result<Json<List<PaymentObject>>, ApiError> {
    let Listing {
        program,
        created,
        page,
    } = listing;
    state.ledger.program(&program).await?;
    let page = state.ledger.sandbox_payments(&program, created, &page);
    Ok(List::of(page.await?, &uri, form))
}

/// A payment as clients see it.
fn form(payment: SandboxPayment) -> PaymentObject {
    let mut object = json!({
        "id": payment.id,
        "object": "sandbox_payment",
        "program": payment.program,
        "status": if payment.is_completed() { "completed" } else { "failed" },
        "failure_code": payment.failure_code,
        "amount": payment.amount,
        "amount_refunded": payment.amount_refunded(),
        "currency": payment.currency,
        "payment_method": payment_method(&payment.card),
        "created": payment.created,
        "refunds": payment.refunds.iter().map(|refund| json!({
            "id": refund.id, "amount": refund.amount, "created": refund.created,
        })).collect::<Value>(),
    });
    for name in DETAILS {
        object[name] = payment.details.get(name).cloned().unwrap_or(Value::Null);
    }
    PaymentObject(object)
}

fn payment_method(card: &Card) -> Value {
    json!({
        "type": "card",
        "brand": card.brand,
        "last4": card.last4,
        "fingerprint": card.fingerprint,
    })
}

/// The event that tells of a payment: it follows from what is kept, so that a repeat makes the
/// same again.
fn payment_event(payment: &SandboxPayment) -> Result<Event, Refusal> {
    let mut data = payment.details.clone();
    data.insert("id".to_owned(), json!(payment.id));
    data.insert("program".to_owned(), json!(payment.program));
    data.insert("amount".to_owned(), json!(payment.amount));
    data.insert("currency".to_owned(), json!(payment.currency));
    data.insert("created".to_owned(), json!(payment.created));
    data.insert("payment_method".to_owned(), payment_method(&payment.card));
    let event_type = match &payment.failure_code {
        None => PAYMENT_COMPLETED,
        Some(code) => {
            data.insert("failure_code".to_owned(), json!(code));
            PAYMENT_FAILED
        }
    };
    event(event_type, data, payment.created)
}

fn refund_event(payment: &SandboxPayment, refund: &SandboxRefund) -> Result<Event, Refusal> {
    let data = json!({
        "id": refund.id,
        "program": payment.program,
        "payment": payment.id,
        "amount": refund.amount,
        "created": refund.created,
    });
    let data = data.as_object().cloned().unwrap_or_default();
    event(PAYMENT_REFUNDED, data, refund.created)
}

fn event(event_type: &str, data: Map<String, Value>, at: Timestamp) -> Result<Event, Refusal> {
    let incoming = Incoming {
        event_type: event_type.to_owned(),
        data,
        ..Incoming::default()
    };
    // What the caller calls `amount` is `data.amount` to the event.
    laurel_events::parse(incoming, at).map_err(|refusal| Refusal {
        param: refusal
            .param
            .map(|param| param.trim_start_matches("data.").to_owned()),
        message: refusal.message.replace("`data.", "`"),
        ..refusal
    })
}

/// What came of an event. A refused one does not undo the payment: the card was charged.
async fn handled(ledger: &Ledger, event: &Event) -> Result<Value, ApiError> {
    match ledger.apply(event).await {
        Ok(outcome) => Ok(object::outcome(&outcome)),
        Err(Error::Refused(refusal)) => Ok(object::refused(&refusal)),
        Err(error) => Err(error.into()),
    }
}
