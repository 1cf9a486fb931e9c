//! Redemptions: points that became a reward or a discount (spec section 5, "Redemption").
//!
//! A redemption takes its points at once. It is reserved until it is confirmed, or confirmed from
//! the start; a reserved one that nobody confirms expires by itself. A confirmed one can be used
//! once, and canceled until then.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    hold::HeldReward,
    id::{self, ACCOUNT_PREFIX},
    reward::Value,
    store_credit::Money,
    time::Period,
};

/// The prefix of redemption ids.
pub const REDEMPTION_PREFIX: &str = "rdm_";
/// How long a reservation lasts unless the request says otherwise, in minutes.
pub const TTL_MINUTES_DEFAULT: i64 = 30;
/// How long a reservation can last: 7 days.
pub const TTL_MINUTES_MAX: i64 = 7 * 24 * 60;

/// Where a redemption stands: the account in whose partition it was written, and its place there,
/// which sorts by time.
///
/// Spelt `rdm_<account>_<place>`, where `<account>` is the account's id without its prefix: the id
/// leads to the stored item without an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RedemptionId {
    /// The account that redeemed.
    pub account: String,
    /// What tells it from others of the account: 26 characters that sort by time.
    pub place: String,
}

impl RedemptionId {
    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<RedemptionId> {
        let rest = text.strip_prefix(REDEMPTION_PREFIX)?;
        let (account, place) = rest.rsplit_once('_')?;
        let is_place = place.len() == 26 && place.bytes().all(|byte| byte.is_ascii_alphanumeric());
        id::check("id", text).ok()?;
        (is_place && !account.is_empty()).then(|| RedemptionId {
            account: format!("{ACCOUNT_PREFIX}{account}"),
            place: place.to_owned(),
        })
    }
}

impl fmt::Display for RedemptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self
            .account
            .strip_prefix(ACCOUNT_PREFIX)
            .unwrap_or(&self.account);
        write!(f, "{REDEMPTION_PREFIX}{account}_{}", self.place)
    }
}

/// How far a redemption has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum RedemptionStatus {
    Reserved,
    Confirmed,
    Canceled,
    Expired,
    Used,
}

impl RedemptionStatus {
    /// All of them.
    pub const ALL: [RedemptionStatus; 5] = [
        RedemptionStatus::Reserved,
        RedemptionStatus::Confirmed,
        RedemptionStatus::Canceled,
        RedemptionStatus::Expired,
        RedemptionStatus::Used,
    ];

    /// The status as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RedemptionStatus::Reserved => "reserved",
            RedemptionStatus::Confirmed => "confirmed",
            RedemptionStatus::Canceled => "canceled",
            RedemptionStatus::Expired => "expired",
            RedemptionStatus::Used => "used",
        }
    }

    /// Reads what [`RedemptionStatus::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<RedemptionStatus> {
        RedemptionStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// What a redemption took of one earning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemedPart {
    /// The transaction that earned it, as `ptx_…`, or gave it as store credit, as `sct_…`.
    pub earning: String,
    /// Points.
    pub points: i64,
    /// When they would have expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Points that became something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// `rdm_…`.
    pub id: String,
    /// The program.
    pub program: String,
    /// The account that redeemed; it may have been merged since.
    pub account: String,
    /// Grows with each write.
    pub version: u64,
    /// How far it has come, when it was last written.
    pub status: RedemptionStatus,
    /// Points that it took.
    pub points: i64,
    /// The store credit that it took instead of points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_credit: Option<Money>,
    /// What it is worth.
    pub value: Value,
    /// What it took of a reward; absent where the member pays with points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<HeldReward>,
    /// Whether a code is issued when it is confirmed.
    #[serde(default)]
    pub has_code: bool,
    /// The code, once it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When the reservation ends; absent where it was confirmed from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How long it is good for once it is confirmed; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Period>,
    /// Until when it can be used, once it is confirmed; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The least that an order must come to, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_amount: Option<i64>,
    /// Where its points or its store credit came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RedeemedPart>,
    /// The transaction that took the points, as `ptx_…`, or the store credit, as `sct_…`; none
    /// where it took nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// The transaction that paid out the store credit that it is worth, as `sct_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<String>,
    /// How much of the points or of the store credit was given back while it was loaded;
    /// [`Redemption::returned_at`] knows what came back by itself, too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub returned: i64,
    /// The latest transaction that gave of them back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<String>,
    /// The payment that named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// The operator's own keys and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When it was canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Timestamp>,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// Which request used it: that request again is no second use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
}

