//! Endpoints: who wants to hear of what.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{Refusal, id};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// How many endpoints there may be: each event is matched against all of them.
pub const ENDPOINTS_MAX: usize = 50;

/// How many secrets may run out side by side.
const RETIRING_MAX: usize = 4;
const EVENTS_MAX: usize = 50;
const HEADER_LEN_MAX: usize = 64;
/// The header of the signature that Laurel's own clients verify.
const SIGNATURE_HEADER: &str = "x-vinr-signature";

/// Headers that say something else already, or that HTTP itself needs.
const RESERVED_HEADERS: [&str; 20] = [
    "accept",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// Whether an endpoint is sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum EndpointStatus {
    Enabled,
    Disabled,
}

/// A secret that was replaced and still signs for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retiring {
    /// The secret.
    pub secret: Secret,
    /// Until when it signs.
    pub expires_at: Timestamp,
}

/// An endpoint: a URL, and which events go there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `we_…`
    pub id: String,
    /// Where events go.
    pub url: String,
    /// What it is for, for people.
    pub description: Option<String>,
    /// `*`, event types, or their beginnings as `loyalty.*`.
    pub enabled_events: Vec<String>,
    /// The program whose events it gets; all where absent.
    pub program: Option<String>,
    /// Whether it is sent anything.
    pub status: EndpointStatus,
    /// Why it was disabled, where Laurel did so.
    pub disabled_reason: Option<String>,
    /// The header of the signature.
    pub signature_header: String,
    /// The operator's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// What signs.
    pub secret: Secret,
    /// What signs beside it, for a while.
    pub retiring: Vec<Retiring>,
    /// The request that rotated last, so that its repeat rotates nothing.
    pub rotation: Option<String>,
}

impl Endpoint {
    /// An endpoint for all events of all programs.
    #[must_use]
    pub fn new(id: String, url: String, secret: Secret, created: Timestamp) -> Endpoint {
        Endpoint {
            id,
            url,
            description: None,
            enabled_events: vec!["*".to_owned()],
            program: None,
            status: EndpointStatus::Enabled,
            disabled_reason: None,
            signature_header: SIGNATURE_HEADER.to_owned(),
            metadata: BTreeMap::new(),
            created,
            secret,
            retiring: Vec::new(),
            rotation: None,
        }
    }

    /// Whether it is to be sent an event of this type and program.
    #[must_use]
    pub fn wants(&self, event_type: &str, program: &str) -> bool {
        let is_named = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => event_type.starts_with(start),
            None => event_type == pattern,
        };
        self.status == EndpointStatus::Enabled
            && self.program.as_ref().is_none_or(|only| only == program)
            && self.enabled_events.iter().any(is_named)
    }

    /// The secrets that sign at `now`, the current one first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let retiring = self.retiring.iter().filter(move |old| old.expires_at > now);
        std::iter::once(&self.secret).chain(retiring.map(|old| &old.secret))
    }

    /// Makes `secret` the current one; the one before signs until `expires_at`.
    pub fn rotate(&mut self, secret: Secret, expires_at: Timestamp, now: Timestamp) {
        let before = std::mem::replace(&mut self.secret, secret);
        self.retiring.retain(|old| old.expires_at > now);
        if expires_at > now {
            self.retiring.insert(
                0,
                Retiring {
                    secret: before,
                    expires_at,
                },
            );
        }
        self.retiring.truncate(RETIRING_MAX);
    }

    /// Stops sending, and says why.
    pub fn disable(&mut self, reason: impl Into<String>) {
        self.status = EndpointStatus::Disabled;
        self.disabled_reason = Some(reason.into());
    }
}

/// Checks which events are asked for: `*`, event types, or beginnings that end in `.*`.
///
/// # Errors
/// `parameter_invalid` at the member of `param` that is none of these.
pub fn check_events(param: &str, patterns: &[String]) -> Result<(), Refusal> {
    if patterns.is_empty() || patterns.len() > EVENTS_MAX {
        let message = format!("`{param}` must name 1 to {EVENTS_MAX} event types.");
        return Err(Refusal::invalid(param, message));
    }
    for (place, pattern) in patterns.iter().enumerate() {
        let literal = match pattern.as_str() {
            "*" => continue,
            other => other.strip_suffix(".*").unwrap_or(other),
        };
        let param = format!("{param}[{place}]");
        if id::check_event_type(&param, literal).is_err() {
            let message = format!(
                "`{param}` must be an event type such as loyalty.points.earned, the beginning of \
                 some such as loyalty.*, or *."
            );
            return Err(Refusal::invalid(param, message));
        }
    }
    Ok(())
}

