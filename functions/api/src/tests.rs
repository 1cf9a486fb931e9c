//! The router as a client meets it, as far as it answers without a table: the store here refuses
//! every call. What the table answers is tested end to end, in `tests/` of the workspace.

mod events;
mod refusals;
mod sandbox;

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use futures::future::BoxFuture;
use laurel_host::{Bus, BusEvent, Mode, SendError};
use laurel_ledger::{Ledger, SystemClock};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{ApiKey, AppState, BODY_LEN_MAX, router};

#[derive(Default)]
struct RecordingBus(Mutex<Vec<BusEvent>>);

impl Bus for RecordingBus {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        let results = events.iter().map(|_| Ok(())).collect();
        self.0.lock().expect("no panic before").extend(events);
        Box::pin(async move { Ok(results) })
    }
}

struct Client {
    router: Router,
    bus: Arc<RecordingBus>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Client {
    fn new() -> Client {
        Client::in_mode(Mode::Sandbox)
    }

    fn in_mode(mode: Mode) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .retry_config(RetryConfig::disabled())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let bus = Arc::new(RecordingBus::default());
        let ledger = Ledger::new(client, "laurel", Arc::new(SystemClock));
        let state = AppState::new(ledger, bus.clone(), ApiKey::new("sk_test"), mode);
        Client {
            router: router(state),
            bus,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).expect("JSON")
        };
        if let Some(length) = parts.headers.get(header::CONTENT_LENGTH) {
            assert_eq!(length.to_str().ok(), Some(bytes.len().to_string().as_str()));
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn call(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", "sk_test");
        self.send(request.body(body.into()).expect("a request"))
            .await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body.to_string()).await
    }
}

impl Answer {
    fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    fn param(&self) -> Option<&str> {
        self.body["error"]["param"].as_str()
    }
}

const ROUTES: [&str; 17] = [
    "/v1/loyalty/programs",
    "/v1/loyalty/programs/prog_1",
    "/v1/loyalty/accounts",
    "/v1/loyalty/accounts/loy_1",
    "/v1/loyalty/earning_rules",
    "/v1/loyalty/earning_rules/rule_1",
    "/v1/loyalty/transactions",
    "/v1/loyalty/transactions/ptx_1_1_0",
    "/v1/loyalty/points_transactions",
    "/v1/loyalty/points_transactions/ptx_1_1_0",
    "/v1/event_types",
    "/v1/event_types/signup",
    "/v1/sandbox/clock",
    "/v1/sandbox/payments",
    "/v1/sandbox/payments/pay_1",
    "/v1/api_keys",
    "/v1/api_keys/key_1",
];

#[tokio::test]
async fn every_error_has_the_same_form() {
    let client = Client::new();
    let answer = client.call(Method::GET, "/v1/loyalty/nothing", "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let id = answer.headers["request-id"].to_str().expect("text");
    assert!(id.starts_with("req_") && id.len() == 24, "{id}");
    let error = &answer.body["error"];
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["code"], "not_found");
    assert_eq!(error["request_id"], id);
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.ends_with('.'))
    );
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn every_route_asks_for_the_key() {
    let client = Client::new();
    for path in ROUTES.into_iter().chain(["/v1/events"]) {
        for method in [Method::GET, Method::POST, Method::PUT] {
            let request = Request::builder().method(method.clone()).uri(path);
            let answer = client
                .send(request.body(Body::empty()).expect("a request"))
                .await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.code(), "api_key_missing");
            assert_eq!(answer.body["error"]["type"], "authentication_error");
            assert_eq!(
                answer.headers[header::WWW_AUTHENTICATE],
                "Bearer realm=\"laurel\""
            );
        }
    }
    for (name, value) in [
        ("x-api-key", "sk_wrong"),
        ("authorization", "Bearer sk_wrong"),
    ] {
        let request = Request::builder()
            .uri("/v1/loyalty/programs")
            .header(name, value);
        let answer = client
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "api_key_invalid")
        );
        assert!(!answer.body.to_string().contains("sk_wrong"));
    }
}

