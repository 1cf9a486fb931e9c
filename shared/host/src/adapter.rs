//! One handler over every form in which events arrive.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{FutureExt, StreamExt, stream};
use laurel_events::{from_envelope, json::parse_strict, object, parse};
use laurel_ledger::Clock;
use laurel_rules::{Code, Event};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Apply, DeadLetter, DeadLetters, SendError, chain,
    report::{Judged, Verdict, report},
};

/// How many records of a batch are worked on at the same time.
const CONCURRENCY: usize = 10;

/// How long one record may take: less than the function may, so that a slow record fails alone
/// instead of taking its batch with it.
const RECORD_TIMEOUT: Duration = Duration::from_secs(15);

/// Runs a handler over bare EventBridge envelopes and over SQS batches of them.
#[derive(Clone)]
pub struct Adapter {
    handler: Arc<dyn Apply>,
    clock: Arc<dyn Clock>,
    dead_letters: Option<Arc<dyn DeadLetters>>,
    receives_max: u32,
}

/// An event could not be handled this time; whoever sent it should send it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The handler failed.
    #[error("{code}: {reason}")]
    Failed {
        /// The reason for machines.
        code: &'static str,
        /// The reason for people.
        reason: String,
    },
    /// The handler refused, and the refusal could not be kept.
    #[error("a refused event could not be kept")]
    DeadLetter(#[source] SendError),
}

impl Adapter {
    /// An adapter without dead letters: what is refused stays in the queue, whose redrive policy
    /// moves it away without the reason.
    pub fn new(handler: Arc<dyn Apply>, clock: Arc<dyn Clock>) -> Adapter {
        Adapter {
            handler,
            clock,
            dead_letters: None,
            receives_max: u32::MAX,
        }
    }

    /// The same, keeping what is refused, with the reason, in `dead_letters`.
    #[must_use]
    pub fn with_dead_letters(self, dead_letters: Arc<dyn DeadLetters>) -> Adapter {
        Adapter {
            dead_letters: Some(dead_letters),
            ..self
        }
    }

    /// The same, keeping there too what still fails when it is received for the
    /// `receives_max`th time: the queue would move it away next, without the reason.
    #[must_use]
    pub fn with_receives_max(self, receives_max: u32) -> Adapter {
        Adapter {
            receives_max,
            ..self
        }
    }

    /// Handles what a function was invoked with: an SQS batch, answered by the failures in it, or
    /// an envelope, answered by its outcome.
    ///
    /// # Errors
    /// An envelope could not be handled this time. A batch never fails as a whole.
    pub async fn invoke(&self, payload: &str) -> Result<Value, InvokeError> {
        if let Ok(batch) = serde_json::from_str::<SqsEvent>(payload) {
            let response = self.batch(batch).await;
            return serde_json::to_value(response).map_err(|error| InvokeError::Failed {
                code: Code::Internal.as_str(),
                reason: error.to_string(),
            });
        }
        self.envelope(payload).await
    }

    /// Handles each record of a batch for itself and answers those that failed.
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

    /// Handles one message; its id where it must be received again.
    async fn message(&self, message: &SqsMessage) -> Result<(), String> {
        let started = Instant::now();
        let body = message.body.as_deref().unwrap_or_default();
        // An empty id in the answer makes SQS deliver the whole batch again: nothing is lost.
        let origin = message.message_id.clone().unwrap_or_default();
        let count = message.attributes.get("ApproximateReceiveCount");
        let received = count.and_then(|count| count.parse().ok()).unwrap_or(1);
        let judged = self.judge(body).await;
        let is_last = match &judged.verdict {
            Verdict::Done(_) => false,
            Verdict::Refused(_) => true,
            Verdict::Failed { .. } => received >= self.receives_max,
        };
        let is_dead = match letter(body, &origin, received, &judged.verdict) {
            Some(letter) if is_last => self.bury(letter).await.unwrap_or(false),
            _ => false,
        };
        report(&origin, &judged, is_dead, started.elapsed());
        if is_dead || matches!(judged.verdict, Verdict::Done(_)) {
            Ok(())
        } else {
            Err(origin)
        }
    }

