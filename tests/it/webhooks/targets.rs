//! Where nothing is sent: inside, elsewhere than was checked, or on to where a redirect leads.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use deliveries::{Http, Post, Resolve, SystemResolver};
use futures::future::BoxFuture;
use jiff::Timestamp;
use laurel_webhooks::{Attempt, target::Policy};

use super::{
    bench::SANDBOX,
    receiver::{Receiver, Reply},
};

const LIVE: Policy = Policy {
    loopback: false,
    forbidden: None,
};

/// Answers each look-up with the next of its answers.
struct Rebinding {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[asked.min(self.answers.len() - 1)].clone();
        Box::pin(async { Ok(answer) })
    }
}

fn rebinding(answers: &[&[&str]]) -> Arc<Rebinding> {
    let parse = |one: &&[&str]| {
        one.iter()
            .map(|ip| ip.parse().expect("an address"))
            .collect()
    };
    Arc::new(Rebinding {
        answers: answers.iter().map(parse).collect(),
        asked: AtomicUsize::new(0),
    })
}

async fn post(policy: Policy, resolver: Arc<dyn Resolve>, url: &str) -> Attempt {
    let http = Http::new(policy, resolver).expect("a client");
    http.post(url, &[], "{}".to_owned(), Timestamp::UNIX_EPOCH)
        .await
}

fn error(attempt: &Attempt) -> &str {
    attempt.error.as_deref().unwrap_or("none")
}

#[tokio::test]
async fn a_name_that_leads_inside_gets_nothing() {
    let receiver = Receiver::start(&[], Reply::Status(200)).await;
    let port = receiver.url.rsplit(':').next().expect("a port").to_owned();
    for addresses in [
        &["127.0.0.1"] as &[&str],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        // Public at first sight.
        &["8.8.8.8", "127.0.0.1"],
    ] {
        let resolver = rebinding(&[addresses]);
        let url = format!("https://public.example:{port}");
        let attempt = post(LIVE, resolver.clone(), &url).await;
        assert_eq!(
            error(&attempt),
            "The URL must lead to a public address.",
            "{addresses:?}"
        );
        assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    }
    let attempt = post(LIVE, Arc::new(SystemResolver), &receiver.url).await;
    assert_eq!(error(&attempt), "The URL must begin with https://.");
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let receiver = Receiver::start(&[], Reply::Status(200)).await;
    let url = receiver.url.replace("127.0.0.1", "pinned.localhost");
    // Whatever a second look-up would say.
    let resolver = rebinding(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let attempt = post(SANDBOX, resolver.clone(), &url).await;
    assert!(attempt.succeeded(), "{attempt:?}");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    assert!(
        receiver.received()[0]
            .header("host")
            .starts_with("pinned.localhost:")
    );
    let again = post(SANDBOX, resolver, &url).await;
    assert_eq!(error(&again), "The URL must lead to a public address.");
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let inside = Receiver::start(&[], Reply::Status(200)).await;
    let location: &'static str = inside.url.clone().leak();
    for status in [301, 302, 303, 307, 308] {
        let receiver = Receiver::start(&[], Reply::With(status, "location", location)).await;
        let attempt = post(SANDBOX, Arc::new(SystemResolver), &receiver.url).await;
        assert_eq!(error(&attempt), "Redirects are not followed.");
        assert_eq!(attempt.status_code, Some(status));
    }
    assert!(inside.received().is_empty());
}

#[tokio::test]
async fn of_long_answers_little_is_read() {
    let receiver = Receiver::start(&[], Reply::Body(200, 50_000_000)).await;
    let attempt = post(SANDBOX, Arc::new(SystemResolver), &receiver.url).await;
    assert!(attempt.succeeded());
    assert_eq!(attempt.response_body.map(|body| body.len()), Some(1024));
}

#[tokio::test]
async fn what_cannot_be_reached_says_why() {
    let closed = {
        let receiver = Receiver::start(&[], Reply::Status(200)).await;
        receiver.url.clone()
    };
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let attempt = post(SANDBOX, Arc::new(SystemResolver), &closed).await;
    assert!(
        error(&attempt).starts_with("The connection failed:"),
        "{attempt:?}"
    );
    let receiver = Receiver::start(&[], Reply::Status(200)).await;
    let tls = receiver.url.replace("http:", "https:");
    let attempt = post(SANDBOX, Arc::new(SystemResolver), &tls).await;
    assert!(
        error(&attempt).starts_with("The TLS handshake failed:"),
        "{attempt:?}"
    );
    assert!(!attempt.succeeded() && attempt.status_code.is_none());
}
