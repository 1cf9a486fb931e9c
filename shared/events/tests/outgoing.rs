//! What is announced of an entry, word for word.

use std::collections::BTreeMap;

use laurel_events::{EVENT_BYTES_MAX, object, outgoing};
use laurel_rules::{
    Code, Entry, EventOutcome, Outcome, Refusal, Transaction,
    entry::{Change, TransactionType},
    id::TransactionId,
    store_credit::CreditBalance,
};
use serde_json::json;

fn entry(trigger: &str, source_id: &str, transactions: Vec<Transaction>) -> Entry {
    let at = |text: &str| text.parse().expect("a time");
    Entry {
        account: "loy_anna".to_owned(),
        seq: 7,
        program: "prog_default".to_owned(),
        trigger: trigger.to_owned(),
        source_id: source_id.to_owned(),
        payment: None,
        occurred_at: at("2026-11-03T10:15:00Z"),
        created: at("2026-11-03T10:15:02.5Z"),
        changes: Vec::new(),
        transactions,
        credits: Vec::new(),
        seal: Some(laurel_rules::entry::Seal([0xab; 32])),
    }
}

fn earn(points: i64) -> Transaction {
    Transaction {
        rule: Some(("rule_1".to_owned(), 3)),
        balance_after: 542,
        lifetime: true,
        ..Transaction::new(TransactionType::Earn, points, "Purchase")
    }
}

#[test]
fn an_award_is_announced_with_its_account_points_rule_and_transaction() {
    let entry = Entry {
        payment: Some("pay_1".to_owned()),
        ..entry("payment.completed", "pay_1", vec![earn(42)])
    };
    let events = outgoing(&entry);
    let [event] = &events[..] else {
        panic!("one event: {events:?}")
    };
    assert_eq!(event.account, "loy_anna");
    assert_eq!(
        event.envelope(),
        json!({
            "id": "evt_anna_7_0",
            "object": "event",
            "type": "loyalty.points.earned",
            "created": "2026-11-03T10:15:02.5Z",
            "program": "prog_default",
            "data": {
                "account": "loy_anna",
                "points": 42,
                "rule": "rule_1",
                "transaction": "ptx_anna_7_0",
                "type": "earn",
                "amount": 42,
                "rule_version": 3,
                "reason": "Purchase",
                "source": {"type": "payment", "id": "pay_1"},
                "payment": "pay_1",
                "redemption": null,
                "referral": null,
                "status": "posted",
                "available_at": null,
                "expires_at": null,
                "occurred_at": "2026-11-03T10:15:00Z",
                "balance_after": 542,
                "seal": "ab".repeat(32),
                "metadata": {},
            },
        })
    );
}

#[test]
fn each_transaction_has_its_type_and_its_place_in_the_id() {
    let made = |kind, amount| Transaction::new(kind, amount, "r");
    let later = "2026-12-03T00:00:00Z".parse().ok();
    let entry = entry(
        "expiry",
        "loy_anna",
        vec![
            Transaction {
                available_at: later,
                ..earn(1)
            },
            earn(2),
            made(TransactionType::Redeem, -3),
            made(TransactionType::Expire, -4),
            made(TransactionType::Adjust, 5),
            made(TransactionType::Reverse, -6),
        ],
    );
    let told: Vec<String> = outgoing(&entry)
        .iter()
        .map(|event| format!("{} {} {}", event.id, event.event_type, event.data["points"]))
        .collect();
    assert_eq!(
        told,
        [
            "evt_anna_7_0 loyalty.points.pending 1",
            "evt_anna_7_1 loyalty.points.earned 2",
            "evt_anna_7_2 loyalty.points.redeemed -3",
            "evt_anna_7_3 loyalty.points.expired -4",
            "evt_anna_7_4 loyalty.points.adjusted 5",
            "evt_anna_7_5 loyalty.points.reversed -6",
        ]
    );
}

#[test]
fn a_change_of_an_account_comes_before_its_points() {
    let metadata = BTreeMap::from([("name".to_owned(), "Anna".to_owned())]);
    let customer = Some("cust_anna".to_owned());
    let created = Change::Created {
        customer,
        metadata,
        request: String::new(),
    };
    let entry = Entry {
        changes: vec![created],
        ..entry("loyalty.account.created", "loy_anna", vec![earn(500)])
    };
    let events = outgoing(&entry);
    let told: Vec<_> = events
        .iter()
        .map(|e| (e.id.as_str(), e.event_type.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("evt_anna_7_c0", "loyalty.account.created"),
            ("evt_anna_7_0", "loyalty.points.earned"),
        ]
    );
    assert_eq!(
        events[0].data,
        json!({
            "id": "loy_anna",
            "object": "loyalty_account",
            "program": "prog_default",
            "customer": "cust_anna",
            "status": "active",
            "metadata": {"name": "Anna"},
            "created": "2026-11-03T10:15:02.5Z",
        })
    );
    let updated = Entry {
        changes: vec![Change::Updated {
            fields: vec!["email".to_owned()],
        }],
        transactions: Vec::new(),
        ..entry
    };
    let events = outgoing(&updated);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event_type, "loyalty.account.updated");
    assert_eq!(events[0].data["updated_fields"], json!(["email"]));
}

