//! `/v1/webhook_endpoints`

use std::collections::BTreeMap;

use axum::{Json, http::Uri};
use jiff::{SignedDuration, Timestamp};
use laurel_events::catalog;
use laurel_host::order;
use laurel_ledger::PageRequest;
use laurel_rules::{Code, Refusal};
use laurel_webhooks::{
    Endpoint, EndpointStatus, Message, SAMPLE_PREFIX, SECRET_BYTES, Secret, check_events,
    check_header,
};
use serde::Serialize;

use crate::{
    AppState,
    accounts::CREATED,
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    list::{self, List, PAGE_FIELDS},
    metadata::{METADATA, MetadataChange},
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Accepted, Answer, Created, Routes},
    settings::set,
    shape::words,
};

use deliveries::DeliveryObject;

mod deliveries;

const BASE: &str = "/v1/webhook_endpoints";

pub(crate) fn routes() -> Routes {
    let one = &format!("{BASE}/{{id}}");
    Routes::tagged(
        "Webhooks",
        "URLs of yours that events are sent to, signed, at least once, for three days.",
    )
    .get(
        BASE,
        list,
        "webhook_endpoints.list",
        "List webhook endpoints",
    )
    .about("The newest come first.")
    .post(
        BASE,
        create,
        "webhook_endpoints.create",
        "Create a webhook endpoint",
    )
    .about(
        "The answer has the `secret` that signs what is sent; it is not told again. There may be \
         50 endpoints.",
    )
    .refuses(&[Code::LimitReached, Code::ResourceMissing])
    .get(
        one,
        retrieve,
        "webhook_endpoints.retrieve",
        "Retrieve a webhook endpoint",
    )
    .post(
        one,
        update,
        "webhook_endpoints.update",
        "Update a webhook endpoint",
    )
    .about("`status: enabled` makes one that was disabled begin anew.")
    .patch(
        one,
        update,
        "webhook_endpoints.patch",
        "Update a webhook endpoint, by PATCH",
    )
    .delete(
        one,
        delete,
        "webhook_endpoints.delete",
        "Delete a webhook endpoint",
    )
    .about("What is still on its way there is dropped.")
    .post(
        &format!("{one}/rotate_secret"),
        rotate_secret,
        "webhook_endpoints.rotate_secret",
        "Replace the secret of a webhook endpoint",
    )
    .about("Both secrets sign until the old one runs out: in a day, unless said otherwise.")
    .post(
        &format!("{one}/test"),
        test,
        "webhook_endpoints.test",
        "Send a sample event to a webhook endpoint",
    )
    .about("The event's id begins with `evt_sample_`; nothing else tells it from a real one.")
    .refuses(&[Code::EndpointDisabled, Code::Unavailable])
    .merge(deliveries::routes(BASE))
}

const URL: Field = Field::new(
    "url",
    Kind::Text("uri"),
    "Where events are sent: `https`, to a public host. In a sandbox also this machine, and there \
     by plain `http` as well.",
)
.example("https://example.com/webhooks");
const DESCRIPTION: Field =
    Field::new("description", Kind::Text(""), "What it is for, for people.").nullable();
const EVENT_TYPES: &str = r"^(\*|[a-z][a-z0-9_.]{0,62}[a-z0-9_](\.\*)?|[a-z](\.\*)?)$";
const ENABLED_EVENTS: Field = Field::new(
    "enabled_events",
    Kind::List(&Kind::Pattern(EVENT_TYPES), 1, 50),
    "Event types, beginnings of some as `loyalty.points.*`, or `*`, which is the default.",
)
.example("[\"loyalty.points.*\"]");
const ONLY_PROGRAM: Field = Field::new(
    "program",
    Kind::Id,
    "The program whose events are sent; those of all where null.",
)
.nullable();
const STATUS: Field = Field::new(
    "status",
    Kind::Choice(&words(&STATUSES)),
    "Whether anything is sent.",
);
const SIGNATURE_HEADER: Field = Field::new(
    "signature_header",
    Kind::Pattern("^[A-Za-z][A-Za-z0-9-]{0,63}$"),
    "The header of the signature, beside those of Standard Webhooks.",
)
.example("x-vinr-signature");

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

/// What is left of an endpoint.
#[derive(Debug, Serialize)]
struct DeletedObject {
    id: String,
    object: &'static str,
    deleted: bool,
}

const DELETED: Shape = Shape::answer(
    "DeletedWebhookEndpoint",
    &[
        Field::new("id", Kind::Id, "`we_…`"),
        Field::new(
            "object",
            Kind::Constant("webhook_endpoint"),
            "What this was.",
        ),
        Field::new("deleted", Kind::Boolean, "It is."),
    ],
);

impl Answer for DeletedObject {
    const KIND: Kind = Kind::Object(&DELETED);
}

