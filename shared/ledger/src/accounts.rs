//! Accounts: create, read, change, list.

use std::collections::HashMap;

use laurel_rules::{
    Account, Catalog, Code, Plan, Refusal,
    account::Status,
    catalog::SharedCatalog,
    decide::{
        AccountChange, ClaimKind, Existing, Holder, NewAccount, create_account, update_account,
    },
    entry::Change,
    id::ACCOUNT_PREFIX,
};

use crate::{
    Error, Ledger, Page, PageRequest,
    commit::{Operation, Reading},
    events::derived_account_id,
    item::{self, Item, Reader},
    page::no_such_cursor,
    store::Consistency,
    table::Key,
};

/// An account as of now: lots that have matured count, expired ones don't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account, settled to now.
    pub account: Account,
    /// Spendable points.
    pub balance: i64,
    /// Points that mature later.
    pub pending: i64,
}

const CURRENT: Reading = Reading {
    consistency: Consistency::Strong,
    past: false,
};

/// Which accounts to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFilter {
    /// Of this program.
    pub program: String,
    /// Only the one of this customer.
    pub customer: Option<String>,
    /// Only the one with this email address, in lower case.
    pub email: Option<String>,
    /// Only those with this status.
    pub status: Option<Status>,
}

pub(crate) fn no_such_account(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such account: `{id}`.")).at("account")
}

impl Ledger {
    /// Creates an account with its welcome bonus. A repeat under the same `request` finds what an
    /// earlier try has made.
    ///
    /// # Errors
    /// `account_already_exists`, with the account that has the customer or the email address;
    /// `resource_missing` where there is no such program.
    pub async fn create_account(&self, mut new: NewAccount) -> Result<AccountView, Error> {
        if new.request.is_empty() {
            new.request = self.new_id("");
        }
        new.id = self.free_account_id(&new).await?;
        let account = self.run(&Creation { new: &new }).await?;
        self.one_view(account).await
    }

    async fn free_account_id(&self, new: &NewAccount) -> Result<String, Error> {
        let other = format!("{ACCOUNT_PREFIX}{}", new.request);
        let Some(customer) = &new.customer else {
            return Ok(other);
        };
        let catalog = self.kept_catalog(&new.program).await?;
        let derived = derived_account_id(&catalog.program, customer);
        let first_entry = Key::entry(&derived, 1);
        let keys = [Key::account(&derived), first_entry.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        let is_ours = match found.get(&first_entry) {
            Some(entry) => creating_request(entry)? == new.request,
            None => true,
        };
        Ok(if is_ours { derived } else { other })
    }

    /// The account with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn account(&self, id: &str) -> Result<AccountView, Error> {
        let account = self.stored_account(id, Consistency::Strong).await?;
        self.one_view(account).await
    }

    pub(crate) async fn stored_account(
        &self,
        id: &str,
        consistency: Consistency,
    ) -> Result<Account, Error> {
        let found = self.store.get([Key::account(id)], consistency).await?;
        let item = found.values().next().ok_or_else(|| no_such_account(id))?;
        let account = item::account(item)?;
        if !self.sees(&account.program) {
            return Err(no_such_account(id).into());
        }
        Ok(account)
    }

    /// Changes an account's own fields.
    ///
    /// # Errors
    /// `resource_missing`, `account_already_exists` where another account has the customer or
    /// the email address, `account_merged`.
    pub async fn update_account(
        &self,
        id: &str,
        change: &AccountChange,
    ) -> Result<AccountView, Error> {
        let account = self.run(&Update { id, change }).await?;
        self.one_view(account).await
    }

    /// Lists a program's accounts, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names no account of the list.
    pub async fn accounts(
        &self,
        filter: &AccountFilter,
        request: &PageRequest,
    ) -> Result<Page<AccountView>, Error> {
        // First: with a cursor, a program that must not be known is refused like any unknown one.
        let catalog = self.checked_catalog(&filter.program, CURRENT).await?;
        let accounts = if filter.customer.is_some() || filter.email.is_some() {
            let named = self.named_accounts(filter).await?;
            Page::cut(named, request, |account| &account.id)?
        } else {
            self.listed_accounts(filter, request).await?
        };
        let views = accounts
            .data
            .into_iter()
            .map(|account| self.view(account, &catalog));
        Ok(Page {
            data: views.collect(),
            has_more: accounts.has_more,
        })
    }

