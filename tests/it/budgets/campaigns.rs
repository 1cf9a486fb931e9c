//! Campaigns: when they multiply, and what their budgets count.

use laurel_rules::campaign::Campaign;
use laurel_tests::{merge, payment};
use serde_json::{Value, json};

use super::{add_campaign, given, pay, pay_at_once, used, world};

fn paid_at(id: &str, amount: i64, when: &str) -> Value {
    let mut event = payment(id, "cust_1", amount);
    merge(&mut event, json!({"occurred_at": when}));
    event
}

async fn used_by(world: &laurel_tests::World, campaign: &Campaign) -> i64 {
    let found = world.ledger.campaign_budget(campaign).await;
    found.expect("an answer").expect("a budget").used
}

#[tokio::test]
async fn a_campaign_multiplies_while_it_is_in_effect_at_the_event_s_time() {
    let world = world(json!(null)).await;
    let campaign = json!({
        "multiplier": 3,
        "starts_at": "2026-11-14T00:00:00Z", "ends_at": "2026-11-20T00:00:00Z",
        "schedule": {"weekdays": ["saturday", "sunday"]},
    });
    let campaign = add_campaign(&world, campaign).await;
    let other = json!({"multiplier": 5, "rules": ["rule_other"]});
    add_campaign(&world, other).await;
    add_campaign(
        &world,
        json!({"multiplier": 7, "triggers": ["invoice.paid"]}),
    )
    .await;
    add_campaign(&world, json!({"multiplier": 7, "active": false})).await;
    let table = [
        ("2026-11-08T12:00:00Z", 10),
        ("2026-11-13T23:59:59.999Z", 10),
        ("2026-11-14T00:00:00Z", 31),
        ("2026-11-15T23:59:59.999Z", 31),
        ("2026-11-16T12:00:00Z", 10),
    ];
    for (number, (when, points)) in table.into_iter().enumerate() {
        let event = paid_at(&format!("pay_{number}"), 1050, when);
        pay(&world.ledger, &world, event).await;
        let id = world.member("cust_1").await.account.id;
        let log = world.log(&id).await;
        let made = log.last().expect("an award").transaction();
        assert_eq!(made.amount, points, "{when}");
        let multipliers = &made.calculation.as_ref().expect("a trace").multipliers;
        let named: Vec<&str> = multipliers.iter().map(|it| it.id.as_str()).collect();
        let expected = if points == 31 {
            vec![campaign.id.as_str()]
        } else {
            vec![]
        };
        assert_eq!(named, expected, "{when}");
    }
}

#[tokio::test]
async fn a_campaign_s_budget_counts_what_it_adds_and_the_program_s_all_of_it() {
    let world = world(json!({"points": 100, "window": "month"})).await;
    let campaign = json!({"multiplier": 3, "budget": {"points": 50, "window": "lifetime"}});
    let campaign = add_campaign(&world, campaign).await;
    // 20 and 40 from the campaign.
    pay(&world.ledger, &world, payment("pay_1", "cust_1", 2000)).await;
    assert_eq!(world.member("cust_1").await.balance, 60);
    assert_eq!(
        (used_by(&world, &campaign).await, used(&world).await.used),
        (40, 60)
    );
    // 20 and the last 10 of 40.
    pay(&world.ledger, &world, payment("pay_2", "cust_2", 2000)).await;
    assert_eq!(world.member("cust_2").await.balance, 30);
    assert_eq!(
        (used_by(&world, &campaign).await, used(&world).await.used),
        (50, 90)
    );
    let id = world.member("cust_2").await.account.id;
    let log = world.log(&id).await;
    let made = log[0].transaction();
    assert_eq!(made.uncapped_points, Some(60));
    let budgets = &made.calculation.as_ref().expect("a trace").budgets;
    let told: Vec<_> = budgets
        .iter()
        .map(|it| (it.campaign.as_deref(), it.wanted_points, it.granted_points))
        .collect();
    assert_eq!(told, [(Some(campaign.id.as_str()), 40, 10), (None, 30, 30)]);
    // A refund gives to each what came from it.
    let refund = laurel_tests::refund("re_1", "pay_2", Some(1000));
    pay(&world.ledger, &world, refund).await;
    assert_eq!(
        (used_by(&world, &campaign).await, used(&world).await.used),
        (45, 75)
    );
    // The program's 25 go to what is the award without the campaign first.
    pay(&world.ledger, &world, payment("pay_3", "cust_3", 2300)).await;
    assert_eq!(world.member("cust_3").await.balance, 25);
    assert_eq!(
        (used_by(&world, &campaign).await, used(&world).await.used),
        (47, 100)
    );
    assert_eq!(given(&world).await.announced, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_budgets_at_once_hold_under_a_race() {
    let world = world(json!({"points": 500, "window": "month"})).await;
    let campaign = json!({"multiplier": 2, "budget": {"points": 200, "window": "day"}});
    let campaign = add_campaign(&world, campaign).await;
    pay_at_once(&world, "a", 60, 1000).await;
    let given = given(&world).await;
    assert_eq!((given.points, given.announced), (500, 2));
    assert_eq!(
        (used_by(&world, &campaign).await, used(&world).await.used),
        (200, 500)
    );
}

#[tokio::test]
async fn a_lower_limit_of_a_campaign_holds_from_the_answer_on() {
    let world = world(json!(null)).await;
    let campaign = json!({"multiplier": 2, "budget": {"points": 5000, "window": "lifetime"}});
    let campaign = add_campaign(&world, campaign).await;
    let stale = world.another_ledger();
    pay(&stale, &world, payment("pay_1", "cust_1", 1000)).await;
    let lowered = world.ledger.update_campaign(&campaign.id, |campaign| {
        if let Some(budget) = &mut campaign.budget {
            budget.points = 15;
        }
        Ok(())
    });
    assert_eq!(lowered.await.expect("lowered").version, 2);
    pay(&stale, &world, payment("pay_2", "cust_2", 1000)).await;
    assert_eq!(world.member("cust_2").await.balance, 15);
    assert_eq!(used_by(&world, &campaign).await, 15);
}
