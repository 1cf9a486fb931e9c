//! The ledger beside the reference model: the same random histories, the same answers, the same
//! balances after every step and at instants ahead.

mod ask;
mod compare;
mod configured;
mod redemptions;

use std::collections::BTreeMap;

use configured::rule_json;
use jiff::Timestamp;
use laurel_ledger::{Error, Ledger};
use laurel_model::{Answer, Done, MemberId, Model, Names, Op, RedemptionId, history};
use laurel_tests::{World, rewards::tick};
use serde_json::Value;

/// Both sides of one history.
struct Pair {
    world: World,
    model: Model,
    /// The engine's ids of the model's members.
    members: Vec<String>,
    /// The engine's ids of the model's redemptions.
    redemptions: Vec<String>,
    /// The engine's ids of the tiers.
    tier_ids: BTreeMap<String, String>,
    steps: usize,
}

impl Names for Pair {
    fn member(&self, member: MemberId) -> String {
        let known = self.members.get(member.0).cloned();
        known.unwrap_or_else(|| "loy_nobody".to_owned())
    }

    fn redemption(&self, redemption: RedemptionId) -> String {
        let known = self.redemptions.get(redemption.0).cloned();
        known.unwrap_or_else(|| "rdm_loy_nobody_1".to_owned())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Said {
    outcome: String,
    duplicate: bool,
    account: Option<String>,
    transactions: Vec<(String, i64)>,
}

impl Pair {
    async fn new(settings: &laurel_model::ProgramSettings, rules: &[laurel_model::Rule]) -> Pair {
        let mut json_rules = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            json_rules.push(rule_json(rule, place));
        }
        let world = World::with(Value::Object(settings.to_api()), &json_rules).await;
        let model = Model::new(settings.clone(), rules.to_vec());
        Pair {
            world,
            model,
            members: Vec::new(),
            redemptions: Vec::new(),
            tier_ids: BTreeMap::new(),
            steps: 0,
        }
    }

    fn known(&self, done: &Done) -> Option<String> {
        done.account.map(|member| self.member(member))
    }

    async fn step(&mut self, ledger: &Ledger, now: Timestamp, op: &Op) -> Result<(), String> {
        self.world.clock.set(now);
        let said = self.ask(ledger, op).await;
        let answer = self.model.apply(now, op);
        if let (Ok((Some(account), _)), Answer::Done(done)) = (&said, &answer) {
            let is_new = done.account == Some(MemberId(self.members.len()));
            if is_new {
                self.members.push(account.clone());
            }
        }
        let expected = match &answer {
            Answer::Refused(code) => Err((*code).to_owned()),
            Answer::Done(done) => Ok(Said {
                outcome: done.outcome.as_str().to_owned(),
                duplicate: done.duplicate,
                account: self.known(done),
                transactions: match op {
                    Op::CreateAccount { .. } | Op::UpdateAccount { .. } => Vec::new(),
                    Op::AccountCreatedAgain(_) => posted(&done.welcome)
                        .into_iter()
                        .chain(posted(&done.transactions))
                        .collect(),
                    _ => posted(&done.transactions),
                },
            }),
        };
        let said = match said {
            Ok((_, said)) => Ok(said),
            Err(Error::Refused(refusal)) => Err(refusal.code.as_str().to_owned()),
            Err(error) => return Err(format!("{error:?}")),
        };
        if said != expected {
            return Err(format!("the engine says {said:?}, the model {expected:?}"));
        }
        let ahead_hours: &[i64] = if self.steps.is_multiple_of(5) {
            &[0, 26, 24 * 40]
        } else {
            &[0]
        };
        self.steps += 1;
        self.compare_balances(ledger, now, ahead_hours).await?;
        self.compare_budgets(ledger, now).await?;
        self.compare_redemptions(ledger, now, ahead_hours).await
    }
}

fn posted(made: &[laurel_model::Posted]) -> Vec<(String, i64)> {
    made.iter()
        .map(|posted| (posted.kind.as_str().to_owned(), posted.amount))
        .collect()
}

async fn run(seed: u64, len: usize) {
    let (settings, rules, steps) = history::generate(seed, len);
    let mut pair = Pair::new(&settings, &rules).await;
    let ledger = pair.world.ledger.clone();
    let mut last = None;
    for (step, (now, op)) in steps.iter().enumerate() {
        last = Some(*now);
        if let Err(problem) = pair.step(&ledger, *now, op).await {
            panic!(
                "seed {seed}, step {step}, {op:#?}\nat {now}: {problem}\n{settings:#?}\n{rules:#?}"
            );
        }
    }
    let Some(now) = last else { return };
    tick(&ledger).await;
    for problem in [
        pair.compare_logs(now).await,
        pair.compare_credit_logs(now).await,
    ] {
        problem.unwrap_or_else(|problem| panic!("seed {seed}, at the end: {problem}"));
    }
}

#[tokio::test]
async fn the_ledger_does_what_the_model_does() {
    let seeds = std::env::var("LAUREL_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    let first = std::env::var("LAUREL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    for seed in first..first + seeds {
        run(seed, 60).await;
    }
}
