//! Calendar windows and expiry dates, in a program's time zone.

use jiff::{Span, Timestamp, ToSpan, Zoned, civil, tz::TimeZone};

use crate::{
    program::{Expiry, ExpiryRound},
    rule::Window,
    time::Period,
};

/// A span of time: from `start` inclusive to `end` exclusive; open where absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first instant inside.
    pub start: Option<Timestamp>,
    /// The first instant after.
    pub end: Option<Timestamp>,
}

/// The calendar window that `at` falls in. A day without a midnight, as at some changes to
/// summer time, starts with its first instant.
#[must_use]
pub fn calendar(window: Window, at: Timestamp, zone: &TimeZone) -> Range {
    let date = at.to_zoned(zone.clone()).date();
    let bounds = match window {
        Window::Lifetime => None,
        Window::Day => date.checked_add(1.day()).ok().map(|end| (date, end)),
        Window::Week => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            let start = date.checked_sub(since_monday.days()).ok();
            start.and_then(|start| Some((start, start.checked_add(7.days()).ok()?)))
        }
        Window::Month => {
            let start = date.first_of_month();
            start.checked_add(1.month()).ok().map(|end| (start, end))
        }
    };
    Range {
        start: bounds.and_then(|(start, _)| midnight(start, zone)),
        end: bounds.and_then(|(_, end)| midnight(end, zone)),
    }
}

/// The length of a rolling window in milliseconds: 24 hours, 7 days, 30 days. `None` for a
/// lifetime, which does not roll.
#[must_use]
pub fn rolling_ms(window: Window) -> Option<i64> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    match window {
        Window::Day => Some(DAY_MS),
        Window::Week => Some(7 * DAY_MS),
        Window::Month => Some(30 * DAY_MS),
        Window::Lifetime => None,
    }
}

