//! `/v1/loyalty/transactions`, also called `/v1/loyalty/points_transactions`

use axum::{Json, http::Uri};
use laurel_events::object;
use laurel_ledger::{AdjustmentRequest, Page, PageRequest, TransactionFilter, TransactionView};
use laurel_rules::{
    Code, POINTS_MAX, Refusal,
    decide::{More, MoreTime},
    entry::TransactionType,
    id::TransactionId,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    expand,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    shape::words,
};

mod answer;

use answer::TRANSACTION;
pub(crate) use answer::{CALCULATION, SEAL, SOURCE};

const ABOUT: &str = "What happened to a member's points; it never changes, and its sum is the \
                     balance.";

/// The routes. They are there twice, and each has an operation's id of its own.
pub(crate) fn routes() -> Routes {
    let base = "/v1/loyalty/transactions";
    let also = "/v1/loyalty/points_transactions";
    let refused = [
        Code::ResourceMissing,
        Code::AccountClosed,
        Code::AccountMerged,
        Code::InsufficientPoints,
        Code::NothingLeft,
        Code::AlreadyReinstated,
    ];
    let adjusted = "Adds or takes points by hand; the reason is kept. With `extends` it moves the \
                    expiry of what is left of an earning, by a transaction of 0 points; with \
                    `reinstates` it gives back what has expired.";
    let listed = "The newest come first, with those of accounts that were merged into it. A merged \
                  account has none left.";
    let explains = "With `expand[]=calculation` it says in words how it came about, to be read out to \
                    the member.";
    Routes::tagged("Transactions", ABOUT)
        .get(
            base,
            list,
            "transactions.list",
            "List transactions of an account",
        )
        .about(listed)
        .refuses(&[Code::ResourceMissing])
        .post(base, adjust, "transactions.create", "Adjust points")
        .about(adjusted)
        .refuses(&refused)
        .get(
            &format!("{base}/{{id}}"),
            retrieve,
            "transactions.retrieve",
            "Retrieve a transaction",
        )
        .about(explains)
        .get(
            also,
            list,
            "points_transactions.list",
            "List transactions, by their other name",
        )
        .about(listed)
        .refuses(&[Code::ResourceMissing])
        .post(
            also,
            adjust,
            "points_transactions.create",
            "Adjust points, by the other name",
        )
        .about(adjusted)
        .refuses(&refused)
        .get(
            &format!("{also}/{{id}}"),
            retrieve,
            "points_transactions.retrieve",
            "Retrieve a transaction, by its other name",
        )
        .about(explains)
}

/// A transaction as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
struct TransactionObject(Value);

impl Answer for TransactionObject {
    const KIND: Kind = Kind::Object(&TRANSACTION);
}

fn object(view: TransactionView) -> TransactionObject {
    let status = view.status.as_str();
    let mut object = object::transaction(&view.entry, view.place, status);
    object["account"] = view.account.into();
    TransactionObject(object)
}

/// The same with how it came about in words; what was not calculated has nothing else to say.
fn explained(view: TransactionView, said: Vec<String>) -> TransactionObject {
    let TransactionObject(mut object) = object(view);
    if object["calculation"].is_null() {
        object["calculation"] = Value::Object(serde_json::Map::new());
    }
    object["calculation"]["explanation"] = said.into();
    TransactionObject(object)
}

/// What a transaction may be.
pub(crate) const TYPES: [(&str, TransactionType); 5] = [
    ("earn", TransactionType::Earn),
    ("redeem", TransactionType::Redeem),
    ("expire", TransactionType::Expire),
    ("adjust", TransactionType::Adjust),
    ("reverse", TransactionType::Reverse),
];

/// What callers may make.
const ADJUST: [(&str, TransactionType); 1] = [("adjust", TransactionType::Adjust)];

pub(crate) const ACCOUNT: Field =
    Field::new("account", Kind::Id, "The account of the member.").example("loy_7Qk2");

/// What a caller asks for: points, or more time for points.
enum Adjustment {
    Points(AdjustmentRequest),
    Time(MoreTime),
}

