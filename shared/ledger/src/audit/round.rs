//! A round of auditing: names and counters first, in the order of the table, then the accounts of
//! one program after another, the newest first, each program's sums after its last account.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Audited, Invariant, Terms, Violation, sums::Sums};
use crate::{
    Error, Ledger,
    item::Reader,
    store::{Found, Index, Span},
    table::PROGRAMS,
};

/// How many accounts are audited at a time.
const AT_A_TIME: usize = 8;
/// How many violations of a program are kept to be shown; all are counted.
const FOUND_MAX: usize = 20;
/// How many are kept of all programs.
const FOUND_ALL_MAX: usize = 500;
/// How many letters of a message, and how many transactions, are kept.
const MESSAGE_CHARS_MAX: usize = 500;
const TRANSACTIONS_MAX: usize = 20;
/// How many programs without violations are kept to be shown.
const REPORTS_MAX: usize = 5_000;

/// What was audited of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditCounts {
    /// Members.
    pub members: u64,
    /// Entries of their logs.
    pub entries: u64,
    /// Names and codes that lead to them.
    pub names: u64,
    /// Members that were left out because others kept writing them.
    pub skipped: u64,
    /// What does not hold.
    pub violations: u64,
}

/// What came of auditing a program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditReport {
    /// How much was audited.
    pub counts: AuditCounts,
    /// What does not hold, up to a bound, each cut to a bound.
    pub found: Vec<Violation>,
    /// When the last member was audited.
    pub ended: Option<Timestamp>,
}

/// How far a round is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// At the names, after this key.
    Names { after: Option<(String, String)> },
    /// At the accounts of a program, after this place among them.
    Members {
        program: String,
        after: Option<String>,
    },
    /// Through.
    Done,
}

/// One audit of all programs, or of one: how far it is, and what it has found. It is moved on by
/// [`Ledger::audit_step`], and may be kept between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRound {
    started: Timestamp,
    only: Option<String>,
    /// Whether nobody writes meanwhile.
    at_rest: bool,
    /// Whether what is written is announced.
    announced: bool,
    /// Whether it began in the middle: then sums say nothing.
    is_partial: bool,
    stage: Stage,
    reports: BTreeMap<String, AuditReport>,
    sums: Sums,
}

impl AuditRound {
    /// A round of all programs, or of the one given, that begins now.
    #[must_use]
    pub fn new(started: Timestamp, only: Option<String>) -> AuditRound {
        AuditRound {
            started,
            only,
            at_rest: false,
            announced: false,
            is_partial: false,
            stage: Stage::Names { after: None },
            reports: BTreeMap::new(),
            sums: Sums::default(),
        }
    }

    /// The same of a table that nobody writes to: what counters say is then exact to the second.
    #[must_use]
    pub fn at_rest(self) -> AuditRound {
        AuditRound {
            at_rest: true,
            ..self
        }
    }

    /// The same where everything that is written is to be announced.
    #[must_use]
    pub fn of_announced(self) -> AuditRound {
        AuditRound {
            announced: true,
            ..self
        }
    }

    /// The rest of a round of one program, after the place that [`AuditRound::place`] told. Names
    /// and sums, which take a whole round, are left out.
    #[must_use]
    pub fn after(self, place: String) -> AuditRound {
        let program = self.only.clone().unwrap_or_default();
        AuditRound {
            is_partial: true,
            stage: Stage::Members {
                program,
                after: Some(place),
            },
            ..self
        }
    }

    /// After which place among the members the next step goes on; none before the first.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        match &self.stage {
            Stage::Members { after, .. } => after.as_deref(),
            Stage::Names { .. } | Stage::Done => None,
        }
    }

    /// Whether everything was audited.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// What was audited of each program so far.
    #[must_use]
    pub fn reports(&self) -> &BTreeMap<String, AuditReport> {
        &self.reports
    }

    /// What was audited of all programs together.
    #[must_use]
    pub fn counts(&self) -> AuditCounts {
        let mut sum = AuditCounts::default();
        for AuditReport { counts, .. } in self.reports.values() {
            sum.members += counts.members;
            sum.entries += counts.entries;
            sum.names += counts.names;
            sum.skipped += counts.skipped;
            sum.violations += counts.violations;
        }
        sum
    }

    pub(super) fn into_reports(self) -> BTreeMap<String, AuditReport> {
        self.reports
    }

    fn report(&mut self, program: &str) -> &mut AuditReport {
        if self.reports.len() >= REPORTS_MAX && !self.reports.contains_key(program) {
            self.reports.retain(|_, report| !report.found.is_empty());
        }
        self.reports.entry(program.to_owned()).or_default()
    }

    fn note(&mut self, violations: &[Violation]) {
        let mut kept: usize = self.reports.values().map(|it| it.found.len()).sum();
        for violation in violations {
            let report = self.report(&violation.program);
            report.counts.violations += 1;
            if report.found.len() < FOUND_MAX && kept < FOUND_ALL_MAX {
                kept += 1;
                report.found.push(Violation {
                    message: violation.message.chars().take(MESSAGE_CHARS_MAX).collect(),
                    transactions: violation
                        .transactions
                        .iter()
                        .take(TRANSACTIONS_MAX)
                        .cloned()
                        .collect(),
                    ..violation.clone()
                });
            }
        }
    }
}

impl Ledger {
    /// Moves a round on by up to `limit` members, or by a thousand items on its way through the
    /// table, and answers what does not hold. After an error the round is as it was.
    ///
    /// # Errors
    /// `resource_missing` where the program of the round is none; the table does not answer.
    pub async fn audit_step(
        &self,
        round: &mut AuditRound,
        limit: usize,
    ) -> Result<Vec<Violation>, Error> {
        match round.stage.clone() {
            Stage::Names { after } => self.step_through_names(round, after).await,
            Stage::Members { program, after } => {
                self.step_through_members(round, program, after, limit)
                    .await
            }
            Stage::Done => Ok(Vec::new()),
        }
    }

