//! What the objects that a request makes are called.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use laurel_ledger::Seed;

/// The seed of the ids of everything that one request makes. A request that comes again under
/// its `Idempotency-Key` has the same seed again, so that it finds what it made before rather
/// than making it twice, also where the first try died halfway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming(pub(crate) Seed);

impl<S: Send + Sync> FromRequestParts<S> for Naming {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Naming, Infallible> {
        let given = parts.extensions.get::<Naming>().copied();
        Ok(given.unwrap_or_else(|| Naming(Seed::fresh())))
    }
}
