//! How much of a rule's cap a member has used, kept on the account.
//!
//! A counter holds the recent past only: windows that ended well before the member's latest
//! event are dropped, and so is all but the newest of a long rolling window. What it no longer
//! holds it says, and the caller reads the ledger instead ([`Usage::Unknown`]).

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    rule::{Cap, Window},
    window,
};

/// How late an event may be and still find its window on the account: 48 hours.
pub const LATE_MS: i64 = 48 * 60 * 60 * 1000;
/// How many instants a rolling counter holds at the most.
pub const MARKS_MAX: usize = 64;
/// How many counters an account holds at the most; the least recently used goes first.
pub const COUNTERS_MAX: usize = 32;

/// What a counter counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The window.
    pub window: Window,
    /// Whether it trails the event instead of following the calendar.
    pub rolling: bool,
}

impl Unit {
    /// The unit that a rule's cap is counted in.
    #[must_use]
    pub fn of(cap: Cap, window: Window) -> Unit {
        Unit {
            window,
            rolling: cap.rolling && window != Window::Lifetime,
        }
    }

    /// The unit as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.window, self.rolling) {
            (Window::Day, false) => "d",
            (Window::Week, false) => "w",
            (Window::Month, false) => "m",
            (Window::Day, true) => "rd",
            (Window::Week, true) => "rw",
            (Window::Month, true) => "rm",
            (Window::Lifetime, _) => "l",
        }
    }

    /// Reads the stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Unit> {
        let (window, rolling) = match text {
            "d" => (Window::Day, false),
            "w" => (Window::Week, false),
            "m" => (Window::Month, false),
            "rd" => (Window::Day, true),
            "rw" => (Window::Week, true),
            "rm" => (Window::Month, true),
            "l" => (Window::Lifetime, false),
            _ => return None,
        };
        Some(Unit { window, rolling })
    }

    /// The instant under which an award at `at` is counted: its own where the window rolls, else
    /// the start of its window (the start of all time for a lifetime).
    fn mark_at(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.rolling {
            return at;
        }
        window::calendar(self.window, at, zone)
            .start
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Points and awards counted under one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The window's start, or the award's own time where the window rolls.
    pub at: Timestamp,
    /// Points awarded, less what was reversed.
    pub points: i64,
    /// Awards, reversed or not.
    pub awards: u32,
}

/// One rule's use on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The rule.
    pub rule: String,
    /// What it counts over.
    pub unit: Unit,
    /// Complete for all marks from here on; from the beginning where absent.
    pub since: Option<Timestamp>,
    /// In order of time.
    pub marks: Vec<Mark>,
}

/// An award in the past, as the ledger tells it: what counters are rebuilt from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAward {
    /// The rule.
    pub rule: String,
    /// When the event happened.
    pub at: Timestamp,
    /// Points, less what was reversed.
    pub points: i64,
}

/// What a member has used of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// So much.
    Known {
        /// Points.
        points: i64,
        /// Awards.
        awards: i64,
    },
    /// The account no longer holds it; the ledger does.
    Unknown,
}

impl Counter {
    /// A counter without awards, complete from the beginning.
    #[must_use]
    pub fn new(rule: &str, unit: Unit) -> Counter {
        Counter {
            rule: rule.to_owned(),
            unit,
            since: None,
            marks: Vec::new(),
        }
    }

    /// The counter that the whole past gives.
    #[must_use]
    pub fn from_past(rule: &str, unit: Unit, past: &[PastAward], zone: &TimeZone) -> Counter {
        let mut counter = Counter::new(rule, unit);
        for award in past.iter().filter(|award| award.rule == rule) {
            counter.add(award.at, award.points, 1, zone);
        }
        counter
    }

    /// What stands against an award at `at`. Where the window rolls, that is the most that any
    /// trailing window with `at` inside holds, so that a late award breaks no later window.
    #[must_use]
    pub fn usage(&self, at: Timestamp, zone: &TimeZone) -> Usage {
        let oldest = if self.unit.rolling {
            window::shifted(at, -window::rolling_ms(self.unit.window).unwrap_or(0))
        } else {
            self.unit.mark_at(at, zone)
        };
        if self.since.is_some_and(|since| oldest < since) {
            return Usage::Unknown;
        }
        if self.unit.rolling {
            return self.rolling_usage(at, oldest);
        }
        self.marks.iter().find(|mark| mark.at == oldest).map_or(
            Usage::Known {
                points: 0,
                awards: 0,
            },
            |mark| Usage::Known {
                points: mark.points,
                awards: i64::from(mark.awards),
            },
        )
    }

