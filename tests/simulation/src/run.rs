//! A history as it happens: each step in its weather, then the engine beside the model.

use std::cell::Cell;

use futures::future::join_all;
use laurel_ledger::Clock as _;
use laurel_model::Op;
use laurel_rules::Program;
use laurel_tests::PROGRAM;
use serde_json::{Value, json};

use crate::{
    attempts::Place,
    estimates::compare_estimate,
    keys::Keys,
    oracle::{Answered, Oracle, Said},
    script::{Deed, Script, Step, Way, in_words},
    stream::Stream,
    trace::{Counts, Trace},
    under_its_own_clock,
    world::{Call, Process, ROOT_KEY, Room},
};

/// So many steps apart all that was written is looked at.
const STEPS_BETWEEN_AUDITS: usize = 20;

/// How a history ended.
#[derive(Debug)]
pub struct Report {
    /// All that happened, a line each.
    pub trace: Vec<String>,
    /// What was promised and not kept, where anything was.
    pub violation: Option<String>,
    /// What happened how often.
    pub counts: Counts,
}

/// Lets a history happen, from its first line to its last or to the first promise not kept.
///
/// Everything runs on the calling thread, under a clock of its own: the same script gives the
/// same report, byte by byte.
///
/// # Panics
/// Where the runtime cannot be built.
#[must_use]
pub fn run(script: &Script) -> Report {
    under_its_own_clock(script.seed, async {
        let mut history = History::begin(script).await;
        let violation = history.all(script).await.err();
        Report {
            trace: history.trace.lines,
            violation,
            counts: history.trace.counts,
        }
    })
}

pub(crate) struct History {
    pub(crate) room: Room,
    pub(crate) seed: u64,
    pub(crate) oracle: Oracle,
    /// How else it may have been, as far as anything has told: what came side by side and shows only
    /// later. They know what `oracle` knows.
    pub(crate) alternatives: Vec<Oracle>,
    /// The program as it was at first, with its secret salt.
    pub(crate) program: Program,
    /// Two processes; which of them takes an attempt follows from the weather.
    pub(crate) processes: [Process; 2],
    pub(crate) keys: Keys,
    pub(crate) stream: Stream,
    pub(crate) trace: Trace,
}

impl History {
    async fn begin(script: &Script) -> History {
        let room = Room::new(script.seed).await;
        let mut settings = script.settings.to_api();
        settings.insert("id".to_owned(), json!(PROGRAM));
        let oracle = Oracle::new(&script.settings, &script.rules);
        room.base.set_program(Value::Object(settings)).await;
        for (place, rule) in script.rules.iter().enumerate() {
            let rule = crate::configured::rule_json(rule, place);
            room.base.add_rule(rule).await;
        }
        let program = room.base.ledger.program(PROGRAM).await;
        let program = program.expect("the program");
        let processes = [room.process(), room.process()];
        let endpoint = Call {
            method: "POST",
            path: "/v1/webhook_endpoints".to_owned(),
            body: Some(json!({"url": "https://hooks.example.com/laurel"})),
            name: "endpoint".to_owned(),
            api_key: ROOT_KEY.to_owned(),
        };
        let (status, body) = processes[0].answer(&endpoint).await;
        assert_eq!(status, 201, "{body}");
        room.receiver
            .learn(body["secret"].as_str().unwrap_or_default());
        let mut deeds = script.steps.iter().flat_map(|step| &step.deeds);
        if deeds.any(|deed| matches!(deed.op, Op::Erase(_))) {
            room.receiver.expect_erasures();
        }
        let endpoint = body["id"].as_str().unwrap_or_default().to_owned();
        let stream = Stream::of(&room, endpoint);
        History {
            room,
            seed: script.seed,
            oracle,
            alternatives: Vec::new(),
            program,
            processes,
            keys: Keys::default(),
            stream,
            trace: Trace::default(),
        }
    }

