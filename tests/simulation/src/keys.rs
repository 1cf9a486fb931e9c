//! API keys that take each other's place: requests come with the latest, and those before it stop
//! working.

use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{Call, Process, ROOT_KEY};

/// For how long a process may remember that a key was one.
pub(crate) const REMEMBERED: SignedDuration = SignedDuration::from_secs(30);

/// The key in use, and those that were.
#[derive(Debug, Default)]
pub(crate) struct Keys(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    /// Its id and its text; the stack's own key where there is none.
    current: Option<(String, String)>,
    /// The texts of those that were revoked, and when.
    revoked: Vec<(String, Timestamp)>,
}

impl Keys {
    /// The text of the key in use.
    pub(crate) fn current(&self) -> String {
        let state = self.0.borrow();
        let text = state.current.as_ref().map(|(_, text)| text.clone());
        text.unwrap_or_else(|| ROOT_KEY.to_owned())
    }

    /// Those that must be refused at an instant, and whether others will be later.
    pub(crate) fn refused(&self, now: Timestamp) -> (Vec<String>, bool) {
        let state = self.0.borrow();
        let (old, young): (Vec<_>, Vec<_>) = state
            .revoked
            .iter()
            .partition(|(_, at)| *at + REMEMBERED < now);
        let texts = old.into_iter().map(|(text, _)| text.clone());
        (texts.collect(), !young.is_empty())
    }

    /// Makes a key and revokes the one in use with it; the error is the code of what may pass.
    pub(crate) async fn rotate(
        &self,
        process: &Process,
        name: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let body = json!({"name": name, "type": "secret"});
        let made = call("POST", "/v1/api_keys", Some(body), name, ROOT_KEY);
        let made = done(process.answer(&made).await)?;
        let text = |field: &str| made[field].as_str().unwrap_or_default().to_owned();
        let (id, secret) = (text("id"), text("secret"));
        let old = self.0.borrow().current.clone();
        if let Some((old, _)) = &old {
            let path = format!("/v1/api_keys/{old}/revoke");
            let revoke = call("POST", &path, None, &format!("{name}-revoke"), &secret);
            done(process.answer(&revoke).await)?;
        }
        let mut state = self.0.borrow_mut();
        state.revoked.extend(old.map(|(_, text)| (text, now)));
        state.current = Some((id, secret));
        Ok(())
    }
}

fn done((status, body): (u16, Value)) -> Result<Value, String> {
    if status < 400 {
        return Ok(body);
    }
    let code = body["error"]["code"].as_str();
    Err(code.unwrap_or("no code").to_owned())
}

/// Whether a process answers a request with this key; the error is what is wrong with that.
pub(crate) async fn must_be(process: &Process, text: &str, is_valid: bool) -> Result<(), String> {
    let read = call("GET", "/v1/loyalty/earning_rules", None, "read", text);
    let (status, body) = process.answer(&read).await;
    let expected = if is_valid { 200 } else { 401 };
    if status == expected {
        return Ok(());
    }
    Err(format!(
        "a key that is {} is answered {status}: {}",
        if is_valid { "in use" } else { "revoked" },
        body["error"]["code"]
    ))
}

fn call(method: &'static str, path: &str, body: Option<Value>, name: &str, key: &str) -> Call {
    Call {
        method,
        path: path.to_owned(),
        body,
        name: name.to_owned(),
        api_key: key.to_owned(),
    }
}
