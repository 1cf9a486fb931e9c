//! What the adapter does with batches and envelopes, whatever the handler does with events.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::BoxFuture;
use laurel_host::{Adapter, Apply, DeadLetter, DeadLetters, InvokeError, SendError};
use laurel_ledger::{Error, SystemClock};
use laurel_rules::{Code, Event, EventOutcome, Outcome, Refusal};
use serde_json::{Value, json};

/// Keeps letters in memory, or fails to.
#[derive(Default)]
struct Letters {
    kept: Mutex<Vec<DeadLetter>>,
    is_broken: bool,
}

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            if self.is_broken {
                return Err(SendError::new("the dead-letter queue", "it is broken"));
            }
            self.kept.lock().expect("a lock").push(letter);
            Ok(())
        })
    }
}

impl Letters {
    fn broken() -> Letters {
        Letters {
            is_broken: true,
            ..Letters::default()
        }
    }

    /// `origin code received` of each.
    fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self
            .kept
            .lock()
            .expect("a lock")
            .iter()
            .map(|l| format!("{} {} {}", l.origin, l.code, l.received))
            .collect();
        told.sort();
        told
    }
}

/// A handler that does what the event's id asks for.
async fn obey(event: Event) -> Result<EventOutcome, Error> {
    match event.source_id.as_str() {
        "panics" => panic!("as asked"),
        "hangs" => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            unreachable!("it must be given up before")
        }
        "is_throttled" => Err(Error::Store {
            source: "throttled".into(),
        }),
        "contradicts" => Err(Error::Refused(Refusal::new(
            Code::EventContentMismatch,
            "An event with other content was handled before.",
        ))),
        "is_unknown" => Ok(EventOutcome::without_effect(Outcome::Unlinked, None)),
        "is_repeated" => Ok(EventOutcome {
            duplicate: true,
            ..EventOutcome::without_effect(Outcome::Awarded, Some("loy_a".to_owned()))
        }),
        _ => Ok(EventOutcome::without_effect(
            Outcome::Awarded,
            Some("loy_a".to_owned()),
        )),
    }
}

fn adapter(letters: &Arc<Letters>) -> Adapter {
    let handler: Arc<dyn Apply> = Arc::new(obey);
    Adapter::new(handler, Arc::new(SystemClock)).with_dead_letters(letters.clone())
}

fn envelope(id: &str) -> String {
    json!({"detail-type": "review_submitted", "source": "shop", "id": "e-1",
           "time": "2026-11-03T10:15:00Z", "detail": {"id": id, "customer": "c"}})
    .to_string()
}

/// A batch of `(message id, body, how often received)`.
fn batch(messages: &[(&str, String, u32)]) -> String {
    let records: Vec<Value> = messages
        .iter()
        .map(|(id, body, received)| {
            json!({"messageId": id, "receiptHandle": "r", "body": body,
                   "attributes": {"ApproximateReceiveCount": received.to_string()},
                   "messageAttributes": {}, "md5OfBody": "m", "eventSource": "aws:sqs",
                   "eventSourceARN": "arn:aws:sqs:eu-central-1:1:q", "awsRegion": "eu-central-1"})
        })
        .collect();
    json!({"Records": records}).to_string()
}

