//! Simulations as they are asked for: kept, run once whoever runs them, and without a trace in the
//! ledger.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use laurel::embedded::{Fault, Phase, WireCall};
use laurel_ledger::{PageRequest, SimulationStatus, StoredSimulation, TimeRange};
use laurel_tests::Crash;

use super::*;

async fn paid_world() -> World {
    let world = world(&actual_rules()[..2], false).await;
    for number in 0..6 {
        let mut event = laurel_tests::payment(&format!("pay_{number}"), "anna", 1000);
        event["occurred_at"] = json!(world.ledger.now());
        world.apply(event).await.expect("earns");
    }
    world
}

fn doubled(world: &World) -> Rule {
    let rule = json!({
        "id": "rule_0", "program": PROGRAM, "trigger": "payment.completed", "active": true,
        "award": {"type": "per_amount", "per": 100, "points": 2},
        "version": 2, "created": world.ledger.now(),
    });
    serde_json::from_value(rule).expect("a rule")
}

async fn asked(world: &World, id: &str) -> StoredSimulation {
    let now = world.ledger.now();
    let range = (at(START), now + SignedDuration::from_hours(1));
    let rules = vec![doubled(world)];
    let mut simulation =
        StoredSimulation::new(id.to_owned(), PROGRAM.to_owned(), range, rules, now);
    simulation.replace = false;
    let created = world.ledger.create_simulation(simulation, "request").await;
    created.expect("is kept")
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// The whole table, but for simulations.
async fn ledger_of(world: &World) -> BTreeMap<String, HashMap<String, AttributeValue>> {
    let scan = world
        .store
        .client()
        .scan()
        .table_name("laurel")
        .send()
        .await;
    let items = scan.expect("a scan").items.unwrap_or_default().into_iter();
    let keyed = items.map(|item| (format!("{:?} {:?}", item["pk"], item["sk"]), item));
    keyed
        .filter(|(key, _)| !key.contains("U#") && !key.contains("SIMULATIONS"))
        .collect()
}

#[tokio::test]
async fn a_simulation_is_run_and_writes_nothing_to_the_ledger() {
    let world = paid_world().await;
    let before = ledger_of(&world).await;
    let queued = asked(&world, "sim_1").await;
    assert_eq!(queued.status, SimulationStatus::Queued);
    let ended = world.ledger.run_simulations(soon()).await;
    assert_eq!(ended.expect("is run"), 1);
    let finished = world
        .ledger
        .simulation("sim_1")
        .await
        .expect("a simulation");
    assert_eq!(finished.status, SimulationStatus::Finished);
    assert_eq!((finished.events, finished.events_done), (6, 6));
    let result = finished.result.expect("a result");
    // 30 of the welcome, then 60; in its place 120, which the tier silver (from 100 on) raises.
    assert_eq!((result.actual.points, result.actual.awards), (90, 7));
    assert_eq!(result.candidate.points, 30 + 20 * 4 + 30 * 2);
    assert_eq!(result.difference.points, 80);
    assert_eq!(result.difference.liability, Some(40));
    assert_eq!(result.members.len(), 1);
    assert_eq!(result.members[0].difference, 80);
    assert_eq!(ledger_of(&world).await, before);
    // It is not run again.
    assert_eq!(
        world.ledger.run_simulations(soon()).await.expect("nothing"),
        0
    );
}

#[tokio::test]
async fn a_crash_at_any_call_is_gone_on_from() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = paid_world().await;
            let before = ledger_of(&world).await;
            asked(&world, "sim_1").await;
            let crash = Crash::at(&world, Some((call, phase)));
            let clock = Arc::clone(&world.clock);
            let run = crash.survive(async |ledger| {
                // Whoever comes next comes when the lease is over.
                clock.set(ledger.now() + SignedDuration::from_mins(10));
                ledger.run_simulations(soon()).await
            });
            run.await.expect("is run");
            let crashed = crash.came();
            // The answer of the last write may have been what was lost.
            let rest = world.ledger.run_simulations(soon()).await;
            rest.expect("nothing is left, or the rest");
            let found = world
                .ledger
                .simulation("sim_1")
                .await
                .expect("a simulation");
            assert_eq!(
                found.status,
                SimulationStatus::Finished,
                "call {call}, {phase:?}"
            );
            assert_eq!(found.result.expect("a result").difference.points, 80);
            assert_eq!(ledger_of(&world).await, before);
            if !crashed {
                assert!(call > 6, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_run_it_end_it_once() {
    for _ in 0..5 {
        let world = Arc::new(paid_world().await);
        asked(&world, "sim_1").await;
        let runs = (0..4).map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.another_ledger().run_simulations(soon()).await })
        });
        let mut ended = 0;
        for run in runs.collect::<Vec<_>>() {
            ended += run.await.expect("no panic").expect("is run");
        }
        assert_eq!(ended, 1);
        let found = world
            .ledger
            .simulation("sim_1")
            .await
            .expect("a simulation");
        assert_eq!(found.status, SimulationStatus::Finished);
    }
}

