//! The `behavior` function on Lambda.

use std::sync::Arc;

use behavior::handler;
use laurel_host::lambda::{Error, run_events};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_events(|ledger| Arc::new(handler(ledger))).await
}
