//! What-if simulations: kept while somebody may want to read them, and run by the clock.
//!
//! A simulation that is not finished has a mark in one partition, which is all the state of those
//! who run them. Who runs one has a lease on it under its version: a second one passes it by, and
//! the next goes on where the first has died, from the beginning, three times at most.

mod gather;
mod run;

use jiff::{SignedDuration, Timestamp};
use laurel_rules::{Catalog, Code, Refusal, Rule, catalog::SharedCatalog, rule::CompiledRule};
use laurel_whatif::Comparison;
use serde::{Deserialize, Serialize};

pub use gather::SIMULATED_EVENTS_MAX;

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    commit::{delete, put},
    item::{Item, Reader, Writer},
    listed::ListedKind,
    programs::json,
    retry::Pause,
    segments::condition,
    store::{Committed, Consistency},
    table::Key,
};

/// How long a simulation is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most bytes of a simulation's rules: with its result they must fit into an item.
const RULES_BYTES_MAX: usize = 200_000;

/// How far a simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulationStatus {
    /// It waits.
    Queued,
    /// It is being run.
    Running,
    /// It has its result.
    Finished,
    /// It has none, and says why.
    Failed,
}

/// A run of archived events under other rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredSimulation {
    /// `sim_…`.
    pub id: String,
    /// The program.
    pub program: String,
    /// What the operator calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How far it is.
    pub status: SimulationStatus,
    /// The first instant of the range, by when events were handled.
    pub from: Timestamp,
    /// The end of the range, exclusive.
    pub to: Timestamp,
    /// Whether `rules` are all that there are; else they join those of the program, or replace
    /// those that have their ids.
    pub replace: bool,
    /// The candidate rules.
    pub rules: Vec<Rule>,
    /// How many events there are; 0 before they were read.
    #[serde(default)]
    pub events: u64,
    /// How many of them have been run.
    #[serde(default)]
    pub events_done: u64,
    /// How what would have happened differs from what did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Comparison>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// How often it was begun.
    #[serde(default)]
    attempts: u32,
    /// Until when whoever runs it has it for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leased_until: Option<Timestamp>,
}

impl StoredSimulation {
    /// A simulation that waits.
    #[must_use]
    pub fn new(
        id: String,
        program: String,
        (from, to): (Timestamp, Timestamp),
        rules: Vec<Rule>,
        created: Timestamp,
    ) -> StoredSimulation {
        StoredSimulation {
            id,
            program,
            name: None,
            status: SimulationStatus::Queued,
            from,
            to,
            replace: true,
            rules,
            events: 0,
            events_done: 0,
            result: None,
            failure: None,
            created,
            finished_at: None,
            attempts: 0,
            leased_until: None,
        }
    }

    /// The configuration that it runs under.
    fn candidate(&self, catalog: &Catalog) -> Catalog {
        let given = self.rules.iter().map(|rule| {
            let when = condition(rule.when.as_ref(), laurel_conditions::Scope::Event);
            CompiledRule::new(std::sync::Arc::new(rule.clone()), when)
        });
        let is_given = |id: &str| self.rules.iter().any(|rule| rule.id == id);
        let kept = catalog.all_rules().into_iter();
        let kept = kept.filter(|known| !self.replace && !is_given(&known.rule.id));
        let rules = kept.cloned().chain(given).collect();
        catalog.clone().with_rules(rules)
    }
}

struct Stored {
    simulation: StoredSimulation,
    request: String,
    version: u64,
}

fn stored(item: &Item) -> Result<Stored, Error> {
    let reader = Reader::new(item);
    let simulation = serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a simulation does not read: {problem}")))?;
    Ok(Stored {
        simulation,
        request: reader.text("rq")?.to_owned(),
        version: reader.number("v")?,
    })
}

fn no_such_simulation(id: &str) -> Refusal {
    let message = format!("No such simulation: `{id}`; they are kept for 30 days.");
    Refusal::new(Code::ResourceMissing, message)
}

