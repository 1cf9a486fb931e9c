//! The machine room of a history: a store with a stream, a clock that stands still until it is
//! told, processes that run the handlers that ship, and the bus and queues around them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use api::{ApiKey, AppState};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use axum::{Router, body::Body, http::Request};
use clock::Clock;
use deliveries::Deliveries;
use futures::future::BoxFuture;
use landing::Landing;
use laurel::{
    embedded::Embedded,
    functions,
    stack::TABLE,
    template::{TEMPLATE, Template},
};
use laurel_host::{Adapter, Apply, Bus, BusEvent, DeadLetter, DeadLetters, Mode, SendError};
use laurel_ledger::{Error, Ledger, table::create_table};
use laurel_rules::{Event, EventOutcome};
use laurel_tests::{ManualClock, World, at};
use laurel_webhooks::target::Policy;
use liability::Counting;
use outbox::{Outbox, Webhooks};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    chance::SeededChance,
    deliveries::{Orders, Receiver},
    weather,
};

/// The API key of the stack itself.
pub(crate) const ROOT_KEY: &str = "sk_live_of_the_simulation";
/// After so many receives a queue gives a message up. Faults last for two attempts, so that some
/// messages are given up and sent again.
const RECEIVES_MAX: u32 = 2;
/// More visits a minute than any history has, so that they are counted and all are let in.
const VISITS_MAX: u32 = 10_000;

/// All of it.
pub(crate) struct Room {
    /// Store, clock and a ledger to look with.
    pub(crate) base: World,
    chance: Arc<SeededChance>,
    pub(crate) bus: Arc<SeenBus>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) receiver: Arc<Receiver>,
}

/// What one process has in its memory.
pub(crate) struct Process {
    pub(crate) ledger: Ledger,
    /// Made when the first request comes: most processes get none.
    router: OnceLock<Router>,
    state: AppState,
    pub(crate) outbox: Outbox,
    pub(crate) counting: Counting,
    pub(crate) deliveries: Deliveries,
    pub(crate) clock: Clock,
    landing: Router,
    time: Arc<ManualClock>,
}

/// What the page behind a shared link answers.
pub(crate) struct Visit {
    pub(crate) status: u16,
    /// The click that the visitor's browser remembers.
    pub(crate) click: Option<String>,
}

impl Room {
    pub(crate) async fn new(seed: u64) -> Room {
        let store = Embedded::memory().expect("a store in memory");
        create_table(&store.client(), TABLE, true)
            .await
            .expect("a new table");
        let clock = Arc::new(ManualClock::showing(at("2025-01-01T00:00:00Z")));
        let chance = Arc::new(SeededChance::new(seed, Arc::clone(&clock)));
        let ledger = Ledger::new(store.client(), TABLE, Arc::clone(&clock) as _);
        let ledger = ledger.with_chance(Arc::clone(&chance) as _);
        weather::expose(&store);
        Room {
            base: World {
                store,
                clock,
                ledger,
            },
            chance,
            bus: Arc::default(),
            orders: Arc::default(),
            receiver: Arc::default(),
        }
    }

    /// A process that knows nothing yet.
    pub(crate) fn process(&self) -> Process {
        let ledger = self.base.another_ledger();
        let ledger = ledger.with_chance(Arc::clone(&self.chance) as _);
        let (bus, orders) = (Arc::clone(&self.bus), Arc::clone(&self.orders));
        let receiver = Arc::clone(&self.receiver);
        let queue = Arc::clone(&orders);
        let state = AppState::new(
            ledger.clone(),
            Arc::clone(&bus) as _,
            ApiKey::new(ROOT_KEY),
            Mode::Live,
        )
        .with_webhooks(Arc::clone(&orders) as _, Policy::default());
        Process {
            router: OnceLock::new(),
            state,
            outbox: Outbox::new(bus)
                .with_webhooks(Webhooks::new(ledger.clone(), orders))
                .with_dead_letters(Arc::new(Letters)),
            counting: Counting::new(ledger.clone()).with_dead_letters(Arc::new(Letters)),
            // A history jumps over days in which an endpoint would be tried many times: that its
            // attempts before and after have failed is no reason to disable it.
            deliveries: Deliveries::new(ledger.clone(), queue, receiver)
                .disabling_after_days(i64::from(u16::MAX))
                .with_dead_letters(Arc::new(Letters)),
            clock: Clock::new(ledger.clone()),
            landing: landing::router(Landing::new(ledger.clone(), VISITS_MAX)),
            ledger,
            time: Arc::clone(&self.base.clock),
        }
    }
}

