//! The same file under other rules: two worlds in memory, no table.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use laurel_rules::{Catalog, Refusal, program::RedeemRate};
use laurel_whatif::{Comparison, Figures, Handling, World};
use serde::Serialize;

use super::{Progress, Refused, ReplayError, Router, event, input::Input, summary::per_s};
use crate::Stack;

/// How many refusals are told one by one.
const REFUSED_MAX: usize = 10;

/// What a file of events gives under two sets of rules.
#[derive(Debug, Serialize)]
pub struct WhatIf {
    /// Events that were read, and would be handled by a replay.
    pub events: u64,
    /// Lines that a replay would refuse, too.
    pub refused: u64,
    /// How the two differ.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The first of the lines that were refused.
    #[serde(skip)]
    pub told: Vec<Refused>,
    /// How long it took to decide all events, twice.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// Lets the events at `path` happen under the rules of `actual`, and once more under those of
/// `candidate`. Neither stack's table is written to.
///
/// # Errors
/// The file cannot be read, or a program is not set up.
pub async fn what_if(
    path: &Path,
    program: &str,
    actual: &Stack,
    candidate: &Stack,
    progress: &Arc<Progress>,
) -> Result<WhatIf, ReplayError> {
    let input = Input::open(path, Arc::clone(progress))?;
    let catalog = actual.ledger.catalog(program);
    let before = catalog.await.map_err(Box::new)?;
    let catalog = candidate.ledger.catalog(program);
    let after = catalog.await.map_err(Box::new)?;
    let (route, now) = (Router::new(actual), actual.ledger.now());
    let progress = Arc::clone(progress);
    let (names, rate) = (
        [rule_names(&before), rule_names(&after)],
        before.program.redeem_rate.clone(),
    );
    let run = move || {
        let started = Instant::now();
        let mut worlds = [World::new(before), World::new(after)];
        let (mut refused, mut told) = (0, Vec::new());
        for line in input {
            let line = line?;
            let handled = event(&line, now).and_then(|event| {
                route.function(&event)?;
                // What is refused depends on the rules only where an award is out of range.
                let results = worlds.each_mut().map(|world| world.handle(&event, now));
                match results {
                    [Handling::Refused(refusal), Handling::Refused(_)] => Err(refusal),
                    _ => Ok(()),
                }
            });
            progress
                .events
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if let Err(refusal) = handled {
                refused += 1;
                tell(&mut told, line.number, &refusal);
            }
        }
        let [before, after] = worlds;
        let elapsed = started.elapsed();
        Ok(summary(
            &before,
            &after,
            &names,
            rate.as_ref(),
            refused,
            told,
            elapsed,
        ))
    };
    tokio::task::spawn_blocking(run).await?
}

fn tell(told: &mut Vec<Refused>, line: u64, refusal: &Refusal) {
    if told.len() < REFUSED_MAX {
        let reason = refusal.to_string();
        told.push(Refused { line, reason });
    }
}

fn summary(
    before: &World,
    after: &World,
    names: &[BTreeMap<String, String>; 2],
    rate: Option<&RedeemRate>,
    refused: u64,
    told: Vec<Refused>,
    elapsed: Duration,
) -> WhatIf {
    let [names_before, names_after] = names;
    let actual = named(before.figures(), names_before);
    let candidate = named(after.figures(), names_after);
    WhatIf {
        events: actual.events - actual.refused,
        refused,
        comparison: Comparison::of(&actual, &candidate, rate),
        told,
        elapsed,
    }
}

/// What rules are called: their name, else their trigger and place.
fn rule_names(catalog: &Catalog) -> BTreeMap<String, String> {
    let rules = catalog.all_rules().into_iter().enumerate();
    let named = rules.map(|(place, compiled)| {
        let rule = &compiled.rule;
        let bare = format!("{} {}", rule.trigger, place + 1);
        (rule.id.clone(), rule.name.clone().unwrap_or(bare))
    });
    named.collect()
}

/// The figures with rules by name, since each side has made ids of its own.
fn named(figures: &Figures, names: &BTreeMap<String, String>) -> Figures {
    let mut named = figures.clone();
    named.by_rule.clear();
    for (id, of_rule) in &figures.by_rule {
        let name = names.get(id).unwrap_or(id);
        named.by_rule.entry(name.clone()).or_default().add(of_rule);
    }
    named
}

impl WhatIf {
    /// The comparison in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Comparison {
            actual,
            candidate,
            difference,
            rules,
            members,
        } = &self.comparison;
        let mut text = String::new();
        let mut line = |name: &str, before: String, after: String, more: i64| {
            let _ = writeln!(text, "{name:<32}{before:>14}{after:>14}{more:>+14}");
        };
        let count = |number: u64| number.to_string();
        line("events", count(actual.events), count(candidate.events), 0);
        line(
            "members",
            count(actual.members),
            count(candidate.members),
            signed(candidate.members) - signed(actual.members),
        );
        line(
            "awards",
            count(actual.awards),
            count(candidate.awards),
            difference.awards,
        );
        line(
            "capped",
            count(actual.capped),
            count(candidate.capped),
            difference.capped,
        );
        for (name, before, after, more) in [
            ("points", actual.points, candidate.points, difference.points),
            (
                "reversed",
                actual.reversed,
                candidate.reversed,
                difference.reversed,
            ),
            (
                "expired",
                actual.expired,
                candidate.expired,
                difference.expired,
            ),
            (
                "outstanding",
                actual.outstanding,
                candidate.outstanding,
                difference.outstanding,
            ),
        ] {
            line(name, before.to_string(), after.to_string(), more);
        }
        if let (Some(before), Some(after), Some(more)) =
            (actual.liability, candidate.liability, difference.liability)
        {
            let unit = actual.currency.as_deref().unwrap_or_default();
            let name = format!("liability, minor units of {unit}");
            line(&name, before.to_string(), after.to_string(), more);
        }
        let moves = |side: &laurel_whatif::Totals| -> u64 {
            side.tier_changes.iter().map(|moved| moved.count).sum()
        };
        line(
            "tier changes",
            count(moves(actual)),
            count(moves(candidate)),
            difference.tier_changes,
        );
        for rule in rules {
            let name = format!("points of {}", rule.rule);
            let (before, after) = (rule.actual_points, rule.candidate_points);
            line(&name, before.to_string(), after.to_string(), after - before);
        }
        for member in members {
            let name = format!("member {}", member.account);
            let (before, after) = (member.actual, member.candidate);
            line(
                &name,
                before.to_string(),
                after.to_string(),
                member.difference,
            );
        }
        let header = format!(
            "{:<32}{:>14}{:>14}{:>14}\n",
            "", "actual", "candidate", "difference"
        );
        let rate = per_s(self.events.saturating_mul(2), self.elapsed);
        let seconds = self.elapsed.as_secs_f64();
        format!(
            "{header}{text}\n{} lines refused; {rate:.0} decisions/s over {seconds:.1} s, no table\n",
            self.refused
        )
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
