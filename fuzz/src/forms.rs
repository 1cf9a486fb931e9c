//! Form-encoded text, of bodies and queries.

use std::fmt::Write;

use api::form;
use serde_json::{Map, Value};

/// What is read as a form can be written as one, and is read again alike.
///
/// # Panics
/// Where that does not hold.
pub fn forms(data: &[u8]) {
    let fields = match form::parse(data) {
        Ok(fields) => fields,
        Err(problem) => {
            assert!(problem.message.contains(&problem.field), "{problem:?}");
            return;
        }
    };
    let text = written(&fields);
    assert_eq!(form::parse(text.as_bytes()), Ok(fields), "{text}");
}

fn written(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        write_field(&mut text, &escaped(name), value);
    }
    text
}

fn write_field(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => text.extend([name, "=&"]),
        Value::String(value) => {
            assert!(!value.is_empty(), "{name} is empty, and not null");
            text.extend([name, "=", &escaped(value), "&"]);
        }
        Value::Array(members) => {
            for (place, member) in members.iter().enumerate() {
                write_field(text, &format!("{name}[{place}]"), member);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                write_field(text, &format!("{name}[{}]", escaped(key)), field);
            }
        }
        Value::Bool(_) | Value::Number(_) => panic!("{name} has a type: {value}"),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(3 * text.len());
    for byte in text.bytes() {
        // Writing into memory cannot fail.
        let _ = write!(escaped, "%{byte:02X}");
    }
    escaped
}
