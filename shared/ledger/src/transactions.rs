//! Transactions: read and list.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{Code, Entry, Refusal, Transaction, entry::TransactionType, id::TransactionId};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange, item,
    page::no_such_cursor,
    store::{Consistency, Span},
    table::{ENTRY_PREFIX, Key},
};

/// A transaction, in the entry that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionView {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The place in it.
    pub place: usize,
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
    pub(crate) fn of(entry: Arc<Entry>, place: usize, now: Timestamp) -> TransactionView {
        let available_at = entry.transactions.get(place).and_then(|t| t.available_at);
        let status = match available_at {
            Some(at) if at > now => TransactionStatus::Pending,
            _ => TransactionStatus::Posted,
        };
        TransactionView {
            entry,
            place,
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

/// Which transactions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Of this account.
    pub account: String,
    /// Only of this type.
    pub kind: Option<TransactionType>,
    /// Only written in this range of time.
    pub created: TimeRange,
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
        let entry = self.entry(&parsed).await?;
        let place = usize::try_from(parsed.place).unwrap_or(usize::MAX);
        if place >= entry.transactions.len() {
            return Err(no_such_transaction(id).into());
        }
        let now = self.time_of(&entry.program).await?;
        Ok(TransactionView::of(Arc::new(entry), place, now))
    }

    /// The entry that a transaction stands in.
    pub(crate) async fn entry(&self, id: &TransactionId) -> Result<Entry, Error> {
        let key = Key::entry(&id.account, id.seq);
        let found = self.store.get([key], Consistency::Strong).await?;
        let item = found
            .values()
            .next()
            .ok_or_else(|| no_such_transaction(&id.to_string()))?;
        let entry = item::entry(item)?;
        if !self.sees(&entry.program) {
            return Err(no_such_transaction(&id.to_string()).into());
        }
        Ok(entry)
    }

    /// Lists an account's transactions, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such account; `parameter_invalid` where a cursor
    /// names none of its transactions.
    pub async fn transactions(
        &self,
        filter: &TransactionFilter,
        request: &PageRequest,
    ) -> Result<Page<TransactionView>, Error> {
        let account = self
            .stored_account(&filter.account, Consistency::Strong)
            .await?;
        let (param, cursor) = match (&request.starting_after, &request.ending_before) {
            (Some(id), _) => ("starting_after", Some(id)),
            (None, Some(id)) => ("ending_before", Some(id)),
            (None, None) => ("", None),
        };
        let cursor = match cursor {
            None => None,
            Some(id) => {
                let parsed = TransactionId::parse(id).filter(|id| id.account == filter.account);
                Some(parsed.ok_or_else(|| no_such_cursor(param, id))?)
            }
        };
        let newest_first = param != "ending_before";
        let edge = |seq: u64| format!("{ENTRY_PREFIX}{seq:010}");
        let (from, to) = match &cursor {
            Some(id) if newest_first => (edge(0), edge(id.seq)),
            Some(id) => (edge(id.seq), format!("{ENTRY_PREFIX}~")),
            None => (edge(0), format!("{ENTRY_PREFIX}~")),
        };
        let beyond_cursor = |seq: u64, place: usize| {
            cursor.as_ref().is_none_or(|id| {
                let here = (seq, u32::try_from(place).unwrap_or(u32::MAX));
                let cursor = (id.seq, id.place);
                if newest_first {
                    here < cursor
                } else {
                    here > cursor
                }
            })
        };
        let partition = Key::account(&filter.account).pk;
        let now = self.time_of(&account.program).await?;
        let mut data = Vec::new();
        let mut start = None;
        while data.len() <= request.limit {
            let limit = i32::try_from(request.limit + 1).ok();
            let span = Span {
                partition: &partition,
                from: &from,
                to: &to,
                newest_first,
                limit,
                start,
            };
            let page = self.store.query(span).await?;
            for item in &page.items {
                let entry = Arc::new(item::entry(item)?);
                let count = entry.transactions.len();
                let places: Box<dyn Iterator<Item = usize> + Send> = if newest_first {
                    Box::new((0..count).rev())
                } else {
                    Box::new(0..count)
                };
                for place in places {
                    let transaction = &entry.transactions[place];
                    if beyond_cursor(entry.seq, place)
                        && filter.kind.is_none_or(|kind| transaction.kind == kind)
                        && filter.created.contains(entry.created)
                    {
                        data.push(TransactionView::of(Arc::clone(&entry), place, now));
                    }
                }
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        let has_more = data.len() > request.limit;
        data.truncate(request.limit);
        if !newest_first {
            data.reverse();
        }
        Ok(Page { data, has_more })
    }
}
