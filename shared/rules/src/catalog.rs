//! A program with its rules and event types, indexed by trigger: what one evaluation needs of the configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Account, Code, Event, Program, Refusal, Reward, Tier,
    budget::BudgetWindow,
    campaign::Campaign,
    condition::{Condition, Facts},
    evaluate::Reason,
    event::{POINTS_EARNED, REFERRAL_CONVERTED, TIER_CHANGED},
    exact::Factor,
    items::Names,
    pool::{PoolId, PoolSpec},
    rule::CompiledRule,
    tier::TierTable,
};

/// A program's configuration at one version.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The settings.
    pub program: Program,
    /// Grows with each change of the program or of one of its rules.
    pub version: u64,
    /// The tiers.
    pub tiers: TierTable,
    by_trigger: BTreeMap<Box<str>, Listeners>,
    schemas: BTreeMap<Box<str>, Arc<dyn MetadataSchema>>,
    campaigns: Box<[Arc<Campaign>]>,
    rewards: BTreeMap<Box<str>, Reward>,
    conditions: BTreeMap<Box<str>, Arc<dyn Condition>>,
    segments: BTreeMap<Box<str>, Arc<dyn Condition>>,
    /// Event types whose stats some condition asks for.
    asked: BTreeSet<Box<str>>,
    /// Of what Laurel tells itself, the types that rules listen to.
    chained: Vec<&'static str>,
    /// Experiments that run.
    experiments: BTreeSet<Box<str>>,
}

/// What the metadata of one event type must look like (spec section 6, "Any behaviour").
pub trait MetadataSchema: Debug + Send + Sync {
    /// Checks an event's metadata.
    ///
    /// # Errors
    /// `parameter_invalid`; its `param` is relative to the metadata, and absent where all of it
    /// is at fault.
    fn check(&self, metadata: &Value) -> Result<(), Refusal>;
}

/// The rules that listen to one trigger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listeners {
    /// In the order in which they are tried.
    pub(crate) rules: Box<[CompiledRule]>,
    /// What they mention of line items.
    pub(crate) names: Names,
}

impl Listeners {
    fn new(mut rules: Vec<CompiledRule>) -> Listeners {
        let all = rules.iter().flat_map(CompiledRule::with_variants);
        let names = Names::of(all.map(|compiled| &*compiled.rule));
        for compiled in &mut rules {
            compiled.filter_items(&names);
        }
        Listeners {
            rules: rules.into(),
            names,
        }
    }
}

impl Catalog {
    /// Indexes `rules`, which are tried in the order of their creation.
    #[must_use]
    pub fn new(program: Program, version: u64, mut rules: Vec<CompiledRule>) -> Catalog {
        rules.sort_by(|a, b| in_order(a).cmp(&in_order(b)));
        let asked = rules.iter().filter_map(|rule| rule.when.as_ref());
        let asked = asked.flat_map(asked_by).collect();
        let running = rules
            .iter()
            .filter_map(|rule| rule.rule.experiment.as_ref());
        let experiments = running.map(|running| running.key.as_str().into()).collect();
        let mut by_trigger: BTreeMap<Box<str>, Vec<CompiledRule>> = BTreeMap::new();
        for rule in rules {
            by_trigger
                .entry(rule.rule.trigger.as_str().into())
                .or_default()
                .push(rule);
        }
        let by_trigger: BTreeMap<Box<str>, Listeners> = by_trigger
            .into_iter()
            .map(|(trigger, rules)| (trigger, Listeners::new(rules)))
            .collect();
        let chained = [POINTS_EARNED, TIER_CHANGED].into_iter();
        Catalog {
            program,
            version,
            tiers: TierTable::default(),
            chained: chained.filter(|it| by_trigger.contains_key(*it)).collect(),
            by_trigger,
            schemas: BTreeMap::new(),
            campaigns: Box::default(),
            rewards: BTreeMap::new(),
            conditions: BTreeMap::new(),
            segments: BTreeMap::new(),
            asked,
            experiments,
        }
    }

