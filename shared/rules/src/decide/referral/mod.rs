//! Referrals in a decision (spec section 4): somebody comes by a code, and what they do then pays
//! both sides once, or turns out not to.
//!
//! A decision about a referral writes two accounts. The referee's is the one that the event is
//! about; the referrer's is worked on here, and is part of the same commit.

mod attribute;
mod convert;
mod fraud;
mod mint;
mod pay;
mod refer;
mod reverse;
mod welcome;

pub use attribute::{Attribute, AttributeSnapshot, attribute};
pub use mint::{Mint, MintSnapshot, mint_code};
pub use welcome::{WelcomeSnapshot, welcome};

pub(super) use refer::{Followed, refer};

use jiff::Timestamp;

use super::{Cause, CodeOffer, Commit, Draft, Past, RecordWrite, RedemptionWrite, Stock};
use crate::{
    Account, Catalog, EventRecord, Redemption,
    entry::Change,
    event::REFERRAL_EXPIRY,
    referral::{
        Conversions, Referral, ReferralChange, ReferralCode, ReferralStatus, ReferralTurn,
        SideName, Touch,
    },
};

/// What is known of referrals when something about a member is decided.
#[derive(Debug, Clone, Default)]
pub struct ReferralScene {
    /// The code that is named and how, where there is such a one in the program.
    pub named: Option<(ReferralCode, Touch)>,
    /// The referral that the member came by; for a refund, the one that its payment converted.
    pub referral: Option<Referral>,
    /// Whose code that is by now.
    pub referrer: Option<Account>,
    /// The referrer's log, where the decision asked for it.
    pub past: Option<Past>,
    /// The referrer's conversions so far, with the version that they were read at.
    pub conversions: (Option<u64>, Conversions),
    /// Those of accounts that the referrer absorbed.
    pub absorbed_conversions: Conversions,
    /// The card or device that comes with this, and where somebody comes by a code those that the
    /// member has used before.
    pub instruments: Vec<Instrument>,
    /// The records of the member's first payments.
    pub earlier: Vec<EventRecord>,
    /// What the sides' rewards of the catalog would be given with.
    pub gifts: Vec<GiftOffer>,
    /// Rewards of the catalog that the conversion gave.
    pub redemptions: Vec<Redemption>,
    /// The place that a new referral gets among those of its referrer.
    pub place: String,
}

/// A card or device, as a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// The hash.
    pub hash: String,
    /// The referee of the program who had it first, where one did.
    pub holder: Option<String>,
}

/// What a reward of the catalog would be given with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftOffer {
    /// To whom.
    pub side: SideName,
    /// The reward.
    pub reward: String,
    /// The id of the redemption.
    pub redemption: String,
    /// What is taken of the reward.
    pub stock: Stock,
    /// The code that it gets; none where none is left.
    pub offer: Option<CodeOffer>,
}

/// A new or changed referral.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferralWrite {
    /// The version that was read; absent where there must be none yet.
    pub expected: Option<u64>,
    /// What it becomes.
    pub referral: Referral,
}

/// A new or changed code.
#[derive(Debug, Clone, PartialEq)]
pub enum ReferralCodeWrite {
    /// Nobody must have it yet.
    Create(ReferralCode),
    /// It must still be at this version.
    Update {
        /// The version that was read.
        version: u64,
        /// What it becomes.
        code: ReferralCode,
    },
    /// It stops working and is forgotten.
    Delete {
        /// The account that shares it.
        account: String,
        /// As it is shown.
        code: String,
    },
}

/// The new state of a referrer's conversions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversionsWrite {
    /// The referrer.
    pub account: String,
    /// The version that was read; absent where there must be none yet.
    pub expected: Option<u64>,
    /// What they become.
    pub conversions: Conversions,
}

/// What is done with a card or device that the program knows as a referee's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentWrite {
    /// The program.
    pub program: String,
    /// The hash.
    pub hash: String,
    /// The referee.
    pub account: String,
    /// Whether it is forgotten; otherwise nobody must have it yet.
    pub is_forgotten: bool,
}

/// A referral that ends by itself, and was not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedReferral {
    /// What happened.
    pub change: ReferralChange,
    /// When.
    pub at: Timestamp,
}

/// A referral while it is decided on.
pub(super) struct Course<'a> {
    catalog: &'a Catalog,
    scene: &'a ReferralScene,
    referral: Option<Referral>,
    /// The referrer's account, where that is another one than the referee's.
    referrer: Option<Draft<'a>>,
    conversions: Option<Conversions>,
    instruments: Vec<InstrumentWrite>,
    redemptions: Vec<RedemptionWrite>,
    records: Vec<RecordWrite>,
}

