//! Programs with their rules and event types, kept in memory while they are current.
//!
//! The program's item carries a version that every change of the program, of one of its rules or
//! of one of its event types raises. It is read with each event, in the request that is made
//! anyway, so a change is in force with the next event, in every process.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use laurel_conditions::{Scope, compile_stored};
use laurel_planted::{Bug, is};
use laurel_rules::{
    Catalog, Code, Program, Refusal, Reward, Rule, Segment, Tier, campaign::Campaign,
    catalog::SharedCatalog, rule::CompiledRule,
};

use crate::{
    Error, Ledger,
    configured::{Configured, read_item},
    event_types::{EventType, schema_in},
    item::{Item, Reader},
    segments::condition,
    table::{CONFIGURED_LAST, Key},
};

#[derive(Debug, Default)]
pub(crate) struct Catalogs {
    by_program: RwLock<HashMap<String, SharedCatalog>>,
}

impl Catalogs {
    fn cached(&self, program: &str) -> Option<SharedCatalog> {
        self.by_program
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(program)
            .cloned()
    }

    fn keep(&self, catalog: &SharedCatalog) {
        let mut by_program = self
            .by_program
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        by_program.insert(catalog.program.id.clone(), Arc::clone(catalog));
    }
}

impl Ledger {
    /// A program's configuration as it is in force.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn catalog(&self, program: &str) -> Result<SharedCatalog, Error> {
        self.checked_catalog(program, crate::accounts::CURRENT)
            .await
    }

    /// The catalog as it is kept, or read where it is not; it may be out of date.
    pub(crate) async fn kept_catalog(&self, program: &str) -> Result<SharedCatalog, Error> {
        self.check_sees(program)?;
        match self.catalogs.cached(program) {
            Some(catalog) => Ok(catalog),
            None => self.read_catalog(program).await,
        }
    }

    /// `kept` where the program's item, just read, has its version; else the catalog read afresh.
    pub(crate) async fn current_catalog(
        &self,
        kept: SharedCatalog,
        program_item: Option<&Item>,
    ) -> Result<SharedCatalog, Error> {
        let Some(item) = program_item else {
            return Err(no_such_program(&kept.program.id).into());
        };
        if Reader::new(item).number::<u64>("v")? <= kept.version || is(Bug::StaleCatalogs) {
            return Ok(kept);
        }
        self.read_catalog(&kept.program.id).await
    }

    async fn read_catalog(&self, program: &str) -> Result<SharedCatalog, Error> {
        let partition = Key::program(program).pk;
        let to = CONFIGURED_LAST;
        let mut items = self.store.query_all(&partition, "P", to).await?;
        if items.is_empty() {
            // It may be the one that is created when it is first asked for. Its rules are read
            // after it all the same: a catalog may be newer than its version, never older.
            let found = self.stored_program(program).await?;
            found.ok_or_else(|| no_such_program(program))?;
            items = self.store.query_all(&partition, "P", to).await?;
        }
        let mut settings = None;
        let mut rules = Vec::with_capacity(items.len());
        let mut tiers = Vec::new();
        let mut schemas = Vec::new();
        let mut campaigns = Vec::new();
        let mut conditions = Vec::new();
        let mut segments = Vec::new();
        let mut rewards = Vec::new();
        for item in &items {
            let reader = Reader::new(item);
            let place = reader.text("sk")?;
            match place.chars().next() {
                Some('P') => settings = Some((program_in(&reader)?, reader.number("v")?)),
                Some(Rule::LETTER) => {
                    let rule: Rule = read_item(item)?;
                    let when = condition(rule.when.as_ref(), Scope::Event);
                    rules.push(CompiledRule::new(Arc::new(rule), when));
                }
                Some(Campaign::LETTER) => {
                    let campaign: Campaign = read_item(item)?;
                    let when = condition(campaign.when.as_ref(), Scope::Event);
                    conditions.extend(when.map(|when| (campaign.id.clone(), when)));
                    campaigns.push(campaign);
                }
                Some(Reward::LETTER) => {
                    let reward: Reward = read_item(item)?;
                    let when = condition(reward.when.as_ref(), Scope::Member);
                    conditions.extend(when.map(|when| (reward.id.clone(), when)));
                    rewards.push(reward);
                }
                Some(Segment::LETTER) => {
                    let segment: Segment = read_item(item)?;
                    let when = compile_stored(&segment.when, Scope::Segment);
                    segments.push((segment.key, when));
                }
                Some(Tier::LETTER) => tiers.push(read_item(item)?),
                Some(EventType::LETTER) => schemas.extend(schema_in(item)?),
                _ => return Err(reader.corrupt(format!("{place} is no configuration"))),
            }
        }
        let (mut settings, version) = settings.ok_or_else(|| no_such_program(program))?;
        // Live mode knows no other time than the machine's, nor do its decisions.
        settings.clock = settings.clock.filter(|_| self.is_sandbox);
        let catalog = Catalog::new(settings, version, rules)
            .with_tiers(tiers)
            .with_schemas(schemas)
            .with_campaigns(campaigns)
            .with_rewards(rewards)
            .with_conditions(conditions)
            .with_segments(segments);
        let catalog = Arc::new(catalog);
        self.catalogs.keep(&catalog);
        Ok(catalog)
    }
}

pub(crate) fn program_in(reader: &Reader<'_>) -> Result<Program, Error> {
    serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a program does not read: {problem}")))
}

pub(crate) fn no_such_program(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such program: `{id}`.")).at("program")
}
