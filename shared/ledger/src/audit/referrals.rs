//! What must hold of referrals: between both sides, and of how many one referrer may have.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use jiff::{SignedDuration, Timestamp};
use laurel_rules::{
    Entry,
    account::Status,
    entry::TransactionType,
    id::{CreditId, TransactionId},
    redemption::RedemptionId,
    referral::{
        Conversions, Gift, Referral, ReferralId, ReferralStatus, SideName, Velocity, code_form,
    },
};

use super::{Dossier, Invariant};
use crate::{
    Error, Ledger,
    item::{self, Item, Reader},
    store::Consistency,
    table::{Key, REFERRAL_PLACE_PREFIX},
};

/// How many accounts that were merged into one are read at a time.
const AT_A_TIME: usize = 8;
/// Where the code stands beside the referrals that came by it.
pub(super) const CODE_PLACE: &str = "J#0";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Ledger {
    /// What the account knows of referrals is what they say, and the reverse.
    pub(super) async fn check_referrals(
        &self,
        dossier: &mut Dossier,
        consistency: Consistency,
    ) -> Result<(), Error> {
        let links = Links::of(dossier);
        let found = self.store.get(links.keys(), consistency).await?;
        links.check_code(dossier, &found)?;
        links.check_referred(dossier, &found)?;
        links.check_gifts(dossier, &found)?;
        check_windows(dossier);
        if dossier.account.status == Status::Merged {
            // The survivor counts them with its own.
            return Ok(());
        }
        let mut conversions = dossier.conversions.clone().unwrap_or_default();
        let mut judged = judged(&dossier.referrals);
        let absorbed: Vec<String> = dossier
            .account
            .absorbed
            .iter()
            .map(|it| it.account.clone())
            .collect();
        let reads: Vec<_> = absorbed
            .iter()
            .map(|id| self.merged_conversions(id))
            .collect();
        let others = stream::iter(reads)
            .buffer_unordered(AT_A_TIME)
            .try_collect::<Vec<_>>()
            .await?;
        for (known, more) in others {
            conversions = conversions.and(&known);
            judged.extend(more);
        }
        judged.sort_by_key(|(at, _)| *at);
        check_conversions(dossier, &conversions, &judged);
        Ok(())
    }

    /// The conversions of an account that was merged into another.
    fn merged_conversions<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<(Conversions, Judged), Error>> {
        Box::pin(self.conversions_beside(id))
    }

    async fn conversions_beside(&self, id: &str) -> Result<(Conversions, Judged), Error> {
        let partition = Key::account(id).pk;
        let items = self
            .store
            .query_all(&partition, REFERRAL_PLACE_PREFIX, "K")
            .await?;
        let (mut conversions, mut referrals) = (Conversions::default(), Vec::new());
        for item in &items {
            match Reader::new(item).text("sk")? {
                CODE_PLACE => {}
                "K" => conversions = item::conversions(item)?.1,
                place if place.starts_with(REFERRAL_PLACE_PREFIX) => {
                    referrals.push(item::referral(item)?);
                }
                _ => {}
            }
        }
        Ok((conversions, judged(&referrals)))
    }
}

/// When referrals converted, and by which limit each was judged.
type Judged = Vec<(Timestamp, Option<Velocity>)>;

fn judged(referrals: &[Referral]) -> Judged {
    let converted = referrals.iter();
    converted
        .filter_map(|it| Some((it.converted_at?, it.velocity)))
        .collect()
}

fn check_conversions(
    dossier: &mut Dossier,
    conversions: &Conversions,
    judged: &[(Timestamp, Option<Velocity>)],
) {
    let known = |at: &Timestamp| {
        conversions
            .forgotten_until()
            .is_none_or(|until| *at > until)
    };
    let counted: Vec<Timestamp> = conversions
        .instants()
        .iter()
        .copied()
        .filter(known)
        .collect();
    let converted: Vec<Timestamp> = judged.iter().map(|(at, _)| *at).filter(known).collect();
    if counted != converted {
        let message = format!(
            "{} conversions are counted, and {} referrals converted, or at other times.",
            counted.len(),
            converted.len()
        );
        dossier.violated(Invariant::Conversions, message, Vec::new());
    }
}

