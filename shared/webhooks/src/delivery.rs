//! Deliveries: what came of sending one event to one endpoint.

use std::fmt;

use jiff::Timestamp;
use laurel_rules::id;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Health, Message,
    schedule::{self, retry_at},
};

/// How many attempts a delivery remembers, the latest ones.
pub const ATTEMPTS_KEPT_MAX: usize = 20;

/// What the ids of events begin with that an endpoint is sent to try it out.
pub const SAMPLE_PREFIX: &str = "evt_sample_";

const PREFIX: &str = "whd_";
const ENDPOINT_PREFIX: &str = "we_";
const SUFFIX_LEN: usize = 32;

/// The id of a delivery, `whd_<endpoint>_<when><what>`: it follows from the endpoint and the event,
/// so that an event that is announced twice is one delivery; it leads to the stored item without
/// an index; and the deliveries of an endpoint sort by the time of their events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryId {
    /// The endpoint.
    pub endpoint: String,
    /// When and what: 12 hexadecimal digits of the event's time in milliseconds, 20 of a hash of
    /// its id.
    suffix: String,
}

impl DeliveryId {
    /// The id of the delivery of an event to an endpoint.
    #[must_use]
    pub fn of(endpoint: &str, event: &str, created: Timestamp) -> DeliveryId {
        let created_ms = created.as_millisecond().clamp(0, (1 << 48) - 1);
        let hash: [u8; 32] = Sha256::digest(event).into();
        let hash = hash.iter().take(10).map(|byte| format!("{byte:02x}"));
        DeliveryId {
            endpoint: endpoint.to_owned(),
            suffix: format!("{created_ms:012x}{}", hash.collect::<String>()),
        }
    }

    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<DeliveryId> {
        id::check("id", text).ok()?;
        let (endpoint, suffix) = text.strip_prefix(PREFIX)?.rsplit_once('_')?;
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (suffix.len() == SUFFIX_LEN && suffix.bytes().all(is_hex)).then(|| DeliveryId {
            endpoint: format!("{ENDPOINT_PREFIX}{endpoint}"),
            suffix: suffix.to_owned(),
        })
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.endpoint;
        let endpoint = endpoint.strip_prefix(ENDPOINT_PREFIX).unwrap_or(endpoint);
        write!(f, "{PREFIX}{endpoint}_{}", self.suffix)
    }
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Another attempt will come.
    Pending,
    /// The receiver answered with a status from 200 to 299.
    Succeeded,
    /// There will be no other attempt.
    Failed,
    /// The endpoint was disabled before it could be sent.
    Skipped,
}

impl DeliveryStatus {
    /// The status as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::Succeeded => "succeeded",
            DeliveryStatus::Failed => "failed",
            DeliveryStatus::Skipped => "skipped",
        }
    }
}

/// One request to the receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was made.
    pub at: Timestamp,
    /// What the receiver answered with.
    pub status_code: Option<u16>,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// Why there was no answer, or why it does not count.
    pub error: Option<String>,
    /// The beginning of the answer, where it is text.
    pub response_body: Option<String>,
    /// Whether the receiver let the time run out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_out: bool,
    /// For how long it asked to be left alone, in seconds.
    #[serde(skip)]
    pub retry_after_s: Option<i64>,
}

impl Attempt {
    /// Whether the receiver has the event.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.error.is_none()
            && self
                .status_code
                .is_some_and(|code| (200..300).contains(&code))
    }
}

/// The delivery of one event to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// `whd_…`
    pub id: String,
    /// The endpoint.
    pub endpoint: String,
    /// The event.
    pub event: String,
    /// Its type.
    pub event_type: String,
    /// Its program.
    pub program: String,
    /// When the event was created.
    pub event_created: Timestamp,
    /// How far it is.
    pub status: DeliveryStatus,
    /// The latest attempts, the oldest first.
    pub attempts: Vec<Attempt>,
    /// How many attempts there were.
    pub attempt_count: u32,
    /// When the next one is due.
    pub next_attempt_at: Option<Timestamp>,
    /// Why there is none, where that is not success.
    pub reason: Option<String>,
    /// When it was first handled.
    pub created: Timestamp,
}

/// What follows an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the receiver has the event.
    Done,
    /// Another attempt, by this message.
    Retry(Box<Message>),
    /// Nothing more can be done; why.
    GivenUp(String),
}

impl Delivery {
    /// A delivery without attempts.
    #[must_use]
    pub fn new(message: &Message, now: Timestamp) -> Delivery {
        let id = DeliveryId::of(&message.endpoint, &message.event, message.created);
        Delivery {
            id: id.to_string(),
            endpoint: message.endpoint.clone(),
            event: message.event.clone(),
            event_type: message.event_type.clone(),
            program: message.program.clone(),
            event_created: message.created,
            status: DeliveryStatus::Pending,
            attempts: Vec::new(),
            attempt_count: 0,
            next_attempt_at: None,
            reason: None,
            created: now,
        }
    }

    /// Whether `message` has been carried out already, or by another one.
    #[must_use]
    pub fn is_past(&self, message: &Message) -> bool {
        self.status != DeliveryStatus::Pending || self.attempt_count > message.attempts
    }

