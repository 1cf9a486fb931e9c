//! Earning rules: which event gives how many points.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de};

use crate::{
    POINTS_MAX, Refusal,
    exact::{Factor, whole},
    experiment::{Ended, Experiment, Trial},
    goal::{self, Milestone, Streak},
    program::Expiry,
};

mod compiled;

pub use compiled::CompiledRule;

/// An earning rule (spec section 1, "Rule fields").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `rule_…`.
    pub id: String,
    /// The program it belongs to.
    pub program: String,
    /// What the operator calls it; the reason on its transactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The event type that it listens to.
    pub trigger: String,
    /// How many points.
    pub award: Award,
    /// Scales the award.
    #[serde(default)]
    pub multiplier: Factor,
    /// What of an incomplete unit counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub basis: Basis,
    /// Which figure of the event counts; `amount` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_field: Option<String>,
    /// Which line items count; all of the payment where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earn_on: Option<EarnOn>,
    /// Limits per member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// The period that `cap` counts over.
    #[serde(default)]
    pub window: Window,
    /// Whether the fraction that rounding cut off counts next time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub carry: bool,
    /// Whether the rule is evaluated.
    pub active: bool,
    /// From when it counts, judged at the event's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Overrides the program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_days: Option<u16>,
    /// Overrides the program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
    /// The higher wins within an exclusive group.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: i32,
    /// Of the rules of one group only one fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_group: Option<String>,
    /// Which one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub exclusive: Exclusive,
    /// Who gets the points.
    #[serde(default, skip_serializing_if = "is_default")]
    pub recipient: Recipient,
    /// Pays for thresholds that a figure of the member crosses, not for each event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Pays for a run of days, weeks or months with an event each, not for each event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streak: Option<Streak>,
    /// The condition on event, member and program, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The experiment that runs on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Experiment>,
    /// Those that ran, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended_experiments: Vec<Ended>,
    /// Which variant it is, where an experiment made it of another rule. It is never stored.
    #[serde(skip)]
    pub trial: Option<Trial>,
    /// Grows with each change, from 1.
    pub version: u32,
    /// The operator's own keys and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How an event becomes points, before multipliers and rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Award {
    /// `amount × points ÷ per`.
    PerAmount {
        /// Minor units.
        per: i64,
        /// Points for each `per`.
        points: i64,
    },
    /// The same for any event.
    Fixed {
        /// Points.
        points: i64,
    },
    /// Amount in major units × the currency's rate.
    PerCurrency {
        /// Points for each major unit, by ISO 4217 code.
        rates: BTreeMap<String, Factor>,
    },
}

impl Award {
    /// Reads an award. The currencies of `per_currency` may stand in `rates` or beside `type`.
    ///
    /// # Errors
    /// A refusal whose `param` is relative to the rule, as `award.per`.
    pub fn parse(value: &serde_json::Value) -> Result<Award, Refusal> {
        let Some(fields) = value.as_object() else {
            return Err(Refusal::invalid(
                "award",
                "`award` must be an object with a `type`.",
            ));
        };
        let allow = |known: &[&str]| match fields.keys().find(|key| !known.contains(&key.as_str()))
        {
            Some(key) => Err(Refusal::new(
                crate::Code::ParameterUnknown,
                format!(
                    "`{key}` is not a field of this award; it has {}.",
                    known.join(", ")
                ),
            )
            .at(format!("award.{key}"))),
            None => Ok(()),
        };
        let count = |name: &str| -> Result<i64, Refusal> {
            let param = format!("award.{name}");
            match fields.get(name) {
                None => Err(Refusal::missing(param)),
                Some(value) => whole(value)
                    .filter(|n| (1..=POINTS_MAX).contains(n))
                    .ok_or_else(|| {
                        let message =
                            format!("`{param}` must be a whole number from 1 to {POINTS_MAX}.");
                        Refusal::invalid(param, message)
                    }),
            }
        };
        match fields
            .get("type")
            .map(|kind| kind.as_str().unwrap_or_default())
        {
            None => Err(Refusal::missing("award.type")),
            Some("per_amount") => {
                allow(&["type", "per", "points"])?;
                Ok(Award::PerAmount {
                    per: count("per")?,
                    points: count("points")?,
                })
            }
            Some("fixed") => {
                allow(&["type", "points"])?;
                Ok(Award::Fixed {
                    points: count("points")?,
                })
            }
            Some("per_currency") => {
                let rates = match fields.get("rates") {
                    Some(rates) => {
                        allow(&["type", "rates"])?;
                        Award::rates(rates, "award.rates")?
                    }
                    None => {
                        let mut beside = fields.clone();
                        beside.remove("type");
                        if beside.is_empty() {
                            return Err(Refusal::missing("award.rates"));
                        }
                        Award::rates(&serde_json::Value::Object(beside), "award")?
                    }
                };
                Ok(Award::PerCurrency { rates })
            }
            Some(_) => Err(Refusal::invalid(
                "award.type",
                "`award.type` must be per_amount, fixed or per_currency.",
            )),
        }
    }

