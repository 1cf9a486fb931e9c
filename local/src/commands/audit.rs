//! Auditing a ledger: every promise that an account's log can prove or break.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use aws_sdk_dynamodb::Client;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use laurel::stack;
use laurel_ledger::{AuditCounts, AuditRound, Ledger, SystemClock, Violation};

use super::kept_store;

/// Members that are audited between two steps of the bar.
const STEP: usize = 100;

/// Whose ledger to audit.
#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// The directory that a stack keeps its table in; stop the stack first.
    #[arg(long, value_name = "DIR", required_unless_present = "table")]
    data: Option<PathBuf>,
    /// A table on AWS, with the credentials and the region of the environment. It may be in use.
    /// Needs a `laurel` that was built with `--features aws`.
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    table: Option<String>,
    /// The program.
    #[arg(long, value_name = "ID", default_value = "prog_default")]
    program: String,
    /// Go on after this place among the members, as a run that was stopped says. What takes all
    /// members together is then left out.
    #[arg(long, value_name = "PLACE", value_parser = place)]
    after: Option<String>,
    /// Also whether what was written in the last month was announced: for a stack that announces.
    #[arg(long)]
    events: bool,
    /// Print violations as JSON, one a line.
    #[arg(long)]
    json: bool,
}

/// Audits all members, and fails where anything does not hold.
pub(crate) async fn run(arguments: AuditArguments) -> anyhow::Result<ExitCode> {
    let (client, table) = match (&arguments.data, &arguments.table) {
        (Some(data), _) => (kept_store(data)?.client(), stack::TABLE.to_owned()),
        (None, Some(table)) => (aws()?, table.clone()),
        (None, None) => bail!("say --data or --table"),
    };
    let ledger = Ledger::new(client, table, Arc::new(SystemClock)).in_sandbox();
    // It hides itself where nobody watches.
    let bar = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {elapsed}  {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut round = AuditRound::new(ledger.now(), Some(arguments.program.clone()));
    if arguments.data.is_some() {
        // The stack is stopped.
        round = round.at_rest();
    }
    if arguments.events {
        round = round.of_announced();
    }
    if let Some(place) = &arguments.after {
        round = round.after(place.clone());
    }
    while !round.is_done() {
        let step = ledger.audit_step(&mut round, STEP).await;
        let found = step.with_context(|| go_on(round.place()))?;
        for violation in &found {
            let told = bar.suspend(|| tell(violation, arguments.json));
            told.with_context(|| go_on(round.place()))?;
        }
        bar.set_message(in_words(&round.counts()));
    }
    bar.finish_and_clear();
    let counts = round.counts();
    if !arguments.json {
        writeln!(io::stdout(), "{}.", in_words(&counts))?;
    }
    Ok(if counts.violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(feature = "aws")]
fn aws() -> anyhow::Result<Client> {
    let config = laurel_host::Config::from_env();
    Ok(laurel_host::aws::Aws::from_config(&config)?.dynamodb())
}

#[cfg(not(feature = "aws"))]
fn aws() -> anyhow::Result<Client> {
    bail!("this laurel knows no AWS; build it with: cargo run --features aws -- audit --table NAME")
}

/// A place as [`go_on`] tells it. Any other text would leave members out, and find nothing amiss.
fn place(text: &str) -> Result<String, &'static str> {
    let is_place = text.split_once('#').is_some_and(|(created_ms, account)| {
        let digits = created_ms.bytes().all(|it| it.is_ascii_digit());
        digits && created_ms.len() == 14 && account.starts_with("loy_")
    });
    is_place
        .then(|| text.to_owned())
        .ok_or("give the place that the stopped run has told, as '01795372014000#loy_…'")
}

fn go_on(place: Option<&str>) -> String {
    match place {
        Some(place) => format!("the audit stopped; go on with --after '{place}'"),
        None => "the audit stopped at its beginning".to_owned(),
    }
}

fn tell(violation: &Violation, as_json: bool) -> anyhow::Result<()> {
    let mut out = io::stdout();
    if as_json {
        writeln!(out, "{}", serde_json::to_string(violation)?)?;
        return Ok(());
    }
    let Violation {
        program,
        account,
        invariant,
        message,
        transactions,
    } = violation;
    let of = account.as_ref().unwrap_or(program);
    writeln!(out, "{of}  {}: {message}", invariant.as_str())?;
    for id in transactions {
        writeln!(out, "    {id}")?;
    }
    Ok(())
}

fn in_words(counts: &AuditCounts) -> String {
    let found = match counts.violations {
        0 => "nothing amiss".to_owned(),
        1 => "1 violation".to_owned(),
        some => format!("{some} violations"),
    };
    let skipped = match counts.skipped {
        0 => String::new(),
        some => format!(", {some} left out since others kept writing them"),
    };
    format!(
        "{} members with {} entries{skipped}: {found}",
        counts.members, counts.entries
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_told_is_gone_on_from() {
        let told = "01795372014000#loy_anna";
        assert!(go_on(Some(told)).contains(told));
        assert_eq!(place(told).as_deref(), Ok(told));
        for text in [
            "",
            "nonsense",
            "loy_anna",
            "~#loy_anna",
            "1#loy_anna",
            "01795372014000#",
        ] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
