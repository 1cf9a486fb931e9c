//! Tests as text tables, one step a line: `step words => what must come of it`.
//!
//! ```text
//! program timezone=Europe/Berlin rounding=half_up      settings; what is not named stays
//! rule NAME award=1/100 cap=5000 window=month          creates, or changes with a new version
//! boost tier=1.5 campaign=3                            from here on; `boost` alone clears
//! now 2026-03-01T00:00Z                                moves the clock
//! pay ID AMOUNT CURRENCY [at=…] [items=…] => NAME 94   what each listening rule makes of it
//! do TRIGGER ID => NAME 500
//! refund ID PAYMENT [AMOUNT|all] => NAME -33
//! lost ID PAYMENT => NAME -100
//! adjust AMOUNT => balance
//! account => 61 lifetime 94 pending 10 owed 5
//! ```
//!
//! An award is `points/per`, a fixed number, or `EUR:1,GBP:1.2`. `50 of 94` was truncated by a
//! cap. Line items are `category/product/amount`. An event later than the clock moves it.

use std::{fmt::Write, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{
    Event, Outcome, Plan, Program, Refusal, Rule, Transaction,
    boosts::Boosts,
    campaign::Campaign,
    decide::{Adjustment, Resources, adjust},
    entry::TransactionType,
    event::{ACCOUNT_CREATED, INVOICE_PAID, Intent, LineItem},
    exact::Factor,
};
use serde_json::{Map, Value, json};

use super::{MEMBER, PROGRAM, World, at, event, payment, refund};

/// Runs a script in a fresh world and compares every line's outcome.
#[track_caller]
pub(crate) fn check(script: &str) -> World {
    check_in(World::new(), script)
}

/// Runs a script in `world`.
#[track_caller]
pub(crate) fn check_in(mut world: World, script: &str) -> World {
    let mut problems = String::new();
    for (number, line) in script.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (step, expected) = line
            .split_once("=>")
            .map_or((line, ""), |(a, b)| (a.trim(), b.trim()));
        let got = world.run_line(step);
        if got != expected {
            let _ = write!(
                problems,
                "\nline {}: {step}\n  expected {expected}\n  got      {got}",
                number + 1
            );
        }
    }
    assert!(problems.is_empty(), "{problems}");
    world
}

/// `key=value` words; a word without `=` is a flag.
fn options<'a>(words: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    words
        .iter()
        .map(|word| word.split_once('=').unwrap_or((word, "true")))
}

fn json_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn list(text: &str) -> Value {
    text.split(',').collect()
}

impl World {
    /// Runs one step and tells what came of it.
    pub(crate) fn run_line(&mut self, step: &str) -> String {
        self.step(&step.split_whitespace().collect::<Vec<_>>())
    }

    fn step(&mut self, words: &[&str]) -> String {
        match words {
            ["program", rest @ ..] => self.configure(rest),
            ["rule", name, rest @ ..] => self.define(name, rest),
            ["boost", rest @ ..] => self.boost(rest),
            ["now", time] => self.now = at(time),
            ["close"] => self.close(MEMBER),
            ["pay", id, amount, currency, rest @ ..] => {
                let amount = amount.parse().expect("an amount");
                return self.run(payment(id, amount, currency, self.now), rest);
            }
            ["do", trigger, id, rest @ ..] => return self.run(event(trigger, id, self.now), rest),
            ["refund", id, of, amount, rest @ ..] => {
                let amount = (*amount != "all").then(|| amount.parse().expect("an amount"));
                return self.run(refund(id, of, amount, self.now), rest);
            }
            ["lost", id, of, rest @ ..] => {
                let lost = Event {
                    trigger: "payment.disputed".to_owned(),
                    ..refund(id, of, None, self.now)
                };
                return self.run(lost, rest);
            }
            ["adjust", amount, rest @ ..] => return self.adjust(amount, rest),
            ["account"] => return self.account_text(),
            ["past_reads"] => return std::mem::take(&mut self.past_reads).to_string(),
            _ => panic!("no such step: {words:?}"),
        }
        String::new()
    }

    fn configure(&mut self, words: &[&str]) {
        let mut form = serde_json::to_value(&self.program).expect("json");
        for (key, value) in options(words) {
            form[key] = match key {
                "expires" => expires(value),
                _ => json_value(value),
            };
        }
        self.program = serde_json::from_value::<Program>(form).expect("a program");
    }

