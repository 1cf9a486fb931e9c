//! Every event type that no other function takes: a behaviour becomes rewardable by a rule that
//! names it, without a deployment.

use futures::future::BoxFuture;
use laurel_host::{Apply, Only};
use laurel_ledger::Error;
use laurel_rules::{
    Event, EventOutcome, Outcome,
    event::{
        ACCOUNT_CREATED, CUSTOMER_CREATED, INVOICE_PAID, Intent, PAYMENT_COMPLETED,
        PAYMENT_DISPUTED, PAYMENT_FAILED, PAYMENT_REFUNDED, REFERRAL_ATTRIBUTED,
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
    CUSTOMER_CREATED,
    REFERRAL_ATTRIBUTED,
];

/// Passes on to `ledger` what belongs here.
pub fn handler(ledger: impl Apply + 'static) -> Only {
    let is_its = |trigger: &str| !TAKEN_ELSEWHERE.contains(&trigger);
    Only::new("behavior", is_its, Unrewarded(ledger))
}

/// News that Laurel emitted itself must not be rewarded, even if a rule of the bus lets it
/// through; so it does not even reach the ledger.
struct Unrewarded<L>(L);

impl<L: Apply> Apply for Unrewarded<L> {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        if event.intent == Intent::Ignore {
            let ignored = EventOutcome::without_effect(Outcome::Ignored, None);
            return Box::pin(async move { Ok(ignored) });
        }
        self.0.apply(event)
    }
}
