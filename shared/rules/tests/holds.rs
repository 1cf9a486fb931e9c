//! Reservations on a purse: whatever is held, credited, spent and waited for, the purse shows what
//! a naive replay of the whole history shows, at every instant.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    hold::{Hold, PARTS_MAX, bound_parts},
    purse::{Lot, LotId, Part, Purse, Step},
};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

#[derive(Debug, Clone)]
enum Act {
    /// So many points that last so long, for ever where 0.
    Credit(i64, i64),
    /// Spend at most so many.
    Spend(i64),
    /// Hold at most so many for so long.
    Hold(i64, i64),
    /// Confirm or cancel the open hold with this number, modulo how many are open.
    Confirm(usize),
    Cancel(usize),
    /// Take back from the lot with this number, going below zero.
    Claw(usize, i64),
    Wait(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (1..100_i64, prop_oneof![Just(0), 1..40_i64]).prop_map(|(n, t)| Act::Credit(n, t)),
        1 => (1..150_i64).prop_map(Act::Spend),
        3 => (1..150_i64, 1..40_i64).prop_map(|(n, t)| Act::Hold(n, t)),
        1 => any::<usize>().prop_map(Act::Confirm),
        2 => any::<usize>().prop_map(Act::Cancel),
        1 => (any::<usize>(), 1..100_i64).prop_map(|(i, n)| Act::Claw(i, n)),
        4 => (1..25_i64).prop_map(Act::Wait),
    ];
    prop::collection::vec(act, 1..60)
}

/// The naive replay: one point at a time, second by second. A point knows its lot, when it ends,
/// and where it is.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Purse,
    Held(u64),
    Gone,
}

#[derive(Debug, Clone)]
struct Point {
    end: Option<i64>,
    lot: u64,
    place: Place,
}

#[derive(Debug, Default)]
struct Naive {
    points: Vec<Point>,
    owed: i64,
    holds: BTreeMap<u64, i64>,
    /// Σ of what a log would say.
    posted: i64,
    now: i64,
}

impl Naive {
    fn balance(&self) -> i64 {
        let there = self
            .points
            .iter()
            .filter(|point| point.place == Place::Purse);
        i64::try_from(there.count()).expect("few") - self.owed
    }

    /// Moves up to `n` points out of the purse, those that end first, the older first among equals.
    fn take(&mut self, n: i64, to: &Place) -> i64 {
        for left in (1..=n).rev() {
            let there = self.points.iter_mut();
            let there = there.filter(|point| point.place == Place::Purse);
            let Some(point) = there.min_by_key(|point| (point.end.unwrap_or(i64::MAX), point.lot))
            else {
                return left;
            };
            point.place = to.clone();
        }
        0
    }

    fn repay(&mut self) {
        let owed = self.owed;
        self.owed = self.take(owed, &Place::Gone);
    }

    fn end_hold(&mut self, hold: u64) {
        self.holds.remove(&hold);
        for point in &mut self.points {
            if point.place == Place::Held(hold) {
                let is_over = point.end.is_some_and(|end| end <= self.now);
                self.posted += i64::from(!is_over);
                point.place = if is_over { Place::Gone } else { Place::Purse };
            }
        }
        self.repay();
    }

    fn step(&mut self) {
        self.now += 1;
        for point in &mut self.points {
            if point.place == Place::Purse && point.end == Some(self.now) {
                point.place = Place::Gone;
                self.posted -= 1;
            }
        }
        let ended: Vec<u64> = self
            .holds
            .iter()
            .filter(|(_, until)| **until == self.now)
            .map(|(hold, _)| *hold)
            .collect();
        for hold in ended {
            self.end_hold(hold);
        }
    }
}

/// What the steps that time made add to the sum of the log.
fn posted(steps: &[Step]) -> i64 {
    let sums = steps.iter().map(|step| match step {
        Step::Expired(expired) => -expired.amount,
        Step::Returned(returned) => returned.hold.amount(),
    });
    sums.sum()
}