    /// Takes note of an attempt that `message` ordered, and decides what follows. `health` is the
    /// endpoint's after it, `chance` from 0 to [`schedule::CHANCE_MAX`].
    pub fn attempted(
        &mut self,
        attempt: Attempt,
        message: &Message,
        health: &Health,
        now: Timestamp,
        chance: i64,
    ) -> Verdict {
        let succeeded = attempt.succeeded();
        let gone = attempt.status_code == Some(410);
        let asked_s = attempt.retry_after_s;
        self.attempts.push(attempt);
        let excess = self.attempts.len().saturating_sub(ATTEMPTS_KEPT_MAX);
        self.attempts.drain(..excess);
        self.attempt_count = self.attempt_count.saturating_add(1);
        self.next_attempt_at = None;
        if succeeded {
            self.status = DeliveryStatus::Succeeded;
            self.reason = None;
            return Verdict::Done;
        }
        if gone {
            return self.give_up("The endpoint answered 410 Gone.");
        }
        let tries = message.tries.saturating_add(1);
        let Some(at) = retry_at(tries, message.begun, now, asked_s, chance) else {
            return self.give_up("Every attempt of the schedule has failed.");
        };
        // While an endpoint is held an earlier attempt would only be put off.
        let at = at
            .max(health.held_until.unwrap_or(at))
            .min(schedule::end(message.begun));
        self.next_attempt_at = Some(at);
        Verdict::Retry(Box::new(Message {
            attempts: self.attempt_count,
            tries,
            due_at: at,
            deferrals: 0,
            ..message.clone()
        }))
    }

    /// Ends the delivery without success.
    pub fn give_up(&mut self, reason: &str) -> Verdict {
        self.status = DeliveryStatus::Failed;
        self.next_attempt_at = None;
        self.reason = Some(reason.to_owned());
        Verdict::GivenUp(reason.to_owned())
    }

    /// Ends the delivery because its endpoint is disabled.
    pub fn skip(&mut self) {
        self.status = DeliveryStatus::Skipped;
        self.next_attempt_at = None;
        self.reason = Some("The endpoint is disabled.".to_owned());
    }

    /// Begins again: answers the message that orders the next attempt.
    pub fn begin_again(&mut self, now: Timestamp) -> Message {
        self.status = DeliveryStatus::Pending;
        self.next_attempt_at = Some(now);
        self.reason = None;
        Message {
            endpoint: self.endpoint.clone(),
            event: self.event.clone(),
            event_type: self.event_type.clone(),
            program: self.program.clone(),
            created: self.event_created,
            attempts: self.attempt_count,
            tries: 0,
            begun: now,
            due_at: now,
            deferrals: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn message() -> Message {
        Message::first(
            "we_a_b",
            "evt_x_1_0",
            "loyalty.points.earned",
            "prog_1",
            at(5),
            at(10),
        )
    }

    fn answered(status_code: u16) -> Attempt {
        Attempt {
            at: at(10),
            status_code: Some(status_code),
            latency_ms: 5,
            error: None,
            response_body: None,
            timed_out: false,
            retry_after_s: None,
        }
    }

    #[test]
    fn ids_lead_to_their_endpoint_and_sort_by_time() {
        let id = DeliveryId::of("we_a_b", "evt_x", at(5));
        assert_eq!(DeliveryId::parse(&id.to_string()), Some(id.clone()));
        assert_eq!(id, DeliveryId::of("we_a_b", "evt_x", at(5)));
        assert_ne!(id, DeliveryId::of("we_a_b", "evt_y", at(5)));
        assert!(id.to_string() < DeliveryId::of("we_a_b", "evt_a", at(6)).to_string());
        for wrong in [
            "",
            "whd_",
            "whd_a",
            "whd_a_0",
            "we_a",
            "whd_a#b_000000000000000000000000000000ff",
        ] {
            assert_eq!(DeliveryId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn statuses_table() {
        for (code, status) in [
            (200, DeliveryStatus::Succeeded),
            (204, DeliveryStatus::Succeeded),
            (299, DeliveryStatus::Succeeded),
            (199, DeliveryStatus::Pending),
            (301, DeliveryStatus::Pending),
            (400, DeliveryStatus::Pending),
            (429, DeliveryStatus::Pending),
            (500, DeliveryStatus::Pending),
            (410, DeliveryStatus::Failed),
        ] {
            let mut delivery = Delivery::new(&message(), at(10));
            let health = Health::default();
            delivery.attempted(answered(code), &message(), &health, at(10), 0);
            assert_eq!(delivery.status, status, "{code}");
            assert_eq!(
                delivery.next_attempt_at.is_some(),
                status == DeliveryStatus::Pending
            );
            assert!(
                delivery.is_past(&message()),
                "a second one of the kind does nothing"
            );
        }
    }

    #[test]
    fn attempts_go_on_to_the_end_of_the_schedule() {
        let mut delivery = Delivery::new(&message(), at(10));
        let mut message = message();
        let mut now = at(10);
        let health = Health::default();
        let mut attempts = 0;
        loop {
            attempts += 1;
            assert!(!delivery.is_past(&message));
            match delivery.attempted(answered(500), &message, &health, now, 250) {
                Verdict::Retry(next) => {
                    now = next.due_at;
                    message = *next;
                }
                Verdict::GivenUp(_) => break,
                Verdict::Done => panic!("nothing has succeeded"),
            }
        }
        assert_eq!(attempts, 11);
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        let again = delivery.begin_again(now);
        assert!(!delivery.is_past(&again));
        for _ in 0..30 {
            delivery.attempted(answered(500), &again, &health, now, 0);
        }
        assert_eq!(delivery.attempts.len(), ATTEMPTS_KEPT_MAX);
        assert_eq!(delivery.attempt_count, 41);
    }
}
