//! What is done with each event of a job.

use std::hint::black_box;

use anyhow::{anyhow, bail};
use jiff::Timestamp;
use laurel_rules::{
    Event, Plan,
    decide::{EventSnapshot, handle_event},
    entry::TransactionType,
    evaluate::{Evaluation, Standing, Verdict, evaluate},
};
use serde::Deserialize;

use crate::{Job, Loaded};

/// What all awards of a job come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Checksum {
    /// Σ points.
    pub total_points: i64,
    /// How many awards.
    pub awards: i64,
}

/// A piece of the path of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Which rules fire, and for how much: what rule engines are compared by.
    Evaluate,
    /// The same, and all that is to be written: lots, transactions with traces, records.
    Decide,
    /// From the bytes to a checked event.
    Parse,
    /// From the bytes to which rules fire, and for how much.
    ParseAndEvaluate,
}

impl Work {
    /// All of them.
    pub const ALL: [Work; 4] = [
        Work::Evaluate,
        Work::Decide,
        Work::Parse,
        Work::ParseAndEvaluate,
    ];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Work::Evaluate => "evaluate",
            Work::Decide => "decide",
            Work::Parse => "parse",
            Work::ParseAndEvaluate => "parse+evaluate",
        }
    }

    /// What an event should cost at the most, in instructions: a tenth of what the best rule
    /// engine needs, and the goal with parsing (`docs/performance.md` tells why it is missed).
    #[must_use]
    pub fn bar(self) -> Option<u64> {
        match self {
            Work::Evaluate => Some(18_000),
            Work::ParseAndEvaluate => Some(30_000),
            Work::Decide | Work::Parse => None,
        }
    }

    /// What an event may cost before CI fails: the bar, or a little above what it costs now.
    #[must_use]
    pub fn gate(self, job: &Job) -> Option<u64> {
        match (self, job.in_cel) {
            (Work::Evaluate, true) => Some(66_000),
            (Work::ParseAndEvaluate, false) => Some(156_000),
            (_, false) => self.bar(),
            (_, true) => None,
        }
    }

    /// Does the work for every event once.
    ///
    /// # Errors
    /// A refusal of an event, which no job has.
    pub fn run(self, job: &Loaded) -> anyhow::Result<Checksum> {
        let mut sum = Checksum::default();
        match self {
            Work::Evaluate => {
                for (event, snapshot) in job.events.iter().zip(&job.snapshots) {
                    evaluated(black_box(event), snapshot, &mut sum)?;
                }
            }
            Work::Decide => {
                for (event, snapshot) in job.events.iter().zip(&job.snapshots) {
                    decided(black_box(event), snapshot, &mut sum)?;
                }
            }
            Work::Parse => {
                for body in &job.bodies {
                    black_box(parse(black_box(body), job.now)?);
                }
            }
            Work::ParseAndEvaluate => {
                for (body, snapshot) in job.bodies.iter().zip(&job.snapshots) {
                    evaluated(&parse(black_box(body), job.now)?, snapshot, &mut sum)?;
                }
            }
        }
        Ok(black_box(sum))
    }

    /// Whether the work gives points that can be compared with the job's.
    #[must_use]
    pub fn has_checksum(self) -> bool {
        self != Work::Parse
    }
}

/// The path of an event from the body of `POST /v1/events`.
pub(crate) fn parse(body: &[u8], now: Timestamp) -> anyhow::Result<Event> {
    let value = laurel_events::json::parse_strict(body)?;
    Ok(laurel_events::parse(laurel_events::from_api(value)?, now)?)
}

fn evaluated(event: &Event, snapshot: &EventSnapshot, sum: &mut Checksum) -> anyhow::Result<()> {
    let done = evaluate(
        &snapshot.catalog,
        event,
        &snapshot.boosts,
        Standing::default(),
    )?;
    let Evaluation::Done(verdicts) = done else {
        bail!("no rule of a job has a cap")
    };
    for verdict in &verdicts {
        if let Verdict::Fires(fired) = verdict {
            sum.total_points += fired.points;
            sum.awards += 1;
        }
    }
    black_box(verdicts);
    Ok(())
}

fn decided(event: &Event, snapshot: &EventSnapshot, sum: &mut Checksum) -> anyhow::Result<()> {
    let Plan::Commit(commit, _) = handle_event(snapshot, event)? else {
        return Err(anyhow!("every event of a job is new"));
    };
    let made = commit.entries.iter().flat_map(|entry| &entry.transactions);
    for award in made.filter(|made| made.kind == TransactionType::Earn) {
        sum.total_points += award.amount;
        sum.awards += 1;
    }
    black_box(commit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Job, Work};

    #[test]
    fn every_job_hits_its_checksum() {
        for job in [Job::shared(), Job::categories()]
            .into_iter()
            .filter(Job::exists)
        {
            let loaded = job.load().expect(job.name);
            for work in Work::ALL.into_iter().filter(|work| work.has_checksum()) {
                let sum = work.run(&loaded).expect(job.name);
                assert_eq!(sum, loaded.expected, "{} {}", job.name, work.as_str());
            }
        }
    }
}
