//! Bodies that are refused before anything is done, each with its code and its param.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use super::Client;

/// A body and the refusal that it meets: code and param.
pub(super) type Refused = (Value, &'static str, &'static str);

pub(super) async fn check_refused(method: Method, path: &str, table: &[Refused]) {
    let client = Client::new();
    for (body, code, param) in table {
        let answer = client.call(method.clone(), path, body.to_string()).await;
        let got = (
            answer.status.as_u16(),
            answer.code(),
            answer.param().unwrap_or_default(),
        );
        assert_eq!(got, (400, *code, *param), "{method} {path} {body}");
    }
}

#[tokio::test]
async fn refused_programs() {
    let table = [
        (json!([]), "body_invalid", ""),
        (json!({"id": "program"}), "parameter_invalid", "id"),
        (json!({"id": "prog_"}), "parameter_invalid", "id"),
        (json!({"id": "prog_A#B"}), "parameter_invalid", "id"),
        (json!({"name": ""}), "parameter_invalid", "name"),
        (json!({"name": null}), "parameter_invalid", "name"),
        (
            json!({"timezone": "Mars/Olympus"}),
            "parameter_invalid",
            "timezone",
        ),
        (json!({"rounding": "up"}), "parameter_invalid", "rounding"),
        (
            json!({"auto_enroll": "yes"}),
            "parameter_invalid",
            "auto_enroll",
        ),
        (
            json!({"pending_days": -1}),
            "parameter_invalid",
            "pending_days",
        ),
        (
            json!({"pending_days": 3651}),
            "parameter_invalid",
            "pending_days",
        ),
        (json!({"expires": {}}), "parameter_invalid", "expires"),
        (json!({"expires": "P12M"}), "parameter_invalid", "expires"),
        (
            json!({"expires": {"after": "12 months"}}),
            "parameter_invalid",
            "expires.after",
        ),
        (
            json!({"expires": {"after": "P1M", "round": "week"}}),
            "parameter_invalid",
            "expires.round",
        ),
        (
            json!({"expires": {"after": "P1M", "inactivity": "P1M"}}),
            "parameter_invalid",
            "expires",
        ),
        (
            json!({"expires": {"inactivity": "P1M", "round": "day"}}),
            "parameter_invalid",
            "expires",
        ),
        (
            json!({"expires": {"until": "x"}}),
            "parameter_unknown",
            "expires.until",
        ),
        (json!({"salt": "x"}), "parameter_unknown", "salt"),
        (
            json!({"budget": {"points": 0}}),
            "parameter_invalid",
            "budget.points",
        ),
        (
            json!({"budget": {"window": "month"}}),
            "parameter_missing",
            "budget.points",
        ),
        (
            json!({"budget": {"points": 5, "window": "year"}}),
            "parameter_invalid",
            "budget.window",
        ),
        (json!({"balance": 5}), "parameter_unknown", "balance"),
    ];
    check_refused(Method::POST, "/v1/loyalty/programs", &table).await;
    let table = [(json!({"id": "prog_2"}), "parameter_unknown", "id")];
    check_refused(Method::PATCH, "/v1/loyalty/programs/prog_1", &table).await;
}

