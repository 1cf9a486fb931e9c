//! Why a condition could not be told to hold or not.

use std::borrow::Cow;

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// What is asked for is not there.
    Missing(String),
    /// What is there is not what it takes.
    Wrong(Cow<'static, str>),
    /// It took more steps than a condition may take. Nothing outweighs this.
    TooLong,
}

impl Failure {
    pub(crate) fn wrong(message: impl Into<Cow<'static, str>>) -> Failure {
        Failure::Wrong(message.into())
    }

    /// The reason, for the trace.
    pub(crate) fn into_reason(self) -> String {
        match self {
            Failure::Missing(message) => message,
            Failure::Wrong(message) => message.into_owned(),
            Failure::TooLong => "the condition takes too long for this event".to_owned(),
        }
    }
}
