//! What a conversion gives to both sides: what the referral promises, and what rules add that
//! listen to `referral.converted`. Both sides get theirs, or neither does.

use jiff::Timestamp;

use super::{Course, GiftOffer, convert::Deed};
use crate::{
    Event, Program, Refusal, Transaction,
    boosts::Boosts,
    condition::Facts,
    decide::{
        Cause, Draft, Progress, RedemptionWrite,
        budget::newly_reached,
        chain::chain,
        earn::{Earned, earn_as},
        redeem::gift,
    },
    entry::{Change, TransactionType},
    evaluate::too_large,
    event::{REFERRAL_CONVERTED, is_payment},
    id::TransactionId,
    purse::{Lot, LotId},
    record::{Awarded, Drawn},
    redemption::Turn,
    referral::{Gift, Given, Side, SideName},
    rule::Recipient,
    store_credit::{self, CreditTransaction},
    window,
};

/// What came of the wish to pay.
pub(super) enum Payout {
    /// One of the two cannot have what is promised.
    Unavailable,
    /// Both have theirs; this is what the referee's entry is to say beside the conversion.
    Paid(Vec<Change>, Vec<Transaction>),
}

/// What one side gets in the entry that is appended next.
#[derive(Default)]
struct Reward {
    changes: Vec<Change>,
    transactions: Vec<Transaction>,
    given: Vec<Given>,
    redemption: Option<RedemptionWrite>,
}

const REASON: &str = "referral";

impl<'a> Course<'a> {
    /// Pays both sides. Where one cannot be paid nothing has happened.
    ///
    /// # Errors
    /// None that one side's purse is the cause of: that is [`Payout::Unavailable`].
    pub(super) fn pay(
        &mut self,
        referee: &mut Draft<'a>,
        deed: &Deed<'_>,
    ) -> Result<Progress<Payout>, Refusal> {
        let before = (
            referee.clone(),
            self.referrer.clone(),
            self.referral.clone(),
        );
        let redemptions = self.redemptions.len();
        match self.pay_sides(referee, deed) {
            Ok(Progress::Done(payout @ Payout::Paid(..))) => Ok(Progress::Done(payout)),
            Ok(Progress::Needs(needs)) => Ok(Progress::Needs(needs)),
            Ok(Progress::Done(Payout::Unavailable)) | Err(_) => {
                (*referee, self.referrer, self.referral) = before;
                self.redemptions.truncate(redemptions);
                Ok(Progress::Done(Payout::Unavailable))
            }
        }
    }

