//! The OpenAPI document (3.1), made of what the code says anyway.
//!
//! **To describe a new route**, add it by [`Routes`]: `.post(path, handler, "things.create",
//! "Create a thing")`, then `.about("…")` for what the summary leaves out and
//! `.refuses(&[Code::…])` for the codes that are its own. That is all there is to say of a route;
//! the rest is read off the handler's signature:
//!
//! - [`Body<T>`](crate::body::Body) and [`Query<T>`](crate::query::Query) give the schema of
//!   `T::SHAPE`. A field is one line there, `Field::new(name, Kind, about)` with `.required()`,
//!   `.nullable()`, `.example(…)`, and one line in `from_fields`; that both agree is asserted
//!   when debug assertions are on. A list takes `.and(&PAGE_FIELDS)`.
//! - `Json<T>` is status 200, [`Created<T>`](crate::routes::Created) 201, `Json<List<T>>` a page.
//!   `T` implements [`Answer`](crate::routes::Answer): its `KIND` is a `Shape::answer("Name", &[fields])`, which becomes
//!   the schema `Name`; every field is there always, unless it is `.optional()`.
//! - An extractor of another kind implements [`Input`](crate::routes::Input), an answer of another
//!   kind [`Output`](crate::routes::Output).
//!
//! Then call it once in `tests/it/examples.rs`: the recorded answer is checked against the schema
//! and becomes the document's example. `UPDATE=1 cargo test -p laurel-tests openapi` writes
//! `openapi.json`; without `UPDATE` the same test fails where the file is stale, or where a route
//! has no example. The committed file is what `GET /openapi.json` serves.

use std::collections::BTreeMap;

use axum::{
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use laurel_rules::Code;
use serde_json::{Map, Value, json};

use crate::{
    fields::{Field, Kind, Shape},
    routes::{Operation, Output, Routes},
};

mod schema;

use schema::{Schemas, Side};

/// The committed document.
const DOCUMENT: &str = include_str!("../../../openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::tagged("Service", "The service itself; these ask for no key.")
        .get("/openapi.json", serve, "openapi.retrieve", "This document")
        .open()
}

struct Document;

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
    }
}

impl Output for Document {
    fn describe(operation: &mut Operation) {
        operation
            .answers
            .push((StatusCode::OK, Some(Kind::AnyObject)));
    }
}

async fn serve() -> Document {
    Document
}

/// What is wrong, in every answer that is an error.
pub(crate) const ERROR: Shape = Shape::answer(
    "Error",
    &[
        Field::new(
            "type",
            Kind::Choice(&[
                "invalid_request_error",
                "authentication_error",
                "idempotency_error",
                "rate_limit_error",
                "api_error",
            ]),
            "The family of the error.",
        ),
        Field::new("code", Kind::AnyText, "What is wrong, for programs.")
            .example("parameter_invalid"),
        Field::new(
            "message",
            Kind::AnyText,
            "What is wrong and what to do, for people.",
        ),
        Field::new("param", Kind::AnyText, "The field at fault, with its path.")
            .example("award.per")
            .optional(),
        Field::new("account", Kind::Id, "The account concerned.").optional(),
        Field::new(
            "request_id",
            Kind::AnyText,
            "The request, to find it in the log.",
        )
        .example("req_4eC39HqLyjWDarjtT1zd")
        .optional(),
    ],
);

const ERROR_ANSWER: Shape = Shape::answer(
    "ErrorAnswer",
    &[Field::new("error", Kind::Object(&ERROR), "What is wrong.")],
);

/// A call that was made, and its answer.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows, as "A fixed award".
    pub summary: String,
    /// The body that was sent as JSON, where one was.
    pub request: Option<Value>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: Value,
}

/// The operation that a call is one of: its id, as `accounts.create`.
#[must_use]
pub fn operation_of(method: &str, path: &str) -> Option<&'static str> {
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    let mut fitting: Vec<Operation> = operations()
        .into_iter()
        .filter(|operation| operation.method.as_str() == method && fits(&operation.path))
        .collect();
    // A word of its own goes before a parameter, as in the router.
    fitting.sort_by_key(|operation| operation.path.matches('{').count());
    fitting.first().map(|operation| operation.id)
}

/// The ids of all operations.
#[must_use]
pub fn operation_ids() -> Vec<&'static str> {
    operations().iter().map(|operation| operation.id).collect()
}

fn operations() -> Vec<Operation> {
    let guarded = crate::resources()
        .into_iter()
        .chain(crate::sandbox_resources());
    let all = guarded.map(|(_, routes)| routes).chain([crate::open()]);
    all.flat_map(|routes| routes.operations).collect()
}

