//! What functions are invoked with: batches of a queue, envelopes, records of the table's stream
//! and orders of deliveries.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_lambda_events::{dynamodb::EventRecord, sqs::SqsEvent};
use futures::future::BoxFuture;
use laurel_events::outgoing;
use laurel_host::{Adapter, Apply, DeadLetter, DeadLetters, Only, SendError};
use laurel_ledger::{
    Error,
    item::{Item, entry, entry_from_image, entry_item},
};
use laurel_rules::{Event, EventOutcome, Outcome};
use laurel_webhooks::Message;

use crate::{check_key_part, run, still};

/// Counts what came of events.
#[derive(Default)]
struct Counts {
    applied: AtomicUsize,
    buried: AtomicUsize,
}

/// The ledger behind a function: it ignores everything.
struct Ignoring;

impl Apply for Ignoring {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        check_key_part(&event.source_id);
        let ignored = EventOutcome::without_effect(Outcome::Ignored, None);
        Box::pin(std::future::ready(Ok(ignored)))
    }
}

/// A function, whose outcomes are counted.
struct Counted(Only, Arc<Counts>);

impl Apply for Counted {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        let Counted(function, counts) = self;
        Box::pin(async move {
            let outcome = function.apply(event).await?;
            counts.applied.fetch_add(1, Ordering::Relaxed);
            Ok(outcome)
        })
    }
}

struct Buried(Arc<Counts>);

impl DeadLetters for Buried {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        assert!(
            !letter.code.is_empty() && !letter.reason.is_empty(),
            "{letter:?}"
        );
        self.0.buried.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// No function loses a message, whatever it holds: each is handled, or kept with the reason. What
/// is in a record of the stream or in an order of a delivery is written as it was read.
///
/// # Panics
/// Where that does not hold.
pub fn entries(data: &[u8]) {
    let Ok(payload) = std::str::from_utf8(data) else {
        return;
    };
    let functions: [fn(Ignoring) -> Only; 5] = [
        account_created::handler,
        behavior::handler,
        payment_completed::handler,
        payment_refunded::handler,
        referral_attributed::handler,
    ];
    for function in functions {
        invoke(payload, function);
    }
    if let Ok(record) = serde_json::from_str::<EventRecord>(payload) {
        stream(record);
    }
    if let Ok(message) = serde_json::from_str::<Message>(payload) {
        let written = serde_json::to_string(&message).expect("an order");
        let read: Message = serde_json::from_str(&written).expect("an order");
        assert_eq!(read, message);
    }
}

fn invoke(payload: &str, function: fn(Ignoring) -> Only) {
    let counts = Arc::new(Counts::default());
    let handler = Arc::new(Counted(function(Ignoring), Arc::clone(&counts)));
    let adapter = Adapter::new(handler, still());
    let adapter = adapter.with_dead_letters(Arc::new(Buried(Arc::clone(&counts))));
    let answer = run(adapter.invoke(payload)).expect("an answer");
    let messages = serde_json::from_str::<SqsEvent>(payload).map(|batch| batch.records.len());
    let failures = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
    let done = counts.applied.load(Ordering::Relaxed) + counts.buried.load(Ordering::Relaxed);
    assert_eq!(done + failures, messages.unwrap_or(1), "{answer}");
}

/// An entry that is read from the stream is read alike from the item that it makes, and each thing
/// that it announces has an id of its own.
fn stream(record: EventRecord) {
    let image: Item = record.change.new_image.into();
    let Ok(Some(read)) = entry_from_image(&image) else {
        return;
    };
    assert_eq!(entry(&entry_item(&read)).expect("an entry"), read);
    let mut ids: Vec<String> = outgoing(&read).into_iter().map(|event| event.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{read:?}");
}
