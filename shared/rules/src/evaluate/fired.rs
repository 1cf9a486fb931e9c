//! What is said of an award that one rule gives: its trace, and how long its points are good.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Fired, too_large};
use crate::{
    Event, Program, Refusal,
    boosts::Boosts,
    calculation::{
        BasisTrace, BudgetTrace, Calculation, CampaignTrace, CapTrace, MultiplierTrace, Origin,
    },
    campaign::Campaign,
    exact::{Factor, Ratio},
};

/// How much of a failed condition's message is kept with an award.
const MESSAGE_CHARS_MAX: usize = 200;

impl Fired<'_> {
    /// Whether the cap or a budget truncated the award.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.points < self.rounded
    }

    /// What each campaign with a budget added to [`Fired::rounded`], in their order: the award
    /// rounded with all campaigns up to and including it, less the same without it.
    ///
    /// # Errors
    /// `points_out_of_range` where a step on the way does not fit.
    pub fn added(
        &self,
        boosts: &Boosts,
        program: &Program,
    ) -> Result<Vec<(Arc<Campaign>, i64)>, Refusal> {
        let mut added = Vec::new();
        if !boosts.has_budgets() {
            return Ok(added);
        }
        let rounded = |exact: Ratio| {
            // Nothing was carried in where the rule does not carry.
            let exact = exact.plus(self.carried_in)?;
            Some(exact.round(program.rounding)?.max(0))
        };
        let own = self.rule.multiplier.ratio().times(boosts.tier_ratio());
        let exact = own.and_then(|own| self.base.times(own));
        let mut exact = exact.ok_or_else(too_large)?;
        let mut before = rounded(exact).ok_or_else(too_large)?;
        for campaign in boosts.campaigns_for(&self.rule.id) {
            let boosted = exact.times(campaign.multiplier.ratio());
            exact = boosted.ok_or_else(too_large)?;
            let after = rounded(exact).ok_or_else(too_large)?;
            if campaign.budget.is_some() {
                added.push((Arc::clone(campaign), after - before));
            }
            before = after;
        }
        Ok(added)
    }

    /// The trace to keep with the transaction, with what budgets gave; of milestones and streaks
    /// others tell.
    #[must_use]
    pub fn calculation(
        &self,
        event: &Event,
        boosts: &Boosts,
        program: &Program,
        budgets: Vec<BudgetTrace>,
    ) -> Calculation {
        let rule = self.rule;
        let own = (Origin::Rule, rule.id.as_str(), rule.multiplier);
        let tier = boosts
            .tier
            .iter()
            .map(|(key, value)| (Origin::Tier, key.as_str(), *value));
        let campaigns = boosts
            .campaigns_for(&rule.id)
            .map(|campaign| (Origin::Campaign, campaign.id.as_str(), campaign.multiplier));
        let multipliers = std::iter::once(own)
            .chain(tier)
            .chain(campaigns)
            .filter(|(_, _, value)| *value != Factor::ONE)
            .map(|(origin, id, value)| MultiplierTrace {
                origin,
                id: id.to_owned(),
                value,
            })
            .collect();
        let field = match (&rule.earn_on, &rule.basis_field) {
            (Some(_), _) => "line_items",
            (None, Some(field)) => field,
            (None, None) => "amount",
        };
        let shown = |fraction: Ratio| (!fraction.is_zero()).then(|| fraction.to_string());
        Calculation {
            rule: rule.id.clone(),
            rule_version: rule.version,
            award: rule.award.clone(),
            basis: self.basis.map(|amount| BasisTrace {
                field: field.to_owned(),
                amount,
                currency: event.currency.map(|currency| currency.code().to_owned()),
            }),
            milestone: None,
            streak: None,
            base: self.base.to_string(),
            multipliers,
            carried_in: shown(self.carried_in),
            exact: self.exact.to_string(),
            rounding: program.rounding,
            rounded: self.rounded,
            carried_out: self.carried_out.and_then(shown),
            cap: rule
                .cap
                .zip(self.used)
                .map(|(cap, (used_points, used_awards))| CapTrace {
                    window: rule.window,
                    rolling: cap.rolling,
                    limit_points: cap.points,
                    limit_awards: cap.awards,
                    used_points,
                    used_awards,
                }),
            budgets,
            campaigns_failed: boosts
                .failed
                .iter()
                .filter(|(campaign, _)| campaign.covers(&rule.id))
                .map(|(campaign, problem)| CampaignTrace {
                    campaign: campaign.id.clone(),
                    message: problem.chars().take(MESSAGE_CHARS_MAX).collect(),
                })
                .collect(),
            experiment: rule.trial.clone(),
            points: self.points,
        }
    }

    /// From when and until when the points can be spent.
    #[must_use]
    pub fn validity(
        &self,
        at: Timestamp,
        program: &Program,
    ) -> (Option<Timestamp>, Option<Timestamp>) {
        let days = self.rule.pending_days.unwrap_or(program.pending_days);
        let policy = self.rule.expires.as_ref().or(program.expires.as_ref());
        crate::window::validity(days, policy, at, &program.timezone)
    }
}