    fn rolling_usage(&self, at: Timestamp, oldest: Timestamp) -> Usage {
        let span_ms = window::rolling_ms(self.unit.window).unwrap_or(0);
        let newest = window::shifted(at, span_ms);
        let near: Vec<&Mark> = self
            .marks
            .iter()
            .filter(|mark| oldest < mark.at && mark.at < newest)
            .collect();
        // A sum over (end − span, end] can only rise where a mark enters, so those ends suffice.
        let ends = near
            .iter()
            .map(|mark| mark.at)
            .filter(|end| *end > at)
            .chain([at]);
        let (mut points, mut awards) = (0, 0);
        for end in ends {
            let start = window::shifted(end, -span_ms);
            let inside = near.iter().filter(|mark| start < mark.at && mark.at <= end);
            let (mut sum_points, mut sum_awards) = (0_i64, 0_i64);
            for mark in inside {
                sum_points = sum_points.saturating_add(mark.points);
                sum_awards += i64::from(mark.awards);
            }
            points = points.max(sum_points);
            awards = awards.max(sum_awards);
        }
        Usage::Known { points, awards }
    }

    /// Counts an award, or with a negative number gives points back.
    pub fn add(&mut self, at: Timestamp, points: i64, awards: u32, zone: &TimeZone) {
        let at = self.unit.mark_at(at, zone);
        let place = self.marks.partition_point(|mark| mark.at < at);
        match self.marks.get_mut(place).filter(|mark| mark.at == at) {
            Some(mark) => {
                mark.points = mark.points.saturating_add(points);
                mark.awards = mark.awards.saturating_add(awards);
            }
            // Points given back to a window that is no longer held are in the ledger only.
            None if awards == 0 => {}
            None if self.since.is_some_and(|since| at < since) => {}
            None => self.marks.insert(place, Mark { at, points, awards }),
        }
    }

    /// Takes back one award that was counted at `at`: a redemption that came to nothing.
    pub fn take_back(&mut self, at: Timestamp, zone: &TimeZone) {
        let at = self.unit.mark_at(at, zone);
        if let Some(mark) = self.marks.iter_mut().find(|mark| mark.at == at) {
            mark.awards = mark.awards.saturating_sub(1);
        }
    }

    /// Adds what another member used under the same rule, in the same unit: complete from where
    /// both are.
    pub fn absorb(&mut self, other: &Counter) {
        self.since = self.since.max(other.since);
        for mark in &other.marks {
            let place = self.marks.partition_point(|own| own.at < mark.at);
            match self.marks.get_mut(place).filter(|own| own.at == mark.at) {
                Some(own) => {
                    own.points = own.points.saturating_add(mark.points);
                    own.awards = own.awards.saturating_add(mark.awards);
                }
                None => self.marks.insert(place, *mark),
            }
        }
        let since = self.since;
        self.marks
            .retain(|mark| since.is_none_or(|since| mark.at >= since));
    }

    /// Drops what ended more than [`LATE_MS`] before `latest`, the member's latest event.
    pub fn prune(&mut self, latest: Timestamp, zone: &TimeZone) {
        if self.unit.window == Window::Lifetime {
            return;
        }
        let keep_from = if self.unit.rolling {
            let span_ms = window::rolling_ms(self.unit.window).unwrap_or(0);
            window::shifted(latest, -(span_ms + LATE_MS))
        } else {
            self.unit.mark_at(window::shifted(latest, -LATE_MS), zone)
        };
        let mut drop = self.marks.partition_point(|mark| mark.at < keep_from);
        let mut since = keep_from;
        if self.marks.len() - drop > MARKS_MAX {
            drop = self.marks.len() - MARKS_MAX;
            since = self.marks[drop].at;
        }
        if drop > 0 {
            self.marks.drain(..drop);
            self.since = Some(self.since.map_or(since, |before| before.max(since)));
        }
    }
}
