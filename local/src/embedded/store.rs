//! Opening the store, and clients for it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Region, StalledStreamProtectionConfig,
        retry::{RetryConfig, RetryPartition},
    },
};
use dynoxide::Database;
use serde_json::Value;
use tokio::sync::Notify;

use super::{
    connector::Connector,
    dispatch::Operation,
    elsewhere::Elsewhere,
    fault::{Faults, WireCall},
    stream::{StreamError, StreamReader},
    usage::Usage,
};

/// A DynamoDB of one's own, inside the process. Clones are the same store.
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<Inner>,
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path has characters that SQLite does not take.
    #[error("the path of the store is not UTF-8")]
    Path,
    /// The file cannot be opened, or is not ours.
    #[error("the store cannot be opened")]
    Store(#[source] dynoxide::DynoxideError),
}

pub(super) struct Inner {
    pub(super) db: Database,
    /// Where requests go instead, where this store stands for another.
    pub(super) elsewhere: Option<Elsewhere>,
    /// What a second connection opens to reach the same data.
    pub(super) location: String,
    /// Shared by requests, and taken alone by who writes past the store: two writers would find
    /// the file busy.
    pub(super) gate: RwLock<()>,
    /// Requests being carried out.
    pub(super) visits: AtomicUsize,
    /// Told after each successful write.
    pub(super) written: Notify,
    calls: AtomicU64,
    usage: Mutex<Usage>,
    faults: RwLock<Option<Arc<dyn Faults>>>,
    observer: RwLock<Option<Arc<Observer>>>,
    /// What reads that need not be consistent were answered, the first time each.
    answers: Mutex<HashMap<(&'static str, Value), Vec<u8>>>,
}

/// Looks at requests on their way.
pub type Observer = dyn Fn(&WireCall<'_>) + Send + Sync;

impl Embedded {
    /// A store in memory, gone with the last clone.
    ///
    /// # Errors
    /// Out of memory, at most.
    pub fn memory() -> Result<Embedded, OpenError> {
        Embedded::at(Embedded::in_memory(), None)
    }

    /// The DynamoDB that a server on this machine emulates, as a store: an account of its own,
    /// which is empty. It has no stream to read.
    ///
    /// # Errors
    /// Out of memory, at most.
    pub fn elsewhere(server: SocketAddr) -> Result<Embedded, OpenError> {
        Embedded::at(Embedded::in_memory(), Some(Elsewhere::at(server)))
    }

    /// A new place in memory. Not `:memory:`, which no second connection can reach: the stream
    /// needs one.
    fn in_memory() -> String {
        static STORES: AtomicU64 = AtomicU64::new(0);
        let number = STORES.fetch_add(1, Ordering::Relaxed);
        format!("file:/laurel-{number}?vfs=memdb")
    }

    /// A store in this file, which is created where it does not exist.
    ///
    /// What was answered survives the end of the process, however it comes. A power cut may take
    /// the last moments with it, but leaves the file whole.
    ///
    /// # Errors
    /// The file cannot be opened or created.
    pub fn open(path: &Path) -> Result<Embedded, OpenError> {
        Embedded::at(path.to_str().ok_or(OpenError::Path)?.to_owned(), None)
    }

    fn at(location: String, elsewhere: Option<Elsewhere>) -> Result<Embedded, OpenError> {
        let db = Database::new(&location).map_err(OpenError::Store)?;
        let inner = Inner {
            db,
            elsewhere,
            location,
            gate: RwLock::new(()),
            visits: AtomicUsize::new(0),
            written: Notify::new(),
            calls: AtomicU64::new(0),
            usage: Mutex::new(Usage::default()),
            faults: RwLock::new(None),
            observer: RwLock::new(None),
            answers: Mutex::default(),
        };
        Ok(Embedded {
            inner: Arc::new(inner),
        })
    }

    /// A client with the SDK's own retries.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_with(RetryConfig::standard())
    }

    /// A client that tries everything once.
    #[must_use]
    pub fn client_without_retries(&self) -> Client {
        self.client_with(RetryConfig::disabled())
    }

    fn client_with(&self, retries: RetryConfig) -> Client {
        // A server that emulates DynamoDB may take seconds under load.
        let stalls = match self.inner.elsewhere {
            Some(_) => StalledStreamProtectionConfig::disabled(),
            None => StalledStreamProtectionConfig::enabled().build(),
        };
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://embedded.invalid")
            // Nobody checks signatures here, and they are a good part of a request's cost.
            .allow_no_auth()
            .http_client(Connector(Arc::clone(&self.inner)))
            .retry_config(retries)
            // The SDK has one budget of retries per partition and process: a store has its own.
            .retry_partition(RetryPartition::new(self.inner.location.clone()))
            .stalled_stream_protection(stalls)
            .build();
        Client::from_conf(config)
    }

    /// What was asked of the store so far.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.inner.usage_now().clone()
    }

