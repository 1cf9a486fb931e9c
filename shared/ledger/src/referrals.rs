//! Referrals: members' codes, who came by them, and what decisions need to know of both.

use laurel_rules::{
    Account, Code, Event, EventOutcome, EventRecord, Plan, Refusal,
    account::Status,
    decide::{
        Attribute, AttributeSnapshot, Mint, MintSnapshot, Past, ReferralScene, WelcomeSnapshot,
        attribute, mint_code, welcome,
    },
    event::{ACCOUNT_CREATED, MemberRef},
    record::EventKey,
    referral::{ReferralCode, ReferralId, ReferralStatus, Touch, code_form},
};

use crate::{
    Error, Ledger,
    accounts::no_such_account,
    clicks,
    commit::{Operation, Reading},
    item,
    placed_list::Placed,
    pools::PoolKeys,
    referral_codes::{candidates, no_such_code},
    referral_list::{Listed, code_key},
    referral_scene::{Instruments, SceneWish},
    referral_views::{ReferralView, of_code},
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

/// A member's code, and whether it was made for the request that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minted {
    /// The code, as a referral that waits for somebody to come.
    pub view: ReferralView,
    /// Whether the member had none before.
    pub is_new: bool,
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
    ) -> Result<Minted, Error> {
        let (code, is_new) = self.run(&Minting { program, mint }).await?;
        let account = code.account.clone();
        let catalog = self.kept_catalog(&code.program).await?;
        let view = of_code(code, account, &catalog.program);
        Ok(Minted { view, is_new })
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
        let found = self
            .store
            .get([Key::referral(&parsed)], Consistency::Strong);
        let found = found.await?;
        let found = found.values().next().map(Listed::read).transpose()?;
        let found = found.filter(|found| self.sees(found.program()));
        let found = found.ok_or_else(missing)?;
        let views = self.referral_views(vec![found]).await?;
        views.into_iter().next().ok_or_else(missing)
    }
}

struct Minting<'a> {
    program: Option<&'a str>,
    mint: &'a Mint,
}

impl Operation for Minting<'_> {
    type Snapshot = MintSnapshot;
    /// The code, and whether it is a new one.
    type Answer = (ReferralCode, bool);

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<MintSnapshot, Error> {
        let id = &self.mint.referrer;
        let missing = || Error::from(no_such_account(id).at("referrer"));
        let (own, code) = (Key::account(id), code_key(id));
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
            let wanted = candidates(&account, &catalog.program, ledger.chance.as_ref());
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

    fn decide(&self, snapshot: &MintSnapshot) -> Result<Plan<Self::Answer>, Refusal> {
        let is_new = snapshot.existing.is_none();
        Ok(mint_code(snapshot, self.mint)?.map(|_, code| (code, is_new)))
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
        if let (Touch::Click, Some(click)) = (touch, &request.click) {
            clicks::verify(program, click, now).ok_or_else(no_such_click)?;
        }
        let member = MemberRef {
            accounts: Vec::new(),
            customer: request.customer.clone(),
            email: request.email.clone(),
            ..MemberRef::default()
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