    fn define(&mut self, name: &str, words: &[&str]) {
        let known = self.rules.iter().position(|rule| rule.id == name);
        let age = i64::try_from(known.unwrap_or(self.rules.len())).expect("few rules");
        let mut form = json!({
            "id": name, "program": PROGRAM, "trigger": "payment.completed", "active": true,
            "version": known.map_or(1, |place| self.rules[place].version + 1),
            "created": Timestamp::from_second(age).expect("a time"),
        });
        for (key, value) in options(words) {
            match key {
                "award" => form["award"] = award(value),
                "cap" => form["cap"]["points"] = json_value(value),
                "awards" => form["cap"]["awards"] = json_value(value),
                "rolling" => form["cap"]["rolling"] = json!(true),
                "categories" | "products" => form["earn_on"][key] = list(value),
                "not_categories" => form["earn_on"]["exclude"]["categories"] = list(value),
                "not_products" => form["earn_on"]["exclude"]["products"] = list(value),
                "group" => form["exclusive_group"] = json_value(value),
                "inactive" => form["active"] = json!(false),
                "expires" => form[key] = expires(value),
                "milestone" => form[key] = milestone(value),
                "streak" => form[key] = streak(value),
                _ => form[key] = json_value(value),
            }
        }
        let rule: Rule = serde_json::from_value(form.clone()).expect("a rule");
        rule.check().expect("a valid rule");
        let stored: Rule = serde_json::from_str(&serde_json::to_string(&rule).expect("json"))
            .expect("what was written can be read");
        assert_eq!(stored, rule);
        match known {
            Some(place) => self.rules[place] = rule,
            None => self.rules.push(rule),
        }
    }

    fn boost(&mut self, words: &[&str]) {
        self.boosts = Boosts::default();
        for (place, (key, value)) in options(words).enumerate() {
            let factor = Factor::parse(value).expect("a factor");
            match key {
                "tier" => self.boosts.tier = Some(("gold".to_owned(), factor)),
                _ => self.boosts.campaigns.push(Arc::new(Campaign::new(
                    format!("camp_{place}"),
                    PROGRAM.to_owned(),
                    factor,
                    self.now,
                ))),
            }
        }
    }

    fn run(&mut self, mut event: Event, words: &[&str]) -> String {
        for (key, value) in options(words) {
            match key {
                "at" => event.occurred_at = at(value),
                "by" => event.member.accounts = vec![value.to_owned()],
                "customer" => {
                    event.member.accounts.clear();
                    event.member.customer = Some(value.to_owned());
                }
                "invoice" => event.trigger = INVOICE_PAID.to_owned(),
                "amount" => event.amount = value.parse().ok(),
                "currency" => event.currency = iso_currency::Currency::from_code(value),
                "items" => event.line_items = value.split(',').map(line_item).collect(),
                "ignored" => event.intent = Intent::Ignore,
                _ => {
                    event.data.insert(key.to_owned(), json_value(value));
                }
            }
            if key != "at" {
                event.content.push_str(&format!(" {key}={value}"));
            }
        }
        if event.trigger == ACCOUNT_CREATED {
            // Its content is not compared: the edge gives it none.
            event.content.clear();
        }
        self.now = self.now.max(event.occurred_at);
        self.outcome_text(&event)
    }

    fn outcome_text(&mut self, event: &Event) -> String {
        let verdicts = match event.intent {
            Intent::Earn => self.verdicts(event),
            _ => Ok(Vec::new()),
        };
        let first = self.entries.len();
        let outcome = match self.handle(event) {
            Ok(outcome) => outcome,
            Err(Refusal { code, .. }) => return format!("refused {}", code.as_str()),
        };
        if outcome.duplicate {
            return format!("duplicate {}", outcome.outcome.as_str());
        }
        let written = || {
            self.entries[first..]
                .iter()
                .flat_map(|entry| &entry.transactions)
        };
        let said: Vec<String> = verdicts
            .expect("what was refused is not committed")
            .iter()
            .map(|(rule, what)| format!("{rule} {what}"))
            .collect();
        let mut parts = Vec::new();
        match outcome.outcome {
            Outcome::Awarded | Outcome::NoAward => parts.push(said.join(", ")),
            Outcome::Reversed => {}
            other => parts.push(other.as_str().to_owned()),
        }
        let rest = written().filter(|t| t.kind != TransactionType::Earn);
        parts.extend(rest.map(|transaction| self.transaction_text(transaction)));
        parts.join("; ")
    }

