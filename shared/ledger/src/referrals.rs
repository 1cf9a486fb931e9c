//! Referrals: members' codes, who came by them, and what decisions need to know of both.

use jiff::Timestamp;
use laurel_rules::{
    Account, Code, Event, EventOutcome, EventRecord, Plan, Program, Refusal,
    account::Status,
    decide::{
        Attribute, AttributeSnapshot, Mint, MintSnapshot, Past, ReferralScene, WelcomeSnapshot,
        attribute, mint_code, welcome,
    },
    event::{ACCOUNT_CREATED, MemberRef},
    record::EventKey,
    referral::{
        Given, Qualify, Referral, ReferralCode, ReferralId, ReferralReward, ReferralStatus,
        RejectionReason, Touch, code_form,
    },
};

use crate::{
    Error, Ledger,
    accounts::{CURRENT, no_such_account},
    clicks,
    commit::{Operation, Reading},
    item,
    pools::PoolKeys,
    referral_codes::{candidates, no_such_code},
    referral_scene::{Instruments, SceneWish},
    store::Consistency,
    table::Key,
};

/// Somebody's coming by a code, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttributionRequest {
    /// The code; it goes before a click.
    pub code: Option<String>,
    /// What the landing page gave the visitor.
    pub click: Option<String>,
    /// The member, where the caller knows the account.
    pub account: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// The email address in lower case.
    pub email: Option<String>,
    /// What tells the device from others.
    pub device_fingerprint: Option<String>,
}

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

pub(crate) fn no_such_referral(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such referral: `{id}`."))
}

impl Ledger {
    /// The code of a member: the one that they have, else a new one. What the request says of
    /// rewards and conditions holds for those who come by it from now on.
    ///
    /// # Errors
    /// `resource_missing` where there is no such account, or it is another program's;
    /// `account_closed`, `account_merged`.
    pub async fn mint_referral_code(
        &self,
        program: Option<&str>,
        mint: &Mint,
    ) -> Result<ReferralView, Error> {
        let code = self.run(&Minting { program, mint }).await?;
        let account = code.account.clone();
        let catalog = self.kept_catalog(&code.program).await?;
        Ok(of_code(code, account, &catalog.program))
    }

    /// Lets somebody come by a code, and answers the referral: an earlier one where they came
    /// before.
    ///
    /// # Errors
    /// `referral_code_not_found`, `parameter_missing`, `parameter_invalid` where the click is none
    /// or too old, `resource_missing` where there is no such account, `account_closed`.
    pub async fn attribute(&self, request: &AttributionRequest) -> Result<ReferralView, Error> {
        let id = self.run(&Attributing { request }).await?;
        self.referral(&id).await
    }

