//! What rules give when somebody has come by a code, before that pays anything: those that listen
//! to `referral.attributed`.

use std::sync::Arc;

use jiff::Timestamp;

use super::pay::by_rules;
use crate::{
    Account, Catalog, Code, Event, EventOutcome, EventRecord, Outcome, Refusal,
    account::Status,
    decide::{
        AccountWrite, Commit, Draft, Past, Plan, Progress, RecordWrite,
        event::{finish, key_of},
    },
    event::EXPIRY,
    pool::{Pools, Taking},
    record::{EntryRef, Handled, Refunds},
    referral::{Referral, SideName},
    rule::Recipient,
};

/// All that is known when an attribution is told of.
#[derive(Debug, Clone)]
pub struct WelcomeSnapshot {
    /// The program and its rules.
    pub catalog: Arc<Catalog>,
    /// The event's own record.
    pub record: Option<EventRecord>,
    /// The referral.
    pub referral: Option<Referral>,
    /// Who came, by now, with the log where the decision asked for it.
    pub referee: Option<(Account, Option<Past>)>,
    /// Whose code it is by now, in the same way.
    pub referrer: Option<(Account, Option<Past>)>,
    /// What was read of pools of budgets.
    pub pools: Pools,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides what both sides get for an attribution: once, however often it is told.
///
/// # Errors
/// `points_out_of_range`.
pub fn welcome(snapshot: &WelcomeSnapshot, event: &Event) -> Result<Plan<EventOutcome>, Refusal> {
    let handled = snapshot
        .record
        .as_ref()
        .and_then(|record| record.handled.as_ref());
    if let Some(handled) = handled {
        return Ok(Plan::Final(handled.replay()));
    }
    let (catalog, now) = (&*snapshot.catalog, snapshot.now);
    let nothing = |outcome| Ok(Plan::Answer(EventOutcome::without_effect(outcome, None)));
    let came =
        |referral: &&Referral| referral.program == catalog.program.id && referral.reason.is_none();
    let Some(referral) = snapshot.referral.as_ref().filter(came) else {
        return nothing(Outcome::Unlinked);
    };
    if catalog.rules(&event.trigger).is_empty() {
        return nothing(Outcome::NoAward);
    }
    let happened = Event {
        occurred_at: referral.attributed_at,
        ..event.clone()
    };
    let mut taking = Taking::new(&snapshot.pools);
    let mut commit = Commit::default();
    let mut entries = Vec::new();
    let mut is_awarded = false;
    for (side, account, recipient) in [
        (SideName::Referrer, &snapshot.referrer, Recipient::Referrer),
        (SideName::Referee, &snapshot.referee, Recipient::Referee),
    ] {
        let active = account
            .as_ref()
            .filter(|(it, _)| it.status == Status::Active);
        let Some((account, past)) = active else {
            continue;
        };
        let is_written = |write: &AccountWrite| match write {
            AccountWrite::Update {
                account: written, ..
            }
            | AccountWrite::Create(written) => written.id == account.id,
            AccountWrite::Check { id, .. } => *id == account.id,
        };
        if commit.accounts.iter().any(is_written) {
            // Both are one account by now.
            continue;
        }
        let mut draft = Draft::begin(account.clone(), catalog, now, past.clone());
        std::mem::swap(&mut draft.taking, &mut taking);
        let written = draft.entries.len();
        let given = match by_rules(&mut draft, catalog, &happened, recipient)? {
            Progress::Done(given) => given,
            Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
        };
        std::mem::swap(&mut draft.taking, &mut taking);
        is_awarded |= !given.is_empty();
        if side == SideName::Referee {
            // What has expired meanwhile is not the event's doing.
            let made = draft.entries.iter().skip(written);
            let made = made.filter(|entry| entry.trigger != EXPIRY);
            entries.extend(made.map(|entry| EntryRef {
                seq: entry.seq,
                count: u32::try_from(entry.transactions.len()).unwrap_or(u32::MAX),
            }));
        }
        finish(Some(account), account.version, draft, &mut commit);
    }
    commit.pools = taking.writes();
    let Some((referee, _)) = &snapshot.referee else {
        let message = format!("The referee of `{}` cannot be found.", referral.id);
        return Err(Refusal::new(Code::Internal, message));
    };
    let handled = Handled {
        content: event.content.clone(),
        outcome: if is_awarded {
            Outcome::Awarded
        } else {
            Outcome::NoAward
        },
        account: Some(referee.id.clone()),
        entries,
        occurred_at: happened.occurred_at,
        amount: 0,
        awards: Vec::new(),
        redemption: None,
        referral: None,
    };
    let answer = EventOutcome {
        duplicate: false,
        ..handled.replay()
    };
    commit.records.push(RecordWrite {
        expected: None,
        record: EventRecord {
            key: key_of(event),
            version: 1,
            handled: Some(handled),
            refunds: Refunds::default(),
        },
    });
    Ok(Plan::Commit(Box::new(commit), answer))
}
