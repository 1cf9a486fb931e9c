//! JSON Schemas of event types (spec section 6): what the metadata of an event must look like.
//!
//! A schema comes from the outside and runs with every event of its type, so it is bounded when
//! it is saved: in bytes, in depth, and in subschemas with every reference followed. References
//! lead to the schema itself only, patterns are matched in time linear in the text, and nothing
//! is ever fetched.

use std::sync::Arc;

use jsonschema::{
    Draft, PatternOptions, ValidationError, Validator,
    error::ValidationErrorKind,
    paths::{Location, LocationSegment},
};
use laurel_rules::{Refusal, catalog::MetadataSchema};
use serde_json::Value;

/// The largest schema, in bytes of JSON without spaces.
pub const SCHEMA_BYTES_MAX: usize = 16 * 1024;
/// How deep a schema may nest, references included.
const DEPTH_MAX: usize = 32;
/// The most JSON values in a schema, each reference counting as what it leads to.
const VALUES_MAX: usize = 5000;
/// The most memory that one pattern may compile to, in bytes.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

/// The versions of JSON Schema that are taken; the first where a schema does not say.
const DRAFTS: [(&str, Draft); 3] = [
    (
        "https://json-schema.org/draft/2020-12/schema",
        Draft::Draft202012,
    ),
    (
        "https://json-schema.org/draft/2019-09/schema",
        Draft::Draft201909,
    ),
    ("http://json-schema.org/draft-07/schema", Draft::Draft7),
];

/// Makes a schema ready to check metadata with.
///
/// # Errors
/// `parameter_invalid` at `schema` or within it: it is no JSON Schema, or exceeds a bound.
pub fn compile(schema: &Value) -> Result<Arc<dyn MetadataSchema>, Refusal> {
    if !schema.is_object() {
        let message = "`schema` must be a JSON Schema: an object, as {\"type\": \"object\", \
                       \"properties\": {…}}.";
        return Err(Refusal::invalid("schema", message));
    }
    if schema.to_string().len() > SCHEMA_BYTES_MAX {
        let message = format!("`schema` must be at most {SCHEMA_BYTES_MAX} bytes of JSON.");
        return Err(Refusal::invalid("schema", message));
    }
    let mut bounds = Bounds {
        root: schema,
        values_left: VALUES_MAX,
    };
    bounds.check(schema, 0)?;
    let validator = jsonschema::options()
        .with_draft(draft(schema)?)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES_MAX))
        .offline()
        .build(schema)
        .map_err(|error| {
            let param = path("schema", error.instance_path());
            let message = format!("`{param}` is not JSON Schema: {}.", error.masked());
            Refusal::invalid(param, message)
        })?;
    Ok(Arc::new(Compiled(validator)))
}

fn draft(schema: &Value) -> Result<Draft, Refusal> {
    let Some(named) = schema.get("$schema") else {
        return Ok(DRAFTS[0].1);
    };
    let named = named.as_str().map(|uri| uri.trim_end_matches('#'));
    let known = DRAFTS.iter().find(|(uri, _)| named == Some(uri));
    known.map(|(_, draft)| *draft).ok_or_else(|| {
        let uris: Vec<&str> = DRAFTS.iter().map(|(uri, _)| *uri).collect();
        let message = format!("`schema.$schema` must be one of {}.", uris.join(", "));
        Refusal::invalid("schema.$schema", message)
    })
}

/// What is left of the bounds while a schema is walked through.
struct Bounds<'a> {
    root: &'a Value,
    values_left: usize,
}

/// Keywords that make the target of a reference depend on more than the reference.
const REFUSED: [&str; 5] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
];

impl<'a> Bounds<'a> {
    fn check(&mut self, value: &'a Value, depth: usize) -> Result<(), Refusal> {
        if depth > DEPTH_MAX {
            let message = format!(
                "`schema` must nest at most {DEPTH_MAX} deep, and must not refer to itself."
            );
            return Err(Refusal::invalid("schema", message));
        }
        self.values_left = self.values_left.checked_sub(1).ok_or_else(|| {
            let message = format!(
                "`schema` must have at most {VALUES_MAX} values, counting what each `$ref` leads \
                 to."
            );
            Refusal::invalid("schema", message)
        })?;
        match value {
            Value::Array(members) => members
                .iter()
                .try_for_each(|member| self.check(member, depth + 1)),
            Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                // A property may have any name; a keyword of these has no schema as its value.
                let is_keyword = !field.is_object();
                if is_keyword && name == "$ref" {
                    let target = self.target(field)?;
                    return self.check(target, depth + 1);
                }
                let is_inner_id = depth > 0 && name == "$id";
                if is_keyword && (is_inner_id || REFUSED.contains(&name.as_str())) {
                    let message = format!(
                        "`{name}` is not taken; refer by `$ref` to a place such as \"#/$defs/name\"."
                    );
                    return Err(Refusal::invalid("schema", message));
                }
                self.check(field, depth + 1)
            }),
            _ => Ok(()),
        }
    }

    fn target(&self, reference: &Value) -> Result<&'a Value, Refusal> {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        target.ok_or_else(|| {
            let message = "`$ref` must name a place in this very schema, as \"#/$defs/name\".";
            Refusal::invalid("schema", message)
        })
    }
}

#[derive(Debug)]
struct Compiled(Validator);

impl MetadataSchema for Compiled {
    fn check(&self, metadata: &Value) -> Result<(), Refusal> {
        self.0.validate(metadata).map_err(|error| {
            // The values stay out of the message, since refusals are logged.
            let message = format!(
                "The event's metadata does not match the schema of its type: {}.",
                error.masked()
            );
            let param = param(&error);
            if param.is_empty() {
                let code = laurel_rules::Code::ParameterInvalid;
                return Refusal::new(code, message);
            }
            Refusal::invalid(param, message)
        })
    }
}

/// The field at fault: also one that is missing, or is there although it may not be.
fn param(error: &ValidationError<'_>) -> String {
    let within = path("", error.instance_path());
    let name = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.first().map(String::as_str)
        }
        _ => None,
    };
    match name {
        Some(name) if within.is_empty() => name.to_owned(),
        Some(name) => format!("{within}.{name}"),
        None => within,
    }
}

/// A place in JSON as `param` spells it: `start.items[2].name`.
fn path(start: &str, location: &Location) -> String {
    let mut path = start.to_owned();
    for segment in location {
        match segment {
            LocationSegment::Property(name) if path.is_empty() => path.push_str(&name),
            LocationSegment::Property(name) => {
                path.push('.');
                path.push_str(&name);
            }
            LocationSegment::Index(place) => path.push_str(&format!("[{place}]")),
        }
    }
    path
}

#[cfg(test)]
mod tests;
