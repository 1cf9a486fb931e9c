//! Whose request it is, for handlers.
//!
//! A handler takes [`State`] and nothing else to reach the ledger: its ledger is narrowed to the
//! programs that the caller may know, so that objects of other programs are missing to it, in the
//! words in which unknown ones are. Nothing is left to do for a handler that asks the ledger;
//! one that looks things up by itself, or sends something elsewhere, asks
//! `state.ledger.check_sees(program)` first. `tests/it/isolation.rs` walks all routes with a key of
//! another program: a new route that takes an id joins its list.

use std::{collections::BTreeSet, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use laurel_ledger::{KeyKind, StoredKey};
use laurel_rules::{Code, Refusal};

use crate::{AppState, access::Scope, error::ApiError};

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    owner: Arc<str>,
    pub(crate) kind: KeyKind,
    pub(crate) scopes: Arc<[Scope]>,
    pub(crate) programs: Option<Arc<BTreeSet<String>>>,
    /// Requests a second, where other than what holds for all keys.
    pub(crate) rate_limit: Option<u32>,
    /// The account in whose name a page calls.
    member: Option<Arc<str>>,
}

/// The owner of the stack's own key.
const ROOT: &str = "root";

impl Caller {
    /// The bearer of the stack's own key.
    pub(crate) fn root() -> Caller {
        Caller {
            owner: ROOT.into(),
            kind: KeyKind::Secret,
            scopes: Arc::default(),
            programs: None,
            rate_limit: None,
            member: None,
        }
    }

    /// The bearer of a stored key.
    pub(crate) fn bearer(key: StoredKey) -> Caller {
        let scopes = key.scopes.iter().filter_map(|text| Scope::parse(text));
        Caller {
            scopes: scopes.collect(),
            owner: key.id.into(),
            kind: key.kind,
            programs: key
                .programs
                .map(|programs| Arc::new(programs.into_iter().collect())),
            rate_limit: key.rate_limit,
            member: None,
        }
    }

    /// What tells callers apart: the id of the key, which outlives its text.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// The same caller, who showed the token of a member.
    pub(crate) fn on_behalf_of(self, account: String) -> Caller {
        Caller {
            member: Some(account.into()),
            ..self
        }
    }

    /// The account of the member who looks at a page, where it is one that calls.
    pub(crate) fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// Refuses callers that may know some programs only.
    ///
    /// # Errors
    /// `scope_insufficient`.
    pub(crate) fn of_all_programs(&self) -> Result<(), Refusal> {
        if self.programs.is_none() {
            return Ok(());
        }
        let message = "This key is limited to programs; use one that is not.";
        Err(Refusal::new(Code::ScopeInsufficient, message))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, ApiError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| {
            tracing::error!("a route that needs a caller stands outside of the gate");
            Refusal::new(Code::Internal, "Something is wrong on our side.").into()
        })
    }
}

/// What handlers work with, as far as it is for their caller.
pub(crate) struct State<T>(pub(crate) T);

impl FromRequestParts<AppState> for State<AppState> {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<State<AppState>, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(State(AppState {
            ledger: state.ledger.within(caller.programs),
            ..state.clone()
        }))
    }
}
