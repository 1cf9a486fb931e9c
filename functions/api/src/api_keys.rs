//! `/v1/api_keys`

use axum::{Json, http::Uri};
use jiff::Timestamp;
use laurel_ledger::{KeyKind, PageRequest, StoredKey};
use laurel_rules::{Refusal, id};
use serde::Serialize;

use crate::{
    AppState,
    access::{self, Scope},
    accounts::CREATED,
    body::Body,
    caller::{Caller, State},
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    keyring,
    list::{self, List, PAGE_FIELDS},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Created, Routes},
    secret,
    shape::words,
};

const BASE: &str = "/v1/api_keys";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "API keys",
        "Who may call, and what. Only secret keys that are not limited to programs manage keys.",
    )
    .get(BASE, list, "api_keys.list", "List API keys")
    .about("Revoked ones too; the newest come first. The stack's own key is not among them.")
    .post(BASE, create, "api_keys.create", "Create an API key")
    .about("The answer holds the key's text in `secret`; it is not shown again.")
    .get(one, retrieve, "api_keys.retrieve", "Retrieve an API key")
    .delete(
        one,
        revoke,
        "api_keys.delete",
        "Revoke an API key, by DELETE",
    )
    .about("It takes effect within 30 seconds. Revoking again changes nothing.")
    .post(
        &format!("{one}/revoke"),
        revoke_by_post,
        "api_keys.revoke",
        "Revoke an API key",
    )
    .about("It takes effect within 30 seconds. Revoking again changes nothing.")
}

const NAME: Field = Field::new("name", Kind::Text(""), "What you call it.")
    .example("Checkout")
    .nullable();
const TYPE: Field = Field::new(
    "type",
    Kind::Choice(&words(&KINDS)),
    "A `secret` key may do everything, a `restricted` one what its scopes say; a `publishable` \
     one shows members their own balance on a page.",
);
const SCOPES: Field = Field::new(
    "scopes",
    Kind::List(&Kind::Choice(&access::SCOPES), 1, 100),
    "What a restricted key may do, as `accounts:read` or `accounts:write`, which includes to \
     read.",
)
.nullable();
const PROGRAMS: Field = Field::new(
    "programs",
    Kind::Names,
    "The programs that it may know, to which all others do not exist; null for all.",
)
.nullable();
const RATE_LIMIT: Field = Field::new(
    "rate_limit",
    Kind::Whole(1, RATE_MAX),
    "Requests a second; null for what holds for all keys.",
)
.example("50")
.nullable();

const KEY: Shape = Shape::answer(
    "ApiKey",
    &[
        Field::new("id", Kind::Id, "`key_…`").example("key_7Qk2"),
        Field::new("object", Kind::Constant("api_key"), "What this is."),
        NAME,
        TYPE,
        SCOPES,
        PROGRAMS,
        RATE_LIMIT,
        Field::new("prefix", Kind::AnyText, "What its text begins with.").example("sk_test_"),
        Field::new("last4", Kind::AnyText, "What its text ends with.").example("7f3k"),
        CREATED,
        Field::new("revoked_at", Kind::Instant, "When it was revoked.").nullable(),
        Field::new(
            "secret",
            Kind::AnyText,
            "Its text, in the answer to its creation and never again.",
        )
        .optional(),
    ],
);

impl Answer for KeyObject {
    const KIND: Kind = Kind::Object(&KEY);
}

/// A key as clients see it.
#[derive(Debug, Serialize)]
struct KeyObject {
    id: String,
    object: &'static str,
    name: Option<String>,
    r#type: KeyKind,
    /// Those of a restricted key; a secret key needs none.
    scopes: Option<Vec<String>>,
    /// The programs that it may know; null for all.
    programs: Option<Vec<String>>,
    /// Requests a second; null for what holds for all keys.
    rate_limit: Option<u32>,
    prefix: String,
    last4: String,
    created: Timestamp,
    revoked_at: Option<Timestamp>,
    /// Its text, in the answer to its creation and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<StoredKey> for KeyObject {
    fn from(key: StoredKey) -> KeyObject {
        KeyObject {
            id: key.id,
            object: "api_key",
            name: key.name,
            r#type: key.kind,
            scopes: (key.kind == KeyKind::Restricted).then_some(key.scopes),
            programs: key.programs,
            rate_limit: key.rate_limit,
            prefix: key.prefix,
            last4: key.last4,
            created: key.created,
            revoked_at: key.revoked_at,
            secret: None,
        }
    }
}

const KINDS: [(&str, KeyKind); 3] = [
    ("secret", KeyKind::Secret),
    ("restricted", KeyKind::Restricted),
    ("publishable", KeyKind::Publishable),
];

