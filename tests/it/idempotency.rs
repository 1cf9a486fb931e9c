//! `Idempotency-Key`: one effect and one answer, in parallel, after crashes, and for a day.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use laurel::embedded::{Fault, Phase, WireCall, WireError};
use laurel_tests::{PROGRAM, World};
use serde_json::{Value, json};

use crate::calls::{Answer, Call, account, key, process};

const ADJUST: &str = "/v1/loyalty/transactions";

async fn world() -> World {
    World::with(json!({"auto_enroll": true}), &[]).await
}

fn adjustment(account: &str, amount: i64) -> Value {
    json!({"account": account, "type": "adjust", "amount": amount, "reason": "r"})
}

fn later(world: &World, seconds: i64) {
    world
        .clock
        .set(world.ledger.now() + SignedDuration::from_secs(seconds));
}

async fn balance(world: &World, account: &str) -> i64 {
    world
        .ledger
        .account(account)
        .await
        .expect("an account")
        .balance
}

#[tokio::test]
async fn a_repeat_is_answered_and_not_done() {
    let world = world().await;
    let router = process(&world, 0);
    let member = account(&router, PROGRAM, "c").await;
    let call = Call::post(ADJUST, adjustment(&member, 5)).named("a");
    let first = call.at(&router).await;
    let again = call.at(&process(&world, 0)).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.body, again.body);
    assert_eq!(first.headers["content-type"], again.headers["content-type"]);
    assert_ne!(first.headers["request-id"], again.headers["request-id"]);
    assert_eq!(balance(&world, &member).await, 5);

    for other in [
        Call::post(ADJUST, adjustment(&member, 6)),
        Call::post("/v1/loyalty/points_transactions", adjustment(&member, 5)),
        Call::post(ADJUST, adjustment(&member, 5)).with("content-type", "application/vnd.x+json"),
    ] {
        let answer = other.named("a").at(&router).await;
        assert_eq!(
            (answer.status, answer.code()),
            (409, "idempotency_key_reused")
        );
        assert_eq!(answer.body["error"]["type"], "idempotency_error");
    }
    // Another key's name is another name.
    let secret = key(&router, json!({"type": "secret"})).await;
    let theirs = call.clone().by(&secret).at(&router).await;
    assert_eq!((theirs.status, theirs.is_replayed()), (201, false));
    assert_eq!(balance(&world, &member).await, 10);

    later(&world, 24 * 60 * 60 - 1);
    assert!(call.at(&router).await.is_replayed());
    later(&world, 1);
    let anew = call.at(&router).await;
    assert_eq!((anew.status, anew.is_replayed()), (201, false));
    assert_eq!(balance(&world, &member).await, 15);
}

