//! The audit that goes on by itself: a round that is kept in the table between runs.
//!
//! It is written under its version. Who runs it may stop anywhere: what was audited since it was
//! last written is audited again. Of two who run it at the same time, the second to write notices
//! and stops.

use std::{collections::BTreeMap, time::Instant};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AuditCounts, AuditReport, AuditRound, Violation};
use crate::{
    Error, Ledger,
    commit::{delete, put, put_over},
    item::{Item, Reader, Writer},
    retry::Pause,
    store::Committed,
    table::{AUDIT, Key},
};

/// How many members a step audits.
const STEP: usize = 50;
/// After how many steps the round is written.
const STEPS_UNWRITTEN_MAX: u32 = 10;
/// How much of a round one item holds: items are limited to 400 kB.
const PART_BYTES: usize = 350_000;

/// How far the audit of a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditProgress {
    /// The program.
    pub program: String,
    /// The round that is under way: when it began, and what it has come to.
    pub current: Option<(Timestamp, AuditReport)>,
    /// The one before: when it began and ended, and what it came to.
    pub last: Option<(Timestamp, Timestamp, AuditReport)>,
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditLimits {
    /// No step begins after this.
    pub until: Instant,
    /// About how many members it audits.
    pub members: u64,
    /// So long after a round began the next one may begin, once the first is through.
    pub every: SignedDuration,
    /// Whether what is written is announced, and noted when it was.
    pub is_announced: bool,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditRan {
    /// What was audited.
    pub counts: AuditCounts,
    /// What does not hold.
    pub found: Vec<Violation>,
    /// What does not hold by the round that is under way or the one before, whichever knows of
    /// more: nothing, once a whole round has found nothing.
    pub standing: u64,
    /// Whether it ended a round.
    pub is_through: bool,
    /// Whether there was nothing to do, since the next round is not to begin yet.
    pub is_waiting: bool,
    /// Whether another run was ahead, and this one's work was in vain.
    pub is_overtaken: bool,
}

/// What is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    /// The round that is under way.
    round: Option<AuditRound>,
    /// The one before.
    last: Option<Ended>,
    /// Whose write it was.
    #[serde(default)]
    writer: String,
    #[serde(skip)]
    version: u64,
    /// In how many items it was read.
    #[serde(skip)]
    parts: usize,
}

/// A round that came to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ended {
    started: Timestamp,
    ended: Timestamp,
    reports: BTreeMap<String, AuditReport>,
}

impl Ledger {
    /// Goes on with the round that is kept, or begins one, until it is through or a limit is
    /// reached.
    ///
    /// # Errors
    /// The table does not answer; what was audited until then is kept where it can be.
    pub async fn run_audit(&self, limits: AuditLimits) -> Result<AuditRan, Error> {
        let mut kept = self.kept_audit().await?;
        let now = self.now();
        let is_early = kept.last.as_ref().is_some_and(|last| {
            let next = last.started.checked_add(limits.every);
            next.is_ok_and(|next| now < next)
        });
        let mut round = match kept.round.take() {
            Some(round) => round,
            None if is_early => {
                return Ok(AuditRan {
                    standing: kept.standing(),
                    is_waiting: true,
                    ..AuditRan::default()
                });
            }
            None if limits.is_announced => AuditRound::new(now, None).of_announced(),
            None => AuditRound::new(now, None),
        };
        let before = round.counts();
        let (mut ran, mut unwritten) = (AuditRan::default(), 0);
        let mut failure = None;
        loop {
            let audited = round.counts().since(before).members;
            let is_enough = Instant::now() >= limits.until || audited >= limits.members;
            if unwritten >= STEPS_UNWRITTEN_MAX
                || ((is_enough || round.is_done() || failure.is_some()) && unwritten > 0)
            {
                kept.keep(&round, self.now());
                if !self.keep_audit(&mut kept).await? {
                    ran.is_overtaken = true;
                    break;
                }
                unwritten = 0;
            }
            if let Some(error) = failure {
                return Err(error);
            }
            if round.is_done() || is_enough {
                break;
            }
            match self.audit_step(&mut round, STEP).await {
                Ok(found) => ran.found.extend(found),
                Err(error) => failure = Some(error),
            }
            unwritten += u32::from(failure.is_none());
        }
        ran.is_through = round.is_done() && !ran.is_overtaken;
        ran.counts = round.counts().since(before);
        ran.standing = kept.standing().max(round.counts().violations);
        Ok(ran)
    }

