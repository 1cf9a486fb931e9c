use laurel_rules::Event;
use serde_json::json;

use super::*;
use crate::fields::{Fields, Origin};

fn read(body: Value) -> Result<Event, Refusal> {
    let Value::Object(body) = body else {
        panic!("no object: {body}");
    };
    let sent = Fields::new(body, Origin::Json).read::<ManualEvent>()?;
    let incoming = incoming(sent, "evt_made".to_owned())?;
    laurel_events::parse(incoming, jiff::Timestamp::UNIX_EPOCH).map_err(in_their_words)
}

#[test]
fn a_body_becomes_an_event() {
    let event = read(json!({
        "brandId": "prog_a", "eventType": "purchase", "userEmail": " Anna@Example.com",
        "metadata": {"order_id": 7, "order_value": 120.5, "items": [{"product_id": "p"}]},
    }));
    let event = event.expect("an event");
    assert_eq!(
        (event.program.as_str(), event.source_id.as_str()),
        ("prog_a", "evt_made")
    );
    assert_eq!(event.member.email.as_deref(), Some("anna@example.com"));
    assert_eq!(event.amount, Some(12050));
    assert_eq!(event.currency, Some(iso_currency::Currency::USD));
    assert_eq!(event.data["metadata"]["order_value"], json!(120.5));
    let named = read(json!({"eventType": "x", "userEmail": "a@b.c", "eventId": "e_1"}));
    let named = named.expect("an event");
    assert_eq!(
        (named.program.as_str(), named.source_id.as_str()),
        ("prog_default", "e_1")
    );
    assert_eq!((named.amount, named.currency), (None, None));
}

#[test]
fn order_values_table() {
    for (metadata, amount) in [
        (json!({"order_value": 19.99}), Some(1999)),
        (json!({"order_value": "19.99"}), Some(1999)),
        (json!({"order_value": 0.1 + 0.2}), Some(30)),
        (json!({"order_value": 0}), Some(0)),
        (json!({"order_value": 1200, "currency": "jpy"}), Some(1200)),
        (json!({"order_value": 1.5, "currency": "KWD"}), Some(1500)),
        (json!({"order_value": null, "currency": 5}), None),
        (json!({"total": 5}), None),
    ] {
        let event = read(json!({
            "eventType": "purchase", "userEmail": "a@b.c", "metadata": metadata,
        }));
        assert_eq!(event.expect("an event").amount, amount, "{metadata}");
    }
}

#[test]
fn what_is_wrong_is_told_by_the_names_of_the_body() {
    let body = |key: &str, value: Value| {
        let mut body = json!({"eventType": "purchase", "userEmail": "a@b.c"});
        body[key] = value;
        body
    };
    for (wrong, code, param) in [
        (json!({"eventType": "x"}), "parameter_missing", "userEmail"),
        (
            json!({"userEmail": "a@b.c"}),
            "parameter_missing",
            "eventType",
        ),
        (
            body("userEmail", json!("anna")),
            "parameter_invalid",
            "userEmail",
        ),
        (
            body("eventType", json!("No")),
            "parameter_invalid",
            "eventType",
        ),
        (
            body("eventType", json!("payment.completed")),
            "parameter_invalid",
            "eventType",
        ),
        (
            body("eventType", json!("payment.failed")),
            "parameter_invalid",
            "eventType",
        ),
        (
            body("eventType", json!("customer.deleted")),
            "parameter_invalid",
            "eventType",
        ),
        (
            body("eventType", json!("loyalty.account.created")),
            "parameter_invalid",
            "eventType",
        ),
        (
            body("brandId", json!("a#b")),
            "parameter_invalid",
            "brandId",
        ),
        (
            body("eventId", json!("a#b")),
            "parameter_invalid",
            "eventId",
        ),
        (
            body("metadata", json!([1])),
            "parameter_invalid",
            "metadata",
        ),
        (
            body("metadata", json!({"loyalty_account": 7})),
            "parameter_invalid",
            "metadata.loyalty_account",
        ),
        (
            body("metadata", json!({"order_value": -1})),
            "parameter_invalid",
            "metadata.order_value",
        ),
        (
            body("metadata", json!({"order_value": true})),
            "parameter_invalid",
            "metadata.order_value",
        ),
        (
            body("metadata", json!({"order_value": 1, "currency": "dollars"})),
            "parameter_invalid",
            "metadata.currency",
        ),
        (
            body("user_email", json!("a@b.c")),
            "parameter_unknown",
            "user_email",
        ),
    ] {
        let refusal = read(wrong.clone()).expect_err("is wrong");
        assert_eq!(
            (refusal.code.as_str(), refusal.param.as_deref()),
            (code, Some(param)),
            "{wrong}"
        );
        assert!(!refusal.message.contains("`data."), "{}", refusal.message);
    }
}
