//! How an award came about, kept with its transaction and read out to whoever asks.

use jiff::civil;
use serde::{Deserialize, Serialize};

use crate::{
    exact::{Factor, Rounding},
    experiment::Trial,
    goal::StreakUnit,
    rule::{Award, Window},
};

/// The trace of one award (spec section 1, "Explain"). Exact numbers are decimal text, or a
/// fraction such as `10/3` where decimals would not end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculation {
    /// The rule.
    pub rule: String,
    /// The version of the rule that was in force.
    pub rule_version: u32,
    /// The award as it was configured.
    pub award: Award,
    /// The figure of the event that counted, in minor units; absent for a fixed award.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<BasisTrace>,
    /// The milestones that it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<MilestoneTrace>,
    /// The streak that it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streak: Option<StreakTrace>,
    /// The award before multipliers; of several thresholds or streaks at once, all together.
    pub base: String,
    /// Each factor with its origin, in the order applied. Those of 1 are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multipliers: Vec<MultiplierTrace>,
    /// The fraction carried in from earlier awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_in: Option<String>,
    /// After multipliers and carry, before rounding.
    pub exact: String,
    /// How it was rounded.
    pub rounding: Rounding,
    /// After rounding, before the cap.
    pub rounded: i64,
    /// The fraction carried on to the next award.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_out: Option<String>,
    /// What the cap did, where the rule has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<CapTrace>,
    /// What budgets did, where any limits the award.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetTrace>,
    /// Campaigns that did not multiply it because their condition could not be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub campaigns_failed: Vec<CampaignTrace>,
    /// Which variant of which experiment it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Trial>,
    /// The points awarded.
    pub points: i64,
}

/// A campaign whose condition failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignTrace {
    /// The campaign.
    pub campaign: String,
    /// Why it could not be told whether the condition holds, for a person.
    pub message: String,
}

/// Which figure of the event counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisTrace {
    /// Its field, or `line_items` where only part of the payment earned.
    pub field: String,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217, where the event named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Which milestones an award was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneTrace {
    /// The figure, as the rule names it.
    pub stat: String,
    /// The figure before the event.
    pub before: i64,
    /// The figure with the event.
    pub after: i64,
    /// The thresholds that were paid.
    pub crossed: Vec<i64>,
}

/// Which streak an award was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreakTrace {
    /// What was counted.
    pub unit: StreakUnit,
    /// How many units a streak takes.
    pub length: u32,
    /// How many units the run had with the event.
    pub run: u32,
    /// How often it paid: more than once where a merge had completed another.
    pub times: u32,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultiplierTrace {
    /// Whose it is.
    pub origin: Origin,
    /// Its id or key.
    pub id: String,
    /// How much.
    pub value: Factor,
}

/// Where a multiplier comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Origin {
    Rule,
    Tier,
    Campaign,
}

/// What a cap did to an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapTrace {
    /// The window that it counts over.
    pub window: Window,
    /// Whether the window trails the event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolling: bool,
    /// The limit in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_points: Option<i64>,
    /// The limit in awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_awards: Option<u32>,
    /// Points used in the window before this award.
    pub used_points: i64,
    /// Awards in the window before this one.
    pub used_awards: i64,
}

/// What a budget did to an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetTrace {
    /// The campaign whose budget it is; the program's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The window that it counts over.
    pub window: Window,
    /// The local date on which that window began; absent for all time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<civil::Date>,
    /// The limit in points over all members.
    pub limit_points: i64,
    /// Points of the award that count against it.
    pub wanted_points: i64,
    /// Points that were left for them.
    pub granted_points: i64,
}
