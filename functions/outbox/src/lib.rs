//! From the table's stream to the bus: every committed entry of the ledger is announced, in the
//! order of the ledger, at least once and under ids that do not change.
//!
//! The stream shows only what was committed, so nothing is announced that did not happen; and it
//! is read until the bus has taken everything, so nothing that happened stays unannounced.
//!
//! With [`Webhooks`] each event is also noted for `GET /v1/events` and ordered for the webhook
//! endpoints that want it. Both come before the bus: to repeat them changes nothing, where a
//! repeat on the bus is seen by everybody.

mod record;
mod webhooks;

use std::sync::Arc;

use aws_lambda_events::{
    dynamodb::Event,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use laurel_events::{OWN_SOURCE, Outgoing};
use laurel_host::{BUS_BYTES_MAX, BUS_EVENTS_MAX, Bus, BusEvent, DeadLetter, DeadLetters, chain};

use laurel_planted::{Bug, is};

pub use record::{Image, Record};
pub use webhooks::Webhooks;

/// Announces what the ledger wrote.
#[derive(Clone)]
pub struct Outbox {
    bus: Arc<dyn Bus>,
    dead_letters: Option<Arc<dyn DeadLetters>>,
    webhooks: Option<Webhooks>,
}

/// What came of some records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    /// How many events the bus took, for certain.
    pub events: usize,
    /// The record from which on everything must be sent again.
    pub failed_from: Option<String>,
}

impl Outbox {
    /// An outbox without dead letters: a record that cannot be announced stops all after it.
    pub fn new(bus: Arc<dyn Bus>) -> Outbox {
        Outbox {
            bus,
            dead_letters: None,
            webhooks: None,
        }
    }

    /// The same, noting each event and ordering its delivery.
    #[must_use]
    pub fn with_webhooks(self, webhooks: Webhooks) -> Outbox {
        Outbox {
            webhooks: Some(webhooks),
            ..self
        }
    }

    /// The same, setting aside in `dead_letters` what cannot be announced.
    #[must_use]
    pub fn with_dead_letters(self, dead_letters: Arc<dyn DeadLetters>) -> Outbox {
        Outbox {
            dead_letters: Some(dead_letters),
            ..self
        }
    }

    /// Announces a batch of the table's stream and answers from where on it must come again.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let records = event
            .records
            .into_iter()
            .filter_map(Record::of_stream)
            .collect();
        let published = self.publish(records).await;
        let mut response = DynamoDbEventResponse::default();
        if let Some(sequence_number) = published.failed_from {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number);
            response.batch_item_failures.push(failure);
        }
        response
    }

    /// Announces `records` in their order, up to the first that fails: what comes after it may be
    /// about the same account and must not overtake it.
    pub async fn publish(&self, records: Vec<Record>) -> Published {
        let count = records.len();
        let mut run = Run {
            outbox: self,
            chunk: Vec::new(),
            chunk_bytes: 0,
            events: 0,
        };
        let failed_from = run.all(records).await.err();
        let events = run.events;
        match &failed_from {
            None => tracing::info!(records = count, events, "changes announced"),
            Some(sequence_number) => {
                tracing::warn!(
                    records = count,
                    events,
                    sequence_number,
                    "changes not announced"
                );
            }
        }
        Published {
            events,
            failed_from,
        }
    }
}

/// One pass over some records. Errors are the sequence number to go on from.
struct Run<'a> {
    outbox: &'a Outbox,
    /// What goes into the next call, each with the record that it comes from.
    chunk: Vec<(String, Outgoing)>,
    chunk_bytes: usize,
    events: usize,
}

impl Run<'_> {
    async fn all(&mut self, records: Vec<Record>) -> Result<(), String> {
        for record in records {
            match events_of(&record) {
                Ok(events) => {
                    for (event, bytes) in events {
                        self.push(&record.sequence_number, event, bytes).await?;
                    }
                }
                Err(reason) => {
                    self.flush().await?;
                    self.set_aside(record, reason).await?;
                }
            }
        }
        self.flush().await
    }

    async fn push(&mut self, from: &str, event: Outgoing, bytes: usize) -> Result<(), String> {
        if self.chunk.len() == BUS_EVENTS_MAX || self.chunk_bytes + bytes > BUS_BYTES_MAX {
            self.flush().await?;
        }
        self.chunk.push((from.to_owned(), event));
        self.chunk_bytes += bytes;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), String> {
        self.chunk_bytes = 0;
        let (from, events): (Vec<String>, Vec<Outgoing>) = self.chunk.drain(..).unzip();
        let Some(first) = from.first() else {
            return Ok(());
        };
        if let Some(webhooks) = &self.outbox.webhooks
            && let Err(reason) = webhooks.announce(&events).await
        {
            tracing::error!(reason, "events are not ordered for webhooks");
            return Err(first.clone());
        }
        let events = events.iter().map(bus_event).collect();
        let answers = match self.outbox.bus.put(events).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::error!(reason = chain(&error), "the bus does not answer");
                return Err(first.clone());
            }
        };
        // An event without an answer was not taken, as far as anybody knows.
        let answers = answers.into_iter().map(Some).chain(std::iter::repeat(None));
        for (from, answer) in from.into_iter().zip(answers) {
            match answer {
                Some(Ok(())) => self.events += 1,
                _ if is(Bug::RefusalsIgnored) => {}
                refused => {
                    let reason = refused.and_then(Result::err);
                    tracing::error!(reason, "the bus did not take an event");
                    return Err(from);
                }
            }
        }
        Ok(())
    }

    /// Keeps the key of a record that can never be announced; the entry itself stays in the table.
    async fn set_aside(&self, record: Record, reason: String) -> Result<(), String> {
        tracing::error!(reason, "a change cannot be announced");
        let Some(dead_letters) = &self.outbox.dead_letters else {
            return Err(record.sequence_number);
        };
        let letter = DeadLetter {
            body: record.key().to_string(),
            code: "not_announceable".to_owned(),
            reason,
            received: 1,
            origin: record.sequence_number.clone(),
        };
        dead_letters.send(letter).await.map_err(|error| {
            tracing::error!(reason = chain(&error), "dead letter not kept");
            record.sequence_number
        })
    }
}

/// The events that announce a record, each with its size; or why there can be none.
fn events_of(record: &Record) -> Result<Vec<(Outgoing, usize)>, String> {
    let entry = record.entry().map_err(|error| chain(&error))?;
    let outgoing = entry
        .iter()
        .flat_map(|entry| laurel_events::outgoing(entry));
    outgoing
        .map(|outgoing| {
            let bytes = bus_event(&outgoing).size_bytes();
            if bytes > BUS_BYTES_MAX {
                let id = &outgoing.id;
                return Err(format!(
                    "the event {id} has {bytes} bytes, more than the bus takes"
                ));
            }
            Ok((outgoing, bytes))
        })
        .collect()
}

fn bus_event(outgoing: &Outgoing) -> BusEvent {
    BusEvent {
        source: OWN_SOURCE.to_owned(),
        detail_type: outgoing.event_type.clone(),
        detail: outgoing.envelope(),
        time: outgoing.created,
    }
}
