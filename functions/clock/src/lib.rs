//! The scheduled function: sees to everything that time has come for.
//!
//! It goes through the index of what is due and visits one after another. The index is all the
//! state that there is, and a visit is one conditional write: a sweep may end anywhere, begin
//! again, or run beside another, and what it leaves is found by the next one.

use std::time::Instant;

use futures::{StreamExt, stream};
use laurel_host::chain;
use laurel_ledger::{Due, Ledger, table::DUE_SHARDS};

/// How many shards are worked on at a time.
const SHARDS_AT_A_TIME: usize = 4;
/// How many visits are under way at a time in each of them.
const VISITS_AT_A_TIME: usize = 8;

/// Sweeps a ledger.
#[derive(Debug, Clone)]
pub struct Clock {
    ledger: Ledger,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Visits to which there was something to write.
    pub written: u64,
    /// Visits to which there was nothing: somebody else had written it.
    pub idle: u64,
    /// Visits that failed, and shards that could not be read; what they concern stays due.
    pub failed: u64,
    /// Whether time ran out before all was seen to.
    pub is_cut_short: bool,
}

impl Swept {
    fn plus(self, other: Swept) -> Swept {
        Swept {
            written: self.written + other.written,
            idle: self.idle + other.idle,
            failed: self.failed + other.failed,
            is_cut_short: self.is_cut_short || other.is_cut_short,
        }
    }
}

impl Clock {
    /// Sweeps this ledger.
    #[must_use]
    pub fn new(ledger: Ledger) -> Clock {
        Clock { ledger }
    }

    /// Visits what is due until nothing is, or until no visit should begin any more. One that
    /// fails is logged and counted, stays due, and keeps no other from being visited.
    pub async fn sweep(&self, until: Instant) -> Swept {
        let started = Instant::now();
        let swept = stream::iter(0..DUE_SHARDS)
            .map(|shard| self.sweep_shard(shard, until))
            .buffer_unordered(SHARDS_AT_A_TIME)
            .fold(Swept::default(), async |sum, shard| sum.plus(shard))
            .await;
        let swept = swept.plus(self.evaluate_tiers(until).await);
        // Last: nothing waits for them, and they may take long.
        let swept = swept.plus(self.run_simulations(until).await);
        tracing::info!(
            written = swept.written,
            idle = swept.idle,
            failed = swept.failed,
            is_cut_short = swept.is_cut_short,
            took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "clock swept"
        );
        swept
    }

    /// Goes on with evaluations of all members of a program.
    async fn evaluate_tiers(&self, until: Instant) -> Swept {
        let mut swept = Swept::default();
        if let Err(error) = self.ledger.evaluate_tiers(until).await {
            tracing::error!(reason = chain(&error), "members not evaluated");
            swept.failed = 1;
        }
        swept
    }

    /// Runs simulations that wait.
    async fn run_simulations(&self, until: Instant) -> Swept {
        let mut swept = Swept::default();
        if let Err(error) = self.ledger.run_simulations(until).await {
            tracing::error!(reason = chain(&error), "simulations not run");
            swept.failed = 1;
        }
        swept
    }

    async fn sweep_shard(&self, shard: u8, until: Instant) -> Swept {
        let mut swept = Swept::default();
        let mut start = None;
        while Instant::now() < until {
            let page = match self.ledger.due(shard, start.take()).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(shard, reason = chain(&error), "shard not read");
                    swept.failed += 1;
                    return swept;
                }
            };
            swept = stream::iter(page.due)
                .map(|due| self.visit(due, until))
                .buffer_unordered(VISITS_AT_A_TIME)
                .fold(swept, async |sum, visit| sum.plus(visit))
                .await;
            start = page.next;
            if start.is_none() {
                return swept;
            }
        }
        swept.is_cut_short = true;
        swept
    }

    async fn visit(&self, due: Due, until: Instant) -> Swept {
        let mut swept = Swept::default();
        if Instant::now() >= until {
            swept.is_cut_short = true;
            return swept;
        }
        let name = due.name();
        match self.ledger.visit(due).await {
            Ok(true) => swept.written = 1,
            Ok(false) => swept.idle = 1,
            Err(error) => {
                let code = error.refusal().code.as_str();
                tracing::error!(name, code, reason = chain(&error), "visit failed");
                swept.failed = 1;
            }
        }
        swept
    }
}
