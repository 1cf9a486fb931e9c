//! A purse: what a member has of one kind of money, lot by lot, and what time, crediting,
//! spending and clawing back do to it. Points are kept in one, store credit in one per currency.
//!
//! Amounts are whole: points, or minor units of a currency.

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use crate::{
    Code, POINTS_MAX, Refusal,
    hold::{HOLDS_MERGED_MAX, Hold, Returned},
    program::NegativeBalance,
};

/// How many lots a purse holds at the most: 1,000, some 15 kB. Beyond that the two that expire
/// closest together become one that expires when the later of them does.
pub const LOTS_MAX: usize = 1000;

/// Lots, and what is owed beyond them. Its balance is Σ spendable lots − deficit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purse {
    /// What is owed: what was taken beyond what was there.
    pub deficit: i64,
    /// What is left of each earning, oldest first.
    pub lots: Vec<Lot>,
    /// What was taken for redemptions that are not confirmed yet.
    pub holds: Vec<Hold>,
}

/// Which transaction a lot came from, as the account knows it:
/// [`Account::transaction_of`](crate::Account::transaction_of) spells it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId {
    /// Whose log: 0 for the account's own, else the place in
    /// [`Account::absorbed`](crate::Account::absorbed), from 1.
    pub origin: u32,
    /// The entry of that log.
    pub seq: u64,
    /// The place in the entry.
    pub place: u32,
}

impl LotId {
    /// A lot from the account's own log.
    #[must_use]
    pub const fn own(seq: u64, place: u32) -> LotId {
        LotId {
            origin: 0,
            seq,
            place,
        }
    }
}

/// What is left of one earning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// The earning.
    pub id: LotId,
    /// What is left; never 0.
    pub remaining: i64,
    /// From when it can be spent; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Until when; for ever where absent. Never before `available_at`.
    pub expires_at: Option<Timestamp>,
}

impl Lot {
    /// When it expires, where everything expires by inactivity at `idle`: what matures after a
    /// long silence is there at least for that instant.
    #[must_use]
    pub fn expiry(&self, idle: Option<Timestamp>) -> Option<Timestamp> {
        let idle = idle.map(|idle| self.available_at.map_or(idle, |at| at.max(idle)));
        [self.expires_at, idle].into_iter().flatten().min()
    }

    fn is_pending(&self, now: Timestamp) -> bool {
        self.available_at.is_some_and(|at| at > now)
    }

    /// Whether it can be spent. A late event can bring points that have expired already; they
    /// wait here to be written off and are good for nothing.
    fn is_spendable(&self, now: Timestamp) -> bool {
        !self.is_pending(now) && self.expires_at.is_none_or(|at| at > now)
    }
}

/// What was taken from one lot: enough to give it back, also where nothing is left of the lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The lot.
    pub lot: LotId,
    /// How much of it.
    pub amount: i64,
    /// When the lot expires; never where absent.
    pub expires_at: Option<Timestamp>,
}

/// Something that time did to a purse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A lot ran out.
    Expired(Expired),
    /// A hold ended by itself and returned what it held.
    Returned(Returned),
}

impl Step {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Step::Expired(expired) => expired.at,
            Step::Returned(returned) => returned.at,
        }
    }
}

/// What was left of a lot when it expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// The earning that it came from.
    pub lot: LotId,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: Timestamp,
    /// The balance right after.
    pub balance_after: i64,
}

/// What clawing back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Taken from lots or owed: the balance fell by this.
    pub amount: i64,
    /// Not taken, because the balance stops at zero.
    pub written_off: i64,
}

impl Purse {
    /// What can be spent, given that the purse is settled to `now`; below zero what is owed.
    #[must_use]
    pub fn balance(&self, now: Timestamp) -> i64 {
        let spendable = self.lots.iter().filter(|lot| lot.is_spendable(now));
        spendable.map(|lot| lot.remaining).sum::<i64>() - self.deficit
    }

