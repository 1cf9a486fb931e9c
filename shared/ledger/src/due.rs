//! What time has come for: the index of what is due, and the visits that see to it.
//!
//! An item that waits for an instant bears it in the index `gsi2`, in one of
//! [`DUE_SHARDS`](crate::table::DUE_SHARDS) partitions, so that no partition takes all writes. The index is all the state that there is:
//! who goes through it may stop anywhere, start again, or meet another who does the same.

use std::{collections::HashMap, sync::Arc};

use futures::{TryStreamExt, stream};
use jiff::Timestamp;
use laurel_rules::{
    Account, Plan, Program, Refusal,
    catalog::SharedCatalog,
    decide::{Resources, visit_account},
    event::TIER_CHANGED,
};

use crate::{
    AccountFilter, Error, Ledger, PageRequest,
    commit::{FIRST, Operation, Reading},
    item::{self, Item, Reader},
    store::{Consistency, Index, Span},
    table::{Key, due_place, due_shard},
};

/// How much is loaded at a time: the largest accounts of a page are some 6 MB.
const PAGE: i32 = 25;
/// How many members are visited at a time when a program's time is moved.
const VISITS_AT_A_TIME: usize = 8;

/// Something that is due, as it was loaded with its page.
#[derive(Debug)]
pub struct Due {
    key: Key,
    loaded: Result<Loaded, Error>,
}

#[derive(Debug)]
enum Loaded {
    Account(SharedCatalog, Box<Account>),
}

impl Due {
    /// What it is, for the log: the key of its item.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.key.pk, self.key.sk)
    }
}

/// A page of what is due in one shard, the longest waiting first.
#[derive(Debug)]
pub struct DuePage {
    /// What is due.
    pub due: Vec<Due>,
    /// Where the next page starts, where there is one.
    pub next: Option<DueCursor>,
}

/// Where a page of what is due starts.
#[derive(Debug, Clone)]
pub struct DueCursor(Item);

impl Ledger {
    /// What is due in a shard (below [`DUE_SHARDS`](crate::table::DUE_SHARDS)) by now, a page at a time. What is visited
    /// meanwhile does not disturb the pages that follow.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn due(&self, shard: u8, start: Option<DueCursor>) -> Result<DuePage, Error> {
        let until = due_place(self.now(), "~");
        let span = Span {
            index: Some(Index::Due),
            partition: &due_shard(shard),
            from: "0",
            to: &until,
            newest_first: false,
            limit: Some(PAGE),
            start: start.map(|DueCursor(start)| start),
        };
        let page = self.store.query(span).await?;
        let keys = page.items.iter().map(|item| {
            let reader = Reader::new(item);
            Ok(Key {
                pk: reader.text("pk")?.to_owned(),
                sk: reader.text("sk")?.to_owned(),
            })
        });
        let keys: Vec<Key> = keys.collect::<Result<_, Error>>()?;
        let mut found = self.store.get(keys.clone(), Consistency::Eventual).await?;
        let mut catalogs = HashMap::new();
        let mut due = Vec::with_capacity(keys.len());
        for key in keys {
            // The index may be behind: what is gone is not due any more.
            if let Some(item) = found.remove(&key) {
                let loaded = self.due_item(&key, &item, &mut catalogs).await;
                due.push(Due { key, loaded });
            }
        }
        Ok(DuePage {
            due,
            next: page.next.map(DueCursor),
        })
    }

    /// Reads an item by its kind, with the catalog of its program, which is asked for once a page.
    async fn due_item(
        &self,
        key: &Key,
        item: &Item,
        catalogs: &mut HashMap<String, SharedCatalog>,
    ) -> Result<Loaded, Error> {
        if !(key.pk.starts_with("A#") && key.sk == "A") {
            let problem = "nothing is known that could be due about it";
            return Err(Reader::new(item).corrupt(problem));
        }
        let account = item::account(item)?;
        let catalog = match catalogs.get(&account.program) {
            Some(catalog) => Arc::clone(catalog),
            None => self.checked_catalog(&account.program, FIRST).await?,
        };
        catalogs.insert(account.program.clone(), Arc::clone(&catalog));
        Ok(Loaded::Account(catalog, Box::new(account)))
    }

    /// Sees to something that is due: writes what time has done to it, and when it is due next.
    /// Answers whether there was anything to write; to visit again does no harm.
    ///
    /// # Errors
    /// The table does not answer or the item does not read; it stays due.
    pub async fn visit(&self, due: Due) -> Result<bool, Error> {
        let Loaded::Account(catalog, account) = due.loaded?;
        let visiting = Visiting {
            id: &account.id,
            loaded: Some((&catalog, &account)),
        };
        self.run(&visiting).await
    }

    /// Visits all members of a program to whom time has done anything by the program's time. To
    /// run it twice, or not to its end, does no harm: each member is visited by itself, and its
    /// next write would do the same.
    ///
    /// `program` is as it was just written: what is kept of it may not know of its new time.
    pub(crate) async fn visit_members(&self, program: &Program) -> Result<(), Error> {
        let filter = AccountFilter::of(&program.id);
        let mut request = PageRequest {
            limit: 100,
            ..PageRequest::default()
        };
        loop {
            let now = self.now_in(program);
            let page = self.listed_accounts(&filter, &request).await?;
            let is_due = |account: &&Account| {
                let next = account.next_due(program);
                account.due_at.is_some() || next.is_some_and(|next| next <= now)
            };
            let due = page.data.iter().filter(is_due);
            stream::iter(due.map(|account| Ok(account.id.as_str())))
                .try_for_each_concurrent(VISITS_AT_A_TIME, async |id| {
                    let visiting = Visiting { id, loaded: None };
                    self.run(&visiting).await.map(|_| ())
                })
                .await?;
            request.starting_after = page.data.last().map(|account| account.id.clone());
            if !page.has_more {
                return Ok(());
            }
        }
    }
}

pub(crate) struct Visiting<'a> {
    pub(crate) id: &'a str,
    /// As it was found, which serves for the first try.
    pub(crate) loaded: Option<(&'a SharedCatalog, &'a Account)>,
}

impl Operation for Visiting<'_> {
    type Snapshot = (SharedCatalog, Account, Resources, Timestamp);
    type Answer = bool;

    fn hears(&self) -> bool {
        true
    }

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Self::Snapshot, Error> {
        let first = self.loaded.filter(|_| reading == FIRST);
        let (catalog, account) = match first {
            Some((catalog, account)) => (Arc::clone(catalog), account.clone()),
            None => {
                let account = ledger.stored_account(self.id, reading.consistency).await?;
                let catalog = ledger.checked_catalog(&account.program, reading).await?;
                (catalog, account)
            }
        };
        let now = ledger.now_in(&catalog.program);
        let resources = if catalog.hears(TIER_CHANGED) {
            // Budgets have windows, and what follows from a change belongs to when that was.
            let mut settled = account.clone();
            settled.settle(&catalog.program, now);
            let changes = settled.settle_tier(&catalog.program, &catalog.tiers, now);
            let at = changes.last().map_or(now, |change| change.at);
            ledger.resources(&catalog, &[&account], at, reading).await?
        } else {
            Resources::default()
        };
        Ok((catalog, account, resources, now))
    }

    fn decide(&self, snapshot: &Self::Snapshot) -> Result<Plan<bool>, Refusal> {
        let (catalog, account, resources, now) = snapshot;
        visit_account(catalog, account, resources, *now)
    }
}
