//! Attempts at a deed, each in its weather, until there is an answer that stays.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::Clock as _;
use laurel_model::{Coming, Names as _, Op, Via};

use crate::{
    ask::{Asked, Asking, read_answer, read_outcome},
    oracle::Said,
    run::History,
    script::Deed,
    weather::{self, Ended, Notes, Weather},
    world::{Message, Room},
};

/// After so many attempts the weather is fine, so that everything comes to an end.
const STORMY_ATTEMPTS: u64 = 2;
/// More attempts than anything takes in fine weather.
const ATTEMPTS_MAX: u64 = 12;
/// More batches of deliveries than anything takes between two steps.
const DELIVERIES_MAX: u64 = 2_000;
/// The weather of a visit is that of a deed with this much greater number.
const VISITS: usize = 40;
/// For how long a queue hides a message that was not done with, and a client waits.
const BETWEEN_ATTEMPTS: SignedDuration = SignedDuration::from_secs(31);
/// What may pass.
const PASSING: [&str; 3] = ["conflict", "unavailable", "rate_limited"];

/// What became of a deed.
pub(crate) struct Done {
    pub(crate) answers: Vec<Result<Said, String>>,
    pub(crate) lines: Vec<String>,
}

/// An attempt's place in the history: its weather follows from it alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) step: usize,
    pub(crate) deed: usize,
    pub(crate) attempt: u64,
}

impl History {
    pub(crate) fn weather(&self, place: Place, is_alone: bool) -> Weather {
        let seed = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (u64::try_from(place.step).unwrap_or(0) << 24)
            ^ (u64::try_from(place.deed).unwrap_or(0) << 16)
            ^ place.attempt;
        if place.attempt >= STORMY_ATTEMPTS {
            return Weather::fine(seed, !is_alone);
        }
        Weather::of(seed, true, !is_alone)
    }

    /// Asks until there is an answer that stays.
    pub(crate) async fn carry_out(
        &self,
        deed: &Deed,
        mut place: Place,
        is_alone: bool,
        times: &Cell<Vec<Timestamp>>,
    ) -> Done {
        let name = format!("{}-{}-{}", self.seed, place.step, place.deed);
        let key = self.keys.current();
        let mut done = Done {
            answers: Vec::new(),
            lines: Vec::new(),
        };
        let asking = Asking {
            name: &name,
            key: &key,
            program: &self.program,
            now: self.room.base.clock.now(),
            click: self.follow_link(&deed.op, place, is_alone, &mut done).await,
            referral: self.referral_of(&deed.op).await,
        };
        let mut asked = self.oracle.asked(deed, &asking);
        while place.attempt < ATTEMPTS_MAX {
            if place.attempt > 0 {
                done.lines.push(format!("attempt {}", place.attempt + 1));
                self.wait(times);
            }
            let weather = self.weather(place, is_alone);
            place.attempt += 1;
            // A process that died is another one afterwards; this one goes on as it was, for the
            // others who work in it.
            let fresh;
            let process = match place.attempt {
                1 => &self.processes[place.step % 2],
                _ => {
                    fresh = self.room.process();
                    &fresh
                }
            };
            let is_over = match &mut asked {
                Asked::Messages { package, messages } => {
                    let work = process.take(package, messages);
                    let ended = weather::run(weather, work).await;
                    done.heard(&self.room, &ended).await;
                    let failed = ended.answer.map(|response| response.batch_item_failures);
                    let failed: Option<Vec<String>> =
                        failed.map(|all| all.into_iter().map(|it| it.item_identifier).collect());
                    left(messages, failed.as_deref(), &ended.notes);
                    if messages.is_empty() && done.answers.is_empty() {
                        done.answers.push(Err("a message was lost".to_owned()));
                    }
                    messages.is_empty()
                }
                Asked::Request(call) => {
                    let ended = weather::run(weather, process.answer(call)).await;
                    done.met(&ended);
                    match ended.answer {
                        None => false,
                        Some(answer) => {
                            let said = read_answer(&self.room.base.ledger, &deed.op, answer).await;
                            let passes =
                                matches!(&said, Err(code) if PASSING.contains(&code.as_str()));
                            if passes {
                                done.lines.push(format!("{said:?}"));
                            } else {
                                done.answers.push(said);
                            }
                            !passes
                        }
                    }
                }
                Asked::Key => {
                    let now = self.room.base.clock.now();
                    let work = self.keys.rotate(process, &name, now);
                    let ended = weather::run(weather, work).await;
                    done.met(&ended);
                    match ended.answer {
                        Some(Ok(())) => {
                            done.answers.push(Ok(Said::plain("key_rotated", None)));
                            true
                        }
                        Some(Err(code)) if !PASSING.contains(&code.as_str()) => {
                            done.answers.push(Err(code));
                            true
                        }
                        _ => false,
                    }
                }
                Asked::Ledger => {
                    let work = async {
                        if matches!(deed.op, Op::Tick) {
                            let until =
                                std::time::Instant::now() + std::time::Duration::from_secs(600);
                            process.clock.sweep(until).await;
                        }
                        self.oracle.configure(&process.ledger, &deed.op).await
                    };
                    let ended = weather::run(weather, work).await;
                    done.met(&ended);
                    match ended.answer {
                        Some(Err(error)) if !error.is_transient() => {
                            done.answers.push(Err(error.to_string()));
                            true
                        }
                        Some(Ok(said)) => {
                            done.answers.push(Ok(said));
                            true
                        }
                        _ => false,
                    }
                }
            };
            if is_over {
                return done;
            }
        }
        done.answers.push(Err("no end".to_owned()));
        done
    }

