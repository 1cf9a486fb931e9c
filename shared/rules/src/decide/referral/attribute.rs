//! Somebody comes by a code.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Course, InstrumentWrite, ReferralScene};
use crate::{
    Account, Catalog, Code, Refusal,
    decide::{Cause, Commit, Draft, Holders, Past, Plan, Progress, account::enrol, close::active},
    entry::Change,
    event::REFERRAL_ATTRIBUTION,
    pool::{Pools, Taking},
    referral::{
        Qualify, Referral, ReferralCode, ReferralId, ReferralStatus, ReferralTurn, Referred, Touch,
    },
    window,
};

/// Who comes by a code, and when.
pub(in crate::decide) struct Coming<'a> {
    /// The customer.
    pub(in crate::decide) customer: Option<&'a str>,
    /// The email address.
    pub(in crate::decide) email: Option<&'a str>,
    /// When.
    pub(in crate::decide) at: Timestamp,
}

impl Course<'_> {
    /// Attributes the member to the code that is named, unless they came by another before: first
    /// touch wins. Answers whether that wrote anything.
    pub(in crate::decide) fn attribute(
        &mut self,
        draft: &mut Draft<'_>,
        coming: &Coming<'_>,
    ) -> bool {
        let Some((code, touch)) = &self.scene.named else {
            return false;
        };
        if draft.account.referrals.touched().is_some() || self.is_known(code) {
            return false;
        }
        let reason = self.obstacle(&draft.account, coming.email, coming.at);
        let referral = self.referral_of(code, *touch, draft, coming);
        let referred = Referred {
            id: referral.id.clone(),
            status: ReferralStatus::Attributed,
            attributed_at: referral.attributed_at,
            expires_at: referral.expires_at,
            qualify: referral.qualify.clone(),
            never_attributed: reason.is_some(),
        };
        draft.account.referrals.referred = Some(referred);
        let referral = self.referral.insert(Referral { reason, ..referral });
        let (id, at) = (referral.id.clone(), coming.at);
        if reason.is_none() {
            self.claim_instruments(draft);
        }
        let turn = match reason {
            Some(_) => ReferralTurn::Rejected,
            None => ReferralTurn::Attributed,
        };
        let change = self.turn(draft, turn, at).map(Box::new);
        let cause = Cause {
            trigger: REFERRAL_ATTRIBUTION,
            source_id: &id,
            payment: None,
            occurred_at: at,
        };
        let changes = change.map(Change::Referral);
        draft.append(&cause, changes.into_iter().collect(), Vec::new());
        true
    }

    /// Whether this very code was rejected for the member already: to name it again changes
    /// nothing.
    fn is_known(&self, code: &ReferralCode) -> bool {
        let known = self.scene.referral.as_ref();
        known.is_some_and(|known| known.referrer == code.account)
    }

    fn referral_of(
        &self,
        code: &ReferralCode,
        touch: Touch,
        draft: &Draft<'_>,
        coming: &Coming<'_>,
    ) -> Referral {
        let program = &self.catalog.program;
        let id = ReferralId {
            account: code.account.clone(),
            place: self.scene.place.clone(),
        };
        let of_program = program.referrals.qualify.clone();
        let qualify: Qualify = code.qualify.clone().or(of_program).unwrap_or_default();
        let window = qualify.window_days;
        let expires_at =
            window.and_then(|days| window::available_at(days, coming.at, &program.timezone));
        Referral {
            id: id.to_string(),
            program: program.id.clone(),
            referrer: code.account.clone(),
            referee: draft.account.id.clone(),
            customer: coming
                .customer
                .map(str::to_owned)
                .or_else(|| draft.account.customer.clone()),
            status: ReferralStatus::Attributed,
            reason: None,
            touch,
            reward: code
                .reward
                .clone()
                .or_else(|| program.referrals.reward.clone()),
            qualify,
            version: 0,
            created: draft.now,
            attributed_at: coming.at,
            expires_at,
            converted_at: None,
            ended_at: None,
            velocity: None,
            converted_by: None,
            given: Vec::new(),
        }
    }

    /// Notes that the program knows the cards and devices as this referee's.
    pub(super) fn claim_instruments(&mut self, draft: &mut Draft<'_>) {
        for instrument in &self.scene.instruments {
            let is_free = instrument.holder.is_none();
            let is_kept = draft.account.referrals.remember(&instrument.hash, is_free);
            let write = InstrumentWrite {
                program: self.catalog.program.id.clone(),
                hash: instrument.hash.clone(),
                account: draft.account.id.clone(),
                is_forgotten: false,
            };
            if is_free && is_kept && !self.instruments.contains(&write) {
                self.instruments.push(write);
            }
        }
    }
}

