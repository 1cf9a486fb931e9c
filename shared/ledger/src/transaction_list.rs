//! Transactions listed: the logs of an account and of all that were merged into it, laid into
//! each other in the order of time.

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{Account, Entry, account::Status, entry::TransactionType, id::TransactionId};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange, TransactionView,
    item::{self, Item},
    logs::Log,
    page::no_such_cursor,
    store::{Consistency, Span},
    table::{ENTRY_PREFIX, Key},
};

/// The fewest entries that are asked for at once, however short the page: some have no
/// transactions.
const ENTRIES_MIN: usize = 10;

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

/// What of an account's entries is listed.
pub(crate) trait Listing: Sync {
    /// What a page shows of each.
    type View: Send;

    /// Only what was written in this range of time.
    fn created(&self) -> TimeRange;
    /// Where the thing with this id stands; `None` where it is no such id.
    fn place_of(&self, id: &str) -> Option<TransactionId>;
    /// How many the entry has of them.
    fn count(&self, entry: &Entry) -> usize;
    /// Whether the one at `place` is wanted.
    fn takes(&self, entry: &Entry, place: usize) -> bool;
    /// What to show of it, as of `now`, to whom `account` is the one that has it by now.
    fn view(&self, entry: Arc<Entry>, place: usize, account: &str, now: Timestamp) -> Self::View;
}

impl Listing for TransactionFilter {
    type View = TransactionView;

    fn created(&self) -> TimeRange {
        self.created
    }

    fn place_of(&self, id: &str) -> Option<TransactionId> {
        TransactionId::parse(id)
    }

    fn count(&self, entry: &Entry) -> usize {
        entry.transactions.len()
    }

    fn takes(&self, entry: &Entry, place: usize) -> bool {
        self.kind
            .is_none_or(|kind| entry.transactions[place].kind == kind)
    }

    fn view(&self, entry: Arc<Entry>, place: usize, account: &str, now: Timestamp) -> Self::View {
        TransactionView::of(entry, place, account.to_owned(), now)
    }
}

/// Where a page begins.
struct Cursor {
    /// The log that it is in: its place among the account's logs.
    rank: usize,
    id: TransactionId,
    created: Timestamp,
}

/// The part of a log that a page may need, read as far as it is needed.
struct Stream {
    log: Log,
    rank: usize,
    from: u64,
    to: u64,
    /// The first instant that its next entry may have, in the direction of reading, while none
    /// is read.
    edge: Timestamp,
    read: VecDeque<Arc<Entry>>,
    next: Option<Item>,
    is_begun: bool,
}

impl Stream {
    fn may_have_more(&self) -> bool {
        !self.is_begun || self.next.is_some()
    }
}

