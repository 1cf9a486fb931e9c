//! Why something was refused: a value that the edge turns into an HTTP error or a dead letter.

use std::fmt;

/// Stable, machine-readable reasons; clients rely on their names (spec, appendix "Error codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Code {
    ParameterMissing,
    ParameterInvalid,
    ParameterUnknown,
    BodyInvalid,
    ConditionInvalid,
    OccurredInFuture,
    PointsOutOfRange,
    ApiKeyMissing,
    ApiKeyInvalid,
    ScopeInsufficient,
    ResourceMissing,
    ReferralCodeNotFound,
    NotFound,
    MethodNotAllowed,
    AccountAlreadyExists,
    ProgramAlreadyExists,
    ResourceAlreadyExists,
    MergeWithItself,
    ProgramMismatch,
    LimitReached,
    EndpointDisabled,
    AccountClosed,
    AccountMerged,
    AccountNotActive,
    EventContentMismatch,
    InsufficientPoints,
    InsufficientStoreCredit,
    OutOfStock,
    RewardUnavailable,
    TierTooLow,
    RedemptionNotReserved,
    RedemptionNotUsable,
    RedemptionUsed,
    NothingLeft,
    AlreadyReinstated,
    PaymentNotRefundable,
    ClockAhead,
    ExperimentStopped,
    IdempotencyKeyReused,
    Conflict,
    BodyTooLarge,
    UnsupportedMediaType,
    RateLimited,
    Internal,
    Unavailable,
}

impl Code {
    /// The code as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Code::ParameterMissing => "parameter_missing",
            Code::ParameterInvalid => "parameter_invalid",
            Code::ParameterUnknown => "parameter_unknown",
            Code::BodyInvalid => "body_invalid",
            Code::ConditionInvalid => "condition_invalid",
            Code::OccurredInFuture => "occurred_in_future",
            Code::PointsOutOfRange => "points_out_of_range",
            Code::ApiKeyMissing => "api_key_missing",
            Code::ApiKeyInvalid => "api_key_invalid",
            Code::ScopeInsufficient => "scope_insufficient",
            Code::ResourceMissing => "resource_missing",
            Code::NotFound => "not_found",
            Code::MethodNotAllowed => "method_not_allowed",
            Code::AccountAlreadyExists => "account_already_exists",
            Code::ProgramAlreadyExists => "program_already_exists",
            Code::ResourceAlreadyExists => "resource_already_exists",
            Code::MergeWithItself => "merge_with_itself",
            Code::ProgramMismatch => "program_mismatch",
            Code::LimitReached => "limit_reached",
            Code::EndpointDisabled => "webhook_endpoint_disabled",
            Code::AccountClosed => "account_closed",
            Code::AccountMerged => "account_merged",
            Code::AccountNotActive => "account_not_active",
            Code::EventContentMismatch => "event_content_mismatch",
            Code::InsufficientPoints => "insufficient_points",
            Code::InsufficientStoreCredit => "insufficient_store_credit",
            Code::ReferralCodeNotFound => "referral_code_not_found",
            Code::OutOfStock => "out_of_stock",
            Code::RewardUnavailable => "reward_unavailable",
            Code::TierTooLow => "tier_too_low",
            Code::RedemptionNotReserved => "redemption_not_reserved",
            Code::RedemptionNotUsable => "redemption_not_usable",
            Code::RedemptionUsed => "redemption_used",
            Code::NothingLeft => "nothing_left",
            Code::AlreadyReinstated => "already_reinstated",
            Code::PaymentNotRefundable => "payment_not_refundable",
            Code::ClockAhead => "clock_ahead",
            Code::ExperimentStopped => "experiment_stopped",
            Code::IdempotencyKeyReused => "idempotency_key_reused",
            Code::Conflict => "conflict",
            Code::BodyTooLarge => "body_too_large",
            Code::UnsupportedMediaType => "unsupported_media_type",
            Code::RateLimited => "rate_limited",
            Code::Internal => "internal_error",
            Code::Unavailable => "unavailable",
        }
    }

    /// The HTTP status that goes with the code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Code::ParameterMissing
            | Code::ParameterInvalid
            | Code::ParameterUnknown
            | Code::BodyInvalid
            | Code::ConditionInvalid
            | Code::OccurredInFuture
            | Code::PointsOutOfRange
            | Code::MergeWithItself
            | Code::ProgramMismatch => 400,
            Code::ApiKeyMissing | Code::ApiKeyInvalid => 401,
            Code::ScopeInsufficient => 403,
            Code::ResourceMissing | Code::ReferralCodeNotFound | Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::AccountAlreadyExists
            | Code::ProgramAlreadyExists
            | Code::ResourceAlreadyExists
            | Code::LimitReached
            | Code::EndpointDisabled
            | Code::AccountClosed
            | Code::AccountMerged
            | Code::AccountNotActive
            | Code::EventContentMismatch
            | Code::InsufficientPoints
            | Code::InsufficientStoreCredit
            | Code::OutOfStock
            | Code::RewardUnavailable
            | Code::TierTooLow
            | Code::RedemptionNotReserved
            | Code::RedemptionNotUsable
            | Code::RedemptionUsed
            | Code::NothingLeft
            | Code::AlreadyReinstated
            | Code::PaymentNotRefundable
            | Code::ClockAhead
            | Code::ExperimentStopped
            | Code::IdempotencyKeyReused
            | Code::Conflict => 409,
            Code::BodyTooLarge => 413,
            Code::UnsupportedMediaType => 415,
            Code::RateLimited => 429,
            Code::Internal => 500,
            Code::Unavailable => 503,
        }
    }

    /// The family of the error, as Stripe names them.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Code::ApiKeyMissing | Code::ApiKeyInvalid => "authentication_error",
            Code::IdempotencyKeyReused => "idempotency_error",
            Code::RateLimited => "rate_limit_error",
            Code::Internal | Code::Unavailable => "api_error",
            _ => "invalid_request_error",
        }
    }
}

/// A refusal: what was wrong, where, and what to do. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The machine-readable reason.
    pub code: Code,
    /// One sentence for a person.
    pub message: String,
    /// The field at fault with its path, as `award.per` or `events[3].data.amount`.
    pub param: Option<String>,
    /// The account concerned, as the existing one of `account_already_exists`.
    pub account: Option<String>,
}

impl Refusal {
    /// A refusal without a field.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal {
            code,
            message: message.into(),
            param: None,
            account: None,
        }
    }

    /// A value that a field may not have.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Refusal::new(Code::ParameterInvalid, message).at(param)
    }

    /// A field that must be there and is not.
    pub fn missing(param: impl Into<String>) -> Self {
        let param = param.into();
        Refusal::new(Code::ParameterMissing, format!("`{param}` is required.")).at(param)
    }

    /// The same refusal, naming the field at fault.
    #[must_use]
    pub fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The same refusal with `prefix` before its field's path.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.param = Some(match self.param {
            Some(param) => format!("{prefix}.{param}"),
            None => prefix.to_owned(),
        });
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)?;
        match &self.param {
            Some(param) => write!(f, " ({param})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}
