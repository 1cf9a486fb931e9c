//! The two forms in which events arrive, made one.

use jiff::Timestamp;
use laurel_rules::{
    Code, Refusal,
    event::{ACCOUNT_CREATED, REFERRAL_ATTRIBUTED},
    id,
};
use serde_json::{Map, Value};

use crate::{
    OWN_SOURCE,
    fields::{Fields, shortened, take_object},
};

/// What came in, before its data was looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Incoming {
    /// The event type, as `payment.completed`.
    pub event_type: String,
    /// The event's own id: over HTTP what the caller gave, on the bus the envelope's.
    pub id: Option<String>,
    /// When it happened by the envelope's word.
    pub occurred_at: Option<Timestamp>,
    /// The program by the envelope's word.
    pub program: Option<String>,
    /// The event's fields.
    pub data: Map<String, Value>,
    /// Whether Laurel itself emitted it.
    pub own: bool,
}

const API_FIELDS: [&str; 5] = ["type", "id", "occurred_at", "program", "data"];

/// Reads an event as `POST /v1/events` takes it: `{type, id?, occurred_at?, program?, data}`.
///
/// # Errors
/// A refusal whose `param` is relative to the event.
pub fn from_api(value: Value) -> Result<Incoming, Refusal> {
    let Value::Object(mut event) = value else {
        let message = "An event must be a JSON object with `type` and `data`.";
        return Err(Refusal::new(Code::BodyInvalid, message));
    };
    if let Some(unknown) = event.keys().find(|key| !API_FIELDS.contains(&key.as_str())) {
        let name = shortened(unknown);
        let message = format!(
            "`{name}` is not a field of an event; it has {}. What describes the event goes into \
             `data`.",
            API_FIELDS.join(", ")
        );
        return Err(Refusal::new(Code::ParameterUnknown, message).at(name));
    }
    let fields = Fields::new(&event, "");
    let event_type = fields
        .text("type")?
        .ok_or_else(|| Refusal::missing("type"))?;
    Ok(Incoming {
        event_type: id::check_event_type("type", event_type)?.to_owned(),
        id: fields.id("id")?.map(str::to_owned),
        occurred_at: fields.time("occurred_at")?,
        program: fields.id("program")?.map(str::to_owned),
        data: take_object(&mut event, "data", "data")?,
        own: false,
    })
}

/// Reads an envelope of EventBridge. What Laurel emitted itself (source `laurel`) has our own
/// envelope in `detail`.
///
/// # Errors
/// A refusal whose `param` is relative to the envelope.
pub fn from_envelope(value: Value) -> Result<Incoming, Refusal> {
    let Value::Object(mut envelope) = value else {
        return Err(no_envelope());
    };
    if !envelope.contains_key("detail-type") {
        return Err(no_envelope());
    }
    let event_type = Fields::new(&envelope, "")
        .text("detail-type")?
        .ok_or_else(|| Refusal::missing("detail-type"))?;
    let event_type = id::check_event_type("detail-type", event_type)?.to_owned();
    let mut detail = take_object(&mut envelope, "detail", "detail")?;
    let fields = Fields::new(&envelope, "");
    let own = fields.text("source")? == Some(OWN_SOURCE);
    if own {
        let ours = Fields::new(&detail, "detail");
        return Ok(Incoming {
            event_type,
            id: ours.id("id")?.map(str::to_owned),
            occurred_at: ours.time("created")?,
            program: ours.id("program")?.map(str::to_owned),
            data: take_object(&mut detail, "data", "detail.data")?,
            own,
        });
    }
    Ok(Incoming {
        event_type,
        id: fields.id("id")?.map(str::to_owned),
        occurred_at: fields.time("time")?,
        program: None,
        data: detail,
        own,
    })
}

fn no_envelope() -> Refusal {
    let message = "This is not an EventBridge envelope: `detail-type` is missing. A target of \
                   the rule must have neither `Input` nor `InputPath` nor `InputTransformer`.";
    Refusal::new(Code::BodyInvalid, message).at("detail-type")
}

impl Incoming {
    /// The `detail` that carries this event over the bus without loss, under its type as
    /// `detail-type` and [`API_SOURCE`](crate::API_SOURCE): the bus gives every event another id,
    /// and cuts its time to seconds.
    #[must_use]
    pub fn into_detail(self) -> Value {
        let mut data = self.data;
        let has =
            |data: &Map<String, Value>, name: &str| data.get(name).is_some_and(|v| !v.is_null());
        if let Some(program) = self.program
            && !has(&data, "program")
        {
            data.insert("program".to_owned(), program.into());
        }
        if let Some(id) = self.id
            && !has(&data, "id")
        {
            data.insert("id".to_owned(), id.into());
        }
        if let Some(at) = self.occurred_at
            && !has(&data, "occurred_at")
            && !has(&data, "created")
        {
            data.insert("occurred_at".to_owned(), at.to_string().into());
        }
        Value::Object(data)
    }

    /// Whether it asks for nothing: what Laurel emitted is news for others, except that a new
    /// account may deserve a welcome bonus, and who came by a code may, too.
    pub(crate) fn is_own_news(&self) -> bool {
        let asks = [ACCOUNT_CREATED, REFERRAL_ATTRIBUTED];
        self.own && !asks.contains(&self.event_type.as_str())
    }
}
