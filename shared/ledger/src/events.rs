//! Events: what they need to be decided, in as few reads as possible.
//!
//! A member who was enrolled under a customer has an id that follows from the program's salt and
//! the customer, so the first read can name the account; only where that guess fails (the
//! customer was linked later, or moved) a second read follows the customer's claim.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;
use laurel_rules::{
    Account, Event, EventOutcome, EventRecord, Plan, Program, Refusal,
    account::Status,
    archive::Archived,
    boosts::Boosts,
    decide::{ClaimKind, EventSnapshot, handle_event},
    event::{
        ACCOUNT_CREATED, INVOICE_PAID, Intent, MemberRef, PAYMENT_COMPLETED, REFERRAL_ATTRIBUTED,
        REFERRAL_ATTRIBUTION,
    },
    id::ACCOUNT_PREFIX,
    record::EventKey,
    redemption::RedemptionId,
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger,
    archive::archiving,
    commit::{Operation, Reading},
    item::{self, Item},
    pools::PoolKeys,
    seed::base32,
    store::Consistency,
    table::Key,
};

impl Ledger {
    /// Handles an event: at most once, whatever is sent how often, in whatever order.
    ///
    /// # Errors
    /// `Refused` where the event cannot be handled as it is; the transient ones may be repeated.
    pub async fn apply(&self, event: &Event) -> Result<EventOutcome, Error> {
        if event.trigger == REFERRAL_ATTRIBUTED {
            return Box::pin(self.welcome(event)).await;
        }
        let wall = self.now();
        self.run(&Application { event, wall }).await
    }
}

struct Application<'a> {
    event: &'a Event,
    /// The machine's time: a program's own says nothing about how long things are kept.
    wall: Timestamp,
}

impl Operation for Application<'_> {
    type Snapshot = EventSnapshot;
    type Answer = EventOutcome;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<EventSnapshot, Error> {
        let event = self.event;
        // No condition saves a payment that did not see the redemption or the code that it names.
        let names_something = event.redemption().is_some() || event.referral_code().is_some();
        let reading = if names_something {
            Reading {
                consistency: Consistency::Strong,
                ..reading
            }
        } else {
            reading
        };
        let kept = ledger.kept_catalog(&event.program).await?;
        let mut keys = Keys::of(event, &kept.program);
        if event.intent == Intent::Earn {
            let at = ledger.time_of_event(event, &kept.program);
            let mut pools = kept.pools(&event.trigger, at);
            pools.extend(kept.referral_pools(at));
            if kept.program.auto_enroll && event.trigger != ACCOUNT_CREATED {
                pools.extend(kept.pools(ACCOUNT_CREATED, at));
            }
            keys.pools = PoolKeys::of(pools, &event.source_id);
        }
        let all = keys.all().into_iter().chain(keys.pools.all());
        let found = ledger.store.get(all, reading.consistency).await?;
        let catalog = ledger
            .current_catalog(kept, found.get(&keys.program))
            .await?;
        let record_at = |key: &Key| found.get(key).map(item::record).transpose();
        let record = record_at(&keys.record)?;
        let payments = keys
            .payments
            .iter()
            .map(record_at)
            .collect::<Result<Vec<_>, _>>()?;
        let payment = known_or_waiting(payments.into_iter().flatten());
        let is_decided = record
            .as_ref()
            .is_some_and(|record| record.handled.is_some());
        let account = if is_decided {
            None
        } else if let Intent::Refund { .. } = event.intent {
            let owner = payment
                .as_ref()
                .and_then(|record| record.handled.as_ref()?.account.clone());
            match owner {
                Some(owner) => ledger.survivor(&owner, reading).await?,
                None => None,
            }
        } else {
            ledger.member(event, &keys, &found, reading).await?
        };
        let redemption = keys.redemption.as_ref().and_then(|key| found.get(key));
        let redemption = redemption.map(item::redemption).transpose()?;
        let redemption = match (&event.intent, is_decided) {
            (_, true) => None,
            (Intent::Refund { .. }, _) => ledger.redemption_of(payment.as_ref()).await?,
            _ => redemption.filter(|redemption| redemption.program == event.program),
        };
        let offer = match &redemption {
            Some(redemption) if event.redemption().is_some() => {
                ledger.offer_for(redemption, &catalog, reading).await?
            }
            _ => None,
        };
        let past = match &account {
            Some(account) if reading.past => Some(ledger.past(account).await?),
            _ => None,
        };
        let email = match (&event.intent, &keys.email) {
            (Intent::Update { .. }, Some(key)) => ledger.held(found.get(key), reading).await?,
            _ => None,
        };
        let new_account_id = new_account_id(ledger, &keys, &found);
        let referral = match &event.intent {
            _ if is_decided => None,
            Intent::Earn => {
                let (account, id) = (account.as_ref(), new_account_id.as_str());
                ledger
                    .scene_of(event, account, id, &catalog, reading)
                    .await?
            }
            Intent::Refund { .. } => {
                Box::pin(ledger.converted_scene(payment.as_ref(), reading)).await?
            }
            _ => None,
        };
        Ok(EventSnapshot {
            referral,
            card: Ledger::card_of(event, &catalog.program),
            now: ledger.now_in(&catalog.program),
            catalog,
            record,
            payment,
            account,
            past,
            redemption,
            offer,
            email,
            boosts: Boosts::default(),
            pools: keys.pools.read(&found, reading)?,
            new_account_id,
        })
    }

    fn decide(&self, snapshot: &EventSnapshot) -> Result<Plan<EventOutcome>, Refusal> {
        let event = dated(self.event, snapshot);
        let plan = handle_event(snapshot, &event)?;
        let program = &snapshot.catalog.program;
        let plan = archiving(plan, program, self.wall, |commit, gone_at| {
            Archived::of(&event, snapshot, commit, gone_at)
        });
        if let (Some(named), Plan::Commit(commit, _)) = (self.event.redemption(), &plan) {
            let handled = commit
                .records
                .iter()
                .find_map(|it| it.record.handled.as_ref());
            if handled.is_some_and(|handled| handled.redemption.is_none()) {
                let payment = &self.event.source_id;
                tracing::warn!(
                    payment,
                    redemption = named,
                    "the payment names a redemption that it cannot confirm"
                );
            }
        }
        if let (Intent::Update { email }, Plan::Commit(commit, _)) = (&self.event.intent, &plan)
            && let (Some(account), Some(held)) = (&snapshot.account, &snapshot.email)
            && account.email.as_ref() != Some(email)
            && commit.claims.is_empty()
        {
            let (account, holder) = (&account.id, &held.account);
            tracing::warn!(
                account,
                holder,
                "the email address is another account's and stays so"
            );
        }
        Ok(plan)
    }
}

