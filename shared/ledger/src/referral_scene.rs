//! What decisions must know of referrals: read only where an event can be about one.

use std::collections::BTreeSet;

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use laurel_rules::{
    Account, Event, Program, Redemption,
    account::Status,
    catalog::SharedCatalog,
    decide::{GiftOffer, Instrument, ReferralScene},
    event::is_payment,
    record::EventKey,
    redemption::RedemptionId,
    referral::{
        Conversions, Gift, Referral, ReferralCode, ReferralId, Side, SideName, Touch, code_form,
    },
};
use sha2::Sha256;

use crate::{
    Error, Ledger,
    codes::{CodeWish, stock_in},
    commit::Reading,
    item::{self, Reader},
    seed::base32,
    table::Key,
};

/// Cards and devices as keyed hashes under the program's secret salt: what is stored tells whether
/// two are the same, and to nobody who has not the salt.
pub(crate) struct Instruments;

impl Instruments {
    /// The card of a payment.
    pub(crate) fn card(program: &Program, fingerprint: &str) -> String {
        hash(program, "card", fingerprint)
    }

    /// A device.
    pub(crate) fn device(program: &Program, fingerprint: &str) -> String {
        hash(program, "device", fingerprint)
    }
}

fn hash(program: &Program, kind: &str, fingerprint: &str) -> String {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(program.salt.as_bytes()) else {
        return String::new();
    };
    for part in ["laurel instrument", kind, fingerprint] {
        mac.update(&part.len().to_be_bytes());
        mac.update(part.as_bytes());
    }
    let bytes = mac.finalize().into_bytes();
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    base32(u128::from_be_bytes(half))
}

/// What a scene is to be read for.
pub(crate) struct SceneWish<'a> {
    pub(crate) catalog: &'a SharedCatalog,
    /// The member, where there is one already.
    pub(crate) account: Option<&'a Account>,
    /// The id that a new member gets.
    pub(crate) new_account_id: &'a str,
    /// The code that is named, with whose it is.
    pub(crate) named: Option<(ReferralCode, Account, Touch)>,
    /// The hash of a card or device.
    pub(crate) instrument: Option<String>,
    /// The first payments that are made since then may convert a referral that is told of late.
    pub(crate) earlier_from: Option<Timestamp>,
}

impl Ledger {
    /// What an event that earns must know of referrals; nothing where it can be about none, as
    /// nearly always.
    pub(crate) async fn scene_of(
        &self,
        event: &Event,
        account: Option<&Account>,
        new_account_id: &str,
        catalog: &SharedCatalog,
        reading: Reading,
    ) -> Result<Option<Box<ReferralScene>>, Error> {
        if account.is_some_and(|account| account.status != Status::Active) {
            return Ok(None);
        }
        let known = account.and_then(|account| account.referrals.referred.as_ref());
        let touched = known.filter(|known| !known.never_attributed);
        let named = match (touched, event.referral_code()) {
            (None, Some(code)) => Box::pin(self.named_code(code, event, reading)).await?,
            _ => None,
        };
        let can_turn = touched.is_some_and(|known| {
            let is_deed = is_payment(&event.trigger) || known.qualify.listens_to(&event.trigger);
            known.is_open() && is_deed
        });
        // A card of a referee that the program does not know as one yet.
        let card = Self::card_of(event, &catalog.program);
        let standing = account.map(|account| &account.referrals);
        let is_new = standing.is_some_and(|it| it.is_to_claim(card.as_deref()));
        let shows_card = touched.is_some() && is_payment(&event.trigger) && is_new;
        if named.is_none() && !can_turn && !shows_card {
            return Ok(None);
        }
        let wish = SceneWish {
            catalog,
            account,
            earlier_from: named.is_some().then_some(event.occurred_at),
            named,
            instrument: card,
            new_account_id,
        };
        // It is seldom read, and what waits for it would be large in every event's future.
        Box::pin(self.scene(wish, reading)).await.map(Some)
    }

