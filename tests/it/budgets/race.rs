//! Many writers at once.

use std::sync::Arc;

use laurel_tests::{payment, refund};
use serde_json::json;

use super::{Given, given, pay, pay_at_once, used, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_awards_at_once_get_a_hundred_points() {
    let world = world(json!({"points": 100, "window": "month"})).await;
    pay_at_once(&world, "a", 200, 100).await;
    let expected = Given {
        points: 100,
        cut: 100,
        announced: 1,
    };
    assert_eq!(given(&world).await, expected);
    assert_eq!(
        (used(&world).await.used, used(&world).await.remaining()),
        (100, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn awards_of_several_points_at_once_get_all_of_it_and_no_more() {
    let world = world(json!({"points": 1000, "window": "lifetime"})).await;
    pay_at_once(&world, "a", 100, 1700).await;
    let given = given(&world).await;
    assert_eq!((given.points, given.announced), (1000, 1));
    assert_eq!(used(&world).await.used, 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lone_caller_gets_the_last_point_after_concurrent_leases() {
    let world = world(json!({"points": 10_000, "window": "month"})).await;
    pay_at_once(&world, "a", 60, 700).await;
    assert_eq!(given(&world).await.points, 420);
    // One payment wants more than is left: it gets all of it, from all shares.
    pay(
        &world.ledger,
        &world,
        payment("pay_big", "cust_big", 2_000_000),
    )
    .await;
    let expected = Given {
        points: 10_000,
        cut: 1,
        announced: 1,
    };
    assert_eq!(given(&world).await, expected);
    let member = world.member("cust_big").await;
    assert_eq!(member.balance, 10_000 - 420);
    let log = world.log(&member.account.id).await;
    assert_eq!(log[0].transaction().uncapped_points, Some(20_000));
    // Afterwards an award is there and empty.
    pay(&world.ledger, &world, payment("pay_late", "cust_late", 500)).await;
    assert_eq!(world.member("cust_late").await.balance, 0);
    assert_eq!(given(&world).await.announced, 1);
}

#[tokio::test]
async fn a_lone_caller_takes_exactly_the_last_point_and_it_is_announced_there() {
    let world = world(json!({"points": 300, "window": "day"})).await;
    for number in 0..30 {
        let event = payment(&format!("pay_{number}"), &format!("cust_{number}"), 1000);
        pay(&world.ledger, &world, event).await;
        let expected = Given {
            points: 10 * (number + 1),
            cut: 0,
            announced: usize::from(number == 29),
        };
        assert_eq!(given(&world).await, expected, "after {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeat_takes_nothing_from_the_budget() {
    let world = world(json!({"points": 100, "window": "month"})).await;
    let racing = (0..20).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = payment("pay_1", "cust_1", 1000);
            pay(&world.another_ledger(), &world, event).await
        })
    });
    for done in futures::future::join_all(racing).await {
        done.expect("no panic");
    }
    assert_eq!(used(&world).await.used, 10);
    assert_eq!(given(&world).await.points, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_racing_awards_give_back_what_others_then_get() {
    let world = world(json!({"points": 100, "window": "month"})).await;
    for number in 0..10 {
        let event = payment(&format!("pay_first_{number}"), "cust_first", 1000);
        pay(&world.ledger, &world, event).await;
    }
    assert_eq!(used(&world).await.used, 100);
    let refunds = (0..10).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let id = format!("re_{number}");
            let event = refund(&id, &format!("pay_first_{number}"), Some(500));
            pay(&world.another_ledger(), &world, event).await
        })
    });
    let refunds = futures::future::join_all(refunds);
    let (done, ()) = futures::future::join(refunds, pay_at_once(&world, "b", 20, 300)).await;
    for done in done {
        done.expect("no panic");
    }
    // Whatever came first: what is left over is handed out in the end.
    pay_at_once(&world, "c", 30, 300).await;
    let given = given(&world).await;
    assert_eq!((given.points, given.announced), (100, 1));
    assert_eq!(used(&world).await.used, 100);
}
