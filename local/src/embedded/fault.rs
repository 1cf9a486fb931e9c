//! Faults on the wire, for tests and simulations: what a real DynamoDB and a real network do, and
//! an embedded store never would.

use std::time::Duration;

pub use dynoxide::errors::CancellationReason;

/// One request on its way to the store.
#[derive(Debug, Clone, Copy)]
pub struct WireCall<'a> {
    /// Counts the requests since the store was opened, from 0. A retry has an index of its own.
    pub index: u64,
    /// The operation, as `TransactWriteItems`.
    pub operation: &'a str,
    /// The request as JSON.
    pub body: &'a [u8],
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing: the store carries it out and answers.
    None,
    /// The store answers with this error and does nothing.
    Answer(WireError),
    /// The connection breaks in this phase.
    Lose(Phase),
    /// Nothing ever comes back. Whoever drops the caller's future here has crashed it in this
    /// phase.
    Hang(Phase),
    /// The store carries it out after a while.
    Delay(Duration),
    /// A read that need not be consistent is answered as the same read was since
    /// [`Embedded::forget_answers`](super::Embedded::forget_answers); any other request as always.
    Stale,
}

/// Where a request is when something happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The store has not seen it, and will not.
    Request,
    /// The store has carried it out; its answer is on the way.
    Answer,
}

/// Decides the fate of each request. A closure `Fn(&WireCall) -> Fault` is one.
pub trait Faults: Send + Sync {
    /// What happens to `call`.
    fn judge(&self, call: &WireCall<'_>) -> Fault;
}

impl<F> Faults for F
where
    F: Fn(&WireCall<'_>) -> Fault + Send + Sync,
{
    fn judge(&self, call: &WireCall<'_>) -> Fault {
        self(call)
    }
}

/// An error as DynamoDB puts it on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: String,
}

impl WireError {
    /// An error of this type, as `ThrottlingException`.
    #[must_use]
    pub fn new(status: u16, kind: &str, message: &str) -> WireError {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
        let body = serde_json::json!({"__type": kind, "message": message}).to_string();
        WireError { status, body }
    }

    /// The table, or the partition, gets more than it can take.
    #[must_use]
    pub fn throttled() -> WireError {
        let kind = "ProvisionedThroughputExceededException";
        WireError::new(
            400,
            kind,
            "The level of configured provisioned throughput was exceeded",
        )
    }

    /// DynamoDB itself has failed; whether the request was carried out is unknown.
    #[must_use]
    pub fn internal() -> WireError {
        WireError::new(500, "InternalServerError", "Internal server error")
    }

    /// A transaction that was not carried out, with one reason code for each of its items, as
    /// `TransactionConflict`, `ThrottlingError` or `None`.
    #[must_use]
    pub fn canceled(codes: &[&str]) -> WireError {
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        let reason = |code: &&str| CancellationReason {
            code: (*code).to_owned(),
            message: (*code != "None").then(|| format!("Injected {code}")),
            item: None,
        };
        let reasons = codes.iter().map(reason).collect();
        dynoxide::DynoxideError::TransactionCanceledException(message, reasons).into()
    }
}

impl From<dynoxide::DynoxideError> for WireError {
    fn from(error: dynoxide::DynoxideError) -> WireError {
        WireError {
            status: error.status_code(),
            body: error.to_json(),
        }
    }
}