    /// The same catalog, in which events of these types must match these schemas.
    #[must_use]
    pub fn with_schemas(
        self,
        schemas: impl IntoIterator<Item = (String, Arc<dyn MetadataSchema>)>,
    ) -> Catalog {
        let schemas = by_name(schemas);
        Catalog { schemas, ..self }
    }

    /// The same catalog with these campaigns.
    #[must_use]
    pub fn with_campaigns(self, campaigns: impl IntoIterator<Item = Campaign>) -> Catalog {
        let mut campaigns: Vec<Arc<Campaign>> = campaigns.into_iter().map(Arc::new).collect();
        // Those that take away come first, so that what one with a budget adds is never less than
        // nothing.
        let order = |it: &Campaign| (it.multiplier >= Factor::ONE, it.created);
        campaigns.sort_by(|a, b| (order(a), &a.id).cmp(&(order(b), &b.id)));
        Catalog {
            campaigns: campaigns.into(),
            ..self
        }
    }

    /// The same catalog, with these rewards.
    #[must_use]
    pub fn with_rewards(self, rewards: impl IntoIterator<Item = Reward>) -> Catalog {
        let rewards = rewards.into_iter();
        let rewards = rewards.map(|reward| (reward.id.clone().into_boxed_str(), reward));
        Catalog {
            rewards: rewards.collect(),
            ..self
        }
    }

    /// The same catalog, with the conditions of campaigns and rewards, by their ids.
    #[must_use]
    pub fn with_conditions(
        self,
        conditions: impl IntoIterator<Item = (String, Arc<dyn Condition>)>,
    ) -> Catalog {
        let conditions = by_name(conditions);
        let mut asked = self.asked;
        asked.extend(conditions.values().flat_map(asked_by));
        Catalog {
            conditions,
            asked,
            ..self
        }
    }

    /// The same catalog, with the conditions of segments, by their keys.
    #[must_use]
    pub fn with_segments(
        self,
        segments: impl IntoIterator<Item = (String, Arc<dyn Condition>)>,
    ) -> Catalog {
        let segments = by_name(segments);
        let mut asked = self.asked;
        asked.extend(segments.values().flat_map(asked_by));
        Catalog {
            segments,
            asked,
            ..self
        }
    }

    /// Whether events of this type are counted into their members' stats: a rule listens to them,
    /// or a condition asks.
    #[must_use]
    pub fn counts(&self, trigger: &str) -> bool {
        self.by_trigger.contains_key(trigger) || self.asked.contains(trigger)
    }

    /// Whether this experiment runs.
    pub(crate) fn runs(&self, experiment: &str) -> bool {
        self.experiments.contains(experiment)
    }

    /// The condition of the segment with this key.
    #[must_use]
    pub fn segment(&self, key: &str) -> Option<&dyn Condition> {
        self.segments.get(key).map(|condition| &**condition)
    }

    /// All segments, in the order of their keys.
    pub fn segments(&self) -> impl Iterator<Item = (&str, &dyn Condition)> {
        let segments = self.segments.iter();
        segments.map(|(key, condition)| (&**key, &**condition))
    }

    /// Why a campaign does not multiply awards for an event; `None` where it is in effect.
    pub(crate) fn campaign_obstacle(
        &self,
        campaign: &Campaign,
        facts: &Facts<'_>,
    ) -> Option<Reason> {
        let trigger = facts.event.map_or("", |event| &event.trigger);
        let zone = &self.program.timezone;
        if let Some(reason) = campaign.obstacle(trigger, facts.at, zone) {
            return Some(reason);
        }
        campaign.when.as_ref()?;
        self.condition_obstacle(&campaign.id, facts)
    }

