//! The objects of a program's configuration, such as its rules: create, read, change, list,
//! delete. This stands here once for all of them.
//!
//! An object's item lies in its program's partition, where it is read together with the settings;
//! another item leads there from its id. Each write raises the program's version, which tells all
//! processes that what they keep of the configuration is out of date.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use laurel_conditions::Scope;
use laurel_rules::{Code, Program, Refusal, Rule};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    catalogs::no_such_program,
    commit::{delete, put},
    item::{Item, Reader, Writer},
    programs::json,
    retry::Pause,
    segments::check_condition,
    store::{Committed, Consistency},
    table::{Key, configured_range},
};

/// An object of a program's configuration.
pub trait Configured: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// What messages call it, as "earning rule".
    const NOUN: &'static str;
    /// The capital from Q to Z that tells items of its kind from those of others.
    const LETTER: char;
    /// How many a program may have: all are read together and kept in memory.
    const COUNT_MAX: usize;
    /// The field that no two objects of a program have alike: its id, or its name.
    const UNIQUE: &'static str = "id";

    /// Its id, unique over all programs.
    fn id(&self) -> &str;
    /// The program that it belongs to.
    fn program(&self) -> &str;
    /// The value of the field [`Configured::UNIQUE`], which never changes. It is a part of a key,
    /// so [`Configured::check`] must check it.
    fn name(&self) -> &str {
        self.id()
    }
    /// When it was created.
    fn created(&self) -> Timestamp;
    /// Grows with each change, from 1.
    fn version(&self) -> u64;
    /// Sets the version.
    fn set_version(&mut self, version: u64);
    /// Checks it by itself, before anything is read.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    fn check(&self) -> Result<(), Refusal>;
    /// Checks it beside the others of its kind in its program.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    fn check_beside<'a>(
        &self,
        _others: impl Iterator<Item = &'a Self> + Clone,
    ) -> Result<(), Refusal>
    where
        Self: 'a,
    {
        Ok(())
    }
    /// Whether a change of one of its kind, `None` where it is not there, changes what members
    /// have by what they have done already. All of them are evaluated then.
    fn changes_members(_before: Option<&Self>, _after: Option<&Self>) -> bool {
        false
    }
}

/// What every kind answers by a field of that name. A version may be narrower than 64 bits; it
/// stays where it would not fit.
macro_rules! getters {
    () => {
        fn id(&self) -> &str {
            &self.id
        }

        fn program(&self) -> &str {
            &self.program
        }

        fn created(&self) -> jiff::Timestamp {
            self.created
        }

        fn version(&self) -> u64 {
            self.version.into()
        }

        fn set_version(&mut self, version: u64) {
            self.version = version.try_into().unwrap_or(self.version);
        }
    };
}
pub(crate) use getters;

/// Which object is meant: by its id, or by its name within a program.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    id: &'a str,
    program: Option<&'a str>,
}

impl<'a> From<&'a str> for Named<'a> {
    fn from(id: &'a str) -> Named<'a> {
        Named { id, program: None }
    }
}

impl<'a> From<&'a String> for Named<'a> {
    fn from(id: &'a String) -> Named<'a> {
        Named::from(id.as_str())
    }
}

/// A program, and an id or a name in it.
impl<'a> From<(&'a str, &'a str)> for Named<'a> {
    fn from((program, id): (&'a str, &'a str)) -> Named<'a> {
        let program = Some(program);
        Named { id, program }
    }
}

/// Which of a program's objects to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Of this program.
    pub program: String,
    /// Only those created in this range of time.
    pub created: TimeRange,
    /// Which page.
    pub page: PageRequest,
}

fn missing<T: Configured>(id: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such {}: `{id}`.", T::NOUN),
    )
}

fn taken<T: Configured>(name: &str, by: Option<&str>) -> Refusal {
    let advice = by.map_or_else(String::new, |id| format!("; update `{id}` instead"));
    let message = format!("The {} `{name}` exists already{advice}.", T::NOUN);
    Refusal::new(Code::ResourceAlreadyExists, message)
}

