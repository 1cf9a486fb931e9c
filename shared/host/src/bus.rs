//! The event bus.

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use crate::SendError;

/// An event to put on the bus.
#[derive(Debug, Clone, PartialEq)]
pub struct BusEvent {
    /// Who says so.
    pub source: String,
    /// The event type.
    pub detail_type: String,
    /// What the event carries.
    pub detail: Value,
    /// When it happened; the bus keeps whole seconds of it.
    pub time: Timestamp,
}

/// How many events one call of [`Bus::put`] takes at the most.
pub const BUS_EVENTS_MAX: usize = 10;
/// How many bytes of source, type and detail one call takes at the most.
pub const BUS_BYTES_MAX: usize = 256 * 1024;

impl BusEvent {
    /// What it counts against [`BUS_BYTES_MAX`], with the time.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        const TIME_BYTES: usize = 14;
        let detail = self.detail.to_string();
        TIME_BYTES + self.source.len() + self.detail_type.len() + detail.len()
    }
}

/// Takes events, each for itself: a call may succeed for some of them only.
pub trait Bus: Send + Sync {
    /// Puts up to [`BUS_EVENTS_MAX`] events on the bus and answers for each, in their order,
    /// whether it was taken or in words why not.
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>>;
}
