//! The bodies that events come in.

use laurel_rules::{Code, Refusal};
use serde_json::{Map, Value};

use crate::{
    body::Payload,
    fields::{Origin, to_number},
};

/// The most events in one call.
pub(super) const EVENTS_MAX: usize = 100;

/// The events of a body. One alone is answered differently from one in a list.
#[derive(Debug, PartialEq)]
pub(crate) enum Batch {
    One(Value),
    Many(Vec<Value>),
}

impl Batch {
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Batch::Many(_))
    }

    pub(crate) fn into_events(self) -> Vec<Value> {
        match self {
            Batch::One(event) => vec![event],
            Batch::Many(events) => events,
        }
    }

    fn events_mut(&mut self) -> &mut [Value] {
        match self {
            Batch::One(event) => std::slice::from_mut(event),
            Batch::Many(events) => events,
        }
    }
}

/// Reads an event, a list of events, or `{events: […]}`.
///
/// # Errors
/// `body_invalid`, `parameter_invalid`, `parameter_unknown`.
pub(crate) fn batch(Payload { value, origin }: Payload) -> Result<Batch, Refusal> {
    let mut batch = match value {
        Value::Array(events) => Batch::Many(events),
        Value::Object(mut fields) => match fields.remove("events") {
            None => Batch::One(Value::Object(fields)),
            Some(events) => {
                if let Some(name) = fields.keys().next() {
                    let message = format!("`{name}` is not known beside `events`.");
                    return Err(Refusal::new(Code::ParameterUnknown, message).at(name));
                }
                let Value::Array(events) = events else {
                    return Err(Refusal::invalid("events", "`events` must be a list."));
                };
                Batch::Many(events)
            }
        },
        _ => {
            let message = "The body must be an event, a list of events, or {\"events\": […]}.";
            return Err(Refusal::new(Code::BodyInvalid, message));
        }
    };
    if !(1..=EVENTS_MAX).contains(&batch.events_mut().len()) {
        let message = format!("`events` must hold 1 to {EVENTS_MAX} events.");
        return Err(Refusal::invalid("events", message));
    }
    if origin == Origin::Text {
        let events = batch.events_mut().iter_mut();
        events
            .filter_map(Value::as_object_mut)
            .for_each(type_figures);
    }
    Ok(batch)
}

/// Makes numbers of the figures that an event of a form writes as text: `amount`, `amount_net`
/// and the like, `created`, and those of the line items.
pub(crate) fn type_figures(event: &mut Map<String, Value>) {
    let Some(data) = event.get_mut("data").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, value) in data.iter_mut() {
        if name == "amount" || name.starts_with("amount_") || name == "created" {
            to_number(value);
        }
    }
    let items = data.get_mut("line_items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        for name in ["amount", "quantity"] {
            if let Some(value) = item.get_mut(name) {
                to_number(value);
            }
        }
    }
}