const LISTED: ListedKind = ListedKind {
    letter: "U#",
    key: Key::simulation,
};

impl Ledger {
    /// Keeps a simulation and has it run; the same request again is answered with what it kept.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` at `rules` where they
    /// are too long.
    pub async fn create_simulation(
        &self,
        simulation: StoredSimulation,
        request: &str,
    ) -> Result<StoredSimulation, Error> {
        self.program(&simulation.program).await?;
        if json(&simulation.rules)?.len() > RULES_BYTES_MAX {
            let message = format!("`rules` may have at most {RULES_BYTES_MAX} bytes in all.");
            return Err(Refusal::invalid("rules", message).into());
        }
        let item = self.simulation_item(&simulation, request, 1)?;
        let mark = Writer::keyed(Key::unfinished_simulation(&simulation.id)).done();
        let mut pause = Pause::new();
        loop {
            let table = &self.store.table;
            let writes = vec![
                put(table, item.clone(), None)?,
                put(table, mark.clone(), None)?,
            ];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(simulation);
            }
            if let Some(found) = self.stored_simulation(&simulation.id).await? {
                return Ok(found.simulation);
            }
            pause.or_busy().await?;
        }
    }

    /// The simulation with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none, or none any more.
    pub async fn simulation(&self, id: &str) -> Result<StoredSimulation, Error> {
        let found = self.stored_simulation(id).await?;
        Ok(found.ok_or_else(|| no_such_simulation(id))?.simulation)
    }

    /// Lists a program's simulations, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names none of them.
    pub async fn simulations(
        &self,
        program: &str,
        created: TimeRange,
        request: &PageRequest,
    ) -> Result<Page<StoredSimulation>, Error> {
        let read = |item: &Item| {
            let found = stored(item)?.simulation;
            Ok(Some(found).filter(|found| created.contains(found.created)))
        };
        self.listed_objects(&LISTED, program, request, read).await
    }

    /// Deletes a simulation; whoever runs it stops.
    ///
    /// # Errors
    /// `resource_missing` where there is none, or none any more.
    pub async fn delete_simulation(&self, id: &str) -> Result<StoredSimulation, Error> {
        let mut pause = Pause::new();
        loop {
            let found = self.stored_simulation(id).await?;
            let found = found.ok_or_else(|| no_such_simulation(id))?;
            let table = &self.store.table;
            let writes = vec![
                delete(table, &Key::simulation(id), Some(found.version))?,
                delete(table, &Key::unfinished_simulation(id), None)?,
            ];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(found.simulation);
            }
            pause.or_busy().await?;
        }
    }

    async fn stored_simulation(&self, id: &str) -> Result<Option<Stored>, Error> {
        let key = Key::simulation(id);
        let found = self.store.get([key], Consistency::Strong).await?;
        let found = found.values().next().map(stored).transpose()?;
        Ok(found.filter(|stored| self.sees(&stored.simulation.program)))
    }

    fn simulation_item(
        &self,
        simulation: &StoredSimulation,
        request: &str,
        version: u64,
    ) -> Result<Item, Error> {
        // DynamoDB goes by the machine's time, and in seconds.
        let gone_at = self.now().saturating_add(KEPT);
        let gone_at = gone_at.map_or(0, Timestamp::as_second);
        let writer = Writer::keyed(Key::simulation(&simulation.id));
        let writer = LISTED.place(
            writer,
            &simulation.program,
            simulation.created,
            &simulation.id,
        );
        Ok(writer
            .text("rq", request)
            .text("cfg", json(simulation)?)
            .number("v", version)
            .number("ttl", gone_at)
            .done())
    }

    /// The configuration of a program as it is, and as a simulation has it.
    async fn both_catalogs(
        &self,
        simulation: &StoredSimulation,
    ) -> Result<(SharedCatalog, Catalog), Error> {
        let catalog = self.catalog(&simulation.program).await?;
        let candidate = simulation.candidate(&catalog);
        Ok((catalog, candidate))
    }
}
