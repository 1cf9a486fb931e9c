//! What refunds bring back of a redemption that paid for a part of the payment: store credit
//! always, points where the program says so.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::{CreditAdjustmentRequest, Ledger, Seed};
use laurel_rules::{
    Redemption,
    checkout::Order,
    decide::{Act, Redeem, Wanted},
    pay_with_points::PointsPayment,
    redemption::RedemptionStatus,
    store_credit::Money,
};
use laurel_tests::{
    Crash, World, at, merge, payment, refund,
    rewards::{outcome, used_by, wish},
};
use serde_json::{Value, json};

use crate::refunds::permutations;

/// What pays.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Points,
    Credit,
}

const UNITS: [Unit; 2] = [Unit::Points, Unit::Credit];

async fn world() -> World {
    let settings = json!({
        "auto_enroll": true, "cancel_redemptions_on_refund": true,
        "redeem_rate": {"points": 1, "amount": 1, "currency": "EUR"},
    });
    World::with(settings, &[]).await
}

impl Unit {
    async fn give(self, world: &World, account: &str, amount: i64, expires_at: Option<&str>) {
        if self == Unit::Points {
            return world.grant(account, amount, expires_at).await;
        }
        let request = CreditAdjustmentRequest {
            account: account.to_owned(),
            currency: "EUR".to_owned(),
            amount,
            reason: "a gift".to_owned(),
            allow_negative: false,
            expires_at: Some(expires_at.map(at)),
            metadata: BTreeMap::new(),
            request: world.ledger.new_id("adj_"),
        };
        let given = world.ledger.adjust_store_credit(request).await;
        given.expect("a gift");
    }

    fn spend(self, account: &str, amount: i64, reserve: bool) -> Redeem {
        let currency = "EUR".to_owned();
        Redeem {
            id: Ledger::redemption_id(account, Seed::fresh()),
            account: account.to_owned(),
            wanted: match self {
                Unit::Credit => Wanted::StoreCredit(Money { amount, currency }),
                Unit::Points => Wanted::Discount(PointsPayment {
                    points: amount,
                    currency,
                    order_amount: None,
                }),
            },
            reserve_minutes: reserve.then_some(30),
            metadata: BTreeMap::new(),
        }
    }

    async fn left(self, world: &World, account: &str) -> i64 {
        let view = world.ledger.account(account).await.expect("an account");
        let euros = view.store_credit.iter().find(|it| it.currency == "EUR");
        match self {
            Unit::Points => view.balance,
            Unit::Credit => euros.map_or(0, |euros| euros.balance),
        }
    }
}

async fn read(world: &World, id: &str) -> Redemption {
    world.ledger.redemption(id).await.expect("it").redemption
}

fn naming(id: &str, amount: i64, redemption: &str) -> Value {
    let mut payment = payment(id, "cust_1", amount);
    merge(
        &mut payment["data"],
        json!({"metadata": {"redemption": redemption}}),
    );
    payment
}

async fn act(world: &World, id: &str, act: &Act) -> &'static str {
    outcome(world.ledger.act_on_redemption(id, act).await)
}

/// A world in which the member has 1,000 and reserved 100 of it, with the redemption.
async fn reserved(unit: Unit) -> (World, String, String) {
    let world = world().await;
    let account = world.create("cust_1").await;
    unit.give(&world, &account, 1000, None).await;
    let redeem = unit.spend(&account, 100, true);
    world.ledger.redeem(&redeem).await.expect("reserved");
    (world, account, redeem.id)
}

#[tokio::test]
async fn every_order_of_a_payment_and_its_refunds_ends_alike() {
    for unit in UNITS {
        for last in [None, Some(333)] {
            let events = [
                naming("pay_1", 999, ""),
                refund("re_1", "pay_1", Some(333)),
                refund("re_2", "pay_1", Some(332)),
                refund("re_3", "pay_1", last),
            ];
            for order in permutations(&events) {
                let (world, account, id) = reserved(unit).await;
                for event in order.iter().chain(&order) {
                    let mut event = event.clone();
                    if event["data"].get("metadata").is_some() {
                        event["data"]["metadata"]["redemption"] = id.as_str().into();
                    }
                    world.apply(event).await.expect("is handled");
                }
                // ⌊100 × 998 ÷ 999⌋ = 99 come back, or all.
                let (left, status) = match last {
                    None => (1000, RedemptionStatus::Canceled),
                    Some(_) => (999, RedemptionStatus::Confirmed),
                };
                let made = read(&world, &id).await;
                let found = (unit.left(&world, &account).await, made.status);
                assert_eq!(found, (left, status), "{unit:?} {order:#?}");
                assert_eq!(made.returned, left - 900);
            }
        }
    }
}

