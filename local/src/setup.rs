//! Programs with their rules from a file, created through the API: what it refuses is refused here,
//! in the same words.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tower::ServiceExt;

/// The program that `laurel` starts with: 1 point per euro up to 5,000 a month, and a welcome
/// bonus.
pub const DEMO: &str = include_str!("../programs/demo.json");
/// A program without rules.
pub const EMPTY: &str = include_str!("../programs/empty.json");
/// The program that `laurel replay` uses unless told otherwise.
pub const REPLAY: &str = include_str!("../programs/replay.json");

/// A program and its rules in the form in which the API takes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramFile {
    program: Map<String, Value>,
    #[serde(default)]
    rules: Vec<Map<String, Value>>,
}

/// Why a program could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// It is not the JSON of a program file.
    #[error("a program file is {{\"program\": {{…}}, \"rules\": [{{…}}, …]}}")]
    Form(#[from] serde_json::Error),
    /// The API refused a part of it.
    #[error("{what} was refused: {message}")]
    Refused {
        /// Which part.
        what: String,
        /// Why.
        message: String,
    },
    /// The API did not answer as it should.
    #[error("the API could not be called")]
    Call(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What setting up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUp {
    /// The program is new.
    Created,
    /// It was there already, and was left as it was.
    Kept,
}

impl ProgramFile {
    /// Reads a program file.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<ProgramFile, SetupError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The same program with other rules, which `text` gives as a list, or as a program file does.
    ///
    /// # Errors
    /// It is neither.
    pub fn with_rules(&self, text: &str) -> Result<ProgramFile, SetupError> {
        let given: Value = serde_json::from_str(text)?;
        let rules = match given {
            Value::Object(mut file) => file.remove("rules").unwrap_or_default(),
            list => list,
        };
        Ok(ProgramFile {
            program: self.program.clone(),
            rules: serde_json::from_value(rules)?,
        })
    }

    /// The id that the program has, where the file says it.
    #[must_use]
    pub fn id(&self) -> &str {
        let id = self.program.get("id").and_then(Value::as_str);
        id.unwrap_or(laurel_rules::id::DEFAULT_PROGRAM)
    }

    /// Creates the program and its rules, or what of them an interrupted run has left out.
    ///
    /// # Errors
    /// The API refuses something.
    pub async fn set_up(&self, api: &Router, api_key: &str) -> Result<SetUp, SetupError> {
        let api = Api {
            router: api,
            api_key,
        };
        let base = "/v1/loyalty/programs";
        let given = Value::from(self.program.clone());
        let (status, answer) = api.call(Method::POST, base, Some(&given)).await?;
        let is_new = match (status, answer["error"]["code"].as_str()) {
            (StatusCode::CREATED, _) => true,
            (_, Some("program_already_exists")) => false,
            _ => return Err(refused("the program", &answer)),
        };
        let program = match is_new {
            true => answer["id"].clone(),
            false => given["id"].clone(),
        };
        let there = match is_new {
            true => Vec::new(),
            false => api.rules_of(program.as_str().unwrap_or_default()).await?,
        };
        let is_ours = |known: &Value| self.rules.iter().any(|rule| is_same(known, rule));
        if !there.iter().all(is_ours) {
            // Somebody has made rules of their own, which more rules would spoil.
            return Ok(SetUp::Kept);
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if there.iter().any(|known| is_same(known, rule)) {
                continue;
            }
            let mut rule = rule.clone();
            rule.entry("program").or_insert_with(|| program.clone());
            let base = "/v1/loyalty/earning_rules";
            let (status, answer) = api.call(Method::POST, base, Some(&rule.into())).await?;
            if status != StatusCode::CREATED {
                return Err(refused(&format!("rules[{place}]"), &answer));
            }
        }
        Ok(if is_new { SetUp::Created } else { SetUp::Kept })
    }
}

/// Whether a rule that is there is the one of the file: the same name for the same trigger.
fn is_same(known: &Value, rule: &Map<String, Value>) -> bool {
    ["name", "trigger"]
        .iter()
        .all(|field| known.get(*field) == rule.get(*field))
}

fn refused(what: &str, answer: &Value) -> SetupError {
    let error = &answer["error"];
    let message = error["message"]
        .as_str()
        .unwrap_or("no reason given")
        .to_owned();
    SetupError::Refused {
        what: what.to_owned(),
        message,
    }
}

struct Api<'a> {
    router: &'a Router,
    api_key: &'a str,
}

impl Api<'_> {
    async fn rules_of(&self, program: &str) -> Result<Vec<Value>, SetupError> {
        let path = format!("/v1/loyalty/earning_rules?limit=100&program={program}");
        let (_, answer) = self.call(Method::GET, &path, None).await?;
        Ok(answer["data"].as_array().cloned().unwrap_or_default())
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), SetupError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", self.api_key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .map_err(|problem| SetupError::Call(problem.into()))?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .map_err(|problem| SetupError::Call(problem.into()))?;
        Ok((status, serde_json::from_slice(&bytes)?))
    }
}
