//! The API over its router, on the embedded table: what a caller sees.

use std::sync::{Arc, Mutex};

use api::{ApiKey, AppState};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use futures::future::BoxFuture;
use laurel_host::{Bus, BusEvent, Mode, SendError};
use laurel_tests::World;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::webhooks::bench::{Orders, SANDBOX};

/// A bus that keeps what it gets.
#[derive(Default)]
struct Kept(Mutex<Vec<BusEvent>>);

impl Bus for Kept {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        let taken = events.iter().map(|_| Ok(())).collect();
        self.0.lock().expect("the bus").extend(events);
        Box::pin(async { Ok(taken) })
    }
}

pub(crate) struct Site {
    pub(crate) world: World,
    router: Router,
    bus: Arc<Kept>,
}

impl Site {
    pub(crate) async fn new() -> Site {
        let world = World::with(json!({"auto_enroll": true}), &[]).await;
        let bus = Arc::new(Kept::default());
        let state = AppState::new(
            world.ledger.clone(),
            Arc::clone(&bus) as Arc<dyn Bus>,
            ApiKey::new("sk_test_local"),
            Mode::Sandbox,
        )
        .with_webhooks(Arc::new(Orders::default()), SANDBOX);
        Site {
            world,
            router: api::router(state),
            bus,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = answer.status();
        assert!(
            answer.headers().contains_key("request-id"),
            "every answer has an id"
        );
        let bytes = to_bytes(answer.into_body(), usize::MAX)
            .await
            .expect("a body");
        let value = if bytes.is_empty() {
            Value::Null
        } else {
            // Lines of JSON become a list.
            let values = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>();
            let values: Result<Vec<Value>, _> = values.collect();
            let values = values.unwrap_or_else(|_| panic!("not JSON: {bytes:?}"));
            match <[Value; 1]>::try_from(values) {
                Ok([value]) => value,
                Err(values) => Value::from(values),
            }
        };
        (status, value)
    }

    pub(crate) fn request(
        method: &str,
        path: &str,
        kind: &str,
        body: impl Into<Body>,
    ) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", "sk_test_local")
            .header(header::CONTENT_TYPE, kind)
            .body(body.into())
            .expect("a request")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Site::request(
            "POST",
            path,
            "application/json",
            body.to_string(),
        ))
        .await
    }

    async fn form(&self, path: &str, body: &'static str) -> (StatusCode, Value) {
        self.send(Site::request(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            body,
        ))
        .await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Site::request(
            "GET",
            path,
            "application/json",
            Body::empty(),
        ))
        .await
    }
}

