//! The functions that ship, as the local stack runs them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use laurel_host::Apply;
use laurel_ledger::{Error, Ledger};
use laurel_rules::{Event, EventOutcome};

/// The handler of the function whose package has this name, which is its name in the template.
#[must_use]
pub fn handler(package: &str, ledger: &Ledger) -> Option<Arc<dyn Apply>> {
    let ledger = ledger.clone();
    Some(match package {
        "account-created" => Arc::new(account_created::handler(ledger)),
        "behavior" => Arc::new(behavior::handler(ledger)),
        "payment-completed" => Arc::new(payment_completed::handler(ledger)),
        "payment-refunded" => Arc::new(payment_refunded::handler(ledger)),
        "referral-attributed" => Arc::new(referral_attributed::handler(ledger)),
        _ => return None,
    })
}

/// How many handled events are remembered.
const HANDLED_MAX: usize = 1000;

/// What the functions did with the events from the bus. Clones are the same journal.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    handled: Arc<Mutex<VecDeque<Handled>>>,
}

/// One event that a function handled.
#[derive(Debug, Clone)]
pub struct Handled {
    /// The event.
    pub event: Event,
    /// What came of it, or in words why nothing did.
    pub result: Result<EventOutcome, String>,
}

impl Journal {
    /// What was handled since the last call, of the latest thousand.
    #[must_use]
    pub fn take(&self) -> Vec<Handled> {
        self.handled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }

    /// The same handler, writing down what it does.
    pub(crate) fn watch(&self, handler: Arc<dyn Apply>) -> Arc<dyn Apply> {
        Arc::new(Watched {
            handler,
            journal: self.clone(),
        })
    }

    fn add(&self, handled: Handled) {
        let mut all = self.handled.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == HANDLED_MAX {
            all.pop_front();
        }
        all.push_back(handled);
    }
}

struct Watched {
    handler: Arc<dyn Apply>,
    journal: Journal,
}

impl Apply for Watched {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        Box::pin(async move {
            let result = self.handler.apply(event).await;
            let told = match &result {
                Ok(outcome) => Ok(outcome.clone()),
                Err(error) => Err(laurel_host::chain(error)),
            };
            self.journal.add(Handled {
                event: event.clone(),
                result: told,
            });
            result
        })
    }
}
