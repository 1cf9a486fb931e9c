//! Transactions: what is read of them.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{Code, Entry, EventOutcome, Refusal, Transaction, id::TransactionId};

use crate::{Error, Ledger, accounts::CURRENT, item, store::Consistency, table::Key};

/// A transaction, in the entry that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionView {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The place in it.
    pub place: usize,
    /// Whose it is by now: that of the entry, or the one that it was merged into.
    pub account: String,
    /// Whether it counts yet.
    pub status: TransactionStatus,
}

/// Whether a transaction counts yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// From its `available_at` on.
    Pending,
    /// It does.
    Posted,
}

impl TransactionStatus {
    /// The status as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TransactionStatus::Pending => "pending",
            TransactionStatus::Posted => "posted",
        }
    }
}

impl TransactionView {
    pub(crate) fn of(
        entry: Arc<Entry>,
        place: usize,
        account: String,
        now: Timestamp,
    ) -> TransactionView {
        let available_at = entry.transactions.get(place).and_then(|t| t.available_at);
        let status = match available_at {
            Some(at) if at > now => TransactionStatus::Pending,
            _ => TransactionStatus::Posted,
        };
        TransactionView {
            entry,
            place,
            account,
            status,
        }
    }

    /// The transaction.
    #[must_use]
    pub fn transaction(&self) -> &Transaction {
        &self.entry.transactions[self.place]
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TransactionId {
        self.entry.transaction_id(self.place)
    }
}

/// What an event brought its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gain {
    /// The points of all transactions that it made.
    pub points: i64,
    /// What the member, or who the member was merged into, can spend by now.
    pub balance: i64,
}

fn no_such_transaction(id: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such transaction: `{id}`."),
    )
}

impl Ledger {
    /// The transaction with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn transaction(&self, id: &str) -> Result<TransactionView, Error> {
        let parsed = TransactionId::parse(id).ok_or_else(|| no_such_transaction(id))?;
        let (key, owner) = (
            Key::entry(&parsed.account, parsed.seq),
            Key::account(&parsed.account),
        );
        let keys = [key.clone(), owner.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        let (Some(entry), Some(owner)) = (found.get(&key), found.get(&owner)) else {
            return Err(no_such_transaction(id).into());
        };
        let entry = item::entry(entry)?;
        let place = usize::try_from(parsed.place).unwrap_or(usize::MAX);
        if place >= entry.transactions.len() || !self.sees(&entry.program) {
            return Err(no_such_transaction(id).into());
        }
        let survivor = self.follow(item::account(owner)?, CURRENT).await?;
        let account = survivor.map_or(parsed.account, |survivor| survivor.id);
        let now = self.time_of(&entry.program).await?;
        Ok(TransactionView::of(Arc::new(entry), place, account, now))
    }

    /// What an event brought its member, a repeat what it brought the first time; `None` where
    /// it has no member.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn gain(&self, outcome: &EventOutcome) -> Result<Option<Gain>, Error> {
        let Some(id) = &outcome.account else {
            return Ok(None);
        };
        let made = outcome.transactions.iter();
        let entries = made.map(|made| Key::entry(&made.account, made.seq));
        let mut keys: Vec<Key> = entries.collect();
        keys.dedup();
        let owner = Key::account(id);
        keys.push(owner.clone());
        let found = self.store.get(keys, Consistency::Strong).await?;
        let mut points = 0_i64;
        for made in &outcome.transactions {
            let Some(entry) = found.get(&Key::entry(&made.account, made.seq)) else {
                continue;
            };
            let place = usize::try_from(made.place).unwrap_or(usize::MAX);
            let amount = item::entry(entry)?
                .transactions
                .get(place)
                .map(|it| it.amount);
            points = points.saturating_add(amount.unwrap_or(0));
        }
        let Some(owner) = found.get(&owner) else {
            return Ok(None);
        };
        let Some(account) = self.follow(item::account(owner)?, CURRENT).await? else {
            return Ok(None);
        };
        let balance = self.one_view(account).await?.balance;
        Ok(Some(Gain { points, balance }))
    }
}
