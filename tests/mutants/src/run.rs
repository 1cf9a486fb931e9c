//! Runs, for each mutant, the tests that reach it.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::compile::TestBinary;

/// So many mutants before it and after it are beside one.
const BESIDE: usize = 30;

pub struct Test<'a> {
    binary: &'a TestBinary,
    name: String,
    took: Duration,
    pub reaches: BTreeSet<usize>,
}

pub enum Fate {
    Caught(String),
    TimedOut,
    Missed { tests: usize },
    Unreached,
}

fn command(binary: &TestBinary) -> Command {
    let mut command = Command::new(&binary.path);
    command
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs every test by itself, unchanged, and notes which mutants it reaches.
pub fn survey<'a>(
    binaries: &'a [TestBinary],
    scratch: &Path,
    workers: usize,
    skip: &[String],
) -> Result<Vec<Test<'a>>> {
    let mut names = Vec::new();
    for binary in binaries {
        let output = command(binary)
            .args(["--list", "--format", "terse"])
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let listed = text.lines().filter_map(|line| line.strip_suffix(": test"));
        let wanted = listed.filter(|name| !skip.iter().any(|part| name.contains(part.as_str())));
        names.extend(wanted.map(|name| (binary, name.to_owned())));
    }
    println!("{} tests", names.len());
    let tests = Mutex::new(Vec::new());
    spread(workers, names.len(), |index| {
        let (binary, name) = &names[index];
        let reached = scratch.join(format!("reached-{index}"));
        let _ = std::fs::remove_file(&reached);
        let start = Instant::now();
        let status = command(binary)
            .args(["--exact", name, "--test-threads=1"])
            .env("REACHED", &reached)
            .stdout(Stdio::null())
            .status()?;
        if !status.success() {
            println!("left out, as it fails by itself: {name}");
            return Ok(());
        }
        let text = std::fs::read_to_string(&reached).unwrap_or_default();
        let reaches = text.lines().filter_map(|id| id.parse().ok()).collect();
        let test = Test {
            binary,
            name: name.clone(),
            took: start.elapsed(),
            reaches,
        };
        tests.lock().expect("no panic").push(test);
        Ok(())
    })?;
    Ok(tests.into_inner().expect("no panic"))
}

/// What becomes of mutant `id`. Of the tests that reach it those come first that reach most of what
/// is beside it for the time that they take: they are about it.
pub fn judge(tests: &[Test<'_>], id: usize, at_most: usize) -> Result<Fate> {
    let beside = id.saturating_sub(BESIDE)..=id + BESIDE;
    let mut reaching: Vec<&Test> = tests
        .iter()
        .filter(|test| test.reaches.contains(&id))
        .collect();
    reaching.sort_by_key(|test| {
        let count = u32::try_from(test.reaches.range(beside.clone()).count());
        test.took / count.unwrap_or(1)
    });
    reaching.truncate(at_most);
    if reaching.is_empty() {
        return Ok(Fate::Unreached);
    }
    let mut rest = reaching.as_slice();
    let mut size = 3;
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(size.min(rest.len()));
        let mut left = batch.to_vec();
        while let Some(first) = left.first() {
            let binary = first.binary;
            let (together, others): (Vec<&Test>, Vec<&Test>) = left
                .iter()
                .partition(|test| std::ptr::eq(test.binary, binary));
            if let Some(fate) = run(binary, &together, id)? {
                return Ok(fate);
            }
            left = others;
        }
        rest = after;
        size *= 4;
    }
    Ok(Fate::Missed {
        tests: reaching.len(),
    })
}

/// Runs `tests` with the mutant on, until one fails.
fn run(binary: &TestBinary, tests: &[&Test<'_>], id: usize) -> Result<Option<Fate>> {
    let expected: Duration = tests.iter().map(|test| test.took).sum();
    let patience = expected * 4 + Duration::from_secs(10);
    let mut child = command(binary)
        .args(["--exact", "--test-threads=1"])
        .args(tests.iter().map(|test| &test.name))
        .env("MUTANT", id.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().context("it has an output")?);
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        output
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let deadline = Instant::now() + patience;
    let fate = loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) if line.ends_with("... FAILED") => {
                let name = line
                    .trim_start_matches("test ")
                    .trim_end_matches(" ... FAILED");
                break Some(Fate::Caught(name.to_owned()));
            }
            Ok(_) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => break Some(Fate::TimedOut),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break None,
        }
    };
    if fate.is_some() {
        let _ = child.kill();
    }
    let status = child.wait()?;
    Ok(match fate {
        None if !status.success() => Some(Fate::Caught(format!(
            "one of {} tests, by {status}",
            tests.len()
        ))),
        fate => fate,
    })
}

/// Calls `work` with every index below `count`, several at a time.
pub fn spread(
    workers: usize,
    count: usize,
    work: impl Fn(usize) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    if let Err(error) = work(index) {
                        *failed.lock().expect("no panic") = Some(error);
                        break;
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    ensure!(failed.is_none(), "{:?}", failed);
    Ok(())
}