proptest! {
    #[test]
    fn a_purse_with_holds_shows_what_a_naive_replay_shows(acts in acts()) {
        let (mut purse, mut naive) = (Purse::default(), Naive::default());
        let (mut sum, mut serial) = (0_i64, 0_u64);
        for act in acts {
            let now = at(naive.now);
            serial += 1;
            match act {
                Act::Credit(n, lasts) => {
                    let end = (lasts > 0).then_some(naive.now + lasts);
                    let lot = Lot {
                        id: LotId::own(serial, 0),
                        remaining: n,
                        available_at: None,
                        expires_at: end.map(at),
                    };
                    purse.credit(lot, now).expect("room");
                    let point = Point { end, lot: serial, place: Place::Purse };
                    naive.points.extend(std::iter::repeat_n(point, usize::try_from(n).expect("few")));
                    naive.repay();
                    sum += n;
                    naive.posted += n;
                }
                Act::Spend(n) => {
                    let n = n.min(purse.balance(now)).max(0);
                    purse.debit(n, now).expect("debit");
                    naive.take(n, &Place::Gone);
                    sum -= n;
                    naive.posted -= n;
                }
                Act::Hold(n, lasts) => {
                    let n = n.min(purse.balance(now)).max(0);
                    if naive.holds.len() == 20 {
                        continue;
                    }
                    let parts = purse.debit(n, now).expect("debit");
                    purse.add_hold(Hold {
                        redemption: serial.to_string(),
                        created: now,
                        until: at(naive.now + lasts),
                        parts,
                        reward: None,
                    }).expect("few holds");
                    naive.take(n, &Place::Held(serial));
                    naive.holds.insert(serial, naive.now + lasts);
                    sum -= n;
                    naive.posted -= n;
                }
                Act::Confirm(which) | Act::Cancel(which) => {
                    let open: Vec<u64> = naive.holds.keys().copied().collect();
                    let Some(hold) = open.get(which % open.len().max(1)) else { continue };
                    let taken = purse.take_hold(&hold.to_string()).expect("an open hold");
                    if matches!(act, Act::Confirm(_)) {
                        naive.holds.remove(hold);
                        for point in &mut naive.points {
                            if point.place == Place::Held(*hold) {
                                point.place = Place::Gone;
                            }
                        }
                    } else {
                        let given = purse.give_back(&taken.parts, None, now);
                        sum += taken.amount();
                        sum -= given.expired.iter().map(|expired| expired.amount).sum::<i64>();
                        naive.end_hold(*hold);
                    }
                }
                Act::Claw(which, n) => {
                    let lots: Vec<LotId> = purse.lots.iter().map(|lot| lot.id).collect();
                    let Some(id) = lots.get(which % lots.len().max(1)) else { continue };
                    let allow = laurel_rules::program::NegativeBalance::Allow;
                    purse.claw_back(*id, n, allow, now).expect("clawed back");
                    let mut left = n;
                    for point in &mut naive.points {
                        if left > 0 && point.lot == id.seq && point.place == Place::Purse {
                            point.place = Place::Gone;
                            left -= 1;
                        }
                    }
                    naive.owed += naive.take(left, &Place::Gone);
                    sum -= n;
                    naive.posted -= n;
                }
                Act::Wait(seconds) => {
                    for _ in 0..seconds {
                        naive.step();
                        // A read settles a copy, and shows what is so at that second.
                        let mut read = purse.clone();
                        let steps = read.settle(None, at(naive.now));
                        prop_assert_eq!(read.balance(at(naive.now)), naive.balance());
                        prop_assert_eq!(sum + posted(&steps), naive.posted);
                    }
                    sum += posted(&purse.settle(None, at(naive.now)));
                }
            }
            prop_assert_eq!(purse.balance(at(naive.now)), naive.balance());
            prop_assert_eq!(sum, naive.posted);
            prop_assert_eq!(sum, naive.balance());
            let lots: i64 = purse.lots.iter().map(|lot| lot.remaining).sum();
            prop_assert_eq!(lots - purse.deficit, sum);
            prop_assert!(purse.deficit == 0 || lots == 0);
        }
    }
}

fn lot(seq: u64, remaining: i64, expires_at: Option<i64>) -> Lot {
    Lot {
        id: LotId::own(seq, 0),
        remaining,
        available_at: None,
        expires_at: expires_at.map(at),
    }
}

fn held(purse: &mut Purse, amount: i64, until: i64) {
    let parts = purse.debit(amount, at(0)).expect("funds");
    let hold = Hold {
        redemption: "rdm".to_owned(),
        created: at(0),
        until: at(until),
        parts,
        reward: None,
    };
    purse.add_hold(hold).expect("a hold");
}

