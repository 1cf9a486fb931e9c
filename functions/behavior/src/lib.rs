//! Every event type that no other function takes: a behaviour becomes rewardable by a rule that
//! names it, without a deployment.

use futures::future::BoxFuture;
use laurel_host::{Apply, misrouted};
use laurel_ledger::Error;
use laurel_rules::{
    Event, EventOutcome, Outcome,
    event::{
        ACCOUNT_CREATED, INVOICE_PAID, Intent, PAYMENT_COMPLETED, PAYMENT_DISPUTED, PAYMENT_FAILED,
        PAYMENT_REFUNDED,
    },
};

/// The event types that other functions take; all others come here.
pub const TAKEN_ELSEWHERE: &[&str] = &[
    PAYMENT_COMPLETED,
    PAYMENT_FAILED,
    INVOICE_PAID,
    PAYMENT_REFUNDED,
    PAYMENT_DISPUTED,
    ACCOUNT_CREATED,
];

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
            if TAKEN_ELSEWHERE.contains(&event.trigger.as_str()) {
                return Err(misrouted(event, "behavior"));
            }
            // News that Laurel emitted itself must not be rewarded, even if a rule of the bus lets
            // it through; so it does not even reach the ledger.
            if event.intent == Intent::Ignore {
                return Ok(EventOutcome::without_effect(Outcome::Ignored, None));
            }
            self.ledger.apply(event).await
        })
    }
}
