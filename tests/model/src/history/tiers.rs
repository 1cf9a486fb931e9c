//! Tables of tiers, and their changes.

use super::*;

const KEYS: [&str; 4] = ["bronze", "silver", "gold", "platinum"];

impl Generator {
    pub(super) fn first_tiers(&mut self) -> Vec<Op> {
        let count = self.rng.usize(1..=4);
        let mut threshold = *pick(&mut self.rng, &[0, 1, 20, 100]);
        let mut ops = Vec::new();
        for key in KEYS.iter().take(count) {
            let multiplier = *pick(&mut self.rng, &MULTIPLIERS);
            ops.push(Op::SetTier(Tier {
                key: (*key).to_owned(),
                threshold,
                multiplier,
            }));
            threshold += self.rng.i64(1..400);
        }
        ops
    }

    pub(super) fn change_tiers(&mut self) -> Op {
        let taken: BTreeSet<i64> = self.model.tiers().iter().map(|it| it.threshold).collect();
        let tiers = self.model.tiers().to_vec();
        let rewards = self.model.rewards().iter();
        let named: BTreeSet<String> = rewards.filter_map(|it| it.min_tier.clone()).collect();
        let rng = &mut self.rng;
        // Open: who can redeem a reward whose lowest tier is deleted.
        let free: Vec<&Tier> = tiers.iter().filter(|it| !named.contains(&it.key)).collect();
        if tiers.len() > 1 && !free.is_empty() && chance(rng, 25) {
            return Op::DeleteTier(pick(rng, &free).key.clone());
        }
        let known = tiers.iter().find(|it| it.key == *pick(rng, &KEYS));
        let mut tier = match known {
            Some(known) => known.clone(),
            None => Tier {
                key: (*pick(rng, &KEYS)).to_owned(),
                threshold: 1,
                multiplier: Decimal::ONE,
            },
        };
        if chance(rng, 50) {
            tier.multiplier = *pick(rng, &MULTIPLIERS);
        }
        // Each tier of a program has a threshold of its own.
        tier.threshold = rng.i64(0..800);
        while taken.contains(&tier.threshold) {
            tier.threshold += 1;
        }
        Op::SetTier(tier)
    }
}

const MULTIPLIERS: [Decimal; 5] = [
    Decimal::ONE,
    Decimal::new(15, 1),
    Decimal::new(2, 0),
    Decimal::new(125, 2),
    Decimal::new(3, 0),
];
