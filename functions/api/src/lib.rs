//! The HTTP API (spec section 7): one axum router, which the Lambda function and the local stack
//! both serve.
//!
//! A request passes, from the outside in: [`request`] (its id, the span, panics, and the one
//! place that writes error bodies), [`access`] (whose key it is, whether it may, whether it was done
//! already), then the handler of its resource.
//! A handler takes what it needs through extractors: [`body::Body`] and [`query::Query`] turn
//! JSON, forms and query strings into the same [`fields::Fields`], from which each resource reads
//! a struct of its own; whatever it does not know is refused before anything is done.
//!
//! One file per resource: it declares its routes, its fields and its JSON form, and `resources`
//! names it with the scope that it takes. Handlers take [`caller::State`], never axum's, so that
//! no key reaches other programs than its own; what they create is named by [`naming::Naming`], so
//! that a repeat under an `Idempotency-Key` finds it.

mod access;
mod accounts;
mod api_keys;
mod audit;
mod auth;
mod body;
mod budgets;
mod caller;
mod campaigns;
mod conditions;
mod deleted;
mod earning_rules;
mod error;
mod estimates;
mod event_types;
mod events;
mod expand;
mod experiments;
mod fields;
pub mod form;
mod health;
mod idempotency;
mod keyring;
mod liability;
mod list;
pub mod member_tokens;
mod metadata;
mod naming;
pub mod openapi;
mod path;
mod programs;
mod public_url;
mod query;
mod rates;
mod redemptions;
mod referrals;
mod request;
mod resonance;
mod rewards;
mod routes;
mod sandbox;
mod seal;
mod secret;
mod segments;
mod settings;
mod shape;
mod simulations;
mod store_credit;
mod tiers;
mod transactions;
mod webhook_endpoints;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use futures::future::BoxFuture;
use laurel_host::{Bus, DeliveryQueue, Mode, QueuedDelivery, SendError};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Refusal};
use laurel_webhooks::target::Policy;

use access::{Access, Resource, guarded, method_not_allowed};
use error::ApiError;
use keyring::Keyring;
use rates::KeyRates;
use routes::Routes;
pub use secret::ApiKey;

/// The largest body that is read, in bytes; a larger one is refused before it is parsed.
pub const BODY_LEN_MAX: usize = 1024 * 1024;

/// What the handlers work with.
#[derive(Clone)]
pub struct AppState {
    /// The table.
    pub ledger: Ledger,
    /// Where events go that are not to be handled at once.
    pub bus: Arc<dyn Bus>,
    /// The stack's own key: the secret key that there is before any other.
    pub api_key: ApiKey,
    /// Whether this is a sandbox.
    pub mode: Mode,
    /// Where deliveries of webhooks are ordered.
    pub deliveries: Arc<dyn DeliveryQueue>,
    /// Where webhooks may go.
    pub webhook_policy: Policy,
    /// The address that links to landing pages begin with; the host that a request names where
    /// absent.
    pub public_url: Option<Arc<str>>,
    keyring: Arc<Keyring>,
    rates: Arc<KeyRates>,
}

/// No queue: nothing can be ordered.
struct NoDeliveries;

impl DeliveryQueue for NoDeliveries {
    fn send(&self, _: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        let error = SendError::new("the queue of deliveries", "there is none");
        Box::pin(std::future::ready(Err(error)))
    }
}

impl AppState {
    /// The state of a router that cannot order deliveries, without a limit to the rate of requests.
    pub fn new(ledger: Ledger, bus: Arc<dyn Bus>, api_key: ApiKey, mode: Mode) -> AppState {
        let ledger = match mode {
            Mode::Live => ledger,
            Mode::Sandbox => ledger.in_sandbox(),
        };
        AppState {
            ledger,
            bus,
            keyring: Arc::new(Keyring::new(api_key.clone(), mode)),
            api_key,
            mode,
            rates: Arc::new(KeyRates::new(0)),
            deliveries: Arc::new(NoDeliveries),
            webhook_policy: Policy {
                loopback: mode == Mode::Sandbox,
                ..Policy::default()
            },
            public_url: None,
        }
    }

    /// The same, with the address that links to landing pages begin with.
    #[must_use]
    pub fn with_public_url(self, public_url: Option<String>) -> AppState {
        AppState {
            public_url: public_url.map(Arc::from),
            ..self
        }
    }

    /// The same, ordering deliveries from `deliveries`, to where `policy` lets them go.
    #[must_use]
    pub fn with_webhooks(self, deliveries: Arc<dyn DeliveryQueue>, policy: Policy) -> AppState {
        AppState {
            deliveries,
            webhook_policy: policy,
            ..self
        }
    }

    /// The same, with a limit of requests a second for each key that has none of its own; 0 means
    /// no limit.
    #[must_use]
    pub fn with_rate_limit(self, limit: u32) -> AppState {
        AppState {
            rates: Arc::new(KeyRates::new(limit)),
            ..self
        }
    }
}

/// The routes that ask for a key, with whose keys open them. Whatever is added here is in the
/// OpenAPI document as well.
fn resources() -> Vec<(Access, Routes)> {
    let scoped = Access::Scoped;
    vec![
        (scoped(Resource::Programs), programs::routes()),
        (scoped(Resource::Programs), liability::routes()),
        (scoped(Resource::Programs), audit::routes()),
        (scoped(Resource::EarningRules), earning_rules::routes()),
        (scoped(Resource::Experiments), experiments::routes()),
        (scoped(Resource::Campaigns), campaigns::routes()),
        (scoped(Resource::Accounts), accounts::routes()),
        (Access::Secret, member_tokens::routes()),
        (scoped(Resource::Transactions), transactions::routes()),
        (Access::Reading(Resource::Estimate), estimates::routes()),
        (scoped(Resource::StoreCredit), store_credit::routes()),
        (scoped(Resource::Rewards), rewards::routes()),
        (scoped(Resource::Redemptions), redemptions::routes()),
        (scoped(Resource::Referrals), referrals::routes()),
        (scoped(Resource::Tiers), tiers::routes()),
        (scoped(Resource::Segments), segments::routes()),
        (scoped(Resource::Simulations), simulations::routes()),
        (scoped(Resource::Events), events::routes()),
        (scoped(Resource::Events), resonance::routes()),
        (scoped(Resource::EventTypes), event_types::routes()),
        (
            scoped(Resource::WebhookEndpoints),
            webhook_endpoints::routes(),
        ),
        (scoped(Resource::ApiKeys), api_keys::routes()),
    ]
}

/// The routes that there are in a sandbox only.
fn sandbox_resources() -> Vec<(Access, Routes)> {
    vec![(Access::Scoped(Resource::Sandbox), sandbox::routes())]
}

/// The routes that ask for none.
fn open() -> Routes {
    health::routes().merge(openapi::routes())
}

/// All routes.
pub fn router(state: AppState) -> Router {
    let open = open()
        .router
        .method_not_allowed_fallback(method_not_allowed);
    let of_the_sandbox = match state.mode {
        Mode::Live => Vec::new(),
        Mode::Sandbox => sandbox_resources(),
    };
    resources()
        .into_iter()
        .chain(of_the_sandbox)
        .fold(open, |router, (access, routes)| {
            router.merge(guarded(access, routes.router, &state))
        })
        .fallback(no_such_route)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(middleware::from_fn(request::answer))
        .with_state(state)
}

async fn no_such_route() -> ApiError {
    Refusal::new(
        Code::NotFound,
        "There is no such route; see the reference of the API.",
    )
    .into()
}
