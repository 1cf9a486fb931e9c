//! The `behavior` function on Lambda.

use std::sync::Arc;

use behavior::Handler;
use laurel_host::lambda::{Error, run_events};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_events(|ledger| Arc::new(Handler::new(ledger))).await
}
