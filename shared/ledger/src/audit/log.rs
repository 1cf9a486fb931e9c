//! What must hold of an account and its log alone.

use std::collections::{BTreeMap, HashMap};

use laurel_rules::{
    Entry, Transaction,
    account::Status,
    calculation::CapTrace,
    entry::{Change, Seal, TransactionType},
    purse::Purse,
};

use super::{Dossier, Invariant};
use crate::seals::seal_of;

/// What an account has by its log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Points, pending ones too, less what is owed.
    pub(super) points: i128,
    pub(super) lifetime: i128,
    /// Minor units by currency; those that are zero are absent.
    pub(super) store_credit: BTreeMap<String, i128>,
}

impl Sums {
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Sums {
        let mut sums = Sums::default();
        for entry in entries {
            for transaction in &entry.transactions {
                sums.points += i128::from(transaction.amount);
                if transaction.lifetime {
                    sums.lifetime += i128::from(transaction.amount);
                }
            }
            for credit in &entry.credits {
                sums.add_credit(&credit.currency, credit.amount);
            }
            for change in &entry.changes {
                let Change::Merged {
                    points,
                    pending,
                    lifetime_points,
                    store_credit,
                    ..
                } = change
                else {
                    continue;
                };
                sums.points += i128::from(*points) + i128::from(*pending);
                sums.lifetime += i128::from(*lifetime_points);
                for balance in store_credit {
                    sums.add_credit(&balance.currency, balance.balance);
                }
            }
        }
        sums.store_credit.retain(|_, amount| *amount != 0);
        sums
    }

    fn add_credit(&mut self, currency: &str, amount: i64) {
        let sum = self.store_credit.entry(currency.to_owned()).or_default();
        *sum += i128::from(amount);
    }
}

impl Dossier {
    pub(super) fn check_log(&mut self) {
        self.check_numbers();
        self.check_seals();
        self.check_sums();
        self.check_tiers();
        self.check_reversals();
        self.check_once();
        self.check_caps();
    }

    fn check_numbers(&mut self) {
        let numbers: Vec<u64> = self.entries.iter().map(|(_, entry)| entry.seq).collect();
        let mut expected = 1..=self.account.seq;
        let missing: Vec<String> = expected
            .by_ref()
            .filter(|seq| numbers.binary_search(seq).is_err())
            .map(|seq| seq.to_string())
            .collect();
        if !missing.is_empty() {
            let message = format!("Entries are missing: {}.", missing.join(", "));
            self.violated(Invariant::Log, message, Vec::new());
        }
        let last = self.account.seq;
        for seq in numbers.into_iter().filter(|seq| *seq > last) {
            let message = format!("There is an entry {seq}, and the account says {last}.");
            self.violated(Invariant::Log, message, Vec::new());
        }
    }

    fn check_seals(&mut self) {
        let mut before = Seal::default();
        let mut broken = Vec::new();
        for (item, entry) in &self.entries {
            let sealed = seal_of(item, before);
            if entry.seal != Some(sealed) {
                broken.push(entry.clone());
            }
            // What comes after a broken seal is judged by the seal that it was made after.
            before = entry.seal.unwrap_or(sealed);
        }
        for entry in broken {
            let message = format!(
                "The entry {} is not as it was written, or the one before it is not.",
                entry.seq
            );
            self.violated(Invariant::Seals, message, ids(&entry));
        }
        if before != self.account.seal {
            let message = "The account does not bear the seal of its latest entry.";
            self.violated(Invariant::Seals, message, Vec::new());
        }
    }

    fn check_sums(&mut self) {
        let mut sums = Sums::of(self.entries.iter().map(|(_, entry)| entry));
        if self.account.status == Status::Merged {
            // All of it has moved on; whether to whom it should is `check_merge`.
            sums = Sums::default();
        }
        let held = held(&self.account.points);
        if held != sums.points {
            let message = format!(
                "The lots come to {held} points, and the transactions to {}.",
                sums.points
            );
            self.violated(Invariant::Balance, message, Vec::new());
        }
        let lifetime = i128::from(self.account.lifetime_points);
        if lifetime != sums.lifetime {
            let message = format!(
                "The account says {lifetime} lifetime points, and the transactions {}.",
                sums.lifetime
            );
            self.violated(Invariant::Lifetime, message, Vec::new());
        }
        let purses = self.account.store_credit.purses.iter();
        let mut credit: BTreeMap<String, i128> = purses
            .map(|(currency, purse)| (currency.clone(), self::held(purse)))
            .collect();
        credit.retain(|_, amount| *amount != 0);
        if credit != sums.store_credit {
            let message = format!(
                "The lots of store credit come to {credit:?}, and the transactions to {:?}.",
                sums.store_credit
            );
            self.violated(Invariant::StoreCredit, message, Vec::new());
        }
    }

