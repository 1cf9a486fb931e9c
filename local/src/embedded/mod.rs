//! DynamoDB inside the process.
//!
//! The AWS SDK stays as it is: only its HTTP client is replaced by one that hands each request to
//! an embedded store. So the ledger's code, the SDK's serialisation and its retries are what runs
//! on AWS; sockets and signatures are what does not.

mod connector;
mod dispatch;
mod elsewhere;
mod fault;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod usage;

pub use self::{
    fault::{CancellationReason, Fault, Faults, Phase, WireCall, WireError},
    store::{Embedded, Observer, OpenError},
    stream::{StreamError, StreamReader},
    usage::Usage,
};
