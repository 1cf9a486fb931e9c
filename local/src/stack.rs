//! The stack: store, functions, bus, queues and API, wired as the template says.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use api::{ApiKey, AppState};
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
use axum::Router;
use deliveries::{Deliveries, Http, SystemResolver};
use landing::Landing;
use laurel_host::{Adapter, Mode};
use laurel_ledger::{AuditRan, Clock, Ledger, SystemClock, table::create_table};
use laurel_webhooks::target::Policy;
use liability::Counting;
use outbox::{Outbox, Webhooks};
use tokio::task::JoinSet;

use crate::{
    activity::Activity,
    bus::LocalBus,
    dead_letters::DeadLetterList,
    embedded::{Embedded, OpenError, StreamError},
    functions::{Journal, handler},
    gate,
    queue::{Consumer, Kept, Queue},
    relay::{Relay, StreamFunction},
    template::{TEMPLATE, Template, TemplateError},
    ticker::{Auditing, Ticker},
};

/// The name of the table.
pub const TABLE: &str = "laurel";
/// The file of the store, in the directory where it is kept.
pub const DATABASE: &str = "laurel.db";
/// The API key unless another is set.
pub const API_KEY: &str = "sk_test_local";

/// Webhooks go to public addresses, and to this machine.
const WEBHOOK_POLICY: Policy = Policy {
    loopback: true,
    forbidden: None,
};

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to keep the table; in memory where absent.
    pub data: Option<PathBuf>,
    /// Whether committed changes are announced on the bus.
    pub announce: bool,
    /// The key that callers of the API must show.
    pub api_key: String,
    /// Requests a second for each key that has no limit of its own; 0 means no limit.
    pub rate_limit: u32,
    /// The address that it is served at, for links; the host that a request names where absent.
    pub public_url: Option<String>,
    /// The CloudFormation template that tells what goes where.
    pub template: String,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            data: None,
            announce: true,
            api_key: API_KEY.to_owned(),
            rate_limit: 0,
            public_url: None,
            template: TEMPLATE.to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why a stack did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The directory cannot be made.
    #[error("the directory {} cannot be made", .path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The messages of the queues cannot be kept.
    #[error("the file of the queues' messages cannot be opened")]
    Queues(#[from] rusqlite::Error),
    /// The table cannot be made.
    #[error("the table cannot be made")]
    Table(#[source] laurel_ledger::Error),
    /// The table's stream cannot be turned on or off.
    #[error("the table's stream cannot be turned on or off")]
    Switch(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The stream cannot be read.
    #[error("the table's stream cannot be read")]
    Stream(#[from] StreamError),
    /// The template cannot be followed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template names a function that does not exist.
    #[error("the template names the function {0:?}, which this program does not have")]
    Function(String),
    /// The template lacks something.
    #[error("the template does not have {0}")]
    Missing(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up for webhooks")]
    Tls(#[from] deliveries::TlsError),
}

/// A running stack. Dropping it stops its queues; what was committed stays.
pub struct Stack {
    /// The store under it.
    pub store: Embedded,
    /// The ledger.
    pub ledger: Ledger,
    /// The bus.
    pub bus: Arc<LocalBus>,
    /// What could not be handled.
    pub dead_letters: DeadLetterList,
    /// What the functions did.
    pub journal: Journal,
    /// The key of the API.
    pub api_key: String,
    rate_limit: u32,
    public_url: Option<String>,
    template: Arc<Template>,
    deliveries: Arc<Queue>,
    ticker: Arc<Ticker>,
    auditing: Arc<Auditing>,
    activity: Activity,
    relay: Option<Arc<Relay>>,
    _workers: JoinSet<()>,
}

impl Stack {
    /// Starts a stack.
    ///
    /// # Errors
    /// The store, the table or the template is not as it should be.
    pub async fn start(options: Options) -> Result<Stack, StartError> {
        let template = Arc::new(Template::parse(&options.template)?);
        let store = open(options.data.as_deref(), options.announce).await?;
        let ledger = Ledger::new(store.client(), TABLE, Arc::clone(&options.clock)).in_sandbox();
        let dead_letters = DeadLetterList::default();
        let activity = Activity::default();
        let journal = Journal::default();
        let mut workers = JoinSet::new();

        let kept = options.data.as_deref();
        let kept = kept
            .map(|data| Kept::open(&data.join("queues.db")))
            .transpose()?;
        let mut queues = BTreeMap::new();
        let mut deliveries = None;
        for (name, settings) in &template.queues {
            let queue = Queue::new(
                name,
                settings.clone(),
                activity.clone(),
                dead_letters.clone(),
            );
            let queue = Arc::new(match &kept {
                Some(kept) => queue.kept_in(kept.clone())?,
                None => queue,
            });
            if settings.function == "deliveries" {
                let http = Http::new(WEBHOOK_POLICY, Arc::new(SystemResolver))?;
                let sender =
                    Deliveries::new(ledger.clone(), Arc::clone(&queue) as _, Arc::new(http))
                        .with_dead_letters(dead_letters.of(&settings.function));
                // Side by side as on AWS: a slow receiver occupies one of them.
                for _ in 0..settings.concurrency {
                    let (worker, sender) = (Arc::clone(&queue), sender.clone());
                    workers.spawn(async move { worker.run(sending(sender)).await });
                }
                deliveries = Some(queue);
                continue;
            }
            let handler = handler(&settings.function, &ledger)
                .ok_or_else(|| StartError::Function(settings.function.clone()))?;
            let adapter = Adapter::new(journal.watch(handler), Arc::clone(&options.clock))
                .with_dead_letters(dead_letters.of(&settings.function))
                .with_receives_max(settings.max_receives);
            let worker = Arc::clone(&queue);
            workers.spawn(async move { worker.run(consumer(adapter)).await });
            queues.insert(name.clone(), queue);
        }
        let deliveries =
            deliveries.ok_or_else(|| StartError::Missing("the queue of deliveries".to_owned()))?;
        let bus = Arc::new(LocalBus::new(Arc::clone(&template), queues));
        let ticker = Arc::new(Ticker::new(ledger.clone(), activity.clone()));
        let auditing = Arc::new(Auditing::new(ledger.clone(), options.announce));
        for schedule in &template.schedules {
            match schedule.function.as_str() {
                "clock" => workers.spawn(Arc::clone(&ticker).run(schedule.every)),
                "audit" => workers.spawn(Arc::clone(&auditing).run(schedule.every)),
                other => return Err(StartError::Function(other.to_owned())),
            };
        }

        let mut relay = None;
        if options.announce && !template.streams.is_empty() {
            let mut readers = Vec::new();
            for settings in &template.streams {
                let function: StreamFunction = match settings.function.as_str() {
                    "outbox" => {
                        let outbox = Outbox::new(Arc::clone(&bus) as Arc<dyn laurel_host::Bus>)
                            .with_webhooks(Webhooks::new(
                                ledger.clone(),
                                Arc::clone(&deliveries) as _,
                            ))
                            .with_dead_letters(dead_letters.of(&settings.function));
                        Arc::new(move |event| {
                            let outbox = outbox.clone();
                            Box::pin(async move { outbox.handle(event).await })
                        })
                    }
                    "liability" => {
                        let counting = Counting::new(ledger.clone())
                            .with_dead_letters(dead_letters.of(&settings.function));
                        Arc::new(move |event| {
                            let counting = counting.clone();
                            Box::pin(async move { counting.handle(event).await })
                        })
                    }
                    other => return Err(StartError::Function(other.to_owned())),
                };
                readers.push((settings.clone(), function));
            }
            let started = Arc::new(Relay::new(store.stream(TABLE)?, readers));
            workers.spawn(Arc::clone(&started).run());
            relay = Some(started);
        }
        Ok(Stack {
            store,
            ledger,
            bus,
            dead_letters,
            journal,
            api_key: options.api_key,
            rate_limit: options.rate_limit,
            public_url: options.public_url,
            template,
            deliveries,
            ticker,
            auditing,
            activity,
            relay,
            _workers: workers,
        })
    }

    /// The wiring that it follows.
    #[must_use]
    pub fn template(&self) -> Arc<Template> {
        Arc::clone(&self.template)
    }

    /// What the stack serves over HTTP: the API and the landing page behind the template's routes, and under
    /// `/_local/` what on AWS one looks up in the console.
    pub fn router(&self) -> Router {
        let bus = Arc::clone(&self.bus) as Arc<dyn laurel_host::Bus>;
        let state = AppState::new(
            self.ledger.clone(),
            bus,
            ApiKey::new(&self.api_key),
            Mode::Sandbox,
        )
        .with_rate_limit(self.rate_limit)
        .with_public_url(self.public_url.clone())
        .with_webhooks(Arc::clone(&self.deliveries) as _, WEBHOOK_POLICY);
        // Without a limit to visits, as all of them come from this machine.
        let landing = Landing::new(self.ledger.clone(), 0);
        let served = api::router(state).merge(landing::router(landing));
        let api = gate::behind_routes(served, Arc::clone(&self.template));
        gate::console(
            self.dead_letters.clone(),
            Arc::clone(&self.bus),
            self.store.clone(),
        )
        .fallback_service(api)
    }

    /// Sees now to everything that time has come for, as the schedule does again and again.
    pub async fn tick(&self) -> clock::Swept {
        self.ticker.tick().await
    }

    /// Goes on with the audit now, as the schedule does again and again.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn audit(&self) -> Result<AuditRan, laurel_ledger::Error> {
        self.auditing.tick().await
    }

    /// Waits until nothing is on its way: every event was handled or given up, everything that
    /// was committed has been announced, and every delivery that is due was attempted.
    pub async fn settled(&self) {
        loop {
            let begun = self.activity.begun();
            self.activity.idle().await;
            let drained = match &self.relay {
                Some(relay) => relay.is_drained().await,
                None => true,
            };
            if drained && self.activity.begun() == begun {
                return;
            }
            if let (Some(relay), false) = (&self.relay, drained) {
                relay.drained().await;
            }
        }
    }
}

fn consumer(adapter: Adapter) -> Consumer {
    Arc::new(move |event| {
        let adapter = adapter.clone();
        Box::pin(async move { adapter.batch(event).await })
    })
}

fn sending(deliveries: Deliveries) -> Consumer {
    Arc::new(move |event| {
        let deliveries = deliveries.clone();
        Box::pin(async move { deliveries.batch(event).await })
    })
}

/// Opens the store, in memory or in a directory, with the table in it.
///
/// # Errors
/// The directory, the file or the table cannot be made.
pub async fn open(data: Option<&Path>, stream: bool) -> Result<Embedded, StartError> {
    let store = match data {
        None => Embedded::memory()?,
        Some(path) => {
            std::fs::create_dir_all(path).map_err(|source| StartError::Directory {
                path: path.to_owned(),
                source,
            })?;
            Embedded::open(&path.join(DATABASE))?
        }
    };
    let client = store.client();
    let described = client.describe_table().table_name(TABLE).send().await;
    let Some(table) = described.ok().and_then(|answer| answer.table) else {
        create_table(&client, TABLE, stream)
            .await
            .map_err(StartError::Table)?;
        return Ok(store);
    };
    let has_stream = table
        .stream_specification
        .is_some_and(|stream| stream.stream_enabled);
    if has_stream != stream {
        let specification = StreamSpecification::builder()
            .stream_enabled(stream)
            .set_stream_view_type(stream.then_some(StreamViewType::NewImage))
            .build()
            .map_err(|error| StartError::Switch(error.into()))?;
        let update = client
            .update_table()
            .table_name(TABLE)
            .stream_specification(specification);
        update
            .send()
            .await
            .map_err(|error| StartError::Switch(error.into()))?;
    }
    Ok(store)
}