    /// Handles an envelope that came by itself.
    ///
    /// # Errors
    /// It could not be handled this time.
    pub async fn envelope(&self, payload: &str) -> Result<Value, InvokeError> {
        let started = Instant::now();
        let judged = self.judge(payload).await;
        let origin = judged.event_id.clone().unwrap_or_default();
        let buried = match letter(payload, &origin, 1, &judged.verdict) {
            Some(letter) if matches!(judged.verdict, Verdict::Refused(_)) => {
                self.bury(letter).await
            }
            _ => Ok(false),
        };
        let is_dead = buried.as_ref().is_ok_and(|kept| *kept);
        report(&origin, &judged, is_dead, started.elapsed());
        buried.map_err(InvokeError::DeadLetter)?;
        match judged.verdict {
            Verdict::Done(outcome) => Ok(object::outcome(&outcome)),
            Verdict::Refused(refusal) => Ok(object::refused(&refusal)),
            Verdict::Failed { code, reason } => Err(InvokeError::Failed { code, reason }),
        }
    }

    /// Keeps a letter; `false` where there is nowhere to keep it.
    async fn bury(&self, letter: DeadLetter) -> Result<bool, SendError> {
        let Some(dead_letters) = &self.dead_letters else {
            return Ok(false);
        };
        let sent = dead_letters.send(letter).await;
        if let Err(error) = &sent {
            tracing::error!(reason = chain(error), "dead letter not kept");
        }
        sent.map(|()| true)
    }

    /// Reads an envelope and lets the handler have it, whatever may go wrong in there.
    async fn judge(&self, body: &str) -> Judged {
        let incoming = match parse_strict(body.as_bytes()).and_then(from_envelope) {
            Ok(incoming) => incoming,
            Err(refusal) => {
                return Judged {
                    event_type: None,
                    event_id: None,
                    verdict: Verdict::Refused(refusal),
                };
            }
        };
        let event_type = Some(incoming.event_type.clone());
        let event_id = incoming.id.clone();
        let verdict = match parse(incoming, self.clock.now()) {
            Ok(event) => self.handle(&event).await,
            Err(refusal) => Verdict::Refused(refusal),
        };
        Judged {
            event_type,
            event_id,
            verdict,
        }
    }

    async fn handle(&self, event: &Event) -> Verdict {
        let handling = AssertUnwindSafe(async { self.handler.apply(event).await }).catch_unwind();
        match tokio::time::timeout(RECORD_TIMEOUT, handling).await {
            Ok(Ok(Ok(outcome))) => Verdict::Done(outcome),
            Ok(Ok(Err(error))) => Verdict::from(error),
            Ok(Err(_panic)) => Verdict::Failed {
                code: Code::Internal.as_str(),
                reason: "the handler panicked".to_owned(),
            },
            Err(_elapsed) => Verdict::Failed {
                code: Code::Unavailable.as_str(),
                reason: format!("no answer within {} s", RECORD_TIMEOUT.as_secs()),
            },
        }
    }
}

/// What is to be kept of an event that was not handled.
fn letter(body: &str, origin: &str, received: u32, verdict: &Verdict) -> Option<DeadLetter> {
    let (code, reason) = match verdict {
        Verdict::Done(_) => return None,
        Verdict::Failed { code, reason } => (*code, reason.clone()),
        Verdict::Refused(refusal) => {
            let message = &refusal.message;
            let reason = match &refusal.param {
                Some(param) if !message.contains(param) => format!("{message} ({param})"),
                _ => message.clone(),
            };
            (refusal.code.as_str(), reason)
        }
    };
    Some(DeadLetter {
        body: body.to_owned(),
        code: code.to_owned(),
        reason,
        received,
        origin: origin.to_owned(),
    })
}
