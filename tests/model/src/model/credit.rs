//! Store credit: given and taken by hand.

use super::*;
use crate::ops::CreditExpiry;
use crate::rewards::Money;

impl Model {
    /// What a member has of each currency in which there is anything, balance and reserved.
    pub fn store_credit(&self, member: MemberId, now: Timestamp) -> Vec<(String, i64, i64)> {
        let held = self.currencies().into_iter().map(|currency| {
            let balance = self.balance_of(member, Some(&currency), now);
            let reserved = self.reserved(member, &currency, now);
            (currency, balance, reserved)
        });
        held.filter(|(_, balance, reserved)| (*balance, *reserved) != (0, 0))
            .collect()
    }

    /// Every currency in which there ever was store credit.
    pub fn currencies(&self) -> BTreeSet<String> {
        let all = self.transactions.iter();
        all.filter_map(|t| t.currency.clone()).collect()
    }

    pub(super) fn adjust_credit(
        &mut self,
        member: MemberId,
        money: &Money,
        allow_negative: bool,
        expiry: CreditExpiry,
    ) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Active => {}
            Status::Closed => return Err("account_closed"),
            Status::Merged(_) => return Err("account_merged"),
        }
        let Money { amount, currency } = money.clone();
        if amount > 0 && matches!(expiry, CreditExpiry::At(at) if at <= self.now) {
            return Err("parameter_invalid");
        }
        let balance = self.balance_of(member, Some(&currency), self.now);
        if amount < 0 && !allow_negative && balance + amount < 0 {
            return Err("insufficient_store_credit");
        }
        let expires = self.settings.store_credit_expires.clone();
        let expires_at = match expiry {
            CreditExpiry::Never => None,
            CreditExpiry::At(at) => Some(at),
            CreditExpiry::ByProgram => expires.map(|expires| self.credit_expires_at(&expires)),
        };
        let posted = self.post(Transaction {
            currency: Some(currency),
            expires_at: expires_at.filter(|_| amount > 0),
            ..Transaction::of(member, TransactionKind::Adjust, amount, self.now)
        })?;
        Ok(Done {
            transactions: vec![posted],
            ..simply(Outcome::Adjusted, Some(member))
        })
    }
}