    async fn all(&mut self, script: &Script) -> Result<(), String> {
        for (count, step) in script.steps.iter().enumerate() {
            self.step(step).await?;
            if (count + 1).is_multiple_of(STEPS_BETWEEN_AUDITS) {
                self.audit().await?;
            }
        }
        self.audit().await?;
        let digest = crate::trace::digest(&self.room.base.store).await;
        self.trace
            .line(0, format!("the table in the end: {digest}"));
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let place = Place {
            step: step.number,
            deed: 95,
            attempt: 0,
        };
        self.deliver(place, Some(step.at)).await?;
        let clock = &self.room.base.clock;
        let now = step.at.max(clock.now());
        clock.set(now);
        self.room.orders.set_time(now);
        self.room.base.store.forget_answers();
        self.trace.line(0, format!("step {} at {now}", step.number));
        let known = step.deeds.iter().filter(|deed| self.oracle.knows(&deed.op));
        let mut deeds: Vec<Deed> = known.cloned().collect();
        for deed in &mut deeds {
            self.oracle.settle(&mut deed.op, step.deeds.len() > 1);
        }
        if deeds.is_empty() {
            self.trace
                .line(1, "nothing: it is about what is not there".to_owned());
            return Ok(());
        }
        self.let_clock_come(&deeds).await;
        let is_alone = deeds.len() == 1;
        let estimated = match &deeds[..] {
            [deed] => self.oracle.estimate(&self.room.base, &deed.op).await,
            _ => None,
        };
        let times = Cell::new(vec![now]);
        let done = {
            let this = &*self;
            let works = deeds.iter().enumerate().map(|(number, deed)| {
                let place = Place {
                    step: step.number,
                    deed: number,
                    attempt: 0,
                };
                this.carry_out(deed, place, is_alone, &times)
            });
            join_all(works).await
        };
        let mut answered = Vec::new();
        for (deed, done) in deeds.iter().zip(done) {
            let way = match (&deed.op, deed.way) {
                (op, Way::Queue) if is_event(op) => "queue",
                _ => "request",
            };
            self.trace
                .line(1, format!("{} ({way})", in_words(&deed.op)));
            self.trace.counts.deed(&deed.op);
            let is_plain = done.lines.is_empty();
            for line in done.lines {
                self.trace.counts.met(&line);
                self.trace.line(2, line);
            }
            let mut answers = Vec::new();
            for answer in done.answers {
                let words = match &answer {
                    Ok(said) => format!("= {}", said_in_words(said)),
                    Err(code) => format!("= refused: {code}"),
                };
                self.trace.line(2, words);
                answers.push(answer);
            }
            answered.push(Answered {
                op: &deed.op,
                answers,
                is_plain: is_plain && deed.copies == 1,
                is_request: way == "request" && !is_event(&deed.op),
                is_alone,
            });
        }
        if let (
            Some(estimated),
            [
                Answered {
                    answers,
                    is_plain: true,
                    ..
                },
            ],
        ) = (&estimated, &answered[..])
            && let [said] = &answers[..]
        {
            compare_estimate(estimated, said)?;
        }
        self.judge(&answered, &times.take()).await?;
        if step.tell {
            let place = Place {
                step: step.number,
                deed: 90,
                attempt: 0,
            };
            self.tell(place).await?;
        }
        Ok(())
    }
}

fn is_event(op: &Op) -> bool {
    matches!(
        op,
        Op::Event(_) | Op::AccountCreatedAgain(_) | Op::AttributionTold(_)
    )
}

fn said_in_words(said: &Said) -> String {
    let mut line = said.outcome.clone();
    if said.duplicate {
        line.push_str(" (duplicate)");
    }
    if let Some(account) = &said.account {
        line = format!("{line} {account}");
    }
    for (kind, amount) in &said.transactions {
        line = format!("{line}, {kind} {amount}");
    }
    line
}
