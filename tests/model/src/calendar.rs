//! Windows, maturity and expiry in the program's time zone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::settings::{Expires, RoundUpTo, Window};

/// Whether two instants lie in the same calendar window.
pub fn same_window(window: Window, a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    let a = zone.to_datetime(a).date();
    let b = zone.to_datetime(b).date();
    match window {
        Window::Day => a == b,
        Window::Week => {
            let (a, b) = (a.iso_week_date(), b.iso_week_date());
            (a.year(), a.week()) == (b.year(), b.week())
        }
        Window::Month => (a.year(), a.month()) == (b.year(), b.month()),
        Window::Lifetime => true,
    }
}

/// The length of a trailing window; `None` is for ever.
pub fn trailing_span(window: Window) -> Option<SignedDuration> {
    match window {
        Window::Day => Some(SignedDuration::from_hours(24)),
        Window::Week => Some(SignedDuration::from_hours(7 * 24)),
        Window::Month => Some(SignedDuration::from_hours(30 * 24)),
        Window::Lifetime => None,
    }
}

/// When an award can be spent; `None` is at once.
pub fn available_at(
    occurred_at: Timestamp,
    pending_days: u32,
    zone: &TimeZone,
) -> Option<Timestamp> {
    if pending_days == 0 {
        return None;
    }
    let local = occurred_at.to_zoned(zone.clone());
    let mature = local
        .checked_add(i64::from(pending_days).days())
        .expect("a date in range");
    Some(mature.timestamp())
}

/// When an award expires: the duration is added in the program's zone, which clamps to the
/// month's end, then rounded up to the start of the next local day, month or year, and never
/// before the points can be spent.
pub fn expires_at(
    occurred_at: Timestamp,
    expires: &Expires,
    available_at: Option<Timestamp>,
    zone: &TimeZone,
) -> Timestamp {
    let after: Span = expires.after.parse().expect("an ISO 8601 duration");
    let local = occurred_at
        .to_zoned(zone.clone())
        .checked_add(after)
        .expect("a date in range");
    let date = local.date();
    let midnight_of = match expires.round {
        None => None,
        Some(RoundUpTo::Day) => Some(date.tomorrow().expect("a date in range")),
        Some(RoundUpTo::Month) => Some(date.last_of_month().tomorrow().expect("a date in range")),
        Some(RoundUpTo::Year) => Some(date.last_of_year().tomorrow().expect("a date in range")),
    };
    let end = match midnight_of {
        None => local.timestamp(),
        Some(date) => date
            .to_zoned(zone.clone())
            .expect("a date in range")
            .timestamp(),
    };
    available_at.map_or(end, |available_at| end.max(available_at))
}
