//! Looking after an account that nothing else is written to.

use jiff::Timestamp;

use super::{AccountWrite, Commit, Draft, Plan, Progress, Resources, chain::chain};
use crate::{Account, Catalog, Refusal, pool::Taking};

/// Decides to write what time has done to an account by `now`, and when it is to be visited next;
/// answers whether that is anything. Reads know it already: this is so that the log has it and
/// the world is told. Rules hear of a tier that has changed.
///
/// # Errors
/// `points_out_of_range`.
pub fn visit_account(
    catalog: &Catalog,
    account: &Account,
    resources: &Resources,
    now: Timestamp,
) -> Result<Plan<bool>, Refusal> {
    let mut draft = Draft::begin(account.clone(), catalog, now, resources.past.clone());
    draft.taking = Taking::new(&resources.pools);
    if let Progress::Needs(needs) = chain(&mut draft)? {
        return Ok(Plan::Needs(needs));
    }
    // The period of a tier may begin without a word.
    let is_same_tier = draft.account.tier == account.tier;
    let pools = draft.taking.writes();
    let (write, entries) = draft.finish(account.version);
    let due_at = match &write {
        AccountWrite::Update { account, .. } => account.due_at,
        AccountWrite::Create(_) | AccountWrite::Check { .. } => None,
    };
    if entries.is_empty() && due_at == account.due_at && is_same_tier {
        return Ok(Plan::Answer(false));
    }
    let commit = Commit {
        accounts: vec![write],
        entries,
        pools,
        ..Commit::default()
    };
    Ok(Plan::Commit(Box::new(commit), true))
}
