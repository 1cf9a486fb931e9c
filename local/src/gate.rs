//! What stands around the API locally: API Gateway in front of it, and a look at what on AWS is in
//! the console.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{bus::LocalBus, dead_letters::DeadLetterList, embedded::Embedded, template::Template};

/// Lets through what the template routes, and answers the rest as API Gateway does.
pub(crate) fn behind_routes(api: Router, template: Arc<Template>) -> Router {
    let gated = Router::new().fallback_service(api);
    gated.layer(middleware::from_fn_with_state(template, gate))
}

async fn gate(State(template): State<Arc<Template>>, request: Request, next: Next) -> Response {
    if template.routes(request.method().as_str(), request.uri().path()) {
        return next.run(request).await;
    }
    (StatusCode::NOT_FOUND, Json(json!({"message": "Not Found"}))).into_response()
}

/// Dead letters, events and usage.
pub(crate) fn console(dead_letters: DeadLetterList, bus: Arc<LocalBus>, store: Embedded) -> Router {
    Router::new()
        .route(
            "/_local/dead_letters",
            get(move || answer(dead_letters.to_json())),
        )
        .route(
            "/_local/events",
            get(move || answer(json!({"object": "list", "data": bus.seen(), "has_more": false}))),
        )
        .route(
            "/_local/usage",
            get(move || {
                let usage = store.usage();
                answer(json!({
                    "object": "usage",
                    "requests": usage.requests,
                    "errors": usage.errors,
                    "read_units": usage.read_units(),
                    "write_units": usage.write_units,
                }))
            }),
        )
}

async fn answer(value: Value) -> Json<Value> {
    Json(value)
}
