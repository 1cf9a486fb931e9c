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
        let name = "LAUREL_RATE_LIMIT";
        let what = "a whole number of requests a second, or 0 for no limit";
        match self.optional(name) {
            None => Ok(100),
            Some(text) => text
                .trim()
                .parse()
                .map_err(|_| ConfigError::Invalid { name, what }),
        }
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
    fn receives_are_a_count() {
        let name = "LAUREL_MAX_RECEIVES";
        assert_eq!(config(name, "5").max_receives(), Ok(Some(5)));
        assert_eq!(config("OTHER", "5").max_receives(), Ok(None));
        for wrong in ["0", "-1", "five", "4294967296"] {
            assert!(config(name, wrong).max_receives().is_err(), "{wrong}");
        }
    }
}
