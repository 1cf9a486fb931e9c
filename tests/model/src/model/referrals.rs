//! Referrals (spec section 4), from the list of who came by which code and the list of all
//! payments.

use super::conversions::{Deed, Payment};
use super::*;
use crate::ops::Via;
use crate::referrals::{CodeId, Qualify, Referral, ReferralCode, ReferralStatus, Side, Sides};
use crate::settings::Recipient;

/// The event that says that somebody has come by a code.
const ATTRIBUTED: &str = "referral.attributed";

/// Who comes, and with what.
struct Coming<'a> {
    customer: Option<&'a str>,
    email: Option<&'a str>,
    instrument: Option<String>,
    at: Timestamp,
}

/// What an event meant for a referral.
#[derive(Default)]
pub(super) struct Referred {
    pub(super) attributed: bool,
    pub(super) converted: bool,
    /// What the member itself got and gave back.
    pub(super) transactions: Vec<Posted>,
}

impl Model {
    /// The referrals, in the order in which they were made.
    pub fn referrals(&self) -> &[Referral] {
        &self.referrals
    }

    /// The codes, in the order in which they were made.
    pub fn codes(&self) -> &[ReferralCode] {
        &self.codes
    }

    /// Whether a referral that may convert promises a reward of which there are only so many.
    pub fn promises_stock(&self) -> bool {
        let is_limited = |side: &Option<Side>| match side {
            Some(Side::Reward(id)) => self.reward(id).is_some_and(|it| it.stock.is_some()),
            _ => false,
        };
        let codes = self.codes.iter().filter_map(|it| it.reward.as_ref());
        let promised = self.referrals.iter().map(|it| &it.reward);
        promised
            .chain(codes)
            .any(|sides| is_limited(&sides.referrer) || is_limited(&sides.referee))
    }

