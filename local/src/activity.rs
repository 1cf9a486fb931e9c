//! Whether anything is still on its way.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts messages from when they are sent until they are done with. Clones are the same count.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    counts: Arc<watch::Sender<Counts>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    begun: u64,
    ended: u64,
}

impl Default for Activity {
    fn default() -> Activity {
        Activity {
            counts: Arc::new(watch::Sender::new(Counts::default())),
        }
    }
}

impl Activity {
    pub(crate) fn begin(&self) {
        self.counts.send_modify(|counts| counts.begun += 1);
    }

    pub(crate) fn end(&self) {
        self.counts.send_modify(|counts| counts.ended += 1);
    }

    /// How many messages there have ever been.
    pub(crate) fn begun(&self) -> u64 {
        self.counts.borrow().begun
    }

    /// Waits until nothing is on its way.
    pub(crate) async fn idle(&self) {
        let mut counts = self.counts.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = counts.wait_for(|counts| counts.begun == counts.ended).await;
    }
}
