//! A redemption that a payment names: the payment confirms it, and where the program says so, the
//! full refund of the payment cancels it (spec section 5, "Redemption").
//!
//! Nothing that is wrong with the redemption stops the payment from earning.

use super::{
    Cause, Draft, RedemptionWrite,
    redemption::{CodeOffer, cancel, confirm, rewritten, told},
};
use crate::{
    Event, Redemption, Refusal,
    record::{EarlyRefund, EntryRef, Handled, Refunds},
    redemption::{RedemptionStatus, Turn},
    refund::refunded_total,
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

    /// Cancels it where `refund` makes the payment's refunds complete and the program says so, and
    /// answers the entry that this writes. One that was used stays so.
    ///
    /// # Errors
    /// `points_out_of_range` where the points that come back do not fit.
    pub(super) fn cancel(
        &mut self,
        draft: &mut Draft<'_>,
        handled: &Handled,
        refunds: &Refunds,
        refund: &EarlyRefund,
    ) -> Result<Option<EntryRef>, Refusal> {
        let total = refunded_total(refunds.total, refund.amount, handled.amount);
        let is_its = handled.redemption.as_ref() == Some(&self.after.id);
        // Store credit is the member's money: it comes back whatever the program says.
        let comes_back =
            draft.program.cancel_redemptions_on_refund || self.after.store_credit.is_some();
        let is_wanted = comes_back && total >= handled.amount && draft.has_payout(&self.after);
        if !is_its || !is_wanted || self.after.status != RedemptionStatus::Confirmed {
            return Ok(None);
        }
        let confirmed = self.after.clone();
        let transactions = cancel(draft, &mut self.after)?;
        let (seq, count) = (draft.next_seq(), transactions.len());
        let cause = Cause {
            trigger: &refund.trigger,
            source_id: &refund.source_id,
            payment: self.after.payment.as_deref(),
            occurred_at: refund.occurred_at,
        };
        let change = told(&self.after, &confirmed, Turn::Canceled);
        draft.append(&cause, vec![change], transactions);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Some(EntryRef { seq, count }))
    }

    /// What to write of it, where anything became of it.
    pub(super) fn write(self) -> Option<RedemptionWrite> {
        let is_changed = self.after != *self.before;
        is_changed.then(|| rewritten(self.before, self.after, self.issued))
    }
}
