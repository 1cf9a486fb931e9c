//! Erasing what identifies a person.
//!
//! One transaction for the account, which closes it, then one for each account that was merged
//! into it. Each is whole by itself and does nothing where it was done before, so that a call that
//! died on the way is finished by the same call again. What is archived of each account's events
//! follows, and so do referrals that gave way to another one: once it is closed, nothing is added
//! to either.

use std::collections::BTreeSet;

use laurel_rules::{
    Account, EventRecord, Plan, Refusal,
    decide::{ErasureSnapshot, NAMED_BY_CUSTOMER, erase_personal_data, unname_referral},
    entry::Change,
    record::EventKey,
    referral::{Referral, ReferralId},
};

use crate::{
    AccountView, Error, Ledger,
    commit::{Operation, Reading},
    item,
    table::{ENTRY_PREFIX, Key},
};

impl Ledger {
    /// Erases the customer, email address and metadata of an account and of all that were merged
    /// into it, from their logs too, and closes it. Its transactions stay.
    ///
    /// # Errors
    /// `resource_missing`, `account_merged`.
    pub async fn erase_personal_data(&self, id: &str) -> Result<AccountView, Error> {
        let account = self.run(&Erasure { id, survivor: id }).await?;
        let program = self.kept_catalog(&account.program).await?;
        let now = self.now_in(&program.program);
        self.forget_archived(&account, now).await?;
        self.unname_referrals(&account).await?;
        for absorbed in &account.absorbed {
            let id = &absorbed.account;
            let survivor = &account.id;
            let absorbed = self.run(&Erasure { id, survivor }).await?;
            self.forget_archived(&absorbed, now).await?;
            self.unname_referrals(&absorbed).await?;
        }
        self.view_as_written(account).await
    }

    /// Takes the customer out of all referrals that the account's own log tells of.
    async fn unname_referrals(&self, account: &Account) -> Result<(), Error> {
        let partition = Key::account(&account.id).pk;
        let to = format!("{ENTRY_PREFIX}~");
        let mut ids = BTreeSet::new();
        for item in self.store.query_all(&partition, ENTRY_PREFIX, &to).await? {
            for change in item::entry(&item)?.changes {
                if let Change::Referral(change) = change
                    && change.referee.as_ref() == Some(&account.id)
                {
                    ids.extend(ReferralId::parse(&change.id).filter(|id| !id.is_code()));
                }
            }
        }
        for id in ids {
            self.run(&Unnaming { id }).await?;
        }
        Ok(())
    }

    /// The records of events that are named by these customers.
    async fn records_named_by(
        &self,
        program: &str,
        customers: &[String],
        reading: Reading,
    ) -> Result<Vec<EventRecord>, Error> {
        let keys = customers.iter().flat_map(|customer| {
            NAMED_BY_CUSTOMER.map(|trigger| {
                Key::record(&EventKey {
                    program: program.to_owned(),
                    trigger: trigger.to_owned(),
                    source_id: customer.clone(),
                })
            })
        });
        let found = self.store.get(keys, reading.consistency).await?;
        found.values().map(item::record).collect()
    }
}

struct Unnaming {
    id: ReferralId,
}

impl Operation for Unnaming {
    type Snapshot = Option<Referral>;
    type Answer = ();

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Self::Snapshot, Error> {
        let key = Key::referral(&self.id);
        let found = ledger.store.get([key], reading.consistency).await?;
        found.values().next().map(item::referral).transpose()
    }

    fn decide(&self, snapshot: &Self::Snapshot) -> Result<Plan<()>, Refusal> {
        let plan = snapshot.as_ref().map(unname_referral);
        Ok(plan.unwrap_or(Plan::Answer(())))
    }
}

struct Erasure<'a> {
    id: &'a str,
    survivor: &'a str,
}

impl Operation for Erasure<'_> {
    type Snapshot = ErasureSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<ErasureSnapshot, Error> {
        let (own, first) = (Key::account(self.id), Key::entry(self.id, 1));
        let found = ledger
            .store
            .get([own.clone(), first.clone()], reading.consistency);
        let found = found.await?;
        let item = found.get(&own);
        let item = item.ok_or_else(|| crate::accounts::no_such_account(self.id))?;
        let account = item::account(item)?;
        if !ledger.sees(&account.program) {
            return Err(crate::accounts::no_such_account(self.id).into());
        }
        let mut entries = Vec::new();
        let mut customers: Vec<String> = account.customer.iter().cloned().collect();
        if let Some(item) = found.get(&first) {
            let first = item::entry(item)?;
            if let Some(Change::Created { customer, .. }) = first.changes.first() {
                customers.extend(customer.clone());
            }
            entries.push(first);
        }
        let known = &account.referrals;
        let code = known
            .code
            .as_ref()
            .map(|code| Key::entry(&account.id, code.seq));
        let referred = known
            .referred
            .as_ref()
            .and_then(|it| ReferralId::parse(&it.id));
        let referred = referred.as_ref().map(Key::referral);
        let keys = code.iter().chain(&referred).cloned();
        let found = ledger.store.get(keys, reading.consistency).await?;
        if let Some(item) = code.as_ref().and_then(|key| found.get(key)) {
            entries.push(item::entry(item)?);
        }
        let referral = referred.as_ref().and_then(|key| found.get(key));
        let referral = referral.map(item::referral).transpose()?;
        let program = &account.program;
        let catalog = ledger.checked_catalog(program, reading).await?;
        let records = ledger
            .records_named_by(program, &customers, reading)
            .await?;
        let told = records.iter().filter_map(|record| record.handled.as_ref());
        let here = told.filter(|handled| handled.account.as_ref() == Some(&account.id));
        let refs = here.flat_map(|handled| &handled.entries);
        let keys: Vec<Key> = refs.map(|at| Key::entry(&account.id, at.seq)).collect();
        let found = ledger.store.get(keys, reading.consistency).await?;
        for item in found.values() {
            let entry = item::entry(item)?;
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        let (customer, email) = (account.customer.as_ref(), account.email.as_ref());
        let holders = ledger.holders(program, customer, email, reading).await?;
        Ok(ErasureSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            survivor: self.survivor.to_owned(),
            holders,
            records,
            referral,
            entries,
        })
    }

    fn decide(&self, snapshot: &ErasureSnapshot) -> Result<Plan<Account>, Refusal> {
        erase_personal_data(snapshot)
    }
}