    /// The referral that the news of an attribution is about.
    async fn referral_of(&self, op: &Op) -> String {
        let Op::AttributionTold(number) = op else {
            return String::new();
        };
        let found = self.oracle.find_referral(&self.room.base, *number).await;
        found.unwrap_or_else(|| "ref_nobody".to_owned())
    }

    /// Follows the link by which somebody is about to come, where one does; the click. Who was
    /// invited before the code stopped working still has one, which the page then does not give.
    async fn follow_link(
        &self,
        op: &Op,
        mut place: Place,
        is_alone: bool,
        done: &mut Done,
    ) -> Option<String> {
        let Op::Attribute(Coming {
            code,
            via: Via::Click,
            ..
        }) = op
        else {
            return None;
        };
        let text = self.oracle.code(*code);
        place.deed += VISITS;
        while place.attempt < ATTEMPTS_MAX {
            let weather = self.weather(place, is_alone);
            place.attempt += 1;
            let process = self.room.process();
            let ended = weather::run(weather, process.visit(&text)).await;
            done.met(&ended);
            let visit = ended.answer.filter(|visit| visit.status < 500);
            if let Some(visit) = visit {
                let is_shared = self.oracle.model.is_shared(*code);
                let expected = if is_shared { 200 } else { 404 };
                let is_certain = is_alone && ended.met.is_empty();
                if is_certain && (visit.status, visit.click.is_some()) != (expected, is_shared) {
                    let status = visit.status;
                    let answer = format!("the page of {text} is answered {status}, not {expected}");
                    done.answers.push(Err(answer));
                }
                return visit.click;
            }
        }
        done.answers
            .push(Err(format!("the page of {text} comes to no end")));
        None
    }

    /// Lets time pass until the next attempt. What is done may be done before or after it.
    fn wait(&self, times: &Cell<Vec<Timestamp>>) {
        let now = self.room.base.clock.now() + BETWEEN_ATTEMPTS;
        self.room.base.clock.set(now);
        let mut all = times.take();
        all.push(now);
        times.set(all);
    }

    /// Hands what the stream has to tell to its functions, in their weather.
    pub(crate) async fn tell(&mut self, mut place: Place) -> Result<(), String> {
        let mut is_over = false;
        while !is_over {
            let weather = self.weather(place, true);
            place.attempt += 1;
            if place.attempt > ATTEMPTS_MAX {
                return Err("what the stream tells comes to no end".to_owned());
            }
            let process = self.room.process();
            let (met, over) = self.stream.tell(&process, weather).await;
            for line in met {
                self.trace.counts.met(&line);
                self.trace.line(2, format!("stream: {line}"));
            }
            is_over = over;
        }
        Ok(())
    }

    /// Lets the queue of deliveries come to what is due, up to `until` or to its end: each message
    /// in its own time, the first attempts in their weather.
    pub(crate) async fn deliver(
        &mut self,
        mut place: Place,
        until: Option<Timestamp>,
    ) -> Result<(), String> {
        while let Some(due_at) = self.room.orders.next_at() {
            let now = due_at.max(self.room.base.clock.now());
            if until.is_some_and(|until| until < now) {
                return Ok(());
            }
            if place.attempt > DELIVERIES_MAX {
                return Err("deliveries come to no end".to_owned());
            }
            self.room.base.clock.set(now);
            let weather = match until {
                Some(_) => self.weather(place, true),
                None => Weather::fine(1, false),
            };
            let process = &self.processes[usize::from(place.attempt % 2 == 1)];
            place.attempt += 1;
            let met = self.room.orders.hand_over(process, weather, now).await;
            for line in met {
                self.trace.counts.met(&line);
                self.trace.line(1, format!("deliveries: {line}"));
            }
        }
        Ok(())
    }
}

impl Done {
    fn met<T>(&mut self, ended: &Ended<T>) {
        self.lines.extend(ended.met.iter().cloned());
        if ended.answer.is_none() {
            self.lines.push("the process has died".to_owned());
        }
    }

    /// Takes down what functions said of messages.
    async fn heard<T>(&mut self, room: &Room, ended: &Ended<T>) {
        self.met(ended);
        for outcome in &ended.notes.outcomes {
            match outcome {
                Ok(outcome) => {
                    let said = read_outcome(&room.base.ledger, outcome).await;
                    self.answers.push(Ok(said));
                }
                // Until the dead-letter queue has it the message comes again, and time may have
                // made it right.
                Err(code) if ended.notes.letters.iter().any(|it| it.code == *code) => {
                    self.answers.push(Err(code.clone()));
                }
                Err(code) => self.lines.push(format!("refused: {code}")),
            }
        }
        for letter in &ended.notes.letters {
            self.lines
                .push(format!("dead letter {}: {}", letter.origin, letter.code));
            let is_poison = letter.origin.ends_with("-0");
            let was_handled = ended
                .notes
                .outcomes
                .iter()
                .any(|it| it.as_ref().is_err_and(|code| *code == letter.code));
            if !is_poison && !was_handled && !PASSING.contains(&letter.code.as_str()) {
                // What does not even parse was refused before the ledger saw it.
                self.answers.push(Err(letter.code.clone()));
            }
        }
    }
}

/// Keeps in the queue what must come again: what failed; what was given up, though it would have
/// passed, and is sent to the queue again; after a crash, everything.
fn left(messages: &mut Vec<Message>, failed: Option<&[String]>, notes: &Notes) {
    let given_up: Vec<&str> = notes
        .letters
        .iter()
        .filter(|letter| PASSING.contains(&letter.code.as_str()))
        .map(|letter| letter.origin.as_str())
        .collect();
    messages.retain_mut(|message| {
        let again = given_up.contains(&message.id.as_str());
        message.received = if again { 1 } else { message.received + 1 };
        again || failed.is_none_or(|failed| failed.contains(&message.id))
    });
}
