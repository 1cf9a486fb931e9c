//! `/v1/loyalty/store_credit_transactions`

use axum::{Json, http::Uri};
use laurel_events::object;
use laurel_ledger::{CreditAdjustmentRequest, CreditFilter, CreditView, PageRequest};
use laurel_rules::{
    Code, POINTS_MAX, Refusal, entry::TransactionType, store_credit::CURRENCIES_MAX,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM},
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    settings::EXPIRES_AFTER,
    shape::{NUMBER, words},
    transactions::{ACCOUNT, SEAL, SOURCE},
};

const ABOUT: &str = "What happened to a member's store credit: money to spend in the shop, a \
                     balance per currency. It never changes, and its sum per currency is the \
                     balance.";

/// The routes.
pub(crate) fn routes() -> Routes {
    let base = "/v1/loyalty/store_credit_transactions";
    Routes::tagged("Store credit", ABOUT)
        .get(
            base,
            list,
            "store_credit_transactions.list",
            "List an account's transactions of store credit",
        )
        .about(
            "The newest come first, with those of accounts that were merged into it. A merged \
             account has none left.",
        )
        .refuses(&[Code::ResourceMissing])
        .post(
            base,
            adjust,
            "store_credit_transactions.create",
            "Give or take store credit",
        )
        .about("Adds or takes store credit by hand; the reason is kept.")
        .refuses(&[
            Code::ResourceMissing,
            Code::AccountClosed,
            Code::AccountMerged,
            Code::InsufficientStoreCredit,
            Code::LimitReached,
        ])
        .get(
            &format!("{base}/{{id}}"),
            retrieve,
            "store_credit_transactions.retrieve",
            "Retrieve a transaction of store credit",
        )
}

/// A transaction as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
struct CreditObject(Value);

impl Answer for CreditObject {
    const KIND: Kind = Kind::Object(&CREDIT);
}

fn object(view: CreditView) -> CreditObject {
    let mut object = object::credit_transaction(&view.entry, view.place);
    object["account"] = view.account.into();
    CreditObject(object)
}

const TYPES: [(&str, TransactionType); 5] = [
    ("earn", TransactionType::Earn),
    ("redeem", TransactionType::Redeem),
    ("expire", TransactionType::Expire),
    ("adjust", TransactionType::Adjust),
    ("reverse", TransactionType::Reverse),
];

const CURRENCY: Field = Field::new("currency", Kind::Text("iso-4217"), "ISO 4217.").example("EUR");
const EXPIRES_AT: Field = Field::new(
    "expires_at",
    Kind::Instant,
    "When what was given expires; never where null.",
)
.nullable();

const CREDIT: Shape = Shape::answer(
    "StoreCreditTransaction",
    &[
        Field::new("id", Kind::Id, "`sct_…`").example("sct_7Qk2_4_0"),
        Field::new(
            "object",
            Kind::Constant("store_credit_transaction"),
            "What this is.",
        ),
        ACCOUNT,
        PROGRAM,
        Field::new("type", Kind::Choice(&words(&TYPES)), "What kind of change."),
        Field::new(
            "amount",
            NUMBER,
            "Minor units, below zero where they were taken.",
        ),
        CURRENCY,
        Field::new("reason", Kind::AnyText, "Why, for people."),
        Field::new(
            "source",
            Kind::Object(&SOURCE),
            "What it came of; of an expiry, the transaction that had given it.",
        ),
        Field::new("payment", Kind::Id, "The payment.").nullable(),
        Field::new("redemption", Kind::Id, "The redemption.").nullable(),
        EXPIRES_AT,
        Field::new("occurred_at", Kind::Instant, "When it happened."),
        CREATED,
        Field::new(
            "balance_after",
            NUMBER,
            "What could be spent in this currency after it.",
        ),
        SEAL,
        METADATA,
    ],
);

/// What an account has in one currency.
const BALANCE: Shape = Shape::answer(
    "StoreCreditBalance",
    &[
        CURRENCY,
        Field::new("balance", NUMBER, "Minor units to spend now.").example("1500"),
        Field::new(
            "reserved",
            NUMBER,
            "Minor units that are reserved for redemptions.",
        ),
    ],
);

