//! What an account remembers of a rule's streak.
//!
//! The units that had an event are known one by one for the latest 64, and as the length of a run
//! before that. So an event that comes late fills its gap, in whatever order events come: the
//! runs that it joins have paid what each of them was due, and it pays what the longer one is due
//! beyond that. Over all orders this comes to what the runs are due in the
//! end; but of a streak that does not repeat, two runs may have paid before a late event joins
//! them, and what was paid stays.

use super::{Streak, StreakUnit};

/// How many units are known one by one.
pub(super) const UNITS_KNOWN: i32 = 64;

/// The units in which a member had an event, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreakStanding {
    /// What is counted.
    pub unit: StreakUnit,
    /// The latest unit with an event.
    pub last: i32,
    /// The units up to it: bit `n` is `n` units before it.
    pub recent: u64,
    /// The latest run of those before.
    pub earlier: Option<EarlierRun>,
    /// How often the next event pays for what a merge alone has completed.
    pub owed: u32,
}

/// A run that began before the units that are known one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierRun {
    /// Its last unit before those.
    pub last: i32,
    /// How many units it has up to there.
    pub count: u32,
}

impl StreakStanding {
    /// One with a single unit.
    pub(super) fn first(kind: StreakUnit, unit: i32) -> StreakStanding {
        StreakStanding {
            unit: kind,
            last: unit,
            recent: 1,
            earlier: None,
            owed: 0,
        }
    }

    /// The length of the run with `unit` in it, and how often an event there completes a streak.
    pub(super) fn with(&self, streak: Streak, unit: i32) -> (u32, u32) {
        let mut seen = self.clone();
        seen.move_to(unit, streak.grace);
        let Some(bit) = seen.bit(unit) else {
            // So long ago that it is not known whether it was counted.
            return (0, self.owed);
        };
        let before = seen.run_before(unit, streak.grace);
        let after = seen.run_after(unit, streak.grace);
        let run = before.saturating_add(after).saturating_add(1);
        if seen.recent & bit != 0 {
            return (run, self.owed);
        }
        let paid = if seen.is_forgiven(unit, streak.grace) {
            streak.due(before.saturating_add(after))
        } else {
            streak.due(before).saturating_add(streak.due(after))
        };
        let times = streak.due(run).saturating_sub(paid);
        (run, times.saturating_add(self.owed))
    }

    /// Counts an event in `unit`.
    pub(super) fn count(&mut self, streak: Streak, unit: i32) {
        self.move_to(unit, streak.grace);
        if let Some(bit) = self.bit(unit) {
            self.recent |= bit;
        }
    }

    fn bit(&self, unit: i32) -> Option<u64> {
        let back = self.last.checked_sub(unit)?;
        (0..UNITS_KNOWN).contains(&back).then(|| 1 << back)
    }

    /// The units that are known one by one and had an event, the oldest first.
    fn units(&self) -> impl DoubleEndedIterator<Item = i32> + use<> {
        let (recent, last) = (self.recent, self.last);
        let back = (0..UNITS_KNOWN).rev().filter(move |n| recent >> n & 1 == 1);
        back.map(move |n| last.saturating_sub(n))
    }

    /// Lets the units that are known end with `unit`, where that is a later one.
    fn move_to(&mut self, unit: i32, grace: u32) {
        let ahead = unit.saturating_sub(self.last);
        if ahead <= 0 {
            return;
        }
        let oldest = unit.saturating_sub(UNITS_KNOWN - 1);
        for leaves in self.units().filter(|known| *known < oldest) {
            self.earlier = Some(match self.earlier {
                Some(run) if joins(run.last, leaves, grace) => EarlierRun {
                    last: leaves,
                    count: run.count.saturating_add(1),
                },
                _ => EarlierRun {
                    last: leaves,
                    count: 1,
                },
            });
        }
        self.last = unit;
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        self.recent = self.recent.checked_shl(ahead).unwrap_or(0);
    }

    /// How many units the run has that ends before `unit` and goes on with it.
    fn run_before(&self, unit: i32, grace: u32) -> u32 {
        let (mut next, mut run) = (unit, 0_u32);
        for known in self.units().rev().filter(|known| *known < unit) {
            if !joins(known, next, grace) {
                return run;
            }
            (next, run) = (known, run.saturating_add(1));
        }
        match self.earlier {
            Some(earlier) if joins(earlier.last, next, grace) => run.saturating_add(earlier.count),
            _ => run,
        }
    }

    /// How many units the run has that goes on after `unit`.
    fn run_after(&self, unit: i32, grace: u32) -> u32 {
        let (mut before, mut run) = (unit, 0_u32);
        for known in self.units().filter(|known| *known > unit) {
            if !joins(before, known, grace) {
                return run;
            }
            (before, run) = (known, run.saturating_add(1));
        }
        run
    }

    /// Whether what lies before and after `unit` is one run without it.
    fn is_forgiven(&self, unit: i32, grace: u32) -> bool {
        let before = self.units().rev().find(|known| *known < unit);
        let before = before.or(self.earlier.map(|earlier| earlier.last));
        let after = self.units().find(|known| *known > unit);
        let both = before.zip(after);
        both.is_some_and(|(before, after)| joins(before, after, grace))
    }

    /// How often all runs that are known pay.
    fn due(&self, streak: Streak) -> u32 {
        let mut last = self.earlier.map(|earlier| earlier.last);
        let mut run = self.earlier.map_or(0, |earlier| earlier.count);
        let mut due = 0_u32;
        for unit in self.units() {
            if last.is_none_or(|last| !joins(last, unit, streak.grace)) {
                due = due.saturating_add(streak.due(run));
                run = 0;
            }
            (last, run) = (Some(unit), run.saturating_add(1));
        }
        due.saturating_add(streak.due(run))
    }

    /// Takes over the units of another account, of the same kind. What only both together complete is owed. Of what
    /// lies before the units that are known the later run counts, or of runs that touch the longer.
    pub(super) fn absorb(&mut self, mut other: StreakStanding, streak: Streak, is_active: bool) {
        self.owed = self.owed.saturating_add(other.owed);
        self.move_to(other.last, streak.grace);
        other.move_to(self.last, streak.grace);
        let paid = self.due(streak).saturating_add(other.due(streak));
        self.recent |= other.recent;
        self.earlier = match (self.earlier, other.earlier) {
            (Some(one), Some(two)) => {
                let (first, second) = if one.last <= two.last {
                    (one, two)
                } else {
                    (two, one)
                };
                let count = if joins(first.last, second.last, streak.grace) {
                    first.count.max(second.count)
                } else {
                    second.count
                };
                let last = second.last;
                Some(EarlierRun { last, count })
            }
            (one, two) => one.or(two),
        };
        if is_active {
            let completed = self.due(streak).saturating_sub(paid);
            self.owed = self.owed.saturating_add(completed);
        }
    }
}

/// Whether a run goes on from one unit to a later one, with as many missed between as are forgiven.
fn joins(earlier: i32, later: i32, grace: u32) -> bool {
    let steps = later.saturating_sub(earlier).max(1);
    steps.unsigned_abs() - 1 <= grace
}

#[cfg(test)]
mod tests;
