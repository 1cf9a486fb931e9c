//! A receiver on loopback that answers as it is told and remembers what it got.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response},
};
use laurel_webhooks::{Secret, signature};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// How a receiver answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    Status(u16),
    /// With one header.
    With(u16, &'static str, &'static str),
    /// With a body of this many bytes.
    Body(u16, usize),
    /// Never.
    Hang,
}

/// A request that was received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Verifies both signatures, at the time that they name.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let secret = Secret::parse(secret).expect("a secret");
        let unix = self.header("webhook-timestamp");
        let now_s = unix.parse().expect("seconds");
        let (own, standard) = (
            self.header("x-vinr-signature"),
            self.header("webhook-signature"),
        );
        let body = self.body.as_bytes();
        let own = signature::verify(&secret, own, body, now_s);
        let standard = signature::verify_standard(&secret, self.id(), unix, standard, body, now_s);
        assert_eq!(own, standard, "both or neither");
        own.is_ok()
    }
}

#[derive(Clone)]
struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    then: Reply,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A server that stops when it is dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    script: Script,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    /// Answers with `replies`, then always with `then`.
    pub(crate) async fn start(replies: &[Reply], then: Reply) -> Receiver {
        let script = Script {
            replies: Arc::new(Mutex::new(replies.iter().copied().collect())),
            then,
            received: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!(
            "http://{}/hook?a=b",
            listener.local_addr().expect("an address")
        );
        let router = Router::new().fallback(answer).with_state(script.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("serves");
        });
        Receiver {
            url,
            script,
            server,
        }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.script.received.lock().expect("a lock").clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn has(&self, count: usize) {
        let waiting = async {
            while self.received().len() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // Only so that a test that fails ends: a busy machine takes its time.
        let waited = tokio::time::timeout(Duration::from_secs(600), waiting).await;
        assert!(waited.is_ok(), "{} of {count}", self.received().len());
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("a body");
    script.received.lock().expect("a lock").push(Received {
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    });
    let reply = script.replies.lock().expect("a lock").pop_front();
    let response = Response::builder();
    let response = match reply.unwrap_or(script.then) {
        Reply::Status(status) => response.status(status).body(Body::from("seen")),
        Reply::With(status, name, value) => response
            .status(status)
            .header(name, value)
            .body(Body::empty()),
        Reply::Body(status, length) => response.status(status).body(Body::from("x".repeat(length))),
        Reply::Hang => std::future::pending().await,
    };
    response.expect("a response")
}
