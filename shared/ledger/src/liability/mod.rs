//! What a program owes its members, counted as the ledger grows.
//!
//! Whoever reads the table's stream calls [`Ledger::count_entries`]. For each account it keeps how
//! far its log is counted and what it stood at then; for each program it keeps sums. Both change
//! in one transaction, on the condition that the account is counted as far as it was read to be:
//! an entry that comes twice, late, or after others adds nothing twice, and one that never comes
//! is counted with the next of its account.

mod item;
mod journal;
mod report;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures::future::BoxFuture;
use jiff::Timestamp;
use laurel_planted::{Bug, is};
use laurel_rules::{
    Account, Entry, Program,
    catalog::SharedCatalog,
    entry::Change,
    liability::{Figures, flows, next_change, standing},
};

use self::item::Counted;
use crate::{
    AccountFilter, Error, Ledger, PageRequest,
    commit::put,
    item as items,
    retry::Pause,
    store::{Committed, Consistency, Index, Span},
    table::{ENTRY_PREFIX, Key, TOTALS_SHARDS},
};

pub use journal::{JournalLine, JournalPage, JournalRequest};
pub use report::{Liability, MonthFigures, UnitFigures};

/// The most accounts in one transaction: one reads two items for each, a hundred at a time.
const ACCOUNTS_MAX: usize = 40;
/// The most items in one transaction.
const WRITES_MAX: usize = 100;
/// The most entries of one log that are counted at a time; what is left follows.
const ENTRIES_MAX: usize = 200;
/// How many accounts that time has changed are counted along with others.
const CAUGHT_UP_MAX: i32 = 25;

/// What came of counting accounts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recounted {
    /// How many accounts were looked at.
    pub accounts: u64,
    /// How many of them were not counted to their end, or otherwise than they stand.
    pub corrected: u64,
}

/// Which account is to be counted, and how far at least.
type Wanted = BTreeMap<String, u64>;

/// What one try left to do.
enum Tried {
    /// Whatever it could.
    Done { corrected: u64 },
    /// Nothing: something was read that is no longer so, or not yet.
    Again,
}

