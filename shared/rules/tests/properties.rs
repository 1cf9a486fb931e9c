//! What must hold for every input: exact arithmetic, caps, and the ledger's invariants under
//! random histories. [`support::World`] checks the invariants of spec section 2 at every commit,
//! and that an account tells the same as its log.

mod support;

use jiff::{Timestamp, tz::TimeZone};
use laurel_rules::{
    Account, Program,
    counter::{Counter, LATE_MS, MARKS_MAX, Unit, Usage},
    entry::TransactionType,
    exact::{Ratio, Rounding},
    id::TransactionId,
    program::NegativeBalance,
    purse::{Lot, LotId, Purse},
    refund::{refunded_total, reversed_points},
    rule::Window,
    window,
};
use num_rational::BigRational;
use proptest::prelude::*;
use support::{MEMBER, World, at, payment, refund};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn later(from: Timestamp, ms: i64) -> Timestamp {
    window::shifted(from, ms)
}

// ── exact arithmetic ────────────────────────────────────────────────────────────────────────

fn any_ratio() -> impl Strategy<Value = (i128, i128)> {
    let small = (-1_000_i128..1_000, 1_i128..1_000);
    let large = (any::<i64>(), 1..i64::MAX).prop_map(|(num, den)| (num.into(), den.into()));
    let huge = (any::<i128>(), 1..i128::MAX);
    prop_oneof![4 => small, 3 => large, 1 => huge]
}

fn big(num: i128, den: i128) -> BigRational {
    BigRational::new(num.into(), den.into())
}

fn big_of(ratio: Ratio) -> BigRational {
    let (num, den) = ratio.parts();
    big(num, den)
}

fn is_small((num, den): (i128, i128)) -> bool {
    num.unsigned_abs() < 1 << 60 && den < 1 << 60
}

fn big_round(exact: &BigRational, rounding: Rounding) -> BigRational {
    let half = big(1, 2);
    match rounding {
        Rounding::Floor => exact.floor(),
        Rounding::Ceil => exact.ceil(),
        Rounding::HalfUp => (exact + half).floor(),
        Rounding::HalfEven => {
            let up = (exact + &half).floor();
            let is_tie = exact - exact.floor() == half;
            let is_odd = !(&up / big(2, 1)).is_integer();
            if is_tie && is_odd { up - big(1, 1) } else { up }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn ratios_compute_as_rationals_do(a in any_ratio(), b in any_ratio()) {
        let (x, y) = (Ratio::new(a.0, a.1).unwrap(), Ratio::new(b.0, b.1).unwrap());
        let (p, q) = (big(a.0, a.1), big(b.0, b.1));
        for (got, expected) in [
            (x.times(y), &p * &q),
            (x.plus(y), &p + &q),
            (x.minus(y), &p - &q),
        ] {
            match got {
                Some(got) => prop_assert_eq!(big_of(got), expected),
                None => prop_assert!(!is_small(a) || !is_small(b), "{:?} {:?}", x, y),
            }
        }
        for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven, Rounding::Ceil] {
            let expected = big_round(&p, rounding);
            match x.round(rounding) {
                Some(got) => prop_assert_eq!(big(got.into(), 1), expected),
                None => prop_assert!(expected.ceil().to_integer() != expected.floor().to_integer()
                    || i64::try_from(expected.to_integer()).is_err()),
            }
        }
    }

    #[test]
    fn a_ratio_reads_as_what_it_is(a in any_ratio()) {
        let text = Ratio::new(a.0, a.1).unwrap().to_string();
        let whole = |digits: &str| -> num_rational::BigRational {
            digits.parse().expect("digits")
        };
        let read = match (text.split_once('/'), text.split_once('.')) {
            (Some((num, den)), _) => whole(num) / whole(den),
            (None, Some((before, after))) => {
                let power = whole(&format!("1{}", "0".repeat(after.len())));
                whole(&format!("{before}{after}")) / power
            }
            (None, None) => whole(&text),
        };
        prop_assert_eq!(read, big(a.0, a.1));
        prop_assert_eq!(big_of(Ratio::parse(&text).unwrap()), big(a.0, a.1));
    }
}

// ── refunds ─────────────────────────────────────────────────────────────────────────────────

proptest! {
    #[test]
    fn refunds_in_steps_take_what_one_would(
        awarded in 0_i64..=laurel_rules::POINTS_MAX,
        paid in 0_i64..=laurel_rules::POINTS_MAX,
        steps in prop::collection::vec(prop::option::weighted(0.95, 0..=i64::MAX >> 12), 1..12),
    ) {
        let (mut refunded, mut reversed, mut sum) = (0_i64, 0, 0_i128);
        for step in &steps {
            refunded = refunded_total(refunded, *step, paid);
            sum += i128::from(step.unwrap_or(paid));
            let target = reversed_points(awarded, refunded, paid);
            prop_assert!((reversed..=awarded).contains(&target), "never less than before");
            reversed = target;
        }
        let covered = sum.min(paid.into());
        prop_assert_eq!(i128::from(refunded), covered);
        let share = if sum >= paid.into() {
            awarded.into()
        } else {
            i128::from(awarded) * covered / i128::from(paid)
        };
        prop_assert_eq!(i128::from(reversed), share);
    }
}

// ── counters ────────────────────────────────────────────────────────────────────────────────

fn any_unit() -> impl Strategy<Value = Unit> {
    let windows = vec![Window::Day, Window::Week, Window::Month, Window::Lifetime];
    (prop::sample::select(windows), any::<bool>()).prop_map(|(window, rolling)| Unit {
        window,
        rolling: rolling && window != Window::Lifetime,
    })
}

fn any_zone() -> impl Strategy<Value = TimeZone> {
    let names = vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Pacific/Apia",
    ];
    prop::sample::select(names).prop_map(|name| TimeZone::get(name).expect(name))
}

