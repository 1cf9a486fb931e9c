//! What a commit does beside what it names: to the stock of rewards, and to redemptions whose
//! reservation ended. Its new entries tell all of it, so that whoever lets time pass on an account
//! need not load any of these items.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Commit;
use crate::{
    Entry,
    entry::Change,
    redemption::{RedemptionChange, RedemptionStatus, Turn},
};

/// A reservation that ended, on a redemption that was not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The redemption.
    pub id: String,
    /// What it becomes.
    pub status: RedemptionStatus,
    /// When.
    pub at: Timestamp,
    /// The transaction that gave the points back, as `ptx_…`, or the store credit, as
    /// `sct_…`.
    pub reversal: Option<String>,
}

/// A change of what is taken of a reward.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StockChange {
    /// Of its stock.
    pub used: i64,
    /// At most so much of the stock may be taken then; unlimited where absent.
    pub stock: Option<i64>,
    /// Of its imported codes.
    pub codes_kept: i64,
    /// The number of the imported code that is issued.
    pub issued: Option<i64>,
}

impl Commit {
    /// The reservations that end with it.
    #[must_use]
    pub fn ended(&self) -> Vec<Ended> {
        let is_loaded = |id: &str| {
            self.redemptions
                .iter()
                .any(|write| write.redemption.id == id)
        };
        let told = self.entries.iter().flat_map(|entry| {
            let changes = turns(entry).filter(|change| !is_loaded(&change.id));
            changes.map(move |change| Ended {
                id: change.id.clone(),
                status: change.status,
                at: match (change.turn, change.expires_at) {
                    (Turn::Expired, Some(at)) => at,
                    _ => entry.occurred_at,
                },
                reversal: reversal(entry, &change.id),
            })
        });
        told.collect()
    }

    /// What it takes of rewards and gives back, by reward.
    #[must_use]
    pub fn stock_changes(&self) -> BTreeMap<String, StockChange> {
        let mut all: BTreeMap<String, StockChange> = BTreeMap::new();
        for change in self.entries.iter().flat_map(turns) {
            if let (Some(reward), Some((used, codes_kept))) = (&change.reward, change.takes()) {
                let sum = all.entry(reward.id.clone()).or_default();
                sum.used += used;
                sum.codes_kept += codes_kept;
            }
        }
        for write in &self.redemptions {
            let number = write.issued.as_ref().and_then(|offer| offer.number);
            if let Some(reward) = &write.redemption.reward {
                let sum = all.entry(reward.id.clone()).or_default();
                sum.stock = sum.stock.or(write.stock);
                sum.issued = sum.issued.or(number);
            }
        }
        all.retain(|_, sum| sum.used != 0 || sum.codes_kept != 0 || sum.issued.is_some());
        all
    }
}

impl RedemptionChange {
    /// What it takes of its reward, or gives back where negative: of the stock, and of the
    /// imported codes. `None` where it is about no reward, or takes nothing by its nature.
    #[must_use]
    pub fn takes(&self) -> Option<(i64, i64)> {
        let sign = match self.turn {
            Turn::Created => 1,
            Turn::Canceled | Turn::Expired => -1,
            Turn::Confirmed | Turn::Used => return None,
        };
        let reward = self.reward.as_ref()?;
        let of = |is_taken: bool| if is_taken { sign } else { 0 };
        Some((of(reward.stock), of(reward.code)))
    }
}

fn turns(entry: &Entry) -> impl Iterator<Item = &RedemptionChange> {
    entry.changes.iter().filter_map(|change| match change {
        Change::Redemption(change) => Some(&**change),
        _ => None,
    })
}

fn reversal(entry: &Entry, redemption: &str) -> Option<String> {
    let is_it = |id: &Option<String>| id.as_deref() == Some(redemption);
    let mut credits = entry.credits.iter();
    if let Some(place) = credits.position(|credit| is_it(&credit.redemption)) {
        return Some(entry.credit_id(place).to_string());
    }
    let place = entry
        .transactions
        .iter()
        .position(|transaction| is_it(&transaction.redemption))?;
    Some(entry.transaction_id(place).to_string())
}
