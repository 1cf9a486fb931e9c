//! What a shop tells of its customers: a new email address, or that they are gone.

use super::{
    AccountWrite, Cause, Claim, ClaimKind, ClaimWrite, Commit, Draft, EventSnapshot, Plan,
    RecordWrite,
    claim::take,
    close::CLOSED,
    event::{finish, key_of},
};
use crate::{
    Account, Entry, Event, EventOutcome, EventRecord, Outcome, Refusal,
    account::Status,
    entry::Change,
    record::{EntryRef, Handled, Refunds},
};

/// Decides a customer's new email address. Where another active account has it, the account keeps
/// the one that it has: the event tells a fact, which there is nobody to refuse it to.
pub(super) fn handle_update(
    snapshot: &EventSnapshot,
    event: &Event,
    email: &str,
) -> Result<Plan<EventOutcome>, Refusal> {
    let account = match member(snapshot) {
        Ok(account) if account.status == Status::Active => account,
        Ok(account) => return Ok(nothing(Outcome::AccountClosed, Some(account))),
        Err(plan) => return Ok(plan),
    };
    let mut draft = begin(snapshot, account);
    let mut commit = Commit::default();
    let held = snapshot.email.as_ref();
    if account.email.as_deref() != Some(email) {
        let value = email.to_owned();
        match (
            take(account, ClaimKind::Email, value, held, &mut commit),
            held,
        ) {
            (Ok(()), _) => {
                let before = draft.account.email.replace(email.to_owned());
                commit.claims.extend(before.map(|value| Claim {
                    program: account.program.clone(),
                    kind: ClaimKind::Email,
                    value,
                    account: account.id.clone(),
                    write: ClaimWrite::Release,
                }));
                let fields = vec![ClaimKind::Email.as_str().to_owned()];
                append(&mut draft, event, Change::Updated { fields });
            }
            // That it is the other's is a fact which this decision relies on.
            (Err(_), Some(held)) => commit.accounts.push(AccountWrite::Check {
                id: held.account.clone(),
                version: held.version,
            }),
            (Err(refusal), None) => return Err(refusal),
        }
    }
    Ok(processed(snapshot, event, account, draft, commit))
}

/// Decides that a customer is gone: the account closes.
pub(super) fn handle_deletion(
    snapshot: &EventSnapshot,
    event: &Event,
) -> Result<Plan<EventOutcome>, Refusal> {
    let account = match member(snapshot) {
        Ok(account) => account,
        Err(plan) => return Ok(plan),
    };
    let mut draft = begin(snapshot, account);
    if account.status == Status::Active {
        draft.release_holds(CLOSED)?;
        draft.account.status = Status::Closed;
        append(&mut draft, event, Change::Closed);
    }
    Ok(processed(
        snapshot,
        event,
        account,
        draft,
        Commit::default(),
    ))
}

fn member(snapshot: &EventSnapshot) -> Result<&Account, Plan<EventOutcome>> {
    let account = snapshot.account.as_ref();
    account.ok_or_else(|| nothing(Outcome::Unlinked, None))
}

fn nothing(outcome: Outcome, account: Option<&Account>) -> Plan<EventOutcome> {
    let id = account.map(|account| account.id.clone());
    Plan::Answer(EventOutcome::without_effect(outcome, id))
}

fn begin<'a>(snapshot: &'a EventSnapshot, account: &Account) -> Draft<'a> {
    Draft::begin(account.clone(), &snapshot.catalog, snapshot.now, None)
}

fn append(draft: &mut Draft<'_>, event: &Event, change: Change) {
    let cause = Cause {
        trigger: &event.trigger,
        source_id: &event.source_id,
        payment: None,
        occurred_at: event.occurred_at,
    };
    draft.append(&cause, vec![change], Vec::new());
}

/// Writes what the event did, with its record: a repeat does nothing.
fn processed(
    snapshot: &EventSnapshot,
    event: &Event,
    account: &Account,
    draft: Draft<'_>,
    mut commit: Commit,
) -> Plan<EventOutcome> {
    let is_own = |entry: &&Entry| entry.trigger == event.trigger;
    let own = draft.entries.iter().filter(is_own);
    let own = own.map(|entry| EntryRef {
        seq: entry.seq,
        count: 0,
    });
    let handled = Handled {
        content: event.content.clone(),
        outcome: Outcome::Processed,
        account: Some(account.id.clone()),
        entries: own.collect(),
        occurred_at: event.occurred_at,
        amount: 0,
        awards: Vec::new(),
        redemption: None,
        referral: None,
    };
    let answer = EventOutcome {
        duplicate: false,
        ..handled.replay()
    };
    let before = snapshot.record.as_ref().map(|record| record.version);
    commit.records.push(RecordWrite {
        expected: before,
        record: EventRecord {
            key: key_of(event),
            version: before.unwrap_or(0) + 1,
            handled: Some(handled),
            refunds: Refunds::default(),
        },
    });
    finish(Some(account), account.version, draft, &mut commit);
    Plan::Commit(Box::new(commit), answer)
}
