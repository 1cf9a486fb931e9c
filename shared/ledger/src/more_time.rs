//! Points that get more time.

use jiff::Timestamp;
use laurel_rules::{
    Account, Entry, EventRecord, Plan, Refusal,
    catalog::SharedCatalog,
    decide::{MoreTime, give_more_time},
    id::TransactionId,
};

use crate::{
    Error, Ledger, TransactionView,
    adjustments::{Adjusted, as_made, digest},
    commit::{Operation, Reading},
    item,
    table::Key,
};

impl Ledger {
    /// Extends what is left of an earning, or gives back what has expired. A repeat under the
    /// same key is answered with the first transaction.
    ///
    /// # Errors
    /// `nothing_left`, `already_reinstated`, `account_closed`, `resource_missing`.
    pub async fn give_more_time(&self, mut wanted: MoreTime) -> Result<TransactionView, Error> {
        let named = wanted.to.named();
        let given = (&wanted.account, named, wanted.expires_at, &wanted.reason);
        wanted.content = digest(&format!("{:?}", (given, &wanted.metadata, &wanted.key)));
        match self.run(&GivingMoreTime { wanted: &wanted }).await? {
            Adjusted::Now(view) => Ok(*view),
            Adjusted::Before(id) => self.transaction(&id.to_string()).await,
        }
    }
}

struct GivingMoreTime<'a> {
    wanted: &'a MoreTime,
}

struct Snapshot {
    catalog: SharedCatalog,
    account: Account,
    record: Option<EventRecord>,
    named: Option<Entry>,
    now: Timestamp,
}

impl Operation for GivingMoreTime<'_> {
    type Snapshot = Snapshot;
    type Answer = Adjusted;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Snapshot, Error> {
        let wanted = self.wanted;
        let account = ledger
            .stored_account(&wanted.account, reading.consistency)
            .await?;
        let key = wanted.record_key(&account.program);
        let (catalog, record) = ledger.catalog_and_record(&key, reading).await?;
        let (
            _,
            TransactionId {
                account: of, seq, ..
            },
        ) = wanted.to.named();
        let key = Key::entry(of, *seq);
        let found = ledger.store.get([key], reading.consistency).await?;
        Ok(Snapshot {
            now: ledger.now_in(&catalog.program),
            named: found.values().next().map(item::entry).transpose()?,
            catalog,
            account,
            record,
        })
    }

    fn decide(&self, snapshot: &Snapshot) -> Result<Plan<Adjusted>, Refusal> {
        let Snapshot {
            catalog,
            account,
            record,
            named,
            now,
        } = snapshot;
        let (record, named) = (record.as_ref(), named.as_ref());
        let plan = give_more_time(catalog, account, record, named, self.wanted, *now)?;
        Ok(plan.map(|commit, id| as_made(commit, id, *now)))
    }
}