    /// The referral with this id, or the code.
    ///
    /// # Errors
    /// `resource_missing`.
    pub async fn referral(&self, id: &str) -> Result<ReferralView, Error> {
        let missing = || Error::from(no_such_referral(id));
        let parsed = ReferralId::parse(id).ok_or_else(missing)?;
        let own = Key::referral(&parsed);
        let code = Key::referral(&ReferralId::of_code(&parsed.account));
        let keys = [own.clone(), code.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        let code = found.get(&code).map(item::referral_code).transpose()?;
        if parsed.is_code() {
            let code = code.filter(|code| self.sees(&code.program));
            let code = code.ok_or_else(missing)?;
            return self.view_of_code(code).await;
        }
        let referral = found.get(&own).map(item::referral).transpose()?;
        let referral = referral.filter(|referral| self.sees(&referral.program));
        let referral = referral.ok_or_else(missing)?;
        self.view_of_referral(referral, code.map(|code| code.code))
            .await
    }

    pub(crate) async fn view_of_code(&self, code: ReferralCode) -> Result<ReferralView, Error> {
        let account = self.survivor(&code.account, CURRENT).await?;
        let account = account.map_or_else(|| code.account.clone(), |account| account.id);
        let catalog = self.kept_catalog(&code.program).await?;
        Ok(of_code(code, account, &catalog.program))
    }

    pub(crate) async fn view_of_referral(
        &self,
        referral: Referral,
        code: Option<String>,
    ) -> Result<ReferralView, Error> {
        let now = self.time_of(&referral.program).await?;
        let by_now = async |id: &str| {
            let survivor = self.survivor(id, CURRENT).await?;
            Ok::<_, Error>(survivor.map_or_else(|| id.to_owned(), |account| account.id))
        };
        Ok(ReferralView {
            code,
            referrer: by_now(&referral.referrer).await?,
            referee: Some(by_now(&referral.referee).await?),
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
        })
    }
}

/// A code, with what it promises by now.
fn of_code(code: ReferralCode, referrer: String, program: &Program) -> ReferralView {
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

struct Minting<'a> {
    program: Option<&'a str>,
    mint: &'a Mint,
}

impl Operation for Minting<'_> {
    type Snapshot = MintSnapshot;
    type Answer = ReferralCode;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<MintSnapshot, Error> {
        let id = &self.mint.referrer;
        let missing = || Error::from(no_such_account(id).at("referrer"));
        let (own, code) = (Key::account(id), Key::referral(&ReferralId::of_code(id)));
        let keys = [own.clone(), code.clone()];
        let found = ledger.store.get(keys, reading.consistency).await?;
        let account = found.get(&own).map(item::account).transpose()?;
        let account = account.filter(|account| {
            let is_its = self
                .program
                .is_none_or(|program| account.program == program);
            is_its && ledger.sees(&account.program)
        });
        let account = account.ok_or_else(missing)?;
        let catalog = ledger.checked_catalog(&account.program, reading).await?;
        let existing = found.get(&code).map(item::referral_code).transpose()?;
        let mut free = Vec::new();
        if existing.is_none() {
            let wanted = candidates(&account, &catalog.program);
            let key = |code: &str| code_form(code).map(|form| Key::referral_code(&form));
            let keys = wanted.iter().filter_map(|code| key(code));
            let taken = ledger.store.get(keys, Consistency::Strong).await?;
            free = wanted;
            free.retain(|code| key(code).is_some_and(|key| !taken.contains_key(&key)));
        }
        Ok(MintSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            existing,
            free,
        })
    }

    fn decide(&self, snapshot: &MintSnapshot) -> Result<Plan<ReferralCode>, Refusal> {
        mint_code(snapshot, self.mint)
    }
}

struct Attributing<'a> {
    request: &'a AttributionRequest,
}

impl Operation for Attributing<'_> {
    type Snapshot = AttributeSnapshot;
    type Answer = String;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<AttributeSnapshot, Error> {
        // No condition saves an attribution that did not see a code which was just made.
        let reading = Reading {
            consistency: Consistency::Strong,
            ..reading
        };
        let request = self.request;
        let (form, touch) = match (&request.code, &request.click) {
            (Some(code), _) => (code_form(code), Touch::Code),
            (None, Some(click)) => {
                let claimed = clicks::claimed_code(click);
                (Some(claimed.ok_or_else(no_such_click)?), Touch::Click)
            }
            (None, None) => return Err(Refusal::missing("code").into()),
        };
        let form = form.ok_or_else(no_such_code)?;
        let code = ledger.code_with_owner(&form, reading).await?;
        let Some((code, referrer)) = code.filter(|(code, _)| ledger.sees(&code.program)) else {
            return Err(no_such_code().into());
        };
        let catalog = ledger.checked_catalog(&code.program, reading).await?;
        let program = &catalog.program;
        let now = ledger.now_in(program);
        let clicked_at = match (touch, &request.click) {
            (Touch::Click, Some(click)) => {
                let click = clicks::verify(program, click, now).ok_or_else(no_such_click)?;
                Some(click.at)
            }
            _ => None,
        };
        let member = MemberRef {
            accounts: Vec::new(),
            customer: request.customer.clone(),
            email: request.email.clone(),
        };
        let (found, new_account_id) = ledger.find_member(program, &member, reading).await?;
        let account = match &request.account {
            Some(id) => {
                let account = ledger.survivor(id, reading).await?;
                let account = account.filter(|account| account.program == program.id);
                Some(account.ok_or_else(|| Error::from(no_such_account(id)))?)
            }
            None => found,
        };
        let pools = PoolKeys::of(catalog.pools(ACCOUNT_CREATED, now), &new_account_id);
        let heads = ledger.store.get(pools.all(), reading.consistency).await?;
        let is_active = referrer.status == Status::Active;
        let wish = SceneWish {
            catalog: &catalog,
            account: account.as_ref(),
            named: is_active.then_some((code, referrer, touch)),
            instrument: request
                .device_fingerprint
                .as_deref()
                .map(|device| Instruments::device(program, device)),
            earlier_from: None,
            new_account_id: &new_account_id,
        };
        let scene = Box::pin(ledger.scene(wish, reading)).await?;
        Ok(AttributeSnapshot {
            pools: pools.read(&heads, reading)?,
            catalog,
            account,
            scene,
            clicked_at,
            new_account_id,
            now,
        })
    }

    fn decide(&self, snapshot: &AttributeSnapshot) -> Result<Plan<String>, Refusal> {
        let request = Attribute {
            customer: self.request.customer.clone(),
            email: self.request.email.clone(),
        };
        attribute(snapshot, &request)
    }
}

