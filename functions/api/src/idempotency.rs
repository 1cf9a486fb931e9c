//! `Idempotency-Key`: what was done once under a name is answered, not done again (spec
//! section 7). The table's side is in `shared/ledger/src/idempotency.rs`.
//!
//! | answer | what a repeat meets |
//! | --- | --- |
//! | 2xx, and refusals of what was understood (403, 404, 409 …) | the same answer |
//! | 400, 413, 415: nothing was understood, nothing done | nothing: the name is free again |
//! | 5xx, `conflict`, more than [`BODY_KEPT_MAX`] | it is carried out again, under the same ids |
//!
//! What is kept is sealed: see [`crate::seal`].
//!
//! What the gate refuses (401, 403 for scopes, 429) does not come here.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use laurel_ledger::{Attempt, Begun, KeptAnswer, Ledger};
use laurel_rules::{Code, Refusal};

use crate::{
    body,
    error::{ApiError, ErrorBody, refusal_of},
    naming::Naming,
    seal::Sealer,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotent-replayed";
const NAME_LEN_MAX: usize = 255;

/// The largest body that is kept, in bytes: with the rest of its item it must stay below the
/// 400 kB of DynamoDB.
const BODY_KEPT_MAX: usize = 300_000;
/// How long a request may take in all. With what its last request to the table may take on top a
/// handler ends before its lease does, so that no two are ever at the same request.
const RUN_MAX: Duration = Duration::from_secs(18);
/// How long to wait for another one's answer, within the time that a caller may be kept waiting.
const WAIT_MAX: Duration = Duration::from_secs(15);
const WAIT_FIRST_MS: u64 = 10;
const WAIT_EACH_MAX_MS: u64 = 500;

/// What a sender calls a request, and what seals its answer.
#[derive(Debug, Clone)]
pub(crate) struct RequestName {
    owner: String,
    name: String,
    sealer: Sealer,
}

impl RequestName {
    /// The name in the headers of a request of `owner`, who shows the API key `key`.
    ///
    /// # Errors
    /// `parameter_invalid`.
    pub(crate) fn of(
        headers: &HeaderMap,
        owner: &str,
        key: &str,
    ) -> Result<Option<RequestName>, Refusal> {
        let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let is_printable = |text: &&[u8]| text.iter().all(|byte| (b' '..=b'~').contains(byte));
        let is_name = |text: &&[u8]| (1..=NAME_LEN_MAX).contains(&text.len()) && is_printable(text);
        let name = Some(value.as_bytes()).filter(is_name);
        let name = name.and_then(|text| String::from_utf8(text.to_vec()).ok());
        match (name, values.next()) {
            (Some(name), None) => Ok(Some(RequestName {
                owner: owner.to_owned(),
                name,
                sealer: Sealer::of(key),
            })),
            _ => {
                let message = format!(
                    "The header Idempotency-Key must be there once, with 1 to {NAME_LEN_MAX} \
                     printable ASCII characters."
                );
                Err(Refusal::invalid("Idempotency-Key", message))
            }
        }
    }
}

/// Carries a request out, unless it was: then it answers as it did.
///
/// # Errors
/// `idempotency_key_reused`; `conflict` where another one is at it and does not come to an end.
pub(crate) async fn once(
    ledger: &Ledger,
    name: &RequestName,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let until = tokio::time::Instant::now() + RUN_MAX;
    let (mut parts, body) = request.into_parts();
    let copy = Request::from_parts(parts.clone(), body);
    let body = Bytes::from_request(copy, &()).await;
    let body = body.map_err(|rejection| body::unreadable(&rejection))?;
    let digest = digest(&name.sealer, &parts, &body);
    let attempt = match begin(ledger, name, &digest).await? {
        Ok(attempt) => attempt,
        Err(answer) => return Ok(replay(answer)),
    };
    parts.extensions.insert(Naming(attempt.seed));
    let handling = next.run(Request::from_parts(parts, Body::from(body)));
    let Ok(response) = tokio::time::timeout_at(until, handling).await else {
        // The lease is left to run out: something of it may still be under way.
        let message = "This took too long; repeat the request with the same Idempotency-Key.";
        return Err(Refusal::new(Code::Unavailable, message).into());
    };
    Ok(finish(ledger, &attempt, name, &digest, response).await)
}

/// Takes the request up, or waits for the answer of whoever is at it.
async fn begin(
    ledger: &Ledger,
    request: &RequestName,
    digest: &str,
) -> Result<Result<Attempt, KeptAnswer>, ApiError> {
    let RequestName {
        owner,
        name,
        sealer,
    } = request;
    let until = tokio::time::Instant::now() + WAIT_MAX;
    let mut wait_ms = WAIT_FIRST_MS;
    loop {
        match ledger.begin(owner, name, digest).await? {
            Begun::Run(attempt) => return Ok(Ok(attempt)),
            Begun::Done(answer) => {
                let opened = sealer.open(digest, &answer.body).ok_or_else(|| {
                    tracing::error!("a kept answer cannot be opened");
                    Refusal::new(Code::Internal, "The first answer is lost.")
                })?;
                return Ok(Err(KeptAnswer {
                    body: opened,
                    ..answer
                }));
            }
            Begun::Other => {
                let message = "This Idempotency-Key was used with another request within the last \
                               24 hours; use a new one.";
                return Err(Refusal::new(Code::IdempotencyKeyReused, message).into());
            }
            Begun::Running => {}
        }
        loop {
            if tokio::time::Instant::now() >= until {
                let message = "The first request with this Idempotency-Key is still under way; \
                               repeat this one in a few seconds.";
                return Err(Refusal::new(Code::Conflict, message).into());
            }
            // Many may wait for one answer: they spread out.
            let pause_ms = wait_ms / 2 + fastrand::u64(0..=wait_ms / 2);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            wait_ms = (wait_ms * 2).min(WAIT_EACH_MAX_MS);
            if !ledger.is_running(owner, name).await? {
                break;
            }
        }
    }
}

/// What stands for a request: the same for the same request under the same API key only.
fn digest(sealer: &Sealer, parts: &axum::http::request::Parts, body: &[u8]) -> String {
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.map_or(&b""[..], HeaderValue::as_bytes);
    let uri = parts.uri.path_and_query().map_or("", |uri| uri.as_str());
    sealer.digest(&[
        parts.method.as_str().as_bytes(),
        uri.as_bytes(),
        content_type,
        body,
    ])
}

/// What becomes of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Forgotten,
    Repeated,
}

