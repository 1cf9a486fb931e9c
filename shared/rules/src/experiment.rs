//! Experiments: a rule that gives members different awards, each member always the same one
//! (spec section 6, "A/B").
//!
//! What is configured stands here, with who gets which variant; what is kept of a member, and
//! counted over all of them, in [`standing`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Account, Code, Refusal, Rule, condition::Condition, rule::CompiledRule};

pub mod standing;

use std::sync::Arc;

/// How many experiments may run in a program at once: an account keeps figures of each.
pub const RUNNING_MAX: usize = 20;
/// How many experiments that have ended a rule remembers.
pub const ENDED_MAX: usize = 20;
/// The greatest weight.
pub const WEIGHT_MAX: u32 = 1_000_000;
/// The fewest variants.
pub const VARIANTS_MIN: usize = 2;
/// The most variants.
pub const VARIANTS_MAX: usize = 10;
/// What a variant may have otherwise than its rule.
pub const OVERRIDABLE: [&str; 10] = [
    "award",
    "multiplier",
    "basis",
    "basis_field",
    "earn_on",
    "cap",
    "window",
    "carry",
    "pending_days",
    "expires",
];

/// An experiment on a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// What it is called, once in its program.
    pub key: String,
    /// The first is the control, which the others are compared with.
    pub variants: Vec<Variant>,
    /// Only amounts in this currency count as spend; all where absent, as if there were one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Since when it runs.
    pub started_at: Timestamp,
}

/// What some of the members get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// What it is called, once in its experiment.
    pub key: String,
    /// How many of the members get it, beside the other weights.
    pub weight: u32,
    /// Fields of the rule that are otherwise; null stands for a field that is not set.
    #[serde(default)]
    pub overrides: Map<String, Value>,
}

/// An experiment that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What it was.
    #[serde(flatten)]
    pub experiment: Experiment,
    /// When it was stopped.
    pub stopped_at: Timestamp,
    /// The variant that the rule went on as; as itself where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<String>,
}

/// Which variant of which experiment a rule is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The experiment's key.
    #[serde(rename = "key")]
    pub experiment: String,
    /// The variant's key.
    pub variant: String,
    /// Only amounts in this currency count as spend, where there is one.
    #[serde(skip)]
    pub currency: Option<String>,
}

impl Experiment {
    /// Checks it, and each variant as a rule.
    ///
    /// # Errors
    /// The first refusal; its `param` is relative to the rule.
    pub(crate) fn check(&self, rule: &Rule) -> Result<(), Refusal> {
        check_key("experiment.key", &self.key)?;
        if rule
            .ended_experiments
            .iter()
            .any(|ended| ended.experiment.key == self.key)
        {
            return Err(taken(&self.key));
        }
        if rule.ended_experiments.len() >= ENDED_MAX {
            let message = format!(
                "A rule remembers at most {ENDED_MAX} experiments; make another rule for this one."
            );
            return Err(Refusal::new(Code::LimitReached, message).at("experiment"));
        }
        if let Some(currency) = &self.currency
            && iso_currency::Currency::from_code(currency).is_none()
        {
            let message = "`experiment.currency` must be an ISO 4217 currency code, as \"EUR\".";
            return Err(Refusal::invalid("experiment.currency", message));
        }
        if !(VARIANTS_MIN..=VARIANTS_MAX).contains(&self.variants.len()) {
            let message = "`experiment.variants` must have 2 to 10 variants.";
            return Err(Refusal::invalid("experiment.variants", message));
        }
        for (place, variant) in self.variants.iter().enumerate() {
            let path = format!("experiment.variants[{place}]");
            check_key(&format!("{path}.key"), &variant.key)?;
            let before = self.variants.iter().take(place);
            if before.into_iter().any(|other| other.key == variant.key) {
                let message = format!("`{path}.key` is that of another variant.");
                return Err(Refusal::invalid(format!("{path}.key"), message));
            }
            if !(1..=WEIGHT_MAX).contains(&variant.weight) {
                let message =
                    format!("`{path}.weight` must be a whole number from 1 to {WEIGHT_MAX}.");
                return Err(Refusal::invalid(format!("{path}.weight"), message));
            }
            let as_rule = rule.as_variant(self, variant);
            let checked = as_rule.and_then(|rule| rule.check());
            checked.map_err(|refusal| refusal.within(&format!("{path}.overrides")))?;
        }
        Ok(())
    }

