//! The cookie that remembers a click for as long as it is good.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use laurel_ledger::clicks::CLICK_HOURS;

/// The prefix has browsers refuse it from other hosts, other paths and plain connections.
const NAME: &str = "__Host-laurel_ref";
/// How many cookies of the name are looked at; browsers send one.
const COOKIES_MAX: usize = 4;

/// The tokens that the request brings, unverified.
pub(crate) fn remembered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == NAME).then_some(value)
        })
        .take(COOKIES_MAX)
}

/// Has the browser remember a token.
pub(crate) fn remember(token: &str, headers: &mut HeaderMap) {
    let age_s = CLICK_HOURS * 60 * 60;
    let cookie = format!("{NAME}={token}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age={age_s}");
    // A token is of letters, digits, - and _.
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, value);
    }
}
