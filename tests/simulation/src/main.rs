//! `cargo run -p simulation -- --seed N` replays a history; see `--help` for more.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use simulation::{Counts, Script, check_orders, run, shrink};

/// Runs random histories on a machine that fails, beside the reference model.
#[derive(Debug, Parser)]
struct Options {
    /// Replays the history of this seed, prints it, and the shortest one where a promise is broken.
    #[arg(long)]
    seed: Option<u64>,
    /// The first seed; the seconds of the clock where absent.
    #[arg(long)]
    first: Option<u64>,
    /// Runs so many histories.
    #[arg(long)]
    histories: Option<u64>,
    /// Runs histories for so many seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Plants each known bug in turn and looks for it: in the history that is noted to find it and
    /// then in others, or with `--first` in `--histories` from there on, 200 where absent. Needs the
    /// feature `planted`.
    #[arg(long)]
    planted: bool,
    /// Plants the bugs of these names alone.
    #[arg(long)]
    bug: Vec<String>,
    /// Runs the histories of the seeds in this file, one in a line with its length, and no others.
    #[arg(long)]
    kept: Option<PathBuf>,
    /// How many operations a history has.
    #[arg(long, default_value_t = 40)]
    length: usize,
    /// How often a shorter history is tried.
    #[arg(long, default_value_t = 400)]
    tries: usize,
}

/// So many seeds apart a story is told in two orders.
const SEEDS_BETWEEN_ORDERS: u64 = 4;

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(seed) = options.seed {
        return replay(seed, options.length, &options);
    }
    if options.planted {
        return plant_all(&options);
    }
    if let Some(path) = &options.kept {
        return run_kept(path, &options);
    }
    let clock = SystemTime::now().duration_since(UNIX_EPOCH);
    let first = options
        .first
        .unwrap_or(clock.map_or(0, |since| since.as_secs()));
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let mut counts = Counts::default();
    let (mut histories, mut orders) = (0, 0);
    for seed in first.. {
        let is_enough = match options.histories {
            Some(count) => histories >= count,
            None => Instant::now() >= until,
        };
        if is_enough {
            break;
        }
        let report = run(&Script::of(seed, options.length));
        counts.add(&report.counts);
        histories += 1;
        if let Some(violation) = report.violation {
            println!("seed {seed}: {violation}");
            return replay(seed, options.length, &options);
        }
        if seed.is_multiple_of(SEEDS_BETWEEN_ORDERS) {
            orders += 1;
            if let Err(violation) = check_orders(seed) {
                println!("seed {seed}: {violation}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{histories} histories from seed {first} on, no promise broken");
    println!("{orders} of their seeds told a story in two orders, which ended alike");
    for (title, all) in [("operations", &counts.deeds), ("faults", &counts.faults)] {
        println!("{}: {title}", all.values().sum::<u64>());
        for (kind, count) in all {
            println!("{count:>9} {kind}");
        }
    }
    ExitCode::SUCCESS
}

/// Runs every history that once broke a promise.
#[expect(clippy::print_stdout, reason = "what the program is for")]
fn run_kept(path: &Path, options: &Options) -> ExitCode {
    let seeds = match kept_seeds(path) {
        Ok(seeds) => seeds,
        Err(problem) => {
            println!("{}: {problem}", path.display());
            return ExitCode::FAILURE;
        }
    };
    for (seed, length) in &seeds {
        if let Some(violation) = run(&Script::of(*seed, *length)).violation {
            println!("seed {seed} of length {length}: {violation}");
            return replay(*seed, *length, options);
        }
    }
    println!("{} kept seeds, no promise broken", seeds.len());
    ExitCode::SUCCESS
}

/// Seeds with the lengths of their histories.
fn kept_seeds(path: &Path) -> Result<Vec<(u64, usize)>, String> {
    let text = std::fs::read_to_string(path).map_err(|problem| problem.to_string())?;
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let lines = lines.filter(|line| !line.trim().is_empty());
    let parsed = lines.map(|line| {
        let mut words = line.split_whitespace();
        let seed = words.next().and_then(|word| word.parse().ok());
        let length = words.next().and_then(|word| word.parse().ok());
        seed.zip(length)
            .ok_or_else(|| format!("`{line}` is not a seed with a length"))
    });
    parsed.collect()
}

#[cfg(not(feature = "planted"))]
#[expect(clippy::print_stdout, reason = "what the program is for")]
fn plant_all(_: &Options) -> ExitCode {
    println!("bugs are planted with `--features planted` only");
    ExitCode::FAILURE
}

/// Plants each bug in turn and looks for it: in the history that found it before, then in others.
/// A history counts only where it breaks no promise without the bug.
#[cfg(feature = "planted")]
#[expect(clippy::print_stdout, reason = "what the program is for")]
fn plant_all(options: &Options) -> ExitCode {
    use laurel_planted::{Bug, plant};

    let finds = |bug, script: &Script| {
        plant(Some(bug));
        let violation = run(script).violation;
        plant(None);
        violation.filter(|_| run(script).violation.is_none())
    };
    let first = options.first.unwrap_or(1);
    let others = first..first + options.histories.unwrap_or(200);
    let (mut missed, mut planted) = (0, 0);
    for bug in Bug::ALL {
        let name = format!("{bug:?}");
        if !options.bug.is_empty() && !options.bug.contains(&name) {
            continue;
        }
        let noted = FOUND_BEFORE.lines().find_map(|line| {
            let mut words = line.split_whitespace().filter(|_| options.first.is_none());
            let seed = words.next().filter(|word| *word == name).and(words.next());
            seed.and_then(|seed| seed.parse().ok())
        });
        planted += 1;
        let mut seeds = noted.into_iter().chain(others.clone());
        let found = seeds.find_map(|seed: u64| {
            let violation = finds(bug, &Script::of(seed, options.length))?;
            Some((seed, violation))
        });
        match found {
            Some((seed, violation)) => {
                let words: Vec<&str> = violation.split_whitespace().collect();
                let line: String = words.join(" ").chars().take(160).collect();
                println!("{name} {seed} # {line}");
            }
            None => {
                missed += 1;
                println!("{name}: not found");
            }
        }
    }
    println!("{} of {planted} planted bugs found", planted - missed);
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The seeds of histories of the usual length that found the planted bugs before.
#[cfg(feature = "planted")]
const FOUND_BEFORE: &str = include_str!("../planted.txt");

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn replay(seed: u64, length: usize, options: &Options) -> ExitCode {
    let script = Script::of(seed, length);
    let report = run(&script);
    let Some(violation) = report.violation else {
        if let Err(violation) = check_orders(seed) {
            println!("{violation}");
            return ExitCode::FAILURE;
        }
        for line in report.trace {
            println!("{line}");
        }
        println!("seed {seed}: no promise broken");
        return ExitCode::SUCCESS;
    };
    println!("seed {seed} breaks a promise: {violation}\nshrinking");
    let (shortest, report) = shrink(&script, options.tries);
    println!("{:#?}\n{:#?}", shortest.settings, shortest.rules);
    for line in report.trace {
        println!("{line}");
    }
    println!("{}", report.violation.unwrap_or_default());
    println!(
        "seed {seed} of length {length}: {} of {} steps are left",
        shortest.steps.len(),
        script.steps.len()
    );
    ExitCode::FAILURE
}
