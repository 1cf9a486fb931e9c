//! How many attempts one process makes at an endpoint at a time.
//!
//! A process may carry out many batches side by side: then an endpoint that never answers would
//! have all of them wait for it before anybody has noticed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many attempts there are at a time: what one batch holds.
const WIDTH: usize = 10;
/// How long a message waits for its turn before it goes back into the queue.
const PATIENCE: Duration = Duration::from_millis(500);

/// The lanes of all endpoints. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lanes {
    by_endpoint: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Lanes {
    /// Waits for a place; none where there is none for the moment. The place is free again when
    /// the answer is dropped.
    pub(crate) async fn enter(&self, endpoint: &str) -> Option<OwnedSemaphorePermit> {
        let lane = self.lane(endpoint);
        let entered = tokio::time::timeout(PATIENCE, lane.acquire_owned()).await;
        // A lane is never closed.
        entered.ok()?.ok()
    }

    fn lane(&self, endpoint: &str) -> Arc<Semaphore> {
        let mut lanes = self
            .by_endpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // There are few endpoints; those that were deleted leave when nobody is in their lane.
        if lanes.len() > 100 {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        let lane = lanes.entry(endpoint.to_owned());
        Arc::clone(lane.or_insert_with(|| Arc::new(Semaphore::new(WIDTH))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_lane_turns_away_and_others_stay_open() {
        let lanes = Lanes::default();
        let mut places = Vec::new();
        for _ in 0..WIDTH {
            places.push(lanes.enter("we_a").await.expect("a place"));
        }
        assert!(lanes.enter("we_a").await.is_none());
        assert!(lanes.enter("we_b").await.is_some());
        places.pop();
        assert!(lanes.enter("we_a").await.is_some());
    }
}
