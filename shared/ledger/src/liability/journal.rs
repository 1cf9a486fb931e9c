//! The journal of a program: every transaction, as accountants book it.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use laurel_rules::{
    Entry, Program, Refusal,
    id::{ACCOUNT_PREFIX, CreditId, TransactionId},
    liability::{Place, Posting, postings},
};

use crate::{
    Error, Ledger,
    accounts::CURRENT,
    item::{self, Reader},
    logs::Log,
    store::{Consistency, Index, Span},
    table::{ENTRY_PREFIX, Key, listed_account},
};

/// How many accounts without a line one page goes past at the most.
const ACCOUNTS_MAX: usize = 200;
/// How many logs are read side by side.
const LOGS_AT_ONCE: usize = 8;
/// How many entries are read at a time.
const ENTRIES_MAX: i32 = 500;

/// Which part of a journal to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRequest {
    /// The program.
    pub program: String,
    /// What is booked from then on.
    pub from: Option<Timestamp>,
    /// What is booked before.
    pub to: Option<Timestamp>,
    /// Where to go on: after this transaction, or after this account.
    pub starting_after: Option<String>,
    /// About how many lines.
    pub limit: usize,
}

/// A transaction and how it is booked.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The entry that it stands in.
    pub entry: Arc<Entry>,
    /// How it is booked.
    pub posting: Posting,
}

impl JournalLine {
    /// The id of the transaction, of points or of store credit.
    #[must_use]
    pub fn transaction(&self) -> String {
        match self.posting.movement.place {
            Place::Points(place) => self.entry.transaction_id(place).to_string(),
            Place::Credit(place) => self.entry.credit_id(place).to_string(),
        }
    }
}

/// The line that a part of a journal ended with.
struct Cursor {
    account: String,
    seq: u64,
    place: Place,
}

impl Cursor {
    fn parse(id: &str) -> Option<Cursor> {
        let points = TransactionId::parse(id).map(|id| (id, true));
        let credit = || CreditId::parse(id).map(|CreditId(id)| (id, false));
        let (id, is_points) = points.or_else(credit)?;
        let place = usize::try_from(id.place).ok()?;
        Some(Cursor {
            account: id.account,
            seq: id.seq,
            place: match is_points {
                true => Place::Points(place),
                false => Place::Credit(place),
            },
        })
    }
}

/// A part of a journal.
#[derive(Debug, Clone)]
pub struct JournalPage {
    /// The program.
    pub program: Program,
    /// The lines, by account in the order in which accounts were created, then as they were
    /// written.
    pub lines: Vec<JournalLine>,
    /// What to go on after, where there may be more.
    pub next: Option<String>,
}

fn no_such_cursor(cursor: &str) -> Refusal {
    let message = format!(
        "`starting_after` is `{cursor}`, which is no transaction or account of the program; pass \
         what the `Link` header of the page before says."
    );
    Refusal::invalid("starting_after", message)
}

