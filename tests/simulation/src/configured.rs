//! Rules, tiers and campaigns as the engine has them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{Configured, Error, Ledger};
use laurel_model::{Campaign, Tier, TierBasis};
use laurel_rules::{Code, Refusal, Rule, campaign};
use laurel_tests::{PROGRAM, merge};
use serde_json::{Value, json};

use crate::oracle::Oracle;

impl Oracle {
    /// Replaces a rule.
    pub(crate) async fn set_rule(
        &self,
        ledger: &Ledger,
        rule: &laurel_model::Rule,
    ) -> Result<(), Error> {
        self.set::<Rule>(ledger, &rule.id, rule_json(rule, 0)).await
    }

    /// Creates the tier with this key, or replaces it. Keys name tiers for good, ids do not.
    pub(crate) async fn set_tier(&self, ledger: &Ledger, tier: &Tier) -> Result<(), Error> {
        let id = self.tier_id(&tier.key);
        let multiplier = tier.multiplier.json();
        let value = json!({
            "id": id, "program": PROGRAM, "key": tier.key, "name": tier.key,
            "threshold": tier.threshold, "multiplier": multiplier,
        });
        self.set::<laurel_rules::Tier>(ledger, &id, value).await?;
        self.evaluate_tiers(ledger).await
    }

    /// The id of the tier with this key: whoever deletes a tier and makes it again makes another.
    fn tier_id(&self, key: &str) -> String {
        let deleted = self.deleted_tiers.iter().filter(|gone| *gone == key);
        format!("tier_{key}_{}", deleted.count())
    }

    /// Lets the evaluation run that a change of the tiers has started, where members could lose by
    /// time what a read has shown since, and nothing has written.
    async fn evaluate_tiers(&self, ledger: &Ledger) -> Result<(), Error> {
        if self.model.settings().tier_basis == TierBasis::LifetimePoints {
            return Ok(());
        }
        let until = Instant::now() + Duration::from_secs(600);
        ledger.evaluate_tiers(until).await.map(drop)
    }

    pub(crate) async fn delete_tier(&self, ledger: &Ledger, key: &str) -> Result<(), Error> {
        let id = self.tier_id(key);
        let gone = ledger.delete_configured::<laurel_rules::Tier>(&id).await;
        match gone {
            // An attempt before has deleted it.
            Err(Error::Refused(refusal)) if refusal.code == Code::ResourceMissing => {}
            gone => drop(gone?),
        }
        self.evaluate_tiers(ledger).await
    }

    pub(crate) async fn set_campaign(
        &self,
        ledger: &Ledger,
        campaign: &Campaign,
    ) -> Result<(), Error> {
        let value = Value::Object(campaign.to_api(PROGRAM));
        if self.model.campaigns().iter().any(|it| it.id == campaign.id) {
            // A lower limit of a budget holds when this answers.
            let change = |object: &mut campaign::Campaign| replace(object, &value);
            return ledger.update_campaign(&campaign.id, change).await.map(drop);
        }
        self.set::<campaign::Campaign>(ledger, &campaign.id, value)
            .await
    }

    /// Creates an object of the program's configuration, or replaces it. What is created later
    /// is dated later.
    pub(crate) async fn set<T: Configured>(
        &self,
        ledger: &Ledger,
        id: &str,
        mut value: Value,
    ) -> Result<(), Error> {
        let created = created(self.steps + 100);
        merge(&mut value, json!({"created": created, "version": 1}));
        let new: T = serde_json::from_value(value.clone()).expect("an object");
        match ledger.configured::<T>(id).await {
            Ok(_) => {
                let change = |object: &mut T| replace(object, &value);
                ledger.update_configured(id, change).await.map(drop)
            }
            Err(Error::Refused(refusal)) if refusal.code == Code::ResourceMissing => {
                let request = format!("step {}", self.steps);
                ledger.create_configured(new, &request).await.map(drop)
            }
            Err(error) => Err(error),
        }
    }
}

/// Puts `value` in the place of an object, whose age it keeps.
fn replace<T: Configured>(object: &mut T, value: &Value) -> Result<(), Refusal> {
    let mut after = value.clone();
    let before = serde_json::to_value(&*object).expect("an object as JSON");
    for field in ["created", "version"] {
        after[field] = before[field].clone();
    }
    *object = serde_json::from_value(after).expect("an object");
    Ok(())
}

/// When the object in this place of the order of creation was created.
fn created(place: usize) -> Timestamp {
    laurel_tests::at("2026-01-01T00:00:00Z")
        + SignedDuration::from_secs(i64::try_from(place).unwrap_or(0))
}

pub(crate) fn rule_json(rule: &laurel_model::Rule, place: usize) -> Value {
    let mut value = Value::Object(rule.to_api(PROGRAM));
    let mut in_force = rule.clone();
    in_force.cap = rule.cap_in_force();
    let cap = in_force
        .to_api(PROGRAM)
        .remove("cap")
        .unwrap_or(Value::Null);
    merge(
        &mut value,
        json!({"id": rule.id, "cap": cap, "created": created(place)}),
    );
    value
}
