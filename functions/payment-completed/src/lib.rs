//! What earns like a payment: completed payments and paid invoices. A failed payment comes here too,
//! so that it is acknowledged instead of being taken for a behaviour.

use futures::future::BoxFuture;
use laurel_host::{Apply, misrouted};
use laurel_ledger::Error;
use laurel_rules::{
    Event, EventOutcome,
    event::{INVOICE_PAID, PAYMENT_COMPLETED, PAYMENT_FAILED},
};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[PAYMENT_COMPLETED, PAYMENT_FAILED, INVOICE_PAID];

/// Passes on what belongs here.
pub struct Handler {
    ledger: Box<dyn Apply>,
}

impl Handler {
    /// A handler in front of `ledger`.
    pub fn new(ledger: impl Apply + 'static) -> Handler {
        Handler {
            ledger: Box::new(ledger),
        }
    }
}

impl Apply for Handler {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        Box::pin(async move {
            if !TRIGGERS.contains(&event.trigger.as_str()) {
                return Err(misrouted(event, "payment-completed"));
            }
            self.ledger.apply(event).await
        })
    }
}
