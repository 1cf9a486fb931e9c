//! The welcome bonus. Accounts that Laurel creates have it already when their event comes round, and
//! the repeat adds nothing; what this function adds is the bonus of accounts that others announce.

use futures::future::BoxFuture;
use laurel_host::{Apply, misrouted};
use laurel_ledger::Error;
use laurel_rules::{Event, EventOutcome, event::ACCOUNT_CREATED};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[ACCOUNT_CREATED];

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
                return Err(misrouted(event, "account-created"));
            }
            self.ledger.apply(event).await
        })
    }
}
