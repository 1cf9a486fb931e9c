//! Benchmarks of the pure part: what parsing an event, evaluating rules and deciding cost.
//!
//! A [`Job`] is a set of rules, events and the checksum that a correct engine hits; [`Work`] is
//! what is done with each event; [`instructions`] counts it under callgrind, where the noise of
//! the machine does not reach, and [`rate`] measures it.

pub mod instructions;
mod job;
pub mod rate;
mod work;

pub use job::{Job, Loaded};
pub use work::{Checksum, Work};
