//! Closing, reopening and merging accounts, and writing off what has expired.

use jiff::Timestamp;
use laurel_rules::{
    Account, Entry, Plan, Refusal,
    account::Status,
    catalog::SharedCatalog,
    decide::{
        Holders, Merge, MergeSnapshot, close_account, merge_accounts, reopen_account,
        write_off_expired,
    },
};

use crate::{
    AccountFilter, AccountView, Error, Ledger, PageRequest, Seed, TimeRange,
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

    /// Writes off what has expired by now in all accounts of a program, which announces it. To
    /// run it twice, or not to its end, does no harm: each account is written by itself, and its
    /// next write would do the same.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn write_off_expired(&self, program: &str) -> Result<(), Error> {
        let filter = AccountFilter {
            program: program.to_owned(),
            customer: None,
            email: None,
            status: None,
            created: TimeRange::default(),
        };
        let mut request = PageRequest {
            limit: 100,
            ..PageRequest::default()
        };
        loop {
            let page = self.accounts(&filter, &request).await?;
            for view in &page.data {
                let id = &view.account.id;
                self.run(&WritingOff { id }).await?;
            }
            request.starting_after = page.data.last().map(|view| view.account.id.clone());
            if !page.has_more {
                return Ok(());
            }
        }
    }
}

struct WritingOff<'a> {
    id: &'a str,
}

impl Operation for WritingOff<'_> {
    type Snapshot = (SharedCatalog, Account, Timestamp);
    type Answer = ();

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Self::Snapshot, Error> {
        Closing { id: self.id }.load(ledger, reading).await
    }

    fn decide(&self, (catalog, account, now): &Self::Snapshot) -> Result<Plan<()>, Refusal> {
        Ok(write_off_expired(catalog, account, *now))
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
        Ok(MergingSnapshot {
            now: ledger.now_in(&catalog.program),
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
            now,
        } = snapshot;
        let snapshot = MergeSnapshot {
            program: &catalog.program,
            source,
            target,
            last: last.as_ref(),
            now: *now,
        };
        merge_accounts(&snapshot, self.merge)
    }
}
