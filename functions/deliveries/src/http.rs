//! One request to a receiver: to an address that was checked, within 15 seconds, and with no more
//! of the answer read than is kept.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use laurel_webhooks::{
    Attempt,
    schedule::retry_after_s,
    target::{Policy, Target, TargetHost},
};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// How long a receiver has, from the look-up of its name to the last byte of its answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// How long the body of an answer may take after its head.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// How much of an answer is read and kept, in bytes.
const ANSWER_LEN_MAX: usize = 1024;
/// How large the head of an answer may be, in bytes.
const HEAD_LEN_MAX: usize = 32 * 1024;
const USER_AGENT: &str = concat!("Laurel/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Looks up the addresses of a host.
pub trait Resolve: Send + Sync {
    /// All addresses of `name`.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Sends one request to a receiver.
pub trait Post: Send + Sync {
    /// Posts `body` and answers what came of it, which is an attempt whatever happens.
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(&'a str, String)],
        body: String,
        now: Timestamp,
    ) -> BoxFuture<'a, Attempt>;
}

impl Post for Http {
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(&'a str, String)],
        body: String,
        now: Timestamp,
    ) -> BoxFuture<'a, Attempt> {
        Box::pin(self.attempt(url, headers, body, now))
    }
}

/// Sends to receivers. It follows no redirects, asks no proxy, keeps no connection, and accepts
/// no compression, so that what was checked is what is spoken to.
#[derive(Clone)]
pub struct Http {
    policy: Policy,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
enum Failure {
    TimedOut,
    Other(String),
}

impl From<String> for Failure {
    fn from(reason: String) -> Failure {
        Failure::Other(reason)
    }
}

/// What a receiver answered.
struct Answer {
    status_code: u16,
    retry_after: Option<String>,
    body: Vec<u8>,
}

impl Http {
    /// A client that goes where `policy` lets it. It trusts the roots that browsers trust.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(policy: Policy, resolver: Arc<dyn Resolve>) -> Result<Http, rustls::Error> {
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Http {
            policy,
            resolver,
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    async fn attempt(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: String,
        now: Timestamp,
    ) -> Attempt {
        let begun = Instant::now();
        let answer = tokio::time::timeout(TIMEOUT, self.answer(url, headers, body)).await;
        let answer = answer.unwrap_or(Err(Failure::TimedOut));
        let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut attempt = Attempt {
            at: now,
            status_code: None,
            latency_ms,
            error: None,
            response_body: None,
            timed_out: false,
            retry_after_s: None,
        };
        match answer {
            Ok(answer) => {
                let asked = answer.retry_after.as_deref();
                attempt.retry_after_s = asked.and_then(|asked| retry_after_s(asked, now));
                attempt.response_body = printable(&answer.body);
                attempt.status_code = Some(answer.status_code);
                if (300..400).contains(&answer.status_code) {
                    attempt.error = Some("Redirects are not followed.".to_owned());
                }
            }
            Err(Failure::TimedOut) => {
                attempt.error = Some(format!("No answer within {} s.", TIMEOUT.as_secs()));
                attempt.timed_out = true;
            }
            Err(Failure::Other(reason)) => attempt.error = Some(reason),
        }
        attempt
    }

    async fn answer(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: String,
    ) -> Result<Answer, Failure> {
        // What is allowed may have changed since the URL was saved.
        let target = self
            .policy
            .target(url)
            .map_err(|problem| format!("The URL {problem}."))?;
        let mut request = Request::post(&target.path)
            .header(header::HOST, &target.authority)
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::CONNECTION, "close");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|problem| format!("The request cannot be made: {problem}."))?;
        let stream = self.connect(&target).await?;
        if !target.tls {
            return exchange(stream, request).await;
        }
        let name = match &target.host {
            TargetHost::Name(name) => {
                ServerName::try_from(name.trim_end_matches('.').to_owned())
                    .map_err(|_| "The host is no name that a certificate can have.".to_owned())?
            }
            TargetHost::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|problem| format!("The TLS handshake failed: {problem}."))?;
        exchange(stream, request).await
    }

    /// Connects to the very address that was checked.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Failure> {
        let addresses = match &target.host {
            TargetHost::Address(address) => vec![*address],
            TargetHost::Name(name) => self
                .resolver
                .resolve(name)
                .await
                .map_err(|problem| format!("The host cannot be resolved: {problem}."))?,
        };
        // One address inside is enough to mistrust the name.
        let addresses: Vec<SocketAddr> = addresses
            .into_iter()
            .map(|address| self.policy.check(target, address))
            .collect::<Result<_, _>>()
            .map_err(|problem| format!("The URL {problem}."))?;
        let mut failure = "The host has no address.".to_owned();
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(problem) => failure = format!("The connection failed: {problem}."),
            }
        }
        Err(failure.into())
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Failure> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_LEN_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|problem| format!("The connection failed: {problem}."))?;
    let exchange = async {
        let response = sender.send_request(request).await;
        let response = response.map_err(|problem| format!("There was no answer: {problem}."))?;
        Ok(read(response).await)
    };
    // The connection works only while it is polled; once the answer is there it is closed.
    let driven = async {
        let _ = connection.await;
        std::future::pending().await
    };
    tokio::select! {
        answer = exchange => answer,
        answer = driven => answer,
    }
}

async fn read(response: Response<Incoming>) -> Answer {
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let status_code = response.status().as_u16();
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    // The status says all; a body that breaks off, or never ends, changes nothing of it.
    let reading = async {
        while body.len() < ANSWER_LEN_MAX {
            match incoming.frame().await {
                Some(Ok(frame)) => body.extend(frame.data_ref().into_iter().flatten()),
                Some(Err(_)) | None => break,
            }
        }
    };
    let _ = tokio::time::timeout(BODY_TIMEOUT, reading).await;
    body.truncate(ANSWER_LEN_MAX);
    Answer {
        status_code,
        retry_after,
        body,
    }
}

/// The text of an answer, as far as it is text.
fn printable(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let is_shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(is_shown).collect();
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn of_answers_only_text_is_kept() {
        assert_eq!(printable(b""), None);
        assert_eq!(printable(b"\0\x1b[2J ok\n").as_deref(), Some("[2J ok\n"));
        assert_eq!(printable(b"\0\x01"), None);
        assert_eq!(printable(&[0xff, b'a']).as_deref(), Some("\u{fffd}a"));
    }
}
