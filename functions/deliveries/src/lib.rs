//! Webhooks out (spec section 8): each message of the queue sends one event to one endpoint, takes
//! note of what came of it, and orders the next attempt where there is to be one.
//!
//! At least once: the attempt is recorded after it was made, and the next one is ordered before
//! that, so that a crash in between repeats an attempt and never loses one. A message that was
//! carried out already finds more attempts recorded than it knows of, and does nothing.
//!
//! Messages of a batch are carried out side by side. An endpoint that does not answer within a
//! second, or keeps failing, is held ([`laurel_webhooks::Health`]): its other messages go back
//! into the queue without an attempt, so that it occupies no more senders than it already has.
//! Until that is known, no process sends it more than ten at a time ([`lanes`]).

mod http;
mod lanes;

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use laurel_events::{Outgoing, catalog};
use laurel_host::{DeadLetter, DeadLetters, DeliveryQueue, SendError, chain, order};
use laurel_ledger::{Ledger, Versioned};
use laurel_planted::{Bug, is};
use laurel_webhooks::{
    Delivery, Endpoint, EndpointStatus, Health, Message, SAMPLE_PREFIX, SLOW_AFTER_MS, Verdict,
    schedule, signature,
};

/// TLS cannot be set up.
pub use rustls::Error as TlsError;

use lanes::Lanes;

pub use http::{Http, Post, Resolve, SystemResolver, TIMEOUT};

/// How many messages are carried out side by side: a whole batch.
const CONCURRENCY: usize = 10;

/// Sends events to webhook endpoints.
#[derive(Clone)]
pub struct Deliveries {
    ledger: Ledger,
    queue: Arc<dyn DeliveryQueue>,
    http: Arc<dyn Post>,
    lanes: Lanes,
    dead_letters: Option<Arc<dyn DeadLetters>>,
    disable_after_days: i64,
}

/// A message could not be carried out this time.
#[derive(Debug)]
enum Failure {
    Ledger(laurel_ledger::Error),
    Queue(SendError),
}

impl From<laurel_ledger::Error> for Failure {
    fn from(error: laurel_ledger::Error) -> Failure {
        Failure::Ledger(error)
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Failure {
        Failure::Queue(error)
    }
}

impl Deliveries {
    /// A sender without dead letters.
    pub fn new(ledger: Ledger, queue: Arc<dyn DeliveryQueue>, http: Arc<dyn Post>) -> Deliveries {
        Deliveries {
            ledger,
            queue,
            http,
            lanes: Lanes::default(),
            dead_letters: None,
            disable_after_days: schedule::DAYS,
        }
    }

    /// The same, keeping in `dead_letters` what is given up, with the reason.
    #[must_use]
    pub fn with_dead_letters(self, dead_letters: Arc<dyn DeadLetters>) -> Deliveries {
        Deliveries {
            dead_letters: Some(dead_letters),
            ..self
        }
    }

    /// The same, disabling an endpoint once it has failed for this many days.
    #[must_use]
    pub fn disabling_after_days(self, disable_after_days: i64) -> Deliveries {
        Deliveries {
            disable_after_days,
            ..self
        }
    }

    /// Carries out the messages of a batch and answers those that must come again.
    pub async fn batch(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut failed = stream::iter(batch.records)
            .map(|message| async move { self.message(&message).await.err() })
            .buffer_unordered(CONCURRENCY)
            .filter_map(std::future::ready)
            .boxed();
        let mut response = SqsBatchResponse::default();
        while let Some(message_id) = failed.next().await {
            response.add_failure(message_id);
        }
        response
    }

    async fn message(&self, message: &SqsMessage) -> Result<(), String> {
        let body = message.body.as_deref().unwrap_or_default();
        let origin = message.message_id.clone().unwrap_or_default();
        let carried_out = match serde_json::from_str::<Message>(body) {
            // Boxed: laid out as one future it is too deep for the compiler.
            Ok(message) => Box::pin(self.carry_out(&message, &origin)).await,
            Err(problem) => {
                let reason = format!("The message does not read: {problem}.");
                let sent = self
                    .bury(body, "message_invalid", &reason, 0, &origin)
                    .await;
                sent.map_err(Failure::Queue)
            }
        };
        carried_out.map_err(|failure| {
            let error: &dyn std::error::Error = match &failure {
                Failure::Ledger(error) => error,
                Failure::Queue(error) => error,
            };
            tracing::error!(origin, reason = chain(error), "delivery failed");
            origin
        })
    }

