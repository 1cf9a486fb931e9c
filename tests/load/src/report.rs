//! Runs, for people to read: Markdown, as it stands in the documentation.

use std::{
    fmt::{Display, Write},
    fs,
    time::Duration,
};

use crate::{plan::Kind, run::Outcome};

/// The machine and what else it does.
pub(crate) fn machine() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |name| name.trim_start_matches(['\t', ' ', ':']));
    format!("{cores} cores, {model}, load average {}", load.join(" "))
}

/// A line for each run, and what it comes to.
pub(crate) fn runs(outcomes: &[Outcome]) -> String {
    let header = [
        "run",
        "clients",
        "s",
        "requests",
        "a second, first and last third",
        "sent again",
        "p50 ms",
        "p90",
        "p99",
        "p99.9",
        "longest",
        "memory MB, first and last third",
        "table MB",
        "quiet after s",
    ];
    let rows = outcomes.iter().map(|outcome| {
        let thirds = outcome.samples.thirds();
        let rates = thirds.map(|(first, last)| format!("{}, {}", first.rate, last.rate));
        let memory = thirds.map(|(first, last)| {
            format!("{}, {}", first.resident_kb / 1024, last.resident_kb / 1024)
        });
        let all = outcome.measured.all();
        let mut row = vec![
            title(outcome),
            outcome.settings.clients.to_string(),
            outcome.took.as_secs().to_string(),
            outcome.measured.count().to_string(),
            rates.unwrap_or_default(),
            outcome.measured.again.to_string(),
        ];
        row.extend(QUANTILES.map(|quantile| millis(all.value_at_quantile(quantile))));
        row.extend([
            millis(all.max()),
            memory.unwrap_or_default(),
            (outcome.kept_kb / 1024).to_string(),
            seconds(outcome.settled_after),
        ]);
        row
    });
    let speed = table(&header, rows);
    let header = [
        "run",
        "members",
        "transactions",
        "points earned",
        "Σ balances",
        "referrals that count",
        "came too many",
        "budget",
        "kills",
        "up again after s",
        "differences",
    ];
    let rows = outcomes.iter().map(|outcome| {
        let budget = outcome.budget.map(|points| points.to_string());
        let longest = outcome.starts.iter().max().copied();
        vec![
            title(outcome),
            outcome.members.to_string(),
            outcome.transactions.to_string(),
            outcome.earned.to_string(),
            outcome.balances.to_string(),
            outcome.referrals.0.to_string(),
            outcome.referrals.1.to_string(),
            budget.unwrap_or_default(),
            outcome.starts.len().to_string(),
            longest.map(seconds).unwrap_or_default(),
            outcome.wrong.len().to_string(),
        ]
    });
    format!("{speed}\n{}", table(&header, rows))
}

/// Times by what was asked, and what was refused.
pub(crate) fn times(outcome: &Outcome) -> String {
    let header = ["ms", "requests", "p50", "p90", "p99", "p99.9", "longest"];
    let rows = Kind::ALL.into_iter().filter_map(|kind| {
        let times = outcome.measured.times.get(&kind)?;
        let mut row = vec![kind.in_words().to_owned(), times.len().to_string()];
        row.extend(QUANTILES.map(|quantile| millis(times.value_at_quantile(quantile))));
        row.push(millis(times.max()));
        Some(row)
    });
    let mut text = table(&header, rows);
    let measured = &outcome.measured;
    let mut refused: Vec<String> = measured
        .refused
        .iter()
        .map(|((status, code), count)| format!("{count} × {status} {code}"))
        .collect();
    if measured.lost > 0 {
        refused.push(format!("{} without an answer", measured.lost));
    }
    if !refused.is_empty() {
        let _ = writeln!(text, "\nRefused or lost: {}.", refused.join(", "));
    }
    let most = outcome.samples.most_kb() / 1024;
    let _ = writeln!(text, "\nAt most {most} MB were resident.");
    text
}

/// What a run is called.
pub(crate) fn title(outcome: &Outcome) -> String {
    let name = outcome.settings.profile.name();
    match outcome.settings.kills {
        0 => name.to_owned(),
        _ => format!("{name}, killed"),
    }
}

const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

fn millis(micros: u64) -> String {
    format!("{}.{}", micros / 1000, micros % 1000 / 100)
}

fn seconds(time: Duration) -> String {
    format!("{}.{}", time.as_secs(), time.subsec_millis() / 100)
}

fn table<C: Display>(header: &[C], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.iter().map(C::to_string).collect());
    text.push_str(&line(vec!["---".to_owned(); header.len()]));
    rows.for_each(|row| text.push_str(&line(row)));
    text
}
