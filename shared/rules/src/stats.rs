//! What is kept of a member's events, type by type (spec section 6, "Stats"): how many there were,
//! what their amounts come to, when the first and the last one happened, on how many days.
//!
//! Only types that the program's rules listen to or its conditions ask about are counted
//! ([`crate::Catalog::counts`]), each event once, in the transaction that handles it.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::POINTS_MAX;

/// Of how many event types an account keeps figures at the most; the one whose last event is the
/// longest ago goes first.
pub const TYPES_MAX: usize = 60;
/// How many days back, from that of the last event on, the days themselves are known.
pub const DAYS_KNOWN: i32 = 64;

/// What is kept of a member's events of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The event type.
    pub trigger: String,
    /// How many there were.
    pub count: u64,
    /// What their amounts come to, less what was refunded of them, in minor units.
    pub sum: i64,
    /// When the first one happened.
    pub first_at: Timestamp,
    /// When the last one happened.
    pub last_at: Timestamp,
    /// On how many days there was one.
    pub days: u32,
    /// The last of these days, in days since 1970.
    pub last_day: i32,
    /// The days up to it on which there was one: bit `n` is `n` days before it.
    pub recent: u64,
    /// How many days in a row there was one up to the day before those.
    pub earlier_run: u32,
}

impl Stat {
    fn first(trigger: &str, at: Timestamp, day: i32) -> Stat {
        Stat {
            trigger: trigger.to_owned(),
            count: 0,
            sum: 0,
            first_at: at,
            last_at: at,
            days: 0,
            last_day: day,
            recent: 0,
            earlier_run: 0,
        }
    }

    fn add(&mut self, amount: i64, at: Timestamp, day: i32) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(amount).min(POINTS_MAX);
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        self.move_to(day);
        // Of a day that is longer ago than that it is not known whether it was counted.
        let Some(bit) = self.bit(day) else { return };
        if self.recent & bit == 0 {
            self.recent |= bit;
            self.days = self.days.saturating_add(1);
        }
    }

    /// Lets the days that are known end with `day`, where that is a later one.
    fn move_to(&mut self, day: i32) {
        let mut ahead = day.saturating_sub(self.last_day);
        if ahead <= 0 {
            return;
        }
        self.last_day = day;
        if ahead > DAYS_KNOWN {
            // Nothing that was known is so recent, nor is there a run up to that time.
            (self.recent, self.earlier_run) = (0, 0);
            return;
        }
        while ahead > 0 {
            let leaves = self.recent >> (DAYS_KNOWN - 1) & 1 == 1;
            self.earlier_run = if leaves {
                self.earlier_run.saturating_add(1)
            } else {
                0
            };
            self.recent <<= 1;
            ahead -= 1;
        }
    }

    fn bit(&self, day: i32) -> Option<u64> {
        let back = self.last_day.checked_sub(day)?;
        let back = u32::try_from(back).ok().filter(|_| back < DAYS_KNOWN)?;
        Some(1 << back)
    }

    /// How many days in a row there was one, up to `day`.
    fn run_up_to(&self, day: i32) -> u32 {
        let Some(bit) = self.bit(day) else { return 0 };
        let back = bit.trailing_zeros();
        let run = (self.recent >> back).trailing_ones();
        if run + back < DAYS_KNOWN.unsigned_abs() {
            return run;
        }
        run.saturating_add(self.earlier_run)
    }

    /// Adds what is kept of the same type of another account.
    fn absorb(&mut self, mut other: Stat) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum).min(POINTS_MAX);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.move_to(other.last_day);
        other.move_to(self.last_day);
        let both = (self.recent & other.recent).count_ones();
        self.days = self.days.saturating_add(other.days).saturating_sub(both);
        self.recent |= other.recent;
        self.earlier_run = self.earlier_run.max(other.earlier_run);
    }
}

/// What is kept of a member's events, by type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats(pub Vec<Stat>);

impl Stats {
    /// What is kept of events of this type, where there was any.
    #[must_use]
    pub fn get(&self, trigger: &str) -> Option<&Stat> {
        self.0.iter().find(|stat| stat.trigger == trigger)
    }

    /// On how many days in a row there were events of this type, up to that of `at`, or to the day
    /// before where that has had none yet. `with_this` says that there is one at `at`, which is not
    /// counted yet.
    #[must_use]
    pub fn streak_days(
        &self,
        trigger: &str,
        at: Timestamp,
        zone: &TimeZone,
        with_this: bool,
    ) -> u32 {
        let Some(stat) = self.get(trigger) else {
            return u32::from(with_this);
        };
        let day = day_of(at, zone);
        match stat.run_up_to(day) {
            0 => stat
                .run_up_to(day.saturating_sub(1))
                .saturating_add(with_this.into()),
            run => run,
        }
    }

