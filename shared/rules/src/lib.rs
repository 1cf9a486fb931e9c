//! What an event is worth, and what it does to a member's account.
//!
//! Everything here is a pure function of its arguments: a snapshot of what is stored and an
//! event go in, a [`Plan`] comes out. Nothing reads a clock, an environment variable, a random
//! number or a socket, nothing counts points in floats, and nothing panics on input;
//! `tests/purity.rs` of this crate gates the dependencies that could.
//!
//! The order to read in: [`rule`] and [`program`] (what is configured), [`event`] (what
//! happened), [`evaluate`] (which rules fire and for how much), [`purse`] and [`hold`]
//! (lots, reservations), [`account`] (counters, carries), [`decide`] (the whole of it as a [`Plan`] to commit).

pub mod absorb;
pub mod account;
pub mod archive;
pub mod boosts;
pub mod budget;
pub mod calculation;
pub mod campaign;
pub mod catalog;
pub mod checkout;
pub mod condition;
pub mod counter;
pub mod decide;
mod due;
pub mod entry;
pub mod evaluate;
pub mod event;
pub mod exact;
pub mod experiment;
pub mod explain;
pub mod goal;
pub mod hold;
pub mod id;
mod items;
pub mod landing;
pub mod liability;
pub mod pay_with_points;
pub mod pool;
pub mod program;
pub mod purse;
pub mod record;
pub mod redemption;
pub mod referral;
pub mod refund;
pub mod refusal;
pub mod reward;
pub mod rule;
pub mod schedule;
pub mod segment;
pub mod stats;
pub mod store_credit;
pub mod tier;
pub mod time;
pub mod window;
pub mod words;

pub use account::Account;
pub use catalog::Catalog;
pub use decide::{Commit, Plan};
pub use entry::{Entry, Transaction};
pub use event::{Event, EventOutcome, Outcome};
pub use program::Program;
pub use record::EventRecord;
pub use redemption::Redemption;
pub use refusal::{Code, Refusal};
pub use reward::Reward;
pub use rule::Rule;
pub use segment::Segment;
pub use tier::Tier;

/// The largest number of points that one transaction or one balance may hold, in either
/// direction: 2⁵³ − 1, the largest integer that every JSON reader keeps exactly.
pub const POINTS_MAX: i64 = (1 << 53) - 1;
