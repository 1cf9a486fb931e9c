//! The `account-created` function on Lambda.

use std::sync::Arc;

use account_created::handler;
use laurel_host::lambda::{Error, run_events};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_events(|ledger| Arc::new(handler(ledger))).await
}
