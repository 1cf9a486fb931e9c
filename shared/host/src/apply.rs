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

/// A function in front of the ledger: it passes on events of its own types and refuses others,
/// which a rule of the bus has sent astray.
pub struct Only {
    function: &'static str,
    is_its: fn(&str) -> bool,
    ledger: Box<dyn Apply>,
}

impl Only {
    /// The function of this name, whose event types `is_its` knows.
    pub fn new(
        function: &'static str,
        is_its: fn(&str) -> bool,
        ledger: impl Apply + 'static,
    ) -> Only {
        Only {
            function,
            is_its,
            ledger: Box::new(ledger),
        }
    }
}

impl Apply for Only {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        if (self.is_its)(&event.trigger) {
            self.ledger.apply(event)
        } else {
            Box::pin(async move { Err(misrouted(event, self.function)) })
        }
    }
}

fn misrouted(event: &Event, function: &str) -> Error {
    let message = format!(
        "`{function}` does not handle events of the type `{}`; check the event pattern of its \
         rule.",
        event.trigger
    );
    Error::Refused(Refusal::new(Code::ParameterInvalid, message).at("detail-type"))
}
