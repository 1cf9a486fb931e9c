//! The catalogue of emitted events: what each type says, as JSON Schema, with an example.
//!
//! `docs/events.json` is made of it (`UPDATE=1 cargo test -p laurel-events --test catalog`). The
//! examples are made by [`outgoing`] like the events themselves, so that they cannot say what an
//! event does not. A new type joins by a line in [`kinds`] and an entry that announces it.

mod data;
mod examples;

use laurel_rules::{
    Entry,
    entry::{Change, TransactionType},
    redemption::{RedemptionStatus, Turn},
    referral::ReferralTurn,
    rule::Window,
    store_credit::CreditBalance,
    tier::{TierChange, TierReason},
};
use serde_json::{Value, json};

use crate::{Outgoing, outgoing};
use data::{
    budget_data, created_data, credit_data, credit_expiring_data, expiring_data, merged_data,
    points_data, redemption_data, referral_data, reversal_data, status_data, tier_data, time,
    updated_data,
};
use examples::{
    at, change_entry, created_change, credit_entry, entry, points_entry, redemption_entry,
    referral_entry,
};

/// A type of event that Laurel emits.
struct Kind {
    name: &'static str,
    description: &'static str,
    /// The properties of `data`; all of them are always there unless named in `optional`.
    data: fn() -> Value,
    optional: &'static [&'static str],
    example: fn() -> Entry,
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind {
            name: "loyalty.account.created",
            description: "Somebody has become a member.",
            data: created_data,
            optional: &[],
            example: || change_entry(created_change()),
        },
        Kind {
            name: "loyalty.account.updated",
            description: "Fields of a member's account were changed; read the account for them.",
            data: updated_data,
            optional: &[],
            example: || {
                let fields = vec!["email".to_owned(), "metadata".to_owned()];
                change_entry(Change::Updated { fields })
            },
        },
        Kind {
            name: "loyalty.account.closed",
            description: "An account was closed: it neither earns nor spends.",
            data: || status_data("closed"),
            optional: &[],
            example: || change_entry(Change::Closed),
        },
        Kind {
            name: "loyalty.account.reopened",
            description: "A closed account was opened again.",
            data: || status_data("active"),
            optional: &[],
            example: || change_entry(Change::Reopened),
        },
        Kind {
            name: "loyalty.account.merged",
            description: "An account was merged into another, for good.",
            data: merged_data,
            optional: &[],
            example: || {
                change_entry(Change::Merged {
                    source: "loy_01m5x4q8t2v6w9y3zc7f".to_owned(),
                    points: 300,
                    pending: 0,
                    lifetime_points: 450,
                    store_credit: vec![CreditBalance {
                        currency: "EUR".to_owned(),
                        balance: 1500,
                        reserved: 0,
                    }],
                })
            },
        },
        Kind {
            name: "loyalty.tier.changed",
            description: "A member has another tier from `occurred_at` on.",
            data: tier_data,
            optional: &[],
            example: || {
                change_entry(Change::TierChanged(TierChange {
                    from: Some("silver".to_owned()),
                    to: Some("gold".to_owned()),
                    reason: TierReason::ThresholdReached,
                    at: entry().occurred_at,
                }))
            },
        },
        Kind {
            name: "loyalty.points.earned",
            description: "A member has earned points that can be spent.",
            data: points_data,
            optional: &[],
            example: || points_entry(TransactionType::Earn, 42, false),
        },
        Kind {
            name: "loyalty.points.pending",
            description: "A member has earned points that can be spent from `available_at` on.",
            data: points_data,
            optional: &[],
            example: || points_entry(TransactionType::Earn, 42, true),
        },
        Kind {
            name: "loyalty.points.redeemed",
            description: "A member has spent points on a reward, or pays with them.",
            data: points_data,
            optional: &[],
            example: || points_entry(TransactionType::Redeem, -42, false),
        },
        Kind {
            name: "loyalty.points.expired",
            description: "Points of a member have run out. `source` is the earning.",
            data: points_data,
            optional: &[],
            example: || points_entry(TransactionType::Expire, -42, false),
        },
        Kind {
            name: "loyalty.points.expiring",
            description: "Points of a member run out soon, unless they are spent before. It comes \
                          once, `reminder_days` before, and again where activity has put the \
                          expiry off.",
            data: expiring_data,
            optional: &[],
            example: || {
                change_entry(Change::PointsExpiring {
                    points: 42,
                    expires_at: at("2026-12-20T10:15:00Z"),
                })
            },
        },
        Kind {
            name: "loyalty.points.adjusted",
            description: "Somebody has corrected a member's points.",
            data: points_data,
            optional: &[],
            example: || points_entry(TransactionType::Adjust, 500, false),
        },
        Kind {
            name: "loyalty.points.reversed",
            description: "A refund or a lost dispute has taken points back from an earning, or a redemption that came to nothing, or whose payment was refunded, has given them back.",
            data: reversal_data,
            optional: &["reverses"],
            example: || points_entry(TransactionType::Reverse, -21, false),
        },
        Kind {
            name: "program.budget_reached",
            description: "An award has taken the last point of a budget in its window. It comes \
                          once for each window, also where refunds give points back.",
            data: budget_data,
            optional: &[],
            example: || {
                let mut entry = points_entry(TransactionType::Earn, 42, false);
                entry.changes.push(Change::BudgetReached {
                    campaign: None,
                    window: Window::Month,
                    points: 100_000,
                    starts_at: "2026-11-01T00:00:00Z".parse().ok(),
                    ends_at: "2026-12-01T00:00:00Z".parse().ok(),
                });
                entry
            },
        },
        Kind {
            name: "loyalty.store_credit.earned",
            description: "A member was given store credit by a reward.",
            data: credit_data,
            optional: &[],
            example: || credit_entry(TransactionType::Earn, 1500),
        },
        Kind {
            name: "loyalty.store_credit.redeemed",
            description: "A member has spent store credit, or reserved it for a redemption.",
            data: credit_data,
            optional: &[],
            example: || credit_entry(TransactionType::Redeem, -1500),
        },
        Kind {
            name: "loyalty.store_credit.returned",
            description: "Store credit has come back: its redemption was canceled, has expired or was refunded.",
            data: credit_data,
            optional: &[],
            example: || credit_entry(TransactionType::Reverse, 1500),
        },
        Kind {
            name: "loyalty.store_credit.expired",
            description: "Store credit has run out. `source` is the transaction that had given it.",
            data: credit_data,
            optional: &[],
            example: || credit_entry(TransactionType::Expire, -500),
        },
        Kind {
            name: "loyalty.store_credit.expiring",
            description: "Store credit of a member runs out soon, unless it is spent before. It \
                          comes once, `reminder_days` before.",
            data: credit_expiring_data,
            optional: &[],
            example: || {
                change_entry(Change::CreditExpiring {
                    currency: "EUR".to_owned(),
                    amount: 1500,
                    expires_at: at("2026-12-20T10:15:00Z"),
                })
            },
        },
        Kind {
            name: "loyalty.store_credit.adjusted",
            description: "Somebody has given or taken store credit.",
            data: credit_data,
            optional: &[],
            example: || credit_entry(TransactionType::Adjust, 1500),
        },
        Kind {
            name: "redemption.created",
            description: "A member has redeemed points: for good where `status` is `confirmed`, until `expires_at` where it is `reserved`.",
            data: redemption_data,
            optional: &[],
            example: || redemption_entry(Turn::Created, RedemptionStatus::Reserved),
        },
        Kind {
            name: "redemption.confirmed",
            description: "A redemption is for good, and its code, where it has one, is issued.",
            data: redemption_data,
            optional: &[],
            example: || redemption_entry(Turn::Confirmed, RedemptionStatus::Confirmed),
        },
        Kind {
            name: "redemption.canceled",
            description: "A redemption was canceled: its points are back.",
            data: redemption_data,
            optional: &[],
            example: || redemption_entry(Turn::Canceled, RedemptionStatus::Canceled),
        },
        Kind {
            name: "redemption.expired",
            description: "A reservation has ended without being confirmed: its points are back.",
            data: redemption_data,
            optional: &[],
            example: || redemption_entry(Turn::Expired, RedemptionStatus::Expired),
        },
        Kind {
            name: "redemption.used",
            description: "A redemption was used at a checkout; it counts once.",
            data: redemption_data,
            optional: &[],
            example: || redemption_entry(Turn::Used, RedemptionStatus::Used),
        },
        Kind {
            name: "referral.created",
            description: "A member has got the code that they share.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Created),
        },
        Kind {
            name: "referral.attributed",
            description: "Somebody has come by a member's code. It pays nothing yet.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Attributed),
        },
        Kind {
            name: "referral.converted",
            description: "Who came has done what qualifies: both sides were given theirs, and both transactions are posted.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Converted),
        },
        Kind {
            name: "referral.rejected",
            description: "A referral pays nothing: `reason` says why.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Rejected),
        },
        Kind {
            name: "referral.expired",
            description: "Who came has not done in time what qualifies.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Expired),
        },
        Kind {
            name: "referral.reversed",
            description: "The payment that qualified was refunded: what both sides were given is taken back.",
            data: referral_data,
            optional: &[],
            example: || referral_entry(ReferralTurn::Reversed),
        },
    ]
}

