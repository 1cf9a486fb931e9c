//! Rewards, redemptions and store credit.

use super::*;

impl Generator {
    pub(super) fn first_rewards(&mut self, tiers: Vec<String>) -> Vec<Op> {
        let count = self.rng.usize(1..=2);
        (0..count)
            .map(|number| self.reward(number, &tiers))
            .collect()
    }

    fn reward(&mut self, number: usize, tiers: &[String]) -> Op {
        let now = self.now;
        let credit = self.features.credit;
        let rng = &mut self.rng;
        let currency = *pick(rng, &CURRENCIES);
        let money = Money::new(rng.i64(1..2_000), currency);
        let gives = match rng.u32(..10) {
            0..3 if credit => Gives::StoreCredit(money),
            0..9 => Gives::Discount(money),
            _ => Gives::Custom,
        };
        let windows = [Window::Day, Window::Week, Window::Month, Window::Lifetime];
        let limit = chance(rng, 60).then(|| {
            let window = windows[rng.usize(..4).max(rng.usize(..4))];
            Limit {
                redemptions: rng.usize(1..=2),
                window,
                // Open: `rolling` without a span.
                rolling: window != Window::Lifetime && rng.bool(),
            }
        });
        let starts_at = chance(rng, 15).then(|| now + SignedDuration::from_hours(rng.i64(-48..72)));
        let ends_at = chance(rng, 15)
            .then(|| starts_at.unwrap_or(now) + SignedDuration::from_hours(rng.i64(1..40 * 24)));
        Op::SetReward(Box::new(Reward {
            id: format!("rwd_{number}"),
            gives,
            cost: *pick(rng, &[1, 1, 7, 10, 10, 25, 50, 250]),
            stock: chance(rng, 50).then(|| rng.i64(0..6)),
            limit,
            min_tier: (!tiers.is_empty() && chance(rng, 60)).then(|| pick(rng, tiers).clone()),
            active: chance(rng, 95),
            starts_at,
            ends_at,
        }))
    }

    /// Open: which earlier redemptions count where a reward gets another limit, and which are of
    /// its stock where that was unlimited for a while.
    fn change_reward(&mut self) -> Op {
        let rewards = self.model.rewards().to_vec();
        let rng = &mut self.rng;
        let mut reward = pick(rng, &rewards).clone();
        match (rng.u32(..3), reward.stock) {
            (0, _) => reward.active = !reward.active,
            (1, Some(stock)) => reward.stock = Some((stock + rng.i64(-3..6)).max(0)),
            _ => reward.cost = rng.i64(1..100),
        }
        Op::SetReward(Box::new(reward))
    }

    /// What a history about redemptions does beside the rest.
    pub(super) fn redemption(&mut self) -> Op {
        let made = self.model.redemptions.len();
        match self.rng.u32(..100) {
            0..6 => Op::Tick,
            6..11 => self.change_reward(),
            11..60 if made > 0 => {
                let from = if self.rng.u32(..4) > 0 {
                    made.saturating_sub(4)
                } else {
                    0
                };
                let redemption = RedemptionId(self.rng.usize(from..made));
                let act = *pick(
                    &mut self.rng,
                    &[
                        Act::Confirm,
                        Act::Confirm,
                        Act::Cancel,
                        Act::Cancel,
                        Act::Cancel,
                        Act::Use,
                    ],
                );
                Op::Act { redemption, act }
            }
            _ => self.redeem(),
        }
    }

