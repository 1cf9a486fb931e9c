//! What is taken in and what is refused, as tables; and that nothing makes parsing panic.

use jiff::Timestamp;
use laurel_events::{Incoming, from_api, from_envelope, json::parse_strict, parse};
use laurel_rules::{Event, Refusal, event::Intent};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn now() -> Timestamp {
    "2026-11-22T12:00:00.123Z".parse().expect("a time")
}

fn read(event_type: &str, data: &str) -> Result<Event, Refusal> {
    let data = parse_strict(data.as_bytes())?;
    parse(from_api(json!({"type": event_type, "data": data}))?, now())
}

/// `type | data | what comes of it`: `ok`, or code and param.
#[test]
fn events_are_taken_or_refused_with_the_path_of_what_is_wrong() {
    let long = "x".repeat(3000);
    let table = r#"
payment.completed | {"id":"pay_1","amount":1050,"currency":"EUR"} | ok
payment.completed | {"id":"pay_1","amount":0,"currency":"eur"} | ok
payment.completed | {"id":"pay_1","amount":9007199254740991,"currency":"KWD"} | ok
payment.completed | {"id":"pay_1","amount":1,"currency":"EUR","customer":null,"line_items":null} | ok
payment.completed | {"amount":1,"currency":"EUR"} | parameter_missing data.id
payment.completed | {"id":null,"amount":1,"currency":"EUR"} | parameter_missing data.id
payment.completed | {"id":"","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":7,"amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"A#B","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"%00","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"\u0000","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"pay_😀","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"LONG","amount":1,"currency":"EUR"} | parameter_invalid data.id
payment.completed | {"id":"p","currency":"EUR"} | parameter_missing data.amount
payment.completed | {"id":"p","amount":-1,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":-0,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":10.5,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":10.0,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":1e2,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":9007199254740992,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":1e300,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":1e400,"currency":"EUR"} | body_invalid
payment.completed | {"id":"p","amount":NaN,"currency":"EUR"} | body_invalid
payment.completed | {"id":"p","amount":1,"amount":2,"currency":"EUR"} | body_invalid
payment.completed | {"id":"p","amount":"1","currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":true,"currency":"EUR"} | parameter_invalid data.amount
payment.completed | {"id":"p","amount":1} | parameter_missing data.currency
payment.completed | {"id":"p","amount":1,"currency":"XYZ"} | parameter_invalid data.currency
payment.completed | {"id":"p","amount":1,"currency":"EURO"} | parameter_invalid data.currency
payment.completed | {"id":"p","amount":1,"currency":"€"} | parameter_invalid data.currency
payment.completed | {"id":"p","amount":1,"currency":978} | parameter_invalid data.currency
payment.completed | {"id":"p","amount":1,"currency":"EUR","customer":"a b"} | parameter_invalid data.customer
payment.completed | {"id":"p","amount":1,"currency":"EUR","account":["loy_1"]} | parameter_invalid data.account
payment.completed | {"id":"p","amount":1,"currency":"EUR","metadata":"x"} | parameter_invalid data.metadata
payment.completed | {"id":"p","amount":1,"currency":"EUR","metadata":{"loyalty_account":"A#B"}} | parameter_invalid data.metadata.loyalty_account
payment.completed | {"id":"p","amount":1,"currency":"EUR","email":"anna"} | parameter_invalid data.email
payment.completed | {"id":"p","amount":1,"currency":"EUR","email":"a@b@c"} | parameter_invalid data.email
payment.completed | {"id":"p","amount":1,"currency":"EUR","email":"an na@example.com"} | parameter_invalid data.email
payment.completed | {"id":"p","amount":1,"currency":"EUR","program":"A#B"} | parameter_invalid data.program
payment.completed | {"id":"p","amount":1,"currency":"EUR","occurred_at":"yesterday"} | parameter_invalid data.occurred_at
payment.completed | {"id":"p","amount":1,"currency":"EUR","occurred_at":1793700900} | parameter_invalid data.occurred_at
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":1793700900} | ok
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":1e9} | parameter_invalid data.created
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":9223372036854775807} | parameter_invalid data.created
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":"1969-12-31T23:59:59Z"} | parameter_invalid data.created
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":"2026-02-30T00:00:00Z"} | parameter_invalid data.created
payment.completed | {"id":"p","amount":1,"currency":"EUR","created":"2026-11-03T10:15:00"} | parameter_invalid data.created
payment.completed | {"id":"p","amount":1,"currency":"EUR","line_items":{}} | parameter_invalid data.line_items
payment.completed | {"id":"p","amount":1,"currency":"EUR","line_items":[{},{},7]} | parameter_invalid data.line_items[2]
payment.completed | {"id":"p","amount":1,"currency":"EUR","line_items":[{},{},{"amount":-5}]} | parameter_invalid data.line_items[2].amount
payment.completed | {"id":"p","amount":1,"currency":"EUR","line_items":[{"quantity":0.5}]} | parameter_invalid data.line_items[0].quantity
payment.completed | {"id":"p","amount":1,"currency":"EUR","line_items":[{"category":5}]} | parameter_invalid data.line_items[0].category
payment.refunded | {"id":"re_1","payment":"pay_1"} | ok
payment.refunded | {"id":"re_1","payment":"pay_1","amount":0} | ok
payment.refunded | {"id":"re_1","payment":"pay_1","line_items":[{"amount":-5}]} | ok
payment.refunded | {"id":"re_1"} | parameter_missing data.payment
payment.refunded | {"payment":"pay_1"} | parameter_missing data.id
payment.refunded | {"id":"re_1","payment":"pay_1","amount":-5} | parameter_invalid data.amount
payment.disputed | {"id":"dp_1","payment":"pay_1","status":"won"} | ok
payment.disputed | {"id":"dp_1","payment":"pay_1"} | parameter_missing data.status
payment.disputed | {"id":"dp_1","status":"lost"} | parameter_missing data.payment
payment.failed | {"id":"pay_1"} | ok
invoice.paid | {"id":"in_1","amount":4900,"currency":"EUR"} | ok
invoice.paid | {"id":"in_1","currency":"EUR"} | parameter_missing data.amount
subscription.created | {"id":"sub_1","plan":"p"} | ok
subscription.created | {"plan":"p"} | parameter_missing data.id
customer.created | {"id":"cust_1","email":" Anna@Example.com "} | ok
customer.created | {"email":"anna@example.com"} | parameter_missing data.id
customer.deleted | {"id":"cust_1"} | ok
loyalty.account.created | {"id":"loy_1","metadata":"anything"} | ok
loyalty.account.created | {} | parameter_missing data.id
review_submitted | {"id":"rev_1"} | ok
review_submitted | {} | parameter_missing data.id
review_submitted | {"id":"rev_1","amount":1.5} | parameter_invalid data.amount
Review | {"id":"r"} | parameter_invalid type
review-submitted | {"id":"r"} | parameter_invalid type
"#;
    for line in table.lines().filter(|line| !line.is_empty()) {
        let [event_type, data, expected] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}");
        };
        let got = match read(event_type, &data.replace("LONG", &long)) {
            Ok(_) => "ok".to_owned(),
            Err(refusal) => {
                assert!(
                    refusal.message.ends_with('.'),
                    "a sentence: {}",
                    refusal.message
                );
                assert!(refusal.message.len() < 400, "{}", refusal.message);
                let param = refusal
                    .param
                    .map(|param| format!(" {param}"))
                    .unwrap_or_default();
                format!("{}{param}", refusal.code.as_str())
            }
        };
        assert_eq!(got, expected, "{line}");
    }
}