const RATE_MAX: i64 = 100_000;

struct Creation {
    name: Option<String>,
    kind: KeyKind,
    scopes: Vec<String>,
    programs: Option<Vec<String>>,
    rate_limit: Option<u32>,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a new API key",
        &[NAME, TYPE.required(), SCOPES, PROGRAMS, RATE_LIMIT],
    )
    .read_only(&[
        "id",
        "object",
        "prefix",
        "last4",
        "secret",
        "created",
        "revoked_at",
    ]);

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        let kind = fields.required("type", |fields, name| fields.choice(name, &KINDS))?;
        let scopes = fields.nullable("scopes", Fields::names)?.flatten();
        let rate_limit = fields
            .nullable("rate_limit", |fields, name| {
                fields.whole(name, 1..=RATE_MAX)
            })?
            .flatten();
        Ok(Creation {
            name: fields.nullable("name", Fields::text)?.flatten(),
            kind,
            scopes: checked_scopes(kind, scopes)?,
            programs: fields
                .nullable("programs", Fields::names)?
                .flatten()
                .map(checked_programs)
                .transpose()?,
            rate_limit: rate_limit.and_then(|rate| u32::try_from(rate).ok()),
        })
    }
}

fn checked_scopes(kind: KeyKind, scopes: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    match (kind, scopes) {
        (KeyKind::Restricted, None) => Err(Refusal::missing("scopes")),
        (KeyKind::Restricted, Some(mut scopes)) => {
            for (place, scope) in scopes.iter().enumerate() {
                if Scope::parse(scope).is_none() {
                    let message = "A scope is a resource and `read` or `write`, as in \
                                   `accounts:read`. API keys and webhook endpoints can only be \
                                   read: to change them takes a secret key.";
                    return Err(Refusal::invalid(format!("scopes[{place}]"), message));
                }
            }
            scopes.sort();
            scopes.dedup();
            Ok(scopes)
        }
        (_, None) => Ok(Vec::new()),
        (_, Some(_)) => {
            let message = "Only restricted keys have scopes.";
            Err(Refusal::invalid("scopes", message))
        }
    }
}

fn checked_programs(mut programs: Vec<String>) -> Result<Vec<String>, Refusal> {
    for (place, program) in programs.iter().enumerate() {
        id::check(format!("programs[{place}]"), program)?;
    }
    programs.sort();
    programs.dedup();
    Ok(programs)
}

struct Keys {
    page: PageRequest,
}

impl FromFields for Keys {
    const SHAPE: Shape = Shape::of("the list of API keys", &PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Keys, Refusal> {
        Ok(Keys {
            page: list::page(fields)?,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(creation): Body<Creation>,
) -> Result<Created<KeyObject>, ApiError> {
    caller.of_all_programs()?;
    for (place, program) in creation.programs.iter().flatten().enumerate() {
        state.ledger.program(program).await.map_err(|error| {
            let mut refusal = crate::error::refusal_of(&error);
            if refusal.param.is_some() {
                refusal.param = Some(format!("programs[{place}]"));
            }
            refusal
        })?;
    }
    let id = seed.id(keyring::KEY_PREFIX);
    let text = keyring::new_text(creation.kind, state.mode, &id)?;
    let key = StoredKey {
        id,
        name: creation.name,
        kind: creation.kind,
        scopes: creation.scopes,
        programs: creation.programs,
        rate_limit: creation.rate_limit,
        prefix: keyring::prefix(creation.kind, state.mode).to_owned(),
        last4: text[text.len().saturating_sub(4)..].to_owned(),
        hash: secret::hex(&secret::hash(&text)),
        created: state.ledger.now(),
        revoked_at: None,
    };
    let key = state.ledger.create_key(key).await?;
    Ok(Created(KeyObject {
        secret: Some(text),
        ..KeyObject::from(key)
    }))
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    Query(Keys { page }): Query<Keys>,
) -> Result<Json<List<KeyObject>>, ApiError> {
    caller.of_all_programs()?;
    let page = state.ledger.keys(&page).await?;
    Ok(List::of(page, &uri, KeyObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<KeyObject>, ApiError> {
    caller.of_all_programs()?;
    Ok(Json(state.ledger.key(&id).await?.into()))
}

async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<KeyObject>, ApiError> {
    caller.of_all_programs()?;
    Ok(Json(state.ledger.revoke_key(&id).await?.into()))
}

async fn revoke_by_post(
    state: State<AppState>,
    caller: Caller,
    id: Id,
    query: Query<Nothing>,
    Body(Nothing): Body<Nothing>,
) -> Result<Json<KeyObject>, ApiError> {
    revoke(state, caller, id, query).await
}
