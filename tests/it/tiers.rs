//! Tiers: whoever crosses a threshold does it once, counts from the next event on, and falls by
//! time alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use clock::{Clock, Swept};
use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::Ledger;
use laurel_rules::{
    Code, Tier,
    entry::Change,
    exact::Factor,
    tier::{TierChange, TierReason},
};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment, refund};
use serde_json::{Value, json};

const NEXT_YEAR: &str = "2027-01-01T00:00:00Z";
const YEAR_AFTER: &str = "2028-01-01T00:00:00Z";

fn tier(world: &World, key: &str, threshold: i64, multiplier: &str) -> Tier {
    Tier {
        id: format!("tier_{key}"),
        program: PROGRAM.to_owned(),
        key: key.to_owned(),
        name: key.to_owned(),
        threshold,
        multiplier: Factor::parse(multiplier).expect("a factor"),
        benefits: Vec::new(),
        metadata: std::collections::BTreeMap::new(),
        version: 1,
        created: world.ledger.now(),
    }
}

/// One point a euro; silver for 100, gold for 200, which doubles.
async fn world(settings: Value) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let mut all = json!({"auto_enroll": true});
    merge(&mut all, settings);
    let world = World::with(all, &[rule]).await;
    for (key, threshold, multiplier) in [("silver", 100, "1"), ("gold", 200, "2")] {
        let tier = tier(&world, key, threshold, multiplier);
        let made = world.ledger.create_configured(tier, key).await;
        made.expect("a tier");
    }
    world
}

fn yearly() -> Value {
    json!({"tier_basis": "qualifying_points", "downgrade": "to_earned"})
}

/// The changes of the tier that stand in the entries of transactions.
async fn announced(world: &World, account: &str) -> Vec<TierChange> {
    let log = world.log(account).await;
    let mut seen = std::collections::BTreeSet::new();
    let entries = log.iter().filter(|view| seen.insert(view.entry.seq));
    let changes = entries.flat_map(|view| view.entry.changes.clone());
    changes
        .filter_map(|change| match change {
            Change::TierChanged(change) => Some(change),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_tier_counts_from_the_event_after_the_one_that_reaches_it() {
    let world = world(json!({})).await;
    let balances = [("pay_1", 199), ("pay_2", 200), ("pay_3", 400)];
    for ((id, balance), euros) in balances.into_iter().zip([199, 1, 100]) {
        let paid = world.apply(payment(id, "cust_1", euros * 100)).await;
        paid.expect("earns");
        assert_eq!(world.member("cust_1").await.balance, balance, "{id}");
    }
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("gold"));
    assert_eq!((member.next_tier, member.tier_until), (None, None));
    let changes = announced(&world, &member.account.id).await;
    let changes: Vec<_> = changes
        .iter()
        .map(|change| (change.from.as_deref(), change.to.as_deref(), change.reason))
        .collect();
    let reached = TierReason::ThresholdReached;
    let expected = [
        (None, Some("silver"), reached),
        (Some("silver"), Some("gold"), reached),
    ];
    assert_eq!(changes, expected);
    // A refund takes points, not the tier.
    let refunded = world.apply(refund("re_3", "pay_3", None)).await;
    refunded.expect("is reversed");
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("gold"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_payments_at_once_one_crosses() {
    let world = Arc::new(world(json!({})).await);
    world
        .apply(payment("pay_0", "cust_1", 100))
        .await
        .expect("enrols");
    let paying = (1..=50).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = world.event(payment(&format!("pay_{number}"), "cust_1", 300));
            let ledger = world.another_ledger();
            ledger
                .apply(&event.expect("an event"))
                .await
                .expect("earns");
        })
    });
    for ended in join_all(paying).await {
        ended.expect("no panic");
    }
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("silver"));
    assert_eq!(member.balance, 151);
    assert_eq!(member.next_tier, Some(("gold".to_owned(), 49)));
    assert_eq!(announced(&world, &member.account.id).await.len(), 1);
}

