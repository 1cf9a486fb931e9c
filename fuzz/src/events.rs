//! Events, as `POST /v1/events` and the bus bring them.

use laurel_events::{API_SOURCE, Incoming, digest, from_api, from_envelope, json, parse};
use laurel_rules::{Event, Refusal, id};
use serde_json::{Value, json};

use crate::{NOW, check_key_part, check_refusal};

/// What is read is read the same way each time, over the bus as over HTTP, and has nothing in it
/// that a key or a ledger could not take.
///
/// # Panics
/// Where that does not hold.
pub fn events(data: &[u8]) {
    let value = match json::parse_strict(data) {
        Ok(value) => value,
        Err(refusal) => return check_refusal(&refusal),
    };
    assert_eq!(again(&value), value, "JSON is written and read alike");
    if let Some(incoming) = read(from_api(value.clone())) {
        let event = judged(&incoming);
        let sent = judged_after_the_bus(incoming);
        // Over the bus its data names the event, and may so become too much.
        if let (Some(event), Some(sent)) = (event, sent) {
            assert_eq!(
                nameless(event),
                nameless(sent),
                "it is the same over the bus"
            );
        }
    }
    if let Some(incoming) = read(from_envelope(value)) {
        judged(&incoming);
    }
}

/// The event without what names it in its data.
fn nameless(mut event: Event) -> Event {
    for name in ["id", "program", "occurred_at"] {
        event.data.remove(name);
    }
    event
}

fn again(value: &Value) -> Value {
    json::parse_strict(value.to_string().as_bytes()).expect("JSON that was written")
}

fn read(read: Result<Incoming, Refusal>) -> Option<Incoming> {
    read.inspect_err(check_refusal).ok()
}

fn judged(incoming: &Incoming) -> Option<Event> {
    let parsed = parse(incoming.clone(), *NOW);
    assert_eq!(parsed, parse(incoming.clone(), *NOW));
    let event = parsed.inspect_err(check_refusal).ok()?;
    assert!(id::check_event_type("type", &event.trigger).is_ok());
    check_key_part(&event.source_id);
    check_key_part(&event.program);
    event
        .member
        .accounts
        .iter()
        .for_each(|id| check_key_part(id));
    event
        .member
        .customer
        .iter()
        .for_each(|id| check_key_part(id));
    let money = event.amount.into_iter();
    let items = event
        .line_items
        .iter()
        .flat_map(|it| [it.amount, it.quantity]);
    for number in money.chain(items) {
        assert!(number >= 0, "{event:?}");
    }
    if !event.content.is_empty() {
        assert_eq!(event.content, digest(&event.data));
        let Value::Object(data) = again(&Value::Object(event.data.clone())) else {
            panic!("data is no object any more");
        };
        assert_eq!(event.content, digest(&data), "content has one digest");
    }
    Some(event)
}

/// The event, sent over the bus by the API.
fn judged_after_the_bus(incoming: Incoming) -> Option<Event> {
    let event_type = incoming.event_type.clone();
    let named = incoming.id.clone();
    let occurred_at = incoming.occurred_at?;
    let envelope = json!({
        "version": "0",
        "id": named.as_deref().unwrap_or("bus-1"),
        "detail-type": event_type,
        "source": API_SOURCE,
        "time": occurred_at.to_string(),
        "detail": incoming.into_detail(),
    });
    let sent = json::parse_strict(envelope.to_string().as_bytes()).expect("an envelope");
    judged(&read(from_envelope(sent))?)
}
