//! What no caller should send, on every write route: refused with its field, nothing written,
//! nothing broken.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::Site;

/// The whole table, to see that nothing was written.
async fn items(site: &Site) -> usize {
    let client = site.world.store.client();
    let scanned = client
        .scan()
        .table_name("laurel")
        .send()
        .await
        .expect("a scan");
    scanned.items().len()
}

fn paid(over: Value) -> Value {
    let mut data = json!({"id": "pay_1", "amount": 1000, "currency": "EUR", "customer": "c"});
    laurel_tests::merge(&mut data, over);
    json!({"type": "payment.completed", "data": data})
}

#[tokio::test]
async fn events_that_make_no_sense_are_refused_with_their_field() {
    let site = Site::new().await;
    let before = items(&site).await;
    let long = "x".repeat(3000);
    let table = [
        (paid(json!({"amount": -1})), "data.amount"),
        (paid(json!({"amount": 10.5})), "data.amount"),
        (paid(json!({"amount": "1e400"})), "data.amount"),
        (
            paid(json!({"amount": 9_007_199_254_740_992_i64})),
            "data.amount",
        ),
        (paid(json!({"amount": u64::MAX})), "data.amount"),
        (paid(json!({"amount": null})), "data.amount"),
        (paid(json!({"currency": "XYZ"})), "data.currency"),
        (paid(json!({"currency": "E"})), "data.currency"),
        (paid(json!({"id": "A#B"})), "data.id"),
        (paid(json!({"id": "%00\u{0}"})), "data.id"),
        (paid(json!({"id": "\u{1f600}"})), "data.id"),
        (paid(json!({"id": long})), "data.id"),
        (paid(json!({"id": ""})), "data.id"),
        (paid(json!({"id": 7})), "data.id"),
        (paid(json!({"customer": "A#B"})), "data.customer"),
        (paid(json!({"email": "nobody"})), "data.email"),
        (
            paid(json!({"line_items": [{"amount": 1}, {"amount": -1}]})),
            "data.line_items[1].amount",
        ),
        (paid(json!({"program": "prog#x"})), "data.program"),
        (json!({"type": "Payment", "data": {}}), "type"),
        (json!({"type": "payment.completed"}), "data"),
        (json!({"data": {}}), "type"),
        (
            json!({"type": "payment.completed", "data": {}, "balance": 9}),
            "balance",
        ),
        (
            json!({"type": "payment.refunded", "data": {"id": "re_1"}}),
            "data.payment",
        ),
    ];
    for (event, param) in table {
        let (status, answer) = site.post("/v1/events", event.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{event} {answer}");
        let error = &answer["error"];
        assert_eq!(error["param"], param, "{event} {answer}");
        assert_eq!(error["type"], "invalid_request_error");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{answer}"
        );
    }
    let unknown = json!({"type": "payment.completed", "program": "prog_none", "data": paid(json!({}))["data"]});
    assert_eq!(
        site.post("/v1/events", unknown).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(items(&site).await, before, "nothing was written");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let site = Site::new().await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let big = format!("{{\"type\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    for (body, status, code) in [
        ("{".to_owned(), StatusCode::BAD_REQUEST, "body_invalid"),
        (
            "{\"type\": \"a\", \"type\": \"b\"}".to_owned(),
            StatusCode::BAD_REQUEST,
            "body_invalid",
        ),
        (
            "{\"amount\": 1e400}".to_owned(),
            StatusCode::BAD_REQUEST,
            "body_invalid",
        ),
        (
            "{\"amount\": NaN}".to_owned(),
            StatusCode::BAD_REQUEST,
            "body_invalid",
        ),
        (deep, StatusCode::BAD_REQUEST, "body_invalid"),
        (big, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
    ] {
        let request = Site::request("POST", "/v1/events", "application/json", body.clone());
        let (got, answer) = site.send(request).await;
        assert_eq!(
            (got, &answer["error"]["code"]),
            (status, &json!(code)),
            "{:.60}",
            body
        );
    }
}

#[tokio::test]
async fn mass_assignment_is_refused_on_every_write() {
    let site = Site::new().await;
    let (_, member) = site
        .post("/v1/loyalty/accounts", json!({"customer": "c"}))
        .await;
    let (_, rule) = site
        .post(
            "/v1/loyalty/earning_rules",
            json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}}),
        )
        .await;
    let id = |object: &Value| object["id"].as_str().expect("an id").to_owned();
    for (path, body, param) in [
        (
            "/v1/loyalty/accounts".to_owned(),
            json!({"customer": "d", "balance": 9}),
            "balance",
        ),
        (
            format!("/v1/loyalty/accounts/{}", id(&member)),
            json!({"lifetime_points": 9}),
            "lifetime_points",
        ),
        (
            format!("/v1/loyalty/earning_rules/{}", id(&rule)),
            json!({"version": 9}),
            "version",
        ),
        (
            "/v1/loyalty/programs/prog_default".to_owned(),
            json!({"salt": "x"}),
            "salt",
        ),
        (
            "/v1/loyalty/transactions".to_owned(),
            json!({"account": id(&member), "type": "adjust", "amount": 1, "reason": "x", "balance_after": 9}),
            "balance_after",
        ),
    ] {
        let (status, answer) = site.post(&path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {answer}");
        assert_eq!(answer["error"]["param"], param, "{path} {answer}");
    }
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_with_their_field() {
    let site = Site::new().await;
    let rule = |over: Value| {
        let mut rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}});
        laurel_tests::merge(&mut rule, over);
        rule
    };
    for (body, param) in [
        (rule(json!({"award": {"type": "fixed"}})), "award.points"),
        (
            rule(json!({"award": {"type": "fixed", "points": 1.5}})),
            "award.points",
        ),
        (
            rule(json!({"award": {"type": "per_amount", "per": 0, "points": 1}})),
            "award.per",
        ),
        (rule(json!({"award": {"type": "magic"}})), "award.type"),
        (
            rule(json!({"award": {"type": "per_currency", "EURO": 1}})),
            "award.EURO",
        ),
        (rule(json!({"multiplier": -1})), "multiplier"),
        (rule(json!({"cap": {}})), "cap"),
        (rule(json!({"cap": {"points": -1}})), "cap.points"),
        (
            rule(json!({"cap": {"points": 5, "rolling": true}})),
            "cap.rolling",
        ),
        (rule(json!({"window": "year"})), "window"),
        (rule(json!({"trigger": "Signup!"})), "trigger"),
        (rule(json!({"when": "event.amuont > 1"})), "when"),
        (
            rule(json!({"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"})),
            "ends_at",
        ),
        (rule(json!({"expires": {"after": "soon"}})), "expires.after"),
    ] {
        let (status, answer) = site.post("/v1/loyalty/earning_rules", body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body} {answer}");
        assert_eq!(answer["error"]["param"], param, "{body} {answer}");
    }
}

