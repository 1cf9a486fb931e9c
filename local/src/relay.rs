//! From the table's stream to the outbox function, as Lambda's event source mapping does it: in
//! order, filtered, and again from the first record that failed.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::dynamodb::Event;
use outbox::Outbox;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    embedded::{StreamError, StreamReader},
    template,
};

/// The pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Reads the stream for one function.
pub(crate) struct Relay {
    reader: StreamReader,
    settings: template::Stream,
    outbox: Outbox,
    /// Told whenever there is nothing left to read.
    drained: Notify,
}

impl Relay {
    pub(crate) fn new(reader: StreamReader, settings: template::Stream, outbox: Outbox) -> Relay {
        Relay {
            reader,
            settings,
            outbox,
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
            let records = self.reader.next(self.settings.batch_size).await?;
            if records.is_empty() {
                return Ok(());
            }
            let failed_from = self.invoke(&records).await?;
            let handled = records.iter().map(sequence_number);
            let handled = handled.take_while(|number| Some(*number) != failed_from.as_deref());
            if let Some(last) = handled.last() {
                self.reader.done_with(last).await?;
            }
            if failed_from.is_some() {
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }

    /// Calls the function with those records that it asked for; answers the first that failed.
    async fn invoke(&self, records: &[Value]) -> Result<Option<String>, StreamError> {
        let filters = &self.settings.filters;
        let wanted = |record: &&Value| {
            filters.is_empty() || filters.iter().any(|filter| filter.matches(record))
        };
        let wanted: Vec<&Value> = records.iter().filter(wanted).collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let event: Event = serde_json::from_value(json!({"Records": wanted}))?;
        let response = self.outbox.handle(event).await;
        let failures = response.batch_item_failures.into_iter();
        Ok(failures
            .filter_map(|failure| failure.item_identifier)
            .next())
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

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap_or_default()
}