/// What every window that an award at `when` would lie in holds at the most: points, awards.
fn brute_usage(
    awards: &[(Timestamp, i64)],
    unit: Unit,
    when: Timestamp,
    zone: &TimeZone,
) -> (i64, i64) {
    let sum = |inside: &dyn Fn(Timestamp) -> bool| {
        let inside = awards.iter().filter(|(at, _)| inside(*at));
        inside.fold((0, 0), |(points, count), (_, more)| {
            (points + more, count + 1)
        })
    };
    let span_ms = window::rolling_ms(unit.window).unwrap_or(0);
    if !unit.rolling {
        let range = window::calendar(unit.window, when, zone);
        return sum(&|at| {
            range.start.is_none_or(|start| start <= at) && range.end.is_none_or(|end| at < end)
        });
    }
    let ends = awards.iter().map(|(at, _)| *at).chain([when]);
    let ends = ends.filter(|end| *end >= when && *end < later(when, span_ms));
    ends.map(|end| sum(&|at| later(end, -span_ms) < at && at <= end))
        .fold((0, 0), |most, now| (most.0.max(now.0), most.1.max(now.1)))
}

proptest! {
    #[test]
    fn a_pruned_counter_tells_the_truth_or_nothing(
        unit in any_unit(),
        zone in any_zone(),
        steps in prop::collection::vec((0_i64..40 * HOUR_MS, 0_i64..60 * HOUR_MS, 0_i64..500), 1..160),
        asked in prop::collection::vec(0_i64..70 * DAY_MS, 1..8),
    ) {
        let mut counter = Counter::new("r", unit);
        let mut awards: Vec<(Timestamp, i64)> = Vec::new();
        let mut latest = at("2026-02-20T00:00:00Z");
        for (ahead, behind, points) in steps {
            // On the hour, so that some lie exactly a window apart.
            let when = later(latest, (ahead / 4 - behind / 8) / HOUR_MS * HOUR_MS);
            latest = latest.max(when);
            awards.push((when, points));
            counter.add(when, points, 1, &zone);
            counter.prune(latest, &zone);
        }
        prop_assert!(counter.marks.len() <= awards.len());
        prop_assert!(counter.marks.is_sorted_by(|a, b| a.at < b.at));
        prop_assert!(unit.window == Window::Lifetime || counter.marks.len() <= MARKS_MAX);
        for back in asked.into_iter().chain([0, LATE_MS]) {
            let when = later(latest, -back / HOUR_MS * HOUR_MS);
            match counter.usage(when, &zone) {
                Usage::Known { points, awards: count } => {
                    prop_assert_eq!((points, count), brute_usage(&awards, unit, when, &zone));
                }
                Usage::Unknown => {
                    let is_full = counter.marks.len() >= MARKS_MAX;
                    prop_assert!(back > LATE_MS || (unit.rolling && is_full), "{back} ms late");
                }
            }
        }
    }
}