impl Ledger {
    /// Lists an account's transactions, the newest first, with those of accounts that were merged
    /// into it. A merged account has none left.
    ///
    /// Entries of one instant come in the order of merging: what an account brought along is older
    /// than what the survivor did.
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
        self.laid_out(&account, filter, request).await
    }

    /// A page of what a listing takes of an account's logs, laid into each other.
    pub(crate) async fn laid_out<L: Listing>(
        &self,
        account: &Account,
        listing: &L,
        request: &PageRequest,
    ) -> Result<Page<L::View>, Error> {
        let newest_first = request.ending_before.is_none();
        let mut data = Vec::new();
        if account.status != Status::Merged {
            let logs = Log::all_of(account);
            let cursor = self.cursor(&logs, listing, request).await?;
            let created = listing.created();
            let mut streams = Vec::new();
            for (rank, log) in logs.into_iter().enumerate() {
                let stream = self.stream(log, rank, created, cursor.as_ref(), newest_first);
                streams.extend(stream.await?);
            }
            let now = self.time_of(&account.program).await?;
            while data.len() <= request.limit {
                let next = self.next_entry(&mut streams, newest_first, request.limit);
                let Some(entry) = next.await? else { break };
                // Entries come in the order of time: all others lie beyond the range as well.
                if !created.contains(entry.created) {
                    break;
                }
                let count = listing.count(&entry);
                for step in 0..count {
                    let place = if newest_first { count - 1 - step } else { step };
                    let is_wanted = cursor
                        .as_ref()
                        .is_none_or(|cursor| cursor.is_passed(&entry, place, newest_first))
                        && listing.takes(&entry, place);
                    if is_wanted {
                        data.push(listing.view(entry.clone(), place, &account.id, now));
                    }
                }
            }
        }
        let has_more = data.len() > request.limit;
        data.truncate(request.limit);
        if !newest_first {
            data.reverse();
        }
        Ok(Page { data, has_more })
    }

    async fn cursor<L: Listing>(
        &self,
        logs: &[Log],
        listing: &L,
        request: &PageRequest,
    ) -> Result<Option<Cursor>, Error> {
        let (param, text) = match (&request.starting_after, &request.ending_before) {
            (Some(id), _) => ("starting_after", id),
            (None, Some(id)) => ("ending_before", id),
            (None, None) => return Ok(None),
        };
        let unknown = || no_such_cursor(param, text);
        let id = listing.place_of(text).ok_or_else(unknown)?;
        let rank = logs.iter().position(|log| log.account == id.account);
        let rank = rank.ok_or_else(unknown)?;
        let key = Key::entry(&id.account, id.seq);
        let found = self.store.get([key], Consistency::Strong).await?;
        let entry = item::entry(found.values().next().ok_or_else(unknown)?)?;
        let place = usize::try_from(id.place).unwrap_or(usize::MAX);
        if place >= listing.count(&entry) {
            return Err(unknown().into());
        }
        Ok(Some(Cursor {
            rank,
            id,
            created: entry.created,
        }))
    }

    /// The part of a log that the filter and the cursor leave; `None` where that is nothing.
    async fn stream(
        &self,
        log: Log,
        rank: usize,
        created: TimeRange,
        cursor: Option<&Cursor>,
        newest_first: bool,
    ) -> Result<Option<Stream>, Error> {
        let (mut first, mut last) = created.bounds();
        let (mut from, mut to) = (1, log.seq);
        match cursor {
            Some(cursor) if cursor.rank == rank && newest_first => to = cursor.id.seq,
            Some(cursor) if cursor.rank == rank => from = cursor.id.seq,
            // Of one instant, the higher rank is the older.
            Some(cursor) if newest_first => {
                let ms = if rank > cursor.rank { 0 } else { -1 };
                last = last.min(moved(cursor.created, ms));
            }
            Some(cursor) => {
                let ms = if rank < cursor.rank { 0 } else { 1 };
                first = first.max(moved(cursor.created, ms));
            }
            None => {}
        }
        if first > last || first > log.logged_at {
            return Ok(None);
        }
        // Only where the range begins must be found; where it ends, reading meets it.
        if newest_first {
            to = to.min(self.last_until(&log, last).await?);
        } else if first > Timestamp::MIN {
            from = from.max(self.last_until(&log, moved(first, -1)).await? + 1);
        }
        let edge = if newest_first {
            last.min(log.logged_at)
        } else {
            first
        };
        Ok((from <= to).then(|| Stream {
            log,
            rank,
            from,
            to,
            edge,
            read: VecDeque::new(),
            next: None,
            is_begun: false,
        }))
    }

    /// The next entry of all streams together.
    async fn next_entry(
        &self,
        streams: &mut [Stream],
        newest_first: bool,
        limit: usize,
    ) -> Result<Option<Arc<Entry>>, Error> {
        loop {
            // What each may offer next: for a stream of which nothing is read, the edge.
            let offer = |stream: &Stream| match stream.read.front() {
                Some(entry) => Some(entry.created),
                None => stream.may_have_more().then_some(stream.edge),
            };
            let offers = streams.iter().enumerate();
            let offers = offers.filter_map(|(at, stream)| Some((offer(stream)?, stream.rank, at)));
            let best = if newest_first {
                offers.max_by_key(|(created, rank, _)| (*created, std::cmp::Reverse(*rank)))
            } else {
                offers.min_by_key(|(created, rank, _)| (*created, std::cmp::Reverse(*rank)))
            };
            let Some((_, _, at)) = best else {
                return Ok(None);
            };
            let stream = &mut streams[at];
            if let Some(entry) = stream.read.pop_front() {
                stream.edge = entry.created;
                return Ok(Some(entry));
            }
            self.read_on(stream, newest_first, limit).await?;
        }
    }

    async fn read_on(
        &self,
        stream: &mut Stream,
        newest_first: bool,
        limit: usize,
    ) -> Result<(), Error> {
        let edge = |seq: u64| format!("{ENTRY_PREFIX}{seq:010}");
        let span = Span {
            index: None,
            partition: &Key::account(&stream.log.account).pk,
            from: &edge(stream.from),
            to: &edge(stream.to),
            newest_first,
            limit: i32::try_from((limit + 1).max(ENTRIES_MIN)).ok(),
            start: stream.next.take(),
        };
        let page = self.store.query(span).await?;
        stream.is_begun = true;
        stream.next = page.next;
        for item in &page.items {
            stream.read.push_back(Arc::new(item::entry(item)?));
        }
        Ok(())
    }
}

impl Cursor {
    /// Whether a transaction lies beyond the cursor; other logs are cut there already.
    fn is_passed(&self, entry: &Entry, place: usize, newest_first: bool) -> bool {
        if entry.account != self.id.account {
            return true;
        }
        let here = (entry.seq, u32::try_from(place).unwrap_or(u32::MAX));
        let cursor = (self.id.seq, self.id.place);
        if newest_first {
            here < cursor
        } else {
            here > cursor
        }
    }
}

/// `at` moved by `ms` milliseconds, held at the ends of time.
fn moved(at: Timestamp, ms: i64) -> Timestamp {
    laurel_rules::window::shifted(at, ms)
}
