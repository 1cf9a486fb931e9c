//! Tiers as a part of a program's configuration.

use laurel_rules::{Refusal, Tier};

use crate::configured::{Configured, getters};

impl Configured for Tier {
    const NOUN: &'static str = "tier";
    const LETTER: char = 'T';
    const COUNT_MAX: usize = 100;
    const UNIQUE: &'static str = "key";

    getters!();

    #[allow(
        clippy::misnamed_getters,
        reason = "accounts and events name a tier by its key; its name is for people"
    )]
    fn name(&self) -> &str {
        &self.key
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

    /// A tier that is there or not, or takes other points. Under qualifying points what a member
    /// has by that must be written before the period ends, else its points are gone.
    fn changes_members(before: Option<&Self>, after: Option<&Self>) -> bool {
        let threshold = |tier: Option<&Tier>| tier.map(|tier| tier.threshold);
        threshold(before) != threshold(after)
    }
}
