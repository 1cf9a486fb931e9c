//! Accounts listed.

use laurel_rules::{Account, account::Status, catalog::SharedCatalog, decide::ClaimKind};

use crate::{
    AccountView, Error, Ledger, Page, PageRequest, TimeRange,
    accounts::CURRENT,
    item::{self, Reader},
    page::no_such_cursor,
    store::{Consistency, Index, Span},
    table::{Key, listed_account, listed_accounts},
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
    /// Only those created in this range of time.
    pub created: TimeRange,
}

impl AccountFilter {
    /// All accounts of a program.
    pub fn of(program: impl Into<String>) -> AccountFilter {
        AccountFilter {
            program: program.into(),
            customer: None,
            email: None,
            status: None,
            created: TimeRange::default(),
        }
    }

    fn admits(&self, account: &Account) -> bool {
        self.status.is_none_or(|status| account.status == status)
            && self.created.contains(account.created)
    }
}

impl Ledger {
    /// Lists a program's accounts, the newest first. A customer or an email address leads to the
    /// survivor where its account was merged.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where a cursor names
    /// no account of the list.
    pub async fn accounts(
        &self,
        filter: &AccountFilter,
        request: &PageRequest,
    ) -> Result<Page<AccountView>, Error> {
        let (catalog, accounts) = if filter.customer.is_some() || filter.email.is_some() {
            let (catalog, named) = self.named_account(filter).await?;
            let named = named.into_iter().collect();
            (
                catalog,
                Page::cut(named, request, |account: &Account| &account.id)?,
            )
        } else {
            // First: with a cursor, a program that must not be known is refused like any unknown
            // one.
            let catalog = self.checked_catalog(&filter.program, CURRENT).await?;
            (catalog, self.listed_accounts(filter, request).await?)
        };
        let views = accounts.data.into_iter();
        let views = views.map(|account| self.view(account, &catalog));
        Ok(Page {
            data: views.collect(),
            has_more: accounts.has_more,
        })
    }

    /// The program, and the one of its accounts that bears the names of the filter, or none.
    async fn named_account(
        &self,
        filter: &AccountFilter,
    ) -> Result<(SharedCatalog, Option<Account>), Error> {
        let kept = self.kept_catalog(&filter.program).await?;
        let program = Key::program(&filter.program);
        let names = [
            (ClaimKind::Customer, &filter.customer),
            (ClaimKind::Email, &filter.email),
        ];
        let claims: Vec<Key> = names
            .into_iter()
            .filter_map(|(kind, name)| Some(Key::claim(&filter.program, kind, name.as_ref()?)))
            .collect();
        let keys = claims.iter().chain([&program]).cloned();
        let found = self.store.get(keys, CURRENT.consistency).await?;
        let catalog = self.current_catalog(kept, found.get(&program)).await?;
        let mut named: Option<Account> = None;
        for claim in &claims {
            let account = self.claimed(found.get(claim), CURRENT).await?;
            let account = account.filter(|account| filter.admits(account));
            let is_another = |named: &Account| Some(&named.id) != account.as_ref().map(|it| &it.id);
            if account.is_none() || named.as_ref().is_some_and(is_another) {
                return Ok((catalog, None));
            }
            named = account;
        }
        Ok((catalog, named))
    }

    pub(crate) async fn listed_accounts(
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
        let (first, last) = filter.created.bounds();
        let (mut from, mut to) = listed_accounts(first, last);
        if let Some(id) = cursor {
            let found = self
                .store
                .get([Key::account(id)], Consistency::Strong)
                .await?;
            let account = found.values().next().map(item::account).transpose()?;
            let account = account.filter(|account| account.program == filter.program);
            let account = account.ok_or_else(|| no_such_cursor(param, id))?;
            let here = listed_account(account.created, id);
            if backwards {
                from = from.max(here);
            } else {
                to = to.min(here);
            }
        }
        let partition = format!("A#{}", filter.program);
        let mut accounts = Vec::new();
        let mut start = None;
        // Two bounds may leave nothing between them, which a query would refuse.
        let mut is_over = from > to;
        while !is_over {
            // The cursor itself is read again and left out.
            let span = Span {
                index: Some(Index::Listed),
                partition: &partition,
                from: &from,
                to: &to,
                newest_first: !backwards,
                limit: Some(i32::try_from(request.limit + 2).unwrap_or(i32::MAX)),
                start,
            };
            let page = self.store.query(span).await?;
            let mut keys = Vec::with_capacity(page.items.len());
            for item in &page.items {
                let id = Reader::new(item).after("pk", "A#")?;
                if cursor.is_none_or(|cursor| cursor != id) {
                    keys.push(Key::account(id));
                }
            }
            let mut found = self.store.get(keys.clone(), Consistency::Strong).await?;
            for key in &keys {
                let Some(item) = found.remove(key) else {
                    continue;
                };
                let account = item::account(&item)?;
                if filter.admits(&account) {
                    accounts.push(account);
                }
            }
            start = page.next;
            is_over = accounts.len() > request.limit || start.is_none();
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
}
