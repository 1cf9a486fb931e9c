//! Store credit given or taken by hand, and what time does to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Cause, Commit, Draft, Plan, RecordWrite, adjust::adjustment_record, close::active};
use crate::{
    Account, Catalog, Code, EventRecord, POINTS_MAX, Program, Refusal,
    entry::{Change, TransactionType},
    event::{CREDIT_ADJUSTMENT, EXPIRY},
    id::{CreditId, TransactionId},
    purse::{Lot, LotId, Step},
    record::EventKey,
    store_credit::{self, CreditTransaction},
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
    let seq = draft.next_seq();
    let credit = &mut draft.account.store_credit;
    if amount > 0 {
        let lot = Lot {
            id: LotId::own(seq, 0),
            remaining: amount,
            available_at: None,
            expires_at,
        };
        credit.credit(currency, lot, now)?;
    } else {
        let balance = credit.balance(currency, now);
        if !adjustment.allow_negative && balance < -amount {
            let mut refusal = insufficient(currency, balance, -amount).at("amount");
            refusal
                .message
                .push_str(" Pass `allow_negative` to go below zero.");
            return Err(refusal);
        }
        credit.debit(currency, -amount, now)?;
    }
    let transaction = CreditTransaction {
        expires_at,
        balance_after: credit.balance(currency, now),
        metadata: adjustment.metadata.clone(),
        ..CreditTransaction::new(
            TransactionType::Adjust,
            currency,
            amount,
            adjustment.reason.as_str(),
        )
    };
    let cause = Cause {
        trigger: CREDIT_ADJUSTMENT,
        source_id: &adjustment.key,
        payment: None,
        occurred_at: now,
    };
    draft.append_credits(&cause, Vec::new(), vec![transaction]);
    let key = EventKey {
        program: program.id.clone(),
        trigger: CREDIT_ADJUSTMENT.to_owned(),
        source_id: adjustment.key.clone(),
    };
    let id = CreditId(TransactionId {
        account: account.id.clone(),
        seq,
        place: 0,
    });
    // Of transactions of points there are none.
    let record = adjustment_record(key, &adjustment.content, &account.id, (seq, 0), now);
    let (write, entries) = draft.finish(account.version);
    let commit = Commit {
        accounts: vec![write],
        entries,
        records: vec![RecordWrite {
            expected: None,
            record,
        }],
        ..Commit::default()
    };
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
    /// Appends an entry that tells of store credit.
    pub(super) fn append_credits(
        &mut self,
        cause: &Cause<'_>,
        changes: Vec<Change>,
        credits: Vec<CreditTransaction>,
    ) {
        self.append(cause, changes, Vec::new());
        if let Some(entry) = self.entries.last_mut() {
            entry.credits = credits;
        }
    }

    /// Writes what time did to the store credit, in an entry of its own.
    pub(super) fn write_credit_steps(&mut self, steps: Vec<(String, Step)>) {
        let mut latest = None;
        let mut credits = Vec::new();
        for (currency, step) in steps {
            // Nothing reserves store credit yet.
            let Step::Expired(expired) = step else {
                continue;
            };
            latest = latest.max(Some(expired.at));
            let amount = -expired.amount;
            credits.push(CreditTransaction {
                of: Some(CreditId(self.account.transaction_of(expired.lot))),
                occurred_at: Some(expired.at),
                balance_after: expired.balance_after,
                ..CreditTransaction::new(TransactionType::Expire, currency, amount, "expired")
            });
        }
        let Some(occurred_at) = latest else { return };
        let source_id = self.account.id.clone();
        let cause = Cause {
            trigger: EXPIRY,
            source_id: &source_id,
            payment: None,
            occurred_at,
        };
        self.append_credits(&cause, Vec::new(), credits);
    }
}
