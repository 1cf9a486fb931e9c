//! What the environment tells.

use std::fmt;

/// A setting that is missing or makes no sense.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set, or empty.
    #[error("the environment variable {name} is not set: it must be {what}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it must be.
        what: &'static str,
    },
    /// It makes no sense.
    #[error("the environment variable {name} makes no sense: it must be {what}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it must be.
        what: &'static str,
    },
}

impl fmt::Debug for ConfigError {
    /// The same as for people, since `main` tells its error in this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether points are worth something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Live,
    /// They are for trying out: payments can be made up, and time can be moved.
    Sandbox,
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The settings of a function, read when they are asked for: a function needs only its own.
pub struct Config {
    lookup: Box<Lookup>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

impl Config {
    /// The process's environment.
    #[must_use]
    pub fn from_env() -> Config {
        Config::new(|name| std::env::var(name).ok())
    }

    /// Settings from elsewhere.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Config {
        Config {
            lookup: Box::new(lookup),
        }
    }

    /// A variable, where it is set and not empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// Names the variable and says what it must be.
    pub fn required(&self, name: &'static str, what: &'static str) -> Result<String, ConfigError> {
        self.optional(name)
            .ok_or(ConfigError::Missing { name, what })
    }

    /// `LAUREL_TABLE`.
    ///
    /// # Errors
    /// It is not set.
    pub fn table(&self) -> Result<String, ConfigError> {
        self.required("LAUREL_TABLE", "the name of the DynamoDB table")
    }

    /// `LAUREL_BUS`.
    ///
    /// # Errors
    /// It is not set.
    pub fn bus(&self) -> Result<String, ConfigError> {
        self.required("LAUREL_BUS", "the name of the event bus")
    }

    /// `LAUREL_API_KEY`.
    ///
    /// # Errors
    /// It is not set.
    pub fn api_key(&self) -> Result<String, ConfigError> {
        self.required("LAUREL_API_KEY", "the secret key that clients present")
    }

    /// `LAUREL_MODE`: `live`, which is the default, or `sandbox`.
    ///
    /// # Errors
    /// It is something else.
    pub fn mode(&self) -> Result<Mode, ConfigError> {
        match self.optional("LAUREL_MODE").as_deref().map(str::trim) {
            None | Some("live") => Ok(Mode::Live),
            Some("sandbox") => Ok(Mode::Sandbox),
            Some(_) => Err(ConfigError::Invalid {
                name: "LAUREL_MODE",
                what: "live or sandbox",
            }),
        }
    }

    /// `LAUREL_RATE_LIMIT`: requests a second for each API key that has no limit of its own; 0 means
    /// no limit, and 100 is the default.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn rate_limit(&self) -> Result<u32, ConfigError> {
        let what = "a whole number of requests a second, or 0 for no limit";
        self.count("LAUREL_RATE_LIMIT", what, 100)
    }

    fn count(
        &self,
        name: &'static str,
        what: &'static str,
        default: u32,
    ) -> Result<u32, ConfigError> {
        match self.optional(name) {
            None => Ok(default),
            Some(text) => text
                .trim()
                .parse()
                .map_err(|_| ConfigError::Invalid { name, what }),
        }
    }

    /// `LAUREL_PUBLIC_URL`: the address under which the HTTP API is reached, without a path, as
    /// `https://go.example.com`. Links to landing pages begin with it; without it they begin with
    /// the host that a request names.
    ///
    /// # Errors
    /// It is no such address, or is not encrypted and leads elsewhere than to this machine.
    pub fn public_url(&self) -> Result<Option<String>, ConfigError> {
        let name = "LAUREL_PUBLIC_URL";
        let what = "an https address without a path, as https://go.example.com";
        let Some(text) = self.optional(name) else {
            return Ok(None);
        };
        let text = text.trim().trim_end_matches('/');
        match is_origin(text) {
            true => Ok(Some(text.to_owned())),
            false => Err(ConfigError::Invalid { name, what }),
        }
    }

