//! An event of a member: earning, and the choice between earning, refunding and nothing.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use super::{
    Commit, Draft, Held, Holders, Past, Plan, Progress, RecordWrite,
    account::enrol,
    customer::{handle_deletion, handle_update},
    earn::earn,
    payment::Named,
    redemption::CodeOffer,
    referral::{Course, Followed, ReferralScene, refer},
    refund::{handle_refund, refund_cause, reverse},
};
use crate::{
    Account, Catalog, Code, Event, EventOutcome, EventRecord, Outcome, Redemption, Refusal,
    account::Status,
    boosts::Boosts,
    condition::Facts,
    decide::AccountWrite,
    event::{ACCOUNT_CREATED, Intent, is_payment},
    pool::{Pools, Taking},
    record::{EntryRef, EventKey, Handled, Refunds},
};

/// How far ahead of now an event may say that it happened: five minutes of clock skew.
pub(super) const FUTURE_MS: i64 = 5 * 60 * 1000;

/// All that is known when an event is decided.
#[derive(Debug, Clone)]
pub struct EventSnapshot {
    /// The program and its rules.
    pub catalog: Arc<Catalog>,
    /// The event's own record.
    pub record: Option<EventRecord>,
    /// For a refund the record of its payment; for an invoice the record under which refunds
    /// that came ahead of it wait.
    pub payment: Option<EventRecord>,
    /// The member; for a refund the one whom the payment belongs to.
    pub account: Option<Account>,
    /// The member's whole log, where the decision asked for it.
    pub past: Option<Past>,
    /// The redemption that a payment names, or for a refund the one that its payment confirmed.
    pub redemption: Option<Redemption>,
    /// The code that the redemption gets; none where none is left.
    pub offer: Option<CodeOffer>,
    /// Who has the email address that the event gives the member.
    pub email: Option<Held>,
    /// What is known of the member's referral, or of that which a refund's payment converted,
    /// where the event may be about one.
    pub referral: Option<Box<ReferralScene>>,
    /// What tells the card of a payment, as a keyed hash.
    pub card: Option<String>,
    /// What multiplies the awards beside what the account and the catalog tell.
    pub boosts: Boosts,
    /// What was read of pools of budgets.
    pub pools: Pools,
    /// The id that a newly enrolled member gets.
    pub new_account_id: String,
    /// The time of deciding, in whole milliseconds.
    pub now: Timestamp,
}

impl EventSnapshot {
    /// Checks what no event may do, whatever came of it before.
    pub(super) fn check(&self, event: &Event) -> Result<(), Refusal> {
        let latest = crate::window::shifted(self.now, FUTURE_MS);
        if event.occurred_at > latest {
            let message = "`occurred_at` is more than 5 minutes ahead of now; nothing was written.";
            return Err(Refusal::new(Code::OccurredInFuture, message).at("occurred_at"));
        }
        self.catalog.check_metadata(event)
    }

    /// The member's account, brought up to now.
    pub(super) fn draft_of(&self, account: &Account) -> Draft<'_> {
        let past = self.past.clone();
        let mut draft = Draft::begin(account.clone(), &self.catalog, self.now, past);
        draft.taking = Taking::new(&self.pools);
        draft
    }

    /// The account of somebody whom the event makes a member, before that is written.
    pub(super) fn newcomer(&self, event: &Event) -> Draft<'_> {
        let (id, program) = (self.new_account_id.clone(), &self.catalog.program);
        let mut account = Account::new(id, program, self.now, event.occurred_at);
        account.customer.clone_from(&event.member.customer);
        account.email.clone_from(&event.member.email);
        let past = Some(Past::default());
        let mut draft = Draft::as_it_is(account, &self.catalog, self.now, past);
        draft.taking = Taking::new(&self.pools);
        draft
    }

    /// What multiplies the awards of the event.
    pub(super) fn boosts_for(&self, draft: &Draft<'_>, event: &Event) -> Boosts {
        let catalog = &*self.catalog;
        let facts = Facts::of_event(catalog, event, Some(&draft.account), self.now);
        let (at, boosts) = (event.occurred_at, self.boosts.clone());
        let boosts = if at > self.now && catalog.program.tiers.is_qualifying() {
            // A period may end between now and the minutes ahead at which the event happened.
            let mut then = draft.account.clone();
            then.settle_tier(&catalog.program, &catalog.tiers, at);
            boosts.with_tier(catalog, &then, at)
        } else {
            boosts.with_tier(catalog, &draft.account, at)
        };
        boosts.with_campaigns(&facts)
    }
}

