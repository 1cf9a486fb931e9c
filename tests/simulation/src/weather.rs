//! What happens to the calls of one attempt: throttles, conflicts, lost answers, a crash.
//!
//! An attempt is one invocation of a function, or one request to the API, in one process. What is
//! done outside of any (looking at the state) meets no faults.

use std::{
    cell::RefCell, collections::BTreeMap, future::poll_fn, pin::pin, rc::Rc, sync::Arc, task::Poll,
    time::Duration,
};

use fastrand::Rng;
use laurel::embedded::{Embedded, Fault, Phase, WireCall, WireError};
use laurel_host::DeadLetter;
use laurel_rules::EventOutcome;
use serde_json::Value;

tokio::task_local! {
    /// The attempt that runs.
    static HERE: usize;
}

thread_local! {
    /// The attempts that run, by number: what is shared with a store must be sendable, and all of
    /// a history runs on one thread.
    static ATTEMPTS: RefCell<BTreeMap<usize, Rc<RefCell<Attempt>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// What may happen during one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    /// What decides.
    pub(crate) rng: Rng,
    /// How many calls of a hundred meet a fault.
    pub(crate) faults_percent: u32,
    /// At which call the process dies, counted from 0.
    pub(crate) crash: Option<(u64, Phase)>,
    /// Whether calls are delayed a little, so that attempts side by side take turns.
    pub(crate) side_by_side: bool,
}

impl Weather {
    /// In which nothing happens.
    pub(crate) fn fine(seed: u64, side_by_side: bool) -> Weather {
        Weather {
            rng: Rng::with_seed(seed),
            faults_percent: 0,
            crash: None,
            side_by_side,
        }
    }

    /// Which follows from `seed`. Where `may_crash` is false the process lives.
    pub(crate) fn of(seed: u64, may_crash: bool, side_by_side: bool) -> Weather {
        let mut rng = Rng::with_seed(seed);
        let faults_percent = [0, 0, 0, 4, 15, 40][rng.usize(..6)];
        let phase = if rng.bool() {
            Phase::Request
        } else {
            Phase::Answer
        };
        let crash = (may_crash && rng.u32(..100) < 25).then(|| (rng.u64(0..9), phase));
        Weather {
            rng,
            faults_percent,
            crash,
            side_by_side,
        }
    }
}

/// One attempt, as it goes on.
#[derive(Debug)]
struct Attempt {
    weather: Weather,
    calls: u64,
    is_dying: bool,
    /// What was injected, in order, to read.
    met: Vec<String>,
    notes: Notes,
}

/// What functions said of events, and what became of those that they refused.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// What the ledger answered, in the order of answering: the outcome, or the code of a refusal.
    /// What may pass is not among them.
    pub(crate) outcomes: Vec<Result<EventOutcome, String>>,
    /// What was kept as a dead letter.
    pub(crate) letters: Vec<DeadLetter>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) struct Ended<T> {
    /// What it answered; none where the process died.
    pub(crate) answer: Option<T>,
    /// What it met: each call that met a fault.
    pub(crate) met: Vec<String>,
    /// What was noted meanwhile.
    pub(crate) notes: Notes,
}

/// Lets a store ask the weather from now on.
pub(crate) fn expose(store: &Embedded) {
    store.set_faults(Arc::new(|call: &WireCall<'_>| {
        with_attempt(|attempt| attempt.judge(call)).unwrap_or(Fault::None)
    }));
}

/// Whether something else than the store fails this time, as a queue or the bus that is written to.
pub(crate) fn fails(what: &str) -> bool {
    with_attempt(|attempt| {
        let percent = attempt.weather.faults_percent;
        let fails = percent > 0 && attempt.weather.rng.u32(..100) < percent;
        if fails {
            attempt.met.push(format!("{what} fails"));
        }
        fails
    })
    .unwrap_or(false)
}

/// Notes something in the attempt that runs.
pub(crate) fn note(write: impl FnOnce(&mut Notes)) {
    with_attempt(|attempt| write(&mut attempt.notes));
}

fn with_attempt<T>(act: impl FnOnce(&mut Attempt) -> T) -> Option<T> {
    let number = HERE.try_with(|number| *number).ok()?;
    let attempt = ATTEMPTS.with_borrow(|all| all.get(&number).cloned())?;
    let mut attempt = attempt.borrow_mut();
    Some(act(&mut attempt))
}

