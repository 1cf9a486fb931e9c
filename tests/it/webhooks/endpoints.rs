//! The resource `/v1/webhook_endpoints`.

use futures::future::join_all;
use serde_json::{Value, json};

use super::bench::Bench;

const BASE: &str = "/v1/webhook_endpoints";

#[tokio::test]
async fn an_endpoint_from_its_creation_to_its_end() {
    let bench = Bench::new().await;
    let new = json!({
        "url": "https://example.com/hooks", "description": "Shop",
        "enabled_events": ["loyalty.points.*", "loyalty.account.created"],
        "program": "prog_default", "signature_header": "X-Shop-Signature",
        "metadata": {"team": "crm"},
    });
    let created = bench.post(BASE, new.clone()).await;
    let secret = created["secret"].as_str().expect("a secret");
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    for (name, value) in new.as_object().expect("an object") {
        match name.as_str() {
            "signature_header" => assert_eq!(created[name], "x-shop-signature"),
            name => assert_eq!(created[name], *value, "{name}"),
        }
    }
    assert_eq!(
        (&created["object"], &created["status"]),
        (&json!("webhook_endpoint"), &json!("enabled"))
    );
    let path = format!("{BASE}/{}", created["id"].as_str().expect("an id"));
    let mut shown = created.clone();
    shown.as_object_mut().expect("an object").remove("secret");
    assert_eq!(bench.get(&path).await, shown, "without the secret");
    assert_eq!(bench.get(BASE).await["data"], json!([shown]));

    let (status, patched) = bench
        .call(
            "PATCH",
            &path,
            json!({"status": "disabled", "program": null, "metadata": {"team": null, "a": "b"}}),
        )
        .await;
    assert_eq!(status, 200, "{patched}");
    assert_eq!(
        (&patched["status"], &patched["program"]),
        (&json!("disabled"), &Value::Null)
    );
    assert_eq!(patched["metadata"], json!({"a": "b"}));
    assert_eq!(patched["url"], new["url"], "what is not named stays");
    let rotated = bench
        .post(&format!("{path}/rotate_secret"), Value::Null)
        .await;
    assert_ne!(rotated["secret"], created["secret"]);
    bench.call("DELETE", &path, Value::Null).await;
    for (method, path) in [
        ("GET", path.clone()),
        ("POST", path.clone()),
        ("POST", format!("{path}/rotate_secret")),
        ("POST", format!("{path}/test")),
    ] {
        assert_eq!(
            bench.call(method, &path, Value::Null).await.0,
            404,
            "{method} {path}"
        );
    }
    assert_eq!(bench.get(BASE).await["data"], json!([]));
}

#[tokio::test]
async fn what_is_no_endpoint_is_refused() {
    let bench = Bench::new().await;
    let url = "https://example.com/";
    let table = [
        (json!({}), 400, "parameter_missing", "url"),
        (
            json!({"url": "http://example.com/"}),
            400,
            "parameter_invalid",
            "url",
        ),
        (
            json!({"url": "https://10.0.0.1/"}),
            400,
            "parameter_invalid",
            "url",
        ),
        (
            json!({"url": "https://[fd00:ec2::254]/"}),
            400,
            "parameter_invalid",
            "url",
        ),
        (
            json!({"url": "https://u:p@example.com/"}),
            400,
            "parameter_invalid",
            "url",
        ),
        (json!({"url": 5}), 400, "parameter_invalid", "url"),
        (
            json!({"url": url, "enabled_events": []}),
            400,
            "parameter_invalid",
            "enabled_events",
        ),
        (
            json!({"url": url, "enabled_events": ["a", "B"]}),
            400,
            "parameter_invalid",
            "enabled_events[1]",
        ),
        (
            json!({"url": url, "signature_header": "host"}),
            400,
            "parameter_invalid",
            "signature_header",
        ),
        (
            json!({"url": url, "signature_header": "a b"}),
            400,
            "parameter_invalid",
            "signature_header",
        ),
        (
            json!({"url": url, "status": "gone"}),
            400,
            "parameter_invalid",
            "status",
        ),
        (
            json!({"url": url, "secret": "whsec_x"}),
            400,
            "parameter_unknown",
            "secret",
        ),
        (
            json!({"url": url, "program": "prog_none"}),
            404,
            "resource_missing",
            "program",
        ),
        (
            json!({"url": url, "program": "A#B"}),
            400,
            "parameter_invalid",
            "program",
        ),
    ];
    for (body, status, code, param) in table {
        let (answered, refused) = bench.call("POST", BASE, body.clone()).await;
        let error = &refused["error"];
        assert_eq!(
            (answered, &error["code"], &error["param"]),
            (status, &json!(code), &json!(param)),
            "{body}"
        );
    }
    assert_eq!(bench.get(BASE).await["data"], json!([]));
    let (id, _) = bench.endpoint(url).await;
    let rotate = format!("{BASE}/{id}/rotate_secret");
    for minutes in [json!(-1), json!(10_081), json!("soon")] {
        let (status, _) = bench
            .call("POST", &rotate, json!({"expires_in_minutes": minutes}))
            .await;
        assert_eq!(status, 400);
    }
}

#[tokio::test]
async fn there_are_fifty_at_the_most_also_under_a_race() {
    let bench = Bench::new().await;
    let create = || bench.call("POST", BASE, json!({"url": "https://example.com/"}));
    for _ in 0..44 {
        assert_eq!(create().await.0, 201);
    }
    let raced = join_all((0..12).map(|_| create())).await;
    let statuses: Vec<u16> = raced.iter().map(|(status, _)| *status).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        6,
        "{statuses:?}"
    );
    let (status, refused) = create().await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (409, &json!("limit_reached"))
    );
    let page = bench.get(&format!("{BASE}?limit=50")).await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(50));
    let id = page["data"][0]["id"].as_str().expect("an id");
    bench
        .call("DELETE", &format!("{BASE}/{id}"), Value::Null)
        .await;
    assert_eq!(create().await.0, 201);
    let rest = bench.get(&format!("{BASE}?limit=100")).await;
    assert_eq!(rest["has_more"], false);
}

#[tokio::test]
async fn a_new_or_changed_endpoint_gets_the_very_next_event() {
    let bench = Bench::new().await;
    bench.pay("pay_1", "cust_1").await;
    assert_eq!(bench.waiting(), 0);
    let (id, _) = bench.endpoint("https://example.com/").await;
    bench.pay("pay_2", "cust_1").await;
    assert_eq!(bench.waiting(), 1);
    let path = format!("{BASE}/{id}");
    for (enabled, more) in [
        (json!(["referral.*"]), 0),
        (json!(["loyalty.points.earned"]), 1),
    ] {
        bench.post(&path, json!({"enabled_events": enabled})).await;
        let before = bench.waiting();
        bench
            .pay(
                &format!("pay_{enabled}").replace(['[', ']', '"', '*'], ""),
                "cust_1",
            )
            .await;
        assert_eq!(bench.waiting(), before + more, "{enabled}");
    }
}
