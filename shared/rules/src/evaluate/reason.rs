//! Why a rule or a campaign did not count for an event: the word for programs, the sentence for
//! people.

use jiff::Timestamp;

use crate::{
    Rule,
    words::{counted, within},
};

/// Why a rule that listens to the trigger did not fire, or a campaign did not multiply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Reason {
    Inactive,
    NotStarted,
    Ended,
    OtherTrigger,
    OffSchedule,
    OtherRecipient,
    ConditionFalse,
    ConditionFailed(String),
    NoFigure,
    NoRate,
    NoMatchingItem,
    MilestoneNotReached,
    StreakNotReached,
    RoundsToNothing,
    AwardsReached,
    OutrankedInGroup,
}

impl Reason {
    /// All that a rule may have, as clients see them.
    pub const OF_RULES: [&str; 14] = [
        "inactive",
        "not_started",
        "ended",
        "other_recipient",
        "condition_false",
        "condition_failed",
        "no_figure",
        "no_rate_for_currency",
        "no_matching_item",
        "milestone_not_reached",
        "streak_not_reached",
        "rounds_to_nothing",
        "cap_awards_reached",
        "outranked_in_group",
    ];
    /// All that a campaign may have.
    pub const OF_CAMPAIGNS: [&str; 6] = [
        "inactive",
        "not_started",
        "ended",
        "off_schedule",
        "condition_false",
        "condition_failed",
    ];

    /// The reason as clients see it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Reason::Inactive => "inactive",
            Reason::NotStarted => "not_started",
            Reason::Ended => "ended",
            Reason::OtherTrigger => "other_trigger",
            Reason::OffSchedule => "off_schedule",
            Reason::OtherRecipient => "other_recipient",
            Reason::ConditionFalse => "condition_false",
            Reason::ConditionFailed(_) => "condition_failed",
            Reason::NoFigure => "no_figure",
            Reason::NoRate => "no_rate_for_currency",
            Reason::NoMatchingItem => "no_matching_item",
            Reason::MilestoneNotReached => "milestone_not_reached",
            Reason::StreakNotReached => "streak_not_reached",
            Reason::RoundsToNothing => "rounds_to_nothing",
            Reason::AwardsReached => "cap_awards_reached",
            Reason::OutrankedInGroup => "outranked_in_group",
        }
    }

    /// Whether the event is one that the rule rewards, and something about the award kept it from
    /// being given.
    #[must_use]
    pub fn is_of_an_award(&self) -> bool {
        match self {
            Reason::MilestoneNotReached
            | Reason::StreakNotReached
            | Reason::RoundsToNothing
            | Reason::AwardsReached
            | Reason::OutrankedInGroup => true,
            Reason::Inactive
            | Reason::NotStarted
            | Reason::Ended
            | Reason::OtherTrigger
            | Reason::OffSchedule
            | Reason::OtherRecipient
            | Reason::ConditionFalse
            | Reason::ConditionFailed(_)
            | Reason::NoFigure
            | Reason::NoRate
            | Reason::NoMatchingItem => false,
        }
    }

    /// The reason in a sentence about a rule.
    #[must_use]
    pub fn of_rule(&self, rule: &Rule) -> String {
        let field = rule.basis_field.as_deref().unwrap_or("amount");
        match self {
            Reason::OtherRecipient => "It is for the other side of a referral.".to_owned(),
            Reason::NoFigure => {
                format!("The event has no `{field}` in minor units, which the award goes by.")
            }
            Reason::NoRate => "The award has no rate for the event's currency.".to_owned(),
            Reason::NoMatchingItem => "No line item is one that it earns on.".to_owned(),
            Reason::MilestoneNotReached => {
                let stat = rule.milestone.as_ref().map(|milestone| &*milestone.stat);
                format!(
                    "The event crosses no threshold of `{}`.",
                    stat.unwrap_or_default()
                )
            }
            Reason::StreakNotReached => rule.streak.map_or_else(String::new, |streak| {
                let length = counted(streak.length.into(), streak.unit.as_str());
                format!("The event does not complete {length} in a row.")
            }),
            Reason::RoundsToNothing => "The award rounds to no points.".to_owned(),
            Reason::AwardsReached => {
                let limit = rule.cap.and_then(|cap| cap.awards).unwrap_or(0);
                let awards = counted(i64::from(limit), "award");
                let within = within(rule.window, rule.cap.is_some_and(|cap| cap.rolling));
                format!("Its cap allows {awards} {within}, which the member has had.")
            }
            Reason::OutrankedInGroup => {
                let group = rule.exclusive_group.as_deref().unwrap_or_default();
                format!("Another rule of the group `{group}` goes before it.")
            }
            Reason::Inactive
            | Reason::NotStarted
            | Reason::Ended
            | Reason::OtherTrigger
            | Reason::OffSchedule
            | Reason::ConditionFalse
            | Reason::ConditionFailed(_) => {
                let (starts_at, ends_at) = (rule.starts_at, rule.ends_at);
                self.of_anything(starts_at, ends_at, rule.when.as_deref())
            }
        }
    }

    /// The reason in a sentence about a rule or a campaign, as far as these are alike.
    #[must_use]
    pub fn of_anything(
        &self,
        starts_at: Option<Timestamp>,
        ends_at: Option<Timestamp>,
        when: Option<&str>,
    ) -> String {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        match self {
            Reason::Inactive => "It is not active.".to_owned(),
            Reason::NotStarted => format!("It counts from {} on.", told(starts_at)),
            Reason::Ended => format!("It counted until {}.", told(ends_at)),
            Reason::OtherTrigger => "It is for other event types.".to_owned(),
            Reason::OffSchedule => "It is not in effect at this time of the week.".to_owned(),
            Reason::ConditionFalse => {
                format!(
                    "Its condition does not hold: `{}`.",
                    when.unwrap_or("false")
                )
            }
            Reason::ConditionFailed(problem) => {
                format!("Whether its condition holds cannot be told: {problem}.")
            }
            _ => self.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_among_those_of_rules_or_of_campaigns() {
        let all = [
            Reason::Inactive,
            Reason::NotStarted,
            Reason::Ended,
            Reason::OffSchedule,
            Reason::OtherRecipient,
            Reason::ConditionFalse,
            Reason::ConditionFailed(String::new()),
            Reason::NoFigure,
            Reason::NoRate,
            Reason::NoMatchingItem,
            Reason::MilestoneNotReached,
            Reason::StreakNotReached,
            Reason::RoundsToNothing,
            Reason::AwardsReached,
            Reason::OutrankedInGroup,
        ];
        let mut named: Vec<&str> = all.iter().map(Reason::as_str).collect();
        let mut known: Vec<&str> = Reason::OF_RULES.into_iter().collect();
        known.extend(Reason::OF_CAMPAIGNS);
        known.sort_unstable();
        known.dedup();
        named.sort_unstable();
        // A campaign for other event types is not listed, so nobody is told of that.
        assert_eq!(named, known);
    }
}
