//! Merges: under races and crashes, with refunds and repeats after them, and what they cost.

use std::sync::Arc;

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::{Error, Seed};
use laurel_rules::{Code, Outcome, purse::LOTS_MAX};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment, refund};
use serde_json::{Value, json};

async fn world(rule: Value) -> Arc<World> {
    let mut full = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    merge(&mut full, rule);
    Arc::new(World::with(json!({"auto_enroll": true}), &[full]).await)
}

async fn pay(world: &World, id: &str, customer: &str, amount: i64) -> Outcome {
    let paid = world.apply(payment(id, customer, amount)).await;
    paid.expect("is handled").outcome
}

async fn balances(world: &World, ids: &[&str]) -> Vec<(i64, i64, &'static str)> {
    let mut all = Vec::new();
    for id in ids {
        let view = world.ledger.account(id).await.expect("an account");
        all.push((
            view.balance,
            view.account.lifetime_points,
            view.account.status.as_str(),
        ));
    }
    all
}

fn code(result: Result<impl Sized, Error>) -> Option<Code> {
    result.err().map(|error| error.refusal().code)
}

#[tokio::test]
async fn a_merge_moves_all_that_counts_and_lists_it_under_the_survivor() {
    let world = world(json!({"carry": true})).await;
    pay(&world, "pay_a", "a", 1070).await;
    pay(&world, "pay_b", "b", 2050).await;
    let (a, b) = (world.member("a").await, world.member("b").await);
    let (a, b) = (a.account.id, b.account.id);
    let survivor = world.merge(&a, &b).await;
    assert_eq!(survivor.account.id, b);
    let expected = [(0, 0, "merged"), (30, 30, "active")];
    assert_eq!(balances(&world, &[&a, &b]).await, expected);
    let ended = world.ledger.account(&a).await.expect("an account").account;
    assert_eq!(ended.merged_into.as_ref(), Some(&b));
    assert_eq!(world.log_text(&b).await, "earn 10, earn 20");
    assert_eq!(world.log_text(&a).await, "");
    let moved = world.log(&b).await.remove(0);
    assert_eq!((&moved.account, &moved.entry.account), (&b, &a));
    let read = world.ledger.transaction(&moved.id().to_string()).await;
    assert_eq!(read.expect("a transaction").account, b);
    // 0.7 and 0.5 of a point were carried: together they make one more.
    assert_eq!(pay(&world, "pay_c", "a", 90).await, Outcome::Awarded);
    assert_eq!(world.member("a").await.account.id, b);
    assert_eq!(balances(&world, &[&b]).await, [(32, 32, "active")]);
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_with_its_field() {
    let world = world(json!({})).await;
    let (a, b, c) = (
        world.create("a").await,
        world.create("b").await,
        world.create("c").await,
    );
    world.ledger.close_account(&c).await.expect("is closed");
    let other = world.ledger.new_program(Some("prog_other".to_owned()));
    world
        .ledger
        .create_program(other, "set up")
        .await
        .expect("a program");
    let foreign = laurel_rules::decide::NewAccount {
        program: "prog_other".to_owned(),
        ..Default::default()
    };
    let foreign = world.ledger.create_account(foreign, Seed::fresh()).await;
    let foreign = foreign.expect("an account").account.id;
    let (one, two, three) = (a.as_str(), b.as_str(), c.as_str());
    for (source, target, code, param) in [
        (one, one, Code::MergeWithItself, "target"),
        ("loy_none", one, Code::ResourceMissing, "source"),
        (one, "loy_none", Code::ResourceMissing, "target"),
        (one, foreign.as_str(), Code::ProgramMismatch, "target"),
        (one, three, Code::AccountNotActive, "target"),
        (three, one, Code::AccountNotActive, "source"),
    ] {
        let refused = world.ledger.merge_accounts(source, target, Seed::fresh());
        let refusal = refused.await.expect_err("is refused").refusal();
        assert_eq!(
            (refusal.code, refusal.param.as_deref()),
            (code, Some(param)),
            "{source} into {target}"
        );
    }
    world.merge(one, two).await;
    // A circle, and a second end.
    for (source, target, param) in [(two, one, "target"), (one, two, "source")] {
        let refused = world.ledger.merge_accounts(source, target, Seed::fresh());
        let refusal = refused.await.expect_err("is refused").refusal();
        assert_eq!(refusal.code, Code::AccountMerged);
        assert_eq!(refusal.param.as_deref(), Some(param));
        assert_eq!(refusal.account.as_ref(), Some(&b));
    }
}

#[tokio::test]
async fn the_same_request_again_is_the_same_merge() {
    let world = world(json!({})).await;
    let (a, b) = (world.create("a").await, world.create("b").await);
    let seed = Seed::fresh();
    for _ in 0..2 {
        let merged = world.ledger.merge_accounts(&a, &b, seed).await;
        assert_eq!(merged.expect("a merge").account.id, b);
    }
    assert_eq!(
        world
            .ledger
            .account(&b)
            .await
            .expect("b")
            .account
            .absorbed
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_merges_of_one_source_one_happens() {
    for _ in 0..10 {
        let world = world(json!({})).await;
        for customer in ["a", "b", "c"] {
            pay(&world, &format!("pay_{customer}"), customer, 1000).await;
        }
        let mut ids = Vec::new();
        for customer in ["a", "b", "c"] {
            ids.push(world.member(customer).await.account.id);
        }
        let racing = ids[1..].iter().map(|target| {
            let (world, source, target) = (Arc::clone(&world), ids[0].clone(), target.clone());
            tokio::spawn(async move {
                let ledger = world.another_ledger();
                code(ledger.merge_accounts(&source, &target, Seed::fresh()).await)
            })
        });
        let ended = join_all(racing).await;
        let refused: Vec<Code> = ended
            .into_iter()
            .filter_map(|code| code.expect("no panic"))
            .collect();
        assert_eq!(refused, [Code::AccountMerged]);
        let mut all = balances(&world, &[&ids[0], &ids[1], &ids[2]]).await;
        all.sort_unstable();
        assert_eq!(
            all,
            [(0, 0, "merged"), (10, 10, "active"), (20, 20, "active")]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_merges_into_each_other_one_happens() {
    for _ in 0..10 {
        let world = world(json!({})).await;
        pay(&world, "pay_a", "a", 1000).await;
        pay(&world, "pay_b", "b", 2000).await;
        let (a, b) = (world.member("a").await, world.member("b").await);
        let (a, b) = (a.account.id, b.account.id);
        let racing = [(a.clone(), b.clone()), (b.clone(), a.clone())].map(|(source, target)| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let ledger = world.another_ledger();
                code(ledger.merge_accounts(&source, &target, Seed::fresh()).await)
            })
        });
        let ended = join_all(racing).await;
        let refused: Vec<Code> = ended
            .into_iter()
            .filter_map(|code| code.expect("no panic"))
            .collect();
        assert_eq!(refused, [Code::AccountMerged]);
        let mut all = balances(&world, &[&a, &b]).await;
        all.sort_unstable();
        assert_eq!(all, [(0, 0, "merged"), (30, 30, "active")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_payments_racing_a_merge_count_once_each() {
    let world = world(json!({})).await;
    let (a, b) = (world.create("a").await, world.create("b").await);
    let earning = (0..50).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let customer = if number % 2 == 0 { "a" } else { "b" };
            let event = payment(&format!("pay_{number}"), customer, 1000);
            let event = world.event(event).expect("an event");
            let ledger = world.another_ledger();
            let first = ledger.apply(&event).await.expect("is handled");
            // Whoever asks again gets the same answer, on whichever side of the merge it was.
            let again = ledger.apply(&event).await.expect("is handled");
            assert!(again.duplicate);
            assert_eq!(again.transactions, first.transactions);
            first.outcome
        })
    });
    let earning: Vec<_> = earning.collect();
    let merging = tokio::spawn({
        let (world, a, b) = (Arc::clone(&world), a.clone(), b.clone());
        async move { world.merge(&a, &b).await }
    });
    for outcome in join_all(earning).await {
        assert_eq!(outcome.expect("no panic"), Outcome::Awarded);
    }
    merging.await.expect("no panic");
    let expected = [(0, 0, "merged"), (500, 500, "active")];
    assert_eq!(balances(&world, &[&a, &b]).await, expected);
    assert_eq!(world.log(&b).await.len(), 50);
}

#[tokio::test]
async fn refunds_and_repeats_after_a_merge_find_what_was_earned_before() {
    let world = world(json!({"expires": {"after": "P12M"}})).await;
    let mut early = payment("pay_a", "a", 1000);
    merge(&mut early, json!({"occurred_at": "2026-06-01T00:00:00Z"}));
    world.apply(early.clone()).await.expect("earns");
    pay(&world, "pay_b", "b", 1000).await;
    let held = world
        .apply(refund("re_early", "pay_later", Some(500)))
        .await;
    assert_eq!(held.expect("is kept").outcome, Outcome::Remembered);
    let (a, b) = (world.member("a").await, world.member("b").await);
    let (a, b) = (a.account.id, b.account.id);
    world.merge(&a, &b).await;
    // A repeat of what the source earned, and a payment of its customer, which goes on.
    let again = world.apply(early).await.expect("repeats");
    assert!(again.duplicate);
    assert_eq!(again.account.as_ref(), Some(&a));
    assert_eq!(pay(&world, "pay_later", "a", 1000).await, Outcome::Awarded);
    assert_eq!(world.member("a").await.balance, 25);
    // The refund takes from the very lot, not from the one that expires first.
    let back = world.apply(refund("re_b", "pay_b", None)).await;
    assert_eq!(back.expect("takes back").account.as_ref(), Some(&b));
    let lots = world.member("b").await.account.points.lots;
    let left: Vec<(u32, i64)> = lots
        .iter()
        .map(|lot| (lot.id.origin, lot.remaining))
        .collect();
    assert_eq!(left, [(1, 10), (0, 5)]);
    let back = world.apply(refund("re_a", "pay_a", Some(300))).await;
    let back = back.expect("takes back");
    assert_eq!(
        (back.outcome, back.account.as_ref()),
        (Outcome::Reversed, Some(&b))
    );
    let taken = world.log(&b).await.pop().expect("a reversal");
    let of = taken.transaction().of.clone().expect("of an earning");
    assert_eq!(
        (of.account.as_str(), taken.transaction().amount),
        (a.as_str(), -3)
    );
    // Once expired, what is left of it is not taken again.
    world.clock.set(at("2027-07-01T00:00:00Z"));
    assert_eq!(world.member("b").await.balance, 5);
    let mut late = refund("re_a2", "pay_a", None);
    merge(&mut late, json!({"occurred_at": "2027-07-01T00:00:00Z"}));
    let late = world.apply(late).await.expect("is handled");
    assert_eq!(late.outcome, Outcome::Processed);
    assert_eq!(world.member("b").await.balance, 5);
}

#[tokio::test]
async fn a_chain_of_merges_leads_to_its_end_from_everywhere() {
    let world = world(json!({})).await;
    for customer in ["a", "b", "c", "d"] {
        pay(&world, &format!("pay_{customer}"), customer, 1000).await;
    }
    let mut ids = Vec::new();
    for customer in ["a", "b", "c", "d"] {
        ids.push(world.member(customer).await.account.id);
    }
    world.merge(&ids[0], &ids[1]).await;
    world.merge(&ids[2], &ids[3]).await;
    world.merge(&ids[1], &ids[3]).await;
    let last = world.ledger.account(&ids[3]).await.expect("d").account;
    let absorbed: Vec<&String> = last.absorbed.iter().map(|from| &from.account).collect();
    assert_eq!(absorbed, [&ids[2], &ids[1], &ids[0]]);
    for customer in ["a", "b", "c", "d"] {
        assert_eq!(world.member(customer).await.account.id, ids[3]);
        let back = world.apply(refund(
            &format!("re_{customer}"),
            &format!("pay_{customer}"),
            None,
        ));
        assert_eq!(
            back.await.expect("takes back").account.as_ref(),
            Some(&ids[3])
        );
    }
    assert_eq!(balances(&world, &[&ids[3]]).await, [(0, 40, "active")]);
    let log = world.log(&ids[3]).await;
    assert_eq!(log.len(), 8);
    // Names of merged accounts are taken, by the survivor.
    let taken = laurel_rules::decide::NewAccount {
        program: PROGRAM.to_owned(),
        customer: Some("a".to_owned()),
        ..Default::default()
    };
    let taken = world.ledger.create_account(taken, Seed::fresh()).await;
    let refusal = taken.expect_err("is taken").refusal();
    assert_eq!(refusal.code, Code::AccountAlreadyExists);
    assert_eq!(refusal.account.as_ref(), Some(&ids[3]));
}

#[tokio::test]
async fn uses_of_a_cap_add_up() {
    let rule = json!({"cap": {"points": 30}, "window": "month"});
    let world = world(rule).await;
    pay(&world, "pay_a", "a", 1200).await;
    pay(&world, "pay_b", "b", 1000).await;
    // Somebody who never earned knows nothing of the cap: then the logs are asked.
    let c = world.create("c").await;
    let (a, b) = (world.member("a").await, world.member("b").await);
    let (a, b) = (a.account.id, b.account.id);
    let both = world.merge(&a, &b).await.account;
    assert_eq!(both.counters[0].marks[0].points, 22);
    assert!(world.merge(&b, &c).await.account.counters.is_empty());
    pay(&world, "pay_c", "c", 5000).await;
    assert_eq!(world.member("c").await.balance, 30);
    // What is given back of one's award is room for all.
    world
        .apply(refund("re_a", "pay_a", None))
        .await
        .expect("takes back");
    pay(&world, "pay_d", "b", 5000).await;
    assert_eq!(world.member("a").await.balance, 30);
}

#[tokio::test]
async fn debts_pending_points_and_names_merge_too() {
    let world = world(json!({"pending_days": 10})).await;
    let (a, b) = (world.create("a").await, world.create("b").await);
    let adjust = |account: &str, amount| laurel_ledger::AdjustmentRequest {
        account: account.to_owned(),
        amount,
        reason: "test".to_owned(),
        allow_negative: true,
        lifetime: false,
        expires_at: None,
        metadata: std::collections::BTreeMap::new(),
        request: None,
    };
    world.ledger.adjust(adjust(&a, -30)).await.expect("owes");
    world.ledger.adjust(adjust(&b, 20)).await.expect("has");
    pay(&world, "pay_a", "a", 1500).await;
    let change = laurel_rules::decide::AccountChange {
        email: Some(Some("a@example.com".to_owned())),
        ..Default::default()
    };
    world
        .ledger
        .update_account(&a, &change)
        .await
        .expect("a name");
    let both = world.merge(&a, &b).await;
    assert_eq!((both.balance, both.pending), (-10, 15));
    assert_eq!(both.account.email.as_deref(), Some("a@example.com"));
    assert_eq!(both.account.customer.as_deref(), Some("b"));
    world.clock.set(at("2026-12-01T12:00:00Z"));
    assert_eq!(world.member("a").await.balance, 5);
    // The address is the survivor's own now, to be given up like any other.
    let change = laurel_rules::decide::AccountChange {
        email: Some(None),
        ..Default::default()
    };
    world
        .ledger
        .update_account(&b, &change)
        .await
        .expect("no name");
    let new = laurel_rules::decide::NewAccount {
        program: PROGRAM.to_owned(),
        email: Some("a@example.com".to_owned()),
        ..Default::default()
    };
    let new = world.ledger.create_account(new, Seed::fresh()).await;
    new.expect("the address is free");
}

#[tokio::test]
async fn a_merge_costs_the_same_however_much_there_is() {
    let rules: Vec<Value> = (0..50)
        .map(|_| json!({"award": {"type": "fixed", "points": 1}}))
        .collect();
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    let mut spent = Vec::new();
    for payments in [1, 100] {
        let (a, b) = (format!("a{payments}"), format!("b{payments}"));
        for number in 0..payments {
            pay(&world, &format!("pay_{payments}_{number}"), &a, 100).await;
        }
        pay(&world, &format!("pay_{payments}_b"), &b, 100).await;
        let (a, b) = (world.member(&a).await, world.member(&b).await);
        let before = world.store.usage();
        world.merge(&a.account.id, &b.account.id).await;
        spent.push(world.store.usage().since(&before));
        assert_eq!(
            world.log(&b.account.id).await.len(),
            usize::try_from((payments + 1) * 50).expect("few")
        );
    }
    for used in &spent {
        assert_eq!(used.total_requests(), 3, "{used:?}");
        assert_eq!(used.requests_of("TransactWriteItems"), 1);
    }
    // Of 5,000 transactions only as many lots count as an account holds.
    assert!(spent[1].write_units < 300, "{spent:?}");
}

#[tokio::test]
async fn two_full_accounts_fit_into_one() {
    let rules: Vec<Value> = (0..50)
        .map(|number| {
            let days = format!("P{}D", 400 + number);
            json!({"award": {"type": "fixed", "points": 2}, "expires": {"after": days}})
        })
        .collect();
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    for number in 0..20 {
        for customer in ["a", "b"] {
            let mut event = payment(&format!("pay_{customer}_{number}"), customer, 100);
            let hour = format!("2026-11-{:02}T10:00:00Z", number % 19 + 1);
            merge(&mut event, json!({"occurred_at": hour}));
            world.apply(event).await.expect("earns");
        }
    }
    let (a, b) = (world.member("a").await, world.member("b").await);
    assert_eq!(a.account.points.lots.len(), LOTS_MAX);
    let both = world.merge(&a.account.id, &b.account.id).await;
    assert_eq!(both.balance, 4000);
    assert_eq!(both.account.points.lots.len(), LOTS_MAX);
    let item = laurel_ledger::item::account_item(&both.account);
    let bytes = format!("{item:?}").len();
    assert!(bytes < 400 * 1024, "{bytes} bytes, spelt out");
    let back = world.apply(refund("re", "pay_a_3", None)).await;
    assert_eq!(back.expect("takes back").outcome, Outcome::Reversed);
    assert_eq!(world.member("b").await.balance, 3900);
}

#[tokio::test]
async fn a_merge_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!({"carry": true, "expires": {"after": "P1D"}})).await;
            pay(&world, "pay_a", "a", 1070).await;
            pay(&world, "pay_b", "b", 2050).await;
            let (a, b) = (world.member("a").await, world.member("b").await);
            let (a, b) = (a.account.id, b.account.id);
            // What has expired by then is written off on the way.
            world.clock.set(at("2026-11-21T11:00:00Z"));
            let seed = Seed::fresh();
            let crash = Crash::at(&world, Some((call, phase)));
            let merged = crash.survive(async |ledger| ledger.merge_accounts(&a, &b, seed).await);
            assert_eq!(merged.await.expect("a merge").account.id, b);
            let expected = [(0, 0, "merged"), (0, 30, "active")];
            let crashed = crash.came();
            assert_eq!(balances(&world, &[&a, &b]).await, expected, "call {call}");
            assert_eq!(
                world.log_text(&b).await,
                "earn 10, earn 20, expire -10, expire -20"
            );
            if !crashed {
                assert!(call > 2, "there was hardly a call to crash at");
                break;
            }
        }
    }
}
