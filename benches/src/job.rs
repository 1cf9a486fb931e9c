//! Rules, events and the checksum that a correct engine hits.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use jiff::Timestamp;
use laurel_conditions::Scope;
use laurel_rules::{
    Account, Catalog, Event, Program, Rule,
    boosts::Boosts,
    campaign::Campaign,
    condition::{Condition, Facts, Steps},
    decide::EventSnapshot,
    exact::Factor,
    id::DEFAULT_PROGRAM,
    pool::Pools,
    rule::CompiledRule,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Checksum;

/// A job on disk: `rules.json`, `events.jsonl.gz` and `expected.json`.
#[derive(Debug, Clone)]
pub struct Job {
    /// What it is called in reports.
    pub name: &'static str,
    /// Where it lies.
    pub path: PathBuf,
    /// Whether its conditions are written in CEL, all of them, rather than by hand.
    pub in_cel: bool,
}

impl Job {
    /// Twenty rules with conditions on amount, metadata and category, as all the engines of
    /// `docs/performance.md` ran them. It lies beside the repository, not in it.
    #[must_use]
    pub fn shared() -> Job {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/bench");
        Job {
            name: "shared",
            path,
            in_cel: false,
        }
    }

    /// Twenty rules without conditions beyond category and amount, in the repository.
    #[must_use]
    pub fn categories() -> Job {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/categories");
        Job {
            name: "categories",
            path,
            in_cel: false,
        }
    }

    /// The same with its conditions in CEL, those on categories as well.
    #[must_use]
    pub fn in_cel(self, name: &'static str) -> Job {
        Job {
            name,
            in_cel: true,
            ..self
        }
    }

    /// Whether the job is on this machine.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.join("rules.json").is_file()
    }

    /// Reads the job and makes it ready.
    ///
    /// # Errors
    /// What could not be read, or did not parse.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        let open = |name: &str| {
            let path = self.path.join(name);
            File::open(&path).with_context(|| format!("cannot open {}", path.display()))
        };
        let created = Timestamp::UNIX_EPOCH;
        let rules: Vec<RuleForm> = serde_json::from_reader(BufReader::new(open("rules.json")?))?;
        let rules = rules
            .into_iter()
            .map(|form| form.compile(created, self.in_cel))
            .collect::<Result<_, _>>()?;
        let program = Program::new(DEFAULT_PROGRAM, "salt", created);
        let account = Account::new("loy_bench".to_owned(), &program, created, created);
        let catalog = Arc::new(Catalog::new(program, 1, rules));
        let now = "2026-11-01T00:00:00Z".parse().map_err(anyhow::Error::msg)?;
        let mut loaded = Loaded {
            catalog,
            now,
            bodies: Vec::new(),
            events: Vec::new(),
            snapshots: Vec::new(),
            expected: serde_json::from_reader(open("expected.json")?)?,
        };
        for line in BufReader::new(GzDecoder::new(open("events.jsonl.gz")?)).lines() {
            loaded.push(serde_json::from_str(&line?)?, &account)?;
        }
        Ok(loaded)
    }
}

/// A job in memory.
#[derive(Debug)]
pub struct Loaded {
    /// The rules.
    pub catalog: Arc<Catalog>,
    /// The time of deciding.
    pub now: Timestamp,
    /// Each event as a client of `POST /v1/events` sends it.
    pub bodies: Vec<Vec<u8>>,
    /// The same, parsed.
    pub events: Vec<Event>,
    /// What would be loaded to decide it, with the event's boosts.
    pub snapshots: Vec<EventSnapshot>,
    /// What a correct engine hits.
    pub expected: Checksum,
}

impl Loaded {
    fn push(&mut self, form: EventForm, account: &Account) -> anyhow::Result<()> {
        let boosts = Boosts {
            tier: Some(("tier".to_owned(), factor(&form.tier_multiplier)?)),
            campaigns: vec![Arc::new(Campaign::new(
                "campaign".to_owned(),
                self.catalog.program.id.clone(),
                factor(&form.campaign_multiplier)?,
                self.now,
            ))],
            ..Boosts::default()
        };
        let body = form.into_body().to_string().into_bytes();
        self.events.push(crate::work::parse(&body, self.now)?);
        self.bodies.push(body);
        self.snapshots.push(EventSnapshot {
            catalog: Arc::clone(&self.catalog),
            record: None,
            payment: None,
            account: Some(Account {
                version: 1,
                ..account.clone()
            }),
            past: None,
            redemption: None,
            offer: None,
            referral: None,
            card: None,
            email: None,
            boosts,
            pools: Pools::default(),
            new_account_id: String::new(),
            now: self.now,
        });
        Ok(())
    }
}

