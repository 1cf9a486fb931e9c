//! What is left of an object that was deleted.

use serde::Serialize;

use crate::{
    fields::{Field, Kind, Shape},
    routes::Answer,
};

/// What can be deleted for good.
const OBJECTS: [&str; 5] = [
    "tier",
    "segment",
    "event_type",
    "webhook_endpoint",
    "simulation",
];

const DELETED: Shape = Shape::answer(
    "Deleted",
    &[
        Field::new("id", Kind::Id, "What its id was.").example("tier_7Qk2"),
        Field::new("object", Kind::Choice(&OBJECTS), "What this was."),
        Field::new("deleted", Kind::Boolean, "It is.").example("true"),
    ],
);

/// What is left of an object.
#[derive(Debug, Serialize)]
pub(crate) struct Deleted {
    id: String,
    object: &'static str,
    deleted: bool,
}

impl Deleted {
    /// The object of this type had this id.
    pub(crate) fn of(object: &'static str, id: String) -> Deleted {
        debug_assert!(OBJECTS.contains(&object), "{object} is not documented");
        Deleted {
            id,
            object,
            deleted: true,
        }
    }
}

impl Answer for Deleted {
    const KIND: Kind = Kind::Object(&DELETED);
}