/// The event with the time that it happened at: one that does not say happened when it was read, by
/// the program's time, and only now it is known what time that is.
pub(crate) fn dated<'e>(event: &'e Event, snapshot: &EventSnapshot) -> Cow<'e, Event> {
    if event.is_dated || snapshot.catalog.program.clock.is_none() {
        return Cow::Borrowed(event);
    }
    Cow::Owned(Event {
        occurred_at: snapshot.now,
        ..event.clone()
    })
}

/// Of the records that may be a refund's payment: the one that was handled, else the one under
/// which refunds wait.
fn known_or_waiting(records: impl Iterator<Item = EventRecord>) -> Option<EventRecord> {
    let mut waiting = None;
    for record in records {
        if record.handled.is_some() {
            return Some(record);
        }
        waiting = waiting.or(Some(record));
    }
    waiting
}

/// What the first read of an event asks for.
pub(crate) struct Keys {
    pub(crate) program: Key,
    record: Key,
    payments: Vec<Key>,
    accounts: Vec<Key>,
    derived: Option<(String, Key)>,
    email: Option<Key>,
    pub(crate) pools: PoolKeys,
    redemption: Option<Key>,
}

impl Keys {
    pub(crate) fn of(event: &Event, program: &Program) -> Keys {
        let record_of = |trigger: &str, source_id: &str| {
            Key::record(&EventKey {
                program: event.program.clone(),
                trigger: trigger.to_owned(),
                source_id: source_id.to_owned(),
            })
        };
        let mut keys = Keys {
            program: Key::program(&event.program),
            record: record_of(&event.trigger, &event.source_id),
            payments: Vec::new(),
            accounts: Vec::new(),
            derived: None,
            email: None,
            pools: PoolKeys::default(),
            redemption: event
                .redemption()
                .and_then(RedemptionId::parse)
                .map(|id| Key::redemption(&id)),
        };
        match &event.intent {
            Intent::Refund { payment, .. } => {
                keys.payments = vec![
                    record_of(PAYMENT_COMPLETED, payment),
                    record_of(INVOICE_PAID, payment),
                ];
            }
            Intent::Earn | Intent::Update { .. } | Intent::Close => {
                if event.trigger == INVOICE_PAID {
                    keys.payments = vec![record_of(PAYMENT_COMPLETED, &event.source_id)];
                }
                keys.accounts = event
                    .member
                    .accounts
                    .iter()
                    .map(|id| Key::account(id))
                    .collect();
                keys.derived = event.member.customer.as_ref().map(|customer| {
                    let id = derived_account_id(program, customer);
                    let key = Key::account(&id);
                    (id, key)
                });
                let claim = |email: &String| Key::claim(&event.program, ClaimKind::Email, email);
                keys.email = event.member.email.as_ref().map(claim);
            }
            Intent::Ignore => {}
        }
        keys
    }

