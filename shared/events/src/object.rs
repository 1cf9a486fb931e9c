//! The JSON forms that the API and outgoing events share.

use jiff::Timestamp;
use laurel_rules::{
    Entry, EventOutcome, Refusal, Transaction,
    entry::TransactionType,
    event::EXPIRY,
    redemption::RedemptionChange,
    referral::{ReferralChange, RejectionReason},
};
use serde_json::{Map, Value, json};

/// A moment as clients see it: RFC 3339 in UTC, with milliseconds where there are any.
#[must_use]
pub fn time(at: Timestamp) -> String {
    at.to_string()
}

/// The transaction at `place` of `entry`, with its status as of the reader's now; `null` where
/// the entry has no such place.
#[must_use]
pub fn transaction(entry: &Entry, place: usize, status: &str) -> Value {
    let Some(made) = entry.transactions.get(place) else {
        return Value::Null;
    };
    let (rule, rule_version) = made.rule.clone().unzip();
    let mut object = json!({
        "id": entry.transaction_id(place).to_string(),
        "object": "points_transaction",
        "account": entry.account,
        "program": entry.program,
        "type": made.kind.as_str(),
        "amount": made.amount,
        "points": made.amount,
        "rule": rule,
        "rule_version": rule_version,
        "reason": made.reason,
        "source": source(entry, made),
        "payment": entry.payment,
        "redemption": made.redemption,
        "referral": made.referral,
        "status": status,
        "available_at": made.available_at.map(time),
        "expires_at": made.expires_at.map(time),
        "occurred_at": time(made.occurred_at.unwrap_or(entry.occurred_at)),
        "created": time(entry.created),
        "balance_after": made.balance_after,
        "seal": seal(entry),
        "metadata": metadata(made),
        "calculation": made.calculation,
    });
    let calculation = made.calculation.as_ref();
    if let Some(trial) = calculation.and_then(|calculation| calculation.experiment.as_ref()) {
        object["experiment"] = json!({"key": trial.experiment, "variant": trial.variant});
    }
    if made.kind == TransactionType::Reverse
        && let Some(earning) = &made.of
    {
        object["reverses"] = earning.to_string().into();
    }
    if made.kind == TransactionType::Adjust
        && let Some(of) = &made.of
    {
        let what = if made.amount == 0 {
            "extends"
        } else {
            "reinstates"
        };
        object[what] = of.to_string().into();
    }
    object
}

/// The transaction of store credit at `place` of `entry`; `null` where the entry has no such place.
#[must_use]
pub fn credit_transaction(entry: &Entry, place: usize) -> Value {
    let Some(made) = entry.credits.get(place) else {
        return Value::Null;
    };
    let source = match &made.of {
        Some(given) => json!({"type": "store_credit_transaction", "id": given.to_string()}),
        None => json!({"type": entry.source_type(), "id": entry.source_id}),
    };
    json!({
        "id": entry.credit_id(place).to_string(),
        "object": "store_credit_transaction",
        "account": entry.account,
        "program": entry.program,
        "type": made.kind.as_str(),
        "amount": made.amount,
        "currency": made.currency,
        "reason": made.reason,
        "source": source,
        "payment": entry.payment,
        "redemption": made.redemption,
        "expires_at": made.expires_at.map(time),
        "occurred_at": time(made.occurred_at.unwrap_or(entry.occurred_at)),
        "created": time(entry.created),
        "balance_after": made.balance_after,
        "seal": seal(entry),
        "metadata": made.metadata,
    })
}

/// The seal of the entry that a transaction stands in, in hexadecimal digits.
fn seal(entry: &Entry) -> Option<String> {
    entry.seal.map(|seal| seal.to_string())
}

/// What an event says of a referral; the rest of it is to be read by its id.
pub(crate) fn referral(entry: &Entry, change: &ReferralChange) -> Value {
    json!({
        "id": change.id,
        "object": "referral",
        "program": entry.program,
        "account": entry.account,
        "referrer": change.referrer,
        "referee": change.referee,
        "status": change.turn.status().as_str(),
        "reason": change.reason.map(RejectionReason::as_str),
        "code": change.code,
        "payment": change.payment,
        "transactions": change.transactions,
        "redemptions": change.redemptions,
        "occurred_at": time(entry.occurred_at),
    })
}

/// What an event says of a redemption; the rest of it is to be read by its id.
pub(crate) fn redemption(entry: &Entry, change: &RedemptionChange) -> Value {
    json!({
        "id": change.id,
        "object": "redemption",
        "program": entry.program,
        "account": entry.account,
        "status": change.status.as_str(),
        "points": change.points,
        "store_credit": change.store_credit,
        "reward": change.reward.as_ref().map(|reward| &reward.id),
        "code": change.code,
        "payment": change.payment,
        "expires_at": change.expires_at.map(time),
        "created": time(change.created),
    })
}

/// The object behind a transaction: behind an expiry stands the earning that expired.
fn source(entry: &Entry, made: &Transaction) -> Value {
    match &made.of {
        Some(earning) if made.kind == TransactionType::Expire => {
            json!({"type": "transaction", "id": earning.to_string()})
        }
        // A reservation that ended by itself came back with what else time did.
        _ if entry.trigger == EXPIRY && made.redemption.is_some() => {
            json!({"type": "redemption", "id": made.redemption})
        }
        _ => json!({"type": entry.source_type(), "id": entry.source_id}),
    }
}

fn metadata(made: &Transaction) -> Map<String, Value> {
    let mut metadata: Map<String, Value> = made
        .metadata
        .iter()
        .map(|(key, value)| (key.clone(), value.as_str().into()))
        .collect();
    if let Some(points) = made.uncapped_points {
        metadata.insert("capped".to_owned(), true.into());
        metadata.insert("uncapped_points".to_owned(), points.into());
    }
    if let Some(points) = made.written_off {
        metadata.insert("written_off".to_owned(), points.into());
    }
    metadata
}

/// The answer to an event that was handled.
#[must_use]
pub fn outcome(outcome: &EventOutcome) -> Value {
    let mut object = json!({"object": "event_outcome", "outcome": outcome.outcome.as_str()});
    if outcome.duplicate {
        object["duplicate"] = true.into();
    }
    if let Some(account) = &outcome.account {
        object["account"] = account.as_str().into();
    }
    if !outcome.transactions.is_empty() {
        object["transactions"] = outcome
            .transactions
            .iter()
            .map(ToString::to_string)
            .collect();
    }
    object
}

/// The answer to an event that was refused.
#[must_use]
pub fn refused(refusal: &Refusal) -> Value {
    json!({"object": "event_outcome", "outcome": "refused", "error": error(refusal)})
}

/// What was wrong: the inside of `{error: …}`.
#[must_use]
pub fn error(refusal: &Refusal) -> Value {
    let mut object = json!({
        "type": refusal.code.kind(),
        "code": refusal.code.as_str(),
        "message": refusal.message,
    });
    if let Some(param) = &refusal.param {
        object["param"] = param.as_str().into();
    }
    if let Some(account) = &refusal.account {
        object["account"] = account.as_str().into();
    }
    object
}