/// The names of all types.
pub const NAMES: [&str; 31] = [
    "loyalty.account.created",
    "loyalty.account.updated",
    "loyalty.account.closed",
    "loyalty.account.reopened",
    "loyalty.account.merged",
    "loyalty.tier.changed",
    "loyalty.points.earned",
    "loyalty.points.pending",
    "loyalty.points.redeemed",
    "loyalty.points.expired",
    "loyalty.points.expiring",
    "loyalty.points.adjusted",
    "loyalty.points.reversed",
    "program.budget_reached",
    "loyalty.store_credit.earned",
    "loyalty.store_credit.redeemed",
    "loyalty.store_credit.returned",
    "loyalty.store_credit.expired",
    "loyalty.store_credit.expiring",
    "loyalty.store_credit.adjusted",
    "redemption.created",
    "redemption.confirmed",
    "redemption.canceled",
    "redemption.expired",
    "redemption.used",
    "referral.created",
    "referral.attributed",
    "referral.converted",
    "referral.rejected",
    "referral.expired",
    "referral.reversed",
];

/// An event of this type as it might be; `None` where there is no such type.
#[must_use]
pub fn sample(event_type: &str) -> Option<Outgoing> {
    let kind = kinds().into_iter().find(|kind| kind.name == event_type)?;
    let events = outgoing(&(kind.example)()).into_iter();
    events
        .into_iter()
        .find(|event| event.event_type == kind.name)
}

