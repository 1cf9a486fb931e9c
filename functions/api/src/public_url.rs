//! The address that links to landing pages begin with.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};

use crate::{AppState, routes::Input};

/// Scheme and host, without a path: as it is configured, else the host that the request names.
pub(crate) struct PublicUrl(Arc<str>);

impl PublicUrl {
    /// The page of a referral code.
    pub(crate) fn of_code(&self, code: &str) -> String {
        let PublicUrl(base) = self;
        format!("{base}/r/{code}")
    }
}

impl Input for PublicUrl {}

impl FromRequestParts<AppState> for PublicUrl {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<PublicUrl, Infallible> {
        let configured = state.public_url.clone();
        Ok(PublicUrl(configured.unwrap_or_else(|| {
            asked_host(&parts.uri, &parts.headers).into()
        })))
    }
}

/// The host that a request names; only its sender is told of it.
fn asked_host(uri: &Uri, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let named = text(header::HOST).or_else(|| Some(uri.authority()?.as_str()));
    let is_host = |host: &&str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
        !host.is_empty() && host.bytes().all(fits)
    };
    let host = named.filter(is_host).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    // Whoever stands in front of the API ends the encryption, so that the connection does not
    // tell whether there is any.
    let scheme = if is_here { "http" } else { "https" };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_request_table() {
        let table = [
            (Some("shop.example.com"), "https://shop.example.com"),
            (Some("127.0.0.1:8787"), "http://127.0.0.1:8787"),
            (Some("localhost:8787"), "http://localhost:8787"),
            (Some("[::1]:8787"), "http://[::1]:8787"),
            (Some("evil.example.com/\"x"), "http://localhost"),
            (Some(""), "http://localhost"),
            (None, "http://localhost"),
        ];
        for (host, expected) in table {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(header::HOST, host.parse().expect("a header value"));
            }
            let found = asked_host(&Uri::from_static("/v1"), &headers);
            assert_eq!(found, expected, "{host:?}");
        }
    }
}
