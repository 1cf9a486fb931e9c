//! The store through the SDK, as the ledger sees it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, KeysAndAttributes, Put, ReturnConsumedCapacity,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    },
};
use laurel_ledger::table::create_table;

use super::*;

const TABLE: &str = "laurel";

async fn store() -> Embedded {
    let store = Embedded::memory().unwrap();
    create_table(&store.client(), TABLE, true).await.unwrap();
    store
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn key(pk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text("A"))])
}

/// Puts an item that must not be there.
fn put_new(pk: &str, note: &str) -> TransactWriteItem {
    let mut item = key(pk);
    item.insert("note".to_owned(), text(note));
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

async fn write_new(client: &Client, pk: &str) -> Result<(), SdkError<TransactWriteItemsError>> {
    let items = vec![put_new(pk, "new"), put_new(&format!("{pk}-too"), "new")];
    client
        .transact_write_items()
        .set_transact_items(Some(items))
        .send()
        .await
        .map(drop)
}

async fn is_there(store: &Embedded, pk: &str) -> bool {
    let client = store.client();
    let request = client.get_item().table_name(TABLE).set_key(Some(key(pk)));
    request.send().await.unwrap().item.is_some()
}

#[tokio::test]
async fn what_is_written_is_read() {
    let store = store().await;
    let client = store.client();
    write_new(&client, "one").await.unwrap();
    let asked = KeysAndAttributes::builder()
        .keys(key("one"))
        .keys(key("none"))
        .build()
        .unwrap();
    let answer = client
        .batch_get_item()
        .request_items(TABLE, asked)
        .send()
        .await
        .unwrap();
    let items = &answer.responses.unwrap()[TABLE];
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["note"], text("new"));

    let update = client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(key("one")))
        .update_expression("SET note = :note")
        .expression_attribute_values(":note", text("newer"));
    update.send().await.unwrap();
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("one"));
    assert_eq!(
        query.send().await.unwrap().items()[0]["note"],
        text("newer")
    );
    client
        .delete_item()
        .table_name(TABLE)
        .set_key(Some(key("one")))
        .send()
        .await
        .unwrap();
    assert!(!is_there(&store, "one").await);
    assert_eq!(
        client.scan().table_name(TABLE).send().await.unwrap().count,
        1
    );
}

#[tokio::test]
async fn a_cancelled_transaction_tells_each_reason_with_its_item() {
    let store = store().await;
    let client = store.client();
    let old = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(key("two")));
    old.item("note", text("old")).send().await.unwrap();
    let items = vec![put_new("one", "new"), put_new("two", "new")];
    let refused = client
        .transact_write_items()
        .set_transact_items(Some(items))
        .send()
        .await
        .unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(canceled) =
        refused.into_service_error()
    else {
        panic!("not a cancellation");
    };
    let reasons = canceled.cancellation_reasons();
    assert_eq!(reasons[0].code(), Some("None"));
    assert_eq!(reasons[1].code(), Some("ConditionalCheckFailed"));
    assert_eq!(reasons[1].item().unwrap()["note"], text("old"));
    assert!(!is_there(&store, "one").await);
}

#[tokio::test]
async fn requests_and_capacity_are_counted() {
    let store = store().await;
    let client = store.client();
    let before = store.usage();
    write_new(&client, "one").await.unwrap();
    let get = client
        .get_item()
        .table_name(TABLE)
        .set_key(Some(key("one")));
    let answer = get.clone().send().await.unwrap();
    // Counting is nobody's business but ours.
    assert_eq!(answer.consumed_capacity, None);
    let asked = get
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .consistent_read(true);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.consumed_capacity.unwrap().capacity_units, Some(1.0));

    let usage = store.usage().since(&before);
    assert_eq!(usage.requests_of("TransactWriteItems"), 1);
    assert_eq!(usage.requests_of("GetItem"), 2);
    assert_eq!(usage.total_requests(), 3);
    assert_eq!(usage.write_units, 4, "a transaction counts twice");
    assert_eq!(
        usage.read_half_units, 3,
        "one eventually and one strongly consistent read"
    );
    assert_eq!(usage.errors, 0);
}

#[tokio::test]
async fn an_unknown_operation_is_refused() {
    let store = store().await;
    let refused = store.client().list_tables().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("UnknownOperationException"));
}

