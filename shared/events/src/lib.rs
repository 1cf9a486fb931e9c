//! Events at the edge: what comes in is checked here once, what goes out gets its form here.
//!
//! In: bytes → [`json::parse_strict`] → [`from_api`] or [`from_envelope`] → [`parse`] → an
//! [`Event`](laurel_rules::Event), or a [`Refusal`](laurel_rules::Refusal) that names the field
//! at fault. Out: a ledger [`Entry`](laurel_rules::Entry) → [`outgoing`].

pub mod catalog;
pub mod digest;
mod fields;
mod incoming;
pub mod json;
pub mod object;
mod outgoing;
mod parse;

pub use digest::digest;
pub use fields::{currency, email};
pub use incoming::{Incoming, from_api, from_envelope};
pub use outgoing::{EVENT_BYTES_MAX, Outgoing, outgoing};
pub use parse::parse;

/// The bus source of what Laurel emits. Nobody else may use it: what bears it is never rewarded,
/// or an award could reward itself.
pub const OWN_SOURCE: &str = "laurel";

/// The bus source of events that the API was asked to put on the bus for somebody.
pub const API_SOURCE: &str = "laurel.api";
