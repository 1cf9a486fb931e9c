//! What referrals cost, as counts.

use laurel_tests::{
    World, at,
    referrals::{paid, settings},
};

/// Requests, half read units and write units of a payment.
async fn cost(world: &World, id: &str, customer: &str, amount: i64) -> (u64, u64, u64) {
    let before = world.store.usage();
    let payment = paid(id, customer, amount, "13:00", &format!("card_{customer}"));
    world.apply(payment).await.expect("paid");
    let used = world.store.usage().since(&before);
    (
        used.total_requests(),
        used.read_half_units,
        used.write_units,
    )
}

#[tokio::test]
async fn a_payment_pays_for_the_referral_that_it_may_convert_and_no_other() {
    let rule = serde_json::json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(settings(), &[rule]).await;
    let (_, code) = world.referrer("anna").await;
    world.create("eva").await;
    for customer in ["ben", "cem"] {
        world.attribute(customer, &code).await;
    }
    world.clock.set(at("2026-11-20T14:00:00Z"));
    cost(&world, "warm", "eva", 100).await;
    let table = [
        ("who came by no code", "eva", 5000),
        ("below the minimum", "ben", 100),
        ("the one that converts", "cem", 5000),
        ("the next one", "cem", 5000),
    ];
    let mut costs = Vec::new();
    for (what, customer, amount) in table {
        let id = format!("pay_{what}").replace(' ', "_");
        costs.push((what, cost(&world, &id, customer, amount).await));
    }
    let expected = [
        ("who came by no code", (2, 3, 8)),
        // Beside what a payment writes: the card, should another referee come with it.
        ("below the minimum", (5, 7, 10)),
        // The card, the referral, the referrer's account and conversions, an entry on each side;
        // and nobody need look any more when the referral expires.
        ("the one that converts", (5, 7, 21)),
        ("the next one", (2, 3, 8)),
    ];
    assert_eq!(costs, expected);
}