#[tokio::test]
async fn a_member_earns_and_the_ledger_tells_why() {
    let site = Site::new().await;
    let rule = json!({
        "program": "prog_default", "trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let (status, rule) = site.post("/v1/loyalty/earning_rules", rule).await;
    assert_eq!(status, StatusCode::CREATED, "{rule}");
    let welcome = json!({
        "program": "prog_default", "trigger": "loyalty.account.created",
        "award": {"type": "fixed", "points": 500}, "window": "lifetime",
    });
    let (_, welcome) = site.post("/v1/loyalty/earning_rules", welcome).await;
    assert_eq!(welcome["cap"], json!({"awards": 1}), "a one-time bonus");

    let new = json!({
        "program": "prog_default", "customer": "cust_abc123",
        "metadata": {"signup_channel": "web"},
    });
    let (status, member) = site.post("/v1/loyalty/accounts", new.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{member}");
    let path = format!(
        "/v1/loyalty/accounts/{}",
        member["id"].as_str().expect("an id")
    );
    let (_, read) = site.get(&path).await;
    assert_eq!(
        (&read["balance"], &read["status"]),
        (&json!(500), &json!("active")),
        "{read}"
    );
    let (status, again) = site.post("/v1/loyalty/accounts", new).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(again["error"]["code"], "account_already_exists");
    assert_eq!(again["error"]["account"], member["id"]);

    let (_, updated) = site
        .post(
            &format!(
                "/v1/loyalty/earning_rules/{}",
                rule["id"].as_str().expect("an id")
            ),
            json!({"multiplier": 2}),
        )
        .await;
    assert_eq!(
        (&updated["multiplier"], &updated["version"]),
        (&json!(2), &json!(2))
    );
    let paid = json!({
        "type": "payment.completed",
        "data": {"id": "pay_1", "amount": 1050, "currency": "EUR", "customer": "cust_abc123"},
    });
    let (status, outcome) = site.post("/v1/events", paid.clone()).await;
    assert_eq!(
        (status, &outcome["outcome"]),
        (StatusCode::OK, &json!("awarded")),
        "{outcome}"
    );
    let (_, repeat) = site.post("/v1/events", paid).await;
    assert_eq!(repeat["duplicate"], json!(true));
    assert_eq!(repeat["transactions"], outcome["transactions"]);

    let account = member["id"].as_str().expect("an id");
    for name in ["transactions", "points_transactions"] {
        let (_, list) = site
            .get(&format!("/v1/loyalty/{name}?account={account}&limit=1"))
            .await;
        assert_eq!(
            (&list["object"], &list["has_more"]),
            (&json!("list"), &json!(true))
        );
        let first = &list["data"][0];
        assert_eq!(
            (&first["type"], &first["amount"], &first["points"]),
            (&json!("earn"), &json!(21), &json!(21))
        );
        assert_eq!(
            (&first["payment"], &first["balance_after"]),
            (&json!("pay_1"), &json!(521))
        );
        assert_eq!(first["calculation"]["exact"], "21");
        let after = first["id"].as_str().expect("an id");
        let (_, rest) = site
            .get(&format!(
                "/v1/loyalty/{name}?account={account}&starting_after={after}"
            ))
            .await;
        assert_eq!(rest["data"].as_array().map(Vec::len), Some(1));
        let (_, one) = site.get(&format!("/v1/loyalty/{name}/{after}")).await;
        assert_eq!(&one, first);
    }
}

#[tokio::test]
async fn forms_work_as_curl_sends_them() {
    let site = Site::new().await;
    let (status, rule) = site
        .form(
            "/v1/loyalty/earning_rules",
            "program=prog_default&trigger=payment.completed&award[type]=per_amount\
             &award[per]=100&award[points]=1&cap[points]=5000&window=month&metadata[note]=7",
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{rule}");
    assert_eq!(
        rule["award"],
        json!({"type": "per_amount", "per": 100, "points": 1})
    );
    assert_eq!(
        (&rule["cap"], &rule["window"]),
        (&json!({"points": 5000}), &json!("month"))
    );
    assert_eq!(rule["metadata"], json!({"note": "7"}));
}

#[tokio::test]
async fn cursors_survive_inserts_and_go_both_ways() {
    let site = Site::new().await;
    let (_, member) = site
        .post("/v1/loyalty/accounts", json!({"customer": "c"}))
        .await;
    let account = member["id"].as_str().expect("an id").to_owned();
    let adjust = |amount: i64| json!({"account": account, "type": "adjust", "amount": amount, "reason": "goodwill_credit"});
    for amount in 1..=7 {
        let (status, made) = site.post("/v1/loyalty/transactions", adjust(amount)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
    }
    let list = |query: String| {
        let path = format!("/v1/loyalty/transactions?account={account}&limit=3{query}");
        let site = &site;
        async move { site.get(&path).await.1 }
    };
    let amounts = |list: &Value| -> Vec<i64> {
        let data = list["data"].as_array().expect("data");
        data.iter()
            .map(|item| item["amount"].as_i64().expect("an amount"))
            .collect()
    };
    let first = list(String::new()).await;
    assert_eq!(amounts(&first), [7, 6, 5]);
    site.post("/v1/loyalty/transactions", adjust(8)).await;
    let cursor = first["data"][2]["id"].as_str().expect("an id").to_owned();
    let second = list(format!("&starting_after={cursor}")).await;
    assert_eq!(
        (amounts(&second), &second["has_more"]),
        (vec![4, 3, 2], &json!(true))
    );
    let back = list(format!("&ending_before={cursor}")).await;
    assert_eq!(
        (amounts(&back), &back["has_more"]),
        (vec![8, 7, 6], &json!(false))
    );
    let none = site
        .get(&format!(
            "/v1/loyalty/transactions?account={account}&type=redeem"
        ))
        .await;
    assert_eq!(none.1["data"], json!([]));
}

#[tokio::test]
async fn an_adjustment_below_zero_needs_leave_and_a_key_makes_it_once() {
    let site = Site::new().await;
    let (_, member) = site
        .post("/v1/loyalty/accounts", json!({"customer": "c"}))
        .await;
    let account = member["id"].as_str().expect("an id");
    let body = |amount: i64| json!({"account": account, "type": "adjust", "amount": amount, "reason": "fix"});
    let (status, refused) = site.post("/v1/loyalty/transactions", body(-5)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(refused["error"]["code"], "insufficient_points");
    let keyed = |amount: i64| {
        let mut request = Site::request(
            "POST",
            "/v1/loyalty/transactions",
            "application/json",
            body(amount).to_string(),
        );
        request
            .headers_mut()
            .insert("idempotency-key", "key-1".parse().expect("a header"));
        request
    };
    let (_, first) = site.send(keyed(5)).await;
    let (_, again) = site.send(keyed(5)).await;
    assert_eq!(first, again);
    let (status, reused) = site.send(keyed(6)).await;
    assert_eq!(
        (status, &reused["error"]["code"]),
        (StatusCode::CONFLICT, &json!("idempotency_key_reused"))
    );
    let (_, read) = site.get(&format!("/v1/loyalty/accounts/{account}")).await;
    assert_eq!(read["balance"], 5);
}

#[tokio::test]
async fn many_events_are_handled_in_order_and_fail_alone() {
    let site = Site::new().await;
    let rule = json!({
        "trigger": "payment.completed", "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    site.post("/v1/loyalty/earning_rules", rule).await;
    let paid = |id: &str, amount: i64| {
        json!({
            "type": "payment.completed",
            "data": {"id": id, "amount": amount, "currency": "EUR", "customer": "c"},
        })
    };
    let refund = json!({
        "type": "payment.refunded", "data": {"id": "re_1", "payment": "pay_1"},
    });
    let events =
        json!({"events": [paid("pay_1", 1000), refund, paid("pay_2", -1), paid("pay_3", 200)]});
    let (status, answer) = site.post("/v1/events", events).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let outcomes: Vec<_> = answer["data"]
        .as_array()
        .expect("data")
        .iter()
        .map(|o| &o["outcome"])
        .collect();
    assert_eq!(outcomes, ["awarded", "reversed", "refused", "awarded"]);
    assert_eq!(answer["data"][2]["error"]["param"], "events[2].data.amount");
    let (_, list) = site.get("/v1/loyalty/accounts?customer=c").await;
    assert_eq!(list["data"][0]["balance"], 2);
    assert_eq!(list["data"][0]["lifetime_points"], 12);

    let (status, _) = site.post("/v1/events?async=true", paid("pay_9", 100)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(site.bus.0.lock().expect("the bus").len(), 1);
}

#[tokio::test]
async fn accounts_are_listed_paged_and_changed() {
    let site = Site::new().await;
    for number in 0..5 {
        let new =
            json!({"customer": format!("c{number}"), "email": format!("C{number}@Example.com")});
        assert_eq!(
            site.post("/v1/loyalty/accounts", new).await.0,
            StatusCode::CREATED
        );
        let later = site.world.ledger.now() + jiff::SignedDuration::from_secs(1);
        site.world.clock.set(later);
    }
    let customers = |list: &Value| -> Vec<String> {
        let data = list["data"].as_array().expect("data").iter();
        data.map(|item| item["customer"].as_str().unwrap_or("-").to_owned())
            .collect()
    };
    let (_, first) = site.get("/v1/loyalty/accounts?limit=2").await;
    assert_eq!(customers(&first), ["c4", "c3"]);
    let cursor = first["data"][1]["id"].as_str().expect("an id").to_owned();
    let (_, second) = site
        .get(&format!(
            "/v1/loyalty/accounts?limit=2&starting_after={cursor}"
        ))
        .await;
    assert_eq!(
        (customers(&second), &second["has_more"]),
        (vec!["c2".into(), "c1".into()], &json!(true))
    );
    let (_, back) = site
        .get(&format!(
            "/v1/loyalty/accounts?limit=2&ending_before={cursor}"
        ))
        .await;
    assert_eq!(customers(&back), ["c4"]);
    let (_, found) = site.get("/v1/loyalty/accounts?email=c3@example.com").await;
    assert_eq!(customers(&found), ["c3"]);
    let path = format!("/v1/loyalty/accounts/{cursor}");
    let (status, taken) = site.post(&path, json!({"customer": "c0"})).await;
    assert_eq!(
        (status, &taken["error"]["code"]),
        (StatusCode::CONFLICT, &json!("account_already_exists"))
    );
    let (_, moved) = site
        .post(&path, json!({"customer": "c9", "metadata": {"k": "v"}}))
        .await;
    assert_eq!(
        (&moved["customer"], &moved["metadata"]),
        (&json!("c9"), &json!({"k": "v"})),
        "{moved}"
    );
    assert_eq!(
        customers(&site.get("/v1/loyalty/accounts?customer=c3").await.1),
        [""; 0]
    );
}

#[tokio::test]
async fn accounts_are_imported_merged_closed_and_forgotten() {
    const BASE: &str = "/v1/loyalty/accounts";
    let site = Site::new().await;
    for (id, customer) in [("loy_a", "a"), ("loy_b", "b")] {
        let new = json!({"id": id, "customer": customer});
        let (status, made) = site.post(BASE, new.clone()).await;
        assert_eq!((status, &made["id"]), (StatusCode::CREATED, &json!(id)));
        let (status, taken) = site.post(BASE, new).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(taken["error"]["account"], id);
        let points = json!({"account": id, "type": "adjust", "amount": 10, "reason": "test"});
        site.post("/v1/loyalty/transactions", points).await;
    }
    for id in ["old_7", "loy_", "loy_#", &format!("loy_{}", "x".repeat(65))] {
        let (status, refused) = site.post(BASE, json!({ "id": id })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
        assert_eq!(refused["error"]["param"], "id");
    }
    let (status, survivor) = site
        .form(&format!("{BASE}/merge"), "source=loy_a&target=loy_b")
        .await;
    assert_eq!((status, &survivor["balance"]), (StatusCode::OK, &json!(20)));
    let (_, list) = site.get("/v1/loyalty/transactions?account=loy_b").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert!(
        list["data"]
            .as_array()
            .is_some_and(|data| data.iter().all(|t| t["account"] == "loy_b"))
    );
    let (_, list) = site.get("/v1/loyalty/transactions?account=loy_a").await;
    assert_eq!(list["data"], json!([]));
    let (_, found) = site.get(&format!("{BASE}?customer=a")).await;
    assert_eq!(found["data"][0]["id"], "loy_b");
    let (_, merged) = site.get(&format!("{BASE}?status=merged")).await;
    assert_eq!(merged["data"][0]["merged_into"], "loy_b");
    for (range, count) in [
        ("created[gte]=2026-11-20T12:00:00Z", 2),
        ("created[gt]=2026-11-20T12:00:00Z", 0),
        (
            "created[lte]=2026-11-20T12:00:00Z&created[gt]=2026-11-20T11:59:59Z",
            2,
        ),
        ("created[lt]=2026-11-20T12:00:00Z", 0),
        (
            "created[lt]=2026-11-01T12:00:00Z&created[gt]=2026-12-01T12:00:00Z",
            0,
        ),
    ] {
        let (status, list) = site.get(&format!("{BASE}?{range}")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        assert_eq!(
            list["data"].as_array().map(Vec::len),
            Some(count),
            "{range}"
        );
    }
    for (path, status) in [
        ("close", "closed"),
        ("close", "closed"),
        ("reopen", "active"),
    ] {
        let (code, account) = site.post(&format!("{BASE}/loy_b/{path}"), json!({})).await;
        assert_eq!((code, &account["status"]), (StatusCode::OK, &json!(status)));
        let (code, refused) = site.post(&format!("{BASE}/loy_a/{path}"), json!({})).await;
        assert_eq!(code, StatusCode::CONFLICT);
        assert_eq!(refused["error"]["code"], "account_merged");
        assert_eq!(refused["error"]["account"], "loy_b");
    }
    let erase = |id: &str| {
        let path = format!("{BASE}/{id}/personal_data");
        Site::request("DELETE", &path, "application/json", Body::empty())
    };
    let (code, erased) = site.send(erase("loy_b")).await;
    assert_eq!(code, StatusCode::OK, "{erased}");
    assert_eq!(
        (&erased["customer"], &erased["status"], &erased["balance"]),
        (&Value::Null, &json!("closed"), &json!(20))
    );
    assert_eq!(site.send(erase("loy_none")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.send(erase("loy_a")).await.0, StatusCode::CONFLICT);
}
