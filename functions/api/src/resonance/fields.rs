//! What a manual event says, and what is answered.

use jiff::Timestamp;
use laurel_rules::{Refusal, id::DEFAULT_PROGRAM};
use serde_json::{Map, Value};

use crate::{
    events::answer::OUTCOME_FIELDS,
    fields::{Field, Fields, FromFields, Kind, Shape},
    shape::NUMBER,
};

/// A behaviour, as it was sent.
#[derive(Debug)]
pub(super) struct ManualEvent {
    pub(super) program: String,
    pub(super) event_type: String,
    pub(super) email: String,
    pub(super) metadata: Map<String, Value>,
    pub(super) id: Option<String>,
    pub(super) occurred_at: Option<Timestamp>,
}

impl FromFields for ManualEvent {
    const SHAPE: Shape = Shape::of(
        "a manual event",
        &[
            Field::new(
                "brandId",
                Kind::Id,
                "The program; `prog_default` where absent.",
            )
            .example("prog_default")
            .nullable(),
            Field::new("eventType", Kind::EventType, "What happened.")
                .example("review_submitted")
                .required(),
            Field::new("userEmail", Kind::Email, "Whose behaviour it is.")
                .example("anna@example.com")
                .required(),
            Field::new(
                "metadata",
                Kind::AnyJson,
                "What describes it, for conditions. `order_value` is the amount of an order in \
                 major units, as a number or its text, and `currency` its ISO 4217 code.",
            )
            .example("{\"order_id\": \"1001\", \"order_value\": 120.5}")
            .nullable(),
            Field::new(
                "eventId",
                Kind::Id,
                "Its id: the same event awards once, however often it comes.",
            )
            .example("review_77")
            .nullable(),
            Field::new(
                "occurredAt",
                Kind::Instant,
                "When it happened; now where absent. At most 5 minutes ahead.",
            )
            .nullable(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<ManualEvent, Refusal> {
        let program = fields.nullable("brandId", Fields::id)?.flatten();
        let metadata = fields.nullable("metadata", Fields::json)?.flatten();
        Ok(ManualEvent {
            program: program.unwrap_or_else(|| DEFAULT_PROGRAM.to_owned()),
            event_type: fields.required("eventType", Fields::event_type)?,
            email: fields.required("userEmail", Fields::email)?,
            metadata: match metadata {
                Some(Value::Object(metadata)) => metadata,
                _ => Map::new(),
            },
            id: fields.nullable("eventId", Fields::id)?.flatten(),
            occurred_at: fields.nullable("occurredAt", Fields::instant)?.flatten(),
        })
    }
}

/// The outcome of an event, with what the member has of it.
pub(super) const OUTCOME: Shape = Shape::answer(
    "ManualEventOutcome",
    &[
        Field::new(
            "points",
            NUMBER,
            "What the event gave; a repeat says what it gave the first time.",
        ),
        Field::new(
            "balance",
            NUMBER,
            "What the member can spend by now; null where the event has no member.",
        )
        .nullable(),
    ],
)
.and(&OUTCOME_FIELDS);
