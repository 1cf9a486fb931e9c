//! Erasing what identifies a person, and keeping the ledger (spec section 3).

use std::sync::Arc;

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use super::{
    AccountWrite, Claim, ClaimKind, ClaimWrite, Commit, Draft, Holders, InstrumentWrite, Plan,
    RecordWrite, ReferralCodeWrite, ReferralWrite,
    close::{CLOSED, change, merged},
};
use crate::{
    Account, Catalog, Entry, EventRecord, Refusal,
    account::Status,
    entry::Change,
    event::{CUSTOMER_CREATED, CUSTOMER_DELETED},
    referral::{Referral, ReferralStatus},
};

/// What stands where a customer's id stood in an entry.
const ERASED: &str = "erased";

/// The events that are named by the customer whom they are about.
pub const NAMED_BY_CUSTOMER: [&str; 2] = [CUSTOMER_CREATED, CUSTOMER_DELETED];

/// All that is known of one account when its personal data are erased.
#[derive(Debug, Clone)]
pub struct ErasureSnapshot {
    /// The program.
    pub catalog: Arc<Catalog>,
    /// The account itself, or one that was merged into it.
    pub account: Account,
    /// The account whose person is to be forgotten.
    pub survivor: String,
    /// Where the claims on its names lead.
    pub holders: Holders,
    /// The records of events that are named by one of its customers.
    pub records: Vec<EventRecord>,
    /// The referral that the member came by.
    pub referral: Option<Referral>,
    /// The first entry of its log, that of its referral code, and those that the records point at.
    pub entries: Vec<Entry>,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides to erase the personal data of one account, and answers it as it becomes: its names and
/// metadata, the claims on the names, and what the log and the records of events say of them. An
/// active account is closed, since nobody is left whom its points could serve.
///
/// # Errors
/// `account_merged` where the account asked for was merged.
pub fn erase_personal_data(snapshot: &ErasureSnapshot) -> Result<Plan<Account>, Refusal> {
    let account = &snapshot.account;
    let is_survivor = account.id == snapshot.survivor;
    if is_survivor && account.status == Status::Merged {
        return Err(merged(account));
    }
    let mut commit = Commit {
        claims: given_up(account, &snapshot.holders),
        rewritten: snapshot.entries.iter().filter_map(anonymous).collect(),
        records: snapshot
            .records
            .iter()
            .filter_map(|record| unlinked(record, account))
            .collect(),
        ..Commit::default()
    };
    forget_referrals(snapshot, &mut commit);
    let fields = personal_fields(account);
    let is_active = account.status == Status::Active;
    if fields.is_empty() && !is_active && commit == Commit::default() {
        return Ok(Plan::Answer(account.clone()));
    }
    let mut after = account.clone();
    after.customer = None;
    after.email = None;
    after.metadata.clear();
    after.referrals.code = None;
    after.referrals.fingerprints.clear();
    if is_survivor && (is_active || !fields.is_empty()) {
        let mut draft = Draft::begin(after, &snapshot.catalog, snapshot.now, None);
        // A referral whose time was over by now has just ended, and is written here.
        let referred = draft.account.referrals.referred.as_ref();
        let ended = referred.filter(|it| it.status == ReferralStatus::Expired);
        let written = commit.referrals.iter_mut().map(|write| &mut write.referral);
        for referral in written.filter(|it| ended.is_some_and(|ended| ended.id == it.id)) {
            referral.status = ReferralStatus::Expired;
            referral.ended_at = referral.ended_at.or(referral.expires_at);
        }
        let told = if is_active {
            draft.release_holds(CLOSED)?;
            draft.account.status = Status::Closed;
            Change::Closed
        } else {
            Change::Updated { fields }
        };
        return change(draft, account, vec![told], commit);
    }
    // The log of a merged account has had its last entry.
    after.version += 1;
    commit.accounts.push(AccountWrite::Update {
        version: account.version,
        account: after.clone(),
    });
    Ok(Plan::Commit(Box::new(commit), after))
}

/// Lets the member's code, which begins with a name, stop, and forgets cards, devices and the
/// customer that came.
fn forget_referrals(snapshot: &ErasureSnapshot, commit: &mut Commit) {
    let account = &snapshot.account;
    if let Some(code) = &account.referrals.code {
        commit.codes.push(ReferralCodeWrite::Delete {
            account: account.id.clone(),
            code: code.code.clone(),
        });
    }
    let known = account.referrals.fingerprints.iter();
    let known = known.filter(|known| known.is_referees);
    commit.instruments = known
        .map(|known| InstrumentWrite {
            program: account.program.clone(),
            hash: known.hash.clone(),
            account: account.id.clone(),
            is_forgotten: true,
        })
        .collect();
    if let Some(referral) = snapshot
        .referral
        .as_ref()
        .filter(|it| it.customer.is_some())
    {
        commit.referrals.push(unnamed(referral));
    }
}

/// Decides that a referral does not say any more which customer came.
#[must_use]
pub fn unname_referral(referral: &Referral) -> Plan<()> {
    if referral.customer.is_none() {
        return Plan::Answer(());
    }
    let commit = Commit {
        referrals: vec![unnamed(referral)],
        ..Commit::default()
    };
    Plan::Commit(Box::new(commit), ())
}

fn unnamed(referral: &Referral) -> ReferralWrite {
    ReferralWrite {
        expected: Some(referral.version),
        referral: Referral {
            customer: None,
            version: referral.version + 1,
            ..referral.clone()
        },
    }
}

fn personal_fields(account: &Account) -> Vec<String> {
    let names = ClaimKind::ALL.into_iter();
    let names = names.filter(|kind| kind.name_of(account).is_some());
    let metadata = (!account.metadata.is_empty()).then_some("metadata");
    let code = account.referrals.code.is_some().then_some("referral_code");
    let fields = names.map(ClaimKind::as_str).chain(metadata).chain(code);
    fields.map(str::to_owned).collect()
}

/// The claims that lead to this very account: a name may have gone on to another.
fn given_up(account: &Account, holders: &Holders) -> Vec<Claim> {
    let led = ClaimKind::ALL.into_iter().filter(|kind| {
        !is(Bug::NamesOutliveErasure)
            && holders
                .of(*kind)
                .is_some_and(|held| held.claim == account.id)
    });
    led.filter_map(|kind| {
        Some(Claim {
            program: account.program.clone(),
            kind,
            value: kind.name_of(account)?.clone(),
            account: account.id.clone(),
            write: ClaimWrite::Release,
        })
    })
    .collect()
}

/// The entry without what identifies the person, where it has any of it.
fn anonymous(entry: &Entry) -> Option<Entry> {
    let mut anonymous = entry.clone();
    for change in &mut anonymous.changes {
        match change {
            Change::Created {
                customer, metadata, ..
            } => {
                *customer = None;
                metadata.clear();
            }
            Change::Referral(change) => change.code = None,
            _ => {}
        }
    }
    if NAMED_BY_CUSTOMER.contains(&entry.trigger.as_str()) {
        ERASED.clone_into(&mut anonymous.source_id);
    }
    (anonymous != *entry).then_some(anonymous)
}

/// The record without the way from the customer to the account; a repeat of the event still gets
/// its first outcome and does nothing.
fn unlinked(record: &EventRecord, account: &Account) -> Option<RecordWrite> {
    let mut handled = record.handled.clone()?;
    if handled.account.as_ref() != Some(&account.id) {
        return None;
    }
    handled.account = None;
    handled.entries.clear();
    Some(RecordWrite {
        expected: Some(record.version),
        record: EventRecord {
            version: record.version + 1,
            handled: Some(handled),
            ..record.clone()
        },
    })
}
