//! What can go wrong between a request and the table.

use laurel_rules::{Code, Refusal};

/// Why a request was not carried out. In every case nothing, or all of it, was written; which of
/// the two is told by repeating it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot be carried out as it is.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Others kept changing the same items; the request may be repeated.
    #[error("still contended after {attempts} attempts")]
    Busy {
        /// How often it was tried.
        attempts: u32,
    },
    /// The table could not be reached, or would not answer; the request may be repeated.
    #[error("the table does not answer")]
    Store {
        /// What the client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The table refused what we sent; repeating does not help.
    #[error("the table refused the request")]
    Rejected {
        /// What the client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An item does not read as we write them.
    #[error("the item {key} is not readable: {problem}")]
    Corrupt {
        /// Its key.
        key: String,
        /// What is wrong.
        problem: String,
    },
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl Error {
    /// Whether the same request may succeed when it is repeated later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Busy { .. } | Error::Store { .. } => true,
            Error::Refused(_) | Error::Rejected { .. } | Error::Corrupt { .. } => false,
        }
    }

    /// The error as the caller of the API sees it.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Error::Refused(refusal) => refusal.clone(),
            Error::Busy { .. } => Refusal::new(
                Code::Conflict,
                "Others are changing the same member right now; repeat the request.",
            ),
            Error::Store { .. } => Refusal::new(
                Code::Unavailable,
                "The store does not answer right now; repeat the request.",
            ),
            Error::Rejected { .. } | Error::Corrupt { .. } => Refusal::new(
                Code::Internal,
                "Something is wrong on our side; it was logged under this request's id.",
            ),
        }
    }
}
