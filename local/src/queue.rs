//! A queue between the bus and a function, as SQS is on AWS: batches, retries with back-off, and an
//! end to them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::BoxFuture;
use laurel_host::{DeadLetter, DeliveryQueue, QueuedDelivery, SendError};
use tokio::{sync::Notify, time::Instant};

use crate::{activity::Activity, dead_letters::DeadLetterList, template};

pub(crate) use kept::Kept;

mod kept;

/// The pause before a message comes again; it doubles each time. On AWS it is the visibility
/// time-out, minutes rather than moments: nobody waits for minutes at a laptop.
const BACKOFF: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// What works on the messages: answers which of a batch have failed.
pub type Consumer = Arc<dyn Fn(SqsEvent) -> BoxFuture<'static, SqsBatchResponse> + Send + Sync>;

/// Messages that wait for their function.
pub struct Queue {
    name: String,
    settings: template::Queue,
    waiting: Mutex<Waiting>,
    sent: Notify,
    activity: Activity,
    dead_letters: DeadLetterList,
    kept: Option<Kept>,
}

/// Messages in the order in which they become visible; among those of one instant, in that in
/// which they came.
#[derive(Debug, Default)]
struct Waiting {
    messages: BTreeMap<(Instant, u64), Message>,
    come: u64,
}

impl Waiting {
    fn push(&mut self, message: Message) {
        self.come += 1;
        let place = (message.visible_at, self.come);
        self.messages.insert(place, message);
    }

    /// The first one that is visible.
    fn pop(&mut self, now: Instant) -> Option<Message> {
        let first = self.messages.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// When there is one.
    fn next_at(&self) -> Option<Instant> {
        let ((visible_at, _), _) = self.messages.first_key_value()?;
        Some(*visible_at)
    }
}

#[derive(Debug, Clone)]
struct Message {
    id: String,
    body: String,
    receives: u32,
    visible_at: Instant,
    /// Whether nobody waits for it: what is due later is not on its way yet.
    is_later: bool,
}

impl DeliveryQueue for Queue {
    fn send(&self, messages: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        let sent = messages
            .into_iter()
            .try_for_each(|message| self.add(message.body, message.delay));
        let sent = sent.map_err(|error| SendError::new("the queue of deliveries", error));
        Box::pin(std::future::ready(sent))
    }
}

impl Queue {
    pub(crate) fn new(
        name: &str,
        settings: template::Queue,
        activity: Activity,
        dead_letters: DeadLetterList,
    ) -> Queue {
        Queue {
            name: name.to_owned(),
            settings,
            waiting: Mutex::default(),
            sent: Notify::new(),
            activity,
            dead_letters,
            kept: None,
        }
    }

    /// The same, keeping its messages in a file, from which it takes those of an earlier process.
    pub(crate) fn kept_in(self, kept: Kept) -> rusqlite::Result<Queue> {
        for message in kept.of(&self.name)? {
            self.push(message);
        }
        Ok(Queue {
            kept: Some(kept),
            ..self
        })
    }

    /// Adds a message.
    pub fn send(&self, body: String) {
        if let Err(error) = self.add(body, Duration::ZERO) {
            tracing::error!(queue = self.name, reason = %error, "a message was lost");
        }
    }

    /// Adds a message that nobody gets before `delay` has passed.
    fn add(&self, body: String, delay: Duration) -> rusqlite::Result<()> {
        let message = Message {
            id: uuid::Uuid::now_v7().to_string(),
            body,
            receives: 0,
            visible_at: Instant::now() + delay,
            is_later: !delay.is_zero(),
        };
        if let Some(kept) = &self.kept {
            kept.put(&self.name, &message)?;
        }
        self.push(message);
        Ok(())
    }

    fn push(&self, message: Message) {
        if !message.is_later {
            self.activity.begin();
        }
        self.lock().push(message);
        self.sent.notify_one();
    }

    /// It was worked on, and needs not come again.
    fn done_with(&self, message: &Message) {
        let forgotten = self
            .kept
            .as_ref()
            .map(|kept| kept.remove(&self.name, &message.id));
        if let Some(Err(error)) = forgotten {
            // It comes once more, which changes nothing.
            tracing::warn!(queue = self.name, reason = %error, "a message was not forgotten");
        }
        self.activity.end();
    }

    /// Hands messages to `consumer`, batch after batch, until the future is dropped. Several may
    /// run at a time.
    pub async fn run(&self, consumer: Consumer) {
        loop {
            let batch = self.receive().await;
            // Somebody else is to look after what is left while this one works.
            self.sent.notify_one();
            let mut event = SqsEvent::default();
            event.records = batch.iter().map(|message| self.record(message)).collect();
            // In a task of its own, so that a panic is a failed batch, not the end of the queue.
            let consumer = Arc::clone(&consumer);
            let answer = tokio::spawn(async move { consumer(event).await }).await;
            let failed: Option<HashSet<String>> = answer.ok().map(|answer| {
                answer
                    .batch_item_failures
                    .into_iter()
                    .map(|one| one.item_identifier)
                    .collect()
            });
            for message in batch {
                match &failed {
                    Some(failed) if !failed.contains(&message.id) => self.done_with(&message),
                    _ => self.failed(message),
                }
            }
        }
    }

    /// The next messages, at least one.
    async fn receive(&self) -> Vec<Message> {
        loop {
            let (batch, next_at) = self.take_visible();
            if !batch.is_empty() {
                return batch;
            }
            let next = async {
                match next_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.sent.notified() => {}
                () = next => {}
            }
        }
    }

    /// What can be received now, and otherwise when something can.
    fn take_visible(&self) -> (Vec<Message>, Option<Instant>) {
        let now = Instant::now();
        let mut waiting = self.lock();
        let mut batch = Vec::new();
        while batch.len() < self.settings.batch_size
            && let Some(mut message) = waiting.pop(now)
        {
            message.receives += 1;
            if std::mem::take(&mut message.is_later) {
                self.activity.begin();
            }
            batch.push(message);
        }
        (batch, waiting.next_at())
    }

    fn failed(&self, mut message: Message) {
        if message.receives < self.settings.max_receives {
            let doubled = BACKOFF * 2_u32.saturating_pow(message.receives - 1);
            message.visible_at = Instant::now() + doubled.min(BACKOFF_MAX);
            if let Some(kept) = &self.kept
                && let Err(error) = kept.put(&self.name, &message)
            {
                tracing::warn!(queue = self.name, reason = %error, "a failure was not noted");
            }
            self.lock().push(message);
            return;
        }
        let letter = DeadLetter {
            body: message.body.clone(),
            code: "receives_exhausted".to_owned(),
            reason: "The function failed each time, and did not say why.".to_owned(),
            received: message.receives,
            origin: message.id.clone(),
        };
        self.dead_letters.keep(&self.settings.function, letter);
        self.done_with(&message);
    }

    fn record(&self, message: &Message) -> SqsMessage {
        let count = (
            "ApproximateReceiveCount".to_owned(),
            message.receives.to_string(),
        );
        let mut record = SqsMessage::default();
        record.message_id = Some(message.id.clone());
        record.body = Some(message.body.clone());
        record.attributes = HashMap::from([count]);
        record.event_source = Some("aws:sqs".to_owned());
        record.event_source_arn = Some(format!("arn:aws:sqs:local:000000000000:{}", self.name));
        record
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
