//! Running simulations, one after another.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use laurel_whatif::{Comparison, Progress};

use super::{SimulationStatus, Stored, StoredSimulation};
use crate::{
    Error, Ledger,
    commit::{delete, put},
    item::Reader,
    store::Committed,
    table::{Key, SIMULATIONS},
};

/// How long a lease holds.
const LEASE: SignedDuration = SignedDuration::from_secs(180);
/// How often it is renewed, and told how far the run is.
const RENEWED_EVERY: Duration = Duration::from_secs(20);
/// How many acts go by between two looks at the clock: some hundredths of a second.
const STEPS: u64 = 500;
/// How often a run may begin.
const ATTEMPTS_MAX: u32 = 3;

/// A run that cannot go on.
enum Stop {
    /// Somebody else has it, or it was deleted.
    Lost,
    /// There is no time left.
    Late,
    /// Something failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl Ledger {
    /// Runs simulations that wait, until none does or none should begin any more. Answers how
    /// many have ended.
    ///
    /// # Errors
    /// The table does not answer; the next call goes on.
    pub async fn run_simulations(&self, until: Instant) -> Result<u64, Error> {
        let marks = self.store.query_all(SIMULATIONS, "!", "~").await?;
        let mut ended = 0;
        for mark in &marks {
            if Instant::now() >= until {
                break;
            }
            let id = Reader::new(mark).text("sk")?;
            ended += u64::from(self.run_simulation(id, until).await?);
        }
        Ok(ended)
    }

    /// Runs one simulation; answers whether it has ended.
    async fn run_simulation(&self, id: &str, until: Instant) -> Result<bool, Error> {
        let Some(mut held) = self.lease_simulation(id).await? else {
            return Ok(false);
        };
        if held.simulation.attempts > ATTEMPTS_MAX {
            let failure = "It did not come to its end three times; shorten the range.";
            return self.end(held, Err(failure.to_owned())).await;
        }
        match self.simulate(&mut held, until).await {
            Ok(comparison) => self.end(held, Ok(comparison)).await,
            Err(Stop::Lost) => Ok(false),
            // Whoever comes next takes it over.
            Err(Stop::Late) => self
                .renew(&mut held, SignedDuration::ZERO)
                .await
                .map(|_| false),
            Err(Stop::Failed(error)) if error.is_transient() => Err(error),
            Err(Stop::Failed(error)) => {
                let refusal = error.refusal();
                tracing::error!(
                    simulation = id,
                    code = refusal.code.as_str(),
                    "simulation failed"
                );
                self.end(held, Err(refusal.message)).await
            }
        }
    }

    /// Takes a simulation for oneself, where nobody has it.
    async fn lease_simulation(&self, id: &str) -> Result<Option<Stored>, Error> {
        let Some(mut found) = self.stored_simulation(id).await? else {
            // Its time is over, or it was deleted beside a run.
            self.store.delete(&Key::unfinished_simulation(id)).await?;
            return Ok(None);
        };
        let held = found.simulation.leased_until;
        if held.is_some_and(|until| until > self.now()) {
            return Ok(None);
        }
        found.simulation.status = SimulationStatus::Running;
        found.simulation.attempts += 1;
        let is_ours = self.renew(&mut found, LEASE).await?;
        Ok(is_ours.then_some(found))
    }

    /// Writes how far a run is, and has it for oneself for so long; answers whether it still is.
    async fn renew(&self, held: &mut Stored, lease: SignedDuration) -> Result<bool, Error> {
        let until = self.now().saturating_add(lease).unwrap_or(Timestamp::MAX);
        held.simulation.leased_until = Some(until);
        let item = self.simulation_item(&held.simulation, &held.request, held.version + 1)?;
        let writes = vec![put(&self.store.table, item, Some(held.version))?];
        let is_ours = self.store.transact(writes).await? == Committed::Yes;
        held.version += u64::from(is_ours);
        Ok(is_ours)
    }

    async fn simulate(&self, held: &mut Stored, until: Instant) -> Result<Comparison, Stop> {
        let StoredSimulation { from, to, .. } = held.simulation;
        let (catalog, candidate) = self.both_catalogs(&held.simulation).await?;
        let gathering = self.gather_simulation(&candidate, from, to);
        let mut simulation = gathering.await?;
        let mut renewed = Instant::now();
        (held.simulation.events, held.simulation.events_done) = simulation.events();
        if !self.renew(held, LEASE).await? {
            return Err(Stop::Lost);
        }
        loop {
            match simulation.run(STEPS) {
                Progress::Done => break,
                Progress::NeedsPast(account) => {
                    let past = self.past_as_of(&account).await?;
                    simulation.remember(&account.id, past);
                }
                Progress::More => {}
            }
            // What runs beside it on the same thread has its turn.
            tokio::task::yield_now().await;
            if Instant::now() >= until {
                return Err(Stop::Late);
            }
            if renewed.elapsed() >= RENEWED_EVERY {
                renewed = Instant::now();
                held.simulation.events_done = simulation.events().1;
                if !self.renew(held, LEASE).await? {
                    return Err(Stop::Lost);
                }
            }
        }
        held.simulation.events_done = simulation.events().1;
        let rate = catalog.program.redeem_rate.as_ref();
        Ok(Comparison::of(
            simulation.actual(),
            simulation.candidate(),
            rate,
        ))
    }

    /// Writes how a run ended, and takes its mark away.
    async fn end(
        &self,
        mut held: Stored,
        result: Result<Comparison, String>,
    ) -> Result<bool, Error> {
        let simulation = &mut held.simulation;
        simulation.finished_at = Some(self.now());
        simulation.leased_until = None;
        match result {
            Ok(comparison) => {
                simulation.status = SimulationStatus::Finished;
                simulation.result = Some(comparison);
            }
            Err(failure) => {
                simulation.status = SimulationStatus::Failed;
                simulation.failure = Some(failure);
            }
        }
        let item = self.simulation_item(&held.simulation, &held.request, held.version + 1)?;
        let mark = Key::unfinished_simulation(&held.simulation.id);
        let table = &self.store.table;
        let writes = vec![
            put(table, item, Some(held.version))?,
            delete(table, &mark, None)?,
        ];
        Ok(self.store.transact(writes).await? == Committed::Yes)
    }
}
