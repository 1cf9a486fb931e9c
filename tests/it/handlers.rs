//! The handlers that ship, over the samples in `events/`: bare, as `sam local invoke` sends them,
//! and in a batch, as SQS does.

mod routing;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::future::BoxFuture;
use laurel_host::{Adapter, Apply, DeadLetter, DeadLetters, SendError};
use laurel_ledger::SystemClock;
use laurel_tests::World;
use serde_json::{Value, json};

#[derive(Default)]
struct Letters(Mutex<Vec<DeadLetter>>);

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.lock().expect("letters").push(letter);
        Box::pin(async { Ok(()) })
    }
}

fn samples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut samples = Vec::new();
    for file in std::fs::read_dir(&folder).expect("the folder of samples") {
        let path = file.expect("a file").path();
        if !path.is_file() {
            continue;
        }
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        samples.push((name, std::fs::read_to_string(&path).expect("a sample")));
    }
    samples.sort();
    samples
}

/// The function that the template's rules send an event of this type to.
fn handler(world: &World, event_type: &str) -> Arc<dyn Apply> {
    let ledger = world.ledger.clone();
    match event_type {
        "payment.completed" | "payment.failed" | "invoice.paid" => {
            Arc::new(payment_completed::handler(ledger))
        }
        "payment.refunded" | "payment.disputed" => Arc::new(payment_refunded::handler(ledger)),
        "loyalty.account.created" => Arc::new(account_created::handler(ledger)),
        "customer.created" | "referral.attributed" => {
            Arc::new(referral_attributed::handler(ledger))
        }
        _ => Arc::new(behavior::handler(ledger)),
    }
}

fn adapter(world: &World, event_type: &str, letters: &Arc<Letters>) -> Adapter {
    Adapter::new(handler(world, event_type), Arc::new(SystemClock))
        .with_dead_letters(Arc::clone(letters) as Arc<dyn DeadLetters>)
        .with_receives_max(5)
}

fn type_of(sample: &str) -> String {
    let value: Value = serde_json::from_str(sample).expect("JSON");
    value["detail-type"]
        .as_str()
        .expect("a detail-type")
        .to_owned()
}

async fn demo() -> World {
    let rules = [
        json!({
            "award": {"type": "per_amount", "per": 100, "points": 1},
            "cap": {"points": 5000}, "window": "month",
        }),
        json!({"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 500}}),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    world.clock.set(laurel_ledger::Clock::now(&SystemClock));
    world
}

/// Balances and logs of everybody.
async fn state(world: &World) -> BTreeMap<String, (i64, String)> {
    let filter = laurel_ledger::AccountFilter::of(laurel_tests::PROGRAM);
    let page = laurel_ledger::PageRequest {
        limit: 100,
        ..Default::default()
    };
    let mut all = BTreeMap::new();
    for view in world
        .ledger
        .accounts(&filter, &page)
        .await
        .expect("accounts")
        .data
    {
        let log = world.log_text(&view.account.id).await;
        all.insert(
            view.account.customer.unwrap_or_default(),
            (view.balance, log),
        );
    }
    all
}

#[tokio::test]
async fn every_sample_is_handled_bare_and_in_a_batch_alike() {
    let (bare, batched) = (demo().await, demo().await);
    let letters = Arc::new(Letters::default());
    for (name, sample) in samples() {
        let event_type = type_of(&sample);
        let answer = adapter(&bare, &event_type, &letters)
            .envelope(&sample)
            .await;
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(answer["object"], "event_outcome", "{name}");
        assert_ne!(answer["outcome"], "refused", "{name}: {answer}");
        let mut batch = SqsEvent::default();
        // SQS delivers at least once.
        for delivery in ["first", "second"] {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("{name}-{delivery}"));
            message.body = Some(sample.clone());
            batch.records.push(message);
        }
        let response = adapter(&batched, &event_type, &letters).batch(batch).await;
        assert_eq!(response.batch_item_failures, [], "{name}");
    }
    assert!(letters.0.lock().expect("letters").is_empty());
    let state = state(&bare).await;
    assert_eq!(state, self::state(&batched).await);
    // The story that the samples tell: a member earns, hits the cap, loses points to a refund.
    let all = state
        .values()
        .map(|(_, log)| log.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    assert!(all.contains("earn 500"), "{all}");
    assert!(all.contains("reverse -"), "{all}");
}

#[tokio::test]
async fn a_poison_record_fails_alone_and_keeps_its_reason() {
    let world = demo().await;
    let letters = Arc::new(Letters::default());
    let sample = samples()
        .into_iter()
        .find(|(name, _)| name == "payment-completed.json");
    let (_, sample) = sample.expect("the sample");
    let mut batch = SqsEvent::default();
    for number in 0..10 {
        let mut value: Value = serde_json::from_str(&sample).expect("JSON");
        value["detail"]["id"] = json!(format!("pay_{number}"));
        if number == 4 {
            value["detail"]["amount"] = json!(-1);
        }
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("m{number}"));
        message.body = Some(value.to_string());
        batch.records.push(message);
    }
    let response = adapter(&world, "payment.completed", &letters)
        .batch(batch)
        .await;
    assert_eq!(response.batch_item_failures, []);
    let letters = std::mem::take(&mut *letters.0.lock().expect("letters"));
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].code, "parameter_invalid");
    assert!(
        letters[0].reason.contains("amount"),
        "{}",
        letters[0].reason
    );
    assert!(letters[0].body.contains("pay_4"));
    let earned = state(&world).await;
    let (_, log) = earned.values().next().expect("a member");
    assert_eq!(
        log.matches("earn").count(),
        10,
        "nine payments and the welcome: {log}"
    );
}
