//! Campaigns in a program's configuration.

use laurel_conditions::Scope;
use laurel_rules::{Refusal, campaign::Campaign};

use crate::{
    Error, Ledger,
    configured::{Configured, getters},
    segments::check_condition,
};

impl Configured for Campaign {
    const NOUN: &'static str = "campaign";
    const LETTER: char = 'Q';
    const COUNT_MAX: usize = 200;

    getters!();

    fn check(&self) -> Result<(), Refusal> {
        laurel_rules::id::check("id", &self.id)?;
        Campaign::check(self)?;
        check_condition(self.when.as_ref(), Scope::Event)
    }
}

impl Ledger {
    /// Changes a campaign; its version grows. A new limit of its budget holds when this answers.
    ///
    /// # Errors
    /// `resource_missing`, and whatever `change` or [`Campaign::check`] refuses.
    pub async fn update_campaign(
        &self,
        id: &str,
        change: impl Fn(&mut Campaign) -> Result<(), Refusal> + Send,
    ) -> Result<Campaign, Error> {
        let campaign = self.update_configured::<Campaign>(id, change).await?;
        if campaign.budget.is_some() {
            self.enforce_budget(&campaign.program, Some(id)).await?;
        }
        Ok(campaign)
    }
}
