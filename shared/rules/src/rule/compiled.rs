//! Rules made ready for evaluation.

use std::sync::Arc;

use iso_currency::Currency;

use super::{Award, Rule};
use crate::{
    Account,
    condition::Condition,
    exact::Ratio,
    experiment::CompiledExperiment,
    goal::Goal,
    items::{ItemFilter, Names},
};

/// A rule made ready for evaluation.
#[derive(Debug, Clone)]
pub struct CompiledRule {
    /// The rule as configured.
    pub rule: Arc<Rule>,
    /// Its condition, where it has one.
    pub when: Option<Arc<dyn Condition>>,
    /// Its milestones or its streak, where it has any.
    pub(crate) goal: Option<Goal>,
    /// The multiplier as a ratio.
    pub(crate) multiplier: Ratio,
    /// For an award per currency: minor units of a major one, and its rate.
    pub(crate) rates: Box<[(Currency, i64, Ratio)]>,
    /// Which line items earn, where not all of the payment does; the catalog knows the names.
    pub(crate) items: Option<ItemFilter>,
    /// What it is for whom, where it is not the same for all.
    pub(crate) experiment: Option<Box<CompiledExperiment>>,
}

impl CompiledRule {
    /// Makes `rule` ready, with its condition where it has one.
    #[must_use]
    pub fn new(rule: Arc<Rule>, when: Option<Arc<dyn Condition>>) -> CompiledRule {
        CompiledRule {
            multiplier: rule.multiplier.ratio(),
            rates: rates(&rule.award),
            items: None,
            goal: Goal::of(&rule),
            experiment: CompiledExperiment::new(&rule, when.as_ref()),
            rule,
            when,
        }
    }

    /// Itself, and what an experiment makes of it.
    pub(crate) fn with_variants(&self) -> impl Iterator<Item = &CompiledRule> {
        let variants = self
            .experiment
            .iter()
            .flat_map(|experiment| experiment.rules());
        std::iter::once(self).chain(variants)
    }

    /// Learns which line items earn.
    pub(crate) fn filter_items(&mut self, names: &Names) {
        let earn_on = self.rule.earn_on.as_ref();
        self.items = earn_on.map(|earn_on| ItemFilter::new(earn_on, names));
        if let Some(experiment) = &mut self.experiment {
            experiment
                .rules_mut()
                .for_each(|rule| rule.filter_items(names));
        }
    }

    /// What it is for this member.
    pub(crate) fn for_member(&self, account: Option<&Account>) -> &CompiledRule {
        let Some(experiment) = &self.experiment else {
            return self;
        };
        experiment.of(account).unwrap_or(self)
    }

    /// Minor units of a major one of `currency`, and its rate.
    pub(crate) fn rate(&self, currency: Currency) -> Option<(i64, Ratio)> {
        let mut rates = self.rates.iter();
        rates
            .find(|(known, ..)| *known == currency)
            .map(|(_, per, rate)| (*per, *rate))
    }
}

fn rates(award: &Award) -> Box<[(Currency, i64, Ratio)]> {
    let Award::PerCurrency { rates } = award else {
        return Box::default();
    };
    rates
        .iter()
        .filter_map(|(code, rate)| {
            let currency = Currency::from_code(code)?;
            Some((
                currency,
                10_i64.pow(u32::from(currency.exponent()?)),
                rate.ratio(),
            ))
        })
        .collect()
}
