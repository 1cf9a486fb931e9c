//! The queue of webhook deliveries, and where they may go.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use laurel_webhooks::{Message, target::Policy};

use crate::{Config, Mode, SendError};

/// How many messages one call of [`DeliveryQueue::send`] takes at the most.
pub const DELIVERIES_MAX: usize = 10;
/// The longest time that a queue holds a message back. What is due later comes and is sent on.
pub const DELAY_MAX: Duration = Duration::from_secs(15 * 60);

/// A message for the function `deliveries`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedDelivery {
    /// The message.
    pub body: String,
    /// The endpoint: one that occupies many receivers is served after the others.
    pub group: String,
    /// How long to hold it back, up to [`DELAY_MAX`].
    pub delay: Duration,
}

/// Takes orders to deliver.
pub trait DeliveryQueue: Send + Sync {
    /// Takes up to [`DELIVERIES_MAX`] messages. After an error some may have been taken; to send
    /// all of them again does no harm.
    fn send(&self, messages: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>>;
}

/// Puts messages into the queue, each until it is due or for as long as the queue can.
///
/// # Errors
/// The queue did not take all of them.
pub async fn order(
    queue: &dyn DeliveryQueue,
    messages: &[Message],
    now: Timestamp,
) -> Result<(), SendError> {
    for chunk in messages.chunks(DELIVERIES_MAX) {
        let mut batch = Vec::with_capacity(chunk.len());
        for message in chunk {
            let body = serde_json::to_string(message)
                .map_err(|error| SendError::new("the queue of deliveries", error))?;
            let delay = message.due_at.duration_since(now);
            batch.push(QueuedDelivery {
                body,
                group: message.endpoint.clone(),
                delay: Duration::try_from(delay).unwrap_or_default().min(DELAY_MAX),
            });
        }
        queue.send(batch).await?;
    }
    Ok(())
}

/// Where webhooks may go: to public addresses, in a sandbox to loopback too, and never to the API
/// of the runtime that a function runs on (`AWS_LAMBDA_RUNTIME_API`).
#[must_use]
pub fn webhook_policy(config: &Config, mode: Mode) -> Policy {
    let runtime = config.optional("AWS_LAMBDA_RUNTIME_API");
    Policy {
        loopback: mode == Mode::Sandbox,
        forbidden: runtime.and_then(|address| address.parse().ok()),
    }
}