    /// Asking again answers the same code; what both get by it changes where the request says so.
    pub(super) fn mint(
        &mut self,
        member: MemberId,
        reward: &Option<Sides>,
        qualify: &Option<Qualify>,
    ) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Active => {}
            Status::Closed => return Err("account_closed"),
            Status::Merged(_) => return Err("account_merged"),
        }
        let known = self.codes.iter().position(|code| is_of(code, member));
        let place = known.unwrap_or_else(|| {
            self.codes.push(ReferralCode {
                member,
                reward: None,
                qualify: None,
                erased: false,
            });
            self.codes.len() - 1
        });
        let code = &mut self.codes[place];
        code.reward = reward.clone().or(code.reward.take());
        code.qualify = qualify.clone().or(code.qualify.take());
        Ok(simply(Outcome::Minted, Some(member)))
    }

    /// Whether an event names a code that works.
    pub(super) fn works(&self, event: &Event) -> bool {
        let may_touch = PAYMENTS.contains(&event.kind.as_str()) || event.kind == "customer.created";
        let owner = event.referral_code.and_then(|code| self.owner(code));
        may_touch && owner.is_some()
    }

    /// Whose a code is by now, where it works: its owner is a member.
    pub(super) fn owner(&self, code: CodeId) -> Option<MemberId> {
        let code = self.codes.get(code.0).filter(|code| !code.erased)?;
        let owner = self.survivor(code.member);
        self.is_active(owner).then_some(owner)
    }

    /// The referral that a member came by, if there is one, rejected or not.
    fn came_by(&self, member: MemberId) -> Option<usize> {
        let own = self.came_by.iter();
        let mut own = own.filter(|(who, _)| self.survivor(*who) == member);
        own.next().map(|(_, referral)| *referral)
    }

    /// The one that no other can take the place of: first touch wins.
    pub(super) fn touched(&self, member: MemberId) -> Option<usize> {
        let known = self.came_by(member);
        known.filter(|place| !self.referrals[*place].never_attributed)
    }

    /// The `attribute` call. Ruling: a code that leads nowhere is refused before anything is said
    /// of who comes, and one that once existed does not help who came before.
    pub(super) fn attribute(&mut self, coming: &crate::ops::Coming) -> Result<Done, Refusal> {
        let code = self.codes.get(coming.code.0);
        let code = code.filter(|code| !code.erased);
        if code.is_none() {
            return Err("referral_code_not_found");
        }
        if matches!(coming.via, Via::OldClick | Via::ForgedClick) {
            return Err("parameter_invalid");
        }
        let customer = coming.customer.as_deref();
        let named = coming.account.map(|account| self.survivor(account));
        let known = named
            .or_else(|| self.member_of_customer(customer?))
            .or_else(|| self.member_of_email(coming.email.as_deref()?));
        if let Some(place) = known.and_then(|member| self.touched(member)) {
            return Ok(self.came(place));
        }
        if self.owner(coming.code).is_none() {
            return Err("referral_code_not_found");
        }
        let member = match known {
            Some(member) if !self.is_active(member) => return Err("account_closed"),
            Some(member) => member,
            None => {
                let customer = coming.customer.clone().ok_or("parameter_missing")?;
                let email = coming.email.clone();
                self.enroll(Some(customer), email, self.now)?.0
            }
        };
        let coming_now = Coming {
            customer,
            email: coming.email.as_deref(),
            instrument: coming.device.as_ref().map(|name| format!("device {name}")),
            at: self.now,
        };
        self.come(member, coming.code, &coming_now);
        let place = self.came_by(member).expect("just came, or before");
        Ok(self.came(place))
    }

    /// The news that somebody has come: rules that listen to it pay both sides, once, and whatever
    /// becomes of the referral later. Ruling: what nobody listens to leaves no trace, and neither
    /// does what was rejected by then.
    pub(super) fn attribution_told(&mut self, place: usize) -> Result<Done, Refusal> {
        let Some(referral) = self.referrals.get(place).cloned() else {
            return Ok(simply(Outcome::Unlinked, None));
        };
        let event = Event::new(ATTRIBUTED, format!("referral{place}"), referral.came_at);
        let mut seen = self.seen.iter();
        let first =
            seen.find(|seen| seen.kind == event.kind && seen.source_id == event.envelope_id);
        if let Some(first) = first {
            return Ok(Done {
                duplicate: true,
                ..first.answer.clone()
            });
        }
        if referral.reason.is_some() {
            return Ok(simply(Outcome::Unlinked, None));
        }
        if self.rules.iter().all(|rule| rule.trigger != ATTRIBUTED) {
            return Ok(simply(Outcome::NoAward, None));
        }
        let referee = self.survivor(referral.referee);
        let mut sides = vec![
            (self.survivor(referral.referrer), Recipient::Referrer),
            (referee, Recipient::Referee),
        ];
        sides.retain(|(who, _)| self.is_active(*who));
        // Where both are one by now, that one is the referrer.
        sides.dedup_by_key(|(who, _)| *who);
        let mut own = Vec::new();
        let mut is_awarded = false;
        for (who, recipient) in sides {
            let first = self.transactions.len();
            self.award_to(who, &event, Some(recipient))?;
            for given in &mut self.transactions[first..] {
                given.referral = Some(place);
                is_awarded = true;
                own.extend((recipient == Recipient::Referee).then(|| given.posted()));
            }
        }
        let outcome = match is_awarded {
            true => Outcome::Awarded,
            false => Outcome::NoAward,
        };
        let done = Done {
            transactions: own,
            ..simply(outcome, Some(referee))
        };
        self.remember(&event, done.clone());
        Ok(done)
    }

    fn came(&self, place: usize) -> Done {
        let referral = &self.referrals[place];
        let outcome = Outcome::Referral(referral.status_at(self.now));
        simply(outcome, Some(self.survivor(referral.referee)))
    }

    /// Lets a member come by a code that works; whether that made a referral.
    fn come(&mut self, member: MemberId, code: CodeId, coming: &Coming<'_>) -> bool {
        let Some(owner) = self.owner(code) else {
            return false;
        };
        let ReferralCode {
            member: referrer,
            reward,
            qualify,
            ..
        } = self.codes[code.0].clone();
        if self.touched(member).is_some() {
            return false;
        }
        // Ruling: whom this code was rejected for it is rejected for again, silently.
        let before = self.came_by(member).map(|place| &self.referrals[place]);
        if before.is_some_and(|before| before.referrer == referrer) {
            return false;
        }
        let seen = coming.instrument.iter().cloned();
        let reason = self.obstacle(member, owner, coming.email, seen.collect(), coming.at);
        let qualify = qualify.unwrap_or_else(|| self.settings.referrals.qualify.clone());
        let expires_at = qualify
            .window_days
            .and_then(|days| calendar::available_at(coming.at, days, &self.zone));
        let own_customer = || self.members[member.0].customer.clone();
        self.referrals.push(Referral {
            referrer,
            referee: member,
            customer: coming.customer.map(str::to_owned).or_else(own_customer),
            came_at: coming.at,
            expires_at,
            reward: reward.unwrap_or_else(|| self.settings.referrals.reward.clone()),
            qualify,
            status: match reason {
                Some(_) => ReferralStatus::Rejected,
                None => ReferralStatus::Attributed,
            },
            reason,
            never_attributed: reason.is_some(),
            converted_by: None,
            given: Vec::new(),
        });
        self.came_by
            .retain(|(who, _)| survivor(&self.members, *who) != member);
        self.came_by.push((member, self.referrals.len() - 1));
        if reason.is_none() {
            if let Some(instrument) = &coming.instrument {
                self.see(member, instrument.clone());
            }
            self.stand_for(member);
        }
        true
    }

    /// What an event of a member means for referrals: the member comes by the code that it names,
    /// and what the member has done converts the referral.
    pub(super) fn refer(&mut self, member: MemberId, event: &Event) -> Result<Referred, Refusal> {
        let mut done = Referred::default();
        let is_payment = PAYMENTS.contains(&event.kind.as_str());
        let card = is_payment.then(|| event.card()).flatten();
        let card = card.map(|card| format!("card {card}"));
        let at = event.occurred_at;
        if let Some(code) = event.referral_code.filter(|_| self.works(event)) {
            let coming = Coming {
                customer: event.customer(),
                email: event.text("email"),
                instrument: card.clone(),
                at,
            };
            done.attributed = self.come(member, code, &coming);
            if done.attributed {
                self.follow_earlier(member, at, &mut done)?;
            }
        }
        let deed = Deed {
            kind: &event.kind,
            id: event.source_id(),
            at,
            amount: paid(&event.data),
            card: card.clone(),
        };
        self.follow(member, &deed, &mut done)?;
        if is_payment {
            self.payments.push(Payment {
                member,
                kind: event.kind.clone(),
                id: event.source_id().to_owned(),
                at,
                amount: paid(&event.data),
            });
        }
        if let Some(card) = card {
            self.see(member, card);
        }
        if is_payment && self.touched(member).is_some() {
            self.stand_for(member);
        }
        Ok(done)
    }

    /// Who was merged came only once, by the earlier referral of the two; what was not attributed
    /// gives way. The other one ends. Called before the merge happens.
    pub(super) fn merge_referrals(&mut self, source: MemberId, target: MemberId) {
        let (Some(theirs), Some(own)) = (self.came_by(source), self.came_by(target)) else {
            return;
        };
        let rank = |place: usize| {
            let referral = &self.referrals[place];
            (referral.never_attributed, referral.came_at)
        };
        let (kept, dropped) = if rank(theirs) < rank(own) {
            (theirs, own)
        } else {
            (own, theirs)
        };
        if self.referrals[dropped].status == ReferralStatus::Attributed {
            self.reject(dropped, "account_merged");
        }
        self.came_by
            .retain(|(_, referral)| *referral == kept || ![theirs, own].contains(referral));
    }

    /// Forgets the codes of a member, what it was seen with, and as whom it ever came.
    pub(super) fn erase_referrals(&mut self, member: MemberId) {
        for place in 0..self.codes.len() {
            self.codes[place].erased |= self.survivor(self.codes[place].member) == member;
        }
        let members = &self.members;
        self.sightings
            .retain(|it| survivor(members, it.member) != member);
        let own = self.referrals.iter_mut();
        let own = own.filter(|it| survivor(members, it.referee) == member);
        own.for_each(|referral| referral.customer = None);
    }
}

fn is_of(code: &ReferralCode, member: MemberId) -> bool {
    code.member == member && !code.erased
}

fn survivor(members: &[Member], member: MemberId) -> MemberId {
    match members[member.0].status {
        Status::Merged(into) => survivor(members, into),
        Status::Active | Status::Closed => member,
    }
}
