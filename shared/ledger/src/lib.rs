//! The ledger: one DynamoDB table, and the only code that writes to it.
//!
//! Every write goes through one loop (`commit.rs`): load a snapshot, let [`laurel_rules`] decide,
//! commit the decision as one conditional transaction whose conditions are the facts that the
//! decision relied on; when one of them has moved on, begin again. [`table`] names the keys,
//! [`item`] the spelling of items.

mod accounts;
mod adjustments;
mod catalogs;
mod clock;
mod commit;
mod error;
mod events;
pub mod item;
mod page;
mod programs;
mod retry;
mod rules;
mod store;
pub mod table;
mod transactions;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

pub use accounts::{AccountFilter, AccountView};
pub use adjustments::AdjustmentRequest;
pub use clock::{Clock, SystemClock};
pub use error::Error;
pub use page::{Page, PageRequest};
pub use rules::RuleFilter;
pub use transactions::{TimeRange, TransactionFilter, TransactionStatus, TransactionView};

use catalogs::Catalogs;
use store::Store;

/// The ledger on one table. Clones share its connections and its cache of catalogs.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Store,
    clock: Arc<dyn Clock>,
    catalogs: Arc<Catalogs>,
}

impl Ledger {
    /// A ledger on `table`.
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>) -> Ledger {
        Ledger {
            store: Store::new(client, table.into()),
            clock,
            catalogs: Arc::new(Catalogs::default()),
        }
    }

    /// Now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id that sorts by time: `prefix` and 26 characters.
    #[must_use]
    pub fn new_id(&self, prefix: &str) -> String {
        format!("{prefix}{}", base32(uuid::Uuid::now_v7().as_u128()))
    }
}

/// 128 bits in Crockford's base 32, as TypeIDs spell them
/// (<https://github.com/jetify-com/typeid/tree/main/spec>): 26 lower-case characters that sort as
/// the number does.
fn base32(number: u128) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..26)
        .rev()
        .map(|digit| {
            let index = usize::try_from((number >> (digit * 5)) & 31).unwrap_or(0);
            char::from(ALPHABET[index])
        })
        .collect()
}
