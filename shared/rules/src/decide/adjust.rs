//! Adjustments by hand: goodwill, corrections, migrations.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Cause, Commit, Draft, Plan, Progress, RecordWrite, Resources, chain::chain, close::active,
};
use crate::{
    Account, Catalog, Code, EventRecord, Outcome, POINTS_MAX, Refusal, Transaction,
    entry::TransactionType,
    event::ADJUSTMENT,
    id::TransactionId,
    pool::Taking,
    purse::{Lot, LotId},
    record::{EntryRef, EventKey, Handled, Refunds},
};

/// An adjustment as it is asked for (spec, appendix "Adjustment").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The account.
    pub account: String,
    /// Signed points, not 0.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whether the balance may fall below zero.
    pub allow_negative: bool,
    /// Whether it counts into the lifetime total.
    pub lifetime: bool,
    /// When granted points expire.
    pub expires_at: Option<Timestamp>,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// What names this adjustment for good: a repeat under the same key is a no-op.
    pub key: String,
    /// A digest of all of the above but the key.
    pub content: String,
}

/// Decides an adjustment and answers the id of its transaction.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn adjust(
    catalog: &Catalog,
    account: &Account,
    record: Option<&EventRecord>,
    resources: &Resources,
    adjustment: &Adjustment,
    now: Timestamp,
) -> Result<Plan<TransactionId>, Refusal> {
    if let Some(handled) = record.and_then(|record| record.handled.as_ref()) {
        let written = handled.replay().transactions.into_iter().next();
        return match written {
            Some(id) if handled.content == adjustment.content => Ok(Plan::Final(id)),
            _ => Err(Refusal::new(
                Code::IdempotencyKeyReused,
                "This idempotency key was used with another request; use a new key.",
            )),
        };
    }
    active(account, "account")?;
    let amount = adjustment.amount;
    if amount == 0 || !(-POINTS_MAX..=POINTS_MAX).contains(&amount) {
        let message =
            format!("`amount` must be a whole number other than 0, at most ±{POINTS_MAX}.");
        return Err(Refusal::invalid("amount", message));
    }
    if adjustment
        .expires_at
        .is_some_and(|at| amount < 0 || at <= now)
    {
        let message = "`expires_at` is for granted points and must lie in the future.";
        return Err(Refusal::invalid("expires_at", message));
    }
    let mut draft = Draft::begin(account.clone(), catalog, now, resources.past.clone());
    draft.taking = Taking::new(&resources.pools);
    let seq = draft.next_seq();
    if amount > 0 {
        let lot = Lot {
            id: LotId::own(seq, 0),
            remaining: amount,
            available_at: None,
            expires_at: adjustment.expires_at,
        };
        draft.account.credit(lot, adjustment.lifetime, now)?;
        if adjustment.lifetime {
            draft.account.qualify(draft.program, amount, now, now);
        }
    } else {
        if !adjustment.allow_negative && draft.balance() < -amount {
            return Err(Refusal::new(
                Code::InsufficientPoints,
                format!(
                    "The balance is {}, so {} points cannot be taken; pass `allow_negative` to go \
                     below zero.",
                    draft.balance(),
                    -amount
                ),
            )
            .at("amount"));
        }
        draft.account.points.debit(-amount, now)?;
    }
    draft.account.active_at = draft.account.active_at.max(now);
    let transaction = Transaction {
        expires_at: adjustment.expires_at,
        balance_after: draft.balance(),
        lifetime: adjustment.lifetime && amount > 0,
        metadata: adjustment.metadata.clone(),
        ..Transaction::new(TransactionType::Adjust, amount, adjustment.reason.as_str())
    };
    let cause = Cause {
        trigger: ADJUSTMENT,
        source_id: &adjustment.key,
        payment: None,
        occurred_at: now,
    };
    let promoted = draft.promote(now);
    draft.append(&cause, promoted.into_iter().collect(), vec![transaction]);
    if let Progress::Needs(needs) = chain(&mut draft)? {
        return Ok(Plan::Needs(needs));
    }
    let pools = draft.taking.writes();
    let id = TransactionId {
        account: account.id.clone(),
        seq,
        place: 0,
    };
    let key = EventKey {
        program: account.program.clone(),
        trigger: ADJUSTMENT.to_owned(),
        source_id: adjustment.key.clone(),
    };
    let entry = EntryRef { seq, count: 1 };
    let mut commit = adjusted(draft, account, key, &adjustment.content, entry);
    commit.pools = pools;
    Ok(Plan::Commit(Box::new(commit), id))
}

/// The end of an adjustment of `before`, with the record that makes a repeat of it do nothing.
/// `entry` is its entry, and how many transactions of points that has.
pub(super) fn adjusted(
    draft: Draft<'_>,
    before: &Account,
    key: EventKey,
    content: &str,
    entry: EntryRef,
) -> Commit {
    let record = EventRecord {
        key,
        version: 1,
        handled: Some(Handled {
            content: content.to_owned(),
            outcome: Outcome::Processed,
            account: Some(before.id.clone()),
            entries: vec![entry],
            occurred_at: draft.now,
            amount: 0,
            awards: Vec::new(),
            redemption: None,
            referral: None,
        }),
        refunds: Refunds::default(),
    };
    let (write, entries) = draft.finish(before.version);
    Commit {
        accounts: vec![write],
        entries,
        records: vec![RecordWrite {
            expected: None,
            record,
        }],
        ..Commit::default()
    }
}