#[tokio::test]
async fn a_tier_that_was_not_earned_again_falls_by_itself_and_once() {
    let world = world(yearly()).await;
    world
        .apply(payment("pay_1", "cust_1", 20_000))
        .await
        .expect("earns");
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("gold"));
    assert_eq!(member.tier_until, Some(at(NEXT_YEAR)));
    // The year in which it was earned keeps it for the next one.
    world.clock.set(at("2027-12-31T23:59:59.999Z"));
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key.as_deref(), Some("gold"));
    world.clock.set(at(YEAR_AFTER));
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key, None);
    let version = member.account.version;
    let until = || Instant::now() + Duration::from_secs(600);
    let swept = Clock::new(world.another_ledger()).sweep(until()).await;
    assert_eq!((swept.written, swept.failed), (1, 0));
    let member = world.member("cust_1").await;
    assert_eq!(member.account.tier.key, None);
    assert_eq!(member.account.tier.since, Some(at(YEAR_AFTER)));
    assert_eq!(member.account.version, version + 1);
    let swept = Clock::new(world.another_ledger()).sweep(until()).await;
    assert_eq!((swept.written, swept.failed), (0, 0));
}

#[tokio::test]
async fn a_merge_gives_the_tier_of_the_sum_and_never_a_lower_one() {
    for settings in [json!({}), yearly()] {
        let world = world(settings).await;
        world
            .apply(payment("pay_1", "cust_1", 10_000))
            .await
            .expect("earns");
        world
            .apply(payment("pay_2", "cust_2", 10_000))
            .await
            .expect("earns");
        world
            .apply(payment("pay_3", "cust_3", 100))
            .await
            .expect("earns");
        let [one, two, three] = ["cust_1", "cust_2", "cust_3"];
        let id = async |customer: &str| world.member(customer).await.account.id;
        let (one, two, three) = (id(one).await, id(two).await, id(three).await);
        let merged = world.merge(&one, &two).await;
        assert_eq!(merged.account.tier.key.as_deref(), Some("gold"));
        let merged = world.merge(&two, &three).await;
        assert_eq!(merged.account.tier.key.as_deref(), Some("gold"));
        let ended = world.ledger.account(&two).await.expect("an account");
        assert_eq!(ended.account.tier.key, None);
    }
}

