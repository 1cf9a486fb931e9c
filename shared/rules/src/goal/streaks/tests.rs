use std::collections::BTreeSet;

use super::*;

const DAILY: Streak = Streak {
    unit: StreakUnit::Day,
    length: 3,
    repeat: true,
    grace: 0,
};

/// A linear congruence is random enough, and the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % below
    }

    fn unit(&mut self, below: i32) -> i32 {
        let below = u64::try_from(below).expect("not negative");
        i32::try_from(self.below(below)).expect("small")
    }

    fn streak(&mut self, repeat: bool) -> Streak {
        Streak {
            unit: StreakUnit::Day,
            length: u32::try_from(self.below(5)).expect("small") + 2,
            repeat,
            grace: u32::try_from(self.below(3)).expect("small"),
        }
    }
}

/// Counts units as events come, and answers how often they pay.
fn pays(standing: &mut Option<StreakStanding>, streak: Streak, unit: i32) -> u32 {
    let (_, times) = match standing {
        Some(standing) => standing.with(streak, unit),
        None => (1, 0),
    };
    let standing = standing.get_or_insert_with(|| StreakStanding::first(streak.unit, unit));
    standing.count(streak, unit);
    standing.owed = 0;
    times
}

/// The lengths of the runs of a naive history: the units themselves.
fn runs(units: &BTreeSet<i32>, grace: u32) -> Vec<u32> {
    let mut runs: Vec<u32> = Vec::new();
    let mut last: Option<i32> = None;
    for unit in units {
        match (last, runs.last_mut()) {
            (Some(last), Some(run)) if (unit - last).unsigned_abs() <= grace + 1 => *run += 1,
            _ => runs.push(1),
        }
        last = Some(*unit);
    }
    runs
}

/// What a naive history is due.
fn due(units: &BTreeSet<i32>, streak: Streak) -> u32 {
    let runs = runs(units, streak.grace).into_iter();
    runs.map(|run| match streak.repeat {
        true => run / streak.length,
        false => u32::from(run >= streak.length),
    })
    .sum()
}

#[test]
fn in_whatever_order_events_come_a_repeating_streak_pays_as_often() {
    let mut random = Random(7);
    for _ in 0..2000 {
        let streak = random.streak(true);
        let count = random.unit(60) + 1;
        let mut units: Vec<i32> = (0..count).map(|_| 20_000 + random.unit(64)).collect();
        let all: BTreeSet<i32> = units.iter().copied().collect();
        for _ in 0..3 {
            let mut standing = None;
            let paid: u32 = units
                .iter()
                .map(|unit| pays(&mut standing, streak, *unit))
                .sum();
            assert_eq!(paid, due(&all, streak), "{streak:?} {units:?}");
            for place in (1..units.len()).rev() {
                let with = random.below(u64::try_from(place).expect("small") + 1);
                units.swap(place, usize::try_from(with).expect("small"));
            }
        }
    }
}

/// Over a long time events come up to 60 units late: what lies before the 64 that are known one
/// by one is known as a run.
#[test]
fn a_long_history_with_late_events_pays_as_its_units_say() {
    let mut random = Random(11);
    for _ in 0..300 {
        let streak = random.streak(true);
        let (mut standing, mut all, mut today, mut paid) = (None, BTreeSet::new(), 20_000, 0);
        for _ in 0..400 {
            today += random.unit(3) / 2;
            if random.below(150) == 0 {
                today += random.unit(200);
            }
            let late = if random.below(4) == 0 {
                random.unit(60)
            } else {
                0
            };
            let known = standing
                .as_ref()
                .map_or(today, |standing: &StreakStanding| standing.last);
            let unit = today - late;
            paid += pays(&mut standing, streak, unit);
            // What is older than that is not counted.
            if known - unit < UNITS_KNOWN {
                all.insert(unit);
            }
            assert_eq!(paid, due(&all, streak), "{streak:?} {all:?}");
        }
    }
}

