//! Experiments: their figures, which lie in shares that accounts write to, and their end.
//!
//! A share is chosen by the account, so that members who earn at once write to different ones.
//! What an account adds is written in the transaction that writes the account, under its version:
//! the figures are the sum of what the accounts say, at every moment.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use jiff::Timestamp;
use laurel_rules::{
    Code, Commit, Refusal, Rule,
    decide::AccountWrite,
    experiment::{
        Ended, Experiment,
        standing::{FIGURES, Figures},
    },
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger, Listing, Page,
    catalogs::no_such_program,
    commit::invalid,
    item::{Reader, number},
    store::{Consistency, key_item},
    table::Key,
};

/// Over how many items the figures of an experiment are spread.
const SHARES: u8 = 32;
/// What each number of the figures is called in a share, before the variant's key; in the order
/// of [`Figures::numbers`].
const NAMES: [char; FIGURES] = ['m', 'w', 'a', 'p', 'r', 's', 'q', 'x'];

/// An experiment as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentView {
    /// The program.
    pub program: String,
    /// The rule that it is on.
    pub rule: String,
    /// What it is.
    pub experiment: Experiment,
    /// When it was stopped, where it was.
    pub stopped_at: Option<Timestamp>,
    /// The variant that the rule went on as.
    pub winner: Option<String>,
}

impl ExperimentView {
    fn key(&self) -> &str {
        &self.experiment.key
    }
}

/// All experiments of a rule.
fn views(rule: &Rule) -> impl Iterator<Item = ExperimentView> {
    let view = |experiment: &Experiment| ExperimentView {
        program: rule.program.clone(),
        rule: rule.id.clone(),
        experiment: experiment.clone(),
        stopped_at: None,
        winner: None,
    };
    let ended = move |ended: &Ended| ExperimentView {
        stopped_at: Some(ended.stopped_at),
        winner: ended.winner.clone(),
        ..view(&ended.experiment)
    };
    let running = rule.experiment.iter().map(view);
    running.chain(rule.ended_experiments.iter().map(ended))
}

impl Ledger {
    /// Lists a program's experiments, the newest first: all, or those that run or do not.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where a cursor
    /// names none of them.
    pub async fn experiments(
        &self,
        listing: &Listing,
        is_running: Option<bool>,
    ) -> Result<Page<ExperimentView>, Error> {
        let mut all = self.all_experiments(&listing.program).await?;
        let order =
            |view: &ExperimentView| (view.experiment.started_at, view.experiment.key.clone());
        all.sort_by_key(|view| std::cmp::Reverse(order(view)));
        let keep = |view: &ExperimentView| {
            listing.created.contains(view.experiment.started_at)
                && is_running.is_none_or(|running| running == view.stopped_at.is_none())
        };
        Ok(Page::cut_where(
            all,
            &listing.page,
            ExperimentView::key,
            keep,
        )?)
    }

    /// The experiment with this key.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn experiment(&self, program: &str, key: &str) -> Result<ExperimentView, Error> {
        let all = self.all_experiments(program).await?;
        let found = all.into_iter().find(|view| view.experiment.key == key);
        Ok(found.ok_or_else(|| no_such_experiment(key))?)
    }

    async fn all_experiments(&self, program: &str) -> Result<Vec<ExperimentView>, Error> {
        if self.stored_program(program).await?.is_none() {
            return Err(no_such_program(program).into());
        }
        let rules = self.all_configured::<Rule>(program).await?;
        Ok(rules.iter().flat_map(views).collect())
    }

    /// What was counted of an experiment, by variant.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn experiment_figures(
        &self,
        view: &ExperimentView,
    ) -> Result<BTreeMap<String, Figures>, Error> {
        let key = &view.experiment.key;
        let keys = (0..SHARES).map(|share| Key::experiment(&view.program, key, share));
        let found = self.store.get(keys, Consistency::Strong).await?;
        let mut figures = BTreeMap::new();
        for variant in &view.experiment.variants {
            let mut sum = Figures::default();
            for item in found.values() {
                let reader = Reader::new(item);
                let mut numbers = [0; FIGURES];
                for (number, name) in numbers.iter_mut().zip(NAMES) {
                    let name = format!("{name}#{}", variant.key);
                    *number = reader.maybe_number(&name)?.unwrap_or(0);
                }
                sum = sum.plus(1, Figures::of(numbers));
            }
            figures.insert(variant.key.clone(), sum);
        }
        Ok(figures)
    }

    /// Ends an experiment: its rule goes on with the fields of the winner, or with its own. Asked
    /// again for the same, it answers the same.
    ///
    /// # Errors
    /// `resource_missing` where there is none; `experiment_stopped` where it was stopped with
    /// another winner; `parameter_invalid` where there is no such variant.
    pub async fn stop_experiment(
        &self,
        program: &str,
        key: &str,
        winner: Option<&str>,
    ) -> Result<ExperimentView, Error> {
        let found = self.experiment(program, key).await?;
        let now = self.time_of(program).await?;
        let stop = |rule: &mut Rule| {
            if rule
                .experiment
                .as_ref()
                .is_some_and(|running| running.key == key)
            {
                return rule.stop_experiment(winner, now);
            }
            let mut ended = rule.ended_experiments.iter();
            match ended.find(|ended| ended.experiment.key == key) {
                Some(ended) if ended.winner.as_deref() == winner => Ok(()),
                _ => {
                    let message = format!(
                        "The experiment `{key}` was stopped before, with another winner or none."
                    );
                    Err(Refusal::new(Code::ExperimentStopped, message))
                }
            }
        };
        let rule = self.update_configured::<Rule>(&found.rule, stop).await?;
        let stopped = views(&rule).find(|view| view.experiment.key == key);
        Ok(stopped.ok_or_else(|| no_such_experiment(key))?)
    }
}

fn no_such_experiment(key: &str) -> Refusal {
    let message = format!("No such experiment: `{key}`.");
    Refusal::new(Code::ResourceMissing, message)
}

/// What the accounts of a commit add to figures, each share written once.
pub(crate) fn experiment_writes(
    table: &str,
    commit: &Commit,
) -> Result<Vec<TransactWriteItem>, Error> {
    let mut shares: BTreeMap<Key, BTreeMap<String, i128>> = BTreeMap::new();
    for write in &commit.accounts {
        let (AccountWrite::Create(account) | AccountWrite::Update { account, .. }) = write else {
            continue;
        };
        for ((experiment, variant), change) in account.experiments.changes() {
            let share = Sha256::digest(account.id.as_bytes())[0] % SHARES;
            let key = Key::experiment(&account.program, experiment, share);
            let sums = shares.entry(key).or_default();
            for (number, name) in change.numbers().into_iter().zip(NAMES) {
                let sum = sums.entry(format!("{name}#{variant}")).or_default();
                *sum = sum.saturating_add(number);
            }
        }
    }
    let mut writes = Vec::with_capacity(shares.len());
    for (key, sums) in shares {
        let mut additions = Vec::new();
        let (mut names, mut values) = (HashMap::new(), HashMap::new());
        for (place, (name, sum)) in sums.into_iter().filter(|(_, sum)| *sum != 0).enumerate() {
            additions.push(format!("#n{place} :v{place}"));
            names.insert(format!("#n{place}"), name);
            values.insert(format!(":v{place}"), number(sum));
        }
        if additions.is_empty() {
            // One account of a merge lost what the other gained.
            continue;
        }
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key_item(&key)))
            .update_expression(format!("ADD {}", additions.join(", ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        let update = update.build().map_err(invalid)?;
        writes.push(TransactWriteItem::builder().update(update).build());
    }
    Ok(writes)
}