#[tokio::test]
async fn a_crash_at_any_call_changes_no_tier() {
    let events = [
        payment("pay_1", "cust_1", 15_000),
        payment("pay_2", "cust_1", 5000),
        payment("pay_3", "cust_1", 1000),
        refund("re_1", "pay_1", None),
    ];
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(yearly()).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for event in &events {
                let event = world.event(event.clone()).expect("an event");
                let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                handled.await.expect("is handled");
            }
            let came = crash.came();
            let member = world.member("cust_1").await;
            let tier = &member.account.tier;
            assert_eq!(tier.key.as_deref(), Some("gold"), "{call} {phase:?}");
            assert_eq!(member.balance, 70, "{call} {phase:?}");
            assert_eq!(tier.earned[0].points, 70, "{call} {phase:?}");
            assert_eq!(announced(&world, &member.account.id).await.len(), 2);
            if !came {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_late_event_earns_by_the_tier_of_its_time() {
    let world = world(json!({})).await;
    let paid_at = |id: &str, euros: i64, when: &str| {
        let mut event = payment(id, "cust_1", euros * 100);
        merge(&mut event, json!({"occurred_at": when}));
        event
    };
    for (id, euros, when, balance) in [
        ("pay_1", 200, "2026-11-10T00:00:00Z", 200),
        ("pay_2", 10, "2026-11-11T00:00:00Z", 220),
        // It happened before the member was gold.
        ("pay_3", 10, "2026-11-09T00:00:00Z", 230),
    ] {
        world.apply(paid_at(id, euros, when)).await.expect("earns");
        assert_eq!(world.member("cust_1").await.balance, balance, "{id}");
    }
}

#[tokio::test]
async fn changes_of_the_table_count_from_the_next_event_on() {
    let world = world(json!({})).await;
    world
        .apply(payment("pay_1", "cust_1", 5000))
        .await
        .expect("earns");
    let bronze = tier(&world, "bronze", 50, "3");
    let made = world.ledger.create_configured(bronze, "bronze").await;
    let bronze = made.expect("a tier");
    // In another process, too.
    let event = world
        .event(payment("pay_2", "cust_1", 100))
        .expect("an event");
    world.another_ledger().apply(&event).await.expect("earns");
    assert_eq!(world.member("cust_1").await.balance, 53);
    let gone = world.ledger.delete_configured::<Tier>(&bronze.id).await;
    gone.expect("was there");
    world
        .apply(payment("pay_3", "cust_1", 100))
        .await
        .expect("earns");
    let member = world.member("cust_1").await;
    assert_eq!((member.balance, member.account.tier.key), (54, None));
}

#[tokio::test]
async fn all_members_are_evaluated_once_whoever_goes_on() {
    let world = world(json!({})).await;
    for number in 0..230 {
        let paid = payment(&format!("pay_{number}"), &format!("cust_{number}"), 5000);
        world.apply(paid).await.expect("earns");
    }
    let bronze = tier(&world, "bronze", 50, "1");
    let made = world.ledger.create_configured(bronze, "bronze").await;
    made.expect("a tier");
    let started = world.ledger.start_tier_evaluation(PROGRAM, "one").await;
    assert_eq!(started.expect("starts").finished, None);
    // It is the same request again.
    let again = world.ledger.start_tier_evaluation(PROGRAM, "one").await;
    assert_eq!(again.expect("has started").evaluated, 0);
    // A process dies at each of its calls in turn, others go on at the same time.
    for call in 0..6 {
        let crash = Crash::at(&world, Some((call, Phase::Answer)));
        let until = Instant::now() + Duration::from_millis(50);
        let went_on = crash.survive(async |ledger| ledger.evaluate_tiers(until).await);
        went_on.await.expect("goes on");
    }
    let until = Instant::now() + Duration::from_secs(600);
    let (here, there) = (world.another_ledger(), world.another_ledger());
    let both = tokio::join!(here.evaluate_tiers(until), there.evaluate_tiers(until));
    both.0.expect("goes on");
    both.1.expect("goes on");
    let found = world
        .ledger
        .tier_evaluation(PROGRAM)
        .await
        .expect("is there");
    assert_eq!((found.evaluated, found.changed), (230, 230));
    assert!(found.finished.is_some());
    let member = world.member("cust_7").await;
    // Created, earned, and the tier changed once.
    assert_eq!(
        (member.account.tier.key.as_deref(), member.account.seq),
        (Some("bronze"), 3)
    );
}

async fn set_threshold(ledger: &Ledger, key: &str, threshold: i64) {
    let changed = ledger.update_configured::<Tier>((PROGRAM, key), |tier| {
        tier.threshold = threshold;
        Ok(())
    });
    changed.await.expect("another threshold");
}

async fn sweep(ledger: Ledger) -> Swept {
    let until = Instant::now() + Duration::from_secs(600);
    Clock::new(ledger).sweep(until).await
}

#[tokio::test]
async fn what_a_lower_threshold_gives_in_december_lasts_through_the_next_year() {
    let mut settings = yearly();
    merge(&mut settings, json!({"grace_days": 10}));
    let world = world(settings).await;
    world
        .apply(payment("pay_1", "cust_1", 5000))
        .await
        .expect("earns");
    sweep(world.another_ledger()).await;
    world.clock.set(at("2026-12-31T23:00:00Z"));
    set_threshold(&world.ledger, "silver", 50).await;
    // Nobody does anything but the clock, first in the old year, then in the new one.
    let swept = sweep(world.another_ledger()).await;
    assert_eq!(swept.failed, 0);
    let (review, end) = ("2027-01-11T00:00:00Z", "2028-01-11T00:00:00Z");
    for (now, until) in [
        (NEXT_YEAR, review),
        (review, end),
        ("2028-01-10T23:59:59Z", end),
    ] {
        world.clock.set(at(now));
        sweep(world.another_ledger()).await;
        let member = world.member("cust_1").await;
        let tier = member.account.tier.key.as_deref();
        let kept = (tier, member.tier_until);
        assert_eq!(kept, (Some("silver"), Some(at(until))), "{now}");
    }
    world.clock.set(at(end));
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.failed), (1, 0));
    let member = world.member("cust_1").await.account;
    // Created, earned, up in December, and down at the second review.
    assert_eq!((member.tier.key, member.seq), (None, 4));
}

