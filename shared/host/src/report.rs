//! What is told of every event that was handled, in one place: one line of the log, which log
//! filters count by outcome. Bodies, names and addresses are never told; whoever may see those
//! finds them by the ids in the ledger or in the dead-letter queue.

use std::time::Duration;

use laurel_ledger::Error;
use laurel_rules::{EventOutcome, Refusal};

use crate::chain;

/// What came of one delivery of an event.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It was handled.
    Done(EventOutcome),
    /// It can never be handled as it is.
    Refused(Refusal),
    /// It could not be handled this time.
    Failed {
        /// The reason for machines.
        code: &'static str,
        /// The reason for people.
        reason: String,
    },
}

/// What came of an envelope, and what it said of itself.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) event_type: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) verdict: Verdict,
}

impl From<Error> for Verdict {
    fn from(error: Error) -> Verdict {
        match error {
            Error::Refused(refusal) => Verdict::Refused(refusal),
            error => Verdict::Failed {
                code: error.refusal().code.as_str(),
                reason: chain(&error),
            },
        }
    }
}

/// Tells what came of one delivery.
///
/// `origin` is the id of the message or event, `is_dead` whether it became a dead letter.
pub(crate) fn report(origin: &str, judged: &Judged, is_dead: bool, latency: Duration) {
    let event_type = judged.event_type.as_deref().unwrap_or("unknown");
    let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    match &judged.verdict {
        Verdict::Done(done) => tracing::info!(
            event_type,
            outcome = done.outcome.as_str(),
            duplicate = done.duplicate,
            account = done.account,
            latency_ms,
            origin,
            "event handled"
        ),
        // The message of a refusal may repeat an id, and some shops use addresses as ids.
        Verdict::Refused(refusal) => tracing::warn!(
            event_type,
            outcome = "refused",
            code = refusal.code.as_str(),
            param = refusal.param,
            is_dead,
            latency_ms,
            origin,
            "event refused"
        ),
        Verdict::Failed { code, reason } => tracing::error!(
            event_type,
            outcome = "failed",
            code,
            reason,
            is_dead,
            latency_ms,
            origin,
            "event failed"
        ),
    }
}
