//! Merging one account into another.

use jiff::Timestamp;

use super::{
    Cause, Claim, ClaimKind, ClaimWrite, Commit, Draft, Plan, Progress, Resources,
    chain::chain,
    close::{changed, merged},
};
use crate::{
    Account, Catalog, Code, Refusal,
    account::Status,
    entry::{Change, Entry},
    pool::Taking,
    referral::{ReferralChange, ReferralId, ReferralTurn, Referred, RejectionReason},
};

/// A merge as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The account that ends.
    pub source: String,
    /// The account that survives.
    pub target: String,
    /// What tells this request from another: the same over all tries, so that a try whose answer
    /// was lost is recognised.
    pub request: String,
}

/// All that is known when a merge is decided.
#[derive(Debug, Clone)]
pub struct MergeSnapshot<'a> {
    /// The program of both.
    pub catalog: &'a Catalog,
    /// The account that is to end.
    pub source: &'a Account,
    /// The account that is to survive.
    pub target: &'a Account,
    /// Where `source` was merged already, the last entry of its log.
    pub last: Option<&'a Entry>,
    /// What a tier that rises by the merge may need; the log is that of both.
    pub resources: &'a Resources,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides a merge and answers the survivor. It writes the two accounts, with an entry each and
/// another for what has expired by now: the source's log stays where it is, and its names, too,
/// lead to the survivor through the source, unless the survivor has none and takes them over.
///
/// # Errors
/// `merge_with_itself`, `account_merged`, `account_not_active`, `program_mismatch`, `points_out_of_range`.
pub fn merge_accounts(
    snapshot: &MergeSnapshot<'_>,
    merge: &Merge,
) -> Result<Plan<Account>, Refusal> {
    let MergeSnapshot {
        catalog,
        source,
        target,
        last,
        resources,
        now,
    } = *snapshot;
    if let Some(Change::MergedInto {
        request,
        target: into,
    }) = last.and_then(|entry| entry.changes.last())
        && *request == merge.request
        && *into == target.id
    {
        return Ok(Plan::Answer(target.clone()));
    }
    if source.id == target.id {
        let message = "`source` and `target` must be two accounts.";
        return Err(Refusal::new(Code::MergeWithItself, message).at("target"));
    }
    if source.program != target.program {
        let message = "Accounts can be merged within one program only.";
        return Err(Refusal::new(Code::ProgramMismatch, message).at("target"));
    }
    can_merge(source, "source")?;
    can_merge(target, "target")?;
    let mut from = Draft::begin(source.clone(), catalog, now, None);
    let moved = Change::Merged {
        source: source.id.clone(),
        points: from.balance(),
        pending: from.account.pending(now),
        lifetime_points: from.account.lifetime_points,
        store_credit: from.account.store_credit.balances(now),
    };
    let cause = Cause {
        trigger: "loyalty.account.merged",
        source_id: &target.id,
        payment: None,
        occurred_at: now,
    };
    let end = Change::MergedInto {
        target: target.id.clone(),
        request: merge.request.clone(),
    };
    from.append(&cause, vec![end], Vec::new());
    let mut into = Draft::begin(target.clone(), catalog, now, resources.past.clone());
    into.taking = Taking::new(&resources.pools);
    let Catalog { program, tiers, .. } = catalog;
    into.account.absorb(&mut from.account, catalog, now)?;
    let risen = into
        .account
        .absorb_tier(&mut from.account, program, tiers, now);
    let mut commit = Commit::default();
    for kind in ClaimKind::ALL {
        let name = kind.name_of_mut(&mut into.account);
        if let (None, Some(value)) = (&name, kind.name_of(source)) {
            *name = Some(value.clone());
            commit.claims.push(Claim {
                program: source.program.clone(),
                kind,
                value: value.clone(),
                account: target.id.clone(),
                write: ClaimWrite::Take {
                    from: Some(source.id.clone()),
                },
            });
        }
    }
    let dropped = into
        .account
        .referrals
        .absorb(&mut from.account.referrals)
        .map(|dropped| Change::Referral(Box::new(came_later(&dropped, &into.account.id))));
    let (write, entries) = from.finish(source.version);
    commit.accounts.push(write);
    commit.entries.extend(entries);
    let changes = [moved].into_iter().chain(risen.map(Change::TierChanged));
    let changes = changes.chain(dropped);
    into.append_changes(target, changes.collect());
    if let Progress::Needs(needs) = chain(&mut into)? {
        return Ok(Plan::Needs(needs));
    }
    commit.pools = into.taking.writes();
    changed(into, target, commit)
}

fn can_merge(account: &Account, param: &str) -> Result<(), Refusal> {
    match account.status {
        Status::Active => Ok(()),
        Status::Merged => Err(merged(account).at(param)),
        Status::Closed => {
            let message = format!("The account `{}` is closed; reopen it first.", account.id);
            Err(Refusal::new(Code::AccountNotActive, message).at(param))
        }
    }
}

/// A referral of somebody who turns out to have come by an earlier one.
fn came_later(referred: &Referred, account: &str) -> ReferralChange {
    let referrer = ReferralId::parse(&referred.id).map(|id| id.account);
    ReferralChange {
        turn: ReferralTurn::Rejected,
        id: referred.id.clone(),
        referrer: referrer.unwrap_or_default(),
        referee: Some(account.to_owned()),
        reason: Some(RejectionReason::AccountMerged),
        code: None,
        payment: None,
        transactions: Vec::new(),
        redemptions: Vec::new(),
    }
}
