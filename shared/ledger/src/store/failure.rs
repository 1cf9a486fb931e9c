//! What failures of requests mean: what may be repeated, and what may not.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::Committed;
use crate::Error;

/// What the cancellation reasons of a transaction, one for each of its items, mean together;
/// `None` where one of them will not pass by itself.
pub(super) fn canceled_as<'a>(codes: impl Iterator<Item = &'a str>) -> Option<Committed> {
    let mut verdict = Committed::Unclear;
    for code in codes {
        match code {
            "None"
            | "TransactionConflict"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded" => {}
            "ConditionalCheckFailed" => verdict = Committed::Stale,
            _ => return None,
        }
    }
    Some(verdict)
}

/// Sorts a failed read into what may be repeated and what may not.
pub(super) fn failed<E>(failure: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if is_transient(&failure) {
        Error::Store {
            source: Box::new(failure),
        }
    } else {
        rejected(failure)
    }
}

pub(super) fn is_transient<E: ProvideErrorMetadata>(failure: &SdkError<E>) -> bool {
    match failure {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            service.raw().status().as_u16() >= 500
                || code.contains("Throttl")
                || code.contains("LimitExceeded")
                || code.contains("ThroughputExceeded")
                || code.contains("TransactionConflict")
        }
        _ => false,
    }
}

pub(super) fn rejected(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Rejected {
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_reasons_table() {
        let table: [(&[&str], Option<Committed>); 6] = [
            (&["None", "ConditionalCheckFailed"], Some(Committed::Stale)),
            (&["TransactionConflict", "None"], Some(Committed::Unclear)),
            (&["ThrottlingError"], Some(Committed::Unclear)),
            (
                &["TransactionConflict", "ConditionalCheckFailed"],
                Some(Committed::Stale),
            ),
            (&["ConditionalCheckFailed", "ValidationError"], None),
            (&["ItemCollectionSizeLimitExceeded"], None),
        ];
        for (codes, verdict) in table {
            assert_eq!(canceled_as(codes.iter().copied()), verdict, "{codes:?}");
        }
    }
}
