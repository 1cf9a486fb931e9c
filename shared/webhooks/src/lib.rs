//! Webhooks without IO (spec section 8): who gets what ([`Endpoint`]), where it may go
//! ([`target`]), how it is signed ([`signature`]), and what follows an attempt ([`Delivery`],
//! [`schedule`], [`Health`]).
//!
//! Time, chance and the network are the caller's: the ledger stores these types, the function
//! `deliveries` sends.

mod delivery;
mod endpoint;
mod health;
mod message;
pub mod schedule;
mod secret;
pub mod signature;
pub mod target;

pub use delivery::{
    ATTEMPTS_KEPT_MAX, Attempt, Delivery, DeliveryId, DeliveryStatus, SAMPLE_PREFIX, Verdict,
};
pub use endpoint::{ENDPOINTS_MAX, Endpoint, EndpointStatus, Retiring, check_events, check_header};
pub use health::{Health, SLOW_AFTER_MS};
pub use message::Message;
pub use secret::{SECRET_BYTES, Secret};
