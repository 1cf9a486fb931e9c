//! How often one referrer's code converts (spec section 4, `velocity`).

use jiff::Timestamp;

use super::Velocity;
use crate::window::shifted;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How much later than the latest conversion another may come and still be judged exactly, beyond
/// the window: 31 days.
const LATE_MS: i64 = 31 * DAY_MS;
/// How many conversions are told apart: four times the largest limit.
const KEPT_MAX: usize = 4096;

/// When a referrer's referrals converted. A conversion that was clawed back stays counted: what
/// bounds a leaked code must not begin anew with each refund.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversions {
    /// In the order of time.
    at: Vec<Timestamp>,
    /// What happened until then is no longer known.
    forgotten_until: Option<Timestamp>,
}

impl Conversions {
    /// As they were kept.
    #[must_use]
    pub fn kept(mut at: Vec<Timestamp>, forgotten_until: Option<Timestamp>) -> Conversions {
        at.sort_unstable();
        Conversions {
            at,
            forgotten_until,
        }
    }

    /// The instants, in the order of time.
    #[must_use]
    pub fn instants(&self) -> &[Timestamp] {
        &self.at
    }

    /// Until when nothing is known.
    #[must_use]
    pub fn forgotten_until(&self) -> Option<Timestamp> {
        self.forgotten_until
    }

    /// These and those of an account that the referrer absorbed.
    #[must_use]
    pub fn and(&self, other: &Conversions) -> Conversions {
        let at = self.at.iter().chain(&other.at).copied().collect();
        Conversions::kept(at, self.forgotten_until.max(other.forgotten_until))
    }

    /// Whether one more at this instant exceeds the limit in no window `(t − days, t]`, also not
    /// in one that ends later. What lies further back than is known counts as full.
    #[must_use]
    pub fn has_room(&self, at: Timestamp, velocity: Velocity) -> bool {
        if self.forgotten_until.is_some_and(|until| at <= until) {
            return false;
        }
        let span_ms = i64::from(velocity.window_days) * DAY_MS;
        let limit = usize::try_from(velocity.max_conversions_per_window).unwrap_or(usize::MAX);
        let until = shifted(at, span_ms);
        let later = self.at.iter().filter(|end| (at..until).contains(*end));
        let ends = std::iter::once(&at).chain(later);
        ends.copied().all(|end| {
            let start = shifted(end, -span_ms);
            let first = self.at.partition_point(|one| *one <= start);
            let last = self.at.partition_point(|one| *one <= end);
            last - first < limit
        })
    }

    /// Counts one more, and forgets what no window reaches back to.
    pub fn add(&mut self, at: Timestamp, velocity: Velocity) {
        let place = self.at.partition_point(|one| *one <= at);
        self.at.insert(place, at);
        let Some(latest) = self.at.last() else { return };
        let span_ms = i64::from(velocity.window_days) * DAY_MS;
        let old = shifted(*latest, -(span_ms + LATE_MS));
        let too_old = self.at.partition_point(|one| *one <= old);
        let too_many = self.at.len().saturating_sub(KEPT_MAX);
        let forgotten = self.at.drain(..too_old.max(too_many)).next_back();
        self.forgotten_until = self.forgotten_until.max(forgotten);
    }
}

/// A limit as `10/30`, ten in thirty days: with its fields by name it would take many a referral
/// over 1 KB, the next write unit.
pub(super) mod brief {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::referral::Velocity;

    pub(crate) fn serialize<S: Serializer>(
        limit: &Option<Velocity>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match limit {
            Some(limit) => serializer.collect_str(&format_args!(
                "{}/{}",
                limit.max_conversions_per_window, limit.window_days
            )),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Velocity>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let limit = text.split_once('/').and_then(|(conversions, days)| {
            Some(Velocity {
                max_conversions_per_window: conversions.parse().ok()?,
                window_days: days.parse().ok()?,
            })
        });
        limit.map(Some).ok_or_else(|| D::Error::custom("no limit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        shifted(Timestamp::UNIX_EPOCH, day * DAY_MS)
    }

    fn velocity(max: u32, days: u16) -> Velocity {
        Velocity {
            max_conversions_per_window: max,
            window_days: days,
        }
    }

    #[test]
    fn no_window_is_ever_exceeded_table() {
        let two_in_ten = velocity(2, 10);
        let table = [
            // Known, asked, room
            (vec![], 0, true),
            (vec![0], 0, true),
            (vec![0, 5], 9, false),
            // (0, 10] holds 5 alone.
            (vec![0, 5], 10, true),
            (vec![0, 5], 15, true),
            // A late one: (−2, 8] and (−1, 9] would hold three.
            (vec![3, 8], 7, false),
            (vec![3, 9], 0, false),
            (vec![3, 10], 0, true),
            (vec![5, 6], -4, true),
        ];
        for (known, asked, expected) in table {
            let known = Conversions::kept(known.into_iter().map(day).collect(), None);
            assert_eq!(known.has_room(day(asked), two_in_ten), expected, "{asked}");
        }
        assert!(!Conversions::default().has_room(day(0), velocity(0, 10)));
    }

    #[test]
    fn what_no_window_reaches_is_forgotten_and_what_is_older_has_no_room() {
        let limit = velocity(5, 10);
        let mut known = Conversions::default();
        for at in [0, 1, 50] {
            known.add(day(at), limit);
        }
        assert_eq!(known.instants(), [day(50)]);
        assert_eq!(known.forgotten_until(), Some(day(1)));
        assert!(!known.has_room(day(1), limit));
        assert!(known.has_room(day(2), limit));
        // Ten days, and what may come late.
        for (after_ms, kept) in [(10 * DAY_MS + LATE_MS - 1, 2), (10 * DAY_MS + LATE_MS, 1)] {
            let mut known = Conversions::default();
            known.add(day(0), limit);
            known.add(shifted(day(0), after_ms), limit);
            assert_eq!(known.instants().len(), kept);
        }
    }
}
