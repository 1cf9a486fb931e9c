//! Enrolment and changes of an account's own fields.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Cause, Claim, ClaimKind, ClaimWrite, Commit, Draft, Holders, Past, Plan, Progress, RecordWrite,
    claim::{already_exists, take},
    close::{active, change as change_account, merged},
    earn::earn,
    event::key_of,
};
use crate::{
    Account, Catalog, Code, Event, EventRecord, Outcome, Refusal,
    account::Status,
    boosts::Boosts,
    condition::Facts,
    entry::Change,
    event::ACCOUNT_CREATED,
    pool::{Pools, Taking},
    record::{Handled, Refunds},
};

/// An account as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// The id that it is to have, where the caller says so.
    pub id: Option<String>,
    /// What tells this request from another for the same customer: the same over all tries, so
    /// that a try whose answer was lost is recognised.
    pub request: String,
    /// The program.
    pub program: String,
    /// The customer that it stands for.
    pub customer: Option<String>,
    /// The email address in lower case.
    pub email: Option<String>,
    /// The operator's own keys and values.
    pub metadata: BTreeMap<String, String>,
}

/// An id that a new account may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The id.
    pub id: String,
    /// The account that has it, where one does.
    pub taken: Option<Existing>,
}

/// An account that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// The account.
    pub account: Account,
    /// Which request created it.
    pub request: String,
}

/// Decides the creation of an account, with its welcome bonus: under the first of the candidates
/// that is free.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn create_account(
    catalog: &Catalog,
    holders: &Holders,
    candidates: &[Candidate],
    pools: &Pools,
    new: &NewAccount,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    let mut taken = candidates
        .iter()
        .filter_map(|candidate| candidate.taken.as_ref());
    if let Some(own) = taken.clone().find(|taken| taken.request == new.request) {
        return Ok(Plan::Answer(own.account.clone()));
    }
    let Some(free) = candidates
        .iter()
        .find(|candidate| candidate.taken.is_none())
    else {
        let id = taken.next().map_or("", |taken| &taken.account.id);
        return Err(already_exists(id, "id"));
    };
    let mut account = Account::new(free.id.clone(), &catalog.program, now, now);
    account.customer.clone_from(&new.customer);
    account.email.clone_from(&new.email);
    account.metadata.clone_from(&new.metadata);
    let mut draft = Draft::as_it_is(account, catalog, now, Some(Past::default()));
    draft.taking = Taking::new(pools);
    let mut commit = Commit::default();
    let enrolled = enrol(&mut draft, catalog, now, &new.request, holders, &mut commit)?;
    if let Progress::Needs(needs) = enrolled {
        return Ok(Plan::Needs(needs));
    }
    commit.pools = draft.taking.writes();
    let (write, entries) = draft.finish(0);
    let super::AccountWrite::Create(created) = &write else {
        return Err(Refusal::new(
            Code::Internal,
            "A new account must be created.",
        ));
    };
    let created = created.clone();
    commit.accounts.push(write);
    commit.entries.extend(entries);
    Ok(Plan::Commit(Box::new(commit), created))
}

/// Writes the first entry of a new account's log, with the tier that everybody has.
pub(super) fn found(draft: &mut Draft<'_>, occurred_at: Timestamp, request: &str) {
    let id = draft.account.id.clone();
    let cause = Cause {
        trigger: ACCOUNT_CREATED,
        source_id: &id,
        payment: None,
        occurred_at,
    };
    let created = Change::Created {
        customer: draft.account.customer.clone(),
        metadata: draft.account.metadata.clone(),
        request: request.to_owned(),
    };
    let promoted = draft.promote(occurred_at);
    // There was no time before in which the member had none.
    draft.account.tier.earlier.clear();
    let changes = [created].into_iter().chain(promoted).collect();
    draft.append(&cause, changes, Vec::new());
}

/// Founds a new account, evaluates the rules that listen to `loyalty.account.created`, and
/// records that event, so that its repeat on the bus adds nothing.
pub(super) fn enrol(
    draft: &mut Draft<'_>,
    catalog: &Catalog,
    occurred_at: Timestamp,
    request: &str,
    holders: &Holders,
    commit: &mut Commit,
) -> Result<Progress<()>, Refusal> {
    let id = draft.account.id.clone();
    let event = Event::own(ACCOUNT_CREATED, &id, draft.program, occurred_at);
    holders.take_all(&draft.account, commit)?;
    found(draft, occurred_at, request);
    let boosts = Boosts::default()
        .with_tier(catalog, &draft.account, occurred_at)
        .with_campaigns(&Facts::of_event(
            catalog,
            &event,
            Some(&draft.account),
            draft.now,
        ));
    let entry = match earn(draft, &event, &boosts)? {
        Progress::Done(earned) => earned.entry,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    commit.records.push(RecordWrite {
        expected: None,
        record: EventRecord {
            key: key_of(&event),
            version: 1,
            handled: Some(Handled {
                content: event.content,
                outcome: if entry.is_some() {
                    Outcome::Awarded
                } else {
                    Outcome::NoAward
                },
                account: Some(id),
                entries: entry.into_iter().collect(),
                occurred_at,
                amount: 0,
                awards: Vec::new(),
                redemption: None,
                referral: None,
            }),
            refunds: Refunds::default(),
        },
    });
    Ok(Progress::Done(()))
}

/// A change of an account's own fields; absent fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    /// Another customer, or none.
    pub customer: Option<Option<String>>,
    /// Another email address in lower case, or none.
    pub email: Option<Option<String>>,
    /// Keys to set, or with none to delete.
    pub metadata: BTreeMap<String, Option<String>>,
}

/// The most keys that an object's metadata may have (spec section 3).
pub(super) const METADATA_KEYS_MAX: usize = 50;

/// Decides a change of an account's own fields and answers the account as it becomes.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn update_account(
    catalog: &Catalog,
    account: &Account,
    holders: &Holders,
    change: &AccountChange,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    if account.status == Status::Merged {
        return Err(merged(account));
    }
    let mut after = account.clone();
    let mut fields = Vec::new();
    let mut commit = Commit::default();
    for (kind, wanted, held) in [
        (ClaimKind::Customer, &change.customer, &holders.of_customer),
        (ClaimKind::Email, &change.email, &holders.of_email),
    ] {
        let field = kind.name_of_mut(&mut after);
        let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != field) else {
            continue;
        };
        // What a closed account is called tells whether it may be opened again.
        active(account, kind.as_str())?;
        fields.push(kind.as_str().to_owned());
        let before = std::mem::replace(field, wanted.clone());
        commit.claims.extend(before.map(|value| Claim {
            program: account.program.clone(),
            kind,
            value,
            account: account.id.clone(),
            write: ClaimWrite::Release,
        }));
        if let Some(value) = wanted {
            take(account, kind, value.clone(), held.as_ref(), &mut commit)?;
        }
    }
    for (key, value) in &change.metadata {
        match value {
            Some(value) => after.metadata.insert(key.clone(), value.clone()),
            None => after.metadata.remove(key),
        };
    }
    if after.metadata.len() > METADATA_KEYS_MAX {
        let message = format!("`metadata` may have at most {METADATA_KEYS_MAX} keys.");
        return Err(Refusal::invalid("metadata", message));
    }
    if after.metadata != account.metadata {
        fields.push("metadata".to_owned());
    }
    if fields.is_empty() {
        return Ok(Plan::Answer(account.clone()));
    }
    let draft = Draft::begin(after, catalog, now, None);
    change_account(draft, account, vec![Change::Updated { fields }], commit)
}
