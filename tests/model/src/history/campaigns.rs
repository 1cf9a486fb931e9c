//! Campaigns, and their changes.

use super::*;

impl Generator {
    pub(super) fn first_campaigns(&mut self) -> Vec<Op> {
        let count = self.rng.usize(1..=3);
        (0..count).map(|number| self.campaign(number)).collect()
    }

    fn campaign(&mut self, number: usize) -> Op {
        let now = self.now;
        let budgets = self.features.budgets;
        let known = self.model.campaigns.get(number);
        let budget_before = known.map(|campaign| campaign.budget);
        let rules: Vec<String> = self.model.rules().iter().map(|it| it.id.clone()).collect();
        let rng = &mut self.rng;
        // Open: what a campaign adds that takes from awards.
        let multipliers = [(2, 0), (3, 0), (15, 1), (11, 1), (333, 3), (0, 0)];
        let most = if budgets { 4 } else { 6 };
        let (mantissa, scale) = multipliers[rng.usize(..most)];
        let starts_at = chance(rng, 40).then(|| now + hours(rng, -24, 72));
        let ends_at = chance(rng, 50).then(|| starts_at.unwrap_or(now) + hours(rng, 1, 40 * 24));
        let triggers = chance(rng, 30).then(|| {
            let count = rng.usize(1..=2);
            let all = ["payment.completed", "invoice.paid", "review_submitted"];
            let some = rng.choose_multiple(all, count);
            some.into_iter().map(str::to_owned).collect()
        });
        let rules = chance(rng, 30).then(|| {
            let count = rng.usize(1..=rules.len());
            rng.choose_multiple(rules, count)
        });
        let schedule = chance(rng, 60).then(|| schedule(rng));
        Op::SetCampaign(Box::new(Campaign {
            id: format!("camp_{number}"),
            multiplier: Decimal::new(mantissa, scale),
            active: chance(rng, 90),
            starts_at,
            ends_at,
            triggers,
            rules,
            schedule,
            // Open: which awards count where a campaign gets a budget later, or another window.
            budget: budget_before
                .unwrap_or_else(|| (budgets && rng.bool()).then(|| program::budget(rng))),
        }))
    }

    pub(super) fn change_campaign(&mut self) -> Op {
        let known = self.model.campaigns.clone();
        let number = self.rng.usize(..=known.len());
        let Some(campaign) = known.get(number).filter(|_| self.rng.bool()) else {
            return self.campaign(number);
        };
        let mut campaign = campaign.clone();
        match self.rng.u32(..3) {
            0 => campaign.active = !campaign.active,
            1 => {
                let least = if self.features.budgets { 10 } else { 1 };
                campaign.multiplier = Decimal::new(self.rng.i64(least..40), 1);
            }
            _ => campaign.schedule = None,
        }
        if let Some(budget) = &mut campaign.budget {
            budget.points = (budget.points + self.rng.i64(-300..300)).max(1);
        }
        Op::SetCampaign(Box::new(campaign))
    }
}

fn hours(rng: &mut Rng, from: i64, to: i64) -> SignedDuration {
    SignedDuration::from_hours(rng.i64(from..to))
}

/// Open: a range that ends as it starts.
fn schedule(rng: &mut Rng) -> Schedule {
    let weekdays = chance(rng, 60).then(|| {
        let count = rng.usize(1..=5);
        rng.choose_multiple(0..7, count)
    });
    let hours = (weekdays.is_none() || rng.bool()).then(|| {
        let count = rng.usize(1..=2);
        let range = |rng: &mut Rng| {
            let quarter = |rng: &mut Rng, most: u16| 15 * rng.u16(0..=most);
            let from = quarter(rng, 95);
            loop {
                let to = quarter(rng, 96);
                if to != from {
                    return (from, to);
                }
            }
        };
        (0..count).map(|_| range(rng)).collect()
    });
    Schedule { weekdays, hours }
}
