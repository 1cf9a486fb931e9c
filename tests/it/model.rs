//! The ledger beside the reference model: the same random histories, the same answers, the same
//! balances after every step and at instants ahead.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{Error, Ledger, Seed};
use laurel_model::{Answer, Done, MemberId, Model, Op, history};
use laurel_rules::{
    EventOutcome, Rule,
    decide::{AccountChange, NewAccount},
    entry::TransactionType,
};
use laurel_tests::{PROGRAM, World, merge};
use serde_json::{Value, json};

/// Both sides of one history.
struct Pair {
    world: World,
    model: Model,
    /// The engine's ids of the model's members.
    members: Vec<String>,
    steps: usize,
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
            steps: 0,
        }
    }

    fn name(&self, member: MemberId) -> String {
        self.members
            .get(member.0)
            .cloned()
            .unwrap_or_else(|| "loy_nobody".to_owned())
    }

    fn known(&self, done: &Done) -> Option<String> {
        done.account.map(|member| self.name(member))
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
        self.compare_balances(ledger, now, ahead_hours).await
    }

    /// Asks the engine; beside its answer the account that it created or changed, if any.
    async fn ask(&self, ledger: &Ledger, op: &Op) -> Result<(Option<String>, Said), Error> {
        let plain = |outcome: &str, account: String, transactions| {
            let said = Said {
                outcome: outcome.to_owned(),
                duplicate: false,
                account: Some(account.clone()),
                transactions,
            };
            (Some(account), said)
        };
        match op {
            Op::Event(event) => {
                let value = event.to_api(PROGRAM, |member| self.name(member));
                let event = self.world.event(Value::Object(value))?;
                said(ledger, ledger.apply(&event).await?).await
            }
            Op::AccountCreatedAgain(member) => {
                let value = json!({
                    "type": "loyalty.account.created",
                    "data": {"id": self.name(*member)},
                });
                said(ledger, ledger.apply(&self.world.event(value)?).await?).await
            }
            Op::CreateAccount { customer, email } => {
                let new = NewAccount {
                    program: PROGRAM.to_owned(),
                    customer: customer.clone(),
                    email: email.clone(),
                    ..NewAccount::default()
                };
                let view = ledger.create_account(new, Seed::fresh()).await?;
                Ok(plain("created", view.account.id, Vec::new()))
            }
            Op::UpdateAccount {
                member,
                customer,
                email,
            } => {
                let change = AccountChange {
                    customer: customer.clone(),
                    email: email.clone(),
                    ..AccountChange::default()
                };
                let view = ledger.update_account(&self.name(*member), &change).await?;
                Ok(plain("updated", view.account.id, Vec::new()))
            }
            Op::Close(member) => {
                let view = ledger.close_account(&self.name(*member)).await?;
                Ok(plain("closed", view.account.id, Vec::new()))
            }
            Op::Reopen(member) => {
                let view = ledger.reopen_account(&self.name(*member)).await?;
                Ok(plain("reopened", view.account.id, Vec::new()))
            }
            Op::Merge { source, target } => {
                let (source, target) = (self.name(*source), self.name(*target));
                let merged = ledger.merge_accounts(&source, &target, Seed::fresh());
                Ok(plain("merged", merged.await?.account.id, Vec::new()))
            }
            Op::Adjust {
                member,
                amount,
                allow_negative,
                lifetime,
                expires_at,
            } => {
                let request = laurel_ledger::AdjustmentRequest {
                    account: self.name(*member),
                    amount: *amount,
                    reason: "test".to_owned(),
                    allow_negative: *allow_negative,
                    lifetime: *lifetime,
                    expires_at: *expires_at,
                    metadata: std::collections::BTreeMap::new(),
                    request: None,
                };
                let view = ledger.adjust(request).await?;
                let written = vec![("adjust".to_owned(), view.transaction().amount)];
                Ok(plain("adjusted", self.name(*member), written))
            }
            Op::UpdateRule(rule) => {
                let mut value = rule_json(rule, 0);
                let before = ledger.configured::<Rule>(&rule.id).await?;
                merge(
                    &mut value,
                    json!({"created": before.created, "version": before.version}),
                );
                merge(&mut value, json!({"program": PROGRAM}));
                let after: Rule = serde_json::from_value(value).expect("a rule");
                ledger
                    .update_configured(&rule.id, |rule: &mut Rule| {
                        *rule = after.clone();
                        Ok(())
                    })
                    .await?;
                let said = Said {
                    outcome: "rule_updated".to_owned(),
                    duplicate: false,
                    account: None,
                    transactions: Vec::new(),
                };
                Ok((None, said))
            }
        }
    }

    async fn compare_balances(
        &self,
        ledger: &Ledger,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        for (number, id) in self.members.iter().enumerate() {
            let member = MemberId(number);
            for ahead_hours in ahead_hours {
                let then = now + SignedDuration::from_hours(*ahead_hours);
                self.world.clock.set(then);
                let view = ledger
                    .account(id)
                    .await
                    .map_err(|error| format!("{error:?}"))?;
                let engine = (view.balance, view.pending, view.account.lifetime_points);
                let model = (
                    self.model.balance(member, then),
                    self.model.pending(member, then),
                    self.model.lifetime(member),
                );
                if engine != model {
                    return Err(format!(
                        "{member} in {ahead_hours} h: (balance, pending, lifetime) are {engine:?} \
                         in the engine, {model:?} in the model"
                    ));
                }
            }
            self.world.clock.set(now);
        }
        Ok(())
    }

    /// The whole logs, and that balances are sums of them.
    async fn compare_logs(&self, now: Timestamp) -> Result<(), String> {
        for (number, id) in self.members.iter().enumerate() {
            let log = self.world.log(id).await;
            let written: Vec<_> = log
                .iter()
                .map(laurel_ledger::TransactionView::transaction)
                .filter(|transaction| transaction.kind != TransactionType::Expire)
                .map(|t| (t.kind.as_str(), t.amount, t.available_at, t.uncapped_points))
                .collect();
            let model: Vec<_> = self
                .model
                .transactions(MemberId(number))
                .into_iter()
                .map(|t| {
                    let uncapped = t
                        .uncapped_points
                        .and_then(|points| i64::try_from(points).ok());
                    (t.kind.as_str(), t.amount, t.available_at, uncapped)
                })
                .collect();
            // A reversal of pending points says so in its own `available_at`.
            let strip = |(kind, amount, available_at, uncapped): &(_, i64, _, _)| {
                (
                    *kind,
                    *amount,
                    if *kind == "earn" { *available_at } else { None },
                    *uncapped,
                )
            };
            let mut written: Vec<_> = written.iter().map(strip).collect();
            let mut model: Vec<_> = model.iter().map(strip).collect();
            let instants: Vec<Timestamp> = log.iter().map(|view| view.entry.created).collect();
            if !instants.is_sorted() {
                return Err(format!("the list of {id} is not in the order of time"));
            }
            if log.iter().any(|view| view.entry.account != *id) {
                // Of one instant, the order in which two accounts were written is not told.
                written.sort();
                model.sort();
            }
            if written != model {
                return Err(format!(
                    "the log of {id}: {written:?}, the model's: {model:?}"
                ));
            }
            let view = self
                .world
                .ledger
                .account(id)
                .await
                .map_err(|e| format!("{e:?}"))?;
            let posted: i64 = log
                .iter()
                .map(laurel_ledger::TransactionView::transaction)
                .filter(|t| t.available_at.is_none_or(|at| at <= now))
                .map(|t| t.amount)
                .sum();
            // What has expired and is not written off yet is all that may lie between.
            if posted < view.balance {
                return Err(format!(
                    "{id}: Σ posted {posted} is below the balance {}",
                    view.balance
                ));
            }
        }
        Ok(())
    }
}

