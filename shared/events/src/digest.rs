//! What an event says, as a short text that is equal where the content is.

use std::io::{self, Write};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Fields that are no content: `id` and `program` name the event and stand in its key, and the
/// spec lets `occurred_at` differ between two reports of one event.
const NOT_CONTENT: [&str; 3] = ["id", "program", "occurred_at"];

/// A digest of an event's data as JSON values: the order of keys does not count, nor whether a
/// whole number was written `5` or `5.0`.
#[must_use]
pub fn digest(data: &Map<String, Value>) -> String {
    digest_and_size(data).0
}

/// The digest, and the size of the data in bytes when written without spaces.
pub(crate) fn digest_and_size(data: &Map<String, Value>) -> (String, usize) {
    let mut content = Vec::with_capacity(1024);
    // Writing into memory cannot fail.
    let _ = write_object(data, &NOT_CONTENT, &mut content);
    let hash = Sha256::digest(&content);
    let half = hash
        .iter()
        .take(16)
        .fold(0, |half: u128, byte| half << 8 | u128::from(*byte));
    (format!("{half:032x}"), content.len())
}

fn write_object(map: &Map<String, Value>, skip: &[&str], to: &mut Vec<u8>) -> io::Result<()> {
    let mut fields: Vec<(&String, &Value)> = map
        .iter()
        .filter(|(key, _)| !skip.contains(&key.as_str()))
        .collect();
    // A map may keep the order of arrival, depending on how serde_json was built.
    fields.sort_unstable_by_key(|(key, _)| *key);
    to.write_all(b"{")?;
    for (place, (key, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            to.write_all(b",")?;
        }
        serde_json::to_writer(&mut *to, key)?;
        to.write_all(b":")?;
        write_value(value, to)?;
    }
    to.write_all(b"}")
}

fn write_value(value: &Value, to: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Value::Object(map) => write_object(map, &[], to),
        Value::Array(values) => {
            to.write_all(b"[")?;
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    to.write_all(b",")?;
                }
                write_value(value, to)?;
            }
            to.write_all(b"]")
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            #[allow(clippy::cast_possible_truncation, reason = "it is whole and in range")]
            Some(float) if float.fract() == 0.0 && float.abs() < WHOLE_MAX => {
                write!(to, "{}", float as i64)
            }
            _ => Ok(serde_json::to_writer(to, number)?),
        },
        scalar => Ok(serde_json::to_writer(to, scalar)?),
    }
}

/// 2⁵³: below it every whole double is one integer.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    fn digest(json: &str) -> String {
        let data: Map<String, Value> = serde_json::from_str(json).expect("an object");
        super::digest(&data)
    }

    #[test]
    fn equal_content_has_one_digest_and_other_content_another() {
        let base = digest(r#"{"amount":100,"metadata":{"a":1,"b":[1,2]}}"#);
        assert_eq!(base.len(), 32);
        for same in [
            r#"{"metadata":{"b":[1,2],"a":1},"amount":100}"#,
            r#"{"amount":100.0,"metadata":{"a":1e0,"b":[1,2]}}"#,
            r#"{"id":"pay_1","amount":100,"metadata":{"a":1,"b":[1,2]}}"#,
            r#"{"program":"p","occurred_at":"x","amount":100,"metadata":{"a":1,"b":[1,2]}}"#,
        ] {
            assert_eq!(digest(same), base, "{same}");
        }
        for other in [
            r#"{"amount":101,"metadata":{"a":1,"b":[1,2]}}"#,
            r#"{"amount":"100","metadata":{"a":1,"b":[1,2]}}"#,
            r#"{"amount":100.5,"metadata":{"a":1,"b":[1,2]}}"#,
            r#"{"amount":100,"metadata":{"a":1,"b":[2,1]}}"#,
            r#"{"amount":100,"metadata":{"a":1,"b":[1,2],"id":"x"}}"#,
            r#"{"amount":100,"metadata":{"a":1,"b":[1,2]},"customer":null}"#,
        ] {
            assert_ne!(digest(other), base, "{other}");
        }
    }

    #[test]
    fn the_digest_of_a_text_stays_the_same_for_ever() {
        // Stored with every event: a change here would make old events look contradicted.
        assert_eq!(digest("{}"), "44136fa355b3678a1146ad16f7e8649e");
        assert_eq!(
            digest(r#"{"customer":"cust_ä","amount":4250,"x":-0.5}"#),
            "fed750e464fe20f28be98fc25414cd1b"
        );
    }
}
