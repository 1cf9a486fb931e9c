//! The clock: what time does to members is written and announced once, whoever looks and however
//! often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use clock::{Clock, Swept};
use futures::future::join_all;
use jiff::Timestamp;
use laurel::embedded::{Fault, Phase, WireCall, WireError};
use laurel_ledger::{Ledger, item::account_item};
use laurel_rules::{
    Account, Program,
    purse::{Lot, LotId},
};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment};
use serde_json::{Value, json};

/// After everything that is earned here has expired.
const LATER: &str = "2027-01-01T00:00:00Z";

async fn world(expires: Value) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    World::with(json!({"auto_enroll": true, "expires": expires}), &[rule]).await
}

async fn sweep(ledger: Ledger) -> Swept {
    Clock::new(ledger)
        .sweep(Instant::now() + Duration::from_secs(600))
        .await
}

async fn earn(world: &World, members: std::ops::Range<u32>) {
    for number in members {
        let event = payment(&format!("pay_{number}"), &format!("cust_{number}"), 1000);
        world.apply(event).await.expect("earns");
    }
}

async fn logs(world: &World, members: std::ops::Range<u32>) -> Vec<String> {
    let mut logs = Vec::new();
    for number in members {
        let member = world.member(&format!("cust_{number}")).await;
        let log = world.log_text(&member.account.id).await;
        logs.push(format!("{}: {log}", member.balance));
    }
    logs
}

fn total(swept: &[Swept], of: impl Fn(&Swept) -> u64) -> u64 {
    swept.iter().map(of).sum()
}

#[tokio::test]
async fn nothing_is_due_before_its_time_and_nothing_twice() {
    let world = world(json!({"after": "P1M"})).await;
    earn(&world, 0..3).await;
    world.clock.set(at("2026-12-20T10:59:59.999Z"));
    assert_eq!(sweep(world.another_ledger()).await, Swept::default());
    world.clock.set(at("2026-12-20T11:00:00Z"));
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.idle, swept.failed), (3, 0, 0));
    assert_eq!(logs(&world, 0..3).await, ["0: earn 10, expire -10"; 3]);
    assert_eq!(sweep(world.another_ledger()).await, Swept::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sweeps_side_by_side_write_each_expiry_once() {
    let world = world(json!({"after": "P1M"})).await;
    earn(&world, 0..30).await;
    world.clock.set(at(LATER));
    let sweeps = (0..3).map(|_| tokio::spawn(sweep(world.another_ledger())));
    let swept: Vec<Swept> = join_all(sweeps)
        .await
        .into_iter()
        .map(|swept| swept.expect("no panic"))
        .collect();
    assert_eq!(total(&swept, |swept| swept.written), 30, "{swept:?}");
    assert_eq!(total(&swept, |swept| swept.failed), 0, "{swept:?}");
    assert_eq!(
        logs(&world, 0..30).await,
        vec!["0: earn 10, expire -10"; 30]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_who_earn_meanwhile_keep_what_they_earn() {
    let world = Arc::new(world(json!({"after": "P1M"})).await);
    earn(&world, 0..20).await;
    world.clock.set(at(LATER));
    let earning = (0..20).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let mut event = payment(&format!("late_{number}"), &format!("cust_{number}"), 500);
            merge(&mut event, json!({"occurred_at": LATER}));
            world.apply(event).await.expect("earns");
        })
    });
    let sweeps = (0..2).map(|_| {
        let ledger = world.another_ledger();
        tokio::spawn(async move {
            let swept = sweep(ledger).await;
            assert_eq!(swept.failed, 0, "{swept:?}");
        })
    });
    for done in join_all(earning.chain(sweeps)).await {
        done.expect("no panic");
    }
    let expected = vec!["5: earn 10, expire -10, earn 5"; 20];
    assert_eq!(logs(&world, 0..20).await, expected);
}

#[tokio::test]
async fn a_sweep_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!({"after": "P1M"})).await;
            earn(&world, 0..2).await;
            world.clock.set(at(LATER));
            let crash = Crash::at(&world, Some((call, phase)));
            let swept = crash.survive(sweep).await;
            let came = crash.came();
            assert_eq!(swept.failed, 0, "call {call}, {phase:?}");
            let expected = ["0: earn 10, expire -10"; 2];
            assert_eq!(logs(&world, 0..2).await, expected, "call {call}, {phase:?}");
            assert_eq!(sweep(world.another_ledger()).await, Swept::default());
            if !came {
                assert!(call > 20, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn throttles_are_waited_out() {
    let world = world(json!({"after": "P1M"})).await;
    earn(&world, 0..5).await;
    world.clock.set(at(LATER));
    let calls = AtomicU64::new(0);
    world.store.set_faults(Arc::new(move |call: &WireCall<'_>| {
        let turn = calls.fetch_add(1, Ordering::SeqCst);
        match call.operation {
            "TransactWriteItems" if turn.is_multiple_of(2) => Fault::Answer(WireError::throttled()),
            _ => Fault::None,
        }
    }));
    let swept = sweep(world.another_ledger()).await;
    world.store.clear_faults();
    assert_eq!((swept.written, swept.failed), (5, 0), "{swept:?}");
    assert_eq!(logs(&world, 0..5).await, ["0: earn 10, expire -10"; 5]);
}

#[tokio::test]
async fn one_that_fails_stays_due_and_keeps_no_other_from_being_visited() {
    let world = world(json!({"after": "P1M"})).await;
    earn(&world, 0..3).await;
    let account = world.member("cust_1").await.account.id;
    let client = world.store.client();
    let break_it = |value: &'static str| {
        let update = client.update_item().table_name("laurel");
        let update = update.key("pk", AttributeValue::S(format!("A#{account}")));
        let update = update.key("sk", AttributeValue::S("A".to_owned()));
        let update = update.update_expression("SET st = :st");
        let value = AttributeValue::S(value.to_owned());
        update.expression_attribute_values(":st", value).send()
    };
    break_it("broken").await.expect("is written");
    world.clock.set(at(LATER));
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.failed), (2, 1), "{swept:?}");
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.failed), (0, 1), "{swept:?}");
    break_it("active").await.expect("is written");
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.failed), (1, 0), "{swept:?}");
    assert_eq!(logs(&world, 0..3).await, ["0: earn 10, expire -10"; 3]);
}

