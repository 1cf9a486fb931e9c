//! What lies in the queue of deliveries.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::SAMPLE_PREFIX;

/// An order to send one event to one endpoint. The event itself is read when it is sent, so that
/// nothing of a person lies in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The endpoint.
    pub endpoint: String,
    /// The event.
    pub event: String,
    /// Its type.
    pub event_type: String,
    /// Its program.
    pub program: String,
    /// When it was created: a part of the delivery's id.
    pub created: Timestamp,
    /// How many attempts the delivery had when this was ordered: a message that comes twice, or
    /// late, finds more of them.
    pub attempts: u32,
    /// How many attempts have failed since the delivery began, or was begun again by hand.
    pub tries: u32,
    /// When that was.
    pub begun: Timestamp,
    /// Not to be sent before.
    pub due_at: Timestamp,
    /// How often it was put off because its endpoint is failing.
    pub deferrals: u32,
}

impl Message {
    /// The first order for an event.
    #[must_use]
    pub fn first(
        endpoint: &str,
        event: &str,
        event_type: &str,
        program: &str,
        created: Timestamp,
        now: Timestamp,
    ) -> Message {
        Message {
            endpoint: endpoint.to_owned(),
            event: event.to_owned(),
            event_type: event_type.to_owned(),
            program: program.to_owned(),
            created,
            attempts: 0,
            tries: 0,
            begun: now,
            due_at: now,
            deferrals: 0,
        }
    }

    /// Whether somebody has asked for this very attempt and waits for it.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        let is_again = self.attempts > 0 || self.event.starts_with(SAMPLE_PREFIX);
        is_again && self.tries == 0
    }
}
