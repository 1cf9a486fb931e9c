//! Events a second on one core: telling, but noisy.

use std::time::{Duration, Instant};

use crate::{Loaded, Work};

/// How many runs the median is taken of.
const RUNS: usize = 5;

/// The median rate of each work, in events a second. The runs are interleaved, so that a slow
/// spell of the machine meets all of them.
///
/// # Errors
/// What the work refuses.
pub fn medians_per_second(
    job: &Loaded,
    works: &[Work],
    run: Duration,
) -> anyhow::Result<Vec<u128>> {
    let mut rates = vec![Vec::with_capacity(RUNS); works.len()];
    for _ in 0..RUNS {
        for (work, rates) in works.iter().zip(&mut rates) {
            let started = Instant::now();
            let mut events: u128 = 0;
            while started.elapsed() < run {
                work.run(job)?;
                events += job.events.len() as u128;
            }
            rates.push(events * 1_000_000_000 / started.elapsed().as_nanos());
        }
    }
    Ok(rates
        .into_iter()
        .map(|mut rates| {
            rates.sort_unstable();
            rates[RUNS / 2]
        })
        .collect())
}
