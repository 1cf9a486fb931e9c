//! `/v1/webhook_endpoints`

use axum::{Json, http::Uri};
use jiff::SignedDuration;
use laurel_host::order;
use laurel_rules::{Code, Refusal};
use laurel_webhooks::{Endpoint, EndpointStatus, Message, SAMPLE_PREFIX, SECRET_BYTES, Secret};

use crate::{
    AppState,
    body::Body,
    caller::State,
    deleted::Deleted,
    error::ApiError,
    list::List,
    naming::Naming,
    path::Id,
    query::{Nothing, Query},
    routes::{Accepted, Created, Routes},
};

mod deliveries;
mod fields;
mod object;

use deliveries::DeliveryObject;
use fields::{EndpointChange, EndpointCreation, Listing, Rotation, Trial};
use object::{EndpointObject, with_secret};

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
) -> Result<Json<Deleted>, ApiError> {
    state.ledger.delete_endpoint(&id).await?;
    Ok(Json(Deleted::of("webhook_endpoint", id)))
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
