//! Requests of the HTTP API: paths, queries and bodies, through everything that reads them.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use api::{ApiKey, AppState, openapi, router};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{
        Method, Request, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use futures::future::BoxFuture;
use laurel_host::{Bus, BusEvent, DeliveryQueue, Mode, QueuedDelivery, SendError};
use laurel_ledger::Seed;
use laurel_rules::{Program, decide::NewAccount};
use laurel_webhooks::target::Policy;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use crate::{NOW, run, table::Table};

const KEY: &str = "sk_test_fuzzed";
const PROGRAM: &str = "prog_default";

/// Takes everything.
struct Sink;

impl Bus for Sink {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        Box::pin(std::future::ready(Ok(events
            .iter()
            .map(|_| Ok(()))
            .collect())))
    }
}

impl DeliveryQueue for Sink {
    fn send(&self, _: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The API on a table with a program and a member, `loy_1`.
static API: LazyLock<Router> = LazyLock::new(|| {
    let table = Table::default();
    let ledger = table.ledger();
    run(async {
        let program = Program::new(PROGRAM, "salt", *NOW);
        let created = ledger.create_program(program, "set up").await;
        created.expect("a program");
        let new = NewAccount {
            id: Some("loy_1".to_owned()),
            program: PROGRAM.to_owned(),
            customer: Some("cust_1".to_owned()),
            ..NewAccount::default()
        };
        let seed = Seed::parse(&"0".repeat(26)).expect("a seed");
        ledger.create_account(new, seed).await.expect("an account");
    });
    table.freeze();
    let sink = Arc::new(Sink);
    let state = AppState::new(
        ledger,
        Arc::clone(&sink) as Arc<dyn Bus>,
        ApiKey::new(KEY),
        Mode::Sandbox,
    );
    router(state.with_webhooks(sink, Policy::default()))
});

/// The fields of a call, each with whether it may be null.
type Settable = BTreeMap<String, bool>;

/// The fields that calls that create something take, by path: of what is configured and can be
/// created from what it is told as.
static CREATED_FROM: LazyLock<BTreeMap<&str, Settable>> = LazyLock::new(|| {
    let document = openapi::document(&BTreeMap::new());
    let fields = |path: &str| {
        let schema = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
            ["schema"];
        let name = schema["$ref"].as_str().expect("a schema by name");
        let schema = document.pointer(&name[1..]).expect("a schema");
        let fields = schema["properties"].as_object().expect("fields");
        let with_null = |(name, schema): (&String, &Value)| (name.clone(), may_be_null(schema));
        fields.iter().map(with_null).collect()
    };
    let paths = [
        "/v1/event_types",
        "/v1/loyalty/campaigns",
        "/v1/loyalty/earning_rules",
        "/v1/loyalty/rewards",
        "/v1/loyalty/segments",
        "/v1/loyalty/tiers",
        "/v1/webhook_endpoints",
    ];
    paths.into_iter().map(|path| (path, fields(path))).collect()
});

fn may_be_null(schema: &Value) -> bool {
    let is_one = |list: &Value, null: &Value| {
        let mut all = list.as_array().into_iter().flatten();
        all.any(|one| one == null)
    };
    is_one(&schema["type"], &json!("null")) || is_one(&schema["anyOf"], &json!({"type": "null"}))
}

struct Answer {
    status: StatusCode,
    body: Value,
}

/// Every request has an answer of its form, which tells what is wrong, where anything is; and what
/// is created from what it is told as is the same. An input is a method and a path, the type of
/// the body, and the body, each on a line of its own but the last.
///
/// # Panics
/// Where that does not hold.
pub fn requests(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (Ok(line), Ok(kind), body) = (
        std::str::from_utf8(part()),
        std::str::from_utf8(part()),
        part(),
    ) else {
        return;
    };
    let Some((method, path)) = line.split_once(' ') else {
        return;
    };
    let Some(answer) = send(method, path, kind, body) else {
        return;
    };
    if !answer.status.is_success() {
        check_error(&answer, line);
    } else if method == "POST"
        && let Some(fields) = CREATED_FROM.get(path)
    {
        check_created(path, fields, answer.body);
    }
}

/// Sends a request; `None` for what is none.
fn send(method: &str, path: &str, kind: &str, body: &[u8]) -> Option<Answer> {
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let is_head = method == Method::HEAD;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, format!("Bearer {KEY}"));
    if !kind.is_empty() {
        request = request.header(CONTENT_TYPE, kind);
    }
    let request = request.body(Body::from(body.to_vec())).ok()?;
    let router = API.clone();
    run(async {
        let response = router.oneshot(request).await.expect("a response");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        assert!(parts.headers.contains_key("request-id"), "{path}");
        let is_json = parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/json");
        let body = match is_json && !is_head {
            true => serde_json::from_slice(&bytes).expect("JSON"),
            false => Value::Null,
        };
        (!is_head).then_some(Answer {
            status: parts.status,
            body,
        })
    })
}

/// An error names what is wrong; the table answers always, so that none is the engine's own.
fn check_error(answer: &Answer, line: &str) {
    let error = &answer.body["error"];
    assert!(
        answer.status.is_client_error(),
        "{line}: {} {error}",
        answer.status
    );
    for name in ["type", "code", "message", "request_id"] {
        let text = error[name].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{line}: no {name} in {error}");
    }
    let param = &error["param"];
    assert!(param.is_null() || param.is_string(), "{line}: {error}");
}

/// What was created, told back as it was told, makes the same again.
fn check_created(path: &str, fields: &Settable, created: Value) {
    let told = settable(&created, fields);
    let body = Value::Object(told.clone()).to_string();
    let again = send("POST", path, "application/json", body.as_bytes()).expect("an answer");
    assert!(again.status.is_success(), "{path} {body}: {}", again.body);
    assert_eq!(settable(&again.body, fields), told, "{path}");
}

/// What of an object a call that creates one takes.
fn settable(object: &Value, fields: &Settable) -> Map<String, Value> {
    let all = object.as_object().into_iter().flatten();
    let told = all.filter(|(name, value)| {
        fields
            .get(*name)
            .is_some_and(|may_be_null| *may_be_null || !value.is_null())
    });
    told.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_created_and_something_refused() {
        let tier = json!({"name": "Gold", "key": "gold", "threshold": 100}).to_string();
        let sent = |body: &[u8]| {
            let answer = send("POST", "/v1/loyalty/tiers", "application/json", body);
            answer.expect("an answer").status.as_u16()
        };
        assert_eq!((sent(tier.as_bytes()), sent(b"{}")), (201, 400));
    }
}
