//! Programs: create, read, change, list.

use aws_sdk_dynamodb::types::TransactWriteItem;
use laurel_rules::{Code, Program, Refusal, campaign::check_budget, id::DEFAULT_PROGRAM};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    catalogs::{no_such_program, program_in},
    commit::put,
    item::{Item, Reader, Writer},
    retry::Pause,
    store::{Committed, Consistency},
    table::{Key, PROGRAMS},
};

impl Ledger {
    /// A program with every setting at its default, a fresh salt, and a fresh id unless one is
    /// given.
    #[must_use]
    pub fn new_program(&self, id: Option<String>) -> Program {
        let id = id.unwrap_or_else(|| self.new_id("prog_"));
        let salt = format!("{:032x}", self.chance.number());
        Program::new(id, salt, self.now())
    }

    /// Creates a program. `request` names the request, the same over all its tries, so that a
    /// repeat is answered with what an earlier try has made.
    ///
    /// # Errors
    /// `program_already_exists` where another request made one with its id.
    pub async fn create_program(&self, program: Program, request: &str) -> Result<Program, Error> {
        if let Some(budget) = program.budget {
            check_budget(budget)?;
        }
        let listed = Writer::keyed(Key::listed_program(&program.id))
            .text("rq", request)
            .done();
        let mut pause = Pause::new();
        loop {
            let writes = vec![
                put(&self.store.table, program_item(&program, 1)?, None)?,
                put(&self.store.table, listed.clone(), None)?,
            ];
            match self.store.transact(writes).await? {
                Committed::Yes => return Ok(program),
                Committed::Stale | Committed::Unclear => {}
            }
            match self.read_program(&program.id).await? {
                Some((found, _)) if self.made_by(&listed, request).await? => return Ok(found),
                Some(_) => {
                    let message = format!("The program `{}` exists already.", program.id);
                    return Err(Refusal::new(Code::ProgramAlreadyExists, message)
                        .at("id")
                        .into());
                }
                None if pause.wait().await => {}
                None => {
                    return Err(Error::Busy {
                        attempts: pause.attempts(),
                    });
                }
            }
        }
    }

    /// The program with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn program(&self, id: &str) -> Result<Program, Error> {
        let found = self.stored_program(id).await?;
        Ok(found.ok_or_else(|| no_such_program(id))?.0)
    }

    /// The program and the version of its catalog. `prog_default` exists in every deployment:
    /// whoever asks for it first creates it.
    pub(crate) async fn stored_program(&self, id: &str) -> Result<Option<(Program, u64)>, Error> {
        if !self.sees(id) {
            return Ok(None);
        }
        let found = self.read_program(id).await?;
        if found.is_some() || id != DEFAULT_PROGRAM {
            return Ok(found);
        }
        match self
            .create_program(self.new_program(Some(id.to_owned())), &self.new_id(""))
            .await
        {
            Ok(_) => {}
            Err(Error::Refused(refusal)) if refusal.code == Code::ProgramAlreadyExists => {}
            Err(error) => return Err(error),
        }
        self.read_program(id).await
    }

    async fn read_program(&self, id: &str) -> Result<Option<(Program, u64)>, Error> {
        let found = self
            .store
            .get([Key::program(id)], Consistency::Strong)
            .await?;
        let Some(item) = found.values().next() else {
            return Ok(None);
        };
        let reader = Reader::new(item);
        Ok(Some((program_in(&reader)?, reader.number("v")?)))
    }

    /// Lists the programs that were created in a range of time, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names no program.
    pub async fn programs(
        &self,
        created: TimeRange,
        request: &PageRequest,
    ) -> Result<Page<Program>, Error> {
        self.stored_program(DEFAULT_PROGRAM).await?;
        let listed = self.store.query_all(PROGRAMS, "0", "~").await?;
        let mut keys = Vec::with_capacity(listed.len());
        for item in &listed {
            let id = Reader::new(item).text("sk")?;
            if self.sees(id) {
                keys.push(Key::program(id));
            }
        }
        let found = self.store.get(keys, Consistency::Strong).await?;
        let programs = found.values().map(|item| program_in(&Reader::new(item)));
        let mut programs = programs.collect::<Result<Vec<_>, _>>()?;
        programs.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        let page = Page::cut_where(
            programs,
            request,
            |program| &program.id,
            |program| created.contains(program.created),
        );
        Ok(page?)
    }

    /// Changes a program's settings.
    ///
    /// # Errors
    /// `resource_missing`, and whatever `change` refuses.
    pub async fn update_program(
        &self,
        id: &str,
        change: impl Fn(&mut Program) -> Result<(), Refusal>,
    ) -> Result<Program, Error> {
        let mut pause = Pause::new();
        loop {
            let found = self.stored_program(id).await?;
            let (mut program, version) = found.ok_or_else(|| no_such_program(id))?;
            let before = program.clone();
            change(&mut program)?;
            if program == before {
                // An earlier try may have written it and not come further.
                if program.budget.is_some() {
                    self.enforce_budget(id, None).await?;
                }
                return Ok(program);
            }
            let has_new_budget = program.budget != before.budget;
            if let Some(budget) = &mut program.budget
                && has_new_budget
            {
                check_budget(*budget)?;
                budget.revision = version + 1;
            }
            let mut writes = vec![self.program_put(&program, version)?];
            if program.plans_otherwise(&before) {
                writes.push(self.evaluation_put(&program).await?);
            }
            if self.store.transact(writes).await? == Committed::Yes {
                if has_new_budget {
                    self.enforce_budget(id, None).await?;
                }
                return Ok(program);
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }

    /// Whether `request` made the object whose item with the mark of its request is `marked`.
    pub(crate) async fn made_by(&self, marked: &Item, request: &str) -> Result<bool, Error> {
        let reader = Reader::new(marked);
        let key = Key {
            pk: reader.text("pk")?.to_owned(),
            sk: reader.text("sk")?.to_owned(),
        };
        let found = self.store.get([key], Consistency::Strong).await?;
        let mark = found
            .values()
            .next()
            .and_then(|item| Reader::new(item).owned("rq"));
        Ok(mark.as_deref() == Some(request))
    }

    /// The write that stores `program` one version on from `version`: part of every change of
    /// its configuration.
    pub(crate) fn program_put(
        &self,
        program: &Program,
        version: u64,
    ) -> Result<TransactWriteItem, Error> {
        put(
            &self.store.table,
            program_item(program, version + 1)?,
            Some(version),
        )
    }
}

fn program_item(program: &Program, version: u64) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::program(&program.id));
    Ok(writer
        .text("cfg", json(program)?)
        .number("v", version)
        .done())
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Rejected {
        source: Box::new(source),
    })
}