    /// How far the audit of a program is.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn audit_progress(&self, program: &str) -> Result<AuditProgress, Error> {
        self.program(program).await?;
        let kept = self.kept_audit().await?;
        let of = |reports: &BTreeMap<String, AuditReport>| reports.get(program).cloned();
        let current = kept.round.as_ref();
        Ok(AuditProgress {
            program: program.to_owned(),
            current: current.map(|it| (it.started(), of(it.reports()).unwrap_or_default())),
            last: kept
                .last
                .and_then(|it| Some((it.started, it.ended, of(&it.reports)?))),
        })
    }

    async fn kept_audit(&self) -> Result<Kept, Error> {
        let mut pause = Pause::new();
        loop {
            let items = self.store.query_all(AUDIT, "0", "~").await?;
            let Some(first) = items.first() else {
                return Ok(Kept::default());
            };
            let reader = Reader::new(first);
            let version: u64 = reader.number("v")?;
            let mut text = Vec::new();
            let mut is_whole = reader.count("n")? == i64::try_from(items.len()).unwrap_or(0);
            for item in &items {
                is_whole &= Reader::new(item).number::<u64>("v")? == version;
                if let Some(AttributeValue::B(bytes)) = item.get("b") {
                    text.extend_from_slice(bytes.as_ref());
                }
            }
            // Otherwise somebody wrote between two pages.
            if is_whole {
                let kept: Kept = serde_json::from_slice(&text).map_err(|problem| {
                    reader.corrupt(format!("the audit does not read: {problem}"))
                })?;
                return Ok(Kept {
                    version,
                    parts: items.len(),
                    ..kept
                });
            }
            pause.or_busy().await?;
        }
    }

    /// Writes what is kept over what was read; `false` where another did so before.
    async fn keep_audit(&self, kept: &mut Kept) -> Result<bool, Error> {
        kept.writer = self.new_id("");
        let items = kept.items()?;
        let table = &self.store.table;
        let mut pause = Pause::new();
        loop {
            let mut writes = Vec::with_capacity(items.len().max(kept.parts));
            for (part, item) in items.iter().enumerate() {
                writes.push(match part {
                    0 => put(
                        table,
                        item.clone(),
                        (kept.version > 0).then_some(kept.version),
                    )?,
                    _ => put_over(table, item.clone())?,
                });
            }
            for part in items.len()..kept.parts {
                writes.push(delete(table, &Key::audit(part), None)?);
            }
            let is_ours = match self.store.transact(writes).await? {
                Committed::Yes => Some(true),
                Committed::Stale => Some(self.kept_audit().await?.writer == kept.writer),
                Committed::Unclear => None,
            };
            match is_ours {
                Some(true) => {
                    kept.version += 1;
                    kept.parts = items.len();
                    return Ok(true);
                }
                Some(false) => return Ok(false),
                None => pause.or_busy().await?,
            }
        }
    }
}

impl Kept {
    fn keep(&mut self, round: &AuditRound, now: Timestamp) {
        if round.is_done() {
            self.last = Some(Ended {
                started: round.started(),
                ended: now,
                reports: round.clone().into_reports(),
            });
            self.round = None;
        } else {
            self.round = Some(round.clone());
        }
    }

    fn standing(&self) -> u64 {
        let last = self.last.iter().flat_map(|last| last.reports.values());
        let last = last.map(|report| report.counts.violations).sum();
        let current = self.round.as_ref().map_or(0, |it| it.counts().violations);
        current.max(last)
    }

    fn items(&self) -> Result<Vec<Item>, Error> {
        let text = serde_json::to_vec(self).map_err(|source| Error::Rejected {
            source: Box::new(source),
        })?;
        let parts = text.chunks(PART_BYTES);
        let count = parts.len();
        let items = parts.enumerate().map(|(part, bytes)| {
            Writer::keyed(Key::audit(part))
                .number("v", self.version + 1)
                .number("n", count)
                .maybe("b", Some(AttributeValue::B(Blob::new(bytes))))
                .done()
        });
        Ok(items.collect())
    }
}

impl AuditCounts {
    fn since(self, before: AuditCounts) -> AuditCounts {
        AuditCounts {
            members: self.members.saturating_sub(before.members),
            entries: self.entries.saturating_sub(before.entries),
            names: self.names.saturating_sub(before.names),
            skipped: self.skipped.saturating_sub(before.skipped),
            violations: self.violations.saturating_sub(before.violations),
        }
    }
}
