//! Events that were emitted: noted by the outbox, listed for 30 days.
//!
//! What is noted is where an event's entry stands, nothing of what it says: the list shows the
//! entry as it is now, and there is no second place to erase anything from. A program's notes are
//! spread over eight partitions by account, since one takes a thousand writes a second.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use laurel_events::Outgoing;
use laurel_rules::{
    Code, Refusal,
    id::{EventId, EventPlace},
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    deliveries::announced,
    item::{self, Reader, Writer},
    page::no_such_cursor,
    store::{Consistency, Span},
    table::{ENTRY_PREFIX, Key},
};

const SHARDS: u8 = 8;
/// For how long emitted events can be read, in days.
pub(crate) const KEPT_DAYS: i64 = 30;

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this program.
    pub program: String,
    /// Only of this account.
    pub account: Option<String>,
    /// Only of this type.
    pub event_type: Option<String>,
    /// Only emitted in this range of time.
    pub created: TimeRange,
}

impl EventFilter {
    fn takes(&self, event_type: &str, created: Timestamp) -> bool {
        self.event_type
            .as_ref()
            .is_none_or(|only| only == event_type)
            && self.created.contains(created)
    }
}

fn no_such_event(id: &str) -> Refusal {
    let message = format!("No such event: `{id}`; events are kept for {KEPT_DAYS} days.");
    Refusal::new(Code::ResourceMissing, message)
}

/// A note: what its keys and attributes say.
struct Note {
    sort: String,
    event_type: String,
    created: Timestamp,
}

/// Where an event stands among those of its program: by time, then by its place in the ledger.
fn sort_key(id: &EventId, created: Timestamp) -> String {
    let EventId {
        account,
        seq,
        place,
    } = id;
    let place = match place {
        EventPlace::Change(place) => format!("c{place:05}"),
        EventPlace::Credit(place) => format!("s{place:05}"),
        EventPlace::Transaction(place) => format!("t{place:05}"),
    };
    format!(
        "{:014}#{account}#{seq:010}#{place}",
        created.as_millisecond()
    )
}

/// Reads what [`sort_key`] wrote.
fn id_of(sort: &str) -> Option<EventId> {
    let mut parts = sort.split('#').skip(1);
    let account = parts.next()?.to_owned();
    let seq = parts.next()?.parse().ok()?;
    let (kind, place) = parts.next()?.split_at_checked(1)?;
    let place = place.parse().ok()?;
    let place = match kind {
        "c" => EventPlace::Change(place),
        "s" => EventPlace::Credit(place),
        _ => EventPlace::Transaction(place),
    };
    Some(EventId {
        account,
        seq,
        place,
    })
}

fn shard_of(account: &str) -> u8 {
    let hash: [u8; 32] = Sha256::digest(account).into();
    hash[0] % SHARDS
}

/// Where it is noted that an event was emitted.
pub(crate) fn note_key(event: &Outgoing) -> Option<Key> {
    let sort = sort_key(&EventId::parse(&event.id)?, event.created);
    Some(Key::emitted(&event.program, shard_of(&event.account), sort))
}

impl Ledger {
    /// Notes that these events were emitted. To do so again changes nothing.
    ///
    /// # Errors
    /// The table does not answer; some of them may be noted.
    pub async fn note_emitted(&self, events: &[Outgoing]) -> Result<(), Error> {
        let expiry = self.now().as_second().saturating_add(KEPT_DAYS * 86_400);
        let notes = events.iter().filter_map(|event| {
            let note = Writer::keyed(note_key(event)?).text("t", &event.event_type);
            Some(note.number("ttl", expiry).done())
        });
        self.store.put_all(notes.collect()).await
    }

    /// The emitted event with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none, or none any more.
    pub async fn emitted_event(&self, id: &str) -> Result<Outgoing, Error> {
        let parsed = EventId::parse(id).ok_or_else(|| no_such_event(id))?;
        let key = Key::entry(&parsed.account, parsed.seq);
        let found = self.store.get([key], Consistency::Strong).await?;
        let entry = found.values().next().map(item::entry).transpose()?;
        let event = entry.and_then(|entry| announced(&entry, id));
        let event = event.filter(|event| event.created >= self.oldest_event());
        let event = event.filter(|event| self.sees(&event.program));
        Ok(event.ok_or_else(|| no_such_event(id))?)
    }

    fn oldest_event(&self) -> Timestamp {
        let kept = SignedDuration::from_hours(KEPT_DAYS * 24);
        self.now().checked_sub(kept).unwrap_or(Timestamp::MIN)
    }

    /// Lists emitted events, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program or account; `parameter_invalid` where a
    /// cursor names no event of the list.
    pub async fn emitted_events(
        &self,
        filter: &EventFilter,
        request: &PageRequest,
    ) -> Result<Page<Outgoing>, Error> {
        let (param, cursor) = request.cursor();
        let cursor = match cursor {
            None => None,
            Some(id) => {
                let event = self.emitted_event(id).await.ok();
                let event = event.filter(|event| {
                    let account = filter.account.as_ref();
                    account.is_none_or(|account| *account == event.account)
                        && event.program == filter.program
                });
                let event = event.ok_or_else(|| no_such_cursor(param, id))?;
                EventId::parse(id).map(|id| (id, event.created))
            }
        };
        let newest_first = param != "ending_before";
        match &filter.account {
            Some(account) => {
                let cursor = cursor.map(|(id, _)| id);
                self.of_account(account, filter, request, cursor, newest_first)
                    .await
            }
            None => {
                let cursor = cursor.map(|(id, created)| sort_key(&id, created));
                self.of_program(filter, request, cursor, newest_first).await
            }
        }
    }