#[tokio::test]
async fn an_award_beyond_what_counts_is_refused_and_writes_nothing() {
    let site = Site::new().await;
    let rule = json!({
        "trigger": "payment.completed", "multiplier": 1_000_000,
        "award": {"type": "per_amount", "per": 1, "points": 9_007_199_254_740_991_i64},
    });
    let (status, rule) = site.post("/v1/loyalty/earning_rules", rule).await;
    assert_eq!(status, StatusCode::CREATED, "{rule}");
    let before = items(&site).await;
    let (status, answer) = site.post("/v1/events", paid(json!({}))).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("points_out_of_range"))
    );
    assert_eq!(items(&site).await, before);
}

#[tokio::test]
async fn keys_are_checked_and_routes_are_known() {
    let site = Site::new().await;
    let mut request = Site::request("GET", "/v1/loyalty/accounts", "application/json", "");
    request.headers_mut().remove("x-api-key");
    let (status, answer) = site.send(request).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("api_key_missing"))
    );
    let mut request = Site::request("GET", "/v1/loyalty/accounts", "application/json", "");
    request
        .headers_mut()
        .insert("x-api-key", "sk_test_other".parse().expect("a header"));
    let (status, answer) = site.send(request).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("api_key_invalid"))
    );
    for path in ["/v1/nothing", "/v2"] {
        let (status, answer) = site.get(path).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found"))
        );
    }
    for path in [
        "/v1/loyalty/accounts/loy_none",
        "/v1/loyalty/accounts/A%23B",
        "/v1/loyalty/earning_rules/rule_none",
        "/v1/loyalty/transactions/ptx_none",
        "/v1/loyalty/transactions/ptx_x_1_0",
        "/v1/loyalty/programs/prog_none",
    ] {
        let (status, answer) = site.get(path).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (StatusCode::NOT_FOUND, &json!("resource_missing")),
            "{path}"
        );
    }
}
