//! Where an event goes that nobody can handle.

use futures::future::BoxFuture;

use crate::SendError;

/// An event that could not be handled, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// What came, unchanged: once the reason is mended it can be sent to the queue again.
    pub body: String,
    /// The reason for machines, as `parameter_invalid`.
    pub code: String,
    /// The reason for people.
    pub reason: String,
    /// How often it was received.
    pub received: u32,
    /// The id of the message or of the event.
    pub origin: String,
}

/// Keeps what could not be handled until somebody looks at it.
pub trait DeadLetters: Send + Sync {
    /// Keeps a letter. Only when this has succeeded the event counts as done with.
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>>;
}
