//! The OpenAPI document: it is what the code says, each of its examples is a real answer, and
//! every answer is as its schema has it.

use std::path::Path;

use api::openapi::{document, operation_ids};
use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    examples::{NOT_CALLED, record},
    http::Site,
};

#[tokio::test]
async fn the_document_is_current() {
    let recorder = record().await;
    let examples = recorder.normal();
    let document = document(&examples);
    let missing: Vec<&str> = operation_ids()
        .into_iter()
        .filter(|id| *id != NOT_CALLED && !examples.contains_key(*id))
        .collect();
    assert!(missing.is_empty(), "no example calls {missing:?}");
    check_examples(&document);

    let text = format!(
        "{}\n",
        serde_json::to_string_pretty(&document).expect("JSON")
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("openapi.json can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "openapi.json is stale; `UPDATE=1 cargo test -p laurel-tests openapi` writes it anew"
    );
}

/// Checks each example against the schema beside it, and that no answer has a field that its
/// schema does not name.
fn check_examples(document: &Value) {
    let mut strict = document.clone();
    let schemas = strict["components"]["schemas"]
        .as_object_mut()
        .expect("schemas");
    for schema in schemas.values_mut() {
        if schema.get("additionalProperties").is_none() {
            schema["additionalProperties"] = false.into();
        }
    }
    let mut count = 0;
    for (path, methods) in strict["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let mut contents = vec![&operation["requestBody"]["content"]["application/json"]];
            let responses = operation["responses"].as_object().expect("responses");
            contents.extend(
                responses
                    .values()
                    .map(|it| &it["content"]["application/json"]),
            );
            // Refused requests are examples, too; only answers are held to their schema there.
            for (place, content) in contents.into_iter().enumerate().skip(1) {
                let Some(examples) = content["examples"].as_object() else {
                    continue;
                };
                let schema = json!({
                    "$schema": "https://json-schema.org/draft/2020-12/schema",
                    "components": strict["components"],
                    "allOf": [content["schema"]],
                });
                let validator = jsonschema::validator_for(&schema).expect("a schema");
                for (name, example) in examples {
                    let problems: Vec<String> = validator
                        .iter_errors(&example["value"])
                        .map(|problem| format!("{} at {}", problem, problem.instance_path()))
                        .collect();
                    assert!(
                        problems.is_empty(),
                        "{method} {path} {place} {name}: {problems:?}"
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20, "{count} examples");
}

#[tokio::test]
async fn the_document_is_served_without_a_key() {
    let site = Site::new().await;
    let request = axum::http::Request::get("/openapi.json")
        .body(Body::empty())
        .expect("a request");
    let (status, served) = site.send(request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(served["openapi"], "3.1.0");
}
