//! A referral: somebody who came by a member's code, and what becomes of that.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Qualify, ReferralReward, Velocity};
use crate::{
    id::{self, ACCOUNT_PREFIX},
    record::Drawn,
    store_credit::Money,
};

/// The prefix of referral ids.
pub(super) const REFERRAL_PREFIX: &str = "ref_";
/// The place of a member's code among the referrals that came by it.
const CODE_PLACE: &str = "0";

/// Where a referral stands: the account whose code it came by, and its place there, which sorts by
/// time.
///
/// Spelt `ref_<account>_<place>`, where `<account>` is the account's id without its prefix: the id
/// leads to the stored item without an index. The code itself is at the place `0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferralId {
    /// The account that minted the code.
    pub account: String,
    /// What tells it from others of the account: 26 characters that sort by time, or `0`.
    pub place: String,
}

impl ReferralId {
    /// The id of the code of an account.
    #[must_use]
    pub fn of_code(account: &str) -> ReferralId {
        ReferralId {
            account: account.to_owned(),
            place: CODE_PLACE.to_owned(),
        }
    }

    /// Whether it is that of a code.
    #[must_use]
    pub fn is_code(&self) -> bool {
        self.place == CODE_PLACE
    }

    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<ReferralId> {
        let rest = text.strip_prefix(REFERRAL_PREFIX)?;
        let (account, place) = rest.rsplit_once('_')?;
        let is_long = place.len() == 26 && place.bytes().all(|byte| byte.is_ascii_alphanumeric());
        id::check("id", text).ok()?;
        let is_place = is_long || place == CODE_PLACE;
        (is_place && !account.is_empty()).then(|| ReferralId {
            account: format!("{ACCOUNT_PREFIX}{account}"),
            place: place.to_owned(),
        })
    }
}

impl fmt::Display for ReferralId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self
            .account
            .strip_prefix(ACCOUNT_PREFIX)
            .unwrap_or(&self.account);
        write!(f, "{REFERRAL_PREFIX}{account}_{}", self.place)
    }
}

/// How far a referral has come (spec section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum ReferralStatus {
    Pending,
    Attributed,
    Converted,
    Rejected,
    Expired,
    Reversed,
}

impl ReferralStatus {
    /// All of them.
    pub const ALL: [ReferralStatus; 6] = [
        ReferralStatus::Pending,
        ReferralStatus::Attributed,
        ReferralStatus::Converted,
        ReferralStatus::Rejected,
        ReferralStatus::Expired,
        ReferralStatus::Reversed,
    ];

    /// The status as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ReferralStatus::Pending => "pending",
            ReferralStatus::Attributed => "attributed",
            ReferralStatus::Converted => "converted",
            ReferralStatus::Rejected => "rejected",
            ReferralStatus::Expired => "expired",
            ReferralStatus::Reversed => "reversed",
        }
    }

    /// Reads what [`ReferralStatus::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<ReferralStatus> {
        ReferralStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// Why a referral pays nothing (spec section 4, "Fraud").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    /// Referrer and referee are one: by customer, account, email address, card or device.
    SelfReferral,
    /// The referrer has had as many conversions as a window may have.
    Velocity,
    /// Another referee of the program has had this card or device.
    SharedFingerprint,
    /// The customer had paid before.
    NotNewCustomer,
    /// The program's settings name one of the two.
    Blocked,
    /// The email address is of a kind that anybody gets for a while.
    Disposable,
    /// The referrer's account is closed.
    ReferrerClosed,
    /// A side's reward cannot be had: it is gone, or none is left.
    RewardUnavailable,
    /// The account was merged with one that had come by an earlier referral.
    AccountMerged,
}

impl RejectionReason {
    /// All of them.
    pub const ALL: [RejectionReason; 9] = [
        RejectionReason::SelfReferral,
        RejectionReason::Velocity,
        RejectionReason::SharedFingerprint,
        RejectionReason::NotNewCustomer,
        RejectionReason::Blocked,
        RejectionReason::Disposable,
        RejectionReason::ReferrerClosed,
        RejectionReason::RewardUnavailable,
        RejectionReason::AccountMerged,
    ];

    /// The reason as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RejectionReason::SelfReferral => "self_referral",
            RejectionReason::Velocity => "velocity",
            RejectionReason::SharedFingerprint => "shared_fingerprint",
            RejectionReason::NotNewCustomer => "not_new_customer",
            RejectionReason::Blocked => "blocked",
            RejectionReason::Disposable => "disposable",
            RejectionReason::ReferrerClosed => "referrer_closed",
            RejectionReason::RewardUnavailable => "reward_unavailable",
            RejectionReason::AccountMerged => "account_merged",
        }
    }

    /// Reads what [`RejectionReason::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<RejectionReason> {
        RejectionReason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
    }
}

/// How somebody came by a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// The code was named.
    Code,
    /// The landing page was visited.
    Click,
}

impl Touch {
    /// The way as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Touch::Code => "code",
            Touch::Click => "click",
        }
    }
}

/// One of the two sides of a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideName {
    /// The member who shares the code.
    Referrer,
    /// The new customer.
    Referee,
}

