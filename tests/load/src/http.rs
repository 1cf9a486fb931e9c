//! A client that keeps one connection, and opens another when the stack has died or come back.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, sync::watch, time::Instant};

use crate::stack::API_KEY;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the stack listens; nowhere while it is down.
pub(crate) type Address = watch::Receiver<Option<SocketAddr>>;

/// A request, which can be sent again as it is.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    body: Option<Value>,
    key: Option<String>,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Call {
        Call {
            method: "GET",
            path: path.into(),
            body: None,
            key: None,
        }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Call {
        Call {
            method: "POST",
            path: path.into(),
            body: Some(body),
            key: None,
        }
    }

    /// The same under this `Idempotency-Key`.
    pub(crate) fn named(self, key: String) -> Call {
        Call {
            key: Some(key),
            ..self
        }
    }

    fn request(&self) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("host", "127.0.0.1")
            .header("x-api-key", API_KEY)
            .header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        Ok(request.body(Full::new(Bytes::from(body)))?)
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// What `Retry-After` says.
    pub(crate) retry_after_s: Option<u64>,
    /// From sending to the last byte.
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Whether the same request would meet the same answer: everything but what the documentation
    /// says to try again.
    pub(crate) fn is_final(&self) -> bool {
        self.status < 500 && self.status != 429 && self.code() != "conflict"
    }
}

/// A client with its connection.
pub(crate) struct Client {
    address: Address,
    open: Option<(SocketAddr, SendRequest<Full<Bytes>>)>,
}

impl Client {
    pub(crate) fn new(address: Address) -> Client {
        Client {
            address,
            open: None,
        }
    }

    /// Sends a request, once the stack is up.
    ///
    /// # Errors
    /// There was no answer: whether it was carried out is not known.
    pub(crate) async fn call(&mut self, call: &Call) -> anyhow::Result<Answer> {
        let at = *self.address.wait_for(Option::is_some).await?;
        let at = at.context("it is up")?;
        let answer = tokio::time::timeout(PATIENCE, self.send(at, call)).await;
        let answer = answer
            .context("no answer in time")
            .and_then(|answer| answer);
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    async fn send(&mut self, at: SocketAddr, call: &Call) -> anyhow::Result<Answer> {
        let mut sender = match self.open.take() {
            Some((to, sender)) if to == at => sender,
            _ => connect(at).await?,
        };
        let request = call.request()?;
        let sent = Instant::now();
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let took = sent.elapsed();
        self.open = Some((at, sender));
        let retry_after = head.headers.get("retry-after");
        Ok(Answer {
            status: head.status.as_u16(),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            retry_after_s: retry_after.and_then(|value| value.to_str().ok()?.parse().ok()),
            took,
        })
    }

    /// Reads, again and again until it is answered; for setting up and looking on a quiet stack.
    pub(crate) async fn must(&mut self, call: &Call) -> anyhow::Result<Value> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.call(call).await {
                Ok(answer) if answer.is_success() => return Ok(answer.body),
                Ok(answer) if answer.is_final() || tries == TRIES_MAX => {
                    anyhow::bail!("{} {}: {}", call.method, call.path, answer.body)
                }
                Err(error) if tries == TRIES_MAX => return Err(error),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// All objects of a list, page by page, each handed to `take`.
    pub(crate) async fn each(
        &mut self,
        path: &str,
        mut take: impl FnMut(Value) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut after = String::new();
        loop {
            let page = Call::get(format!("{path}{joint}limit=100{after}"));
            let mut page = self.must(&page).await?;
            let Value::Array(data) = page["data"].take() else {
                anyhow::bail!("{path} is no list");
            };
            let last = data.last().and_then(|last| last["id"].as_str());
            after = format!("&starting_after={}", last.unwrap_or_default());
            data.into_iter().try_for_each(&mut take)?;
            if page["has_more"] != true {
                return Ok(());
            }
        }
    }
}

/// How often a stack that should be well is asked.
const TRIES_MAX: u32 = 50;

async fn connect(to: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
