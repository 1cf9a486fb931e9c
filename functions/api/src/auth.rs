//! Where a request shows its key.

use axum::http::{HeaderMap, header};
use laurel_rules::{Code, Refusal};

/// The key that a request shows.
///
/// # Errors
/// `api_key_missing`.
pub(crate) fn shown(headers: &HeaderMap) -> Result<&str, Refusal> {
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
}
