//! Referrals as they are shown: with their codes, and whose they are by now.

use jiff::Timestamp;
use laurel_rules::{
    Program,
    referral::{
        Given, Qualify, Referral, ReferralCode, ReferralReward, ReferralStatus, RejectionReason,
        Touch,
    },
};

use crate::{
    Error, Ledger,
    accounts::CURRENT,
    claims::Survivors,
    item,
    placed_list::Placed,
    referral_list::{Listed, code_key},
    store::Consistency,
};

/// A referral as of now, or the code that one can come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralView {
    /// `ref_…`.
    pub id: String,
    /// The program.
    pub program: String,
    /// The code; none where its owner was erased.
    pub code: Option<String>,
    /// Whose the code is by now.
    pub referrer: String,
    /// Who came, by now.
    pub referee: Option<String>,
    /// The customer who came.
    pub customer: Option<String>,
    /// How far it has come.
    pub status: ReferralStatus,
    /// Why it pays nothing.
    pub reason: Option<RejectionReason>,
    /// How they came.
    pub touch: Option<Touch>,
    /// What both sides get, where that is said.
    pub reward: Option<ReferralReward>,
    /// What the referee must do, where that is said.
    pub qualify: Option<Qualify>,
    /// When it was made.
    pub created: Timestamp,
    /// When the referee came.
    pub attributed_at: Option<Timestamp>,
    /// Until when it can convert.
    pub expires_at: Option<Timestamp>,
    /// When it converted.
    pub converted_at: Option<Timestamp>,
    /// When it was rejected, expired or reversed.
    pub ended_at: Option<Timestamp>,
    /// The event type and the object that converted it.
    pub converted_by: Option<(String, String)>,
    /// What both sides were given.
    pub given: Vec<Given>,
}

impl Ledger {
    /// What is shown of referrals of one program, in their order: all codes are read in one
    /// request, and so are all accounts.
    pub(crate) async fn referral_views(
        &self,
        found: Vec<Listed>,
    ) -> Result<Vec<ReferralView>, Error> {
        let Some(program) = found.first().map(|first| first.program().to_owned()) else {
            return Ok(Vec::new());
        };
        let catalog = self.checked_catalog(&program, CURRENT).await?;
        let now = self.now_in(&catalog.program);
        let referrals = || found.iter().filter_map(Listed::referral);
        let owners = referrals().map(|referral| code_key(&referral.referrer));
        let codes = self.store.get(owners, Consistency::Strong).await?;
        let accounts = found.iter().flat_map(Listed::accounts);
        let survivors = self.survivors(accounts).await?;
        let views = found.into_iter().map(|listed| match listed {
            Listed::Code(code) => {
                let account = survivors.of(&code.account);
                Ok(of_code(*code, account, &catalog.program))
            }
            Listed::Referral(referral) => {
                let code = codes.get(&code_key(&referral.referrer));
                let code = code.map(item::referral_code).transpose()?;
                let code = code.map(|code| code.code);
                Ok(of_referral(*referral, code, &survivors, now))
            }
        });
        views.collect()
    }
}

fn of_referral(
    referral: Referral,
    code: Option<String>,
    survivors: &Survivors,
    now: Timestamp,
) -> ReferralView {
    ReferralView {
        code,
        referrer: survivors.of(&referral.referrer),
        referee: Some(survivors.of(&referral.referee)),
        status: referral.status_at(now),
        id: referral.id,
        program: referral.program,
        customer: referral.customer,
        reason: referral.reason,
        touch: Some(referral.touch),
        reward: referral.reward,
        qualify: Some(referral.qualify),
        created: referral.created,
        attributed_at: Some(referral.attributed_at),
        expires_at: referral.expires_at,
        converted_at: referral.converted_at,
        ended_at: referral.ended_at,
        converted_by: referral.converted_by,
        given: referral.given,
    }
}

/// A code, with what it promises by now.
pub(crate) fn of_code(code: ReferralCode, referrer: String, program: &Program) -> ReferralView {
    let settings = &program.referrals;
    ReferralView {
        id: code.id,
        program: code.program,
        code: Some(code.code),
        referrer,
        referee: None,
        customer: None,
        status: ReferralStatus::Pending,
        reason: None,
        touch: None,
        reward: code.reward.or_else(|| settings.reward.clone()),
        qualify: code.qualify.or_else(|| settings.qualify.clone()),
        created: code.created,
        attributed_at: None,
        expires_at: None,
        converted_at: None,
        ended_at: None,
        converted_by: None,
        given: Vec::new(),
    }
}