// ── lots ────────────────────────────────────────────────────────────────────────────────────

fn any_lots() -> impl Strategy<Value = Vec<Lot>> {
    let lot = (
        1_i64..100,
        prop::option::of(0_i64..30),
        prop::option::of(0_i64..60),
    );
    prop::collection::vec(lot, 0..12).prop_map(|lots| {
        let start = at("2026-01-01T00:00:00Z");
        let day = |days: i64| later(start, days * DAY_MS);
        lots.into_iter()
            .zip(1..)
            .map(|((remaining, available, expires), seq)| Lot {
                id: LotId::own(seq, 0),
                remaining,
                available_at: available.map(day),
                expires_at: expires.map(|days| day(days.max(available.unwrap_or(0)))),
            })
            .collect()
    })
}

fn program(expires: &str, negative_balance: NegativeBalance) -> Program {
    let mut program = Program::new("prog_default", "salt", at("2026-01-01T00:00:00Z"));
    program.expires = serde_json::from_str(expires).expect(expires);
    program.negative_balance = negative_balance;
    program
}

fn an_account(lots: Vec<Lot>, deficit: i64, program: &Program) -> Account {
    let start = program.created;
    let mut account = Account::new("loy_1".to_owned(), program, start, start);
    account.points = Purse {
        deficit,
        lots,
        ..Purse::default()
    };
    account
}

