//! The catalogue of emitted events: what each type says, as JSON Schema, with an example.
//!
//! `docs/events.json` is made of it (`UPDATE=1 cargo test -p laurel-events --test catalog`). The
//! examples are made by [`outgoing`] like the events themselves, so that they cannot say what an
//! event does not. A new type joins by a line in [`kinds`] and an entry that announces it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, TransactionType},
    event::CREDIT_ADJUSTMENT,
    hold::HeldReward,
    id::{CreditId, TransactionId},
    redemption::{RedemptionChange, RedemptionStatus, Turn},
    rule::Window,
    store_credit::CreditTransaction,
    tier::{TierChange, TierReason},
};
use serde_json::{Map, Value, json};

use crate::{Outgoing, outgoing};

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
            description: "A refund or a lost dispute has taken points back from an earning, or a redemption that came to nothing has given them back.",
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
    ]
}

/// The names of all types.
pub const NAMES: [&str; 24] = [
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
    "loyalty.store_credit.adjusted",
    "redemption.created",
    "redemption.confirmed",
    "redemption.canceled",
    "redemption.expired",
    "redemption.used",
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

fn time(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

fn maybe(kind: &str, description: &str) -> Value {
    json!({"type": [kind, "null"], "description": description})
}

fn metadata_schema() -> Value {
    json!({"type": "object", "description": "The operator's own keys and values."})
}

fn omitted_schema() -> Value {
    let description = "There, and true, where the operator's metadata would have made the event \
                       larger than 20 kB: the API has it.";
    json!({"const": true, "description": description})
}

fn created_data() -> Value {
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

fn updated_data() -> Value {
    json!({
        "id": {"type": "string", "description": "The account."},
        "object": {"const": "loyalty_account"},
        "program": {"type": "string"},
        "updated_fields": {"type": "array", "items": {"type": "string"}},
    })
}

fn status_data(status: &str) -> Value {
    json!({
        "id": {"type": "string", "description": "The account."},
        "object": {"const": "loyalty_account"},
        "program": {"type": "string"},
        "status": {"const": status},
    })
}

fn merged_data() -> Value {
    let points = |description: &str| json!({"type": "integer", "description": description});
    json!({
        "source": {"type": "string", "description": "The account that was emptied."},
        "target": {"type": "string", "description": "The survivor."},
        "account": {"type": "string", "description": "The survivor, as in every other event."},
        "points": points("Points that can be spent, which the survivor took over."),
        "pending": points("Points that mature later, which it took over."),
        "lifetime_points": points("What the source had ever earned."),
    })
}

fn tier_data() -> Value {
    let reasons = TierReason::ALL.map(TierReason::as_str);
    json!({
        "account": {"type": "string"},
        "from": maybe("string", "The key of the tier before."),
        "to": maybe("string", "The key of the tier from now on."),
        "reason": {"enum": reasons, "description": "Why."},
        "occurred_at": time("From when it counts."),
    })
}

fn points_data() -> Value {
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
    add("metadata", metadata_schema());
    add("metadata_omitted", omitted_schema());
    Value::Object(data)
}

fn budget_data() -> Value {
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

fn expiring_data() -> Value {
    json!({
        "account": {"type": "string"},
        "points": {"type": "integer", "description": "How many, as of when this was written."},
        "expires_at": time("When they expire."),
    })
}

fn reversal_data() -> Value {
    let mut data = points_data();
    data["reverses"] = json!({
        "type": "string",
        "pattern": "^ptx_",
        "description": "The earning that it takes back.",
    });
    data
}

fn credit_data() -> Value {
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

fn redemption_data() -> Value {
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

fn redemption_entry(turn: Turn, status: RedemptionStatus) -> Entry {
    let at = |text: &str| text.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let has_code = matches!(turn, Turn::Confirmed | Turn::Used);
    let change = RedemptionChange {
        turn,
        id: "rdm_01m5x4q8t2v6w9y3zc7d_01m5x4q8t2v6w9y3zc7h5k8n2p".to_owned(),
        status,
        reward: Some(HeldReward {
            id: "rwd_01m5x4q8t2v6w9y3zc7g".to_owned(),
            stock: false,
            code: false,
        }),
        points: 500,
        store_credit: None,
        code: has_code.then(|| "7Q2K-M4XW-9TRE".to_owned()),
        payment: None,
        expires_at: Some(at("2026-11-20T10:45:00Z")),
        created: at("2026-11-20T10:15:00Z"),
    };
    change_entry(Change::Redemption(Box::new(change)))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn entry() -> Entry {
    Entry {
        account: "loy_01m5x4q8t2v6w9y3zc7d".to_owned(),
        seq: 7,
        program: "prog_default".to_owned(),
        trigger: "payment.completed".to_owned(),
        source_id: "pay_1001".to_owned(),
        payment: Some("pay_1001".to_owned()),
        occurred_at: at("2026-11-20T10:15:00Z"),
        created: at("2026-11-20T10:15:01.25Z"),
        changes: Vec::new(),
        transactions: Vec::new(),
        credits: Vec::new(),
    }
}

fn created_change() -> Change {
    Change::Created {
        customer: Some("cust_anna".to_owned()),
        metadata: BTreeMap::from([("signup_channel".to_owned(), "web".to_owned())]),
        request: String::new(),
    }
}

fn change_entry(change: Change) -> Entry {
    Entry {
        seq: 1,
        payment: None,
        changes: vec![change],
        ..entry()
    }
}

fn points_entry(kind: TransactionType, amount: i64, is_pending: bool) -> Entry {
    let mut entry = entry();
    let reason = match kind {
        TransactionType::Earn => "1 point per euro",
        TransactionType::Redeem => "Redeemed",
        TransactionType::Expire => "Expired",
        TransactionType::Adjust => "Goodwill",
        TransactionType::Reverse => "Refunded",
    };
    let mut made = Transaction::new(kind, amount, reason);
    made.balance_after = 542;
    match kind {
        TransactionType::Earn | TransactionType::Reverse => {
            made.rule = Some(("rule_01m5x4q8t2v6w9y3zc7e".to_owned(), 1));
        }
        TransactionType::Adjust | TransactionType::Redeem | TransactionType::Expire => {
            entry.payment = None;
        }
    }
    match kind {
        TransactionType::Expire | TransactionType::Reverse => {
            made.of = Some(TransactionId {
                account: entry.account.clone(),
                seq: 5,
                place: 0,
            });
        }
        TransactionType::Earn | TransactionType::Redeem | TransactionType::Adjust => {}
    }
    if kind == TransactionType::Reverse {
        "payment.refunded".clone_into(&mut entry.trigger);
        "re_1001".clone_into(&mut entry.source_id);
    }
    if kind == TransactionType::Adjust {
        "adjustment".clone_into(&mut entry.trigger);
        "adj_1001".clone_into(&mut entry.source_id);
    }
    if is_pending {
        made.available_at = "2026-12-04T10:15:00Z".parse().ok();
    }
    entry.transactions.push(made);
    entry
}

fn credit_entry(kind: TransactionType, amount: i64) -> Entry {
    let mut entry = Entry {
        trigger: CREDIT_ADJUSTMENT.to_owned(),
        source_id: "adj_1001".to_owned(),
        payment: None,
        ..entry()
    };
    let reason = match kind {
        TransactionType::Earn => "€15 for your next order",
        TransactionType::Redeem => "Redeemed",
        TransactionType::Expire => "expired",
        TransactionType::Adjust => "Return without receipt",
        TransactionType::Reverse => "redemption canceled",
    };
    let mut made = CreditTransaction::new(kind, "EUR", amount, reason);
    made.balance_after = 2000;
    match kind {
        TransactionType::Expire => {
            made.of = Some(CreditId(TransactionId {
                account: entry.account.clone(),
                seq: 5,
                place: 0,
            }));
        }
        TransactionType::Redeem | TransactionType::Reverse | TransactionType::Earn => {
            let id = "rdm_01m5x4q8t2v6w9y3zc7d_01m5x4q8t2v6w9y3zc7e8f9g0h";
            "@redemption".clone_into(&mut entry.trigger);
            id.clone_into(&mut entry.source_id);
            made.redemption = Some(id.to_owned());
        }
        TransactionType::Adjust => {}
    }
    entry.credits.push(made);
    entry
}