    /// `LAUREL_VISIT_LIMIT`: how often a minute the landing page answers visitors of one address;
    /// 0 means no limit, and 60 is the default.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn visit_limit(&self) -> Result<u32, ConfigError> {
        let what = "a whole number of visits a minute, or 0 for no limit";
        self.count("LAUREL_VISIT_LIMIT", what, 60)
    }

    /// `LAUREL_AUDIT_MEMBERS`: how many members a run of the audit looks at; 20,000 unless set.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn audit_members(&self) -> Result<u32, ConfigError> {
        let what = "a whole number of members";
        self.count("LAUREL_AUDIT_MEMBERS", what, 20_000)
    }

    /// `LAUREL_AUDIT_HOURS`: in how many hours a round of the audit begins at the earliest after
    /// the one before; 24 unless set.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn audit_hours(&self) -> Result<u32, ConfigError> {
        self.count("LAUREL_AUDIT_HOURS", "a whole number of hours", 24)
    }

    /// `LAUREL_DLQ_URL`: where refused events go. Without it the queue's own redrive policy must
    /// take care of them.
    #[must_use]
    pub fn dead_letter_queue(&self) -> Option<String> {
        self.optional("LAUREL_DLQ_URL")
    }

    /// `LAUREL_DELIVERIES_URL`: the queue of webhook deliveries.
    ///
    /// # Errors
    /// It is not set.
    pub fn deliveries_queue(&self) -> Result<String, ConfigError> {
        self.required(
            "LAUREL_DELIVERIES_URL",
            "the URL of the queue of deliveries",
        )
    }

    /// `LAUREL_DISABLE_AFTER_DAYS`: for how many days a webhook endpoint may fail before it is
    /// disabled; 3 unless set.
    ///
    /// # Errors
    /// It is no whole number from 1 to 30.
    pub fn disable_after_days(&self) -> Result<i64, ConfigError> {
        let name = "LAUREL_DISABLE_AFTER_DAYS";
        let what = "a whole number of days from 1 to 30";
        match self.optional(name) {
            None => Ok(laurel_webhooks::schedule::DAYS),
            Some(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|days| (1..=30).contains(days))
                .ok_or(ConfigError::Invalid { name, what }),
        }
    }

    /// `LAUREL_MAX_RECEIVES`: with which receipt a message has its last try. Without it the
    /// queue's own redrive policy decides.
    ///
    /// # Errors
    /// It is no whole number above 0.
    pub fn max_receives(&self) -> Result<Option<u32>, ConfigError> {
        let name = "LAUREL_MAX_RECEIVES";
        let what = "a whole number from 1, the maxReceiveCount of the queue";
        self.optional(name)
            .map(|text| text.trim().parse().ok().filter(|count| *count > 0))
            .map(|count: Option<u32>| count.ok_or(ConfigError::Invalid { name, what }))
            .transpose()
    }
}

/// Whether it is `https://` and a host with or without a port, or `http://` and this machine.
fn is_origin(text: &str) -> bool {
    let (is_encrypted, authority) = match text.split_once("://") {
        Some(("https", authority)) => (true, authority),
        Some(("http", authority)) => (false, authority),
        _ => return false,
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let is_name = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    is_port && (is_here || (is_encrypted && is_name))
}

#[cfg(test)]
mod tests {
    use super::Config;

    fn config(name: &'static str, value: &'static str) -> Config {
        Config::new(move |asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn a_missing_setting_is_named() {
        let error = config("LAUREL_TABLE", " ").table().expect_err("empty");
        assert_eq!(
            error.to_string(),
            "the environment variable LAUREL_TABLE is not set: it must be the name of the \
             DynamoDB table"
        );
        assert_eq!(config("LAUREL_TABLE", "t").table().as_deref(), Ok("t"));
    }

    #[test]
    fn rates_are_whole() {
        let name = "LAUREL_RATE_LIMIT";
        assert_eq!(config("OTHER", "5").rate_limit(), Ok(100));
        assert_eq!(config(name, "0").rate_limit(), Ok(0));
        assert_eq!(config(name, " 25 ").rate_limit(), Ok(25));
        for wrong in ["-1", "1.5", "many", "4294967296"] {
            assert!(config(name, wrong).rate_limit().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_public_address_is_an_origin() {
        let name = "LAUREL_PUBLIC_URL";
        let read = |text: &'static str| config(name, text).public_url();
        assert_eq!(config("OTHER", "x").public_url(), Ok(None));
        for good in [
            "https://go.example.com",
            "https://go.example.com:8443",
            "http://127.0.0.1:8787",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert_eq!(read(good), Ok(Some(good.to_owned())));
        }
        let trimmed = Ok(Some("https://a.example".to_owned()));
        assert_eq!(read(" https://a.example/ "), trimmed);
        for wrong in [
            "go.example.com",
            "http://go.example.com",
            "https://",
            "https://a.example/path",
            "https://a.example?q",
            "https://me@a.example",
            "https://a.example:0x1",
            "https://a.example:",
            "https://[::1",
            "javascript://a",
            "https://a b",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn receives_are_a_count() {
        let name = "LAUREL_MAX_RECEIVES";
        assert_eq!(config(name, "5").max_receives(), Ok(Some(5)));
        assert_eq!(config("OTHER", "5").max_receives(), Ok(None));
        for wrong in ["0", "-1", "five", "4294967296"] {
            assert!(config(name, wrong).max_receives().is_err(), "{wrong}");
        }
    }
}
