//! What an audit has found as it is served, and who runs it in the local stack.

use laurel::stack::{Options, Stack};
use laurel_events::{from_api, parse};

use super::*;
use crate::calls::{Call, process};

const PATH: &str = "/v1/loyalty/programs/prog_default/audit";

#[tokio::test]
async fn the_api_says_how_far_it_is_and_what_does_not_hold() {
    let (world, anna) = shop().await;
    let router = process(&world, 0);
    let none = Call::get(PATH).at(&router).await;
    assert_eq!(none.status, 200);
    assert_eq!(none.body["object"], "audit");
    assert_eq!(
        (&none.body["current"], &none.body["last"]),
        (&json!(null), &json!(null))
    );
    delete(&world, &entry_of(&world, &anna, "pay_2").await).await;
    let limits = laurel_ledger::AuditLimits {
        until: std::time::Instant::now() + std::time::Duration::from_secs(60),
        members: 1_000,
        every: jiff::SignedDuration::from_hours(24),
        is_announced: false,
    };
    let ran = world.ledger.run_audit(limits).await.expect("a run");
    assert!(ran.is_through);
    let told = Call::get(PATH).at(&router).await.body;
    let last = &told["last"];
    assert_eq!(last["members"], 2);
    assert_eq!(last["violation_count"], ran.counts.violations);
    assert!(last["ended"].is_string() && last["program_ended"].is_string());
    let violations = last["violations"].as_array().expect("violations");
    assert!(violations.len() >= 3, "{told:#}");
    assert!(violations.iter().all(|it| it["account"] == anna));
    let invariants: Vec<_> = violations.iter().map(|it| &it["invariant"]).collect();
    assert!(invariants.contains(&&json!("seals")), "{invariants:?}");
    let unknown = Call::get("/v1/loyalty/programs/prog_unknown/audit");
    assert_eq!(unknown.at(&router).await.status, 404);
}

#[tokio::test]
async fn the_local_stack_audits_itself() {
    let stack = Stack::start(Options::default()).await.expect("a stack");
    let created = stack.ledger.new_program(Some(PROGRAM.to_owned()));
    let created = laurel_rules::Program {
        auto_enroll: true,
        ..created
    };
    let created = stack.ledger.create_program(created, "set up").await;
    created.expect("a program");
    let now = stack.ledger.now();
    let mut event = payment("pay_1", "anna", 1_000);
    event["occurred_at"] = now.to_string().into();
    let event = parse(from_api(event).expect("an event"), now).expect("an event");
    stack.ledger.apply(&event).await.expect("is handled");
    stack.settled().await;
    let ran = stack.audit().await.expect("a run");
    assert!(ran.is_through, "{ran:?}");
    assert_eq!((ran.counts.members, ran.standing), (1, 0));
}
