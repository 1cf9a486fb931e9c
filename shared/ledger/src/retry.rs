//! How long to wait before trying again, and when to stop.

use std::time::Duration;

use crate::Error;

/// How often something is tried at the most.
pub(crate) const ATTEMPTS_MAX: u32 = 30;
const BASE_MS: u64 = 4;
const CEILING_MS: u64 = 600;

/// Waits with exponential back-off and full jitter: each wait is drawn between nothing and a
/// bound that doubles, so that contenders spread out
/// (<https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>).
#[derive(Debug)]
pub(crate) struct Pause {
    attempts: u32,
}

impl Pause {
    pub(crate) fn new() -> Pause {
        Pause { attempts: 1 }
    }

    /// How often it was tried.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Waits before the next try; `false` where there has been enough of them.
    pub(crate) async fn wait(&mut self) -> bool {
        if self.attempts >= ATTEMPTS_MAX {
            return false;
        }
        let bound_ms = CEILING_MS.min(BASE_MS << self.attempts.min(16));
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=bound_ms))).await;
        self.attempts += 1;
        true
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// `Busy` where there has been enough of them.
    pub(crate) async fn or_busy(&mut self) -> Result<(), Error> {
        if self.wait().await {
            return Ok(());
        }
        Err(Error::Busy {
            attempts: self.attempts,
        })
    }
}