#[tokio::test]
async fn a_tier_that_changes_nothing_of_what_members_have_evaluates_nobody() {
    let world = world(json!({})).await;
    sweep(world.another_ledger()).await;
    let evaluation = async || {
        world
            .ledger
            .tier_evaluation(PROGRAM)
            .await
            .expect("is there")
    };
    let before = evaluation().await;
    assert!(before.finished.is_some());
    let renamed = world
        .ledger
        .update_configured::<Tier>((PROGRAM, "gold"), |tier| {
            tier.name = "Au".to_owned();
            tier.multiplier = Factor::parse("3").expect("a factor");
            Ok(())
        });
    renamed.await.expect("another name");
    assert_eq!(evaluation().await, before);
    let gone = world.ledger.delete_configured::<Tier>("tier_gold").await;
    gone.expect("was there");
    assert_eq!(evaluation().await.finished, None);
}

#[tokio::test]
async fn a_crash_at_any_call_of_a_change_of_tiers_leaves_nobody_unevaluated() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(yearly()).await;
            for (id, customer, euros) in [("pay_1", "cust_1", 50), ("pay_2", "cust_2", 200)] {
                let paid = world.apply(payment(id, customer, euros * 100)).await;
                paid.expect("earns");
            }
            sweep(world.another_ledger()).await;
            let bronze = tier(&world, "bronze", 60, "1");
            let crash = Crash::at(&world, Some((call, phase)));
            crash
                .survive(async |ledger| {
                    let made = ledger.create_configured(bronze.clone(), "bronze").await;
                    made.expect("a tier");
                })
                .await;
            crash
                .survive(async |ledger| set_threshold(&ledger, "bronze", 50).await)
                .await;
            crash
                .survive(async |ledger| {
                    match ledger.delete_configured::<Tier>("tier_gold").await {
                        Ok(_) => {}
                        // The process that died has deleted it.
                        Err(error) => assert_eq!(error.refusal().code, Code::ResourceMissing),
                    }
                })
                .await;
            let survived = crash.came();
            let swept = sweep(world.another_ledger()).await;
            assert_eq!(swept.failed, 0);
            for (customer, key) in [("cust_1", "bronze"), ("cust_2", "silver")] {
                let member = world.member(customer).await.account;
                // Created, earned, and the tier changed once.
                let kept = (member.tier.key.as_deref(), member.seq);
                assert_eq!(kept, (Some(key), 3), "{call} {phase:?}");
            }
            if !survived {
                assert!(call > 10, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tiers_that_change_while_members_are_evaluated_reach_all_of_them() {
    let world = Arc::new(world(yearly()).await);
    for number in 0..120 {
        let paid = payment(&format!("pay_{number}"), &format!("cust_{number}"), 5000);
        world.apply(paid).await.expect("earns");
    }
    let evaluating = (0..2).map(|_| {
        let ledger = world.another_ledger();
        tokio::spawn(async move {
            let until = Instant::now() + Duration::from_secs(2);
            while Instant::now() < until {
                ledger.evaluate_tiers(until).await.expect("goes on");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    });
    let changing = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for threshold in [90, 80, 70, 60, 50] {
                set_threshold(&world.another_ledger(), "silver", threshold).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
    };
    for ended in join_all(evaluating.chain([changing])).await {
        ended.expect("no panic");
    }
    sweep(world.another_ledger()).await;
    for number in 0..120 {
        let member = world.member(&format!("cust_{number}")).await.account;
        // Created, earned, and the tier changed once.
        assert_eq!(
            (member.tier.key.as_deref(), member.seq),
            (Some("silver"), 3)
        );
    }
}

#[tokio::test]
async fn a_tier_is_judged_when_an_event_happened_even_some_minutes_ahead() {
    let world = world(yearly()).await;
    world
        .apply(payment("pay_1", "cust_1", 30_000))
        .await
        .expect("gold");
    // Nothing of this year keeps it beyond its end.
    world.clock.set(at("2027-06-01T00:00:00Z"));
    let until = world.member("cust_1").await.tier_until;
    let until = until.expect("an end of the tier");
    let minute = jiff::SignedDuration::from_mins(1);
    world.clock.set(until - minute);
    for (id, happened, points) in [
        ("before", until - minute, 20),
        ("after", until + minute, 10),
    ] {
        let mut event = payment(id, "cust_1", 1000);
        event["occurred_at"] = happened.to_string().into();
        world.apply(event).await.expect("is handled");
        let log = world.log(&world.member("cust_1").await.account.id).await;
        let last = log.last().expect("an award").transaction();
        assert_eq!(last.amount, points, "{id}");
    }
}