    /// Why the condition of a campaign or a reward keeps it from counting.
    fn condition_obstacle(&self, id: &str, facts: &Facts<'_>) -> Option<Reason> {
        match self.conditions.get(id) {
            Some(condition) => facts.obstacle(&**condition),
            None => Some(Reason::ConditionFailed("it is not known".to_owned())),
        }
    }

    /// Checks that a reward's condition holds of a member.
    ///
    /// # Errors
    /// `reward_unavailable`.
    pub(crate) fn check_condition(
        &self,
        account: &Account,
        reward: &Reward,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let facts = Facts {
            catalog: self,
            event: None,
            account: Some(account),
            at: now,
            decided_at: now,
        };
        if reward.when.is_none() || self.condition_obstacle(&reward.id, &facts).is_none() {
            return Ok(());
        }
        let message = format!("The reward `{}` is not for this member.", reward.id);
        Err(Refusal::new(Code::RewardUnavailable, message).at("reward"))
    }

    /// All campaigns, in the order in which they multiply.
    #[must_use]
    pub fn campaigns(&self) -> &[Arc<Campaign>] {
        &self.campaigns
    }

    /// Whether rules listen to this type, of those that Laurel tells itself.
    #[must_use]
    pub fn hears(&self, trigger: &str) -> bool {
        self.chained.contains(&trigger)
    }

    /// The pools that awards for an event may take from, with those that follow from them: nearly
    /// always none.
    #[must_use]
    pub fn pools(&self, trigger: &str, at: Timestamp) -> Vec<PoolSpec> {
        let mut pools = self.own_pools(trigger, at);
        if !self.rules(trigger).is_empty() {
            pools.extend(self.chained_pools(at));
        }
        pools
    }

    /// The pools that awards may take from which follow from others, or from a change of tier.
    #[must_use]
    pub fn chained_pools(&self, at: Timestamp) -> Vec<PoolSpec> {
        let chained = self.chained.iter();
        chained
            .flat_map(|trigger| self.own_pools(trigger, at))
            .collect()
    }

    fn own_pools(&self, trigger: &str, at: Timestamp) -> Vec<PoolSpec> {
        if self.rules(trigger).is_empty() {
            return Vec::new();
        }
        let zone = &self.program.timezone;
        let campaigns = self
            .campaigns
            .iter()
            .filter(|it| it.budget.is_some() && it.is_in_effect(trigger, at, zone));
        let of_campaigns = campaigns.filter_map(|campaign| self.pool_of(Some(campaign), at));
        self.pool_of(None, at)
            .into_iter()
            .chain(of_campaigns)
            .collect()
    }

    /// The pools that the rewards of a referral may take from, beside those of the event.
    #[must_use]
    pub fn referral_pools(&self, at: Timestamp) -> Vec<PoolSpec> {
        let promised = self.pool_of(None, at);
        let by_rules = self.pools(REFERRAL_CONVERTED, at);
        let chained = self.chained_pools(at);
        promised
            .into_iter()
            .chain(by_rules)
            .chain(chained)
            .collect()
    }

    /// The pool of the budget of a campaign, or of the program itself, in the window of `at`.
    #[must_use]
    pub fn pool_of(&self, campaign: Option<&Campaign>, at: Timestamp) -> Option<PoolSpec> {
        let budget = campaign.map_or(self.program.budget, |campaign| campaign.budget)?;
        Some(PoolSpec {
            id: PoolId {
                program: self.program.id.clone(),
                campaign: campaign.map(|campaign| campaign.id.clone()),
                window: BudgetWindow::of(budget.window, at, &self.program.timezone),
            },
            limit: budget.points,
            revision: campaign.map_or(budget.revision, |campaign| campaign.version),
            catalog_version: self.version,
        })
    }

    /// The same catalog with these tiers.
    #[must_use]
    pub fn with_tiers(self, tiers: Vec<Tier>) -> Catalog {
        let tiers = TierTable::new(tiers);
        Catalog { tiers, ..self }
    }

