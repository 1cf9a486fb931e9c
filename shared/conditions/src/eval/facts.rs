//! What is looked up: facts of the event, the member and the program.

use super::{Evaluated, Run};
use crate::{
    failure::Failure,
    node::{EventType, Fact, StatField},
    value::{List, Value},
};

impl<'a> Run<'a, '_> {
    pub(super) fn fact(&mut self, fact: Fact) -> Evaluated<'a> {
        let facts = self.facts;
        let event = || {
            facts
                .event
                .ok_or_else(|| Failure::wrong("there is no event"))
        };
        let program = &facts.catalog.program;
        let absent = |what: &str| Failure::Missing(format!("the event has no {what}"));
        Ok(match fact {
            Fact::Now => Value::Time(facts.at),
            Fact::EventType => Value::text(&event()?.trigger),
            Fact::EventId => Value::text(&event()?.source_id),
            Fact::EventAmount => {
                let amount = event()?.amount.ok_or_else(|| absent("amount"))?;
                Value::whole(amount)
            }
            Fact::EventCurrency => {
                let currency = event()?.currency.ok_or_else(|| absent("currency"))?;
                Value::text(currency.code())
            }
            Fact::EventMetadata => {
                let metadata = event()?.data.get("metadata");
                let metadata = metadata.filter(|metadata| !metadata.is_null());
                Value::of(metadata.ok_or_else(|| absent("metadata"))?)?
            }
            Fact::EventLineItems => Value::List(List::LineItems(&event()?.line_items)),
            Fact::EventOccurredAt => Value::Time(event()?.occurred_at),
            Fact::EventData => Value::Object(&event()?.data),
            Fact::MemberId => Value::text(&self.account()?.id),
            Fact::MemberTier => facts.tier().map_or(Value::Null, Value::text),
            Fact::MemberBalance => Value::whole(facts.balance()),
            Fact::MemberLifetimePoints => {
                Value::whole(facts.account.map_or(0, |account| account.lifetime_points))
            }
            Fact::MemberMetadata => Value::Texts(&self.account()?.metadata),
            Fact::MemberCreatedAt => Value::Time(self.account()?.created),
            Fact::MemberSegments => {
                let held = facts.segments(self.steps).map_err(Failure::wrong)?;
                Value::made(held.into_iter().map(Value::text).collect())
            }
            Fact::ProgramId => Value::text(&program.id),
            Fact::ProgramName => Value::text(&program.name),
            Fact::ProgramCurrency => Value::text(&program.currency),
            Fact::ProgramTimezone => Value::text(program.timezone_name()),
            Fact::ProgramMetadata => Value::Texts(&program.metadata),
        })
    }

    fn account(&self) -> Result<&'a laurel_rules::Account, Failure> {
        let account = self.facts.account;
        account.ok_or_else(|| Failure::Missing("this is nobody's account yet".to_owned()))
    }

    pub(super) fn event_type(&self, of: &'a EventType) -> Result<&'a str, Failure> {
        match (of, self.facts.event) {
            (EventType::Named(name), _) => Ok(name),
            (EventType::OfEvent, Some(event)) => Ok(&event.trigger),
            (EventType::OfEvent, None) => Err(Failure::wrong("there is no event")),
        }
    }

    pub(super) fn stat(&mut self, of: &'a EventType, field: StatField) -> Evaluated<'a> {
        let stat = self.facts.stat(self.event_type(of)?);
        let never = || Failure::Missing("the member has had no such event yet".to_owned());
        Ok(match field {
            StatField::Count => Value::whole(stat.map_or(0, |stat| stat.count)),
            StatField::Sum => Value::whole(stat.map_or(0, |stat| stat.sum)),
            StatField::Days => Value::whole(stat.map_or(0, |stat| stat.days)),
            StatField::FirstAt => Value::Time(stat.ok_or_else(never)?.first_at),
            StatField::LastAt => Value::Time(stat.ok_or_else(never)?.last_at),
        })
    }

    /// A key of the event's metadata, by its bare name.
    pub(super) fn key(&mut self, name: &'a str) -> Evaluated<'a> {
        let event = self.facts.event;
        let metadata = event.and_then(|event| event.data.get("metadata"));
        let found = metadata.and_then(|metadata| metadata.get(name));
        let found = found.ok_or_else(|| {
            let mut fields = crate::types::event_fields().into_iter();
            let hint = if fields.any(|(field, ..)| field == name) {
                format!("; did you mean `event.{name}`?")
            } else {
                String::new()
            };
            Failure::Missing(format!("the event's metadata has no `{name}`{hint}"))
        });
        Value::of(found?)
    }
}