/// `at` moved by `ms` milliseconds, held at the ends of time.
#[must_use]
pub fn shifted(at: Timestamp, ms: i64) -> Timestamp {
    at.as_millisecond()
        .checked_add(ms)
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(if ms < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
}

/// When points that were earned at `at` become spendable, where they are held back for
/// `pending_days` calendar days of the program's zone.
#[must_use]
pub fn available_at(pending_days: u16, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    (pending_days > 0).then(|| added(at, i64::from(pending_days).days(), zone))
}

/// When points that were earned at `at` expire under a policy that counts from the earning;
/// months clamp to the month's end (31 January + 1 month = 28 or 29 February).
#[must_use]
pub fn expires_at(policy: &Expiry, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    match policy {
        Expiry::Inactivity(_) => None,
        Expiry::After(policy) => {
            let end = added(at, policy.after.span(), zone);
            let date = end.to_zoned(zone.clone()).date();
            let next = match policy.round {
                None => return Some(end),
                Some(ExpiryRound::Day) => date.checked_add(1.day()).ok(),
                Some(ExpiryRound::Month) => date.first_of_month().checked_add(1.month()).ok(),
                Some(ExpiryRound::Year) => date.first_of_year().checked_add(1.year()).ok(),
            };
            Some(
                next.and_then(|next| midnight(next, zone))
                    .unwrap_or(Timestamp::MAX),
            )
        }
    }
}

/// From when and until when points that were earned at `at` can be spent: never do they expire
/// before they could be.
#[must_use]
pub fn validity(
    pending_days: u16,
    policy: Option<&Expiry>,
    at: Timestamp,
    zone: &TimeZone,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let available_at = available_at(pending_days, at, zone);
    let expires_at = policy.and_then(|policy| expires_at(policy, at, zone));
    (
        available_at,
        expires_at.map(|end| available_at.map_or(end, |from| end.max(from))),
    )
}

/// When a member who was last active at `active_at` loses the points.
#[must_use]
pub fn inactivity_deadline(
    policy: Option<&Expiry>,
    active_at: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    match policy {
        Some(Expiry::Inactivity(policy)) => Some(added(active_at, policy.inactivity.span(), zone)),
        _ => None,
    }
}

/// The end of a period that begins at `at`.
#[must_use]
pub fn later(at: Timestamp, period: Period, zone: &TimeZone) -> Timestamp {
    added(at, period.span(), zone)
}

/// When an expiry at `expires_at` is announced: so many calendar days of the program's zone before.
#[must_use]
pub fn reminder_at(reminder_days: u16, expires_at: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = expires_at.to_zoned(zone.clone());
    local
        .checked_sub(i64::from(reminder_days).days())
        .map_or(Timestamp::MIN, |at| crate::time::truncate(at.timestamp()))
}

fn added(at: Timestamp, span: Span, zone: &TimeZone) -> Timestamp {
    at.to_zoned(zone.clone())
        .checked_add(span)
        .map_or(Timestamp::MAX, |end: Zoned| {
            crate::time::truncate(end.timestamp())
        })
}

pub(crate) fn midnight(date: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    date.to_zoned(zone.clone())
        .ok()
        .map(|start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect(name)
    }

    #[test]
    fn calendar_windows_table() {
        use Window::{Day, Month, Week};
        let table = [
            (
                Day,
                "UTC",
                "2026-03-01T12:00:00Z",
                "2026-03-01T00:00:00Z",
                "2026-03-02T00:00:00Z",
            ),
            // Summer time begins on 29 March 2026 in Berlin: that day has 23 hours.
            (
                Day,
                "Europe/Berlin",
                "2026-03-29T10:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
            ),
            // And ends on 25 October: 25 hours.
            (
                Day,
                "Europe/Berlin",
                "2026-10-25T10:00:00Z",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
            ),
            // A Sunday belongs to the week of the Monday before, also over the year's end.
            (
                Week,
                "UTC",
                "2027-01-03T23:59:59Z",
                "2026-12-28T00:00:00Z",
                "2027-01-04T00:00:00Z",
            ),
            (
                Week,
                "America/New_York",
                "2026-03-08T12:00:00Z",
                "2026-03-02T05:00:00Z",
                "2026-03-09T04:00:00Z",
            ),
            (
                Month,
                "UTC",
                "2028-02-29T00:00:00Z",
                "2028-02-01T00:00:00Z",
                "2028-03-01T00:00:00Z",
            ),
            (
                Month,
                "Pacific/Auckland",
                "2026-03-31T11:30:00Z",
                "2026-03-31T11:00:00Z",
                "2026-04-30T12:00:00Z",
            ),
            // Beirut skips midnight: the day starts at 01:00.
            (
                Day,
                "Asia/Beirut",
                "2022-03-27T10:00:00Z",
                "2022-03-26T22:00:00Z",
                "2022-03-27T21:00:00Z",
            ),
        ];
        for (window, name, inside, start, end) in table {
            let range = calendar(window, at(inside), &zone(name));
            assert_eq!(
                (range.start, range.end),
                (Some(at(start)), Some(at(end))),
                "{window:?} {name} {inside}"
            );
        }
    }

    #[test]
    fn expiry_table() {
        let table = [
            (
                r#"{"after":"P1M"}"#,
                "UTC",
                "2026-01-31T10:00:00Z",
                "2026-02-28T10:00:00Z",
            ),
            (
                r#"{"after":"P1M"}"#,
                "UTC",
                "2028-01-31T10:00:00Z",
                "2028-02-29T10:00:00Z",
            ),
            (
                r#"{"after":"P12M"}"#,
                "UTC",
                "2028-02-29T10:00:00Z",
                "2029-02-28T10:00:00Z",
            ),
            (
                r#"{"after":"P1D","round":"day"}"#,
                "UTC",
                "2026-01-31T10:00:00Z",
                "2026-02-02T00:00:00Z",
            ),
            (
                r#"{"after":"P12M","round":"month"}"#,
                "Europe/Berlin",
                "2026-01-31T23:30:00Z",
                "2027-02-28T23:00:00Z",
            ),
            (
                r#"{"after":"P12M","round":"year"}"#,
                "America/New_York",
                "2026-06-01T00:00:00Z",
                "2028-01-01T05:00:00Z",
            ),
        ];
        for (policy, name, earned, expires) in table {
            let policy: Expiry = serde_json::from_str(policy).expect(policy);
            assert_eq!(
                expires_at(&policy, at(earned), &zone(name)),
                Some(at(expires)),
                "{earned}"
            );
        }
    }

    #[test]
    fn a_day_of_waiting_is_a_calendar_day() {
        // Over the change to summer time a day has 23 hours.
        let available = available_at(1, at("2026-03-28T11:00:00Z"), &zone("Europe/Berlin"));
        assert_eq!(available, Some(at("2026-03-29T10:00:00Z")));
        assert_eq!(
            available_at(0, at("2026-03-28T11:00:00Z"), &TimeZone::UTC),
            None
        );
        let reminder = reminder_at(1, at("2026-03-29T10:00:00Z"), &zone("Europe/Berlin"));
        assert_eq!(reminder, at("2026-03-28T11:00:00Z"));
    }
}