    /// The reward with this id.
    #[must_use]
    pub fn reward(&self, id: &str) -> Option<&Reward> {
        self.rewards.get(id)
    }

    /// Checks that a member's tier is high enough for a reward.
    ///
    /// # Errors
    /// `tier_too_low`.
    pub(crate) fn check_tier(&self, account: &Account, reward: &Reward) -> Result<(), Refusal> {
        let held = account.tier.key.as_deref();
        let Some(least) = reward.min_tier.as_ref() else {
            return Ok(());
        };
        if self.tiers.reaches(held, least) {
            return Ok(());
        }
        let message = format!("The reward `{}` needs the tier `{least}`.", reward.id);
        Err(Refusal::new(Code::TierTooLow, message).at("account"))
    }

    /// Checks the metadata of an event against the schema of its type, where that has one. An
    /// event without metadata is checked as if it were empty.
    ///
    /// # Errors
    /// `parameter_invalid` at `data.metadata` or within it.
    pub fn check_metadata(&self, event: &Event) -> Result<(), Refusal> {
        let Some(schema) = self.schemas.get(event.trigger.as_str()) else {
            return Ok(());
        };
        let checked = match event.data.get("metadata") {
            None | Some(Value::Null) => schema.check(&Value::Object(Map::new())),
            Some(metadata) => schema.check(metadata),
        };
        checked.map_err(|refusal| refusal.within("data.metadata"))
    }

    /// All rules, inactive ones too, in the order of their creation.
    #[must_use]
    pub fn all_rules(&self) -> Vec<&CompiledRule> {
        let listeners = self.by_trigger.values();
        let mut rules: Vec<_> = listeners.flat_map(|it| &*it.rules).collect();
        rules.sort_by_key(|compiled| in_order(compiled));
        rules
    }

    /// The same catalog with these rules instead of its own.
    #[must_use]
    pub fn with_rules(self, rules: Vec<CompiledRule>) -> Catalog {
        let Catalog {
            by_trigger,
            chained,
            asked: by_rules,
            ..
        } = Catalog::new(self.program.clone(), self.version, rules);
        let mut asked = self.asked;
        asked.extend(by_rules);
        Catalog {
            by_trigger,
            chained,
            asked,
            ..self
        }
    }

    /// The rules that listen to `trigger`, inactive ones too.
    #[must_use]
    pub fn rules(&self, trigger: &str) -> &[CompiledRule] {
        self.listeners(trigger)
            .map_or(&[], |listeners| &listeners.rules)
    }

    /// The rules that have milestones or a streak, inactive ones too.
    pub(crate) fn rules_with_goals(&self) -> impl Iterator<Item = &CompiledRule> {
        let all = self.by_trigger.values();
        all.flat_map(|listeners| &listeners.rules)
            .filter(|compiled| compiled.goal.is_some())
    }

    /// Whether the rule with this id is active and has milestones or a streak.
    pub(crate) fn has_active_goal(&self, rule: &str) -> bool {
        self.rules_with_goals()
            .any(|compiled| compiled.rule.active && compiled.rule.id == rule)
    }

    pub(crate) fn listeners(&self, trigger: &str) -> Option<&Listeners> {
        self.by_trigger.get(trigger)
    }
}

/// What rules are tried in the order of.
fn in_order(compiled: &CompiledRule) -> (Timestamp, &str) {
    (compiled.rule.created, &compiled.rule.id)
}

fn asked_by(condition: &Arc<dyn Condition>) -> impl Iterator<Item = Box<str>> {
    let types = condition.event_types().iter();
    types.map(|trigger| trigger.as_str().into())
}

fn by_name<T>(named: impl IntoIterator<Item = (String, T)>) -> BTreeMap<Box<str>, T> {
    let named = named.into_iter();
    named
        .map(|(name, value)| (name.into_boxed_str(), value))
        .collect()
}

/// A catalog as it is shared between evaluations.
pub type SharedCatalog = Arc<Catalog>;
