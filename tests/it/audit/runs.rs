//! The audit that goes on by itself: it is through once however it is cut up, and finds nothing
//! amiss while others write.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use audit::{Audit, metrics};
use futures::future::join_all;
use jiff::SignedDuration;
use laurel::embedded::Phase;
use laurel_ledger::{AuditLimits, AuditRan, Ledger, Seed};
use laurel_tests::Crash;

use super::*;

fn limits(members: u64) -> AuditLimits {
    AuditLimits {
        until: Instant::now() + Duration::from_secs(600),
        members,
        every: SignedDuration::from_hours(24),
        is_announced: true,
    }
}

async fn run(ledger: &Ledger, members: u64) -> AuditRan {
    ledger.run_audit(limits(members)).await.expect("a run")
}

/// So many members, each with a payment.
async fn members(count: u32) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    for number in 0..count {
        let event = payment(&format!("pay_{number}"), &format!("cust_{number}"), 1000);
        world.apply(event).await.expect("earns");
    }
    world
}

#[tokio::test]
async fn runs_go_through_all_programs_and_begin_again_a_day_later() {
    let world = members(120).await;
    let other = world.ledger.new_program(Some("prog_other".to_owned()));
    let created = world.ledger.create_program(other, "set up").await;
    created.expect("a program");
    let account = laurel_rules::decide::NewAccount {
        program: "prog_other".to_owned(),
        customer: Some("anna".to_owned()),
        ..laurel_rules::decide::NewAccount::default()
    };
    world
        .ledger
        .create_account(account, Seed::fresh())
        .await
        .expect("a member");
    let mut runs = Vec::new();
    loop {
        // Each in a process of its own.
        let ran = run(&world.another_ledger(), 50).await;
        assert_eq!((ran.found.len(), ran.standing), (0, 0));
        runs.push(ran.counts.members);
        let progress = world.ledger.audit_progress(PROGRAM).await;
        let progress = progress.expect("how far it is");
        assert_eq!(progress.current.is_none(), ran.is_through);
        if ran.is_through {
            break;
        }
    }
    assert_eq!(runs, [50, 50, 21]);
    let progress = world.ledger.audit_progress(PROGRAM).await;
    let (_, _, report) = progress.expect("how far it is").last.expect("a round");
    assert_eq!((report.counts.members, report.counts.names), (120, 120));
    assert!(report.ended.is_some());
    let other = world.ledger.audit_progress("prog_other").await;
    let (.., report) = other.expect("how far it is").last.expect("a round");
    assert_eq!(report.counts.members, 1);
    let waits = run(&world.ledger, 50).await;
    assert!(waits.is_waiting);
    assert_eq!(waits.counts, laurel_ledger::AuditCounts::default());
    world.clock.set(at("2026-11-21T12:00:01Z"));
    let again = run(&world.ledger, 50).await;
    assert_eq!((again.is_waiting, again.counts.members), (false, 50));
}