impl Redemption {
    /// How far it has come at `now`: a reservation that has ended is over, whether or not that is
    /// written yet.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> RedemptionStatus {
        match self.status {
            RedemptionStatus::Reserved if self.expires_at.is_some_and(|end| end <= now) => {
                RedemptionStatus::Expired
            }
            status => status,
        }
    }

    /// What it took: points, or minor units of store credit.
    #[must_use]
    pub fn taken(&self) -> i64 {
        let credit = self.store_credit.as_ref();
        credit.map_or(self.points, |money| money.amount)
    }

    /// Whether it pays for an order, so that a part of the order is a part of it; a reward is had
    /// or not.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.reward.is_none()
    }

    /// What of it has come back at `now`: points, or minor units of store credit.
    #[must_use]
    pub fn returned_at(&self, now: Timestamp) -> i64 {
        match self.status_at(now) {
            RedemptionStatus::Canceled | RedemptionStatus::Expired => self.taken(),
            _ => self.returned,
        }
    }

    /// What to announce of it.
    #[must_use]
    pub fn change(&self, turn: Turn) -> RedemptionChange {
        RedemptionChange {
            turn,
            id: self.id.clone(),
            status: self.status,
            reward: self.reward.clone(),
            points: self.points,
            store_credit: self.store_credit.clone(),
            code: self.code.clone(),
            payment: self.payment.clone(),
            expires_at: self.expires_at,
            created: self.created,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

/// How a code is looked up: letter case and dashes do not count.
///
/// # Errors
/// `parameter_invalid` at `param` where it cannot be a code: 4 to 64 ASCII letters and digits
/// beside dashes and underscores.
pub fn lookup_form(param: &str, code: &str) -> Result<String, Refusal> {
    let plain: String = code
        .chars()
        .filter(|letter| *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let is_fine = (4..=64).contains(&plain.len())
        && code.len() <= 128
        && plain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_fine {
        return Ok(plain);
    }
    let message =
        format!("`{param}` must have 4 to 64 ASCII letters, digits or `_`; dashes don't count.");
    Err(Refusal::invalid(param, message))
}

/// What happened to a redemption, for its announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionChange {
    /// What.
    pub turn: Turn,
    /// The redemption.
    pub id: String,
    /// How far it has come by that.
    pub status: RedemptionStatus,
    /// What it took of a reward.
    pub reward: Option<HeldReward>,
    /// Points that it took.
    pub points: i64,
    /// The store credit that it took instead of points.
    pub store_credit: Option<Money>,
    /// Its code, once it is issued.
    pub code: Option<String>,
    /// The payment that named it.
    pub payment: Option<String>,
    /// When the reservation ends or ended.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
}

/// What happened to a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Turn {
    Created,
    Confirmed,
    Canceled,
    Expired,
    Used,
}

impl Turn {
    const ALL: [Turn; 5] = [
        Turn::Created,
        Turn::Confirmed,
        Turn::Canceled,
        Turn::Expired,
        Turn::Used,
    ];

    /// The turn as events name it: `redemption.<turn>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Turn::Created => "created",
            Turn::Confirmed => "confirmed",
            Turn::Canceled => "canceled",
            Turn::Expired => "expired",
            Turn::Used => "used",
        }
    }

    /// Reads what [`Turn::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Turn> {
        Turn::ALL.into_iter().find(|turn| turn.as_str() == text)
    }
}
