//! The catalogue of emitted events: each type's example fits its schema, and the file is current.

use std::path::PathBuf;

use laurel_events::catalog;
use serde_json::Value;

fn validator(event_type: &str) -> jsonschema::Validator {
    let schema = catalog::schema(event_type).expect("a schema");
    jsonschema::draft202012::new(&schema).expect("a JSON Schema")
}

#[test]
fn every_example_fits_its_schema_and_nothing_else_does() {
    let catalog = catalog::catalog();
    let listed = catalog["events"].as_array().expect("events").iter();
    let listed: Vec<&Value> = listed.map(|event| &event["type"]).collect();
    assert_eq!(listed, catalog::NAMES);
    for event_type in catalog::NAMES {
        let example = catalog::sample(event_type).expect("an example").envelope();
        let validator = validator(event_type);
        if let Err(problem) = validator.validate(&example) {
            panic!("{event_type}: {problem}");
        }
        for field in example["data"].as_object().expect("data").keys() {
            if field == "reverses" {
                continue;
            }
            let mut without = example.clone();
            without["data"].as_object_mut().expect("data").remove(field);
            assert!(
                !validator.is_valid(&without),
                "{event_type} without {field}"
            );
        }
        let mut other = example.clone();
        other["type"] = "x".into();
        assert!(!validator.is_valid(&other));
    }
    assert!(catalog::sample("x").is_none());
}

#[test]
fn the_file_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.json");
    let mut current = serde_json::to_string_pretty(&catalog::catalog()).expect("JSON");
    current.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).expect("writes");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        serde_json::from_str::<Value>(&written).ok(),
        serde_json::from_str::<Value>(&current).ok(),
        "run `UPDATE=1 cargo test -p laurel-events --test catalog`"
    );
}