    /// Lets `faults` decide the fate of every request from now on.
    pub fn set_faults(&self, faults: Arc<dyn Faults>) {
        *self
            .inner
            .faults
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(faults);
    }

    /// Ends what [`Embedded::set_faults`] began.
    pub fn clear_faults(&self) {
        *self
            .inner
            .faults
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Begins anew with what [`Fault::Stale`](super::Fault::Stale) answers.
    pub fn forget_answers(&self) {
        self.inner.answers_now().clear();
    }

    /// Lets `observer` see every request from now on.
    pub fn set_observer(&self, observer: Arc<Observer>) {
        *self
            .inner
            .observer
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(observer);
    }

    /// Reads the stream of `table`, which must have one.
    ///
    /// # Errors
    /// The store cannot be reached a second time.
    pub fn stream(&self, table: &str) -> Result<StreamReader, StreamError> {
        StreamReader::open(Arc::clone(&self.inner), table)
    }
}

impl Inner {
    /// Counts one request and gives it its number.
    pub(super) fn count(&self, operation: &'static str) -> u64 {
        *self.usage_now().requests.entry(operation).or_insert(0) += 1;
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn count_error(&self) {
        self.usage_now().errors += 1;
    }

    pub(super) fn count_capacity(&self, writes: bool, units: f64) {
        let mut usage = self.usage_now();
        if writes {
            usage.write_units += whole(units);
        } else {
            usage.read_half_units += whole(doubled(units));
        }
    }

    pub(super) fn faults(&self) -> Option<Arc<dyn Faults>> {
        self.faults
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn observe(&self, call: &WireCall<'_>) {
        let observer = self.observer.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(observer) = observer.as_ref() {
            observer(call);
        }
    }

    /// The first answer to this read, where it need not be consistent.
    pub(super) fn earlier_answer(&self, operation: Operation, body: &[u8]) -> Option<Vec<u8>> {
        let asked = inconsistent(body)?;
        self.answers_now().get(&(operation.name(), asked)).cloned()
    }

    pub(super) fn remember_answer(&self, operation: Operation, body: &[u8], answer: &[u8]) {
        if let Some(asked) = inconsistent(body) {
            let mut answers = self.answers_now();
            let kept = answers.entry((operation.name(), asked));
            kept.or_insert_with(|| answer.to_vec());
        }
    }

    fn answers_now(&self) -> MutexGuard<'_, HashMap<(&'static str, Value), Vec<u8>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn usage_now(&self) -> MutexGuard<'_, Usage> {
        // A panic while counting leaves a count, not a broken promise.
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a read asks for, where it does not ask for current data. As JSON, since the order of keys
/// on the wire is by chance.
fn inconsistent(body: &[u8]) -> Option<Value> {
    let asked: Value = serde_json::from_slice(body).ok()?;
    let of_tables = asked["RequestItems"].as_object();
    let is_consistent = asked["ConsistentRead"] == true
        || of_tables.is_some_and(|of| of.values().any(|of| of["ConsistentRead"] == true));
    (!is_consistent).then_some(asked)
}

/// DynamoDB's units are multiples of one half that travel as floats.
#[expect(clippy::float_arithmetic, reason = "halves are exact in binary")]
fn doubled(units: f64) -> f64 {
    units * 2.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and positive"
)]
fn whole(units: f64) -> u64 {
    units.round() as u64
}
