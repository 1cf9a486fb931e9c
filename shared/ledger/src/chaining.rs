//! What rules need that listen to what Laurel tells itself, and that they hear of every tier that
//! changes by time.

use jiff::Timestamp;
use laurel_rules::{
    Account, Catalog, Commit,
    decide::{Past, Resources},
    entry::Change,
    event::{TIER_CHANGED, TIER_REVIEW},
};

use crate::{Error, Ledger, commit::Reading, due::Visiting, pools::PoolKeys, turns::Turn};

impl Ledger {
    /// What a decision about these accounts, of which the last lives on, may need for awards that
    /// follow from it at `at`: nothing, and no request, where no rule listens.
    pub(crate) async fn resources(
        &self,
        catalog: &Catalog,
        accounts: &[&Account],
        at: Timestamp,
        reading: Reading,
    ) -> Result<Resources, Error> {
        let survivor = accounts.last().map_or("", |account| &account.id);
        let keys = PoolKeys::of(catalog.chained_pools(at), survivor);
        let all: Vec<_> = keys.all().collect();
        let mut resources = Resources::default();
        if !all.is_empty() {
            let found = self.store.get(all, reading.consistency).await?;
            resources.pools = keys.read(&found, reading)?;
        }
        if reading.past {
            let mut past = Past::default();
            for account in accounts {
                past.append(self.past(account).await?);
            }
            resources.past = Some(past);
        }
        Ok(resources)
    }

    /// Visits the accounts whose tier a commit would let follow time, where rules listen to that:
    /// a visit is what they hear it by, so it goes first, and takes the caller's turn. Answers
    /// whether there were any.
    pub(crate) async fn hear_reviews(
        &self,
        commit: &Commit,
        turn: &mut Option<Turn>,
    ) -> Result<bool, Error> {
        let mut heard = false;
        for entry in &commit.entries {
            let is_review = entry.trigger == TIER_REVIEW
                && matches!(entry.changes.first(), Some(Change::TierChanged(_)));
            if !is_review || !self.kept_catalog(&entry.program).await?.hears(TIER_CHANGED) {
                continue;
            }
            let visiting = Visiting {
                id: &entry.account,
                loaded: None,
            };
            *turn = None;
            // A visit is an operation itself, which hears what it writes.
            Box::pin(self.run(&visiting)).await?;
            heard = true;
        }
        Ok(heard)
    }
}