    /// Whether the other asks for the same; since when does not matter.
    #[must_use]
    pub fn is_same(&self, other: &Experiment) -> bool {
        let Experiment {
            key,
            variants,
            currency,
            started_at: _,
        } = self;
        (key, variants, currency) == (&other.key, &other.variants, &other.currency)
    }

    /// The refusal of a change while it runs.
    #[must_use]
    pub fn is_running(&self) -> Refusal {
        let message = format!(
            "The experiment `{}` runs, and its members stay where they are; stop it, then start \
             one with another key.",
            self.key
        );
        Refusal::invalid("experiment", message)
    }
}

fn check_key(param: &str, key: &str) -> Result<(), Refusal> {
    let is_one = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !key.is_empty() && key.len() <= 40 && key.bytes().all(is_one) {
        return Ok(());
    }
    let message =
        format!("`{param}` must be 1 to 40 ASCII letters, digits, underscores or hyphens.");
    Err(Refusal::invalid(param, message))
}

fn taken(key: &str) -> Refusal {
    let message = format!("There was an experiment `{key}` already; choose another key.");
    Refusal::new(Code::ResourceAlreadyExists, message).at("experiment.key")
}

impl Rule {
    /// The rule as a variant has it.
    ///
    /// # Errors
    /// `parameter_invalid` where an override is no value of its field.
    fn as_variant(&self, experiment: &Experiment, variant: &Variant) -> Result<Rule, Refusal> {
        let unreadable = |problem: serde_json::Error| {
            Refusal::new(
                Code::ParameterInvalid,
                format!("An override does not fit: {problem}."),
            )
        };
        let mut fields = match serde_json::to_value(self).map_err(unreadable)? {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.remove("experiment");
        for (name, value) in &variant.overrides {
            if !OVERRIDABLE.contains(&name.as_str()) {
                let message = format!("`{name}` is no field that a variant can have otherwise.");
                return Err(Refusal::new(Code::ParameterUnknown, message).at(name));
            }
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        let rule = serde_json::from_value(Value::Object(fields)).map_err(unreadable)?;
        Ok(Rule {
            trial: Some(Trial {
                experiment: experiment.key.clone(),
                variant: variant.key.clone(),
                currency: experiment.currency.clone(),
            }),
            ..rule
        })
    }

    /// Checks the rule's experiment beside those of the other rules of its program.
    ///
    /// # Errors
    /// `resource_already_exists` where another has the key; `limit_reached` where too many run.
    pub fn check_experiment_beside<'a>(
        &self,
        others: impl Iterator<Item = &'a Rule>,
    ) -> Result<(), Refusal> {
        let Some(own) = &self.experiment else {
            return Ok(());
        };
        let mut running = 1;
        for other in others {
            let ended = other
                .ended_experiments
                .iter()
                .map(|ended| &ended.experiment);
            for experiment in ended.chain(&other.experiment) {
                if experiment.key == own.key {
                    return Err(taken(&own.key));
                }
            }
            running += usize::from(other.experiment.is_some());
        }
        if running > RUNNING_MAX {
            let message = format!("At most {RUNNING_MAX} experiments may run in a program.");
            return Err(Refusal::new(Code::LimitReached, message).at("experiment"));
        }
        Ok(())
    }

    /// Ends the experiment that runs: the rule goes on with the fields of the winner, or its own.
    /// Without one it stays as it is.
    ///
    /// # Errors
    /// `parameter_invalid` where there is no such variant.
    pub fn stop_experiment(&mut self, winner: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
        let Some(experiment) = self.experiment.take() else {
            return Ok(());
        };
        if let Some(winner) = winner {
            let mut variants = experiment.variants.iter();
            let Some(variant) = variants.find(|variant| variant.key == winner) else {
                let message = format!("The experiment has no variant `{winner}`.");
                return Err(Refusal::invalid("winner", message));
            };
            *self = self.as_variant(&experiment, variant)?;
            self.trial = None;
        }
        self.ended_experiments.push(Ended {
            experiment,
            stopped_at: now,
            winner: winner.map(str::to_owned),
        });
        Ok(())
    }
}

/// An experiment made ready: its variants are rules.
#[derive(Debug, Clone)]
pub(crate) struct CompiledExperiment {
    key: String,
    /// Each with the sum of the weights up to it.
    variants: Box<[(u64, CompiledRule)]>,
}

impl CompiledExperiment {
    /// Makes the experiment of `rule` ready, where it has one.
    pub(crate) fn new(
        rule: &Rule,
        when: Option<&Arc<dyn Condition>>,
    ) -> Option<Box<CompiledExperiment>> {
        let experiment = rule.experiment.as_ref()?;
        let mut sum = 0;
        let variants = experiment.variants.iter().filter_map(|variant| {
            sum += u64::from(variant.weight);
            // It was checked when it was saved.
            let rule = rule.as_variant(experiment, variant).ok()?;
            Some((sum, CompiledRule::new(Arc::new(rule), when.cloned())))
        });
        Some(Box::new(CompiledExperiment {
            variants: variants.collect(),
            key: experiment.key.clone(),
        }))
    }

