//! What becomes of redemptions: reserved, confirmed, canceled, used, expired, by request, by time,
//! by payments and refunds, and over merges.

use laurel_rules::{
    Redemption,
    decide::{Act, Redeem, Wanted},
    pay_with_points::PointsPayment,
    redemption::RedemptionStatus,
};
use laurel_tests::{
    World, at, merge, payment, refund,
    rewards::{outcome, tick, used_by, wish},
};
use serde_json::{Value, json};

async fn world() -> World {
    World::with(json!({"auto_enroll": true}), &[]).await
}

async fn read(world: &World, id: &str) -> Redemption {
    world.ledger.redemption(id).await.expect("it").redemption
}

/// A payment that names a redemption.
fn naming(id: &str, redemption: &str) -> Value {
    let mut payment = payment(id, "cust_1", 1000);
    let metadata = json!({"redemption": redemption});
    merge(&mut payment["data"], json!({"metadata": metadata}));
    payment
}

#[tokio::test]
async fn a_redemption_deducts_and_issues_at_once() {
    let world = world().await;
    let reward = world.add_reward(json!({})).await;
    let anna = world.rich("cust_1", 250).await;
    let redeem = wish(&anna, &reward, false);
    let made = world.ledger.redeem(&redeem).await.expect("redeemed");
    let again = world.ledger.redeem(&redeem).await.expect("redeemed");
    assert_eq!(made, again, "the same request is the same redemption");
    assert_eq!(made.redemption.status, RedemptionStatus::Confirmed);
    let code = made.redemption.code.expect("a code");
    assert_eq!(code.len(), 14, "{code}");
    assert_eq!(world.balance(&anna).await, 150);
    assert_eq!(world.log_text(&anna).await, "adjust 250, redeem -100");
    let log = world.log(&anna).await;
    let taken = log[1].transaction();
    assert_eq!(taken.redemption.as_ref(), Some(&redeem.id));
    assert_eq!(made.redemption.transaction, Some(log[1].id().to_string()));
}

#[tokio::test]
async fn turns_table() {
    // From each state: to confirm, to cancel, to use.
    let table = [
        (
            "reserved",
            ["confirmed", "canceled", "redemption_not_usable"],
        ),
        ("confirmed", ["confirmed", "canceled", "used"]),
        ("used", ["used", "redemption_used", "redemption_used"]),
        (
            "canceled",
            [
                "redemption_not_reserved",
                "canceled",
                "redemption_not_usable",
            ],
        ),
        (
            "expired",
            [
                "redemption_not_reserved",
                "redemption_not_reserved",
                "redemption_not_usable",
            ],
        ),
    ];
    for (state, expected) in table {
        for written in [false, true] {
            for (act, expected) in [Act::Confirm, Act::Cancel, used_by("second")]
                .iter()
                .zip(expected)
            {
                let world = world().await;
                let reward = world.add_reward(json!({"stock": 1})).await;
                let anna = world.rich("cust_1", 100).await;
                let redeem = wish(&anna, &reward, state == "reserved" || state == "expired");
                world.ledger.redeem(&redeem).await.expect("redeemed");
                let first = match state {
                    "used" => Some(used_by("first")),
                    "canceled" => Some(Act::Cancel),
                    _ => None,
                };
                if let Some(first) = first {
                    let done = world.ledger.act_on_redemption(&redeem.id, &first).await;
                    assert_eq!(outcome(done), state);
                }
                if state == "expired" {
                    world.clock.set(at("2026-11-20T12:30:00Z"));
                    if written {
                        tick(&world.ledger).await;
                    }
                }
                assert_eq!(read(&world, &redeem.id).await.status.as_str(), state);
                let done = world.ledger.act_on_redemption(&redeem.id, act).await;
                assert_eq!(outcome(done), expected, "{act:?} when {state}");
                let status = read(&world, &redeem.id).await.status;
                let is_back = matches!(
                    status,
                    RedemptionStatus::Canceled | RedemptionStatus::Expired
                );
                let back = if is_back { 100 } else { 0 };
                assert_eq!(world.balance(&anna).await, back, "{act:?} when {state}");
                tick(&world.ledger).await;
                let stock = world.ledger.stocks(&[reward]).await.expect("stock");
                assert_eq!(stock[0].used, i64::from(!is_back), "{act:?} when {state}");
            }
        }
    }
}