    fn pay_sides(
        &mut self,
        referee: &mut Draft<'a>,
        deed: &Deed<'_>,
    ) -> Result<Progress<Payout>, Refusal> {
        let Some(referral) = &mut self.referral else {
            return Ok(Progress::Done(Payout::Unavailable));
        };
        referral.converted_by = Some((deed.trigger.to_owned(), deed.source_id.to_owned()));
        let promised = referral.reward.clone();
        let reward = promised.or_else(|| self.catalog.program.referrals.reward.clone());
        let reward = reward.unwrap_or_default();
        let id = referral.id.clone();
        let conversion = conversion(&id, &self.catalog.program, deed);
        let cause = Cause {
            trigger: REFERRAL_CONVERTED,
            source_id: &id,
            payment: is_payment(deed.trigger).then_some(deed.source_id),
            occurred_at: deed.at,
        };
        let mut told = None;
        for (name, side, recipient) in [
            (SideName::Referrer, &reward.referrer, Recipient::Referrer),
            (SideName::Referee, &reward.referee, Recipient::Referee),
        ] {
            let (catalog, offers) = (self.catalog, &self.scene.gifts);
            let offer = offers.iter().find(|offer| offer.side == name);
            let mut taking = std::mem::replace(&mut referee.taking, crate::pool::Taking::nothing());
            let draft = match (&mut self.referrer, name) {
                (Some(referrer), SideName::Referrer) => referrer,
                _ => &mut *referee,
            };
            std::mem::swap(&mut draft.taking, &mut taking);
            let by_rules = by_rules(draft, catalog, &conversion, recipient);
            let promised = match side {
                Some(side) => draft.promised(catalog, name, side, offer, deed.at, &id),
                None => Ok(Progress::Done(Some(Reward::default()))),
            };
            std::mem::swap(&mut draft.taking, &mut taking);
            referee.taking = taking;
            let (by_rules, promised) = match (by_rules?, promised?) {
                (Progress::Needs(needs), _) | (_, Progress::Needs(needs)) => {
                    return Ok(Progress::Needs(needs));
                }
                (Progress::Done(by_rules), Progress::Done(promised)) => (by_rules, promised),
            };
            let Some(promised) = promised else {
                return Ok(Progress::Done(Payout::Unavailable));
            };
            let given = by_rules.into_iter().map(|gift| Given { side: name, gift });
            if let Some(referral) = &mut self.referral {
                referral.given.extend(given);
                referral.given.extend(promised.given);
            }
            self.redemptions.extend(promised.redemption);
            match (&mut self.referrer, name) {
                (Some(referrer), SideName::Referrer) => {
                    let is_said =
                        !(promised.changes.is_empty() && promised.transactions.is_empty());
                    if is_said || !referrer.credits.is_empty() {
                        referrer.append(&cause, promised.changes, promised.transactions);
                        referrer.write_off_expired();
                    }
                    std::mem::swap(&mut referrer.taking, &mut referee.taking);
                    let heard = heard(referrer, name);
                    std::mem::swap(&mut referrer.taking, &mut referee.taking);
                    match (heard?, &mut self.referral) {
                        (Progress::Needs(needs), _) => return Ok(Progress::Needs(needs)),
                        (Progress::Done(given), Some(referral)) => referral.given.extend(given),
                        (Progress::Done(_), None) => {}
                    }
                }
                _ => told = Some((promised.changes, promised.transactions)),
            }
        }
        let (changes, transactions) = told.unwrap_or_default();
        Ok(Progress::Done(Payout::Paid(changes, transactions)))
    }
}

/// The conversion as rules see it: it has the amount of what converted it.
fn conversion(id: &str, program: &Program, deed: &Deed<'_>) -> Event {
    Event {
        amount: deed.amount,
        ..Event::own(REFERRAL_CONVERTED, id, program, deed.at)
    }
}

