//! Where the time comes from.

use std::fmt::Debug;

use jiff::Timestamp;

/// A source of the current time; tests and the sandbox bring their own.
pub trait Clock: Debug + Send + Sync {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        laurel_rules::time::truncate(Timestamp::now())
    }
}
