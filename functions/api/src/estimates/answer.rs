//! An estimate as it is answered.

use jiff::Timestamp;
use laurel_rules::{
    Event,
    calculation::Calculation,
    decide::{CampaignEstimate, Estimate, RuleEstimate},
    evaluate::Reason,
    exact::Factor,
};
use serde::Serialize;

use crate::{
    accounts::PROGRAM,
    fields::{Field, Kind, Shape},
    routes::Answer,
    shape::NUMBER,
    transactions::CALCULATION,
};

const ESTIMATE: Shape = Shape::answer(
    "Estimate",
    &[
        Field::new("object", Kind::Constant("estimate"), "What this is."),
        PROGRAM,
        Field::new(
            "account",
            Kind::Id,
            "The member; null where it is for somebody whom the event makes one.",
        )
        .nullable(),
        Field::new("type", Kind::EventType, "The event's type."),
        Field::new("occurred_at", Kind::Instant, "When it was judged at."),
        Field::new("points", NUMBER, "The points of all rules together."),
        Field::new("tier", Kind::AnyText, "The key of the tier in effect.").nullable(),
        Field::new(
            "rules",
            Kind::List(&Kind::Object(&RULE), 0, 1000),
            "Each rule that listens to the event's type, then those that fire by what these give; to a \
             publishable key those that fire.",
        ),
        Field::new(
            "campaigns",
            Kind::List(&Kind::Object(&CAMPAIGN), 0, 200),
            "Each campaign for events of this type; to a publishable key those in effect.",
        ),
    ],
);

const MESSAGE: Field = Field::new("message", Kind::AnyText, "The same in a sentence.");

const RULE: Shape = Shape::answer(
    "RuleEstimate",
    &[
        Field::new("rule", Kind::Id, "The rule."),
        Field::new(
            "trigger",
            Kind::EventType,
            "What it listens to: the event's type, or what its awards tell.",
        ),
        Field::new("name", Kind::AnyText, "What you call it.").nullable(),
        Field::new("version", NUMBER, "Its version."),
        Field::new("points", NUMBER, "What it would give."),
        Field::new(
            "reason",
            Kind::Choice(&Reason::OF_RULES),
            "Why it does not fire; null where it does.",
        )
        .nullable(),
        MESSAGE.nullable(),
        Field::new(
            "capped",
            Kind::Boolean,
            "Whether a cap or a budget cuts the award.",
        ),
        Field::new(
            "available_at",
            Kind::Instant,
            "When the points could be spent; at once where null.",
        )
        .nullable(),
        Field::new("expires_at", Kind::Instant, "When they would expire.").nullable(),
        Field::new(
            "calculation",
            Kind::Object(&CALCULATION),
            "How the award comes about.",
        )
        .nullable(),
    ],
);

const CAMPAIGN: Shape = Shape::answer(
    "CampaignEstimate",
    &[
        Field::new("campaign", Kind::Id, "The campaign."),
        Field::new("name", Kind::AnyText, "What you call it.").nullable(),
        Field::new("multiplier", Kind::Factor, "What it multiplies by."),
        Field::new(
            "reason",
            Kind::Choice(&Reason::OF_CAMPAIGNS),
            "Why it is not in effect; null where it is.",
        )
        .nullable(),
        MESSAGE.nullable(),
    ],
);

/// An estimate as clients see it.
#[derive(Debug, Serialize)]
pub(super) struct EstimateObject {
    object: &'static str,
    program: String,
    account: Option<String>,
    #[serde(rename = "type")]
    event_type: String,
    occurred_at: Timestamp,
    points: i64,
    tier: Option<String>,
    rules: Vec<RuleObject>,
    campaigns: Vec<CampaignObject>,
}

impl Answer for EstimateObject {
    const KIND: Kind = Kind::Object(&ESTIMATE);
}

#[derive(Debug, Serialize)]
struct RuleObject {
    rule: String,
    trigger: String,
    name: Option<String>,
    version: u32,
    points: i64,
    reason: Option<&'static str>,
    message: Option<String>,
    capped: bool,
    available_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    calculation: Option<Calculation>,
}

#[derive(Debug, Serialize)]
struct CampaignObject {
    campaign: String,
    name: Option<String>,
    multiplier: Factor,
    reason: Option<&'static str>,
    message: Option<String>,
}

impl EstimateObject {
    /// A page is told what counts for it, and not how the program is set up beside.
    pub(super) fn of(event: &Event, estimate: Estimate, is_page: bool) -> EstimateObject {
        let is_told = |reason: &Option<Reason>| reason.is_none() || !is_page;
        let rules = estimate.rules.into_iter();
        let rules = rules.filter(|rule| is_told(&rule.reason));
        let campaigns = estimate.campaigns.into_iter();
        let campaigns = campaigns.filter(|campaign| is_told(&campaign.reason));
        EstimateObject {
            object: "estimate",
            program: event.program.clone(),
            account: estimate.account,
            event_type: event.trigger.clone(),
            occurred_at: estimate.occurred_at,
            points: estimate.points,
            tier: estimate.tier.map(|(key, _)| key),
            rules: rules.map(|rule| rule_object(rule, is_page)).collect(),
            campaigns: campaigns.map(campaign_object).collect(),
        }
    }
}

fn rule_object(estimate: RuleEstimate, is_page: bool) -> RuleObject {
    let RuleEstimate {
        rule,
        reason,
        transaction,
    } = estimate;
    let made = transaction.as_ref();
    let mut calculation = made.and_then(|made| made.calculation.clone());
    if let Some(calculation) = calculation.as_mut().filter(|_| is_page) {
        // What is left of a budget is the operator's business, and so is why a campaign failed.
        calculation.budgets.clear();
        calculation.campaigns_failed.clear();
    }
    RuleObject {
        points: made.map_or(0, |made| made.amount),
        message: reason.as_ref().map(|reason| reason.of_rule(&rule)),
        reason: reason.as_ref().map(Reason::as_str),
        capped: made.is_some_and(|made| made.uncapped_points.is_some()),
        available_at: made.and_then(|made| made.available_at),
        expires_at: made.and_then(|made| made.expires_at),
        calculation,
        rule: rule.id.clone(),
        trigger: rule.trigger.clone(),
        name: rule.name.clone(),
        version: rule.version,
    }
}

fn campaign_object(estimate: CampaignEstimate) -> CampaignObject {
    let CampaignEstimate { campaign, reason } = estimate;
    let (starts_at, ends_at) = (campaign.starts_at, campaign.ends_at);
    let when = campaign.when.as_deref();
    CampaignObject {
        message: reason
            .as_ref()
            .map(|reason| reason.of_anything(starts_at, ends_at, when)),
        reason: reason.as_ref().map(Reason::as_str),
        campaign: campaign.id.clone(),
        name: campaign.name.clone(),
        multiplier: campaign.multiplier,
    }
}
