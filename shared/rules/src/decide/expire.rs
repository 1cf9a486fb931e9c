//! Writing off what has expired where nothing else is to be written.

use jiff::Timestamp;

use super::{Commit, Draft, Plan};
use crate::{Account, Catalog};

/// Decides to write off the points of an account that have expired by `now` (spec section 2,
/// "Expiry"); reads leave them out already.
#[must_use]
pub fn write_off_expired(catalog: &Catalog, account: &Account, now: Timestamp) -> Plan<()> {
    let draft = Draft::begin(account.clone(), &catalog.program, now, None);
    if draft.entries.is_empty() {
        return Plan::Answer(());
    }
    let (write, entries) = draft.finish(account.version);
    let commit = Commit {
        accounts: vec![write],
        entries,
        ..Commit::default()
    };
    Plan::Commit(Box::new(commit), ())
}
