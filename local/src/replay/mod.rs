//! Events from a file through the very handlers, as fast as they go.
//!
//! Events of one member keep their order: each member belongs to one worker, and a worker handles
//! its events one after another. A replay that was stopped may simply be run again: what was
//! handled already is a duplicate then.

mod baseline;
mod earned;
mod input;
mod size;
mod summary;
mod what_if;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use laurel_events::{API_SOURCE, from_api, json::parse_strict};
use laurel_host::Apply;
use laurel_rules::{Event, Refusal, event::Intent};
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};

pub use self::{
    baseline::{Baseline, Recording},
    earned::Earned,
    summary::{Refused, Summary, Totals},
    what_if::{WhatIf, what_if},
};
use self::{
    input::{Input, Line},
    summary::Tally,
};
use crate::{Stack, functions};

/// How many events may wait for each worker.
const BACKLOG: usize = 64;

tokio::task_local! {
    /// Which worker a request comes from.
    static WORKER: usize;
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// The totals cannot be read.
    #[error("the totals cannot be read")]
    Totals(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The program cannot be read.
    #[error("the program cannot be read")]
    Program(#[from] Box<laurel_ledger::Error>),
    /// A part of the program has failed.
    #[error("a worker has failed")]
    Worker(#[from] tokio::task::JoinError),
}

/// How far a replay is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes_read: AtomicU64,
    /// Events that were handled.
    pub events: AtomicU64,
}

/// Replays the file at `path` and tells what came of it.
///
/// # Errors
/// The file cannot be read. A line that is refused is no error; it is counted.
pub async fn replay(
    stack: &Stack,
    path: &Path,
    concurrency: usize,
    progress: &Arc<Progress>,
) -> Result<Summary, ReplayError> {
    let input = Input::open(path, Arc::clone(progress))?;
    let usage_before = stack.store.usage();
    let started = Instant::now();
    let tally = Arc::new(Mutex::new(Tally::new(started)));

    let mut workers = JoinSet::new();
    let mut lanes = Vec::with_capacity(concurrency);
    for number in 0..concurrency {
        let (lane, work) = mpsc::channel(BACKLOG);
        lanes.push(lane);
        let worker = work_off(work, Arc::clone(&tally), Arc::clone(progress));
        workers.spawn(WORKER.scope(number, worker));
    }
    let reader = {
        let route = Router::new(stack);
        let (tally, runtime) = (Arc::clone(&tally), stack.ledger.clone());
        tokio::task::spawn_blocking(move || {
            read(
                input,
                &lanes,
                |line| {
                    let event = event(line, runtime.now())?;
                    let function = route.function(&event)?;
                    Ok(Job {
                        line: line.number,
                        event,
                        function,
                    })
                },
                &tally,
            )
        })
    };
    let read = reader.await?;
    while let Some(worker) = workers.join_next().await {
        worker?;
    }
    read?;

    let elapsed = started.elapsed();
    let usage = stack.store.usage().since(&usage_before);
    let tally = std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Summary::new(tally, elapsed, usage))
}

/// An event on its way to a worker.
struct Job {
    line: u64,
    event: Event,
    function: Arc<dyn Apply>,
}

/// Hands each line to the worker of its member.
fn read(
    input: Input,
    lanes: &[mpsc::Sender<Job>],
    job: impl Fn(&Line) -> Result<Job, Refusal>,
    tally: &Mutex<Tally>,
) -> io::Result<()> {
    for line in input {
        let line = line?;
        match job(&line) {
            Ok(job) => {
                let lane = lane_of(&job.event, lanes.len());
                if lanes[lane].blocking_send(job).is_err() {
                    // The worker is gone, and why is told by whoever waits for it.
                    return Ok(());
                }
            }
            Err(refusal) => {
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.refused(line.number, refusal.to_string());
            }
        }
    }
    Ok(())
}

async fn work_off(
    mut work: mpsc::Receiver<Job>,
    tally: Arc<Mutex<Tally>>,
    progress: Arc<Progress>,
) {
    while let Some(Job {
        line,
        event,
        function,
    }) = work.recv().await
    {
        let result = function.apply(&event).await;
        progress.events.fetch_add(1, Ordering::Relaxed);
        tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .handled(line, result);
    }
}

fn event(line: &Line, now: jiff::Timestamp) -> Result<Event, Refusal> {
    let mut incoming = from_api(parse_strict(&line.text)?)?;
    // The number of the line is stable where the file is, and so is what derives from it.
    incoming
        .id
        .get_or_insert_with(|| format!("line_{}", line.number));
    laurel_events::parse(incoming, now)
}

/// The worker of an event: by its member, or by the payment where it names no member.
fn lane_of(event: &Event, lanes: usize) -> usize {
    let member = &event.member;
    let named = member
        .accounts
        .first()
        .or(member.customer.as_ref())
        .or(member.email.as_ref());
    let mut hasher = DefaultHasher::new();
    match (named, &event.intent) {
        (Some(member), _) => member.hash(&mut hasher),
        (None, Intent::Refund { payment, .. }) => payment.hash(&mut hasher),
        (None, _) => event.source_id.hash(&mut hasher),
    }
    let lanes = u64::try_from(lanes).unwrap_or(1).max(1);
    usize::try_from(hasher.finish() % lanes).unwrap_or(0)
}

/// Which function an event goes to, by the rules of the bus.
struct Router {
    template: Arc<crate::template::Template>,
    handlers: Vec<(String, Arc<dyn Apply>)>,
}

impl Router {
    fn new(stack: &Stack) -> Router {
        let template = stack.template();
        let handlers = template.queues.iter().filter_map(|(queue, settings)| {
            Some((
                queue.clone(),
                functions::handler(&settings.function, &stack.ledger)?,
            ))
        });
        Router {
            handlers: handlers.collect(),
            template,
        }
    }

    fn function(&self, event: &Event) -> Result<Arc<dyn Apply>, Refusal> {
        let envelope = json!({
            "source": API_SOURCE,
            "detail-type": event.trigger,
            "detail": Value::Object(event.data.clone()),
        });
        let queue = self.template.queues_for(&envelope).next();
        let handler = queue.and_then(|queue| {
            self.handlers
                .iter()
                .find(|(name, _)| name == queue)
                .map(|(_, handler)| handler)
        });
        handler.cloned().ok_or_else(|| {
            let message = format!("No rule of the bus takes `{}`.", event.trigger);
            Refusal::invalid("type", message)
        })
    }
}