    /// The one account that bears the names of the filter, or none.
    async fn named_accounts(&self, filter: &AccountFilter) -> Result<Vec<Account>, Error> {
        let names = [
            (ClaimKind::Customer, &filter.customer),
            (ClaimKind::Email, &filter.email),
        ];
        let keys = names.into_iter().filter_map(|(kind, name)| {
            name.as_ref()
                .map(|name| Key::claim(&filter.program, kind, name))
        });
        let keys: Vec<Key> = keys.collect();
        let wanted = keys.len();
        let claims = self.store.get(keys, Consistency::Strong).await?;
        let mut ids = Vec::new();
        for claim in claims.values() {
            ids.push(Reader::new(claim).text("a")?.to_owned());
        }
        ids.dedup();
        if claims.len() < wanted || ids.len() != 1 {
            return Ok(Vec::new());
        }
        let found = self
            .store
            .get(ids.iter().map(|id| Key::account(id)), Consistency::Strong)
            .await?;
        let accounts = found
            .values()
            .map(item::account)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(accounts
            .into_iter()
            .filter(|account| filter.status.is_none_or(|status| account.status == status))
            .collect())
    }

    async fn listed_accounts(
        &self,
        filter: &AccountFilter,
        request: &PageRequest,
    ) -> Result<Page<Account>, Error> {
        let (param, cursor) = match (&request.starting_after, &request.ending_before) {
            (Some(id), _) => ("starting_after", Some(id)),
            (None, Some(id)) => ("ending_before", Some(id)),
            (None, None) => ("", None),
        };
        let backwards = param == "ending_before";
        let mut start = None;
        if let Some(id) = cursor {
            let found = self
                .store
                .get([Key::account(id)], Consistency::Strong)
                .await?;
            let item = found.into_values().next();
            let item = item.filter(|item| {
                Reader::new(item)
                    .text("p")
                    .is_ok_and(|p| p == filter.program)
            });
            let item = item.ok_or_else(|| no_such_cursor(param, id))?;
            start = Some(index_key(item));
        }
        let partition = format!("A#{}", filter.program);
        let mut accounts = Vec::new();
        loop {
            let limit = i32::try_from(request.limit + 1).unwrap_or(i32::MAX);
            let page = self
                .store
                .query_index(&partition, !backwards, limit, start)
                .await?;
            let mut keys = Vec::with_capacity(page.items.len());
            for item in &page.items {
                let reader = Reader::new(item);
                keys.push(Key::account(reader.after("pk", "A#")?));
            }
            let mut found = self.store.get(keys.clone(), Consistency::Strong).await?;
            for key in &keys {
                let Some(item) = found.remove(key) else {
                    continue;
                };
                let account = item::account(&item)?;
                if filter.status.is_none_or(|status| account.status == status) {
                    accounts.push(account);
                }
            }
            start = page.next;
            if accounts.len() > request.limit || start.is_none() {
                break;
            }
        }
        let has_more = accounts.len() > request.limit;
        accounts.truncate(request.limit);
        if backwards {
            accounts.reverse();
        }
        Ok(Page {
            data: accounts,
            has_more,
        })
    }

    async fn one_view(&self, account: Account) -> Result<AccountView, Error> {
        let catalog = self.checked_catalog(&account.program, CURRENT).await?;
        Ok(self.view(account, &catalog))
    }

    /// The account as of now.
    fn view(&self, mut account: Account, catalog: &Catalog) -> AccountView {
        let now = self.now_in(&catalog.program);
        account.settle(&catalog.program, now);
        AccountView {
            balance: account.balance(now),
            pending: account.pending(now),
            account,
        }
    }

