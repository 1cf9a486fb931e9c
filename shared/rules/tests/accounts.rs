//! What one account holds beside its purse: what it ever earned, what it used of caps, and whom it
//! absorbed.

use jiff::{Timestamp, tz::TimeZone};
use laurel_rules::{
    Account, Catalog, POINTS_MAX, Program,
    absorb::{ABSORBED_MAX, Absorbed},
    account::Status,
    counter::{Unit, Usage},
    purse::{Lot, LotId},
    rule::Window,
};
use serde_json::json;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn program(zone: &str) -> Program {
    let program = serde_json::to_value(Program::new("prog_1", "salt", now()));
    let mut program = program.expect("a program as JSON");
    program["timezone"] = json!(zone);
    serde_json::from_value(program).expect("a program")
}

fn account(id: &str) -> Account {
    Account::new(id.to_owned(), &program("UTC"), now(), now())
}

fn lot(seq: u64, points: i64) -> Lot {
    Lot {
        id: LotId::own(seq, 0),
        remaining: points,
        available_at: None,
        expires_at: None,
    }
}

const DAY: Unit = Unit {
    window: Window::Day,
    rolling: false,
};
const ROLLING: Unit = Unit {
    window: Window::Week,
    rolling: true,
};
const LIFETIME: Unit = Unit {
    window: Window::Lifetime,
    rolling: false,
};

#[test]
fn what_was_ever_earned_has_the_limit_of_points() {
    let mut account = account("loy_1");
    account.lifetime_points = POINTS_MAX - 10;
    assert!(account.credit(lot(1, 11), true, now()).is_err());
    assert_eq!(account.balance(now()), 0, "nothing was credited");
    account.credit(lot(1, 10), true, now()).expect("it fits");
    assert_eq!(account.lifetime_points, POINTS_MAX);
    // What does not count into it may still come.
    account.credit(lot(2, 11), false, now()).expect("it fits");
    assert_eq!(
        (account.balance(now()), account.lifetime_points),
        (21, POINTS_MAX)
    );
}

fn units(account: &Account) -> Vec<(&str, Unit)> {
    let counters = account.counters.iter();
    counters.map(|it| (it.rule.as_str(), it.unit)).collect()
}

#[test]
fn calendar_windows_are_those_of_the_time_zone_that_is_in_force() {
    let (utc, berlin) = (program("UTC"), program("Europe/Berlin"));
    let mut account = account("loy_1");
    for (rule, unit) in [("day", DAY), ("rolling", ROLLING), ("lifetime", LIFETIME)] {
        account.count(rule, unit, now(), 5, None, &utc);
        assert!(account.counter(rule, unit, "UTC").is_some(), "{rule}");
        let is_calendar = rule == "day";
        let in_berlin = account.counter(rule, unit, "Europe/Berlin");
        assert_eq!(in_berlin.is_none(), is_calendar, "{rule}");
    }
    assert_eq!(account.counter("day", ROLLING, "UTC"), None, "another unit");
    // The next award in the other zone forgets those that are no use there, and no others.
    account.count("rolling", ROLLING, now(), 5, None, &berlin);
    assert_eq!(account.counter_zone, "Europe/Berlin");
    assert_eq!(
        units(&account),
        [("lifetime", LIFETIME), ("rolling", ROLLING)]
    );
    let used = account.counter("rolling", ROLLING, "Europe/Berlin");
    let used = used.map(|counter| counter.usage(now(), &TimeZone::UTC));
    let both = Usage::Known {
        points: 10,
        awards: 2,
    };
    assert_eq!(used, Some(both));
    // A rule that gets another window begins anew; other rules stay.
    account.count("rolling", LIFETIME, now(), 5, None, &berlin);
    assert_eq!(
        units(&account),
        [("lifetime", LIFETIME), ("rolling", LIFETIME)]
    );
    account.forget_counter("lifetime");
    assert_eq!(units(&account), [("rolling", LIFETIME)]);
}

fn absorb(target: &mut Account, source: &mut Account, zone: &str) -> Result<(), Option<String>> {
    let catalog = Catalog::new(program(zone), 1, Vec::new());
    let absorbed = target.absorb(source, &catalog, now());
    absorbed.map_err(|refusal| refusal.param)
}