#[tokio::test]
async fn a_sweep_without_time_leaves_the_rest_to_the_next() {
    let world = world(json!({"after": "P1M"})).await;
    earn(&world, 0..3).await;
    world.clock.set(at(LATER));
    let clock = Clock::new(world.another_ledger());
    let swept = clock.sweep(Instant::now()).await;
    assert_eq!((swept.written, swept.is_cut_short), (0, true));
    assert_eq!(sweep(world.another_ledger()).await.written, 3);
}

/// Members with a lot each, put into the table as they are stored.
async fn put_members(world: &World, program: &Program, count: u64, expires_at: Timestamp) {
    let client = world.store.client();
    let now = world.ledger.now();
    let accounts = (0..count).map(|number| {
        let mut account = Account::new(format!("loy_m{number:05}"), program, now, now);
        account.version = 1;
        account.points.lots.push(Lot {
            id: LotId::own(1, 0),
            remaining: 10,
            available_at: None,
            expires_at: Some(expires_at),
        });
        account.due_at = Some(expires_at);
        account
    });
    let puts = accounts.map(|account| {
        let put = PutRequest::builder().set_item(Some(account_item(&account)));
        let put = put.build().expect("an item");
        WriteRequest::builder().put_request(put).build()
    });
    let puts: Vec<WriteRequest> = puts.collect();
    for chunk in puts.chunks(25) {
        let write = client.batch_write_item();
        let write = write.request_items("laurel", chunk.to_vec());
        write.send().await.expect("are written");
    }
}

#[tokio::test]
async fn five_thousand_members_of_one_instant_are_visited_page_by_page() {
    let world = world(json!({"after": "P1M"})).await;
    let program = world.ledger.program(PROGRAM).await.expect("a program");
    put_members(&world, &program, 5000, at(LATER)).await;
    world.clock.set(at(LATER));
    let before = world.store.usage();
    let swept = sweep(world.another_ledger()).await;
    let used = world.store.usage().since(&before);
    assert_eq!((swept.written, swept.failed), (5000, 0), "{swept:?}");
    // Full pages, and for each shard one that is not; what they hold is loaded with them.
    assert!(used.requests_of("Query") <= 5000 / 25 + 2 * 16, "{used:?}");
    assert!(
        used.requests_of("BatchGetItem") <= 2 * (5000 / 25 + 2 * 16) + 1,
        "{used:?}"
    );
    assert_eq!(used.requests_of("TransactWriteItems"), 5000);
    // The account and its new entry, each under 1 kB, and one unit for leaving the index.
    assert_eq!(used.write_units, 5 * 5000, "{used:?}");
    // Half a unit for each account, and for pages what the index and the program take.
    assert!(
        used.read_half_units <= 5000 + 4 * (5000 / 25 + 2 * 16),
        "{used:?}"
    );
    assert_eq!(sweep(world.another_ledger()).await, Swept::default());
}

#[tokio::test]
async fn a_program_whose_time_stands_still_is_left_alone() {
    let world = world(json!({"after": "P1M"})).await;
    let sandbox = || world.another_ledger().in_sandbox();
    let event = world.event(payment("pay_0", "cust_0", 1000));
    sandbox()
        .apply(&event.expect("an event"))
        .await
        .expect("earns");
    let frozen = at("2026-12-01T00:00:00Z");
    sandbox()
        .set_program_time(PROGRAM, frozen)
        .await
        .expect("a later time");
    let account = world.member("cust_0").await.account;
    assert_eq!(account.due_at, None, "nobody waits for its time");
    // The machine's time goes on, the program's does not.
    world.clock.set(at("2027-06-01T00:00:00Z"));
    assert_eq!(sweep(sandbox()).await, Swept::default());
    let event = world.event({
        let mut event = payment("pay_1", "cust_0", 500);
        merge(&mut event, json!({"occurred_at": frozen}));
        event
    });
    sandbox()
        .apply(&event.expect("an event"))
        .await
        .expect("earns");
    assert_eq!(sweep(sandbox()).await, Swept::default());
    let later = at("2026-12-20T11:00:00Z");
    sandbox()
        .set_program_time(PROGRAM, later)
        .await
        .expect("a later time");
    let log = world.log_text(&account.id).await;
    assert_eq!(log, "earn 10, earn 5, expire -10");
}

