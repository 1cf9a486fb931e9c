//! Which identifiers are allowed, and how ledger ids are spelt.
//!
//! Ids reach DynamoDB keys, so they are checked once, at the edge: a caller can neither build a
//! key of another kind (`#` separates key parts) nor store an unbounded one.

use crate::{Code, Refusal};

/// The longest id that is taken from outside, in bytes.
pub const ID_LEN_MAX: usize = 200;

/// The prefix of account ids.
pub const ACCOUNT_PREFIX: &str = "loy_";
/// The prefix of transaction ids.
pub const TRANSACTION_PREFIX: &str = "ptx_";
/// The program that a fresh deployment has, and that events without one belong to.
pub const DEFAULT_PROGRAM: &str = "prog_default";

/// Checks an id that comes from outside: 1–200 ASCII letters, digits, and `_ - . : @ / + = ~ |`.
///
/// # Errors
/// `parameter_invalid` at `param`.
pub fn check<'a>(param: &str, id: &'a str) -> Result<&'a str, Refusal> {
    if id.is_empty() {
        return Err(Refusal::invalid(
            param,
            format!("`{param}` must not be empty."),
        ));
    }
    if id.len() > ID_LEN_MAX {
        return Err(Refusal::invalid(
            param,
            format!("`{param}` must be at most {ID_LEN_MAX} characters long."),
        ));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.:@/+=~|".contains(&b);
    if !id.bytes().all(allowed) {
        return Err(Refusal::invalid(
            param,
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
        let rest = id.strip_prefix(TRANSACTION_PREFIX)?;
        let (rest, place) = rest.rsplit_once('_')?;
        let (account, seq) = rest.rsplit_once('_')?;
        let parsed = TransactionId {
            account: format!("{ACCOUNT_PREFIX}{account}"),
            seq: seq.parse().ok()?,
            place: place.parse().ok()?,
        };
        check("id", id).ok()?;
        // One spelling per transaction: `_01_0` is not `_1_0`.
        (parsed.to_string() == id).then_some(parsed)
    }
}

impl std::fmt::Display for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let account = self
            .account
            .strip_prefix(ACCOUNT_PREFIX)
            .unwrap_or(&self.account);
        write!(
            f,
            "{TRANSACTION_PREFIX}{account}_{}_{}",
            self.seq, self.place
        )
    }
}
