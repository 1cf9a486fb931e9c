//! `/v1/loyalty/accounts`

use axum::{Json, http::Uri};
use laurel_ledger::{AccountFilter, PageRequest};
use laurel_rules::{Code, Refusal, decide::AccountChange};

use crate::{
    AppState,
    body::Body,
    caller::{Caller, State},
    error::ApiError,
    fields::{Fields, FromFields, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    member_tokens,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Created, Routes},
};

mod fields;
mod life;
mod object;
mod stats;

pub(crate) use fields::{CREATED, PROGRAM, program};
use fields::{CUSTOMER, Change, Creation, EMAIL};
use object::{AccountObject, STATUS, STATUSES, SeenAccount};

const BASE: &str = "/v1/loyalty/accounts";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(TAG.0, TAG.1)
        .get(BASE, list, "accounts.list", "List accounts")
        .about(
            "The newest come first. A customer or an email address leads to the survivor where its \
             account was merged.",
        )
        .refuses(&[Code::ResourceMissing])
        .post(BASE, create, "accounts.create", "Create an account")
        .about(
            "One active account per customer, and per email, in a program: another create answers \
             409 with the id of the existing one in `error.account`. A welcome bonus shows on the \
             next read.",
        )
        .refuses(&[Code::AccountAlreadyExists, Code::ResourceMissing])
        .get(one, retrieve, "accounts.retrieve", "Retrieve an account")
        .about(
            "The balance is exact as of this second. With a publishable key and a member's token in \
             `X-Member-Token` it shows `id`, `object`, `program`, `currency` (what points are \
             called), `balance`, `pending`, `lifetime_points`, `store_credit` and `tier` of that member's own \
             account.",
        )
        .post(one, update, "accounts.update", "Update an account")
        .about(CHANGED)
        .refuses(&UPDATE_REFUSALS)
        .patch(one, update, "accounts.patch", "Update an account, by PATCH")
        .about(CHANGED)
        .refuses(&UPDATE_REFUSALS)
        .merge(life::routes())
}

const CHANGED: &str = "A customer or an email address can be taken from a closed account, not from \
                       an active one. A closed account keeps its own.";
const UPDATE_REFUSALS: [Code; 3] = [
    Code::AccountAlreadyExists,
    Code::AccountClosed,
    Code::AccountMerged,
];

const TAG: (&str, &str) = (
    "Accounts",
    "A member of a program, with the points of that member.",
);

struct Accounts {
    filter: AccountFilter,
    page: PageRequest,
}

impl FromFields for Accounts {
    const SHAPE: Shape = Shape::of(
        "the list of accounts",
        &[PROGRAM, CUSTOMER.set(), EMAIL.set(), STATUS, CREATED_THEN],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Accounts, Refusal> {
        let filter = AccountFilter {
            program: program(fields)?,
            customer: fields.id("customer")?,
            email: fields.email("email")?,
            status: fields.choice("status", &STATUSES)?,
            created: list::created(fields)?,
        };
        Ok(Accounts {
            filter,
            page: list::page(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(Creation(new)): Body<Creation>,
) -> Result<Created<AccountObject>, ApiError> {
    let account = state.ledger.create_account(new, seed).await?;
    Ok(Created(account.into()))
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
    caller: Caller,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<SeenAccount>, ApiError> {
    Ok(Json(match caller.member() {
        Some(member) => {
            SeenAccount::OnAPage(member_tokens::view(&state.ledger, member, &id).await?)
        }
        None => SeenAccount::Whole(Box::new(state.ledger.account(&id).await?.into())),
    }))
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
