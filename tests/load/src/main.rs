//! `cargo run -p load` loads a local stack of its own over HTTP, counts on the clients' side every
//! effect that was acknowledged, and compares that with what the stack has in the end: no point may
//! be lost or doubled, not by contention, not by requests sent again, and not by `kill -9`.
//!
//! What clients reckon with is the specification: nothing here asks Laurel's code what a payment
//! is worth.

mod books;
mod client;
mod compare;
mod http;
mod measured;
mod plan;
mod report;
mod run;
mod samples;
mod seen;
mod stack;

use std::{
    fs,
    io::{Write, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Parser;
use plan::Profile;
use run::{Outcome, Settings};

/// How much of the differences is told.
const TOLD_MAX: usize = 20;

/// Loads the local stack, and proves that no acknowledged point is lost or doubled.
#[derive(Debug, Parser)]
struct Options {
    /// Where the load meets.
    #[arg(long, value_enum, default_value = "spread")]
    profile: Profile,
    /// Every profile in turn, and then `spread` again with ten kills.
    #[arg(long, conflicts_with_all = ["profile", "kills"])]
    all: bool,
    /// How many clients call at once.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// How long they begin anything more.
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u64,
    /// The same in minutes.
    #[arg(long, value_name = "MINUTES", conflicts_with = "seconds")]
    soak: Option<u64>,
    /// How often the stack is killed at some moment, as `kill -9` does, and started again.
    #[arg(long, default_value_t = 0, value_name = "N")]
    kills: usize,
    /// How many members there are, but for `hot-member`.
    #[arg(long, default_value_t = 2000)]
    members: usize,
    /// What the clients' choices and the moments of kills follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A few seconds with one kill and few members, and nothing but counts is looked at.
    #[arg(long, conflicts_with_all = ["all", "soak", "seconds", "kills", "members"])]
    short: bool,
    /// The program to load; the `laurel` beside this one where absent.
    #[arg(long, value_name = "FILE")]
    laurel: Option<PathBuf>,
    /// Keep the table in this directory, which must be empty or absent.
    #[arg(long, value_name = "DIR", conflicts_with = "all")]
    data: Option<PathBuf>,
}

impl Options {
    fn settings(&self) -> anyhow::Result<Vec<Settings>> {
        let beside = std::env::current_exe()?.with_file_name("laurel");
        let laurel = self.laurel.clone().unwrap_or(beside);
        ensure!(
            laurel.is_file(),
            "{} does not exist; build it first: cargo build -p laurel -p load",
            laurel.display()
        );
        let seconds = self.soak.map_or(self.seconds, |minutes| minutes * 60);
        let one = Settings {
            profile: self.profile,
            clients: self.clients,
            time: Duration::from_secs(seconds),
            kills: self.kills,
            members: self.members,
            seed: self.seed,
            names_last: false,
            laurel,
        };
        if self.short {
            return Ok(vec![Settings {
                time: Duration::from_secs(5),
                kills: 1,
                members: 50,
                names_last: true,
                ..one
            }]);
        }
        if !self.all {
            return Ok(vec![one]);
        }
        let mut all: Vec<Settings> = Profile::ALL
            .map(|profile| Settings {
                profile,
                ..one.clone()
            })
            .to_vec();
        all.push(Settings {
            kills: 10,
            time: one.time.max(Duration::from_secs(100)),
            ..one
        });
        Ok(all)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let mut out = stdout();
    writeln!(out, "{}\n", report::machine())?;
    let mut outcomes = Vec::new();
    for settings in options.settings()? {
        let outcome = run_one(&settings, options.data.as_deref()).await?;
        let title = report::title(&outcome);
        writeln!(out, "### {title}\n\n{}", report::times(&outcome))?;
        for wrong in outcome.wrong.iter().take(TOLD_MAX) {
            writeln!(out, "- {wrong}")?;
        }
        outcomes.push(outcome);
    }
    writeln!(out, "{}\n{}", report::runs(&outcomes), report::machine())?;
    let is_right = outcomes.iter().all(|outcome| outcome.wrong.is_empty());
    Ok(if is_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs in the directory, or in one that is gone afterwards.
async fn run_one(settings: &Settings, data: Option<&Path>) -> anyhow::Result<Outcome> {
    let passing = std::env::temp_dir().join(format!("laurel-load-{}", std::process::id()));
    let data = data.unwrap_or(&passing);
    fs::create_dir_all(data)?;
    ensure!(
        fs::read_dir(data)?.next().is_none(),
        "{} is not empty",
        data.display()
    );
    let outcome = run::run(settings, data).await;
    let name = settings.profile.name();
    let outcome = outcome.with_context(|| format!("{name}, table in {}", data.display()))?;
    if data == passing && outcome.wrong.is_empty() {
        fs::remove_dir_all(data)?;
    }
    Ok(outcome)
}
