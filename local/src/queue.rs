//! A queue between the bus and a function, as SQS is on AWS: batches, retries with back-off, and an
//! end to them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::BoxFuture;
use laurel_host::{DeadLetter, DeliveryQueue, QueuedDelivery, SendError};
use tokio::{sync::Notify, time::Instant};

use crate::{activity::Activity, dead_letters::DeadLetterList, template};

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
    waiting: Mutex<VecDeque<Message>>,
    sent: Notify,
    activity: Activity,
    dead_letters: DeadLetterList,
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
        for message in messages {
            self.send_later(message.body, message.delay);
        }
        Box::pin(std::future::ready(Ok(())))
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
        }
    }

    /// Adds a message.
    pub fn send(&self, body: String) {
        self.send_later(body, Duration::ZERO);
    }

    /// Adds a message that nobody gets before `delay` has passed.
    pub fn send_later(&self, body: String, delay: Duration) {
        let is_later = !delay.is_zero();
        if !is_later {
            self.activity.begin();
        }
        let id = uuid::Uuid::now_v7().to_string();
        self.lock().push_back(Message {
            id,
            body,
            receives: 0,
            visible_at: Instant::now() + delay,
            is_later,
        });
        self.sent.notify_one();
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
                    Some(failed) if !failed.contains(&message.id) => self.activity.end(),
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
        let mut later = VecDeque::new();
        while let Some(mut message) = waiting.pop_front() {
            if message.visible_at <= now && batch.len() < self.settings.batch_size {
                message.receives += 1;
                if std::mem::take(&mut message.is_later) {
                    self.activity.begin();
                }
                batch.push(message);
            } else {
                later.push_back(message);
            }
        }
        *waiting = later;
        (
            batch,
            waiting.iter().map(|message| message.visible_at).min(),
        )
    }

    fn failed(&self, mut message: Message) {
        if message.receives < self.settings.max_receives {
            let doubled = BACKOFF * 2_u32.saturating_pow(message.receives - 1);
            message.visible_at = Instant::now() + doubled.min(BACKOFF_MAX);
            self.lock().push_back(message);
            return;
        }
        let letter = DeadLetter {
            body: message.body,
            code: "receives_exhausted".to_owned(),
            reason: "The function failed each time, and did not say why.".to_owned(),
            received: message.receives,
            origin: message.id,
        };
        self.dead_letters.keep(&self.settings.function, letter);
        self.activity.end();
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

    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the function got: (body, which receipt).
    type Seen = Arc<Mutex<Vec<(String, u32)>>>;

    struct Setup {
        queue: Arc<Queue>,
        activity: Activity,
        dead: DeadLetterList,
        seen: Seen,
        sizes: Arc<Mutex<Vec<usize>>>,
    }

    impl Setup {
        /// A queue whose function fails as long as `fails` says so.
        fn new(fails: fn(&str, u32) -> bool) -> Setup {
            let settings = template::Queue {
                function: "behavior".to_owned(),
                batch_size: 10,
                max_receives: 3,
                concurrency: 1,
            };
            let (activity, dead) = (Activity::default(), DeadLetterList::default());
            let queue = Arc::new(Queue::new(
                "Behavior",
                settings,
                activity.clone(),
                dead.clone(),
            ));
            let seen = Seen::default();
            let sizes = Arc::new(Mutex::new(Vec::new()));
            let (log, batches) = (Arc::clone(&seen), Arc::clone(&sizes));
            let consumer: Consumer = Arc::new(move |event: SqsEvent| {
                batches.lock().unwrap().push(event.records.len());
                let mut answer = SqsBatchResponse::default();
                for record in event.records {
                    let body = record.body.unwrap();
                    let received = record.attributes["ApproximateReceiveCount"]
                        .parse()
                        .unwrap();
                    log.lock().unwrap().push((body.clone(), received));
                    assert_ne!(body, "panic", "as asked");
                    if fails(&body, received) {
                        answer.add_failure(record.message_id.unwrap());
                    }
                }
                Box::pin(async move { answer })
            });
            let runner = Arc::clone(&queue);
            tokio::spawn(async move { runner.run(consumer).await });
            Setup {
                queue,
                activity,
                dead,
                seen,
                sizes,
            }
        }

        fn received(&self, body: &str) -> Vec<u32> {
            let seen = self.seen.lock().unwrap();
            seen.iter()
                .filter(|(seen, _)| seen == body)
                .map(|(_, count)| *count)
                .collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn messages_come_in_batches_of_ten() {
        let setup = Setup::new(|_, _| false);
        for number in 0..25 {
            setup.queue.send(number.to_string());
        }
        setup.activity.idle().await;
        assert_eq!(*setup.sizes.lock().unwrap(), [10, 10, 5]);
        assert_eq!(setup.dead.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_failed_comes_again() {
        let setup = Setup::new(|body, received| body == "bad" && received < 3);
        let begun = Instant::now();
        setup.queue.send("good".to_owned());
        setup.queue.send("bad".to_owned());
        setup.activity.idle().await;
        assert_eq!(setup.received("good"), [1]);
        assert_eq!(setup.received("bad"), [1, 2, 3]);
        assert_eq!(begun.elapsed().as_millis() / 100, 3, "100 ms, then 200 ms");
        assert_eq!(setup.dead.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_holds_nobody_up() {
        let setup = Setup::new(|body, _| body == "bad");
        setup.queue.send("bad".to_owned());
        tokio::time::sleep(Duration::from_millis(10)).await;
        setup.queue.send("good".to_owned());
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(setup.received("good"), [1]);
        assert_eq!(setup.received("bad"), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_due_later_comes_later_and_is_waited_for_by_nobody() {
        let setup = Setup::new(|_, _| false);
        setup
            .queue
            .send_later("later".to_owned(), Duration::from_secs(60));
        setup
            .queue
            .send_later("soon".to_owned(), Duration::from_secs(5));
        setup.activity.idle().await;
        assert!(setup.received("later").is_empty());
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(
            (setup.received("soon").len(), setup.received("later").len()),
            (1, 0)
        );
        tokio::time::sleep(Duration::from_secs(60)).await;
        setup.activity.idle().await;
        assert_eq!(setup.received("later"), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_for_good_is_a_dead_letter() {
        let setup = Setup::new(|body, _| body == "bad");
        setup.queue.send("bad".to_owned());
        setup.activity.idle().await;
        assert_eq!(setup.received("bad"), [1, 2, 3]);
        let dead = setup.dead.all();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].function, "behavior");
        assert_eq!(dead[0].letter.body, "bad");
        assert_eq!(dead[0].letter.received, 3);
        assert_eq!(dead[0].letter.code, "receives_exhausted");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_ends_the_batch_and_not_the_queue() {
        let setup = Setup::new(|_, _| false);
        setup.queue.send("panic".to_owned());
        setup.activity.idle().await;
        setup.queue.send("good".to_owned());
        setup.activity.idle().await;
        assert_eq!(setup.received("panic"), [1, 2, 3]);
        assert_eq!(setup.received("good"), [1]);
        assert_eq!(setup.dead.count(), 1);
    }
}
