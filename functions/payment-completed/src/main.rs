//! The `payment-completed` function on Lambda.

use std::sync::Arc;

use laurel_host::lambda::{Error, run_events};
use payment_completed::handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_events(|ledger| Arc::new(handler(ledger))).await
}