#[tokio::test]
async fn a_reservation_that_nobody_confirms_comes_back_by_itself() {
    let world = world().await;
    let reward = world
        .add_reward(json!({"limit": {"redemptions": 1, "window": "lifetime"}, "stock": 1}))
        .await;
    let anna = world.rich("cust_1", 100).await;
    let redeem = wish(&anna, &reward, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    world.clock.set(at("2026-11-20T12:29:59.999Z"));
    assert_eq!(world.balance(&anna).await, 0);
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Reserved
    );
    // Nobody has looked yet, and every read shows it.
    world.clock.set(at("2026-11-20T12:30:00Z"));
    assert_eq!(world.balance(&anna).await, 100);
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Expired
    );
    assert_eq!(world.log_text(&anna).await, "adjust 100, redeem -100");
    for _ in 0..2 {
        tick(&world.ledger).await;
        let log = world.log_text(&anna).await;
        assert_eq!(log, "adjust 100, redeem -100, reverse 100");
    }
    let expired = read(&world, &redeem.id).await;
    assert_eq!(expired.status, RedemptionStatus::Expired);
    let reversal = world.log(&anna).await[2].id().to_string();
    assert_eq!(expired.reversal, Some(reversal));
    // Stock and limit are free again.
    let next = world.ledger.redeem(&wish(&anna, &reward, false)).await;
    assert_eq!(outcome(next), "confirmed");
}

#[tokio::test]
async fn points_come_back_to_the_lots_that_they_came_from() {
    let world = world().await;
    let reward = world.add_reward(json!({"cost": 120})).await;
    let anna = world.create("cust_1").await;
    world.grant(&anna, 100, Some("2026-11-20T12:10:00Z")).await;
    world.grant(&anna, 100, Some("2026-11-20T13:00:00Z")).await;
    let kept = wish(&anna, &reward, false);
    world.ledger.redeem(&kept).await.expect("redeemed");
    assert_eq!(world.balance(&anna).await, 80);
    // The first lot is over by then: what came of it returns and expires in one entry.
    world.clock.set(at("2026-11-20T12:15:00Z"));
    let canceled = world.ledger.act_on_redemption(&kept.id, &Act::Cancel).await;
    assert_eq!(outcome(canceled), "canceled");
    assert_eq!(world.balance(&anna).await, 100);
    let log = world.log(&anna).await;
    assert_eq!(
        world.log_text(&anna).await,
        "adjust 100, adjust 100, redeem -120, reverse 120, expire -100"
    );
    assert_eq!(log[3].entry.seq, log[4].entry.seq);
    assert_eq!(log[4].transaction().of, Some(log[0].id()));
    assert_eq!(
        (
            log[3].transaction().balance_after,
            log[4].transaction().balance_after
        ),
        (200, 100)
    );
    // The second lot ends when it always did.
    world.clock.set(at("2026-11-20T13:00:00Z"));
    assert_eq!(world.balance(&anna).await, 0);
}

#[tokio::test]
async fn a_payment_confirms_what_it_names_and_earns_all_the_same() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    let reward = world.add_reward(json!({})).await;
    let anna = world.rich("cust_1", 300).await;
    let bob = world.rich("cust_2", 300).await;
    let (own, foreign) = (wish(&anna, &reward, true), wish(&bob, &reward, true));
    let over = wish(&anna, &reward, true);
    for redeem in [&own, &foreign, &over] {
        world.ledger.redeem(redeem).await.expect("reserved");
    }
    let canceled = world.ledger.act_on_redemption(&over.id, &Act::Cancel).await;
    assert_eq!(outcome(canceled), "canceled");
    let unknown = wish(&anna, &reward, true).id;
    let names = [&own.id, &foreign.id, &over.id, &unknown, "rdm_#", ""];
    for (number, name) in names.into_iter().enumerate() {
        for _ in 0..2 {
            let outcome = world.apply(naming(&format!("pay_{number}"), name)).await;
            assert_eq!(outcome.expect("handled").transactions.len(), 1, "{name}");
        }
    }
    let confirmed = read(&world, &own.id).await;
    assert_eq!(confirmed.status, RedemptionStatus::Confirmed);
    assert_eq!(confirmed.payment.as_deref(), Some("pay_0"));
    assert!(confirmed.code.is_some());
    assert_eq!(
        read(&world, &foreign.id).await.status,
        RedemptionStatus::Reserved
    );
    assert_eq!(
        read(&world, &over.id).await.status,
        RedemptionStatus::Canceled
    );
    // The reservation is over, and what it took is gone for good.
    world.clock.set(at("2026-11-21T12:00:00Z"));
    assert_eq!(world.balance(&anna).await, 200 + 60);
}

