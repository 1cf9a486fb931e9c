//! `mutants TREE PACKAGE OUTCOMES [OPTION]... -- CARGO-TEST-ARGUMENTS`
//!
//! Builds all mutants of PACKAGE that cargo-mutants lists into the tests at once, each behind a
//! switch, and runs for each mutant the tests that reach it. cargo-mutants
//! itself builds a package for each, which is days for what takes this an hour.
//!
//! TREE is a copy of the project, which is changed. OUTCOMES gets a line of JSON for each mutant;
//! those that have one are not tried again, so that a run can be ended and gone on with.
//!
//! - `--file GLOB`: only mutants of these files; may come more than once.
//! - `--skip TEXT`: leaves out tests whose name has it; may come more than once.
//! - `--again`: tries those again that no test had found, by other tests, or better ones.
//! - `--workers N`: so many at a time; 2 unless told.
//! - `--most N`: of the tests that reach a mutant no more than so many, those that are most about it.

mod compile;
mod listed;
mod rewrite;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::run::Fate;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let tree = PathBuf::from(arguments.next().context("TREE is missing")?);
    let package = arguments.next().context("PACKAGE is missing")?;
    let outcomes = PathBuf::from(arguments.next().context("OUTCOMES is missing")?);
    let (mut files, mut skip) = (Vec::new(), Vec::new());
    let (mut again, mut workers, mut most) = (false, 2, usize::MAX);
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().context("a value is missing");
        match option.as_str() {
            "--file" => files.push(value()?),
            "--skip" => skip.push(value()?),
            "--again" => again = true,
            "--workers" => workers = value()?.parse()?,
            "--most" => most = value()?.parse()?,
            "--" => break,
            other => bail!("there is no option {other}"),
        }
    }
    let cargo_test: Vec<String> = arguments.collect();
    let cargo_test: Vec<&str> = cargo_test.iter().map(String::as_str).collect();

    let mutants = listed::of(&tree, &package, &files)?;
    println!("{} mutants", mutants.len());
    let mut known = known(&outcomes)?;
    known.retain(|_, outcome| !again || !matches!(outcome.as_str(), "missed" | "unreached"));
    let (binaries, unviable) = compile::build(&tree, &mutants, &package, &cargo_test)?;
    let sources: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
    let mut placed = BTreeSet::new();
    for file in sources {
        placed.extend(compile::placed(&std::fs::read_to_string(tree.join(file))?));
    }
    println!(
        "{} are built in, {} do not compile",
        placed.len(),
        unviable.len()
    );

    let scratch = std::env::temp_dir().join(format!("mutants-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    let tests = run::survey(&binaries, &scratch, workers, &skip)?;
    std::fs::remove_dir_all(&scratch)?;

    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&outcomes)?;
    let counts: Mutex<BTreeMap<&str, usize>> = Mutex::default();
    run::spread(workers, mutants.len(), |id| {
        let mutant = &mutants[id];
        if known.contains_key(&mutant.name) {
            return Ok(());
        }
        let (fate, by) = if unviable.contains(&id) {
            ("unviable", Value::Null)
        } else if !placed.contains(&id) {
            // It would not compile: an `||` beside a `let`, a match that lacks a case.
            ("unplaced", Value::Null)
        } else {
            match run::judge(&tests, id, most)? {
                Fate::Caught(test) => ("caught", test.into()),
                Fate::TimedOut => ("caught", "it did not end".into()),
                Fate::Missed { tests } => ("missed", tests.into()),
                Fate::Unreached => ("unreached", Value::Null),
            }
        };
        let line = json!({"mutant": mutant.name, "outcome": fate, "by": by});
        (&file).write_all(format!("{line}\n").as_bytes())?;
        *counts.lock().expect("no panic").entry(fate).or_default() += 1;
        Ok(())
    })?;
    println!("{:?}", counts.into_inner().expect("no panic"));
    Ok(())
}

/// What became last of each mutant that was tried.
fn known(outcomes: &Path) -> Result<BTreeMap<String, String>> {
    if !outcomes.exists() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(outcomes)?;
    let lines = text.lines().map(serde_json::from_str::<Value>);
    let told = lines.map(|line| {
        let line = line?;
        let part = |name: &str| {
            line[name]
                .as_str()
                .context("not an outcome")
                .map(str::to_owned)
        };
        Ok((part("mutant")?, part("outcome")?))
    });
    told.collect()
}
