//! Store credit given or taken by hand, and what time does to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Cause, Draft, Plan, adjust::adjusted, close::active, redemption::ended};
use crate::{
    Account, Catalog, Code, EventRecord, POINTS_MAX, Program, Redemption, Refusal,
    entry::TransactionType,
    event::{CREDIT_ADJUSTMENT, EXPIRY},
    id::{CreditId, TransactionId},
    program::NegativeBalance,
    purse::{Expired, Lot, LotId, Part, Step, out_of_range},
    record::{EntryRef, EventKey},
    redemption::Turn,
    reward::Value,
    store_credit::{self, CREDIT_LOTS_MAX, CreditTransaction},
};

/// An adjustment of store credit as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditAdjustment {
    /// The account.
    pub account: String,
    /// ISO 4217.
    pub currency: String,
    /// Signed minor units, not 0.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whether the balance may fall below zero.
    pub allow_negative: bool,
    /// When given credit expires, or that it never does; as the program has it where absent.
    pub expires_at: Option<Option<Timestamp>>,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// What names this adjustment for good: a repeat under the same key is a no-op.
    pub key: String,
    /// A digest of all of the above but the key.
    pub content: String,
}

/// Decides an adjustment of store credit and answers the id of its transaction.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn adjust_credit(
    catalog: &Catalog,
    account: &Account,
    record: Option<&EventRecord>,
    adjustment: &CreditAdjustment,
    now: Timestamp,
) -> Result<Plan<CreditId>, Refusal> {
    if let Some(handled) = record.and_then(|record| record.handled.as_ref()) {
        let entry = handled.entries.first();
        return match entry.zip(handled.account.clone()) {
            Some((entry, account)) if handled.content == adjustment.content => {
                let (seq, place) = (entry.seq, 0);
                Ok(Plan::Final(CreditId(TransactionId {
                    account,
                    seq,
                    place,
                })))
            }
            _ => Err(Refusal::new(
                Code::IdempotencyKeyReused,
                "This idempotency key was used with another request; use a new key.",
            )),
        };
    }
    active(account, "account")?;
    let program = &catalog.program;
    let expires_at = expiry(program, adjustment, now)?;
    let mut draft = Draft::begin(account.clone(), catalog, now, None);
    let (amount, currency) = (adjustment.amount, adjustment.currency.as_str());
    let made = CreditTransaction {
        expires_at,
        metadata: adjustment.metadata.clone(),
        ..CreditTransaction::new(
            TransactionType::Adjust,
            currency,
            amount,
            adjustment.reason.as_str(),
        )
    };
    let id = if amount > 0 {
        draft.give_credit(made)?
    } else {
        let balance = draft.account.store_credit.balance(currency, now);
        if !adjustment.allow_negative && balance < -amount {
            let mut refusal = insufficient(currency, balance, -amount).at("amount");
            refusal
                .message
                .push_str(" Pass `allow_negative` to go below zero.");
            return Err(refusal);
        }
        draft.take_credit(made)?.0
    };
    let cause = Cause {
        trigger: CREDIT_ADJUSTMENT,
        source_id: &adjustment.key,
        payment: None,
        occurred_at: now,
    };
    draft.append(&cause, Vec::new(), Vec::new());
    let key = EventKey {
        program: program.id.clone(),
        trigger: CREDIT_ADJUSTMENT.to_owned(),
        source_id: adjustment.key.clone(),
    };
    // Of transactions of points there are none.
    let (seq, count) = (id.0.seq, 0);
    let entry = EntryRef { seq, count };
    let commit = adjusted(draft, account, key, &adjustment.content, entry);
    Ok(Plan::Commit(Box::new(commit), id))
}

