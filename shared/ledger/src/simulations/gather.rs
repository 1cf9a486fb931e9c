//! What a simulation must be told: the archived events of a range of time, and the logs of the
//! members whom they concern.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use laurel_rules::{Account, Catalog, Code, Entry, Refusal, archive::Archived, decide::Past};
use laurel_whatif::{Simulation, Telling};

use crate::{
    Error, Ledger, item,
    logs::Log,
    store::{Consistency, Span},
    table::{ENTRY_PREFIX, Key},
};

/// The most events that a simulation takes: some gigabyte of memory.
pub const SIMULATED_EVENTS_MAX: usize = 300_000;
/// How many members' logs are read at a time.
const LOGS_AT_A_TIME: usize = 32;
/// Entries of one page: what lies behind the range is not to be read in vain.
const PAGE: i32 = 200;

impl Ledger {
    /// Everything that a simulation of these events under `catalog` needs, to be run.
    ///
    /// # Errors
    /// `parameter_invalid` at `from` where there are too many events; what the table says.
    pub async fn gather_simulation(
        &self,
        catalog: &Catalog,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Simulation, Error> {
        let program = &catalog.program.id;
        let events = self.archived(program, from, to, SIMULATED_EVENTS_MAX);
        let events = events.await?.ok_or_else(|| {
            let message = format!(
                "More than {SIMULATED_EVENTS_MAX} events were handled in this time; shorten the \
                 range."
            );
            Refusal::new(Code::ParameterInvalid, message).at("from")
        })?;
        let mut by_member: BTreeMap<String, Vec<Archived>> = BTreeMap::new();
        for event in events {
            let of_member = by_member.entry(event.account.clone()).or_default();
            of_member.push(event);
        }
        let mut simulation = Simulation::new(catalog);
        let keys: Vec<Key> = by_member.keys().map(|id| Key::account(id)).collect();
        let mut metadata = self.metadata_of(keys).await?;
        let mut wanted = Vec::with_capacity(by_member.len());
        for (id, events) in by_member {
            let metadata = metadata.remove(&id).unwrap_or_default();
            wanted.push(self.telling(id, events, metadata, to));
        }
        let mut tellings = stream::iter(wanted).buffer_unordered(LOGS_AT_A_TIME);
        let mut told = BTreeMap::new();
        while let Some((id, telling)) = tellings.try_next().await? {
            told.insert(id, telling);
        }
        // Of events of one instant those of the first member come first, on every run.
        for telling in told.into_values() {
            simulation.tell(telling);
        }
        Ok(simulation)
    }

    async fn metadata_of(
        &self,
        keys: Vec<Key>,
    ) -> Result<HashMap<String, BTreeMap<String, String>>, Error> {
        let found = self.store.get(keys, Consistency::Eventual).await?;
        let accounts = found.values().map(item::account);
        let metadata = accounts.map(|account| account.map(|it| (it.id, it.metadata)));
        metadata.collect()
    }

    async fn telling(
        &self,
        id: String,
        events: Vec<Archived>,
        metadata: BTreeMap<String, String>,
        to: Timestamp,
    ) -> Result<(String, Telling), Error> {
        let begins_after = events.iter().map(|it| it.place().0).min().unwrap_or(0);
        let log = self.log_between(&id, begins_after + 1, to).await?;
        let telling = Telling {
            events,
            log,
            metadata,
        };
        Ok((id, telling))
    }

    /// The entries of a log from this number on that were written before `to`, without how awards
    /// came about.
    async fn log_between(&self, id: &str, seq: u64, to: Timestamp) -> Result<Vec<Entry>, Error> {
        let from = Key::entry(id, seq);
        let last = format!("{ENTRY_PREFIX}~");
        let mut entries = Vec::new();
        let mut start = None;
        loop {
            let page = self.store.query(Span {
                index: None,
                partition: &from.pk,
                from: &from.sk,
                to: &last,
                newest_first: false,
                limit: Some(PAGE),
                start,
            });
            let page = page.await?;
            for item in &page.items {
                let mut entry = item::entry(item)?;
                if entry.created >= to {
                    return Ok(entries);
                }
                for transaction in &mut entry.transactions {
                    transaction.calculation = None;
                }
                entries.push(entry);
            }
            start = page.next;
            if start.is_none() {
                return Ok(entries);
            }
        }
    }

    /// All that had happened to an account when it was as it is given.
    ///
    /// # Errors
    /// What the table says.
    pub async fn past_as_of(&self, account: &Account) -> Result<Past, Error> {
        let mut entries = Vec::new();
        // What reverses an award must come after it.
        for log in Log::all_of(account).iter().rev() {
            let first = Key::entry(&log.account, 1);
            let last = Key::entry(&log.account, log.seq);
            let items = self.store.query_all(&first.pk, &first.sk, &last.sk);
            for item in &items.await? {
                entries.push(item::entry(item)?);
            }
        }
        Ok(Past::from_entries(&entries))
    }
}
