//! The rate of requests of one key, over several processes.

use axum::Router;
use jiff::SignedDuration;
use laurel_tests::World;
use serde_json::json;

use crate::calls::{Call, key, process};

async fn passed(router: &Router, call: &Call, tries: usize) -> usize {
    let mut passed = 0;
    for _ in 0..tries {
        let answer = call.at(router).await;
        if answer.status == 200 {
            passed += 1;
            continue;
        }
        assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
        assert_eq!(answer.body["error"]["type"], "rate_limit_error");
        // The window began at noon, and the clock stands.
        assert_eq!(answer.headers["retry-after"], "10");
    }
    passed
}

#[tokio::test]
async fn a_window_has_its_budget_and_few_writes() {
    let world = World::with(json!({}), &[]).await;
    let router = process(&world, 10);
    let call = Call::get("/v1/api_keys");
    let before = world.store.usage();
    assert_eq!(passed(&router, &call, 250).await, 100);
    let writes = world.store.usage().since(&before).requests_of("UpdateItem");
    assert!(writes <= 16, "{writes}");
    let later = world.ledger.now() + SignedDuration::from_secs(10);
    world.clock.set(later);
    assert_eq!(passed(&router, &call, 50).await, 50);
}

#[tokio::test]
async fn processes_share_the_budget() {
    let world = World::with(json!({}), &[]).await;
    let call = Call::get("/v1/api_keys");
    let routers: Vec<Router> = (0..4).map(|_| process(&world, 10)).collect();
    let mut total = 0;
    for _ in 0..200 {
        for router in &routers {
            total += passed(router, &call, 1).await;
        }
    }
    // A hundredth of 100 is free to each.
    assert!((80..=104).contains(&total), "{total}");
}

#[tokio::test]
async fn keys_have_rates_of_their_own() {
    let world = World::with(json!({}), &[]).await;
    let router = process(&world, 10);
    let slow = key(&router, json!({"type": "secret", "rate_limit": 1})).await;
    assert_eq!(
        passed(&router, &Call::get("/v1/api_keys").by(&slow), 30).await,
        10
    );
    let call = Call::get("/v1/api_keys");
    assert_eq!(passed(&router, &call, 20).await, 20);
}

#[tokio::test]
async fn little_use_writes_nothing() {
    let world = World::with(json!({}), &[]).await;
    let router = process(&world, 100);
    let before = world.store.usage();
    assert_eq!(passed(&router, &Call::get("/v1/api_keys"), 10).await, 10);
    assert_eq!(world.store.usage().since(&before).write_units, 0);
}