#[test]
fn uses_of_caps_add_up_where_both_know_them() {
    let zone = program("UTC");
    let mut target = account("loy_1");
    let mut source = account("loy_2");
    for (rule, unit) in [
        ("both", DAY),
        ("rolling", ROLLING),
        ("own", DAY),
        ("unit", DAY),
    ] {
        target.count(rule, unit, now(), 5, None, &zone);
    }
    for (rule, unit) in [
        ("theirs", DAY),
        ("rolling", ROLLING),
        ("unit", LIFETIME),
        ("both", DAY),
    ] {
        source.count(rule, unit, now(), 7, None, &zone);
    }
    let (mut abroad, mut others) = (target.clone(), source.clone());
    absorb(&mut target, &mut source, "UTC").expect("absorbed");
    assert_eq!(units(&target), [("both", DAY), ("rolling", ROLLING)]);
    for counter in &target.counters {
        let both = Usage::Known {
            points: 12,
            awards: 2,
        };
        assert_eq!(counter.usage(now(), &TimeZone::UTC), both);
    }
    // Where days have become others meanwhile, nobody knows those.
    absorb(&mut abroad, &mut others, "Europe/Berlin").expect("absorbed");
    assert_eq!(units(&abroad), [("rolling", ROLLING)]);
    assert_eq!(abroad.counter_zone, "Europe/Berlin");
}

#[test]
fn an_account_knows_whom_it_absorbed() {
    let mut target = account("loy_1");
    let mut source = account("loy_2");
    source.lifetime_points = 7;
    assert!(target.is_or_absorbed("loy_1"));
    assert!(!target.is_or_absorbed("loy_2"));
    absorb(&mut target, &mut source, "UTC").expect("absorbed");
    assert!(target.is_or_absorbed("loy_2"));
    assert!(!target.is_or_absorbed("loy_3"));
    assert_eq!((target.lifetime_points, source.lifetime_points), (7, 0));
    assert_eq!(source.status, Status::Merged);
    assert_eq!(source.merged_into.as_deref(), Some("loy_1"));
    // Whom the source had absorbed comes after it, and lots know whose log they stand in.
    let mut third = account("loy_3");
    third.credit(lot(4, 3), true, now()).expect("it fits");
    absorb(&mut third, &mut target, "UTC").expect("absorbed");
    let known: Vec<&str> = third
        .absorbed
        .iter()
        .map(|it| it.account.as_str())
        .collect();
    assert_eq!(known, ["loy_1", "loy_2"]);
}

#[test]
fn so_many_accounts_become_one_and_no_more() {
    let with_absorbed = |id: &str, count: usize| {
        let mut account = account(id);
        account.absorbed = (0..count)
            .map(|number| Absorbed {
                account: format!("{id}_{number}"),
                seq: 1,
                logged_at: now(),
            })
            .collect();
        account
    };
    for (own, theirs) in [(ABSORBED_MAX - 1, 0), (0, ABSORBED_MAX - 1), (500, 499)] {
        let mut target = with_absorbed("loy_1", own);
        let mut source = with_absorbed("loy_2", theirs);
        assert_eq!(absorb(&mut target, &mut source, "UTC"), Ok(()));
        assert_eq!(target.absorbed.len(), ABSORBED_MAX);
    }
    for (own, theirs) in [(ABSORBED_MAX, 0), (0, ABSORBED_MAX), (500, 500)] {
        let mut target = with_absorbed("loy_1", own);
        let mut source = with_absorbed("loy_2", theirs);
        let refused = absorb(&mut target, &mut source, "UTC");
        assert_eq!(refused, Err(Some("source".to_owned())));
    }
}

#[test]
fn two_who_earned_too_much_together_cannot_become_one() {
    for (theirs, is_fine) in [(5, true), (6, false)] {
        let mut target = account("loy_1");
        target.lifetime_points = POINTS_MAX - 5;
        let mut source = account("loy_2");
        source.lifetime_points = theirs;
        let absorbed = absorb(&mut target, &mut source, "UTC");
        assert_eq!(absorbed.is_ok(), is_fine);
    }
}