fn told(steps: &[Step]) -> String {
    let words = steps.iter().map(|step| match step {
        Step::Expired(it) => {
            let second = it.at.as_second();
            format!(
                "{}: -{} of {} = {}",
                second, it.amount, it.lot.seq, it.balance_after
            )
        }
        Step::Returned(it) => {
            let (second, amount) = (it.at.as_second(), it.hold.amount());
            format!("{second}: +{amount} = {}", it.balance_after)
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

#[test]
fn what_expired_while_it_was_held_returns_and_expires_at_once() {
    let mut purse = Purse::default();
    purse.credit(lot(1, 100, Some(10)), at(0)).expect("room");
    purse.credit(lot(2, 50, None), at(0)).expect("room");
    held(&mut purse, 120, 20);
    let steps = purse.settle(None, at(30));
    assert_eq!(told(&steps), "20: +120 = 150; 20: -100 of 1 = 50");
    assert_eq!(purse.balance(at(30)), 50);
}

#[test]
fn what_is_left_of_a_lot_expires_at_its_time_and_the_rest_when_it_returns() {
    let mut purse = Purse::default();
    purse.credit(lot(1, 100, Some(10)), at(0)).expect("room");
    held(&mut purse, 60, 20);
    let steps = purse.settle(None, at(30));
    assert_eq!(
        told(&steps),
        "10: -40 of 1 = 0; 20: +60 = 60; 20: -60 of 1 = 0"
    );
}

#[test]
fn inactivity_ends_held_points_for_good() {
    let mut purse = Purse::default();
    purse.credit(lot(1, 100, None), at(0)).expect("room");
    held(&mut purse, 100, 20);
    // Nobody did anything until 10, when somebody looked; then the member was active again.
    assert_eq!(told(&purse.settle(Some(at(10)), at(12))), "");
    let steps = purse.settle(Some(at(1000)), at(30));
    assert_eq!(told(&steps), "20: +100 = 100; 20: -100 of 1 = 0");
}

#[test]
fn what_returns_repays_what_is_owed() {
    let mut purse = Purse::default();
    purse.credit(lot(1, 100, None), at(0)).expect("room");
    held(&mut purse, 100, 20);
    let allow = laurel_rules::program::NegativeBalance::Allow;
    purse
        .claw_back(LotId::own(1, 0), 100, allow, at(5))
        .expect("clawed");
    assert_eq!(purse.balance(at(5)), -100);
    assert_eq!(told(&purse.settle(None, at(30))), "20: +100 = 0");
    assert_eq!((purse.deficit, purse.lots.len()), (0, 0));
}

#[test]
fn parts_are_bounded_and_lose_nothing() {
    let part = |n: i64| Part {
        lot: LotId::own(u64::try_from(n).expect("small"), 0),
        amount: n,
        expires_at: (n < 200).then(|| at(n * n)),
    };
    let mut parts: Vec<Part> = (1..=210).map(part).collect();
    bound_parts(&mut parts);
    assert_eq!(parts.len(), PARTS_MAX);
    let sum: i64 = parts.iter().map(|part| part.amount).sum();
    assert_eq!(sum, (1..=210).sum::<i64>());
    assert!(parts.is_sorted_by_key(|part| part.expires_at.unwrap_or(Timestamp::MAX)));
}

#[test]
fn of_too_many_parts_those_that_expire_closest_together_become_one() {
    let part = |seq: u64, end_ms: i64| Part {
        lot: LotId::own(seq, 0),
        amount: 1,
        expires_at: Timestamp::from_millisecond(end_ms).ok(),
    };
    // Gaps of 5,000, and then one of 900, which is the closest.
    let mut end_ms = 1_000;
    let mut parts = Vec::new();
    for seq in 0..=u64::try_from(PARTS_MAX).expect("small") {
        parts.push(part(seq, end_ms));
        end_ms += if seq == 7 { 900 } else { 5_000 };
    }
    let (earlier, later) = (parts[7], parts[8]);
    bound_parts(&mut parts);
    assert_eq!(parts.len(), PARTS_MAX);
    let both = Part { amount: 2, ..later };
    assert_eq!(parts[7], both);
    assert!(parts.iter().all(|part| part.lot != earlier.lot));
    // As many as may be stay as they are.
    let before = parts.clone();
    bound_parts(&mut parts);
    assert_eq!(parts, before);
}
