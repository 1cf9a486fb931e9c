//! What the creation and the update of an earning rule may say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    POINTS_MAX, Refusal, Rule,
    exact::Factor,
    experiment::Experiment,
    goal::{Milestone, Streak},
    id::ID_LEN_MAX,
    program::Expiry,
    rule::{Award, Basis, Cap, EarnOn, Excluded, Exclusive, Recipient, Window},
};

use super::{PREFIX, experiment::experiment, goals};
use crate::{
    accounts::{PROGRAM, program},
    conditions,
    fields::{Field, Fields, FromFields, Kind, Shape},
    metadata::MetadataChange,
    settings::{self, set},
};

pub(super) use super::fields::{ACTIVE, TRIGGER};
use super::fields::{
    AWARD, BASES, CAP, EARN_ON, EXCLUDE, EXCLUSIVES, RECIPIENTS, RULE_FIELDS, WINDOWS,
};

/// What an update may say; absent fields stay, null ones go.
#[derive(Debug, Default)]
pub(crate) struct RuleChange {
    name: Option<Option<String>>,
    award: Option<Award>,
    multiplier: Option<Factor>,
    basis: Option<Basis>,
    basis_field: Option<Option<String>>,
    earn_on: Option<Option<EarnOn>>,
    cap: Option<Option<Cap>>,
    window: Option<Window>,
    carry: Option<bool>,
    active: Option<bool>,
    starts_at: Option<Option<Timestamp>>,
    ends_at: Option<Option<Timestamp>>,
    pending_days: Option<Option<u16>>,
    expires: Option<Option<Expiry>>,
    priority: Option<i32>,
    exclusive_group: Option<Option<String>>,
    exclusive: Option<Exclusive>,
    recipient: Option<Recipient>,
    milestone: Option<Option<Milestone>>,
    streak: Option<Option<Streak>>,
    when: Option<Option<String>>,
    experiment: Option<Option<Experiment>>,
    metadata: MetadataChange,
}

