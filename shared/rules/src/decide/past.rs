//! What an account's log says of awards and expiries, where the account does not know any more.

use crate::{
    Entry, Transaction,
    counter::PastAward,
    entry::{Change, TransactionType},
    id::TransactionId,
    redemption::{RedemptionChange, Turn},
};

/// An account's log as far as decisions need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// All awards, less what was reversed of each.
    pub awards: Vec<PastAward>,
    /// Points that expired and were not given back.
    pub expired: Vec<PastExpiry>,
}

/// Points that expired in the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastExpiry {
    /// The `expire` transaction.
    pub id: TransactionId,
    /// The earning that they came from.
    pub of: TransactionId,
    /// How many, less those that were given back.
    pub points: i64,
}

impl Past {
    /// Reads the past from the entries of an account's log, the oldest first; those of accounts
    /// that it absorbed come before its own.
    #[must_use]
    pub fn from_entries<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Past {
        let mut past = Past::default();
        for entry in entries {
            past.extend(entry);
        }
        past
    }

    /// Adds the past of another account, which is to go on in this one.
    pub fn append(&mut self, other: Past) {
        self.awards.extend(other.awards);
        self.expired.extend(other.expired);
    }

    /// Adds an entry, which must come after all that were added.
    pub fn extend(&mut self, entry: &Entry) {
        for change in &entry.changes {
            if let Change::Redemption(change) = change {
                self.push_redemption(change);
            }
        }
        for (place, transaction) in entry.transactions.iter().enumerate() {
            self.push(entry, place, transaction);
        }
    }

    /// Redemptions of a reward are counted as awards of a rule are; one that came to nothing
    /// counts no longer.
    fn push_redemption(&mut self, change: &RedemptionChange) {
        let Some(reward) = &change.reward else { return };
        match change.turn {
            Turn::Created => self.awards.push(PastAward {
                rule: reward.id.clone(),
                at: change.created,
                points: 0,
            }),
            Turn::Canceled | Turn::Expired => {
                let mut awards = self.awards.iter();
                let is_it =
                    |award: &PastAward| award.rule == reward.id && award.at == change.created;
                if let Some(place) = awards.position(is_it) {
                    self.awards.remove(place);
                }
            }
            Turn::Confirmed | Turn::Used => {}
        }
    }

    fn push(&mut self, entry: &Entry, place: usize, transaction: &Transaction) {
        match (transaction.kind, &transaction.rule, &transaction.of) {
            (TransactionType::Earn, Some((rule, _)), _) => self.awards.push(PastAward {
                rule: rule.clone(),
                at: entry.occurred_at,
                points: transaction.amount,
            }),
            (TransactionType::Reverse, Some((rule, _)), Some(_)) => {
                let given_back = transaction
                    .amount
                    .saturating_sub(transaction.written_off.unwrap_or(0));
                let earned = self
                    .awards
                    .iter_mut()
                    .find(|award| award.rule == *rule && Some(award.at) == transaction.earned_at);
                if let Some(award) = earned {
                    award.points = award.points.saturating_add(given_back);
                }
            }
            (TransactionType::Expire, _, Some(of)) => self.expired.push(PastExpiry {
                id: entry.transaction_id(place),
                of: of.clone(),
                points: -transaction.amount,
            }),
            (TransactionType::Adjust, _, Some(given_back)) if transaction.amount > 0 => {
                self.expired.retain(|expired| expired.id != *given_back);
            }
            _ => {}
        }
    }

    pub(super) fn expired_of(&self, earning: &TransactionId) -> i64 {
        self.expired
            .iter()
            .filter(|expired| expired.of == *earning)
            .map(|expired| expired.points)
            .sum()
    }
}