#[test]
fn the_api_form_is_checked_too() {
    let cases = [
        (json!([]), "body_invalid"),
        (json!({}), "parameter_missing type"),
        (json!({"type": 5, "data": {}}), "parameter_invalid type"),
        (json!({"type": "a"}), "parameter_missing data"),
        (json!({"type": "a", "data": []}), "parameter_invalid data"),
        (
            json!({"type": "a", "data": {}, "dta": {}}),
            "parameter_unknown dta",
        ),
        (
            json!({"type": "a", "data": {}, "id": "A#B"}),
            "parameter_invalid id",
        ),
        (
            json!({"type": "a", "data": {}, "program": ""}),
            "parameter_invalid program",
        ),
        (
            json!({"type": "a", "data": {}, "occurred_at": 5}),
            "parameter_invalid occurred_at",
        ),
    ];
    for (value, expected) in cases {
        let refusal = from_api(value.clone()).expect_err("refused");
        let param = refusal
            .param
            .map(|param| format!(" {param}"))
            .unwrap_or_default();
        assert_eq!(
            format!("{}{param}", refusal.code.as_str()),
            expected,
            "{value}"
        );
    }
    let two = json!({"type": "a", "program": "p", "data": {"id": "x", "program": "q"}});
    let refusal = parse(from_api(two).expect("an event"), now()).expect_err("refused");
    assert_eq!(refusal.param.as_deref(), Some("data.program"));
}

