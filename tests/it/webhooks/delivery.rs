//! Deliveries one by one: signed, tried again, given up, begun again.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    bench::Bench,
    receiver::{Receiver, Reply},
};

#[tokio::test]
async fn an_event_is_tried_again_until_it_is_taken() {
    let replies = [Reply::Status(500), Reply::With(503, "retry-after", "120")];
    let receiver = Receiver::start(&replies, Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, secret) = bench.endpoint(&receiver.url).await;
    let entries = bench.pay("pay_1", "cust_1").await;
    assert_eq!(bench.waiting(), 1, "{entries:?}");

    assert!(bench.step().await);
    let [pending] = &bench.deliveries(&endpoint).await[..] else {
        panic!("one delivery")
    };
    assert_eq!(pending["status"], "pending");
    assert!(pending["next_attempt_at"].is_string());
    let retry = bench.next().expect("a retry");
    assert!((Duration::from_millis(3_750)..=Duration::from_secs(5)).contains(&retry.delay));
    assert!(bench.carry_out(&retry).await);
    let retry = bench.next().expect("a retry");
    assert!(
        retry.delay >= Duration::from_secs(120),
        "as the receiver asked"
    );
    assert!(bench.carry_out(&retry).await);
    assert_eq!(bench.waiting(), 0);

    let received = receiver.received();
    assert_eq!(received.len(), 3);
    for one in &received {
        assert_eq!(one.path, "/hook?a=b");
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.id(), received[0].id(), "the same event");
        assert_eq!(one.body, received[0].body);
        assert!(one.verifies(&secret));
    }
    assert_ne!(
        received[0].header("webhook-timestamp"),
        received[1].header("webhook-timestamp")
    );
    assert_ne!(
        received[0].header("webhook-signature"),
        received[1].header("webhook-signature")
    );
    let event = received[0].json();
    assert_eq!(
        (&event["type"], &event["data"]["points"]),
        (&json!("loyalty.points.earned"), &json!(10))
    );
    assert_eq!(
        bench.get(&format!("/v1/events/{}", received[0].id())).await,
        event
    );

    let [done] = &bench.deliveries(&endpoint).await[..] else {
        panic!("one delivery")
    };
    assert_eq!(
        (&done["status"], &done["attempt_count"]),
        (&json!("succeeded"), &json!(3))
    );
    let codes: Vec<&Value> = done["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|a| &a["status_code"])
        .collect();
    assert_eq!(codes, [500, 503, 200]);
    assert_eq!(done["attempts"][0]["response_body"], "seen");
    assert_eq!(done["event"], received[0].id());
}

#[tokio::test]
async fn after_three_days_it_is_given_up_and_can_be_begun_again() {
    let receiver = Receiver::start(&[Reply::Status(500); 11], Reply::Status(204)).await;
    let bench = Bench::new().await;
    let (endpoint, _) = bench.endpoint(&receiver.url).await;
    bench.pay("pay_1", "cust_1").await;
    let mut hops = 0;
    while bench.step().await {
        hops += 1;
    }
    assert_eq!(receiver.received().len(), 11);
    assert!(
        hops > 200,
        "longer waits are made of hops of 15 minutes: {hops}"
    );
    let [failed] = &bench.deliveries(&endpoint).await[..] else {
        panic!("one delivery")
    };
    assert_eq!(
        (&failed["status"], &failed["next_attempt_at"]),
        (&json!("failed"), &Value::Null)
    );
    let letters = bench.letters.0.lock().expect("a lock").clone();
    let [letter] = &letters[..] else {
        panic!("one letter: {letters:?}")
    };
    assert_eq!(
        (letter.code.as_str(), letter.received),
        ("delivery_failed", 11)
    );
    assert_eq!(letter.reason, failed["reason"].as_str().expect("a reason"));

    let id = failed["id"].as_str().expect("an id");
    for path in [
        format!("/v1/webhook_endpoints/deliveries/{id}/redeliver"),
        format!("/v1/webhook_endpoints/{endpoint}/deliveries/{id}/redeliver"),
    ] {
        let again = bench.post(&path, Value::Null).await;
        assert_eq!(
            (&again["status"], &again["id"]),
            (&json!("pending"), &json!(id))
        );
        assert!(bench.step().await);
        let path = format!("/v1/webhook_endpoints/{endpoint}/deliveries/{id}");
        assert_eq!(bench.get(&path).await["status"], "succeeded");
    }
    assert_eq!(receiver.received().len(), 13);
    let other = format!("/v1/webhook_endpoints/we_other/deliveries/{id}/redeliver");
    assert_eq!(bench.call("POST", &other, Value::Null).await.0, 404);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let receiver = Receiver::start(&[Reply::Status(410)], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, _) = bench.endpoint(&receiver.url).await;
    bench.pay("pay_1", "cust_1").await;
    bench.pay("pay_2", "cust_1").await;
    while bench.step().await {}
    assert_eq!(receiver.received().len(), 1);
    let path = format!("/v1/webhook_endpoints/{endpoint}");
    let disabled = bench.get(&path).await;
    assert_eq!(disabled["status"], "disabled");
    assert!(
        disabled["disabled_reason"]
            .as_str()
            .is_some_and(|r| r.contains("410"))
    );
    let mut statuses: Vec<String> = Vec::new();
    for delivery in bench.deliveries(&endpoint).await {
        statuses.push(delivery["status"].as_str().expect("text").to_owned());
    }
    statuses.sort();
    assert_eq!(statuses, ["failed", "skipped"]);
    let skipped = bench
        .get(&format!("{path}/deliveries?status=skipped"))
        .await;
    let id = skipped["data"][0]["id"].as_str().expect("an id");
    let again = format!("/v1/webhook_endpoints/deliveries/{id}/redeliver");
    let (status, refused) = bench.call("POST", &again, Value::Null).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (409, &json!("webhook_endpoint_disabled"))
    );
    bench.pay("pay_3", "cust_1").await;
    assert_eq!(
        bench.waiting(),
        0,
        "nothing is ordered for a disabled endpoint"
    );

    let enabled = bench.post(&path, json!({"status": "enabled"})).await;
    assert_eq!(
        (&enabled["status"], &enabled["disabled_reason"]),
        (&json!("enabled"), &Value::Null)
    );
    bench.post(&again, Value::Null).await;
    assert!(bench.step().await);
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn days_of_failure_disable_and_one_success_does_not() {
    let mut bench = Bench::new().await;
    bench.sender = bench.sender.clone().disabling_after_days(1);
    for (replies, status) in [
        (vec![Reply::Status(500); 20], "disabled"),
        (vec![Reply::Status(500), Reply::Status(200)], "enabled"),
    ] {
        let receiver = Receiver::start(&replies, Reply::Status(500)).await;
        let (endpoint, _) = bench.endpoint(&receiver.url).await;
        for round in 0..2 {
            bench.pay(&format!("pay_{status}_{round}"), "cust_1").await;
            while bench.waiting() > 0 && receiver.received().len() < 2 + round * 3 {
                assert!(bench.step().await);
            }
            bench.orders.0.lock().expect("a lock").clear();
            bench.pass(Duration::from_secs(25 * 3600));
        }
        let path = format!("/v1/webhook_endpoints/{endpoint}");
        assert_eq!(bench.get(&path).await["status"], status);
        bench.call("DELETE", &path, Value::Null).await;
    }
}

