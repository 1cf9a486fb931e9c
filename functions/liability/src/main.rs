//! The `liability` function on Lambda.

use std::sync::Arc;

use aws_lambda_events::dynamodb::Event;
use laurel_host::{
    Config, Mode,
    aws::Aws,
    lambda::{Error, LambdaEvent, run_concurrent, service_fn},
    logging,
};
use laurel_ledger::{Ledger, SystemClock};
use liability::Counting;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let aws = Aws::from_config(&config)?;
    let ledger = Ledger::new(aws.dynamodb(), config.table()?, Arc::new(SystemClock));
    let ledger = match config.mode()? {
        Mode::Live => ledger,
        Mode::Sandbox => ledger.in_sandbox(),
    };
    let mut counting = Counting::new(ledger);
    if let Some(queue_url) = config.dead_letter_queue() {
        counting = counting.with_dead_letters(Arc::new(aws.dead_letters(queue_url)));
    }
    run_concurrent(service_fn(move |event: LambdaEvent<Event>| {
        let counting = counting.clone();
        async move { Ok::<_, Error>(counting.handle(event.payload).await) }
    }))
    .await
}
