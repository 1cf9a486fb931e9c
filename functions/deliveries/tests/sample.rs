//! The sample invocation of the function, for `sam local invoke` and emulators.

use aws_lambda_events::sqs::SqsEvent;
use laurel_webhooks::Message;

#[test]
fn the_sample_is_an_order_to_deliver() {
    let batch: SqsEvent = serde_json::from_str(include_str!("sample.json")).expect("a batch");
    for record in batch.records {
        let body = record.body.expect("a body");
        let message: Message = serde_json::from_str(&body).expect("an order");
        let spelt = serde_json::to_value(&message).expect("JSON");
        let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(spelt, read, "as it is sent");
    }
}
