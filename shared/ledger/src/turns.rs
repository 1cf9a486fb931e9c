//! Who of this process is at an account, so that the others wait rather than try.
//!
//! Nothing depends on it but effort: what is written stays conditional on what was read, and other
//! processes know nothing of these turns. Where many change one account at once each try but one
//! is in vain, and the more they are the longer each waits in the end; in turns, each tries once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use laurel_rules::{Commit, decide::AccountWrite};
use tokio::sync::{Mutex as Line, OwnedMutexGuard};

/// How long to wait for a turn. Whoever is at it may stand still; then it goes on without. It is
/// longer than any line should be: where some give up, all are soon trying against each other.
const PATIENCE: Duration = Duration::from_secs(10);

/// The turns at all accounts.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    by_account: Mutex<HashMap<String, Arc<Line<()>>>>,
}

/// A turn at some accounts, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _places: Vec<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until nobody else of this process is at these accounts, in the order of coming.
    pub(crate) async fn wait(&self, accounts: &BTreeSet<String>) -> Turn {
        let mut places = Vec::new();
        let all = async {
            // In one order for everybody, so that no two wait for each other.
            for account in accounts {
                let line = self.line(account);
                places.push(line.lock_owned().await);
            }
        };
        let _ = tokio::time::timeout(PATIENCE, all).await;
        Turn { _places: places }
    }

    /// Whether somebody is at one of these accounts.
    pub(crate) fn are_taken(&self, accounts: &BTreeSet<String>) -> bool {
        let lines = self.lines();
        let mut all = accounts.iter().filter_map(|account| lines.get(account));
        all.any(|line| line.try_lock().is_err())
    }

    fn line(&self, account: &str) -> Arc<Line<()>> {
        let mut lines = self.lines();
        // Those that nobody is in leave now and then.
        if lines.len() > 100 {
            lines.retain(|_, line| Arc::strong_count(line) > 1);
        }
        Arc::clone(lines.entry(account.to_owned()).or_default())
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, Arc<Line<()>>>> {
        self.by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The accounts that a commit changes.
pub(crate) fn changed(commit: &Commit) -> BTreeSet<String> {
    let ids = commit.accounts.iter().filter_map(|write| match write {
        AccountWrite::Update { account, .. } => Some(account.id.clone()),
        // What is new or only looked at is contended by nobody.
        AccountWrite::Create(_) | AccountWrite::Check { .. } => None,
    });
    ids.collect()
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn named(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_is_at_an_account_and_nobody_waits_for_ever() {
        let turns = Turns::default();
        let (one, both, other) = (named(&["a"]), named(&["a", "b"]), named(&["b"]));
        let first = turns.wait(&one).await;
        assert!(turns.are_taken(&both));
        assert!(!turns.are_taken(&other));
        let mut second = Box::pin(turns.wait(&both));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        let second = second.now_or_never().expect("it is its turn");
        assert!(turns.are_taken(&other));
        let begun = tokio::time::Instant::now();
        // Who has it stands still.
        drop(turns.wait(&other).await);
        assert!(begun.elapsed() >= PATIENCE, "{:?}", begun.elapsed());
        drop(second);
        assert!(!turns.are_taken(&both));
    }

    #[tokio::test]
    async fn lines_that_nobody_is_in_are_forgotten() {
        let turns = Turns::default();
        let kept = turns.wait(&named(&["kept"])).await;
        for number in 0..1000 {
            drop(turns.wait(&named(&[&number.to_string()])).await);
        }
        assert!(turns.lines().len() <= 102);
        assert!(turns.are_taken(&named(&["kept"])));
        drop(kept);
    }
}
