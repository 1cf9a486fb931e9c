//! The `outbox` function on Lambda.

use std::sync::Arc;

use aws_lambda_events::dynamodb::Event;
use laurel_host::{
    Config,
    aws::Aws,
    lambda::{Error, LambdaEvent, run_concurrent, service_fn},
    logging,
};
use laurel_ledger::{Ledger, SystemClock};
use outbox::{Outbox, Webhooks};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let aws = Aws::from_config(&config)?;
    let ledger = Ledger::new(aws.dynamodb(), config.table()?, Arc::new(SystemClock));
    let queue = Arc::new(aws.deliveries(config.deliveries_queue()?));
    let mut outbox =
        Outbox::new(Arc::new(aws.bus(config.bus()?))).with_webhooks(Webhooks::new(ledger, queue));
    if let Some(queue_url) = config.dead_letter_queue() {
        outbox = outbox.with_dead_letters(Arc::new(aws.dead_letters(queue_url)));
    }
    run_concurrent(service_fn(move |event: LambdaEvent<Event>| {
        let outbox = outbox.clone();
        async move { Ok::<_, Error>(outbox.handle(event.payload).await) }
    }))
    .await
}