#[test]
fn the_envelope_is_checked_too() {
    let cases = [
        (json!("x"), "body_invalid detail-type"),
        (
            json!({"id": "pay_1", "amount": 5}),
            "body_invalid detail-type",
        ),
        (json!({"detail-type": "a"}), "parameter_missing detail"),
        (
            json!({"detail-type": "A", "detail": {}}),
            "parameter_invalid detail-type",
        ),
        (
            json!({"detail-type": "a", "detail": "{}"}),
            "parameter_invalid detail",
        ),
        (
            json!({"detail-type": "a", "detail": {}, "time": "x"}),
            "parameter_invalid time",
        ),
        (
            json!({"detail-type": "a", "source": "laurel", "detail": {}}),
            "parameter_missing detail.data",
        ),
    ];
    for (value, expected) in cases {
        let refusal = from_envelope(value.clone()).expect_err("refused");
        let param = refusal
            .param
            .map(|param| format!(" {param}"))
            .unwrap_or_default();
        assert_eq!(
            format!("{}{param}", refusal.code.as_str()),
            expected,
            "{value}"
        );
    }
}

fn on_the_bus(value: Value) -> Event {
    parse(from_envelope(value).expect("an envelope"), now()).expect("an event")
}

#[test]
fn a_payment_is_understood() {
    let event = read(
        "payment.completed",
        r#"{"id":"pay_1","amount":4250,"currency":"eur","customer":"cust_anna","account":"loy_2",
            "email":" ANNA@Example.com","created":"2026-11-03T10:15:00.123456+01:00",
            "program":"prog_x","amount_net":4000,
            "line_items":[{"product":"p","category":"tea","quantity":2,"amount":1300},{}],
            "metadata":{"loyalty_account":"loy_1"}}"#,
    )
    .expect("an event");
    assert_eq!(event.source_id, "pay_1");
    assert_eq!(event.program, "prog_x");
    assert_eq!(event.occurred_at.to_string(), "2026-11-03T09:15:00.123Z");
    assert_eq!(event.member.accounts, ["loy_1", "loy_2"]);
    assert_eq!(event.member.customer.as_deref(), Some("cust_anna"));
    assert_eq!(event.member.email.as_deref(), Some("anna@example.com"));
    assert_eq!(
        (event.amount, event.currency.map(|c| c.code())),
        (Some(4250), Some("EUR"))
    );
    assert_eq!(event.line_items.len(), 2);
    assert_eq!(
        (event.line_items[0].quantity, event.line_items[0].amount),
        (2, 1300)
    );
    assert_eq!(
        (event.line_items[1].quantity, event.line_items[1].amount),
        (1, 0)
    );
    assert_eq!(event.data["amount_net"], 4000);
    assert_eq!(event.intent, Intent::Earn);
    assert_eq!(event.content.len(), 32);
}

