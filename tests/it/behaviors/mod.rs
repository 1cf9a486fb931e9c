//! Any behaviour: what Resonance's clients send, what they configure, and what their article
//! promises, by configuration alone.

mod article;
mod import;
mod manual_event;

use axum::Router;
use laurel_tests::World;
use serde_json::{Value, json};

use crate::calls::{Answer, Call, process};

const MANUAL_EVENT: &str = "/resonance-api/manual-event";
const RULES: &str = "/v1/loyalty/earning_rules";
const IMPORT: &str = "/v1/loyalty/earning_rules/import";
const ANNA: &str = "anna@example.com";

/// A program that enrols by itself, and the API before it.
async fn shop() -> (World, Router) {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let router = process(&world, 0);
    (world, router)
}

/// A behaviour of Anna's, as the article sends it.
async fn trigger(router: &Router, event_type: &str, metadata: Value) -> Answer {
    let body = json!({
        "brandId": "prog_default", "eventType": event_type, "userEmail": ANNA,
        "metadata": metadata,
    });
    Call::post(MANUAL_EVENT, body).at(router).await
}

/// The points that a behaviour of Anna's brings.
async fn points(router: &Router, event_type: &str, metadata: Value) -> i64 {
    let answer = trigger(router, event_type, metadata).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["points"].as_i64().expect("points")
}

async fn import(router: &Router, events: Value) -> Vec<Value> {
    let answer = Call::post(IMPORT, json!({"events": events}))
        .at(router)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["data"].as_array().expect("rules").clone()
}

async fn rule(router: &Router, rule: Value) {
    let made = Call::post(RULES, rule).at(router).await;
    assert_eq!(made.status, 201, "{made:?}");
}
