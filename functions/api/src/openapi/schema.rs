//! Shapes and kinds as JSON Schema.

use laurel_rules::id::ID_LEN_MAX;
use serde_json::{Map, Value, json};

use crate::{
    fields::{NAMES_MAX, TEXT_LEN_MAX},
    metadata::{KEY_LEN_MAX, KEYS_MAX, VALUE_LEN_MAX},
    shape::{Field, Kind, Shape},
};

/// One line that is not blank, without control characters.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
const ID: &str = r"^[A-Za-z0-9_.:@/+=~|-]+$";
const EVENT_TYPE: &str = r"^[a-z][a-z0-9_.]{0,63}$";
const EMAIL: &str = r"^[^@\s\u0000-\u001f\u007f-\u009f]+@[^@\s\u0000-\u001f\u007f-\u009f]+$";
/// From the beginning of the year 0 to the end of the year 9999, less a day for time zones.
const SECONDS: (i64, i64) = (-62_167_219_200, 253_402_207_200);

/// Who writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A caller, as JSON.
    Request,
    /// A caller, as a form or in a query string: all is text, and empty text is null.
    Form,
    /// Laurel.
    Answer,
}

/// Schemas with names, made as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Schemas {
    pub(super) named: Map<String, Value>,
}

impl Schemas {
    /// The schema of a kind, by reference where it has a name.
    pub(super) fn of(&mut self, kind: Kind, side: Side) -> Value {
        match kind {
            Kind::Id => json!({
                "type": "string", "minLength": 1, "maxLength": ID_LEN_MAX, "pattern": ID,
            }),
            Kind::Prefixed(prefix, len_max) => json!({
                "type": "string", "minLength": prefix.len() + 1, "maxLength": len_max,
                "pattern": ID.replacen('^', &format!("^{prefix}"), 1),
            }),
            Kind::EventType => json!({"type": "string", "pattern": EVENT_TYPE}),
            Kind::Email if side != Side::Answer => json!({
                "type": "string", "minLength": 3, "maxLength": 254, "pattern": EMAIL,
            }),
            Kind::AnyText if side == Side::Form => json!({"type": "string", "minLength": 1}),
            Kind::Email | Kind::AnyText => json!({"type": "string"}),
            Kind::Text("") => json!({
                "type": "string", "minLength": 1, "maxLength": TEXT_LEN_MAX, "pattern": LINE,
            }),
            Kind::Text(format) => json!({"type": "string", "format": format}),
            Kind::Pattern(pattern) => json!({"type": "string", "pattern": pattern}),
            Kind::Source(len_max) => {
                json!({"type": "string", "minLength": 1, "maxLength": len_max})
            }
            Kind::Constant(text) => json!({"type": "string", "const": text}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Whole(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Kind::Factor => factor(side),
            Kind::Real => json!({"type": "number"}),
            Kind::Rates => json!({
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"format": "iso-4217"},
                "additionalProperties": factor(side),
            }),
            Kind::Instant => match side {
                Side::Answer => json!({"type": "string", "format": "date-time"}),
                Side::Request | Side::Form => json!({"anyOf": [
                    {"type": "string", "format": "date-time"},
                    {
                        "type": "integer", "minimum": SECONDS.0, "maximum": SECONDS.1,
                        "description": "Unix seconds",
                    },
                ]}),
            },
            Kind::Choice(words) => json!({"type": "string", "enum": words}),
            Kind::Names => self.of(Kind::List(&Kind::Text(""), 1, NAMES_MAX), side),
            Kind::Metadata => metadata(side),
            Kind::Object(shape) => self.object(shape, side),
            Kind::OneOf(shapes) => {
                let shapes = shapes.iter().map(|shape| self.object(shape, side));
                json!({"oneOf": shapes.collect::<Vec<_>>()})
            }
            Kind::AnyOf(kinds) => {
                let kinds = kinds.iter().map(|kind| self.of(*kind, side));
                json!({"anyOf": kinds.collect::<Vec<_>>()})
            }
            Kind::List(member, least, most) => json!({
                "type": "array", "items": self.of(*member, side),
                "minItems": least, "maxItems": most,
            }),
            Kind::Page(member) => json!({
                "type": "object",
                "required": ["object", "data", "has_more", "url"],
                "properties": {
                    "object": {"type": "string", "const": "list"},
                    "data": {"type": "array", "items": self.of(*member, side)},
                    "has_more": {"type": "boolean", "description": "Whether there is another page."},
                    "url": {"type": "string", "description": "The path of the list."},
                },
            }),
            // What a line is like, OpenAPI 3.1 has no word for.
            Kind::Lines(line) => json!({
                "type": "string", "description": "Lines of JSON.",
                "x-itemSchema": self.of(*line, side),
            }),
            Kind::AnyJson if side == Side::Form => json!({
                "type": "string", "format": "json", "contentMediaType": "application/json",
                "contentSchema": {"type": "object"},
            }),
            Kind::AnyObject | Kind::AnyJson => json!({"type": "object"}),
        }
    }

    /// The schema of what a request may say, named after its operation.
    pub(super) fn params_of(&mut self, operation: &str, shape: &'static Shape) -> Value {
        let words = operation.split(['.', '_']).map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        });
        let name = words.collect::<String>() + "Params";
        let schema = self.properties(shape, Side::Request);
        self.named.insert(name.clone(), schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The schema of the same as a form says it: `as_json` where there is no difference.
    pub(super) fn form_of(&mut self, shape: &'static Shape, as_json: &Value) -> Value {
        let form = self.properties(shape, Side::Form);
        if form == self.properties(shape, Side::Request) {
            as_json.clone()
        } else {
            form
        }
    }

    fn object(&mut self, shape: &'static Shape, side: Side) -> Value {
        if !shape.is_answer {
            return self.properties(shape, side);
        }
        if !self.named.contains_key(shape.object) {
            // Its place is taken first, should it hold one of its own kind.
            self.named.insert(shape.object.to_owned(), Value::Null);
            let schema = self.properties(shape, side);
            self.named.insert(shape.object.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{}", shape.object)})
    }

    fn properties(&mut self, shape: &'static Shape, side: Side) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in shape.fields() {
            let is_there = match side {
                Side::Answer if shape.is_answer => !field.is_optional,
                _ => field.is_required,
            };
            if is_there {
                required.push(field.name);
            }
            properties.insert(field.name.to_owned(), self.field(field, side));
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !shape.is_answer {
            schema["title"] = shape.object.replace('`', "").into();
            schema["additionalProperties"] = match shape.others {
                Some(Kind::Rates) => {
                    schema["minProperties"] = (required.len() + 1).into();
                    schema["propertyNames"] = json!({"anyOf": [
                        {"enum": required},
                        {"format": "iso-4217"},
                    ]});
                    factor(side)
                }
                Some(kind) => self.of(*kind, side),
                None => false.into(),
            };
        }
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if !shape.any_of.is_empty() {
            let nothing = match side {
                Side::Form => json!({"const": ""}),
                Side::Request | Side::Answer => json!({"type": "null"}),
            };
            let given = shape
                .any_of
                .iter()
                .map(|name| json!({"required": [name], "properties": {(*name): {"not": nothing}}}));
            schema["anyOf"] = given.collect();
        }
        schema
    }

    fn field(&mut self, field: &Field, side: Side) -> Value {
        let mut schema = self.of(field.kind, side);
        // Metadata is null in requests alone, where null empties it.
        let is_nullable =
            field.is_nullable && !(side == Side::Answer && field.kind == Kind::Metadata);
        if is_nullable && side == Side::Form {
            schema = json!({"anyOf": [schema, {"type": "string", "const": ""}]});
        } else if is_nullable {
            schema = match schema.get("type").cloned() {
                Some(kind) if schema.get("enum").is_none() => {
                    schema["type"] = json!([kind, "null"]);
                    schema
                }
                _ => json!({"anyOf": [schema, {"type": "null"}]}),
            };
        }
        schema["description"] = field.about.into();
        if let Some(example) = field.example {
            let example: Value = match field.kind {
                Kind::Id
                | Kind::Prefixed(..)
                | Kind::AnyText
                | Kind::Text(_)
                | Kind::Pattern(_)
                | Kind::Source(_) => example.into(),
                Kind::AnyJson if side == Side::Form => example.into(),
                _ => serde_json::from_str(example).unwrap_or_else(|_| example.into()),
            };
            schema["examples"] = json!([example]);
        }
        schema
    }
}

/// A factor. What is answered is always a number.
fn factor(side: Side) -> Value {
    let number = json!({
        "type": "number", "minimum": 0, "maximum": 1_000_000,
        "description": "At most 8 decimal places",
    });
    match side {
        Side::Answer => number,
        Side::Request | Side::Form => json!({"anyOf": [
            number,
            {
                "type": "string",
                "pattern": r"^(1000000|[0-9]{1,6}(\.[0-9]{1,8})?)$",
                "description": "The same as text",
            },
        ]}),
    }
}

fn metadata(side: Side) -> Value {
    let text = json!({"type": "string", "maxLength": VALUE_LEN_MAX});
    match side {
        Side::Answer => json!({"type": "object", "additionalProperties": text}),
        Side::Request | Side::Form => json!({
            "type": "object",
            "maxProperties": KEYS_MAX,
            "propertyNames": {
                "minLength": 1, "maxLength": KEY_LEN_MAX,
                "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
            },
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null"], "maxLength": VALUE_LEN_MAX,
            },
        }),
    }
}
