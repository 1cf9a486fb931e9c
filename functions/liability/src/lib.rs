//! From the table's stream to the figures of what a program owes: every committed entry of the
//! ledger is counted, once, whichever way its record comes.
//!
//! It is a function of its own beside the outbox: neither waits for the other, and it may write
//! nothing but figures.

use std::{collections::BTreeMap, sync::Arc};

use aws_lambda_events::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use laurel_host::{DeadLetter, DeadLetters, chain};
use laurel_ledger::{
    Error, Ledger,
    item::{Item, entry_from_image},
};
use laurel_rules::Entry;
use serde_json::{Value, json};

/// Counts what the ledger wrote.
#[derive(Clone)]
pub struct Counting {
    ledger: Ledger,
    dead_letters: Option<Arc<dyn DeadLetters>>,
}

/// What came of one program's entries; the error says that they must come again.
struct Again;

impl Counting {
    /// Counts in `ledger`, without dead letters: what cannot be counted stops all after it.
    pub fn new(ledger: Ledger) -> Counting {
        Counting {
            ledger,
            dead_letters: None,
        }
    }

    /// The same, setting aside in `dead_letters` what cannot be counted.
    #[must_use]
    pub fn with_dead_letters(self, dead_letters: Arc<dyn DeadLetters>) -> Counting {
        Counting {
            dead_letters: Some(dead_letters),
            ..self
        }
    }

    /// Counts a batch of the table's stream and answers from where on it must come again.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let records = event.records.len();
        let failed_from = self.count(event.records).await;
        match &failed_from {
            None => tracing::info!(records, "changes counted"),
            Some(sequence_number) => {
                tracing::warn!(records, sequence_number, "changes not counted");
            }
        }
        let mut response = DynamoDbEventResponse::default();
        if let Some(sequence_number) = failed_from {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number);
            response.batch_item_failures.push(failure);
        }
        response
    }

    /// Counts what records tell of. Answers the sequence number of the first that failed: to count
    /// those after it once more changes nothing.
    async fn count(&self, records: Vec<EventRecord>) -> Option<String> {
        let mut by_program: BTreeMap<String, (String, Vec<Entry>)> = BTreeMap::new();
        // In the order of the stream, whose numbers need not be equally long.
        let mut order = Vec::new();
        let mut failed = Vec::new();
        // Entries are never changed: other records tell of nothing that counts.
        for record in records.into_iter().filter(|it| it.event_name == "INSERT") {
            let from = record.change.sequence_number.unwrap_or_default();
            order.push(from.clone());
            let image: Item = record.change.new_image.into();
            match entry_from_image(&image) {
                Ok(None) => {}
                Ok(Some(entry)) => {
                    let program = entry.program.clone();
                    let (_, entries) = by_program.entry(program).or_insert((from, Vec::new()));
                    entries.push(entry);
                }
                Err(error) => {
                    // The error names the item.
                    if self.set_aside(&Value::Null, &error, &from).await.is_err() {
                        failed.push(from);
                    }
                }
            }
        }
        for (program, (from, entries)) in by_program {
            if self.count_in(&program, &entries, &from).await.is_err() {
                failed.push(from);
            }
        }
        order.into_iter().find(|from| failed.contains(from))
    }

    async fn count_in(&self, program: &str, entries: &[Entry], from: &str) -> Result<(), Again> {
        match self.ledger.count_entries(program, entries).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_transient() => {
                tracing::error!(reason = chain(&error), "entries are not counted");
                return Err(Again);
            }
            Err(error) => tracing::error!(reason = chain(&error), "entries are counted one by one"),
        }
        // One account that cannot be counted must not keep the others back.
        let mut by_account: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            let entries = by_account.entry(&entry.account).or_default();
            entries.push(entry.clone());
        }
        for (account, entries) in by_account {
            match self.ledger.count_entries(program, &entries).await {
                Ok(()) => {}
                Err(error) if error.is_transient() => return Err(Again),
                Err(error) => {
                    let key = json!({"program": program, "account": account});
                    self.set_aside(&key, &error, from).await?;
                }
            }
        }
        Ok(())
    }

    /// Keeps what leads to an account that can never be counted as it is. Its next entry tries
    /// again.
    async fn set_aside(&self, key: &Value, error: &Error, from: &str) -> Result<(), Again> {
        let reason = chain(error);
        tracing::error!(reason, "an account cannot be counted");
        let Some(dead_letters) = &self.dead_letters else {
            return Err(Again);
        };
        let letter = DeadLetter {
            body: key.to_string(),
            code: "not_countable".to_owned(),
            reason,
            received: 1,
            origin: from.to_owned(),
        };
        dead_letters.send(letter).await.map_err(|error| {
            tracing::error!(reason = chain(&error), "dead letter not kept");
            Again
        })
    }
}