/// What a conversion gave one side, for the clawback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Whom.
    pub side: SideName,
    /// What.
    pub gift: Gift,
}

/// What a conversion gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Gift {
    /// Points.
    Points {
        /// The transaction, `ptx_…`.
        transaction: String,
        /// How many.
        points: i64,
        /// The rule that gave them, with its version; none where the referral's own reward did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<(String, u32)>,
        /// What they took from budgets.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drawn: Vec<Drawn>,
    },
    /// Store credit.
    StoreCredit {
        /// The transaction, `sct_…`.
        transaction: String,
        /// How much.
        money: Money,
    },
    /// A reward of the catalog.
    Reward {
        /// The redemption, `rdm_…`.
        redemption: String,
    },
}

/// Somebody who came by a member's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// `ref_…`.
    pub id: String,
    /// The program.
    pub program: String,
    /// The member who shared the code.
    pub referrer: String,
    /// The account of who came.
    pub referee: String,
    /// The customer of who came, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// How far it has come.
    pub status: ReferralStatus,
    /// Why it pays nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
    /// How they came.
    pub touch: Touch,
    /// What both sides get, as it was promised; as the program has it on conversion where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<ReferralReward>,
    /// What the referee must do.
    pub qualify: Qualify,
    /// Grows with each write.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When the referee came.
    pub attributed_at: Timestamp,
    /// Until when it can convert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it converted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_at: Option<Timestamp>,
    /// When it was rejected, expired or reversed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The limit to the referrer's conversions that it was judged by.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "super::velocity::brief"
    )]
    pub velocity: Option<Velocity>,
    /// The event type and the object that converted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_by: Option<(String, String)>,
    /// What both sides were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
}

impl Referral {
    /// How far it has come by `now`, whether or not that is written yet.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> ReferralStatus {
        let is_over = self.expires_at.is_some_and(|end| end <= now);
        match self.status {
            ReferralStatus::Attributed if is_over => ReferralStatus::Expired,
            status => status,
        }
    }

    /// What to announce of it.
    #[must_use]
    pub fn change(&self, turn: ReferralTurn) -> ReferralChange {
        let transactions = self.given.iter().filter_map(|given| match &given.gift {
            Gift::Points { transaction, .. } | Gift::StoreCredit { transaction, .. } => {
                Some(transaction.clone())
            }
            Gift::Reward { .. } => None,
        });
        let redemptions = self.given.iter().filter_map(|given| match &given.gift {
            Gift::Reward { redemption } => Some(redemption.clone()),
            _ => None,
        });
        let is_conversion = turn == ReferralTurn::Converted;
        ReferralChange {
            turn,
            id: self.id.clone(),
            referrer: self.referrer.clone(),
            referee: Some(self.referee.clone()),
            reason: self.reason,
            code: None,
            payment: self.converted_by.as_ref().map(|(_, source)| source.clone()),
            transactions: transactions.filter(|_| is_conversion).collect(),
            redemptions: redemptions.filter(|_| is_conversion).collect(),
        }
    }
}

/// What happened to a referral, for its announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralChange {
    /// What.
    pub turn: ReferralTurn,
    /// The referral.
    pub id: String,
    /// The member who shared the code.
    pub referrer: String,
    /// Who came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referee: Option<String>,
    /// Why it pays nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
    /// The code, where it is a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What converted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// What it gave or took back, as transactions of both sides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<String>,
    /// The rewards that it gave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<String>,
}

/// What happened to a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum ReferralTurn {
    Created,
    Attributed,
    Converted,
    Rejected,
    Expired,
    Reversed,
}

impl ReferralTurn {
    /// The status that a referral has by it.
    #[must_use]
    pub const fn status(self) -> ReferralStatus {
        match self {
            ReferralTurn::Created => ReferralStatus::Pending,
            ReferralTurn::Attributed => ReferralStatus::Attributed,
            ReferralTurn::Converted => ReferralStatus::Converted,
            ReferralTurn::Rejected => ReferralStatus::Rejected,
            ReferralTurn::Expired => ReferralStatus::Expired,
            ReferralTurn::Reversed => ReferralStatus::Reversed,
        }
    }

    /// The turn as events name it: `referral.<turn>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ReferralTurn::Created => "created",
            ReferralTurn::Attributed => "attributed",
            ReferralTurn::Converted => "converted",
            ReferralTurn::Rejected => "rejected",
            ReferralTurn::Expired => "expired",
            ReferralTurn::Reversed => "reversed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_to_its_item() {
        let place = "01jd0000000000000000000000";
        for id in [format!("ref_anna_{place}"), "ref_anna_0".to_owned()] {
            let parsed = ReferralId::parse(&id).expect("an id");
            assert_eq!(parsed.account, "loy_anna");
            assert_eq!(parsed.to_string(), id);
        }
        for wrong in [
            "ref_anna",
            "ref__0",
            "ref_anna_1",
            "ref_a#b_0",
            "rdm_anna_0",
            "ref_anna_00",
        ] {
            assert_eq!(ReferralId::parse(wrong), None, "{wrong}");
        }
    }
}
