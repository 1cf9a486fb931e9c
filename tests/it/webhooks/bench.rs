//! The function `deliveries` on an embedded table, with a clock that is set by hand and a queue
//! that waits for nobody.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{ApiKey, AppState};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use deliveries::{Deliveries, Http, SystemResolver};
use futures::future::BoxFuture;
use jiff::SignedDuration;
use laurel_host::{
    Bus, BusEvent, DELAY_MAX, DeadLetter, DeadLetters, DeliveryQueue, Mode, QueuedDelivery,
    SendError,
};
use laurel_ledger::Clock;
use laurel_rules::Entry;
use laurel_tests::{World, payment};
use laurel_webhooks::target::Policy;
use outbox::{Image, Outbox, Record, Webhooks};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const SANDBOX: Policy = Policy {
    loopback: true,
    forbidden: None,
};

/// Keeps what it is given.
#[derive(Default)]
pub(crate) struct Orders(pub(crate) Mutex<VecDeque<QueuedDelivery>>);

impl DeliveryQueue for Orders {
    fn send(&self, messages: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        assert!(messages.len() <= 10);
        assert!(messages.iter().all(|message| message.delay <= DELAY_MAX));
        self.0.lock().expect("a lock").extend(messages);
        Box::pin(async { Ok(()) })
    }
}

#[derive(Default)]
pub(crate) struct Letters(pub(crate) Mutex<Vec<DeadLetter>>);

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.lock().expect("a lock").push(letter);
        Box::pin(async { Ok(()) })
    }
}

struct DeafBus;

impl Bus for DeafBus {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        let taken = events.iter().map(|_| Ok(())).collect();
        Box::pin(async { Ok(taken) })
    }
}

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) orders: Arc<Orders>,
    pub(crate) letters: Arc<Letters>,
    pub(crate) sender: Deliveries,
    pub(crate) outbox: Outbox,
    router: Router,
}

impl Bench {
    pub(crate) async fn new() -> Bench {
        let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
        let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
        let (orders, letters) = (Arc::new(Orders::default()), Arc::new(Letters::default()));
        let http = Http::new(SANDBOX, Arc::new(SystemResolver)).expect("a client");
        let sender = Deliveries::new(world.ledger.clone(), orders.clone(), Arc::new(http))
            .with_dead_letters(letters.clone());
        let webhooks = Webhooks::new(world.ledger.clone(), orders.clone());
        let outbox = Outbox::new(Arc::new(DeafBus)).with_webhooks(webhooks);
        let key = ApiKey::new("sk_test_local");
        let state = AppState::new(world.ledger.clone(), Arc::new(DeafBus), key, Mode::Sandbox)
            .with_webhooks(orders.clone(), SANDBOX);
        Bench {
            world,
            orders,
            letters,
            sender,
            outbox,
            router: api::router(state),
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", "sk_test_local")
            .header(header::CONTENT_TYPE, "application/json")
            .body(match body {
                Value::Null => Body::empty(),
                body => Body::from(body.to_string()),
            })
            .expect("a request");
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX)
            .await
            .expect("a body");
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.call("POST", path, body).await;
        assert!((200..300).contains(&status), "{path}: {value}");
        value
    }

    /// Creates an endpoint; answers its id and its secret.
    pub(crate) async fn endpoint(&self, url: &str) -> (String, String) {
        let endpoint = self
            .post("/v1/webhook_endpoints", json!({"url": url}))
            .await;
        let text = |name: &str| endpoint[name].as_str().expect("text").to_owned();
        (text("id"), text("secret"))
    }

    /// A customer pays, and what that made is announced; the entries of it.
    pub(crate) async fn pay(&self, id: &str, customer: &str) -> Vec<Entry> {
        let before = match self.world.find_member(customer).await {
            Some(member) => self.entries(&member.account.id).await.len(),
            None => 0,
        };
        self.world
            .apply(payment(id, customer, 1000))
            .await
            .expect("is handled");
        let account = self.world.member(customer).await.account.id;
        let mut entries = self.entries(&account).await;
        let new = entries.split_off(before);
        self.announce(&new).await;
        new
    }

    async fn entries(&self, account: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for view in self.world.log(account).await {
            if entries.last().is_none_or(|last| last.seq != view.entry.seq) {
                entries.push((*view.entry).clone());
            }
        }
        entries
    }

    pub(crate) async fn announce(&self, entries: &[Entry]) {
        let records = entries.iter().map(|entry| Record {
            sequence_number: entry.seq.to_string(),
            image: Image::Entry(Box::new(entry.clone())),
        });
        let published = self.outbox.publish(records.collect()).await;
        assert_eq!(published.failed_from, None);
    }

    /// Takes the message that is due first, and lets time pass until then.
    pub(crate) fn next(&self) -> Option<QueuedDelivery> {
        let mut orders = self.orders.0.lock().expect("a lock");
        let place = (0..orders.len()).min_by_key(|place| orders[*place].delay)?;
        let message = orders.remove(place)?;
        for other in orders.iter_mut() {
            other.delay = other.delay.saturating_sub(message.delay);
        }
        drop(orders);
        self.pass(message.delay);
        Some(message)
    }

    pub(crate) fn pass(&self, time: Duration) {
        let time = SignedDuration::try_from(time).expect("a duration");
        let now = self.world.clock.now();
        self.world.clock.set(now.checked_add(time).expect("a time"));
    }

    pub(crate) fn waiting(&self) -> usize {
        self.orders.0.lock().expect("a lock").len()
    }

    /// Carries out one message; whether it need not come again.
    pub(crate) async fn carry_out(&self, message: &QueuedDelivery) -> bool {
        let mut record = SqsMessage::default();
        record.message_id = Some("m1".to_owned());
        record.body = Some(message.body.clone());
        let mut event = SqsEvent::default();
        event.records.push(record);
        self.sender
            .batch(event)
            .await
            .batch_item_failures
            .is_empty()
    }

    /// Carries out the next message; whether there was one.
    pub(crate) async fn step(&self) -> bool {
        let Some(message) = self.next() else {
            return false;
        };
        assert!(self.carry_out(&message).await);
        true
    }

    /// The deliveries to an endpoint.
    pub(crate) async fn deliveries(&self, endpoint: &str) -> Vec<Value> {
        let list = self
            .get(&format!("/v1/webhook_endpoints/{endpoint}/deliveries"))
            .await;
        list["data"].as_array().expect("a list").clone()
    }
}
