//! What is known of an account's log as decisions need it.

use laurel_rules::{Account, Entry, decide::Past};

/// The log of an account, with those of the accounts that were merged into it.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Accounts of whose logs it is not known yet what they held when they came into this world.
    unknown: Vec<String>,
    past: Past,
    /// What was written since, while something is unknown: it may reverse what is.
    since: Vec<Entry>,
}

impl Memory {
    /// That of an account as it comes into a world.
    pub(crate) fn of(account: &Account) -> Memory {
        let is_new = account.seq == 0;
        Memory {
            unknown: (!is_new).then(|| account.id.clone()).into_iter().collect(),
            ..Memory::default()
        }
    }

    /// All of it; else an account whose log must be known first.
    pub(crate) fn whole(&self) -> Result<&Past, String> {
        match self.unknown.first() {
            None => Ok(&self.past),
            Some(account) => Err(account.clone()),
        }
    }

    /// Adds an entry.
    pub(crate) fn extend(&mut self, mut entry: Entry) {
        if self.unknown.is_empty() {
            self.past.extend(&entry);
            return;
        }
        // How an award came about is the bulk of it, and no decision asks.
        for transaction in &mut entry.transactions {
            transaction.calculation = None;
        }
        self.since.push(entry);
    }

    /// Makes known what the log of an account held.
    pub(crate) fn remember(&mut self, account: &str, past: Past) {
        let Some(place) = self.unknown.iter().position(|unknown| unknown == account) else {
            return;
        };
        self.unknown.remove(place);
        self.put_before(past);
        if self.unknown.is_empty() {
            for entry in std::mem::take(&mut self.since) {
                self.past.extend(&entry);
            }
        }
    }

    /// Takes over what an account knew that was merged into this one.
    pub(crate) fn inherit(&mut self, from: Memory) {
        self.unknown.extend(from.unknown);
        self.put_before(from.past);
        self.since.splice(0..0, from.since);
    }

    fn put_before(&mut self, earlier: Past) {
        let later = std::mem::replace(&mut self.past, earlier);
        self.past.append(later);
    }
}
