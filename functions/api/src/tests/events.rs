//! `POST /v1/events`, as far as no table is needed.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use laurel_host::Mode;
use serde_json::json;

use super::Client;

#[tokio::test]
async fn of_many_events_each_refusal_stands_in_its_place() {
    let client = Client::in_mode(Mode::Live);
    let bad = json!({"type": "signup", "data": {"amount": -5}});
    for (body, status) in [(json!([bad, 5]), 200), (json!({"events": [bad, 5]}), 200)] {
        let answer = client.post("/v1/events", &body).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(
            (&answer.body["object"], &answer.body["has_more"]),
            (&json!("list"), &json!(false))
        );
        let data = answer.body["data"].as_array().expect("a list");
        let errors: Vec<_> = data
            .iter()
            .map(|outcome| {
                assert_eq!(outcome["object"], "event_outcome");
                assert_eq!(outcome["outcome"], "refused");
                (
                    outcome["error"]["code"].as_str(),
                    outcome["error"]["param"].as_str(),
                )
            })
            .collect();
        let expected = [
            (Some("parameter_invalid"), Some("events[0].data.amount")),
            (Some("body_invalid"), Some("events[1]")),
        ];
        assert_eq!(errors, expected);
    }
}

#[tokio::test]
async fn events_go_to_the_bus_when_asked() {
    let client = Client::in_mode(Mode::Live);
    let body = json!([
        {"type": "signup", "id": "s1", "program": "prog_2", "data": {"customer": "c"}},
        {"type": "signup", "data": {"amount": -5}},
        {"type": "payment.completed", "occurred_at": "2026-01-31T12:00:00Z",
         "data": {"id": "pay_1", "amount": 5, "currency": "EUR"}},
    ]);
    let answer = client.post("/v1/events?async=true", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let data = answer.body["data"].as_array().expect("a list");
    let outcomes: Vec<_> = data.iter().map(|outcome| &outcome["outcome"]).collect();
    assert_eq!(outcomes, ["queued", "refused", "queued"]);
    assert_eq!(data[1]["error"]["param"], "events[1].data.amount");
    let events = client.bus.0.lock().expect("no panic before");
    let first = &events[0];
    assert_eq!(
        (first.source.as_str(), first.detail_type.as_str()),
        ("laurel.api", "signup")
    );
    assert_eq!(first.detail["id"], "s1");
    assert_eq!(first.detail["program"], "prog_2");
    let payment = &events[1].detail;
    assert_eq!(
        (&payment["id"], &payment["amount"]),
        (&json!("pay_1"), &json!(5))
    );
    assert_eq!(payment["occurred_at"], "2026-01-31T12:00:00Z");
}

#[tokio::test]
async fn forms_of_events_have_figures() {
    let client = Client::in_mode(Mode::Live);
    let request = Request::post("/v1/events?async=true")
        .header("x-api-key", "sk_test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(
            "type=payment.completed&data[id]=pay_1&data[amount]=1050&data[amount_net]=900\
             &data[currency]=eur&data[line_items][0][amount]=1050&data[metadata][note]=7",
        ));
    let answer = client.send(request.expect("a request")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let events = client.bus.0.lock().expect("no panic before");
    let detail = &events[0].detail;
    assert_eq!(
        (&detail["amount"], &detail["amount_net"]),
        (&json!(1050), &json!(900))
    );
    assert_eq!(detail["line_items"], json!([{"amount": 1050}]));
    assert_eq!(detail["metadata"], json!({"note": "7"}));
}