/// Of a streak that does not repeat, a run pays once; where a late event joins two runs that have
/// both paid, that stays.
#[test]
fn without_repeat_a_run_pays_once_and_what_two_runs_were_paid_stays() {
    let mut random = Random(13);
    for _ in 0..2000 {
        let streak = random.streak(false);
        let count = random.unit(60) + 1;
        let units: Vec<i32> = (0..count).map(|_| 20_000 + random.unit(64)).collect();
        let all: BTreeSet<i32> = units.iter().copied().collect();
        let in_order = all.iter();
        let mut standing = None;
        let paid: u32 = in_order
            .map(|unit| pays(&mut standing, streak, *unit))
            .sum();
        assert_eq!(paid, due(&all, streak), "{streak:?} {all:?}");
        let (mut standing, mut known, mut paid) = (None, BTreeSet::new(), 0);
        for unit in units {
            let before = due(&known, streak);
            known.insert(unit);
            let now = pays(&mut standing, streak, unit);
            assert_eq!(now, due(&known, streak).saturating_sub(before));
            paid += now;
        }
        assert!(paid >= due(&all, streak));
    }
}

#[test]
fn two_accounts_that_become_one_are_owed_what_only_both_complete() {
    let mut random = Random(17);
    for _ in 0..2000 {
        let streak = random.streak(true);
        let (mut standings, mut all, mut paid) = ([None, None], BTreeSet::new(), 0);
        let mut own = 0;
        for standing in &mut standings {
            let mut units = BTreeSet::new();
            for _ in 0..=random.unit(30) {
                let unit = 20_000 + random.unit(60);
                units.insert(unit);
                paid += pays(standing, streak, unit);
            }
            own += due(&units, streak);
            all.extend(units);
        }
        assert_eq!(paid, own);
        let [Some(mut one), Some(two)] = standings else {
            panic!("both have events");
        };
        one.absorb(two, streak, true);
        let together = due(&all, streak);
        assert_eq!(one.owed, together.saturating_sub(own), "{streak:?} {all:?}");
        // The next event pays it, wherever it stands, and what it completes by itself.
        let unit = 20_000 + random.unit(64);
        let mut with = all.clone();
        with.insert(unit);
        let expected = one.owed + due(&with, streak) - together;
        let mut standing = Some(one);
        assert_eq!(pays(&mut standing, streak, unit), expected);
        assert_eq!(pays(&mut standing, streak, unit), 0);
    }
}

#[test]
fn the_table_of_a_streak_of_three_days() {
    // Which day has an event, how long the run is then, how often it pays.
    let table = [
        (1, 1, 0),
        (2, 2, 0),
        (2, 2, 0),
        (3, 3, 1),
        (4, 4, 0),
        (5, 5, 0),
        (7, 1, 0),
        // A late one fills the gap: seven days in a row, of which three were paid.
        (6, 7, 1),
        (8, 8, 0),
        (9, 9, 1),
        (20, 1, 0),
    ];
    let mut standing = None;
    for (day, run, times) in table {
        let told = standing
            .as_ref()
            .map_or((1, 0), |standing: &StreakStanding| {
                standing.with(DAILY, day)
            });
        assert_eq!(told, (run, times), "day {day}");
        pays(&mut standing, DAILY, day);
    }
}

#[test]
fn units_follow_each_other_over_months_and_years() {
    let zone = jiff::tz::TimeZone::get("America/New_York").expect("a zone");
    let number = |unit: StreakUnit, text: &str| {
        let at: jiff::Timestamp = text.parse().expect("a time");
        unit.number(at, &zone)
    };
    use StreakUnit::{Day, Month, Week};
    for (unit, one, next) in [
        (Day, "2026-12-31T12:00:00Z", "2027-01-02T04:59:59Z"),
        // Sunday evening there, and the Monday after.
        (Week, "2027-01-04T04:59:59Z", "2027-01-04T05:00:00Z"),
        (Month, "2026-12-01T05:00:00Z", "2027-01-31T12:00:00Z"),
        (Month, "1969-12-31T12:00:00Z", "1970-01-01T12:00:00Z"),
        (Day, "1969-12-31T12:00:00Z", "1970-01-01T12:00:00Z"),
    ] {
        assert_eq!(number(unit, one) + 1, number(unit, next), "{unit:?} {one}");
    }
    assert_eq!(
        number(Week, "2026-11-16T12:00:00Z"),
        number(Week, "2026-11-22T12:00:00Z")
    );
}
