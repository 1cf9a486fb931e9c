//! A member gets the code that they share.

use std::sync::Arc;

use jiff::Timestamp;

use super::ReferralCodeWrite;
use crate::{
    Account, Catalog, Code, Refusal,
    decide::{Cause, Commit, Draft, Plan, close::active},
    entry::Change,
    referral::{
        OwnCode, Qualify, ReferralChange, ReferralCode, ReferralId, ReferralReward, ReferralTurn,
    },
};

/// A code as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mint {
    /// The member who shares it.
    pub referrer: String,
    /// What both sides get, where that is to change; nothing within for what the program has.
    pub reward: Option<Option<ReferralReward>>,
    /// What the referee must do, where that is to change; nothing within for what the program has.
    pub qualify: Option<Option<Qualify>>,
}

/// All that is known when a code is made.
#[derive(Debug, Clone)]
pub struct MintSnapshot {
    /// The program.
    pub catalog: Arc<Catalog>,
    /// The member.
    pub account: Account,
    /// The code that the member has.
    pub existing: Option<ReferralCode>,
    /// Codes that nobody has, the one that is to be preferred first.
    pub free: Vec<String>,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides a member's code and answers it: the one that the member has, with other terms from now
/// on where the request names them.
///
/// # Errors
/// `account_closed`, `account_merged`; `conflict` where all candidates are taken.
pub fn mint_code(snapshot: &MintSnapshot, mint: &Mint) -> Result<Plan<ReferralCode>, Refusal> {
    let MintSnapshot {
        catalog,
        account,
        existing,
        free,
        now,
    } = snapshot;
    active(account, "referrer")?;
    if let Some(existing) = existing {
        let mut after = existing.clone();
        if let Some(reward) = &mint.reward {
            after.reward.clone_from(reward);
        }
        if let Some(qualify) = &mint.qualify {
            after.qualify.clone_from(qualify);
        }
        if after == *existing {
            return Ok(Plan::Answer(after));
        }
        after.version += 1;
        let write = ReferralCodeWrite::Update {
            version: existing.version,
            code: after.clone(),
        };
        let commit = Commit {
            codes: vec![write],
            ..Commit::default()
        };
        return Ok(Plan::Commit(Box::new(commit), after));
    }
    let Some(code) = free.first() else {
        let message = "All codes that were tried are taken; try again.";
        return Err(Refusal::new(Code::Conflict, message));
    };
    let id = ReferralId::of_code(&account.id).to_string();
    let mut draft = Draft::begin(account.clone(), catalog, *now, None);
    draft.account.referrals.code = Some(OwnCode {
        code: code.clone(),
        seq: draft.next_seq(),
    });
    let made = ReferralCode {
        id: id.clone(),
        code: code.clone(),
        program: account.program.clone(),
        account: account.id.clone(),
        reward: mint.reward.clone().flatten(),
        qualify: mint.qualify.clone().flatten(),
        created: *now,
        version: 1,
    };
    let change = ReferralChange {
        turn: ReferralTurn::Created,
        id: id.clone(),
        referrer: account.id.clone(),
        referee: None,
        reason: None,
        code: Some(code.clone()),
        payment: None,
        transactions: Vec::new(),
        redemptions: Vec::new(),
    };
    let cause = Cause {
        trigger: crate::event::REFERRAL_CODE,
        source_id: &id,
        payment: None,
        occurred_at: *now,
    };
    draft.append(&cause, vec![Change::Referral(Box::new(change))], Vec::new());
    let (write, entries) = draft.finish(account.version);
    let commit = Commit {
        accounts: vec![write],
        entries,
        codes: vec![ReferralCodeWrite::Create(made.clone())],
        ..Commit::default()
    };
    Ok(Plan::Commit(Box::new(commit), made))
}
