//! The `deliveries` function on Lambda.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use deliveries::{Deliveries, Http, SystemResolver};
use laurel_host::{
    Config,
    aws::Aws,
    lambda::{Error, LambdaEvent, run_concurrent, service_fn},
    logging, webhook_policy,
};
use laurel_ledger::{Ledger, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let aws = Aws::from_config(&config)?;
    let ledger = Ledger::new(aws.dynamodb(), config.table()?, Arc::new(SystemClock));
    let policy = webhook_policy(&config, config.mode()?);
    let http = Http::new(policy, Arc::new(SystemResolver))?;
    let queue = Arc::new(aws.deliveries(config.deliveries_queue()?));
    let mut deliveries = Deliveries::new(ledger, queue, Arc::new(http))
        .disabling_after_days(config.disable_after_days()?);
    if let Some(queue_url) = config.dead_letter_queue() {
        deliveries = deliveries.with_dead_letters(Arc::new(aws.dead_letters(queue_url)));
    }
    run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let deliveries = deliveries.clone();
        async move { Ok::<_, Error>(deliveries.batch(event.payload).await) }
    }))
    .await
}
