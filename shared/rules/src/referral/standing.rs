//! What a member's account knows of referrals: its own code, how it came, and what tells it from
//! the accounts of others.

use jiff::Timestamp;
use laurel_planted::{Bug, is};
use serde::{Deserialize, Serialize};

use super::{Qualify, ReferralStatus};
use crate::Event;

/// How many first payments an account remembers.
pub const FIRST_PAYMENTS_MAX: usize = 3;
/// How many cards and devices an account remembers.
pub const FINGERPRINTS_MAX: usize = 8;

/// What an account knows of referrals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferralStanding {
    /// The code that the member shares.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub code: Option<OwnCode>,
    /// How the member came.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub referred: Option<Referred>,
    /// Cards that the member paid with and devices that it came by, the latest last.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub fingerprints: Vec<Fingerprint>,
    /// The earliest payments, in the order of their time: what a referral that is told of later
    /// is judged by.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub first_payments: Vec<FirstPayment>,
}

/// The code that a member shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCode {
    /// As it is shown.
    #[serde(rename = "c")]
    pub code: String,
    /// The entry of the log that announced it.
    #[serde(rename = "q")]
    pub seq: u64,
}

/// How a member came, as far as events of the member are decided by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referred {
    /// The referral.
    #[serde(rename = "i")]
    pub id: String,
    /// How far it has come.
    #[serde(rename = "s")]
    pub status: ReferralStatus,
    /// When the member came by it.
    #[serde(
        rename = "a",
        with = "jiff::fmt::serde::timestamp::millisecond::required"
    )]
    pub attributed_at: Timestamp,
    /// Until when it can convert.
    #[serde(
        rename = "e",
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub expires_at: Option<Timestamp>,
    /// What converts it.
    #[serde(rename = "q", default)]
    pub qualify: Qualify,
    /// Whether it was rejected before the member was attributed: another code may still be.
    #[serde(rename = "n", default, skip_serializing_if = "std::ops::Not::not")]
    pub never_attributed: bool,
}

impl Referred {
    /// Whether an event of the member can still convert it. One that has expired can, by an event
    /// that comes late.
    #[must_use]
    pub fn is_open(&self) -> bool {
        use ReferralStatus::{Attributed, Expired};
        matches!(self.status, Attributed | Expired)
    }

    /// Whether what happened at this instant is within the window.
    #[must_use]
    pub fn is_in_time(&self, at: Timestamp) -> bool {
        self.attributed_at <= at && self.expires_at.is_none_or(|end| at < end)
    }
}

/// A card or a device, as a keyed hash: it tells whether two are the same and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The hash.
    #[serde(rename = "h")]
    pub hash: String,
    /// Whether the program knows it as a referee's: an item of its own leads from it to the
    /// account.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_referees: bool,
}

/// One of a member's first payments; its record says the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPayment {
    /// The event type.
    #[serde(rename = "t")]
    pub trigger: String,
    /// The payment.
    #[serde(rename = "i")]
    pub source_id: String,
    /// When it was made.
    #[serde(
        rename = "a",
        with = "jiff::fmt::serde::timestamp::millisecond::required"
    )]
    pub at: Timestamp,
}

impl ReferralStanding {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == ReferralStanding::default()
    }

    /// The referral that the member came by and no other code can take the place of: first touch
    /// wins.
    #[must_use]
    pub fn touched(&self) -> Option<&Referred> {
        let referred = self.referred.as_ref();
        referred.filter(|it| !it.never_attributed && !is(Bug::LaterTouchWins))
    }

    /// When it is over by itself, where nothing converts it until then.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let referred = self.referred.as_ref()?;
        let is_waiting = referred.status == ReferralStatus::Attributed;
        referred.expires_at.filter(|_| is_waiting)
    }

    /// Whether the member has paid with this card or come by this device.
    #[must_use]
    pub fn has(&self, hash: &str) -> bool {
        self.fingerprints.iter().any(|known| known.hash == hash)
    }

    /// Whether both have paid with one card, or come by one device.
    #[must_use]
    pub fn shares_instrument_with(&self, other: &ReferralStanding) -> bool {
        self.fingerprints.iter().any(|known| other.has(&known.hash))
    }

    /// Whether the program does not know all as a referee's that the member was seen with, this
    /// card among it.
    #[must_use]
    pub fn is_to_claim(&self, card: Option<&str>) -> bool {
        let is_known = |card: &str| self.has(card);
        card.is_some_and(|card| !is_known(card))
            || self.fingerprints.iter().any(|known| !known.is_referees)
    }

    /// Remembers a card or device. What the program knows as a referee's is never forgotten; of
    /// others the oldest goes first. Answers whether it is remembered.
    pub fn remember(&mut self, hash: &str, is_referees: bool) -> bool {
        let mut known = self.fingerprints.iter_mut();
        if let Some(known) = known.find(|known| known.hash == hash) {
            known.is_referees |= is_referees;
            return true;
        }
        if self.fingerprints.len() >= FINGERPRINTS_MAX {
            let oldest = self
                .fingerprints
                .iter()
                .position(|known| !known.is_referees);
            let Some(oldest) = oldest else { return false };
            self.fingerprints.remove(oldest);
        }
        self.fingerprints.push(Fingerprint {
            hash: hash.to_owned(),
            is_referees,
        });
        true
    }

    /// Remembers a payment if it is one of the first.
    pub fn note_payment(&mut self, event: &Event) {
        let at = event.occurred_at;
        let place = self.first_payments.partition_point(|known| known.at <= at);
        if place >= FIRST_PAYMENTS_MAX {
            return;
        }
        self.first_payments.insert(
            place,
            FirstPayment {
                trigger: event.trigger.clone(),
                source_id: event.source_id.clone(),
                at,
            },
        );
        self.first_payments.truncate(FIRST_PAYMENTS_MAX);
    }

    /// Whether the member paid before this instant.
    #[must_use]
    pub fn paid_before(&self, at: Timestamp) -> bool {
        self.first_payments
            .first()
            .is_some_and(|first| first.at < at)
    }

    /// Takes over what the account that ends knows, and answers a referral of one of the two that
    /// comes to nothing, since the member came only once: by the earlier one.
    pub(crate) fn absorb(&mut self, source: &mut ReferralStanding) -> Option<Referred> {
        // The code stays with the account that shares it, and leads on to this one.
        let code = source.code.take();
        let source = std::mem::replace(
            source,
            ReferralStanding {
                code,
                ..ReferralStanding::default()
            },
        );
        for known in source.fingerprints {
            self.remember(&known.hash, known.is_referees);
        }
        self.first_payments.extend(source.first_payments);
        self.first_payments.sort_by_key(|payment| payment.at);
        self.first_payments.truncate(FIRST_PAYMENTS_MAX);
        let (own, other) = (self.referred.take(), source.referred);
        let (kept, dropped) = match (own, other) {
            (Some(own), Some(other)) => {
                let rank = |it: &Referred| (it.never_attributed, it.attributed_at);
                if rank(&other) < rank(&own) {
                    (Some(other), Some(own))
                } else {
                    (Some(own), Some(other))
                }
            }
            (own, other) => (own.or(other), None),
        };
        self.referred = kept;
        dropped.filter(Referred::is_open)
    }
}
