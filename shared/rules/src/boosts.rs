//! What multiplies the awards of one event: the member's tier, and the campaigns in effect.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    Account, Catalog, Refusal,
    campaign::Campaign,
    condition::Facts,
    evaluate::{Reason, too_large},
    exact::{Factor, Ratio},
};

/// What multiplies the awards of one event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boosts {
    /// The key of the member's tier, and its multiplier.
    pub tier: Option<(String, Factor)>,
    /// Campaigns in effect, in the order of [`Catalog::campaigns`].
    pub campaigns: Vec<Arc<Campaign>>,
    /// Campaigns that would be in effect, had it been possible to tell whether their condition
    /// holds; with the reason why it was not.
    pub failed: Vec<(Arc<Campaign>, String)>,
}

impl Boosts {
    /// The same, with the tier that the account had at `at`.
    #[must_use]
    pub fn with_tier(mut self, catalog: &Catalog, account: &Account, at: Timestamp) -> Boosts {
        self.tier = self.tier.or_else(|| catalog.tiers.boost(account, at));
        self
    }

    /// The same, with the campaigns that are in effect for an event.
    #[must_use]
    pub fn with_campaigns(mut self, facts: &Facts<'_>) -> Boosts {
        let catalog = facts.catalog;
        for campaign in catalog.campaigns() {
            match catalog.campaign_obstacle(campaign, facts) {
                None => self.campaigns.push(Arc::clone(campaign)),
                Some(Reason::ConditionFailed(problem)) => {
                    self.failed.push((Arc::clone(campaign), problem));
                }
                Some(_) => {}
            }
        }
        self
    }

    /// The campaigns that multiply awards of this rule.
    pub(crate) fn campaigns_for(&self, rule: &str) -> impl Iterator<Item = &Arc<Campaign>> {
        let campaigns = self.campaigns.iter();
        campaigns.filter(move |campaign| campaign.covers(rule))
    }

    pub(crate) fn has_budgets(&self) -> bool {
        let mut campaigns = self.campaigns.iter();
        campaigns.any(|campaign| campaign.budget.is_some())
    }

    /// The tier's multiplier.
    pub(crate) fn tier_ratio(&self) -> Ratio {
        let tier = self.tier.as_ref();
        tier.map_or(Ratio::ONE, |(_, factor)| factor.ratio())
    }

    /// The product of all that multiplies every rule alike, reckoned once for an event.
    pub(crate) fn common(&self) -> Result<Ratio, Refusal> {
        let mut all = self.campaigns.iter().filter(|it| it.rules.is_none());
        all.try_fold(self.tier_ratio(), multiplied)
    }

    /// Whether a campaign multiplies some rules only.
    pub(crate) fn has_limited(&self) -> bool {
        self.campaigns.iter().any(|it| it.rules.is_some())
    }

    /// `exact`, multiplied by the campaigns that are for this rule and not for all.
    pub(crate) fn times_limited(&self, rule: &str, exact: Ratio) -> Result<Ratio, Refusal> {
        let mut limited = self.campaigns_for(rule).filter(|it| it.rules.is_some());
        limited.try_fold(exact, multiplied)
    }
}

fn multiplied(exact: Ratio, campaign: &Arc<Campaign>) -> Result<Ratio, Refusal> {
    exact
        .times(campaign.multiplier.ratio())
        .ok_or_else(too_large)
}
