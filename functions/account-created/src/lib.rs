//! The welcome bonus. Accounts that Laurel creates have it already when their event comes round, and
//! the repeat adds nothing; what this function adds is the bonus of accounts that others announce.

use laurel_host::{Apply, Only};
use laurel_rules::event::ACCOUNT_CREATED;

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[ACCOUNT_CREATED];

/// Passes on to `ledger` what belongs here.
pub fn handler(ledger: impl Apply + 'static) -> Only {
    Only::new(
        "account-created",
        |trigger| TRIGGERS.contains(&trigger),
        ledger,
    )
}