#[tokio::test]
async fn a_run_that_dies_at_any_call_leaves_the_rest_to_the_next() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = members(3).await;
            let crash = Crash::at(&world, Some((call, phase)));
            let through = crash.survive(async |ledger| {
                // One member a run, so that runs meet what others have written.
                loop {
                    let ran = ledger.run_audit(limits(1)).await.expect("a run");
                    if ran.is_through || ran.is_waiting {
                        return;
                    }
                }
            });
            through.await;
            let has_crashed = crash.came();
            let progress = world.ledger.audit_progress(PROGRAM).await;
            let (.., report) = progress.expect("how far it is").last.expect("a round");
            let counts = report.counts;
            assert_eq!(
                (counts.members, counts.names, counts.violations),
                (3, 3, 0),
                "call {call}, {phase:?}"
            );
            if !has_crashed {
                assert!(call > 20, "{call} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn runs_at_the_same_time_count_each_member_once() {
    let world = members(60).await;
    let mut rounds = 0;
    while rounds < 20 {
        let ledgers: Vec<Ledger> = (0..4).map(|_| world.another_ledger()).collect();
        let ran = join_all(ledgers.iter().map(|ledger| run(ledger, 20))).await;
        // One of them at least has come on.
        assert!(ran.iter().any(|ran| !ran.is_overtaken), "{ran:#?}");
        rounds += 1;
        if ran.iter().any(|ran| ran.is_through || ran.is_waiting) {
            break;
        }
    }
    let progress = world.ledger.audit_progress(PROGRAM).await;
    let (.., report) = progress.expect("how far it is").last.expect("a round");
    assert_eq!((report.counts.members, report.counts.names), (60, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_amiss_while_others_write() {
    let world = Arc::new(members(20).await);
    let mut rounds = 0;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let ledger = world.another_ledger();
                for nth in 0..40 {
                    let id = format!("pay_{writer}_{nth}");
                    let customer = format!("cust_{}", (writer * 7 + nth) % 25);
                    let events = [
                        payment(&id, &customer, 2_500),
                        refund(&format!("re_{id}"), &id, Some(1_200)),
                    ];
                    for event in events {
                        let event = world.event(event).expect("an event");
                        ledger.apply(&event).await.expect("is handled");
                    }
                }
            })
        })
        .collect();
    while writers.iter().any(|writer| !writer.is_finished()) || rounds == 0 {
        let mut round = AuditRound::new(world.ledger.now(), None);
        while !round.is_done() {
            let found = world.ledger.audit_step(&mut round, 5).await;
            assert_eq!(found.expect("a step"), []);
        }
        rounds += 1;
    }
    for writer in writers {
        writer.await.expect("has written");
    }
    let audit = world.audit().await;
    assert_eq!(audit.violations, []);
    assert_eq!(audit.counts.members, 25);
}

#[tokio::test]
async fn what_was_tampered_with_is_told_until_a_whole_round_finds_nothing() {
    let world = members(3).await;
    let account = world.member("cust_1").await.account.id;
    let as_written = item(&world, &Key::account(&account)).await;
    let mut richer = as_written.clone();
    let Some(AttributeValue::L(lots)) = richer.get_mut("lo") else {
        panic!("no lots")
    };
    lots[1] = number(1_000_000);
    put(&world, richer).await;
    // Nobody reads the stream here.
    let audit = Audit::new(world.another_ledger(), 20_000, 24).without_announcements();
    let soon = || Instant::now() + Duration::from_secs(60);
    let ran = audit.run(soon()).await.expect("a run");
    assert!(ran.is_through);
    assert_eq!(kinds(&ran.found), [Invariant::Balance]);
    assert_eq!(ran.standing, 1);
    let line = metrics("laurel-audit", world.ledger.now(), &ran);
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["AuditViolations"], 1);
    let report = world.ledger.audit_progress(PROGRAM).await;
    let (.., report) = report.expect("how far it is").last.expect("a round");
    assert_eq!(report.found, ran.found);
    // Between two rounds it is told all the same, and after it was put right until that shows.
    put(&world, as_written).await;
    let waits = audit.run(soon()).await.expect("a run");
    assert_eq!((waits.is_waiting, waits.standing), (true, 1));
    world.clock.set(at("2026-11-21T13:00:00Z"));
    let again = audit.run(soon()).await.expect("a run");
    assert_eq!((again.is_through, again.found), (true, Vec::new()));
    // What the round before has found is told no more.
    let waits = audit.run(soon()).await.expect("a run");
    assert_eq!((waits.is_waiting, waits.standing), (true, 0));
}

/// A round of a million members with ten payments each costs a million times this.
#[tokio::test]
async fn a_member_with_ten_payments_costs_twelve_read_units() {
    let world = members(100).await;
    for round in 1..10 {
        for number in 0..100 {
            let id = format!("pay_{round}_{number}");
            let event = payment(&id, &format!("cust_{number}"), 1000);
            world.apply(event).await.expect("earns");
        }
    }
    let before = world.store.usage();
    let ran = run(&world.ledger, 1_000).await;
    let used = world.store.usage().since(&before);
    assert!(ran.is_through);
    assert_eq!((ran.counts.members, ran.counts.entries), (100, 1_100));
    assert!(used.read_half_units <= 100 * 24, "{used:?}");
    assert!(used.total_requests() <= 100 * 6, "{used:?}");
    assert!(used.write_units <= 20, "{used:?}");
}
