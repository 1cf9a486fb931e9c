//! What a client measures.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;

use crate::{http::Answer, plan::Kind};

/// The longest time that is told apart, in microseconds.
const LONGEST_US: u64 = 120_000_000;

/// Times and refusals, by what was asked.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Microseconds until an answer that settled the matter.
    pub(crate) times: BTreeMap<Kind, Histogram<u64>>,
    /// Answers that are no success, by status and code.
    pub(crate) refused: BTreeMap<(u16, String), u64>,
    /// Requests without an answer.
    pub(crate) lost: u64,
    /// Requests that were sent again.
    pub(crate) again: u64,
}

impl Measured {
    pub(crate) fn note(&mut self, kind: Kind, answer: &Answer) {
        if !answer.is_success() {
            let code = answer.code().to_owned();
            *self.refused.entry((answer.status, code)).or_default() += 1;
        }
        if answer.is_final() {
            let times = self.times.entry(kind).or_insert_with(histogram);
            times.saturating_record(micros(answer.took));
        }
    }

    /// Adds what another client measured.
    pub(crate) fn add(&mut self, other: &Measured) {
        for (kind, times) in &other.times {
            let sum = self.times.entry(*kind).or_insert_with(histogram);
            // Both have the same bounds.
            let _ = sum.add(times);
        }
        for (code, count) in &other.refused {
            *self.refused.entry(code.clone()).or_default() += count;
        }
        self.lost += other.lost;
        self.again += other.again;
    }

    /// The times of all kinds together.
    pub(crate) fn all(&self) -> Histogram<u64> {
        let mut all = histogram();
        for times in self.times.values() {
            let _ = all.add(times);
        }
        all
    }

    /// Requests that were settled.
    pub(crate) fn count(&self) -> u64 {
        self.times.values().map(Histogram::len).sum()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Three figures of each time are kept.
#[expect(clippy::expect_used, reason = "the bounds are right")]
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("bounds that a histogram can have")
}