/// The JSON Schema of events of this type; `None` where there is no such type.
#[must_use]
pub fn schema(event_type: &str) -> Option<Value> {
    let kind = kinds().into_iter().find(|kind| kind.name == event_type)?;
    let properties = (kind.data)();
    let required: Vec<&String> = properties
        .as_object()?
        .keys()
        .filter(|name| !kind.optional.contains(&name.as_str()) && *name != "metadata_omitted")
        .collect();
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.name,
        "description": kind.description,
        "type": "object",
        "required": ["id", "object", "type", "created", "program", "data"],
        "properties": {
            "id": {"type": "string", "pattern": "^evt_", "description": "The same however often the event is sent."},
            "object": {"const": "event"},
            "type": {"const": kind.name},
            "created": time("When what it tells of was written."),
            "program": {"type": "string"},
            "data": {"type": "object", "required": required, "properties": properties},
        },
    }))
}

/// The whole catalogue.
#[must_use]
pub fn catalog() -> Value {
    let events = kinds().into_iter().map(|kind| {
        json!({
            "type": kind.name,
            "description": kind.description,
            "schema": schema(kind.name),
            "example": sample(kind.name).map(|event| event.envelope()),
        })
    });
    json!({"object": "event_catalog", "events": events.collect::<Vec<_>>()})
}
