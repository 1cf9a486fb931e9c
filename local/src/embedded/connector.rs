//! The HTTP client of the SDK that ends in the embedded store.

use std::{
    fmt, io,
    sync::{Arc, atomic::Ordering},
};

use aws_sdk_dynamodb::config::RuntimeComponents;
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

use super::{
    dispatch::{self, Answer, Operation},
    fault::{Fault, Phase, WireCall, WireError},
    store::Inner,
};

/// Hands requests to the store instead of a socket.
#[derive(Clone)]
pub(super) struct Connector(pub(super) Arc<Inner>);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let store = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { answer(&store, request).await })
    }
}

async fn answer(store: &Arc<Inner>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let Some(operation) = Operation::from_target(target) else {
        let message = format!("The embedded store does not know {target:?}");
        let error = WireError::new(400, "UnknownOperationException", &message);
        return respond(error.status, error.body.into_bytes());
    };
    let Some(body) = request.body().bytes() else {
        return Err(ConnectorError::user("a streamed request".into()));
    };

    let index = store.count(operation.name());
    let call = WireCall {
        index,
        operation: operation.name(),
        body,
    };
    store.observe(&call);
    let faults = store.faults();
    let fault = faults
        .as_ref()
        .map_or(Fault::None, |faults| faults.judge(&call));
    match &fault {
        Fault::None | Fault::Lose(Phase::Answer) | Fault::Hang(Phase::Answer) => {}
        Fault::Stale => {
            if let Some(earlier) = store.earlier_answer(operation, body) {
                return respond(200, earlier);
            }
        }
        Fault::Delay(time) => tokio::time::sleep(*time).await,
        Fault::Answer(error) => {
            store.count_error();
            return respond(error.status, error.body.clone().into_bytes());
        }
        Fault::Lose(Phase::Request) => return Err(broken()),
        Fault::Hang(Phase::Request) => return std::future::pending().await,
    }

    let response = match carry_out(store, operation, body, faults.is_some()).await {
        Ok(answer) => {
            store.count_capacity(operation.writes(), answer.capacity_units);
            if operation.writes() {
                store.written.notify_one();
            } else if faults.is_some() {
                store.remember_answer(operation, body, &answer.body);
            }
            respond(200, answer.body)
        }
        Err(error) => {
            store.count_error();
            respond(error.status, error.body.into_bytes())
        }
    };
    match fault {
        Fault::Lose(Phase::Answer) => Err(broken()),
        Fault::Hang(Phase::Answer) => std::future::pending().await,
        _ => response,
    }
}

/// SQLite takes one request at a time, and blocks. A lone request is carried out where it is:
/// handing it to another thread would take half as long again. Where others are under way it
/// goes to a thread of its own, so that the SDK's part of the work goes on meanwhile.
async fn carry_out(
    store: &Arc<Inner>,
    operation: Operation,
    body: &[u8],
    idempotent: bool,
) -> Result<Answer, WireError> {
    if let Some(elsewhere) = &store.elsewhere {
        return elsewhere.carry_out(operation, body).await;
    }
    let visit = Visit::new(store);
    if visit.is_alone {
        return dispatch::carry_out(&visit.store, operation, body, idempotent);
    }
    let body = body.to_vec();
    tokio::task::spawn_blocking(move || {
        dispatch::carry_out(&visit.store, operation, &body, idempotent)
    })
    .await
    .unwrap_or_else(|_| Err(WireError::internal()))
}

/// One request being carried out.
struct Visit {
    store: Arc<Inner>,
    is_alone: bool,
}

impl Visit {
    fn new(store: &Arc<Inner>) -> Visit {
        let is_alone = store.visits.fetch_add(1, Ordering::Relaxed) == 0;
        Visit {
            store: Arc::clone(store),
            is_alone,
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.store.visits.fetch_sub(1, Ordering::Relaxed);
    }
}

fn broken() -> ConnectorError {
    let reason = "the connection broke (injected)";
    ConnectorError::io(Box::new(io::Error::new(
        io::ErrorKind::ConnectionReset,
        reason,
    )))
}

fn respond(status: u16, body: Vec<u8>) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
