//! The properties of `data`, by type of event.

use laurel_rules::{
    redemption::RedemptionStatus,
    referral::{ReferralStatus, RejectionReason},
    tier::TierReason,
};
use serde_json::{Map, Value, json};

pub(super) fn time(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

pub(super) fn maybe(kind: &str, description: &str) -> Value {
    json!({"type": [kind, "null"], "description": description})
}

pub(super) fn metadata_schema() -> Value {
    json!({"type": "object", "description": "The operator's own keys and values."})
}

pub(super) fn omitted_schema() -> Value {
    let description = "There, and true, where the operator's metadata would have made the event \
                       larger than 20 kB: the API has it.";
    json!({"const": true, "description": description})
}

pub(super) fn created_data() -> Value {
    json!({
        "id": {"type": "string", "description": "The account."},
        "object": {"const": "loyalty_account"},
        "program": {"type": "string"},
        "customer": maybe("string", "The customer's id in the shop."),
        "status": {"const": "active"},
        "metadata": metadata_schema(),
        "metadata_omitted": omitted_schema(),
        "created": time("When the account was created."),
    })
}

pub(super) fn updated_data() -> Value {
    json!({
        "id": {"type": "string", "description": "The account."},
        "object": {"const": "loyalty_account"},
        "program": {"type": "string"},
        "updated_fields": {"type": "array", "items": {"type": "string"}},
    })
}

pub(super) fn status_data(status: &str) -> Value {
    json!({
        "id": {"type": "string", "description": "The account."},
        "object": {"const": "loyalty_account"},
        "program": {"type": "string"},
        "status": {"const": status},
    })
}

pub(super) fn merged_data() -> Value {
    let points = |description: &str| json!({"type": "integer", "description": description});
    json!({
        "source": {"type": "string", "description": "The account that was emptied."},
        "target": {"type": "string", "description": "The survivor."},
        "account": {"type": "string", "description": "The survivor, as in every other event."},
        "points": points("Points that can be spent, which the survivor took over."),
        "pending": points("Points that mature later, which it took over."),
        "lifetime_points": points("What the source had ever earned."),
        "store_credit": {
            "type": "array",
            "description": "The store credit that it took over, by currency, in minor units.",
            "items": {
                "type": "object",
                "required": ["currency", "balance", "reserved"],
                "properties": {
                    "currency": {"type": "string", "description": "ISO 4217."},
                    "balance": points("What can be spent; below zero what is owed."),
                    "reserved": points("What is reserved for redemptions."),
                },
            },
        },
    })
}

pub(super) fn tier_data() -> Value {
    let reasons = TierReason::ALL.map(TierReason::as_str);
    json!({
        "account": {"type": "string"},
        "from": maybe("string", "The key of the tier before."),
        "to": maybe("string", "The key of the tier from now on."),
        "reason": {"enum": reasons, "description": "Why."},
        "occurred_at": time("From when it counts."),
    })
}

pub(super) fn points_data() -> Value {
    let types: Vec<&str> = ["earn", "redeem", "expire", "adjust", "reverse"].into();
    let mut data = Map::new();
    let mut add = |name: &str, schema: Value| data.insert(name.to_owned(), schema);
    add("account", json!({"type": "string"}));
    add("transaction", json!({"type": "string", "pattern": "^ptx_"}));
    add("type", json!({"enum": types}));
    add(
        "amount",
        json!({"type": "integer", "description": "Signed points."}),
    );
    add(
        "points",
        json!({"type": "integer", "description": "The same as `amount`."}),
    );
    add("rule", maybe("string", "The rule that made it."));
    add("rule_version", maybe("integer", "The rule's version then."));
    add("reason", json!({"type": "string"}));
    add(
        "source",
        json!({
            "type": "object",
            "required": ["type", "id"],
            "properties": {"type": {"type": "string"}, "id": {"type": "string"}},
            "description": "What caused it.",
        }),
    );
    add("payment", maybe("string", "The payment concerned."));
    add("redemption", maybe("string", "The redemption concerned."));
    add("referral", maybe("string", "The referral concerned."));
    add("status", json!({"enum": ["pending", "posted"]}));
    for (name, description) in [
        ("available_at", "From when the points can be spent."),
        ("expires_at", "Until when."),
    ] {
        let mut schema = time(description);
        schema["type"] = json!(["string", "null"]);
        add(name, schema);
    }
    add("occurred_at", time("When the cause happened."));
    add(
        "balance_after",
        json!({"type": "integer", "description": "Points that can be spent right after."}),
    );
    add(
        "seal",
        maybe(
            "string",
            "SHA-256 of this and of the seal before it in the member's log.",
        ),
    );
    add("metadata", metadata_schema());
    add("metadata_omitted", omitted_schema());
    Value::Object(data)
}

pub(super) fn budget_data() -> Value {
    let maybe_time = |description: &str| {
        let mut schema = time(description);
        schema["type"] = json!(["string", "null"]);
        schema
    };
    json!({
        "account": {"type": "string", "description": "The account that got the last point."},
        "campaign": maybe("string", "The campaign whose budget it is; the program's own where null."),
        "points": {"type": "integer", "description": "The limit in points."},
        "window": {"enum": ["day", "week", "month", "lifetime"]},
        "starts_at": maybe_time("When the window began; null for all time."),
        "ends_at": maybe_time("When it ends."),
    })
}

pub(super) fn expiring_data() -> Value {
    json!({
        "account": {"type": "string"},
        "points": {"type": "integer", "description": "How many, as of when this was written."},
        "expires_at": time("When they expire."),
    })
}

pub(super) fn credit_expiring_data() -> Value {
    json!({
        "account": {"type": "string"},
        "amount": {"type": "integer", "description": "Minor units, as of when this was written."},
        "currency": {"type": "string", "description": "ISO 4217."},
        "expires_at": time("When it expires."),
    })
}

pub(super) fn reversal_data() -> Value {
    let mut data = points_data();
    data["reverses"] = json!({
        "type": "string",
        "pattern": "^ptx_",
        "description": "The earning that it takes back.",
    });
    data
}

pub(super) fn credit_data() -> Value {
    let mut data = points_data();
    if let Some(data) = data.as_object_mut() {
        for name in [
            "points",
            "rule",
            "rule_version",
            "referral",
            "status",
            "available_at",
        ] {
            data.remove(name);
        }
    }
    data["transaction"]["pattern"] = "^sct_".into();
    data["amount"]["description"] = "Signed minor units.".into();
    data["balance_after"]["description"] =
        "Minor units that can be spent in this currency right after.".into();
    data["currency"] = json!({"type": "string", "description": "ISO 4217."});
    data
}

pub(super) fn redemption_data() -> Value {
    let statuses = RedemptionStatus::ALL.map(RedemptionStatus::as_str);
    let mut expires_at = time("When the reservation ends or ended, where it was one.");
    expires_at["type"] = json!(["string", "null"]);
    json!({
        "id": {"type": "string", "pattern": "^rdm_", "description": "The redemption."},
        "object": {"const": "redemption"},
        "program": {"type": "string"},
        "account": {"type": "string", "description": "The account in whose log this stands."},
        "status": {"enum": statuses},
        "points": {"type": "integer", "description": "Points that it took."},
        "store_credit": {
            "type": ["object", "null"],
            "description": "The store credit that it took instead.",
            "required": ["amount", "currency"],
            "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
        },
        "reward": maybe("string", "The reward; null where the member pays with points."),
        "code": maybe("string", "Its code, once it is issued."),
        "payment": maybe("string", "The payment that named it."),
        "expires_at": expires_at,
        "created": time("When the redemption was made."),
    })
}

pub(super) fn referral_data() -> Value {
    let statuses = ReferralStatus::ALL.map(ReferralStatus::as_str);
    let reasons = RejectionReason::ALL.map(|reason| Value::from(reason.as_str()));
    let reasons: Vec<Value> = reasons.into_iter().chain([Value::Null]).collect();
    let ids = |description: &str| {
        let items = json!({"type": "string"});
        json!({"type": "array", "items": items, "description": description})
    };
    json!({
        "id": {"type": "string", "pattern": "^ref_", "description": "The referral; of `referral.created` the code's."},
        "object": {"const": "referral"},
        "program": {"type": "string"},
        "account": {"type": "string", "description": "The account in whose log this stands."},
        "referrer": {"type": "string", "description": "The member who shared the code."},
        "referee": maybe("string", "The account of who came."),
        "status": {"enum": statuses},
        "reason": {"enum": reasons, "description": "Why it pays nothing."},
        "code": maybe("string", "The code, of `referral.created`."),
        "payment": maybe("string", "The payment, or what else qualified."),
        "transactions": ids("Transactions of both sides, the referrer's first: what they were given, or what was taken back."),
        "redemptions": ids("Redemptions of rewards that both sides were given."),
        "occurred_at": time("When it happened."),
    })
}
