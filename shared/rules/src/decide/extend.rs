//! Giving points more time: extending what is left of an earning, and reinstating what expired.
//!
//! Both are adjustments with an expiry of their own. An extension takes no points and gives none:
//! its transaction of 0 points says in the log what expires when from then on. A reinstatement
//! gives back exactly what one `expire` transaction took, once.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Cause, Draft, Plan, adjust::adjusted, close::active};
use crate::{
    Account, Catalog, Code, Entry, EventRecord, Refusal, Transaction,
    entry::TransactionType,
    event::{ADJUSTMENT, REINSTATEMENT},
    id::TransactionId,
    purse::{Lot, LotId},
    record::{EntryRef, EventKey},
};

/// More time as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoreTime {
    /// The account.
    pub account: String,
    /// For what.
    pub to: More,
    /// When the points expire then; never where absent.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// What names this request for good: a repeat under the same key is a no-op.
    pub key: String,
    /// A digest of all of the above.
    pub content: String,
}

/// What gets more time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum More {
    /// What is left of the points that this transaction gave.
    Left(TransactionId),
    /// The points that this transaction took because they had expired.
    Expired(TransactionId),
}

impl More {
    /// The transaction, and the field that names it.
    #[must_use]
    pub fn named(&self) -> (&'static str, &TransactionId) {
        match self {
            More::Left(id) => ("extends", id),
            More::Expired(id) => ("reinstates", id),
        }
    }
}

impl MoreTime {
    /// What its record is kept under: an extension has one of its own like any adjustment, an
    /// expiry is reinstated once, whoever asks.
    #[must_use]
    pub fn record_key(&self, program: &str) -> EventKey {
        let (trigger, source_id) = match &self.to {
            More::Left(_) => (ADJUSTMENT, self.key.clone()),
            More::Expired(id) => (REINSTATEMENT, id.to_string()),
        };
        EventKey {
            program: program.to_owned(),
            trigger: trigger.to_owned(),
            source_id,
        }
    }
}

/// Decides to give points more time, and answers the id of the transaction. `named` is the entry
/// in which the transaction stands that the request names, where there is one.
///
/// # Errors
/// `nothing_left` where nothing is left of what is to be extended, `already_reinstated`,
/// `resource_missing` where the account has no such transaction; others that tell of a field.
pub fn give_more_time(
    catalog: &Catalog,
    account: &Account,
    record: Option<&EventRecord>,
    named: Option<&Entry>,
    wanted: &MoreTime,
    now: Timestamp,
) -> Result<Plan<TransactionId>, Refusal> {
    let (param, id) = wanted.to.named();
    if let Some(handled) = record.and_then(|record| record.handled.as_ref()) {
        let written = handled.replay().transactions.into_iter().next();
        return match (written, &wanted.to) {
            (Some(written), _) if handled.content == wanted.content => Ok(Plan::Final(written)),
            (_, More::Left(_)) => Err(Refusal::new(
                Code::IdempotencyKeyReused,
                "This idempotency key was used with another request; use a new key.",
            )),
            (_, More::Expired(_)) => {
                let message = format!("The points of `{id}` have been given back already.");
                Err(Refusal::new(Code::AlreadyReinstated, message).at(param))
            }
        };
    }
    active(account, "account")?;
    if wanted.expires_at.is_some_and(|at| at <= now) {
        let message = "`expires_at` must lie in the future.";
        return Err(Refusal::invalid("expires_at", message));
    }
    let place = usize::try_from(id.place).unwrap_or(usize::MAX);
    let made = named.and_then(|entry| entry.transactions.get(place));
    let (Some(made), Some(lot)) = (made, account.lot_of(id)) else {
        let message = format!("The account `{}` has no transaction `{id}`.", account.id);
        return Err(Refusal::new(Code::ResourceMissing, message).at(param));
    };
    let mut draft = Draft::begin(account.clone(), catalog, now, None);
    let seq = draft.next_seq();
    let amount = match &wanted.to {
        More::Left(_) => {
            extend(&mut draft, lot, wanted.expires_at, id)?;
            0
        }
        More::Expired(_) if made.kind != TransactionType::Expire => {
            let message = "`reinstates` must name a transaction of type `expire`.";
            return Err(Refusal::invalid(param, message));
        }
        More::Expired(_) => {
            let lot = Lot {
                id: LotId::own(seq, 0),
                remaining: -made.amount,
                available_at: None,
                expires_at: wanted.expires_at,
            };
            draft.account.credit(lot, false, now)?;
            -made.amount
        }
    };
    draft.account.active_at = draft.account.active_at.max(now);
    let transaction = Transaction {
        expires_at: wanted.expires_at,
        of: Some(id.clone()),
        balance_after: draft.balance(),
        metadata: wanted.metadata.clone(),
        ..Transaction::new(TransactionType::Adjust, amount, wanted.reason.as_str())
    };
    let cause = Cause {
        trigger: ADJUSTMENT,
        source_id: &wanted.key,
        payment: None,
        occurred_at: now,
    };
    draft.append(&cause, Vec::new(), vec![transaction]);
    let key = wanted.record_key(&account.program);
    let entry = EntryRef { seq, count: 1 };
    let commit = adjusted(draft, account, key, &wanted.content, entry);
    let id = TransactionId {
        account: account.id.clone(),
        seq,
        place: 0,
    };
    Ok(Plan::Commit(Box::new(commit), id))
}

/// Moves the expiry of what is left of a lot.
fn extend(
    draft: &mut Draft<'_>,
    lot: LotId,
    expires_at: Option<Timestamp>,
    id: &TransactionId,
) -> Result<(), Refusal> {
    let mut lots = draft.account.points.lots.iter_mut();
    let Some(lot) = lots.find(|left| left.id == lot) else {
        let message = format!(
            "Nothing is left of `{id}`: its points were spent, taken back or have expired. \
             `reinstates` gives expired points back."
        );
        return Err(Refusal::new(Code::NothingLeft, message).at("extends"));
    };
    let is_later = match (lot.expires_at, expires_at) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(after)) => before < after,
    };
    if !is_later {
        let before = lot
            .expires_at
            .map_or_else(|| "never".to_owned(), |at| at.to_string());
        let message = format!("`expires_at` must be later than that of `{id}`, which is {before}.");
        return Err(Refusal::invalid("expires_at", message));
    }
    lot.expires_at = expires_at;
    Ok(())
}
