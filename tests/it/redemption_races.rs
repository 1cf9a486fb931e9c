//! Redemptions under many writers at once, and under crashes at every wire call.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::{Ledger, Seed};
use laurel_rules::{Reward, decide::Act, redemption::RedemptionStatus};
use laurel_tests::{
    Crash, World, at, merge, payment,
    rewards::{outcome, tick, used_by, wish},
};
use serde_json::json;

async fn world() -> Arc<World> {
    Arc::new(World::with(json!({"auto_enroll": true}), &[]).await)
}

/// Counts outcomes.
fn tally<'a>(outcomes: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    for outcome in outcomes {
        *tally.entry(outcome).or_default() += 1;
    }
    tally
}

/// Lets all of these accounts redeem at once, each in a process of its own, and counts what comes
/// of it. `again` is asked to try again what found too much going on.
async fn stampede(
    world: &Arc<World>,
    reward: &Reward,
    accounts: &[String],
    reserve: bool,
) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let racing = accounts.iter().map(|account| {
        let (world, redeem) = (Arc::clone(world), wish(account, reward, reserve));
        tokio::spawn(async move {
            let ledger = world.another_ledger();
            loop {
                let done = outcome(ledger.redeem(&redeem).await);
                if done != "conflict" {
                    return (done, redeem.id);
                }
            }
        })
    });
    let done: Vec<_> = join_all(racing)
        .await
        .into_iter()
        .map(|it| it.expect("no panic"))
        .collect();
    let counts = tally(done.iter().map(|(done, _)| *done));
    (counts, done.into_iter().map(|(_, id)| id).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_redemptions_with_funds_for_one_one_happens() {
    let world = world().await;
    let reward = world.add_reward(json!({})).await;
    let anna = world.rich("cust_1", 199).await;
    let accounts = vec![anna.clone(); 50];
    let (counts, _) = stampede(&world, &reward, &accounts, false).await;
    let expected = BTreeMap::from([("confirmed", 1), ("insufficient_points", 49)]);
    assert_eq!(counts, expected);
    assert_eq!(world.balance(&anna).await, 99);
    assert_eq!(world.log_text(&anna).await, "adjust 199, redeem -100");
}

async fn crowd(world: &World, members: usize) -> Vec<String> {
    let mut accounts = Vec::new();
    for number in 0..members {
        accounts.push(world.rich(&format!("cust_{number}"), 100).await);
    }
    accounts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stock_of_ten_against_two_hundred_buyers() {
    let world = world().await;
    let reward = world.add_reward(json!({"stock": 10})).await;
    let accounts = crowd(&world, 200).await;
    let (counts, _) = stampede(&world, &reward, &accounts, false).await;
    let expected = BTreeMap::from([("confirmed", 10), ("out_of_stock", 190)]);
    assert_eq!(counts, expected);
    let mut left = 0;
    for account in &accounts {
        left += world.balance(account).await;
    }
    assert_eq!(left, 190 * 100);
    assert_eq!(
        world.ledger.stocks(&[reward]).await.expect("stock")[0].used,
        10
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pool_of_ten_codes_against_two_hundred_buyers() {
    let world = world().await;
    let reward = world.add_reward(json!({"code_pool": true})).await;
    let codes: Vec<String> = (0..10).map(|n| format!("WINTER-{n:04}")).collect();
    let imported = world
        .ledger
        .import_codes(&reward.id, &codes, Seed::fresh())
        .await;
    assert_eq!(imported.expect("imported").imported, 10);
    let accounts = crowd(&world, 200).await;
    let (counts, ids) = stampede(&world, &reward, &accounts, false).await;
    let expected = BTreeMap::from([("confirmed", 10), ("out_of_stock", 190)]);
    assert_eq!(counts, expected);
    let mut issued = BTreeSet::new();
    for id in &ids {
        if let Ok(view) = world.ledger.redemption(id).await {
            let code = view.redemption.code.expect("a code");
            assert!(issued.insert(code), "a code was issued twice");
        }
    }
    assert_eq!(issued, codes.into_iter().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_members_limit_is_kept_by_racing_redemptions() {
    let world = world().await;
    let limit = json!({"limit": {"redemptions": 3, "window": "month", "rolling": true}});
    let reward = world.add_reward(limit).await;
    let anna = world.rich("cust_1", 100_000).await;
    let (counts, _) = stampede(&world, &reward, &vec![anna; 30], true).await;
    let expected = BTreeMap::from([("reserved", 3), ("limit_reached", 27)]);
    assert_eq!(counts, expected);
}

/// Asks for all of `acts` at once, `times` times each, and answers what came of it.
async fn race(
    world: &Arc<World>,
    id: &str,
    acts: &[Act],
    times: usize,
) -> BTreeMap<&'static str, usize> {
    let acts = acts.iter().cycle().take(acts.len() * times).enumerate();
    let racing = acts.map(|(number, act)| {
        let (world, id) = (Arc::clone(world), id.to_owned());
        let act = match act {
            Act::Use { .. } => used_by(&format!("till {number}")),
            act => act.clone(),
        };
        tokio::spawn(async move {
            let ledger = world.another_ledger();
            loop {
                let done = outcome(ledger.act_on_redemption(&id, &act).await);
                if done != "conflict" {
                    return done;
                }
            }
        })
    });
    let done = join_all(racing).await;
    tally(done.into_iter().map(|done| done.expect("no panic")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_use_and_a_cancellation_one_happens() {
    for _ in 0..8 {
        let world = world().await;
        let reward = world.add_reward(json!({})).await;
        let anna = world.rich("cust_1", 100).await;
        let redeem = wish(&anna, &reward, false);
        world.ledger.redeem(&redeem).await.expect("redeemed");
        let counts = race(&world, &redeem.id, &[used_by("x"), Act::Cancel], 8).await;
        let view = world.ledger.redemption(&redeem.id).await.expect("it");
        if view.redemption.status == RedemptionStatus::Used {
            let expected = BTreeMap::from([("used", 1), ("redemption_used", 15)]);
            assert_eq!(counts, expected);
            assert_eq!(world.balance(&anna).await, 0);
        } else {
            let expected = BTreeMap::from([("canceled", 8), ("redemption_not_usable", 8)]);
            assert_eq!(counts, expected);
            assert_eq!(world.balance(&anna).await, 100);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_confirmation_and_a_cancellation_the_last_word_holds() {
    for _ in 0..8 {
        let world = world().await;
        let reward = world.add_reward(json!({"stock": 3})).await;
        let anna = world.rich("cust_1", 100).await;
        let redeem = wish(&anna, &reward, true);
        world.ledger.redeem(&redeem).await.expect("reserved");
        race(&world, &redeem.id, &[Act::Confirm, Act::Cancel], 4).await;
        // What is confirmed can be canceled, what is canceled is not confirmed again.
        let view = world.ledger.redemption(&redeem.id).await.expect("it");
        assert_eq!(view.redemption.status, RedemptionStatus::Canceled);
        let log = world.log_text(&anna).await;
        assert_eq!(log, "adjust 100, redeem -100, reverse 100");
        assert_eq!(
            world.ledger.stocks(&[reward]).await.expect("stock")[0].used,
            0
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_confirmation_and_an_expiry_one_happens() {
    for ms in [-1_i64, 0] {
        let world = world().await;
        let reward = world.add_reward(json!({"stock": 1})).await;
        let anna = world.rich("cust_1", 100).await;
        let redeem = wish(&anna, &reward, true);
        world.ledger.redeem(&redeem).await.expect("reserved");
        let end = at("2026-11-20T12:30:00Z");
        let now = end.as_millisecond() + ms;
        world
            .clock
            .set(jiff::Timestamp::from_millisecond(now).expect("a time"));
        let visits = (0..8).map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { tick(&world.another_ledger()).await })
        });
        let visits = join_all(visits);
        let (counts, visits) = tokio::join!(race(&world, &redeem.id, &[Act::Confirm], 8), visits);
        for visit in visits {
            visit.expect("no panic");
        }
        let (expected, balance) = if ms < 0 {
            ("confirmed", 0)
        } else {
            ("redemption_not_reserved", 100)
        };
        assert_eq!(counts, BTreeMap::from([(expected, 8)]));
        assert_eq!(world.balance(&anna).await, balance);
        let used = world.ledger.stocks(&[reward]).await.expect("stock")[0].used;
        assert_eq!(used, i64::from(ms < 0));
    }
}

/// The end of a story, in words.
async fn state(world: &World, account: &str, reward: &Reward) -> String {
    let log = world.log_text(account).await;
    let balance = world.balance(account).await;
    let stock = world.ledger.stocks(std::slice::from_ref(reward)).await;
    let stock = stock.expect("stock")[0];
    format!("{balance}: {log}; {stock:?}")
}

/// Makes a redemption and then does `acts`, dying at one wire call of it all.
async fn survives(reserve: bool, acts: &[Act], pool: bool) {
    let story = async |crash: Option<(u64, Phase)>| {
        let world = world().await;
        let reward = world
            .add_reward(json!({"stock": 3, "code_pool": pool}))
            .await;
        if pool {
            let codes = ["AAAA-1", "AAAA-2"].map(str::to_owned);
            let imported = world.ledger.import_codes(&reward.id, &codes, Seed::fresh());
            imported.await.expect("imported");
        }
        let anna = world.rich("cust_1", 100).await;
        let redeem = wish(&anna, &reward, reserve);
        let crash = Crash::at(&world, crash);
        let made = crash
            .survive(async |ledger: Ledger| ledger.redeem(&redeem).await)
            .await;
        let mut told = vec![outcome(made)];
        for act in acts {
            let id = &redeem.id;
            let work = async |ledger: Ledger| ledger.act_on_redemption(id, act).await;
            told.push(outcome(crash.survive(work).await));
        }
        let came = crash.came();
        let state = state(&world, &anna, &reward).await;
        (format!("{told:?} {state}"), came)
    };
    let (expected, _) = story(None).await;
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let (told, came) = story(Some((call, phase))).await;
            assert_eq!(told, expected, "crash at call {call}, {phase:?}");
            if !came {
                assert!(call > 2, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn redemptions_survive_a_crash_at_every_call() {
    let used = used_by("till");
    survives(false, std::slice::from_ref(&used), false).await;
    survives(true, &[Act::Confirm, used.clone()], false).await;
    survives(true, &[Act::Cancel], false).await;
    survives(false, &[Act::Cancel], true).await;
    survives(true, &[Act::Confirm, Act::Cancel], true).await;
}

#[tokio::test]
async fn a_payment_that_confirms_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
            let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
            let reward = world.add_reward(json!({})).await;
            let anna = world.rich("cust_1", 100).await;
            let redeem = wish(&anna, &reward, true);
            world.ledger.redeem(&redeem).await.expect("reserved");
            let mut event = payment("pay_1", "cust_1", 1000);
            let metadata = json!({"redemption": redeem.id});
            merge(&mut event["data"], json!({"metadata": metadata}));
            let event = world.event(event).expect("an event");
            let crash = Crash::at(&world, Some((call, phase)));
            let paid = crash
                .survive(async |ledger: Ledger| ledger.apply(&event).await)
                .await;
            paid.expect("is handled");
            let came = crash.came();
            let log = world.log_text(&anna).await;
            assert_eq!(log, "adjust 100, redeem -100, earn 10");
            let view = world.ledger.redemption(&redeem.id).await.expect("it");
            assert_eq!(view.redemption.status, RedemptionStatus::Confirmed);
            if !came {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_visit_that_dies_leaves_what_the_next_one_does() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world().await;
            let reward = world.add_reward(json!({"stock": 2})).await;
            let accounts = crowd(&world, 2).await;
            for account in &accounts {
                let redeem = wish(account, &reward, true);
                world.ledger.redeem(&redeem).await.expect("reserved");
            }
            world.clock.set(at("2026-11-20T13:00:00Z"));
            let crash = Crash::at(&world, Some((call, phase)));
            let visit = async |ledger: Ledger| tick(&ledger).await;
            crash.survive(visit).await;
            let came = crash.came();
            for account in &accounts {
                let log = world.log_text(account).await;
                assert_eq!(log, "adjust 100, redeem -100, reverse 100");
            }
            let stock = world.ledger.stocks(std::slice::from_ref(&reward)).await;
            assert_eq!(stock.expect("stock")[0].used, 0);
            if !came {
                break;
            }
        }
    }
}
