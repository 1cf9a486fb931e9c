//! A campaign as clients see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{campaign::Campaign, exact::Factor, schedule::Schedule};
use serde::Serialize;

use super::fields::CAMPAIGN;
use crate::{budgets::BudgetForm, fields::Kind, routes::Answer};

/// All fields are there always, null where unset: what is stored leaves defaults out.
#[derive(Debug, Serialize)]
pub(crate) struct CampaignObject {
    id: String,
    object: &'static str,
    program: String,
    name: Option<String>,
    multiplier: Factor,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    triggers: Option<Vec<String>>,
    rules: Option<Vec<String>>,
    schedule: Option<Schedule>,
    when: Option<String>,
    budget: Option<BudgetForm>,
    active: bool,
    version: u64,
    metadata: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<Campaign> for CampaignObject {
    fn from(campaign: Campaign) -> CampaignObject {
        CampaignObject {
            object: "campaign",
            id: campaign.id,
            program: campaign.program,
            name: campaign.name,
            multiplier: campaign.multiplier,
            starts_at: campaign.starts_at,
            ends_at: campaign.ends_at,
            triggers: campaign.triggers,
            rules: campaign.rules,
            schedule: campaign.schedule,
            when: campaign.when,
            budget: campaign.budget.map(BudgetForm::from),
            active: campaign.active,
            version: campaign.version,
            metadata: campaign.metadata,
            created: campaign.created,
        }
    }
}

impl Answer for CampaignObject {
    const KIND: Kind = Kind::Object(&CAMPAIGN);
}
