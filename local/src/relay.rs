//! From the table's stream to the functions that read it, as Lambda's event source mappings do it:
//! in order, filtered, and again from the first record that failed.
//!
//! Each reader goes on by itself within the oldest records. AWS lets one be as far ahead of another
//! as it likes; here a reader that stands still holds the others up after so many.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lambda_events::{dynamodb::Event, streams::DynamoDbEventResponse};
use futures::future::{BoxFuture, try_join_all};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    embedded::{StreamError, StreamReader},
    template,
};

/// The pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// A function that reads the stream.
pub(crate) type StreamFunction =
    Arc<dyn Fn(Event) -> BoxFuture<'static, DynamoDbEventResponse> + Send + Sync>;

/// Reads the stream for functions.
pub(crate) struct Relay {
    reader: StreamReader,
    consumers: Vec<Consumer>,
    batch_size: usize,
    /// Told whenever there is nothing left to read.
    drained: Notify,
}

struct Consumer {
    settings: template::Stream,
    function: StreamFunction,
    /// The last record that it is done with, for this process.
    done: Mutex<String>,
}

impl Relay {
    pub(crate) fn new(
        reader: StreamReader,
        functions: impl IntoIterator<Item = (template::Stream, StreamFunction)>,
    ) -> Relay {
        let consumers = functions.into_iter().map(|(settings, function)| Consumer {
            settings,
            function,
            done: Mutex::default(),
        });
        let consumers: Vec<Consumer> = consumers.collect();
        let sizes = consumers
            .iter()
            .map(|consumer| consumer.settings.batch_size);
        Relay {
            reader,
            batch_size: sizes.min().unwrap_or(1),
            consumers,
            drained: Notify::new(),
        }
    }

    /// Relays until the future is dropped.
    pub(crate) async fn run(self: Arc<Relay>) {
        loop {
            match self.drain().await {
                Ok(()) => {
                    self.drained.notify_waiters();
                    self.reader.written().await;
                }
                // The process is ending.
                Err(StreamError::Thread(thread)) if thread.is_cancelled() => return,
                Err(error) => {
                    tracing::error!(
                        reason = laurel_host::chain(&error),
                        "the stream stands still"
                    );
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    /// Relays what there is.
    async fn drain(&self) -> Result<(), StreamError> {
        loop {
            let records = self.reader.next(self.batch_size).await?;
            if records.is_empty() {
                return Ok(());
            }
            let consumers = self.consumers.iter();
            let done = try_join_all(consumers.map(|consumer| consumer.take(&records))).await?;
            let all_done = done.into_iter().min().unwrap_or_default();
            if !all_done.is_empty() {
                self.reader.done_with(&all_done).await?;
            }
            if records.last().map(sequence_number) != Some(&all_done) {
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }

    /// Whether everything that was written has been relayed.
    pub(crate) async fn is_drained(&self) -> bool {
        matches!(self.reader.next(1).await, Ok(records) if records.is_empty())
    }

    /// Waits until it may be so.
    pub(crate) async fn drained(&self) {
        // The time limit is for the moment between looking and waiting, which may be missed.
        let wait = Duration::from_millis(20);
        let _ = tokio::time::timeout(wait, self.drained.notified()).await;
    }
}

impl Consumer {
    /// Calls the function with those of the records that it asked for and is not done with, and
    /// answers the last one that it is done with; sequence numbers are equally long here.
    async fn take(&self, records: &[Value]) -> Result<String, StreamError> {
        let done = self.done().clone();
        let records = records.iter().filter(|it| *sequence_number(it) > *done);
        let records: Vec<&Value> = records.collect();
        let failed_from = self.invoke(&records).await?;
        let handled = records.into_iter().map(sequence_number);
        let handled = handled.take_while(|number| Some(*number) != failed_from.as_deref());
        let mut done = self.done();
        if let Some(last) = handled.last() {
            last.clone_into(&mut done);
        }
        Ok(done.clone())
    }

    fn done(&self) -> std::sync::MutexGuard<'_, String> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the function with those records that it asked for; answers the first that failed.
    async fn invoke(&self, records: &[&Value]) -> Result<Option<String>, StreamError> {
        let filters = &self.settings.filters;
        let wanted = |record: &&&Value| {
            filters.is_empty() || filters.iter().any(|filter| filter.matches(record))
        };
        let wanted: Vec<&&Value> = records.iter().filter(wanted).collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let event: Event = serde_json::from_value(json!({"Records": wanted}))?;
        let response = (self.function)(event).await;
        let failures = response.batch_item_failures.into_iter();
        Ok(failures
            .filter_map(|failure| failure.item_identifier)
            .next())
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap_or_default()
}