#[tokio::test]
async fn small_refunds_add_up_to_the_share() {
    for unit in UNITS {
        let (world, account, id) = reserved(unit).await;
        world
            .apply(naming("pay_1", 1000, &id))
            .await
            .expect("is paid");
        // Refunded, what there is then, what came back.
        for (number, (amount, left)) in [(9, 900), (1, 901), (489, 949), (1, 950), (0, 950)]
            .into_iter()
            .enumerate()
        {
            let event = refund(&format!("re_{number}"), "pay_1", Some(amount));
            for _ in 0..2 {
                world.apply(event.clone()).await.expect("is handled");
            }
            assert_eq!(unit.left(&world, &account).await, left, "{number}");
            let made = read(&world, &id).await;
            assert_eq!(made.returned, left - 900, "{number}");
            assert_eq!(made.status, RedemptionStatus::Confirmed);
        }
        // It is worth what is left of it, and a cancel returns the rest, once.
        let order = Order {
            amount: 5000,
            currency: "EUR".to_owned(),
            line_items: None,
        };
        let shown = laurel_ledger::Shown::Redemption(id.clone());
        let (worth, _) = world.ledger.worth(&shown, &order).await.expect("worth");
        assert_eq!(worth.discount_amount, 50);
        for _ in 0..2 {
            assert_eq!(act(&world, &id, &Act::Cancel).await, "canceled");
            assert_eq!(unit.left(&world, &account).await, 1000);
        }
        assert_eq!(read(&world, &id).await.returned, 100);
        for id in ["re_8", "re_9"] {
            let event = refund(id, "pay_1", None);
            world.apply(event).await.expect("is handled");
            assert_eq!(unit.left(&world, &account).await, 1000);
        }
    }
}

#[tokio::test]
async fn what_was_taken_last_comes_back_first_and_what_expired_stays_so() {
    for unit in UNITS {
        let world = world().await;
        let account = world.create("cust_1").await;
        unit.give(&world, &account, 60, Some("2026-12-01T00:00:00Z"))
            .await;
        unit.give(&world, &account, 100, None).await;
        let redeem = unit.spend(&account, 100, false);
        world.ledger.redeem(&redeem).await.expect("redeemed");
        let paid = naming("pay_1", 1000, &redeem.id);
        world.apply(paid).await.expect("is paid");
        world.clock.set(at("2026-12-02T00:00:00Z"));
        // 40 of the 100 came from what never expires.
        for (id, amount, left) in [
            ("re_1", Some(300), 90),
            ("re_2", Some(200), 100),
            ("re_3", None, 100),
        ] {
            let event = refund(id, "pay_1", amount);
            world.apply(event).await.expect("is handled");
            assert_eq!(unit.left(&world, &account).await, left, "{unit:?} {id}");
        }
        let made = read(&world, &redeem.id).await;
        assert_eq!(
            (made.status, made.returned),
            (RedemptionStatus::Canceled, 100)
        );
        if unit == Unit::Points {
            assert_eq!(
                world.log_text(&account).await,
                "adjust 60, adjust 100, redeem -100, reverse 30, reverse 20, expire -10, \
                 reverse 50, expire -50"
            );
        }
    }
}

#[tokio::test]
async fn points_come_back_where_the_program_says_so_store_credit_always() {
    for (unit, wanted, left) in [
        (Unit::Points, true, 950),
        (Unit::Points, false, 900),
        (Unit::Credit, true, 950),
        (Unit::Credit, false, 950),
    ] {
        let (world, account, id) = reserved(unit).await;
        let settings = world
            .ledger
            .update_program(laurel_tests::PROGRAM, |program| {
                program.cancel_redemptions_on_refund = wanted;
                Ok(())
            });
        settings.await.expect("is changed");
        for event in [
            naming("pay_1", 1000, &id),
            refund("re_1", "pay_1", Some(500)),
        ] {
            world.apply(event).await.expect("is handled");
        }
        let found = unit.left(&world, &account).await;
        assert_eq!(found, left, "{unit:?} {wanted}");
    }
}

#[tokio::test]
async fn what_was_used_to_pay_comes_back_and_stays_used() {
    for unit in UNITS {
        let (world, account, id) = reserved(unit).await;
        world
            .apply(naming("pay_1", 1000, &id))
            .await
            .expect("is paid");
        assert_eq!(act(&world, &id, &used_by("till")).await, "used");
        for (refund_id, amount, left) in [("re_1", Some(500), 950), ("re_2", None, 1000)] {
            let event = refund(refund_id, "pay_1", amount);
            world.apply(event).await.expect("is handled");
            assert_eq!(unit.left(&world, &account).await, left);
            let made = read(&world, &id).await;
            assert_eq!(
                (made.status, made.returned),
                (RedemptionStatus::Used, left - 900)
            );
        }
        assert_eq!(act(&world, &id, &Act::Cancel).await, "redemption_used");
    }
}

