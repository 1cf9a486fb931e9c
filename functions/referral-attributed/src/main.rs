//! The `referral-attributed` function on Lambda.

use std::sync::Arc;

use laurel_host::lambda::{Error, run_events};
use referral_attributed::handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_events(|ledger| Arc::new(handler(ledger))).await
}