#[tokio::test]
async fn activity_puts_expiry_off_without_moving_the_plan() {
    let world = world(json!({"inactivity": "P1M"})).await;
    earn(&world, 0..1).await;
    let planned = world.member("cust_0").await.account.due_at;
    assert_eq!(planned, Some(at("2026-12-20T11:00:00Z")));
    world.clock.set(at("2026-12-10T00:00:00Z"));
    let mut event = payment("pay_1", "cust_0", 1000);
    merge(&mut event, json!({"occurred_at": "2026-12-10T00:00:00Z"}));
    let before = world.store.usage();
    world.apply(event).await.expect("earns");
    let used = world.store.usage().since(&before);
    // The index is not written.
    assert_eq!(used.write_units, 8, "{used:?}");
    let account = world.member("cust_0").await.account;
    assert_eq!(account.due_at, planned);
    // The visit comes too early, and plans the next one.
    world.clock.set(at("2026-12-20T11:00:00Z"));
    assert_eq!(sweep(world.another_ledger()).await.written, 1);
    assert_eq!(world.log_text(&account.id).await, "earn 10, earn 10");
    world.clock.set(at("2027-01-10T00:00:00Z"));
    assert_eq!(sweep(world.another_ledger()).await.written, 1);
    let log = world.log_text(&account.id).await;
    assert_eq!(log, "earn 10, earn 10, expire -10, expire -10");
}

#[tokio::test]
async fn moving_time_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world(json!({"after": "P1M"})).await;
            earn(&world, 0..3).await;
            let crash = Crash::at(&world, Some((call, phase)));
            let moved = crash.survive(async |ledger| {
                let sandbox = ledger.in_sandbox();
                sandbox.set_program_time(PROGRAM, at(LATER)).await
            });
            moved.await.expect("time is moved");
            let came = crash.came();
            let expected = ["0: earn 10, expire -10"; 3];
            assert_eq!(logs(&world, 0..3).await, expected, "call {call}, {phase:?}");
            if !came {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_who_earn_while_time_is_moved_lose_each_point_once() {
    let world = Arc::new(world(json!({"after": "P1M"})).await);
    earn(&world, 0..20).await;
    let earning = (0..20).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let event = payment(&format!("late_{number}"), &format!("cust_{number}"), 500);
            let event = world.event(event).expect("an event");
            let sandbox = world.another_ledger().in_sandbox();
            sandbox.apply(&event).await.expect("earns");
        })
    });
    let moving = (0..2).map(|_| {
        let sandbox = world.another_ledger().in_sandbox();
        tokio::spawn(async move {
            let moved = sandbox.set_program_time(PROGRAM, at(LATER)).await;
            moved.expect("time is moved");
        })
    });
    for done in join_all(earning.chain(moving)).await {
        done.expect("no panic");
    }
    let sandbox = world.another_ledger().in_sandbox();
    for number in 0..20 {
        let id = world.member(&format!("cust_{number}")).await.account.id;
        let member = sandbox.account(&id).await.expect("a member");
        assert_eq!((member.balance, member.account.lifetime_points), (0, 15));
    }
    // Who earned by the time before may have been visited before that; the next move finds it.
    let again = sandbox.set_program_time(PROGRAM, at(LATER)).await;
    again.expect("time is moved");
    for number in 0..20 {
        let id = world.member(&format!("cust_{number}")).await.account.id;
        let log = world.log_text(&id).await;
        let mut words: Vec<&str> = log.split(", ").collect();
        words.sort_unstable();
        assert_eq!(
            words,
            ["earn 10", "earn 5", "expire -10", "expire -5"],
            "{log}"
        );
    }
}

#[tokio::test]
async fn settings_that_bring_an_end_nearer_reach_members_who_do_nothing() {
    let world = world(Value::Null).await;
    earn(&world, 0..3).await;
    let change = json!({"expires": {"inactivity": "P1M"}});
    let changed = world.ledger.update_program(PROGRAM, |program| {
        let expires = serde_json::from_value(change["expires"].clone());
        program.expires = expires.expect("an expiry");
        Ok(())
    });
    changed.await.expect("is changed");
    let planned = sweep(world.another_ledger()).await;
    assert_eq!(planned.failed, 0, "{planned:?}");
    for number in 0..3 {
        let account = world.member(&format!("cust_{number}")).await.account;
        assert_eq!(account.due_at, Some(at("2026-12-20T11:00:00Z")));
        assert_eq!(account.seq, 2, "a plan is nothing to tell of");
    }
    world.clock.set(at("2026-12-20T11:00:00Z"));
    let swept = sweep(world.another_ledger()).await;
    assert_eq!((swept.written, swept.failed), (3, 0));
    assert_eq!(logs(&world, 0..3).await, ["0: earn 10, expire -10"; 3]);
}
