//! What came of a replay.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use laurel_ledger::{Error, item::entry_from_image};
use laurel_rules::EventOutcome;

use super::{
    Earned, ReplayError,
    size::{Sizes, item_bytes},
};
use crate::{embedded::Usage, stack::TABLE};

/// How many refusals are told one by one.
const REFUSED_MAX: usize = 10;
/// Items of one page when the table is added up: without a limit the store reads all that is left
/// of the table for each page.
const SCAN_LIMIT: i32 = 500;
/// How many events go by between two looks at the clock.
const MARK_EVERY: u64 = 64;

/// What has happened so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    events: u64,
    outcomes: BTreeMap<&'static str, u64>,
    duplicates: u64,
    refused: u64,
    failed: u64,
    told: Vec<Refused>,
    started: Option<Instant>,
    marks: Vec<Duration>,
}

/// A line that had no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl Tally {
    pub(super) fn new(started: Instant) -> Tally {
        Tally {
            started: Some(started),
            ..Tally::default()
        }
    }

    pub(super) fn refused(&mut self, line: u64, reason: String) {
        self.refused += 1;
        self.tell(line, reason);
        self.count();
    }

    pub(super) fn handled(&mut self, line: u64, result: Result<EventOutcome, Error>) {
        match result {
            Ok(outcome) if outcome.duplicate => self.duplicates += 1,
            Ok(outcome) => *self.outcomes.entry(outcome.outcome.as_str()).or_insert(0) += 1,
            Err(Error::Refused(refusal)) => {
                self.refused += 1;
                self.tell(line, refusal.to_string());
            }
            Err(error) => {
                self.failed += 1;
                self.tell(line, laurel_host::chain(&error));
            }
        }
        self.count();
    }

    fn tell(&mut self, line: u64, reason: String) {
        if self.told.len() < REFUSED_MAX {
            self.told.push(Refused { line, reason });
        }
    }

    fn count(&mut self) {
        if self.events.is_multiple_of(MARK_EVERY)
            && let Some(started) = self.started
        {
            self.marks.push(started.elapsed());
        }
        self.events += 1;
    }
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Lines that were events, or should have been.
    pub events: u64,
    /// First deliveries by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Events that had been handled before.
    pub duplicates: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Events that could not be handled this time.
    pub failed: u64,
    /// The first of those that were refused or failed.
    pub told: Vec<Refused>,
    /// How long it took.
    pub elapsed: Duration,
    /// Events a second, in the first and in the last tenth of the events.
    pub tenths_per_s: (f64, f64),
    /// What was asked of the store.
    pub usage: Usage,
}

impl Summary {
    pub(super) fn new(tally: Tally, elapsed: Duration, usage: Usage) -> Summary {
        let tenths_per_s = tenths(&tally.marks, elapsed, tally.events);
        Summary {
            events: tally.events,
            outcomes: tally.outcomes,
            duplicates: tally.duplicates,
            refused: tally.refused,
            failed: tally.failed,
            told: tally.told,
            elapsed,
            tenths_per_s,
            usage,
        }
    }

    /// Events a second over all.
    #[must_use]
    pub fn events_per_s(&self) -> f64 {
        per_s(self.events, self.elapsed)
    }

    /// The summary in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<22}{value}");
        };
        line("events", self.events.to_string());
        let (first, last) = self.tenths_per_s;
        line(
            "events/s",
            format!(
                "{:.0} over {:.1} s (first tenth {first:.0}, last tenth {last:.0})",
                self.events_per_s(),
                self.elapsed.as_secs_f64()
            ),
        );
        for name in ["awarded", "unlinked"] {
            line(
                name,
                self.outcomes.get(name).copied().unwrap_or(0).to_string(),
            );
        }
        for (name, count) in &self.outcomes {
            if !["awarded", "unlinked"].contains(name) {
                line(name, count.to_string());
            }
        }
        line("duplicates", self.duplicates.to_string());
        line("refused", self.refused.to_string());
        if self.failed > 0 {
            line("failed", self.failed.to_string());
        }
        let requests = self.usage.total_requests();
        let by_operation = self
            .usage
            .requests
            .iter()
            .map(|(name, count)| format!("{name} {:.3}", ratio(*count, self.events)));
        line(
            "requests per event",
            format!(
                "{:.3} ({})",
                ratio(requests, self.events),
                by_operation.collect::<Vec<_>>().join(", ")
            ),
        );
        let (reads, writes) = (self.usage.read_half_units, self.usage.write_units);
        line(
            "write units per event",
            format!("{:.3}", ratio(writes, self.events)),
        );
        line(
            "read units per event",
            format!("{:.3}", ratio(reads, self.events.saturating_mul(2))),
        );
        text
    }
}

/// What the table holds in the end, whoever put it there.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Accounts.
    pub members: u64,
    /// Transactions.
    pub transactions: u64,
    /// The sum of all transactions, which is the sum of all balances.
    pub points: i64,
    /// Awards that a cap has cut.
    pub capped: u64,
    /// Who earned them, by which rule.
    pub earned: Earned,
    /// How large the items of accounts are.
    account_sizes: Sizes,
}

impl Totals {
    /// Adds up the whole table.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn read(client: &Client) -> Result<Totals, ReplayError> {
        let mut totals = Totals::default();
        let scan = client.scan().table_name(TABLE).limit(SCAN_LIMIT);
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ReplayError::Totals(error.into()))?;
            for item in page.items() {
                totals
                    .add(item)
                    .map_err(|error| ReplayError::Totals(error.into()))?;
            }
        }
        Ok(totals)
    }

    fn add(&mut self, item: &HashMap<String, AttributeValue>) -> Result<(), Error> {
        if item
            .get("sk")
            .is_some_and(|sk| sk.as_s().is_ok_and(|sk| sk == "A"))
        {
            self.members += 1;
            self.account_sizes.add(item_bytes(item));
            self.earned.add_account(item);
        }
        let Some(entry) = entry_from_image(item)? else {
            return Ok(());
        };
        self.earned.add_entry(&entry);
        for transaction in &entry.transactions {
            self.transactions += 1;
            self.points += transaction.amount;
            self.capped += u64::from(transaction.uncapped_points.is_some());
        }
        Ok(())
    }

    /// The totals in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Totals {
            members,
            transactions,
            points,
            capped,
            earned: _,
            account_sizes,
        } = self;
        format!(
            "{:<22}{members}\n{:<22}{transactions}\n{:<22}{points}\n{:<22}{capped}\n{:<22}{}\n",
            "members",
            "transactions",
            "points",
            "capped",
            "items of accounts",
            account_sizes.in_words()
        )
    }
}

/// The rates of the first and the last tenth, from the times at every [`MARK_EVERY`]th event.
fn tenths(marks: &[Duration], elapsed: Duration, events: u64) -> (f64, f64) {
    let tenth = marks.len() / 10;
    if tenth == 0 {
        return (per_s(events, elapsed), per_s(events, elapsed));
    }
    let count = MARK_EVERY * u64::try_from(tenth).unwrap_or(0);
    let last = marks.len() - 1;
    let rate = |from: usize, to: usize| per_s(count, marks[to].saturating_sub(marks[from]));
    (rate(0, tenth), rate(last - tenth, last))
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "for people to read"
)]
pub(super) fn per_s(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(f64::EPSILON)
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "for people to read"
)]
fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / (of as f64).max(1.0)
}