#[tokio::test]
async fn refusals_are_kept_and_what_was_not_understood_is_not() {
    let world = world().await;
    let router = process(&world, 0);
    let member = account(&router, PROGRAM, "c").await;
    let call = |amount: Value, name: &str| {
        let mut body = adjustment(&member, 0);
        body["amount"] = amount;
        Call::post(ADJUST, body).named(name)
    };
    let refused = call(json!(-5), "a").at(&router).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "insufficient_points")
    );
    call(json!(9), "b").at(&router).await;
    let again = call(json!(-5), "a").at(&router).await;
    assert!(again.is_replayed());
    assert_eq!(again.content(), refused.content());
    assert_eq!(
        again.body["error"]["request_id"],
        again.headers["request-id"].to_str().expect("text")
    );

    let wrong = call(json!("five"), "c").at(&router).await;
    assert_eq!((wrong.status, wrong.code()), (400, "parameter_invalid"));
    let mended = call(json!(5), "c").at(&router).await;
    assert_eq!((mended.status, mended.is_replayed()), (201, false));

    let spoilt = call(json!(5), "").at(&router).await;
    assert_eq!(
        (spoilt.code(), &spoilt.body["error"]["param"]),
        ("parameter_invalid", &json!("Idempotency-Key"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_are_one() {
    let world = world().await;
    let router = process(&world, 0);
    let member = account(&router, PROGRAM, "c").await;
    for (name, call) in [
        ("1", Call::post("/v1/loyalty/accounts", json!({}))),
        (
            "2",
            Call::post("/v1/loyalty/accounts", json!({"customer": "new"})),
        ),
        ("3", Call::post(ADJUST, adjustment(&member, 5))),
        ("4", Call::post(ADJUST, adjustment(&member, -100))),
    ] {
        let tasks = (0..50).map(|place| {
            let call = call.clone().named(name);
            // Half of them in other processes.
            let router = match place % 2 {
                0 => router.clone(),
                _ => process(&world, 0),
            };
            tokio::spawn(async move { call.at(&router).await })
        });
        let answers = futures::future::join_all(tasks).await;
        let answers: Vec<Answer> = answers
            .into_iter()
            .map(|answer| answer.expect("no panic"))
            .collect();
        let first = &answers[0];
        assert_eq!(
            first.status,
            if name == "4" { 409 } else { 201 },
            "{first:?}"
        );
        for answer in &answers {
            assert_eq!(
                (answer.status, answer.content()),
                (first.status, first.content())
            );
        }
        let replayed = answers.iter().filter(|answer| answer.is_replayed()).count();
        assert_eq!(replayed, 49);
    }
    assert_eq!(balance(&world, &member).await, 5);
    let list = Call::get("/v1/loyalty/accounts").at(&router).await;
    assert_eq!(list.body["data"].as_array().map(Vec::len), Some(3));
}

/// Sends `call` with a crash at wire call `at`, in `phase`, of its handling; answers what came
/// back, or nothing where the crash came.
async fn send(world: &World, call: &Call, crash: Option<(u64, Phase)>) -> Option<Answer> {
    let calls = AtomicU64::new(0);
    let crashed = Arc::new(AtomicBool::new(false));
    let fell = Arc::clone(&crashed);
    world.store.set_faults(Arc::new(move |_: &WireCall<'_>| {
        let index = calls.fetch_add(1, Ordering::SeqCst);
        match crash {
            Some((at, phase)) if at == index => {
                fell.store(true, Ordering::SeqCst);
                Fault::Hang(phase)
            }
            _ => Fault::None,
        }
    }));
    let router = process(world, 0);
    let handling = call.at(&router);
    let died = async {
        while !crashed.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let answer = tokio::select! {
        answer = handling => Some(answer),
        () = died => None,
    };
    world.store.clear_faults();
    answer
}

/// How much there is of everything that calls here can make.
async fn effects(world: &World) -> [usize; 5] {
    let router = process(world, 0);
    let count = async |path: &str| {
        let list = Call::get(path).at(&router).await;
        list.body["data"].as_array().map_or(0, Vec::len)
    };
    let accounts = Call::get("/v1/loyalty/accounts").at(&router).await;
    let accounts = accounts.body["data"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut transactions = 0;
    for account in &accounts {
        let id = account["id"].as_str().expect("an id");
        transactions += count(&format!("{ADJUST}?account={id}")).await;
    }
    [
        accounts.len(),
        transactions,
        count("/v1/loyalty/programs").await,
        count("/v1/loyalty/earning_rules").await,
        count("/v1/api_keys").await,
    ]
}

/// The world with a member and a rule for sign-ups.
async fn peopled() -> (World, String) {
    let world = world().await;
    let rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 3}});
    world.add_rule(rule).await;
    let member = account(&process(&world, 0), PROGRAM, "c").await;
    (world, member)
}

async fn survives_a_crash_at_every_call(body: impl Fn(&str) -> (&'static str, Value)) {
    let (world, member) = peopled().await;
    let call = |member: &str| {
        let (path, body) = body(member);
        Call::post(path, body).named("k")
    };
    let clean = send(&world, &call(&member), None).await.expect("an answer");
    let expected = effects(&world).await;
    for phase in [Phase::Request, Phase::Answer] {
        for at in 0.. {
            let (world, member) = peopled().await;
            let call = call(&member);
            let answer = send(&world, &call, Some((at, phase))).await;
            let has_crashed = answer.is_none();
            if has_crashed {
                // Whoever held the lease is dead, and it has run out.
                later(&world, 31);
            }
            let answer = match answer {
                Some(answer) => answer,
                None => call.at(&process(&world, 0)).await,
            };
            let place = format!("crash at call {at}, {phase:?}: {answer:?}");
            assert_eq!(answer.status, clean.status, "{place}");
            let again = call.at(&process(&world, 0)).await;
            assert!(again.is_replayed(), "{place}");
            assert_eq!(again.content(), answer.content(), "{place}");
            assert_eq!(effects(&world).await, expected, "{place}");
            if let Some(secret) = answer.body["secret"].as_str() {
                let used = Call::get("/v1/api_keys")
                    .by(secret)
                    .at(&process(&world, 0))
                    .await;
                assert_eq!(used.status, 200, "{place}");
            }
            if !has_crashed {
                assert!(at >= 3, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn new_accounts_survive_a_crash_at_every_call() {
    survives_a_crash_at_every_call(|_| ("/v1/loyalty/accounts", json!({"customer": "d"}))).await;
    survives_a_crash_at_every_call(|_| ("/v1/loyalty/accounts", json!({"metadata": {"k": "v"}})))
        .await;
}

#[tokio::test]
async fn adjustments_survive_a_crash_at_every_call() {
    survives_a_crash_at_every_call(|member| (ADJUST, adjustment(member, 5))).await;
}

#[tokio::test]
async fn new_rules_survive_a_crash_at_every_call() {
    let rule = json!({"trigger": "review", "award": {"type": "fixed", "points": 1}});
    survives_a_crash_at_every_call(|_| ("/v1/loyalty/earning_rules", rule.clone())).await;
}

#[tokio::test]
async fn new_programs_survive_a_crash_at_every_call() {
    survives_a_crash_at_every_call(|_| ("/v1/loyalty/programs", json!({"name": "P"}))).await;
    survives_a_crash_at_every_call(|_| ("/v1/loyalty/programs", json!({"id": "prog_p"}))).await;
}

#[tokio::test]
async fn events_without_ids_survive_a_crash_at_every_call() {
    let event = json!({"type": "signup", "data": {"customer": "c"}});
    let events = json!([event, event, event]);
    survives_a_crash_at_every_call(|_| ("/v1/events", events.clone())).await;
}

#[tokio::test]
async fn new_keys_survive_a_crash_at_every_call() {
    survives_a_crash_at_every_call(|_| ("/v1/api_keys", json!({"type": "secret"}))).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_dead_is_told_to_come_again() {
    let (world, member) = peopled().await;
    let call = Call::post(ADJUST, adjustment(&member, 5)).named("k");
    assert!(
        send(&world, &call, Some((3, Phase::Request)))
            .await
            .is_none()
    );
    let answer = call.at(&process(&world, 0)).await;
    assert_eq!((answer.status, answer.code()), (409, "conflict"));
    later(&world, 30);
    assert_eq!(call.at(&process(&world, 0)).await.status, 201);
    assert_eq!(balance(&world, &member).await, 5);
}

#[tokio::test(start_paused = true)]
async fn what_failed_on_our_side_is_done_on_a_repeat() {
    let (world, member) = peopled().await;
    let router = process(&world, 0);
    let call = Call::post(ADJUST, adjustment(&member, 5)).named("k");
    world
        .store
        .set_faults(Arc::new(|call: &WireCall<'_>| match call.operation {
            "TransactWriteItems" => Fault::Answer(WireError::canceled(&[
                "TransactionConflict",
                "None",
                "None",
            ])),
            _ => Fault::None,
        }));
    let failed = call.at(&router).await;
    assert_eq!((failed.status, failed.code()), (409, "conflict"));
    world.store.clear_faults();
    let done = call.at(&router).await;
    assert_eq!((done.status, done.is_replayed()), (201, false), "{done:?}");
    assert_eq!(balance(&world, &member).await, 5);
}

#[tokio::test]
async fn what_keys_and_names_cost() {
    let (world, member) = peopled().await;
    let router = process(&world, 0);
    let secret = key(&router, json!({"type": "secret"})).await;
    let path = format!("/v1/loyalty/accounts/{member}");
    let cost = async |call: Call| {
        call.at(&router).await;
        let before = world.store.usage();
        let answer = call.at(&router).await;
        assert!(answer.status < 300, "{answer:?}");
        let used = world.store.usage().since(&before);
        (
            used.total_requests(),
            used.read_half_units,
            used.write_units,
        )
    };
    // The account and its program, each read consistently.
    let read = cost(Call::get(&path)).await;
    assert_eq!(read, (2, 4, 0));
    assert_eq!(cost(Call::get(&path).by(&secret)).await, read);
    let plain = cost(Call::post(ADJUST, adjustment(&member, 1))).await;
    let before = world.store.usage();
    Call::post(ADJUST, adjustment(&member, 1))
        .named("k")
        .at(&router)
        .await;
    let used = world.store.usage().since(&before);
    assert_eq!(used.requests_of("PutItem"), 2);
    assert_eq!(
        (used.total_requests(), used.write_units),
        (plain.0 + 2, plain.2 + 2),
        "{used:?}"
    );
    // A replay is one write that fails and tells what there is.
    let before = world.store.usage();
    Call::post(ADJUST, adjustment(&member, 1))
        .named("k")
        .at(&router)
        .await;
    assert_eq!(world.store.usage().since(&before).total_requests(), 1);
}
