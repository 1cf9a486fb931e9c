//! Who gets which variant, and what is counted of it.

use laurel_tests::{World, merge, payment, refund};
use serde_json::{Value, json};

use super::{KEY, check_sums, doubled, experiment, figure, one_of_each, standing, world};

fn of(event: Value, over: Value) -> Value {
    let mut event = event;
    merge(&mut event["data"], over);
    event
}

#[tokio::test]
async fn a_member_stays_and_transactions_say_where() {
    let world = world(doubled()).await;
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..12 {
        let customer = format!("cust_{number}");
        for turn in 0..3 {
            let event = payment(&format!("pay_{number}_{turn}"), &customer, 1000);
            world.apply(event).await.expect("is handled");
        }
        let standing = standing(&world, &customer).await.expect("is given one");
        let points = if standing.variant == "a" { 10 } else { 20 };
        let account = world.member(&customer).await.account.id;
        for view in world.log(&account).await {
            let made = view.transaction();
            let calculation = made.calculation.as_ref().expect("an award");
            let trial = calculation.experiment.as_ref().expect("of an experiment");
            assert_eq!(
                (trial.experiment.as_str(), &trial.variant),
                (KEY, &standing.variant)
            );
            assert_eq!(made.amount, points);
        }
        assert_eq!((standing.awards, standing.spend), (3, 3000));
        seen.insert(standing.variant);
    }
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn whoever_the_rule_comes_to_counts_awarded_or_not() {
    let mut rule = doubled();
    rule["when"] = json!("event.amount >= 500");
    rule["earn_on"] = json!({"categories": ["shoes"]});
    let world = world(rule).await;
    // The condition does not hold: it does not come to a variant.
    world
        .apply(payment("pay_1", "cust_1", 499))
        .await
        .expect("is handled");
    assert_eq!(standing(&world, "cust_1").await, None);
    // No line item earns: there is a variant and no award.
    world
        .apply(payment("pay_2", "cust_1", 500))
        .await
        .expect("is handled");
    let given = standing(&world, "cust_1").await.expect("is given one");
    assert_eq!((given.awards, given.spend), (0, 500));
    // What a member spends since counts, whether the rule comes to it or not.
    world
        .apply(payment("pay_3", "cust_1", 70))
        .await
        .expect("is handled");
    let given = standing(&world, "cust_1").await.expect("is given one");
    assert_eq!((given.awards, given.spend), (0, 570));
    let sums = figure(&world, &given.variant).await;
    assert_eq!(
        (sums.members, sums.awarded_members, sums.spend),
        (1, 0, 570)
    );
    assert_eq!(sums.spend_squares, 570 * 570);
}

#[tokio::test]
async fn other_event_types_are_no_spend_and_other_currencies_only_where_asked() {
    let mut rule = doubled();
    rule["experiment"]["currency"] = json!("EUR");
    let world = world(rule).await;
    let other = json!({"trigger": "invoice.paid", "award": {"type": "fixed", "points": 1}});
    world.add_rule(other).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("is handled");
    let dollars = of(payment("pay_2", "cust_1", 700), json!({"currency": "USD"}));
    world.apply(dollars).await.expect("is handled");
    let mut invoice = payment("in_1", "cust_1", 300);
    invoice["type"] = json!("invoice.paid");
    world.apply(invoice).await.expect("is handled");
    let given = standing(&world, "cust_1").await.expect("is given one");
    assert_eq!((given.awards, given.spend), (2, 1000));
    // Nor does a refund of what did not count take anything away.
    world
        .apply(refund("re_1", "pay_2", None))
        .await
        .expect("is handled");
    world
        .apply(refund("re_2", "in_1", None))
        .await
        .expect("is handled");
    let given = standing(&world, "cust_1").await.expect("is given one");
    assert_eq!(given.spend, 1000);
    check_sums(&world, &["cust_1".to_owned()]).await;
}

#[tokio::test]
async fn a_variant_may_have_another_award_cap_and_expiry() {
    let overrides = json!({
        "award": {"type": "fixed", "points": 30}, "cap": {"points": 50}, "window": "month",
        "pending_days": 3, "expires": {"after": "P1M"},
    });
    let rule = json!({
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "cap": {"awards": 1}, "window": "day",
        "experiment": experiment(overrides),
    });
    let world = world(rule).await;
    let (a, b) = one_of_each(&world).await;
    for turn in 0..2 {
        for customer in [&a, &b] {
            let event = payment(&format!("{customer}_{turn}"), customer, 900);
            world.apply(event).await.expect("is handled");
        }
    }
    let log = async |customer: &str| {
        let account = world.member(customer).await.account.id;
        let log = world.log(&account).await;
        let amounts = log.iter().map(|view| view.transaction().amount);
        let last = log.last().expect("an award").transaction();
        let days = last.available_at.is_some();
        (amounts.collect::<Vec<_>>(), days, last.expires_at.is_some())
    };
    assert_eq!(log(&a).await, (vec![1], false, false));
    assert_eq!(log(&b).await, (vec![30, 20, 0], true, true));
}

#[tokio::test]
async fn refunds_take_back_spend_and_points_in_any_order() {
    for early in [false, true] {
        let world = world(doubled()).await;
        let (a, _) = one_of_each(&world).await;
        let before = standing(&world, &a).await.expect("is given one");
        let mut events = vec![
            payment("pay_x", &a, 1000),
            refund("re_x", "pay_x", Some(250)),
            refund("re_y", "pay_x", Some(250)),
        ];
        if early {
            events.rotate_left(1);
        }
        for event in events {
            world.apply(event.clone()).await.expect("is handled");
            world.apply(event).await.expect("is handled");
        }
        let after = standing(&world, &a).await.expect("is given one");
        assert_eq!(after.spend - before.spend, 500, "{early}");
        assert_eq!(
            (after.points - before.points, after.reversed),
            (10, 5),
            "{early}"
        );
        assert_eq!(after.awards - before.awards, 1);
    }
}

/// Two customers of one variant, and one of the other.
async fn three(world: &World) -> (String, String, String) {
    let (a, b) = one_of_each(world).await;
    for number in 0.. {
        let customer = format!("other_{number}");
        let event = payment(&format!("other_{number}"), &customer, 100);
        world.apply(event).await.expect("is handled");
        let given = standing(world, &customer).await.expect("is given one");
        if given.variant == "a" {
            return (a, customer, b);
        }
    }
    unreachable!("numbers do not end")
}

#[tokio::test]
async fn merged_members_count_once_or_not_at_all() {
    let world = world(doubled()).await;
    let (a, same, b) = three(&world).await;
    world
        .apply(payment("pay_same", &same, 900))
        .await
        .expect("is handled");
    let id = async |customer: &str| world.member(customer).await.account.id;
    let before = figure(&world, "a").await;
    let (id_a, id_same, id_b) = (id(&a).await, id(&same).await, id(&b).await);
    // Of one variant: one member, who spent what both did.
    world.merge(&id_same, &id_a).await;
    let after = figure(&world, "a").await;
    assert_eq!(
        (after.members, after.spend),
        (before.members - 1, before.spend)
    );
    assert_eq!(after.spend_squares - before.spend_squares, 2 * 100 * 1000);
    // What the merged one paid is refunded.
    world
        .apply(refund("re_same", "pay_same", None))
        .await
        .expect("is handled");
    assert_eq!(figure(&world, "a").await.spend, before.spend - 900);
    // Nobody was given anything before: the survivor goes on where the other was.
    let fresh = world.create("cust_fresh").await;
    world.merge(&id_a, &fresh).await;
    world
        .apply(payment("pay_fresh", "cust_fresh", 300))
        .await
        .expect("is handled");
    let given = standing(&world, "cust_fresh").await.expect("is given one");
    assert_eq!((given.variant.as_str(), given.spend), ("a", 500));
    // Two variants: neither.
    let (before_a, before_b) = (figure(&world, "a").await, figure(&world, "b").await);
    world.merge(&id_b, &fresh).await;
    let (after_a, after_b) = (figure(&world, "a").await, figure(&world, "b").await);
    assert_eq!(after_a.members, before_a.members - 1);
    assert_eq!(after_b.members, before_b.members - 1);
    assert_eq!((after_a.excluded_members, after_b.excluded_members), (1, 0));
    assert_eq!(after_a.spend, before_a.spend - 500);
    // The member still gets the variant, and counts for none.
    world
        .apply(payment("pay_more", "cust_fresh", 5000))
        .await
        .expect("is handled");
    world
        .apply(refund("re_more", "pay_fresh", None))
        .await
        .expect("is handled");
    assert_eq!(figure(&world, "a").await, after_a);
    let log = world.log(&fresh).await;
    let paid = log.iter().find(|view| view.entry.source_id == "pay_more");
    let calculation = paid.and_then(|view| view.transaction().calculation.as_ref());
    let trial = calculation.and_then(|it| it.experiment.as_ref());
    assert_eq!(trial.map(|trial| trial.variant.as_str()), Some("a"));
}

#[tokio::test]
async fn what_has_no_experiment_keeps_nothing() {
    let plain = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = world(plain).await;
    world
        .apply(payment("pay_1", "cust_1", 1000))
        .await
        .expect("is handled");
    let account = world.member("cust_1").await.account;
    assert!(account.experiments.standings.is_empty());
}
