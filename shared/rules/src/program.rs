//! A program: the settings that all its members share.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    archive::ARCHIVE_DAYS_MAX,
    budget::Budget,
    exact::{Factor, Rounding},
    landing::LandingSettings,
    referral::ReferralSettings,
    tier::TierPolicy,
    time::Period,
};

/// The settings of a program (spec, appendix "Objects").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `prog_…`.
    pub id: String,
    /// What the operator calls it.
    pub name: String,
    /// What points are called, as "points" or "stars".
    pub currency: String,
    /// The IANA time zone of calendar windows and expiry.
    #[serde(with = "zone_name")]
    pub timezone: TimeZone,
    /// How exact awards become whole points.
    pub rounding: Rounding,
    /// Whether an event with an unknown customer enrols that customer.
    pub auto_enroll: bool,
    /// What a clawback does when the points are spent already.
    pub negative_balance: NegativeBalance,
    /// Days from the earning until points can be spent; 0 for at once.
    pub pending_days: u16,
    /// When points expire; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
    /// When store credit expires; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_credit_expires: Option<ExpiryAfter>,
    /// What its tiers go by.
    #[serde(flatten)]
    pub tiers: TierPolicy,
    /// How many days before points or store credit expire that is announced; 0 for not at all.
    #[serde(default)]
    pub reminder_days: u16,
    /// How many days events are kept for simulations; 0 for not at all.
    #[serde(default = "archive_days")]
    pub archive_days: u16,
    /// What its referrals go by.
    #[serde(flatten)]
    pub referrals: ReferralSettings,
    /// How the page looks that shared links lead to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing: Option<LandingSettings>,
    /// How many points it may award to all members together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What points are worth where members pay with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redeem_rate: Option<RedeemRate>,
    /// Whether a full refund of the payment that confirmed a redemption cancels it, and others bring
    /// back their share of points that paid. Store credit comes back always.
    #[serde(default)]
    pub cancel_redemptions_on_refund: bool,
    /// The program's own time, where it was set: it stands still until it is set again. Only a
    /// sandbox honours it (spec, appendix "Sandbox clock").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Timestamp>,
    /// The operator's own keys and values.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// Random, never shown: account ids of customers derive from it, so that knowing a customer's
    /// id does not tell the account's.
    pub salt: String,
}

/// What a clawback does when the points are spent already (spec section 2, "Refunds").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativeBalance {
    /// The balance goes below zero and later earnings repay it.
    #[default]
    Allow,
    /// The balance stops at zero; the shortfall is recorded and written off.
    Clamp,
}

/// When points expire (spec section 2, "Expiry").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expiry {
    /// So long after the earning.
    After(ExpiryAfter),
    /// So long after the member last did anything.
    Inactivity(ExpiryInactivity),
}

/// Expiry counted from the earning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryAfter {
    /// How long the points last.
    pub after: Period,
    /// Up to the end of which calendar unit, in the program's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<ExpiryRound>,
}

/// Expiry counted from the member's last activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryInactivity {
    /// How long a member may do nothing.
    pub inactivity: Period,
}

/// The calendar unit whose end an expiry is rounded up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryRound {
    /// The end of the day.
    Day,
    /// The end of the month.
    Month,
    /// The end of the year.
    Year,
}

/// What points are worth: so many of them pay so much (spec section 5, "Pay with points").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemRate {
    /// Points, at least 1.
    pub points: i64,
    /// Minor units of `currency`, at least 1.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The fewest points that can be paid with; as few as are worth something where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_points: Option<i64>,
    /// How much of an order points can pay, of a hundred; all of it where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_percent: Option<Factor>,
}

/// The most days that points can stay pending.
pub const PENDING_DAYS_MAX: u16 = 3650;
/// The most days before an expiry that it can be announced.
pub const REMINDER_DAYS_MAX: u16 = 365;

impl Program {
    /// A program with every setting at its default.
    #[must_use]
    pub fn new(id: impl Into<String>, salt: impl Into<String>, created: Timestamp) -> Program {
        let id = id.into();
        Program {
            name: id.clone(),
            id,
            currency: "points".to_owned(),
            timezone: TimeZone::UTC,
            rounding: Rounding::default(),
            auto_enroll: false,
            negative_balance: NegativeBalance::default(),
            pending_days: 0,
            expires: None,
            store_credit_expires: None,
            tiers: TierPolicy::default(),
            reminder_days: 0,
            archive_days: ARCHIVE_DAYS_MAX,
            referrals: ReferralSettings::default(),
            landing: None,
            budget: None,
            redeem_rate: None,
            cancel_redemptions_on_refund: false,
            clock: None,
            metadata: BTreeMap::new(),
            created,
            salt: salt.into(),
        }
    }

    /// Whether time does something to members at other instants than under the settings `before`.
    /// What members have planned by those may come too late now.
    #[must_use]
    pub fn plans_otherwise(&self, before: &Program) -> bool {
        let plans = |program: &Program| {
            let inactivity = match &program.expires {
                Some(Expiry::Inactivity(inactivity)) => Some(inactivity.clone()),
                // An expiry from the earning on is the lot's own since then.
                Some(Expiry::After(_)) | None => None,
            };
            let zone = program.timezone_name().to_owned();
            (inactivity, program.reminder_days, zone, program.tiers)
        };
        plans(self) != plans(before)
    }

    /// The name of its time zone, as `Europe/Berlin`.
    #[must_use]
    pub fn timezone_name(&self) -> &str {
        self.timezone.iana_name().unwrap_or("UTC")
    }
}

/// The time zone with this IANA name, from the bundled database.
///
/// # Errors
/// `parameter_invalid` at `timezone`.
pub fn timezone(name: &str) -> Result<TimeZone, Refusal> {
    TimeZone::get(name).map_err(|_| {
        Refusal::invalid(
            "timezone",
            "`timezone` must be an IANA name such as \"Europe/Berlin\".",
        )
    })
}

fn archive_days() -> u16 {
    ARCHIVE_DAYS_MAX
}

mod zone_name {
    use jiff::tz::TimeZone;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(zone: &TimeZone, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(zone.iana_name().unwrap_or("UTC"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
        let name = String::deserialize(from)?;
        super::timezone(&name).map_err(|refusal| de::Error::custom(refusal.message))
    }
}
