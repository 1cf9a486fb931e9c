//! Accounts: create, read, change.

use jiff::Timestamp;
use laurel_rules::{
    Account, Catalog, Code, Commit, Plan, Refusal,
    archive::Archived,
    catalog::SharedCatalog,
    decide::{
        AccountChange, Candidate, Existing, Holders, NewAccount, create_account, update_account,
    },
    entry::Change,
    event::ACCOUNT_CREATED,
    id::ACCOUNT_PREFIX,
    pool::Pools,
    store_credit::CreditBalance,
};

use crate::{
    Error, Ledger, Seed,
    archive::archiving,
    commit::{Operation, Reading},
    events::derived_account_id,
    item::{self, Item},
    pools::PoolKeys,
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
    /// Store credit, of each currency in which there is any.
    pub store_credit: Vec<CreditBalance>,
    /// The key of the tier above the account's, and the points that are missing to it.
    pub next_tier: Option<(String, i64)>,
    /// Until when the account has its tier at least; without end where absent.
    pub tier_until: Option<Timestamp>,
}

/// How to read what is answered without a decision.
pub(crate) const CURRENT: Reading = Reading {
    consistency: Consistency::Strong,
    past: false,
};

pub(crate) fn no_such_account(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such account: `{id}`.")).at("account")
}

impl Ledger {
    /// Creates an account with its welcome bonus. The same `seed` again is the same account.
    ///
    /// # Errors
    /// `account_already_exists`, with the account that has the id, the customer or the email
    /// address; `resource_missing` where there is no such program.
    pub async fn create_account(
        &self,
        mut new: NewAccount,
        seed: Seed,
    ) -> Result<AccountView, Error> {
        new.request = seed.to_text();
        let creation = Creation {
            new: &new,
            seed,
            wall: self.now(),
        };
        let account = self.run(&creation).await?;
        self.view_as_written(account).await
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
        self.view_as_written(account).await
    }

    pub(crate) async fn one_view(&self, account: Account) -> Result<AccountView, Error> {
        let catalog = self.checked_catalog(&account.program, CURRENT).await?;
        Ok(self.view(account, &catalog))
    }

    /// The account as of now, right after a decision about it: the catalog that this relied on is
    /// the one that is kept.
    pub(crate) async fn view_as_written(&self, account: Account) -> Result<AccountView, Error> {
        let catalog = self.kept_catalog(&account.program).await?;
        Ok(self.view(account, &catalog))
    }

    /// The account as of now.
    pub(crate) fn view(&self, mut account: Account, catalog: &Catalog) -> AccountView {
        let now = self.now_in(&catalog.program);
        let (program, tiers) = (&catalog.program, &catalog.tiers);
        account.settle(program, now);
        account.settle_tier(program, tiers, now);
        let next_tier = account.next_tier(program, tiers, now);
        AccountView {
            next_tier: next_tier.map(|(tier, missing)| (tier.key.clone(), missing)),
            tier_until: account.tier_review_at(program),
            balance: account.balance(now),
            pending: account.pending(now),
            store_credit: account.store_credit.balances(now),
            account,
        }
    }

    /// The catalog in force, with one read of the program's item.
    pub(crate) async fn checked_catalog(
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

struct Creation<'a> {
    new: &'a NewAccount,
    seed: Seed,
    /// The machine's time.
    wall: Timestamp,
}

struct CreationSnapshot {
    catalog: SharedCatalog,
    holders: Holders,
    candidates: Vec<Candidate>,
    pools: Pools,
    now: Timestamp,
}

impl Operation for Creation<'_> {
    type Snapshot = CreationSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<CreationSnapshot, Error> {
        let new = self.new;
        let kept = ledger.kept_catalog(&new.program).await?;
        let ids = match (&new.id, &new.customer) {
            (Some(id), _) => vec![id.clone()],
            (None, None) => vec![self.seed.id(ACCOUNT_PREFIX)],
            // The one that follows from the customer, unless somebody else has it by now.
            (None, Some(customer)) => vec![
                derived_account_id(&kept.program, customer),
                self.seed.id(ACCOUNT_PREFIX),
            ],
        };
        let program = Key::program(&new.program);
        let keys = ids
            .iter()
            .flat_map(|id| [Key::account(id), Key::entry(id, 1)]);
        let now = ledger.now_in(&kept.program);
        let pools = PoolKeys::of(kept.pools(ACCOUNT_CREATED, now), &new.request);
        let keys: Vec<Key> = keys.chain([program.clone()]).chain(pools.all()).collect();
        let found = ledger.store.get(keys, reading.consistency).await?;
        let catalog = ledger.current_catalog(kept, found.get(&program)).await?;
        let (customer, email) = (new.customer.as_ref(), new.email.as_ref());
        let holders = ledger
            .holders(&new.program, customer, email, reading)
            .await?;
        let candidates = ids.into_iter().map(|id| {
            let taken = match found.get(&Key::account(&id)) {
                Some(account) => Some(existing(account, found.get(&Key::entry(&id, 1)))?),
                None => None,
            };
            Ok(Candidate { id, taken })
        });
        Ok(CreationSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            holders,
            pools: pools.read(&found, reading)?,
            candidates: candidates.collect::<Result<_, Error>>()?,
        })
    }

    fn decide(&self, snapshot: &CreationSnapshot) -> Result<Plan<Account>, Refusal> {
        let CreationSnapshot {
            catalog,
            holders,
            candidates,
            pools,
            now,
        } = snapshot;
        let plan = create_account(catalog, holders, candidates, pools, self.new, *now)?;
        let archived = |commit: &Commit, gone_at| Archived::of_creation(commit, *now, gone_at);
        Ok(archiving(plan, &catalog.program, self.wall, archived))
    }
}

fn existing(account: &Item, first: Option<&Item>) -> Result<Existing, Error> {
    let first = first.map(item::entry).transpose()?;
    Ok(Existing {
        account: item::account(account)?,
        request: match first.as_ref().and_then(|entry| entry.changes.first()) {
            Some(Change::Created { request, .. }) => request.clone(),
            _ => String::new(),
        },
    })
}

struct Update<'a> {
    id: &'a str,
    change: &'a AccountChange,
}

struct UpdateSnapshot {
    catalog: SharedCatalog,
    account: Account,
    holders: Holders,
    now: Timestamp,
}

impl Operation for Update<'_> {
    type Snapshot = UpdateSnapshot;
    type Answer = Account;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<UpdateSnapshot, Error> {
        let account = ledger.stored_account(self.id, reading.consistency).await?;
        let catalog = ledger.checked_catalog(&account.program, reading).await?;
        let customer = self.change.customer.as_ref().and_then(Option::as_ref);
        let email = self.change.email.as_ref().and_then(Option::as_ref);
        let holders = ledger
            .holders(&account.program, customer, email, reading)
            .await?;
        Ok(UpdateSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            holders,
        })
    }

    fn decide(&self, snapshot: &UpdateSnapshot) -> Result<Plan<Account>, Refusal> {
        let UpdateSnapshot {
            catalog,
            account,
            holders,
            now,
        } = snapshot;
        update_account(catalog, account, holders, self.change, *now)
    }
}
