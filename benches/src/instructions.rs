//! Instructions per event, counted by callgrind: the same on every run and on a busy machine, so
//! that a gate can stand on them.

use std::{
    io::ErrorKind,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::{Job, Work};

/// Whether valgrind is on this machine.
#[must_use]
pub fn is_available() -> bool {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    !matches!(version, Err(problem) if problem.kind() == ErrorKind::NotFound)
}

/// Counts by running `program` (this benchmark) under callgrind with `--child`, once over the
/// events and twice: the difference is what the events cost without loading and starting.
///
/// # Errors
/// Valgrind cannot be run, or says no count.
pub fn per_event(program: &Path, job: &Job, work: Work, events: usize) -> anyhow::Result<u64> {
    let count = |passes: u64| -> anyhow::Result<u64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["--child", job.name, work.as_str(), &passes.to_string()])
            .output()
            .context("cannot run valgrind")?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("the benchmark failed under valgrind:\n{said}");
        }
        let counted = said.lines().find_map(|line| line.split_once("Collected :"));
        let counted = counted.with_context(|| format!("valgrind counted nothing:\n{said}"))?;
        Ok(counted.1.trim().parse()?)
    };
    let events = u64::try_from(events)?;
    Ok(count(2)?.saturating_sub(count(1)?) / events)
}
