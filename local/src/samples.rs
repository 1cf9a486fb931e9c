//! The sample events, sent over the bus one after another.

use serde_json::Value;

use crate::{Stack, explain::explain};

/// The files of `events/` by name.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/events.rs"));

/// What one file did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub file: String,
    /// The event type.
    pub event_type: String,
    /// What came of it.
    pub outcome: String,
    /// Whether that is a failure.
    pub has_failed: bool,
    /// The member concerned.
    pub member: Option<String>,
    /// The points that it gave or took; none where it wrote no transaction.
    pub points: Option<i64>,
    /// The member's balance afterwards.
    pub balance: Option<i64>,
}

/// What all of them did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One row a file.
    pub rows: Vec<Row>,
    /// How one award came about: the file, and the steps in words.
    pub trace: Option<(String, Vec<String>)>,
}

impl Report {
    /// Whether every file was handled.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.rows.iter().all(|row| !row.has_failed)
    }
}

/// Sends every file, each once the one before has been handled with all that follows from it.
///
/// # Errors
/// What was written cannot be read back.
pub async fn send_all(stack: &Stack) -> Result<Report, laurel_ledger::Error> {
    let mut report = Report::default();
    let mut trace_is_capped = false;
    for (file, text) in FILES {
        let mut row = Row {
            file: (*file).to_owned(),
            event_type: String::new(),
            outcome: String::new(),
            has_failed: true,
            member: None,
            points: None,
            balance: None,
        };
        match serde_json::from_str::<Value>(text) {
            Err(problem) => row.outcome = format!("not JSON: {problem}"),
            Ok(envelope) => {
                row.event_type = envelope["detail-type"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                let lines = send(stack, envelope, &mut row).await?;
                // The most there is to tell is about an award that met its cap.
                if let Some((capped, lines)) = lines
                    && (report.trace.is_none() || capped && !trace_is_capped)
                {
                    trace_is_capped = capped;
                    report.trace = Some((row.file.clone(), lines));
                }
            }
        }
        report.rows.push(row);
    }
    Ok(report)
}

/// Sends one event and fills in its row; answers how its last award came about, and whether that
/// was capped.
async fn send(
    stack: &Stack,
    envelope: Value,
    row: &mut Row,
) -> Result<Option<(bool, Vec<String>)>, laurel_ledger::Error> {
    let letters_before = stack.dead_letters.count();
    // What was handled before is not of interest any more.
    drop(stack.journal.take());
    if stack.bus.publish(envelope) == 0 {
        row.outcome = "no rule of the bus takes it".to_owned();
        return Ok(None);
    }
    stack.settled().await;
    if let Some(dead) = stack
        .dead_letters
        .all()
        .get(letters_before..)
        .and_then(<[_]>::last)
    {
        row.outcome = format!("dead letter, {}: {}", dead.letter.code, dead.letter.reason);
        return Ok(None);
    }
    let handled = stack.journal.take();
    let own = handled
        .into_iter()
        .rev()
        .find(|handled| handled.event.trigger == row.event_type);
    let Some(Ok(outcome)) = own.map(|handled| handled.result) else {
        row.outcome = "not handled".to_owned();
        return Ok(None);
    };
    row.has_failed = false;
    row.outcome = outcome.outcome.as_str().to_owned();
    if outcome.duplicate {
        row.outcome.push_str(" (before)");
    }
    let mut trace = None;
    for id in &outcome.transactions {
        let view = stack.ledger.transaction(&id.to_string()).await?;
        let transaction = view.transaction();
        *row.points.get_or_insert(0) += transaction.amount;
        let lines = explain(transaction);
        if !lines.is_empty() {
            trace = Some((transaction.uncapped_points.is_some(), lines));
        }
    }
    if let Some(account) = &outcome.account {
        row.balance = stack
            .ledger
            .account(account)
            .await
            .ok()
            .map(|view| view.balance);
    }
    row.member = outcome.account;
    Ok(trace)
}