    async fn step_through_names(
        &self,
        round: &mut AuditRound,
        after: Option<(String, String)>,
    ) -> Result<Vec<Violation>, Error> {
        let only = round.only.clone();
        if let Some(only) = &only {
            self.program(only).await?;
        }
        let mut sums = round.sums.clone();
        let scanned = self
            .scan_names(after.as_ref(), only.as_deref(), &mut sums)
            .await?;
        let next = match scanned.next {
            Some(key) => Stage::Names { after: Some(key) },
            None => self.members_of_next(&only, None).await?,
        };
        round.sums = sums;
        for (program, names) in scanned.names {
            round.report(&program).counts.names += names;
        }
        round.note(&scanned.violations);
        round.stage = next;
        Ok(scanned.violations)
    }

    async fn step_through_members(
        &self,
        round: &mut AuditRound,
        program: String,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Violation>, Error> {
        let settings = self.program(&program).await?;
        let terms = Terms {
            program: &settings,
            has_budgets: round.sums.has_budgets(&program),
            is_announced: round.announced,
        };
        let (places, is_last) = self.members(&program, after, limit).await?;
        let audits: Vec<_> = places
            .iter()
            .map(|(_, id)| self.audited(id, &terms))
            .collect();
        let audited = stream::iter(audits)
            .buffered(AT_A_TIME)
            .try_collect::<Vec<_>>()
            .await?;
        let next = match (is_last, places.last()) {
            (false, Some((place, _))) => Stage::Members {
                program: program.clone(),
                after: Some(place.clone()),
            },
            _ => self.members_of_next(&round.only, Some(&program)).await?,
        };
        let (started, at_rest) = (round.started, round.at_rest);
        let mut found = Vec::new();
        let mut counts = round.report(&program).counts;
        for account in audited {
            counts.members += 1;
            let Some(audited) = account else {
                counts.skipped += 1;
                continue;
            };
            counts.entries += audited.entries;
            for part in &audited.parts {
                round.sums.add(&program, part, started, at_rest);
            }
            found.extend(audited.violations);
        }
        if is_last {
            let sums = round.sums.compare(&program);
            // Who was left out may be what is missing.
            if !round.is_partial && counts.skipped == 0 {
                found.extend(sums);
            }
        }
        let now = self.now();
        let report = round.report(&program);
        report.counts = counts;
        report.ended = is_last.then_some(now);
        round.note(&found);
        round.stage = next;
        Ok(found)
    }

    /// `None` where others kept writing the account.
    ///
    /// Boxed: what the compiler would otherwise lay out as one future is too deep for it.
    fn audited<'a>(
        &'a self,
        id: &'a str,
        terms: &'a Terms<'_>,
    ) -> BoxFuture<'a, Result<Option<Audited>, Error>> {
        Box::pin(self.audited_or_skipped(id, terms))
    }

    async fn audited_or_skipped(
        &self,
        id: &str,
        terms: &Terms<'_>,
    ) -> Result<Option<Audited>, Error> {
        match self.audit_account(id, terms).await {
            Ok(audited) => Ok(Some(audited)),
            Err(Error::Busy { attempts }) => {
                tracing::warn!(account = id, attempts, "a member was not audited");
                Ok(None)
            }
            // The index knows of it.
            Err(Error::Refused(_)) => Ok(Some(Audited {
                violations: vec![Violation {
                    program: terms.program.id.clone(),
                    account: Some(id.to_owned()),
                    invariant: Invariant::Items,
                    message: "The account is listed, and is not there.".to_owned(),
                    transactions: Vec::new(),
                }],
                ..Audited::default()
            })),
            Err(error) => Err(error),
        }
    }

    /// The places and ids of the next members of a program, the newest first, and whether they are
    /// the last. Who becomes a member after the first step is left to the next round.
    async fn members(
        &self,
        program: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<(Vec<(String, String)>, bool), Error> {
        let last = after.clone().unwrap_or_else(|| "~".to_owned());
        let span = Span {
            index: Some(Index::Listed),
            partition: &format!("A#{program}"),
            from: "0",
            to: &last,
            newest_first: true,
            // The one after which to go on comes again.
            limit: i32::try_from(limit.max(1) + usize::from(after.is_some())).ok(),
            start: None,
        };
        let Found { items, next } = self.store.query(span).await?;
        let mut places = Vec::with_capacity(items.len());
        for item in &items {
            let reader = Reader::new(item);
            let place = reader.text("gs")?.to_owned();
            if after.as_ref() != Some(&place) {
                places.push((place, reader.after("pk", "A#")?.to_owned()));
            }
        }
        Ok((places, next.is_none()))
    }

    /// The beginning of the members of the program after the one given.
    async fn members_of_next(
        &self,
        only: &Option<String>,
        after: Option<&str>,
    ) -> Result<Stage, Error> {
        let program = match (only, after) {
            (Some(only), None) => Some(only.clone()),
            (Some(_), Some(_)) => None,
            (None, after) => {
                let from = after.unwrap_or("0");
                let listed = self.store.query_all(PROGRAMS, from, "~").await?;
                let mut ids = listed
                    .iter()
                    .filter_map(|item| Reader::new(item).owned("sk"));
                ids.find(|id| after != Some(id.as_str()))
            }
        };
        Ok(program.map_or(Stage::Done, |program| Stage::Members {
            program,
            after: None,
        }))
    }
}
