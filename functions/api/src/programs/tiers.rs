//! What a program says of its tiers.

use laurel_rules::{
    Refusal,
    tier::{Downgrade, GRACE_DAYS_MAX, TierBasis, TierPeriod, TierPolicy},
};

use crate::{
    fields::{Field, Fields, Kind},
    settings::set,
    shape::words,
};

pub(super) const TIER_BASIS: Field = Field::new(
    "tier_basis",
    Kind::Choice(&words(&BASES)),
    "Which points count for tiers: all that were ever earned, or those earned in a period, less \
     what was reversed of them.",
);
pub(super) const TIER_PERIOD: Field = Field::new(
    "tier_period",
    Kind::Choice(&words(&PERIODS)),
    "The period of qualifying points, in the program's time zone: from January to December, or \
     twelve months from the day of the earning.",
);
pub(super) const DOWNGRADE: Field = Field::new(
    "downgrade",
    Kind::Choice(&words(&DOWNGRADES)),
    "What becomes of a member who has not earned the tier again at the end of its period: one \
     level down, or down to what was earned. Nothing where null. By lifetime points nobody falls.",
)
.nullable();
pub(super) const GRACE_DAYS: Field = Field::new(
    "grace_days",
    Kind::Whole(0, GRACE_DAYS_MAX as i64),
    "Days for which a tier is kept beyond the end of its period.",
)
.example("30");

const BASES: [(&str, TierBasis); 2] = [
    ("lifetime_points", TierBasis::LifetimePoints),
    ("qualifying_points", TierBasis::QualifyingPoints),
];
const PERIODS: [(&str, TierPeriod); 2] = [
    ("calendar_year", TierPeriod::CalendarYear),
    ("rolling_12_months", TierPeriod::Rolling12Months),
];
const DOWNGRADES: [(&str, Downgrade); 2] = [
    ("one_level", Downgrade::OneLevel),
    ("to_earned", Downgrade::ToEarned),
];

/// What an update may say; absent fields stay.
#[derive(Debug, Default)]
pub(super) struct TierPolicyChange {
    basis: Option<TierBasis>,
    period: Option<TierPeriod>,
    downgrade: Option<Option<Downgrade>>,
    grace_days: Option<u16>,
}

impl TierPolicyChange {
    pub(super) fn read(fields: &mut Fields) -> Result<TierPolicyChange, Refusal> {
        let downgrade = |fields: &mut Fields, name: &str| fields.choice(name, &DOWNGRADES);
        let grace_days = fields.whole("grace_days", 0..=i64::from(GRACE_DAYS_MAX))?;
        Ok(TierPolicyChange {
            basis: fields.choice("tier_basis", &BASES)?,
            period: fields.choice("tier_period", &PERIODS)?,
            downgrade: fields.nullable("downgrade", downgrade)?,
            grace_days: grace_days.and_then(|days| u16::try_from(days).ok()),
        })
    }

    pub(super) fn apply(&self, tiers: &mut TierPolicy) {
        set(&mut tiers.basis, self.basis.as_ref());
        set(&mut tiers.period, self.period.as_ref());
        set(&mut tiers.downgrade, self.downgrade.as_ref());
        set(&mut tiers.grace_days, self.grace_days.as_ref());
    }
}
