//! Accounts as they are answered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_ledger::AccountView;
use laurel_rules::{account::Status, store_credit::CreditBalance};
use serde::Serialize;

use super::{
    fields::{CREATED, CUSTOMER, EMAIL, PROGRAM},
    stats::{STATS, StatObject, by_type},
};
use crate::{
    fields::{Field, Kind, Shape},
    member_tokens::MemberView,
    metadata::METADATA,
    routes::Answer,
    shape::{NUMBER, words},
    store_credit::BALANCES,
};

pub(super) const STATUS: Field = Field::new(
    "status",
    Kind::Choice(&words(&STATUSES)),
    "Whether it takes part.",
);

const ACCOUNT: Shape = Shape::answer(
    "Account",
    &[
        Field::new("id", Kind::Id, "`loy_…`, or as given.").example("loy_7Qk2"),
        Field::new("object", Kind::Constant("loyalty_account"), "What this is."),
        PROGRAM,
        CUSTOMER,
        EMAIL,
        STATUS,
        Field::new("balance", NUMBER, "Points to spend now."),
        Field::new("pending", NUMBER, "Points that can be spent later."),
        Field::new(
            "lifetime_points",
            NUMBER,
            "All points ever earned; it never falls.",
        ),
        BALANCES,
        Field::new("tier", Kind::Id, "The key of the tier.")
            .example("silver")
            .nullable(),
        Field::new(
            "tier_since",
            Kind::Instant,
            "Since when; null where the tier has never changed.",
        )
        .nullable(),
        Field::new(
            "tier_until",
            Kind::Instant,
            "Until when the tier is kept whatever happens: the end of its period and of the days \
             of grace. Null where it cannot be lost.",
        )
        .nullable(),
        Field::new(
            "next_tier",
            Kind::Object(&NEXT_TIER),
            "The tier above; null at the top.",
        )
        .nullable(),
        STATS,
        METADATA,
        Field::new(
            "referral_code",
            Kind::AnyText,
            "The code that the member shares; null where it has none.",
        )
        .example("ANNA-7F3K")
        .nullable(),
        Field::new(
            "referred_by",
            Kind::Id,
            "The referral that the member came by, `ref_…`; null where it came by none.",
        )
        .nullable(),
        Field::new(
            "merged_into",
            Kind::Id,
            "The account that it was merged into.",
        )
        .nullable(),
        CREATED,
    ],
);

const NEXT_TIER: Shape = Shape::answer(
    "NextTier",
    &[
        Field::new("key", Kind::Id, "Its key.").example("gold"),
        Field::new("missing", NUMBER, "Points that are missing to it.").example("120"),
    ],
);

impl Answer for AccountObject {
    const KIND: Kind = Kind::Object(&ACCOUNT);
}

/// An account as its caller may see it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum SeenAccount {
    Whole(Box<AccountObject>),
    OnAPage(MemberView),
}

impl Answer for SeenAccount {
    // What a page sees of it is told in words: no client of the whole API asks like that.
    const KIND: Kind = AccountObject::KIND;
}

/// An account as clients see it.
#[derive(Debug, Serialize)]
pub(super) struct AccountObject {
    id: String,
    object: &'static str,
    program: String,
    customer: Option<String>,
    email: Option<String>,
    status: &'static str,
    balance: i64,
    pending: i64,
    lifetime_points: i64,
    store_credit: Vec<CreditBalance>,
    tier: Option<String>,
    tier_since: Option<Timestamp>,
    tier_until: Option<Timestamp>,
    next_tier: Option<NextTier>,
    stats: BTreeMap<String, StatObject>,
    metadata: BTreeMap<String, String>,
    referral_code: Option<String>,
    referred_by: Option<String>,
    merged_into: Option<String>,
    created: Timestamp,
}

/// What a member lacks for the next tier.
#[derive(Debug, Serialize)]
struct NextTier {
    key: String,
    missing: i64,
}

impl From<AccountView> for AccountObject {
    fn from(
        AccountView {
            account,
            balance,
            pending,
            store_credit,
            next_tier,
            tier_until,
        }: AccountView,
    ) -> AccountObject {
        AccountObject {
            object: "loyalty_account",
            referred_by: account.referrals.touched().map(|came| came.id.clone()),
            referral_code: account.referrals.code.map(|own| own.code),
            id: account.id,
            program: account.program,
            customer: account.customer,
            email: account.email,
            status: account.status.as_str(),
            balance,
            pending,
            lifetime_points: account.lifetime_points,
            store_credit,
            tier: account.tier.key,
            tier_since: account.tier.since,
            tier_until,
            next_tier: next_tier.map(|(key, missing)| NextTier { key, missing }),
            stats: by_type(account.stats),
            metadata: account.metadata,
            merged_into: account.merged_into,
            created: account.created,
        }
    }
}

pub(super) const STATUSES: [(&str, Status); 3] = [
    ("active", Status::Active),
    ("closed", Status::Closed),
    ("merged", Status::Merged),
];
