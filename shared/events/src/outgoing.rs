//! What is announced of a ledger entry, once it is committed.

use jiff::Timestamp;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, TransactionType},
    id::{EventId, EventPlace},
    redemption::{RedemptionChange, Turn},
    referral::{ReferralChange, ReferralTurn},
    store_credit::CreditTransaction,
};
use serde_json::{Value, json};

use crate::object;

/// The largest event, in bytes of its envelope as JSON: Standard Webhooks asks receivers for no more.
pub const EVENT_BYTES_MAX: usize = 20_000;

/// An event of ours (spec section 8).
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// `evt_…`, the same however often it is sent.
    pub id: String,
    /// As `loyalty.points.earned`.
    pub event_type: String,
    /// When what it tells of was written.
    pub created: Timestamp,
    /// The program.
    pub program: String,
    /// The account concerned: events of one account are sent in order.
    pub account: String,
    /// What happened.
    pub data: Value,
}

impl Outgoing {
    /// The event as receivers see it.
    #[must_use]
    pub fn envelope(&self) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "type": self.event_type,
            "created": object::time(self.created),
            "program": self.program,
            "data": self.data,
        })
    }
}

/// The events that announce `entry`, in order: what changed, then the
/// transactions of store credit, then those of points.
///
/// Their ids derive from the entry's place in the ledger, so a repeat is recognised as one.
#[must_use]
pub fn outgoing(entry: &Entry) -> Vec<Outgoing> {
    let changes = entry.changes.iter().zip(0..);
    let changes = changes.filter_map(|(change, place)| of_change(entry, place, change));
    let credits = entry.credits.iter().zip(0..);
    let credits = credits.map(|(made, place)| of_credit(entry, place, made));
    let made = entry.transactions.iter().zip(0..);
    changes
        .chain(credits)
        .chain(made.map(|(made, place)| of_transaction(entry, place, made)))
        .collect()
}

fn of_change(entry: &Entry, place: u32, change: &Change) -> Option<Outgoing> {
    let (event_type, data) = match change {
        Change::Created {
            customer, metadata, ..
        } => (
            "loyalty.account.created",
            json!({
                "id": entry.account,
                "object": "loyalty_account",
                "program": entry.program,
                "customer": customer,
                "status": "active",
                "metadata": metadata,
                "created": object::time(entry.created),
            }),
        ),
        Change::Updated { fields } => (
            "loyalty.account.updated",
            json!({
                "id": entry.account,
                "object": "loyalty_account",
                "program": entry.program,
                "updated_fields": fields,
            }),
        ),
        Change::Closed => ("loyalty.account.closed", with_status(entry, "closed")),
        Change::Reopened => ("loyalty.account.reopened", with_status(entry, "active")),
        Change::Merged {
            source,
            points,
            pending,
            lifetime_points,
            store_credit,
        } => (
            "loyalty.account.merged",
            json!({
                "source": source,
                "target": entry.account,
                "account": entry.account,
                "points": points,
                "pending": pending,
                "lifetime_points": lifetime_points,
                "store_credit": store_credit,
            }),
        ),
        Change::BudgetReached {
            campaign,
            window,
            points,
            starts_at,
            ends_at,
        } => (
            "program.budget_reached",
            json!({
                "account": entry.account,
                "campaign": campaign,
                "points": points,
                "window": window.as_str(),
                "starts_at": starts_at.map(object::time),
                "ends_at": ends_at.map(object::time),
            }),
        ),
        Change::TierChanged(change) => (
            "loyalty.tier.changed",
            json!({
                "account": entry.account,
                "from": change.from,
                "to": change.to,
                "reason": change.reason.as_str(),
                "occurred_at": object::time(change.at),
            }),
        ),
        Change::Redemption(change) => (turned(change), object::redemption(entry, change)),
        Change::Referral(change) => (came_to(change), object::referral(entry, change)),
        Change::PointsExpiring { points, expires_at } => (
            "loyalty.points.expiring",
            json!({
                "account": entry.account,
                "points": points,
                "expires_at": object::time(*expires_at),
            }),
        ),
        Change::CreditExpiring {
            currency,
            amount,
            expires_at,
        } => (
            "loyalty.store_credit.expiring",
            json!({
                "account": entry.account,
                "amount": amount,
                "currency": currency,
                "expires_at": object::time(*expires_at),
            }),
        ),
        // The survivor's log announces it.
        Change::MergedInto { .. } => return None,
    };
    let place = EventPlace::Change(place);
    Some(announce(entry, place, event_type, data))
}

