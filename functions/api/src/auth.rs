//! Whose request it is.

use std::fmt;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use laurel_rules::{Code, Refusal};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{AppState, error::ApiError};

/// A secret key, kept as its hash only.
#[derive(Clone)]
pub struct ApiKey {
    hash: [u8; 32],
}

impl ApiKey {
    /// The key with this text.
    #[must_use]
    pub fn new(text: &str) -> ApiKey {
        ApiKey {
            hash: Sha256::digest(text).into(),
        }
    }

    /// Whether `text` is this key, in a time that tells nothing of either, not even a length.
    fn is(&self, text: &str) -> bool {
        ApiKey::new(text).hash.ct_eq(&self.hash).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Lets requests through that show the key. `OPTIONS` needs none: it tells methods only.
pub(crate) async fn check(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if request.method() != Method::OPTIONS {
        let shown = shown(request.headers())?;
        if !state.api_key.is(shown) {
            let message = "There is no such API key, or it was revoked.";
            return Err(Refusal::new(Code::ApiKeyInvalid, message).into());
        }
    }
    Ok(next.run(request).await)
}

/// The key that a request shows.
fn shown(headers: &HeaderMap) -> Result<&str, Refusal> {
    if let Some(key) = headers.get("x-api-key") {
        return readable(key.to_str().ok());
    }
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return Err(missing());
    };
    let bearer = authorization.to_str().ok().and_then(|text| {
        let (scheme, key) = text.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key)
    });
    readable(bearer)
}

fn readable(key: Option<&str>) -> Result<&str, Refusal> {
    key.map(str::trim)
        .filter(|key| !key.is_empty())
        .ok_or_else(missing)
}

fn missing() -> Refusal {
    Refusal::new(
        Code::ApiKeyMissing,
        "Show your API key in the header `X-Api-Key: …` or `Authorization: Bearer …`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs<'a> = &'a [(&'static str, &'a str)];

    fn headers(pairs: Pairs<'_>) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                axum::http::HeaderName::from_static(name),
                value.parse().expect("a header value"),
            )
        });
        pairs.collect()
    }

    #[test]
    fn where_keys_are_looked_for() {
        let table: [(Pairs<'_>, Option<&str>); 10] = [
            (&[("x-api-key", "sk_1")], Some("sk_1")),
            (&[("x-api-key", " sk_1 ")], Some("sk_1")),
            (&[("authorization", "Bearer sk_1")], Some("sk_1")),
            (&[("authorization", "bearer   sk_1")], Some("sk_1")),
            (
                &[("x-api-key", "sk_1"), ("authorization", "Bearer sk_2")],
                Some("sk_1"),
            ),
            (&[], None),
            (&[("x-api-key", "")], None),
            (&[("authorization", "Bearer")], None),
            (&[("authorization", "Bearer ")], None),
            (&[("authorization", "Basic c2tfMTo=")], None),
        ];
        for (pairs, expected) in table {
            assert_eq!(shown(&headers(pairs)).ok(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn only_the_very_key_is_the_key() {
        let key = ApiKey::new("sk_test_local");
        assert!(key.is("sk_test_local"));
        for other in [
            "",
            "sk_test_loca",
            "sk_test_locaL",
            "sk_test_local ",
            "sk_test_local\0",
        ] {
            assert!(!key.is(other), "{other:?}");
        }
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
    }
}
