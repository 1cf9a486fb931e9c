//! Campaigns: for a while, or at certain hours, awards are multiplied (spec section 5).

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use laurel_planted::{Bug, is};
use serde::{Deserialize, Serialize};

use crate::{
    POINTS_MAX, Refusal, budget::Budget, evaluate::Reason, exact::Factor, schedule::Schedule,
};

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// `camp_…`.
    pub id: String,
    /// The program it belongs to.
    pub program: String,
    /// What the operator calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What awards are multiplied by.
    pub multiplier: Factor,
    /// From when it is in effect, judged at the event's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// For these event types only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<String>>,
    /// For these earning rules only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// At these times of the week only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// For events and members of which this condition holds only, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How many points it may add to all awards together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Whether it can be in effect at all.
    pub active: bool,
    /// Grows with each change, from 1.
    pub version: u64,
    /// The operator's own keys and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
}

/// How many event types or rules a campaign may name.
pub const NAMED_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 200;

impl Campaign {
    /// A campaign without any limits.
    #[must_use]
    pub fn new(id: String, program: String, multiplier: Factor, created: Timestamp) -> Campaign {
        Campaign {
            id,
            program,
            name: None,
            multiplier,
            starts_at: None,
            ends_at: None,
            triggers: None,
            rules: None,
            schedule: None,
            when: None,
            budget: None,
            active: true,
            version: 1,
            metadata: BTreeMap::new(),
            created,
        }
    }

    /// Checks what the types cannot: ranges, orders and combinations.
    ///
    /// # Errors
    /// The first refusal, with its `param`.
    pub fn check(&self) -> Result<(), Refusal> {
        let name = self.name.as_deref().unwrap_or_default();
        if name.chars().count() > NAME_CHARS_MAX {
            let message = format!("`name` must be at most {NAME_CHARS_MAX} characters long.");
            return Err(Refusal::invalid("name", message));
        }
        if let (Some(starts_at), Some(ends_at)) = (self.starts_at, self.ends_at)
            && starts_at >= ends_at
        {
            let message = "`ends_at` must be after `starts_at`.";
            return Err(Refusal::invalid("ends_at", message));
        }
        for (field, names) in [("triggers", &self.triggers), ("rules", &self.rules)] {
            let Some(names) = names else { continue };
            if names.is_empty() || names.len() > NAMED_MAX {
                let message =
                    format!("`{field}` must name 1 to {NAMED_MAX}; leave it out for all.");
                return Err(Refusal::invalid(field, message));
            }
            for (place, name) in names.iter().enumerate() {
                let param = format!("{field}[{place}]");
                if field == "triggers" {
                    crate::id::check_event_type(&param, name)?;
                } else {
                    crate::id::check(&param, name)?;
                }
            }
        }
        if let Some(schedule) = &self.schedule {
            schedule.check()?;
        }
        if let Some(budget) = self.budget {
            check_budget(budget)?;
            if self.multiplier <= Factor::ONE {
                let message = "A campaign with a `budget` must add points: its `multiplier` must \
                               be more than 1.";
                return Err(Refusal::invalid("multiplier", message));
            }
        }
        Ok(())
    }

    /// Whether it multiplies awards for events of this type at this time, as far as that does not
    /// depend on its condition.
    #[must_use]
    pub fn is_in_effect(&self, trigger: &str, at: Timestamp, zone: &TimeZone) -> bool {
        self.obstacle(trigger, at, zone).is_none()
    }

    /// Why it does not multiply awards for events of this type at this time, whatever its
    /// condition says.
    #[must_use]
    pub fn obstacle(&self, trigger: &str, at: Timestamp, zone: &TimeZone) -> Option<Reason> {
        if !self.active {
            Some(Reason::Inactive)
        } else if self.starts_at.is_some_and(|starts_at| at < starts_at) {
            Some(Reason::NotStarted)
        } else if self
            .ends_at
            .is_some_and(|ends_at| at >= ends_at && !is(Bug::CampaignEndsLate))
        {
            Some(Reason::Ended)
        } else if !self.listens_to(trigger) {
            Some(Reason::OtherTrigger)
        } else if self.schedule.as_ref().is_some_and(|it| !it.holds(at, zone)) {
            Some(Reason::OffSchedule)
        } else {
            None
        }
    }

    /// Whether events of this type are among those whose awards it multiplies.
    #[must_use]
    pub fn listens_to(&self, trigger: &str) -> bool {
        names(self.triggers.as_ref(), trigger)
    }

    /// Whether it multiplies awards of this rule.
    #[must_use]
    pub fn covers(&self, rule: &str) -> bool {
        names(self.rules.as_ref(), rule)
    }
}

fn names(named: Option<&Vec<String>>, name: &str) -> bool {
    named.is_none_or(|named| named.iter().any(|known| known == name))
}

/// Checks a budget's limit.
///
/// # Errors
/// `parameter_invalid` at `budget.points`.
pub fn check_budget(budget: Budget) -> Result<(), Refusal> {
    if (1..=POINTS_MAX).contains(&budget.points) {
        return Ok(());
    }
    let message = format!("`budget.points` must be a whole number from 1 to {POINTS_MAX}.");
    Err(Refusal::invalid("budget.points", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples() {
        let campaign = |fields: &str| -> Campaign {
            let text = format!(
                r#"{{"id": "camp_1", "program": "prog_1", "multiplier": 2, "active": true,
                    "version": 1, "created": "2025-01-01T00:00:00Z", {fields}}}"#
            );
            serde_json::from_str(&text).expect("a campaign")
        };
        // Open Loyalty, "Earn 2x points when shopping on Monday morning": Mondays, 9 to 11.
        // https://help.openloyalty.io/sample-setups/sample-campaigns/2-earn-2x-points-when-shopping-on-monday-morning
        let monday = r#""schedule": {"weekdays": ["monday"],
            "hours": [{"from": "09:00", "to": "11:00"}]}"#;
        // PopularIT, "Points Multiplier": twice the points on Christmas Day, from 25th to 25th.
        // https://www.popularit.com/page.aspx?locale=en-US&corpname=popularit&i=5806
        let christmas = r#""starts_at": "2026-12-25T00:00:00Z", "ends_at": "2026-12-26T00:00:00Z""#;
        let table = [
            (monday, "2026-11-23T08:59:59Z", false),
            (monday, "2026-11-23T09:00:00Z", true),
            (monday, "2026-11-23T10:59:59Z", true),
            (monday, "2026-11-23T11:00:00Z", false),
            (monday, "2026-11-24T10:00:00Z", false),
            (christmas, "2026-12-24T23:59:59Z", false),
            (christmas, "2026-12-25T12:00:00Z", true),
            (christmas, "2026-12-26T00:00:00Z", false),
        ];
        for (fields, at, expected) in table {
            let at = at.parse().expect(at);
            let is_in_effect =
                campaign(fields).is_in_effect("payment.completed", at, &TimeZone::UTC);
            assert_eq!(is_in_effect, expected, "{fields} {at}");
        }
    }
}
