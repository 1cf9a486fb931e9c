//! What was asked of the store, and what AWS would charge for it.

use std::collections::BTreeMap;

/// Requests and capacity units since the store was opened, or between two moments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Usage {
    /// Requests by operation, as `TransactWriteItems`. A retry counts again.
    pub requests: BTreeMap<&'static str, u64>,
    /// Requests that were answered with an error.
    pub errors: u64,
    /// Consumed read units, in halves: one eventually consistent read is one half.
    pub read_half_units: u64,
    /// Consumed write units.
    pub write_units: u64,
}

impl Usage {
    /// Consumed read units.
    #[must_use]
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "for people to read"
    )]
    pub fn read_units(&self) -> f64 {
        self.read_half_units as f64 / 2.0
    }

    /// All requests together.
    #[must_use]
    pub fn total_requests(&self) -> u64 {
        self.requests.values().sum()
    }

    /// How often `operation` was called.
    #[must_use]
    pub fn requests_of(&self, operation: &str) -> u64 {
        self.requests.get(operation).copied().unwrap_or(0)
    }

    /// What has been used since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Usage) -> Usage {
        let requests = self
            .requests
            .iter()
            .map(|(operation, count)| (*operation, count - earlier.requests_of(operation)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Usage {
            requests,
            errors: self.errors - earlier.errors,
            read_half_units: self.read_half_units - earlier.read_half_units,
            write_units: self.write_units - earlier.write_units,
        }
    }
}
