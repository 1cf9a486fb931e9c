//! The schedules in front of the clock and of the audit.

use std::time::{Duration, Instant};

use audit::Audit;
use clock::{Clock, Swept};
use laurel_host::chain;
use laurel_ledger::{AuditRan, Error, Ledger};
use tokio::time::MissedTickBehavior;

use crate::activity::Activity;

/// How long a sweep may take, as on Lambda.
const SWEEP_MAX: Duration = Duration::from_secs(890);

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

/// How long a run of the audit may take, as on Lambda.
const AUDIT_MAX: Duration = Duration::from_secs(570);
/// How many members it audits, and in how many hours a round begins at the earliest, as in the
/// template.
const AUDIT_MEMBERS: u32 = 20_000;
const AUDIT_HOURS: u32 = 24;

/// Runs the audit on one ledger.
pub(crate) struct Auditing {
    audit: Audit,
}

impl Auditing {
    pub(crate) fn new(ledger: Ledger, is_announced: bool) -> Auditing {
        let audit = Audit::new(ledger, AUDIT_MEMBERS, AUDIT_HOURS);
        Auditing {
            audit: match is_announced {
                true => audit,
                false => audit.without_announcements(),
            },
        }
    }

    /// Runs so often, until the future is dropped; not at once, when a stack has more to do.
    pub(crate) async fn run(self: std::sync::Arc<Auditing>, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            if let Err(error) = self.tick().await {
                tracing::error!(reason = chain(&error), "not audited");
            }
        }
    }

    /// One run.
    pub(crate) async fn tick(&self) -> Result<AuditRan, Error> {
        self.audit.run(Instant::now() + AUDIT_MAX).await
    }
}