#[tokio::test]
async fn one_that_never_comes_to_its_end_fails_and_keeps_nobody_from_theirs() {
    let world = paid_world().await;
    asked(&world, "sim_1").await;
    for _ in 0..3 {
        // Whoever runs it dies after having begun.
        let calls = AtomicU64::new(0);
        world.store.set_faults(Arc::new(move |_: &WireCall<'_>| {
            match calls.fetch_add(1, Ordering::SeqCst) {
                4.. => Fault::Hang(Phase::Request),
                _ => Fault::None,
            }
        }));
        let ledger = world.another_ledger();
        let run = ledger.run_simulations(soon());
        let died = tokio::time::timeout(Duration::from_millis(300), run).await;
        assert!(died.is_err(), "it has come to its end");
        world.store.clear_faults();
        let begun = world.ledger.simulation("sim_1").await;
        assert_eq!(
            begun.expect("it is there").status,
            SimulationStatus::Running
        );
        // Until the lease is over nobody takes it.
        let early = world.ledger.run_simulations(soon()).await;
        assert_eq!(early.expect("nothing"), 0);
        world
            .clock
            .set(world.ledger.now() + SignedDuration::from_mins(10));
    }
    asked(&world, "sim_2").await;
    assert_eq!(
        world
            .ledger
            .run_simulations(soon())
            .await
            .expect("both end"),
        2
    );
    let failed = world
        .ledger
        .simulation("sim_1")
        .await
        .expect("a simulation");
    assert_eq!(failed.status, SimulationStatus::Failed);
    assert!(failed.failure.expect("why").contains("shorten the range"));
    let other = world
        .ledger
        .simulation("sim_2")
        .await
        .expect("a simulation");
    assert_eq!(other.status, SimulationStatus::Finished);
}

#[tokio::test]
async fn simulations_are_listed_and_deleted_and_a_deleted_one_is_not_run() {
    let world = paid_world().await;
    for id in ["sim_1", "sim_2", "sim_3"] {
        asked(&world, id).await;
    }
    world
        .ledger
        .delete_simulation("sim_2")
        .await
        .expect("is deleted");
    let first = PageRequest {
        limit: 1,
        ..PageRequest::default()
    };
    let page = world
        .ledger
        .simulations(PROGRAM, TimeRange::default(), &first)
        .await;
    let page = page.expect("a page");
    assert_eq!((page.data[0].id.as_str(), page.has_more), ("sim_3", true));
    let next = PageRequest {
        starting_after: Some("sim_3".to_owned()),
        ..first
    };
    let page = world
        .ledger
        .simulations(PROGRAM, TimeRange::default(), &next)
        .await;
    let page = page.expect("a page");
    assert_eq!((page.data[0].id.as_str(), page.has_more), ("sim_1", false));
    assert_eq!(
        world.ledger.run_simulations(soon()).await.expect("are run"),
        2
    );
    let gone = world.ledger.simulation("sim_2").await.expect_err("is gone");
    assert_eq!(gone.refusal().code, laurel_rules::Code::ResourceMissing);
}