/// The ids of the messages that must be received again.
async fn failures(adapter: &Adapter, payload: &str) -> Vec<String> {
    let answer = adapter.invoke(payload).await.expect("a batch never fails");
    let answer: SqsBatchResponse = serde_json::from_value(answer).expect("a batch's answer");
    let failures = answer.batch_item_failures.into_iter();
    let mut ids: Vec<String> = failures.map(|failure| failure.item_identifier).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn of_nine_good_records_and_a_bad_one_only_the_bad_one_becomes_a_dead_letter() {
    for bad in [
        "not JSON".to_owned(),
        "{}".to_owned(),
        r#"{"detail-type":"payment.completed","detail":{"id":"p","amount":-1,"currency":"EUR"}}"#
            .to_owned(),
        r#"{"detail-type":"a","detail":{"id":"x","id":"y"}}"#.to_owned(),
        envelope("A#B"),
        envelope("contradicts"),
    ] {
        let letters = Arc::new(Letters::default());
        let ids: Vec<String> = (0..10).map(|i| format!("m{i}")).collect();
        let messages: Vec<_> = ids
            .iter()
            .map(|id| {
                let body = if id == "m4" {
                    bad.clone()
                } else {
                    envelope(id)
                };
                (id.as_str(), body, 1)
            })
            .collect();
        assert!(
            failures(&adapter(&letters), &batch(&messages))
                .await
                .is_empty(),
            "{bad}"
        );
        let kept = letters.kept.lock().expect("a lock");
        let [letter] = &kept[..] else {
            panic!("one letter for {bad}: {kept:?}")
        };
        assert_eq!((letter.origin.as_str(), &letter.body), ("m4", &bad));
        assert!(!letter.reason.is_empty());
    }
}

#[tokio::test]
async fn fine_outcomes_are_done_with() {
    let letters = Arc::new(Letters::default());
    let fine = ["is_unknown", "is_repeated", "x"].map(|id| (id, envelope(id), 9));
    let adapter = adapter(&letters).with_receives_max(5);
    assert!(failures(&adapter, &batch(&fine)).await.is_empty());
    assert!(letters.told().is_empty());
    assert!(failures(&adapter, &batch(&[])).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_fails_comes_again_until_its_last_try() {
    for fault in ["is_throttled", "panics", "hangs"] {
        let letters = Arc::new(Letters::default());
        let adapter = adapter(&letters).with_receives_max(5);
        let tries = [("first", 1), ("fourth", 4), ("fifth", 5), ("ninth", 9)];
        let messages = tries.map(|(id, received)| (id, envelope(fault), received));
        assert_eq!(
            failures(&adapter, &batch(&messages)).await,
            ["first", "fourth"],
            "{fault}"
        );
        let code = if fault == "panics" {
            "internal_error"
        } else {
            "unavailable"
        };
        assert_eq!(
            letters.told(),
            [format!("fifth {code} 5"), format!("ninth {code} 9")]
        );
    }
}

#[tokio::test]
async fn without_a_last_try_the_queue_decides() {
    let letters = Arc::new(Letters::default());
    let message = [("m", envelope("is_throttled"), 1000)];
    assert_eq!(failures(&adapter(&letters), &batch(&message)).await, ["m"]);
    assert!(letters.told().is_empty());
}

#[tokio::test]
async fn what_cannot_be_kept_comes_again() {
    let messages = [
        ("good", envelope("x"), 1),
        ("bad", envelope("contradicts"), 1),
        ("last", envelope("is_throttled"), 5),
    ];
    let broken = Arc::new(Letters::broken());
    let keeping = adapter(&broken).with_receives_max(5);
    let forgetting = Adapter::new(Arc::new(obey), Arc::new(SystemClock)).with_receives_max(5);
    for adapter in [keeping, forgetting] {
        assert_eq!(failures(&adapter, &batch(&messages)).await, ["bad", "last"]);
    }
}

#[tokio::test]
async fn a_message_without_an_id_fails_the_whole_batch_rather_than_nobody() {
    let letters = Arc::new(Letters::broken());
    let mut event: SqsEvent =
        serde_json::from_str(&batch(&[("m", "bad".to_owned(), 1)])).expect("a batch");
    event.records[0].message_id = None;
    let answer = adapter(&letters).batch(event).await;
    assert_eq!(answer.batch_item_failures[0].item_identifier, "");
}

#[tokio::test]
async fn an_envelope_is_answered_by_its_outcome() {
    let letters = Arc::new(Letters::default());
    let answer = adapter(&letters)
        .invoke(&envelope("is_repeated"))
        .await
        .expect("an answer");
    assert_eq!(
        answer,
        json!({"object": "event_outcome", "outcome": "awarded", "duplicate": true,
               "account": "loy_a"})
    );
    let answer = adapter(&letters)
        .invoke(&envelope("A#B"))
        .await
        .expect("an answer");
    assert_eq!(answer["outcome"], "refused");
    assert_eq!(answer["error"]["code"], "parameter_invalid");
    assert_eq!(answer["error"]["param"], "data.id");
    assert_eq!(letters.told(), ["e-1 parameter_invalid 1"]);
    let answer = adapter(&letters)
        .invoke("{\"a\":1,\"a\":2}")
        .await
        .expect("an answer");
    assert_eq!(answer["error"]["code"], "body_invalid");
}

#[tokio::test]
async fn an_envelope_that_fails_makes_the_function_fail() {
    let letters = Arc::new(Letters::default());
    for fault in ["is_throttled", "panics"] {
        let answer = adapter(&letters).invoke(&envelope(fault)).await;
        assert!(
            matches!(answer, Err(InvokeError::Failed { .. })),
            "{fault}: {answer:?}"
        );
    }
    assert!(letters.told().is_empty());
    let answer = adapter(&Arc::new(Letters::broken())).invoke("{}").await;
    assert!(
        matches!(answer, Err(InvokeError::DeadLetter(_))),
        "{answer:?}"
    );
    let forgetting = Adapter::new(Arc::new(obey), Arc::new(SystemClock));
    let answer = forgetting.invoke("{}").await.expect("an answer");
    assert_eq!(answer["outcome"], "refused");
}
