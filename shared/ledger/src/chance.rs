//! Where chance comes from.

use std::fmt::Debug;

use crate::Seed;

/// A source of what nobody can foretell; simulations bring their own, so that a seed replays them.
pub trait Chance: Debug + Send + Sync {
    /// A seed of ids that nobody else has.
    fn seed(&self) -> Seed;

    /// A number of which at least 122 bits are random.
    fn number(&self) -> u128;
}

/// The system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn seed(&self) -> Seed {
        Seed::fresh()
    }

    fn number(&self) -> u128 {
        uuid::Uuid::new_v4().as_u128()
    }
}
