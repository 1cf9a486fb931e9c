//! Closing an account and opening it again.

use jiff::Timestamp;

use super::{AccountWrite, Cause, Commit, Draft, Holders, Plan};
use crate::{Account, Catalog, Code, Refusal, account::Status, entry::Change};

/// What causes the last entry of an account that is closed.
pub(super) const CLOSED: &str = "loyalty.account.closed";

/// Checks that an account can earn and spend.
///
/// # Errors
/// `account_merged` or `account_closed` at `param`.
pub(super) fn active(account: &Account, param: &str) -> Result<(), Refusal> {
    match account.status {
        Status::Active => Ok(()),
        Status::Merged => Err(merged(account).at(param)),
        Status::Closed => {
            let message = format!("The account `{}` is closed; reopen it first.", account.id);
            Err(Refusal::new(Code::AccountClosed, message).at(param))
        }
    }
}

/// The refusal of what a merged account cannot do.
pub(super) fn merged(account: &Account) -> Refusal {
    let survivor = account.merged_into.as_deref().unwrap_or_default();
    let message = format!(
        "The account `{}` was merged into `{survivor}`; use that one.",
        account.id
    );
    Refusal {
        account: account.merged_into.clone(),
        ..Refusal::new(Code::AccountMerged, message)
    }
}

/// Decides to close an account, and answers it as it becomes. Its points stay and expire as they
/// would, those of reserved redemptions, which are canceled, too; its names stay too, until another account takes them.
///
/// # Errors
/// `account_merged`.
pub fn close_account(
    catalog: &Catalog,
    account: &Account,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    match account.status {
        Status::Merged => Err(merged(account)),
        Status::Closed => Ok(Plan::Answer(account.clone())),
        Status::Active => {
            let mut draft = Draft::begin(account.clone(), catalog, now, None);
            draft.release_holds(CLOSED)?;
            draft.account.status = Status::Closed;
            change(draft, account, vec![Change::Closed], Commit::default())
        }
    }
}

/// Decides to open a closed account again, and answers it as it becomes.
///
/// # Errors
/// `account_merged`; `account_already_exists` where another active account has its customer or
/// email address by now.
pub fn reopen_account(
    catalog: &Catalog,
    account: &Account,
    holders: &Holders,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    match account.status {
        Status::Merged => Err(merged(account)),
        Status::Active => Ok(Plan::Answer(account.clone())),
        Status::Closed => {
            let mut commit = Commit::default();
            holders.take_all(account, &mut commit)?;
            let mut draft = Draft::begin(account.clone(), catalog, now, None);
            draft.account.status = Status::Active;
            change(draft, account, vec![Change::Reopened], commit)
        }
    }
}

/// Ends a draft with changes of the account itself, which happen now; the first is their cause.
pub(super) fn change(
    mut draft: Draft<'_>,
    before: &Account,
    changes: Vec<Change>,
    commit: Commit,
) -> Result<Plan<Account>, Refusal> {
    draft.append_changes(before, changes);
    changed(draft, before, commit)
}

impl Draft<'_> {
    /// Appends changes of the account itself, which happen now; the first is their cause.
    pub(super) fn append_changes(&mut self, before: &Account, changes: Vec<Change>) {
        let trigger = match changes.first() {
            Some(Change::Closed) => CLOSED,
            Some(Change::Reopened) => "loyalty.account.reopened",
            Some(Change::Merged { .. } | Change::MergedInto { .. }) => "loyalty.account.merged",
            _ => "loyalty.account.updated",
        };
        let cause = Cause {
            trigger,
            source_id: &before.id,
            payment: None,
            occurred_at: self.now,
        };
        self.append(&cause, changes, Vec::new());
    }
}

/// Ends a draft whose changes are appended, and answers the account as it becomes.
pub(super) fn changed(
    draft: Draft<'_>,
    before: &Account,
    mut commit: Commit,
) -> Result<Plan<Account>, Refusal> {
    let (write, entries) = draft.finish(before.version);
    let AccountWrite::Update { account: after, .. } = &write else {
        let message = "An existing account must be updated.";
        return Err(Refusal::new(Code::Internal, message));
    };
    let after = after.clone();
    commit.accounts.push(write);
    commit.entries.extend(entries);
    Ok(Plan::Commit(Box::new(commit), after))
}
