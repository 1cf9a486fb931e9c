//! What an account remembers of a cap, and from when on the ledger must be asked.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use laurel_rules::{
    counter::{Counter, MARKS_MAX, Mark, Unit, Usage},
    rule::Window,
};

const WINDOWS: [Window; 4] = [Window::Day, Window::Week, Window::Month, Window::Lifetime];

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn every_unit_is_read_as_it_is_stored() {
    for window in WINDOWS {
        for rolling in [false, true] {
            let unit = Unit {
                window,
                rolling: rolling && window != Window::Lifetime,
            };
            assert_eq!(Unit::parse(unit.as_str()), Some(unit));
        }
    }
    assert_eq!(Unit::parse("rl"), None);
}

/// What is held of an award at the beginning of March, once the member's latest event was then.
fn held(rolling: bool, latest: &str) -> Usage {
    let unit = Unit {
        window: Window::Day,
        rolling,
    };
    let awarded_at = at("2026-03-01T10:00:00Z");
    let mut counter = Counter::new("r", unit);
    counter.add(awarded_at, 7, 1, &TimeZone::UTC);
    counter.prune(at(latest), &TimeZone::UTC);
    counter.usage(awarded_at, &TimeZone::UTC)
}

#[test]
fn a_window_is_held_until_an_event_of_it_is_more_than_48_hours_late() {
    let known = Usage::Known {
        points: 7,
        awards: 1,
    };
    for (rolling, last, after) in [
        (false, "2026-03-03T23:59:59.999Z", "2026-03-04T00:00:00Z"),
        (true, "2026-03-04T10:00:00Z", "2026-03-04T10:00:00.001Z"),
    ] {
        assert_eq!(held(rolling, last), known, "{last}");
        assert_eq!(held(rolling, after), Usage::Unknown, "{after}");
    }
}

const ROLLING_DAY: Unit = Unit {
    window: Window::Day,
    rolling: true,
};

/// Awards of one point at these minutes of a day.
fn counter(minutes: impl IntoIterator<Item = i64>) -> Counter {
    let mut counter = Counter::new("r", ROLLING_DAY);
    for minute in minutes {
        counter.add(minute_of_day(minute), 1, 1, &TimeZone::UTC);
    }
    counter
}

fn minute_of_day(minute: i64) -> Timestamp {
    at("2026-03-01T00:00:00Z") + SignedDuration::from_mins(minute)
}

fn minutes(counter: &Counter) -> Vec<i64> {
    let marks = counter.marks.iter();
    let since = marks.map(|mark| mark.at.duration_since(minute_of_day(0)));
    since.map(|it| it.as_mins()).collect()
}

#[test]
fn points_that_come_back_to_where_nothing_is_held_are_in_the_ledger_only() {
    let mut counter = counter([5]);
    counter.add(minute_of_day(4), -1, 0, &TimeZone::UTC);
    assert_eq!(minutes(&counter), [5]);
    counter.add(minute_of_day(5), -1, 0, &TimeZone::UTC);
    let mark = Mark {
        at: minute_of_day(5),
        points: 0,
        awards: 1,
    };
    assert_eq!(counter.marks, [mark]);
    // What is older than all that is known completely would make it look complete.
    counter.since = Some(minute_of_day(3));
    counter.add(minute_of_day(2), 1, 1, &TimeZone::UTC);
    assert_eq!(minutes(&counter), [5]);
    counter.add(minute_of_day(3), 1, 1, &TimeZone::UTC);
    assert_eq!(minutes(&counter), [3, 5]);
}

#[test]
fn what_two_members_used_is_known_from_where_both_are_known() {
    let mut own = counter([1, 4, 6]);
    let mut other = counter([2, 4, 9]);
    other.since = Some(minute_of_day(2));
    own.absorb(&other);
    assert_eq!(own.since, Some(minute_of_day(2)));
    assert_eq!(minutes(&own), [2, 4, 6, 9]);
    let awards: Vec<(i64, u32)> = own.marks.iter().map(|it| (it.points, it.awards)).collect();
    assert_eq!(awards, [(1, 1), (2, 2), (1, 1), (1, 1)]);
}

#[test]
fn so_many_awards_are_held_and_the_oldest_go() {
    let most = i64::try_from(MARKS_MAX).expect("small");
    let mut full = counter(0..most);
    full.prune(minute_of_day(most), &TimeZone::UTC);
    assert_eq!((full.marks.len(), full.since), (MARKS_MAX, None));
    let mut over = counter(0..most + 2);
    over.prune(minute_of_day(most), &TimeZone::UTC);
    assert_eq!(minutes(&over), (2..most + 2).collect::<Vec<_>>());
    assert_eq!(over.since, Some(minute_of_day(2)));
    // What is known from later on stays known from there.
    over.since = Some(minute_of_day(60));
    over.add(minute_of_day(most + 2), 1, 1, &TimeZone::UTC);
    over.prune(minute_of_day(most), &TimeZone::UTC);
    assert_eq!(over.since, Some(minute_of_day(60)));
}