fn posted(made: &[laurel_model::Posted]) -> Vec<(String, i64)> {
    made.iter()
        .map(|posted| (posted.kind.as_str().to_owned(), posted.amount))
        .collect()
}

async fn said(ledger: &Ledger, outcome: EventOutcome) -> Result<(Option<String>, Said), Error> {
    let mut transactions = Vec::new();
    for id in &outcome.transactions {
        let view = ledger.transaction(&id.to_string()).await?;
        let transaction = view.transaction();
        transactions.push((transaction.kind.as_str().to_owned(), transaction.amount));
    }
    let account = outcome.account.clone();
    let said = Said {
        outcome: outcome.outcome.as_str().to_owned(),
        duplicate: outcome.duplicate,
        account: outcome.account,
        transactions,
    };
    Ok((account, said))
}

fn rule_json(rule: &laurel_model::Rule, place: usize) -> Value {
    let mut value = Value::Object(rule.to_api(PROGRAM));
    let mut in_force = rule.clone();
    in_force.cap = rule.cap_in_force();
    let cap = in_force
        .to_api(PROGRAM)
        .remove("cap")
        .unwrap_or(Value::Null);
    let created = laurel_tests::at("2026-01-01T00:00:00Z")
        + SignedDuration::from_secs(i64::try_from(place).unwrap_or(0));
    merge(
        &mut value,
        json!({"id": rule.id, "cap": cap, "created": created}),
    );
    value
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
    if let Some(now) = last
        && let Err(problem) = pair.compare_logs(now).await
    {
        panic!("seed {seed}, at the end: {problem}");
    }
}

#[tokio::test]
async fn the_ledger_does_what_the_model_does() {
    let seeds = std::env::var("LAUREL_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(25);
    let first = std::env::var("LAUREL_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    for seed in first..first + seeds {
        run(seed, 60).await;
    }
}
