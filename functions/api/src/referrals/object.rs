//! Referrals as clients see them.

use jiff::Timestamp;
use laurel_ledger::ReferralView;
use laurel_rules::referral::{
    Gift, Qualify, ReferralReward, ReferralStatus, RejectionReason, Touch,
};
use serde::Serialize;

use crate::{
    accounts::{CREATED, PROGRAM},
    fields::{Field, Kind, Shape},
    programs::{QUALIFY, REFERRAL_REWARD},
    public_url::PublicUrl,
    routes::Answer,
    shape::words,
};

pub(super) const STATUSES: [(&str, ReferralStatus); 6] = {
    let mut choices = [("", ReferralStatus::Pending); 6];
    let mut place = 0;
    while place < choices.len() {
        let status = ReferralStatus::ALL[place];
        choices[place] = (status.as_str(), status);
        place += 1;
    }
    choices
};

const REASONS: [&str; RejectionReason::ALL.len()] = {
    let mut words = [""; RejectionReason::ALL.len()];
    let mut place = 0;
    while place < words.len() {
        words[place] = RejectionReason::ALL[place].as_str();
        place += 1;
    }
    words
};

const SOURCES: [&str; 2] = [Touch::Code.as_str(), Touch::Click.as_str()];
const IDS: Kind = Kind::List(&Kind::Id, 0, 100);

const REFERRAL: Shape = Shape::answer(
    "Referral",
    &[
        Field::new("id", Kind::Id, "`ref_…`").example("ref_7Qk2_01m5x4q8t2v6w9y3zc7h5k8n2p"),
        Field::new("object", Kind::Constant("referral"), "What this is."),
        PROGRAM,
        Field::new(
            "code",
            Kind::AnyText,
            "The code; null once its owner's personal data is erased.",
        )
        .example("ANNA-7F3K")
        .nullable(),
        Field::new(
            "shareUrl",
            Kind::AnyText,
            "The page to share, with the code filled in.",
        )
        .example("https://go.example.com/r/ANNA-7F3K")
        .nullable(),
        Field::new(
            "referrer",
            Kind::Id,
            "The account of the member who shares the code.",
        )
        .example("loy_7Qk2"),
        Field::new(
            "referee",
            Kind::Id,
            "The account of who came; null while it is `pending`.",
        )
        .nullable(),
        Field::new("customer", Kind::AnyText, "The customer who came.")
            .example("cust_new789")
            .nullable(),
        Field::new(
            "status",
            Kind::Choice(&words(&STATUSES)),
            "`pending` is a code; who came by it has a referral of their own.",
        ),
        Field::new(
            "reason",
            Kind::Choice(&REASONS),
            "Why it was rejected; null where it was not.",
        )
        .nullable(),
        Field::new(
            "source",
            Kind::Choice(&SOURCES),
            "How they came: by the code itself, or by a click on the landing page.",
        )
        .nullable(),
        REFERRAL_REWARD,
        QUALIFY,
        Field::new(
            "transactions",
            IDS,
            "What a conversion credited, the referrer's first.",
        ),
        Field::new(
            "redemptions",
            IDS,
            "The rewards of the catalog that a conversion gave.",
        ),
        Field::new(
            "payment",
            Kind::AnyText,
            "The payment that converted it, or the object of the event that did.",
        )
        .example("pay_9f2c")
        .nullable(),
        CREATED,
        Field::new("attributed_at", Kind::Instant, "When they came.").nullable(),
        Field::new("expires_at", Kind::Instant, "Until when it can convert.").nullable(),
        Field::new("converted_at", Kind::Instant, "When it converted.").nullable(),
        Field::new(
            "ended_at",
            Kind::Instant,
            "When it was rejected, expired or reversed.",
        )
        .nullable(),
    ],
);

/// A referral as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct ReferralObject {
    id: String,
    object: &'static str,
    program: String,
    code: Option<String>,
    #[serde(rename = "shareUrl")]
    share_url: Option<String>,
    referrer: String,
    referee: Option<String>,
    customer: Option<String>,
    status: &'static str,
    reason: Option<&'static str>,
    source: Option<&'static str>,
    reward: Option<ReferralReward>,
    qualify: Option<Qualify>,
    transactions: Vec<String>,
    redemptions: Vec<String>,
    payment: Option<String>,
    created: Timestamp,
    attributed_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    converted_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl ReferralObject {
    pub(super) fn of(view: ReferralView, base: &PublicUrl) -> ReferralObject {
        let (mut transactions, mut redemptions) = (Vec::new(), Vec::new());
        for given in view.given {
            match given.gift {
                Gift::Points { transaction, .. } | Gift::StoreCredit { transaction, .. } => {
                    transactions.push(transaction);
                }
                Gift::Reward { redemption } => redemptions.push(redemption),
            }
        }
        ReferralObject {
            object: "referral",
            id: view.id,
            program: view.program,
            share_url: view.code.as_deref().map(|code| base.of_code(code)),
            code: view.code,
            referrer: view.referrer,
            referee: view.referee,
            customer: view.customer,
            status: view.status.as_str(),
            reason: view.reason.map(RejectionReason::as_str),
            source: view.touch.map(Touch::as_str),
            reward: view.reward,
            qualify: view.qualify,
            transactions,
            redemptions,
            payment: view.converted_by.map(|(_, source)| source),
            created: view.created,
            attributed_at: view.attributed_at,
            expires_at: view.expires_at,
            converted_at: view.converted_at,
            ended_at: view.ended_at,
        }
    }
}

impl Answer for ReferralObject {
    const KIND: Kind = Kind::Object(&REFERRAL);
}
