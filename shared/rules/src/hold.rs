//! Holds: what was taken from a purse for a redemption that is not confirmed yet, and how it comes
//! back (spec section 5, "Redemption").
//!
//! What is held left the balance when it was held, so that the balance is the sum of what the log
//! says at any moment. It comes back by itself when the hold ends, to the lots that it came from:
//! what has expired meanwhile returns and expires in the same instant.

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use crate::{
    Code, Refusal,
    purse::{Expired, LOTS_MAX, Lot, Part, Purse, Step},
};

/// How many redemptions may be reserved at a time on one account.
pub const HOLDS_MAX: usize = 20;
/// How many an account may have after a merge; beyond that the merge is refused.
pub const HOLDS_MERGED_MAX: usize = 40;
/// How many parts are told apart of what was taken. Beyond that the two that expire closest
/// together become one that expires when the later of them does, as lots do.
pub const PARTS_MAX: usize = 50;

/// What was taken for one redemption that is not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The redemption.
    pub redemption: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// What it took, in the order of expiring.
    pub parts: Vec<Part>,
    /// What it took of a reward, where it is for one.
    pub reward: Option<HeldReward>,
}

/// What a redemption took of a reward beside points.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeldReward {
    /// The reward.
    pub id: String,
    /// Whether it took one of its stock.
    pub stock: bool,
    /// Whether one of its imported codes is kept for it and not yet issued.
    pub code: bool,
}

/// A hold that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The hold.
    pub hold: Hold,
    /// When it ended.
    pub at: Timestamp,
    /// The balance right after, before anything of it expires.
    pub balance_after: i64,
}

/// What giving back did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenBack {
    /// The balance with all that was given back.
    pub balance_after: i64,
    /// What of it had expired meanwhile, and expires right now.
    pub expired: Vec<Expired>,
}

impl Hold {
    /// How much is held.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.parts.iter().map(|part| part.amount).sum()
    }
}

impl Purse {
    /// What all holds hold.
    #[must_use]
    pub fn reserved(&self) -> i64 {
        self.holds.iter().map(Hold::amount).sum()
    }

    /// The hold for a redemption.
    #[must_use]
    pub fn hold(&self, redemption: &str) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.redemption == redemption)
    }

    /// Keeps a hold; what it holds was taken already.
    ///
    /// # Errors
    /// `limit_reached` where there are too many.
    pub fn add_hold(&mut self, mut hold: Hold) -> Result<(), Refusal> {
        if self.holds.len() >= HOLDS_MAX {
            let message = format!(
                "{HOLDS_MAX} redemptions of this account are reserved; confirm or cancel one \
                 first."
            );
            return Err(Refusal::new(Code::LimitReached, message).at("account"));
        }
        bound_parts(&mut hold.parts);
        self.holds.push(hold);
        Ok(())
    }

    /// Ends the hold for a redemption, and gives nothing back.
    pub fn take_hold(&mut self, redemption: &str) -> Option<Hold> {
        let place = self
            .holds
            .iter()
            .position(|hold| hold.redemption == redemption)?;
        if is(Bug::HoldsKept) {
            return self.holds.get(place).cloned();
        }
        Some(self.holds.remove(place))
    }

    /// Gives `parts` back to the lots that they came from; one that is gone is there again. What
    /// is owed is repaid from them at once. The purse must be settled to `at`; `idle` is when its
    /// lots expire by inactivity.
    pub fn give_back(
        &mut self,
        parts: &[Part],
        idle: Option<Timestamp>,
        at: Timestamp,
    ) -> GivenBack {
        let amount: i64 = parts.iter().map(|part| part.amount).sum();
        let mut balance_after = self.balance(at) + amount;
        let mut given = GivenBack {
            balance_after,
            expired: Vec::new(),
        };
        for part in parts {
            if let Some(lot) = self.lots.iter_mut().find(|lot| lot.id == part.lot) {
                lot.remaining += part.amount;
            } else if part.end(idle).is_some_and(|end| end <= at) {
                balance_after -= part.amount;
                given.expired.push(Expired {
                    lot: part.lot,
                    amount: part.amount,
                    at,
                    balance_after,
                });
            } else if part.amount > 0 {
                let lot = Lot {
                    id: part.lot,
                    remaining: part.amount,
                    available_at: None,
                    expires_at: part.expires_at,
                };
                // Lots stay in the order of age.
                let is_younger =
                    |other: &Lot| other.id.origin == lot.id.origin && other.id > lot.id;
                let place = self.lots.iter().position(is_younger);
                self.lots.insert(place.unwrap_or(self.lots.len()), lot);
            }
        }
        self.repay_from_spendable(at);
        self.bound_lots(LOTS_MAX);
        given
    }

    /// Takes the hold out that ends first, where one has ended by `now`.
    pub(crate) fn take_ended_hold(&mut self, now: Timestamp) -> Option<Hold> {
        let ended = self.holds.iter().enumerate();
        let ended = ended.filter(|(_, hold)| hold.until <= now);
        let (place, _) = ended.min_by_key(|(_, hold)| hold.until)?;
        Some(self.holds.remove(place))
    }

    /// Returns what an ended hold held. The purse must be settled to its end.
    pub(crate) fn return_ended(
        &mut self,
        hold: Hold,
        idle: Option<Timestamp>,
        steps: &mut Vec<Step>,
    ) {
        let at = hold.until;
        let given = self.give_back(&hold.parts, idle, at);
        steps.push(Step::Returned(Returned {
            hold,
            at,
            balance_after: given.balance_after,
        }));
        steps.extend(given.expired.into_iter().map(Step::Expired));
    }

    /// Notes on held parts that their lots have expired by inactivity: what the member does later
    /// brings none of that back.
    pub(crate) fn mark_expired_parts(&mut self, idle: Option<Timestamp>, now: Timestamp) {
        let Some(idle) = idle.filter(|idle| *idle <= now) else {
            return;
        };
        for part in self.holds.iter_mut().flat_map(|hold| &mut hold.parts) {
            part.expires_at = part.end(Some(idle));
        }
    }
}

impl Part {
    /// When it would have expired in its lot.
    fn end(&self, idle: Option<Timestamp>) -> Option<Timestamp> {
        [self.expires_at, idle].into_iter().flatten().min()
    }
}

/// Makes one of the two parts that expire closest together until there are no more than
/// [`PARTS_MAX`].
pub fn bound_parts(parts: &mut Vec<Part>) {
    let end_ms = |part: &Part| part.expires_at.unwrap_or(Timestamp::MAX).as_millisecond();
    while parts.len() > PARTS_MAX {
        let gaps = parts.windows(2).enumerate();
        let gaps = gaps.map(|(place, pair)| (end_ms(&pair[1]) - end_ms(&pair[0]), place));
        let Some((_, closest)) = gaps.min() else {
            break;
        };
        let earlier = parts.remove(closest);
        parts[closest].amount += earlier.amount;
    }
}