#[tokio::test]
async fn shares_come_back_to_the_survivor_of_a_merge() {
    for unit in UNITS {
        let (world, account, id) = reserved(unit).await;
        world
            .apply(naming("pay_1", 1000, &id))
            .await
            .expect("is paid");
        let event = refund("re_1", "pay_1", Some(250));
        world.apply(event).await.expect("is handled");
        let target = world.create("cust_2").await;
        world.merge(&account, &target).await;
        let event = refund("re_2", "pay_1", Some(250));
        world.apply(event).await.expect("is handled");
        assert_eq!(unit.left(&world, &target).await, 950, "{unit:?}");
        assert_eq!(act(&world, &id, &Act::Cancel).await, "canceled");
        assert_eq!(unit.left(&world, &target).await, 1000, "{unit:?}");
    }
}

/// <https://help.loyaltylion.com/en/articles/1965601-refunds-and-returns-on-purchased-products>: of a
/// reward nothing comes back before the last of the order does.
#[tokio::test]
async fn a_reward_comes_back_with_the_last_of_the_order_as_others_have_it() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let settings = json!({"auto_enroll": true, "cancel_redemptions_on_refund": true});
    let world = World::with(settings, &[rule]).await;
    let reward = world.add_reward(json!({"cost": 500})).await;
    let account = world.rich("cust_1", 1000).await;
    let redeem = wish(&account, &reward, false);
    world.ledger.redeem(&redeem).await.expect("redeemed");
    assert_eq!(world.balance(&account).await, 500);
    // Two items of $10, with $5 off; then one goes back, then the other.
    for (event, balance) in [
        (naming("pay_1", 1500, &redeem.id), 515),
        (refund("re_1", "pay_1", Some(1000)), 505),
        (refund("re_2", "pay_1", Some(500)), 1000),
    ] {
        world.apply(event).await.expect("is handled");
        assert_eq!(world.balance(&account).await, balance);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_refunds_and_cancels_return_all_once() {
    for unit in UNITS {
        let (world, account, id) = reserved(unit).await;
        let world = Arc::new(world);
        world
            .apply(naming("pay_1", 1000, &id))
            .await
            .expect("is paid");
        let racing = (0..12).map(|number| {
            let (world, id) = (Arc::clone(&world), id.clone());
            tokio::spawn(async move {
                let ledger = world.another_ledger();
                // Each refund comes twice; one of three is a cancel.
                let event = refund(&format!("re_{}", number / 3), "pay_1", Some(70));
                loop {
                    let done = match number % 3 {
                        0 if number > 8 => {
                            let canceled = ledger.act_on_redemption(&id, &Act::Cancel).await;
                            outcome(canceled) != "conflict"
                        }
                        _ => {
                            let event = world.event(event.clone()).expect("an event");
                            ledger.apply(&event).await.is_ok()
                        }
                    };
                    if done {
                        return;
                    }
                }
            })
        });
        for done in join_all(racing.collect::<Vec<_>>()).await {
            done.expect("no panic");
        }
        assert_eq!(unit.left(&world, &account).await, 1000);
        let made = read(&world, &id).await;
        assert_eq!(
            (made.status, made.returned),
            (RedemptionStatus::Canceled, 100)
        );
    }
}

#[tokio::test]
async fn shares_survive_a_crash_at_every_call() {
    for unit in UNITS {
        for phase in [Phase::Request, Phase::Answer] {
            for call in 0.. {
                let (world, account, id) = reserved(unit).await;
                let crash = Crash::at(&world, Some((call, phase)));
                for event in [
                    refund("re_1", "pay_1", Some(250)),
                    naming("pay_1", 1000, &id),
                    refund("re_2", "pay_1", Some(251)),
                ] {
                    let event = world.event(event).expect("an event");
                    let done = crash.survive(async |ledger| ledger.apply(&event).await);
                    done.await.expect("is handled");
                }
                let came = crash.came();
                let left = unit.left(&world, &account).await;
                assert_eq!(left, 950, "{unit:?}: call {call}, {phase:?}");
                assert_eq!(read(&world, &id).await.returned, 50);
                if !came {
                    assert!(call > 6, "there was hardly a call to crash at");
                    break;
                }
            }
        }
    }
}
