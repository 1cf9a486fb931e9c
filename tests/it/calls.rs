//! Calls of the API as any of its callers may make them.

use std::sync::Arc;

use api::{ApiKey, AppState};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use futures::future::BoxFuture;
use laurel_host::{Bus, BusEvent, Mode, SendError};
use laurel_tests::World;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const ROOT: &str = "sk_test_local";

/// A bus that takes everything and keeps nothing.
pub(crate) struct Sink;

impl Bus for Sink {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        Box::pin(async move { Ok(events.iter().map(|_| Ok(())).collect()) })
    }
}

/// The API as a process of its own has it, on the world's table.
pub(crate) fn process(world: &World, rate_limit: u32) -> Router {
    let state = AppState::new(
        world.another_ledger(),
        Arc::new(Sink),
        ApiKey::new(ROOT),
        Mode::Sandbox,
    );
    api::router(state.with_rate_limit(rate_limit))
}

/// A call to be made.
#[derive(Clone)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Call {
        Call::new("GET", path, None)
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Call {
        Call::new("POST", path, Some(body))
    }

    pub(crate) fn new(method: &'static str, path: impl Into<String>, body: Option<Value>) -> Call {
        Call {
            method,
            path: path.into(),
            headers: Vec::new(),
            body,
        }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Call {
        self.headers.push((header, value.to_owned()));
        self
    }

    /// The operation that this is one of.
    pub(crate) fn operation(&self) -> Option<&'static str> {
        let path = self.path.split('?').next().unwrap_or_default();
        api::openapi::operation_of(self.method, path)
    }

    /// With the key; without this it is the stack's own.
    pub(crate) fn by(self, key: &str) -> Call {
        self.with("x-api-key", key)
    }

    /// Under this Idempotency-Key.
    pub(crate) fn named(self, name: &str) -> Call {
        self.with("idempotency-key", name)
    }

    pub(crate) async fn at(&self, router: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, default) in [("x-api-key", ROOT), ("content-type", "application/json")] {
            if !self.headers.iter().any(|(given, _)| *given == name) {
                request = request.header(name, default);
            }
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = self.body.as_ref();
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).expect("a request");
        let answer = router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The body without what is another with each request.
    pub(crate) fn content(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("request_id");
        }
        body
    }

    pub(crate) fn id(&self) -> String {
        let id = self.body["id"].as_str();
        id.unwrap_or_else(|| panic!("no id: {self:?}")).to_owned()
    }

    pub(crate) fn is_replayed(&self) -> bool {
        self.headers.contains_key("idempotent-replayed")
    }
}

/// Makes a key and answers its text.
pub(crate) async fn key(router: &Router, fields: Value) -> String {
    let made = Call::post("/v1/api_keys", fields).at(router).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["secret"].as_str().expect("a secret").to_owned()
}

/// Makes an account and answers its id.
pub(crate) async fn account(router: &Router, program: &str, customer: &str) -> String {
    let fields = json!({"program": program, "customer": customer});
    let made = Call::post("/v1/loyalty/accounts", fields).at(router).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}
