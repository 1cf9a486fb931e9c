//! Who bears a name, and who a merged account has become.

use std::collections::{BTreeSet, HashMap};

use laurel_rules::{
    Account,
    decide::{ClaimKind, Held, Holders},
};

use crate::{
    Error, Ledger,
    commit::Reading,
    item::{self, Item, Reader},
    store::Consistency,
    table::Key,
};

/// What accounts have become by merges.
#[derive(Debug, Default)]
pub(crate) struct Survivors(HashMap<String, String>);

impl Survivors {
    /// The account that this one is by now.
    pub(crate) fn of(&self, account: &str) -> String {
        let Survivors(by_now) = self;
        by_now
            .get(account)
            .map_or(account, String::as_str)
            .to_owned()
    }
}

impl Ledger {
    /// Who has these names of a program.
    pub(crate) async fn holders(
        &self,
        program: &str,
        customer: Option<&String>,
        email: Option<&String>,
        reading: Reading,
    ) -> Result<Holders, Error> {
        let key = |kind, name: Option<&String>| name.map(|name| Key::claim(program, kind, name));
        let customer = key(ClaimKind::Customer, customer);
        let email = key(ClaimKind::Email, email);
        let keys: Vec<Key> = customer.iter().chain(&email).cloned().collect();
        if keys.is_empty() {
            return Ok(Holders::default());
        }
        let found = self.store.get(keys, reading.consistency).await?;
        let claim = |key: &Option<Key>| key.as_ref().and_then(|key| found.get(key));
        Ok(Holders {
            of_customer: self.held(claim(&customer), reading).await?,
            of_email: self.held(claim(&email), reading).await?,
        })
    }

    /// Where a claim leads.
    pub(crate) async fn held(
        &self,
        claim: Option<&Item>,
        reading: Reading,
    ) -> Result<Option<Held>, Error> {
        let Some(claim) = claim else {
            return Ok(None);
        };
        let reader = Reader::new(claim);
        let id = reader.text("a")?;
        let account = self.survivor(id, reading).await?;
        let account = account.ok_or_else(|| reader.corrupt(format!("{id} does not exist")))?;
        Ok(Some(Held {
            claim: id.to_owned(),
            account: account.id,
            status: account.status,
            version: account.version,
        }))
    }

    /// The account that a claim leads to.
    pub(crate) async fn claimed(
        &self,
        claim: Option<&Item>,
        reading: Reading,
    ) -> Result<Option<Account>, Error> {
        match claim {
            Some(claim) => self.survivor(Reader::new(claim).text("a")?, reading).await,
            None => Ok(None),
        }
    }

    /// The account with this id, or the one that it was merged into.
    pub(crate) async fn survivor(
        &self,
        id: &str,
        reading: Reading,
    ) -> Result<Option<Account>, Error> {
        let found = self
            .store
            .get([Key::account(id)], reading.consistency)
            .await?;
        match found.values().next() {
            Some(item) => self.follow(item::account(item)?, reading).await,
            None => Ok(None),
        }
    }

    /// The survivor of `account`. A merge needs both accounts active and ends one of them for
    /// good, so the way never comes back to where it was; it is as long as merges followed each
    /// other, which `ABSORBED_MAX` bounds.
    pub(crate) async fn follow(
        &self,
        mut account: Account,
        reading: Reading,
    ) -> Result<Option<Account>, Error> {
        while let Some(into) = &account.merged_into {
            let found = self
                .store
                .get([Key::account(into)], reading.consistency)
                .await?;
            match found.values().next() {
                Some(item) => account = item::account(item)?,
                None => return Ok(None),
            }
        }
        Ok(Some(account))
    }

    /// What many accounts are by now: one request for all, and one more for each merge on the
    /// longest way.
    pub(crate) async fn survivors(
        &self,
        accounts: impl Iterator<Item = &str>,
    ) -> Result<Survivors, Error> {
        let mut wanted: BTreeSet<String> = accounts.map(str::to_owned).collect();
        let mut by_now: HashMap<String, String> = HashMap::new();
        let mut is_first = true;
        while !wanted.is_empty() {
            let keys = wanted.iter().map(|id| Key::account(id));
            let found = self.store.get(keys, Consistency::Strong).await?;
            let mut merged = HashMap::new();
            for item in found.values() {
                let account = item::account(item)?;
                if let Some(into) = account.merged_into {
                    merged.insert(account.id, into);
                }
            }
            if is_first {
                by_now.clone_from(&merged);
                is_first = false;
            } else {
                for account in by_now.values_mut() {
                    if let Some(into) = merged.get(account) {
                        account.clone_from(into);
                    }
                }
            }
            wanted = merged.into_values().collect();
        }
        Ok(Survivors(by_now))
    }
}
