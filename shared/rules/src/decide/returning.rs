//! What a redemption took, given back: to the lots that it came from, wholly or in part.

use super::Draft;
use crate::{
    Account, Code, Redemption, Refusal, Transaction,
    entry::TransactionType,
    id::{CreditId, TransactionId},
    purse::{Part, out_of_range},
    redemption::RedeemedPart,
};

impl Draft<'_> {
    /// The next `amount` of what a confirmed redemption took, beyond what has come back of it: what
    /// it took last comes back first, so that the rest is what a smaller redemption would have
    /// taken. In however many parts it comes back, the lots end alike.
    ///
    /// # Errors
    /// `internal` where the logs do not know where it came from.
    pub(super) fn next_parts(
        &self,
        redemption: &Redemption,
        amount: i64,
    ) -> Result<Vec<Part>, Refusal> {
        let (mut before, mut missing) = (redemption.returned, amount);
        let mut next = Vec::new();
        for part in redemption.parts.iter().rev() {
            let mut part = part_in(&self.account, part)?;
            let gone = part.amount.min(before);
            before -= gone;
            part.amount = (part.amount - gone).min(missing);
            missing -= part.amount;
            if part.amount > 0 {
                next.push(part);
            }
        }
        next.reverse();
        Ok(next)
    }

    /// Gives `parts` of what a redemption took back to the lots that they came from, and answers
    /// the transactions of points that the entry is to have which is appended next; store credit's
    /// it has already.
    ///
    /// # Errors
    /// `points_out_of_range` where they do not fit; as [`Draft::return_credit`].
    pub(super) fn return_parts(
        &mut self,
        redemption: &mut Redemption,
        parts: &[Part],
        reason: &str,
    ) -> Result<Vec<Transaction>, Refusal> {
        let amount: i64 = parts.iter().map(|part| part.amount).sum();
        if let Some(money) = &redemption.store_credit {
            let returned = self.return_credit(&redemption.id, &money.currency, parts, reason)?;
            redemption.reversal = Some(returned.to_string());
            redemption.returned += amount;
            return Ok(Vec::new());
        }
        if !self.account.points.has_room_for(amount) {
            return Err(out_of_range());
        }
        let transactions = self.give_back(&redemption.id, parts, reason);
        if !transactions.is_empty() {
            let id = TransactionId {
                account: self.account.id.clone(),
                seq: self.next_seq(),
                place: 0,
            };
            redemption.reversal = Some(id.to_string());
        }
        redemption.returned += amount;
        Ok(transactions)
    }

    /// Gives points back to the lots that they came from, and answers what that writes: one
    /// `reverse`, and an `expire` for each part that has expired meanwhile.
    pub(super) fn give_back(
        &mut self,
        redemption: &str,
        parts: &[Part],
        reason: &str,
    ) -> Vec<Transaction> {
        let amount: i64 = parts.iter().map(|part| part.amount).sum();
        let idle = self.account.idle_at(self.program);
        let given = self.account.points.give_back(parts, idle, self.now);
        if amount == 0 {
            return Vec::new();
        }
        let back = returning(redemption, amount, given.balance_after, reason);
        let expired = given.expired.iter().map(|expired| self.expiring(expired));
        std::iter::once(back).chain(expired).collect()
    }
}

/// The transaction that returns points.
pub(super) fn returning(
    redemption: &str,
    points: i64,
    balance_after: i64,
    reason: &str,
) -> Transaction {
    Transaction {
        redemption: Some(redemption.to_owned()),
        balance_after,
        ..Transaction::new(TransactionType::Reverse, points, reason)
    }
}

/// What a redemption took of an earning, as the account knows it.
fn part_in(account: &Account, part: &RedeemedPart) -> Result<Part, Refusal> {
    let credit = CreditId::parse(&part.earning).map(|credit| credit.0);
    let earning = credit.or_else(|| TransactionId::parse(&part.earning));
    let lot = earning.and_then(|earning| account.lot_of(&earning));
    let lot = lot.ok_or_else(|| {
        let message = format!("The earning `{}` cannot be found.", part.earning);
        Refusal::new(Code::Internal, message)
    })?;
    Ok(Part {
        lot,
        amount: part.points,
        expires_at: part.expires_at,
    })
}
