//! Refunds and lost disputes.

use super::*;

impl Model {
    pub(super) fn refund(&mut self, event: &Event) -> Result<Done, Refusal> {
        let payment = event
            .text("payment")
            .expect("a refund names its payment")
            .to_owned();
        let whole = event.kind == "payment.disputed";
        let refund = Refund {
            source: (event.kind.clone(), event.source_id().to_owned()),
            payment: payment.clone(),
            amount: event.number("amount").filter(|_| !whole),
            occurred_at: event.occurred_at,
        };
        self.refunds.push(refund);
        let Some(first) = self
            .seen
            .iter()
            .find(|seen| PAYMENTS.contains(&seen.kind.as_str()) && seen.source_id == payment)
        else {
            return Ok(simply(Outcome::Remembered, None));
        };
        let account = first.answer.account.map(|member| self.survivor(member));
        let paid = paid(&first.content);
        let number = self.refunds.len() - 1;
        let (returned, mut transactions) = self.return_for(number, paid)?;
        transactions.extend(self.claw(number, paid)?);
        let (rewards, taken) = self.take_back(&payment, paid)?;
        transactions.extend(taken);
        let nothing = transactions.is_empty() && !returned && !rewards;
        let outcome = if nothing {
            Outcome::Processed
        } else {
            Outcome::Reversed
        };
        Ok(Done {
            transactions,
            ..simply(outcome, account)
        })
    }

    /// The refunds whose payments are not known yet, in the order in which they came: their payment
    /// and their amount, none for all of it.
    pub(super) fn refunds_ahead(&self) -> Vec<(&str, Option<u64>)> {
        let is_known = |refund: &&Refund| {
            self.seen.iter().any(|seen| {
                PAYMENTS.contains(&seen.kind.as_str()) && seen.source_id == refund.payment
            })
        };
        let mut ahead: Vec<_> = self
            .refunds
            .iter()
            .filter(|refund| !is_known(refund))
            .map(|refund| (refund.payment.as_str(), refund.amount))
            .collect();
        // Only the order among those of one payment matters.
        ahead.sort_by_key(|(payment, _)| *payment);
        ahead
    }

    /// What the first so many refunds say of a payment.
    pub(super) fn refunded(&self, payment: &str, until: usize) -> u64 {
        let earlier = self.refunds[..until].iter();
        earlier
            .filter(|other| other.payment == payment)
            .map(|other| other.amount.unwrap_or(u64::MAX))
            .fold(0, u64::saturating_add)
    }

    /// Gives back what paid for a payment. Ruling: before awards are clawed back, so that what
    /// comes back can be clawed.
    pub(super) fn return_for(
        &mut self,
        refund: usize,
        paid: u64,
    ) -> Result<(bool, Vec<Posted>), Refusal> {
        let payment = self.refunds[refund].payment.clone();
        let refunded = self.refunded(&payment, refund + 1);
        self.return_shares(&payment, refunded, paid)
    }

    /// Reverses what the refund with this number adds to those of its payment before it.
    pub(super) fn claw(&mut self, refund: usize, paid: u64) -> Result<Vec<Posted>, Refusal> {
        let Refund {
            source,
            payment,
            occurred_at,
            ..
        } = self.refunds[refund].clone();
        let refunded = |until: usize| self.refunded(&payment, until);
        let (before, after) = (refunded(refund), refunded(refund + 1));
        let first = !self.refunds[..refund]
            .iter()
            .any(|other| other.payment == payment);
        let awards: Vec<usize> = (0..self.transactions.len())
            .filter(|&number| {
                let t = &self.transactions[number];
                let source = t.source.as_ref();
                t.kind == TransactionKind::Earn
                    && source.is_some_and(|(kind, id)| {
                        PAYMENTS.contains(&kind.as_str()) && *id == payment
                    })
            })
            .collect();
        let mut written = Vec::new();
        for award in awards {
            let earned = &self.transactions[award];
            // Before the first refund nothing is reversed, also of a payment of 0.
            let due_before = if first {
                0
            } else {
                points::reversed_in_all(earned.amount, before, paid)
            };
            let due = points::reversed_in_all(earned.amount, after, paid) - due_before;
            written.extend(self.take(award, due, |taken| Transaction {
                source: Some(source.clone()),
                occurred_at,
                ..taken
            })?);
        }
        Ok(written)
    }

    /// Takes so much of what was given back, as far as it has not expired or been taken before.
    pub(super) fn take(
        &mut self,
        award: usize,
        due: i64,
        with: impl FnOnce(Transaction) -> Transaction,
    ) -> Result<Option<Posted>, Refusal> {
        let earned = self.transactions[award].clone();
        let member = self.survivor(earned.member);
        let holdings = self.holdings(member, self.now);
        let lot = holdings.lot(award);
        // Ruling: a refund for which nothing is left to claw writes nothing.
        let points = due.min(earned.amount - self.reversed(award) - lot.expired);
        if points == 0 {
            return Ok(None);
        }
        let pending = !lot.mature && lot.remaining > 0;
        let shortfall = match self.settings.negative_balance {
            NegativeBalance::Clamp if !pending => (points - holdings.spendable()).max(0),
            _ => 0,
        };
        // Ruling: the amount is what is really taken, so that the balance stays the sum of
        // the amounts; under `clamp` it may be 0.
        let amount = shortfall - points;
        let taken = with(Transaction {
            rule: earned.rule,
            available_at: earned.available_at.filter(|_| pending),
            reverses: Some(award),
            shortfall,
            ..Transaction::of(member, TransactionKind::Reverse, amount, self.now)
        });
        self.post(taken).map(Some)
    }
}