/// No window has more conversions than the limit that they were judged by. Of a code by itself:
/// two referrers who became one have each had a limit until then.
fn check_windows(dossier: &mut Dossier) {
    let mut judged = judged(&dossier.referrals);
    judged.sort_by_key(|(at, _)| *at);
    if let Some((at, many, velocity)) = crowded(&judged) {
        let message = format!(
            "{many} referrals converted within {} days until {at}, and {} may.",
            velocity.window_days, velocity.max_conversions_per_window
        );
        dossier.violated(Invariant::Conversions, message, Vec::new());
    }
}

/// A window that has more conversions than the limit by which all of them were judged. Where the
/// limit has changed within a window, which one was in force last is not known, and the window is
/// passed over.
fn crowded(judged: &[(Timestamp, Option<Velocity>)]) -> Option<(Timestamp, usize, Velocity)> {
    judged
        .iter()
        .enumerate()
        .find_map(|(place, (end, velocity))| {
            let velocity = (*velocity)?;
            let span = SignedDuration::from_millis(i64::from(velocity.window_days) * DAY_MS);
            let start = end.checked_sub(span).ok()?;
            let until = judged.get(..=place)?;
            let first = until.partition_point(|(at, _)| *at <= start);
            let within = until.get(first..)?;
            let is_uniform = within.iter().all(|(_, other)| *other == Some(velocity));
            let limit = usize::try_from(velocity.max_conversions_per_window).ok()?;
            (is_uniform && within.len() > limit).then_some((*end, within.len(), velocity))
        })
}

/// The items that the account's referrals lead to.
struct Links {
    /// Of the account's own code.
    code: Option<Key>,
    /// The referral that the member came by.
    referred: Option<Key>,
    gifts: Vec<Gifts>,
}

/// What a referral that converted gave.
struct Gifts {
    referral: String,
    /// Whether a side that was promised something got nothing.
    lacks_side: bool,
    /// Each with the item where it should stand.
    given: Vec<(Key, Gift)>,
}

impl Links {
    fn of(dossier: &Dossier) -> Links {
        let standing = &dossier.account.referrals;
        let own = standing.code.as_ref().and_then(|own| code_form(&own.code));
        // What a merged account came by, the survivor knows.
        let referred = standing.referred.as_ref();
        let referred = referred.filter(|_| dossier.account.status != Status::Merged);
        let converted = dossier.referrals.iter().filter(|referral| {
            use ReferralStatus::{Converted, Reversed};
            matches!(referral.status, Converted | Reversed)
        });
        Links {
            code: own.map(|form| Key::referral_code(&form)),
            referred: referred.and_then(|it| Some(Key::referral(&ReferralId::parse(&it.id)?))),
            gifts: converted.map(gifts_of).collect(),
        }
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let gifts = self.gifts.iter().flat_map(|gifts| &gifts.given);
        let gifts = gifts.map(|(key, _)| key.clone());
        self.code.iter().chain(&self.referred).cloned().chain(gifts)
    }

    fn check_code(&self, dossier: &mut Dossier, found: &HashMap<Key, Item>) -> Result<(), Error> {
        let shown = |code: Option<&String>| code.map_or("none".to_owned(), |it| format!("`{it}`"));
        let own = dossier.account.referrals.code.as_ref().map(|own| &own.code);
        let beside = dossier.code.as_ref().map(|code| &code.code);
        if own != beside {
            let message = format!(
                "The account shares the code {}, and beside it stands {}.",
                shown(own),
                shown(beside)
            );
            dossier.violated(Invariant::ReferralCodes, message, Vec::new());
        }
        let Some(key) = &self.code else {
            return Ok(());
        };
        let holder = found.get(key).map(|item| Reader::new(item).text("a"));
        let holder = holder.transpose()?;
        if holder != Some(dossier.account.id.as_str()) {
            let leads = holder.map_or("nowhere".to_owned(), |it| format!("to `{it}`"));
            let message = format!("The account's referral code leads {leads}.");
            dossier.violated(Invariant::ReferralCodes, message, Vec::new());
        }
        Ok(())
    }