    async fn carry_out(&self, message: &Message, origin: &str) -> Result<(), Failure> {
        let now = self.ledger.now();
        if message.due_at > now {
            // The queue holds nothing back for longer than 15 minutes.
            return self.order(message.clone(), now).await;
        }
        let Some(_lane) = self.lanes.enter(&message.endpoint).await else {
            let due_at = schedule::deferred_until(0, now, now, chance());
            let later = Message {
                due_at,
                ..message.clone()
            };
            return self.order(later, now).await;
        };
        let loaded = self.ledger.load_delivery(message).await?;
        let Some(endpoint) = loaded.endpoint else {
            tracing::info!(endpoint = message.endpoint, "the endpoint was deleted");
            return Ok(());
        };
        let (mut delivery, version) = match loaded.delivery {
            Some(Versioned { value, version }) => (value, Some(version)),
            None => (Delivery::new(message, now), None),
        };
        if delivery.is_past(message) {
            tracing::debug!(delivery = delivery.id, "carried out already");
            return Ok(());
        }
        if endpoint.value.status == EndpointStatus::Disabled {
            delivery.skip();
            self.ledger.put_delivery(&delivery, version).await?;
            return Ok(());
        }
        let event = loaded.event.or_else(|| sample(message));
        let given_up = match event {
            None => Some("The event is no longer there."),
            Some(_) if now > schedule::end(message.begun) => {
                Some("The endpoint did not recover in time.")
            }
            Some(_) => None,
        };
        if let Some(reason) = given_up {
            delivery.give_up(reason);
            self.give_up(message, &delivery, reason, origin).await?;
            self.ledger.put_delivery(&delivery, version).await?;
            return Ok(());
        }
        if !message.is_asked_for()
            && let Some(until) = self
                .held(&endpoint.value, loaded.health.as_ref(), now)
                .await?
        {
            let due_at = schedule::deferred_until(message.deferrals, until, now, chance());
            let deferred = Message {
                due_at: due_at.min(schedule::end(message.begun)),
                deferrals: message.deferrals.saturating_add(1),
                ..message.clone()
            };
            return self.order(deferred, now).await;
        }
        let Some(event) = event else { return Ok(()) };
        self.attempt(
            message,
            &endpoint,
            loaded.health,
            (delivery, version),
            &event,
            origin,
        )
        .await
    }

