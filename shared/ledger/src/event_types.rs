//! Event types that somebody registered.
//!
//! Any event type earns by a rule that names it, registered or not. What registering one adds is
//! a schema for its metadata, which is part of the program's catalog.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{Refusal, catalog::MetadataSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error,
    configured::{Configured, getters, read_item},
    item::{Item, Reader},
};

/// A registered event type (spec section 6, "Any behaviour"). Its events are checked from the
/// next one on; once it is deleted they are no longer, and what they earned stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventType {
    /// `evtype_…`.
    pub id: String,
    /// The program that it belongs to.
    pub program: String,
    /// The type as events name it; unique in the program.
    pub name: String,
    /// What it is about, in the operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The JSON Schema that the metadata of its events must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// Grows with each change, from 1.
    pub version: u64,
    /// When it was registered.
    pub created: Timestamp,
}

impl Configured for EventType {
    const NOUN: &'static str = "event type";
    const LETTER: char = 'Y';
    const COUNT_MAX: usize = 200;
    const UNIQUE: &'static str = "name";

    getters!();

    fn name(&self) -> &str {
        &self.name
    }

    fn check(&self) -> Result<(), Refusal> {
        laurel_rules::id::check_event_type("name", &self.name)?;
        if self.name.starts_with("loyalty.") {
            let message = "Event types that start with `loyalty.` are Laurel's own.";
            return Err(Refusal::invalid("name", message));
        }
        match &self.schema {
            Some(schema) => laurel_schemas::compile(schema).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// A compiled schema and the event type that it is for.
type NamedSchema = (String, Arc<dyn MetadataSchema>);

/// The compiled schema of a stored event type, where it has one.
pub(crate) fn schema_in(item: &Item) -> Result<Option<NamedSchema>, Error> {
    let EventType { name, schema, .. } = read_item(item)?;
    let compiled = schema.as_ref().map(laurel_schemas::compile).transpose();
    let compiled = compiled.map_err(|refusal| Reader::new(item).corrupt(refusal.to_string()))?;
    Ok(compiled.map(|schema| (name, schema)))
}
