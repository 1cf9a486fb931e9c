//! What a function does with an event.

use futures::future::BoxFuture;
use laurel_ledger::{Error, Ledger};
use laurel_rules::{Code, Event, EventOutcome, Refusal};

/// Brings an event to effect: the ledger, a function in front of it, or a stand-in in tests (any
/// closure of the right form will do).
pub trait Apply: Send + Sync {
    /// Brings `event` to effect. A repeat has no further effect; dropping the future half-way
    /// leaves all of the effect or none.
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>>;
}

impl Apply for Ledger {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        Box::pin(Ledger::apply(self, event))
    }
}

impl<F, Answer> Apply for F
where
    F: Fn(Event) -> Answer + Send + Sync,
    Answer: Future<Output = Result<EventOutcome, Error>> + Send,
{
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        Box::pin(async move { self(event.clone()).await })
    }
}

/// The refusal of an event that came to a function which does not handle its type.
#[must_use]
pub fn misrouted(event: &Event, function: &str) -> Error {
    let message = format!(
        "`{function}` does not handle events of the type `{}`; check the event pattern of its \
         rule.",
        event.trigger
    );
    Error::Refused(Refusal::new(Code::ParameterInvalid, message).at("detail-type"))
}
