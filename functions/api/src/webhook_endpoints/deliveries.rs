//! `/v1/webhook_endpoints/{id}/deliveries`

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::{Uri, request::Parts},
};
use laurel_events::object::time;
use laurel_ledger::{DeliveryFilter, PageRequest};
use laurel_rules::{Code, Refusal};
use laurel_webhooks::{ATTEMPTS_KEPT_MAX, Delivery, DeliveryId, DeliveryStatus};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    AppState,
    accounts::{CREATED, PROGRAM},
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, List, PAGE_FIELDS},
    path::Id,
    query::{Nothing, Query},
    routes::{Accepted, Answer, Input, Routes},
    shape::{NUMBER, words},
};

pub(super) fn routes(base: &str) -> Routes {
    let all = &format!("{base}/{{id}}/deliveries");
    let refused = [Code::EndpointDisabled, Code::Conflict, Code::Unavailable];
    Routes::tagged(
        "Webhooks",
        "URLs of yours that events are sent to, signed, at least once, for three days.",
    )
    .get(
        all,
        list,
        "webhook_deliveries.list",
        "List deliveries to a webhook endpoint",
    )
    .about("Those of the newest events come first. They are kept for 30 days.")
    .get(
        &format!("{all}/{{delivery}}"),
        retrieve,
        "webhook_deliveries.retrieve",
        "Retrieve a delivery",
    )
    .post(
        &format!("{all}/{{delivery}}/redeliver"),
        redeliver,
        "webhook_deliveries.redeliver",
        "Send an event again",
    )
    .about("Whatever came of it before; the schedule begins anew.")
    .refuses(&refused)
    // An id of a delivery says which endpoint it is of.
    .post(
        &format!("{base}/deliveries/{{delivery}}/redeliver"),
        redeliver,
        "webhook_endpoints.redeliver",
        "Send an event again, by the delivery alone",
    )
    .about("Whatever came of it before; the schedule begins anew.")
    .refuses(&refused)
}

const DELIVERY: Shape = Shape::answer(
    "WebhookDelivery",
    &[
        Field::new("id", Kind::Id, "`whd_…`").example("whd_7Qk2_019aa"),
        Field::new(
            "object",
            Kind::Constant("webhook_delivery"),
            "What this is.",
        ),
        Field::new("endpoint", Kind::Id, "The endpoint."),
        Field::new("event", Kind::Id, "The event."),
        Field::new("event_type", Kind::EventType, "Its type."),
        PROGRAM,
        Field::new(
            "status",
            Kind::Choice(&words(&STATUSES)),
            "`skipped` where the endpoint was disabled before it could be sent.",
        ),
        Field::new("reason", Kind::AnyText, "Why it failed or was skipped.").nullable(),
        Field::new(
            "attempts",
            Kind::List(&Kind::Object(&ATTEMPT), 0, ATTEMPTS_KEPT_MAX),
            "The latest attempts, the oldest first.",
        ),
        Field::new("attempt_count", NUMBER, "How many there were in all."),
        Field::new("next_attempt_at", Kind::Instant, "When the next is due.").nullable(),
        CREATED,
    ],
);

const ATTEMPT: Shape = Shape::answer(
    "WebhookAttempt",
    &[
        Field::new("at", Kind::Instant, "When it was made."),
        Field::new("status_code", NUMBER, "What the receiver answered with.").nullable(),
        Field::new("latency_ms", NUMBER, "How long it took, in milliseconds."),
        Field::new("error", Kind::AnyText, "Why there was no answer.").nullable(),
        Field::new(
            "response_body",
            Kind::AnyText,
            "The first 1,024 bytes of the answer, as far as they are text.",
        )
        .nullable(),
    ],
);

/// A delivery as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct DeliveryObject(Value);

impl Answer for DeliveryObject {
    const KIND: Kind = Kind::Object(&DELIVERY);
}

impl Input for Delivered {}