/// An endpoint as clients see it. The secret is told when it is made, and never again.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointObject {
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

fn with_secret(endpoint: Endpoint) -> EndpointObject {
    let secret = endpoint.secret.reveal().to_owned();
    EndpointObject {
        secret: Some(secret),
        ..endpoint.into()
    }
}

const STATUSES: [(&str, EndpointStatus); 2] = [
    ("enabled", EndpointStatus::Enabled),
    ("disabled", EndpointStatus::Disabled),
];

/// What an update may say; absent fields stay.
#[derive(Debug)]
struct EndpointChange {
    url: Option<String>,
    description: Option<Option<String>>,
    enabled_events: Option<Vec<String>>,
    program: Option<Option<String>>,
    status: Option<EndpointStatus>,
    signature_header: Option<String>,
    metadata: MetadataChange,
}

/// What a creation must say: a URL, and what an update may.
struct EndpointCreation {
    url: String,
    settings: EndpointChange,
}

const READ_ONLY: [&str; 5] = ["id", "object", "created", "secret", "disabled_reason"];
const SETTINGS: [Field; 6] = [
    DESCRIPTION,
    ENABLED_EVENTS,
    ONLY_PROGRAM,
    STATUS,
    SIGNATURE_HEADER,
    METADATA,
];

impl FromFields for EndpointCreation {
    const SHAPE: Shape = Shape::of("a new webhook endpoint", &[URL.required()])
        .and(&SETTINGS)
        .read_only(&READ_ONLY);

    fn from_fields(fields: &mut Fields) -> Result<EndpointCreation, Refusal> {
        let settings = EndpointChange::from_fields(fields)?;
        let url = settings
            .url
            .clone()
            .ok_or_else(|| Refusal::missing("url"))?;
        Ok(EndpointCreation { url, settings })
    }
}

impl FromFields for EndpointChange {
    const SHAPE: Shape = Shape::of("an update of a webhook endpoint", &[URL])
        .and(&SETTINGS)
        .read_only(&READ_ONLY);