/// The document, with these examples by operation.
#[must_use]
pub fn document(examples: &BTreeMap<String, Vec<Example>>) -> Value {
    let mut schemas = Schemas::default();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    for operation in operations() {
        let tag = json!({"name": operation.tag.name, "description": operation.tag.about});
        if !tags.iter().any(|known| known["name"] == tag["name"]) {
            tags.push(tag);
        }
        let examples = examples.get(operation.id).map_or(&[][..], Vec::as_slice);
        let described = describe(&operation, examples, &mut schemas);
        paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}))[operation.method.as_str().to_lowercase()] = described;
    }
    let error = schemas.of(Kind::Object(&ERROR_ANSWER), Side::Answer);
    let mut responses = Map::new();
    for (status, codes) in shared_refusals() {
        responses.insert(status.to_string(), refusal(status, &codes, &error));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Laurel",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A loyalty engine: events in, points out.",
            "description": include_str!("openapi/introduction.md"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [
            {"url": "http://127.0.0.1:8787", "description": "The local stack"},
            {
                "url": "https://{host}",
                "description": "A deployment",
                "variables": {"host": {
                    "default": "loyalty.example.com",
                    "description": "The host of the stack's output `ApiUrl`, or of your own domain",
                }},
            },
        ],
        "tags": tags,
        "security": [{"apiKey": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.named,
            "responses": responses,
            "headers": {"RequestId": {
                "description": "The request's id, to find it in the log.",
                "required": true,
                "schema": {"type": "string"},
            }},
            "parameters": {"IdempotencyKey": {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "A text of your own choice. The same request under the same key is \
                                carried out once; its answer is given again for 24 hours.",
                "schema": {
                    "type": "string", "minLength": 1, "maxLength": 255,
                    "pattern": "^[!-~]([ -~]*[!-~])?$",
                },
            }},
            "securitySchemes": {
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    })
}

/// The codes that every operation may answer, by status.
fn shared_refusals() -> BTreeMap<u16, Vec<Code>> {
    let codes = [
        Code::ParameterInvalid,
        Code::ParameterMissing,
        Code::ParameterUnknown,
        Code::BodyInvalid,
        Code::ApiKeyMissing,
        Code::ApiKeyInvalid,
        Code::ScopeInsufficient,
        Code::ResourceMissing,
        Code::Conflict,
        Code::IdempotencyKeyReused,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::RateLimited,
        Code::Internal,
        Code::Unavailable,
    ];
    by_status(codes)
}

fn by_status(codes: impl IntoIterator<Item = Code>) -> BTreeMap<u16, Vec<Code>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

/// The answer that a refusal is.
fn refusal(status: u16, codes: &[Code], schema: &Value) -> Value {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    let codes: Vec<String> = codes
        .iter()
        .map(|code| format!("`{}`", code.as_str()))
        .collect();
    let mut headers = json!({"Request-Id": {"$ref": "#/components/headers/RequestId"}});
    if [429, 503].contains(&status) {
        headers["Retry-After"] =
            json!({"description": "Seconds to wait.", "schema": {"type": "string"}});
    }
    json!({
        "description": format!("{}: {}.", reason.unwrap_or("Refused"), codes.join(", ")),
        "headers": headers,
        "content": {"application/json": {"schema": schema}},
    })
}

fn describe(operation: &Operation, examples: &[Example], schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag.name],
        "summary": operation.summary,
        "responses": responses(operation, examples, schemas),
    });
    if !operation.about.is_empty() {
        described["description"] = operation.about.into();
    }
    if !operation.needs_key {
        described["security"] = json!([]);
    }
    let parameters = parameters(operation, schemas);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(kind) = operation.body {
        described["requestBody"] = request_body(operation, kind, examples, schemas);
    }
    described
}

fn parameters(operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let mut parameters = Vec::new();
    for part in operation.path.split('/') {
        if let Some(name) = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            parameters.push(json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": "The id of the object.",
                "schema": schemas.of(Kind::Id, Side::Request),
            }));
        }
    }
    for field in operation.query.into_iter().flat_map(Shape::fields) {
        let mut parameter = json!({
            "name": field.name,
            "in": "query",
            "description": field.about,
            "schema": schemas.of(field.kind, Side::Request),
        });
        if field.is_required {
            parameter["required"] = true.into();
        }
        if matches!(field.kind, Kind::Object(_)) {
            parameter["style"] = "deepObject".into();
            parameter["explode"] = true.into();
        }
        parameters.push(parameter);
    }
    if keeps_answers(operation) {
        parameters.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
    }
    parameters
}

/// Whether an `Idempotency-Key` means anything to it. What an estimate answers is not kept.
fn keeps_answers(operation: &Operation) -> bool {
    operation.method == Method::POST && operation.path != crate::estimates::PATH
}

