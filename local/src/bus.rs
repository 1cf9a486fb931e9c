//! The event bus: hands each event to the queues whose rule in the template matches it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use jiff::{Timestamp, Unit};
use laurel_host::{Bus, BusEvent, SendError};
use serde_json::{Value, json};

use crate::{queue::Queue, template::Template};

/// How many of the latest events are kept to look at.
const SEEN_MAX: usize = 1000;

/// The bus of the local stack.
pub struct LocalBus {
    template: Arc<Template>,
    queues: BTreeMap<String, Arc<Queue>>,
    seen: Mutex<VecDeque<Value>>,
}

impl LocalBus {
    pub(crate) fn new(template: Arc<Template>, queues: BTreeMap<String, Arc<Queue>>) -> LocalBus {
        LocalBus {
            template,
            queues,
            seen: Mutex::default(),
        }
    }

    /// Puts an EventBridge envelope on the bus, as it stands in `events/`. Answers how many
    /// queues took it.
    pub fn publish(&self, envelope: Value) -> usize {
        let mut taken = 0;
        for name in self.template.queues_for(&envelope) {
            if let Some(queue) = self.queues.get(name) {
                queue.send(envelope.to_string());
                taken += 1;
            }
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() == SEEN_MAX {
            seen.pop_front();
        }
        seen.push_back(envelope);
        taken
    }

    /// The latest events, the newest last.
    #[must_use]
    pub fn seen(&self) -> Vec<Value> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}

impl Bus for LocalBus {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        let answers = events.into_iter().map(|event| {
            self.publish(envelope(event));
            Ok(())
        });
        Box::pin(std::future::ready(Ok(answers.collect())))
    }
}

/// What EventBridge makes of an event: an id of its own, and the time without fractions.
fn envelope(event: BusEvent) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": event.detail_type,
        "source": event.source,
        "account": "000000000000",
        "time": whole_seconds(event.time).to_string(),
        "region": "local",
        "resources": [],
        "detail": event.detail,
    })
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    let round = jiff::TimestampRound::new()
        .smallest(Unit::Second)
        .mode(jiff::RoundMode::Floor);
    time.round(round).unwrap_or(time)
}