    fn check_referred(
        &self,
        dossier: &mut Dossier,
        found: &HashMap<Key, Item>,
    ) -> Result<(), Error> {
        let (Some(key), Some(known)) = (&self.referred, &dossier.account.referrals.referred) else {
            return Ok(());
        };
        let referral = found.get(key).map(item::referral).transpose()?;
        let message = match referral {
            None => format!("The member came by `{}`, which is missing.", known.id),
            Some(referral) if !dossier.account.is_or_absorbed(&referral.referee) => format!(
                "The member came by `{}`, which is of `{}`.",
                known.id, referral.referee
            ),
            Some(referral) if referral.status != known.status => format!(
                "To the member `{}` is {}, and by itself {}.",
                known.id,
                known.status.as_str(),
                referral.status.as_str()
            ),
            Some(_) => return Ok(()),
        };
        dossier.violated(Invariant::Referrals, message, Vec::new());
        Ok(())
    }

    fn check_gifts(&self, dossier: &mut Dossier, found: &HashMap<Key, Item>) -> Result<(), Error> {
        for Gifts {
            referral: id,
            lacks_side,
            given,
        } in &self.gifts
        {
            let mut missing = Vec::new();
            for (key, gift) in given {
                if !is_there(gift, found.get(key))? {
                    missing.push(name_of(gift).to_owned());
                }
            }
            if *lacks_side {
                let message = format!("`{id}` converted, and one side got nothing.");
                dossier.violated(Invariant::Referrals, message, Vec::new());
            }
            if !missing.is_empty() {
                let message = format!("What `{id}` gave is not there, or is not as much.");
                dossier.violated(Invariant::Referrals, message, missing);
            }
        }
        Ok(())
    }
}

fn gifts_of(referral: &Referral) -> Gifts {
    let promised = referral.reward.as_ref();
    let sides = [
        (
            SideName::Referrer,
            promised.and_then(|it| it.referrer.as_ref()),
        ),
        (
            SideName::Referee,
            promised.and_then(|it| it.referee.as_ref()),
        ),
    ];
    let got = |side: SideName| referral.given.iter().any(|given| given.side == side);
    let lacks_side = sides
        .iter()
        .any(|(side, promised)| promised.is_some() && !got(*side));
    let given = referral.given.iter().filter_map(|given| {
        let key = match &given.gift {
            Gift::Points { transaction, .. } => {
                let id = TransactionId::parse(transaction)?;
                Key::entry(&id.account, id.seq)
            }
            Gift::StoreCredit { transaction, .. } => {
                let CreditId(id) = CreditId::parse(transaction)?;
                Key::entry(&id.account, id.seq)
            }
            Gift::Reward { redemption } => Key::redemption(&RedemptionId::parse(redemption)?),
        };
        Some((key, given.gift.clone()))
    });
    Gifts {
        referral: referral.id.clone(),
        lacks_side,
        given: given.collect(),
    }
}

fn name_of(gift: &Gift) -> &str {
    match gift {
        Gift::Points { transaction, .. } | Gift::StoreCredit { transaction, .. } => transaction,
        Gift::Reward { redemption } => redemption,
    }
}

/// Whether what was given is in the item where it should stand.
fn is_there(gift: &Gift, item: Option<&Item>) -> Result<bool, Error> {
    let Some(item) = item else {
        return Ok(false);
    };
    let in_entry = |check: &dyn Fn(&Entry) -> bool| item::entry(item).map(|entry| check(&entry));
    let place_of = |id: &TransactionId| usize::try_from(id.place).unwrap_or(usize::MAX);
    match gift {
        Gift::Points {
            transaction,
            points,
            ..
        } => in_entry(&|entry| {
            let id = TransactionId::parse(transaction);
            let made = id.and_then(|id| entry.transactions.get(place_of(&id)));
            made.is_some_and(|it| it.kind == TransactionType::Earn && it.amount == *points)
        }),
        Gift::StoreCredit { transaction, money } => in_entry(&|entry| {
            let id = CreditId::parse(transaction);
            let made = id.and_then(|CreditId(id)| entry.credits.get(place_of(&id)));
            made.is_some_and(|it| it.currency == money.currency && it.amount == money.amount)
        }),
        Gift::Reward { redemption } => Ok(item::redemption(item)?.id == *redemption),
    }
}
