//! A ledger in memory: what decisions must know, and what they write.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use laurel_rules::{
    Account, Catalog, Commit, Entry, Event, EventOutcome, EventRecord, Plan, Refusal,
    account::Status,
    boosts::Boosts,
    decide::{
        AccountWrite, Candidate, Claim, ClaimKind, ClaimWrite, EventSnapshot, Holders, Needs,
        NewAccount, Past, Resources, create_account, handle_event, visit_account,
    },
    entry::Change,
    event::{
        ACCOUNT_CREATED, INVOICE_PAID, Intent, PAYMENT_COMPLETED, POINTS_EARNED, TIER_CHANGED,
        TIER_REVIEW,
    },
    record::EventKey,
};

use crate::{Figures, budgets::Budgets, memory::Memory};

/// A ledger in memory under one configuration.
#[derive(Debug)]
pub struct World {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) members: HashMap<String, Member>,
    records: HashMap<EventKey, EventRecord>,
    claims: HashMap<(ClaimKind, String), String>,
    budgets: Budgets,
    /// The operator's keys and values of accounts that do not exist yet.
    metadata: HashMap<String, BTreeMap<String, String>>,
    pub(crate) figures: Figures,
}

/// A member's account with what is known of its log.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) account: Account,
    memory: Memory,
}

/// How the handling of an event went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handling {
    /// It was handled: what came of it.
    Done(EventOutcome),
    /// It cannot be handled as it is; nothing has changed.
    Refused(Refusal),
    /// The log of this account before the simulation began must be known first
    /// ([`World::remember`]); nothing has changed.
    NeedsPast(String),
}

/// An event as a world is told of it.
pub(crate) struct Told<'a> {
    pub(crate) event: &'a Event,
    /// The account that it is about, or that it makes; for a refund that which its payment names.
    pub(crate) account: Option<String>,
    /// The id of an account that it makes.
    pub(crate) new_account: String,
    /// Records that this world may not have.
    pub(crate) records: &'a [EventRecord],
    /// The time of deciding.
    pub(crate) now: Timestamp,
}

