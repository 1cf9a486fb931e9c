//! What a request says of a rule's experiment.

use jiff::Timestamp;
use laurel_rules::{
    Refusal, Rule,
    experiment::{Experiment, Variant, WEIGHT_MAX},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    change::{award, cap, earn_on},
    fields::{BASES, EXPERIMENTS, OVERRIDES, VARIANT, WINDOWS},
};
use crate::{fields::Fields, settings};

/// An experiment as a request writes it and an answer repeats it.
#[derive(Debug, Serialize)]
pub(crate) struct ExperimentObject {
    key: String,
    variants: Vec<Variant>,
    currency: Option<String>,
}

impl From<Experiment> for ExperimentObject {
    fn from(experiment: Experiment) -> ExperimentObject {
        ExperimentObject {
            key: experiment.key,
            variants: experiment.variants,
            currency: experiment.currency,
        }
    }
}

/// Reads an experiment. Since when it runs is set where it is begun; what it is called and how
/// many variants it has is checked with the whole rule.
pub(super) fn experiment(fields: &mut Fields, name: &str) -> Result<Option<Experiment>, Refusal> {
    let Some(mut experiment) = fields.object(name, &EXPERIMENTS)? else {
        return Ok(None);
    };
    let key = experiment.required("key", Fields::text)?;
    let variants =
        experiment.required("variants", |fields, name| fields.objects(name, &VARIANT))?;
    let variants = variants.into_iter().enumerate().map(|(place, mut fields)| {
        Ok(Variant {
            key: fields.required("key", Fields::text)?,
            weight: fields
                .required("weight", |fields, name| {
                    fields.whole(name, 1..=i64::from(WEIGHT_MAX))
                })?
                .try_into()
                .unwrap_or(WEIGHT_MAX),
            overrides: overrides(&mut fields, place)?,
        })
    });
    Ok(Some(Experiment {
        key,
        variants: variants.collect::<Result<_, Refusal>>()?,
        currency: experiment.nullable("currency", Fields::currency)?.flatten(),
        started_at: Timestamp::UNIX_EPOCH,
    }))
}

/// Reads what a variant has otherwise. Refusals name the fields as those of a rule, so that their
/// place goes before.
fn overrides(fields: &mut Fields, place: usize) -> Result<Map<String, Value>, Refusal> {
    let within = format!("experiment.variants[{place}].overrides");
    let given = fields.nullable("overrides", Fields::inner)?.flatten();
    let Some(mut given) = given else {
        return Ok(Map::new());
    };
    let read = given.only(&OVERRIDES).and_then(|()| values(&mut given));
    read.map_err(|refusal| refusal.within(&within))
}

fn values(fields: &mut Fields) -> Result<Map<String, Value>, Refusal> {
    let mut values = Map::new();
    put(&mut values, "award", award(fields)?)?;
    put(&mut values, "multiplier", fields.factor("multiplier")?)?;
    put(&mut values, "basis", fields.choice("basis", &BASES)?)?;
    let basis_field = fields.nullable("basis_field", Fields::id)?;
    put(&mut values, "basis_field", basis_field)?;
    put(&mut values, "earn_on", fields.nullable("earn_on", earn_on)?)?;
    put(&mut values, "cap", fields.nullable("cap", cap)?)?;
    put(&mut values, "window", fields.choice("window", &WINDOWS)?)?;
    put(&mut values, "carry", fields.boolean("carry")?)?;
    let pending_days = fields.nullable("pending_days", settings::pending_days)?;
    put(&mut values, "pending_days", pending_days)?;
    let expires = fields.nullable("expires", settings::expiry)?;
    put(&mut values, "expires", expires)?;
    Ok(values)
}

/// Keeps a value that was given, in the form that rules are stored in.
fn put(
    values: &mut Map<String, Value>,
    name: &str,
    value: Option<impl Serialize>,
) -> Result<(), Refusal> {
    if let Some(value) = value {
        let unwritable = |problem: serde_json::Error| {
            Refusal::invalid(name, format!("`{name}` does not fit: {problem}."))
        };
        let value = serde_json::to_value(value).map_err(unwritable)?;
        values.insert(name.to_owned(), value);
    }
    Ok(())
}

/// Lets a rule have the experiment that is asked for, where it runs none yet.
///
/// # Errors
/// `parameter_invalid` where another one runs.
pub(super) fn set(rule: &mut Rule, wanted: Option<&Experiment>) -> Result<(), Refusal> {
    match (&rule.experiment, wanted) {
        (Some(running), Some(wanted)) if running.is_same(wanted) => Ok(()),
        (Some(running), _) => Err(running.is_running()),
        (None, wanted) => {
            rule.experiment = wanted.cloned();
            Ok(())
        }
    }
}
