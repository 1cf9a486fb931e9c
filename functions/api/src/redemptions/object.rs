//! Redemptions and what they are worth, as clients see them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_ledger::RedemptionView;
use laurel_rules::{
    POINTS_MAX,
    checkout::{Worth, Worthless},
    redemption::RedemptionStatus,
    store_credit::Money,
};
use serde::Serialize;

use crate::{
    accounts::{CREATED, PROGRAM},
    fields::{Field, Kind, Shape},
    metadata::METADATA,
    rewards::{fields::TYPES, object::ValueObject},
    routes::Answer,
    shape::{NUMBER, words},
};

pub(super) const STATUSES: [(&str, RedemptionStatus); 5] = [
    ("reserved", RedemptionStatus::Reserved),
    ("confirmed", RedemptionStatus::Confirmed),
    ("canceled", RedemptionStatus::Canceled),
    ("expired", RedemptionStatus::Expired),
    ("used", RedemptionStatus::Used),
];

const REASONS: [&str; 8] = {
    let mut words = [""; 8];
    let mut place = 0;
    while place < words.len() {
        words[place] = Worthless::ALL[place].as_str();
        place += 1;
    }
    words
};

const WHOLE: Kind = Kind::Whole(1, POINTS_MAX);

const VALUE: Shape = Shape::answer(
    "RedemptionValue",
    &[
        Field::new("type", Kind::Choice(&words(&TYPES)), "What it is."),
        Field::new("amount", WHOLE, "Minor units.").nullable(),
        Field::new("currency", Kind::AnyText, "ISO 4217.").nullable(),
        Field::new("percent", Kind::Factor, "Of a hundred.").nullable(),
        Field::new("max_amount", WHOLE, "At most so many minor units.").nullable(),
        Field::new("product", Kind::AnyText, "The product that is free.").nullable(),
    ],
);

const MONEY: Shape = Shape::answer(
    "Money",
    &[
        Field::new("amount", WHOLE, "Minor units."),
        Field::new("currency", Kind::AnyText, "ISO 4217."),
    ],
);

const REDEMPTION: Shape = Shape::answer(
    "Redemption",
    &[
        Field::new("id", Kind::Id, "`rdm_…`").example("rdm_7Qk2_01m5x4q8t2v6w9y3zc7h5k8n2p"),
        Field::new("object", Kind::Constant("redemption"), "What this is."),
        PROGRAM,
        Field::new("account", Kind::Id, "Whose it is by now.").example("loy_7Qk2"),
        Field::new(
            "reward",
            Kind::Id,
            "The reward; null where points or store credit pay.",
        )
        .nullable(),
        Field::new("points", NUMBER, "Points that it took."),
        Field::new(
            "store_credit",
            Kind::Object(&MONEY),
            "Store credit that it took instead.",
        )
        .nullable(),
        Field::new(
            "status",
            Kind::Choice(&words(&STATUSES)),
            "How far it has come.",
        ),
        Field::new("value", Kind::Object(&VALUE), "What it is worth."),
        Field::new("code", Kind::AnyText, "Its code, once it is confirmed.").nullable(),
        Field::new("expires_at", Kind::Instant, "When the reservation ends.").nullable(),
        Field::new("valid_until", Kind::Instant, "Until when it can be used.").nullable(),
        Field::new(
            "min_order_amount",
            NUMBER,
            "The least that an order must come to.",
        )
        .nullable(),
        Field::new(
            "transaction",
            Kind::Id,
            "What took the points or the store credit.",
        )
        .nullable(),
        Field::new(
            "amount_returned",
            NUMBER,
            "What of the points or the store credit has come back.",
        ),
        Field::new(
            "reversal",
            Kind::Id,
            "The latest transaction that gave of them back.",
        )
        .nullable(),
        Field::new("payment", Kind::Id, "The payment that named it.").nullable(),
        METADATA,
        CREATED,
        Field::new("confirmed_at", Kind::Instant, "When it was confirmed.").nullable(),
        Field::new("canceled_at", Kind::Instant, "When it was canceled.").nullable(),
        Field::new("used_at", Kind::Instant, "When it was used.").nullable(),
    ],
);

/// A redemption as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct RedemptionObject {
    id: String,
    object: &'static str,
    program: String,
    account: String,
    reward: Option<String>,
    points: i64,
    store_credit: Option<Money>,
    status: &'static str,
    value: ValueObject,
    code: Option<String>,
    expires_at: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    min_order_amount: Option<i64>,
    transaction: Option<String>,
    amount_returned: i64,
    reversal: Option<String>,
    payment: Option<String>,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
    confirmed_at: Option<Timestamp>,
    canceled_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
}

impl From<RedemptionView> for RedemptionObject {
    fn from(view: RedemptionView) -> RedemptionObject {
        let RedemptionView {
            redemption,
            account,
        } = view;
        RedemptionObject {
            object: "redemption",
            account,
            id: redemption.id,
            program: redemption.program,
            reward: redemption.reward.map(|reward| reward.id),
            points: redemption.points,
            store_credit: redemption.store_credit,
            status: redemption.status.as_str(),
            value: redemption.value.into(),
            code: redemption.code,
            expires_at: redemption.expires_at,
            valid_until: redemption.valid_until,
            min_order_amount: redemption.min_order_amount,
            transaction: redemption.transaction,
            amount_returned: redemption.returned,
            reversal: redemption.reversal,
            payment: redemption.payment,
            metadata: redemption.metadata,
            created: redemption.created,
            confirmed_at: redemption.confirmed_at,
            canceled_at: redemption.canceled_at,
            used_at: redemption.used_at,
        }
    }
}

impl Answer for RedemptionObject {
    const KIND: Kind = Kind::Object(&REDEMPTION);
}

const VALIDATION: Shape = Shape::answer(
    "RedemptionValidation",
    &[
        Field::new(
            "object",
            Kind::Constant("redemption_validation"),
            "What this is.",
        ),
        Field::new("valid", Kind::Boolean, "Whether it counts for this order."),
        Field::new("discount_amount", NUMBER, "Minor units off."),
        Field::new("currency", Kind::AnyText, "The order's currency."),
        Field::new("reason", Kind::Choice(&REASONS), "Why it does not count.").nullable(),
        Field::new("redemption", Kind::Object(&REDEMPTION), "The redemption.").nullable(),
    ],
);

/// What something is worth at a checkout.
#[derive(Debug, Serialize)]
pub(crate) struct ValidationObject {
    object: &'static str,
    valid: bool,
    discount_amount: i64,
    currency: String,
    reason: Option<&'static str>,
    redemption: Option<RedemptionObject>,
}

impl ValidationObject {
    pub(super) fn of(
        worth: Worth,
        currency: String,
        view: Option<RedemptionView>,
    ) -> ValidationObject {
        ValidationObject {
            object: "redemption_validation",
            valid: worth.reason.is_none(),
            discount_amount: worth.discount_amount,
            currency,
            reason: worth.reason.map(Worthless::as_str),
            redemption: view.map(RedemptionObject::from),
        }
    }
}

impl Answer for ValidationObject {
    const KIND: Kind = Kind::Object(&VALIDATION);
}
