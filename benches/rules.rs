//! `cargo bench -p laurel-benches` measures events a second and, where valgrind is installed,
//! instructions per event; with `-- --instructions` the latter only, of what has a gate. It fails
//! where a gate is exceeded: run so in CI.

use std::{
    io::{Write, stdout},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use laurel_benches::{Job, Loaded, Work, instructions, rate};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => report(true),
        ["--instructions"] => report(false),
        ["--child", job, work, passes] => child(job, work, passes.parse()?),
        _ => bail!("usage: rules [--instructions]"),
    }
}

fn jobs() -> [Job; 4] {
    [
        Job::shared(),
        Job::categories(),
        Job::shared().in_cel("shared-cel"),
        Job::categories().in_cel("categories-cel"),
    ]
}

fn report(with_rates: bool) -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    let counts = instructions::is_available();
    if !counts {
        writeln!(
            out,
            "valgrind is not installed: instructions are not counted"
        )?;
    }
    let mut is_over = false;
    for job in jobs() {
        if !job.exists() {
            writeln!(
                out,
                "\nThe job `{}` is not on this machine: skipped",
                job.name
            )?;
            continue;
        }
        let loaded = job.load()?;
        check(&job, &loaded)?;
        writeln!(
            out,
            "\n{}: {} events, {} awards, {} points, as expected",
            job.name,
            loaded.events.len(),
            loaded.expected.awards,
            loaded.expected.total_points
        )?;
        writeln!(
            out,
            "  {:<16}{:>12}{:>20}{:>9}{:>9}",
            "", "events/s", "instructions/event", "bar", "gate"
        )?;
        let rates = if with_rates {
            rate::medians_per_second(&loaded, &Work::ALL, Duration::from_millis(500))?
        } else {
            Vec::new()
        };
        for (place, work) in Work::ALL.into_iter().enumerate() {
            let rate = rates.get(place).map_or("-".to_owned(), ToString::to_string);
            let (bar, gate) = (work.bar(), work.gate(&job));
            let counted = if counts && (with_rates || gate.is_some()) {
                let program = std::env::current_exe().context("the path of this program")?;
                Some(instructions::per_event(
                    &program,
                    &job,
                    work,
                    loaded.events.len(),
                )?)
            } else {
                None
            };
            let misses = counted
                .zip(gate)
                .is_some_and(|(counted, gate)| counted > gate);
            is_over |= misses;
            let show = |count: Option<u64>| count.map_or("-".to_owned(), |n| n.to_string());
            writeln!(
                out,
                "  {:<16}{rate:>12}{:>20}{:>9}{:>9}{}",
                work.as_str(),
                show(counted),
                show(bar),
                show(gate),
                if misses { "  exceeded" } else { "" }
            )?;
        }
    }
    Ok(if is_over {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// A fast wrong answer is worth nothing.
fn check(job: &Job, loaded: &Loaded) -> anyhow::Result<()> {
    for work in Work::ALL.into_iter().filter(|work| work.has_checksum()) {
        let sum = work.run(loaded)?;
        ensure!(
            sum == loaded.expected,
            "{} {}: {sum:?} instead of {:?}",
            job.name,
            work.as_str(),
            loaded.expected
        );
    }
    Ok(())
}

/// What runs under callgrind.
fn child(job: &str, work: &str, passes: u64) -> anyhow::Result<ExitCode> {
    let job = jobs()
        .into_iter()
        .find(|known| known.name == job)
        .context("no such job")?;
    let work = Work::ALL
        .into_iter()
        .find(|known| known.as_str() == work)
        .context("no such work")?;
    let loaded = job.load()?;
    for _ in 0..passes {
        work.run(&loaded)?;
    }
    Ok(ExitCode::SUCCESS)
}
