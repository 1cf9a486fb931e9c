//! Tiers: the levels that members reach by what they earn (spec section 5).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{Account, POINTS_MAX, Program, Refusal, exact::Factor, window::midnight};

mod standing;

pub use standing::{Earlier, EarnedOn, TierChange, TierReason, TierStanding};

/// The longest key of a tier, in characters.
pub const KEY_LEN_MAX: usize = 40;
/// The most days that a tier is kept after its period: a year.
pub const GRACE_DAYS_MAX: u16 = 366;

/// A level that members reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// `tier_…`.
    pub id: String,
    /// The program that it belongs to.
    pub program: String,
    /// What accounts and events call it; unique in the program, and never changed.
    pub key: String,
    /// What members call it.
    pub name: String,
    /// The points that it takes, by the program's `tier_basis`; unique in the program.
    pub threshold: i64,
    /// Multiplies what its members earn.
    pub multiplier: Factor,
    /// What else it brings, in the operator's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<String>,
    /// The operator's own keys and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Grows with each change, from 1.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
}

impl Tier {
    /// Checks the tier by itself.
    ///
    /// # Errors
    /// `parameter_invalid` at the field at fault.
    pub fn check(&self) -> Result<(), Refusal> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        let fits = (1..=KEY_LEN_MAX).contains(&self.key.len()) && self.key.bytes().all(allowed);
        if !fits {
            let message = format!(
                "`key` must be 1 to {KEY_LEN_MAX} lower-case letters, digits, _ or -, as in `gold`."
            );
            return Err(Refusal::invalid("key", message));
        }
        if !(0..=POINTS_MAX).contains(&self.threshold) {
            let message = format!("`threshold` must be a whole number from 0 to {POINTS_MAX}.");
            return Err(Refusal::invalid("threshold", message));
        }
        Ok(())
    }

    /// Checks that no other tier of the program takes as many points: members could not tell
    /// which of the two they have.
    ///
    /// # Errors
    /// `parameter_invalid` at `threshold`.
    pub fn check_beside<'a>(
        &self,
        mut others: impl Iterator<Item = &'a Tier>,
    ) -> Result<(), Refusal> {
        let Some(other) = others.find(|other| other.threshold == self.threshold) else {
            return Ok(());
        };
        let message = format!(
            "The tier `{}` has the threshold {} already; give each tier its own.",
            other.key, other.threshold
        );
        Err(Refusal::invalid("threshold", message))
    }
}

/// What tiers go by: settings of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TierPolicy {
    /// Which points count.
    #[serde(rename = "tier_basis", default)]
    pub basis: TierBasis,
    /// Over which time they count, where that is not for ever.
    #[serde(rename = "tier_period", default)]
    pub period: TierPeriod,
    /// What becomes of a member who has not earned the tier again when the period has ended;
    /// nothing where absent. It has no meaning for lifetime points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downgrade: Option<Downgrade>,
    /// Days for which a tier is kept beyond the end of the period.
    #[serde(default)]
    pub grace_days: u16,
}

/// Which points count for tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierBasis {
    /// All that were ever earned.
    #[default]
    LifetimePoints,
    /// Those earned in a period, less what was reversed of them.
    QualifyingPoints,
}

/// The time over which qualifying points count, in the program's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierPeriod {
    /// From 1 January to 31 December.
    #[default]
    CalendarYear,
    /// Points count for twelve months from the day on which they were earned: on 15 March those
    /// of 16 March of last year and later. A tier is reviewed twelve months after the day on which
    /// it was reached.
    #[serde(rename = "rolling_12_months")]
    Rolling12Months,
}

/// How far a member falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// To the next tier below, and no further than to the tier that the points are good for.
    OneLevel,
    /// To the tier that the points are good for.
    ToEarned,
}

impl TierPolicy {
    /// Whether points are counted by period.
    #[must_use]
    pub fn is_qualifying(&self) -> bool {
        self.basis == TierBasis::QualifyingPoints
    }

    /// The first day whose points count on `today`.
    fn window_start(&self, today: Date) -> Date {
        match self.period {
            TierPeriod::CalendarYear => today.first_of_year(),
            TierPeriod::Rolling12Months => {
                let year_ago = today.saturating_sub(12.months());
                let next = year_ago.tomorrow().unwrap_or(Date::MAX);
                // Those of 29 February count until the 27th, as those of the 28th do.
                if next.saturating_add(12.months()) > today {
                    next
                } else {
                    next.tomorrow().unwrap_or(Date::MAX)
                }
            }
        }
    }

