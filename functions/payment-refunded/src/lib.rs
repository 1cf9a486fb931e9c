//! What takes back the points of a payment: refunds, and disputes that were lost.

use laurel_host::{Apply, Only};
use laurel_rules::event::{PAYMENT_DISPUTED, PAYMENT_REFUNDED};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[PAYMENT_REFUNDED, PAYMENT_DISPUTED];

/// Passes on to `ledger` what belongs here.
pub fn handler(ledger: impl Apply + 'static) -> Only {
    Only::new(
        "payment-refunded",
        |trigger| TRIGGERS.contains(&trigger),
        ledger,
    )
}
