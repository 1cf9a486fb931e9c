//! Redemptions: made, read, confirmed, canceled, used.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{
    Account, Code, EventRecord, Plan, Redemption, Refusal,
    catalog::SharedCatalog,
    checkout::{Order, Worth, Worthless},
    decide::{
        Act, CodeOffer, Past, Redeem, RedeemSnapshot, RedemptionSnapshot, Stock, Wanted,
        act_on_redemption, redeem,
    },
    redemption::{RedemptionId, RedemptionStatus},
};

use crate::{
    Error, Ledger, Seed,
    accounts::{CURRENT, no_such_account},
    codes::{CodeWish, no_such_code, stock_in},
    commit::{Operation, Reading},
    item,
    store::Consistency,
    table::Key,
};

/// A redemption as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionView {
    /// The redemption; a reservation that has ended says so, and that all of it has come back.
    pub redemption: Redemption,
    /// Whose it is by now: that of the account that redeemed, or of the one it was merged into.
    pub account: String,
}

/// What names a redemption at a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Its id.
    Redemption(String),
    /// Its code, in a program.
    Code {
        /// The program.
        program: String,
        /// The code, in any letter case, with or without dashes.
        code: String,
    },
}

pub(crate) fn no_such_redemption(id: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such redemption: `{id}`."),
    )
}

impl Ledger {
    /// The id of the redemption that a request of this account makes.
    #[must_use]
    pub fn redemption_id(account: &str, seed: Seed) -> String {
        let id = RedemptionId {
            account: account.to_owned(),
            place: seed.id(""),
        };
        id.to_string()
    }

    /// Takes points for a reward or for a discount. The same id again is the same redemption.
    ///
    /// # Errors
    /// `resource_missing`, `account_closed`, `account_merged`, `reward_unavailable`,
    /// `tier_too_low`, `limit_reached`, `out_of_stock`, `insufficient_points`.
    pub async fn redeem(&self, redeem: &Redeem) -> Result<RedemptionView, Error> {
        let id = RedemptionId::parse(&redeem.id);
        let id = id.ok_or_else(|| no_such_account(&redeem.account))?;
        let redemption = self.run(&Redeeming { redeem, id }).await?;
        let now = self.time_of(&redemption.program).await?;
        Ok(view(redemption, redeem.account.clone(), now))
    }