    fn from_fields(fields: &mut Fields) -> Result<EndpointChange, Refusal> {
        let enabled_events = fields.names("enabled_events")?;
        if let Some(patterns) = &enabled_events {
            check_events("enabled_events", patterns)?;
        }
        let signature_header = fields.text("signature_header")?;
        Ok(EndpointChange {
            url: fields.long_text("url")?,
            description: fields.nullable("description", Fields::text)?,
            enabled_events,
            program: fields.nullable("program", Fields::id)?,
            status: fields.choice("status", &STATUSES)?,
            signature_header: signature_header
                .map(|name| check_header("signature_header", &name))
                .transpose()?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

impl EndpointChange {
    /// Refuses a URL that nothing may be sent to.
    fn check_url(&self, state: &AppState) -> Result<(), Refusal> {
        let Some(url) = &self.url else { return Ok(()) };
        let checked = state.webhook_policy.target(url);
        checked
            .map(|_| ())
            .map_err(|problem| Refusal::invalid("url", format!("`url` {problem}.")))
    }

    fn apply(&self, endpoint: &mut Endpoint) -> Result<(), Refusal> {
        set(&mut endpoint.url, self.url.as_ref());
        set(&mut endpoint.description, self.description.as_ref());
        set(&mut endpoint.enabled_events, self.enabled_events.as_ref());
        set(&mut endpoint.program, self.program.as_ref());
        set(
            &mut endpoint.signature_header,
            self.signature_header.as_ref(),
        );
        if let Some(status) = self.status {
            endpoint.status = status;
            endpoint.disabled_reason = None;
        }
        self.metadata.apply(&mut endpoint.metadata)
    }
}

struct Listing {
    page: PageRequest,
}

impl FromFields for Listing {
    const SHAPE: Shape = Shape::of("the list of webhook endpoints", &[]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Listing, Refusal> {
        Ok(Listing {
            page: list::page(fields)?,
        })
    }
}

struct Rotation {
    expires_in_minutes: i64,
}

/// For how long a replaced secret signs unless said otherwise: a day. At most a week.
const OVERLAP_MINUTES: i64 = 24 * 60;

impl FromFields for Rotation {
    const SHAPE: Shape = Shape::of(
        "a rotation",
        &[Field::new(
            "expires_in_minutes",
            Kind::Whole(0, 7 * OVERLAP_MINUTES),
            "For how long the old secret signs beside the new one; a day where absent.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Rotation, Refusal> {
        let minutes = fields.whole("expires_in_minutes", 0..=7 * OVERLAP_MINUTES)?;
        Ok(Rotation {
            expires_in_minutes: minutes.unwrap_or(OVERLAP_MINUTES),
        })
    }
}

const SAMPLES: [&str; catalog::NAMES.len()] = catalog::NAMES;

struct Trial {
    event_type: String,
}

impl FromFields for Trial {
    const SHAPE: Shape = Shape::of(
        "a test",
        &[Field::new(
            "type",
            Kind::Choice(&SAMPLES),
            "The event type; `loyalty.points.earned` where absent.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Trial, Refusal> {
        let samples = SAMPLES.map(|name| (name, name));
        let event_type = fields.choice("type", &samples)?;
        let event_type = event_type.unwrap_or("loyalty.points.earned").to_owned();
        Ok(Trial { event_type })
    }
}

fn fresh_secret() -> Result<Secret, Refusal> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|problem| {
        tracing::error!(reason = %problem, "no random bytes");
        Refusal::new(
            Code::Unavailable,
            "No secret can be made right now; repeat the request.",
        )
    })?;
    Ok(Secret::from_random(bytes))
}

async fn create(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Query(Nothing): Query<Nothing>,
    Body(EndpointCreation {
        url,
        settings: change,
    }): Body<EndpointCreation>,
) -> Result<Created<EndpointObject>, ApiError> {
    change.check_url(&state)?;
    let now = state.ledger.now();
    let mut endpoint = Endpoint::new(seed.id("we_"), url, fresh_secret()?, now);
    change.apply(&mut endpoint)?;
    let endpoint = state.ledger.create_endpoint(endpoint).await?;
    Ok(Created(with_secret(endpoint)))
}

async fn list(
    State(state): State<AppState>,
    uri: Uri,
    Query(Listing { page }): Query<Listing>,
) -> Result<Json<List<EndpointObject>>, ApiError> {
    let page = state.ledger.endpoints(&page).await?;
    Ok(List::of(page, &uri, EndpointObject::from))
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<EndpointObject>, ApiError> {
    Ok(Json(state.ledger.endpoint(&id).await?.into()))
}

async fn update(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(change): Body<EndpointChange>,
) -> Result<Json<EndpointObject>, ApiError> {
    change.check_url(&state)?;
    let endpoint = state
        .ledger
        .update_endpoint(&id, |endpoint| change.apply(endpoint))
        .await?;
    Ok(Json(endpoint.into()))
}

async fn delete(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<DeletedObject>, ApiError> {
    state.ledger.delete_endpoint(&id).await?;
    Ok(Json(DeletedObject {
        id,
        object: "webhook_endpoint",
        deleted: true,
    }))
}

async fn rotate_secret(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(Rotation { expires_in_minutes }): Body<Rotation>,
) -> Result<Json<EndpointObject>, ApiError> {
    let secret = fresh_secret()?;
    let rotation = seed.to_text();
    let now = state.ledger.now();
    let overlap = SignedDuration::from_mins(expires_in_minutes);
    let expires_at = now.checked_add(overlap).unwrap_or(now);
    let rotate = |endpoint: &mut Endpoint| {
        // This very request may have rotated before its answer was lost.
        if endpoint.rotation.as_ref() != Some(&rotation) {
            endpoint.rotate(secret.clone(), expires_at, now);
            endpoint.rotation = Some(rotation.clone());
        }
        Ok(())
    };
    let endpoint = state.ledger.update_endpoint(&id, rotate).await?;
    Ok(Json(with_secret(endpoint)))
}

/// Sends the example of an event type.
async fn test(
    State(state): State<AppState>,
    Naming(seed): Naming,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(Trial { event_type }): Body<Trial>,
) -> Result<Accepted<DeliveryObject>, ApiError> {
    let endpoint = enabled(&state, &id).await?;
    let now = state.ledger.now();
    let event = seed.id(SAMPLE_PREFIX);
    let program = endpoint.program.as_deref().unwrap_or("prog_default");
    let message = Message::first(&id, &event, &event_type, program, now, now);
    let delivery = laurel_webhooks::Delivery::new(&message, now);
    send(&state, message).await?;
    Ok(Accepted(deliveries::object(delivery)))
}

/// The endpoint, should it be sent anything.
async fn enabled(state: &AppState, id: &str) -> Result<Endpoint, ApiError> {
    let endpoint = state.ledger.endpoint(id).await?;
    if endpoint.status == EndpointStatus::Disabled {
        let message = "The webhook endpoint is disabled; set its `status` to enabled first.";
        return Err(Refusal::new(Code::EndpointDisabled, message).into());
    }
    Ok(endpoint)
}

async fn send(state: &AppState, message: Message) -> Result<(), ApiError> {
    let sent = order(state.deliveries.as_ref(), &[message], state.ledger.now()).await;
    sent.map_err(|error| {
        tracing::error!(
            reason = laurel_host::chain(&error),
            "a delivery was not ordered"
        );
        let message = "The delivery cannot be ordered right now; repeat the request.";
        Refusal::new(Code::Unavailable, message).into()
    })
}
