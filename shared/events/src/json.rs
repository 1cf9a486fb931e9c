//! JSON as strict as money needs it.

use std::fmt;

use laurel_rules::{Code, Refusal};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, map::Entry};

/// Reads JSON that has no duplicate key anywhere, no number beyond a double, and at most 127
/// levels. Of two keys with one name most readers silently take the last, some the first: two
/// parties would see two amounts.
///
/// # Errors
/// `body_invalid` with the place.
pub fn parse_strict(bytes: &[u8]) -> Result<Value, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Strict
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|problem| {
            let message = format!("This is not the JSON that is needed here: {problem}.");
            Refusal::new(Code::BodyInvalid, message)
        })
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            match map.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(fields.next_value_seed(Strict)?);
                }
                Entry::Occupied(taken) => {
                    let key = crate::fields::shortened(taken.key());
                    return Err(de::Error::custom(format!("the key `{key}` is there twice")));
                }
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::parse_strict;

    #[test]
    fn what_is_json_is_read_and_what_is_not_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let cases: &[(&str, Result<&str, &str>)] = &[
            (
                r#"{"a":1,"b":[true,null,"x",1.5,-2]}"#,
                Ok(r#"{"a":1,"b":[true,null,"x",1.5,-2]}"#),
            ),
            (
                r#"{"a":1,"a":2}"#,
                Err("the key `a` is there twice at line 1"),
            ),
            (
                r#"{"data":[{"x":1,"x":1}]}"#,
                Err("the key `x` is there twice"),
            ),
            (r#"{"a":1,"\u0061":2}"#, Err("the key `a` is there twice")),
            (r#"{"a":NaN}"#, Err("expected value")),
            (r#"{"a":Infinity}"#, Err("expected value")),
            (r#"{"a":1e400}"#, Err("number out of range")),
            (r#"{"a":"\ud800"}"#, Err("hex escape")),
            (r#"{"a":1} x"#, Err("trailing characters")),
            (r#"{"a":1"#, Err("EOF")),
            ("", Err("EOF")),
            (&deep, Err("recursion limit")),
        ];
        for (text, expected) in cases {
            match (parse_strict(text.as_bytes()), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(value.to_string(), *expected),
                (Err(refusal), Err(expected)) => {
                    assert_eq!(refusal.code.as_str(), "body_invalid");
                    assert!(
                        refusal.message.contains(expected),
                        "{text}: {}",
                        refusal.message
                    );
                }
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
        assert!(parse_strict(b"\"\xff\"").is_err(), "invalid UTF-8");
    }
}