proptest! {
    #[test]
    fn time_passes_alike_in_one_step_and_in_many(
        lots in any_lots(),
        deficit in prop_oneof![Just(0), 0_i64..300],
        idles in any::<bool>(),
        mut stops in prop::collection::vec(0_i64..70 * 24, 0..6),
    ) {
        let program = program(if idles { r#"{"inactivity":"P20D"}"# } else { "null" }, NegativeBalance::Allow);
        let start = program.created;
        let end = later(start, 70 * DAY_MS);
        let mut at_once = an_account(lots, deficit, &program);
        // Who owes has spent what was there.
        at_once.settle(&program, start);
        let mut in_steps = at_once.clone();
        stops.sort_unstable();
        let mut expired = Vec::new();
        for hours in stops {
            expired.extend(in_steps.settle(&program, later(start, hours * HOUR_MS)).points);
        }
        expired.extend(in_steps.settle(&program, end).points);
        prop_assert_eq!(at_once.settle(&program, end).points, expired);
        prop_assert_eq!(at_once, in_steps);
    }

    #[test]
    fn taking_and_giving_change_the_balance_by_what_they_say(
        lots in any_lots(),
        points in 1_i64..2_000,
        own in 1_u64..12,
        clamps in any::<bool>(),
        day in 0_i64..60,
    ) {
        let negative = if clamps { NegativeBalance::Clamp } else { NegativeBalance::Allow };
        let program = program("null", negative);
        let now = later(program.created, day * DAY_MS);
        let mut account = an_account(lots, 0, &program);
        account.settle(&program, now);
        let total = |account: &Account| account.balance(now) + account.pending(now);

        let mut spent = account.clone();
        spent.points.debit(points, now).unwrap();
        prop_assert_eq!(spent.balance(now), account.balance(now) - points);
        prop_assert_eq!(spent.pending(now), account.pending(now), "what is pending cannot be spent");
        // Of two lots, the one that expires first is empty before the other is touched.
        let touched = |lot: &&Lot| spent.points.lot(lot.id).is_none_or(|left| left.remaining < lot.remaining);
        let last = account.points.lots.iter().filter(touched).map(|lot| lot.expires_at.unwrap_or(Timestamp::MAX)).max();
        for lot in spent.points.lots.iter().filter(|lot| lot.available_at.is_none_or(|from| from <= now)) {
            prop_assert!(Some(lot.expires_at.unwrap_or(Timestamp::MAX)) >= last);
        }

        let mut clawed = account.clone();
        let id = LotId::own(own, 0);
        let taken = clawed.points.claw_back(id, points, negative, now).unwrap();
        prop_assert_eq!(taken.amount + taken.written_off, points);
        prop_assert_eq!(total(&clawed), total(&account) - taken.amount);
        prop_assert!(!clamps || clawed.points.deficit == 0);
        let own_left = account.points.lot(id).map_or(0, |lot| (lot.remaining - points).max(0));
        prop_assert_eq!(clawed.points.lot(id).map_or(0, |lot| lot.remaining), own_left, "its own lot first");

        let lot = Lot { id: LotId::own(99, 0), remaining: points, available_at: None, expires_at: None };
        let mut credited = clawed.clone();
        credited.credit(lot, true, now).unwrap();
        prop_assert_eq!(total(&credited), total(&clawed) + points);
        prop_assert_eq!(credited.lifetime_points, clawed.lifetime_points + points);
        prop_assert!(credited.points.deficit == 0 || credited.balance(now) < 0);
    }
}

// ── histories ───────────────────────────────────────────────────────────────────────────────

#[derive(Debug, Clone)]
enum Step {
    /// A payment that happened so many hours before now.
    Pay {
        amount: i64,
        hours_ago: i64,
    },
    /// A refund of one of the payments, or of one that is still to come.
    Refund {
        of: usize,
        amount: Option<i64>,
    },
    /// An event that came before, again.
    Again {
        of: usize,
    },
    Adjust {
        points: i64,
    },
    Wait {
        hours: i64,
    },
}

fn any_step() -> impl Strategy<Value = Step> {
    let hours_ago = prop_oneof![6 => Just(0), 2 => 0_i64..72, 1 => 0_i64..24 * 70];
    let amount = prop_oneof![1 => Just(0), 8 => 1_i64..20_000, 1 => 1_i64..2_000_000];
    prop_oneof![
        8 => (amount, hours_ago).prop_map(|(amount, hours_ago)| Step::Pay { amount, hours_ago }),
        4 => (0_usize..40, prop::option::of(0_i64..15_000))
            .prop_map(|(of, amount)| Step::Refund { of, amount }),
        1 => (0_usize..40).prop_map(|of| Step::Again { of }),
        2 => (-300_i64..200).prop_map(|points| Step::Adjust { points }),
        3 => (1_i64..24 * 12).prop_map(|hours| Step::Wait { hours }),
    ]
}

fn configurations() -> impl Strategy<Value = String> {
    let program = (
        prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York"]),
        prop::sample::select(vec!["floor", "half_up", "half_even", "ceil"]),
        prop::sample::select(vec!["allow", "clamp"]),
        prop::sample::select(vec![0, 0, 3]),
        prop::sample::select(vec!["never", "P10D", "P1M/month", "idle:P15D"]),
    );
    let cap = prop::sample::select(vec![
        "",
        "cap=100",
        "cap=100 window=day",
        "cap=150 window=week rolling",
        "cap=200 awards=4 window=month",
        "awards=3 window=day rolling",
        "cap=90 awards=9 window=week",
        "cap=300 window=month rolling",
        "carry",
        "carry cap=60 window=day",
        "pending_days=2",
        "expires=P5D",
        "group=g",
        "group=g priority=2 cap=40 window=week",
    ]);
    let award = prop::sample::select(vec!["1/100", "3/700", "EUR:0.7", "40", "1/1"]);
    let rules = prop::collection::vec((award, cap), 1..5);
    (program, rules).prop_map(|((zone, rounding, negative, pending, expires), rules)| {
        let mut script = format!(
            "program timezone={zone} rounding={rounding} negative_balance={negative} \
             pending_days={pending} expires={expires}\n"
        );
        for (place, (award, cap)) in rules.iter().enumerate() {
            script.push_str(&format!("rule r{place} award={award} {cap}\n"));
        }
        script
    })
}

/// No window holds more than its cap, whichever way one looks at the log.
fn check_caps(world: &World) {
    for rule in &world.rules {
        let Some(cap) = rule.cap else { continue };
        let unit = Unit::of(cap, rule.window);
        let mut awards: Vec<(TransactionId, Timestamp, i64)> = Vec::new();
        for entry in &world.entries {
            for (place, made) in entry.transactions.iter().enumerate() {
                if made.rule.as_ref().is_none_or(|(id, _)| *id != rule.id) {
                    continue;
                }
                if made.kind == TransactionType::Earn {
                    let id = entry.transaction_id(place);
                    awards.push((id, entry.occurred_at, made.amount));
                } else if let Some(award) =
                    awards.iter_mut().find(|a| Some(&a.0) == made.of.as_ref())
                {
                    award.2 += made.amount - made.written_off.unwrap_or(0);
                }
            }
        }
        let awards: Vec<(Timestamp, i64)> = awards.into_iter().map(|(_, at, n)| (at, n)).collect();
        for (when, _) in &awards {
            let (points, count) = brute_usage(&awards, unit, *when, &world.program.timezone);
            assert!(
                cap.points.is_none_or(|most| points <= most),
                "{points} points of {cap:?}"
            );
            assert!(
                cap.awards.is_none_or(|most| count <= most.into()),
                "{count} awards of {cap:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn invariants_hold_under_any_history(
        configuration in configurations(),
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        let mut world = support::script::check(&configuration);
        let mut events = Vec::new();
        let mut payments = 0;
        for (place, step) in steps.into_iter().enumerate() {
            match step {
                Step::Pay { amount, hours_ago } => {
                    let when = later(world.now, -hours_ago * HOUR_MS);
                    events.push(payment(&format!("p{payments}"), amount, "EUR", when));
                    payments += 1;
                    world.handle(&events[events.len() - 1]).expect("a payment");
                }
                Step::Refund { of, amount } => {
                    let of = format!("p{}", of % (payments + 3));
                    events.push(refund(&format!("f{place}"), &of, amount, world.now));
                    world.handle(&events[events.len() - 1]).expect("a refund");
                }
                Step::Again { of } => {
                    if let Some(event) = events.get(of) {
                        let before = world.account(MEMBER);
                        let answer = world.handle(event).expect("a repeat");
                        prop_assert!(answer.duplicate);
                        prop_assert_eq!(world.account(MEMBER), before);
                    }
                }
                Step::Adjust { points } => {
                    world.run_line(&format!("adjust {points} allow_negative"));
                }
                Step::Wait { hours } => world.now = later(world.now, hours * HOUR_MS),
            }
        }
        check_caps(&world);
        check_refunds(&world);
    }
}

/// Invariant 5 in full: where nothing expired, what was reversed is what was asked for.
fn check_refunds(world: &World) {
    for record in world.records.values() {
        let Some(handled) = record.handled.as_ref().filter(|h| !h.awards.is_empty()) else {
            continue;
        };
        let Some(entry) = handled.entries.first() else {
            continue;
        };
        for award in &handled.awards {
            let id = TransactionId {
                account: MEMBER.to_owned(),
                seq: entry.seq,
                place: award.place,
            };
            let made = world.entries.iter().flat_map(|entry| &entry.transactions);
            let of = made.filter(|made| made.of.as_ref() == Some(&id));
            let (mut expired, mut reversed) = (0, 0);
            for made in of {
                match made.kind {
                    TransactionType::Expire => expired -= made.amount,
                    _ => reversed -= made.amount - made.written_off.unwrap_or(0),
                }
            }
            let asked = record.refunds.total > 0 || handled.amount == 0 && award.reversed > 0;
            let due = if asked {
                reversed_points(award.points, record.refunds.total, handled.amount)
            } else {
                0
            };
            assert_eq!(
                reversed, award.reversed,
                "the record says what the log says"
            );
            assert!(
                reversed <= due && reversed + expired <= award.points,
                "{award:?}"
            );
            assert!(
                reversed == due || expired > 0,
                "{award:?} of {due}, expired {expired}"
            );
        }
    }
}
