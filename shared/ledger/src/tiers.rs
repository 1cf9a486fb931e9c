//! Tiers as a part of a program's configuration.

use jiff::Timestamp;
use laurel_rules::{Refusal, Tier};

use crate::configured::Configured;

impl Configured for Tier {
    const NOUN: &'static str = "tier";
    const LETTER: char = 'T';
    const COUNT_MAX: usize = 100;
    const UNIQUE: &'static str = "key";

    fn id(&self) -> &str {
        &self.id
    }

    fn program(&self) -> &str {
        &self.program
    }

    #[allow(
        clippy::misnamed_getters,
        reason = "accounts and events name a tier by its key; its name is for people"
    )]
    fn name(&self) -> &str {
        &self.key
    }

    fn created(&self) -> Timestamp {
        self.created
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn set_version(&mut self, version: u64) {
        self.version = version;
    }

    fn check(&self) -> Result<(), Refusal> {
        Tier::check(self)
    }

    fn check_beside<'a>(
        &self,
        others: impl Iterator<Item = &'a Self> + Clone,
    ) -> Result<(), Refusal> {
        Tier::check_beside(self, others)
    }
}
