//! Looking after an account that nothing else is written to.

use jiff::Timestamp;

use super::{AccountWrite, Commit, Draft, Plan};
use crate::{Account, Catalog};

/// Decides to write what time has done to an account by `now`, and when it is to be visited next;
/// answers whether that is anything. Reads know it already: this is so that the log has it and
/// the world is told.
#[must_use]
pub fn visit_account(catalog: &Catalog, account: &Account, now: Timestamp) -> Plan<bool> {
    let draft = Draft::begin(account.clone(), catalog, now, None);
    // The period of a tier may begin without a word.
    let is_same_tier = draft.account.tier == account.tier;
    let (write, entries) = draft.finish(account.version);
    let due_at = match &write {
        AccountWrite::Update { account, .. } => account.due_at,
        AccountWrite::Create(_) | AccountWrite::Check { .. } => None,
    };
    if entries.is_empty() && due_at == account.due_at && is_same_tier {
        return Plan::Answer(false);
    }
    let commit = Commit {
        accounts: vec![write],
        entries,
        ..Commit::default()
    };
    Plan::Commit(Box::new(commit), true)
}
