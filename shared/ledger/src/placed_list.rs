//! Lists of what stands at places in accounts' partitions, as redemptions and referrals do: those
//! of a program by the index, those of an account by its partition and the partitions of all that
//! were merged into it, laid into each other.

use std::collections::VecDeque;

use jiff::Timestamp;
use laurel_rules::{Account, account::Status};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    item::{Item, Reader},
    logs::Log,
    page::no_such_cursor,
    store::{Consistency, Index, Span},
    table::{Key, listed_account, listed_accounts},
};

/// What stands at a place in the partition of an account. Places sort by time.
pub(crate) trait Placed: Sized {
    /// What the sort keys of all of them begin with.
    const PLACE_PREFIX: &'static str;

    /// Reads the item.
    ///
    /// # Errors
    /// `Corrupt`.
    fn read(item: &Item) -> Result<Self, Error>;

    /// Its id.
    fn id(&self) -> &str;

    /// Its program.
    fn program(&self) -> &str;

    /// When it was made.
    fn created(&self) -> Timestamp;

    /// Where the object with this id stands; `None` where the text is no id.
    fn key_of(id: &str) -> Option<Key>;

    /// The partition of the index that lists those of a program.
    fn listed_in(program: &str) -> String;
}

/// The partitions of an account and of all that were merged into it; none for one that was merged
/// itself, since what was its own is the survivor's.
pub(crate) fn partitions_of(account: &Account) -> Vec<String> {
    if account.status == Status::Merged {
        return Vec::new();
    }
    let logs = Log::all_of(account);
    logs.iter()
        .map(|log| Key::account(&log.account).pk)
        .collect()
}

/// What stands in one partition, read as far as it is needed.
struct Stream<T> {
    partition: String,
    from: String,
    to: String,
    read: VecDeque<(String, T)>,
    next: Option<Item>,
    is_begun: bool,
}

impl Ledger {
    /// Lists what stands in these partitions of accounts, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names nothing of the list.
    pub(crate) async fn placed_in<T: Placed>(
        &self,
        partitions: Vec<String>,
        request: &PageRequest,
        admits: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, Error> {
        let (param, cursor) = request.cursor();
        let newest_first = param != "ending_before";
        let edge = |place: &str| format!("{}{place}", T::PLACE_PREFIX);
        let (mut from, mut to) = (edge(""), edge("~"));
        let mut at_cursor = None;
        if let Some(text) = cursor {
            let unknown = || no_such_cursor(param, text);
            let key = T::key_of(text).ok_or_else(unknown)?;
            let is_of = partitions.contains(&key.pk);
            let found = self.store.get([key.clone()], Consistency::Strong);
            if !is_of || found.await?.is_empty() {
                return Err(unknown().into());
            }
            if newest_first {
                to.clone_from(&key.sk);
            } else {
                from.clone_from(&key.sk);
            }
            at_cursor = Some(text);
        }
        let streams = partitions.into_iter().map(|partition| Stream {
            partition,
            from: from.clone(),
            to: to.clone(),
            read: VecDeque::new(),
            next: None,
            is_begun: false,
        });
        let mut streams: Vec<Stream<T>> = streams.collect();
        // Equal places of two partitions follow each other by their ids.
        let is_past = |id: &str| match at_cursor {
            Some(cursor) if newest_first => id < cursor.as_str(),
            Some(cursor) => id > cursor.as_str(),
            None => true,
        };
        let mut data = Vec::new();
        while data.len() <= request.limit {
            let next = self.next_placed(&mut streams, newest_first, request.limit);
            let Some((place, placed)) = next.await? else {
                break;
            };
            let edge = if newest_first { &to } else { &from };
            let is_past = place != *edge || is_past(placed.id());
            if is_past && admits(&placed) {
                data.push(placed);
            }
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }

    /// The next of all streams together, with its sort key.
    async fn next_placed<T: Placed>(
        &self,
        streams: &mut [Stream<T>],
        newest_first: bool,
        limit: usize,
    ) -> Result<Option<(String, T)>, Error> {
        for stream in &mut *streams {
            while stream.read.is_empty() && (!stream.is_begun || stream.next.is_some()) {
                let span = Span {
                    index: None,
                    partition: &stream.partition,
                    from: &stream.from,
                    to: &stream.to,
                    newest_first,
                    limit: i32::try_from(limit + 2).ok(),
                    start: stream.next.take(),
                };
                let page = self.store.query(span).await?;
                stream.is_begun = true;
                stream.next = page.next;
                for found in &page.items {
                    let place = Reader::new(found).text("sk")?.to_owned();
                    stream.read.push_back((place, T::read(found)?));
                }
            }
        }
        let offers = streams.iter().enumerate().filter_map(|(at, stream)| {
            let (place, placed) = stream.read.front()?;
            Some((place, placed.id(), at))
        });
        let best = if newest_first {
            offers.max()
        } else {
            offers.min()
        };
        let at = best.map(|(.., at)| at);
        Ok(at.and_then(|at| streams[at].read.pop_front()))
    }

    /// Lists what there is in a program, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names nothing of the program.
    pub(crate) async fn placed_of_program<T: Placed>(
        &self,
        program: &str,
        created: TimeRange,
        request: &PageRequest,
        admits: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, Error> {
        let (param, cursor) = request.cursor();
        let newest_first = param != "ending_before";
        let (first, last) = created.bounds();
        let (mut from, mut to) = listed_accounts(first, last);
        if let Some(text) = cursor {
            let unknown = || no_such_cursor(param, text);
            let key = T::key_of(text).ok_or_else(unknown)?;
            let found = self.store.get([key], Consistency::Strong).await?;
            let found = found.values().next().map(T::read).transpose()?;
            let found = found.filter(|placed| placed.program() == program);
            let here = listed_account(found.ok_or_else(unknown)?.created(), text);
            if newest_first {
                to = to.min(here);
            } else {
                from = from.max(here);
            }
        }
        let partition = T::listed_in(program);
        let (mut data, mut start) = (Vec::new(), None);
        // Two bounds may leave nothing between them, which a query would refuse.
        let mut is_over = from > to;
        while !is_over {
            let span = Span {
                index: Some(Index::Listed),
                partition: &partition,
                from: &from,
                to: &to,
                newest_first,
                limit: i32::try_from(request.limit + 2).ok(),
                start,
            };
            let page = self.store.query(span).await?;
            let mut keys = Vec::with_capacity(page.items.len());
            for found in &page.items {
                let reader = Reader::new(found);
                keys.push(Key {
                    pk: reader.text("pk")?.to_owned(),
                    sk: reader.text("sk")?.to_owned(),
                });
            }
            let mut found = self.store.get(keys.clone(), Consistency::Strong).await?;
            for stored in keys.iter().filter_map(|key| found.remove(key)) {
                let placed = T::read(&stored)?;
                if cursor.is_none_or(|cursor| cursor != placed.id()) && admits(&placed) {
                    data.push(placed);
                }
            }
            start = page.next;
            is_over = data.len() > request.limit || start.is_none();
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }
}
