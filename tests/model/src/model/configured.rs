//! Rules, tiers and campaigns, as they are changed.

use super::*;

impl Model {
    pub(super) fn update_rule(&mut self, rule: &Rule) -> Done {
        let place = self
            .rules
            .iter_mut()
            .find(|other| other.id == rule.id)
            .expect("a known rule");
        place.clone_from(rule);
        self.rule_versions.push(rule.clone());
        simply(Outcome::RuleUpdated, None)
    }

    pub(super) fn set_tier(&mut self, tier: &Tier) -> Done {
        let mut tiers = self.tiers().to_vec();
        tiers.retain(|other| other.key != tier.key);
        tiers.push(tier.clone());
        tiers.sort_by_key(|tier| tier.threshold);
        self.set_tiers(tiers)
    }

    pub(super) fn delete_tier(&mut self, key: &str) -> Done {
        let mut tiers = self.tiers().to_vec();
        tiers.retain(|other| other.key != key);
        self.set_tiers(tiers)
    }

    fn set_tiers(&mut self, tiers: Vec<Tier>) -> Done {
        self.tables.push(Table {
            at: self.now,
            step: self.step,
            tiers,
        });
        simply(Outcome::TiersChanged, None)
    }

    pub(super) fn set_campaign(&mut self, campaign: &Campaign) -> Done {
        let known = self
            .campaigns
            .iter_mut()
            .find(|other| other.id == campaign.id);
        match known {
            Some(known) => known.clone_from(campaign),
            None => self.campaigns.push(campaign.clone()),
        }
        simply(Outcome::CampaignSet, None)
    }

    /// Ruling: what was given before keeps its terms; what is asked from now on follows the new
    /// ones.
    pub(super) fn set_program(&mut self, settings: &ProgramSettings) -> Done {
        self.settings.clone_from(settings);
        simply(Outcome::ProgramSet, None)
    }

    pub(super) fn set_reward(&mut self, reward: &Reward) -> Done {
        let known = self.rewards.iter_mut().find(|other| other.id == reward.id);
        match known {
            Some(known) => known.clone_from(reward),
            None => self.rewards.push(reward.clone()),
        }
        simply(Outcome::RewardSet, None)
    }
}
