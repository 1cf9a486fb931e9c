//! Events that are to be handled later: onto the bus.

use laurel_events::API_SOURCE;
use laurel_host::{BUS_BYTES_MAX, BUS_EVENTS_MAX, Bus, BusEvent, chain};
use laurel_rules::{Code, Event, Refusal};
use serde_json::{Value, json};

use super::Outcome;

/// Puts the events that are as they should be on the bus, and answers for each.
pub(super) async fn put_all(bus: &dyn Bus, events: Vec<Result<Event, Refusal>>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(events.len());
    let mut fit = Vec::new();
    for (place, event) in events.into_iter().enumerate() {
        outcomes.push(event.and_then(|event| {
            fit.push((place, bus_event(&event)?));
            Ok(json!({"object": "event_outcome", "outcome": "queued", "id": event.source_id}))
        }));
    }
    for call in calls(fit) {
        let (places, events): (Vec<usize>, Vec<BusEvent>) = call.into_iter().unzip();
        let answers = bus.put(events).await.unwrap_or_else(|error| {
            tracing::error!(reason = chain(&error), "the bus failed");
            Vec::new()
        });
        // What is not said to have been taken was not.
        let answers = answers.into_iter().map(Some).chain(std::iter::repeat(None));
        for (place, answer) in places.into_iter().zip(answers) {
            if let Some(Err(reason)) = &answer {
                tracing::error!(reason, "the bus did not take an event");
            }
            if let (None | Some(Err(_)), Some(outcome)) = (answer, outcomes.get_mut(place)) {
                let message = "The bus did not take the event; send it again.";
                *outcome = Err(Refusal::new(Code::Unavailable, message));
            }
        }
    }
    outcomes
}

/// The event as the bus carries it. What names it stands in its data, since the bus gives ids
/// of its own.
fn bus_event(event: &Event) -> Result<BusEvent, Refusal> {
    let mut detail = event.data.clone();
    detail.insert("id".to_owned(), json!(event.source_id));
    detail.insert("program".to_owned(), json!(event.program));
    detail.insert("occurred_at".to_owned(), json!(event.occurred_at));
    let event = BusEvent {
        source: API_SOURCE.to_owned(),
        detail_type: event.trigger.clone(),
        detail: Value::Object(detail),
        time: event.occurred_at,
    };
    if event.size_bytes() > BUS_BYTES_MAX {
        let message = format!("The bus takes events of at most {BUS_BYTES_MAX} bytes.");
        return Err(Refusal::new(Code::BodyTooLarge, message).at("data"));
    }
    Ok(event)
}

/// Divides events into calls that the bus takes, in their order.
fn calls<T>(events: Vec<(T, BusEvent)>) -> Vec<Vec<(T, BusEvent)>> {
    let mut calls: Vec<Vec<_>> = Vec::new();
    let mut call_bytes = 0;
    for event in events {
        let size_bytes = event.1.size_bytes();
        match calls.last_mut() {
            Some(call)
                if call.len() < BUS_EVENTS_MAX && call_bytes + size_bytes <= BUS_BYTES_MAX =>
            {
                call_bytes += size_bytes;
                call.push(event);
            }
            _ => {
                call_bytes = size_bytes;
                calls.push(vec![event]);
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn calls_are_bounded_by_count_and_by_size() {
        let sizes = |text_bytes: &[usize]| {
            let events = text_bytes.iter().map(|count| {
                let detail = json!({ "text": "x".repeat(*count) });
                let (source, detail_type) = (API_SOURCE.to_owned(), "signup".to_owned());
                (
                    (),
                    BusEvent {
                        source,
                        detail_type,
                        detail,
                        time: Timestamp::UNIX_EPOCH,
                    },
                )
            });
            calls(events.collect())
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0_usize; 0]);
        assert_eq!(sizes(&[5; 25]), [10, 10, 5]);
        assert_eq!(sizes(&[200_000, 5, 200_000, 200_000, 5]), [2, 1, 2]);
    }
}