    async fn holder(
        &self,
        program: &str,
        customer: Option<&String>,
        email: Option<&String>,
        reading: Reading,
    ) -> Result<Holder, Error> {
        let key = |kind, name: Option<&String>| name.map(|name| Key::claim(program, kind, name));
        let (customer, email) = (
            key(ClaimKind::Customer, customer),
            key(ClaimKind::Email, email),
        );
        let keys: Vec<Key> = customer.iter().chain(&email).cloned().collect();
        if keys.is_empty() {
            return Ok(Holder::default());
        }
        let found = self.store.get(keys, reading.consistency).await?;
        let account_at = |key: Option<Key>| match key.and_then(|key| found.get(&key)) {
            Some(claim) => Reader::new(claim).text("a").map(|id| Some(id.to_owned())),
            None => Ok(None),
        };
        Ok(Holder {
            of_customer: account_at(customer)?,
            of_email: account_at(email)?,
        })
    }

    /// The catalog in force, with one read of the program's item.
    async fn checked_catalog(
        &self,
        program: &str,
        reading: Reading,
    ) -> Result<SharedCatalog, Error> {
        let kept = self.kept_catalog(program).await?;
        let found = self
            .store
            .get([Key::program(program)], reading.consistency)
            .await?;
        self.current_catalog(kept, found.values().next()).await
    }
}

/// Which request created the account whose first entry this is.
fn creating_request(first_entry: &Item) -> Result<String, Error> {
    Ok(match item::entry(first_entry)?.change {
        Some(Change::Created { request, .. }) => request,
        _ => String::new(),
    })
}

fn index_key(item: Item) -> Item {
    let names = ["pk", "sk", "gk", "gs"];
    item.into_iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .collect::<HashMap<_, _>>()
}

struct Creation<'a> {
    new: &'a NewAccount,
}

struct CreationSnapshot {
    catalog: SharedCatalog,
    holder: Holder,
    existing: Option<Existing>,
    now: jiff::Timestamp,
}

impl Operation for Creation<'_> {
    type Snapshot = CreationSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<CreationSnapshot, Error> {
        let new = self.new;
        let catalog = ledger.checked_catalog(&new.program, reading).await?;
        let holder = ledger
            .holder(
                &new.program,
                new.customer.as_ref(),
                new.email.as_ref(),
                reading,
            )
            .await?;
        let (account, first_entry) = (Key::account(&new.id), Key::entry(&new.id, 1));
        let keys = [account.clone(), first_entry.clone()];
        let found = ledger.store.get(keys, reading.consistency).await?;
        let existing = match (found.get(&account), found.get(&first_entry)) {
            (Some(account), Some(entry)) => Some(Existing {
                account: item::account(account)?,
                request: creating_request(entry)?,
            }),
            _ => None,
        };
        Ok(CreationSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            holder,
            existing,
        })
    }

    fn decide(&self, snapshot: &CreationSnapshot) -> Result<Plan<Account>, Refusal> {
        let CreationSnapshot {
            catalog,
            holder,
            existing,
            now,
        } = snapshot;
        create_account(catalog, holder, existing.as_ref(), self.new, *now)
    }
}

struct Update<'a> {
    id: &'a str,
    change: &'a AccountChange,
}

struct UpdateSnapshot {
    catalog: SharedCatalog,
    account: Account,
    holder: Holder,
    now: jiff::Timestamp,
}

impl Operation for Update<'_> {
    type Snapshot = UpdateSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<UpdateSnapshot, Error> {
        let account = ledger.stored_account(self.id, reading.consistency).await?;
        let catalog = ledger.checked_catalog(&account.program, reading).await?;
        let customer = self.change.customer.as_ref().and_then(Option::as_ref);
        let email = self.change.email.as_ref().and_then(Option::as_ref);
        let holder = ledger
            .holder(&account.program, customer, email, reading)
            .await?;
        Ok(UpdateSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            holder,
        })
    }

    fn decide(&self, snapshot: &UpdateSnapshot) -> Result<Plan<Account>, Refusal> {
        let UpdateSnapshot {
            catalog,
            account,
            holder,
            now,
        } = snapshot;
        update_account(catalog, account, holder, self.change, *now)
    }
}
