//! What is left of every lot at an instant, by replaying a member's transactions from the first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::Transaction;
use crate::ops::TransactionKind;

/// The points of one award or one positive adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The number of the transaction that gave the points.
    pub transaction: usize,
    /// What has been neither spent, nor clawed back, nor expired.
    pub remaining: i64,
    /// What has expired.
    pub expired: i64,
    /// From when it can be spent, where that was not at once.
    pub available_at: Option<Timestamp>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// Whether it has matured.
    pub mature: bool,
}

impl Lot {
    /// Its place in the order of spending: the earliest expiry first, those that never expire
    /// last; of equals the oldest. Ruling: the oldest is the one that the member has had for the
    /// longest, so that what a merge brought comes after what was there.
    fn turn(&self, place: usize) -> (bool, Option<Timestamp>, usize) {
        (self.expires_at.is_none(), self.expires_at, place)
    }
}

/// Points that expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// When. For points that had expired before their late event arrived, when it arrived.
    pub at: Timestamp,
    /// The number of the transaction that had given them.
    pub transaction: usize,
    /// How many.
    pub points: i64,
}

/// What a member holds at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Every lot ever, in the order written.
    pub lots: Vec<Lot>,
    /// How far the balance is below zero.
    pub deficit: i64,
    /// Everything that has expired.
    pub expiries: Vec<Expiry>,
    /// What each redemption took, and of which lot, in the order taken.
    pub taken: BTreeMap<usize, Vec<(usize, i64)>>,
}

impl Holdings {
    /// Lets a transaction happen, and before it the time until then.
    pub fn happen(&mut self, number: usize, transaction: &Transaction) {
        self.pass_until(transaction.created);
        self.apply(number, transaction);
    }

    /// Takes over what another member holds at the same instant. Ruling: what either owes is paid
    /// as spending would.
    pub fn absorb(&mut self, other: Holdings) {
        self.lots.extend(other.lots);
        self.expiries.extend(other.expiries);
        self.taken.extend(other.taken);
        let owed = std::mem::take(&mut self.deficit) + other.deficit;
        self.spend(owed);
    }

    /// What can be spent, less the deficit.
    pub fn balance(&self) -> i64 {
        self.spendable() - self.deficit
    }

    /// What can be spent.
    pub fn spendable(&self) -> i64 {
        self.lots
            .iter()
            .filter(|lot| lot.mature)
            .map(|lot| lot.remaining)
            .sum()
    }

    /// What has not matured yet.
    pub fn pending(&self) -> i64 {
        self.lots
            .iter()
            .filter(|lot| !lot.mature)
            .map(|lot| lot.remaining)
            .sum()
    }

    /// The lot that a transaction gave.
    ///
    /// # Panics
    /// If it gave none.
    pub fn lot(&self, transaction: usize) -> &Lot {
        self.lots
            .iter()
            .find(|lot| lot.transaction == transaction)
            .expect("a lot for each award")
    }