fn expiry(
    program: &Program,
    adjustment: &CreditAdjustment,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let amount = adjustment.amount;
    if amount == 0 || !(-POINTS_MAX..=POINTS_MAX).contains(&amount) {
        let message = format!(
            "`amount` must be a whole number of minor units other than 0, at most ±{POINTS_MAX}."
        );
        return Err(Refusal::invalid("amount", message));
    }
    match adjustment.expires_at {
        Some(Some(at)) if amount < 0 || at <= now => {
            let message = "`expires_at` is for credit that is given and must lie in the future.";
            Err(Refusal::invalid("expires_at", message))
        }
        _ if amount < 0 => Ok(None),
        Some(expires_at) => Ok(expires_at),
        None => Ok(store_credit::expires_at(program, now)),
    }
}

/// The refusal of what store credit does not suffice for.
pub(super) fn insufficient(currency: &str, balance: i64, amount: i64) -> Refusal {
    let message = format!(
        "The store credit is {balance} in minor units of {currency}, so {amount} cannot be taken."
    );
    Refusal::new(Code::InsufficientStoreCredit, message)
}

impl Draft<'_> {
    /// Gives store credit, in the entry that is appended next, and answers the transaction.
    ///
    /// # Errors
    /// As [`StoreCredit::credit`](crate::store_credit::StoreCredit::credit).
    pub(super) fn give_credit(&mut self, mut made: CreditTransaction) -> Result<CreditId, Refusal> {
        let id = self.next_credit_id();
        let lot = Lot {
            id: LotId::own(id.0.seq, id.0.place),
            remaining: made.amount,
            available_at: None,
            expires_at: made.expires_at,
        };
        let credit = &mut self.account.store_credit;
        credit.credit(&made.currency, lot, self.now)?;
        made.balance_after = credit.balance(&made.currency, self.now);
        self.credits.push(made);
        Ok(id)
    }

    /// Takes store credit, of which there may be too little, and answers the transaction with what
    /// it took.
    ///
    /// # Errors
    /// As [`StoreCredit::debit`](crate::store_credit::StoreCredit::debit).
    pub(super) fn take_credit(
        &mut self,
        mut made: CreditTransaction,
    ) -> Result<(CreditId, Vec<Part>), Refusal> {
        let id = self.next_credit_id();
        let credit = &mut self.account.store_credit;
        let parts = credit.debit(&made.currency, -made.amount, self.now)?;
        made.balance_after = credit.balance(&made.currency, self.now);
        self.credits.push(made);
        Ok((id, parts))
    }

    /// Returns what a redemption took to where it came from: one `reverse`, and an `expire` for
    /// each part that has expired meanwhile. Answers the former.
    ///
    /// # Errors
    /// `points_out_of_range` where that does not fit; `limit_reached` where there are too many
    /// currencies.
    pub(super) fn return_credit(
        &mut self,
        redemption: &str,
        currency: &str,
        parts: &[Part],
        reason: &str,
    ) -> Result<CreditId, Refusal> {
        let id = self.next_credit_id();
        let amount: i64 = parts.iter().map(|part| part.amount).sum();
        let purse = self.account.store_credit.open(currency)?;
        if !purse.has_room_for(amount) {
            return Err(out_of_range());
        }
        let given = purse.give_back(parts, None, self.now);
        purse.bound_lots(CREDIT_LOTS_MAX);
        self.account.store_credit.drop_empty();
        self.credits.push(CreditTransaction {
            redemption: Some(redemption.to_owned()),
            balance_after: given.balance_after,
            ..CreditTransaction::new(TransactionType::Reverse, currency, amount, reason)
        });
        for expired in &given.expired {
            let expired = self.expired_credit(currency, expired);
            self.credits.push(expired);
        }
        Ok(id)
    }

    /// Takes back what a redemption paid out, as long as all of it is there.
    ///
    /// # Errors
    /// `redemption_used` where some of it was spent or has expired.
    pub(super) fn take_payout_back(&mut self, redemption: &Redemption) -> Result<(), Refusal> {
        let (Some(_), Value::StoreCredit { amount, currency }) =
            (&redemption.payout, &redemption.value)
        else {
            return Ok(());
        };
        let lot = self.payout_left(redemption).ok_or_else(|| {
            let message = format!(
                "Some of the store credit that the redemption `{}` paid out is spent or has \
                 expired.",
                redemption.id
            );
            Refusal::new(Code::RedemptionUsed, message)
        })?;
        let credit = &mut self.account.store_credit;
        let purse = credit.open(currency)?;
        purse.claw_back(lot, *amount, NegativeBalance::Clamp, self.now)?;
        credit.drop_empty();
        let balance_after = credit.balance(currency, self.now);
        self.credits.push(CreditTransaction {
            redemption: Some(redemption.id.clone()),
            balance_after,
            ..CreditTransaction::new(
                TransactionType::Reverse,
                currency,
                -amount,
                "redemption canceled",
            )
        });
        Ok(())
    }

    /// The lot that a redemption paid out, where all of it is there; what it is worth in other
    /// ways is there always.
    pub(super) fn has_payout(&self, redemption: &Redemption) -> bool {
        redemption.payout.is_none() || self.payout_left(redemption).is_some()
    }

    fn payout_left(&self, redemption: &Redemption) -> Option<LotId> {
        let Value::StoreCredit { amount, currency } = &redemption.value else {
            return None;
        };
        let CreditId(paid) = CreditId::parse(redemption.payout.as_ref()?)?;
        let purse = self.account.store_credit.purse(currency)?;
        let lot = purse.lot(self.account.lot_of(&paid)?)?;
        (lot.remaining >= *amount).then_some(lot.id)
    }

    /// Pays out what a confirmed redemption is worth, where that is store credit.
    ///
    /// # Errors
    /// As [`Draft::give_credit`].
    pub(super) fn pay_out(&mut self, redemption: &mut Redemption) -> Result<(), Refusal> {
        let Value::StoreCredit { amount, currency } = &redemption.value else {
            return Ok(());
        };
        let id = self.give_credit(CreditTransaction {
            redemption: Some(redemption.id.clone()),
            expires_at: store_credit::expires_at(self.program, self.now),
            ..CreditTransaction::new(TransactionType::Earn, currency, *amount, "reward")
        })?;
        redemption.payout = Some(id.to_string());
        Ok(())
    }

    /// The id that the next transaction of store credit gets.
    pub(super) fn next_credit_id(&self) -> CreditId {
        CreditId(TransactionId {
            account: self.account.id.clone(),
            seq: self.next_seq(),
            place: u32::try_from(self.credits.len()).unwrap_or(u32::MAX),
        })
    }

    fn expired_credit(&self, currency: &str, expired: &Expired) -> CreditTransaction {
        CreditTransaction {
            of: Some(CreditId(self.account.transaction_of(expired.lot))),
            occurred_at: Some(expired.at),
            balance_after: expired.balance_after,
            ..CreditTransaction::new(
                TransactionType::Expire,
                currency,
                -expired.amount,
                "expired",
            )
        }
    }

    /// Writes what time did to the store credit, in an entry of its own.
    pub(super) fn write_credit_steps(&mut self, steps: &[(String, Step)]) {
        let (mut changes, mut latest) = (Vec::new(), None);
        for (currency, step) in steps {
            match step {
                Step::Expired(expired) => {
                    let expired = self.expired_credit(currency, expired);
                    self.credits.push(expired);
                }
                Step::Returned(returned) => {
                    let hold = &returned.hold;
                    changes.push(ended(hold, Turn::Expired, Some(currency)));
                    self.credits.push(CreditTransaction {
                        redemption: Some(hold.redemption.clone()),
                        occurred_at: Some(returned.at),
                        balance_after: returned.balance_after,
                        ..CreditTransaction::new(
                            TransactionType::Reverse,
                            currency,
                            hold.amount(),
                            "redemption expired",
                        )
                    });
                }
            }
            latest = latest.max(Some(step.at()));
        }
        let Some(occurred_at) = latest else { return };
        let source_id = self.account.id.clone();
        let cause = Cause {
            trigger: EXPIRY,
            source_id: &source_id,
            payment: None,
            occurred_at,
        };
        self.append(&cause, changes, Vec::new());
    }
}
