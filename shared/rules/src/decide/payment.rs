//! A redemption that a payment names: the payment confirms it, and the payment's refunds bring back
//! what it took (spec section 5, "Redemption", "Store credit").
//!
//! Nothing that is wrong with the redemption stops the payment from earning.

use super::{
    Cause, Draft, RedemptionWrite,
    redemption::{CodeOffer, cancel, confirm, rewritten, told},
};
use crate::{
    Event, Redemption, Refusal,
    entry::TransactionType,
    record::{EarlyRefund, EntryRef, Handled, Refunds},
    redemption::{RedemptionStatus, Turn},
    refund::{refunded_total, reversed_points},
};

/// The redemption of a payment, while that or its refund is decided.
pub(super) struct Named<'a> {
    before: &'a Redemption,
    after: Redemption,
    issued: Option<CodeOffer>,
}

impl<'a> Named<'a> {
    /// The redemption as it was loaded.
    pub(super) fn of(before: &'a Redemption) -> Named<'a> {
        Named {
            before,
            after: before.clone(),
            issued: None,
        }
    }

    /// Lets the payment confirm it, and answers its id where it is this payment's then. One of
    /// another member, or that is over, or that another payment confirmed stays as it is.
    pub(super) fn confirm(
        &mut self,
        draft: &mut Draft<'_>,
        event: &Event,
        offer: Option<&CodeOffer>,
    ) -> Option<String> {
        use RedemptionStatus::{Confirmed, Reserved, Used};
        if !draft.account.is_or_absorbed(&self.before.account) {
            return None;
        }
        let payment = &event.source_id;
        match self.before.status {
            Reserved => {
                let redemption = &mut self.after;
                self.issued = confirm(draft, redemption, offer, Some(payment)).ok()?;
                let cause = Cause {
                    trigger: &event.trigger,
                    source_id: payment,
                    payment: Some(payment),
                    occurred_at: event.occurred_at,
                };
                let change = told(&self.after, self.before, Turn::Confirmed);
                draft.append(&cause, vec![change], Vec::new());
            }
            Confirmed | Used if self.before.payment.is_none() => {
                self.after.payment = Some(payment.clone());
            }
            _ => {}
        }
        let is_its = self.after.payment.as_ref() == Some(payment);
        is_its.then(|| self.after.id.clone())
    }

    /// Gives back what `refund` of the payment brings back of it, and answers the entry that this
    /// writes, if any: of what pays the share that is refunded, all of it with the last of the
    /// payment, when it is canceled, too; of a reward nothing before that, and nothing once it was
    /// used. Points come back where the program says so.
    ///
    /// # Errors
    /// `points_out_of_range` where what comes back does not fit.
    pub(super) fn refund(
        &mut self,
        draft: &mut Draft<'_>,
        handled: &Handled,
        refunds: &Refunds,
        refund: &EarlyRefund,
    ) -> Result<Option<EntryRef>, Refusal> {
        use RedemptionStatus::{Confirmed, Used};
        use TransactionType::Expire;
        let redemption = &mut self.after;
        // Store credit is the member's money: it comes back whatever the program says.
        let comes_back =
            draft.program.cancel_redemptions_on_refund || redemption.store_credit.is_some();
        if handled.redemption.as_ref() != Some(&redemption.id) || !comes_back {
            return Ok(None);
        }
        let total = refunded_total(refunds.total, refund.amount, handled.amount);
        let is_whole = total >= handled.amount;
        let mut changes = Vec::new();
        let transactions = match redemption.status {
            Confirmed if is_whole && draft.has_payout(redemption) => {
                let confirmed = redemption.clone();
                let transactions = cancel(draft, redemption)?;
                changes.push(told(redemption, &confirmed, Turn::Canceled));
                transactions
            }
            Confirmed | Used if redemption.pays() => {
                let share = reversed_points(redemption.taken(), total, handled.amount);
                let missing = share - redemption.returned;
                if missing <= 0 {
                    return Ok(None);
                }
                let parts = draft.next_parts(redemption, missing)?;
                draft.return_parts(redemption, &parts, &refund.trigger)?
            }
            _ => return Ok(None),
        };
        // What has expired meanwhile goes again at once, by itself: the event gave all of it back.
        let given = transactions.iter().filter(|it| it.kind != Expire);
        let (seq, count) = (draft.next_seq(), given.count());
        let cause = Cause {
            trigger: &refund.trigger,
            source_id: &refund.source_id,
            payment: self.after.payment.as_deref(),
            occurred_at: refund.occurred_at,
        };
        draft.append(&cause, changes, transactions);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Some(EntryRef { seq, count }))
    }

    /// What to write of it, where anything became of it.
    pub(super) fn write(self) -> Option<RedemptionWrite> {
        let is_changed = self.after != *self.before;
        is_changed.then(|| rewritten(self.before, self.after, self.issued))
    }
}
