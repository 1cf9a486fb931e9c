//! Replaying a file, with a progress bar and a summary.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use laurel::{
    Options, Stack,
    replay::{Progress, Recording, Summary, Totals, replay},
    setup::{ProgramFile, REPLAY, SetUp},
    stack,
};

/// How to replay.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// One event a line, in the form of `POST /v1/events`; may be packed by gzip.
    file: PathBuf,
    /// The program to create, as {"program": {…}, "rules": […]} in the form of the API. Without
    /// it: auto-enrolment, and 1 point for each 100 minor units of a payment.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Keep the table in this directory; running again goes on where a stopped run was.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many events are handled at the same time. Those of one member keep their order.
    #[arg(long, default_value = "8")]
    concurrency: NonZeroUsize,
    /// Announce what was written on the bus, as a running stack does. A replay is about the past,
    /// which is no news, so that it does not unless told to.
    #[arg(long)]
    announce: bool,
    /// Measure what the bare store takes for the very same requests, for comparison.
    #[arg(long, hide = true, conflicts_with = "data")]
    baseline: bool,
}

/// Replays, and fails where an event could not be handled.
pub(crate) async fn run(arguments: ReplayArguments) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    let size_bytes = std::fs::metadata(&arguments.file)
        .with_context(|| format!("{} cannot be read", arguments.file.display()))?
        .len();
    let text = match &arguments.program {
        None => REPLAY.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let program = ProgramFile::parse(&text)?;
    let options = Options {
        data: arguments.data.clone(),
        announce: arguments.announce,
        ..Options::default()
    };
    let stack = Stack::start(options).await?;
    let recording = arguments.baseline.then(|| Recording::of(&stack.store));
    if program.set_up(&stack.router(), &stack.api_key).await? == SetUp::Kept {
        writeln!(out, "The program is there already and is used as it is.")?;
    }

    let summary = with_bar(&stack, &arguments, size_bytes).await?;
    for refused in &summary.told {
        writeln!(out, "line {}: {}", refused.line, refused.reason)?;
    }
    let totals = Totals::read(&stack.store.client()).await?;
    write!(
        out,
        "{}\nIn the table now:\n{}",
        summary.in_words(),
        totals.in_words()
    )?;
    if let Some(recording) = recording {
        drop(stack);
        compare(&mut out, &recording, &summary).await?;
    } else if arguments.announce {
        stack.settled().await;
    }
    Ok(if summary.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Replays under a bar that shows how much of the file was read.
async fn with_bar(
    stack: &Stack,
    arguments: &ReplayArguments,
    size_bytes: u64,
) -> anyhow::Result<Summary> {
    let progress = Arc::new(Progress::default());
    // It hides itself where nobody watches.
    let bar = ProgressBar::new(size_bytes).with_style(ProgressStyle::with_template(
        "{bar:40} {percent:>3} %  {msg}, {eta} left",
    )?);
    let ticker = {
        let (bar, progress) = (bar.clone(), Arc::clone(&progress));
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(Duration::from_millis(100));
            loop {
                interval.tick().await;
                bar.set_position(progress.bytes_read.load(Ordering::Relaxed));
                bar.set_message(format!(
                    "{} events",
                    progress.events.load(Ordering::Relaxed)
                ));
            }
        })
    };
    let path: &Path = &arguments.file;
    let summary = replay(stack, path, arguments.concurrency.get(), &progress).await;
    ticker.abort();
    bar.finish_and_clear();
    Ok(summary?)
}

/// Sends the same requests without the ledger.
async fn compare(
    out: &mut impl Write,
    recording: &Recording,
    summary: &Summary,
) -> anyhow::Result<()> {
    let store = stack::open(None, false).await?;
    let baseline = recording.send_again(&store).await?;
    let bare = baseline.events_per_s(summary.events);
    writeln!(
        out,
        "\nThe bare store, asked the same {} requests ({} errors, {} skipped): {bare:.0} \
         events/s. The ledger reaches {:.0} % of it.",
        baseline.requests,
        baseline.errors,
        baseline.skipped,
        percent(summary.events_per_s(), bare)
    )?;
    Ok(())
}

#[expect(clippy::float_arithmetic, reason = "for people to read")]
fn percent(part: f64, whole: f64) -> f64 {
    100.0 * part / whole
}