    /// The redemption with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn redemption(&self, id: &str) -> Result<RedemptionView, Error> {
        let (redemption, account) = self.stored_redemption(id, CURRENT).await?;
        let now = self.time_of(&redemption.program).await?;
        Ok(view(redemption, account.id, now))
    }

    /// Confirms, cancels or uses a redemption; to confirm or cancel what is so already does
    /// nothing.
    ///
    /// # Errors
    /// `resource_missing`, `redemption_not_reserved`, `redemption_used`, `redemption_not_usable`.
    pub async fn act_on_redemption(&self, id: &str, act: &Act) -> Result<RedemptionView, Error> {
        let (redemption, account) = self.run(&Acting { id, act }).await?;
        let now = self.time_of(&redemption.program).await?;
        Ok(view(redemption, account, now))
    }

    /// Uses what is shown at a checkout, once.
    ///
    /// # Errors
    /// As [`Ledger::act_on_redemption`]; `resource_missing` at `code` for an unknown code.
    pub async fn use_shown(
        &self,
        shown: &Shown,
        request: String,
        order: Option<Order>,
    ) -> Result<RedemptionView, Error> {
        let id = match shown {
            Shown::Redemption(id) => id.clone(),
            Shown::Code { program, code } => {
                self.check_sees(program)?;
                let coded = self.coded(program, code).await?;
                coded.ok_or_else(no_such_code)?
            }
        };
        self.act_on_redemption(&id, &Act::Use { request, order })
            .await
    }

    /// What is shown at a checkout is worth for an order. An unknown code is no error, and takes
    /// as many reads as a known one.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn worth(
        &self,
        shown: &Shown,
        order: &Order,
    ) -> Result<(Worth, Option<RedemptionView>), Error> {
        let id = match shown {
            Shown::Redemption(id) => Some(id.clone()),
            Shown::Code { program, code } => self.coded(program, code).await?,
        };
        // Nothing is stored under this.
        let id = id.unwrap_or_else(|| Ledger::redemption_id("loy_-", self.chance.seed()));
        match self.stored_redemption(&id, CURRENT).await {
            Ok((redemption, account)) => {
                let now = self.time_of(&redemption.program).await?;
                let worth = redemption.worth(order, now);
                Ok((worth, Some(view(redemption, account.id, now))))
            }
            Err(Error::Refused(refusal)) if refusal.code == Code::ResourceMissing => {
                if let Shown::Code { program, .. } = shown
                    && self.sees(program)
                {
                    // As for a known code; there need not be such a program.
                    let _ = self.time_of(program).await;
                }
                let reason = Some(Worthless::NotFound);
                let nothing = Worth {
                    discount_amount: 0,
                    reason,
                };
                Ok((nothing, None))
            }
            Err(error) => Err(error),
        }
    }

    /// The redemption with the account that it belongs to by now.
    async fn stored_redemption(
        &self,
        id: &str,
        reading: Reading,
    ) -> Result<(Redemption, Account), Error> {
        let missing = || Error::from(no_such_redemption(id));
        let parsed = RedemptionId::parse(id).ok_or_else(missing)?;
        let (key, owner) = (Key::redemption(&parsed), Key::account(&parsed.account));
        let keys = [key.clone(), owner.clone()];
        let found = self.store.get(keys, reading.consistency).await?;
        let (Some(redemption), Some(owner)) = (found.get(&key), found.get(&owner)) else {
            return Err(missing());
        };
        let redemption = item::redemption(redemption)?;
        if !self.sees(&redemption.program) {
            return Err(missing());
        }
        let account = self.follow(item::account(owner)?, reading).await?;
        Ok((redemption, account.ok_or_else(missing)?))
    }

    /// The redemption that a payment confirmed.
    pub(crate) async fn redemption_of(
        &self,
        payment: Option<&EventRecord>,
    ) -> Result<Option<Redemption>, Error> {
        let handled = payment.and_then(|record| record.handled.as_ref());
        let named = handled.and_then(|handled| handled.redemption.as_deref());
        let Some(id) = named.and_then(RedemptionId::parse) else {
            return Ok(None);
        };
        let key = Key::redemption(&id);
        let found = self.store.get([key], Consistency::Strong).await?;
        found.values().next().map(item::redemption).transpose()
    }

    /// The code that a reserved redemption gets when it is confirmed.
    pub(crate) async fn offer_for(
        &self,
        redemption: &Redemption,
        catalog: &SharedCatalog,
        reading: Reading,
    ) -> Result<Option<CodeOffer>, Error> {
        let is_reserved = redemption.status == RedemptionStatus::Reserved;
        let Some(wish) = wish(redemption, catalog).filter(|_| is_reserved) else {
            return Ok(None);
        };
        let program = &catalog.program;
        let stock_key = wish.pool.as_deref().map(Key::stock);
        let keys = wish.keys(program).into_iter().chain(stock_key.clone());
        let found = self.store.get(keys, reading.consistency).await?;
        let stock = stock_in(stock_key.and_then(|key| found.get(&key)))?;
        self.offer(&wish, program, stock, &found, reading.consistency)
            .await
    }
}

/// What code a redemption is to get when it is confirmed.
fn wish(redemption: &Redemption, catalog: &SharedCatalog) -> Option<CodeWish> {
    if !redemption.has_code {
        return None;
    }
    let reward = redemption.reward.as_ref()?;
    let form = catalog.reward(&reward.id).map(|reward| reward.code.clone());
    Some(CodeWish {
        redemption: redemption.id.clone(),
        // As it was when the redemption was made: one of the imported codes is kept for it.
        pool: reward.code.then(|| reward.id.clone()),
        form: form.unwrap_or_default(),
    })
}

pub(crate) fn view(mut redemption: Redemption, account: String, now: Timestamp) -> RedemptionView {
    redemption.returned = redemption.returned_at(now);
    redemption.status = redemption.status_at(now);
    RedemptionView {
        redemption,
        account,
    }
}

struct Redeeming<'a> {
    redeem: &'a Redeem,
    id: RedemptionId,
}

struct RedeemingSnapshot {
    catalog: SharedCatalog,
    account: Account,
    existing: Option<Redemption>,
    stock: Stock,
    offer: Option<CodeOffer>,
    past: Option<Past>,
    now: Timestamp,
}

