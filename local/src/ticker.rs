//! The schedule in front of the clock function.

use std::time::{Duration, Instant};

use clock::{Clock, Swept};
use laurel_ledger::Ledger;
use tokio::time::MissedTickBehavior;

use crate::activity::Activity;

/// How long a sweep may take, as on Lambda.
const SWEEP_MAX: Duration = Duration::from_secs(50);

/// Runs the clock function on one ledger.
pub(crate) struct Ticker {
    clock: Clock,
    activity: Activity,
}

impl Ticker {
    pub(crate) fn new(ledger: Ledger, activity: Activity) -> Ticker {
        Ticker {
            clock: Clock::new(ledger),
            activity,
        }
    }

    /// Ticks at once and then so often, until the future is dropped.
    pub(crate) async fn run(self: std::sync::Arc<Ticker>, every: Duration) {
        let mut interval = tokio::time::interval(every);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            interval.tick().await;
            self.tick().await;
        }
    }

    /// One sweep.
    pub(crate) async fn tick(&self) -> Swept {
        self.activity.begin();
        let swept = self.clock.sweep(Instant::now() + SWEEP_MAX).await;
        self.activity.end();
        swept
    }
}
