//! What a storefront page may show a member: their own balance, by a token that the operator's
//! server asked for.
//!
//! A token is `mt_<account>.<expiry>.<signature>`: the account, Unix seconds, and an HMAC-SHA256
//! over both and the mode with a key that is derived from the stack's own. Nothing is stored.

use axum::{Json, http::HeaderMap};
use jiff::Timestamp;
use laurel_host::Mode;
use laurel_ledger::{AccountView, Ledger};
use laurel_rules::{Code, Refusal, account::Status, id, store_credit::CreditBalance};
use serde::Serialize;

use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Routes},
    secret::ApiKey,
};

const MEMBER_TOKEN: &str = "x-member-token";
const PREFIX: &str = "mt_";
const TTL_DEFAULT_MINUTES: i64 = 60;
const TTL_MAX_MINUTES: i64 = 24 * 60;
/// Merges point at survivors; a chain of them is short.
const MERGES_MAX: usize = 32;

pub(crate) fn routes() -> Routes {
    Routes::tagged("Accounts", "")
        .post(
            "/v1/loyalty/accounts/{id}/member_token",
            create,
            "accounts.create_member_token",
            "Create a member token",
        )
        .about(
            "With it and a publishable key the member's page may retrieve this account, and \
             estimate what an event would give it. Only secret keys create tokens.",
        )
}

const MEMBER_TOKEN_SHAPE: Shape = Shape::answer(
    "MemberToken",
    &[
        Field::new("object", Kind::Constant("member_token"), "What this is."),
        Field::new("account", Kind::Id, "The account.").example("loy_7Qk2"),
        Field::new("token", Kind::AnyText, "For the header `X-Member-Token`."),
        Field::new("expires_at", Kind::Instant, "Until when it is good."),
    ],
);

impl Answer for MemberToken {
    const KIND: Kind = Kind::Object(&MEMBER_TOKEN_SHAPE);
}

#[derive(Debug, Serialize)]
struct MemberToken {
    object: &'static str,
    account: String,
    token: String,
    expires_at: Timestamp,
}

struct Creation {
    ttl_minutes: i64,
}

