//! Event types that somebody registered: create, read, change, list, delete.
//!
//! Any event type earns by a rule that names it, registered or not. What registering one adds is
//! a schema for its metadata, which is part of the program's catalog.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{Code, Refusal, catalog::MetadataSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    catalogs::no_such_program,
    commit::{delete, put},
    item::{Item, Reader, Writer},
    programs::json,
    retry::Pause,
    store::{Committed, Consistency},
    table::{EVENT_TYPE_PREFIX, Key},
};

/// The most event types that a program may register: they are all read with its rules.
const EVENT_TYPES_MAX: usize = 200;

/// A registered event type (spec section 6, "Any behaviour").
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

/// What an update of an event type may say; absent fields stay.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventTypeChange {
    /// Another description, or none.
    pub description: Option<Option<String>>,
    /// Another schema, or none.
    pub schema: Option<Option<Value>>,
}

fn no_such_event_type(name: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such event type: `{name}`."),
    )
}

/// A compiled schema and the event type that it is for.
type NamedSchema = (String, Arc<dyn MetadataSchema>);

/// The compiled schema of a stored event type, where it has one.
pub(crate) fn schema_in(reader: &Reader<'_>) -> Result<Option<NamedSchema>, Error> {
    let EventType { name, schema, .. } = event_type_in(reader)?;
    let compiled = schema.as_ref().map(laurel_schemas::compile).transpose();
    let compiled = compiled.map_err(|refusal| reader.corrupt(refusal.to_string()))?;
    Ok(compiled.map(|schema| (name, schema)))
}

fn event_type_in(reader: &Reader<'_>) -> Result<EventType, Error> {
    serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("an event type does not read: {problem}")))
}