    /// What matures later.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> i64 {
        let pending = self.lots.iter().filter(|lot| lot.is_pending(now));
        pending.map(|lot| lot.remaining).sum()
    }

    /// What is left of the lot `id`.
    #[must_use]
    pub fn lot(&self, id: LotId) -> Option<&Lot> {
        self.lots.iter().find(|lot| lot.id == id)
    }

    /// Lets time pass until `now`: lots mature, repay what is owed, and expire, and holds return
    /// what they hold, each at its own instant and in that order of time (at the same one expiry
    /// comes before maturity, and both before returns). Answers what is to be written of it, in
    /// the order of time.
    ///
    /// At `idle` every lot expires that has not expired by itself, one that matures later when it
    /// does.
    pub fn settle(&mut self, idle: Option<Timestamp>, now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(hold) = self.take_ended_hold(now) {
            self.pass(idle, hold.until, &mut steps);
            self.return_ended(hold, idle, &mut steps);
        }
        self.pass(idle, now, &mut steps);
        self.mark_expired_parts(idle, now);
        steps
    }

    /// The first instant at which time does something that is to be written: a lot expires, or a
    /// hold ends.
    pub(crate) fn next_due(&self, idle: Option<Timestamp>) -> Option<Timestamp> {
        let expiries = self.lots.iter().filter_map(|lot| lot.expiry(idle));
        expiries
            .chain(self.holds.iter().map(|hold| hold.until))
            .min()
    }

    /// Lets lots mature, repay and expire until `now`.
    fn pass(&mut self, idle: Option<Timestamp>, now: Timestamp, steps: &mut Vec<Step>) {
        loop {
            let due = self
                .lots
                .iter()
                .enumerate()
                .filter_map(|(i, lot)| Some((lot.expiry(idle)?, i)));
            let late_ms = if is(Bug::ExpiresLate) { 3_600_000 } else { 0 };
            let by = crate::window::shifted(now, -late_ms);
            let Some((at, place)) = due.filter(|(at, _)| *at <= by).min() else {
                break;
            };
            // What could be spent from the start repaid when it came, or came expired.
            if self.repay(|lot| lot.available_at.is_some_and(|matured| matured < at)) {
                continue;
            }
            let lot = self.lots.remove(place);
            let balance_after = self.balance(at);
            steps.push(Step::Expired(Expired {
                lot: lot.id,
                amount: lot.remaining,
                at,
                balance_after,
            }));
        }
        self.repay_from_spendable(now);
    }

    /// Repays what is owed from what can be spent.
    pub(crate) fn repay_from_spendable(&mut self, now: Timestamp) {
        self.repay(|lot| lot.is_spendable(now));
    }

    /// Repays what is owed from the lots that can be used, in the order of maturing, and answers
    /// whether there was anything to do.
    fn repay(&mut self, is_usable: impl Fn(&Lot) -> bool) -> bool {
        let mut repaid_any = false;
        while self.deficit > 0 {
            let next = self
                .lots
                .iter_mut()
                .filter(|lot| is_usable(lot))
                .min_by_key(|lot| (lot.available_at, lot.expires_at.unwrap_or(Timestamp::MAX)));
            let Some(lot) = next else { break };
            let repaid = lot.remaining.min(self.deficit);
            lot.remaining -= repaid;
            self.deficit -= repaid;
            self.drop_empty();
            repaid_any = true;
        }
        repaid_any
    }

    fn drop_empty(&mut self) {
        self.lots.retain(|lot| lot.remaining > 0);
    }

    /// Adds a lot; what is available at once repays what is owed first.
    ///
    /// # Errors
    /// `points_out_of_range` where the lots would hold more than 2⁵³ − 1.
    pub fn credit(&mut self, lot: Lot, now: Timestamp) -> Result<(), Refusal> {
        if !self.has_room_for(lot.remaining) {
            return Err(out_of_range());
        }
        if lot.remaining > 0 {
            self.lots.push(lot);
            self.repay_from_spendable(now);
            self.bound_lots(LOTS_MAX);
        }
        Ok(())
    }

    /// Whether so much more can be kept.
    pub(crate) fn has_room_for(&self, amount: i64) -> bool {
        amount <= POINTS_MAX - self.held()
    }

    /// What all lots hold, whenever it can be spent, and what may come back to them.
    fn held(&self) -> i64 {
        let lots: i64 = self.lots.iter().map(|lot| lot.remaining).sum();
        lots + self.reserved()
    }

    /// Takes `amount` from the lots that expire first (never-expiring ones last, the older first
    /// among equals), and beyond them by owing. The purse must be settled to `now`. Answers what
    /// came from which lot; what their sum lacks is owed.
    ///
    /// # Errors
    /// `points_out_of_range` where more would be owed than can be counted.
    pub fn debit(&mut self, amount: i64, now: Timestamp) -> Result<Vec<Part>, Refusal> {
        let mut parts = Vec::new();
        let missing = self.take_from_lots(amount, now, |part| parts.push(part));
        self.owe(missing)?;
        Ok(parts)
    }

    fn owe(&mut self, amount: i64) -> Result<(), Refusal> {
        if amount > POINTS_MAX - self.deficit {
            return Err(out_of_range());
        }
        self.deficit += amount;
        Ok(())
    }

    /// Takes up to `amount` from available lots, tells what came from which, and answers how much
    /// was missing.
    fn take_from_lots(&mut self, amount: i64, now: Timestamp, mut taken: impl FnMut(Part)) -> i64 {
        let mut missing = amount;
        while missing > 0 {
            let first = self
                .lots
                .iter_mut()
                .filter(|lot| lot.is_spendable(now))
                .min_by_key(|lot| {
                    let end = lot.expires_at.unwrap_or(Timestamp::MAX).as_millisecond();
                    if is(Bug::LastLotFirst) { -end } else { end }
                });
            let Some(lot) = first else { break };
            let amount = lot.remaining.min(missing);
            lot.remaining -= amount;
            missing -= amount;
            taken(Part {
                lot: lot.id,
                amount,
                expires_at: lot.expires_at,
            });
            self.drop_empty();
        }
        missing
    }

    /// Takes back `amount` of the earning `id`: from its own lot first, then from the lots that
    /// expire first, then below zero or, with `clamp`, not at all (spec, "Settled details").
    ///
    /// # Errors
    /// `points_out_of_range` where more would be owed than can be counted.
    pub fn claw_back(
        &mut self,
        id: LotId,
        amount: i64,
        negative: NegativeBalance,
        now: Timestamp,
    ) -> Result<Taken, Refusal> {
        let mut missing = amount;
        if let Some(lot) = self.lots.iter_mut().find(|lot| lot.id == id) {
            let own = lot.remaining.min(missing);
            lot.remaining -= own;
            missing -= own;
            self.drop_empty();
        }
        missing = self.take_from_lots(missing, now, |_| {});
        let written_off = match negative {
            NegativeBalance::Clamp => missing,
            NegativeBalance::Allow => {
                self.owe(missing)?;
                0
            }
        };
        Ok(Taken {
            amount: amount - written_off,
            written_off,
        })
    }

    /// Takes over all that `source` has and owes, both settled to `now`. The logs that its lots
    /// stand in come after the first `origin` of those that this purse's stand in. What either
    /// owes is repaid as spending would, from what expires first.
    ///
    /// # Errors
    /// `points_out_of_range` where the sums do not fit; `limit_reached` where too many redemptions
    /// are reserved.
    pub(crate) fn absorb(
        &mut self,
        source: &mut Purse,
        origin: u32,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for mut lot in source.lots.drain(..) {
            lot.id.origin += origin;
            self.lots.push(lot);
        }
        if self.holds.len() + source.holds.len() > HOLDS_MERGED_MAX {
            let message = format!(
                "More than {HOLDS_MERGED_MAX} redemptions of the two accounts are reserved; \
                 confirm or cancel some first."
            );
            return Err(Refusal::new(Code::LimitReached, message).at("source"));
        }
        for mut hold in source.holds.drain(..) {
            for part in &mut hold.parts {
                part.lot.origin += origin;
            }
            self.holds.push(hold);
        }
        let owed = std::mem::take(&mut self.deficit) + std::mem::take(&mut source.deficit);
        let missing = self.take_from_lots(owed, now, |_| {});
        self.owe(missing)?;
        if self.held() > POINTS_MAX {
            return Err(out_of_range());
        }
        self.bound_lots(LOTS_MAX);
        Ok(())
    }

    /// Makes one of the two lots that expire closest together until there are no more than `most`.
    pub(crate) fn bound_lots(&mut self, most: usize) {
        let excess = self.lots.len().saturating_sub(most);
        if excess == 0 {
            return;
        }
        let end = |lot: &Lot| lot.expires_at.unwrap_or(Timestamp::MAX);
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|place| (self.lots[*place].available_at, end(&self.lots[*place])));
        for _ in 0..excess {
            // Only lots that can be spent alike may become one.
            let gap = |pair: &[usize]| {
                let (earlier, later) = (&self.lots[pair[0]], &self.lots[pair[1]]);
                let gap_ms = end(later).as_millisecond() - end(earlier).as_millisecond();
                (earlier.available_at == later.available_at).then_some(gap_ms)
            };
            let pairs = order.windows(2).enumerate();
            let gaps = pairs.filter_map(|(at, pair)| Some((gap(pair)?, at)));
            let Some((_, closest)) = gaps.min() else {
                break;
            };
            let earlier = order.remove(closest);
            let amount = std::mem::take(&mut self.lots[earlier].remaining);
            self.lots[order[closest]].remaining += amount;
        }
        self.drop_empty();
    }
}

pub(crate) fn out_of_range() -> Refusal {
    Refusal::new(
        Code::PointsOutOfRange,
        format!("The result would leave the range of ±{POINTS_MAX}; nothing was written."),
    )
}

#[cfg(test)]
mod tests;
