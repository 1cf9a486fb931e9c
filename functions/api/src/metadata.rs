//! Metadata: the operator's own keys and values (spec section 3).

use std::collections::BTreeMap;

use laurel_rules::Refusal;
use serde_json::Value;

use crate::fields::{Field, Fields, Kind};

/// The most keys.
pub(crate) const KEYS_MAX: usize = 50;
/// The longest key, in characters.
pub(crate) const KEY_LEN_MAX: usize = 40;
/// The longest value, in characters.
pub(crate) const VALUE_LEN_MAX: usize = 500;

/// The field, for shapes.
pub(crate) const METADATA: Field = Field::new(
    "metadata",
    Kind::Metadata,
    "Your own keys and values. What is sent is merged into what is there; null deletes a key, or \
     all of them.",
)
.nullable();

/// A change of metadata: it merges, and what is null goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MetadataChange {
    /// Whether `metadata` itself was null: all keys go.
    pub(crate) clear: bool,
    /// Keys to set, or with none to delete.
    pub(crate) keys: BTreeMap<String, Option<String>>,
}

impl MetadataChange {
    /// Reads the field `metadata`.
    ///
    /// # Errors
    /// `parameter_invalid`.
    pub(crate) fn read(fields: &mut Fields) -> Result<MetadataChange, Refusal> {
        let map = match fields.nullable("metadata", Fields::map)? {
            None => return Ok(MetadataChange::default()),
            Some(None) => {
                return Ok(MetadataChange {
                    clear: true,
                    keys: BTreeMap::new(),
                });
            }
            Some(Some(map)) => map,
        };
        if map.len() > KEYS_MAX {
            return Err(too_many());
        }
        let mut keys = BTreeMap::new();
        for (key, value) in map {
            if key.is_empty()
                || key.chars().count() > KEY_LEN_MAX
                || key.chars().any(char::is_control)
            {
                let message =
                    format!("A key of `metadata` must have 1 to {KEY_LEN_MAX} characters.");
                return Err(Refusal::invalid("metadata", message));
            }
            let param = format!("metadata.{key}");
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    let message = format!("`{param}` must be a string.");
                    return Err(Refusal::invalid(param, message));
                }
            };
            if value
                .as_ref()
                .is_some_and(|text| text.chars().count() > VALUE_LEN_MAX)
            {
                let message = format!("`{param}` must be at most {VALUE_LEN_MAX} characters long.");
                return Err(Refusal::invalid(param, message));
            }
            keys.insert(key, value);
        }
        Ok(MetadataChange { clear: false, keys })
    }

    /// Changes `metadata`.
    ///
    /// # Errors
    /// `parameter_invalid` where too many keys would result.
    pub(crate) fn apply(&self, metadata: &mut BTreeMap<String, String>) -> Result<(), Refusal> {
        if self.clear {
            metadata.clear();
        }
        for (key, value) in &self.keys {
            match value {
                Some(value) => metadata.insert(key.clone(), value.clone()),
                None => metadata.remove(key),
            };
        }
        if metadata.len() > KEYS_MAX {
            Err(too_many())
        } else {
            Ok(())
        }
    }

    /// The metadata of a new object.
    pub(crate) fn into_new(self) -> BTreeMap<String, String> {
        self.keys
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }
}

fn too_many() -> Refusal {
    Refusal::invalid(
        "metadata",
        format!("`metadata` may have at most {KEYS_MAX} keys."),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::fields::Origin;

    fn read(metadata: Value) -> Result<MetadataChange, Refusal> {
        let mut fields = Map::new();
        fields.insert("metadata".to_owned(), metadata);
        MetadataChange::read(&mut Fields::new(fields, Origin::Json))
    }

    #[test]
    fn metadata_merges_and_null_deletes() {
        let mut metadata = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let mut apply = |change| {
            let change = read(change).expect("metadata");
            change.apply(&mut metadata).expect("room");
            serde_json::to_value(&metadata).expect("json")
        };
        let sent = json!({"b": "x", "n": 5, "f": 1.5, "t": true, "u": "ü€"});
        assert_eq!(
            apply(sent),
            json!({"a": "1", "b": "x", "n": "5", "f": "1.5", "t": "true", "u": "ü€"})
        );
        assert_eq!(
            apply(json!({"n": null, "f": null, "t": null, "u": null, "none": null})),
            json!({"a": "1", "b": "x"})
        );
        assert_eq!(apply(json!({})), json!({"a": "1", "b": "x"}));
        assert_eq!(apply(json!({"b": ""})), json!({"a": "1", "b": ""}));
        assert_eq!(apply(Value::Null), json!({}));
    }

    #[test]
    fn bounds_table() {
        let of_keys =
            |count: usize| Value::Object((0..count).map(|n| (n.to_string(), json!("v"))).collect());
        let of_key = |key: &str| json!({ key: "v" });
        let ok = [
            of_keys(50),
            of_key(&"ü".repeat(40)),
            json!({"k": "ü".repeat(500)}),
        ];
        for metadata in ok {
            assert!(read(metadata.clone()).is_ok(), "{metadata}");
        }
        let refused = [
            (of_keys(51), "metadata"),
            (of_key(&"k".repeat(41)), "metadata"),
            (of_key(""), "metadata"),
            (of_key("a\u{0}"), "metadata"),
            (json!({"k": "v".repeat(501)}), "metadata.k"),
            (json!({"k": {}}), "metadata.k"),
            (json!({"k": ["v"]}), "metadata.k"),
            (json!("text"), "metadata"),
            (json!([]), "metadata"),
        ];
        for (metadata, param) in refused {
            let refusal = read(metadata.clone()).expect_err("out of bounds");
            assert_eq!(refusal.param.as_deref(), Some(param), "{metadata}");
        }
        let mut full = read(of_keys(50)).expect("50 keys").into_new();
        assert!(
            read(json!({"more": "v"}))
                .expect("one key")
                .apply(&mut full)
                .is_err()
        );
    }
}