    fn transaction_text(&self, made: &Transaction) -> String {
        let name = match (&made.rule, made.kind) {
            (Some((rule, _)), _) => rule.as_str(),
            (None, kind) => kind.as_str(),
        };
        let mut text = format!("{name} {}", made.amount);
        if made.available_at.is_some_and(|from| from > self.now) {
            text.push_str(" pending");
        }
        if let Some(lost) = made.written_off {
            let _ = write!(text, " written off {lost}");
        }
        text
    }

    fn adjust(&mut self, amount: &str, words: &[&str]) -> String {
        let mut asked = Adjustment {
            account: MEMBER.to_owned(),
            amount: amount.parse().expect("points"),
            reason: "goodwill".to_owned(),
            allow_negative: false,
            lifetime: false,
            expires_at: None,
            metadata: Default::default(),
            key: format!("adj_{}", self.entries.len()),
            content: amount.to_owned(),
        };
        for (key, value) in options(words) {
            match key {
                "allow_negative" => asked.allow_negative = true,
                "expires_at" => asked.expires_at = Some(at(value)),
                _ => panic!("no such option: {key}"),
            }
        }
        let account = &self.accounts[MEMBER];
        match adjust(
            &self.catalog(),
            account,
            None,
            &Resources::default(),
            &asked,
            self.now,
        ) {
            Ok(Plan::Commit(commit, _)) => self.apply(*commit),
            Ok(other) => panic!("{other:?}"),
            Err(Refusal { code, .. }) => return format!("refused {}", code.as_str()),
        }
        self.account(MEMBER).balance(self.now).to_string()
    }

    fn account_text(&self) -> String {
        let account = self.account(MEMBER);
        let mut text = format!(
            "{} lifetime {}",
            account.balance(self.now),
            account.lifetime_points
        );
        for (name, points) in [
            ("pending", account.pending(self.now)),
            ("owed", account.points.deficit),
        ] {
            if points != 0 {
                let _ = write!(text, " {name} {points}");
            }
        }
        text
    }
}

fn award(text: &str) -> Value {
    if let Some((points, per)) = text.split_once('/') {
        return json!({"type": "per_amount", "per": json_value(per), "points": json_value(points)});
    }
    if text.contains(':') {
        let pairs = text.split(',').filter_map(|pair| pair.split_once(':'));
        let rates: Map<String, Value> = pairs
            .map(|(code, rate)| (code.to_owned(), json_value(rate)))
            .collect();
        return json!({"type": "per_currency", "rates": rates});
    }
    json!({"type": "fixed", "points": json_value(text)})
}

/// `payment.completed.sum:100,500`
fn milestone(text: &str) -> Value {
    let (stat, thresholds) = text.split_once(':').expect("a stat and thresholds");
    let thresholds: Vec<Value> = thresholds.split(',').map(json_value).collect();
    json!({"stat": stat, "at": thresholds})
}

/// `day:7`, `week:4:repeat`, `day:3:once:2` with two missed days forgiven.
fn streak(text: &str) -> Value {
    let parts: Vec<&str> = text.split(':').collect();
    let [unit, length, rest @ ..] = &parts[..] else {
        panic!("no streak: {text}");
    };
    let grace = rest.get(1).map_or(json!(0), |grace| json_value(grace));
    json!({
        "unit": unit, "length": json_value(length), "grace": grace,
        "repeat": rest.first() == Some(&"repeat"),
    })
}

/// `P12M`, `P12M/month` or `idle:P6M`; `never` for none.
fn expires(text: &str) -> Value {
    match (text.strip_prefix("idle:"), text.split_once('/')) {
        _ if text == "never" => Value::Null,
        (Some(period), _) => json!({"inactivity": period}),
        (None, Some((after, round))) => json!({"after": after, "round": round}),
        (None, None) => json!({"after": text}),
    }
}

fn line_item(text: &str) -> LineItem {
    let mut parts = text.split('/');
    let mut name = || {
        parts
            .next()
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
    };
    let (category, product, amount) = (name(), name(), name());
    LineItem {
        product,
        category,
        quantity: 1,
        amount: amount
            .expect("category/product/amount")
            .parse()
            .expect("an amount"),
    }
}
