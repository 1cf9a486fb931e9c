//! What earns like a payment: completed payments and paid invoices. A failed payment comes here too,
//! so that it is acknowledged instead of being taken for a behaviour.

use laurel_host::{Apply, Only};
use laurel_rules::event::{INVOICE_PAID, PAYMENT_COMPLETED, PAYMENT_FAILED};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[PAYMENT_COMPLETED, PAYMENT_FAILED, INVOICE_PAID];

/// Passes on to `ledger` what belongs here.
pub fn handler(ledger: impl Apply + 'static) -> Only {
    Only::new(
        "payment-completed",
        |trigger| TRIGGERS.contains(&trigger),
        ledger,
    )
}
