//! Deliveries to a webhook endpoint, from the queue to a receiver in this process, which fails,
//! keeps silent, or takes an event and loses its answer.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use deliveries::Post;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use laurel_host::{DeliveryQueue, QueuedDelivery, SendError};
use laurel_webhooks::{Attempt, Secret, signature};
use serde_json::Value;

use crate::{
    weather::{self, Weather},
    world::Process,
};

/// How many messages one invocation gets at the most.
const BATCH_MAX: usize = 10;
/// How long a slow receiver takes: longer than others wait for it.
const SLOW: Duration = Duration::from_secs(3);

/// A message in the queue.
#[derive(Debug, Clone)]
struct Waiting {
    number: usize,
    due_at: Timestamp,
    body: String,
}

/// The queue of deliveries.
#[derive(Debug, Default)]
pub(crate) struct Orders(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    now: Timestamp,
    count: usize,
    waiting: Vec<Waiting>,
    /// How often each event was ordered, by endpoint and event.
    ordered: BTreeMap<(String, String), usize>,
}

impl Orders {
    fn with<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the queue the time, by which it holds messages back.
    pub(crate) fn set_time(&self, now: Timestamp) {
        self.with(|queue| queue.now = now);
    }

    /// How often each event was ordered, by endpoint and event.
    pub(crate) fn all(&self) -> BTreeMap<(String, String), usize> {
        self.with(|queue| queue.ordered.clone())
    }

    /// When the next message comes, if there is any.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.with(|queue| queue.waiting.iter().map(|it| it.due_at).min())
    }

    /// Hands one batch to the function in this weather, some messages twice. What it is not done
    /// with stays in the queue.
    pub(crate) async fn hand_over(
        &self,
        process: &Process,
        mut weather: Weather,
        now: Timestamp,
    ) -> Vec<String> {
        self.set_time(now);
        let batch = self.with(|queue| {
            let due = queue.waiting.iter().filter(|it| it.due_at <= now);
            due.take(BATCH_MAX).cloned().collect::<Vec<_>>()
        });
        let mut met = Vec::new();
        let mut event = SqsEvent::default();
        for message in &batch {
            let copies = if weather.rng.u32(..100) < 10 { 2 } else { 1 };
            for copy in 0..copies {
                let mut record = SqsMessage::default();
                record.message_id = Some(message.number.to_string());
                record.body = Some(message.body.clone());
                event.records.push(record);
                if copy > 0 {
                    met.push("a delivery comes twice".to_owned());
                }
            }
        }
        let ended = weather::run(weather, process.deliveries.batch(event)).await;
        met.extend(ended.met);
        for letter in ended.notes.letters {
            met.push(format!("dead letter of a delivery: {}", letter.reason));
        }
        let Some(response) = ended.answer else {
            met.push("the process has died".to_owned());
            return met;
        };
        let failed = response.batch_item_failures;
        let failed: Vec<String> = failed.into_iter().map(|it| it.item_identifier).collect();
        self.with(|queue| {
            queue.waiting.retain_mut(|it| {
                let was_handed = batch.iter().any(|message| message.number == it.number);
                let again = failed.contains(&it.number.to_string());
                if again {
                    it.due_at = now + SignedDuration::from_secs(1);
                }
                !was_handed || again
            });
        });
        met
    }
}

impl DeliveryQueue for Orders {
    fn send(&self, messages: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async {
            if weather::fails("the queue of deliveries") {
                return Err(SendError::new("the queue of deliveries", "injected"));
            }
            self.with(|queue| {
                for message in messages {
                    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
                    let event = body["event"].as_str().unwrap_or_default().to_owned();
                    *queue.ordered.entry((message.group, event)).or_default() += 1;
                    queue.count += 1;
                    let delay = SignedDuration::try_from(message.delay).unwrap_or_default();
                    queue.waiting.push(Waiting {
                        number: queue.count,
                        due_at: queue.now + delay,
                        body: message.body,
                    });
                }
            });
            Ok(())
        })
    }
}

/// What was received of an event.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// What it says.
    pub(crate) event: Value,
    /// How often it came.
    pub(crate) times: usize,
}

/// The receiver behind the endpoint.
#[derive(Debug, Default)]
pub(crate) struct Receiver(Mutex<Inbox>);

#[derive(Debug, Default)]
struct Inbox {
    secret: Option<Secret>,
    received: BTreeMap<String, Received>,
    problems: Vec<String>,
    /// Whether somebody is erased in the history: what is sent then says less than before.
    forgets: bool,
}

impl Receiver {
    fn with<T>(&self, act: impl FnOnce(&mut Inbox) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the receiver the secret that signatures are made with.
    pub(crate) fn learn(&self, secret: &str) {
        self.with(|inbox| inbox.secret = Secret::parse(secret));
    }

    /// Tells the receiver that somebody is erased in the history.
    pub(crate) fn expect_erasures(&self) {
        self.with(|inbox| inbox.forgets = true);
    }

    /// Whether an event may say less than it did.
    pub(crate) fn forgets(&self) -> bool {
        self.with(|inbox| inbox.forgets)
    }

    /// What came of each event, by its id; the error is what was wrong with a request.
    pub(crate) fn received(&self) -> Result<BTreeMap<String, Received>, String> {
        self.with(|inbox| match inbox.problems.first() {
            Some(problem) => Err(problem.clone()),
            None => Ok(inbox.received.clone()),
        })
    }
}

impl Inbox {
    fn take(&mut self, headers: &[(&str, String)], body: &str, now: Timestamp) {
        let header = |name: &str| {
            let found = headers.iter().find(|(key, _)| *key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let id = header("webhook-id");
        let Some(secret) = &self.secret else { return };
        let now_s = now.as_second();
        let (own, standard) = (header("x-vinr-signature"), header("webhook-signature"));
        let time = header("webhook-timestamp");
        let bytes = body.as_bytes();
        let is_signed = signature::verify(secret, own, bytes, now_s).is_ok()
            && signature::verify_standard(secret, id, time, standard, bytes, now_s).is_ok();
        let event: Value = serde_json::from_str(body).unwrap_or_default();
        let known = self.received.entry(id.to_owned()).or_insert(Received {
            event: event.clone(),
            times: 0,
        });
        known.times += 1;
        if !is_signed || event["id"] != id || (known.event != event && !self.forgets) {
            self.problems.push(format!(
                "I14: {id} came as {event}, signed: {is_signed}, before: {}",
                known.event
            ));
        }
    }
}

impl Post for Receiver {
    fn post<'a>(
        &'a self,
        _url: &'a str,
        headers: &'a [(&'a str, String)],
        body: String,
        now: Timestamp,
    ) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let mut attempt = Attempt {
                at: now,
                status_code: Some(200),
                latency_ms: 5,
                error: None,
                response_body: None,
                timed_out: false,
                retry_after_s: None,
            };
            if weather::fails("the receiver") {
                attempt.status_code = Some(503);
                return attempt;
            }
            self.with(|inbox| inbox.take(headers, &body, now));
            if weather::fails("the receiver's answer") {
                attempt.status_code = None;
                attempt.error = Some("No answer within 15 s.".to_owned());
                attempt.timed_out = true;
            } else if weather::fails("the receiver is slow and so") {
                tokio::time::sleep(SLOW).await;
                attempt.latency_ms = 3_000;
            }
            attempt
        })
    }
}
