//! What only a sandbox serves, event types, and what programs say of referrals: what is refused
//! before anything is done.

use axum::http::Method;
use laurel_host::Mode;
use serde_json::{Value, json};

use super::{
    Client,
    refusals::{Refused, check_refused},
};

#[tokio::test]
async fn live_there_is_no_sandbox() {
    let client = Client::in_mode(Mode::Live);
    for (method, path) in [
        (Method::GET, "/v1/sandbox/clock"),
        (Method::POST, "/v1/sandbox/clock"),
        (Method::GET, "/v1/sandbox/payments"),
        (Method::POST, "/v1/sandbox/payments"),
        (Method::GET, "/v1/sandbox/payments/pay_1"),
        (Method::POST, "/v1/sandbox/payments/pay_1/refund"),
    ] {
        let answer = client.call(method.clone(), path, "{}").await;
        let got = (answer.status.as_u16(), answer.code());
        assert_eq!(got, (404, "not_found"), "{method} {path}");
    }
}

#[tokio::test]
async fn refused_clocks() {
    let table: [Refused; 7] = [
        (json!({}), "parameter_missing", "now"),
        (json!({"now": null}), "parameter_invalid", "now"),
        (json!({"now": "tomorrow"}), "parameter_invalid", "now"),
        (json!({"now": "2027-01-01"}), "parameter_invalid", "now"),
        (json!({"now": 1.5}), "parameter_invalid", "now"),
        (
            json!({"now": "2027-01-01T00:00:00Z", "frozen": true}),
            "parameter_unknown",
            "frozen",
        ),
        (
            json!({"now": "2027-01-01T00:00:00Z", "program": "A#B"}),
            "parameter_invalid",
            "program",
        ),
    ];
    check_refused(Method::POST, "/v1/sandbox/clock", &table).await;
}

#[tokio::test]
async fn refused_sandbox_payments() {
    let with = |field: &str, value: Value| {
        let mut body = json!({
            "amount": 5, "currency": "EUR", "card": {"number": "4242424242424242"},
        });
        body[field] = value;
        body
    };
    let table: [Refused; 24] = [
        (json!({}), "parameter_missing", "amount"),
        (json!({"amount": 5}), "parameter_missing", "currency"),
        (
            json!({"amount": 5, "currency": "EUR"}),
            "parameter_missing",
            "card.number",
        ),
        (with("amount", json!(-1)), "parameter_invalid", "amount"),
        (with("amount", json!(1.5)), "parameter_invalid", "amount"),
        (with("amount", json!("5")), "parameter_invalid", "amount"),
        (
            with("amount", json!(i64::MAX)),
            "parameter_invalid",
            "amount",
        ),
        (
            with("currency", json!("XXY")),
            "parameter_invalid",
            "currency",
        ),
        (with("currency", json!(7)), "parameter_invalid", "currency"),
        (with("id", json!("A#B")), "parameter_invalid", "id"),
        (
            with("customer", json!("🎁")),
            "parameter_invalid",
            "customer",
        ),
        (with("account", json!(5)), "parameter_invalid", "account"),
        (with("email", json!("anna")), "parameter_invalid", "email"),
        (
            with("created", json!("now")),
            "parameter_invalid",
            "created",
        ),
        (with("card", json!("4242")), "parameter_invalid", "card"),
        (with("card", json!({})), "parameter_missing", "card.number"),
        (
            with("card", json!({"number": "4111111111111111"})),
            "parameter_invalid",
            "card.number",
        ),
        (
            with("card", json!({"number": "4242424242424242", "pin": "1"})),
            "parameter_unknown",
            "card.pin",
        ),
        (
            with("card_number", json!("4242424242424242")),
            "parameter_unknown",
            "card_number",
        ),
        (
            with("payment_method", json!("pm_card_visa")),
            "parameter_unknown",
            "payment_method",
        ),
        (
            with("metadata", json!("x")),
            "parameter_invalid",
            "metadata",
        ),
        (
            with("line_items", json!({})),
            "parameter_invalid",
            "line_items",
        ),
        (
            with("status", json!("completed")),
            "parameter_unknown",
            "status",
        ),
        (with("tip", json!(1)), "parameter_unknown", "tip"),
    ];
    check_refused(Method::POST, "/v1/sandbox/payments", &table).await;
}

#[tokio::test]
async fn a_number_that_may_be_real_is_not_repeated() {
    let body = json!({"amount": 5, "currency": "EUR", "card": "4111 1111 1111 1111"});
    let answer = Client::new().post("/v1/sandbox/payments", &body).await;
    assert_eq!(answer.status.as_u16(), 400);
    let text = answer.body.to_string();
    assert!(
        !text.contains("4111") && text.contains("4242424242424242"),
        "{text}"
    );
}

#[tokio::test]
async fn refused_event_types() {
    let table: [Refused; 9] = [
        (json!({}), "parameter_missing", "name"),
        (json!({"name": "Sign Up"}), "parameter_invalid", "name"),
        (json!({"name": "x".repeat(65)}), "parameter_invalid", "name"),
        (json!({"name": null}), "parameter_invalid", "name"),
        (
            json!({"name": "signup", "id": "evtype_1"}),
            "parameter_unknown",
            "id",
        ),
        (
            json!({"name": "signup", "schema": "{}"}),
            "parameter_invalid",
            "schema",
        ),
        (
            json!({"name": "signup", "schema": []}),
            "parameter_invalid",
            "schema",
        ),
        (
            json!({"name": "signup", "description": ""}),
            "parameter_invalid",
            "description",
        ),
        (
            json!({"name": "signup", "program": "A#B"}),
            "parameter_invalid",
            "program",
        ),
    ];
    check_refused(Method::POST, "/v1/event_types", &table).await;
    let table: [Refused; 2] = [
        (json!({"name": "other"}), "parameter_unknown", "name"),
        (json!({"program": "prog_2"}), "parameter_unknown", "program"),
    ];
    check_refused(Method::PATCH, "/v1/event_types/signup", &table).await;
}