/// Lets `fault` happen to the first transaction.
fn once(store: &Embedded, fault: Fault) {
    let fault = Mutex::new(Some(fault));
    store.set_faults(Arc::new(move |call: &WireCall<'_>| {
        if call.operation != "TransactWriteItems" {
            return Fault::None;
        }
        fault.lock().unwrap().take().unwrap_or(Fault::None)
    }));
}

#[tokio::test(start_paused = true)]
async fn the_sdk_retries_throttling_unless_told_not_to() {
    let store = store().await;
    once(&store, Fault::Answer(WireError::throttled()));
    write_new(&store.client(), "one").await.unwrap();
    assert!(is_there(&store, "one").await);
    once(&store, Fault::Answer(WireError::throttled()));
    let refused = write_new(&store.client_without_retries(), "two")
        .await
        .unwrap_err();
    assert_eq!(
        refused.code(),
        Some("ProvisionedThroughputExceededException")
    );
    assert!(!is_there(&store, "two").await);
    assert_eq!(store.usage().errors, 2);
}

#[tokio::test]
async fn reasons_can_be_chosen() {
    let store = store().await;
    once(
        &store,
        Fault::Answer(WireError::canceled(&["TransactionConflict", "None"])),
    );
    let refused = write_new(&store.client_without_retries(), "one")
        .await
        .unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(canceled) =
        refused.into_service_error()
    else {
        panic!("not a cancellation");
    };
    assert_eq!(
        canceled.cancellation_reasons()[0].code(),
        Some("TransactionConflict")
    );
    assert!(!is_there(&store, "one").await);
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_commit() {
    let store = store().await;
    for (pk, phase, committed) in [
        ("before", Phase::Request, false),
        ("after", Phase::Answer, true),
    ] {
        once(&store, Fault::Lose(phase));
        let lost = write_new(&store.client_without_retries(), pk)
            .await
            .unwrap_err();
        assert!(matches!(lost, SdkError::DispatchFailure(_)), "{lost:?}");
        assert_eq!(is_there(&store, pk).await, committed, "{pk}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_a_lost_answer_writes_nothing_twice() {
    let store = store().await;
    once(&store, Fault::Lose(Phase::Answer));
    // The condition would fail against our own commit; the client token tells that it is ours.
    write_new(&store.client(), "one").await.unwrap();
    assert_eq!(store.usage().requests_of("TransactWriteItems"), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_while_it_hangs_has_crashed_there() {
    let store = store().await;
    for (pk, phase, committed) in [
        ("before", Phase::Request, false),
        ("after", Phase::Answer, true),
    ] {
        once(&store, Fault::Hang(phase));
        let client = store.client();
        let hangs = tokio::time::timeout(Duration::from_secs(60), write_new(&client, pk));
        assert!(hangs.await.is_err());
        assert_eq!(is_there(&store, pk).await, committed, "{pk}");
    }
}

#[tokio::test]
async fn the_stream_keeps_records_until_they_are_done_with() {
    let directory = std::env::temp_dir().join(format!("laurel-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("laurel.db");
    let keys = |records: &[serde_json::Value]| -> Vec<String> {
        let pk = |record: &serde_json::Value| {
            record["dynamodb"]["Keys"]["pk"]["S"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        records.iter().map(pk).collect()
    };
    {
        let store = Embedded::open(&path).unwrap();
        create_table(&store.client(), TABLE, true).await.unwrap();
        let stream = store.stream(TABLE).unwrap();
        for pk in ["one", "two"] {
            write_new(&store.client(), pk).await.unwrap();
        }
        stream.written().await;
        let records = stream.next(3).await.unwrap();
        assert_eq!(keys(&records), ["one", "one-too", "two"]);
        assert_eq!(records[0]["eventName"], "INSERT");
        assert_eq!(records[0]["dynamodb"]["NewImage"]["note"]["S"], "new");
        let first = records[0]["dynamodb"]["SequenceNumber"].as_str().unwrap();
        stream.done_with(first).await.unwrap();
    }
    let store = Embedded::open(&path).unwrap();
    let stream = store.stream(TABLE).unwrap();
    let records = stream.next(100).await.unwrap();
    assert_eq!(keys(&records), ["one-too", "two", "two-too"]);
    let last = records[2]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    stream.done_with(last).await.unwrap();
    assert_eq!(stream.next(100).await.unwrap(), [0; 0]);
    std::fs::remove_dir_all(&directory).unwrap();
}
