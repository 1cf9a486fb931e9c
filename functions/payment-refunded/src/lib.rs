//! What takes back the points of a payment: refunds, and disputes that were lost.

use futures::future::BoxFuture;
use laurel_host::{Apply, misrouted};
use laurel_ledger::Error;
use laurel_rules::{
    Event, EventOutcome,
    event::{PAYMENT_DISPUTED, PAYMENT_REFUNDED},
};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[PAYMENT_REFUNDED, PAYMENT_DISPUTED];

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
                return Err(misrouted(event, "payment-refunded"));
            }
            self.ledger.apply(event).await
        })
    }
}
