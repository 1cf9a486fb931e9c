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
    replay::{Progress, Recording, ReplayError, Summary, Totals, replay, what_if},
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
    /// Tell what these rules would give instead, as [{…}] or {"rules": [{…}]} in the form of the
    /// API: both are reckoned in memory, without a table.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "announce", "baseline"])]
    what_if: Option<PathBuf>,
    /// Tell it as JSON.
    #[arg(long, requires = "what_if")]
    json: bool,
    /// How many events are handled at the same time. Those of one member keep their order.
    #[arg(long, default_value = "8")]
    concurrency: NonZeroUsize,
    /// Announce what was written on the bus, as a running stack does. A replay is about the past,
    /// which is no news, so that it does not unless told to.
    #[arg(long)]
    announce: bool,
    /// Write who earned what by which rule to this file, as lines of
    /// `customer,rule,awards,points`.
    #[arg(long, value_name = "FILE")]
    earned: Option<PathBuf>,
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
    if let Some(rules) = &arguments.what_if {
        return compare_rules(&mut out, &arguments, &program, rules, size_bytes).await;
    }
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

    let progress = Arc::new(Progress::default());
    let (path, concurrency): (&Path, _) = (&arguments.file, arguments.concurrency.get());
    let replaying = replay(&stack, path, concurrency, &progress);
    let summary = with_bar(replaying, &progress, size_bytes).await?;
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
    if let Some(path) = &arguments.earned {
        std::fs::write(path, totals.earned.csv())
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
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

/// Tells what other rules would give.
async fn compare_rules(
    out: &mut impl Write,
    arguments: &ReplayArguments,
    program: &ProgramFile,
    rules: &Path,
    size_bytes: u64,
) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(rules)
        .with_context(|| format!("{} cannot be read", rules.display()))?;
    let options = Options {
        announce: false,
        ..Options::default()
    };
    // What the API refuses of rules is refused here, in the same words; no event comes near a table.
    let actual = Stack::start(options.clone()).await?;
    program.set_up(&actual.router(), &actual.api_key).await?;
    let candidate = Stack::start(options).await?;
    let other = program.with_rules(&text)?;
    other
        .set_up(&candidate.router(), &candidate.api_key)
        .await?;

    let progress = Arc::new(Progress::default());
    let comparing = what_if(
        &arguments.file,
        program.id(),
        &actual,
        &candidate,
        &progress,
    );
    let compared = with_bar(comparing, &progress, size_bytes).await?;
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &compared)?;
        writeln!(out)?;
    } else {
        for refused in &compared.told {
            writeln!(out, "line {}: {}", refused.line, refused.reason)?;
        }
        write!(out, "{}", compared.in_words())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Works under a bar that shows how much of the file was read.
async fn with_bar<T>(
    work: impl Future<Output = Result<T, ReplayError>>,
    progress: &Arc<Progress>,
    size_bytes: u64,
) -> anyhow::Result<T> {
    // It hides itself where nobody watches.
    let bar = ProgressBar::new(size_bytes).with_style(ProgressStyle::with_template(
        "{bar:40} {percent:>3} %  {msg}, {eta} left",
    )?);
    let ticker = {
        let (bar, progress) = (bar.clone(), Arc::clone(progress));
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
    let done = work.await;
    ticker.abort();
    bar.finish_and_clear();
    Ok(done?)
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