fn request_body(
    operation: &Operation,
    kind: Kind,
    examples: &[Example],
    schemas: &mut Schemas,
) -> Value {
    let schema = match kind {
        Kind::Object(shape) => schemas.params_of(operation.id, shape),
        _ => schemas.of(kind, Side::Request),
    };
    let mut json_body = json!({ "schema": schema });
    let sent = examples
        .iter()
        .filter(|example| example.status < 400)
        .filter_map(|example| Some((example.summary.as_str(), example.request.clone()?)));
    if let Some(examples) = named_examples(sent) {
        json_body["examples"] = examples;
    }
    let needs_body = match kind {
        Kind::Object(shape) => shape.fields().any(|field| field.is_required),
        _ => true,
    };
    // A form is always an object; its brackets are what OpenAPI calls deep objects.
    let form = match kind {
        Kind::AnyOf(kinds) => {
            let objects = kinds.iter().filter(|kind| matches!(kind, Kind::Object(_)));
            let objects = objects.map(|kind| schemas.of(*kind, Side::Form));
            json!({"anyOf": objects.collect::<Vec<_>>()})
        }
        Kind::Object(shape) => schemas.form_of(shape, &schema),
        _ => schema,
    };
    let deep = json!({"style": "deepObject", "explode": true});
    let encoding: Map<String, Value> = match kind {
        Kind::Object(shape) => shape
            .fields()
            .filter(|field| field.kind.is_deep())
            .map(|field| (field.name.to_owned(), deep.clone()))
            .collect(),
        _ => Map::new(),
    };
    let mut form_body = json!({ "schema": form });
    if !encoding.is_empty() {
        form_body["encoding"] = encoding.into();
    }
    json!({
        "required": needs_body,
        "content": {
            "application/json": json_body,
            "application/x-www-form-urlencoded": form_body,
        },
    })
}

fn responses(operation: &Operation, examples: &[Example], schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    let error = schemas.of(Kind::Object(&ERROR_ANSWER), Side::Answer);
    for (status, kind) in &operation.answers {
        let mut answer = json!({
            "description": status.canonical_reason().unwrap_or("As asked"),
            "headers": {"Request-Id": {"$ref": "#/components/headers/RequestId"}},
        });
        if let Some(kind) = kind {
            let media_type = match kind {
                Kind::Lines(_) => "application/x-ndjson",
                _ => "application/json",
            };
            answer["content"][media_type] = json!({"schema": schemas.of(*kind, Side::Answer)});
        }
        responses.insert(status.as_str().to_owned(), answer);
    }
    for (status, codes) in by_status(refusals(operation)) {
        let is_own = codes.iter().any(|code| operation.refusals.contains(code));
        let answer = if is_own {
            refusal(status, &codes, &error)
        } else {
            json!({"$ref": format!("#/components/responses/{status}")})
        };
        responses.insert(status.to_string(), answer);
    }
    for (status, answer) in &mut responses {
        let answers = examples
            .iter()
            .filter(|example| example.status.to_string() == *status)
            .map(|example| (example.summary.as_str(), example.answer.clone()));
        if let (Some(content), Some(examples)) = (
            answer.pointer_mut("/content/application~1json"),
            named_examples(answers),
        ) {
            content["examples"] = examples;
        }
    }
    responses.into()
}

/// Examples under names that are made of what they show.
fn named_examples<'a>(examples: impl Iterator<Item = (&'a str, Value)>) -> Option<Value> {
    let named: Map<String, Value> = examples
        .map(|(summary, value)| {
            let name = summary
                .to_lowercase()
                .replace(|c: char| !c.is_alphanumeric(), "_");
            (name, json!({"summary": summary, "value": value}))
        })
        .collect();
    (!named.is_empty()).then(|| named.into())
}

/// All codes that an operation may answer.
fn refusals(operation: &Operation) -> Vec<Code> {
    let mut codes = operation.refusals.clone();
    let mut add = |more: &[Code]| {
        for code in more {
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
    };
    if operation.needs_key {
        add(&[
            Code::ParameterUnknown,
            Code::ParameterInvalid,
            Code::ApiKeyMissing,
            Code::ApiKeyInvalid,
            Code::ScopeInsufficient,
            Code::RateLimited,
            Code::Internal,
            Code::Unavailable,
        ]);
    }
    if operation.body.is_some() {
        add(&[
            Code::ParameterMissing,
            Code::BodyInvalid,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
        ]);
    }
    if operation.path.contains('{') {
        add(&[Code::ResourceMissing]);
    }
    if keeps_answers(operation) {
        add(&[Code::IdempotencyKeyReused]);
    }
    if operation.method != Method::GET {
        add(&[Code::Conflict]);
    }
    codes
}