    /// What will be kept of this type once an event is counted.
    pub(crate) fn with(&self, trigger: &str, amount: i64, at: Timestamp, zone: &TimeZone) -> Stat {
        let day = day_of(at, zone);
        let mut stat = self
            .get(trigger)
            .cloned()
            .unwrap_or_else(|| Stat::first(trigger, at, day));
        stat.add(amount, at, day);
        stat
    }

    /// Counts an event.
    pub(crate) fn count(&mut self, trigger: &str, amount: i64, at: Timestamp, zone: &TimeZone) {
        let day = day_of(at, zone);
        if let Some(stat) = self.0.iter_mut().find(|stat| stat.trigger == trigger) {
            stat.add(amount, at, day);
            return;
        }
        let mut stat = Stat::first(trigger, at, day);
        stat.add(amount, at, day);
        self.0.push(stat);
        self.bound();
    }

    /// Takes what was refunded of an event out of the sum of its type.
    pub(crate) fn refund(&mut self, trigger: &str, amount: i64) {
        // Of an event that was not counted more may be refunded than there is.
        if let Some(stat) = self.0.iter_mut().find(|stat| stat.trigger == trigger) {
            stat.sum = stat.sum.saturating_sub(amount).max(0);
        }
    }

    /// Takes over what is kept of another account.
    pub(crate) fn absorb(&mut self, source: &mut Stats) {
        for other in source.0.drain(..) {
            match self.0.iter_mut().find(|stat| stat.trigger == other.trigger) {
                Some(stat) => stat.absorb(other),
                None => self.0.push(other),
            }
        }
        self.bound();
    }

    fn bound(&mut self) {
        while self.0.len() > TYPES_MAX {
            let stats = self.0.iter().enumerate();
            let oldest = stats.min_by_key(|(_, stat)| stat.last_at);
            let Some((place, _)) = oldest else { return };
            self.0.remove(place);
        }
    }
}

