//! A program with its rules, indexed by trigger: what one evaluation needs of the configuration.

use std::{collections::HashMap, sync::Arc};

use crate::{Program, rule::CompiledRule};

/// A program's configuration at one version.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The settings.
    pub program: Program,
    /// Grows with each change of the program or of one of its rules.
    pub version: u64,
    by_trigger: HashMap<Box<str>, Box<[CompiledRule]>>,
}

impl Catalog {
    /// Indexes `rules`, which are tried in the order of their creation.
    #[must_use]
    pub fn new(program: Program, version: u64, mut rules: Vec<CompiledRule>) -> Catalog {
        rules.sort_by(|a, b| (a.rule.created, &a.rule.id).cmp(&(b.rule.created, &b.rule.id)));
        let mut by_trigger: HashMap<Box<str>, Vec<CompiledRule>> = HashMap::new();
        for rule in rules {
            by_trigger
                .entry(rule.rule.trigger.as_str().into())
                .or_default()
                .push(rule);
        }
        let by_trigger = by_trigger
            .into_iter()
            .map(|(k, v)| (k, v.into_boxed_slice()))
            .collect();
        Catalog {
            program,
            version,
            by_trigger,
        }
    }

    /// The rules that listen to `trigger`, inactive ones too.
    #[must_use]
    pub fn rules(&self, trigger: &str) -> &[CompiledRule] {
        self.by_trigger.get(trigger).map_or(&[], |rules| rules)
    }
}

/// A catalog as it is shared between evaluations.
pub type SharedCatalog = Arc<Catalog>;
