//! The same requests without the ledger: what the store and the SDK alone would take.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{
        AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    },
};
use serde_json::{Map, Value};
use tokio::task::JoinSet;

use super::{ReplayError, WORKER, summary::per_s};
use crate::{
    embedded::{Embedded, WireCall},
    stack::TABLE,
};

/// How many requests of each worker are made ready at a time: making them is not timed, and all
/// at once would fill the memory.
const READY_MAX: usize = 4000;

/// The requests of a replay, in order for each worker. Clones are the same recording.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    requests: Arc<Mutex<Lanes>>,
}

/// The bodies of the requests of each worker, and of what was not done by one.
type Lanes = HashMap<Option<usize>, Vec<Vec<u8>>>;

/// How the bare store did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Requests that were sent again.
    pub requests: u64,
    /// Those that were answered with an error, where the ledger's were not.
    pub errors: u64,
    /// Requests of the recording that have no counterpart here.
    pub skipped: u64,
    /// How long they took.
    pub elapsed: Duration,
}

impl Recording {
    /// Records all that is asked of `store` from now on.
    #[must_use]
    pub fn of(store: &Embedded) -> Recording {
        let recording = Recording::default();
        let requests = Arc::clone(&recording.requests);
        store.set_observer(Arc::new(move |call: &WireCall<'_>| {
            if !["BatchGetItem", "TransactWriteItems"].contains(&call.operation) {
                return;
            }
            let worker = WORKER.try_with(|worker| *worker).ok();
            let mut requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.entry(worker).or_default().push(call.body.to_vec());
        }));
        recording
    }

    /// Sends the recorded requests to `store`, which must be as empty as the other one was.
    ///
    /// # Errors
    /// A worker has failed.
    pub async fn send_again(&self, store: &Embedded) -> Result<Baseline, ReplayError> {
        let mut requests =
            std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        let client = store.client();
        let mut result = Baseline {
            requests: 0,
            errors: 0,
            skipped: 0,
            elapsed: Duration::ZERO,
        };
        // What was written before the workers began: programs and rules.
        for body in requests.remove(&None).unwrap_or_default() {
            if let Some(request) = Request::read(&body) {
                request.send(&client).await;
            }
        }
        let mut lanes: Vec<_> = requests.into_values().map(Vec::into_iter).collect();
        loop {
            let mut ready: Vec<Vec<Request>> = Vec::new();
            for lane in &mut lanes {
                let mut requests = Vec::new();
                for body in lane.by_ref().take(READY_MAX) {
                    match Request::read(&body) {
                        Some(request) => requests.push(request),
                        None => result.skipped += 1,
                    }
                }
                ready.push(requests);
            }
            if ready.iter().all(Vec::is_empty) {
                return Ok(result);
            }
            let started = Instant::now();
            let mut workers = JoinSet::new();
            for requests in ready {
                let client = client.clone();
                workers.spawn(async move {
                    let mut counts = (0, 0);
                    for request in requests {
                        counts.0 += 1;
                        counts.1 += u64::from(!request.send(&client).await);
                    }
                    counts
                });
            }
            while let Some(counts) = workers.join_next().await {
                let (requests, errors) = counts?;
                result.requests += requests;
                result.errors += errors;
            }
            result.elapsed += started.elapsed();
        }
    }
}

impl Baseline {
    /// The rate at which `events` went by.
    #[must_use]
    pub fn events_per_s(&self, events: u64) -> f64 {
        per_s(events, self.elapsed)
    }
}

/// A request as the SDK takes it.
enum Request {
    Get(KeysAndAttributes),
    Write(Vec<TransactWriteItem>),
}

impl Request {
    fn read(body: &[u8]) -> Option<Request> {
        let body: Value = serde_json::from_slice(body).ok()?;
        if let Some(asked) = body.get("RequestItems") {
            let asked = &asked[TABLE];
            let keys = asked["Keys"].as_array()?.iter().map(item);
            let request = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect::<Option<_>>()?))
                .set_consistent_read(asked["ConsistentRead"].as_bool());
            return request.build().ok().map(Request::Get);
        }
        let writes = body["TransactItems"].as_array()?.iter().map(write);
        writes.collect::<Option<_>>().map(Request::Write)
    }

    /// Whether it succeeded.
    async fn send(self, client: &Client) -> bool {
        match self {
            Request::Get(asked) => client
                .batch_get_item()
                .request_items(TABLE, asked)
                .send()
                .await
                .is_ok(),
            Request::Write(writes) => {
                let request = client
                    .transact_write_items()
                    .set_transact_items(Some(writes));
                request.send().await.is_ok()
            }
        }
    }
}

fn write(action: &Value) -> Option<TransactWriteItem> {
    let (name, fields) = action.as_object()?.iter().next()?;
    let condition = fields["ConditionExpression"]
        .as_str()
        .map(ToOwned::to_owned);
    let values = fields.get("ExpressionAttributeValues").and_then(item);
    let returned = fields["ReturnValuesOnConditionCheckFailure"]
        .as_str()
        .map(ReturnValuesOnConditionCheckFailure::from);
    let action = TransactWriteItem::builder();
    Some(
        match name.as_str() {
            "Put" => {
                let put = Put::builder()
                    .table_name(TABLE)
                    .set_item(Some(item(&fields["Item"])?))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(returned);
                action.put(put.build().ok()?)
            }
            "Delete" => {
                let delete = Delete::builder()
                    .table_name(TABLE)
                    .set_key(Some(item(&fields["Key"])?))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(returned);
                action.delete(delete.build().ok()?)
            }
            "ConditionCheck" => {
                let check = ConditionCheck::builder()
                    .table_name(TABLE)
                    .set_key(Some(item(&fields["Key"])?))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(returned);
                action.condition_check(check.build().ok()?)
            }
            _ => return None,
        }
        .build(),
    )
}

fn item(fields: &Value) -> Option<HashMap<String, AttributeValue>> {
    fields
        .as_object()?
        .iter()
        .map(|(name, value)| Some((name.clone(), attribute(value)?)))
        .collect()
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let tagged: &Map<String, Value> = value.as_object()?;
    let (tag, value) = tagged.iter().next()?;
    Some(match tag.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        // As base 64 the bytes are a third longer, which is near enough.
        "B" => AttributeValue::B(Blob::new(value.as_str()?.as_bytes())),
        "L" => AttributeValue::L(
            value
                .as_array()?
                .iter()
                .map(attribute)
                .collect::<Option<_>>()?,
        ),
        "M" => AttributeValue::M(item(value)?),
        _ => return None,
    })
}