fn fate(status: StatusCode, code: Option<&str>) -> Fate {
    let is_passing = status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || code == Some("conflict");
    match status {
        _ if is_passing => Fate::Repeated,
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => Fate::Forgotten,
        _ => Fate::Kept,
    }
}

async fn finish(
    ledger: &Ledger,
    attempt: &Attempt,
    request: &RequestName,
    digest: &str,
    response: Response,
) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        let message = "The answer could not be read to its end; repeat the request.";
        return ApiError::from(Refusal::new(Code::Internal, message)).into_response();
    };
    let error = parts.extensions.get::<ErrorBody>();
    let code = error.and_then(|ErrorBody(error)| error["code"].as_str());
    let kept = match fate(parts.status, code) {
        Fate::Repeated => ledger.give_up(attempt).await,
        Fate::Forgotten => ledger.forget(attempt).await,
        Fate::Kept if body.len() > BODY_KEPT_MAX => ledger.give_up(attempt).await,
        Fate::Kept => {
            let content_type = parts.headers.get(header::CONTENT_TYPE);
            let plain = match error {
                Some(ErrorBody(error)) => error.to_string().into_bytes(),
                None => body.to_vec(),
            };
            let kept = request
                .sealer
                .seal(digest, &plain)
                .map(|sealed| KeptAnswer {
                    status: parts.status.as_u16(),
                    content_type: content_type
                        .and_then(|kind| kind.to_str().ok())
                        .map(str::to_owned),
                    body: sealed,
                    is_error: error.is_some(),
                });
            match kept {
                Ok(answer) => ledger.keep(attempt, &answer).await,
                // Without it a repeat finds what was made by its ids.
                Err(_) => ledger.give_up(attempt).await,
            }
        }
    };
    match kept {
        // Another one took the request over; there is one answer to it, which is theirs.
        Ok(false) => {
            if let Ok(Err(answer)) = begin(ledger, request, digest).await {
                return replay(answer);
            }
        }
        Ok(true) => {}
        // What was done is done: a repeat finds it by its ids.
        Err(error) => tracing::warn!(
            reason = refusal_of(&error).message,
            "an answer could not be kept"
        ),
    }
    Response::from_parts(parts, Body::from(body))
}

fn replay(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let content_type = answer.content_type.as_deref().map(HeaderValue::from_str);
    if let Some(Ok(content_type)) = content_type {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if answer.is_error {
        let error = serde_json::from_slice(&answer.body).unwrap_or_default();
        response.extensions_mut().insert(ErrorBody(error));
    } else {
        *response.body_mut() = Body::from(answer.body);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(values: &[&[u8]]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).expect("a header value");
            headers.append(IDEMPOTENCY_KEY, value);
        }
        RequestName::of(&headers, "root", "sk_1")
            .map(|name| name.map(|name| name.name))
            .map_err(|refusal| refusal.code.as_str())
    }

    #[test]
    fn names_table() {
        let longest = "x".repeat(NAME_LEN_MAX);
        let longer = "x".repeat(NAME_LEN_MAX + 1);
        assert_eq!(name(&[]), Ok(None));
        for fine in ["a", "a b~!#", &longest] {
            assert_eq!(name(&[fine.as_bytes()]), Ok(Some(fine.to_owned())));
        }
        let wrong: [&[&[u8]]; 5] = [
            &[b""],
            &[longer.as_bytes()],
            &[b"a\tb"],
            &["é".as_bytes()],
            &[b"a", b"a"],
        ];
        for values in wrong {
            assert_eq!(name(values), Err("parameter_invalid"), "{values:?}");
        }
    }

    #[test]
    fn fates_table() {
        let table = [
            (200, None, Fate::Kept),
            (201, None, Fate::Kept),
            (202, None, Fate::Kept),
            (403, Some("scope_insufficient"), Fate::Kept),
            (404, Some("resource_missing"), Fate::Kept),
            (409, Some("account_already_exists"), Fate::Kept),
            (409, Some("conflict"), Fate::Repeated),
            (429, Some("rate_limited"), Fate::Repeated),
            (500, Some("internal_error"), Fate::Repeated),
            (503, Some("unavailable"), Fate::Repeated),
            (400, Some("parameter_invalid"), Fate::Forgotten),
            (413, Some("body_too_large"), Fate::Forgotten),
            (415, Some("unsupported_media_type"), Fate::Forgotten),
        ];
        for (status, code, expected) in table {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(fate(status, code), expected, "{status} {code:?}");
        }
    }
}