#[tokio::test]
async fn refused_campaigns() {
    let with = |field: &str, value: serde_json::Value| json!({"multiplier": 2, field: value});
    let hours = |range: serde_json::Value| with("schedule", json!({"hours": [range]}));
    let invalid = "parameter_invalid";
    let table = [
        (json!({"name": "n"}), "parameter_missing", "multiplier"),
        (json!({"multiplier": -1}), invalid, "multiplier"),
        (json!({"multiplier": "x"}), invalid, "multiplier"),
        (with("id", json!("weekend")), invalid, "id"),
        (with("id", json!("camp_a#b")), invalid, "id"),
        (with("when", json!(true)), invalid, "when"),
        (with("triggers", json!([])), invalid, "triggers"),
        (with("triggers", json!(["A B"])), invalid, "triggers[0]"),
        (with("rules", json!(["rule_1", "a#b"])), invalid, "rules[1]"),
        (
            json!({"multiplier": 2, "starts_at": "2026-12-01T00:00:00Z",
                "ends_at": "2026-12-01T00:00:00Z"}),
            invalid,
            "ends_at",
        ),
        (
            with("schedule", json!({"weekdays": ["monday", "x"]})),
            invalid,
            "schedule.weekdays[1]",
        ),
        (
            with("schedule", json!({"days": ["monday"]})),
            "parameter_unknown",
            "schedule.days",
        ),
        (
            hours(json!({"from": "18:00"})),
            "parameter_missing",
            "schedule.hours[0].to",
        ),
        (
            hours(json!({"from": "25:00", "to": "26:00"})),
            invalid,
            "schedule.hours[0].from",
        ),
        (
            hours(json!({"from": "18:00", "to": "18:00"})),
            invalid,
            "schedule.hours[0].to",
        ),
        (
            hours(json!({"from": "18:00", "to": "20:00", "till": "x"})),
            "parameter_unknown",
            "schedule.hours[0].till",
        ),
        (
            with("budget", json!({"points": 0})),
            invalid,
            "budget.points",
        ),
        (
            json!({"multiplier": 1, "budget": {"points": 5}}),
            invalid,
            "multiplier",
        ),
    ];
    check_refused(Method::POST, "/v1/loyalty/campaigns", &table).await;
}

#[tokio::test]
async fn refused_accounts() {
    let create = [
        (json!({"customer": ""}), "parameter_invalid", "customer"),
        (json!({"customer": 5}), "parameter_invalid", "customer"),
        (json!({"customer": "A#B"}), "parameter_invalid", "customer"),
        (
            json!({"customer": "x".repeat(3000)}),
            "parameter_invalid",
            "customer",
        ),
        (json!({"customer": "🎁"}), "parameter_invalid", "customer"),
        (json!({"email": "anna"}), "parameter_invalid", "email"),
        (json!({"program": null}), "parameter_invalid", "program"),
        (
            json!({"metadata": {"k": []}}),
            "parameter_invalid",
            "metadata.k",
        ),
        (json!({"balance": 5}), "parameter_unknown", "balance"),
        (
            json!({"lifetime_points": 5}),
            "parameter_unknown",
            "lifetime_points",
        ),
        (json!({"status": "closed"}), "parameter_unknown", "status"),
        (json!({"nme": "x"}), "parameter_unknown", "nme"),
    ];
    check_refused(Method::POST, "/v1/loyalty/accounts", &create).await;
    let update = [
        (json!({"program": "prog_2"}), "parameter_unknown", "program"),
        (json!({"balance": 5}), "parameter_unknown", "balance"),
    ];
    for method in [Method::POST, Method::PATCH] {
        check_refused(method, "/v1/loyalty/accounts/loy_1", &update).await;
    }
}