/// An attribution as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attribute {
    /// The customer.
    pub customer: Option<String>,
    /// The email address in lower case.
    pub email: Option<String>,
}

/// All that is known when an attribution is decided.
#[derive(Debug, Clone)]
pub struct AttributeSnapshot {
    /// The program of the code.
    pub catalog: Arc<Catalog>,
    /// Who comes, where that is a member already.
    pub account: Option<Account>,
    /// What is known of the code and of referrals of the member.
    pub scene: Box<ReferralScene>,
    /// What was read of pools of budgets, for the welcome bonus.
    pub pools: Pools,
    /// The id that a newly enrolled member gets.
    pub new_account_id: String,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides an attribution and answers the id of the referral: that of an earlier one where the
/// member came before, since first touch wins.
///
/// # Errors
/// `referral_code_not_found`, `account_closed`, `parameter_missing`.
pub fn attribute(
    snapshot: &AttributeSnapshot,
    request: &Attribute,
) -> Result<Plan<String>, Refusal> {
    let known = |account: &Account| account.referrals.touched().map(|it| it.id.clone());
    if let Some(id) = snapshot.account.as_ref().and_then(known) {
        return Ok(Plan::Answer(id));
    }
    let (catalog, scene, now) = (&*snapshot.catalog, &*snapshot.scene, snapshot.now);
    if scene.named.is_none() {
        return Err(no_such_code());
    }
    let mut commit = Commit::default();
    let (before, mut draft) = match &snapshot.account {
        Some(account) => {
            active(account, "customer")?;
            (
                account.version,
                Draft::begin(account.clone(), catalog, now, None),
            )
        }
        None => {
            let Some(customer) = &request.customer else {
                return Err(Refusal::missing("customer"));
            };
            let id = snapshot.new_account_id.clone();
            let mut account = Account::new(id, &catalog.program, now, now);
            account.customer = Some(customer.clone());
            account.email.clone_from(&request.email);
            let mut draft = Draft::as_it_is(account, catalog, now, Some(Past::default()));
            draft.taking = Taking::new(&snapshot.pools);
            // Somebody who had one of the names would have been found as the member.
            let holders = Holders::default();
            match enrol(&mut draft, catalog, now, "", &holders, &mut commit)? {
                Progress::Done(()) => (0, draft),
                Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
            }
        }
    };
    let mut course = Course::begin(catalog, scene, &draft.account, now);
    let coming = Coming {
        customer: request.customer.as_deref(),
        email: request.email.as_deref(),
        at: now,
    };
    let is_new = course.attribute(&mut draft, &coming);
    let id = course.referral.as_ref().map(|referral| referral.id.clone());
    let id = id.ok_or_else(no_such_code)?;
    if !is_new {
        return Ok(Plan::Answer(id));
    }
    course.finish(&mut commit);
    commit.pools = draft.taking.writes();
    let (write, entries) = draft.finish(before);
    commit.accounts.push(write);
    commit.entries.extend(entries);
    Ok(Plan::Commit(Box::new(commit), id))
}

/// The refusal of a code that there is not, or not any more.
pub(crate) fn no_such_code() -> Refusal {
    let message = "No such referral code, or its owner is no longer a member.";
    Refusal::new(Code::ReferralCodeNotFound, message).at("code")
}
