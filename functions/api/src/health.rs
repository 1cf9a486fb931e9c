//! `/healthz`: whether the process answers. It asks nothing of the table, so that a load
//! balancer's curiosity costs nothing and an outage of the table does not restart the servers.

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

use crate::AppState;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(health))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
