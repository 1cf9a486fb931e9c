//! How many requests a key may make (spec section 7).
//!
//! Time is cut into windows of ten seconds, the same for all processes, and a key may make ten
//! times its rate in each. The count of a window is one counter in the table. So that not every
//! request writes to it, a process takes shares: the first hundredth of the budget it may use
//! without asking, what it takes then begins with another hundredth and doubles up to a tenth.
//!
//! What is promised: of one window no more passes than its budget, and a hundredth of it for each
//! process that has not asked yet. What a process took and did not use lapses with the window, so
//! that where several share a key, requests may be refused a little early: each has at most as much
//! in hand as it has used, and no more than a tenth of the budget. Right at the border between two
//! windows, twice the budget can pass within ten seconds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Refusal};

use crate::{caller::Caller, error::ApiError};

const WINDOW_S: i64 = 10;
/// How many owners are kept in mind; beyond it those of past windows go.
const OWNERS_MAX: usize = 1_000;

/// The rates of all keys, as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    /// Requests a second for keys without a limit of their own; 0 means no limit.
    limit: u32,
    hands: Mutex<HashMap<String, Hand>>,
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
    pub(crate) fn new(limit: u32) -> Rates {
        Rates {
            limit,
            hands: Mutex::default(),
        }
    }

    /// Lets a request pass, or answers that it came too soon.
    pub(crate) async fn admit(&self, ledger: &Ledger, caller: &Caller) -> Option<Response> {
        let limit = match caller.rate_limit.unwrap_or(self.limit) {
            0 => return None,
            limit => u64::from(limit),
        };
        let budget = limit * WINDOW_S.unsigned_abs();
        let now_s = ledger.now().as_second();
        let window = now_s.div_euclid(WINDOW_S);
        let (share, owed) = match self.judge(caller.owner(), window, budget) {
            Verdict::Pass => return None,
            Verdict::Wait => return Some(refused(window, now_s)),
            Verdict::Take { share, owed } => (share, owed),
        };
        // Long enough for clocks that differ.
        let expires_s = (window + 60) * WINDOW_S;
        let taken = ledger
            .use_up(caller.owner(), window, share + owed, budget, expires_s)
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
        match self.put_in_hand(caller.owner(), window, granted) {
            true => None,
            false => Some(refused(window, now_s)),
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

fn refused(window: i64, now_s: i64) -> Response {
    let message = "Too many requests with this key; wait as long as `Retry-After` says.";
    let refusal = Refusal::new(Code::RateLimited, message);
    let mut response = ApiError::from(refusal).into_response();
    let wait_s = ((window + 1) * WINDOW_S - now_s).clamp(1, WINDOW_S);
    let wait_s = HeaderValue::from(wait_s);
    response.headers_mut().insert(header::RETRY_AFTER, wait_s);
    response
}