#[test]
fn intents_follow_the_type() {
    let refund = |amount| Intent::Refund {
        payment: "pay_1".to_owned(),
        amount,
    };
    let cases = [
        (
            "payment.refunded",
            r#"{"id":"re","payment":"pay_1","amount":5}"#,
            refund(Some(5)),
        ),
        (
            "payment.refunded",
            r#"{"id":"re","payment":"pay_1"}"#,
            refund(None),
        ),
        (
            "payment.disputed",
            r#"{"id":"dp","payment":"pay_1","status":"lost","amount":5}"#,
            refund(None),
        ),
        (
            "payment.disputed",
            r#"{"id":"dp","payment":"pay_1","status":"needs_response"}"#,
            Intent::Ignore,
        ),
        ("payment.failed", r#"{"id":"pay_1"}"#, Intent::Ignore),
        ("customer.updated", r#"{"id":"c"}"#, Intent::Ignore),
        (
            "customer.updated",
            r#"{"id":"c","email":"Anna@Example.com"}"#,
            Intent::Update {
                email: "anna@example.com".to_owned(),
            },
        ),
        ("customer.deleted", r#"{"id":"c"}"#, Intent::Close),
        ("customer.created", r#"{"id":"c"}"#, Intent::Earn),
        ("anything_else", r#"{"id":"c"}"#, Intent::Earn),
    ];
    for (event_type, data, expected) in cases {
        assert_eq!(
            read(event_type, data).expect("an event").intent,
            expected,
            "{data}"
        );
    }
    let customer = read("customer.created", r#"{"id":"cust_1"}"#).expect("an event");
    assert_eq!(customer.member.customer.as_deref(), Some("cust_1"));
}

#[test]
fn the_envelope_stands_in_where_the_data_is_silent() {
    let bare = |detail: Value| {
        json!({"detail-type": "review_submitted", "source": "shop", "id": "e-1",
               "time": "2026-11-18T19:45:00Z", "account": "123456789012", "detail": detail})
    };
    let event = on_the_bus(bare(json!({"customer": "c"})));
    assert_eq!(event.source_id, "e-1");
    assert_eq!(event.program, "prog_default");
    assert_eq!(event.occurred_at.to_string(), "2026-11-18T19:45:00Z");
    assert!(
        event.member.accounts.is_empty(),
        "the AWS account is nobody's loyalty account"
    );
    let event = on_the_bus(bare(
        json!({"id": "rev_1", "created": "2026-11-01T00:00:00Z"}),
    ));
    assert_eq!(event.source_id, "rev_1");
    assert_eq!(event.occurred_at.to_string(), "2026-11-01T00:00:00Z");
    let event = read("review_submitted", r#"{"id":"rev_1"}"#).expect("an event");
    assert_eq!(event.occurred_at, now());
}

#[test]
fn what_laurel_emits_is_never_rewarded_except_a_new_account() {
    let own = |event_type: &str, data: Value| {
        json!({"detail-type": event_type, "source": "laurel", "id": "e-1",
               "detail": {"id": "evt_a_1_c0", "object": "event", "type": event_type,
                          "created": "2026-11-18T19:45:00.5Z", "program": "prog_x",
                          "data": data}})
    };
    let data = json!({"id": "loy_a", "customer": "c d", "created": "x",
                      "metadata": {"loyalty_account": "loy_b"}});
    let event = on_the_bus(own("loyalty.account.created", data));
    assert_eq!(
        (event.source_id.as_str(), event.program.as_str()),
        ("loy_a", "prog_x")
    );
    assert_eq!(event.member.accounts, ["loy_a"]);
    assert_eq!((event.intent, event.content.as_str()), (Intent::Earn, ""));
    assert_eq!(event.occurred_at.to_string(), "2026-11-18T19:45:00.5Z");

    let event = on_the_bus(own(
        "loyalty.points.earned",
        json!({"points": 5, "amount": -1}),
    ));
    assert_eq!(event.intent, Intent::Ignore);
    assert_eq!(event.source_id, "evt_a_1_c0");
}

#[test]
fn an_event_of_the_api_comes_over_the_bus_unchanged() {
    let api = json!({"type": "review_submitted", "id": "rev_1", "program": "prog_x",
                     "occurred_at": "2026-11-18T19:45:00.123Z", "data": {"customer": "c"}});
    let direct = from_api(api).expect("an event");
    let detail = direct.clone().into_detail();
    let carried = on_the_bus(
        json!({"detail-type": "review_submitted", "source": "laurel.api",
        "id": "other", "time": "2026-11-18T19:45:00Z", "detail": detail}),
    );
    let direct = parse(direct, now()).expect("an event");
    assert_eq!(
        Event {
            data: Map::new(),
            ..carried
        },
        Event {
            data: Map::new(),
            ..direct
        }
    );
}

#[test]
fn data_is_bounded() {
    let items = |count: usize| json!({"id": "x", "line_items": vec![json!({}); count]}).to_string();
    assert!(read("a", &items(500)).is_ok());
    assert_eq!(
        read("a", &items(501))
            .expect_err("refused")
            .param
            .as_deref(),
        Some("data.line_items")
    );
    let text = |len: usize| json!({"id": "x", "text": "x".repeat(len)}).to_string();
    assert!(read("a", &text(262_000)).is_ok());
    let refusal = read("a", &text(262_144)).expect_err("refused");
    assert_eq!(refusal.code.as_str(), "body_too_large");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z_]{1,8}".prop_map(Value::from),
        Just(json!("EUR")),
        Just(json!("2026-11-03T10:15:00Z")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            Just("id".to_owned()),
            Just("amount".to_owned()),
            Just("metadata".to_owned()),
            Just("loyalty_account".to_owned()),
            ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_data() -> impl Strategy<Value = Map<String, Value>> {
    let names = [
        "id",
        "amount",
        "currency",
        "customer",
        "account",
        "email",
        "line_items",
        "metadata",
        "created",
        "occurred_at",
        "program",
        "payment",
        "status",
        "x",
    ];
    prop::collection::btree_map(prop::sample::select(names.to_vec()), any_json(), 0..8).prop_map(
        |map| {
            map.into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_parsing_panic(
        value in any_json(),
        data in any_data(),
        event_type in prop_oneof![
            prop::sample::select(vec![
                "payment.completed", "payment.refunded", "payment.disputed", "customer.created",
                "loyalty.account.created", "loyalty.points.earned", "review_submitted",
            ]).prop_map(str::to_owned),
            ".{0,5}",
        ],
        own in any::<bool>(),
        text in ".{0,40}",
    ) {
        let _ = parse_strict(text.as_bytes());
        let _ = from_api(value.clone());
        let _ = from_envelope(value.clone());
        let source = if own { "laurel" } else { "shop" };
        let envelope = json!({"detail-type": event_type, "source": source, "detail": value});
        if let Ok(incoming) = from_envelope(envelope) {
            let _ = parse(incoming, now());
        }
        let incoming = Incoming { event_type, data, own, ..Incoming::default() };
        if let Ok(event) = parse(incoming, now()) {
            prop_assert!(event.amount.is_none_or(|amount| amount >= 0));
            prop_assert!(!event.source_id.contains('#') && event.source_id.len() <= 200);
        }
    }

    #[test]
    fn strict_reading_reads_what_plain_reading_does(value in any_json()) {
        let text = value.to_string();
        let plain: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(parse_strict(text.as_bytes()), Ok(plain));
    }
}