    async fn named_code(
        &self,
        code: &str,
        event: &Event,
        reading: Reading,
    ) -> Result<Option<(ReferralCode, Account, Touch)>, Error> {
        let found = match code_form(code) {
            Some(form) => self.code_with_owner(&form, reading).await?,
            None => None,
        };
        let found = found.filter(|(code, owner)| {
            code.program == event.program && owner.status == Status::Active
        });
        if found.is_none() {
            let source = &event.source_id;
            tracing::warn!(source, "the event names a referral code that there is not");
        }
        Ok(found.map(|(code, owner)| (code, owner, Touch::Code)))
    }

    pub(crate) async fn scene(
        &self,
        wish: SceneWish<'_>,
        reading: Reading,
    ) -> Result<Box<ReferralScene>, Error> {
        let program = &wish.catalog.program;
        let standing = wish.account.map(|account| &account.referrals);
        let known = standing.and_then(|standing| standing.referred.as_ref());
        let known = known.and_then(|known| ReferralId::parse(&known.id));
        let known = known.as_ref().map(Key::referral);
        // Whoever came by a code is judged by what they were seen with before, too, unless the
        // program knows it as theirs.
        let used = standing.into_iter().flat_map(|it| &it.fingerprints);
        let used = used.filter(|known| wish.named.is_some() || !known.is_referees);
        let used = used.map(|known| known.hash.clone());
        let hashes: BTreeSet<String> = wish.instrument.iter().cloned().chain(used).collect();
        let place = |hash: &String| Key::instrument(&program.id, hash);
        let first = standing.into_iter().flat_map(|it| &it.first_payments);
        let first = first.filter(|it| wish.earlier_from.is_some_and(|from| from <= it.at));
        let first: Vec<Key> = first
            .map(|payment| {
                Key::record(&EventKey {
                    program: program.id.clone(),
                    trigger: payment.trigger.clone(),
                    source_id: payment.source_id.clone(),
                })
            })
            .collect();
        let keys = known.iter().chain(&first).cloned();
        let keys = keys.chain(hashes.iter().map(place));
        let found = self.store.get(keys, reading.consistency).await?;
        let referral = known.as_ref().and_then(|key| found.get(key));
        let referral = referral.map(item::referral).transpose()?;
        let earlier = first.iter().filter_map(|key| found.get(key));
        let earlier = earlier.map(item::record).collect::<Result<_, _>>()?;
        let mut instruments = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let holder = match found.get(&place(&hash)) {
                Some(item) => {
                    let holder = Reader::new(item).text("a")?;
                    // One that was merged into this member is this member.
                    let survivor = self.survivor(holder, reading).await?;
                    Some(survivor.map_or_else(|| holder.to_owned(), |account| account.id))
                }
                None => None,
            };
            instruments.push(Instrument { hash, holder });
        }
        let (named, referrer) = match wish.named {
            Some((code, owner, touch)) => (Some((code, touch)), Some(owner)),
            None => {
                let owner = referral.as_ref().map(|referral| &referral.referrer);
                let owner = match owner {
                    Some(owner) => self.survivor(owner, reading).await?,
                    None => None,
                };
                (None, owner)
            }
        };
        let promised = match (&named, &referral) {
            (Some((code, _)), _) => code.reward.as_ref(),
            (None, Some(referral)) => referral.reward.as_ref(),
            (None, None) => None,
        };
        let promised = promised.or(program.referrals.reward.as_ref()).cloned();
        let mut scene = ReferralScene {
            named,
            referral,
            earlier,
            instruments,
            place: self.chance.seed().id(""),
            ..ReferralScene::default()
        };
        if let Some(referrer) = referrer {
            (scene.conversions, scene.absorbed_conversions) =
                self.conversions_of(&referrer, reading).await?;
            if reading.past {
                scene.past = Some(self.past(&referrer).await?);
            }
            let referee = wish
                .account
                .map_or(wish.new_account_id, |account| &account.id);
            for (name, side, owner) in [
                (
                    SideName::Referrer,
                    promised.as_ref().and_then(|it| it.referrer.as_ref()),
                    referrer.id.as_str(),
                ),
                (
                    SideName::Referee,
                    promised.as_ref().and_then(|it| it.referee.as_ref()),
                    referee,
                ),
            ] {
                if let Some(Side::Reward(reward)) = side {
                    let gift = self.gift_offer(name, reward, owner, wish.catalog, reading);
                    scene.gifts.extend(gift.await?);
                }
            }
            scene.referrer = Some(referrer);
        }
        Ok(Box::new(scene))
    }

    async fn conversions_of(
        &self,
        referrer: &Account,
        reading: Reading,
    ) -> Result<((Option<u64>, Conversions), Conversions), Error> {
        let own = Key::conversions(&referrer.id);
        let absorbed = referrer.absorbed.iter();
        let absorbed: Vec<Key> = absorbed.map(|it| Key::conversions(&it.account)).collect();
        let keys = std::iter::once(own.clone()).chain(absorbed.iter().cloned());
        let found = self.store.get(keys, reading.consistency).await?;
        let own = found.get(&own).map(item::conversions).transpose()?;
        let own = own.map_or_else(
            || (None, Conversions::default()),
            |(version, conversions)| (Some(version), conversions),
        );
        let mut others = Conversions::default();
        for item in absorbed.iter().filter_map(|key| found.get(key)) {
            others = others.and(&item::conversions(item)?.1);
        }
        Ok((own, others))
    }

    /// What a reward of the catalog would be given with to one side.
    async fn gift_offer(
        &self,
        side: SideName,
        reward: &str,
        owner: &str,
        catalog: &SharedCatalog,
        reading: Reading,
    ) -> Result<Option<GiftOffer>, Error> {
        let Some(of) = catalog.reward(reward) else {
            return Ok(None);
        };
        let id = RedemptionId {
            account: owner.to_owned(),
            place: self.chance.seed().id(""),
        };
        let redemption = id.to_string();
        let wish = CodeWish::of(of, &redemption);
        let program = &catalog.program;
        let stock_key = Key::stock(reward);
        let keys = wish.iter().flat_map(|wish| wish.keys(program));
        let keys = keys.chain([stock_key.clone()]);
        let found = self.store.get(keys, reading.consistency).await?;
        let stock = stock_in(found.get(&stock_key))?;
        let offer = match &wish {
            Some(wish) => {
                self.offer(wish, program, stock, &found, reading.consistency)
                    .await?
            }
            None => None,
        };
        Ok(Some(GiftOffer {
            side,
            reward: reward.to_owned(),
            redemption,
            stock,
            offer,
        }))
    }

    /// The redemptions that a conversion gave, as they are by now.
    pub(crate) async fn redemptions_given(
        &self,
        referral: &Referral,
        reading: Reading,
    ) -> Result<Vec<Redemption>, Error> {
        let ids = referral.given.iter().filter_map(|given| match &given.gift {
            Gift::Reward { redemption } => RedemptionId::parse(redemption),
            _ => None,
        });
        let keys = ids.map(|id| Key::redemption(&id));
        let found = self.store.get(keys, reading.consistency).await?;
        found.values().map(item::redemption).collect()
    }

    /// What tells the card of a payment, where that says it.
    pub(crate) fn card_of(event: &Event, program: &Program) -> Option<String> {
        let fingerprint = event.card_fingerprint()?;
        Some(Instruments::card(program, fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_one_program_and_one_kind() {
        let now = Timestamp::UNIX_EPOCH;
        let program = Program::new("prog_1", "salt", now);
        let other = Program::new("prog_2", "pepper", now);
        let card = Instruments::card(&program, "fp_1");
        assert_eq!(card, Instruments::card(&program, "fp_1"));
        assert_ne!(card, Instruments::card(&program, "fp_2"));
        assert_ne!(card, Instruments::card(&other, "fp_1"));
        assert_ne!(card, Instruments::device(&program, "fp_1"));
        assert!(!card.contains("fp_1"));
    }
}
