//! Whole histories from one seed.
//!
//! A history is a random mix of operations, on a machine that fails: requests to the table are
//! throttled, cancelled, delayed and lost, before and after they are carried out; processes die at
//! any call; messages come twice, late and in batches with poison; records of the stream come
//! again and in another order. What runs are the handlers, the API, the ledger and the AWS SDK as
//! they ship, on the embedded store, in virtual time. Beside it runs the reference model, and
//! after every step both must agree: in what was answered, in what is held now and at instants
//! ahead. Deeds that go side by side are explained where the model comes to the same by doing
//! them in some order.
//!
//! One seed decides everything. `cargo run -p simulation -- --seed N` prints a history, and where
//! a promise was broken the shortest one that still breaks it.

mod ask;
mod attempts;
mod chance;
mod checks;
mod compare;
mod configured;
mod deliveries;
mod estimates;
mod keys;
mod oracle;
mod orders;
mod redemptions;
mod referrals;
mod run;
mod script;
mod shrink;
mod stream;
mod trace;
mod weather;
mod world;

pub use orders::check_orders;
pub use run::{Report, run};
pub use script::{Deed, Script, Step, Way, in_words};
pub use shrink::shrink;
pub use trace::Counts;

/// Runs `work` alone on this thread, in a time that passes when nothing else can. Jitter of
/// retries, here and in the SDK, and the ids of requests follow from the seed. Nothing is made to
/// yield for what it has done since the last pause: the store's stream is read on another thread,
/// and whether that takes a pause depends on the machine.
///
/// # Panics
/// Where the runtime cannot be built.
fn under_its_own_clock<T>(seed: u64, work: impl Future<Output = T>) -> T {
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(tokio::task::unconstrained(work))
}
