//! The scheduled audit: whether the ledger keeps what it promises, round after round.
//!
//! How far the round is stands in the table. A run goes on with it for a while and may end
//! anywhere; the next one goes on from where the last one wrote that it was.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{AuditLimits, AuditRan, Error, Ledger};
use serde_json::json;

/// The namespace of the metrics.
const NAMESPACE: &str = "Laurel";

/// Audits a ledger.
#[derive(Debug, Clone)]
pub struct Audit {
    ledger: Ledger,
    members: u64,
    every: SignedDuration,
    is_announced: bool,
}

impl Audit {
    /// Audits this ledger: about so many members a run, and a round in so many hours at most.
    #[must_use]
    pub fn new(ledger: Ledger, members: u32, hours: u32) -> Audit {
        Audit {
            ledger,
            members: members.into(),
            every: SignedDuration::from_hours(hours.into()),
            is_announced: true,
        }
    }

    /// The same where nobody announces what is written.
    #[must_use]
    pub fn without_announcements(self) -> Audit {
        Audit {
            is_announced: false,
            ..self
        }
    }

    /// Goes on with the round until it is through or no step should begin any more. Each violation
    /// is an error in the log.
    ///
    /// # Errors
    /// The table does not answer; the next run goes on.
    pub async fn run(&self, until: Instant) -> Result<AuditRan, Error> {
        let started = Instant::now();
        let limits = AuditLimits {
            until,
            members: self.members,
            every: self.every,
            is_announced: self.is_announced,
        };
        let ran = self.ledger.run_audit(limits).await?;
        for violation in &ran.found {
            tracing::error!(
                program = violation.program,
                account = violation.account,
                invariant = violation.invariant.as_str(),
                transactions = violation.transactions.join(" "),
                reason = violation.message,
                "the ledger does not hold"
            );
        }
        tracing::info!(
            members = ran.counts.members,
            entries = ran.counts.entries,
            names = ran.counts.names,
            skipped = ran.counts.skipped,
            violations = ran.counts.violations,
            standing = ran.standing,
            is_through = ran.is_through,
            is_waiting = ran.is_waiting,
            is_overtaken = ran.is_overtaken,
            took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "audited"
        );
        Ok(ran)
    }
}

/// The metrics of a run as a line of the log, from which CloudWatch takes them
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>):
/// what does not hold, how many members were audited, and that a run came to its end.
#[must_use]
pub fn metrics(function: &str, now: Timestamp, ran: &AuditRan) -> String {
    let metric = |name: &str| json!({"Name": name, "Unit": "Count"});
    let line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [
                    metric("AuditViolations"),
                    metric("AuditedMembers"),
                    metric("AuditRuns"),
                ],
            }],
        },
        "FunctionName": function,
        "AuditViolations": ran.standing,
        "AuditedMembers": ran.counts.members,
        "AuditRuns": 1,
    });
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_name_a_value_each() {
        let ran = AuditRan {
            standing: 3,
            ..AuditRan::default()
        };
        let now = Timestamp::from_millisecond(1_763_640_000_000).expect("an instant");
        let line: serde_json::Value =
            serde_json::from_str(&metrics("laurel-audit", now, &ran)).expect("JSON");
        let told = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(told["Namespace"], "Laurel");
        let metrics = told["Metrics"].as_array().expect("metrics");
        assert_eq!(metrics.len(), 3);
        for metric in metrics {
            let name = metric["Name"].as_str().expect("a name");
            assert!(line[name].is_u64(), "{name}");
        }
        assert_eq!(line["AuditViolations"], 3);
        for dimension in told["Dimensions"][0].as_array().expect("dimensions") {
            let name = dimension.as_str().expect("a name");
            assert_eq!(line[name], "laurel-audit");
        }
        assert_eq!(line["_aws"]["Timestamp"], 1_763_640_000_000_i64);
    }
}