#[tokio::test]
async fn a_full_refund_cancels_the_redemption_once_where_the_program_says_so() {
    for wanted in [true, false] {
        let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
        let settings = json!({"auto_enroll": true, "cancel_redemptions_on_refund": wanted});
        let world = World::with(settings, &[rule]).await;
        let reward = world.add_reward(json!({})).await;
        let anna = world.rich("cust_1", 100).await;
        let redeem = wish(&anna, &reward, true);
        world.ledger.redeem(&redeem).await.expect("reserved");
        world
            .apply(naming("pay_1", &redeem.id))
            .await
            .expect("paid");
        world
            .apply(refund("re_1", "pay_1", Some(400)))
            .await
            .expect("done");
        assert_eq!(
            read(&world, &redeem.id).await.status,
            RedemptionStatus::Confirmed
        );
        for id in ["re_2", "re_2", "re_3"] {
            world.apply(refund(id, "pay_1", None)).await.expect("done");
        }
        let status = read(&world, &redeem.id).await.status;
        let (expected, balance) = match wanted {
            true => (RedemptionStatus::Canceled, 100),
            false => (RedemptionStatus::Confirmed, 0),
        };
        assert_eq!((status, world.balance(&anna).await), (expected, balance));
    }
}

#[tokio::test]
async fn a_refund_ahead_of_its_payment_comes_to_the_same() {
    let settings = json!({"auto_enroll": true, "cancel_redemptions_on_refund": true});
    let world = World::with(settings, &[]).await;
    let reward = world.add_reward(json!({})).await;
    let anna = world.rich("cust_1", 100).await;
    let redeem = wish(&anna, &reward, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("remembered");
    world
        .apply(naming("pay_1", &redeem.id))
        .await
        .expect("paid");
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Canceled
    );
    assert_eq!(world.balance(&anna).await, 100);
}

