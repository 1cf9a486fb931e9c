//! What the outbox puts on the bus, and from where on it goes on after a failure.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use aws_lambda_events::dynamodb::Event;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::BoxFuture;
use laurel_host::{Bus, BusEvent, DeadLetter, DeadLetters, SendError};
use laurel_ledger::item::entry_item;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, TransactionType},
};
use outbox::{Image, Outbox, Published, Record};

/// How the bus answers one call: it takes all, all but some, only the first ones, or does not
/// answer.
enum Mood {
    TakesAllBut(&'static [usize]),
    Answers(usize),
    IsDown,
}

#[derive(Default)]
struct FakeBus {
    moods: Mutex<VecDeque<Mood>>,
    calls: Mutex<Vec<Vec<BusEvent>>>,
}

impl Bus for FakeBus {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        Box::pin(async move {
            let count = events.len();
            self.calls.lock().expect("a lock").push(events);
            let refused = match self.moods.lock().expect("a lock").pop_front() {
                None => &[],
                Some(Mood::TakesAllBut(refused)) => refused,
                Some(Mood::Answers(count)) => return Ok(vec![Ok(()); count]),
                Some(Mood::IsDown) => return Err(SendError::new("the bus", "it is down")),
            };
            let answer = |place| match refused.contains(&place) {
                true => Err("ThrottlingException: slower".to_owned()),
                false => Ok(()),
            };
            Ok((0..count).map(answer).collect())
        })
    }
}

impl FakeBus {
    fn in_moods(moods: impl IntoIterator<Item = Mood>) -> Arc<FakeBus> {
        Arc::new(FakeBus {
            moods: Mutex::new(moods.into_iter().collect()),
            ..FakeBus::default()
        })
    }

    /// The ids of the events of each call.
    fn told(&self) -> Vec<Vec<String>> {
        let calls = self.calls.lock().expect("a lock");
        let id = |event: &BusEvent| event.detail["id"].as_str().unwrap_or("?").to_owned();
        calls
            .iter()
            .map(|call| call.iter().map(id).collect())
            .collect()
    }
}

#[derive(Default)]
struct Letters(Mutex<Vec<DeadLetter>>);

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.lock().expect("a lock").push(letter);
        Box::pin(async { Ok(()) })
    }
}

fn entry(seq: u64, transactions: usize) -> Entry {
    let earn = Transaction::new(TransactionType::Earn, 5, "r");
    Entry {
        account: "loy_a".to_owned(),
        seq,
        program: "prog_default".to_owned(),
        trigger: "payment.completed".to_owned(),
        source_id: format!("pay_{seq}"),
        payment: None,
        occurred_at: "2026-11-03T10:15:00Z".parse().expect("a time"),
        created: "2026-11-03T10:15:02Z".parse().expect("a time"),
        changes: Vec::new(),
        transactions: vec![earn; transactions],
        credits: Vec::new(),
        seal: None,
    }
}

fn record(entry: Entry) -> Record {
    Record {
        sequence_number: format!("s{}", entry.seq),
        image: Image::Entry(Box::new(entry)),
    }
}

fn records(count: u64) -> Vec<Record> {
    (1..=count).map(|seq| record(entry(seq, 1))).collect()
}

fn poison(sequence_number: &str) -> Record {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let item = [
        ("pk".to_owned(), text("A#loy_a")),
        ("sk".to_owned(), text("T#nonsense")),
    ];
    Record {
        sequence_number: sequence_number.to_owned(),
        image: Image::Item(HashMap::from(item)),
    }
}

fn failed_from(published: &Published) -> Option<&str> {
    published.failed_from.as_deref()
}

#[tokio::test]
async fn events_go_out_in_order_ten_to_a_call() {
    let bus = FakeBus::in_moods([]);
    let published = Outbox::new(bus.clone()).publish(records(23)).await;
    assert_eq!(
        published,
        Published {
            events: 23,
            failed_from: None
        }
    );
    let told = bus.told();
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    let in_order: Vec<String> = (1..=23).map(|seq| format!("evt_a_{seq}_0")).collect();
    assert_eq!(told.concat(), in_order);
    let calls = bus.calls.lock().expect("a lock");
    let first = &calls[0][0];
    assert_eq!(first.source, "laurel");
    assert_eq!(first.detail_type, "loyalty.points.earned");
    assert_eq!(first.detail["data"]["points"], 5);
    assert_eq!(first.time.to_string(), "2026-11-03T10:15:02Z");
}

#[tokio::test]
async fn a_failure_stops_what_comes_after_and_tells_from_where_to_go_on() {
    for (mood, events, from) in [
        (Mood::IsDown, 0, "s1"),
        (Mood::TakesAllBut(&[3, 7]), 3, "s4"),
        (Mood::TakesAllBut(&[0]), 0, "s1"),
        (Mood::Answers(2), 2, "s3"),
    ] {
        let bus = FakeBus::in_moods([mood]);
        let published = Outbox::new(bus.clone()).publish(records(23)).await;
        assert_eq!(
            (published.events, failed_from(&published)),
            (events, Some(from))
        );
        assert_eq!(bus.told().len(), 1, "nothing may overtake what failed");
    }
    let bus = FakeBus::in_moods([Mood::TakesAllBut(&[]), Mood::TakesAllBut(&[4])]);
    let published = Outbox::new(bus).publish(records(23)).await;
    assert_eq!(
        (published.events, failed_from(&published)),
        (14, Some("s15"))
    );
}

