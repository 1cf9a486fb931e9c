//! Which identifiers are allowed, and how ledger ids are spelt.
//!
//! Ids reach DynamoDB keys, so they are checked once, at the edge: a caller can neither build a
//! key of another kind (`#` separates key parts) nor store an unbounded one.

use std::fmt;

use crate::{Code, Refusal};

/// The longest id that is taken from outside, in bytes.
pub const ID_LEN_MAX: usize = 200;

/// The prefix of account ids.
pub const ACCOUNT_PREFIX: &str = "loy_";
/// The prefix of transaction ids.
pub const TRANSACTION_PREFIX: &str = "ptx_";
/// The prefix of ids of transactions of store credit.
pub const CREDIT_PREFIX: &str = "sct_";
/// The prefix of the ids of emitted events.
pub const EVENT_PREFIX: &str = "evt_";
/// The program that a fresh deployment has, and that events without one belong to.
pub const DEFAULT_PROGRAM: &str = "prog_default";

/// Checks an id that comes from outside: 1–200 ASCII letters, digits, and `_ - . : @ / + = ~ |`.
///
/// # Errors
/// `parameter_invalid` at `param`.
pub fn check(param: impl fmt::Display, id: &str) -> Result<&str, Refusal> {
    if id.is_empty() {
        return Err(Refusal::invalid(
            param.to_string(),
            format!("`{param}` must not be empty."),
        ));
    }
    if id.len() > ID_LEN_MAX {
        return Err(Refusal::invalid(
            param.to_string(),
            format!("`{param}` must be at most {ID_LEN_MAX} characters long."),
        ));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.:@/+=~|".contains(&b);
    if !id.bytes().all(allowed) {
        return Err(Refusal::invalid(
            param.to_string(),
            format!("`{param}` may contain ASCII letters, digits and _ - . : @ / + = ~ | only."),
        ));
    }
    Ok(id)
}

/// Checks an event type: `[a-z][a-z0-9_.]{0,63}` (spec section 6).
///
/// # Errors
/// `parameter_invalid` at `param`.
pub fn check_event_type<'a>(param: &str, name: &'a str) -> Result<&'a str, Refusal> {
    let mut bytes = name.bytes();
    let starts_well = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
    let goes_on_well =
        bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.');
    if starts_well && goes_on_well && name.len() <= 64 {
        return Ok(name);
    }
    Err(Refusal::new(
        Code::ParameterInvalid,
        format!(
            "`{param}` must be an event type: a lower-case letter, then at most 63 lower-case \
             letters, digits, underscores or dots, as in `payment.completed`."
        ),
    )
    .at(param))
}

/// Where a transaction stands: the entry of an account's log, and the place in that entry.
///
/// Spelt `ptx_<account>_<entry>_<place>`, where `<account>` is the account's id without its
/// prefix: the id leads to the stored item without an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId {
    /// The account in whose log the transaction was written.
    pub account: String,
    /// The entry's number in that log, from 1.
    pub seq: u64,
    /// The transaction's place in the entry, from 0.
    pub place: u32,
}

impl TransactionId {
    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(id: &str) -> Option<TransactionId> {
        TransactionId::parse_with(TRANSACTION_PREFIX, id)
    }

    fn parse_with(prefix: &str, id: &str) -> Option<TransactionId> {
        let rest = id.strip_prefix(prefix)?;
        let (rest, place) = rest.rsplit_once('_')?;
        let (account, seq) = rest.rsplit_once('_')?;
        let parsed = TransactionId {
            account: format!("{ACCOUNT_PREFIX}{account}"),
            seq: seq.parse().ok()?,
            place: place.parse().ok()?,
        };
        check("id", id).ok()?;
        // One spelling per transaction: `_01_0` is not `_1_0`.
        (parsed.spelt(prefix) == id).then_some(parsed)
    }

    fn spelt(&self, prefix: &str) -> String {
        let account = self
            .account
            .strip_prefix(ACCOUNT_PREFIX)
            .unwrap_or(&self.account);
        format!("{prefix}{account}_{}_{}", self.seq, self.place)
    }
}

impl std::fmt::Display for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spelt(TRANSACTION_PREFIX))
    }
}

/// Where a transaction of store credit stands, as [`TransactionId`] says it of one of points: its
/// place is that among the entry's transactions of store credit.
///
/// Spelt `sct_<account>_<entry>_<place>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditId(pub TransactionId);

impl CreditId {
    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(id: &str) -> Option<CreditId> {
        TransactionId::parse_with(CREDIT_PREFIX, id).map(CreditId)
    }
}

impl std::fmt::Display for CreditId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.spelt(CREDIT_PREFIX))
    }
}

/// Which event that Laurel emitted: what of an account's entry it announces.
///
/// Spelt `evt_<account>_<entry>_<place>` for the transaction at a place and
/// `evt_<account>_<entry>_c<place>` for a change, `…_s<place>` for a transaction of store credit: like a transaction's, the id leads to the stored
/// item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId {
    /// The account in whose log the entry stands.
    pub account: String,
    /// The entry's number in that log, from 1.
    pub seq: u64,
    /// What of the entry it announces.
    pub place: EventPlace,
}

/// What of an entry an event announces, by its place among its like, from 0; in the order of
/// announcing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventPlace {
    /// A change beside points.
    Change(u32),
    /// A transaction of store credit.
    Credit(u32),
    /// A transaction.
    Transaction(u32),
}

impl EventPlace {
    /// Reads what `Display` wrote; `None` where it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<EventPlace> {
        if let Some(place) = text.strip_prefix('c') {
            return place.parse().ok().map(EventPlace::Change);
        }
        match text.strip_prefix('s') {
            Some(place) => place.parse().ok().map(EventPlace::Credit),
            None => text.parse().ok().map(EventPlace::Transaction),
        }
    }
}

impl std::fmt::Display for EventPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EventPlace::Change(place) => write!(f, "c{place}"),
            EventPlace::Credit(place) => write!(f, "s{place}"),
            EventPlace::Transaction(place) => write!(f, "{place}"),
        }
    }
}

impl EventId {
    /// Reads an id; `None` where it is not one.
    #[must_use]
    pub fn parse(id: &str) -> Option<EventId> {
        let rest = id.strip_prefix(EVENT_PREFIX)?;
        let (rest, place) = rest.rsplit_once('_')?;
        let (account, seq) = rest.rsplit_once('_')?;
        let parsed = EventId {
            account: format!("{ACCOUNT_PREFIX}{account}"),
            seq: seq.parse().ok()?,
            place: EventPlace::parse(place)?,
        };
        check("id", id).ok()?;
        (parsed.to_string() == id).then_some(parsed)
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let account = self
            .account
            .strip_prefix(ACCOUNT_PREFIX)
            .unwrap_or(&self.account);
        write!(f, "{EVENT_PREFIX}{account}_{}_{}", self.seq, self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_one_spelling() {
        for id in ["evt_a_1_0", "evt_a_b_12_c0", "evt_1_2_c3", "evt_a_1_s0"] {
            let parsed = EventId::parse(id).map(|parsed| parsed.to_string());
            assert_eq!(parsed.as_deref(), Some(id));
        }
        for wrong in [
            "evt_a_1",
            "evt_a_01_0",
            "evt_a_1_+0",
            "evt_a_1_change",
            "evt_a_1_c+1",
            "evt_a_1_c01",
            "ptx_a_1_0",
            "evt_a#b_1_0",
            "evt__",
            "evt_sample_06evvqkf1qen31ac7pf1mm4j6c",
        ] {
            assert_eq!(EventId::parse(wrong), None, "{wrong}");
        }
    }
}