    fn redeem(&mut self) -> Op {
        let Some(member) = self.member_with_points() else {
            return self.create_account();
        };
        let balance = self.model.balance(member, self.now);
        let credit = self.model.store_credit(member, self.now);
        let reward = pick(&mut self.rng, self.model.rewards()).id.clone();
        let rng = &mut self.rng;
        let wanted = match rng.u32(..10) {
            0..3 if self.features.credit && !credit.is_empty() => {
                let (currency, balance, _) = pick(rng, &credit).clone();
                let amount = about_all_of(rng, balance);
                Wanted::StoreCredit(Money { amount, currency })
            }
            3..5 if self.model.settings.redeem_rate.is_some() => Wanted::PayWithPoints {
                points: about_all_of(rng, balance),
                currency: "EUR".to_owned(),
                order_amount: chance(rng, 40).then(|| rng.i64(1..3_000)),
            },
            _ => Wanted::Reward(reward),
        };
        Op::Redeem {
            member,
            wanted,
            reserve_minutes: chance(rng, 60).then(|| *pick(rng, &[1, 30, 30, 30, 600, 10_080])),
        }
    }

    /// A member, rather one who can spend something.
    fn member_with_points(&mut self) -> Option<MemberId> {
        let member = self.some_member()?;
        let latest = self.model.redemptions.last().map(|it| it.member);
        let other = match latest {
            Some(latest) if self.rng.bool() => self.model.survivor(latest),
            _ => self.some_member()?,
        };
        let has = |member| self.model.balance(member, self.now) > 0;
        Some(if has(member) { member } else { other })
    }

    pub(super) fn adjust_credit(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let credit = self.model.store_credit(member, self.now);
        let rng = &mut self.rng;
        let known = (!credit.is_empty()).then(|| pick(rng, &credit).clone());
        let (currency, balance) = match known {
            Some((currency, balance, _)) if chance(rng, 75) => (currency, balance),
            _ => ((*pick(rng, &CURRENCIES)).to_owned(), 0),
        };
        let amount = match rng.u32(..10) {
            0..6 => rng.i64(1..2_000),
            _ => -about_all_of(rng, balance),
        };
        let expiry = match rng.u32(..10) {
            0..5 => CreditExpiry::ByProgram,
            5..7 => CreditExpiry::Never,
            _ => {
                let ahead = SignedDuration::from_millis(rng.i64(1..60 * 86_400_000));
                CreditExpiry::At(self.now + ahead)
            }
        };
        // Open: an expiry of what is taken.
        let expiry = if amount < 0 {
            CreditExpiry::ByProgram
        } else {
            expiry
        };
        Op::AdjustCredit {
            member,
            money: Money { amount, currency },
            allow_negative: chance(rng, 35),
            expiry,
        }
    }

    /// A redemption that a payment names: rather a reserved one.
    pub(super) fn named_redemption(&mut self) -> Option<RedemptionId> {
        let made = self.model.redemptions.len();
        if made == 0 || !chance(&mut self.rng, 40) {
            return None;
        }
        let all = self.model.redemptions.iter().enumerate();
        let reserved = all.filter(|(_, it)| it.status == RedemptionStatus::Reserved);
        let reserved: Vec<usize> = reserved.map(|(number, _)| number).collect();
        let any = reserved.is_empty() || chance(&mut self.rng, 25);
        let number = if any {
            self.rng.usize(..made)
        } else {
            *pick(&mut self.rng, &reserved)
        };
        Some(RedemptionId(number))
    }

    /// When a reservation ends next.
    pub(super) fn reservation_edge(&mut self) -> Timestamp {
        let reserved = self.model.redemptions.iter();
        let reserved = reserved.filter(|it| it.status == RedemptionStatus::Reserved);
        let ends: Vec<Timestamp> = reserved.filter_map(|it| it.ends_at).collect();
        if ends.is_empty() {
            return self.now;
        }
        let end = *pick(&mut self.rng, &ends);
        self.about(end)
    }
}

/// A part of a balance, all of it, or one more; at least 1.
fn about_all_of(rng: &mut Rng, balance: i64) -> i64 {
    let amount = match rng.u32(..10) {
        0..2 => balance,
        2 => balance.saturating_add(1),
        3..8 => rng.i64(1..=balance.clamp(1, 1 << 40)),
        _ => rng.i64(1..300),
    };
    amount.max(1)
}