impl<'a> Course<'a> {
    /// The referral as it was loaded, with the referrer's account brought up to `now`.
    pub(super) fn begin(
        catalog: &'a Catalog,
        scene: &'a ReferralScene,
        referee: &Account,
        now: Timestamp,
    ) -> Course<'a> {
        let referrer = scene.referrer.as_ref().filter(|it| it.id != referee.id);
        let referrer =
            referrer.map(|account| Draft::begin(account.clone(), catalog, now, scene.past.clone()));
        Course {
            catalog,
            scene,
            referral: scene.referral.clone(),
            referrer,
            conversions: None,
            instruments: Vec::new(),
            redemptions: Vec::new(),
            records: Vec::new(),
        }
    }

    /// The account of one side. Both may be one by now, if they were merged.
    fn side<'d>(&'d mut self, side: SideName, referee: &'d mut Draft<'a>) -> &'d mut Draft<'a> {
        match (&mut self.referrer, side) {
            (Some(referrer), SideName::Referrer) => referrer,
            _ => referee,
        }
    }

    /// Turns the referral, and answers what to announce.
    fn turn(
        &mut self,
        referee: &mut Draft<'_>,
        turn: ReferralTurn,
        at: Timestamp,
    ) -> Option<ReferralChange> {
        let referral = self.referral.as_mut()?;
        referral.status = turn.status();
        match turn {
            ReferralTurn::Converted => referral.converted_at = Some(at),
            ReferralTurn::Created | ReferralTurn::Attributed => {}
            ReferralTurn::Rejected | ReferralTurn::Expired | ReferralTurn::Reversed => {
                referral.ended_at = Some(at);
            }
        }
        let known = referee.account.referrals.referred.as_mut();
        if let Some(known) = known.filter(|known| known.id == referral.id) {
            known.status = referral.status;
        }
        Some(referral.change(turn))
    }

    /// The referral that it is about by now.
    pub(super) fn id(&self) -> Option<String> {
        self.referral.as_ref().map(|referral| referral.id.clone())
    }

    /// The redemption that the conversion gave, as it is by now.
    fn given_redemption(&self, id: &str) -> Option<&'a Redemption> {
        self.scene.redemptions.iter().find(|it| it.id == id)
    }

    /// Adds all that is to be written beside the referee's account.
    pub(super) fn finish(self, commit: &mut Commit) {
        let before = self.scene.referral.as_ref();
        if let Some(mut referral) = self.referral
            && before != Some(&referral)
        {
            let known = before.filter(|before| before.id == referral.id);
            let expected = known.map(|before| before.version);
            referral.version = expected.unwrap_or(0) + 1;
            commit.referrals.push(ReferralWrite { expected, referral });
        }
        if let (Some(referrer), Some(loaded)) = (self.referrer, &self.scene.referrer) {
            let account = loaded.id.clone();
            commit.conversions = self.conversions.map(|conversions| ConversionsWrite {
                account,
                expected: self.scene.conversions.0,
                conversions,
            });
            // An account that only time has changed is left to its own next write.
            let is_paid = referrer
                .entries
                .iter()
                .any(|entry| entry.trigger.starts_with("referral.") || entry.payment.is_some());
            if is_paid {
                let (write, entries) = referrer.finish(loaded.version);
                commit.accounts.push(write);
                commit.entries.extend(entries);
            }
        }
        commit.instruments.extend(self.instruments);
        commit.redemptions.extend(self.redemptions);
        commit.records.extend(self.records);
    }
}

impl Draft<'_> {
    /// Ends a referral whose time is over, in an entry of its own.
    pub(super) fn expire_referral(&mut self) {
        let now = self.now;
        let over = self.account.referrals.expires_at();
        let Some(at) = over.filter(|end| *end <= now) else {
            return;
        };
        let Some(referred) = &mut self.account.referrals.referred else {
            return;
        };
        referred.status = ReferralStatus::Expired;
        let source_id = referred.id.clone();
        let referrer = crate::referral::ReferralId::parse(&source_id);
        let change = ReferralChange {
            turn: ReferralTurn::Expired,
            id: source_id.clone(),
            referrer: referrer.map(|id| id.account).unwrap_or_default(),
            referee: Some(self.account.id.clone()),
            reason: None,
            code: None,
            payment: None,
            transactions: Vec::new(),
            redemptions: Vec::new(),
        };
        let cause = Cause {
            trigger: REFERRAL_EXPIRY,
            source_id: &source_id,
            payment: None,
            occurred_at: at,
        };
        self.append(&cause, vec![Change::Referral(Box::new(change))], Vec::new());
    }
}

impl Commit {
    /// The referrals that end with it although nobody loaded them: its entries tell. Of one that
    /// is over by time and then gives way to another, the last word.
    #[must_use]
    pub fn ended_referrals(&self) -> Vec<EndedReferral> {
        let is_loaded = |id: &str| self.referrals.iter().any(|write| write.referral.id == id);
        let told = self.entries.iter().flat_map(|entry| {
            let changes = entry.changes.iter().filter_map(|change| match change {
                Change::Referral(change) => Some(change),
                _ => None,
            });
            let ended = changes.filter(|change| {
                use ReferralTurn::{Expired, Rejected};
                matches!(change.turn, Expired | Rejected) && !is_loaded(&change.id)
            });
            ended.map(|change| EndedReferral {
                change: (**change).clone(),
                at: entry.occurred_at,
            })
        });
        let mut ended: Vec<EndedReferral> = Vec::new();
        for turn in told {
            ended.retain(|earlier| earlier.change.id != turn.change.id);
            ended.push(turn);
        }
        ended
    }
}