#[tokio::test]
async fn a_record_of_many_transactions_comes_again_as_a_whole() {
    let bus = FakeBus::in_moods([Mood::TakesAllBut(&[]), Mood::TakesAllBut(&[0])]);
    let outbox = Outbox::new(bus.clone());
    let twelve = vec![record(entry(1, 3)), record(entry(2, 9))];
    let published = outbox.publish(twelve.clone()).await;
    assert_eq!(failed_from(&published), Some("s2"));
    let again = outbox.publish(twelve[1..].to_vec()).await;
    assert_eq!(
        again,
        Published {
            events: 9,
            failed_from: None
        }
    );
    let told = bus.told();
    assert_eq!(told[2][0], "evt_a_2_0", "under the same id: {told:?}");
}

#[tokio::test]
async fn a_call_keeps_to_the_bytes_that_the_bus_takes() {
    // Metadata alone makes no event so large: it is left out before.
    let big = |seq, parts: usize| {
        let change = Change::Created {
            customer: Some("x".repeat(parts * 100_000)),
            metadata: BTreeMap::new(),
            request: String::new(),
        };
        record(Entry {
            changes: vec![change],
            ..entry(seq, 0)
        })
    };
    let bus = FakeBus::in_moods([]);
    let letters = Arc::new(Letters::default());
    let outbox = Outbox::new(bus.clone()).with_dead_letters(letters.clone());
    let published = outbox
        .publish(vec![big(1, 1), big(2, 1), big(3, 1), big(4, 3), big(5, 1)])
        .await;
    assert_eq!(
        published,
        Published {
            events: 4,
            failed_from: None
        }
    );
    assert_eq!(
        bus.told().iter().map(Vec::len).collect::<Vec<_>>(),
        [2, 1, 1]
    );
    let letters = letters.0.lock().expect("a lock");
    assert!(
        letters[0].reason.contains("more than the bus takes"),
        "{letters:?}"
    );
}

#[tokio::test]
async fn poison_is_set_aside_and_the_rest_goes_out() {
    let bus = FakeBus::in_moods([]);
    let letters = Arc::new(Letters::default());
    let outbox = Outbox::new(bus.clone()).with_dead_letters(letters.clone());
    let published = outbox
        .publish(vec![record(entry(1, 1)), poison("s2"), record(entry(3, 1))])
        .await;
    assert_eq!(
        published,
        Published {
            events: 2,
            failed_from: None
        }
    );
    assert_eq!(bus.told(), [["evt_a_1_0"], ["evt_a_3_0"]]);
    let letters = letters.0.lock().expect("a lock");
    let [letter] = &letters[..] else {
        panic!("one letter: {letters:?}")
    };
    assert_eq!(letter.body, r#"{"pk":"A#loy_a","sk":"T#nonsense"}"#);
    assert_eq!(
        (letter.code.as_str(), letter.origin.as_str()),
        ("not_announceable", "s2")
    );
    assert!(letter.reason.contains("A#loy_a"), "{}", letter.reason);
}

#[tokio::test]
async fn poison_that_cannot_be_set_aside_is_not_lost() {
    let published = Outbox::new(FakeBus::in_moods([]))
        .publish(vec![record(entry(1, 1)), poison("s2"), record(entry(3, 1))])
        .await;
    assert_eq!((published.events, failed_from(&published)), (1, Some("s2")));
}

#[tokio::test]
async fn an_entry_is_announced_alike_from_its_item() {
    let entry = entry(1, 2);
    let from_item = Record {
        sequence_number: "s1".to_owned(),
        image: Image::Item(entry_item(&entry)),
    };
    let bus = FakeBus::in_moods([]);
    let outbox = Outbox::new(bus.clone());
    outbox.publish(vec![from_item]).await;
    outbox.publish(vec![record(entry)]).await;
    let calls = bus.calls.lock().expect("a lock");
    assert_eq!(calls[0].len(), 2);
    assert_eq!(calls[0], calls[1]);
}

/// A record as Lambda hands it over.
fn stream_record(event_name: &str, seq: u64, sk: &str) -> String {
    format!(
        r#"{{"eventID":"{seq}","eventName":"{event_name}","eventVersion":"1.1",
            "eventSource":"aws:dynamodb","awsRegion":"eu-central-1",
            "eventSourceARN":"arn:aws:dynamodb:eu-central-1:1:table/t/stream/x",
            "dynamodb":{{"ApproximateCreationDateTime":1793700902,"SequenceNumber":"{seq}",
                "SizeBytes":26,"StreamViewType":"NEW_IMAGE",
                "Keys":{{"pk":{{"S":"A#loy_a"}},"sk":{{"S":"{sk}"}}}},
                "NewImage":{{"pk":{{"S":"A#loy_a"}},"sk":{{"S":"{sk}"}},"n":{{"N":"1"}}}}}}}}"#
    )
}

#[tokio::test]
async fn of_the_stream_only_new_entries_count() {
    let bus = FakeBus::in_moods([]);
    let outbox = Outbox::new(bus.clone());
    let batch = |records: &[String]| -> Event {
        serde_json::from_str(&format!(r#"{{"Records":[{}]}}"#, records.join(","))).expect("a batch")
    };
    let others = batch(&[
        stream_record("MODIFY", 1, "T#nonsense"),
        stream_record("REMOVE", 2, "T#nonsense"),
        stream_record("INSERT", 3, "account"),
        // A tier of a program.
        stream_record("INSERT", 5, "T#gold").replace("A#loy_a", "P#prog_a"),
    ]);
    assert!(outbox.handle(others).await.batch_item_failures.is_empty());
    let unreadable = batch(&[stream_record("INSERT", 4, "T#nonsense")]);
    let response = outbox.handle(unreadable).await;
    let failure = &response.batch_item_failures[0];
    assert_eq!(failure.item_identifier.as_deref(), Some("4"));
    assert!(bus.told().is_empty());
}
