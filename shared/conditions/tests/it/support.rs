//! Facts from JSON, as events and accounts come.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_conditions::{Scope, compile};
use laurel_rules::{
    Account, Catalog, Event, Program,
    condition::{Condition, Facts, Steps},
    purse::{Lot, LotId},
};
use serde_json::{Value, json};

/// When everything here happens, unless it says otherwise: a Sunday.
const NOW: &str = "2026-11-22T18:30:00Z";

/// What a condition is judged by.
pub(crate) struct Given {
    catalog: Catalog,
    event: Option<Event>,
    account: Option<Account>,
    now: Timestamp,
}

impl Given {
    /// `{event: {type, data, occurred_at}, member: {…}, segments: {key: when}, timezone}`, each of
    /// which may be absent; `member: null` is an anonymous visitor.
    pub(crate) fn new(given: &Value) -> Given {
        let now: Timestamp = NOW.parse().expect("a time");
        let mut program = Program::new("prog_default", "salt", now);
        program.metadata.insert("country".into(), "DE".into());
        let zone = given["timezone"].as_str().unwrap_or("Europe/Berlin");
        program.timezone = jiff::tz::TimeZone::get(zone).expect(zone);
        let segments = given["segments"].as_object().cloned().unwrap_or_default();
        let segments: Vec<(String, Arc<dyn Condition>)> = segments
            .into_iter()
            .map(|(key, when)| {
                let when = when.as_str().expect("a condition");
                (key, compile(when, Scope::Segment).expect("a segment"))
            })
            .collect();
        let account = match given.get("member") {
            Some(Value::Null) => None,
            member => Some(account(&program, member.unwrap_or(&json!({})), now)),
        };
        let event = match given.get("event") {
            Some(Value::Null) => None,
            event => {
                let fallback = json!({});
                Some(self::event(event.unwrap_or(&fallback), now))
            }
        };
        Given {
            catalog: Catalog::new(program, 1, Vec::new()).with_segments(segments),
            event,
            account,
            now,
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            catalog: &self.catalog,
            event: self.event.as_ref(),
            account: self.account.as_ref(),
            at: self.event.as_ref().map_or(self.now, |it| it.occurred_at),
            decided_at: self.now,
        }
    }

    /// What a condition comes to: `true`, `false`, or why that cannot be told.
    pub(crate) fn judged(&self, condition: &str) -> String {
        let scope = match self.event {
            Some(_) => Scope::Event,
            None => Scope::Member,
        };
        let compiled = match compile(condition, scope) {
            Ok(compiled) => compiled,
            Err(refusal) => return format!("refused: {}", refusal.message),
        };
        match compiled.holds(&self.facts(), &mut Steps::default()) {
            Ok(holds) => holds.to_string(),
            Err(reason) => reason,
        }
    }
}

fn account(program: &Program, member: &Value, now: Timestamp) -> Account {
    let created = member["created_at"]
        .as_str()
        .unwrap_or("2026-01-01T00:00:00Z");
    let created = created.parse().expect("a time");
    let mut account = Account::new("loy_1".to_owned(), program, created, created);
    account.tier.key = member["tier"].as_str().map(str::to_owned);
    account.tier.since = member["tier"].as_str().map(|_| created);
    for (name, value) in member["metadata"].as_object().into_iter().flatten() {
        let value = value.as_str().expect("text").to_owned();
        account.metadata.insert(name.clone(), value);
    }
    if let Some(points) = member["balance"].as_i64() {
        let lot = Lot {
            id: LotId::own(1, 0),
            remaining: points,
            available_at: None,
            expires_at: None,
        };
        account.credit(lot, true, now).expect("points");
    }
    if let Some(points) = member["lifetime_points"].as_i64() {
        account.lifetime_points = points;
    }
    account
}

fn event(event: &Value, now: Timestamp) -> Event {
    let mut data = event.get("data").cloned().unwrap_or_else(|| json!({}));
    let fields = data.as_object_mut().expect("an object");
    fields.entry("id").or_insert_with(|| json!("evt_1"));
    fields.entry("customer").or_insert_with(|| json!("cust_1"));
    let body = json!({
        "type": event["type"].as_str().unwrap_or("review_submitted"),
        "occurred_at": event["occurred_at"].as_str().unwrap_or(NOW),
        "data": data,
    });
    let envelope = laurel_events::from_api(body).expect("an envelope");
    laurel_events::parse(envelope, now).expect("an event")
}
