//! What every function needs around its handler.
//!
//! [`Adapter`] runs one handler over whatever form an event arrives in; [`Apply`] is that
//! handler; [`DeadLetters`] and [`Bus`] are the outside world, implemented on AWS by [`aws`] and in
//! memory by the local stack. With the feature `aws`, [`lambda`] runs an adapter as a Lambda
//! function; without it this crate brings neither TLS nor the Lambda runtime.

mod adapter;
mod apply;
#[cfg(feature = "aws")]
pub mod aws;
mod bus;
pub mod config;
mod dead_letter;
mod deliveries;
#[cfg(feature = "aws")]
pub mod lambda;
#[cfg(feature = "aws")]
pub mod logging;
pub mod rates;
mod report;

pub use adapter::{Adapter, InvokeError};
pub use apply::{Apply, Only};
pub use bus::{BUS_BYTES_MAX, BUS_EVENTS_MAX, Bus, BusEvent};
pub use config::{Config, ConfigError, Mode};
pub use dead_letter::{DeadLetter, DeadLetters};
pub use deliveries::{
    DELAY_MAX, DELIVERIES_MAX, DeliveryQueue, QueuedDelivery, order, webhook_policy,
};

/// The bus or a queue did not take what it was given.
#[derive(Debug, thiserror::Error)]
#[error("{target} did not take what was sent")]
pub struct SendError {
    /// Which of them.
    pub target: &'static str,
    /// What it said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl SendError {
    /// An error of `target`.
    pub fn new(
        target: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> SendError {
        SendError {
            target,
            source: source.into(),
        }
    }
}

/// An error with all that caused it, in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
