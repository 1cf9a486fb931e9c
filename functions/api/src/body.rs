//! Request bodies: JSON or a form, told apart by their content type.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use laurel_events::json;
use laurel_rules::{Code, Refusal};
use serde_json::{Map, Value};

use crate::{
    BODY_LEN_MAX,
    error::ApiError,
    fields::{Fields, FromFields, Origin, Shape},
    form,
};

/// A body read as a `T`.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, ApiError> {
        let Payload { value, origin } = Payload::from_request(request, state).await?;
        match value {
            Value::Object(values) => Ok(Body(Fields::new(values, origin).read()?)),
            _ => Err(Refusal::new(Code::BodyInvalid, "The body must be a JSON object.").into()),
        }
    }
}

/// For calls whose path says all.
pub(crate) struct NoFields;

impl FromFields for NoFields {
    const SHAPE: Shape = Shape::of("this call", &[]);

    fn from_fields(_: &mut Fields) -> Result<NoFields, Refusal> {
        Ok(NoFields)
    }
}

/// A body of any shape.
#[derive(Debug, PartialEq)]
pub(crate) struct Payload {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Payload, ApiError> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        Ok(parse(&headers, &bytes)?)
    }
}

/// What is said of a body that could not be read.
pub(crate) fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The body must be at most {BODY_LEN_MAX} bytes long.");
        Refusal::new(Code::BodyTooLarge, message)
    } else {
        Refusal::new(Code::BodyInvalid, "The body could not be read to its end.")
    }
}

fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Payload, Refusal> {
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.as_bytes());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        let message = "Compressed bodies are not taken; send the body without Content-Encoding.";
        return Err(Refusal::new(Code::UnsupportedMediaType, message));
    }
    let looks_like_json = bytes
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|b| b"{[".contains(b));
    let origin = match headers.get(header::CONTENT_TYPE) {
        Some(kind) => declared_origin(kind.to_str().unwrap_or_default())?,
        None if looks_like_json => Origin::Json,
        None => Origin::Text,
    };
    let value = match origin {
        // Nothing is an object without fields, for calls that need none.
        _ if bytes.is_empty() => Value::Object(Map::new()),
        Origin::Json => json::parse_strict(bytes)?,
        Origin::Text if looks_like_json => {
            // curl's `-d` declares a form, whatever is sent with it.
            let message = "The body looks like JSON, but its Content-Type says form; send \
                           `Content-Type: application/json` with it.";
            return Err(Refusal::new(Code::BodyInvalid, message));
        }
        Origin::Text => form::parse(bytes).map(Value::Object).map_err(|problem| {
            Refusal::new(Code::BodyInvalid, problem.message).at(problem.field)
        })?,
    };
    Ok(Payload { value, origin })
}

fn declared_origin(content_type: &str) -> Result<Origin, Refusal> {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        Ok(Origin::Json)
    } else if kind == "application/x-www-form-urlencoded" {
        Ok(Origin::Text)
    } else {
        let message = "The Content-Type must be application/json or \
                       application/x-www-form-urlencoded.";
        Err(Refusal::new(Code::UnsupportedMediaType, message))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JSON: Option<&str> = Some("application/json");
    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    fn read(content_type: Option<&str>, body: &[u8]) -> Result<Payload, &'static str> {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(
                header::CONTENT_TYPE,
                content_type.parse().expect("a header value"),
            );
        }
        parse(&headers, body).map_err(|refusal| refusal.code.as_str())
    }

    #[test]
    fn content_types_table() {
        let (json, form) = (Origin::Json, Origin::Text);
        let table: [(Option<&str>, &[u8], Origin, Value); 12] = [
            (JSON, b"{\"a\": 1}", json, json!({"a": 1})),
            (JSON, b"[1]", json, json!([1])),
            (JSON, b"", json, json!({})),
            (
                Some("Application/JSON; charset=utf-8"),
                b"{}",
                json,
                json!({}),
            ),
            (Some("application/cloudevents+json"), b"{}", json, json!({})),
            (FORM, b"a=1", form, json!({"a": "1"})),
            (FORM, b"", form, json!({})),
            (
                Some("application/x-www-form-urlencoded;charset=UTF-8"),
                b"a=1",
                form,
                json!({"a": "1"}),
            ),
            (None, b" {\"a\": 1}", json, json!({"a": 1})),
            (None, b"[]", json, json!([])),
            (None, b"a=1", form, json!({"a": "1"})),
            (None, b"", form, json!({})),
        ];
        for (content_type, body, origin, value) in table {
            assert_eq!(
                read(content_type, body),
                Ok(Payload { value, origin }),
                "{content_type:?}"
            );
        }
    }

    #[test]
    fn bad_bodies_table() {
        let deep = "[".repeat(100_000);
        let table: [(Option<&str>, &[u8], &str); 17] = [
            (JSON, b"{", "body_invalid"),
            (JSON, b"{\"a\": 1} x", "body_invalid"),
            (JSON, b"{\"a\": 1, \"a\": 1}", "body_invalid"),
            (JSON, b"{\"a\": {\"b\": 1, \"b\": 2}}", "body_invalid"),
            (JSON, b"{\"a\": NaN}", "body_invalid"),
            (JSON, b"{\"a\": 1e400}", "body_invalid"),
            (JSON, b"{'a': 1}", "body_invalid"),
            (JSON, b"\xff", "body_invalid"),
            (JSON, b"\xef\xbb\xbf{}", "body_invalid"),
            (JSON, b" ", "body_invalid"),
            (JSON, deep.as_bytes(), "body_invalid"),
            (FORM, b"{\"a\": 1}", "body_invalid"),
            (FORM, b"a=1&a=2", "body_invalid"),
            (FORM, b"a=%ff", "body_invalid"),
            (Some("text/plain"), b"{}", "unsupported_media_type"),
            (
                Some("multipart/form-data; boundary=x"),
                b"--x--",
                "unsupported_media_type",
            ),
            (Some(""), b"{}", "unsupported_media_type"),
        ];
        for (content_type, body, code) in table {
            let shown = String::from_utf8_lossy(&body[..body.len().min(20)]);
            assert_eq!(
                read(content_type, body),
                Err(code),
                "{content_type:?} {shown}"
            );
        }
    }

    #[test]
    fn compressed_bodies_are_refused() {
        let headers = |encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::CONTENT_ENCODING,
                encoding.parse().expect("a header value"),
            );
            headers
        };
        let refusal = parse(&headers("gzip"), b"\x1f\x8b").expect_err("compressed");
        assert_eq!(refusal.code, Code::UnsupportedMediaType);
        assert!(parse(&headers("identity"), b"{}").is_ok());
    }
}
