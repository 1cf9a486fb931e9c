//! The HTTP API (spec section 7): one axum router, which the Lambda function and the local stack
//! both serve.
//!
//! A request passes, from the outside in: [`request`] (its id, the span, panics, and the one
//! place that writes error bodies), [`auth`] (whose key it is), then the handler of its resource.
//! A handler takes what it needs through extractors: [`body::Body`] and [`query::Query`] turn
//! JSON, forms and query strings into the same [`fields::Fields`], from which each resource reads
//! a struct of its own; whatever it does not know is refused before anything is done.
//!
//! One file per resource: it declares its routes, its fields and its JSON form, and [`router`]
//! merges it. What concerns every route (scopes, rate limits, idempotency) belongs between
//! `auth` and the handlers, as a further layer.

mod accounts;
mod auth;
mod body;
mod earning_rules;
mod error;
mod event_types;
mod events;
mod fields;
mod form;
mod health;
mod list;
mod metadata;
mod naming;
pub mod openapi;
mod path;
mod programs;
mod query;
mod request;
mod routes;
mod sandbox;
mod settings;
mod shape;
mod transactions;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode},
    middleware,
    response::{IntoResponse, Response},
};
use laurel_host::{Bus, Mode};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Refusal};

pub use auth::ApiKey;
use error::ApiError;
use routes::Routes;

/// The largest body that is read, in bytes; a larger one is refused before it is parsed.
pub const BODY_LEN_MAX: usize = 1024 * 1024;

/// What the handlers work with.
#[derive(Clone)]
pub struct AppState {
    /// The table.
    pub ledger: Ledger,
    /// Where events go that are not to be handled at once.
    pub bus: Arc<dyn Bus>,
    /// The key that callers must show.
    pub api_key: ApiKey,
    /// Whether this is a sandbox.
    pub mode: Mode,
}

impl AppState {
    /// The state of a router.
    pub fn new(ledger: Ledger, bus: Arc<dyn Bus>, api_key: ApiKey, mode: Mode) -> AppState {
        let ledger = match mode {
            Mode::Live => ledger,
            Mode::Sandbox => ledger.in_sandbox(),
        };
        AppState {
            ledger,
            bus,
            api_key,
            mode,
        }
    }
}

/// The routes that ask for a key. Whatever is added here is in the OpenAPI document as well.
fn resources() -> Routes {
    programs::routes()
        .merge(earning_rules::routes())
        .merge(accounts::routes())
        .merge(transactions::routes())
        .merge(events::routes())
        .merge(event_types::routes())
}

/// The routes that ask for none.
fn open() -> Routes {
    health::routes().merge(openapi::routes())
}

/// All routes.
pub fn router(state: AppState) -> Router {
    let resources = match state.mode {
        Mode::Live => resources(),
        Mode::Sandbox => resources().merge(sandbox::routes()),
    };
    let authenticated = resources
        .router
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(state.clone(), auth::check));
    Router::new()
        .merge(
            open()
                .router
                .method_not_allowed_fallback(method_not_allowed),
        )
        .merge(authenticated)
        .fallback(no_such_route)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(middleware::from_fn(request::answer))
        .with_state(state)
}

async fn no_such_route() -> ApiError {
    Refusal::new(
        Code::NotFound,
        "There is no such route; see the reference of the API.",
    )
    .into()
}

/// The router adds the `Allow` header, which is all that `OPTIONS` asks for.
async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let message = "This route does not take this method; the `Allow` header names those it takes.";
    ApiError::from(Refusal::new(Code::MethodNotAllowed, message)).into_response()
}