    fn check_tiers(&mut self) {
        let mut tier: Option<&str> = None;
        let mut broken = Vec::new();
        let changes = self.entries.iter().flat_map(|(_, entry)| {
            let changes = entry.changes.iter();
            changes.map(|change| (entry.seq, change))
        });
        for (seq, change) in changes {
            if let Change::TierChanged(change) = change {
                if change.from.as_deref() != tier {
                    broken.push(format!(
                        "The tier changed from {} in the entry {seq}, and was {} before.",
                        shown(change.from.as_deref()),
                        shown(tier),
                    ));
                }
                tier = change.to.as_deref();
            }
        }
        let has = self.account.tier.key.as_deref();
        if has != tier && self.account.status != Status::Merged {
            broken.push(format!(
                "The tier is {}, and the log says {}.",
                shown(has),
                shown(tier),
            ));
        }
        for message in broken {
            self.violated(Invariant::Tiers, message, Vec::new());
        }
    }

    fn check_reversals(&mut self) {
        let mut reversed: HashMap<String, (i128, Vec<String>)> = HashMap::new();
        for (id, transaction) in self.transactions() {
            let Some(of) = transaction.of.as_ref().filter(|_| takes_back(transaction)) else {
                continue;
            };
            let (sum, by) = reversed.entry(of.to_string()).or_default();
            *sum -= i128::from(transaction.amount);
            by.push(id);
        }
        let awards = self.transactions();
        let awards = awards.filter(|(_, transaction)| transaction.kind == TransactionType::Earn);
        let wrong: Vec<(String, i64, i128, Vec<String>)> = awards
            .filter_map(|(id, award)| {
                let (sum, by) = reversed.remove(&id)?;
                (sum > i128::from(award.amount)).then_some((id, award.amount, sum, by))
            })
            .collect();
        for (id, amount, sum, by) in wrong {
            let message = format!("Of {amount} points of `{id}` {sum} were taken back.");
            self.violated(Invariant::Reversals, message, by);
        }
    }

    fn check_once(&mut self) {
        let mut awards: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
        for (_, entry) in &self.entries {
            for (place, transaction) in entry.transactions.iter().enumerate() {
                if let (TransactionType::Earn, Some((rule, _))) =
                    (transaction.kind, &transaction.rule)
                {
                    let event = (entry.trigger.as_str(), entry.source_id.as_str());
                    let of_one = awards.entry((event.0, event.1, rule)).or_default();
                    of_one.push(entry.transaction_id(place).to_string());
                }
            }
        }
        let twice = awards.into_iter().filter(|(_, ids)| ids.len() > 1);
        let twice: Vec<(String, Vec<String>)> = twice
            .map(|((trigger, source, rule), ids)| {
                let message =
                    format!("`{rule}` awarded more than once for the {trigger} `{source}`.");
                (message, ids)
            })
            .collect();
        for (message, ids) in twice {
            self.violated(Invariant::Once, message, ids);
        }
    }

    fn check_caps(&mut self) {
        let over: Vec<String> = self
            .transactions()
            .filter(|(_, transaction)| {
                let trace = transaction.calculation.as_ref();
                let cap = trace.and_then(|trace| trace.cap.as_ref());
                cap.is_some_and(|cap| exceeds(cap, transaction.amount))
            })
            .map(|(id, _)| id)
            .collect();
        if !over.is_empty() {
            self.violated(Invariant::Caps, "Awards exceed their caps.", over);
        }
    }

    fn transactions(&self) -> impl Iterator<Item = (String, &Transaction)> {
        self.entries.iter().flat_map(|(_, entry)| {
            let transactions = entry.transactions.iter().enumerate();
            transactions.map(|(place, it)| (entry.transaction_id(place).to_string(), it))
        })
    }
}

fn shown(tier: Option<&str>) -> String {
    tier.map_or("none".to_owned(), |key| format!("`{key}`"))
}

fn takes_back(transaction: &Transaction) -> bool {
    transaction.kind == TransactionType::Reverse && transaction.amount < 0
}

/// Whether an award of `points` does not fit its cap. One of nothing fits a limit that was lowered
/// below what was used.
fn exceeds(cap: &CapTrace, points: i64) -> bool {
    let used = i128::from(cap.used_points) + i128::from(points);
    let over_points = cap
        .limit_points
        .is_some_and(|limit| points > 0 && used > i128::from(limit));
    let over_awards = cap
        .limit_awards
        .is_some_and(|limit| cap.used_awards >= i64::from(limit));
    over_points || over_awards
}

/// What lots come to, less what is owed.
fn held(purse: &Purse) -> i128 {
    let lots = purse.lots.iter().map(|lot| i128::from(lot.remaining));
    lots.sum::<i128>() - i128::from(purse.deficit)
}

/// The transactions of an entry, of points and of store credit.
pub(super) fn ids(entry: &Entry) -> Vec<String> {
    let points = entry.transaction_ids().into_iter().map(|id| id.to_string());
    let credits = (0..entry.credits.len()).map(|place| entry.credit_id(place).to_string());
    points.chain(credits).collect()
}