pub(super) fn object(delivery: Delivery) -> DeliveryObject {
    let attempts = delivery.attempts.iter().map(|attempt| {
        json!({
            "at": time(attempt.at),
            "status_code": attempt.status_code,
            "latency_ms": attempt.latency_ms,
            "error": attempt.error,
            "response_body": attempt.response_body,
        })
    });
    DeliveryObject(json!({
        "id": delivery.id,
        "object": "webhook_delivery",
        "endpoint": delivery.endpoint,
        "event": delivery.event,
        "event_type": delivery.event_type,
        "program": delivery.program,
        "status": delivery.status.as_str(),
        "reason": delivery.reason,
        "attempts": attempts.collect::<Vec<_>>(),
        "attempt_count": delivery.attempt_count,
        "next_attempt_at": delivery.next_attempt_at.map(time),
        "created": time(delivery.created),
    }))
}

const STATUSES: [(&str, DeliveryStatus); 4] = [
    ("pending", DeliveryStatus::Pending),
    ("succeeded", DeliveryStatus::Succeeded),
    ("failed", DeliveryStatus::Failed),
    ("skipped", DeliveryStatus::Skipped),
];

struct Listing {
    status: Option<DeliveryStatus>,
    event: Option<String>,
    page: PageRequest,
}

impl FromFields for Listing {
    const SHAPE: Shape = Shape::of(
        "the list of deliveries",
        &[
            Field::new(
                "status",
                Kind::Choice(&words(&STATUSES)),
                "Only those of this status.",
            ),
            Field::new("event", Kind::Id, "Only of this event."),
        ],
    )
    .and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Listing, Refusal> {
        Ok(Listing {
            status: fields.choice("status", &STATUSES)?,
            event: fields.id("event")?,
            page: list::page(fields)?,
        })
    }
}

/// The id of a delivery. Where the path names an endpoint too, it is that one's.
struct Delivered(String);

impl<S: Send + Sync> FromRequestParts<S> for Delivered {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Delivered, ApiError> {
        let missing = || Refusal::new(Code::ResourceMissing, "There is no object with this id.");
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Ok(Path(path)) = path else {
            return Err(missing().into());
        };
        let named = |name: &str| path.iter().find(|(known, _)| known == name);
        let (_, text) = named("delivery").ok_or_else(missing)?;
        let id = DeliveryId::parse(text).ok_or_else(missing)?;
        if named("id").is_some_and(|(_, endpoint)| *endpoint != id.endpoint) {
            return Err(missing().into());
        }
        Ok(Delivered(text.clone()))
    }
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Id(id): Id,
    Query(Listing {
        status,
        event,
        page,
    }): Query<Listing>,
) -> Result<Json<List<DeliveryObject>>, ApiError> {
    state.ledger.endpoint(&id).await?;
    let filter = DeliveryFilter {
        endpoint: id,
        status,
        event,
    };
    let page = state.ledger.deliveries(&filter, &page).await?;
    Ok(List::of(page, &uri, object))
}

async fn retrieve(
    State(state): State<AppState>,
    Delivered(id): Delivered,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<DeliveryObject>, ApiError> {
    let delivery = state.ledger.delivery(&id).await?.value;
    state.ledger.endpoint(&delivery.endpoint).await?;
    Ok(Json(object(delivery)))
}

/// Sends an event again, whatever came of it before.
async fn redeliver(
    State(state): State<AppState>,
    Delivered(id): Delivered,
    Query(Nothing): Query<Nothing>,
) -> Result<Accepted<DeliveryObject>, ApiError> {
    let found = state.ledger.delivery(&id).await?;
    let mut delivery = found.value;
    super::enabled(&state, &delivery.endpoint).await?;
    let message = delivery.begin_again(state.ledger.now());
    if !state
        .ledger
        .put_delivery(&delivery, Some(found.version))
        .await?
    {
        let message = "The delivery is being attempted right now; look at it again in a moment.";
        return Err(Refusal::new(Code::Conflict, message).into());
    }
    super::send(&state, message).await?;
    Ok(Accepted(object(delivery)))
}