impl Ledger {
    /// Creates an object. `request` names the request, the same over all its tries, so that a
    /// repeat is answered with what an earlier try has made.
    ///
    /// # Errors
    /// What its checks refuse; `resource_missing` where there is no such program;
    /// `resource_already_exists` where another object has its id or its name; `limit_reached`
    /// where the program has all it may have.
    pub async fn create_configured<T: Configured>(
        &self,
        object: T,
        request: &str,
    ) -> Result<T, Error> {
        object.check()?;
        let (id, program) = (object.id(), object.program());
        let pointer = Writer::keyed(Key::configured_pointer(T::LETTER, id))
            .text("p", program)
            .text("n", object.name())
            .text("rq", request)
            .done();
        let mut pause = Pause::new();
        loop {
            let found = self.stored_program(program).await?;
            let (settings, version) = found.ok_or_else(|| no_such_program(program))?;
            // An id may be taken in a program that must not be known; it is taken all the same.
            let everywhere = self.within(None);
            if let Some(found) = everywhere.stored_configured::<T>(id.into()).await? {
                if self.made_by(&pointer, request).await? {
                    return Ok(found);
                }
                return Err(taken::<T>(id, None).at("id").into());
            }
            // The program's version stands for the whole of `all`.
            let all = self.all_configured::<T>(program).await?;
            if let Some(found) = all.iter().find(|found| found.name() == object.name()) {
                let refusal = taken::<T>(object.name(), Some(found.id()));
                return Err(refusal.at(T::UNIQUE).into());
            }
            if all.len() >= T::COUNT_MAX {
                let message = format!("A program may have at most {} {}s.", T::COUNT_MAX, T::NOUN);
                return Err(Refusal::new(Code::LimitReached, message).into());
            }
            object.check_beside(all.iter())?;
            let mut writes = self
                .change_writes(&settings, version, None, Some(&object))
                .await?;
            writes.push(put(&self.store.table, item_of(&object)?, None)?);
            writes.push(put(&self.store.table, pointer.clone(), None)?);
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(object);
            }
            pause.or_busy().await?;
        }
    }

    /// The object that is meant.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn configured<'a, T: Configured>(
        &self,
        named: impl Into<Named<'a>>,
    ) -> Result<T, Error> {
        let named = named.into();
        let found = self.stored_configured(named).await?;
        Ok(found.ok_or_else(|| missing::<T>(named.id))?)
    }

    async fn stored_configured<T: Configured>(&self, named: Named<'_>) -> Result<Option<T>, Error> {
        let Named { id, program } = named;
        let pointer = Key::configured_pointer(T::LETTER, id);
        let by_name = program
            .filter(|program| self.sees(program))
            .map(|program| Key::configured(program, T::LETTER, id));
        let keys = [pointer.clone()].into_iter().chain(by_name.clone());
        let found = self.store.get(keys, Consistency::Strong).await?;
        if let Some(pointer) = found.get(&pointer) {
            let reader = Reader::new(pointer);
            let owner = reader.text("p")?;
            if !self.sees(owner) {
                return Ok(None);
            }
            let key = Key::configured(owner, T::LETTER, reader.text("n")?);
            let found = self.store.get([key], Consistency::Strong).await?;
            return found.values().next().map(read_item).transpose();
        }
        let item = by_name.and_then(|key| found.get(&key));
        item.map(read_item).transpose()
    }

    /// All objects of a kind that a program has.
    pub(crate) async fn all_configured<T: Configured>(
        &self,
        program: &str,
    ) -> Result<Vec<T>, Error> {
        let partition = Key::program(program).pk;
        let (from, to) = configured_range(T::LETTER);
        let items = self.store.query_all(&partition, &from, &to).await?;
        items.iter().map(read_item).collect()
    }

    /// Lists those of a program's objects that `keep` keeps, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program; `parameter_invalid` where a cursor
    /// names no object of the list.
    pub async fn list_configured<T: Configured>(
        &self,
        listing: &Listing,
        keep: impl Fn(&T) -> bool + Send,
    ) -> Result<Page<T>, Error> {
        let program = &listing.program;
        if self.stored_program(program).await?.is_none() {
            return Err(no_such_program(program).into());
        }
        let mut all = self.all_configured::<T>(program).await?;
        all.sort_by(|a, b| (b.created(), b.id()).cmp(&(a.created(), a.id())));
        let keep = |object: &T| listing.created.contains(object.created()) && keep(object);
        Ok(Page::cut_where(all, &listing.page, T::id, keep)?)
    }

    /// Changes an object; its version grows.
    ///
    /// # Errors
    /// `resource_missing`, and whatever `change` or the checks refuse.
    pub async fn update_configured<'a, T: Configured>(
        &self,
        named: impl Into<Named<'a>>,
        change: impl Fn(&mut T) -> Result<(), Refusal> + Send,
    ) -> Result<T, Error> {
        let named = named.into();
        let mut pause = Pause::new();
        loop {
            let before = self.configured::<T>(named).await?;
            let mut after = before.clone();
            change(&mut after)?;
            if after == before {
                return Ok(after);
            }
            after.set_version(before.version() + 1);
            after.check()?;
            let found = self.stored_program(after.program()).await?;
            let (settings, version) = found.ok_or_else(|| no_such_program(after.program()))?;
            let all = self.all_configured::<T>(after.program()).await?;
            after.check_beside(all.iter().filter(|other| other.id() != after.id()))?;
            let changed = self.change_writes(&settings, version, Some(&before), Some(&after));
            let mut writes = changed.await?;
            let expected = Some(before.version());
            writes.push(put(&self.store.table, item_of(&after)?, expected)?);
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(after);
            }
            pause.or_busy().await?;
        }
    }

    /// Deletes an object and answers what it was.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn delete_configured<'a, T: Configured>(
        &self,
        named: impl Into<Named<'a>>,
    ) -> Result<T, Error> {
        let named = named.into();
        let mut pause = Pause::new();
        let mut gone: Option<T> = None;
        loop {
            let found = match (self.stored_configured::<T>(named).await?, &gone) {
                (Some(found), _) => found,
                // An earlier try of this very call deleted it, and its answer was lost.
                (None, Some(gone)) => return Ok(gone.clone()),
                (None, None) => return Err(missing::<T>(named.id).into()),
            };
            let stored = self.stored_program(found.program()).await?;
            let (settings, version) = stored.ok_or_else(|| no_such_program(found.program()))?;
            let key = Key::configured(found.program(), T::LETTER, found.name());
            let pointer = Key::configured_pointer(T::LETTER, found.id());
            let mut writes = self
                .change_writes(&settings, version, Some(&found), None)
                .await?;
            writes.push(delete(&self.store.table, &key, Some(found.version()))?);
            writes.push(delete(&self.store.table, &pointer, None)?);
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(found);
            }
            gone = Some(found);
            pause.or_busy().await?;
        }
    }

    /// The writes that belong to every change of an object from `before` to `after`, beside its
    /// own: the program's next version, and the start of an evaluation where members get
    /// something by it.
    async fn change_writes<T: Configured>(
        &self,
        program: &Program,
        version: u64,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut writes = vec![self.program_put(program, version)?];
        if T::changes_members(before, after) {
            writes.push(self.evaluation_put(program).await?);
        }
        Ok(writes)
    }
}

fn item_of<T: Configured>(object: &T) -> Result<Item, Error> {
    let key = Key::configured(object.program(), T::LETTER, object.name());
    Ok(Writer::keyed(key)
        .text("cfg", json(object)?)
        .number("v", object.version())
        .done())
}

/// The object that an item stores.
pub(crate) fn read_item<T: Configured>(item: &Item) -> Result<T, Error> {
    let reader = Reader::new(item);
    serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a stored {} does not read: {problem}", T::NOUN)))
}

impl Configured for Rule {
    const NOUN: &'static str = "earning rule";
    const LETTER: char = 'R';
    const COUNT_MAX: usize = 1000;

    getters!();

    fn check(&self) -> Result<(), Refusal> {
        Rule::check(self)?;
        check_condition(self.when.as_ref(), Scope::Event)
    }

    fn check_beside<'a>(
        &self,
        others: impl Iterator<Item = &'a Self> + Clone,
    ) -> Result<(), Refusal> {
        self.check_experiment_beside(others.clone())?;
        Rule::check_beside(self, others)
    }
}