impl Ledger {
    /// Reads a part of a program's journal.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where the cursor is
    /// none of it.
    pub async fn journal(&self, request: &JournalRequest) -> Result<JournalPage, Error> {
        let catalog = self.checked_catalog(&request.program, CURRENT).await?;
        let program = catalog.program.clone();
        let mut lines = Vec::new();
        let (mut from, begun) = self.journal_cursor(request).await?;
        if let Some(id) = begun {
            lines = self.lines_of(&id.account, Some(&id), request).await?;
        }
        let partition = format!("A#{}", request.program);
        let mut accounts = 0;
        let next = 'pages: loop {
            if lines.len() >= request.limit {
                break lines.last().map(JournalLine::transaction);
            }
            let span = Span {
                index: Some(Index::Listed),
                partition: &partition,
                from: &from,
                to: "~",
                newest_first: false,
                limit: Some(100),
                start: None,
            };
            let page = self.store.query(span).await?;
            let mut rows = Vec::with_capacity(page.items.len());
            for row in &page.items {
                let reader = Reader::new(row);
                let place = reader.text("gs")?.to_owned();
                rows.push((place, reader.after("pk", "A#")?.to_owned()));
            }
            // The index is asked from the last one on, inclusively.
            rows.retain(|(place, _)| *place != from);
            let mut logs = stream::iter(rows)
                .map(|(place, account)| async move {
                    let lines = self.lines_of(&account, None, request).await?;
                    Ok::<_, Error>((place, account, lines))
                })
                .buffered(LOGS_AT_ONCE);
            let mut last = None;
            while let Some((place, account, found)) = logs.try_next().await? {
                lines.extend(found);
                accounts += 1;
                if lines.len() >= request.limit {
                    lines.truncate(request.limit);
                    break 'pages lines.last().map(JournalLine::transaction);
                }
                if accounts == ACCOUNTS_MAX {
                    break 'pages Some(account);
                }
                last = Some(place);
            }
            if page.next.is_none() {
                break None;
            }
            from = last.unwrap_or(from);
        };
        Ok(JournalPage {
            program,
            lines,
            next,
        })
    }

    /// Where in the list of accounts to go on, and within which log.
    async fn journal_cursor(
        &self,
        request: &JournalRequest,
    ) -> Result<(String, Option<Cursor>), Error> {
        let Some(cursor) = &request.starting_after else {
            return Ok(("0".to_owned(), None));
        };
        let begun = Cursor::parse(cursor);
        let account = match &begun {
            Some(begun) => &begun.account,
            None if cursor.starts_with(ACCOUNT_PREFIX) => cursor,
            None => return Err(no_such_cursor(cursor).into()),
        };
        let found = self
            .store
            .get([Key::account(account)], Consistency::Strong)
            .await?;
        let account = found.values().next().map(item::account).transpose()?;
        let account = account.filter(|account| account.program == request.program);
        let account = account.ok_or_else(|| no_such_cursor(cursor))?;
        Ok((listed_account(account.created, &account.id), begun))
    }

    /// The lines of one log, up to the limit.
    async fn lines_of(
        &self,
        account: &str,
        after: Option<&Cursor>,
        request: &JournalRequest,
    ) -> Result<Vec<JournalLine>, Error> {
        let mut lines = Vec::new();
        let mut first = after.map_or(1, |id| id.seq);
        if let Some(from) = request.from {
            // Nothing is booked later than it is written.
            let found = self
                .store
                .get([Key::account(account)], Consistency::Strong)
                .await?;
            let Some(account) = found.values().next().map(item::account).transpose()? else {
                return Ok(lines);
            };
            let log = Log::of(&account);
            let before = laurel_rules::window::shifted(from, -1);
            first = first.max(self.last_until(&log, before).await?.saturating_add(1));
        }
        let partition = Key::account(account).pk;
        let from = format!("{ENTRY_PREFIX}{first:010}");
        let to = format!("{ENTRY_PREFIX}~");
        let mut start = None;
        loop {
            let page = self.store.query(Span {
                index: None,
                partition: &partition,
                from: &from,
                to: &to,
                newest_first: false,
                limit: Some(ENTRIES_MAX),
                start,
            });
            let page = page.await?;
            for entry in &page.items {
                let entry = Arc::new(item::entry(entry)?);
                for posting in postings(&entry) {
                    let here = (entry.seq, posting.movement.place);
                    let is_past = after.is_some_and(|after| here <= (after.seq, after.place));
                    let at = posting.movement.booked_at;
                    let is_wanted = request.from.is_none_or(|from| at >= from)
                        && request.to.is_none_or(|to| at < to);
                    if is_wanted && !is_past {
                        let entry = Arc::clone(&entry);
                        lines.push(JournalLine { entry, posting });
                    }
                    if lines.len() >= request.limit {
                        return Ok(lines);
                    }
                }
            }
            start = page.next;
            if start.is_none() {
                return Ok(lines);
            }
        }
    }
}
