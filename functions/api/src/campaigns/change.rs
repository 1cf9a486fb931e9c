//! What the creation and the update of a campaign may say.

use jiff::Timestamp;
use laurel_rules::{
    Code, Refusal,
    budget::Budget,
    campaign::Campaign,
    exact::Factor,
    id::ID_LEN_MAX,
    schedule::{Clock, Hours, Schedule, Weekday},
};
use serde_json::Value;

use super::{
    PREFIX,
    fields::{CAMPAIGN_FIELDS, MULTIPLIER, SCHEDULE, WEEKDAYS},
};
use crate::{
    accounts::{PROGRAM, program},
    budgets::{budget, set_budget},
    conditions,
    fields::{Field, Fields, FromFields, Kind, Shape},
    metadata::MetadataChange,
    settings::{self, set},
};

/// What an update may say; absent fields stay, null ones go.
#[derive(Debug, Default)]
pub(super) struct CampaignChange {
    name: Option<Option<String>>,
    multiplier: Option<Factor>,
    starts_at: Option<Option<Timestamp>>,
    ends_at: Option<Option<Timestamp>>,
    triggers: Option<Option<Vec<String>>>,
    rules: Option<Option<Vec<String>>>,
    schedule: Option<Option<Schedule>>,
    when: Option<Option<String>>,
    budget: Option<Option<Budget>>,
    active: Option<bool>,
    metadata: MetadataChange,
}

impl FromFields for CampaignChange {
    const SHAPE: Shape = Shape::of("an update of a campaign", &[MULTIPLIER])
        .and(&CAMPAIGN_FIELDS)
        .read_only(&["id", "object", "program", "version", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<CampaignChange, Refusal> {
        Ok(CampaignChange {
            name: fields.nullable("name", Fields::text)?,
            multiplier: fields.factor("multiplier")?,
            starts_at: fields.nullable("starts_at", Fields::instant)?,
            ends_at: fields.nullable("ends_at", Fields::instant)?,
            triggers: fields.nullable("triggers", Fields::texts)?,
            rules: fields.nullable("rules", Fields::texts)?,
            schedule: fields.nullable("schedule", schedule)?,
            when: conditions::when(fields)?,
            budget: fields.nullable("budget", budget)?,
            active: fields.boolean("active")?,
            metadata: MetadataChange::read(fields)?,
        })
    }
}

fn schedule(fields: &mut Fields, name: &str) -> Result<Option<Schedule>, Refusal> {
    let Some(mut schedule) = fields.object(name, &SCHEDULE)? else {
        return Ok(None);
    };
    Ok(Some(Schedule {
        weekdays: schedule.nullable("weekdays", weekdays)?.flatten(),
        hours: schedule.nullable("hours", hours)?.flatten(),
    }))
}

fn weekdays(fields: &mut Fields, name: &str) -> Result<Option<Vec<Weekday>>, Refusal> {
    let Some(names) = fields.texts(name)? else {
        return Ok(None);
    };
    let weekdays = names.iter().enumerate().map(|(place, text)| {
        let known = WEEKDAYS.iter().find(|(known, _)| known == text);
        known.map(|(_, weekday)| *weekday).ok_or_else(|| {
            fields.invalid(
                &format!("{name}[{place}]"),
                "must be a day such as saturday",
            )
        })
    });
    weekdays.collect::<Result<_, _>>().map(Some)
}

fn hours(fields: &mut Fields, name: &str) -> Result<Option<Vec<Hours>>, Refusal> {
    let Some(ranges) = fields.objects_with_numbers(name, &[])? else {
        return Ok(None);
    };
    let ranges = ranges.iter().enumerate().map(|(place, range)| {
        let within = format!("{name}[{place}]");
        let Some(range) = range.as_object() else {
            return Err(fields.invalid(&within, "must be an object such as {from, to}"));
        };
        if let Some(other) = range.keys().find(|key| *key != "from" && *key != "to") {
            let problem = "is not known; a range of hours has from and to";
            let refusal = fields.invalid(&format!("{within}.{other}"), problem);
            return Err(Refusal {
                code: Code::ParameterUnknown,
                ..refusal
            });
        }
        let clock = |field: &str| {
            let param = format!("{within}.{field}");
            match range.get(field) {
                None | Some(Value::Null) => Err(Refusal {
                    code: Code::ParameterMissing,
                    ..fields.invalid(&param, "is required")
                }),
                Some(value) => value
                    .as_str()
                    .and_then(Clock::parse)
                    .ok_or_else(|| fields.invalid(&param, "must be a time such as 18:00")),
            }
        };
        Ok(Hours {
            from: clock("from")?,
            to: clock("to")?,
        })
    });
    ranges.collect::<Result<_, _>>().map(Some)
}

impl CampaignChange {
    /// Changes `campaign`. Ranges and combinations are the ledger's to check, on the whole of it.
    ///
    /// # Errors
    /// `parameter_invalid` where too much metadata would result.
    pub(super) fn apply(&self, campaign: &mut Campaign) -> Result<(), Refusal> {
        set(&mut campaign.name, self.name.as_ref());
        set(&mut campaign.multiplier, self.multiplier.as_ref());
        set(&mut campaign.starts_at, self.starts_at.as_ref());
        set(&mut campaign.ends_at, self.ends_at.as_ref());
        set(&mut campaign.triggers, self.triggers.as_ref());
        set(&mut campaign.rules, self.rules.as_ref());
        set(&mut campaign.schedule, self.schedule.as_ref());
        set(&mut campaign.when, self.when.as_ref());
        set_budget(&mut campaign.budget, self.budget);
        set(&mut campaign.active, self.active.as_ref());
        self.metadata.apply(&mut campaign.metadata)
    }
}

/// What a creation says: an update of a campaign that has only what it must have.
#[derive(Debug)]
pub(super) struct CampaignCreation {
    id: Option<String>,
    program: String,
    multiplier: Factor,
    rest: CampaignChange,
}

impl FromFields for CampaignCreation {
    const SHAPE: Shape = Shape::of(
        "a new campaign",
        &[
            Field::new(
                "id",
                Kind::Prefixed(PREFIX, ID_LEN_MAX),
                "An id of your own choice, which starts with `camp_`.",
            )
            .example("camp_weekend"),
            PROGRAM,
            MULTIPLIER.required(),
        ],
    )
    .and(&CAMPAIGN_FIELDS)
    .read_only(&["object", "version", "created"]);

    fn from_fields(fields: &mut Fields) -> Result<CampaignCreation, Refusal> {
        Ok(CampaignCreation {
            id: settings::new_id(fields, PREFIX)?,
            program: program(fields)?,
            multiplier: fields.required("multiplier", Fields::factor)?,
            rest: CampaignChange::from_fields(fields)?,
        })
    }
}

impl CampaignCreation {
    /// The campaign, with the id `id` where none was given.
    ///
    /// # Errors
    /// `parameter_invalid`, as [`CampaignChange::apply`].
    pub(super) fn into_campaign(self, id: String, now: Timestamp) -> Result<Campaign, Refusal> {
        let id = self.id.unwrap_or(id);
        let mut campaign = Campaign::new(id, self.program, self.multiplier, now);
        self.rest.apply(&mut campaign)?;
        Ok(campaign)
    }
}
