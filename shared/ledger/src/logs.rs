//! The logs that make up what happened to an account: its own, and those of the accounts that
//! were merged into it. The latter have had their last entry.

use jiff::Timestamp;
use laurel_rules::{Account, decide::Past};

use crate::{
    Error, Ledger, item,
    store::Consistency,
    table::{ENTRY_PREFIX, Key},
};

/// One log, as it was when its account was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    /// Whose.
    pub(crate) account: String,
    /// The number of its latest entry.
    pub(crate) seq: u64,
    /// When that one was written.
    pub(crate) logged_at: Timestamp,
}

impl Log {
    /// An account's own log.
    pub(crate) fn of(account: &Account) -> Log {
        Log {
            account: account.id.clone(),
            seq: account.seq,
            logged_at: account.logged_at,
        }
    }

    /// The logs of an account: its own, then each absorbed one before those that it had absorbed
    /// itself.
    pub(crate) fn all_of(account: &Account) -> Vec<Log> {
        let own = Log::of(account);
        let absorbed = account.absorbed.iter().map(|absorbed| Log {
            account: absorbed.account.clone(),
            seq: absorbed.seq,
            logged_at: absorbed.logged_at,
        });
        std::iter::once(own).chain(absorbed).collect()
    }
}

impl Ledger {
    /// All that happened to an account, as decisions need it.
    pub(crate) async fn past(&self, account: &Account) -> Result<Past, Error> {
        let mut entries = Vec::new();
        // What reverses an award must come after it.
        for log in Log::all_of(account).iter().rev() {
            let partition = Key::account(&log.account).pk;
            let to = format!("{ENTRY_PREFIX}~");
            for item in self.store.query_all(&partition, ENTRY_PREFIX, &to).await? {
                entries.push(item::entry(&item)?);
            }
        }
        Ok(Past::from_entries(&entries))
    }

    /// The number of the last entry that was written at `bound` or before; 0 where there is none.
    /// Entries are in the order of time, so that some ten reads find it among a thousand.
    pub(crate) async fn last_until(&self, log: &Log, bound: Timestamp) -> Result<u64, Error> {
        if bound >= log.logged_at {
            return Ok(log.seq);
        }
        let (mut until, mut after) = (0, log.seq);
        while after - until > 1 {
            let middle = until + (after - until) / 2;
            let key = Key::entry(&log.account, middle);
            let found = self.store.get([key.clone()], Consistency::Strong).await?;
            let item = found.get(&key).ok_or_else(|| Error::Corrupt {
                key: format!("{} {}", key.pk, key.sk),
                problem: "the log has a gap".to_owned(),
            })?;
            if item::entry(item)?.created <= bound {
                until = middle;
            } else {
                after = middle;
            }
        }
        Ok(until)
    }
}
