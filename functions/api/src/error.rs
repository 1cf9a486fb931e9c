//! Refusals as HTTP answers.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use laurel_events::object;
use laurel_rules::{Code, Refusal};
use serde_json::Value;

/// Why a call was not carried out.
///
/// As a response it is the status and an [`ErrorBody`]: the body names the request's id, which
/// [`crate::request::answer`] knows, and is written there, for every route alike.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Refusal);

/// What is inside of `{error: …}`, but for the request's id.
#[derive(Debug, Clone)]
pub(crate) struct ErrorBody(pub(crate) Value);

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> ApiError {
        ApiError(refusal)
    }
}

impl From<laurel_ledger::Error> for ApiError {
    fn from(error: laurel_ledger::Error) -> ApiError {
        ApiError(refusal_of(&error))
    }
}

/// What the caller learns of an error of the ledger. What the caller cannot help is logged here,
/// once, with its causes, which the answer leaves out.
pub(crate) fn refusal_of(error: &laurel_ledger::Error) -> Refusal {
    let refusal = error.refusal();
    if refusal.code.status() >= 500 {
        tracing::error!(error = error as &dyn std::error::Error, "the ledger failed");
    }
    refusal
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.0.code;
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        match code {
            Code::ApiKeyMissing | Code::ApiKeyInvalid => {
                let challenge = HeaderValue::from_static("Bearer realm=\"laurel\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            Code::Unavailable | Code::Conflict => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        let body = ErrorBody(object::error(&self.0));
        response.extensions_mut().insert(body);
        response
    }
}