impl FromFields for Adjustment {
    const SHAPE: Shape = Shape::of(
        "an adjustment",
        &[
            ACCOUNT.required(),
            Field::new("type", Kind::Choice(&words(&ADJUST)), "What it is.").required(),
            Field::new(
                "amount",
                Kind::Whole(-POINTS_MAX, POINTS_MAX),
                "Points to add, or below zero to take; required but with `extends` or \
                 `reinstates`.",
            )
            .example("50"),
            Field::new("reason", Kind::Text(""), "Why, for people.")
                .example("Sorry for the delay")
                .required(),
            Field::new(
                "allow_negative",
                Kind::Boolean,
                "Whether the balance may go below zero.",
            ),
            Field::new(
                "lifetime",
                Kind::Boolean,
                "Whether it counts into `lifetime_points`, as points moved from elsewhere should.",
            ),
            Field::new(
                "expires_at",
                Kind::Instant,
                "When the added, extended or reinstated points expire; never where null.",
            )
            .nullable(),
            Field::new(
                "extends",
                Kind::Id,
                "An earning, as `ptx_…`: what is left of its points expires at `expires_at` \
                 instead, which must be later.",
            ),
            Field::new(
                "reinstates",
                Kind::Id,
                "An `expire` transaction: all its points are given back, once.",
            ),
            METADATA,
        ],
    )
    .read_only(&[
        "id",
        "object",
        "points",
        "program",
        "rule",
        "source",
        "payment",
        "redemption",
        "referral",
        "status",
        "available_at",
        "occurred_at",
        "balance_after",
        "seal",
        "calculation",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Adjustment, Refusal> {
        let account = fields.required("account", Fields::id)?;
        // The others come of events, refunds and time.
        fields.required("type", |fields, name| fields.choice(name, &ADJUST))?;
        let amount = fields.whole("amount", -POINTS_MAX..=POINTS_MAX)?;
        let reason = fields.required("reason", Fields::text)?;
        let allow_negative = fields.boolean("allow_negative")?;
        let lifetime = fields.boolean("lifetime")?;
        let expires_at = fields.nullable("expires_at", Fields::instant)?;
        let extends = transaction(fields, "extends")?.map(More::Left);
        let reinstates = transaction(fields, "reinstates")?.map(More::Expired);
        let metadata = MetadataChange::read(fields)?.into_new();
        let to = match (extends, reinstates) {
            (Some(_), Some(_)) => {
                let message = "Give either `extends` or `reinstates`, not both.";
                return Err(Refusal::invalid("reinstates", message));
            }
            (to, None) | (None, to) => to,
        };
        let Some(to) = to else {
            return Ok(Adjustment::Points(AdjustmentRequest {
                account,
                amount: amount.ok_or_else(|| Refusal::missing("amount"))?,
                reason,
                allow_negative: allow_negative.unwrap_or(false),
                lifetime: lifetime.unwrap_or(false),
                expires_at: expires_at.flatten(),
                metadata,
                request: None,
            }));
        };
        let (named, _) = to.named();
        for (param, is_given) in [
            ("amount", amount.is_some()),
            ("allow_negative", allow_negative.is_some()),
            ("lifetime", lifetime.is_some()),
        ] {
            if is_given {
                let message = format!("`{param}` does not go with `{named}`; leave it out.");
                return Err(Refusal::invalid(param, message));
            }
        }
        Ok(Adjustment::Time(MoreTime {
            account,
            to,
            // Points that never expire again are a decision, which null tells.
            expires_at: expires_at.ok_or_else(|| Refusal::missing("expires_at"))?,
            reason,
            metadata,
            key: String::new(),
            content: String::new(),
        }))
    }
}

fn transaction(fields: &mut Fields, name: &str) -> Result<Option<TransactionId>, Refusal> {
    let Some(id) = fields.id(name)? else {
        return Ok(None);
    };
    let parsed = TransactionId::parse(&id);
    let unknown = || {
        Refusal::new(
            Code::ResourceMissing,
            format!("No such transaction: `{id}`."),
        )
    };
    parsed.map(Some).ok_or_else(|| unknown().at(name))
}

struct Transactions {
    filter: TransactionFilter,
    page: PageRequest,
    /// Whether each is to be explained.
    explains: bool,
}

/// Whether a transaction is to be explained.
struct Shown {
    explains: bool,
}

impl FromFields for Shown {
    const SHAPE: Shape = Shape::of("this route's query", &[expand::CALCULATION]);

    fn from_fields(fields: &mut Fields) -> Result<Shown, Refusal> {
        Ok(Shown {
            explains: expand::is_asked(fields, &expand::CALCULATION)?,
        })
    }
}

impl FromFields for Transactions {
    const SHAPE: Shape = Shape::of(
        "the list of transactions",
        &[
            ACCOUNT.required(),
            Field::new(
                "type",
                Kind::Choice(&words(&TYPES)),
                "Only those of this type.",
            ),
            CREATED_THEN,
            expand::DATA_CALCULATION,
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Transactions, Refusal> {
        let filter = TransactionFilter {
            account: fields.id("account")?.ok_or_else(without_account)?,
            kind: fields.choice("type", &TYPES)?,
            created: list::created(fields)?,
        };
        Ok(Transactions {
            filter,
            page: list::page(fields)?,
            explains: expand::is_asked(fields, &expand::DATA_CALCULATION)?,
        })
    }
}

/// Ledgers are read member by member: there is no order over all of a program's transactions.
fn without_account() -> Refusal {
    let message = "`account` is required: pass the account whose transactions to list. A program's \
                   accounts are at /v1/loyalty/accounts.";
    Refusal::new(Code::ParameterMissing, message).at("account")
}

async fn adjust(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(adjustment): Body<Adjustment>,
) -> Result<Created<TransactionObject>, ApiError> {
    let key = seed.id("adj_");
    let view = match adjustment {
        Adjustment::Points(request) => {
            let named = AdjustmentRequest {
                request: Some(key),
                ..request
            };
            state.ledger.adjust(named).await?
        }
        Adjustment::Time(wanted) => {
            state
                .ledger
                .give_more_time(MoreTime { key, ..wanted })
                .await?
        }
    };
    Ok(Created(object(view)))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(asked): Query<Transactions>,
) -> Result<Json<List<TransactionObject>>, ApiError> {
    let page = state
        .ledger
        .transactions(&asked.filter, &asked.page)
        .await?;
    if !asked.explains {
        return Ok(List::of(page, &uri, object));
    }
    let said = state.ledger.explain(&page.data).await?;
    let page = Page {
        data: page.data.into_iter().zip(said).collect(),
        has_more: page.has_more,
    };
    Ok(List::of(page, &uri, |(view, said)| explained(view, said)))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Shown { explains }): Query<Shown>,
) -> Result<Json<TransactionObject>, ApiError> {
    let view = state.ledger.transaction(&id).await?;
    if !explains {
        return Ok(Json(object(view)));
    }
    let said = state.ledger.explain(std::slice::from_ref(&view)).await?;
    let said = said.into_iter().next().unwrap_or_default();
    Ok(Json(explained(view, said)))
}