    /// The instants at which something matures or expires by itself, if nothing else happens.
    pub fn boundaries(&self) -> Vec<Timestamp> {
        let mut all: Vec<Timestamp> = self
            .lots
            .iter()
            .filter(|lot| lot.remaining > 0)
            .flat_map(|lot| {
                let matures = lot.available_at.filter(|_| !lot.mature);
                matures.into_iter().chain(lot.expires_at)
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Lets maturity and expiry happen up to `until`, one after the other; at the same instant
    /// expiry first, then in the order of spending.
    pub fn pass_until(&mut self, until: Timestamp) {
        loop {
            let next = self
                .lots
                .iter()
                .enumerate()
                .filter(|(_, lot)| lot.remaining > 0)
                .flat_map(|(place, lot)| {
                    let matures = lot.available_at.filter(|_| !lot.mature);
                    let expires = lot.expires_at.map(|at| (at, false, lot.turn(place)));
                    expires
                        .into_iter()
                        .chain(matures.map(|at| (at, true, lot.turn(place))))
                })
                .filter(|&(at, ..)| at <= until)
                .min();
            let Some((at, matures, (.., place))) = next else {
                return;
            };
            let transaction = self.lots[place].transaction;
            if matures {
                self.mature(transaction);
            } else {
                self.expire(transaction, at);
            }
        }
    }

    fn apply(&mut self, number: usize, transaction: &Transaction) {
        match transaction.kind {
            TransactionKind::Earn => self.gain(number, transaction),
            TransactionKind::Adjust if transaction.amount > 0 => self.gain(number, transaction),
            TransactionKind::Adjust => {
                self.spend(-transaction.amount);
            }
            TransactionKind::Redeem => {
                let taken = self.spend(-transaction.amount);
                let redemption = transaction.redemption.expect("it names its redemption");
                self.taken.insert(redemption, taken);
            }
            TransactionKind::Reverse => match transaction.reverses {
                Some(award) => {
                    let own = self.lot_mut(award);
                    let taken = own.remaining.min(-transaction.amount);
                    own.remaining -= taken;
                    self.spend(-transaction.amount - taken);
                }
                None => {
                    let redemption = transaction.redemption.expect("it names one or the other");
                    self.give_back(redemption, transaction.amount, transaction.created);
                }
            },
        }
    }

    /// Gives back so much of what a redemption took to where it came from, what was taken last
    /// first. Ruling: it repays what is owed first; but what has expired meanwhile never counts.
    fn give_back(&mut self, redemption: usize, mut points: i64, at: Timestamp) {
        let mut taken = self.taken.remove(&redemption).unwrap_or_default();
        while points > 0 {
            let (transaction, part) = taken.pop().expect("no more comes back than was taken");
            let back = part.min(points);
            points -= back;
            if back < part {
                taken.push((transaction, part - back));
            }
            let deficit = self.deficit;
            let lot = self.lot_mut(transaction);
            if lot.expires_at.is_some_and(|end| end <= at) {
                lot.remaining += back;
                self.expire(transaction, at);
            } else {
                let repaid = back.min(deficit);
                lot.remaining += back - repaid;
                self.deficit -= repaid;
            }
        }
        self.taken.insert(redemption, taken);
    }

    /// Ruling: points whose expiry has passed when their late event arrives never count, not even
    /// to repay a deficit.
    fn gain(&mut self, number: usize, transaction: &Transaction) {
        self.lots.push(Lot {
            transaction: number,
            remaining: transaction.amount,
            expired: 0,
            available_at: transaction.available_at,
            expires_at: transaction.expires_at,
            mature: false,
        });
        if transaction
            .expires_at
            .is_some_and(|at| at <= transaction.created)
        {
            self.expire(number, transaction.created);
        } else if transaction
            .available_at
            .is_none_or(|at| at <= transaction.created)
        {
            self.mature(number);
        }
    }

    /// Takes from the lots in their order, then goes below zero; says what it took of which.
    fn spend(&mut self, mut points: i64) -> Vec<(usize, i64)> {
        let mut all = Vec::new();
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_unstable_by_key(|&index| self.lots[index].turn(index));
        for index in order {
            let lot = &mut self.lots[index];
            if lot.mature {
                let taken = lot.remaining.min(points);
                lot.remaining -= taken;
                points -= taken;
                if taken > 0 {
                    all.push((lot.transaction, taken));
                }
            }
        }
        self.deficit += points;
        all
    }

    fn mature(&mut self, transaction: usize) {
        let deficit = self.deficit;
        let lot = self.lot_mut(transaction);
        let repaid = lot.remaining.min(deficit);
        lot.mature = true;
        lot.remaining -= repaid;
        self.deficit -= repaid;
    }

    fn expire(&mut self, transaction: usize, at: Timestamp) {
        let lot = self.lot_mut(transaction);
        let points = std::mem::take(&mut lot.remaining);
        lot.expired += points;
        if points > 0 {
            self.expiries.push(Expiry {
                at,
                transaction,
                points,
            });
        }
    }

    fn lot_mut(&mut self, transaction: usize) -> &mut Lot {
        self.lots
            .iter_mut()
            .find(|lot| lot.transaction == transaction)
            .expect("a lot for each award")
    }
}