    fn rates(value: &serde_json::Value, path: &str) -> Result<BTreeMap<String, Factor>, Refusal> {
        let Some(rates) = value.as_object().filter(|rates| !rates.is_empty()) else {
            return Err(Refusal::invalid(
                path,
                format!("`{path}` must be an object of currencies and rates, as {{\"EUR\": 1}}."),
            ));
        };
        rates
            .iter()
            .map(|(code, rate)| {
                let param = format!("{path}.{code}");
                if iso_currency::Currency::from_code(code).is_none() {
                    let message = format!("`{code}` is not an ISO 4217 currency code.");
                    return Err(Refusal::invalid(param, message));
                }
                let rate = Factor::deserialize(rate).map_err(|problem| {
                    Refusal::invalid(param.clone(), format!("`{param}` {problem}."))
                })?;
                Ok((code.clone(), rate))
            })
            .collect()
    }
}

impl Serialize for Award {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Form<'a> {
            PerAmount { per: i64, points: i64 },
            Fixed { points: i64 },
            PerCurrency { rates: &'a BTreeMap<String, Factor> },
        }
        match self {
            Award::PerAmount { per, points } => Form::PerAmount {
                per: *per,
                points: *points,
            },
            Award::Fixed { points } => Form::Fixed { points: *points },
            Award::PerCurrency { rates } => Form::PerCurrency { rates },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Award {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Award::parse(&value).map_err(de::Error::custom)
    }
}

/// What of an incomplete unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Its share.
    #[default]
    Exact,
    /// Nothing: `⌊amount ÷ per⌋` before multipliers.
    WholeUnits,
}

/// Which line items of a payment earn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarnOn {
    /// Only these categories; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// Only these products; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<String>>,
    /// Never these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Excluded>,
}

/// Line items that never earn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// These categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// These products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<String>>,
}

/// Limits per member and window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// At most so many points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// At most so many awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awards: Option<u32>,
    /// Over the trailing 24 hours, 7 days or 30 days instead of the calendar's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rolling: bool,
}

/// The period that a cap counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// A calendar day in the program's time zone.
    Day,
    /// A calendar week from Monday.
    Week,
    /// A calendar month.
    Month,
    /// All time.
    #[default]
    Lifetime,
}

impl Window {
    const ALL: [Window; 4] = [Window::Day, Window::Week, Window::Month, Window::Lifetime];

    /// The window as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Window::Day => "day",
            Window::Week => "week",
            Window::Month => "month",
            Window::Lifetime => "lifetime",
        }
    }

    /// Reads what [`Window::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Window> {
        Window::ALL
            .into_iter()
            .find(|window| window.as_str() == text)
    }
}

/// Which rule of an exclusive group fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusive {
    /// The one with the highest priority.
    #[default]
    Priority,
    /// The one that gives most.
    Best,
}

/// Who gets the points of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The member of the event.
    #[default]
    Member,
    /// The member who referred; for referral triggers.
    Referrer,
    /// The member who was referred; for referral triggers.
    Referee,
}

impl Rule {
    /// Checks what the types cannot: ranges, orders and combinations.
    ///
    /// # Errors
    /// The first refusal, with its `param`.
    pub fn check(&self) -> Result<(), Refusal> {
        crate::id::check_event_type("trigger", &self.trigger)?;
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.chars().count() > 200)
        {
            return Err(Refusal::invalid(
                "name",
                "`name` must be at most 200 characters long.",
            ));
        }
        if let Some(cap) = self.cap {
            if cap.points.is_none() && cap.awards.is_none() {
                return Err(Refusal::invalid(
                    "cap",
                    "`cap` needs `points`, `awards` or both.",
                ));
            }
            if cap
                .points
                .is_some_and(|points| !(0..=POINTS_MAX).contains(&points))
            {
                let message =
                    format!("`cap.points` must be a whole number from 0 to {POINTS_MAX}.");
                return Err(Refusal::invalid("cap.points", message));
            }
            if cap.rolling && self.window == Window::Lifetime {
                let message = "A rolling cap needs a `window` of day, week or month.";
                return Err(Refusal::invalid("cap.rolling", message));
            }
        }
        if let (Some(starts_at), Some(ends_at)) = (self.starts_at, self.ends_at)
            && starts_at >= ends_at
        {
            return Err(Refusal::invalid(
                "ends_at",
                "`ends_at` must be after `starts_at`.",
            ));
        }
        if self
            .pending_days
            .is_some_and(|days| days > crate::program::PENDING_DAYS_MAX)
        {
            return Err(Refusal::invalid(
                "pending_days",
                "`pending_days` must be at most 3650.",
            ));
        }
        if let Some(field) = &self.basis_field {
            crate::id::check("basis_field", field)?;
        }
        if let Some(group) = &self.exclusive_group {
            crate::id::check("exclusive_group", group)?;
        }
        if self.recipient != Recipient::Member && !self.trigger.starts_with("referral.") {
            let message = "`recipient` other than `member` is for referral triggers.";
            return Err(Refusal::invalid("recipient", message));
        }
        if let Some(experiment) = &self.experiment {
            experiment.check(self)?;
        }
        goal::check(self)
    }
}