impl Operation for Redeeming<'_> {
    type Snapshot = RedeemingSnapshot;
    type Answer = Redemption;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<RedeemingSnapshot, Error> {
        let Redeem {
            account, wanted, ..
        } = self.redeem;
        let (own, made) = (Key::account(account), Key::redemption(&self.id));
        let keys = [own.clone(), made.clone()];
        let mut found = ledger.store.get(keys, reading.consistency).await?;
        let existing = found.get(&made).map(item::redemption).transpose()?;
        let account = found.remove(&own).map(|item| item::account(&item));
        let account = account.transpose()?.filter(|it| ledger.sees(&it.program));
        let account = account.ok_or_else(|| no_such_account(&self.redeem.account))?;
        let kept = ledger.kept_catalog(&account.program).await?;
        let program = Key::program(&account.program);
        let reward = match wanted {
            Wanted::Reward(id) => Some(id),
            Wanted::Discount(_) | Wanted::StoreCredit(_) => None,
        };
        let wish_of = |catalog: &SharedCatalog| {
            let reward = catalog.reward(reward?)?;
            let at_once = self.redeem.reserve_minutes.is_none();
            CodeWish::of(reward, &self.redeem.id).filter(|_| at_once)
        };
        let wish = wish_of(&kept);
        let stock_key = reward.map(|id| Key::stock(id));
        let claims = wish.iter().flat_map(|wish| wish.keys(&kept.program));
        let keys = claims.chain(stock_key.clone()).chain([program.clone()]);
        let mut found = ledger.store.get(keys, reading.consistency).await?;
        let catalog = ledger
            .current_catalog(kept.clone(), found.get(&program))
            .await?;
        let stock = stock_in(stock_key.and_then(|key| found.get(&key)))?;
        let wish = wish_of(&catalog);
        if !Arc::ptr_eq(&kept, &catalog)
            && let Some(wish) = &wish
        {
            // The reward is a new one, or its codes look different by now.
            let keys = wish.keys(&catalog.program);
            found.extend(ledger.store.get(keys, reading.consistency).await?);
        }
        let offer = match &wish {
            Some(wish) => {
                let program = &catalog.program;
                ledger
                    .offer(wish, program, stock, &found, reading.consistency)
                    .await?
            }
            None => None,
        };
        let past = if reading.past {
            Some(ledger.past(&account).await?)
        } else {
            None
        };
        Ok(RedeemingSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            existing,
            stock,
            offer,
            past,
        })
    }

    fn decide(&self, snapshot: &RedeemingSnapshot) -> Result<Plan<Redemption>, Refusal> {
        let snapshot = RedeemSnapshot {
            catalog: &snapshot.catalog,
            account: &snapshot.account,
            existing: snapshot.existing.as_ref(),
            stock: snapshot.stock,
            offer: snapshot.offer.as_ref(),
            past: snapshot.past.as_ref(),
            now: snapshot.now,
        };
        redeem(&snapshot, self.redeem)
    }
}

struct Acting<'a> {
    id: &'a str,
    act: &'a Act,
}

struct ActingSnapshot {
    catalog: SharedCatalog,
    account: Account,
    redemption: Redemption,
    offer: Option<CodeOffer>,
    now: Timestamp,
}

impl Operation for Acting<'_> {
    type Snapshot = ActingSnapshot;
    type Answer = (Redemption, String);

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<ActingSnapshot, Error> {
        let (redemption, account) = ledger.stored_redemption(self.id, reading).await?;
        let catalog = ledger.checked_catalog(&redemption.program, reading).await?;
        let offer = match self.act {
            Act::Confirm => ledger.offer_for(&redemption, &catalog, reading).await?,
            Act::Cancel | Act::Use { .. } => None,
        };
        Ok(ActingSnapshot {
            now: ledger.now_in(&catalog.program),
            catalog,
            account,
            redemption,
            offer,
        })
    }

    fn decide(&self, snapshot: &ActingSnapshot) -> Result<Plan<Self::Answer>, Refusal> {
        let decided = RedemptionSnapshot {
            catalog: &snapshot.catalog,
            account: &snapshot.account,
            redemption: &snapshot.redemption,
            offer: snapshot.offer.as_ref(),
            now: snapshot.now,
        };
        let plan = act_on_redemption(&decided, self.act)?;
        let account = snapshot.account.id.clone();
        Ok(plan.map(|_, redemption| (redemption, account)))
    }
}