    /// The rules that it makes of its own.
    pub(crate) fn rules_mut(&mut self) -> impl Iterator<Item = &mut CompiledRule> {
        self.variants.iter_mut().map(|(_, rule)| rule)
    }

    /// The same, to look at.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &CompiledRule> {
        self.variants.iter().map(|(_, rule)| rule)
    }

    /// The variant of a member: the one that the member has had so far, else the one that follows
    /// from experiment and account. Somebody who is no member yet sees the control.
    pub(crate) fn of(&self, account: Option<&Account>) -> Option<&CompiledRule> {
        let first = self.variants.first().map(|(_, rule)| rule);
        let Some(account) = account else {
            return first;
        };
        if let Some(standing) = account.experiments.get(&self.key) {
            let is_it = |rule: &&CompiledRule| {
                let trial = rule.rule.trial.as_ref();
                trial.is_some_and(|trial| trial.variant == standing.variant)
            };
            if let Some(rule) = self.rules().find(is_it) {
                return Some(rule);
            }
        }
        let total = self.variants.last().map_or(1, |(sum, _)| *sum);
        let point = point(&self.key, &account.id, total);
        let mut variants = self.variants.iter();
        variants
            .find(|(sum, _)| point < *sum)
            .map_or(first, |(_, rule)| Some(rule))
    }
}

/// A number from 0 to below `total` that follows from experiment and account: the first 64 bits
/// of a SHA-256 of both, scaled. Numbers differ in how likely they are by less than 2⁻⁴⁰.
fn point(experiment: &str, account: &str, total: u64) -> u64 {
    let digest = Sha256::new()
        .chain_update(experiment)
        .chain_update([0])
        .chain_update(account)
        .finalize();
    let bits = digest
        .iter()
        .take(8)
        .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let scaled = (u128::from(bits) * u128::from(total)) >> 64;
    u64::try_from(scaled).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_spread_by_their_weights() {
        let mut counts = [0_u32; 4];
        for number in 0..40_000 {
            let place = usize::try_from(point("exp", &format!("loy_{number}"), 4));
            counts[place.expect("small")] += 1;
        }
        // 10,000 each; four standard deviations of a binomial are 346.
        for count in counts {
            assert!((9_654..=10_346).contains(&count), "{counts:?}");
        }
        // Another experiment spreads the same members anew: half of those with 0 have 1 there.
        let both = (0..40_000).filter(|number| {
            let account = format!("loy_{number}");
            point("exp", &account, 2) == 0 && point("other", &account, 2) == 1
        });
        let both = both.count();
        assert!((9_654..=10_346).contains(&both), "{both}");
    }

    #[test]
    fn a_member_stays() {
        // Fixed for good: whoever changes this moves every member of running experiments.
        let points = ["loy_1", "loy_2", "loy_3"].map(|id| point("welcome", id, 1_000_000));
        assert_eq!(points, [237_430, 822_033, 394_366]);
        assert_eq!(point("welcome", "loy_1", 1), 0);
    }
}
