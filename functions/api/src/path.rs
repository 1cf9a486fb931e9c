//! Ids in paths.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use laurel_rules::{Code, Refusal, id};

use crate::error::ApiError;

/// The id of an object. One that no object can have is one that no object has: 404, like any
/// other unknown id.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        match path {
            Ok(Path(text)) if id::check("id", &text).is_ok() => Ok(Id(text)),
            _ => {
                Err(Refusal::new(Code::ResourceMissing, "There is no object with this id.").into())
            }
        }
    }
}
