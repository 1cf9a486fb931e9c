//! When a failed delivery is tried again.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

/// The pauses between the attempts of a delivery, in seconds: 11 attempts within 3 days.
pub const PAUSES_S: [i64; 10] = [
    5,
    60,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    20 * 3600,
];

/// For how long a delivery is tried, and for how long an endpoint may fail before it is disabled
/// unless configured otherwise.
pub const DAYS: i64 = 3;

/// The longest wait that a receiver can ask for by `Retry-After`, in seconds.
const RETRY_AFTER_MAX_S: i64 = 12 * 3600;

/// What may be given as chance: the share of a pause that is waited, in per mille above 750.
pub const CHANCE_MAX: i64 = 250;

/// When the attempt after `tries` failed ones is due; `None` where there is none.
///
/// A pause is shortened by up to a quarter (`chance`, 0 to [`CHANCE_MAX`]), so that deliveries
/// that failed together don't come back together; it is lengthened to what the receiver asked for.
#[must_use]
pub fn retry_at(
    tries: u32,
    begun: Timestamp,
    now: Timestamp,
    retry_after_s: Option<i64>,
    chance: i64,
) -> Option<Timestamp> {
    let place = usize::try_from(tries.checked_sub(1)?).ok()?;
    let pause_ms = PAUSES_S
        .get(place)?
        .checked_mul(750 + chance.clamp(0, CHANCE_MAX))?;
    let asked_ms = retry_after_s.map_or(0, |s| s.clamp(0, RETRY_AFTER_MAX_S) * 1000);
    let at = later(now, pause_ms.max(asked_ms))?;
    (at <= end(begun)).then_some(at)
}

/// Until when a delivery that began at `begun` is tried.
#[must_use]
pub fn end(begun: Timestamp) -> Timestamp {
    later(begun, DAYS * 86_400_000).unwrap_or(Timestamp::MAX)
}

/// When a message that was not sent because its endpoint is failing comes again: after the hold,
/// and the later the more often that has happened, up to 15 minutes.
#[must_use]
pub fn deferred_until(
    deferrals: u32,
    held_until: Timestamp,
    now: Timestamp,
    chance: i64,
) -> Timestamp {
    const FIRST_MS: i64 = 2_000;
    const LONGEST_MS: i64 = 15 * 60 * 1000;
    let doubled_ms = FIRST_MS.saturating_mul(1 << deferrals.min(20));
    let pause_ms = doubled_ms.min(LONGEST_MS);
    let spread_ms = pause_ms.saturating_mul(chance.clamp(0, CHANCE_MAX)) / 1000;
    let after_hold = later(held_until.max(now), spread_ms);
    let after_pause = later(now, pause_ms.saturating_add(spread_ms));
    after_hold.max(after_pause).unwrap_or(now)
}

/// What `Retry-After` asks for, in seconds from `now`: a number, or a date.
#[must_use]
pub fn retry_after_s(header: &str, now: Timestamp) -> Option<i64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let at = rfc2822::DateTimeParser::new()
        .parse_timestamp(header)
        .ok()?;
    at.as_second()
        .checked_sub(now.as_second())
        .map(|s| s.max(0))
}

pub(crate) fn later(at: Timestamp, pause_ms: i64) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_millis(pause_ms)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn all_attempts_come_within_three_days() {
        for chance in [0, 100, CHANCE_MAX, i64::MAX, i64::MIN] {
            let mut now = at(1000);
            for (tries, pause_s) in (1..).zip(PAUSES_S) {
                let next = retry_at(tries, at(1000), now, None, chance).expect("another attempt");
                let waited_ms = next.as_millisecond() - now.as_millisecond();
                assert!(
                    (pause_s * 750..=pause_s * 1000).contains(&waited_ms),
                    "{tries}"
                );
                now = next;
            }
            assert_eq!(retry_at(11, at(1000), now, None, chance), None);
            assert!(now <= end(at(1000)));
        }
        assert_eq!(retry_at(0, at(0), at(0), None, 0), None);
    }

    #[test]
    fn receivers_may_ask_for_more_time_but_not_for_ever() {
        let next = |asked| retry_at(1, at(0), at(0), Some(asked), 0).map(Timestamp::as_second);
        assert_eq!(next(120), Some(120));
        assert_eq!(next(1), Some(3), "not for less");
        assert_eq!(next(i64::MAX), Some(RETRY_AFTER_MAX_S));
        assert_eq!(next(-5), Some(3));
        let ended = retry_at(1, at(0), at(3 * 86_400 - 2), None, 0);
        assert_eq!(ended, None, "past the three days");
        let now = "2015-10-21T07:27:00Z".parse().expect("a time");
        for (header, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:20:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("99999999999", None),
        ] {
            assert_eq!(retry_after_s(header, now), expected, "{header}");
        }
    }

    #[test]
    fn deferred_messages_come_after_the_hold_and_ever_more_rarely() {
        let mut before = 0;
        for deferrals in 0..40 {
            let until = deferred_until(deferrals, at(0), at(0), 0).as_second();
            assert!((before..=900).contains(&until), "{deferrals}: {until}");
            before = until;
        }
        assert_eq!(before, 900);
        assert!(deferred_until(0, at(500), at(0), 250) >= at(500));
    }
}