impl FromFields for RuleChange {
    const SHAPE: Shape = Shape::of("an update of an earning rule", &[AWARD])
        .and(&RULE_FIELDS)
        // A rule's transactions tell what it listened to; another trigger is another rule.
        .read_only(&["id", "object", "program", "trigger", "version", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<RuleChange, Refusal> {
        Ok(RuleChange {
            name: fields.nullable("name", Fields::text)?,
            award: award(fields)?,
            multiplier: fields.factor("multiplier")?,
            basis: fields.choice("basis", &BASES)?,
            basis_field: fields.nullable("basis_field", Fields::id)?,
            earn_on: fields.nullable("earn_on", earn_on)?,
            cap: fields.nullable("cap", cap)?,
            window: fields.choice("window", &WINDOWS)?,
            carry: fields.boolean("carry")?,
            active: fields.boolean("active")?,
            starts_at: fields.nullable("starts_at", Fields::instant)?,
            ends_at: fields.nullable("ends_at", Fields::instant)?,
            pending_days: fields.nullable("pending_days", settings::pending_days)?,
            expires: fields.nullable("expires", settings::expiry)?,
            priority: fields
                .whole("priority", i64::from(i32::MIN)..=i64::from(i32::MAX))?
                .and_then(|priority| i32::try_from(priority).ok()),
            exclusive_group: fields.nullable("exclusive_group", Fields::id)?,
            exclusive: fields.choice("exclusive", &EXCLUSIVES)?,
            recipient: fields.choice("recipient", &RECIPIENTS)?,
            milestone: fields.nullable("milestone", goals::milestone)?,
            streak: fields.nullable("streak", goals::streak)?,
            when: conditions::when(fields)?,
            experiment: fields.nullable("experiment", experiment)?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

pub(super) fn award(fields: &mut Fields) -> Result<Option<Award>, Refusal> {
    let award = fields.object_with_numbers("award", &["per", "points"])?;
    let award = award.as_ref().map(Award::parse).transpose();
    award.map_err(|refusal| fields.placed(refusal))
}

pub(super) fn cap(fields: &mut Fields, name: &str) -> Result<Option<Cap>, Refusal> {
    let Some(mut cap) = fields.object(name, &CAP)? else {
        return Ok(None);
    };
    let awards = cap
        .nullable("awards", |cap, name| {
            cap.whole(name, 0..=i64::from(u32::MAX))
        })?
        .flatten()
        .and_then(|awards| u32::try_from(awards).ok());
    Ok(Some(Cap {
        points: cap
            .nullable("points", |cap, name| cap.whole(name, 0..=POINTS_MAX))?
            .flatten(),
        awards,
        rolling: cap.boolean("rolling")?.unwrap_or(false),
    }))
}

pub(super) fn earn_on(fields: &mut Fields, name: &str) -> Result<Option<EarnOn>, Refusal> {
    let Some(mut earn_on) = fields.object(name, &EARN_ON)? else {
        return Ok(None);
    };
    let exclude = |fields: &mut Fields, name: &str| {
        let Some(mut exclude) = fields.object(name, &EXCLUDE)? else {
            return Ok(None);
        };
        let categories = exclude.nullable("categories", Fields::names)?.flatten();
        let products = exclude.nullable("products", Fields::names)?.flatten();
        Ok(Some(Excluded {
            categories,
            products,
        }))
    };
    Ok(Some(EarnOn {
        categories: earn_on.nullable("categories", Fields::names)?.flatten(),
        products: earn_on.nullable("products", Fields::names)?.flatten(),
        exclude: earn_on.nullable("exclude", exclude)?.flatten(),
    }))
}

impl RuleChange {
    /// Changes `rule`. Ranges and combinations are the ledger's to check, on the whole rule.
    ///
    /// # Errors
    /// `parameter_invalid` where too much metadata would result.
    pub(crate) fn apply(&self, rule: &mut Rule) -> Result<(), Refusal> {
        set(&mut rule.name, self.name.as_ref());
        set(&mut rule.award, self.award.as_ref());
        set(&mut rule.multiplier, self.multiplier.as_ref());
        set(&mut rule.basis, self.basis.as_ref());
        set(&mut rule.basis_field, self.basis_field.as_ref());
        set(&mut rule.earn_on, self.earn_on.as_ref());
        set(&mut rule.cap, self.cap.as_ref());
        set(&mut rule.window, self.window.as_ref());
        set(&mut rule.carry, self.carry.as_ref());
        set(&mut rule.active, self.active.as_ref());
        set(&mut rule.starts_at, self.starts_at.as_ref());
        set(&mut rule.ends_at, self.ends_at.as_ref());
        set(&mut rule.pending_days, self.pending_days.as_ref());
        set(&mut rule.expires, self.expires.as_ref());
        set(&mut rule.priority, self.priority.as_ref());
        set(&mut rule.exclusive_group, self.exclusive_group.as_ref());
        set(&mut rule.exclusive, self.exclusive.as_ref());
        set(&mut rule.recipient, self.recipient.as_ref());
        set(&mut rule.milestone, self.milestone.as_ref());
        set(&mut rule.streak, self.streak.as_ref());
        set(&mut rule.when, self.when.as_ref());
        // A fixed award with a window is a one-time bonus (spec section 1), unless this very
        // call says that it is to have no cap.
        let is_fixed = matches!(rule.award, Award::Fixed { .. });
        if is_fixed && self.window.is_some() && self.cap.is_none() && rule.cap.is_none() {
            rule.cap = Some(Cap {
                points: None,
                awards: Some(1),
                rolling: false,
            });
        }
        if let Some(wanted) = &self.experiment {
            super::experiment::set(rule, wanted.as_ref())?;
        }
        self.metadata.apply(&mut rule.metadata)
    }

    /// Whether it may begin an experiment.
    pub(super) fn names_experiment(&self) -> bool {
        matches!(self.experiment, Some(Some(_)))
    }

    /// Says since when the experiment runs that it begins.
    pub(super) fn set_beginning(&mut self, now: Timestamp) {
        if let Some(Some(experiment)) = &mut self.experiment {
            experiment.started_at = now;
        }
    }
}

/// What a creation says: an update of a rule that has only what it must have.
#[derive(Debug)]
pub(crate) struct RuleCreation {
    id: Option<String>,
    program: String,
    trigger: String,
    award: Award,
    rest: RuleChange,
}

impl FromFields for RuleCreation {
    const SHAPE: Shape = Shape::of(
        "a new earning rule",
        &[
            Field::new(
                "id",
                Kind::Prefixed(PREFIX, ID_LEN_MAX),
                "An id of your own choice, which starts with `rule_`.",
            )
            .example("rule_abc123"),
            PROGRAM,
            TRIGGER.required(),
            AWARD.required(),
        ],
    )
    .and(&RULE_FIELDS)
    .read_only(&["object", "version", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<RuleCreation, Refusal> {
        Ok(RuleCreation {
            id: settings::new_id(fields, PREFIX)?,
            program: program(fields)?,
            trigger: fields.required("trigger", Fields::event_type)?,
            award: fields.required("award", |fields, _| award(fields))?,
            rest: RuleChange::from_fields(fields)?,
        })
    }
}

/// A rule that is only tried: one of the program's with changes, or a new one.
#[derive(Debug)]
pub(crate) struct RuleCandidate {
    id: Option<String>,
    trigger: Option<String>,
    change: RuleChange,
}

impl RuleCandidate {
    /// The fields that it may have.
    pub(crate) const SHAPE: Shape = Shape::of(
        "a candidate rule",
        &[
            Field::new(
                "id",
                Kind::Id,
                "The rule of the program that it stands for, whose fields it has but for those \
                 given here, and whose caps it goes on counting; absent for a new one.",
            )
            .example("rule_abc123"),
            TRIGGER,
            AWARD,
        ],
    )
    .and(&RULE_FIELDS)
    .read_only(&["object", "program", "version", "created"]);

    /// Reads a candidate.
    ///
    /// # Errors
    /// The first refusal, with its place in the whole request.
    pub(crate) fn read(fields: &mut Fields) -> Result<RuleCandidate, Refusal> {
        Ok(RuleCandidate {
            id: fields.id("id")?,
            trigger: fields.event_type("trigger")?,
            change: RuleChange::from_fields(fields)?,
        })
    }

    /// The rule, with the id `id` where it is a new one.
    ///
    /// # Errors
    /// `parameter_missing` where a new one lacks something, `parameter_invalid` as
    /// [`Rule::check`], relative to the rule.
    pub(crate) fn into_rule(
        self,
        known: &[Rule],
        id: String,
        program: &str,
        now: Timestamp,
    ) -> Result<Rule, Refusal> {
        let base = known.iter().find(|rule| Some(&rule.id) == self.id.as_ref());
        let rule = match (base, self.trigger, &self.change.award) {
            (Some(base), trigger, _) => {
                let mut rule = base.clone();
                set(&mut rule.trigger, trigger.as_ref());
                self.change.apply(&mut rule)?;
                rule.version = rule.version.saturating_add(1);
                rule
            }
            (None, None, _) => return Err(Refusal::missing("trigger")),
            (None, Some(_), None) => return Err(Refusal::missing("award")),
            (None, Some(trigger), Some(award)) => {
                let mut rule = RuleCreation::of(program, trigger, award.clone());
                rule.id = self.id;
                rule.rest = self.change;
                rule.into_rule(id, now)?
            }
        };
        rule.check()?;
        Ok(rule)
    }
}

impl RuleCreation {
    /// A rule that has only what it must have.
    pub(super) fn of(program: &str, trigger: String, award: Award) -> RuleCreation {
        RuleCreation {
            id: None,
            program: program.to_owned(),
            trigger,
            award,
            rest: RuleChange::default(),
        }
    }

    /// The rule, with the id `id` where none was given.
    ///
    /// # Errors
    /// `parameter_invalid`, as [`RuleChange::apply`].
    pub(crate) fn into_rule(self, id: String, now: Timestamp) -> Result<Rule, Refusal> {
        let mut rule = Rule {
            id: self.id.unwrap_or(id),
            program: self.program,
            name: None,
            trigger: self.trigger,
            award: self.award,
            multiplier: Factor::ONE,
            basis: Basis::default(),
            basis_field: None,
            earn_on: None,
            cap: None,
            window: Window::default(),
            carry: false,
            active: true,
            starts_at: None,
            ends_at: None,
            pending_days: None,
            expires: None,
            priority: 0,
            exclusive_group: None,
            exclusive: Exclusive::default(),
            recipient: Recipient::default(),
            milestone: None,
            streak: None,
            when: None,
            experiment: None,
            ended_experiments: Vec::new(),
            trial: None,
            version: 1,
            metadata: BTreeMap::new(),
            created: now,
        };
        self.rest.apply(&mut rule)?;
        Ok(rule)
    }
}
