//! Whether an endpoint answers of late, so that one that does not holds nobody else up.
//!
//! An attempt without an answer occupies a sender for up to 15 seconds. So an endpoint that is
//! slow, or that keeps failing, is *held*: for a while nothing is sent there, and after that one
//! delivery at a time goes out to probe it; all others wait in the queue. The first success ends
//! it. Health is stored only while something is wrong.

use jiff::Timestamp;

use crate::schedule::later;

/// After how long without an answer an endpoint counts as slow, in milliseconds.
pub const SLOW_AFTER_MS: u64 = 1_000;

/// For how long one probe keeps the others back: longer than an attempt may take.
const PROBE_MS: i64 = 20_000;
/// How long an endpoint is held after a time-out, doubling each time.
const HOLD_MS: i64 = 5_000;
const HOLD_MAX_MS: i64 = 5 * 60 * 1000;
/// How many failures in a row that came with an answer are taken for the events' fault.
const FAILURES_MAX: u32 = 10;

/// What is known of an endpoint since its last success.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// How many have.
    pub failures: u32,
    /// Until when nothing may be sent, other than by whoever set it. Once it has passed, whoever
    /// moves it on may probe.
    pub held_until: Option<Timestamp>,
}

impl Health {
    /// An attempt is under way and not answered yet.
    #[must_use]
    pub fn slow(&self, now: Timestamp) -> Health {
        Health {
            held_until: self.held_until.max(later(now, PROBE_MS)),
            ..self.clone()
        }
    }

    /// Somebody probes.
    #[must_use]
    pub fn probing(&self, now: Timestamp) -> Health {
        self.slow(now)
    }

    /// An attempt has failed.
    #[must_use]
    pub fn failed(&self, now: Timestamp, timed_out: bool) -> Health {
        let failures = self.failures.saturating_add(1);
        let doubled_ms = HOLD_MS.saturating_mul(1 << self.failures.min(20));
        let is_held = timed_out || failures >= FAILURES_MAX || self.held_until.is_some();
        Health {
            failing_since: Some(self.failing_since.unwrap_or(now)),
            failures,
            held_until: match is_held {
                true => later(now, doubled_ms.min(HOLD_MAX_MS)),
                false => None,
            },
        }
    }

    /// Whether every attempt has failed for as long as this.
    #[must_use]
    pub fn has_failed_for_days(&self, days: i64, now: Timestamp) -> bool {
        let end = |since| later(since, days.saturating_mul(86_400_000));
        self.failing_since
            .and_then(end)
            .is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_time_out_holds_and_single_errors_do_not() {
        let healthy = Health::default();
        assert_eq!(healthy.failed(at(0), true).held_until, Some(at(5)));
        let mut health = healthy;
        for failures in 1..10 {
            health = health.failed(at(failures), false);
            assert_eq!(health.held_until, None, "{failures}");
        }
        assert_eq!(health.failing_since, Some(at(1)));
        assert!(health.failed(at(10), false).held_until.is_some());
    }

    #[test]
    fn holds_grow_to_five_minutes() {
        let mut health = Health::default();
        let mut before = 0;
        for _ in 0..50 {
            health = health.failed(at(0), true);
            let held_s = health.held_until.expect("held").as_second();
            assert!((before..=300).contains(&held_s));
            before = held_s;
        }
        assert_eq!(before, 300);
        assert_eq!(health.probing(at(300)).held_until, Some(at(320)));
        assert!(!health.has_failed_for_days(3, at(3 * 86_400 - 1)));
        assert!(health.has_failed_for_days(3, at(3 * 86_400)));
        assert!(!Health::default().has_failed_for_days(3, Timestamp::MAX));
    }
}