#[tokio::test]
async fn refused_earning_rules() {
    let with = |name: &str, value: Value| {
        let mut rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}});
        rule[name] = value;
        rule
    };
    let table = [
        (json!({}), "parameter_missing", "trigger"),
        (json!({"trigger": "signup"}), "parameter_missing", "award"),
        (
            with("trigger", json!("Sign Up")),
            "parameter_invalid",
            "trigger",
        ),
        (with("award", json!(5)), "parameter_invalid", "award"),
        (
            with("award", json!({"type": "fixed"})),
            "parameter_missing",
            "award.points",
        ),
        (
            with("award", json!({"type": "fixed", "points": "5"})),
            "parameter_invalid",
            "award.points",
        ),
        (
            with("award", json!({"type": "fixed", "points": 1.5})),
            "parameter_invalid",
            "award.points",
        ),
        (
            with("award", json!({"type": "fixed", "points": 0})),
            "parameter_invalid",
            "award.points",
        ),
        (
            with(
                "award",
                json!({"type": "per_amount", "per": 0, "points": 1}),
            ),
            "parameter_invalid",
            "award.per",
        ),
        (
            with("award", json!({"type": "fixed", "points": 1, "per": 1})),
            "parameter_unknown",
            "award.per",
        ),
        (
            with("award", json!({"type": "per_currency", "XXQ": 1})),
            "parameter_invalid",
            "award.XXQ",
        ),
        (
            with("multiplier", json!(-1)),
            "parameter_invalid",
            "multiplier",
        ),
        (
            with("multiplier", json!(true)),
            "parameter_invalid",
            "multiplier",
        ),
        (with("cap", json!({})), "parameter_invalid", "cap"),
        (
            with("cap", json!({"points": -1})),
            "parameter_invalid",
            "cap.points",
        ),
        (
            with("cap", json!({"awards": 4_294_967_296_i64})),
            "parameter_invalid",
            "cap.awards",
        ),
        (
            with("cap", json!({"points": 5, "per": "day"})),
            "parameter_unknown",
            "cap.per",
        ),
        (
            with("cap", json!({"points": 5, "rolling": true})),
            "parameter_invalid",
            "cap.rolling",
        ),
        (with("window", json!("year")), "parameter_invalid", "window"),
        (with("window", json!(null)), "parameter_invalid", "window"),
        (
            with("earn_on", json!({"categories": []})),
            "parameter_invalid",
            "earn_on.categories",
        ),
        (
            with("earn_on", json!({"categories": [5]})),
            "parameter_invalid",
            "earn_on.categories[0]",
        ),
        (
            with("earn_on", json!({"exclude": {"brands": ["x"]}})),
            "parameter_unknown",
            "earn_on.exclude.brands",
        ),
        (
            with("starts_at", json!("soon")),
            "parameter_invalid",
            "starts_at",
        ),
        (
            with("priority", json!(4_294_967_296_i64)),
            "parameter_invalid",
            "priority",
        ),
        (
            with("recipient", json!("referrer")),
            "parameter_invalid",
            "recipient",
        ),
        (
            with("when", json!(["order_value > 0"])),
            "parameter_invalid",
            "when",
        ),
        (
            with("milestone", json!({"at": [1]})),
            "parameter_missing",
            "milestone.stat",
        ),
        (
            with("milestone", json!({"stat": "signup.lifetime", "at": [1]})),
            "parameter_invalid",
            "milestone.stat",
        ),
        // Another type's than the rule's own.
        (
            with("milestone", json!({"stat": "login.count", "at": [1]})),
            "parameter_invalid",
            "milestone.stat",
        ),
        (
            with("milestone", json!({"stat": "signup.count", "at": []})),
            "parameter_invalid",
            "milestone.at",
        ),
        (
            with(
                "milestone",
                json!({"stat": "signup.count", "at": vec![1; 21]}),
            ),
            "parameter_invalid",
            "milestone.at",
        ),
        (
            with("milestone", json!({"stat": "signup.count", "at": [1, 0]})),
            "parameter_invalid",
            "milestone.at[1]",
        ),
        (
            with(
                "milestone",
                json!({"stat": "signup.count", "at": [5, 9, 9]}),
            ),
            "parameter_invalid",
            "milestone.at[2]",
        ),
        (
            with(
                "milestone",
                json!({"stat": "signup.count", "at": [1], "once": true}),
            ),
            "parameter_unknown",
            "milestone.once",
        ),
        (
            with("streak", json!({"length": 7})),
            "parameter_missing",
            "streak.unit",
        ),
        (
            with("streak", json!({"unit": "year", "length": 7})),
            "parameter_invalid",
            "streak.unit",
        ),
        (
            with("streak", json!({"unit": "day", "length": 1})),
            "parameter_invalid",
            "streak.length",
        ),
        (
            with("streak", json!({"unit": "day", "length": 367})),
            "parameter_invalid",
            "streak.length",
        ),
        (
            with("streak", json!({"unit": "day", "length": 7, "grace": 31})),
            "parameter_invalid",
            "streak.grace",
        ),
        (with("version", json!(5)), "parameter_unknown", "version"),
    ];
    check_refused(Method::POST, "/v1/loyalty/earning_rules", &table).await;
    let table = [
        (json!({"trigger": "signup"}), "parameter_unknown", "trigger"),
        (json!({"program": "prog_2"}), "parameter_unknown", "program"),
        (json!({"active": null}), "parameter_invalid", "active"),
    ];
    check_refused(Method::PATCH, "/v1/loyalty/earning_rules/rule_1", &table).await;
}

