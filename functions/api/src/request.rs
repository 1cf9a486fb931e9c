//! What every request gets: an id, a span, an answer even after a panic, and one form of errors.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    Json,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use laurel_rules::{Code, Refusal};
use serde_json::json;
use tracing::Instrument;

use crate::error::{ApiError, ErrorBody};

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// The outermost layer.
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let id = new_id();
    // The route as declared: a path would put ids of people into the log.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        request_id = id,
        method = %request.method(),
        route = route.as_deref().unwrap_or("none"),
    );
    async move {
        let started = Instant::now();
        // A bug in one handler must not take the connection, or the function, with it. Nothing
        // that a handler shares is left half changed by a panic: the table is all its state.
        let handled = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let response = handled.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            ApiError::from(Refusal::new(
                Code::Internal,
                "Something is wrong on our side; it was logged under this request's id.",
            ))
            .into_response()
        });
        let response = finish(response, &id);
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), latency_ms, "answered");
        response
    }
    .instrument(span)
    .await
}

/// Writes the body of an error, and the headers that every answer has.
fn finish(mut response: Response, id: &str) -> Response {
    if let Some(ErrorBody(mut error)) = response.extensions_mut().remove::<ErrorBody>() {
        tracing::debug!(code = %error["code"], param = %error["param"], "refused");
        error["request_id"] = id.into();
        let (parts, body) = Json(json!({ "error": error })).into_response().into_parts();
        *response.body_mut() = body;
        // The length that the router noted is that of the empty body before.
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(parts.headers);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    // Answers hold personal data and balances of this very moment.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An id to find the request by in the log; it guards nothing.
fn new_id() -> String {
    let random = std::iter::repeat_with(fastrand::alphanumeric).take(20);
    format!("req_{}", random.collect::<String>())
}
