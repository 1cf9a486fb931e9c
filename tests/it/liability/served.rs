//! The figures and the journal as they are served, and who keeps them in the local stack.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use laurel::stack::{Options, Stack};
use laurel_events::{from_api, parse};
use tower::ServiceExt;

use super::*;
use crate::calls::{Call, process};

#[tokio::test]
async fn a_part_of_the_journal_says_where_the_next_is() {
    let world = a_rule_for_payments(json!({})).await;
    for number in 0..5 {
        let id = format!("pay_{number}");
        let event = payment(&id, &format!("cust_{number}"), 1000);
        world.apply(event).await.expect("earns");
    }
    let router = process(&world, 0);
    let mut next = Some(format!(
        "/v1/loyalty/programs/{PROGRAM}/journal?month=2026-11&limit=2"
    ));
    let (mut parts, mut points) = (0, 0);
    while let Some(path) = next {
        let request = Request::get(path).header("x-api-key", "sk_test_local");
        let request = request.body(Body::empty()).expect("a request");
        let answer = router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.headers()[header::CONTENT_TYPE],
            "application/x-ndjson"
        );
        let link = answer.headers().get(header::LINK).map(|link| {
            let link = link.to_str().expect("text");
            let link = link.strip_suffix(">; rel=\"next\"").expect("the next part");
            link.trim_start_matches('<').to_owned()
        });
        let body = to_bytes(answer.into_body(), usize::MAX)
            .await
            .expect("a body");
        for line in String::from_utf8(body.to_vec()).expect("text").lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(line["date"], "2026-11-20");
            assert_eq!(line["source"]["type"], "payment");
            points += line["points"].as_i64().expect("points");
        }
        parts += 1;
        next = link;
    }
    assert_eq!((parts, points), (3, 50));
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let world = a_rule_for_payments(json!({})).await;
    let router = process(&world, 0);
    for (query, param) in [
        ("month=2026-13", "month"),
        ("month=november", "month"),
        ("month=2026-11&from=2026-11-01T00:00:00Z", "month"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("starting_after=loy_nobody", "starting_after"),
        ("starting_after=1", "starting_after"),
        ("since=1", "since"),
    ] {
        let path = format!("/v1/loyalty/programs/{PROGRAM}/journal?{query}");
        let answer = Call::get(path).at(&router).await;
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        assert_eq!(answer.body["error"]["param"], param, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_local_stack_counts_what_it_commits() {
    laurel_tests::logs::watch();
    let stack = Stack::start(Options::default()).await.expect("a stack");
    let rule = json!({
        "trigger": "payment.completed", "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let made = Call::post("/v1/loyalty/earning_rules", rule)
        .at(&stack.router())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let member = json!({"customer": "a"});
    let made = Call::post("/v1/loyalty/accounts", member)
        .at(&stack.router())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    for number in 0..7 {
        let mut event = payment(&format!("pay_{number}"), "a", 1000);
        merge(&mut event, json!({"occurred_at": stack.ledger.now()}));
        let event = parse(from_api(event).expect("an event"), stack.ledger.now());
        stack
            .ledger
            .apply(&event.expect("an event"))
            .await
            .expect("earns");
    }
    stack.settled().await;
    let path = format!("/v1/loyalty/programs/{PROGRAM}/liability");
    let owed = Call::get(path).at(&stack.router()).await;
    assert_eq!(owed.body["outstanding"], 70, "{owed:?}");
    assert_eq!(owed.body["months"][0]["issued"], 70);
    assert_eq!(owed.body["value"], Value::Null);
    assert!(stack.dead_letters.all().is_empty());
}