impl FromFields for Creation {
    const SHAPE: Shape = Shape::of(
        "a member token",
        &[Field::new(
            "ttl_minutes",
            Kind::Whole(1, TTL_MAX_MINUTES),
            "How long it is good; 60 where absent.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Creation, Refusal> {
        let ttl_minutes = fields.whole("ttl_minutes", 1..=TTL_MAX_MINUTES)?;
        Ok(Creation {
            ttl_minutes: ttl_minutes.unwrap_or(TTL_DEFAULT_MINUTES),
        })
    }
}

async fn create(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(Creation { ttl_minutes }): Body<Creation>,
) -> Result<Json<MemberToken>, ApiError> {
    let view = state.ledger.account(&id).await?;
    let account = view.account.id;
    let expires_s = state
        .ledger
        .now()
        .as_second()
        .saturating_add(ttl_minutes.saturating_mul(60));
    let expires_at = Timestamp::from_second(expires_s)
        .map_err(|_| Refusal::invalid("ttl_minutes", "`ttl_minutes` is too large."))?;
    Ok(Json(MemberToken {
        object: "member_token",
        token: token(&state.api_key, state.mode, &account, expires_s),
        account,
        expires_at,
    }))
}

/// The token by which the member's page sees this account until that Unix second.
#[must_use]
pub fn token(key: &ApiKey, mode: Mode, account: &str, expires_s: i64) -> String {
    let signature = key.sign(&message(mode, account, &expires_s.to_string()));
    format!("{PREFIX}{account}.{expires_s}.{signature}")
}

/// What is signed. Ids hold no spaces, so that no two messages are alike.
fn message(mode: Mode, account: &str, expiry: &str) -> String {
    let mode = match mode {
        Mode::Live => "live",
        Mode::Sandbox => "sandbox",
    };
    format!("member_token {mode} {account} {expiry}")
}

/// The refusal of what a page may do in a member's name only.
pub(crate) fn not_shown() -> Refusal {
    let message = "With a publishable key a member's token must be shown, in the header \
                   `X-Member-Token: mt_…`; your server gets it from \
                   POST /v1/loyalty/accounts/{id}/member_token.";
    Refusal::new(Code::ScopeInsufficient, message)
}

/// Whether a request shows a member's token, be it a good one or not.
pub(crate) fn is_shown(headers: &HeaderMap) -> bool {
    headers.contains_key(MEMBER_TOKEN)
}

/// The account whose token a request shows.
///
/// # Errors
/// `scope_insufficient` where it shows none, or one that is no longer good or never was.
pub(crate) fn shown(state: &AppState, headers: &HeaderMap) -> Result<String, Refusal> {
    let shown = headers.get(MEMBER_TOKEN).ok_or_else(not_shown)?;
    let now_s = state.ledger.now().as_second();
    let account = shown
        .to_str()
        .ok()
        .and_then(|text| account_in(text, &state.api_key, state.mode, now_s));
    account.ok_or_else(|| {
        let message = "The member's token has expired or is none; ask your server for a new one.";
        Refusal::new(Code::ScopeInsufficient, message)
    })
}

/// The account that a token is good for at that Unix second; `None` where it is forged, another
/// mode's, or no longer good.
#[must_use]
pub fn account_in(text: &str, key: &ApiKey, mode: Mode, now_s: i64) -> Option<String> {
    let (rest, signature) = text.strip_prefix(PREFIX)?.rsplit_once('.')?;
    let (account, expiry) = rest.rsplit_once('.')?;
    let expires_s: i64 = expiry.parse().ok()?;
    let is_signed = key.has_signed(&message(mode, account, expiry), signature);
    let is_good = is_signed && now_s < expires_s && id::check("account", account).is_ok();
    is_good.then(|| account.to_owned())
}

/// An account as the page of its member sees it.
#[derive(Debug, Serialize)]
pub(crate) struct MemberView {
    id: String,
    object: &'static str,
    program: String,
    /// What the program calls its points.
    currency: String,
    balance: i64,
    pending: i64,
    lifetime_points: i64,
    store_credit: Vec<CreditBalance>,
    tier: Option<String>,
}

/// The account `id` for the bearer of the token of the account `member`; they are the same, or
/// the one was merged into the other.
///
/// # Errors
/// `resource_missing`, the same for another's account as for none.
pub(crate) async fn view(ledger: &Ledger, member: &str, id: &str) -> Result<MemberView, ApiError> {
    let missing = || Refusal::new(Code::ResourceMissing, format!("No such account: `{id}`."));
    let missing = || ApiError::from(missing().at("account"));
    let AccountView {
        account,
        balance,
        pending,
        store_credit,
        ..
    } = survivor(ledger, member).await?.ok_or_else(missing)?;
    if (id != member && id != account.id) || account.status != Status::Active {
        return Err(missing());
    }
    let program = ledger.program(&account.program).await?;
    Ok(MemberView {
        id: account.id,
        object: "loyalty_account",
        program: account.program,
        currency: program.currency,
        balance,
        pending,
        lifetime_points: account.lifetime_points,
        store_credit,
        tier: account.tier.key,
    })
}

/// What an account became by merges; `None` where there is none.
async fn survivor(ledger: &Ledger, id: &str) -> Result<Option<AccountView>, ApiError> {
    let mut id = id.to_owned();
    for _ in 0..MERGES_MAX {
        let view = match ledger.account(&id).await {
            Ok(view) => view,
            Err(laurel_ledger::Error::Refused(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match view.account.merged_into.clone() {
            Some(into) => id = into,
            None => return Ok(Some(view)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_good_for_one_account_mode_and_time() {
        let key = ApiKey::new("sk_1");
        let good = token(&key, Mode::Live, "loy_a.b", 1_000);
        let read = |text: &str, now_s| account_in(text, &key, Mode::Live, now_s);
        assert_eq!(read(&good, 999).as_deref(), Some("loy_a.b"));
        for late in [1_000, 1_001, i64::MAX] {
            assert_eq!(read(&good, late), None);
        }
        assert_eq!(account_in(&good, &key, Mode::Sandbox, 0), None);
        assert_eq!(account_in(&good, &ApiKey::new("sk_2"), Mode::Live, 0), None);
        for place in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] ^= 1;
            let flipped = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(read(&flipped, 0), None, "{flipped}");
        }
        let longer = good.replace(".1000.", ".+1000.");
        let ever = good.replace(".1000.", ".9223372036854775807.");
        let beyond = good.replace(".1000.", ".9223372036854775808.");
        for wrong in ["", "mt_", "mt_..", "mt_a.b.c", &longer, &ever, &beyond] {
            assert_eq!(read(wrong, 0), None, "{wrong}");
        }
    }
}
