//! `/v1/loyalty/accounts`

use std::collections::BTreeMap;

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_ledger::{AccountFilter, AccountView, PageRequest};
use laurel_rules::{
    Code, Refusal,
    account::Status,
    decide::{AccountChange, NewAccount},
    id::{ACCOUNT_PREFIX, DEFAULT_PROGRAM},
};
use serde::Serialize;

use crate::{
    AppState,
    body::Body,
    caller::{Caller, State},
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, CREATED_THEN, List, PAGE_FIELDS},
    member_tokens::{self, MemberView},
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    shape::{NUMBER, words},
};

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
             called), `balance`, `pending`, `lifetime_points` and `tier` of that member's own \
             account.",
        )
        .post(one, update, "accounts.update", "Update an account")
        .about(CHANGED)
        .refuses(&UPDATE_REFUSALS)
        .patch(one, update, "accounts.patch", "Update an account, by PATCH")
        .about(CHANGED)
        .refuses(&UPDATE_REFUSALS)
        .merge(life())
}

const CHANGED: &str = "A customer or an email address can be taken from a closed account, not from \
                       an active one. A closed account keeps its own.";
const UPDATE_REFUSALS: [Code; 3] = [
    Code::AccountAlreadyExists,
    Code::AccountClosed,
    Code::AccountMerged,
];

/// The routes that begin and end an account's active life.
fn life() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(TAG.0, TAG.1)
        .post(
            &format!("{BASE}/merge"),
            merge,
            "accounts.merge",
            "Merge an account into another",
        )
        .about(
            "`source` ends with nothing and points at `target`, which takes over its points, each \
             with its expiry, its lifetime points, its uses of caps and its transactions. Its \
             customer and email lead to `target` from then on. Answers `target`.",
        )
        .refuses(&[
            Code::MergeWithItself,
            Code::ProgramMismatch,
            Code::ResourceMissing,
            Code::AccountMerged,
            Code::AccountNotActive,
        ])
        .post(
            &format!("{one}/close"),
            close,
            "accounts.close",
            "Close an account",
        )
        .about(
            "It earns nothing from then on and keeps its points, which expire as they would. \
             Another account may take its customer and its email. Closing it again changes \
             nothing.",
        )
        .refuses(&[Code::AccountMerged])
        .post(
            &format!("{one}/reopen"),
            reopen,
            "accounts.reopen",
            "Reopen a closed account",
        )
        .about("Answers 409 where another active account has its customer or its email by now.")
        .refuses(&[Code::AccountMerged, Code::AccountAlreadyExists])
        .delete(
            &format!("{one}/personal_data"),
            erase,
            "accounts.erase_personal_data",
            "Erase personal data",
        )
        .about(
            "Erases customer, email and metadata, of accounts that were merged into it as well, \
             and closes it. Its transactions stay. Should a call die on the way, the same call \
             finishes it.",
        )
        .refuses(&[Code::AccountMerged])
}

const TAG: (&str, &str) = (
    "Accounts",
    "A member of a program, with the points of that member.",
);

const CUSTOMER: Field = Field::new(
    "customer",
    Kind::Id,
    "Your own id of the customer; events name it.",
)
.example("cust_abc123")
.nullable();
const EMAIL: Field = Field::new(
    "email",
    Kind::Email,
    "For events that identify people by it; unique in a program.",
)
.example("anna@example.com")
.nullable();
/// The program that a thing belongs to, or that a list is of.
pub(crate) const PROGRAM: Field = Field::new(
    "program",
    Kind::Id,
    "The program; `prog_default` where a request does not say.",
)
.example("prog_default");
/// When a thing was created.
pub(crate) const CREATED: Field =
    Field::new("created", Kind::Instant, "When it was created.").example("2026-11-20T12:00:00Z");

const STATUS: Field = Field::new(
    "status",
    Kind::Choice(&words(&STATUSES)),
    "Whether it takes part.",
);

