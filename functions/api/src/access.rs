//! Who may do what: scopes, and the one gate that every route but `/healthz` stands behind.
//!
//! [`crate::router`] names the [`Access`] of each group of routes where it merges it, so that there
//! is no route without one. The gate asks, in this order: whose key is it ([`crate::keyring`]), has
//! it requests left ([`crate::rates`]), may it do this (here), was it done already
//! ([`crate::idempotency`]).

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use laurel_ledger::KeyKind;
use laurel_rules::{Code, Refusal};

use crate::{
    AppState, auth,
    caller::Caller,
    error::ApiError,
    estimates,
    idempotency::{self, RequestName},
    member_tokens,
};

/// What scopes are given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(
    dead_code,
    reason = "a key may be made for resources that are yet to come"
)]
pub(crate) enum Resource {
    Accounts,
    ApiKeys,
    Campaigns,
    EarningRules,
    Estimate,
    EventTypes,
    Events,
    Experiments,
    Programs,
    Redemptions,
    Referrals,
    Rewards,
    Sandbox,
    Segments,
    Simulations,
    StoreCredit,
    Tiers,
    Transactions,
    WebhookEndpoints,
}

impl Resource {
    pub(crate) const ALL: [Resource; 19] = [
        Resource::Accounts,
        Resource::ApiKeys,
        Resource::Campaigns,
        Resource::EarningRules,
        Resource::Estimate,
        Resource::EventTypes,
        Resource::Events,
        Resource::Experiments,
        Resource::Programs,
        Resource::Redemptions,
        Resource::Referrals,
        Resource::Rewards,
        Resource::Sandbox,
        Resource::Segments,
        Resource::Simulations,
        Resource::StoreCredit,
        Resource::Tiers,
        Resource::Transactions,
        Resource::WebhookEndpoints,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Resource::Accounts => "accounts",
            Resource::ApiKeys => "api_keys",
            Resource::Campaigns => "campaigns",
            Resource::EarningRules => "earning_rules",
            Resource::Estimate => "estimate",
            Resource::EventTypes => "event_types",
            Resource::Events => "events",
            Resource::Experiments => "experiments",
            Resource::Programs => "programs",
            Resource::Redemptions => "redemptions",
            Resource::Referrals => "referrals",
            Resource::Rewards => "rewards",
            Resource::Sandbox => "sandbox",
            Resource::Segments => "segments",
            Resource::Simulations => "simulations",
            Resource::StoreCredit => "store_credit",
            Resource::Tiers => "tiers",
            Resource::Transactions => "transactions",
            Resource::WebhookEndpoints => "webhook_endpoints",
        }
    }

    /// Whether only secret keys write it: it hands out secrets, or sends data elsewhere.
    fn is_managed(self) -> bool {
        matches!(self, Resource::ApiKeys | Resource::WebhookEndpoints)
    }
}

/// All scopes that can be given.
pub(crate) const SCOPES: [&str; 36] = [
    "accounts:read",
    "accounts:write",
    "api_keys:read",
    "campaigns:read",
    "campaigns:write",
    "earning_rules:read",
    "earning_rules:write",
    "estimate:read",
    "estimate:write",
    "event_types:read",
    "event_types:write",
    "events:read",
    "events:write",
    "experiments:read",
    "experiments:write",
    "programs:read",
    "programs:write",
    "redemptions:read",
    "redemptions:write",
    "referrals:read",
    "referrals:write",
    "rewards:read",
    "rewards:write",
    "sandbox:read",
    "sandbox:write",
    "segments:read",
    "segments:write",
    "simulations:read",
    "simulations:write",
    "store_credit:read",
    "store_credit:write",
    "tiers:read",
    "tiers:write",
    "transactions:read",
    "transactions:write",
    "webhook_endpoints:read",
];

/// A permission, written `accounts:read` or `accounts:write`; to write includes to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    resource: Resource,
    writes: bool,
}

impl Scope {
    /// Reads a scope that can be given to a restricted key.
    pub(crate) fn parse(text: &str) -> Option<Scope> {
        let (name, level) = text.split_once(':')?;
        let resource = Resource::ALL
            .into_iter()
            .find(|known| known.as_str() == name)?;
        let writes = match level {
            "read" => false,
            "write" if !resource.is_managed() => true,
            _ => return None,
        };
        Some(Scope { resource, writes })
    }

    fn of(resource: Resource, method: &Method) -> Scope {
        Scope {
            resource,
            writes: !matches!(*method, Method::GET | Method::HEAD),
        }
    }

    fn includes(self, needed: Scope) -> bool {
        self.resource == needed.resource && (self.writes || !needed.writes)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = if self.writes { "write" } else { "read" };
        write!(f, "{}:{level}", self.resource.as_str())
    }
}

/// Whose keys open a group of routes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    /// Secret keys, and restricted ones with the scope that goes with the resource and the method.
    Scoped(Resource),
    /// The same, where no method writes anything: a scope to read is enough, and a repeat is as
    /// good as the first call.
    Reading(Resource),
    /// Secret keys only.
    Secret,
}

impl Access {
    /// The scope that a restricted key needs; none is enough where absent.
    fn scope(self, method: &Method) -> Option<Scope> {
        match self {
            Access::Scoped(resource) => Some(Scope::of(resource, method)),
            Access::Reading(resource) => Some(Scope {
                resource,
                writes: false,
            }),
            Access::Secret => None,
        }
    }
}

/// What publishable keys open as well, from any page (CORS).
const PUBLIC: [Public; 2] = [
    Public {
        method: Method::GET,
        route: "/v1/loyalty/accounts/{id}",
        needs_member: true,
    },
    Public {
        method: Method::POST,
        route: estimates::PATH,
        needs_member: false,
    },
];