    fn all(&self) -> Vec<Key> {
        [&self.program, &self.record]
            .into_iter()
            .chain(&self.payments)
            .chain(&self.redemption)
            .cloned()
            .chain(self.members())
            .collect()
    }

    pub(crate) fn members(&self) -> Vec<Key> {
        let derived = self.derived.iter().map(|(_, key)| key);
        let members = self.accounts.iter().chain(derived).chain(&self.email);
        members.cloned().collect()
    }
}

/// The id that a newly enrolled member gets: the one that follows from the customer, or a random
/// one where an account that has it stands for somebody else by now.
pub(crate) fn new_account_id(ledger: &Ledger, keys: &Keys, found: &HashMap<Key, Item>) -> String {
    match &keys.derived {
        Some((id, key)) if !found.contains_key(key) => id.clone(),
        _ => ledger.new_id(ACCOUNT_PREFIX),
    }
}

/// The id of the account that is created for a customer: a UUID of version 8 (RFC 9562,
/// section 5.8) from the customer and the program's secret salt, so that the customer's id alone
/// does not tell it.
pub(crate) fn derived_account_id(program: &Program, customer: &str) -> String {
    let digest = Sha256::new()
        .chain_update(program.salt.as_bytes())
        .chain_update([0])
        .chain_update(customer.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!(
        "{ACCOUNT_PREFIX}{}",
        base32(uuid::Uuid::new_v8(bytes).as_u128())
    )
}

impl Ledger {
    /// When an event happened. One without a date happened when it was read, by the program's time.
    pub(crate) fn time_of_event(&self, event: &Event, program: &Program) -> Timestamp {
        if event.is_dated || program.clock.is_none() {
            event.occurred_at
        } else {
            self.now_in(program)
        }
    }

    /// The member who has one of these names, and the id that a new one would get.
    pub(crate) async fn find_member(
        &self,
        program: &Program,
        member: &MemberRef,
        reading: Reading,
    ) -> Result<(Option<Account>, String), Error> {
        let event = Event {
            member: member.clone(),
            ..Event::own(REFERRAL_ATTRIBUTION, "", program, self.now_in(program))
        };
        let keys = Keys::of(&event, program);
        let found = self.store.get(keys.members(), reading.consistency).await?;
        let account = self.member(&event, &keys, &found, reading).await?;
        Ok((account, new_account_id(self, &keys, &found)))
    }

    /// The member whom an event names; the first that is found counts (spec section 1).
    pub(crate) async fn member(
        &self,
        event: &Event,
        keys: &Keys,
        found: &HashMap<Key, Item>,
        reading: Reading,
    ) -> Result<Option<Account>, Error> {
        let here = |account: &Account| account.program == event.program;
        for key in &keys.accounts {
            if let Some(item) = found.get(key) {
                let account = self.follow(item::account(item)?, reading).await?;
                if let Some(account) = account.filter(here) {
                    return Ok(Some(account));
                }
            }
        }
        if let (Some(customer), Some((_, key))) = (&event.member.customer, &keys.derived) {
            let guessed = found
                .get(key)
                .map(item::account)
                .transpose()?
                .filter(|account| {
                    account.status == Status::Active && account.customer.as_ref() == Some(customer)
                });
            if guessed.is_some() {
                return Ok(guessed);
            }
            let claim = Key::claim(&event.program, ClaimKind::Customer, customer);
            let claims = self.store.get([claim], reading.consistency).await?;
            if let Some(account) = self.claimed(claims.values().next(), reading).await? {
                return Ok(Some(account));
            }
        }
        // What an update names is the address that the member is to have.
        let email = match event.intent {
            Intent::Update { .. } => None,
            _ => keys.email.as_ref().and_then(|key| found.get(key)),
        };
        self.claimed(email, reading).await
    }
}
