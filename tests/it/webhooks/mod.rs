//! Webhooks: endpoints, signatures, retries, isolation, and the events that are listed.

pub(crate) mod bench;
mod catalog;
mod delivery;
mod endpoints;
mod events;
mod faults;
mod isolation;
mod receiver;
mod targets;
