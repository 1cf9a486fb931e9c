//! `/v1/loyalty/transactions`, also called `/v1/loyalty/points_transactions`

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse,
    routing::get,
};
use laurel_events::object;
use laurel_ledger::{
    AdjustmentRequest, PageRequest, TimeRange, TransactionFilter, TransactionView,
};
use laurel_rules::{POINTS_MAX, Refusal, entry::TransactionType};
use serde_json::Value;

use crate::{
    AppState,
    body::Body,
    error::ApiError,
    fields::{Fields, FromFields, Shape},
    list::{self, List},
    metadata::MetadataChange,
    path::Id,
    query::{Nothing, Query},
};

pub(crate) fn routes(base: &str) -> Router<AppState> {
    Router::new()
        .route(base, get(list).post(adjust))
        .route(&format!("{base}/{{id}}"), get(retrieve))
}

fn object(view: TransactionView) -> Value {
    object::transaction(&view.entry, view.place, view.status.as_str())
}

const TYPES: [(&str, TransactionType); 5] = [
    ("earn", TransactionType::Earn),
    ("redeem", TransactionType::Redeem),
    ("expire", TransactionType::Expire),
    ("adjust", TransactionType::Adjust),
    ("reverse", TransactionType::Reverse),
];

struct Adjustment(AdjustmentRequest);

impl FromFields for Adjustment {
    const SHAPE: Shape = Shape::of(
        "an adjustment",
        &[
            "account",
            "type",
            "amount",
            "reason",
            "allow_negative",
            "lifetime",
            "expires_at",
            "metadata",
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
        "calculation",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Adjustment, Refusal> {
        let account = fields.required("account", Fields::id)?;
        let kind = fields.required("type", |fields, name| fields.choice(name, &TYPES))?;
        if kind != TransactionType::Adjust {
            let message = "`type` must be adjust: the others come of events, refunds and time.";
            return Err(Refusal::invalid("type", message));
        }
        Ok(Adjustment(AdjustmentRequest {
            account,
            amount: fields.required("amount", |fields, name| {
                fields.whole(name, -POINTS_MAX..=POINTS_MAX)
            })?,
            reason: fields.required("reason", Fields::text)?,
            allow_negative: fields.boolean("allow_negative")?.unwrap_or(false),
            lifetime: fields.boolean("lifetime")?.unwrap_or(false),
            expires_at: fields.nullable("expires_at", Fields::instant)?.flatten(),
            metadata: MetadataChange::read(fields)?.into_new(),
            idempotency_key: None,
        }))
    }
}

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const IDEMPOTENCY_KEY_LEN_MAX: usize = 255;

/// The key under which a repeat of this call is to be the same call.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(header) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let fits = |key: &&str| (1..=IDEMPOTENCY_KEY_LEN_MAX).contains(&key.len());
    header.to_str().ok().filter(fits).map(|key| Some(key.to_owned())).ok_or_else(|| {
        let message = format!(
            "The header Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_LEN_MAX} printable ASCII \
             characters."
        );
        Refusal::invalid("Idempotency-Key", message)
    })
}

struct Transactions {
    filter: TransactionFilter,
    page: PageRequest,
}

impl FromFields for Transactions {
    const SHAPE: Shape = Shape::of(
        "the list of transactions",
        &[
            "account",
            "type",
            "created",
            "limit",
            "starting_after",
            "ending_before",
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Transactions, Refusal> {
        let filter = TransactionFilter {
            account: fields.required("account", Fields::id)?,
            kind: fields.choice("type", &TYPES)?,
            created: time_range(fields, "created")?,
        };
        Ok(Transactions {
            filter,
            page: list::page(fields)?,
        })
    }
}

const TIME_RANGE: Shape = Shape::of("a range of times", &["gt", "gte", "lt", "lte"]);

/// Reads `created[gte]=…` and the like.
fn time_range(fields: &mut Fields, name: &str) -> Result<TimeRange, Refusal> {
    let Some(mut range) = fields.object(name, &TIME_RANGE)? else {
        return Ok(TimeRange::default());
    };
    Ok(TimeRange {
        gt: range.instant("gt")?,
        gte: range.instant("gte")?,
        lt: range.instant("lt")?,
        lte: range.instant("lte")?,
    })
}

async fn adjust(
    State(state): State<AppState>,
    Query(Nothing): Query<Nothing>,
    headers: HeaderMap,
    Body(Adjustment(request)): Body<Adjustment>,
) -> Result<impl IntoResponse, ApiError> {
    let idempotency_key = idempotency_key(&headers)?;
    let view = state
        .ledger
        .adjust(AdjustmentRequest {
            idempotency_key,
            ..request
        })
        .await?;
    Ok((StatusCode::CREATED, Json(object(view))))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Transactions { filter, page }): Query<Transactions>,
) -> Result<Json<List<Value>>, ApiError> {
    let page = state.ledger.transactions(&filter, &page).await?;
    Ok(List::of(page, &uri, object))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(object(state.ledger.transaction(&id).await?)))
}