#[tokio::test]
async fn both_secrets_sign_while_they_overlap() {
    let receiver = Receiver::start(&[], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, old) = bench.endpoint(&receiver.url).await;
    let path = format!("/v1/webhook_endpoints/{endpoint}/rotate_secret");
    let rotated = bench.post(&path, json!({"expires_in_minutes": 10})).await;
    let new = rotated["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(new, old);
    bench.pay("pay_1", "cust_1").await;
    assert!(bench.step().await);
    bench.pass(Duration::from_secs(600));
    bench.pay("pay_2", "cust_1").await;
    assert!(bench.step().await);
    let received = receiver.received();
    assert!(received[0].verifies(&old) && received[0].verifies(&new));
    assert_eq!(
        received[0].header("webhook-signature").split(' ').count(),
        2
    );
    assert!(!received[1].verifies(&old) && received[1].verifies(&new));
}

#[tokio::test]
async fn a_record_that_is_announced_twice_is_delivered_once() {
    let receiver = Receiver::start(&[Reply::Status(500)], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, _) = bench.endpoint(&receiver.url).await;
    let entries = bench.pay("pay_1", "cust_1").await;
    bench.announce(&entries).await;
    assert_eq!(bench.waiting(), 2);
    while bench.step().await {
        bench.announce(&[]).await;
    }
    bench.announce(&entries).await;
    while bench.step().await {}
    assert_eq!(receiver.received().len(), 2, "the failure and the success");
    assert_eq!(bench.deliveries(&endpoint).await.len(), 1);
}

#[tokio::test]
async fn what_is_on_its_way_to_a_deleted_endpoint_is_dropped() {
    let receiver = Receiver::start(&[], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, _) = bench.endpoint(&receiver.url).await;
    bench.pay("pay_1", "cust_1").await;
    let path = format!("/v1/webhook_endpoints/{endpoint}");
    let (status, deleted) = bench.call("DELETE", &path, Value::Null).await;
    assert_eq!((status, &deleted["deleted"]), (200, &json!(true)));
    assert_eq!(bench.call("DELETE", &path, Value::Null).await.0, 404);
    assert_eq!(
        bench
            .call("GET", &format!("{path}/deliveries"), Value::Null)
            .await
            .0,
        404
    );
    while bench.step().await {}
    assert!(receiver.received().is_empty());
    assert!(bench.letters.0.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn a_test_event_shows_what_a_real_one_looks_like() {
    let receiver = Receiver::start(&[Reply::Status(500)], Reply::Status(200)).await;
    let bench = Bench::new().await;
    let (endpoint, secret) = bench.endpoint(&receiver.url).await;
    let path = format!("/v1/webhook_endpoints/{endpoint}/test");
    let delivery = bench
        .post(&path, json!({"type": "loyalty.points.reversed"}))
        .await;
    assert_eq!(delivery["status"], "pending");
    while bench.step().await {}
    let received = receiver.received();
    assert_eq!(received.len(), 2, "tried again like any other");
    assert!(received[1].verifies(&secret));
    assert_eq!(received[1].json()["type"], "loyalty.points.reversed");
    assert_eq!(received[0].body, received[1].body);
    let id = delivery["id"].as_str().expect("an id");
    let path = format!("/v1/webhook_endpoints/{endpoint}/deliveries/{id}");
    assert_eq!(bench.get(&path).await["status"], "succeeded");
    let path = format!("/v1/webhook_endpoints/{endpoint}/test");
    let (status, refused) = bench.call("POST", &path, json!({"type": "no.such"})).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("type")));
}