/// What rules give one side, in an entry of its own.
pub(super) fn by_rules(
    draft: &mut Draft<'_>,
    catalog: &crate::Catalog,
    conversion: &Event,
    recipient: Recipient,
) -> Result<Progress<Vec<Gift>>, Refusal> {
    if catalog.rules(&conversion.trigger).is_empty() {
        return Ok(Progress::Done(Vec::new()));
    }
    let facts = Facts::of_event(catalog, conversion, Some(&draft.account), draft.now);
    let boosts = Boosts::default()
        .with_tier(catalog, &draft.account, conversion.occurred_at)
        .with_campaigns(&facts);
    let Earned { entry, awards, .. } = match earn_as(draft, conversion, &boosts, recipient)? {
        Progress::Done(earned) => earned,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    let seq = entry.map_or(0, |entry| entry.seq);
    Ok(Progress::Done(gifts(&draft.account.id, seq, awards)))
}

/// Awards as what a side was given; they stand in the entry `seq` where they do not say otherwise.
pub(super) fn gifts(account: &str, seq: u64, awards: Vec<Awarded>) -> Vec<Gift> {
    let gifts = awards.into_iter().map(|award| {
        let id = TransactionId {
            account: account.to_owned(),
            seq: award.entry.unwrap_or(seq),
            place: award.place,
        };
        Gift::Points {
            transaction: id.to_string(),
            points: award.points,
            rule: Some((award.rule, award.rule_version)),
            drawn: award.drawn,
        }
    });
    gifts.collect()
}

/// Lets rules hear of what one side was promised and got, as part of what it was given.
pub(super) fn heard(
    draft: &mut Draft<'_>,
    side: SideName,
) -> Result<Progress<Vec<Given>>, Refusal> {
    let chained = chain(draft)?;
    Ok(chained.map(|chained| {
        let gifts = gifts(&draft.account.id, 0, chained.awards).into_iter();
        gifts.map(|gift| Given { side, gift }).collect()
    }))
}

impl Draft<'_> {
    /// Gives one side what it was promised, in the entry that is appended next; nothing where it
    /// cannot be had.
    fn promised(
        &mut self,
        catalog: &crate::Catalog,
        name: SideName,
        side: &Side,
        offer: Option<&GiftOffer>,
        at: Timestamp,
        referral: &str,
    ) -> Result<Progress<Option<Reward>>, Refusal> {
        let mut reward = Reward::default();
        let given = match side {
            Side::Points(points) => {
                let (made, gift) = match self.promised_points(catalog, *points, at)? {
                    Progress::Done(given) => given,
                    Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
                };
                reward.transactions.push(Transaction {
                    referral: Some(referral.to_owned()),
                    ..made
                });
                reward.changes.extend(newly_reached(self));
                reward.changes.extend(self.promote(at));
                gift
            }
            Side::StoreCredit(money) => {
                let expires_at = store_credit::expires_at(self.program, at);
                let id = self.give_credit(CreditTransaction {
                    expires_at,
                    ..CreditTransaction::new(
                        TransactionType::Earn,
                        &money.currency,
                        money.amount,
                        REASON,
                    )
                })?;
                Gift::StoreCredit {
                    transaction: id.to_string(),
                    money: money.clone(),
                }
            }
            Side::Reward(id) => {
                let offer = offer.filter(|offer| offer.reward == *id);
                let (Some(offer), Some(of)) = (offer, catalog.reward(id)) else {
                    return Ok(Progress::Done(None));
                };
                let (redemption, issued) = gift(self, of, offer)?;
                for turn in [Turn::Created, Turn::Confirmed] {
                    let change = Box::new(redemption.change(turn));
                    reward.changes.push(Change::Redemption(change));
                }
                let id = redemption.id.clone();
                reward.redemption = Some(RedemptionWrite {
                    expected: None,
                    redemption,
                    stock: of.stock,
                    issued,
                });
                Gift::Reward { redemption: id }
            }
        };
        reward.given.push(Given {
            side: name,
            gift: given,
        });
        Ok(Progress::Done(Some(reward)))
    }

    /// Credits points that no rule gave: not multiplied, but within the program's budget.
    fn promised_points(
        &mut self,
        catalog: &crate::Catalog,
        points: i64,
        at: Timestamp,
    ) -> Result<Progress<(Transaction, Gift)>, Refusal> {
        let (program, now) = (self.program, self.now);
        let mut granted = points;
        let mut drawn = Vec::new();
        if let Some(pool) = catalog.pool_of(None, at) {
            granted = match self.taking.take(&pool, points) {
                Ok(granted) => granted,
                Err(unknown) => return Ok(Progress::Needs(unknown.into())),
            };
            drawn.push(Drawn {
                pool: pool.id,
                points: granted,
            });
            drawn.retain(|drawn| drawn.points > 0);
        }
        if granted > crate::POINTS_MAX {
            return Err(too_large());
        }
        let policy = program.expires.as_ref();
        let zone = &program.timezone;
        let (available_at, expires_at) = window::validity(program.pending_days, policy, at, zone);
        let seq = self.next_seq();
        let lot = Lot {
            id: LotId::own(seq, 0),
            remaining: granted,
            available_at: available_at.filter(|from| *from > now),
            expires_at,
        };
        self.account.credit(lot, true, now)?;
        self.account.latest_event_at = self.account.latest_event_at.max(at);
        self.account.active_at = self.account.active_at.max(at);
        self.account.qualify(program, granted, at, now);
        let id = TransactionId {
            account: self.account.id.clone(),
            seq,
            place: 0,
        };
        let made = Transaction {
            available_at,
            expires_at,
            balance_after: self.balance(),
            lifetime: true,
            uncapped_points: (granted < points).then_some(points),
            ..Transaction::new(TransactionType::Earn, granted, REASON)
        };
        let gift = Gift::Points {
            transaction: id.to_string(),
            points: granted,
            rule: None,
            drawn,
        };
        Ok(Progress::Done((made, gift)))
    }
}
