//! An event of a member: earning, and the choice between earning, refunding and nothing.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Cause, Commit, Draft, Held, Holders, Needs, Past, Plan, Progress, RecordWrite,
    account::enrol,
    budget::{FromBudgets, newly_reached, take_from_budgets},
    customer::{handle_deletion, handle_update},
    payment::Named,
    redemption::CodeOffer,
    referral::{Course, Followed, ReferralScene, refer},
    refund::{handle_refund, refund_cause, reverse},
};
use crate::{
    Account, Catalog, Code, Event, EventOutcome, EventRecord, Outcome, Redemption, Refusal,
    Transaction,
    account::Status,
    boosts::Boosts,
    condition::Facts,
    counter::{PastAward, Unit},
    decide::AccountWrite,
    entry::TransactionType,
    evaluate::{Evaluation, Standing, Verdict, evaluate},
    event::{ACCOUNT_CREATED, Intent, is_payment},
    pool::{Pools, Taking},
    purse::{Lot, LotId},
    record::{Awarded, EntryRef, EventKey, Handled, Refunds},
    rule::Recipient,
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
        if handled.content == event.content {
            return Ok(Plan::Final(handled.replay()));
        }
        return Err(content_mismatch(event));
    }
    let latest = crate::window::shifted(snapshot.now, FUTURE_MS);
    if event.occurred_at > latest {
        let message = "`occurred_at` is more than 5 minutes ahead of now; nothing was written.";
        return Err(Refusal::new(Code::OccurredInFuture, message).at("occurred_at"));
    }
    // A repeat was answered above: a schema that came later takes nothing back.
    snapshot.catalog.check_metadata(event)?;
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
            let past = snapshot.past.clone();
            let mut draft = Draft::begin(account.clone(), catalog, snapshot.now, past);
            draft.taking = Taking::new(&snapshot.pools);
            (account.version, draft)
        }
        Some(account) => {
            let id = Some(account.id.clone());
            return Ok(Plan::Answer(EventOutcome::without_effect(
                Outcome::AccountClosed,
                id,
            )));
        }
        None => {
            let customer = event.member.customer.as_ref();
            let comes_by_code = scene.is_some_and(|scene| scene.named.is_some());
            let enrols = (program.auto_enroll || comes_by_code) && event.trigger != ACCOUNT_CREATED;
            let Some(customer) = customer.filter(|_| enrols) else {
                return Ok(Plan::Answer(EventOutcome::without_effect(
                    Outcome::Unlinked,
                    None,
                )));
            };
            let id = snapshot.new_account_id.clone();
            let mut account = Account::new(id, program, snapshot.now, event.occurred_at);
            account.customer = Some(customer.clone());
            account.email.clone_from(&event.member.email);
            let mut draft = Draft::as_it_is(
                account,
                &snapshot.catalog,
                snapshot.now,
                Some(Past::default()),
            );
            draft.taking = Taking::new(&snapshot.pools);
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
    let facts = Facts::of_event(catalog, event, Some(&draft.account), snapshot.now);
    let boosts = snapshot.boosts.clone();
    let boosts = boosts
        .with_tier(catalog, &draft.account, at)
        .with_campaigns(&facts);
    let earned = match earn(&mut draft, catalog, event, &boosts)? {
        Progress::Done(earned) => earned,
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
    };
    let account_id = draft.account.id.clone();
    let mut named = snapshot.redemption.as_ref().map(Named::of);
    let confirmed = named
        .as_mut()
        .and_then(|named| named.confirm(&mut draft, event, snapshot.offer.as_ref()));
    let mut course = scene.map(|scene| Course::begin(catalog, scene, &draft.account, snapshot.now));
    let mut entries: Vec<EntryRef> = earned.entry.into_iter().collect();
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
    let waiting = own.or(snapshot
        .payment
        .as_ref()
        .filter(|record| record.handled.is_none()));
    let mut refunds = Refunds::default();
    for early in waiting.iter().flat_map(|record| &record.refunds.early) {
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
            let taken = course.take_back(&mut draft, &handled, refunds.total, &cause)?;
            if let Progress::Needs(needs) = taken {
                return Ok(Plan::Needs(needs));
            }
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
    if own.is_none()
        && let Some(stub) = waiting
    {
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

/// What an evaluation gave.
pub(super) struct Earned {
    /// The entry that was written, where anything fired.
    pub(super) entry: Option<EntryRef>,
    /// The awards, for refunds.
    pub(super) awards: Vec<Awarded>,
}

/// Evaluates the rules for `event` and credits what fires.
pub(super) fn earn(
    draft: &mut Draft<'_>,
    catalog: &Catalog,
    event: &Event,
    boosts: &Boosts,
) -> Result<Progress<Earned>, Refusal> {
    earn_as(draft, catalog, event, boosts, Recipient::Member)
}

/// The same for one side of a referral.
pub(super) fn earn_as(
    draft: &mut Draft<'_>,
    catalog: &Catalog,
    event: &Event,
    boosts: &Boosts,
    recipient: Recipient,
) -> Result<Progress<Earned>, Refusal> {
    let mut verdicts = {
        let past: Option<&[PastAward]> = draft.past.as_ref().map(|past| past.awards.as_slice());
        let standing = Standing {
            account: Some(&draft.account),
            past,
            recipient,
            now: draft.now,
        };
        match evaluate(catalog, event, boosts, standing)? {
            Evaluation::Done(verdicts) => verdicts,
            Evaluation::NeedsPast => return Ok(Progress::Needs(Needs::past())),
        }
    };
    let (at, now, program) = (event.occurred_at, draft.now, draft.program);
    let seq = draft.next_seq();
    let mut transactions = Vec::new();
    let mut awards = Vec::new();
    for verdict in &mut verdicts {
        let fired = match verdict {
            Verdict::Silent {
                rule, carried_out, ..
            } => {
                if let Some(fraction) = carried_out {
                    draft.account.set_carried(&rule.id, *fraction);
                }
                continue;
            }
            Verdict::Fires(fired) => fired,
        };
        let added = fired.added(boosts, program)?;
        let FromBudgets { drawn, traces } =
            match take_from_budgets(draft, catalog, at, fired, &added) {
                Ok(given) => given,
                Err(unknown) => return Ok(Progress::Needs(unknown.into())),
            };
        let rule = fired.rule;
        let place = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
        let (available_at, expires_at) = fired.validity(at, program);
        let lot = Lot {
            id: LotId::own(seq, place),
            remaining: fired.points,
            available_at: available_at.filter(|from| *from > now),
            expires_at,
        };
        draft.account.credit(lot, true, now)?;
        match rule.cap {
            Some(cap) => {
                let past = draft.past.as_ref().map(|past| past.awards.as_slice());
                let unit = Unit::of(cap, rule.window);
                draft
                    .account
                    .count(&rule.id, unit, at, fired.points, past, program);
            }
            None => draft.account.forget_counter(&rule.id),
        }
        if let Some(fraction) = fired.carried_out {
            draft.account.set_carried(&rule.id, fraction);
        }
        awards.push(Awarded {
            place,
            rule: rule.id.clone(),
            rule_version: rule.version,
            points: fired.points,
            reversed: 0,
            expires_at,
            drawn,
        });
        let reason = rule.name.clone().unwrap_or_else(|| event.trigger.clone());
        transactions.push(Transaction {
            rule: Some((rule.id.clone(), rule.version)),
            available_at,
            expires_at,
            balance_after: draft.balance(),
            lifetime: true,
            referral: (recipient != Recipient::Member).then(|| event.source_id.clone()),
            uncapped_points: fired.is_capped().then_some(fired.rounded),
            calculation: Some(fired.calculation(event, boosts, program, traces)),
            ..Transaction::new(TransactionType::Earn, fired.points, reason)
        });
    }
    let count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    if count > 0 {
        draft.account.latest_event_at = draft.account.latest_event_at.max(at);
        draft.account.active_at = draft.account.active_at.max(at);
        let payment = is_payment(&event.trigger).then_some(event.source_id.as_str());
        let cause = Cause {
            trigger: &event.trigger,
            source_id: &event.source_id,
            payment,
            occurred_at: at,
        };
        let earned = awards.iter().map(|award| award.points).sum();
        draft.account.qualify(program, earned, at, now);
        let mut changes = newly_reached(draft);
        changes.extend(draft.promote(at));
        draft.append(&cause, changes, transactions);
        // A late event can bring points that have expired already.
        draft.write_off_expired();
    }
    if catalog.counts(&event.trigger) {
        let (amount, zone) = (event.amount.unwrap_or(0), &program.timezone);
        let stats = &mut draft.account.stats;
        stats.count(&event.trigger, amount, at, zone);
    }
    Ok(Progress::Done(Earned {
        entry: (count > 0).then_some(EntryRef { seq, count }),
        awards,
    }))
}
