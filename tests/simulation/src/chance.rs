//! The one source of chance of a history.

use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;
use laurel_ledger::{Chance, Clock, Seed};
use laurel_tests::ManualClock;

/// Ids and secrets that follow from a seed: they sort by time, as those of version 7 do.
#[derive(Debug)]
pub(crate) struct SeededChance {
    clock: Arc<ManualClock>,
    state: Mutex<(Rng, u64)>,
}

impl SeededChance {
    pub(crate) fn new(seed: u64, clock: Arc<ManualClock>) -> SeededChance {
        SeededChance {
            clock,
            state: Mutex::new((Rng::with_seed(seed), 0)),
        }
    }
}

impl Chance for SeededChance {
    fn seed(&self) -> Seed {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (rng, count) = &mut *state;
        *count += 1;
        let ms = u128::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let count = u128::from(*count & 0xff_ffff);
        // 48 bits of time, the version, the count, and the rest at random.
        let low = u128::from(rng.u64(..)) & 0xf_ffff_ffff_ffff;
        Seed::of_bits((ms << 80) | (7 << 76) | (count << 52) | low)
    }

    fn number(&self) -> u128 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.u128(..)
    }
}