    /// Until when nothing may be sent to the endpoint; none where this message may be.
    async fn held(
        &self,
        endpoint: &Endpoint,
        health: Option<&Versioned<Health>>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Failure> {
        let Some(Versioned { value, version }) = health else {
            return Ok(None);
        };
        let Some(held_until) = value.held_until else {
            return Ok(None);
        };
        if held_until > now {
            return Ok(Some(held_until));
        }
        let probing = value.probing(now);
        let may_probe = self
            .ledger
            .claim_probe(&endpoint.id, &probing, *version)
            .await?;
        Ok(if may_probe { None } else { probing.held_until })
    }

    async fn attempt(
        &self,
        message: &Message,
        endpoint: &Versioned<Endpoint>,
        health: Option<Versioned<Health>>,
        (mut delivery, version): (Delivery, Option<u64>),
        event: &Outgoing,
        origin: &str,
    ) -> Result<(), Failure> {
        let id = &endpoint.value.id;
        let health_version = health.as_ref().map(|health| health.version);
        let known = health.map(|health| health.value).unwrap_or_default();
        let begun = self.ledger.now();
        let (url, headers, body) = request(&endpoint.value, event, begun);
        let sending = self.http.post(url, &headers, body, begun);
        tokio::pin!(sending);
        let mut is_slow = false;
        let attempt = tokio::select! {
            // An answer that is there counts, late or not; and a simulation repeats itself.
            biased;
            attempt = &mut sending => attempt,
            () = tokio::time::sleep(Duration::from_millis(SLOW_AFTER_MS)) => {
                // Others learn of it while this one still waits.
                is_slow = true;
                let slow = known.slow(self.ledger.now());
                let noted = self.ledger.put_health(id, &slow, health_version);
                let (attempt, noted) = futures::future::join(&mut sending, noted).await;
                if let Err(error) = noted {
                    tracing::warn!(reason = chain(&error), "a slow endpoint was not noted");
                }
                attempt
            }
        };
        let now = self.ledger.now();
        tracing::info!(
            delivery = delivery.id,
            event_type = delivery.event_type,
            attempt = delivery.attempt_count.saturating_add(1),
            status_code = attempt.status_code,
            error = attempt.error,
            latency_ms = attempt.latency_ms,
            "webhook sent"
        );
        let health = match attempt.succeeded() {
            true => Health::default(),
            false => known.failed(now, attempt.timed_out),
        };
        let noted = match attempt.succeeded() {
            true if is_slow || health_version.is_some() => self.ledger.clear_health(id).await,
            true => Ok(()),
            false => self.ledger.put_health(id, &health, health_version).await,
        };
        if let Err(error) = noted {
            // No reason to send it once more; the next attempt will tell as well.
            tracing::warn!(reason = chain(&error), "an endpoint's health was not noted");
        }
        let is_failing = health.has_failed_for_days(self.disable_after_days, now);
        let is_gone = attempt.status_code == Some(410);
        match delivery.attempted(attempt, message, &health, now, chance()) {
            Verdict::Done => {}
            Verdict::Retry(_) if is(Bug::NoSecondAttempt) => {}
            Verdict::Retry(next) => self.order(*next, now).await?,
            Verdict::GivenUp(reason) => {
                self.give_up(message, &delivery, &reason, origin).await?;
            }
        }
        let reason = match (is_gone, is_failing) {
            (true, _) => Some("It answered 410 Gone.".to_owned()),
            (_, true) => {
                let days = self.disable_after_days;
                Some(format!("Every delivery has failed for {days} days."))
            }
            (false, false) => None,
        };
        if let Some(reason) = reason {
            tracing::warn!(endpoint = id, reason, "endpoint disabled");
            let Versioned { value, version } = endpoint;
            self.ledger
                .disable_endpoint(value, *version, &reason)
                .await?;
        }
        // Where it is no longer as it was read, somebody else carried out the same message.
        self.ledger.put_delivery(&delivery, version).await?;
        Ok(())
    }

    async fn order(&self, message: Message, now: Timestamp) -> Result<(), Failure> {
        Ok(order(self.queue.as_ref(), &[message], now).await?)
    }

    async fn give_up(
        &self,
        message: &Message,
        delivery: &Delivery,
        reason: &str,
        origin: &str,
    ) -> Result<(), SendError> {
        let body = serde_json::to_string(message).unwrap_or_default();
        let attempts = delivery.attempt_count;
        self.bury(&body, "delivery_failed", reason, attempts, origin)
            .await
    }

    async fn bury(
        &self,
        body: &str,
        code: &str,
        reason: &str,
        received: u32,
        origin: &str,
    ) -> Result<(), SendError> {
        let Some(dead_letters) = &self.dead_letters else {
            tracing::error!(code, reason, "a delivery was given up");
            return Ok(());
        };
        let letter = DeadLetter {
            body: body.to_owned(),
            code: code.to_owned(),
            reason: reason.to_owned(),
            received,
            origin: origin.to_owned(),
        };
        dead_letters.send(letter).await
    }
}

/// What is sent: the URL, the signed headers and the body. The event's id stays the same however
/// often it is sent; time and signatures are of the attempt.
fn request<'a>(
    endpoint: &'a Endpoint,
    event: &Outgoing,
    now: Timestamp,
) -> (&'a str, [(&'a str, String); 4], String) {
    let body = event.envelope().to_string();
    let unix_s = now.as_second();
    let secrets: Vec<_> = endpoint.secrets(now).collect();
    let own = signature::sign(secrets.iter().copied(), unix_s, body.as_bytes());
    let standard = secrets.iter().copied();
    let standard = signature::sign_standard(standard, &event.id, unix_s, body.as_bytes());
    let headers = [
        ("webhook-id", event.id.clone()),
        ("webhook-timestamp", unix_s.to_string()),
        ("webhook-signature", standard),
        (endpoint.signature_header.as_str(), own),
    ];
    (&endpoint.url, headers, body)
}

/// The event of a message that only tries an endpoint out.
fn sample(message: &Message) -> Option<Outgoing> {
    if !message.event.starts_with(SAMPLE_PREFIX) {
        return None;
    }
    let sample = catalog::sample(&message.event_type)?;
    Some(Outgoing {
        id: message.event.clone(),
        created: message.created,
        program: message.program.clone(),
        ..sample
    })
}

fn chance() -> i64 {
    fastrand::i64(0..=schedule::CHANCE_MAX)
}