#[tokio::test]
async fn refused_rule_ids() {
    let with =
        |id: Value| json!({"id": id, "trigger": "signup", "award": {"type": "fixed", "points": 5}});
    let table: [Refused; 4] = [
        (with(json!("abc")), "parameter_invalid", "id"),
        (with(json!("rule_")), "parameter_invalid", "id"),
        (with(json!("rule_A#B")), "parameter_invalid", "id"),
        (with(json!(5)), "parameter_invalid", "id"),
    ];
    check_refused(Method::POST, "/v1/loyalty/earning_rules", &table).await;
    let table: [Refused; 1] = [(json!({"id": "rule_2"}), "parameter_unknown", "id")];
    check_refused(Method::POST, "/v1/loyalty/earning_rules/rule_1", &table).await;
}

#[tokio::test]
async fn refused_settings_of_referrals() {
    const INVALID: &str = "parameter_invalid";
    const UNKNOWN: &str = "parameter_unknown";
    let of = |field: &str, value: Value| json!({ field: value });
    let table: [Refused; 36] = [
        (of("reward", json!(5)), INVALID, "reward"),
        (
            of("reward", json!({"friend": {}})),
            UNKNOWN,
            "reward.friend",
        ),
        (
            of("reward", json!({"referrer": {}})),
            INVALID,
            "reward.referrer",
        ),
        (
            of("reward", json!({"referrer": {"points": 5, "reward": "r"}})),
            INVALID,
            "reward.referrer",
        ),
        (
            of("reward", json!({"referee": {"points": 0}})),
            INVALID,
            "reward.referee.points",
        ),
        (
            of(
                "reward",
                json!({"referee": {"store_credit": {"amount": 5}}}),
            ),
            "parameter_missing",
            "reward.referee.store_credit.currency",
        ),
        (
            of("qualify", json!({"firstPaymentMinimum": -1})),
            INVALID,
            "qualify.firstPaymentMinimum",
        ),
        (
            of("qualify", json!({"first_payment_minimum": 1.5})),
            INVALID,
            "qualify.firstPaymentMinimum",
        ),
        (
            of("qualify", json!({"windowDays": 0})),
            INVALID,
            "qualify.windowDays",
        ),
        (
            of("qualify", json!({"windowDays": 30, "window_days": 30})),
            INVALID,
            "qualify.window_days",
        ),
        (
            of("qualify", json!({"trigger": "No Type"})),
            INVALID,
            "qualify.trigger",
        ),
        (
            of("qualify", json!({"minimum": 5})),
            UNKNOWN,
            "qualify.minimum",
        ),
        (
            of("velocity", json!({"maxConversionsPerWindow": -1})),
            INVALID,
            "velocity.maxConversionsPerWindow",
        ),
        (
            of("velocity", json!({"windowDays": 3651})),
            INVALID,
            "velocity.windowDays",
        ),
        (of("velocity", json!(10)), INVALID, "velocity"),
        (of("code_prefix", json!("anna")), INVALID, "code_prefix"),
        (of("code_prefix", json!("A-B")), INVALID, "code_prefix"),
        (
            of("code_prefix", json!("A".repeat(13))),
            INVALID,
            "code_prefix",
        ),
        (
            of("signup_url", json!("shop.example.com")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("http://shop.example.com/")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("javascript:alert(1)")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("//example.com")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("https://shop@evil.example.com/")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("https://example.com/\r\nx")),
            INVALID,
            "signup_url",
        ),
        (
            of("signup_url", json!("https://example.com/#top")),
            INVALID,
            "signup_url",
        ),
        (
            of(
                "signup_url",
                json!(format!("https://example.com/{}", "x".repeat(2000))),
            ),
            INVALID,
            "signup_url",
        ),
        (of("blocked", json!([])), INVALID, "blocked"),
        (
            of("blocked", json!({"domains": ["nodot"]})),
            INVALID,
            "blocked.domains[0]",
        ),
        (
            of(
                "blocked",
                json!({"disposable": ["a.example", "b .example"]}),
            ),
            INVALID,
            "blocked.disposable[1]",
        ),
        (
            of("blocked", json!({"emails": ["anna"]})),
            INVALID,
            "blocked.emails[0]",
        ),
        (
            of("blocked", json!({"customers": ["A#B"]})),
            INVALID,
            "blocked.customers[0]",
        ),
        (
            of("blocked", json!({"ips": ["127.0.0.1"]})),
            UNKNOWN,
            "blocked.ips",
        ),
        (
            of("redeem_rate", json!({"points": 100})),
            "parameter_missing",
            "redeem_rate.amount",
        ),
        (
            of(
                "redeem_rate",
                json!({"points": 0, "amount": 1, "currency": "EUR"}),
            ),
            INVALID,
            "redeem_rate.points",
        ),
        (
            of(
                "redeem_rate",
                json!({"points": 1, "amount": 1, "currency": "EURO"}),
            ),
            INVALID,
            "redeem_rate.currency",
        ),
        (of("clock", json!("2027-01-01T00:00:00Z")), UNKNOWN, "clock"),
    ];
    check_refused(Method::POST, "/v1/loyalty/programs", &table).await;
    check_refused(Method::PATCH, "/v1/loyalty/programs/prog_1", &table).await;
}
