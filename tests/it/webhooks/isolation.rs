//! An endpoint that never answers holds up nobody but itself.

use std::{pin::pin, time::Duration};

use axum::{
    body::Body,
    http::{Request, header},
};
use laurel::{Options, Stack, setup::ProgramFile};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    bench::Bench,
    receiver::{Receiver, Reply},
};

async fn create(stack: &Stack, url: &str) -> Value {
    let request = Request::post("/v1/webhook_endpoints")
        .header("x-api-key", &stack.api_key)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(
            json!({"url": url, "enabled_events": ["loyalty.points.*"]}).to_string(),
        ))
        .expect("a request");
    let answer = stack.router().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    serde_json::from_slice(&bytes.expect("a body")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_events_pass_a_tarpit() {
    laurel_tests::logs::watch();
    let stack = Stack::start(Options::default()).await.expect("a stack");
    let program = ProgramFile::parse(laurel::setup::DEMO).expect("a program");
    program
        .set_up(&stack.router(), &stack.api_key)
        .await
        .expect("is set up");
    let tarpit = Receiver::start(&[], Reply::Hang).await;
    let good = Receiver::start(&[], Reply::Status(200)).await;
    let slow_id = create(&stack, &tarpit.url).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let secret = create(&stack, &good.url).await["secret"].clone();
    for number in 0..200 {
        let customer = format!("cust_{}", number % 20);
        stack.bus.publish(json!({
            "version": "0", "id": format!("bus-{number}"), "detail-type": "payment.completed",
            "source": "shop", "account": "1", "time": "2026-11-03T10:15:00Z", "region": "r",
            "resources": [],
            "detail": {"id": format!("pay_{number}"), "amount": 1000, "currency": "EUR", "customer": customer},
        }));
    }
    // 200 awards, and the welcome bonus of 20 members.
    good.has(220).await;
    tarpit.has(1).await;
    // However long that took: were the two in each other's way, the tarpit would by now have been
    // sent what was ordered before the last event that the other one got, which is nearly all.
    // Ten attempts at a time are made until it is known to be slow, and probes after that.
    let attempts = tarpit.received().len();
    assert!(attempts <= 40, "{attempts} attempts at the tarpit");
    let filter = laurel_ledger::DeliveryFilter {
        endpoint: slow_id,
        status: Some(laurel_webhooks::DeliveryStatus::Succeeded),
        event: None,
    };
    let page = laurel_ledger::PageRequest::default();
    let answered = stack.ledger.deliveries(&filter, &page).await;
    assert_eq!(answered.expect("deliveries").data.len(), 0);
    let secret = secret.as_str().expect("a secret");
    assert!(good.received().iter().all(|one| one.verifies(secret)));
    let mut ids: Vec<String> = good
        .received()
        .iter()
        .map(|one| one.id().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 220);
}

#[tokio::test]
async fn a_slow_endpoint_is_probed_by_one_delivery_at_a_time() {
    let tarpit = Receiver::start(&[], Reply::Hang).await;
    let bench = Bench::new().await;
    let (endpoint, _) = bench.endpoint(&tarpit.url).await;
    bench.pay("pay_0", "cust_1").await;
    let first = bench.next().expect("a message");
    for number in 1..20 {
        bench.pay(&format!("pay_{number}"), "cust_1").await;
    }
    let others = async {
        // Once it is known to be slow, nothing else is sent there.
        tokio::time::sleep(Duration::from_millis(3_000)).await;
        for _ in 1..20 {
            assert!(bench.step().await);
        }
        assert_eq!(tarpit.received().len(), 1);
        assert_eq!(bench.waiting(), 19, "they went back into the queue");
    };
    let (carried_out, ()) = futures::future::join(bench.carry_out(&first), others).await;
    assert!(carried_out);
    let [timed_out] = &bench.deliveries(&endpoint).await[..] else {
        panic!("one attempt")
    };
    assert_eq!(timed_out["attempts"][0]["error"], "No answer within 15 s.");

    // After the hold two are carried out at a time, and one of them only is an attempt.
    bench.pass(Duration::from_secs(60));
    let (one, two) = (
        bench.next().expect("a message"),
        bench.next().expect("a message"),
    );
    let mut both = pin!(futures::future::join(
        bench.carry_out(&one),
        bench.carry_out(&two)
    ));
    tokio::select! {
        _ = &mut both => panic!("one of them waits for the tarpit"),
        () = tarpit.has(2) => {}
    }
    let other = tokio::time::timeout(Duration::from_secs(1), both).await;
    assert!(other.is_err(), "one of them waits for the tarpit");
    assert_eq!(tarpit.received().len(), 2);
}
