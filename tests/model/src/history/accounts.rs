//! Accounts, adjustments and rules.

use super::*;

impl Generator {
    pub(super) fn create_account(&mut self) -> Op {
        let customer =
            chance(&mut self.rng, 80).then(|| (*pick(&mut self.rng, &CUSTOMERS)).to_owned());
        let email = chance(&mut self.rng, 50).then(|| (*pick(&mut self.rng, &EMAILS)).to_owned());
        Op::CreateAccount { customer, email }
    }

    pub(super) fn close_or_reopen(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let closed = (0..self.model.member_count()).map(MemberId);
        let closed = closed.filter(|who| self.model.status(*who) == Status::Closed);
        let closed: Vec<MemberId> = closed.collect();
        match self.rng.u32(..10) {
            0..4 => Op::Close(member),
            4..9 if !closed.is_empty() => Op::Reopen(*pick(&mut self.rng, &closed)),
            _ => Op::Reopen(member),
        }
    }

    /// A customer's new address, or that a customer is gone.
    pub(super) fn customer_told(&mut self) -> Op {
        let is_update = chance(&mut self.rng, 70);
        let kind = match is_update {
            true => "customer.updated",
            false => "customer.deleted",
        };
        let mut event = self.event(kind, "cus");
        let known = self.model.customers();
        let customer = match known.is_empty() || chance(&mut self.rng, 10) {
            true => (*pick(&mut self.rng, &CUSTOMERS)).to_owned(),
            false => pick(&mut self.rng, &known).clone(),
        };
        event.data.insert("id".to_owned(), json!(customer));
        if is_update && chance(&mut self.rng, 90) {
            let email = json!(pick(&mut self.rng, &EMAILS));
            event.data.insert("email".to_owned(), email);
        }
        Op::Event(event)
    }

    pub(super) fn merge(&mut self) -> Op {
        match (self.some_member(), self.some_member()) {
            (Some(source), Some(target)) => Op::Merge { source, target },
            _ => self.create_account(),
        }
    }

    pub(super) fn update_account(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let rng = &mut self.rng;
        let change = |rng: &mut Rng, list: &[&str]| {
            let clear = chance(rng, 25);
            Some((!clear).then(|| (*pick(rng, list)).to_owned()))
        };
        let which = rng.u32(..3);
        let customer = if which != 1 {
            change(rng, &CUSTOMERS)
        } else {
            None
        };
        let email = if which != 0 {
            change(rng, &EMAILS)
        } else {
            None
        };
        Op::UpdateAccount {
            member,
            customer,
            email,
        }
    }

    pub(super) fn adjust(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let balance = self.model.balance(member, self.now);
        let rng = &mut self.rng;
        let mut amount = match rng.u32(..100) {
            0..30 => rng.i64(1..300),
            30..50 => -balance,
            50..58 => -balance - 1,
            58..85 => -rng.i64(1..=balance.clamp(1, 1 << 40)),
            _ => -rng.i64(1..300),
        };
        if self.at_limit && chance(rng, 45) {
            amount = if chance(rng, 70) {
                POINTS_MAX
            } else {
                -POINTS_MAX
            };
        }
        // Open: whether an amount of 0, or one beyond the limit by itself, is a bad parameter.
        if amount == 0 || amount.unsigned_abs() > POINTS_MAX.unsigned_abs() {
            amount = 1;
        }
        // Open: whether a negative one counts into `lifetime_points`.
        let lifetime = amount > 0 && !self.at_limit && chance(rng, 25);
        let expires_at = (amount > 0 && !self.at_limit && chance(rng, 35))
            .then(|| self.now + SignedDuration::from_millis(rng.i64(1..90 * 86_400_000)));
        Op::Adjust {
            member,
            amount,
            allow_negative: chance(rng, 35),
            lifetime,
            expires_at,
        }
    }

    /// Switches a rule on or off, or changes its multiplier or the height of its cap. Open: what
    /// earlier awards count when a rule gets another window, or its first cap.
    pub(super) fn update_rule(&mut self) -> Op {
        let mut rule = pick(&mut self.rng, self.model.rules()).clone();
        let rng = &mut self.rng;
        match (rng.u32(..3), &mut rule.cap) {
            (0, Some(cap)) => {
                cap.points = cap.points.map(|points| (points * rng.u64(1..4) / 2).max(1));
                cap.awards = cap.awards.map(|_| rng.u64(1..=5));
            }
            (1, _) => rule.multiplier = Decimal::new(rng.i64(1..40), 1),
            _ => rule.active = !rule.active,
        }
        Op::UpdateRule(Box::new(rule))
    }
}
