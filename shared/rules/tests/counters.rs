//! What an account remembers of a cap, and from when on the ledger must be asked.

use jiff::{Timestamp, tz::TimeZone};
use laurel_rules::{
    counter::{Counter, Unit, Usage},
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