/// The day of an instant by the clocks of a time zone, in days since 1970.
fn day_of(at: Timestamp, zone: &TimeZone) -> i32 {
    let date = zone.to_datetime(at).date();
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_hours() / 24).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(day: i32, hour: i64) -> Timestamp {
        let hours = i64::from(day) * 24 + hour;
        Timestamp::from_second(hours * 3600).expect("a time")
    }

    /// A naive history of one type: the days themselves.
    fn streak(days: &BTreeSet<i32>, day: i32) -> u32 {
        let mut day = if days.contains(&day) { day } else { day - 1 };
        let mut run = 0;
        while days.contains(&day) {
            (run, day) = (run + 1, day - 1);
        }
        run
    }

    #[test]
    fn random_histories_are_as_the_days_themselves_tell() {
        // A linear congruence is random enough, and the same every time.
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..200 {
            let (mut stats, mut days, mut today) = (Stats::default(), BTreeSet::new(), 20_000_i32);
            let mut others = Stats::default();
            for _ in 0..120 {
                today += i32::try_from(random(8)).expect("small") / 5;
                if random(100) == 0 {
                    today += 70;
                }
                // Now and then one comes late.
                let late = if random(4) == 0 { random(60) } else { 0 };
                let day = today - i32::try_from(late).expect("small");
                let known = stats.get("x").map_or(day, |stat| stat.last_day);
                if known - day >= DAYS_KNOWN {
                    continue;
                }
                stats.count("x", 5, at(day, 12), &TimeZone::UTC);
                others.count("x", 5, at(day, 13), &TimeZone::UTC);
                days.insert(day);
                let stat = stats.get("x").expect("it");
                assert_eq!(stat.days as usize, days.len());
                // What an event of tomorrow would make of it.
                let mut then = days.clone();
                then.insert(today + 1);
                let told = stats.streak_days("x", at(today + 1, 9), &TimeZone::UTC, true);
                assert_eq!(told, streak(&then, today + 1));
                for asked in [today, today + 1, today + 2] {
                    let told = stats.streak_days("x", at(asked, 9), &TimeZone::UTC, false);
                    assert_eq!(told, streak(&days, asked), "{days:?} {asked}");
                }
            }
            let (count, sum) = (stats.0[0].count, stats.0[0].sum);
            stats.absorb(&mut others);
            assert_eq!((stats.0[0].count, stats.0[0].sum), (count * 2, sum * 2));
            assert_eq!(
                stats.streak_days("x", at(today, 9), &TimeZone::UTC, false),
                streak(&days, today)
            );
            assert!(others.0.is_empty());
        }
    }

    #[test]
    fn a_run_goes_on_where_the_days_themselves_are_no_longer_known() {
        let mut stats = Stats::default();
        for day in 1..=100 {
            stats.count("x", 0, at(day, 12), &TimeZone::UTC);
            let run = |on: i32| stats.streak_days("x", at(on, 9), &TimeZone::UTC, false);
            let length = u32::try_from(day).expect("small");
            assert_eq!((run(day), run(day + 1), run(day + 2)), (length, length, 0));
            assert_eq!(stats.0[0].days, length);
            // The day before is told as it was, as long as it is known.
            assert_eq!(run(day.max(2) - 1), length.max(2) - 1);
        }
        // 63 days without one: what was before counts again once they are filled, in any order.
        stats.count("x", 0, at(164, 12), &TimeZone::UTC);
        assert_eq!(stats.0[0].days, 101);
        for day in (101..164).rev() {
            let run = stats.streak_days("x", at(164, 9), &TimeZone::UTC, false);
            assert_eq!(i32::try_from(run).expect("small"), 164 - day);
            stats.count("x", 0, at(day, 12), &TimeZone::UTC);
        }
        assert_eq!(
            stats.streak_days("x", at(164, 9), &TimeZone::UTC, false),
            164
        );
        // After 64 there is nothing left to fill up to.
        stats.count("x", 0, at(229, 12), &TimeZone::UTC);
        for day in 166..229 {
            stats.count("x", 0, at(day, 12), &TimeZone::UTC);
        }
        assert_eq!(
            stats.streak_days("x", at(229, 9), &TimeZone::UTC, false),
            64
        );
    }

    #[test]
    fn days_on_which_both_of_two_members_did_something_count_once() {
        let of = |days: &[i32]| {
            let mut stats = Stats::default();
            for day in days {
                stats.count("x", 7, at(*day, 12), &TimeZone::UTC);
            }
            stats
        };
        for (own, others, all, run) in [
            (&[1, 2, 5][..], &[2, 3, 4][..], 5, 5),
            (&[1, 2], &[1, 2], 2, 0),
            (&[5], &[1, 4], 3, 2),
            (&[1, 4], &[5], 3, 2),
        ] {
            let mut stats = of(own);
            stats.absorb(&mut of(others));
            let stat = &stats.0[0];
            assert_eq!(stat.count as usize, own.len() + others.len());
            assert_eq!(stat.days, all, "{own:?} {others:?}");
            let told = stats.streak_days("x", at(5, 9), &TimeZone::UTC, false);
            assert_eq!(told, run, "{own:?} {others:?}");
        }
    }

    #[test]
    fn days_are_those_of_the_time_zone() {
        let berlin = TimeZone::get("Europe/Berlin").expect("Berlin");
        let mut stats = Stats::default();
        for text in [
            "2026-11-20T22:30:00Z",
            "2026-11-20T23:30:00Z",
            "2026-11-21T22:59:59Z",
        ] {
            stats.count("x", 0, text.parse().expect("a time"), &berlin);
        }
        let stat = stats.get("x").expect("it");
        assert_eq!((stat.count, stat.days), (3, 2));
    }

    #[test]
    fn refunds_leave_what_was_paid_and_not_refunded() {
        let mut stats = Stats::default();
        for amount in [1000, 500] {
            stats.count("payment.completed", amount, at(1, 0), &TimeZone::UTC);
        }
        stats.refund("payment.completed", 300);
        stats.refund("signup", 300);
        assert_eq!(
            stats
                .get("payment.completed")
                .map(|stat| (stat.count, stat.sum)),
            Some((2, 1200))
        );
        stats.refund("payment.completed", 9_000);
        assert_eq!(stats.get("payment.completed").map(|stat| stat.sum), Some(0));
    }

    #[test]
    fn so_many_types_are_kept() {
        let mut stats = Stats::default();
        for number in 0..TYPES_MAX + 5 {
            let day = i32::try_from(number).expect("small");
            stats.count(&format!("type_{number}"), 0, at(day, 0), &TimeZone::UTC);
        }
        assert_eq!(stats.0.len(), TYPES_MAX);
        assert!(stats.get("type_4").is_none() && stats.get("type_5").is_some());
    }
}
