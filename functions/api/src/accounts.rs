//! `/v1/loyalty/accounts`

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri},
    response::IntoResponse,
    routing::get,
};
use jiff::Timestamp;
use laurel_ledger::{AccountFilter, AccountView, PageRequest};
use laurel_rules::{
    Refusal,
    account::Status,
    decide::{AccountChange, NewAccount},
    id::DEFAULT_PROGRAM,
};
use serde::Serialize;

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

const BASE: &str = "/v1/loyalty/accounts";

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route(BASE, get(list).post(create)).route(
        &format!("{BASE}/{{id}}"),
        get(retrieve).post(update).patch(update),
    )
}

/// An account as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct AccountObject {
    id: String,
    object: &'static str,
    program: String,
    customer: Option<String>,
    email: Option<String>,
    status: &'static str,
    balance: i64,
    pending: i64,
    lifetime_points: i64,
    tier: Option<String>,
    metadata: BTreeMap<String, String>,
    merged_into: Option<String>,
    created: Timestamp,
}

impl From<AccountView> for AccountObject {
    fn from(
        AccountView {
            account,
            balance,
            pending,
        }: AccountView,
    ) -> AccountObject {
        AccountObject {
            object: "loyalty_account",
            id: account.id,
            program: account.program,
            customer: account.customer,
            email: account.email,
            status: account.status.as_str(),
            balance,
            pending,
            lifetime_points: account.lifetime_points,
            tier: account.tier,
            metadata: account.metadata,
            merged_into: account.merged_into,
            created: account.created,
        }
    }
}

const STATUSES: [(&str, Status); 3] = [
    ("active", Status::Active),
    ("closed", Status::Closed),
    ("merged", Status::Merged),
];

struct Creation(NewAccount);

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new account",
        &["program", "customer", "email", "metadata"],
    )
    .read_only(&[
        "id",
        "object",
        "status",
        "balance",
        "pending",
        "lifetime_points",
        "tier",
        "next_tier",
        "store_credit",
        "merged_into",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        Ok(Creation(NewAccount {
            program: program(fields)?,
            customer: fields.nullable("customer", Fields::id)?.flatten(),
            email: fields.nullable("email", Fields::email)?.flatten(),
            metadata: MetadataChange::read(fields)?.into_new(),
            // The ledger names the account and tells this request from others.
            ..NewAccount::default()
        }))
    }
}

/// The program that a request is about; most deployments have one only.
pub(crate) fn program(fields: &mut Fields) -> Result<String, Refusal> {
    Ok(fields
        .id("program")?
        .unwrap_or_else(|| DEFAULT_PROGRAM.to_owned()))
}

struct Change {
    customer: Option<Option<String>>,
    email: Option<Option<String>>,
    metadata: MetadataChange,
}

impl FromFields for Change {
    const SHAPE: Shape = Shape::of(
        "an update of an account",
        &["customer", "email", "metadata"],
    )
    .read_only(&[
        "id",
        "object",
        "program",
        "status",
        "balance",
        "pending",
        "lifetime_points",
        "tier",
        "next_tier",
        "store_credit",
        "merged_into",
        "created",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Change, Refusal> {
        Ok(Change {
            customer: fields.nullable("customer", Fields::id)?,
            email: fields.nullable("email", Fields::email)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

struct Accounts {
    filter: AccountFilter,
    page: PageRequest,
}

impl FromFields for Accounts {
    const SHAPE: Shape = Shape::of(
        "the list of accounts",
        &[
            "program",
            "customer",
            "email",
            "status",
            "limit",
            "starting_after",
            "ending_before",
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Accounts, Refusal> {
        let filter = AccountFilter {
            program: program(fields)?,
            customer: fields.id("customer")?,
            email: fields.email("email")?,
            status: fields.choice("status", &STATUSES)?,
        };
        Ok(Accounts {
            filter,
            page: list::page(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Query(Nothing): Query<Nothing>,
    Body(Creation(new)): Body<Creation>,
) -> Result<impl IntoResponse, ApiError> {
    let account = state.ledger.create_account(new).await?;
    Ok((StatusCode::CREATED, Json(AccountObject::from(account))))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Accounts { filter, page }): Query<Accounts>,
) -> Result<Json<List<AccountObject>>, ApiError> {
    let page = state.ledger.accounts(&filter, &page).await?;
    Ok(List::of(page, &uri, AccountObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.account(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(Change {
        customer,
        email,
        metadata,
    }): Body<Change>,
) -> Result<Json<AccountObject>, ApiError> {
    let mut keys = metadata.keys;
    if metadata.clear {
        // A key that is set while this runs stays, as if it had been set right after.
        let before = state.ledger.account(&id).await?.account.metadata;
        keys.extend(before.into_keys().map(|key| (key, None)));
    }
    let change = AccountChange {
        customer,
        email,
        metadata: keys,
    };
    Ok(Json(
        state.ledger.update_account(&id, &change).await?.into(),
    ))
}