fn no_such_click() -> Refusal {
    let message = "`click` is no click of this program, or is older than 24 hours; pass the code.";
    Refusal::invalid("click", message)
}

impl Ledger {
    /// What a refund must know of the referral that its payment converted.
    pub(crate) async fn converted_scene(
        &self,
        payment: Option<&EventRecord>,
        reading: Reading,
    ) -> Result<Option<Box<ReferralScene>>, Error> {
        let handled = payment.and_then(|record| record.handled.as_ref());
        let Some(id) = handled.and_then(|handled| handled.referral.as_deref()) else {
            return Ok(None);
        };
        let Some(id) = ReferralId::parse(id) else {
            return Ok(None);
        };
        let found = self.store.get([Key::referral(&id)], reading.consistency);
        let found = found.await?;
        let Some(referral) = found.values().next().map(item::referral).transpose()? else {
            return Ok(None);
        };
        if referral.status != ReferralStatus::Converted {
            return Ok(None);
        }
        let referrer = self.survivor(&referral.referrer, reading).await?;
        let past = match &referrer {
            Some(referrer) if reading.past => Some(self.past(referrer).await?),
            _ => None,
        };
        Ok(Some(Box::new(ReferralScene {
            redemptions: self.redemptions_given(&referral, reading).await?,
            referral: Some(referral),
            referrer,
            past,
            ..ReferralScene::default()
        })))
    }
}

impl Ledger {
    /// Gives both sides what rules give for an attribution.
    pub(crate) async fn welcome(&self, event: &Event) -> Result<EventOutcome, Error> {
        self.run(&Welcoming { event }).await
    }

    /// By now an account, with its log where a decision asks for it.
    async fn with_past(
        &self,
        id: &str,
        reading: Reading,
    ) -> Result<Option<(Account, Option<Past>)>, Error> {
        let Some(account) = self.survivor(id, reading).await? else {
            return Ok(None);
        };
        let past = match reading.past {
            true => Some(self.past(&account).await?),
            false => None,
        };
        Ok(Some((account, past)))
    }
}

struct Welcoming<'a> {
    event: &'a Event,
}

impl Operation for Welcoming<'_> {
    type Snapshot = WelcomeSnapshot;
    type Answer = EventOutcome;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<WelcomeSnapshot, Error> {
        let event = self.event;
        let key = EventKey {
            program: event.program.clone(),
            trigger: event.trigger.clone(),
            source_id: event.source_id.clone(),
        };
        let (catalog, record) = ledger.catalog_and_record(&key, reading).await?;
        let id = ReferralId::parse(&event.source_id).filter(|id| !id.is_code());
        let referral = match &id {
            Some(id) => {
                let found = ledger.store.get([Key::referral(id)], reading.consistency);
                let found = found.await?;
                found.values().next().map(item::referral).transpose()?
            }
            None => None,
        };
        let (mut referee, mut referrer, mut pools) = (None, None, PoolKeys::default());
        if let Some(referral) = &referral {
            referee = ledger.with_past(&referral.referee, reading).await?;
            referrer = ledger.with_past(&referral.referrer, reading).await?;
            let specs = catalog.pools(&event.trigger, referral.attributed_at);
            pools = PoolKeys::of(specs, &event.source_id);
        }
        let heads = ledger.store.get(pools.all(), reading.consistency).await?;
        Ok(WelcomeSnapshot {
            now: ledger.now_in(&catalog.program),
            pools: pools.read(&heads, reading)?,
            catalog,
            record,
            referral,
            referee,
            referrer,
        })
    }

    fn decide(&self, snapshot: &WelcomeSnapshot) -> Result<Plan<EventOutcome>, Refusal> {
        welcome(snapshot, self.event)
    }
}
