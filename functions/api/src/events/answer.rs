//! What the ingestion of events takes and answers.

use crate::{
    accounts::PROGRAM,
    fields::{Field, Kind, Shape},
    openapi::ERROR,
};

/// An event, a list of them, or `{events: […]}`.
pub(super) const BODY: Kind = Kind::AnyOf(&[
    EVENT_KIND,
    Kind::Object(&EVENTS),
    Kind::List(&EVENT_KIND, 1, super::batch::EVENTS_MAX),
]);

const EVENT_KIND: Kind = Kind::Object(&EVENT);

const EVENT: Shape = Shape::of(
    "an event",
    &[
        Field::new("type", Kind::EventType, "What happened.")
            .example("payment.completed")
            .required(),
        Field::new(
            "id",
            Kind::Id,
            "Its id: the same event awards once, however often it comes. Payments and refunds go \
             by the id in `data`.",
        )
        .nullable(),
        Field::new(
            "occurred_at",
            Kind::Instant,
            "When it happened; now where absent. At most 5 minutes ahead.",
        )
        .nullable(),
        PROGRAM.nullable(),
        Field::new(
            "data",
            Kind::AnyObject,
            "What describes it: `customer`, `account` or `email` of the member, `amount` in \
             minor units, `currency`, `id`, `metadata` and more, by type.",
        )
        .example(
            "{\"id\": \"pay_1\", \"customer\": \"cust_abc123\", \"amount\": 2599, \
             \"currency\": \"EUR\"}",
        )
        .required(),
    ],
);

const EVENTS: Shape = Shape::of(
    "a list of events",
    &[Field::new(
        "events",
        Kind::List(&EVENT_KIND, 1, super::batch::EVENTS_MAX),
        "The events, in their order.",
    )
    .required()],
);

/// An outcome, or a list of them.
pub(super) const OUTCOMES: Kind = Kind::AnyOf(&[OUTCOME_KIND, Kind::Page(&OUTCOME_KIND)]);

pub(crate) const OUTCOME_KIND: Kind = Kind::Object(&OUTCOME);

const OUTCOME: Shape = Shape::answer("EventOutcome", &OUTCOME_FIELDS);

/// What is said of every event that was handled.
pub(crate) const OUTCOME_FIELDS: [Field; 7] = [
    Field::new("object", Kind::Constant("event_outcome"), "What this is."),
    Field::new(
        "outcome",
        Kind::Choice(&[
            "awarded",
            "no_award",
            "unlinked",
            "account_closed",
            "reversed",
            "remembered",
            "processed",
            "ignored",
            "refused",
            "queued",
        ]),
        "What came of it. `remembered` is a refund ahead of its payment.",
    ),
    Field::new("id", Kind::Id, "The event's id, where it was queued.").optional(),
    Field::new("duplicate", Kind::Boolean, "Whether it had come before.").optional(),
    Field::new("account", Kind::Id, "The member's account.").optional(),
    Field::new(
        "transactions",
        Kind::List(&Kind::Id, 1, 1000),
        "What it made.",
    )
    .optional(),
    Field::new("error", Kind::Object(&ERROR), "Why it was refused.").optional(),
];
