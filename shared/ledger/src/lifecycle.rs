//! Closing, reopening and merging accounts.

use jiff::Timestamp;
use laurel_rules::{
    Account, Entry, Plan, Refusal,
    account::Status,
    catalog::SharedCatalog,
    decide::{
        Holders, Merge, MergeSnapshot, Resources, close_account, merge_accounts, reopen_account,
    },
};

use crate::{
    AccountView, Error, Ledger, Seed,
    accounts::no_such_account,
    commit::{Operation, Reading},
    item,
    table::Key,
};

impl Ledger {
    /// Closes an account; one that is closed stays as it is.
    ///
    /// # Errors
    /// `resource_missing`, `account_merged`.
    pub async fn close_account(&self, id: &str) -> Result<AccountView, Error> {
        let account = self.run(&Closing { id }).await?;
        self.view_as_written(account).await
    }

    /// Opens a closed account again; one that is active stays as it is.
    ///
    /// # Errors
    /// `resource_missing`, `account_merged`; `account_already_exists` where another active account
    /// has its customer or email address by now.
    pub async fn reopen_account(&self, id: &str) -> Result<AccountView, Error> {
        let account = self.run(&Reopening { id }).await?;
        self.view_as_written(account).await
    }

    /// Merges `source` into `target` and answers the survivor; however much either has in its
    /// log, this takes two reads and one write. The same `seed` again is the same merge.
    ///
    /// # Errors
    /// `resource_missing`, `account_merged`, `account_not_active`, `merge_with_itself`,
    /// `program_mismatch`.
    pub async fn merge_accounts(
        &self,
        source: &str,
        target: &str,
        seed: Seed,
    ) -> Result<AccountView, Error> {
        let merge = Merge {
            source: source.to_owned(),
            target: target.to_owned(),
            request: seed.to_text(),
        };
        let account = self.run(&Merging { merge: &merge }).await?;
        self.view_as_written(account).await
    }
}

struct Closing<'a> {
    id: &'a str,
}

impl Operation for Closing<'_> {
    type Snapshot = (SharedCatalog, Account, Timestamp);
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Self::Snapshot, Error> {
        let account = ledger.stored_account(self.id, reading.consistency).await?;
        let catalog = ledger.checked_catalog(&account.program, reading).await?;
        let now = ledger.now_in(&catalog.program);
        Ok((catalog, account, now))
    }

    fn decide(&self, (catalog, account, now): &Self::Snapshot) -> Result<Plan<Account>, Refusal> {
        close_account(catalog, account, *now)
    }
}

struct Reopening<'a> {
    id: &'a str,
}

struct ReopeningSnapshot {
    catalog: SharedCatalog,
    account: Account,
    holders: Holders,
    now: Timestamp,
}

impl Operation for Reopening<'_> {
    type Snapshot = ReopeningSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<ReopeningSnapshot, Error> {
        let account = ledger.stored_account(self.id, reading.consistency).await?;
        let catalog = ledger.checked_catalog(&account.program, reading).await?;
        let (customer, email) = (account.customer.as_ref(), account.email.as_ref());
        let holders = ledger
            .holders(&account.program, customer, email, reading)
            .await?;
        Ok(ReopeningSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            holders,
        })
    }

    fn decide(&self, snapshot: &ReopeningSnapshot) -> Result<Plan<Account>, Refusal> {
        let ReopeningSnapshot {
            catalog,
            account,
            holders,
            now,
        } = snapshot;
        reopen_account(catalog, account, holders, *now)
    }
}

struct Merging<'a> {
    merge: &'a Merge,
}

struct MergingSnapshot {
    catalog: SharedCatalog,
    source: Account,
    target: Account,
    last: Option<Entry>,
    resources: Resources,
    now: Timestamp,
}

impl Operation for Merging<'_> {
    type Snapshot = MergingSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<MergingSnapshot, Error> {
        let Merge { source, target, .. } = self.merge;
        let keys = [source, target].map(|id| Key::account(id));
        let found = ledger.store.get(keys, reading.consistency).await?;
        let account = |id: &str, param: &str| {
            let item = found.get(&Key::account(id));
            let account = item.map(item::account).transpose()?;
            let account = account.filter(|account| ledger.sees(&account.program));
            account.ok_or_else(|| Error::from(no_such_account(id).at(param)))
        };
        let (source, target) = (account(source, "source")?, account(target, "target")?);
        let last = if source.status == Status::Merged {
            let key = Key::entry(&source.id, source.seq);
            let found = ledger.store.get([key], reading.consistency).await?;
            found.values().next().map(item::entry).transpose()?
        } else {
            None
        };
        let catalog = ledger.checked_catalog(&source.program, reading).await?;
        let now = ledger.now_in(&catalog.program);
        let both = [&source, &target];
        Ok(MergingSnapshot {
            resources: ledger.resources(&catalog, &both, now, reading).await?,
            now,
            catalog,
            source,
            target,
            last,
        })
    }

    fn decide(&self, snapshot: &MergingSnapshot) -> Result<Plan<Account>, Refusal> {
        let MergingSnapshot {
            catalog,
            source,
            target,
            last,
            resources,
            now,
        } = snapshot;
        let snapshot = MergeSnapshot {
            catalog,
            source,
            target,
            last: last.as_ref(),
            resources,
            now: *now,
        };
        merge_accounts(&snapshot, self.merge)
    }
}