fn factor(value: &Value) -> anyhow::Result<Factor> {
    Factor::deserialize(value).context("a multiplier")
}

#[derive(Deserialize)]
struct EventForm {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    created: i64,
    account: String,
    tier_multiplier: Value,
    campaign_multiplier: Value,
    amount: i64,
    currency: String,
    metadata: Value,
    items: Vec<ItemForm>,
}

#[derive(Deserialize)]
struct ItemForm {
    sku: String,
    category: String,
    quantity: i64,
    amount: i64,
}

impl EventForm {
    fn into_body(self) -> Value {
        let items: Vec<Value> = self
            .items
            .into_iter()
            .map(|item| {
                json!({
                    "product": item.sku, "category": item.category, "quantity": item.quantity,
                    "amount": item.amount,
                })
            })
            .collect();
        json!({
            "type": self.event_type,
            "data": {
                "id": self.id, "created": self.created, "account": self.account,
                "amount": self.amount, "currency": self.currency, "metadata": self.metadata,
                "line_items": items,
            },
        })
    }
}

#[derive(Deserialize)]
struct RuleForm {
    id: String,
    trigger: String,
    active: bool,
    conditions: Vec<ConditionForm>,
    award: Value,
    multiplier: Value,
}

#[derive(Deserialize)]
struct ConditionForm {
    field: String,
    op: String,
    value: Value,
}

impl RuleForm {
    fn compile(mut self, created: Timestamp, in_cel: bool) -> anyhow::Result<CompiledRule> {
        // A rate of the job is for 100 minor units, which is what a major unit has in all of its
        // currencies.
        if self.award["type"] == "per_currency"
            && let Some(award) = self.award.as_object_mut()
        {
            award.remove("per");
        }
        let mut rule = json!({
            "id": self.id, "program": DEFAULT_PROGRAM, "trigger": self.trigger,
            "active": self.active, "award": self.award, "multiplier": self.multiplier,
            "version": 1, "created": created,
        });
        let (mut when, mut parts) = (Where::default(), Vec::new());
        for condition in self.conditions {
            let ConditionForm { field, op, value } = condition;
            parts.push(match (field.as_str(), op.as_str()) {
                ("items.category", _) => {
                    format!("event.line_items.exists(i, i.category in {value})")
                }
                (field, "gte") => format!("event.{field} >= {value}"),
                (field, _) => format!("event.{field} == {value}"),
            });
            match (field.as_str(), op.as_str(), &value) {
                ("items.category", "in", _) => rule["earn_on"] = json!({"categories": value}),
                ("amount", "gte", Value::Number(least)) => when.amount_min = least.as_i64(),
                (field, "eq", Value::String(text)) if field.starts_with("metadata.") => {
                    when.metadata
                        .push((field["metadata.".len()..].to_owned(), text.clone()));
                }
                _ => bail!("no such condition: {field} {op} {value}"),
            }
        }
        let is_empty = when.amount_min.is_none() && when.metadata.is_empty();
        let when = if in_cel {
            let source = parts.join(" && ");
            let compile = |source| laurel_conditions::compile(source, Scope::Event);
            Some(source.as_str())
                .filter(|source| !source.is_empty())
                .map(compile)
                .transpose()?
        } else {
            (!is_empty).then(|| Arc::new(when) as Arc<dyn Condition>)
        };
        let rule: Rule = serde_json::from_value(rule)?;
        Ok(CompiledRule::new(Arc::new(rule), when))
    }
}

/// The conditions of a job that are not fields of a rule.
#[derive(Debug, Default)]
struct Where {
    amount_min: Option<i64>,
    metadata: Vec<(String, String)>,
}

impl Condition for Where {
    fn holds(&self, facts: &Facts<'_>, _: &mut Steps) -> Result<bool, String> {
        let event = facts.event.ok_or("there is no event")?;
        if self
            .amount_min
            .is_some_and(|least| event.amount.is_none_or(|amount| amount < least))
        {
            return Ok(false);
        }
        if self.metadata.is_empty() {
            return Ok(true);
        }
        let metadata = event.data.get("metadata");
        let matches = |(key, text): &(String, String)| {
            metadata
                .and_then(|metadata| metadata.get(key))
                .and_then(Value::as_str)
                == Some(text)
        };
        Ok(self.metadata.iter().all(matches))
    }
}
