//! Webhook endpoints as clients see them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_webhooks::{Endpoint, EndpointStatus};
use serde::Serialize;

use super::fields::{DESCRIPTION, ENABLED_EVENTS, ONLY_PROGRAM, SIGNATURE_HEADER, STATUS, URL};
use crate::{
    accounts::CREATED,
    fields::{Field, Kind, Shape},
    metadata::METADATA,
    routes::Answer,
};

const ENDPOINT: Shape = Shape::answer(
    "WebhookEndpoint",
    &[
        Field::new("id", Kind::Id, "`we_…`").example("we_7Qk2"),
        Field::new(
            "object",
            Kind::Constant("webhook_endpoint"),
            "What this is.",
        ),
        URL,
        DESCRIPTION,
        ENABLED_EVENTS,
        ONLY_PROGRAM,
        STATUS,
        Field::new(
            "disabled_reason",
            Kind::AnyText,
            "Why Laurel disabled it, should it have done so.",
        )
        .nullable(),
        SIGNATURE_HEADER,
        METADATA,
        CREATED,
        Field::new(
            "secret",
            Kind::AnyText,
            "What signs; told when it is made, and never again.",
        )
        .optional(),
    ],
);

impl Answer for EndpointObject {
    const KIND: Kind = Kind::Object(&ENDPOINT);
}

/// An endpoint as clients see it. The secret is told when it is made, and never again.
#[derive(Debug, Serialize)]
pub(super) struct EndpointObject {
    id: String,
    object: &'static str,
    url: String,
    description: Option<String>,
    enabled_events: Vec<String>,
    program: Option<String>,
    status: EndpointStatus,
    disabled_reason: Option<String>,
    signature_header: String,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<Endpoint> for EndpointObject {
    fn from(endpoint: Endpoint) -> EndpointObject {
        EndpointObject {
            object: "webhook_endpoint",
            id: endpoint.id,
            url: endpoint.url,
            description: endpoint.description,
            enabled_events: endpoint.enabled_events,
            program: endpoint.program,
            status: endpoint.status,
            disabled_reason: endpoint.disabled_reason,
            signature_header: endpoint.signature_header,
            metadata: endpoint.metadata,
            created: endpoint.created,
            secret: None,
        }
    }
}

/// With its secret: for the answers that make one.
pub(super) fn with_secret(endpoint: Endpoint) -> EndpointObject {
    let secret = endpoint.secret.reveal().to_owned();
    EndpointObject {
        secret: Some(secret),
        ..endpoint.into()
    }
}
