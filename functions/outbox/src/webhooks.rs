//! Notes of emitted events, and orders to deliver them.

use std::sync::Arc;

use futures::future::BoxFuture;
use laurel_events::Outgoing;
use laurel_host::{DeliveryQueue, chain, order};
use laurel_ledger::{Endpoints, Ledger};
use laurel_webhooks::Message;

/// Notes events and orders their deliveries.
#[derive(Clone)]
pub struct Webhooks {
    ledger: Ledger,
    queue: Arc<dyn DeliveryQueue>,
    endpoints: Endpoints,
}

impl Webhooks {
    /// Notes in `ledger`, orders from `queue`.
    pub fn new(ledger: Ledger, queue: Arc<dyn DeliveryQueue>) -> Webhooks {
        Webhooks {
            ledger,
            queue,
            endpoints: Endpoints::default(),
        }
    }

    /// Notes `events` and orders their deliveries; where it fails, why. To do so again makes no
    /// second note, and no delivery where there is one.
    ///
    /// Boxed: what the compiler would otherwise lay out as one future is too deep for it.
    pub(crate) fn announce<'a>(
        &'a self,
        events: &'a [Outgoing],
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.announce_all(events))
    }

    async fn announce_all(&self, events: &[Outgoing]) -> Result<(), String> {
        let noted = self.ledger.note_emitted(events).await;
        noted.map_err(|error| chain(&error))?;
        let endpoints = self.endpoints.current(&self.ledger).await;
        let endpoints = endpoints.map_err(|error| chain(&error))?;
        let now = self.ledger.now();
        let mut messages = Vec::new();
        for event in events {
            let Outgoing {
                id,
                event_type,
                program,
                created,
                ..
            } = event;
            let wanting = endpoints
                .iter()
                .filter(|endpoint| endpoint.wants(event_type, program));
            messages.extend(wanting.map(|endpoint| {
                Message::first(&endpoint.id, id, event_type, program, *created, now)
            }));
        }
        let ordered = order(self.queue.as_ref(), &messages, now).await;
        ordered.map_err(|error| chain(&error))
    }
}
