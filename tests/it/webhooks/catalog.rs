//! Whatever the stack emits is in the catalogue, as the catalogue says.

use std::collections::BTreeSet;

use laurel::{Options, Stack, samples, setup::ProgramFile};
use laurel_events::catalog;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_of_the_samples_fits_its_schema() {
    laurel_tests::logs::watch();
    let stack = Stack::start(Options::default()).await.expect("a stack");
    let program = ProgramFile::parse(laurel::setup::DEMO).expect("a program");
    program
        .set_up(&stack.router(), &stack.api_key)
        .await
        .expect("is set up");
    samples::send_all(&stack).await.expect("samples");
    stack.settled().await;
    let mut types = BTreeSet::new();
    for envelope in stack.bus.seen() {
        if envelope["source"] != "laurel" {
            continue;
        }
        let event = &envelope["detail"];
        let event_type = event["type"].as_str().expect("a type");
        let schema = catalog::schema(event_type);
        let schema = schema.unwrap_or_else(|| panic!("{event_type} is not in the catalogue"));
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        if let Err(problem) = validator.validate(event) {
            panic!("{event_type}: {problem}: {event}");
        }
        for (at, known) in [
            ("/properties", event),
            ("/properties/data/properties", &event["data"]),
        ] {
            let known = known.as_object().expect("an object");
            let told = schema
                .pointer(at)
                .and_then(Value::as_object)
                .expect("properties");
            for name in known.keys() {
                assert!(
                    told.contains_key(name),
                    "{event_type} says {name}, the schema does not"
                );
            }
        }
        types.insert(event_type.to_owned());
    }
    for event_type in [
        "loyalty.account.created",
        "loyalty.points.earned",
        "loyalty.points.reversed",
    ] {
        assert!(types.contains(event_type), "{types:?}");
    }
}