/// The field of an account.
pub(crate) const BALANCES: Field = Field::new(
    "store_credit",
    Kind::List(&Kind::Object(&BALANCE), 0, CURRENCIES_MAX),
    "Store credit by currency; a currency of which there is nothing is left out.",
);

/// The setting of a program.
pub(crate) const EXPIRES: Field = Field::new(
    "store_credit_expires",
    Kind::Object(&EXPIRES_AFTER),
    "When store credit expires, unless it is given with a date of its own; never where null.",
)
.example("{\"after\": \"P12M\"}")
.nullable();

struct Adjustment(CreditAdjustmentRequest);

impl FromFields for Adjustment {
    const SHAPE: Shape = Shape::of(
        "an adjustment of store credit",
        &[
            ACCOUNT.required(),
            Field::new(
                "amount",
                Kind::Whole(-POINTS_MAX, POINTS_MAX),
                "Minor units to add, or below zero to take.",
            )
            .example("1500")
            .required(),
            CURRENCY.required(),
            Field::new("reason", Kind::Text(""), "Why, for people.")
                .example("Return without receipt")
                .required(),
            Field::new(
                "allow_negative",
                Kind::Boolean,
                "Whether the balance may go below zero.",
            ),
            Field::new(
                "expires_at",
                Kind::Instant,
                "When it expires; never where null; by the program's `store_credit_expires` where \
                 absent.",
            )
            .nullable(),
            METADATA,
        ],
    )
    .read_only(&[
        "id",
        "object",
        "program",
        "type",
        "source",
        "payment",
        "redemption",
        "occurred_at",
        "balance_after",
        "seal",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Adjustment, Refusal> {
        Ok(Adjustment(CreditAdjustmentRequest {
            account: fields.required("account", Fields::id)?,
            amount: fields.required("amount", |fields, name| {
                fields.whole(name, -POINTS_MAX..=POINTS_MAX)
            })?,
            currency: fields.required("currency", Fields::currency)?,
            reason: fields.required("reason", Fields::text)?,
            allow_negative: fields.boolean("allow_negative")?.unwrap_or(false),
            expires_at: fields.nullable("expires_at", Fields::instant)?,
            metadata: MetadataChange::read(fields)?.into_new(),
            request: String::new(),
        }))
    }
}

struct Credits {
    filter: CreditFilter,
    page: PageRequest,
}

impl FromFields for Credits {
    const SHAPE: Shape = Shape::of(
        "the list of transactions of store credit",
        &[
            ACCOUNT.required(),
            Field::new(
                "currency",
                Kind::Text("iso-4217"),
                "Only those in this currency.",
            )
            .example("EUR"),
            Field::new(
                "type",
                Kind::Choice(&words(&TYPES)),
                "Only those of this type.",
            ),
            CREATED_THEN,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Credits, Refusal> {
        let filter = CreditFilter {
            account: fields.required("account", Fields::id)?,
            currency: fields.currency("currency")?,
            kind: fields.choice("type", &TYPES)?,
            created: list::created(fields)?,
        };
        Ok(Credits {
            filter,
            page: list::page(fields)?,
        })
    }
}

async fn adjust(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(Adjustment(request)): Body<Adjustment>,
) -> Result<Created<CreditObject>, ApiError> {
    let request = CreditAdjustmentRequest {
        request: seed.id("adj_"),
        ..request
    };
    let view = state.ledger.adjust_store_credit(request).await?;
    Ok(Created(object(view)))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Credits { filter, page }): Query<Credits>,
) -> Result<Json<List<CreditObject>>, ApiError> {
    let page = state
        .ledger
        .store_credit_transactions(&filter, &page)
        .await?;
    Ok(List::of(page, &uri, object))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<CreditObject>, ApiError> {
    let view = state.ledger.store_credit_transaction(&id).await?;
    Ok(Json(object(view)))
}