    /// One account's events need no notes: its log has them.
    async fn of_account(
        &self,
        account: &str,
        filter: &EventFilter,
        request: &PageRequest,
        cursor: Option<EventId>,
        newest_first: bool,
    ) -> Result<Page<Outgoing>, Error> {
        let stored = self.stored_account(account, Consistency::Strong).await?;
        if stored.program != filter.program {
            return Err(crate::accounts::no_such_account(account).into());
        }
        let edge = |seq: u64| format!("{ENTRY_PREFIX}{seq:010}");
        let end = format!("{ENTRY_PREFIX}~");
        let (from, to) = match &cursor {
            Some(id) if newest_first => (edge(0), edge(id.seq)),
            Some(id) => (edge(id.seq), end),
            None => (edge(0), end),
        };
        let beyond = |id: &EventId| match &cursor {
            None => true,
            Some(cursor) if newest_first => id < cursor,
            Some(cursor) => id > cursor,
        };
        let partition = Key::account(account).pk;
        let oldest = self.oldest_event();
        let mut data = Vec::new();
        let mut start = None;
        'pages: loop {
            let span = Span {
                index: None,
                partition: &partition,
                from: &from,
                to: &to,
                newest_first,
                limit: i32::try_from(request.limit.saturating_add(1)).ok(),
                start,
            };
            let page = self.store.query(span).await?;
            for item in &page.items {
                let entry = item::entry(item)?;
                if entry.created < oldest {
                    if newest_first {
                        break 'pages;
                    }
                    continue;
                }
                let mut events = laurel_events::outgoing(&entry);
                if newest_first {
                    events.reverse();
                }
                data.extend(events.into_iter().filter(|event| {
                    filter.takes(&event.event_type, event.created)
                        && EventId::parse(&event.id).is_some_and(|id| beyond(&id))
                }));
            }
            start = page.next;
            if data.len() > request.limit || start.is_none() {
                break;
            }
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }

    async fn of_program(
        &self,
        filter: &EventFilter,
        request: &PageRequest,
        cursor: Option<String>,
        newest_first: bool,
    ) -> Result<Page<Outgoing>, Error> {
        self.program(&filter.program).await?;
        let edge = |at: Timestamp| format!("{:014}", at.as_millisecond().max(0));
        let oldest = filter.created.gte.max(filter.created.gt);
        let oldest = edge(oldest.unwrap_or(Timestamp::MIN).max(self.oldest_event()));
        let newest = match filter
            .created
            .lte
            .into_iter()
            .chain(filter.created.lt)
            .min()
        {
            Some(at) => format!("{}#~", edge(at)),
            None => "~".to_owned(),
        };
        let (from, to) = match &cursor {
            Some(cursor) if newest_first => (oldest, newest.min(cursor.clone())),
            Some(cursor) => (oldest.max(cursor.clone()), newest),
            None => (oldest, newest),
        };
        if from > to {
            return Ok(Page {
                data: Vec::new(),
                has_more: false,
            });
        }
        let shards = stream::iter(0..SHARDS).map(|shard| {
            let wanted = |note: &Note| {
                cursor.as_ref() != Some(&note.sort) && filter.takes(&note.event_type, note.created)
            };
            let partition = Key::emitted(&filter.program, shard, String::new()).pk;
            let (from, to) = (from.as_str(), to.as_str());
            async move {
                let span = (partition.as_str(), from, to);
                self.notes(span, newest_first, request.limit, wanted).await
            }
        });
        let shards: Vec<Vec<Note>> = shards
            .buffer_unordered(usize::from(SHARDS))
            .try_collect()
            .await?;
        let mut notes: Vec<Note> = shards.into_iter().flatten().collect();
        notes.sort_by(|a, b| match newest_first {
            true => b.sort.cmp(&a.sort),
            false => a.sort.cmp(&b.sort),
        });
        notes.truncate(request.limit.saturating_add(1));
        let ids: Vec<EventId> = notes.iter().filter_map(|note| id_of(&note.sort)).collect();
        let keys = ids.iter().map(|id| Key::entry(&id.account, id.seq));
        let entries = self.store.get(keys, Consistency::Strong).await?;
        let mut data = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(item) = entries.get(&Key::entry(&id.account, id.seq)) else {
                continue;
            };
            data.extend(announced(&item::entry(item)?, &id.to_string()));
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }

    /// The first notes of one partition that are wanted, one more than `limit`.
    async fn notes(
        &self,
        (partition, from, to): (&str, &str, &str),
        newest_first: bool,
        limit: usize,
        wanted: impl Fn(&Note) -> bool,
    ) -> Result<Vec<Note>, Error> {
        let mut notes = Vec::new();
        let mut start = None;
        loop {
            let span = Span {
                index: None,
                partition,
                from,
                to,
                newest_first,
                limit: i32::try_from(limit.saturating_add(2)).ok(),
                start,
            };
            let page = self.store.query(span).await?;
            for item in &page.items {
                let reader = Reader::new(item);
                let sort = reader.text("sk")?;
                let created_ms = sort.split('#').next().and_then(|ms| ms.parse().ok());
                let created = created_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                let note = Note {
                    sort: sort.to_owned(),
                    event_type: reader.text("t")?.to_owned(),
                    created: created.ok_or_else(|| reader.corrupt("a note has no time"))?,
                };
                if wanted(&note) {
                    notes.push(note);
                }
            }
            start = page.next;
            if notes.len() > limit || start.is_none() {
                return Ok(notes);
            }
        }
    }
}
