//! The sample events, sent over the bus one after another.

use serde_json::Value;

use crate::Stack;

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

/// Sends every file in the order of their times, each once the one before has been handled with
/// all that follows from it.
///
/// # Errors
/// What was written cannot be read back.
pub async fn send_all(stack: &Stack) -> Result<Report, laurel_ledger::Error> {
    let mut report = Report::default();
    let mut trace_is_capped = false;
    let read = FILES
        .iter()
        .map(|(file, text)| (*file, serde_json::from_str::<Value>(text)));
    let mut samples: Vec<_> = read.collect();
    samples.sort_by_key(|(_, envelope)| {
        let time = envelope
            .as_ref()
            .ok()
            .and_then(|envelope| envelope["time"].as_str());
        time.map(str::to_owned)
    });
    for (file, envelope) in samples {
        let mut row = Row {
            file: file.to_owned(),
            event_type: String::new(),
            outcome: String::new(),
            has_failed: true,
            member: None,
            points: None,
            balance: None,
        };
        match envelope {
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
    let id = envelope["id"].clone();
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
        if transaction.calculation.is_some() {
            let is_capped = transaction.uncapped_points.is_some();
            let lines = stack.ledger.explain(std::slice::from_ref(&view)).await?;
            trace = lines.into_iter().next().map(|lines| (is_capped, lines));
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
    row.points = outcome
        .account
        .as_ref()
        .and_then(|account| announced(stack, &id, account));
    row.member = outcome.account;
    Ok(trace)
}

/// The points of `account` that were announced after the event with this id: those of the event
/// and those of what it led to, as the welcome bonus of a member that it enrolled.
fn announced(stack: &Stack, id: &Value, account: &str) -> Option<i64> {
    let seen = stack.bus.seen();
    let after = seen.iter().rev().take_while(|event| event["id"] != *id);
    let data = after
        .map(|event| &event["detail"]["data"])
        .filter(|data| data["account"] == account);
    data.filter_map(|data| data["amount"].as_i64())
        .reduce(|sum, points| sum + points)
}

#[cfg(test)]
mod tests {
    use crate::{
        Options, Stack,
        samples::{FILES, send_all},
        setup::{DEMO, ProgramFile, SetUp},
    };

    /// Each file with its outcome, points and balance.
    const EXPECTED: &str = "
        account-created: unlinked, none, none
        customer-created: no_award, 500, 500
        referral-attributed: unlinked, none, none
        invoice-paid: no_award, none, 500
        payment-completed: awarded, 42, 542
        payment-completed-second-member: awarded, 620, 620
        payment-disputed: reversed, -120, 500
        payment-failed: ignored, none, none
        payment-over-cap: awarded, 4958, 5500
        payment-refunded: reversed, -21, 5479
        customer-updated: processed, none, 500
        review-submitted: no_award, none, 5479
        customer-deleted: processed, none, 500
        subscription-created: no_award, none, 5479
    ";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_samples_do_what_the_readme_shows() {
        let stack = Stack::start(Options::default()).await.unwrap();
        let demo = ProgramFile::parse(DEMO).unwrap();
        let set_up = demo.set_up(&stack.router(), &stack.api_key).await.unwrap();
        assert_eq!(set_up, SetUp::Created);
        let report = send_all(&stack).await.unwrap();
        assert!(report.is_good());
        assert_eq!(stack.dead_letters.count(), 0);
        let number = |number: Option<i64>| number.map_or("none".to_owned(), |n| n.to_string());
        let rows: Vec<String> = report
            .rows
            .iter()
            .map(|row| {
                let (points, balance) = (number(row.points), number(row.balance));
                let file = row.file.trim_end_matches(".json");
                format!("{file}: {}, {points}, {balance}", row.outcome)
            })
            .collect();
        let expected: Vec<&str> = EXPECTED
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(rows, expected);
        let (file, trace) = report.trace.unwrap();
        assert_eq!(file, "payment-over-cap.json");
        assert_eq!(
            trace,
            [
                "The rule \"1 point per EUR 1\" (version 1) rewards the payment `pay_1003` of €7499.00.",
                "It gives 1 point for each EUR 1: 7499 points.",
                "Its cap of 5000 points within a calendar month left 4958.",
                "So it gave 4958 points.",
                "The balance right after was 5500 points.",
            ]
        );

        // A second round changes nothing.
        let set_up = demo.set_up(&stack.router(), &stack.api_key).await.unwrap();
        assert_eq!(set_up, SetUp::Kept);
        let again = send_all(&stack).await.unwrap();
        assert!(again.is_good());
        assert!(again.rows.iter().all(|row| row.points.is_none()));
        let balances = |rows: &[super::Row]| rows.iter().map(|row| row.balance).max();
        assert_eq!(balances(&again.rows), Some(Some(5479)));
        assert_eq!(again.rows.len(), FILES.len());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_can_handle_is_a_dead_letter_with_its_reason() {
        let stack = Stack::start(Options::default()).await.unwrap();
        ProgramFile::parse(DEMO)
            .unwrap()
            .set_up(&stack.router(), &stack.api_key)
            .await
            .unwrap();
        let broken = serde_json::json!({
            "id": "1", "source": "shop", "detail-type": "payment.completed",
            "time": "2026-11-01T08:00:00Z",
            "detail": {"id": "pay_1", "customer": "cust_1", "amount": -1, "currency": "EUR"},
        });
        assert_eq!(stack.bus.publish(broken), 1);
        stack.settled().await;
        let dead = stack.dead_letters.all();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].function, "payment-completed");
        assert_eq!(dead[0].letter.code, "parameter_invalid");
        assert!(
            dead[0].letter.reason.contains("data.amount"),
            "{}",
            dead[0].letter.reason
        );
    }
}