/// Runs `work` in this weather. Where the process dies, the future is dropped at that call.
pub(crate) async fn run<T>(weather: Weather, work: impl Future<Output = T>) -> Ended<T> {
    let attempt = Rc::new(RefCell::new(Attempt {
        weather,
        calls: 0,
        is_dying: false,
        met: Vec::new(),
        notes: Notes::default(),
    }));
    let number = ATTEMPTS.with_borrow_mut(|all| {
        let number = all.last_key_value().map_or(0, |(last, _)| last + 1);
        all.insert(number, Rc::clone(&attempt));
        number
    });
    let answer = {
        let mut work = pin!(HERE.scope(number, work));
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            // By now the store has carried out the call, where it was to be.
            Poll::Pending if attempt.borrow().is_dying => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    };
    ATTEMPTS.with_borrow_mut(|all| all.remove(&number));
    let mut attempt = attempt.borrow_mut();
    let (met, notes) = (
        std::mem::take(&mut attempt.met),
        std::mem::take(&mut attempt.notes),
    );
    Ended { answer, met, notes }
}

impl Attempt {
    fn judge(&mut self, call: &WireCall<'_>) -> Fault {
        let number = self.calls;
        self.calls += 1;
        let fault = self.fault(number, call);
        let word = match &fault {
            Fault::None => return fault,
            Fault::Delay(time) if time.as_millis() < SIDE_BY_SIDE_MS.into() => return fault,
            Fault::Delay(time) => format!("takes {} ms", time.as_millis()),
            Fault::Stale => "reads the past".to_owned(),
            Fault::Answer(error) => in_words(error),
            Fault::Lose(Phase::Request) => "is lost on its way".to_owned(),
            Fault::Lose(Phase::Answer) => "is carried out, its answer lost".to_owned(),
            Fault::Hang(Phase::Request) => "dies before it".to_owned(),
            Fault::Hang(Phase::Answer) => "dies after it".to_owned(),
        };
        self.met.push(format!("{} {number} {word}", call.operation));
        fault
    }

    fn fault(&mut self, number: u64, call: &WireCall<'_>) -> Fault {
        if let Some((at, phase)) = self.weather.crash
            && at == number
        {
            self.is_dying = true;
            return Fault::Hang(phase);
        }
        let rng = &mut self.weather.rng;
        if rng.u32(..100) < self.weather.faults_percent {
            return any_fault(rng, call);
        }
        if self.weather.side_by_side {
            return Fault::Delay(Duration::from_millis(rng.u64(0..SIDE_BY_SIDE_MS.into())));
        }
        Fault::None
    }
}

/// Within this time attempts side by side take turns.
const SIDE_BY_SIDE_MS: u32 = 20;

fn any_fault(rng: &mut Rng, call: &WireCall<'_>) -> Fault {
    let is_transaction = call.operation == "TransactWriteItems";
    match rng.u32(..100) {
        0..20 => Fault::Answer(WireError::throttled()),
        20..30 => Fault::Answer(WireError::internal()),
        30..42 => Fault::Lose(Phase::Request),
        42..57 => Fault::Lose(Phase::Answer),
        57..70 => Fault::Delay(Duration::from_millis(rng.u64(20..900))),
        70..95 if is_transaction => Fault::Answer(cancellation(rng, call.body)),
        _ if is_transaction => Fault::Answer(WireError::new(
            400,
            "TransactionInProgressException",
            "The transaction with the given request token is already in progress.",
        )),
        _ if ["BatchGetItem", "GetItem", "Query"].contains(&call.operation) => Fault::Stale,
        _ => Fault::Answer(WireError::throttled()),
    }
}

/// Reasons of contention for some of the items, and none for the others.
fn cancellation(rng: &mut Rng, body: &[u8]) -> WireError {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reasons = [
        "None",
        "None",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let mut codes: Vec<&str> = (0..items)
        .map(|_| reasons[rng.usize(..reasons.len())])
        .collect();
    let place = rng.usize(..codes.len());
    codes[place] = reasons[rng.usize(2..reasons.len())];
    WireError::canceled(&codes)
}

fn in_words(error: &WireError) -> String {
    let body: Value = serde_json::from_str(&error.body).unwrap_or_default();
    let kind = body["__type"].as_str().unwrap_or_default();
    let kind = kind.rsplit('#').next().unwrap_or_default();
    let reasons = body["CancellationReasons"].as_array();
    let reasons = reasons.map(|all| {
        let codes = all.iter().filter_map(|reason| reason["Code"].as_str());
        format!(" [{}]", codes.collect::<Vec<_>>().join(", "))
    });
    format!("is answered {kind}{}", reasons.unwrap_or_default())
}