impl Ledger {
    /// Registers an event type; the same request again, which gave it the same id, is answered
    /// with what it made.
    ///
    /// # Errors
    /// `parameter_invalid` where the schema is none, or the name is Laurel's own;
    /// `resource_already_exists` where the program has a type of this name; `resource_missing`
    /// where there is no such program.
    pub async fn create_event_type(&self, event_type: EventType) -> Result<EventType, Error> {
        check(&event_type)?;
        let EventType {
            id, program, name, ..
        } = &event_type;
        let pointer = Writer::keyed(Key::event_type_name(id))
            .text("p", program)
            .text("n", name)
            .done();
        let mut pause = Pause::new();
        loop {
            let found = self.stored_program(program).await?;
            let (settings, version) = found.ok_or_else(|| no_such_program(program))?;
            let all = self.stored_event_types(program).await?;
            if let Some(found) = all.iter().find(|found| found.name == *name) {
                if found.id == *id {
                    return Ok(found.clone());
                }
                let message = format!(
                    "The event type `{name}` exists already; update `{}` instead.",
                    found.id
                );
                return Err(Refusal::new(Code::ResourceAlreadyExists, message)
                    .at("name")
                    .into());
            }
            if all.len() >= EVENT_TYPES_MAX {
                let message = format!(
                    "A program may register at most {EVENT_TYPES_MAX} event types; delete one first."
                );
                return Err(Refusal::invalid("name", message).into());
            }
            // The program's version stands for the whole of `all`.
            let writes = vec![
                put(&self.store.table, event_type_item(&event_type)?, None)?,
                put(&self.store.table, pointer.clone(), None)?,
                self.program_put(&settings, version)?,
            ];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(event_type);
            }
            pause.or_busy().await?;
        }
    }

    /// The event type with this id, or with this name in `program`.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn event_type(&self, program: &str, id_or_name: &str) -> Result<EventType, Error> {
        let pointer = Key::event_type_name(id_or_name);
        let named = Key::event_type(program, id_or_name);
        let keys = [pointer.clone(), named.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        if let Some(pointer) = found.get(&pointer) {
            let reader = Reader::new(pointer);
            let owner = reader.text("p")?;
            if !self.sees(owner) {
                return Err(no_such_event_type(id_or_name).into());
            }
            let key = Key::event_type(owner, reader.text("n")?);
            let found = self.store.get([key], Consistency::Strong).await?;
            if let Some(item) = found.values().next() {
                return event_type_in(&Reader::new(item));
            }
        }
        let item = found
            .get(&named)
            .filter(|_| self.sees(program))
            .ok_or_else(|| no_such_event_type(id_or_name))?;
        event_type_in(&Reader::new(item))
    }

    async fn stored_event_types(&self, program: &str) -> Result<Vec<EventType>, Error> {
        let partition = Key::program(program).pk;
        let to = format!("{EVENT_TYPE_PREFIX}~");
        let items = self
            .store
            .query_all(&partition, EVENT_TYPE_PREFIX, &to)
            .await?;
        items
            .iter()
            .map(|item| event_type_in(&Reader::new(item)))
            .collect()
    }

    /// Lists a program's event types, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where a cursor
    /// names none of its event types.
    pub async fn event_types(
        &self,
        program: &str,
        created: TimeRange,
        request: &PageRequest,
    ) -> Result<Page<EventType>, Error> {
        if self.stored_program(program).await?.is_none() {
            return Err(no_such_program(program).into());
        }
        let mut all = self.stored_event_types(program).await?;
        all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        let keep = |event_type: &EventType| created.contains(event_type.created);
        Ok(Page::cut_where(
            all,
            request,
            |event_type| &event_type.id,
            keep,
        )?)
    }

    /// Changes an event type.
    ///
    /// # Errors
    /// `resource_missing`; `parameter_invalid` where the schema is none.
    pub async fn update_event_type(
        &self,
        program: &str,
        id_or_name: &str,
        change: &EventTypeChange,
    ) -> Result<EventType, Error> {
        let mut pause = Pause::new();
        loop {
            let before = self.event_type(program, id_or_name).await?;
            let mut after = before.clone();
            if let Some(description) = &change.description {
                after.description.clone_from(description);
            }
            if let Some(schema) = &change.schema {
                after.schema.clone_from(schema);
            }
            if after == before {
                return Ok(after);
            }
            check(&after)?;
            after.version = before.version + 1;
            let item = put(
                &self.store.table,
                event_type_item(&after)?,
                Some(before.version),
            )?;
            let found = self.stored_program(&after.program).await?;
            let (settings, version) = found.ok_or_else(|| no_such_program(&after.program))?;
            let writes = vec![item, self.program_put(&settings, version)?];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(after);
            }
            pause.or_busy().await?;
        }
    }

    /// Deletes an event type: its events are no longer checked. What they earned stays.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn delete_event_type(
        &self,
        program: &str,
        id_or_name: &str,
    ) -> Result<EventType, Error> {
        let mut pause = Pause::new();
        let mut gone: Option<EventType> = None;
        loop {
            let found = match (self.event_type(program, id_or_name).await, &gone) {
                (Ok(found), _) => found,
                // An earlier try of this very call deleted it, and its answer was lost.
                (Err(Error::Refused(_)), Some(gone)) => return Ok(gone.clone()),
                (Err(error), _) => return Err(error),
            };
            let stored = self.stored_program(&found.program).await?;
            let (settings, version) = stored.ok_or_else(|| no_such_program(&found.program))?;
            let key = Key::event_type(&found.program, &found.name);
            let writes = vec![
                delete(&self.store.table, &key, Some(found.version))?,
                delete(&self.store.table, &Key::event_type_name(&found.id), None)?,
                self.program_put(&settings, version)?,
            ];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(found);
            }
            gone = Some(found);
            pause.or_busy().await?;
        }
    }
}

fn check(event_type: &EventType) -> Result<(), Refusal> {
    laurel_rules::id::check_event_type("name", &event_type.name)?;
    if event_type.name.starts_with("loyalty.") {
        let message = "Event types that start with `loyalty.` are Laurel's own.";
        return Err(Refusal::invalid("name", message));
    }
    match &event_type.schema {
        Some(schema) => laurel_schemas::compile(schema).map(|_| ()),
        None => Ok(()),
    }
}

fn event_type_item(event_type: &EventType) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::event_type(&event_type.program, &event_type.name));
    Ok(writer
        .text("cfg", json(event_type)?)
        .number("v", event_type.version)
        .done())
}