fn turned(change: &RedemptionChange) -> &'static str {
    match change.turn {
        Turn::Created => "redemption.created",
        Turn::Confirmed => "redemption.confirmed",
        Turn::Canceled => "redemption.canceled",
        Turn::Expired => "redemption.expired",
        Turn::Used => "redemption.used",
    }
}

fn came_to(change: &ReferralChange) -> &'static str {
    match change.turn {
        ReferralTurn::Created => "referral.created",
        ReferralTurn::Attributed => "referral.attributed",
        ReferralTurn::Converted => "referral.converted",
        ReferralTurn::Rejected => "referral.rejected",
        ReferralTurn::Expired => "referral.expired",
        ReferralTurn::Reversed => "referral.reversed",
    }
}

fn with_status(entry: &Entry, status: &str) -> Value {
    json!({
        "id": entry.account,
        "object": "loyalty_account",
        "program": entry.program,
        "status": status,
    })
}

fn of_transaction(entry: &Entry, at: u32, made: &Transaction) -> Outgoing {
    let place = usize::try_from(at).unwrap_or(usize::MAX);
    let is_pending = made.available_at.is_some_and(|at| at > entry.created);
    let event_type = match made.kind {
        TransactionType::Earn if is_pending => "loyalty.points.pending",
        TransactionType::Earn => "loyalty.points.earned",
        TransactionType::Redeem => "loyalty.points.redeemed",
        TransactionType::Expire => "loyalty.points.expired",
        TransactionType::Adjust => "loyalty.points.adjusted",
        TransactionType::Reverse => "loyalty.points.reversed",
    };
    let mut data = object::transaction(entry, place, if is_pending { "pending" } else { "posted" });
    let id = entry.transaction_id(place).to_string();
    if let Some(data) = data.as_object_mut() {
        // What the envelope says already, and the trace, which the API tells whoever asks.
        for name in ["id", "object", "program", "created", "calculation"] {
            data.remove(name);
        }
        data.insert("transaction".to_owned(), id.as_str().into());
    }
    announce(entry, EventPlace::Transaction(at), event_type, data)
}

fn of_credit(entry: &Entry, at: u32, made: &CreditTransaction) -> Outgoing {
    let place = usize::try_from(at).unwrap_or(usize::MAX);
    let event_type = match made.kind {
        TransactionType::Earn => "loyalty.store_credit.earned",
        TransactionType::Redeem => "loyalty.store_credit.redeemed",
        TransactionType::Expire => "loyalty.store_credit.expired",
        TransactionType::Adjust => "loyalty.store_credit.adjusted",
        TransactionType::Reverse => "loyalty.store_credit.returned",
    };
    let mut data = object::credit_transaction(entry, place);
    let id = entry.credit_id(place).to_string();
    if let Some(data) = data.as_object_mut() {
        for name in ["id", "object", "program", "created"] {
            data.remove(name);
        }
        data.insert("transaction".to_owned(), id.as_str().into());
    }
    announce(entry, EventPlace::Credit(at), event_type, data)
}

fn announce(entry: &Entry, place: EventPlace, event_type: &str, data: Value) -> Outgoing {
    let id = EventId {
        account: entry.account.clone(),
        seq: entry.seq,
        place,
    };
    let mut event = Outgoing {
        id: id.to_string(),
        event_type: event_type.to_owned(),
        created: entry.created,
        program: entry.program.clone(),
        account: entry.account.clone(),
        data,
    };
    bound(&mut event);
    event
}

/// Leaves the operator's metadata out of an event that would be too large with it, and says so.
/// Everything else in an event is bounded far below; what Laurel itself notes there stays.
fn bound(event: &mut Outgoing) {
    let of_operator = |(_, value): (&String, &Value)| value.is_string();
    let Some(metadata) = event.data.get("metadata").and_then(Value::as_object) else {
        return;
    };
    if !metadata.iter().any(of_operator) || event.envelope().to_string().len() <= EVENT_BYTES_MAX {
        return;
    }
    if let Some(metadata) = event.data["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_string());
    }
    event.data["metadata_omitted"] = true.into();
}