/// A route for pages.
#[derive(Debug, Clone)]
struct Public {
    method: Method,
    route: &'static str,
    /// Whether a member's token must be shown.
    needs_member: bool,
}

/// Puts the gate before routes.
pub(crate) fn guarded(
    access: Access,
    routes: Router<AppState>,
    state: &AppState,
) -> Router<AppState> {
    let state = state.clone();
    let gate = move |request: Request, next: Next| {
        let state = state.clone();
        async move { pass(&state, access, request, next).await }
    };
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn(gate))
}

/// The router adds the `Allow` header, which is all that `OPTIONS` asks for.
pub(crate) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let message = "This route does not take this method; the `Allow` header names those it takes.";
    ApiError::from(Refusal::new(Code::MethodNotAllowed, message)).into_response()
}

async fn pass(state: &AppState, access: Access, request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let public = public_route(&request);
    let mut response = if is_preflight {
        // It needs no key: it tells methods only.
        next.run(request).await
    } else {
        match enter(state, access, public.as_ref(), request, next).await {
            Ok(response) => response,
            Err(refused) => refused.into_response(),
        }
    };
    if let Some(Public { method, .. }) = public {
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        if is_preflight {
            if let Ok(method) = HeaderValue::from_str(method.as_str()) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
            }
            let allowed = HeaderValue::from_static(
                "authorization, content-type, idempotency-key, x-api-key, x-member-token",
            );
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
            let day_s = HeaderValue::from_static("86400");
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, day_s);
        } else {
            let exposed = HeaderValue::from_static("request-id, retry-after");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
    response
}

/// How publishable keys may call what is asked for, where they may.
fn public_route(request: &Request) -> Option<Public> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let called = match *request.method() {
        Method::HEAD => Method::GET,
        ref method => method.clone(),
    };
    let is_called = |method: &Method| called == *method || called == Method::OPTIONS;
    PUBLIC
        .into_iter()
        .find(|public| public.route == path && is_called(&public.method))
}

async fn enter(
    state: &AppState,
    access: Access,
    public: Option<&Public>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let text = auth::shown(request.headers())?;
    let mut caller = state.keyring.caller(&state.ledger, text).await?;
    if let Some(refused) = state.rates.admit(&state.ledger, &caller).await {
        return Ok(refused);
    }
    may(&caller, access, public.is_some(), request.method())?;
    let needs_member = public.is_some_and(|public| public.needs_member);
    let headers = request.headers();
    if caller.kind == KeyKind::Publishable && (needs_member || member_tokens::is_shown(headers)) {
        let account = member_tokens::shown(state, request.headers())?;
        caller = caller.on_behalf_of(account);
    }
    let name = match *request.method() {
        Method::POST if !matches!(access, Access::Reading(_)) => {
            RequestName::of(request.headers(), caller.owner(), text)?
        }
        _ => None,
    };
    request.extensions_mut().insert(caller);
    match name {
        Some(name) => idempotency::once(&state.ledger, &name, request, next).await,
        None => Ok(next.run(request).await),
    }
}

/// Whether a caller may call a method of a group of routes.
fn may(caller: &Caller, access: Access, is_public: bool, method: &Method) -> Result<(), Refusal> {
    let insufficient = |message: String| Err(Refusal::new(Code::ScopeInsufficient, message));
    match (caller.kind, access) {
        (KeyKind::Secret, _) => Ok(()),
        (KeyKind::Publishable, _) if is_public => Ok(()),
        (KeyKind::Publishable, _) => insufficient(
            "A publishable key opens only what a member may see on a page; use a secret key on \
             your server."
                .to_owned(),
        ),
        (KeyKind::Restricted, _) => {
            let Some(needed) = access.scope(method) else {
                return insufficient("Only a secret key may do this.".to_owned());
            };
            if caller.scopes.iter().any(|scope| scope.includes(needed)) {
                Ok(())
            } else if needed.writes && needed.resource.is_managed() {
                insufficient("Only a secret key may do this.".to_owned())
            } else {
                insufficient(format!(
                    "This key lacks the scope `{needed}`; use a key that has it."
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let scopes = SCOPES.map(|text| Scope::parse(text).map(|scope| scope.to_string()));
        assert_eq!(scopes, SCOPES.map(|text| Some(text.to_owned())));
        let mut given = 0;
        for resource in Resource::ALL {
            for level in ["read", "write"] {
                let text = format!("{}:{level}", resource.as_str());
                let scope = Scope::parse(&text);
                if resource.is_managed() && level == "write" {
                    assert_eq!(scope, None, "{text}");
                } else {
                    assert_eq!(scope.map(|scope| scope.to_string()), Some(text));
                    given += 1;
                }
            }
        }
        assert_eq!(given, SCOPES.len());
        for wrong in [
            "",
            "accounts",
            "accounts:",
            "accounts:all",
            "x:read",
            ":read",
        ] {
            assert_eq!(Scope::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn to_write_includes_to_read() {
        let scope = |text: &str| Scope::parse(text).expect("a scope");
        let table = [
            ("accounts:read", Method::GET, true),
            ("accounts:read", Method::HEAD, true),
            ("accounts:read", Method::POST, false),
            ("accounts:read", Method::DELETE, false),
            ("accounts:write", Method::GET, true),
            ("accounts:write", Method::PATCH, true),
            ("programs:write", Method::GET, false),
        ];
        for (text, method, expected) in table {
            let needed = Scope::of(Resource::Accounts, &method);
            assert_eq!(scope(text).includes(needed), expected, "{text} {method}");
        }
    }
}
