//! Estimates beside what then comes to pass: before an event it is estimated, and it gives exactly
//! that, under whatever rules, caps, tiers, campaigns, budgets and fractions there are by then.

use laurel_ledger::Error;
use laurel_model::Op;
use laurel_rules::{
    Event, Refusal,
    decide::Estimate,
    event::{ACCOUNT_CREATED, Intent},
};
use laurel_tests::{PROGRAM, World};
use serde_json::Value;

use crate::oracle::{Oracle, Said};

impl Oracle {
    /// The estimate of an event that may earn, or the code of its refusal.
    pub(crate) async fn estimate(
        &self,
        world: &World,
        op: &Op,
    ) -> Option<Result<Estimate, String>> {
        let Op::Event(event) = op else { return None };
        let value = Value::Object(event.to_api(PROGRAM, self));
        let event: Result<Event, Refusal> = world.event(value);
        let earns =
            |event: &Event| event.intent == Intent::Earn && event.trigger != ACCOUNT_CREATED;
        let event = event.ok().filter(earns)?;
        let estimated = Box::pin(world.ledger.estimate(&event, None)).await;
        Some(estimated.map_err(|error| match error {
            Error::Refused(refusal) => refusal.code.as_str().to_owned(),
            other => other.to_string(),
        }))
    }
}

/// Compares what was estimated with what came to pass.
pub(crate) fn compare_estimate(
    estimated: &Result<Estimate, String>,
    said: &Result<Said, String>,
) -> Result<(), String> {
    match (estimated, said) {
        (Ok(estimate), Ok(said)) => {
            let is_new = !said.duplicate && matches!(&*said.outcome, "awarded" | "no_award");
            if !is_new {
                return Ok(());
            }
            let made = estimate
                .rules
                .iter()
                .filter_map(|it| it.transaction.as_ref());
            let expected: Vec<i64> = made.map(|made| made.amount).collect();
            let earned = said.transactions.iter().filter(|(kind, _)| kind == "earn");
            let earned: Vec<i64> = earned.map(|(_, points)| *points).collect();
            if earned != expected || estimate.points != earned.iter().sum::<i64>() {
                return Err(format!("estimated {estimate:?}, and came {said:?}"));
            }
            Ok(())
        }
        (Err(code), Ok(said)) => {
            // Of a stranger it is estimated what a new member would get.
            let gives_nothing = ["account_closed", "unlinked"].contains(&&*said.outcome);
            match gives_nothing || said.duplicate {
                true => Ok(()),
                false => Err(format!("the estimate was refused: {code}, not {said:?}")),
            }
        }
        (Err(estimated), Err(said)) if estimated == said => Ok(()),
        // Of what came before under the same id an estimate knows nothing.
        (_, Err(code)) if code == "event_content_mismatch" => Ok(()),
        other => Err(format!("the estimate and the event: {other:?}")),
    }
}
