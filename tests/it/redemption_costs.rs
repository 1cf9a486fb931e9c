//! What a redemption costs from its reservation to its refund, as counts.

use laurel_ledger::{Ledger, Seed};
use laurel_rules::{
    decide::{Act, Redeem, Wanted},
    pay_with_points::PointsPayment,
};
use laurel_tests::{
    World, merge, payment, refund,
    rewards::{used_by, wish},
};
use serde_json::json;

#[tokio::test]
async fn what_the_turns_of_a_redemption_cost() {
    let world = World::with(
        json!({
            "auto_enroll": true, "cancel_redemptions_on_refund": true,
            "redeem_rate": {"points": 1, "amount": 1, "currency": "EUR"},
        }),
        &[],
    )
    .await;
    let reward = world.add_reward(json!({"stock": 10})).await;
    let anna = world.rich("cust_1", 1000).await;
    let first = Redeem {
        id: Ledger::redemption_id(&anna, Seed::fresh()),
        wanted: Wanted::Discount(PointsPayment {
            points: 100,
            currency: "EUR".to_owned(),
            order_amount: None,
        }),
        ..wish(&anna, &reward, true)
    };
    let coded = wish(&anna, &reward, false);
    let mut used = Vec::new();
    let mut before = world.store.usage();
    let mut note = |what| {
        let now = world.store.usage();
        let spent = now.since(&before);
        before = now;
        let (requests, reads) = (spent.total_requests(), spent.read_half_units);
        used.push((what, requests, reads, spent.write_units));
    };
    world.ledger.redeem(&first).await.expect("reserved");
    note("reserve points");
    let mut paid = payment("pay_1", "cust_1", 1000);
    let naming = json!({"metadata": {"redemption": first.id}});
    merge(&mut paid["data"], naming);
    world.apply(paid).await.expect("is paid");
    note("payment that confirms");
    for (id, what) in [
        ("re_1", "refund that returns a share"),
        ("re_2", "refund that returns the rest"),
    ] {
        let amount = (id == "re_1").then_some(400);
        let event = refund(id, "pay_1", amount);
        world.apply(event).await.expect("is refunded");
        note(what);
    }
    world.ledger.redeem(&coded).await.expect("redeemed");
    note("a reward with a code, of limited stock");
    let till = used_by("till");
    let used_up = world.ledger.act_on_redemption(&coded.id, &till);
    used_up.await.expect("is used");
    note("use");
    let other = wish(&anna, &reward, false);
    world.ledger.redeem(&other).await.expect("redeemed");
    note("another");
    let canceled = world.ledger.act_on_redemption(&other.id, &Act::Cancel);
    canceled.await.expect("is canceled");
    note("cancel");
    // (what, requests, read half units, write units). A redemption is account, entry, and itself
    // with its row of the index; a code and a counted stock are an item each.
    let expected = [
        ("reserve points", 3, 3, 8),
        ("payment that confirms", 2, 8, 11),
        ("refund that returns a share", 4, 7, 12),
        ("refund that returns the rest", 4, 7, 12),
        ("a reward with a code, of limited stock", 3, 6, 11),
        ("use", 3, 3, 6),
        ("another", 3, 6, 11),
        ("cancel", 3, 3, 8),
    ];
    assert_eq!(used, expected);
}