#[tokio::test]
async fn health_asks_for_nothing() {
    let request = Request::builder()
        .uri("/healthz")
        .body(Body::empty())
        .expect("a request");
    let answer = Client::new().send(request).await;
    assert_eq!(
        (answer.status, answer.body),
        (StatusCode::OK, json!({"status": "ok"}))
    );
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let client = Client::new();
    for (path, allow) in [
        ("/v1/loyalty/programs", "GET,HEAD,POST"),
        (
            "/v1/loyalty/earning_rules/rule_1",
            "GET,HEAD,POST,PATCH,DELETE",
        ),
        ("/v1/loyalty/points_transactions/ptx_1", "GET,HEAD"),
        ("/v1/events", "POST,GET,HEAD"),
        ("/v1/event_types/signup", "GET,HEAD,POST,PATCH,DELETE"),
        ("/v1/sandbox/payments/pay_1/refund", "POST"),
        ("/healthz", "GET,HEAD"),
    ] {
        let answer = client.call(Method::PUT, path, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (405, "method_not_allowed"),
            "{path}"
        );
        assert_eq!(answer.headers[header::ALLOW], allow, "{path}");
        let answer = client.call(Method::OPTIONS, path, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.body),
            (204, Value::Null),
            "{path}"
        );
        assert_eq!(answer.headers[header::ALLOW], allow, "{path}");
    }
}

#[tokio::test]
async fn no_object_has_an_id_that_none_can_have() {
    let client = Client::new();
    let long = "x".repeat(300);
    for id in ["A%23B", "%00", "%F0%9F%8E%81", "%FF", "a%20b", &long] {
        for resource in ["programs", "accounts", "earning_rules", "transactions"] {
            let path = format!("/v1/loyalty/{resource}/{id}");
            let answer = client.call(Method::GET, &path, "").await;
            let got = (answer.status.as_u16(), answer.code());
            assert_eq!(got, (404, "resource_missing"), "{path}");
        }
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let client = Client::new();
    let name = "x".repeat(BODY_LEN_MAX);
    let answer = client
        .post("/v1/loyalty/programs", &json!({ "name": name }))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (413, "body_too_large")
    );
    let fits = format!("{}{{\"x\":1}}", " ".repeat(BODY_LEN_MAX - 7));
    let answer = client
        .call(Method::POST, "/v1/loyalty/accounts", fits)
        .await;
    assert_eq!(
        (answer.code(), answer.param()),
        ("parameter_unknown", Some("x"))
    );
}

#[tokio::test]
async fn unknown_query_parameters_are_refused_everywhere() {
    let client = Client::new();
    for path in ROUTES {
        let answer = client
            .call(Method::GET, &format!("{path}?colour[]=x"), "")
            .await;
        let got = (answer.status.as_u16(), answer.code(), answer.param());
        assert_eq!(got, (400, "parameter_unknown", Some("colour")), "{path}");
    }
    let answer = client
        .call(Method::GET, "/v1/loyalty/transactions?limit=5", "")
        .await;
    assert_eq!(
        (answer.code(), answer.param()),
        ("parameter_missing", Some("account"))
    );
    let path = "/v1/loyalty/transactions?account=loy_1&created[gte]=yesterday";
    let answer = client.call(Method::GET, path, "").await;
    assert_eq!(
        (answer.code(), answer.param()),
        ("parameter_invalid", Some("created.gte"))
    );
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_fault_of_the_caller() {
    let answer = Client::new()
        .call(Method::GET, "/v1/loyalty/accounts/loy_7Qk...", "")
        .await;
    assert!(answer.status.is_server_error(), "{}", answer.body);
    assert_eq!(answer.body["error"]["type"], "api_error");
    assert_eq!(
        answer.body["error"]["request_id"],
        answer.headers["request-id"].to_str().expect("text")
    );
}

#[tokio::test]
async fn a_panic_is_answered() {
    async fn bug() {
        panic!("a bug");
    }
    let router = Router::new()
        .route("/bug", axum::routing::get(bug))
        .layer(axum::middleware::from_fn(crate::request::answer));
    let client = Client {
        router,
        bus: Arc::default(),
    };
    let answer = client.call(Method::GET, "/bug", "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (500, "internal_error")
    );
    assert_eq!(
        answer.body["error"]["request_id"],
        answer.headers["request-id"].to_str().expect("text")
    );
    assert!(!answer.body.to_string().contains("a bug"));
}