#[tokio::test]
async fn refused_adjustments() {
    let with = |name: &str, value: Value| {
        let mut body =
            json!({"account": "loy_1", "type": "adjust", "amount": 5, "reason": "goodwill"});
        body[name] = value;
        body
    };
    let table = [
        (json!({}), "parameter_missing", "account"),
        (json!({"account": "loy_1"}), "parameter_missing", "type"),
        (with("type", json!("earn")), "parameter_invalid", "type"),
        (with("type", json!("gift")), "parameter_invalid", "type"),
        (with("amount", json!("5")), "parameter_invalid", "amount"),
        (with("amount", json!(5.5)), "parameter_invalid", "amount"),
        (
            with("amount", json!(9_007_199_254_740_992_i64)),
            "parameter_invalid",
            "amount",
        ),
        (with("reason", json!("")), "parameter_invalid", "reason"),
        (
            with("expires_at", json!("tomorrow")),
            "parameter_invalid",
            "expires_at",
        ),
        (
            with("balance_after", json!(5)),
            "parameter_unknown",
            "balance_after",
        ),
        (with("note", json!("x")), "parameter_unknown", "note"),
    ];
    for path in [
        "/v1/loyalty/transactions",
        "/v1/loyalty/points_transactions",
    ] {
        check_refused(Method::POST, path, &table).await;
    }
    let client = Client::new();
    for key in ["", "k".repeat(256).as_str(), "schlüssel"] {
        let request = Request::post("/v1/loyalty/transactions")
            .header("x-api-key", "sk_test")
            .header("idempotency-key", key)
            .body(Body::from(with("amount", json!(5)).to_string()));
        let answer = client.send(request.expect("a request")).await;
        let got = (answer.code(), answer.param());
        assert_eq!(got, ("parameter_invalid", Some("Idempotency-Key")), "{key}");
    }
}

#[tokio::test]
async fn refused_events() {
    let event = json!({"type": "signup", "data": {}});
    let many = |count: usize| json!({ "events": vec![event.clone(); count] });
    let table = [
        (json!({}), "parameter_missing", "type"),
        (json!({"type": "signup"}), "parameter_missing", "data"),
        (
            json!({"type": "Sign Up", "data": {}}),
            "parameter_invalid",
            "type",
        ),
        (
            json!({"type": "payment.completed", "data": {"amount": 5}}),
            "parameter_missing",
            "data.id",
        ),
        (
            json!({"type": "signup", "data": {"amount": -5}}),
            "parameter_invalid",
            "data.amount",
        ),
        (
            json!({"type": "signup", "data": {}, "customer": "c"}),
            "parameter_unknown",
            "customer",
        ),
        (many(0), "parameter_invalid", "events"),
        (many(101), "parameter_invalid", "events"),
        (json!([]), "parameter_invalid", "events"),
        (json!({"events": {}}), "parameter_invalid", "events"),
        (
            json!({"events": [], "program": "p"}),
            "parameter_unknown",
            "program",
        ),
    ];
    check_refused(Method::POST, "/v1/events", &table).await;
}
