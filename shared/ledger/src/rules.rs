//! Earning rules: create, read, change, list.

use laurel_rules::{Code, Refusal, Rule};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    catalogs::{no_such_program, rule_in},
    commit::put,
    item::{Item, Reader, Writer},
    programs::json,
    retry::Pause,
    store::{Committed, Consistency},
    table::{Key, RULE_PREFIX},
};

/// Which rules to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleFilter {
    /// Of this program.
    pub program: String,
    /// Only those that listen to this event type.
    pub trigger: Option<String>,
    /// Only active or only inactive ones.
    pub active: Option<bool>,
    /// Only those created in this range of time.
    pub created: TimeRange,
}

fn no_such_rule(id: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such earning rule: `{id}`."),
    )
}

impl Ledger {
    /// Creates a rule. `request` names the request, the same over all its tries, so that a repeat
    /// is answered with what an earlier try has made.
    ///
    /// # Errors
    /// What [`Rule::check`] refuses; `resource_missing` where there is no such program;
    /// `resource_already_exists` where another request made a rule with its id.
    pub async fn create_rule(&self, rule: Rule, request: &str) -> Result<Rule, Error> {
        rule.check()?;
        let pointer = Writer::keyed(Key::rule_program(&rule.id))
            .text("p", &rule.program)
            .text("rq", request)
            .done();
        let mut pause = Pause::new();
        loop {
            let found = self.stored_program(&rule.program).await?;
            let (program, version) = found.ok_or_else(|| no_such_program(&rule.program))?;
            let writes = vec![
                put(&self.store.table, rule_item(&rule)?, None)?,
                put(&self.store.table, pointer.clone(), None)?,
                self.program_put(&program, version)?,
            ];
            match self.store.transact(writes).await? {
                Committed::Yes => return Ok(rule),
                Committed::Stale | Committed::Unclear => {}
            }
            // An id may be taken in a program that must not be known; it is taken all the same.
            if let Some(found) = self.within(None).stored_rule(&rule.id).await? {
                if self.made_by(&pointer, request).await? {
                    return Ok(found);
                }
                let message = format!("The earning rule `{}` exists already.", rule.id);
                return Err(Refusal::new(Code::ResourceAlreadyExists, message)
                    .at("id")
                    .into());
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }

    /// The rule with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn rule(&self, id: &str) -> Result<Rule, Error> {
        Ok(self
            .stored_rule(id)
            .await?
            .ok_or_else(|| no_such_rule(id))?)
    }

    async fn stored_rule(&self, id: &str) -> Result<Option<Rule>, Error> {
        let pointers = self
            .store
            .get([Key::rule_program(id)], Consistency::Strong)
            .await?;
        let Some(pointer) = pointers.values().next() else {
            return Ok(None);
        };
        let program = Reader::new(pointer).text("p")?;
        if !self.sees(program) {
            return Ok(None);
        }
        let key = Key::rule(program, id);
        let found = self.store.get([key], Consistency::Strong).await?;
        found
            .values()
            .next()
            .map(|item| rule_in(&Reader::new(item)))
            .transpose()
    }

    /// Lists a program's rules, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names no rule of the list.
    pub async fn rules(
        &self,
        filter: &RuleFilter,
        request: &PageRequest,
    ) -> Result<Page<Rule>, Error> {
        let partition = Key::program(&filter.program).pk;
        let to = format!("{RULE_PREFIX}~");
        if self.stored_program(&filter.program).await?.is_none() {
            return Err(no_such_program(&filter.program).into());
        }
        let items = self.store.query_all(&partition, RULE_PREFIX, &to).await?;
        let rules = items.iter().map(|item| rule_in(&Reader::new(item)));
        let mut rules = rules.collect::<Result<Vec<_>, _>>()?;
        let keep = |rule: &Rule| {
            let trigger = filter.trigger.as_ref();
            trigger.is_none_or(|trigger| rule.trigger == *trigger)
                && filter.active.is_none_or(|active| rule.active == active)
                && filter.created.contains(rule.created)
        };
        rules.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        Ok(Page::cut_where(rules, request, |rule| &rule.id, keep)?)
    }

    /// Changes a rule; its version grows.
    ///
    /// # Errors
    /// `resource_missing`, and whatever `change` or [`Rule::check`] refuses.
    pub async fn update_rule(
        &self,
        id: &str,
        change: impl Fn(&mut Rule) -> Result<(), Refusal>,
    ) -> Result<Rule, Error> {
        let mut pause = Pause::new();
        loop {
            let before = self
                .stored_rule(id)
                .await?
                .ok_or_else(|| no_such_rule(id))?;
            let mut rule = before.clone();
            change(&mut rule)?;
            if rule == before {
                return Ok(rule);
            }
            rule.version = before.version + 1;
            rule.check()?;
            let found = self.stored_program(&rule.program).await?;
            let (program, version) = found.ok_or_else(|| no_such_program(&rule.program))?;
            let writes = vec![
                put(
                    &self.store.table,
                    rule_item(&rule)?,
                    Some(u64::from(before.version)),
                )?,
                self.program_put(&program, version)?,
            ];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(rule);
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }
}

fn rule_item(rule: &Rule) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::rule(&rule.program, &rule.id));
    Ok(writer
        .text("cfg", json(rule)?)
        .number("v", rule.version)
        .done())
}
