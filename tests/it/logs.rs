//! Secrets are never logged: the log of all tests is watched, and the watch notices.

use std::{
    env,
    process::Command,
    sync::{Arc, Mutex},
};

use laurel_ledger::Seed;
use laurel_rules::decide::NewAccount;
use laurel_tests::{
    PROGRAM, World,
    logs::{keep_secret, subscriber, told, watch},
};
use laurel_webhooks::{Secret, signature};
use serde_json::json;

#[test]
fn whatever_is_secret_is_told_from_what_is_not() {
    let secret = Secret::from_random([7; 32]);
    let own = signature::sign([&secret], 1_795_176_000, b"{}");
    let standard = signature::sign_standard([&secret], "evt_1", 1_795_176_000, b"{}");
    let token = format!("mt_loy_1.1795176000.{}", "0f".repeat(32));
    let click = format!("AQAAA{}", "Zq-_".repeat(12));
    keep_secret("the salt of a program");
    for line in [
        "key=sk_test_local",
        "rk_live_0123abcd",
        secret.reveal(),
        &own,
        &standard,
        &token,
        &click,
        "authorization: Bearer abc",
        "member anna+shop@mail.example.com",
        "by the salt of a program",
    ] {
        assert!(told(line).is_some(), "{line}");
    }
    for line in [
        "answered status=200 latency_ms=3 request_id=req_Ab12",
        "route=/v1/loyalty/accounts/{id} endpoint=we_01 event=evt_a_1_0",
        "key_01m82a0hhyejctbaqqw7gwspzm loy_1 ptx_1_1_0 rate v1 secret",
    ] {
        assert_eq!(told(line), None, "{line}");
    }
}

/// What is done here is told in the log, in spans and with errors, and names nobody.
#[tokio::test]
async fn the_watch_sees_what_is_logged() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let log = subscriber(move |line| kept.lock().expect("lines").push(line.to_owned()));
    let _guard = tracing::subscriber::set_default(log);
    let site = crate::http::Site::new().await;
    let answer = site
        .post(
            "/v1/loyalty/accounts",
            json!({"email": "anna@example.com", "customer": "c"}),
        )
        .await;
    assert_eq!(answer.0, 201, "{}", answer.1);
    let lines = lines.lock().expect("lines");
    assert!(
        lines.iter().any(|line| line.contains("answered")),
        "{lines:?}"
    );
    for line in lines.iter() {
        assert_eq!(told(line), None, "{line}");
    }
}

/// A program's salt keys codes, clicks and hashes of cards.
#[tokio::test]
async fn the_salt_of_every_program_is_watched_for() {
    let world = World::with(json!({}), &[]).await;
    let program = world.ledger.program(PROGRAM).await.expect("a program");
    assert!(told(&format!("salt={}", program.salt)).is_some());
    let new = NewAccount {
        program: PROGRAM.to_owned(),
        email: Some("anna@example.com".to_owned()),
        ..NewAccount::default()
    };
    let created = world.ledger.create_account(new, Seed::fresh()).await;
    assert!(created.is_ok());
}

/// Runs by itself in a process of its own: see below.
#[test]
#[ignore = "it ends the process"]
fn tells_a_secret() {
    watch();
    tracing::info!(key = "sk_test_local", "a slip");
}

#[test]
fn a_secret_that_is_logged_ends_the_run() {
    let this = env::current_exe().expect("this test");
    let run = Command::new(this)
        .args(["logs::tells_a_secret", "--exact", "--ignored"])
        .output()
        .expect("the run");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success(), "{said}");
    assert!(said.contains("The log tells an API key"), "{said}");
}
