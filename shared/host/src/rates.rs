//! How much callers may ask for in a window of time, over all processes.
//!
//! Time is cut into windows, the same for all processes, in each of which a caller has a budget of
//! requests. The count of a window is one counter in the table. So that not every
//! request writes to it, a process takes shares: the first hundredth of the budget it may use
//! without asking, what it takes then begins with another hundredth and doubles up to a tenth.
//!
//! What is promised: of one window no more passes than its budget, and a hundredth of it for each
//! process that has not asked yet. What a process took and did not use lapses with the window, so
//! that where several serve a caller, requests may be refused a little early: each has at most as
//! much in hand as it has used, and no more than a tenth of the budget. Right at the border between
//! two windows, twice the budget can pass within the length of one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use laurel_ledger::Ledger;

/// How many owners are kept in mind; beyond it those of past windows go.
const OWNERS_MAX: usize = 1_000;
/// How long a count outlives its window: long enough for clocks that differ.
const KEPT_S: i64 = 600;

/// The budgets of all callers, as far as this process knows.
#[derive(Debug)]
pub struct Rates {
    window_s: i64,
    hands: Mutex<HashMap<String, Hand>>,
}

/// A request came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon {
    /// In how many seconds the next window begins.
    pub retry_after_s: i64,
}

/// What this process has in hand of one owner's budget, in one window.
#[derive(Debug, Clone, Copy)]
struct Hand {
    window: i64,
    /// Requests that may pass.
    left: u64,
    /// Requests that passed without having been counted.
    owed: u64,
    /// How much to take next.
    share: u64,
    /// Whether all of the budget is used up.
    is_spent: bool,
}

/// What to do about a request.
enum Verdict {
    Pass,
    Wait,
    Take { share: u64, owed: u64 },
}

impl Rates {
    /// Budgets for windows of so many seconds, at least one.
    #[must_use]
    pub fn new(window_s: i64) -> Rates {
        Rates {
            window_s: window_s.max(1),
            hands: Mutex::default(),
        }
    }

    /// Lets a request of `owner` pass, of whose requests `budget` may in each window.
    ///
    /// # Errors
    /// The budget of this window is used up.
    pub async fn admit(&self, ledger: &Ledger, owner: &str, budget: u64) -> Result<(), TooSoon> {
        let now_s = ledger.now().as_second();
        let window = now_s.div_euclid(self.window_s);
        let end_s = (window + 1) * self.window_s;
        let too_soon = Err(TooSoon {
            retry_after_s: (end_s - now_s).clamp(1, self.window_s),
        });
        let (share, owed) = match self.judge(owner, window, budget) {
            Verdict::Pass => return Ok(()),
            Verdict::Wait => return too_soon,
            Verdict::Take { share, owed } => (share, owed),
        };
        let taken = ledger
            .use_up(owner, window, share + owed, budget, end_s + KEPT_S)
            .await;
        let granted = match taken {
            Ok(Some(used)) => budget.saturating_sub(used.saturating_sub(share)).min(share),
            Ok(None) => 0,
            Err(error) => {
                // The limit protects the table; where the table has other troubles it must not
                // add to them.
                tracing::warn!(%error, "a rate could not be counted");
                share
            }
        };
        match self.put_in_hand(owner, window, granted) {
            true => Ok(()),
            false => too_soon,
        }
    }

    fn judge(&self, owner: &str, window: i64, budget: u64) -> Verdict {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        if hands.len() >= OWNERS_MAX {
            hands.retain(|_, hand| hand.window == window);
        }
        let free = budget / 100;
        let fresh = Hand {
            window,
            left: free,
            owed: free,
            share: free.max(1),
            is_spent: false,
        };
        let hand = hands.entry(owner.to_owned()).or_insert(fresh);
        if hand.window != window {
            *hand = fresh;
        }
        if hand.left > 0 {
            hand.left -= 1;
            return Verdict::Pass;
        }
        if hand.is_spent {
            return Verdict::Wait;
        }
        let share = hand.share;
        hand.share = (share * 2).min((budget / 10).max(1));
        let owed = std::mem::take(&mut hand.owed);
        Verdict::Take { share, owed }
    }

    /// Puts what was granted in hand and takes one request off it, where there is one.
    fn put_in_hand(&self, owner: &str, window: i64, granted: u64) -> bool {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hand) = hands.get_mut(owner).filter(|hand| hand.window == window) {
            hand.left += granted.saturating_sub(1);
            hand.is_spent |= granted == 0;
        }
        granted > 0
    }
}
