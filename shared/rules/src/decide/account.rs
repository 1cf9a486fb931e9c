//! Enrolment and changes of an account's own fields.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Cause, Claim, ClaimKind, Commit, Draft, Past, Plan, RecordWrite,
    event::{claims_of, earn, key_of},
};
use crate::{
    Account, Catalog, Code, Event, EventRecord, Outcome, Refusal,
    account::Status,
    entry::Change,
    evaluate::Boosts,
    event::{ACCOUNT_CREATED, Intent, MemberRef},
    record::{Handled, Refunds},
};

/// An account as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// The id that it will have.
    pub id: String,
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

/// Who bears the names that a request wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holder {
    /// The account that has the customer.
    pub of_customer: Option<String>,
    /// The account that has the email address.
    pub of_email: Option<String>,
}

impl Holder {
    fn other_than(&self, id: &str) -> Option<(&str, &'static str)> {
        let customer = self
            .of_customer
            .as_deref()
            .map(|account| (account, "customer"));
        let email = self.of_email.as_deref().map(|account| (account, "email"));
        [customer, email]
            .into_iter()
            .flatten()
            .find(|(account, _)| *account != id)
    }
}

fn already_exists(holder: (&str, &str)) -> Refusal {
    let (account, name) = holder;
    let message = format!("The account `{account}` has this {name} in this program already.");
    Refusal {
        account: Some(account.to_owned()),
        ..Refusal::new(Code::AccountAlreadyExists, message).at(name)
    }
}

/// An account that already has the id of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// The account.
    pub account: Account,
    /// Which request created it.
    pub request: String,
}

/// Decides the creation of an account, with its welcome bonus.
///
/// # Errors
/// A refusal: nothing is to be written.
pub fn create_account(
    catalog: &Catalog,
    holder: &Holder,
    existing: Option<&Existing>,
    new: &NewAccount,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    if let Some(existing) = existing {
        if existing.request == new.request {
            return Ok(Plan::Answer(existing.account.clone()));
        }
        return Err(already_exists((&existing.account.id, "customer")));
    }
    if let Some(holder) = holder.other_than(&new.id) {
        return Err(already_exists(holder));
    }
    let mut account = Account::new(new.id.clone(), &catalog.program, now, now);
    account.customer.clone_from(&new.customer);
    account.email.clone_from(&new.email);
    account.metadata.clone_from(&new.metadata);
    let mut draft = Draft {
        account,
        program: &catalog.program,
        now,
        entries: Vec::new(),
        past: Some(Past::default()),
    };
    let mut commit = Commit::default();
    enrol(&mut draft, catalog, now, &new.request, &mut commit)?;
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

/// Writes the first entry of a new account's log, evaluates the rules that listen to
/// `loyalty.account.created`, and records that event, so that its repeat on the bus adds nothing.
pub(super) fn enrol(
    draft: &mut Draft<'_>,
    catalog: &Catalog,
    occurred_at: Timestamp,
    request: &str,
    commit: &mut Commit,
) -> Result<(), Refusal> {
    let id = draft.account.id.clone();
    let event = Event {
        trigger: ACCOUNT_CREATED.to_owned(),
        source_id: id.clone(),
        program: draft.program.id.clone(),
        occurred_at,
        is_dated: true,
        member: MemberRef::default(),
        amount: None,
        currency: None,
        line_items: Vec::new(),
        data: serde_json::Map::new(),
        content: String::new(),
        intent: Intent::Earn,
    };
    commit.claims.extend(claims_of(&draft.account));
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
    draft.append(&cause, Some(created), Vec::new());
    let earned = earn(draft, catalog, &event, &Boosts::default())?;
    // A new account's past is empty and known, so the evaluation never asks for it.
    let entry = earned.and_then(|earned| earned.entry);
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
            }),
            refunds: Refunds::default(),
        },
    });
    Ok(())
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
    holder: &Holder,
    change: &AccountChange,
    now: Timestamp,
) -> Result<Plan<Account>, Refusal> {
    if account.status == Status::Merged {
        let message = format!("The account `{}` was merged into another.", account.id);
        return Err(Refusal::new(Code::AccountMerged, message));
    }
    if account.status == Status::Active
        && let Some(holder) = holder.other_than(&account.id)
    {
        return Err(already_exists(holder));
    }
    let mut after = account.clone();
    let mut fields = Vec::new();
    let mut claims = Vec::new();
    for (kind, name, wanted) in [
        (ClaimKind::Customer, "customer", &change.customer),
        (ClaimKind::Email, "email", &change.email),
    ] {
        let field = match kind {
            ClaimKind::Customer => &mut after.customer,
            ClaimKind::Email => &mut after.email,
        };
        let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != field) else {
            continue;
        };
        fields.push(name.to_owned());
        let before = std::mem::replace(field, wanted.clone());
        // A closed account holds no names.
        if account.status == Status::Active {
            let claim = |value: String, take| Claim {
                program: account.program.clone(),
                kind,
                value,
                account: account.id.clone(),
                take,
            };
            claims.extend(before.map(|value| claim(value, false)));
            claims.extend(wanted.clone().map(|value| claim(value, true)));
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
    let mut draft = Draft {
        account: after,
        program: &catalog.program,
        now,
        entries: Vec::new(),
        past: None,
    };
    let cause = Cause {
        trigger: "loyalty.account.updated",
        source_id: &account.id,
        payment: None,
        occurred_at: now,
    };
    draft.append(&cause, Some(Change::Updated { fields }), Vec::new());
    let (write, entries) = draft.finish(account.version);
    let super::AccountWrite::Update { account: after, .. } = &write else {
        return Err(Refusal::new(
            Code::Internal,
            "An existing account must be updated.",
        ));
    };
    let after = after.clone();
    let commit = Commit {
        accounts: vec![write],
        entries,
        records: Vec::new(),
        claims,
    };
    Ok(Plan::Commit(Box::new(commit), after))
}
