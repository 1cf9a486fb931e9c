//! What keeps a referral from paying (spec section 4, "Fraud").

use super::*;
use crate::referrals::Velocity;

/// How much later than a window still reaches back a conversion may come, in days. Ruling: of
/// what lies further back than that is no longer known how full it was, and nothing fits in.
const LATE_DAYS: i64 = 31;

/// A card or device that somebody was seen with.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) member: MemberId,
    pub(super) instrument: String,
    /// Whether it stands for the member as a referee of the program. Ruling: it does for the
    /// first, from a coming or a payment as a referee on.
    pub(super) is_referees: bool,
}

/// A conversion of somebody's code.
#[derive(Clone, Debug)]
pub(crate) struct Conversion {
    /// Whose code it was by then.
    pub(crate) referrer: MemberId,
    pub(crate) at: Timestamp,
    /// Whether it is too old to be known.
    pub(super) forgotten: bool,
}

impl Model {
    pub(super) fn see(&mut self, member: MemberId, instrument: String) {
        self.sightings.push(Sighting {
            member,
            instrument,
            is_referees: false,
        });
    }

    /// Lets what a referee was seen with stand for it, unless it stands for another.
    pub(super) fn stand_for(&mut self, member: MemberId) {
        for place in 0..self.sightings.len() {
            let Sighting {
                member: who,
                instrument,
                ..
            } = &self.sightings[place];
            let own = self.survivor(*who) == member;
            self.sightings[place].is_referees |= own && !self.is_anothers(member, instrument);
        }
    }

    /// Whether a card or device stands for another referee.
    pub(super) fn is_anothers(&self, member: MemberId, instrument: &str) -> bool {
        let others = self.sightings.iter();
        let mut others = others.filter(|it| it.is_referees && it.instrument == instrument);
        others.any(|it| self.survivor(it.member) != member)
    }

    /// The cards that a member has paid with, and the devices that it came by.
    pub(super) fn seen_with(&self, member: MemberId) -> BTreeSet<&str> {
        let all = self.sightings.iter();
        let own = all.filter(|it| self.survivor(it.member) == member);
        own.map(|it| it.instrument.as_str()).collect()
    }

    /// Why somebody does not count as referred.
    pub(super) fn obstacle(
        &self,
        member: MemberId,
        owner: MemberId,
        email: Option<&str>,
        seen: Vec<String>,
        came_at: Timestamp,
    ) -> Option<&'static str> {
        let (own_customer, own_email) = self.identity(member);
        let (customer, referrers_email) = self.identity(owner);
        let email = email.or(own_email);
        let mut instruments = self.seen_with(member);
        instruments.extend(seen.iter().map(String::as_str));
        if owner == member {
            return Some("self_referral");
        }
        if !self.is_active(owner) {
            return Some("referrer_closed");
        }
        let same_customer = customer.is_some() && customer == own_customer;
        let same_mailbox = email.is_some() && email.map(mailbox) == referrers_email.map(mailbox);
        let same_instrument = !self.seen_with(owner).is_disjoint(&instruments);
        if same_customer || same_mailbox || same_instrument {
            return Some("self_referral");
        }
        let mut payments = self.payments.iter();
        if payments.any(|it| self.survivor(it.member) == member && it.at < came_at) {
            return Some("not_new_customer");
        }
        let settings = &self.settings.referrals;
        let is_blocked = |customer: Option<&str>| {
            customer.is_some_and(|it| settings.blocked_customers.iter().any(|name| name == it))
        };
        if is_blocked(own_customer) {
            return Some("blocked");
        }
        let domain = email.and_then(|email| email.split('@').nth(1));
        if domain.is_some_and(|domain| settings.disposable.iter().any(|it| it == domain)) {
            return Some("disposable");
        }
        if is_blocked(customer) {
            return Some("blocked");
        }
        let shared = instruments.iter().any(|it| self.is_anothers(member, it));
        shared.then_some("shared_fingerprint")
    }

    pub(super) fn conversions_of(&self, owner: MemberId) -> impl Iterator<Item = &Conversion> {
        let all = self.conversions.iter();
        all.filter(move |it| self.survivor(it.referrer) == owner)
    }

    /// Whether one more conversion at an instant is too many in no window, also in none that ends
    /// later.
    pub(super) fn has_room(&self, owner: MemberId, at: Timestamp) -> bool {
        let Velocity { most, days } = self.settings.referrals.velocity;
        let span = SignedDuration::from_hours(24 * days);
        let (forgotten, known): (Vec<_>, Vec<_>) =
            self.conversions_of(owner).partition(|it| it.forgotten);
        if forgotten.iter().any(|it| at <= it.at) {
            return false;
        }
        let mut ends: Vec<Timestamp> = known.iter().map(|it| it.at).collect();
        ends.retain(|end| at <= *end && *end < at + span);
        ends.push(at);
        ends.into_iter().all(|end| {
            let inside = known.iter().map(|it| it.at);
            inside.filter(|it| end - span < *it && *it <= end).count() < most
        })
    }

    /// Counts a conversion, which stays counted whatever is refunded. Ruling: what is further
    /// back than the window of one account, and a month, is forgotten.
    pub(super) fn convert(&mut self, owner: MemberId, at: Timestamp) {
        self.conversions.push(Conversion {
            referrer: owner,
            at,
            forgotten: false,
        });
        let own = self.conversions.iter_mut();
        let own: Vec<&mut Conversion> = own.filter(|it| it.referrer == owner).collect();
        let latest = own.iter().map(|it| it.at).max().expect("just counted");
        let days = self.settings.referrals.velocity.days + LATE_DAYS;
        let old = latest - SignedDuration::from_hours(24 * days);
        for conversion in own.into_iter().filter(|it| it.at <= old) {
            conversion.forgotten = true;
        }
    }
}

/// Mail to `ada+shop@…` arrives at `ada@…`.
fn mailbox(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let local = local.split('+').next().unwrap_or_default();
    format!("{local}@{domain}").to_lowercase()
}
