//! What keeps a referral from paying (spec section 4, "Fraud").

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use super::{Course, Instrument};
use crate::{
    Account,
    account::Status,
    referral::{Conversions, RejectionReason},
};

impl Course<'_> {
    /// Why somebody does not count as referred, as far as that can be told when they come.
    pub(super) fn obstacle(
        &self,
        referee: &Account,
        email: Option<&str>,
        came_at: Timestamp,
    ) -> Option<RejectionReason> {
        let Some(referrer) = &self.referrer else {
            return Some(RejectionReason::SelfReferral);
        };
        let referrer = &referrer.account;
        if referrer.status != Status::Active {
            return Some(RejectionReason::ReferrerClosed);
        }
        let mut instruments = self.scene.instruments.iter();
        let email = email.or(referee.email.as_deref());
        let is_self = is_same(referrer.customer.as_ref(), referee.customer.as_ref())
            || is_same(
                referrer.email.as_deref().map(mailbox).as_ref(),
                email.map(mailbox).as_ref(),
            )
            || instruments
                .clone()
                .any(|it| referrer.referrals.has(&it.hash))
            || referee
                .referrals
                .shares_instrument_with(&referrer.referrals);
        if is_self {
            return Some(RejectionReason::SelfReferral);
        }
        if referee.referrals.paid_before(came_at) {
            return Some(RejectionReason::NotNewCustomer);
        }
        let program = &self.catalog.program.referrals;
        let blocked = program.blocked.as_ref().and_then(|blocked| {
            let referee = blocked.reason(referee.customer.as_deref(), email);
            let referrer = || {
                let (customer, email) = (referrer.customer.as_deref(), referrer.email.as_deref());
                let reason = blocked.reason(customer, email);
                reason.filter(|reason| *reason == RejectionReason::Blocked)
            };
            referee.or_else(referrer)
        });
        if blocked.is_some() {
            return blocked;
        }
        let is_anothers = |it: &Instrument| it.holder.as_ref().is_some_and(|it| *it != referee.id);
        let is_shared = instruments.any(is_anothers) && !is(Bug::SharedCardsPass);
        is_shared.then_some(RejectionReason::SharedFingerprint)
    }

    /// All conversions of the referrer, with those of accounts that it absorbed.
    pub(super) fn all_conversions(&self) -> Conversions {
        let own = self
            .conversions
            .as_ref()
            .unwrap_or(&self.scene.conversions.1);
        own.and(&self.scene.absorbed_conversions)
    }
}

fn is_same<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_some() && one == other
}

/// An address without what its owner may put behind a `+`: mail to both arrives at one place.
fn mailbox(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(local, _)| local);
            format!("{local}@{domain}").to_lowercase()
        }
        None => email.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::mailbox;

    #[test]
    fn one_mailbox_has_many_addresses() {
        for (email, expected) in [
            ("anna@example.com", "anna@example.com"),
            ("Anna+shop@Example.com", "anna@example.com"),
            ("no-at+x", "no-at+x"),
        ] {
            assert_eq!(mailbox(email), expected);
        }
    }
}