const ACCOUNT: Shape = Shape::answer(
    "Account",
    &[
        Field::new("id", Kind::Id, "`loy_…`, or as given.").example("loy_7Qk2"),
        Field::new("object", Kind::Constant("loyalty_account"), "What this is."),
        PROGRAM,
        CUSTOMER,
        EMAIL,
        STATUS,
        Field::new("balance", NUMBER, "Points to spend now."),
        Field::new("pending", NUMBER, "Points that can be spent later."),
        Field::new(
            "lifetime_points",
            NUMBER,
            "All points ever earned; it never falls.",
        ),
        Field::new("tier", Kind::Id, "The tier.").nullable(),
        METADATA,
        Field::new(
            "merged_into",
            Kind::Id,
            "The account that it was merged into.",
        )
        .nullable(),
        CREATED,
    ],
);

impl Answer for AccountObject {
    const KIND: Kind = Kind::Object(&ACCOUNT);
}

/// An account as its caller may see it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum SeenAccount {
    Whole(AccountObject),
    OnAPage(MemberView),
}

impl Answer for SeenAccount {
    // What a page sees of it is told in words: no client of the whole API asks like that.
    const KIND: Kind = AccountObject::KIND;
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
    const SHAPE: Shape = Shape::of("a new account", &[ID, PROGRAM, CUSTOMER, EMAIL, METADATA])
        .read_only(&[
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
            id: account_id(fields)?,
            program: program(fields)?,
            customer: fields.nullable("customer", Fields::id)?.flatten(),
            email: fields.nullable("email", Fields::email)?.flatten(),
            metadata: MetadataChange::read(fields)?.into_new(),
            // The ledger tells this request from others.
            ..NewAccount::default()
        }))
    }
}

const ID_LEN_MAX: usize = 64;

const ID: Field = Field::new(
    "id",
    Kind::Id,
    "The id to have, as for an import: `loy_` and 1 to 64 characters. One is made up where absent.",
)
.example("loy_imported_7");

/// The id that a new account is to have, as one that is imported.
fn account_id(fields: &mut Fields) -> Result<Option<String>, Refusal> {
    let id = fields.id("id")?;
    let fits = |id: &String| {
        let own = id.strip_prefix(ACCOUNT_PREFIX);
        own.is_some_and(|own| (1..=ID_LEN_MAX).contains(&own.len()))
    };
    if id.as_ref().is_some_and(|id| !fits(id)) {
        let message = format!(
            "`id` must be {ACCOUNT_PREFIX} and 1 to {ID_LEN_MAX} characters; leave it out to get \
             one."
        );
        return Err(Refusal::invalid("id", message));
    }
    Ok(id)
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
    const SHAPE: Shape = Shape::of("an update of an account", &[CUSTOMER, EMAIL, METADATA])
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

struct Merge {
    source: String,
    target: String,
}

impl FromFields for Merge {
    const SHAPE: Shape = Shape::of(
        "a merge of accounts",
        &[
            Field::new("source", Kind::Id, "The account that ends.")
                .example("loy_guest")
                .required(),
            Field::new("target", Kind::Id, "The account that survives.")
                .example("loy_7Qk2")
                .required(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Merge, Refusal> {
        Ok(Merge {
            source: fields.required("source", Fields::id)?,
            target: fields.required("target", Fields::id)?,
        })
    }
}

/// For calls whose path says all.
struct NoFields;

impl FromFields for NoFields {
    const SHAPE: Shape = Shape::of("this call", &[]);

    fn from_fields(_: &mut Fields) -> Result<NoFields, Refusal> {
        Ok(NoFields)
    }
}

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
        None => SeenAccount::Whole(state.ledger.account(&id).await?.into()),
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

async fn close(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.close_account(&id).await?.into()))
}

async fn reopen(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(NoFields): Body<NoFields>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.reopen_account(&id).await?.into()))
}

async fn merge(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(Merge { source, target }): Body<Merge>,
) -> Result<Json<AccountObject>, ApiError> {
    let survivor = state.ledger.merge_accounts(&source, &target, seed).await?;
    Ok(Json(survivor.into()))
}

async fn erase(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<AccountObject>, ApiError> {
    Ok(Json(state.ledger.erase_personal_data(&id).await?.into()))
}