    /// The first day of the period that a tier which was reached on `day` belongs to.
    fn period_of(&self, day: Date) -> Date {
        match self.period {
            TierPeriod::CalendarYear => day.first_of_year(),
            TierPeriod::Rolling12Months => day,
        }
    }

    /// The first day after the period that starts on `period`, which is the start of the next.
    fn period_end(&self, period: Date) -> Date {
        match self.period {
            TierPeriod::CalendarYear => period.first_of_year().saturating_add(1.year()),
            TierPeriod::Rolling12Months => period.saturating_add(12.months()),
        }
    }

    /// The first day whose points count towards keeping a tier whose period starts on `period`.
    /// What earned it counts towards keeping it for the rest of that calendar year only: the day
    /// on which a rolling period starts is no part of it.
    fn keeping_start(&self, period: Date) -> Date {
        match self.period {
            TierPeriod::CalendarYear => period.first_of_year(),
            TierPeriod::Rolling12Months => period.tomorrow().unwrap_or(Date::MAX),
        }
    }

    /// When a tier whose period starts on `period` is reviewed: at the end of the days of grace.
    fn review_at(&self, period: Date, program: &Program) -> Timestamp {
        let grace = i64::from(self.grace_days).days();
        let day = self.period_end(period).saturating_add(grace);
        midnight(day, &program.timezone).unwrap_or(Timestamp::MAX)
    }

    /// The day under which points that were earned on `day` are counted.
    fn counted_on(&self, day: Date) -> Date {
        match self.period {
            TierPeriod::CalendarYear => day.first_of_year(),
            TierPeriod::Rolling12Months => day,
        }
    }
}

/// The tiers of a program, the lowest first.
#[derive(Debug, Clone, Default)]
pub struct TierTable(Box<[Tier]>);

/// How many of a program's tiers a member has reached: 0 for none, 1 for the lowest.
type Level = usize;

impl TierTable {
    /// Orders the tiers. Of several with one key or one threshold, which are never stored, the
    /// older counts.
    #[must_use]
    pub fn new(mut tiers: Vec<Tier>) -> TierTable {
        tiers.sort_by(|a, b| (a.threshold, a.created, &a.id).cmp(&(b.threshold, b.created, &b.id)));
        let mut keys = BTreeSet::new();
        tiers.retain(|tier| keys.insert(tier.key.clone()));
        tiers.dedup_by_key(|tier| tier.threshold);
        TierTable(tiers.into())
    }

    /// The tiers, the lowest first.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.0
    }

    /// The tier with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Tier> {
        self.0.iter().find(|tier| tier.key == key)
    }

    /// Whether a member with the tier `held` has the tier `least` or a higher one; nobody has
    /// a tier that there is not.
    #[must_use]
    pub fn reaches(&self, held: Option<&str>, least: &str) -> bool {
        match (self.level_of(held), self.level_of(Some(least))) {
            (Some(held), Some(least)) => held >= least,
            _ => false,
        }
    }

    /// The key of the tier that an account had at `at`, and what that multiplies.
    #[must_use]
    pub fn boost(&self, account: &Account, at: Timestamp) -> Option<(String, Factor)> {
        let tier = self.get(account.tier.key_at(at)?)?;
        Some((tier.key.clone(), tier.multiplier))
    }

    /// The level that so many points are good for.
    fn earned(&self, points: i64) -> Level {
        self.0.partition_point(|tier| tier.threshold <= points)
    }

    /// The level of a tier, of none where absent; `None` where there is no such tier any more.
    fn level_of(&self, key: Option<&str>) -> Option<Level> {
        let Some(key) = key else { return Some(0) };
        let place = self.0.iter().position(|tier| tier.key == key)?;
        Some(place + 1)
    }

    /// The tier of a level; none for level 0.
    fn tier_of(&self, level: Level) -> Option<&Tier> {
        self.0.get(level.checked_sub(1)?)
    }

    /// Whether a member at this level could fall: not from a tier that takes no points.
    fn can_fall(&self, level: Level) -> bool {
        self.tier_of(level).is_some_and(|tier| tier.threshold > 0)
    }
}