impl Ledger {
    /// Counts entries of a program's accounts, which are committed. To do so again, in any order,
    /// changes nothing.
    ///
    /// # Errors
    /// The table does not answer, or holds what cannot be read; some may be counted.
    ///
    /// Boxed: what the compiler would otherwise lay out as one future is too deep for it.
    pub fn count_entries<'a>(
        &'a self,
        program: &'a str,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.count_all(program, entries))
    }

    async fn count_all(&self, program: &str, entries: &[Entry]) -> Result<(), Error> {
        let mut wanted = Wanted::new();
        let mut known = HashMap::with_capacity(entries.len());
        for entry in entries {
            let least = wanted.entry(entry.account.clone()).or_default();
            *least = entry.seq.max(*least);
            // What one account of a merge lost, the other has: both are counted together.
            for other in entry.changes.iter().filter_map(other_account) {
                wanted.entry(other.clone()).or_default();
            }
            known.insert((entry.account.as_str(), entry.seq), entry);
        }
        let first = wanted.keys().next().cloned();
        let (_, time_matters) = self.count(program, wanted, &known).await?;
        match first {
            Some(account) if time_matters => self.catch_up(program, &account).await,
            _ => Ok(()),
        }
    }

    /// Counts the accounts of a program again, the newest first, a page at a time: those whose
    /// entries never came, and those that stand otherwise because a setting of the program has
    /// changed since. Answers the account to go on after, where there are more.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where `after` is
    /// none of its accounts.
    pub async fn recount(
        &self,
        program: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<(Recounted, Option<String>), Error> {
        let filter = AccountFilter::of(program);
        let request = PageRequest {
            limit,
            starting_after: after,
            ending_before: None,
        };
        let page = self.accounts(&filter, &request).await?;
        let ids = page.data.iter().map(|view| view.account.id.clone());
        let wanted: Wanted = ids.map(|id| (id, 0)).collect();
        let accounts = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        let (corrected, _) = self.count(program, wanted, &HashMap::new()).await?;
        let last = page.data.last().map(|view| view.account.id.clone());
        let recounted = Recounted {
            accounts,
            corrected,
        };
        Ok((recounted, last.filter(|_| page.has_more)))
    }

    /// Counts some of the accounts that time has changed since: who has nobody else to do it
    /// would be corrected by each reader.
    async fn catch_up(&self, program: &str, near: &str) -> Result<(), Error> {
        let catalog = self.kept_catalog(program).await?;
        let now = self.now_in(&catalog.program);
        let shard = item::edge_shard(near);
        let (due, _) = self.changed(program, shard, now, CAUGHT_UP_MAX).await?;
        let wanted = due.into_iter().map(|(_, account)| (account, 0)).collect();
        self.count(program, wanted, &HashMap::new()).await?;
        Ok(())
    }

    /// The accounts in one part of the index that time has changed by `now`, and whether there
    /// are more.
    async fn changed(
        &self,
        program: &str,
        shard: u8,
        now: Timestamp,
        limit: i32,
    ) -> Result<(Vec<(Timestamp, String)>, bool), Error> {
        let to = format!("{}~", item::edge(now, ""));
        let span = Span {
            index: Some(Index::Listed),
            partition: &item::edge_partition(program, shard),
            from: "0",
            to: &to,
            newest_first: false,
            limit: Some(limit),
            start: None,
        };
        let page = self.store.query(span).await?;
        let mut due = Vec::with_capacity(page.items.len());
        for found in &page.items {
            let edge = item::edge_of(found)?;
            due.push((edge, item::counted_account(found)?));
        }
        Ok((due, page.next.is_some()))
    }

    /// Counts until all that is wanted is counted. Answers how many accounts that changed, and
    /// whether time will change any of them.
    async fn count(
        &self,
        program: &str,
        mut wanted: Wanted,
        known: &HashMap<(&str, u64), &Entry>,
    ) -> Result<(u64, bool), Error> {
        let mut consistency = Consistency::Eventual;
        let mut pause = Pause::new();
        let (mut changed, mut time_matters) = (0, false);
        while !wanted.is_empty() {
            let mut batch = Batch {
                ledger: self,
                program,
                known,
                consistency,
                time_matters: false,
            };
            let tried = batch.count(&mut wanted).await;
            time_matters |= batch.time_matters;
            match tried {
                Ok(Tried::Done { corrected }) => {
                    changed += corrected;
                    continue;
                }
                Ok(Tried::Again) => consistency = Consistency::Strong,
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, "accounts could not be counted");
                }
                Err(error) => return Err(error),
            }
            pause.or_busy().await?;
        }
        Ok((changed, time_matters))
    }

    /// What was counted of accounts, and the accounts.
    async fn counted(
        &self,
        accounts: &[&str],
        program: Option<&str>,
        consistency: Consistency,
    ) -> Result<HashMap<Key, items::Item>, Error> {
        let keys = accounts
            .iter()
            .flat_map(|id| [Key::account(id), Key::counted(id)])
            .chain(program.map(Key::program));
        self.store.get(keys, consistency).await
    }
}

fn other_account(change: &Change) -> Option<&String> {
    match change {
        Change::Merged { source, .. } => Some(source),
        Change::MergedInto { target, .. } => Some(target),
        _ => None,
    }
}

/// One transaction's worth of counting.
struct Batch<'a> {
    ledger: &'a Ledger,
    program: &'a str,
    known: &'a HashMap<(&'a str, u64), &'a Entry>,
    consistency: Consistency,
    /// Whether time will change an account of it.
    time_matters: bool,
}