#[test]
fn the_transaction_tells_what_stands_behind_it() {
    let of = TransactionId::parse("ptx_anna_3_1");
    let expired_at = "2026-11-02T00:00:00Z".parse().ok();
    let entry = entry(
        "payment.refunded",
        "re_1",
        vec![
            Transaction {
                of: of.clone(),
                written_off: Some(4),
                ..Transaction::new(TransactionType::Reverse, -6, "payment.refunded")
            },
            Transaction {
                of,
                occurred_at: expired_at,
                ..Transaction::new(TransactionType::Expire, -6, "expired")
            },
            Transaction {
                uncapped_points: Some(9),
                ..earn(5)
            },
            Transaction {
                metadata: BTreeMap::from([("ticket".to_owned(), "T-1".to_owned())]),
                ..Transaction::new(TransactionType::Adjust, 5, "goodwill")
            },
        ],
    );
    let [reverse, expire, capped, adjust] =
        [0, 1, 2, 3].map(|place| object::transaction(&entry, place, "posted"));
    assert_eq!(reverse["reverses"], "ptx_anna_3_1");
    assert_eq!(reverse["source"], json!({"type": "refund", "id": "re_1"}));
    assert_eq!(reverse["metadata"], json!({"written_off": 4}));
    assert_eq!(
        expire["source"],
        json!({"type": "transaction", "id": "ptx_anna_3_1"})
    );
    assert_eq!(expire["occurred_at"], "2026-11-02T00:00:00Z");
    assert_eq!(expire.get("reverses"), None);
    assert_eq!(
        capped["metadata"],
        json!({"capped": true, "uncapped_points": 9})
    );
    assert_eq!(adjust["metadata"], json!({"ticket": "T-1"}));
    assert_eq!(adjust["rule"], json!(null));
    assert_eq!(object::transaction(&entry, 4, "posted"), json!(null));
}

#[test]
fn answers_say_no_more_than_there_is() {
    let entry = entry("payment.completed", "pay_1", vec![earn(42)]);
    let awarded = EventOutcome {
        outcome: Outcome::Awarded,
        duplicate: true,
        account: Some("loy_anna".to_owned()),
        transactions: entry.transaction_ids(),
    };
    assert_eq!(
        object::outcome(&awarded),
        json!({"object": "event_outcome", "outcome": "awarded", "duplicate": true,
               "account": "loy_anna", "transactions": ["ptx_anna_7_0"]})
    );
    let unlinked = EventOutcome::without_effect(Outcome::Unlinked, None);
    assert_eq!(
        object::outcome(&unlinked),
        json!({"object": "event_outcome", "outcome": "unlinked"})
    );
    let refusal = Refusal::new(Code::ParameterInvalid, "No.").at("data.amount");
    assert_eq!(
        object::refused(&refusal),
        json!({"object": "event_outcome", "outcome": "refused", "error": {
            "type": "invalid_request_error", "code": "parameter_invalid", "message": "No.",
            "param": "data.amount"}})
    );
}

#[test]
fn the_turns_of_an_accounts_life_are_announced_once() {
    let told = |change: Change| {
        let entry = Entry {
            changes: vec![change],
            ..entry("loyalty.account.changed", "loy_anna", Vec::new())
        };
        let events = outgoing(&entry).into_iter();
        let told = events.map(|event| (event.event_type, event.data));
        told.collect::<Vec<_>>()
    };
    let account = |status: &str| {
        json!({"id": "loy_anna", "object": "loyalty_account", "program": "prog_default",
            "status": status})
    };
    assert_eq!(
        told(Change::Closed),
        [("loyalty.account.closed".to_owned(), account("closed"))]
    );
    assert_eq!(
        told(Change::Reopened),
        [("loyalty.account.reopened".to_owned(), account("active"))]
    );
    let merged = Change::Merged {
        source: "loy_guest".to_owned(),
        points: 20,
        pending: 5,
        lifetime_points: 40,
        store_credit: vec![CreditBalance {
            currency: "EUR".to_owned(),
            balance: -3,
            reserved: 7,
        }],
    };
    let data = json!({"source": "loy_guest", "target": "loy_anna", "account": "loy_anna",
        "points": 20, "pending": 5, "lifetime_points": 40,
        "store_credit": [{"currency": "EUR", "balance": -3, "reserved": 7}]});
    assert_eq!(told(merged), [("loyalty.account.merged".to_owned(), data)]);
    let ended = Change::MergedInto {
        target: "loy_bert".to_owned(),
        request: "r".to_owned(),
    };
    assert_eq!(told(ended), []);
}

#[test]
fn what_another_account_earned_keeps_its_name() {
    let made = Transaction {
        of: TransactionId::parse("ptx_guest_3_1"),
        ..Transaction::new(TransactionType::Reverse, -5, "payment.refunded")
    };
    let entry = entry("payment.refunded", "re_1", vec![made]);
    assert_eq!(
        object::transaction(&entry, 0, "posted")["reverses"],
        "ptx_guest_3_1"
    );
}

#[test]
fn no_event_is_larger_than_20_kb() {
    let large = |length: usize| -> BTreeMap<String, String> {
        let keys = (0..50).map(|key| (format!("key_{key:036}"), "ü".repeat(length)));
        keys.collect()
    };
    for (length, is_omitted) in [(0, false), (100, false), (200, true), (500, true)] {
        let earned = Transaction {
            metadata: large(length),
            uncapped_points: Some(50),
            ..earn(42)
        };
        let created = Change::Created {
            customer: None,
            metadata: large(length),
            request: String::new(),
        };
        let entry = Entry {
            changes: vec![created],
            ..entry("payment.completed", "pay_1", vec![earned])
        };
        let events = outgoing(&entry);
        assert_eq!(events.len(), 2);
        for event in events {
            assert!(event.envelope().to_string().len() <= EVENT_BYTES_MAX);
            let metadata = event.data["metadata"].as_object().expect("an object");
            assert_eq!(event.data.get("metadata_omitted").is_some(), is_omitted);
            assert_eq!(
                metadata.contains_key("key_000000000000000000000000000000000000"),
                !is_omitted
            );
            if event.event_type == "loyalty.points.earned" {
                assert_eq!(metadata["uncapped_points"], 50);
            }
        }
    }
}
