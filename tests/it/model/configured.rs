//! Rules, tiers and campaigns as the engine has them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{Configured, Error, Ledger};
use laurel_model::{Campaign, Tier, TierBasis};
use laurel_rules::{Refusal, Rule, campaign};
use laurel_tests::{PROGRAM, merge};
use serde_json::{Value, json};

use super::Pair;

impl Pair {
    /// Replaces a rule.
    pub(super) async fn set_rule(
        &self,
        ledger: &Ledger,
        rule: &laurel_model::Rule,
    ) -> Result<(), Error> {
        self.set::<Rule>(ledger, &rule.id, rule_json(rule, 0)).await
    }

    /// Creates the tier with this key, or replaces it. Keys name tiers for good, ids do not.
    pub(super) async fn set_tier(&mut self, ledger: &Ledger, tier: &Tier) -> Result<(), Error> {
        let steps = self.steps;
        let id = self.tier_ids.entry(tier.key.clone());
        let id = id.or_insert_with(|| format!("tier_{}_{steps}", tier.key));
        let (id, multiplier) = (id.clone(), tier.multiplier.json());
        let value = json!({
            "id": id, "program": PROGRAM, "key": tier.key, "name": tier.key,
            "threshold": tier.threshold, "multiplier": multiplier,
        });
        self.set::<laurel_rules::Tier>(ledger, &id, value).await?;
        self.evaluate_tiers(ledger).await
    }

    /// Has a change of the tiers written for all members, where members could lose by time what
    /// a read has shown since, and nothing has written.
    async fn evaluate_tiers(&self, ledger: &Ledger) -> Result<(), Error> {
        if self.model.settings().tier_basis == TierBasis::LifetimePoints {
            return Ok(());
        }
        let request = format!("step {}", self.steps);
        ledger.start_tier_evaluation(PROGRAM, &request).await?;
        let until = Instant::now() + Duration::from_secs(600);
        ledger.evaluate_tiers(until).await.map(drop)
    }

    pub(super) async fn delete_tier(&mut self, ledger: &Ledger, key: &str) -> Result<(), Error> {
        let id = self.tier_ids.remove(key).expect("a known tier");
        let gone = ledger.delete_configured::<laurel_rules::Tier>(&id).await;
        gone?;
        self.evaluate_tiers(ledger).await
    }

    pub(super) async fn set_campaign(
        &self,
        ledger: &Ledger,
        campaign: &Campaign,
    ) -> Result<(), Error> {
        let value = Value::Object(campaign.to_api(PROGRAM));
        let known = ledger.configured::<campaign::Campaign>(&campaign.id);
        if known.await.is_ok() {
            // A lower limit of a budget holds when this answers.
            let change = |object: &mut campaign::Campaign| replace(object, &value);
            return ledger.update_campaign(&campaign.id, change).await.map(drop);
        }
        self.set::<campaign::Campaign>(ledger, &campaign.id, value)
            .await
    }

    /// Creates an object of the program's configuration, or replaces it. What is created later
    /// is dated later.
    pub(super) async fn set<T: Configured>(
        &self,
        ledger: &Ledger,
        id: &str,
        mut value: Value,
    ) -> Result<(), Error> {
        let created = created(self.steps + 100);
        merge(&mut value, json!({"created": created, "version": 1}));
        let new: T = serde_json::from_value(value.clone()).expect("an object");
        if ledger.configured::<T>(id).await.is_err() {
            let request = format!("step {}", self.steps);
            ledger.create_configured(new, &request).await?;
            return Ok(());
        }
        let change = |object: &mut T| replace(object, &value);
        ledger.update_configured(id, change).await.map(drop)
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

pub(super) fn rule_json(rule: &laurel_model::Rule, place: usize) -> Value {
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
