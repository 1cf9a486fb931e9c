//! Processes that die at a wire call.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use laurel::embedded::{Fault, Phase, WireCall};
use laurel_ledger::Ledger;

use crate::World;

const COMING: u64 = 0;
const DYING: u64 = 1;
const DEAD: u64 = 2;

/// A crash at one wire call of all that is attempted until it is dropped, or none.
pub struct Crash<'a> {
    world: &'a World,
    state: Arc<AtomicU64>,
}

impl<'a> Crash<'a> {
    /// Lets the process die at the wire call with this number, from 0, in this phase.
    #[must_use]
    pub fn at(world: &'a World, crash: Option<(u64, Phase)>) -> Crash<'a> {
        let calls = AtomicU64::new(0);
        let state = Arc::new(AtomicU64::new(COMING));
        let fell = Arc::clone(&state);
        world.store.set_faults(Arc::new(move |_: &WireCall<'_>| {
            let call = calls.fetch_add(1, Ordering::SeqCst);
            match crash {
                Some((at, phase)) if at == call => {
                    fell.store(DYING, Ordering::SeqCst);
                    Fault::Hang(phase)
                }
                _ => Fault::None,
            }
        }));
        Crash { world, state }
    }

    /// Does `work` in a fresh process, and where that dies, again in another.
    pub async fn survive<T, F>(&self, work: impl Fn(Ledger) -> F) -> T
    where
        F: Future<Output = T>,
    {
        loop {
            let working = work(self.world.another_ledger());
            let died = async {
                while self.state.load(Ordering::SeqCst) != DYING {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
                // The hanging call has had time to be carried out where it was to be.
                tokio::time::sleep(Duration::from_millis(5)).await;
            };
            tokio::select! {
                done = working => return done,
                () = died => self.state.store(DEAD, Ordering::SeqCst),
            }
        }
    }

    /// Ends the faults and answers whether the crash came.
    #[must_use]
    pub fn came(self) -> bool {
        self.state.load(Ordering::SeqCst) != COMING
    }
}

impl Drop for Crash<'_> {
    /// A crash that did not come until now does not come to what is done next.
    fn drop(&mut self) {
        self.world.store.clear_faults();
    }
}