/// Checks the name of a signature header and answers it in lower case.
///
/// # Errors
/// `parameter_invalid` at `param`.
pub fn check_header(param: &str, name: &str) -> Result<String, Refusal> {
    let name = name.to_ascii_lowercase();
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_name = (1..=HEADER_LEN_MAX).contains(&name.len()) && name.bytes().all(allowed);
    if !is_name || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        let message = format!(
            "`{param}` must be the name of a header: letters, digits and -, beginning with a \
             letter, at most {HEADER_LEN_MAX} characters, as x-vinr-signature."
        );
        return Err(Refusal::invalid(param, message));
    }
    if RESERVED_HEADERS.contains(&name.as_str()) || name.starts_with("proxy-") {
        let message = format!("`{param}` must not be {name}, which has a meaning of its own.");
        return Err(Refusal::invalid(param, message));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        let secret = Secret::from_random([0; 32]);
        let url = "https://example.com/".to_owned();
        Endpoint::new("we_1".to_owned(), url, secret, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn who_wants_what() {
        let table = [
            ("*", "loyalty.points.earned", true),
            ("loyalty.*", "loyalty.points.earned", true),
            ("loyalty.points.*", "loyalty.points.earned", true),
            ("loyalty.points.earned", "loyalty.points.earned", true),
            ("loyalty.points", "loyalty.points.earned", false),
            ("loyal.*", "loyalty.points.earned", false),
            ("referral.*", "loyalty.points.earned", false),
        ];
        for (pattern, event_type, wanted) in table {
            let mut endpoint = endpoint();
            endpoint.enabled_events = vec!["x.y".to_owned(), pattern.to_owned()];
            assert_eq!(endpoint.wants(event_type, "prog_1"), wanted, "{pattern}");
            endpoint.program = Some("prog_2".to_owned());
            assert!(!endpoint.wants(event_type, "prog_1"), "another program's");
            endpoint.program = Some("prog_1".to_owned());
            assert_eq!(endpoint.wants(event_type, "prog_1"), wanted);
            endpoint.disable("gone");
            assert!(!endpoint.wants(event_type, "prog_1"), "disabled");
        }
    }

    #[test]
    fn patterns_and_headers_that_are_none() {
        let check = |pattern: &str| check_events("e", &[pattern.to_owned()]);
        for good in ["*", "a", "a.b", "a.*", "a.b.*"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", ".*", "a*", "*.a", "A", "a b", "a#b", "**", "a.*.*"] {
            let refusal = check(bad).expect_err(bad);
            assert_eq!(refusal.param.as_deref(), Some("e[0]"), "{bad}");
        }
        assert!(check_events("e", &[]).is_err());
        assert!(check_events("e", &vec!["a".to_owned(); 51]).is_err());

        assert_eq!(check_header("h", "X-Shop-Sig").as_deref(), Ok("x-shop-sig"));
        for bad in [
            "",
            "a b",
            "x:y",
            "x\r\ny",
            "-x",
            "1x",
            "ü",
            "Host",
            "webhook-id",
            "proxy-x",
            "content-length",
            &"x".repeat(65),
        ] {
            assert!(check_header("h", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_replaced_secret_signs_until_it_runs_out() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let mut endpoint = endpoint();
        let first = endpoint.secret.clone();
        endpoint.rotate(Secret::from_random([1; 32]), at(100), at(0));
        let second = endpoint.secret.clone();
        assert_eq!(
            endpoint.secrets(at(99)).collect::<Vec<_>>(),
            [&second, &first]
        );
        assert_eq!(endpoint.secrets(at(100)).collect::<Vec<_>>(), [&second]);
        for round in 2..10 {
            endpoint.rotate(Secret::from_random([round; 32]), at(200), at(0));
        }
        assert_eq!(endpoint.secrets(at(0)).count(), 1 + RETIRING_MAX);
        endpoint.rotate(Secret::from_random([99; 32]), at(300), at(300));
        assert_eq!(endpoint.secrets(at(250)).count(), 1, "at once");
    }
}
