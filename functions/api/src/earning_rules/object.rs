//! An earning rule as clients see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    Rule,
    exact::Factor,
    goal::{Milestone, Streak},
    program::Expiry,
    rule::{Award, Basis, Cap, EarnOn, Exclusive, Recipient, Window},
};
use serde::Serialize;

use super::{experiment::ExperimentObject, fields::RULE};
use crate::{fields::Kind, routes::Answer};

/// All fields are there always, null where unset: what is stored leaves defaults out.
#[derive(Debug, Serialize)]
pub(crate) struct RuleObject {
    id: String,
    object: &'static str,
    program: String,
    name: Option<String>,
    trigger: String,
    award: Award,
    multiplier: Factor,
    basis: Basis,
    basis_field: Option<String>,
    earn_on: Option<EarnOn>,
    cap: Option<Cap>,
    window: Window,
    carry: bool,
    active: bool,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    pending_days: Option<u16>,
    expires: Option<Expiry>,
    priority: i32,
    exclusive_group: Option<String>,
    exclusive: Exclusive,
    recipient: Recipient,
    milestone: Option<Milestone>,
    streak: Option<Streak>,
    when: Option<String>,
    experiment: Option<ExperimentObject>,
    version: u32,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<Rule> for RuleObject {
    fn from(rule: Rule) -> RuleObject {
        RuleObject {
            object: "earning_rule",
            id: rule.id,
            program: rule.program,
            name: rule.name,
            trigger: rule.trigger,
            award: rule.award,
            multiplier: rule.multiplier,
            basis: rule.basis,
            basis_field: rule.basis_field,
            earn_on: rule.earn_on,
            cap: rule.cap,
            window: rule.window,
            carry: rule.carry,
            active: rule.active,
            starts_at: rule.starts_at,
            ends_at: rule.ends_at,
            pending_days: rule.pending_days,
            expires: rule.expires,
            priority: rule.priority,
            exclusive_group: rule.exclusive_group,
            exclusive: rule.exclusive,
            recipient: rule.recipient,
            milestone: rule.milestone,
            streak: rule.streak,
            when: rule.when,
            experiment: rule.experiment.map(ExperimentObject::from),
            version: rule.version,
            metadata: rule.metadata,
            created: rule.created,
        }
    }
}

impl Answer for RuleObject {
    const KIND: Kind = Kind::Object(&RULE);
}