impl Process {
    /// Hands a batch to the function of this package.
    pub(crate) async fn take(&self, package: &str, messages: &[Message]) -> SqsBatchResponse {
        let handler = functions::handler(package, &self.ledger).expect("a known function");
        let handler: Arc<dyn Apply> = Arc::new(Watched(handler));
        let adapter = Adapter::new(handler, Arc::clone(&self.time) as _)
            .with_dead_letters(Arc::new(Letters))
            .with_receives_max(RECEIVES_MAX);
        let mut batch = SqsEvent::default();
        for message in messages {
            let mut record = SqsMessage::default();
            record.message_id = Some(message.id.clone());
            record.body = Some(message.body.clone());
            let received = message.received.to_string();
            let count = "ApproximateReceiveCount".to_owned();
            record.attributes.insert(count, received);
            batch.records.push(record);
        }
        adapter.batch(batch).await
    }

    /// Answers a request: the status, and the body as JSON.
    pub(crate) async fn answer(&self, call: &Call) -> (u16, Value) {
        let request = Request::builder()
            .method(call.method)
            .uri(&call.path)
            .header("authorization", format!("Bearer {}", call.api_key))
            .header("content-type", "application/json")
            .header("idempotency-key", &call.name);
        let body = match &call.body {
            Some(body) => Body::from(body.to_string()),
            None => Body::empty(),
        };
        let request = request.body(body).expect("a request");
        let router = self.router.get_or_init(|| api::router(self.state.clone()));
        let response = router.clone().oneshot(request).await;
        let response = response.unwrap_or_else(|never| match never {});
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        let body = body.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

impl Process {
    /// Follows a shared link.
    pub(crate) async fn visit(&self, code: &str) -> Visit {
        let request = Request::builder().uri(format!("/r/{code}"));
        let request = request.body(Body::empty()).expect("a request");
        let response = self.landing.clone().oneshot(request).await;
        let response = response.unwrap_or_else(|never| match never {});
        let remembered = response.headers().get("set-cookie");
        let remembered = remembered.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let click = remembered.and_then(|pair| Some(pair.split_once('=')?.1.to_owned()));
        Visit {
            status: response.status().as_u16(),
            click,
        }
    }
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) received: u32,
}

/// A request to the API.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// Its `Idempotency-Key`.
    pub(crate) name: String,
    pub(crate) api_key: String,
}

/// The function that the template sends an event on the bus to.
pub(crate) fn function_for(envelope: &Value) -> Option<&'static str> {
    static WIRING: OnceLock<Template> = OnceLock::new();
    let template = WIRING.get_or_init(|| Template::parse(TEMPLATE).expect("the template"));
    let queue = template.queues_for(envelope).next()?;
    Some(&template.queues[queue].function)
}

/// Notes what the ledger says.
struct Watched(Arc<dyn Apply>);

impl Apply for Watched {
    fn apply<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Result<EventOutcome, Error>> {
        Box::pin(async move {
            let done = self.0.apply(event).await;
            match &done {
                Err(error) if error.is_transient() => {}
                _ => weather::note(|notes| {
                    let told = done.as_ref().map(EventOutcome::clone);
                    let told = told.map_err(|error| error.refusal().code.as_str().to_owned());
                    notes.outcomes.push(told);
                }),
            }
            done
        })
    }
}

/// The dead-letter queues.
struct Letters;

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async {
            if weather::fails("the dead-letter queue") {
                return Err(SendError::new("the dead-letter queue", "injected"));
            }
            weather::note(|notes| notes.letters.push(letter));
            Ok(())
        })
    }
}

/// The bus, which remembers what it was offered, in order, and whether it took it.
#[derive(Debug, Default)]
pub(crate) struct SeenBus(Mutex<Vec<(BusEvent, bool)>>);

impl SeenBus {
    /// What it was offered so far, and whether it took it.
    pub(crate) fn offered(&self) -> Vec<(BusEvent, bool)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Bus for SeenBus {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        Box::pin(async {
            if weather::fails("the bus") {
                return Err(SendError::new("the bus", "injected"));
            }
            let mut offered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let take = |event| {
                let fails = weather::fails("one event for the bus");
                offered.push((event, !fails));
                if fails {
                    Err("injected".to_owned())
                } else {
                    Ok(())
                }
            };
            Ok(events.into_iter().map(take).collect())
        })
    }
}