/// Decides what an event does.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn handle_event(
    snapshot: &EventSnapshot,
    event: &Event,
) -> Result<Plan<EventOutcome>, Refusal> {
    if let Some(handled) = snapshot
        .record
        .as_ref()
        .and_then(|record| record.handled.as_ref())
    {
        if handled.content == event.content || is(Bug::AnyContent) {
            return Ok(Plan::Final(handled.replay()));
        }
        return Err(content_mismatch(event));
    }
    // A repeat was answered above: a schema that came later takes nothing back.
    snapshot.check(event)?;
    match &event.intent {
        Intent::Ignore => Ok(Plan::Final(EventOutcome::without_effect(
            Outcome::Ignored,
            None,
        ))),
        Intent::Refund { payment, amount } => handle_refund(snapshot, event, payment, *amount),
        Intent::Earn => handle_earning(snapshot, event),
        Intent::Update { email } => handle_update(snapshot, event, email),
        Intent::Close => handle_deletion(snapshot, event),
    }
}

fn content_mismatch(event: &Event) -> Refusal {
    Refusal::new(
        Code::EventContentMismatch,
        format!(
            "An event `{}` with the id `{}` and other content was handled before; nothing was \
             changed.",
            event.trigger, event.source_id
        ),
    )
}

fn handle_earning(snapshot: &EventSnapshot, event: &Event) -> Result<Plan<EventOutcome>, Refusal> {
    let catalog = &*snapshot.catalog;
    let program = &catalog.program;
    let mut commit = Commit::default();
    let scene = snapshot.referral.as_deref();
    let at = event.occurred_at;
    let (before, mut draft) = match &snapshot.account {
        Some(account) if account.status == Status::Active => {
            (account.version, snapshot.draft_of(account))
        }
        Some(account) => {
            let id = Some(account.id.clone());
            return Ok(Plan::Answer(EventOutcome::without_effect(
                Outcome::AccountClosed,
                id,
            )));
        }
        None => {
            let comes_by_code = scene.is_some_and(|scene| scene.named.is_some());
            let enrols = (program.auto_enroll || comes_by_code) && event.trigger != ACCOUNT_CREATED;
            if !enrols || !event.member.names_customer() {
                return Ok(Plan::Answer(EventOutcome::without_effect(
                    Outcome::Unlinked,
                    None,
                )));
            }
            let mut draft = snapshot.newcomer(event);
            // Somebody who had one of the names would have been found as the member.
            let holders = Holders::default();
            if let Progress::Needs(needs) =
                enrol(&mut draft, catalog, at, "", &holders, &mut commit)?
            {
                return Ok(Plan::Needs(needs));
            }
            (0, draft)
        }
    };
    let boosts = snapshot.boosts_for(&draft, event);
    let earned = match earn(&mut draft, event, &boosts)? {
        Progress::Done(earned) => earned,
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
    };
    let account_id = draft.account.id.clone();
    let mut named = snapshot.redemption.as_ref().map(Named::of);
    let confirmed = named
        .as_mut()
        .and_then(|named| named.confirm(&mut draft, event, snapshot.offer.as_ref()));
    let mut course = scene.map(|scene| Course::begin(catalog, scene, &draft.account, snapshot.now));
    let mut entries: Vec<EntryRef> = earned.entries().collect();
    let followed = match &mut course {
        Some(course) => match refer(course, &mut draft, event, &mut entries)? {
            Progress::Done(followed) => followed,
            Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
        },
        None => Followed::default(),
    };
    if is_payment(&event.trigger) {
        let known = &mut draft.account.referrals;
        known.note_payment(event);
        if let Some(card) = &snapshot.card {
            known.remember(card, false);
        }
    }
    let mut handled = Handled {
        content: event.content.clone(),
        outcome: match (
            earned.entry.is_some() || followed.is_converted,
            followed.is_attributed,
        ) {
            (true, _) => Outcome::Awarded,
            (false, true) => Outcome::Processed,
            (false, false) => Outcome::NoAward,
        },
        account: Some(account_id),
        entries,
        occurred_at: event.occurred_at,
        amount: event.amount.unwrap_or(0),
        awards: if is_payment(&event.trigger) {
            earned.awards
        } else {
            Vec::new()
        },
        redemption: confirmed,
        referral: followed.converted,
    };
    // Refunds that came ahead wait under the payment's own record, or, since a refund cannot
    // know better, under the record of a payment with the invoice's id.
    let own = snapshot.record.as_ref();
    let elsewhere = snapshot.payment.as_ref();
    let elsewhere = elsewhere.filter(|record| record.handled.is_none());
    let waiting = elsewhere.or(own);
    let mut refunds = Refunds::default();
    if is_payment(&event.trigger) {
        refunds.counted = earned.counted;
    }
    let known = waiting.iter().filter(|_| !is(Bug::EarlyRefundsForgotten));
    for early in known.flat_map(|record| &record.refunds.early) {
        if let Some(named) = &mut named {
            let returned = named.refund(&mut draft, &handled, &refunds, early)?;
            handled.entries.extend(returned);
        }
        match reverse(
            &mut draft,
            &mut handled,
            &mut refunds,
            early,
            &event.source_id,
        )? {
            Progress::Done(entry) => handled.entries.extend(entry),
            Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
        }
        if let Some(course) = &mut course {
            let cause = refund_cause(early, &event.source_id);
            let seq = draft.next_seq();
            let taken = course.take_back(&mut draft, &handled, refunds.total, &cause)?;
            if let Progress::Needs(needs) = taken {
                return Ok(Plan::Needs(needs));
            }
            let taken = draft.entry_from(seq).filter(|entry| entry.count > 0);
            handled.entries.extend(taken);
        }
    }
    let stats = &mut draft.account.stats;
    stats.refund(&event.trigger, refunds.total);
    if let Some(course) = course {
        course.finish(&mut commit);
    }
    let answer = EventOutcome {
        duplicate: false,
        ..handled.replay()
    };
    commit.records.push(RecordWrite {
        expected: own.map(|record| record.version),
        record: EventRecord {
            key: key_of(event),
            version: own.map_or(0, |record| record.version) + 1,
            handled: Some(handled),
            refunds,
        },
    });
    if let Some(stub) = elsewhere {
        commit.records.push(RecordWrite {
            expected: Some(stub.version),
            record: EventRecord {
                version: stub.version + 1,
                refunds: Refunds::default(),
                ..stub.clone()
            },
        });
    }
    commit.redemptions.extend(named.and_then(Named::write));
    finish(snapshot.account.as_ref(), before, draft, &mut commit);
    Ok(Plan::Commit(Box::new(commit), answer))
}

/// Adds the account to the commit: written where it changed, else checked, since the decision
/// to award nothing relied on it too.
pub(super) fn finish(loaded: Option<&Account>, before: u64, draft: Draft<'_>, commit: &mut Commit) {
    commit.pools = draft.taking.writes();
    if let Some(loaded) = loaded
        && draft.account == *loaded
    {
        let (id, version) = (loaded.id.clone(), before);
        commit.accounts.push(AccountWrite::Check { id, version });
        return;
    }
    let (write, entries) = draft.finish(before);
    commit.accounts.push(write);
    commit.entries.extend(entries);
}

pub(super) fn key_of(event: &Event) -> EventKey {
    EventKey {
        program: event.program.clone(),
        trigger: event.trigger.clone(),
        source_id: event.source_id.clone(),
    }
}
