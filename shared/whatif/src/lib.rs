//! What other rules would have given: events of the past are decided once more, by the very
//! decisions that the ledger commits, on accounts in memory. Nothing is read and nothing is
//! written.
//!
//! [`World`] is a ledger in memory: it answers what a decision must know and keeps what it writes.
//! [`Simulation`] lets recorded events run through one, with what else is in their members' logs,
//! in the order in which it happened. [`Figures`] are counted from entries of logs, whether the
//! ledger wrote them or a world did, so that what happened and what would have happened are
//! measured alike; [`Comparison`] says how they differ.

mod budgets;
mod carry;
mod comparison;
mod figures;
mod memory;
mod simulation;
mod world;

pub use comparison::{Comparison, Difference, MemberChange, RuleChange, TierMove, Totals};
pub use figures::{Figures, RuleFigures};
pub use simulation::{Progress, Simulation, Telling};
pub use world::{Handling, World};
