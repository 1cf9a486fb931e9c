//! What is in members' logs beside what rules gave: it happened whatever the rules, and happens
//! again.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{
    Account, Entry, Transaction,
    absorb::Absorbed,
    account::Status,
    decide::{Adjustment, Merge, MergeSnapshot, adjust, merge_accounts},
    entry::{Change, TransactionType},
    event::TIER_CHANGED,
};

use crate::World;

/// Whether a transaction happens again as it did, though rules may be others. `by_event` says that
/// the event behind it is decided again: then what it earned and reversed is not.
pub(crate) fn is_carried(transaction: &Transaction, by_event: bool) -> bool {
    match transaction.kind {
        TransactionType::Redeem | TransactionType::Adjust => true,
        TransactionType::Earn | TransactionType::Reverse => {
            !by_event || transaction.referral.is_some()
        }
        // Points that are there expire when theirs is the time.
        TransactionType::Expire => false,
    }
}

/// Whether anything of an entry happens again.
pub(crate) fn carries(entry: &Entry, by_event: bool) -> bool {
    let is_moved = |change: &Change| {
        matches!(
            change,
            Change::Closed | Change::Reopened | Change::Merged { .. }
        )
    };
    !by_event
        || entry.changes.iter().any(is_moved)
        || entry.transactions.iter().any(|it| is_carried(it, by_event))
}

impl World {
    /// Lets an entry of the ledger happen here, as far as it was not the rules' doing.
    ///
    /// # Errors
    /// The log of an account must be known first; nothing has changed.
    pub(crate) fn carry(&mut self, entry: &Entry, by_event: bool) -> Result<(), String> {
        let (id, at) = (entry.account.as_str(), entry.created);
        let merged = entry.changes.iter().filter_map(|change| match change {
            Change::Merged { source, .. } => Some(source.as_str()),
            _ => None,
        });
        if let Some(unknown) = merged.chain([id]).find_map(|id| self.unknown_of(id)) {
            return Err(unknown);
        }
        if !by_event {
            // What it needs is known.
            let _ = self.visit(id, at);
        }
        if entry.trigger == TIER_CHANGED {
            // Rules hear of tiers as they change here.
            return Ok(());
        }
        for transaction in &entry.transactions {
            if is_carried(transaction, by_event) {
                self.figures.count_transaction(id, transaction);
                self.repeat(id, transaction, at);
            }
        }
        for change in &entry.changes {
            match change {
                Change::Closed => self.set_status(id, Status::Closed),
                Change::Reopened => self.set_status(id, Status::Active),
                Change::Merged {
                    source,
                    points,
                    pending,
                    lifetime_points,
                    ..
                } => self.merge(source, id, points + pending, *lifetime_points, at),
                _ => {}
            }
        }
        Ok(())
    }

    fn set_status(&mut self, id: &str, status: Status) {
        if let Some(member) = self.members.get_mut(id) {
            member.account.status = status;
        }
    }

    /// Gives or takes what a transaction gave or took. What is not there to be taken is owed.
    fn repeat(&mut self, id: &str, transaction: &Transaction, at: Timestamp) {
        let expires_at = transaction.expires_at.filter(|expires| *expires > at);
        self.give(id, transaction.amount, transaction.lifetime, expires_at, at);
    }

    fn give(
        &mut self,
        id: &str,
        amount: i64,
        lifetime: bool,
        expires_at: Option<Timestamp>,
        at: Timestamp,
    ) {
        let Some(member) = self.members.get(id) else {
            return;
        };
        let status = member.account.status;
        let adjustment = Adjustment {
            account: id.to_owned(),
            amount,
            reason: String::new(),
            allow_negative: true,
            lifetime,
            expires_at: expires_at.filter(|_| amount > 0),
            metadata: BTreeMap::new(),
            key: String::new(),
            content: String::new(),
        };
        let catalog = Arc::clone(&self.catalog);
        let decided = self.decide(id, at, |account, resources| {
            // A refund takes back from a closed account, too.
            let account = Account {
                status: Status::Active,
                ..account.clone()
            };
            adjust(&catalog, &account, None, resources, &adjustment, at)
        });
        let Ok(Some(mut commit)) = decided else {
            return;
        };
        // What is counted is the transaction itself; tiers that it changes are its doing here.
        for entry in &mut commit.entries {
            if entry
                .transactions
                .iter()
                .any(|it| it.kind == TransactionType::Adjust)
            {
                self.figures.count_changes(entry);
            } else {
                self.figures.count(entry);
            }
        }
        commit.records.clear();
        self.keep(*commit);
        self.set_status(id, status);
    }

    /// Merges one account into another. One that is not here brings what it brought.
    fn merge(&mut self, source: &str, target: &str, points: i64, lifetime: i64, at: Timestamp) {
        let catalog = Arc::clone(&self.catalog);
        let from = self.members.get(source);
        if let Some(from) = from.map(|member| member.account.clone()) {
            let merge = Merge {
                source: source.to_owned(),
                target: target.to_owned(),
                request: String::new(),
            };
            // The log is that of both.
            self.inherit(source, target);
            let decided = self.decide(target, at, |into, resources| {
                let snapshot = MergeSnapshot {
                    catalog: &catalog,
                    source: &from,
                    target: into,
                    last: None,
                    resources,
                    now: at,
                };
                merge_accounts(&snapshot, &merge)
            });
            if let Ok(Some(commit)) = decided {
                self.commit(*commit);
            }
            return;
        }
        self.give(target, points, false, None, at);
        if let Some(member) = self.members.get_mut(target) {
            let account = &mut member.account;
            account.lifetime_points = account.lifetime_points.saturating_add(lifetime);
            account.absorbed.push(Absorbed {
                account: source.to_owned(),
                seq: 0,
                logged_at: at,
            });
        }
    }
}
