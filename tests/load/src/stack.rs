//! The stack as a process of its own: started, watched, killed, and started again.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::sync::watch;

use crate::http::Address;

/// What callers show; it guards nothing but a table of random numbers.
pub(crate) const API_KEY: &str = "sk_test_local";

/// How long it may take to end by itself, with all that is on its way done.
const SETTLE_MAX: Duration = Duration::from_secs(600);

/// A `laurel` that keeps its table in a directory.
pub(crate) struct Stack {
    program: PathBuf,
    data: PathBuf,
    child: Option<Child>,
    address: watch::Sender<Option<SocketAddr>>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Nothing can be done about a process that is gone already.
        let _ = self.kill();
    }
}

impl Stack {
    /// A stack that is not started yet.
    pub(crate) fn new(program: &Path, data: &Path) -> Stack {
        Stack {
            program: program.to_owned(),
            data: data.to_owned(),
            child: None,
            address: watch::Sender::new(None),
        }
    }

    /// Where it listens, now and after each start.
    pub(crate) fn address(&self) -> Address {
        self.address.subscribe()
    }

    /// Starts it, on a port of its own choice, without waiting for it.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn spawn(&mut self) -> anyhow::Result<BufReader<std::process::ChildStdout>> {
        let log = self.data.join("stderr.log");
        let log = File::options().create(true).append(true).open(log)?;
        let mut child = Command::new(&self.program)
            .args(["--empty", "--port", "0", "--data"])
            .arg(&self.data)
            .env("LAUREL_API_KEY", API_KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.program.display()))?;
        let told = child.stdout.take().context("its output is piped")?;
        self.child = Some(child);
        Ok(BufReader::new(told))
    }

    /// Starts it, and answers how long it took until it listened.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let told = self.spawn()?;
        let listening = tokio::task::spawn_blocking(move || listening(told)).await?;
        let at = listening.with_context(|| format!("it says:\n{}", self.log()))?;
        self.address.send_replace(Some(at));
        Ok(begun.elapsed())
    }

    /// Kills it as `kill -9` does, wherever it is.
    ///
    /// # Errors
    /// It cannot be killed.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.address.send_replace(None);
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Lets it end by itself, which it does once nothing is on its way any more; answers how long
    /// that took.
    ///
    /// # Errors
    /// It does not end, or not well.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut child = self.child.take().context("it runs")?;
        self.address.send_replace(None);
        // An interrupt, as Ctrl-C sends it; the standard library sends no signals.
        let interrupt = format!("kill -INT {}", child.id());
        ensure!(
            Command::new("sh")
                .args(["-c", &interrupt])
                .status()?
                .success(),
            "it cannot be interrupted"
        );
        loop {
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "it ended with {status}: {}", self.log());
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > SETTLE_MAX {
                child.kill()?;
                child.wait()?;
                bail!("something was still on its way after {SETTLE_MAX:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its memory, in kB: what is resident.
    pub(crate) fn resident_kb(&self) -> Option<u64> {
        let pid = self.child.as_ref()?.id();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// How large the kept table is, with its queues, in kB.
    pub(crate) fn kept_kb(&self) -> u64 {
        let files = fs::read_dir(&self.data).into_iter().flatten().flatten();
        let sizes = files.filter_map(|file| Some(file.metadata().ok()?.len()));
        sizes.sum::<u64>() / 1024
    }

    /// What it complained of.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.data.join("stderr.log")).unwrap_or_default()
    }

    /// Runs a command of `laurel` on the table, which must be at rest; answers what it found amiss.
    ///
    /// # Errors
    /// It cannot be run.
    pub(crate) fn check(&self, arguments: &[&str]) -> anyhow::Result<Option<String>> {
        let done = Command::new(&self.program)
            .args(arguments)
            .arg("--data")
            .arg(&self.data)
            .output()?;
        let told = [done.stdout, done.stderr].concat();
        let told = String::from_utf8_lossy(&told).into_owned();
        Ok((!done.status.success()).then_some(told))
    }
}

/// Reads what a stack tells until it says where it listens.
fn listening(told: BufReader<std::process::ChildStdout>) -> anyhow::Result<SocketAddr> {
    let mut lines = told.lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some((_, after)) = line.split_once("http://") {
            let at: String = after.chars().take_while(|c| !c.is_whitespace()).collect();
            let at = at.trim_end_matches('.').parse()?;
            // It goes on to tell, and would stand still in front of a pipe that nobody empties.
            std::thread::spawn(move || lines.count());
            return Ok(at);
        }
    }
    bail!("it ended before it listened")
}