#[tokio::test]
async fn what_was_used_stays_used_when_its_payment_is_refunded() {
    let settings = json!({"auto_enroll": true, "cancel_redemptions_on_refund": true});
    let world = World::with(settings, &[]).await;
    let reward = world.add_reward(json!({})).await;
    let anna = world.rich("cust_1", 100).await;
    let redeem = wish(&anna, &reward, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    world
        .apply(naming("pay_1", &redeem.id))
        .await
        .expect("paid");
    let used = world
        .ledger
        .act_on_redemption(&redeem.id, &used_by("till"))
        .await;
    assert_eq!(outcome(used), "used");
    let again = world
        .ledger
        .act_on_redemption(&redeem.id, &used_by("till"))
        .await;
    assert_eq!(outcome(again), "used", "the same request is no second use");
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("done");
    assert_eq!(
        read(&world, &redeem.id).await.status,
        RedemptionStatus::Used
    );
    assert_eq!(world.balance(&anna).await, 0);
}

#[tokio::test]
async fn redemptions_go_on_with_the_survivor_of_a_merge() {
    let world = world().await;
    let reward = world.add_reward(json!({})).await;
    let (anna, bob) = (
        world.rich("cust_1", 300).await,
        world.rich("cust_2", 50).await,
    );
    let redeems = [true, true, true, false].map(|reserve| wish(&anna, &reward, reserve));
    for redeem in &redeems[..3] {
        world.ledger.redeem(redeem).await.expect("reserved");
    }
    world.merge(&anna, &bob).await;
    assert_eq!(world.balance(&bob).await, 50);
    let act = async |redeem: &Redeem, act: Act| {
        outcome(world.ledger.act_on_redemption(&redeem.id, &act).await)
    };
    assert_eq!(act(&redeems[0], Act::Confirm).await, "confirmed");
    assert_eq!(act(&redeems[1], Act::Cancel).await, "canceled");
    assert_eq!(world.balance(&bob).await, 150);
    // The third ends by itself, the first is canceled after all.
    world.clock.set(at("2026-11-20T12:30:00Z"));
    assert_eq!(world.balance(&bob).await, 250);
    assert_eq!(act(&redeems[0], Act::Cancel).await, "canceled");
    assert_eq!(world.balance(&bob).await, 350);
    assert_eq!(
        read(&world, &redeems[2].id).await.status,
        RedemptionStatus::Expired
    );
    let view = world.ledger.redemption(&redeems[0].id).await.expect("it");
    assert_eq!(view.account, bob);
    let made = world.ledger.redeem(&redeems[3]).await;
    assert_eq!(outcome(made), "account_merged");
    let repeated = world.ledger.redeem(&redeems[0]).await;
    assert_eq!(outcome(repeated), "canceled");
}

#[tokio::test]
async fn closing_an_account_releases_what_is_reserved() {
    let world = world().await;
    let reward = world.add_reward(json!({"stock": 5})).await;
    let anna = world.rich("cust_1", 300).await;
    let (first, second) = (wish(&anna, &reward, true), wish(&anna, &reward, true));
    let kept = wish(&anna, &reward, false);
    for redeem in [&first, &second, &kept] {
        world.ledger.redeem(redeem).await.expect("redeemed");
    }
    world.ledger.close_account(&anna).await.expect("closed");
    assert_eq!(world.balance(&anna).await, 200);
    for redeem in [&first, &second] {
        let canceled = read(&world, &redeem.id).await;
        assert_eq!(canceled.status, RedemptionStatus::Canceled);
        assert!(canceled.reversal.is_some() && canceled.canceled_at.is_some());
    }
    assert_eq!(
        read(&world, &kept.id).await.status,
        RedemptionStatus::Confirmed
    );
    assert_eq!(
        world.ledger.stocks(&[reward]).await.expect("stock")[0].used,
        1
    );
}

#[tokio::test]
async fn refusals_table() {
    let table = [
        (json!({"active": false}), "reward_unavailable"),
        (
            json!({"starts_at": "2026-11-20T12:00:00.001Z"}),
            "reward_unavailable",
        ),
        (
            json!({"ends_at": "2026-11-20T12:00:00Z"}),
            "reward_unavailable",
        ),
        (json!({"starts_at": "2026-11-20T12:00:00Z"}), "confirmed"),
        (json!({"ends_at": "2026-11-20T12:00:00.001Z"}), "confirmed"),
        (json!({"stock": 0}), "out_of_stock"),
        (json!({"code_pool": true}), "out_of_stock"),
        (json!({"cost": 101}), "insufficient_points"),
        (json!({"cost": 100}), "confirmed"),
        (json!({"cost": 0}), "confirmed"),
        (json!({"min_tier": "gold"}), "tier_too_low"),
    ];
    for (reward, expected) in table {
        let world = world().await;
        let made = world.add_reward(reward.clone()).await;
        let anna = world.rich("cust_1", 100).await;
        let done = world.ledger.redeem(&wish(&anna, &made, false)).await;
        assert_eq!(outcome(done), expected, "{reward}");
    }
    let world = world().await;
    let reward = world.add_reward(json!({"cost": 0})).await;
    let anna = world.create("cust_1").await;
    for _ in 0..20 {
        let done = world.ledger.redeem(&wish(&anna, &reward, true)).await;
        assert_eq!(outcome(done), "reserved");
    }
    let done = world.ledger.redeem(&wish(&anna, &reward, true)).await;
    assert_eq!(outcome(done), "limit_reached");
    world.ledger.close_account(&anna).await.expect("closed");
    let done = world.ledger.redeem(&wish(&anna, &reward, true)).await;
    assert_eq!(outcome(done), "account_closed");
}

#[tokio::test]
async fn a_members_limit_counts_over_its_window() {
    let world = world().await;
    let limit = json!({"limit": {"redemptions": 2, "window": "day"}, "cost": 0});
    let reward = world.add_reward(limit).await;
    let anna = world.create("cust_1").await;
    let redeem = async || outcome(world.ledger.redeem(&wish(&anna, &reward, false)).await);
    let first = wish(&anna, &reward, false);
    world.ledger.redeem(&first).await.expect("redeemed");
    assert_eq!(redeem().await, "confirmed");
    assert_eq!(redeem().await, "limit_reached");
    let canceled = world
        .ledger
        .act_on_redemption(&first.id, &Act::Cancel)
        .await;
    assert_eq!(outcome(canceled), "canceled");
    assert_eq!(redeem().await, "confirmed");
    assert_eq!(redeem().await, "limit_reached");
    world.clock.set(at("2026-11-21T00:00:00Z"));
    assert_eq!(redeem().await, "confirmed");
}

#[tokio::test]
async fn members_pay_with_points_at_the_programs_rate() {
    let rate = json!({"redeem_rate": {
        "points": 3, "amount": 2, "currency": "EUR", "minimum_points": 30, "maximum_percent": 50,
    }});
    let world = World::with(rate, &[]).await;
    let anna = world.rich("cust_1", 1000).await;
    let table = [
        (100, Some(1000), "EUR", Ok(66)),
        (30, Some(1000), "EUR", Ok(20)),
        (29, Some(1000), "EUR", Err("parameter_invalid")),
        (750, Some(1000), "EUR", Ok(500)),
        (753, Some(1000), "EUR", Err("parameter_invalid")),
        (100, None, "EUR", Err("parameter_missing")),
        (100, Some(1000), "USD", Err("parameter_invalid")),
    ];
    for (points, order_amount, currency, expected) in table {
        let redeem = Redeem {
            wanted: Wanted::Discount(PointsPayment {
                points,
                currency: currency.to_owned(),
                order_amount,
            }),
            ..wish(&anna, &world.add_reward(json!({})).await, true)
        };
        let done = world.ledger.redeem(&redeem).await;
        match expected {
            Ok(amount) => {
                let value = done.expect("reserved").redemption.value;
                let value = serde_json::to_value(value).expect("JSON");
                assert_eq!(value["amount"], amount, "{points}");
                let canceled = world
                    .ledger
                    .act_on_redemption(&redeem.id, &Act::Cancel)
                    .await;
                assert_eq!(outcome(canceled), "canceled");
            }
            Err(code) => assert_eq!(outcome(done), code, "{points} {currency}"),
        }
    }
    assert_eq!(world.balance(&anna).await, 1000);
}