impl World {
    /// An empty ledger under `catalog`.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>) -> World {
        World {
            catalog,
            members: HashMap::new(),
            records: HashMap::new(),
            claims: HashMap::new(),
            budgets: Budgets::default(),
            metadata: HashMap::new(),
            figures: Figures::default(),
        }
    }

    /// What the ledger's entries add up to.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.members.values().map(|member| &member.account)
    }

    /// Adds an account as it was; of its log nothing is known.
    pub(crate) fn introduce(&mut self, account: Account) {
        self.figures.begin_with(&account);
        let memory = Memory::of(&account);
        let member = Member { account, memory };
        self.members.insert(member.account.id.clone(), member);
    }

    /// Tells what metadata an account gets that will be made here.
    pub(crate) fn expect(&mut self, account: &str, metadata: BTreeMap<String, String>) {
        if !metadata.is_empty() {
            self.metadata.insert(account.to_owned(), metadata);
        }
    }

    /// Makes known what an account's log held when it was added to this world.
    pub fn remember(&mut self, account: &str, past: Past) {
        let keeper = self.survivor(account.to_owned());
        if let Some(member) = self.members.get_mut(&keeper) {
            member.memory.remember(account, past);
        }
    }

    /// Lets an account know what another knew that was merged into it.
    pub(crate) fn inherit(&mut self, source: &str, target: &str) {
        let from = self.members.get_mut(source);
        let from = from.map(|member| std::mem::take(&mut member.memory));
        if let (Some(from), Some(into)) = (from, self.members.get_mut(target)) {
            into.memory.inherit(from);
        }
    }

    /// Handles an event by the names that it gives, as the ledger does; a customer who is enrolled
    /// gets the customer's id as account.
    ///
    /// Redemptions and referral codes that it names are unknown here, and do nothing.
    pub fn handle(&mut self, event: &Event, now: Timestamp) -> Handling {
        if event.program != self.catalog.program.id {
            let message = format!("No such program: `{}`.", event.program);
            let code = laurel_rules::Code::ResourceMissing;
            return Handling::Refused(Refusal::new(code, message).at("program"));
        }
        let account = match &event.intent {
            Intent::Refund { payment, .. } => self.paid_by(event, payment, &[]),
            _ => self.named(event),
        };
        let customer = event.member.customer.clone().unwrap_or_default();
        let handling = self.tell(&Told {
            event,
            account,
            new_account: customer,
            records: &[],
            now,
        });
        match &handling {
            Handling::Done(outcome) => self.figures.events += u64::from(!outcome.duplicate),
            Handling::Refused(_) => {
                self.figures.events += 1;
                self.figures.refused += 1;
            }
            Handling::NeedsPast(_) => {}
        }
        handling
    }

    fn named(&self, event: &Event) -> Option<String> {
        let known = |id: &&String| self.members.contains_key(*id);
        let names = &event.member;
        let claimed = |kind, name: &Option<String>| {
            let name = name.as_ref()?;
            self.claims.get(&(kind, name.clone())).cloned()
        };
        let by_id = names.accounts.iter().find(known).cloned();
        let by_customer = || claimed(ClaimKind::Customer, &names.customer);
        let by_email = || match event.intent {
            // What an update names is the address that the member is to have.
            Intent::Update { .. } => None,
            _ => claimed(ClaimKind::Email, &names.email),
        };
        let found = by_id.or_else(by_customer).or_else(by_email)?;
        Some(self.survivor(found))
    }

    fn survivor(&self, mut id: String) -> String {
        while let Some(into) = self
            .members
            .get(&id)
            .and_then(|it| it.account.merged_into.clone())
        {
            id = into;
        }
        id
    }

    /// The account that a refund's payment belongs to.
    fn paid_by(&self, event: &Event, payment: &str, told: &[EventRecord]) -> Option<String> {
        let record = self.payment_of(&event.program, payment, told)?;
        let account = record.handled.as_ref()?.account.clone()?;
        Some(self.survivor(account))
    }

    /// The record of a refund's payment: the one that was handled, else the one under which
    /// refunds wait.
    fn payment_of(
        &self,
        program: &str,
        payment: &str,
        told: &[EventRecord],
    ) -> Option<EventRecord> {
        let known = [PAYMENT_COMPLETED, INVOICE_PAID].map(|trigger| {
            let key = EventKey {
                program: program.to_owned(),
                trigger: trigger.to_owned(),
                source_id: payment.to_owned(),
            };
            self.record(&key, told)
        });
        let is_handled = |it: &&EventRecord| it.handled.is_some();
        let mut known = known.iter().flatten();
        known
            .clone()
            .find(is_handled)
            .or_else(|| known.next())
            .cloned()
    }

    fn record(&self, key: &EventKey, told: &[EventRecord]) -> Option<EventRecord> {
        let own = self.records.get(key);
        own.or_else(|| told.iter().find(|it| it.key == *key))
            .cloned()
    }

    /// Decides an event on what this world knows, and does what the decision writes.
    pub(crate) fn tell(&mut self, told: &Told<'_>) -> Handling {
        let Told { event, now, .. } = told;
        let catalog = Arc::clone(&self.catalog);
        let key = EventKey {
            program: event.program.clone(),
            trigger: event.trigger.clone(),
            source_id: event.source_id.clone(),
        };
        let payment = match &event.intent {
            Intent::Refund { payment, .. } => {
                self.payment_of(&event.program, payment, told.records)
            }
            _ if event.trigger == INVOICE_PAID => {
                let trigger = PAYMENT_COMPLETED.to_owned();
                self.record(
                    &EventKey {
                        trigger,
                        ..key.clone()
                    },
                    told.records,
                )
            }
            _ => None,
        };
        let account = told.account.as_ref().and_then(|id| self.members.get(id));
        let mut snapshot = EventSnapshot {
            record: self.record(&key, told.records),
            payment,
            account: account.map(|member| member.account.clone()),
            past: None,
            redemption: None,
            offer: None,
            email: None,
            referral: None,
            card: None,
            boosts: Boosts::default(),
            pools: self.budgets.read(pools(&catalog, event)),
            new_account_id: told.new_account.clone(),
            now: *now,
            catalog,
        };
        for _ in 0..TRIES_MAX {
            match handle_event(&snapshot, event) {
                Err(refusal) => return Handling::Refused(refusal),
                Ok(Plan::Answer(outcome) | Plan::Final(outcome)) => return Handling::Done(outcome),
                Ok(Plan::Needs(needs)) => {
                    let id = told.account.as_deref().unwrap_or_default();
                    if let Err(unknown) = self.gather(&needs, id, &mut snapshot.past) {
                        return unknown;
                    }
                    snapshot.pools = self.budgets.read(pools(&snapshot.catalog, event));
                }
                Ok(Plan::Commit(commit, outcome)) => {
                    if let Some(reviewed) = self.reviewed(&commit) {
                        // A visit is what rules hear of that by, so it goes first.
                        if let Err(unknown) = self.visit(&reviewed, *now) {
                            return unknown;
                        }
                        let member = self.members.get(&reviewed);
                        snapshot.account = member.map(|member| member.account.clone());
                        continue;
                    }
                    self.commit(*commit);
                    return Handling::Done(outcome);
                }
            }
        }
        undecided()
    }

    fn gather(
        &mut self,
        needs: &Needs,
        account: &str,
        past: &mut Option<Past>,
    ) -> Result<(), Handling> {
        for shortage in &needs.gathered {
            self.budgets.gather(shortage);
        }
        if needs.past {
            let member = self.members.get(account).ok_or_else(undecided)?;
            let known = member.memory.whole().map_err(Handling::NeedsPast)?;
            *past = Some(known.clone());
        }
        Ok(())
    }

    /// Creates an account by itself.
    pub(crate) fn create(&mut self, id: &str, now: Timestamp) -> Handling {
        let catalog = Arc::clone(&self.catalog);
        let new = NewAccount {
            id: Some(id.to_owned()),
            program: catalog.program.id.clone(),
            metadata: self.metadata.get(id).cloned().unwrap_or_default(),
            ..NewAccount::default()
        };
        let candidates = [Candidate {
            id: id.to_owned(),
            taken: None,
        }];
        for _ in 0..TRIES_MAX {
            let pools = self.budgets.read(catalog.pools(ACCOUNT_CREATED, now));
            let holders = Holders::default();
            match create_account(&catalog, &holders, &candidates, &pools, &new, now) {
                Err(refusal) => return Handling::Refused(refusal),
                Ok(Plan::Needs(needs)) => {
                    if let Err(unknown) = self.gather(&needs, id, &mut None) {
                        return unknown;
                    }
                }
                Ok(plan) => {
                    if let Plan::Commit(commit, _) = plan {
                        self.commit(*commit);
                    }
                    let id = Some(id.to_owned());
                    let outcome = laurel_rules::Outcome::Processed;
                    return Handling::Done(EventOutcome::without_effect(outcome, id));
                }
            }
        }
        undecided()
    }

    /// The account whose tier a commit would let follow time, where rules listen to that.
    fn reviewed(&self, commit: &Commit) -> Option<String> {
        let mut entries = commit.entries.iter();
        let is_review = |entry: &&Entry| {
            entry.trigger == TIER_REVIEW
                && matches!(entry.changes.first(), Some(Change::TierChanged(_)))
        };
        let reviewed = entries.find(is_review)?;
        let is_heard = self.catalog.hears(TIER_CHANGED);
        is_heard.then(|| reviewed.account.clone())
    }

    /// Lets time do to an account what it has done by `now`.
    pub(crate) fn visit(&mut self, id: &str, now: Timestamp) -> Result<(), Handling> {
        let catalog = Arc::clone(&self.catalog);
        self.decide(id, now, |account, resources| {
            if account.status != Status::Active {
                return Ok(Plan::Answer(()));
            }
            let plan = visit_account(&catalog, account, resources, now)?;
            Ok(plan.map(|_, _| ()))
        })
        .map(|commit| {
            if let Some(commit) = commit {
                self.commit(*commit);
            }
        })
    }

    /// Decides something of an account beside events; answers what is to be written. A refusal
    /// writes nothing.
    pub(crate) fn decide<T>(
        &mut self,
        id: &str,
        now: Timestamp,
        decide: impl Fn(&Account, &Resources) -> Result<Plan<T>, Refusal>,
    ) -> Result<Option<Box<Commit>>, Handling> {
        for _ in 0..TRIES_MAX {
            let Some(member) = self.members.get(id) else {
                return Ok(None);
            };
            let mut resources = Resources::default();
            if self.hears() {
                let past = member.memory.whole().map_err(Handling::NeedsPast)?;
                resources.past = Some(past.clone());
                resources.pools = self.budgets.read(self.catalog.chained_pools(now));
            }
            match decide(&member.account, &resources) {
                Ok(Plan::Commit(commit, _)) => return Ok(Some(commit)),
                Ok(Plan::Needs(needs)) => self.gather(&needs, id, &mut None)?,
                Ok(Plan::Answer(_) | Plan::Final(_)) | Err(_) => return Ok(None),
            }
        }
        Err(undecided())
    }

    /// Whether rules listen to what Laurel itself tells.
    pub(crate) fn hears(&self) -> bool {
        self.catalog.hears(POINTS_EARNED) || self.catalog.hears(TIER_CHANGED)
    }

    /// An account of whose log more must be known before anything else than an event happens to
    /// this one.
    pub(crate) fn unknown_of(&self, id: &str) -> Option<String> {
        let member = self.members.get(id).filter(|_| self.hears())?;
        member.memory.whole().err()
    }

    /// Does what a decision writes, and counts it.
    pub(crate) fn commit(&mut self, commit: Commit) {
        for entry in &commit.entries {
            self.figures.count(entry);
        }
        self.keep(commit);
    }

    /// Does what a decision writes.
    pub(crate) fn keep(&mut self, commit: Commit) {
        for write in commit.accounts {
            match write {
                AccountWrite::Create(mut account) => {
                    if let Some(metadata) = self.metadata.remove(&account.id) {
                        account.metadata = metadata;
                    }
                    let memory = Memory::default();
                    let member = Member { account, memory };
                    self.members.insert(member.account.id.clone(), member);
                }
                AccountWrite::Update { account, .. } => {
                    if let Some(member) = self.members.get_mut(&account.id) {
                        member.account = account;
                    }
                }
                AccountWrite::Check { .. } => {}
            }
        }
        for entry in commit.entries {
            if let Some(member) = self.members.get_mut(&entry.account) {
                member.memory.extend(entry);
            }
        }
        for write in commit.records {
            self.records.insert(write.record.key.clone(), write.record);
        }
        for claim in commit.claims {
            self.claim(claim);
        }
        for pool in commit.pools {
            self.budgets.write(pool);
        }
    }

    fn claim(&mut self, claim: Claim) {
        let key = (claim.kind, claim.value);
        match claim.write {
            ClaimWrite::Take { .. } => {
                self.claims.insert(key, claim.account);
            }
            ClaimWrite::Release => {
                self.claims.remove(&key);
            }
            ClaimWrite::Keep => {}
        }
    }
}

/// How often a decision may ask for more: for the log, and for each budget to be gathered in.
const TRIES_MAX: usize = 300;

fn undecided() -> Handling {
    let message = "The decision asked for what it had already.";
    Handling::Refused(Refusal::new(laurel_rules::Code::Internal, message))
}

/// The pools that an event may take from.
fn pools(catalog: &Catalog, event: &Event) -> Vec<laurel_rules::pool::PoolSpec> {
    if event.intent != Intent::Earn {
        return Vec::new();
    }
    let at = event.occurred_at;
    let mut pools = catalog.pools(&event.trigger, at);
    if catalog.program.auto_enroll && event.trigger != ACCOUNT_CREATED {
        pools.extend(catalog.pools(ACCOUNT_CREATED, at));
    }
    pools
}
