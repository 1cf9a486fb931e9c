//! The whole of Laurel in one process: the functions that ship, on an embedded DynamoDB.
//!
//! ```text
//! bus -> queue -> function -> ledger -> SDK -> connector -> store
//!  ^                                                          |
//!  +---------------------- outbox <--------------- stream <---+
//! ```
//!
//! What is between the boxes on AWS (EventBridge, SQS, Lambda, API Gateway) is done here in memory
//! by [`bus`], [`queue`], `relay` and `gate`, and follows `template.yaml` ([`template`]), so that
//! both are wired alike. What is in the boxes is the code that ships.

mod activity;
pub mod bus;
pub mod dead_letters;
pub mod embedded;
pub mod functions;
mod gate;
pub mod owed;
pub mod pattern;
pub mod queue;
mod relay;
pub mod replay;
pub mod route;
pub mod samples;
pub mod setup;
pub mod stack;
pub mod table;
pub mod template;
mod ticker;
mod yaml;

pub use stack::{Options, Stack, StartError};
