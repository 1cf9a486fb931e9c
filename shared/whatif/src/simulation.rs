//! Recorded events, with what else is in their members' logs, through a world.
//!
//! What happened to one member is in the order of its log. Members are told of in the order of
//! time, so that what they share, as a budget, goes to whom it went.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;
use laurel_events::{Incoming, parse};
use laurel_rules::{
    Account, Catalog, Entry, Event, Refusal,
    archive::Archived,
    decide::Past,
    event::{ACCOUNT_CREATED, MemberRef},
};

use crate::{Figures, Handling, World, carry::carries, world::Told};

/// What is known of one member: events and the log, of which what came before the first event is
/// not needed.
#[derive(Debug, Default)]
pub struct Telling {
    /// Events, in any order.
    pub events: Vec<Archived>,
    /// Entries of the log up to the end of the range, in its order.
    pub log: Vec<Entry>,
    /// The operator's keys and values, which conditions may ask for.
    pub metadata: BTreeMap<String, String>,
}

/// What happens to a member next.
#[derive(Debug)]
enum Act {
    Event(Box<Archived>),
    Entry { entry: Box<Entry>, by_event: bool },
}

impl Act {
    fn at(&self) -> Timestamp {
        match self {
            Act::Event(archived) => archived.at,
            Act::Entry { entry, .. } => entry.created,
        }
    }
}

/// A run of recorded events under other rules.
#[derive(Debug)]
pub struct Simulation {
    world: World,
    actual: Figures,
    acts: Vec<VecDeque<Act>>,
    /// The next act of each member, by time.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The accounts as they were before their first event.
    starts: BTreeMap<String, Account>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// There is more to do.
    More,
    /// The log of this account as it was then must be told of by [`Simulation::remember`].
    NeedsPast(Box<Account>),
    /// All is done.
    Done,
}

impl Simulation {
    /// Nothing is told yet; what will be happens under `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Simulation {
        let mut catalog = catalog.clone().with_schemas([]);
        // Who was enrolled is enrolled, and what was taken was taken.
        catalog.program.auto_enroll = true;
        Simulation {
            world: World::new(Arc::new(catalog)),
            actual: Figures::default(),
            acts: Vec::new(),
            next: BinaryHeap::new(),
            starts: BTreeMap::new(),
        }
    }

    /// Tells of one member, of whom there must be an event.
    pub fn tell(&mut self, telling: Telling) {
        let Telling {
            mut events,
            log,
            metadata,
        } = telling;
        events.sort_by(|a, b| {
            let key = |it: &Archived| (it.place(), it.at);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.source_id.cmp(&b.source_id))
        });
        let Some(first) = events.first() else {
            return;
        };
        let begins_after = first.place().0;
        match &first.before {
            Some(before) => {
                let account = Account {
                    metadata,
                    ..before.clone()
                };
                self.actual.begin_with(&account);
                self.starts.insert(account.id.clone(), account.clone());
                self.world.introduce(account);
            }
            None => self.world.expect(&first.account, metadata),
        }
        // Entries that an event appended are numbered after its place.
        let spans: Vec<(u64, u64)> = events
            .iter()
            .map(|it| (it.place().0, it.place().0 + it.entries))
            .filter(|(after, last)| after < last)
            .collect();
        let mut placed: Vec<((u64, u64), Act)> = Vec::with_capacity(events.len());
        for mut event in events {
            let place = event.place();
            // It is known by now, and the bulk of it.
            event.before = None;
            placed.push((place, Act::Event(Box::new(event))));
        }
        for entry in log.into_iter().filter(|entry| entry.seq > begins_after) {
            self.actual.count(&entry);
            let at = spans.partition_point(|(_, last)| *last < entry.seq);
            let by_event = spans.get(at).is_some_and(|(after, _)| *after < entry.seq);
            if carries(&entry, by_event) {
                let place = (entry.seq - 1, u64::MAX);
                let entry = Box::new(entry);
                placed.push((place, Act::Entry { entry, by_event }));
            }
        }
        placed.sort_by_key(|(place, _)| *place);
        let acts: VecDeque<Act> = placed.into_iter().map(|(_, act)| act).collect();
        let count = acts
            .iter()
            .filter(|act| matches!(act, Act::Event(_)))
            .count();
        self.actual.events += u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(act) = acts.front() {
            self.next.push(Reverse((act.at(), self.acts.len())));
        }
        self.acts.push(acts);
    }

    /// Goes on for at most `steps` acts.
    pub fn run(&mut self, steps: u64) -> Progress {
        for _ in 0..steps {
            let Some(Reverse((_, member))) = self.next.peek().copied() else {
                return Progress::Done;
            };
            let Some(acts) = self.acts.get_mut(member) else {
                return Progress::Done;
            };
            let Some(act) = acts.front() else {
                self.next.pop();
                continue;
            };
            let unknown = match act {
                Act::Entry { entry, by_event } => self.world.carry(entry, *by_event).err(),
                Act::Event(archived) => match replay(&mut self.world, archived) {
                    Handling::NeedsPast(id) => Some(id),
                    Handling::Done(_) => {
                        self.world.figures.events += 1;
                        None
                    }
                    Handling::Refused(_) => {
                        self.world.figures.events += 1;
                        self.world.figures.refused += 1;
                        None
                    }
                },
            };
            if let Some(id) = unknown {
                if let Some(start) = self.starts.get(&id) {
                    return Progress::NeedsPast(Box::new(start.clone()));
                }
                // None that is unknown came without a start.
                self.world.remember(&id, Past::default());
                continue;
            }
            acts.pop_front();
            let after = acts.front().map(Act::at);
            self.next.pop();
            if let Some(at) = after {
                self.next.push(Reverse((at, member)));
            }
        }
        Progress::More
    }

    /// Tells what the log of an account held before the first event.
    pub fn remember(&mut self, account: &str, past: Past) {
        self.world.remember(account, past);
    }

    /// How many events there are, and how many of them have been run.
    #[must_use]
    pub fn events(&self) -> (u64, u64) {
        (self.actual.events, self.world.figures.events)
    }

    /// What happened.
    #[must_use]
    pub fn actual(&self) -> &Figures {
        &self.actual
    }

    /// What has happened by now under the other rules.
    #[must_use]
    pub fn candidate(&self) -> &Figures {
        &self.world.figures
    }
}

/// Lets an archived event happen in a world.
fn replay(world: &mut World, archived: &Archived) -> Handling {
    let is_new = !world.members.contains_key(&archived.account);
    if archived.trigger == ACCOUNT_CREATED && is_new {
        return world.create(&archived.account, archived.at);
    }
    let event = match event_of(archived, is_new) {
        Ok(event) => event,
        Err(refusal) => return Handling::Refused(refusal),
    };
    world.tell(&Told {
        event: &event,
        account: (!is_new).then(|| archived.account.clone()),
        new_account: archived.account.clone(),
        records: &archived.records,
        now: archived.at,
    })
}

/// The event as it was, but for whom it named: that is known.
fn event_of(archived: &Archived, is_new: bool) -> Result<Event, Refusal> {
    let incoming = Incoming {
        event_type: archived.trigger.clone(),
        id: Some(archived.source_id.clone()),
        occurred_at: Some(archived.occurred_at),
        program: Some(archived.program.clone()),
        data: archived.data.clone(),
        own: false,
    };
    let mut event = parse(incoming, archived.at)?;
    event.member = MemberRef {
        customer: is_new.then(|| archived.account.clone()),
        ..MemberRef::default()
    };
    Ok(event)
}