impl Batch<'_> {
    /// Counts as many of `wanted` as go into one transaction, and takes them out.
    async fn count(&mut self, wanted: &mut Wanted) -> Result<Tried, Error> {
        let ids: Vec<&str> = wanted
            .keys()
            .take(ACCOUNTS_MAX)
            .map(String::as_str)
            .collect();
        let ledger = self.ledger;
        let kept = ledger.kept_catalog(self.program).await?;
        let found = ledger
            .counted(&ids, Some(self.program), self.consistency)
            .await?;
        let catalog: SharedCatalog = ledger
            .current_catalog(kept, found.get(&Key::program(self.program)))
            .await?;
        let now = ledger.now_in(&catalog.program);
        let (mut puts, mut sums) = (Vec::new(), Figures::default());
        let (mut done, mut corrected) = (Vec::new(), 0);
        for id in &ids {
            let account = found.get(&Key::account(id)).map(items::account);
            let account = account.transpose()?;
            let Some(account) = account.filter(|account| account.seq >= wanted[*id]) else {
                if self.consistency == Consistency::Eventual {
                    return Ok(Tried::Again);
                }
                // Its entry tells that it is there.
                return Err(Error::Corrupt {
                    key: Key::account(id).pk,
                    problem: "the account lacks entries of its log".to_owned(),
                });
            };
            let before = found.get(&Key::counted(id)).map(item::counted);
            let before = before.transpose()?.unwrap_or_default();
            let (after, is_whole) = self.step(&catalog.program, &account, &before, now).await?;
            let mut more = sums.clone();
            more.add_all(&after.difference);
            if puts.len() + item::by_place(&more).len() + 1 > WRITES_MAX && !puts.is_empty() {
                break;
            }
            if is_whole {
                done.push((*id).to_owned());
            }
            if after.counted != before {
                corrected += u64::from(is_whole);
                let counted = Counted {
                    version: before.version + 1,
                    ..after.counted
                };
                let expected = (before.version > 0).then_some(before.version);
                let item = item::counted_item(id, self.program, &counted);
                puts.push(put(&ledger.store.table, item, expected)?);
                sums = more;
            }
        }
        if !puts.is_empty() {
            let shard = ids.first().map_or(0, |id| item::edge_shard(id)) % TOTALS_SHARDS;
            let table = &ledger.store.table;
            let mut writes: Vec<TransactWriteItem> = puts;
            writes.truncate(if is(Bug::CountedAgain) {
                0
            } else {
                writes.len()
            });
            writes.extend(item::additions(table, self.program, shard, &sums)?);
            match ledger.store.transact(writes).await? {
                Committed::Yes => {}
                // After an unclear end what is counted, read afresh, tells.
                Committed::Stale | Committed::Unclear => return Ok(Tried::Again),
            }
        }
        for id in done {
            wanted.remove(&id);
        }
        Ok(Tried::Done { corrected })
    }

    /// What an account is counted as next, and whether that is all of it.
    async fn step(
        &mut self,
        program: &Program,
        account: &Account,
        before: &Counted,
        now: Timestamp,
    ) -> Result<(Step, bool), Error> {
        let mut difference = Figures::default();
        let mut seq = before.seq;
        for entry in self.entries(account, before.seq).await? {
            seq = entry.seq;
            difference.add_all(&flows(&entry, &program.timezone));
        }
        let is_whole = seq >= account.seq;
        let mut counted = Counted {
            seq,
            ..before.clone()
        };
        if is_whole {
            counted.standing = standing(account, program, now);
            let next = next_change(account, program, now);
            // One that comes too early costs a reader a look, and spares the index a change.
            let planned = before.changes_at.filter(|planned| *planned > now);
            counted.changes_at = match (planned, next) {
                (Some(planned), Some(next)) => Some(planned.min(next)),
                (_, next) => next,
            };
            self.time_matters |= counted.changes_at.is_some();
            difference.take_all(&before.standing);
            difference.add_all(&counted.standing);
        }
        Ok((
            Step {
                counted,
                difference,
            },
            is_whole,
        ))
    }

    /// The entries of an account after `seq`: those that came, where they are all there are.
    async fn entries(&self, account: &Account, seq: u64) -> Result<Vec<Entry>, Error> {
        let missing = seq.saturating_add(1)..=account.seq;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let came = missing.clone();
        let came = came.map(|seq| {
            self.known
                .get(&(account.id.as_str(), seq))
                .copied()
                .cloned()
        });
        if let Some(entries) = came.take(ENTRIES_MAX).collect() {
            return Ok(entries);
        }
        let edge = |seq: u64| format!("{ENTRY_PREFIX}{seq:010}");
        let span = Span {
            index: None,
            partition: &Key::account(&account.id).pk,
            from: &edge(*missing.start()),
            to: &edge(*missing.end()),
            newest_first: false,
            limit: i32::try_from(ENTRIES_MAX).ok(),
            start: None,
        };
        let page = self.ledger.store.query(span).await?;
        page.items.iter().map(items::entry).collect()
    }
}

/// What counting an account changes.
struct Step {
    counted: Counted,
    difference: Figures,
}
