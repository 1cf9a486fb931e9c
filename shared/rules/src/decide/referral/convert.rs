//! What a referee does pays both sides, or turns out not to.

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use super::{
    Course,
    pay::{Payout, heard},
};
use crate::{
    EventRecord, Refusal,
    decide::{Draft, Progress, RecordWrite},
    entry::Change,
    event::{REFERRAL_ATTRIBUTION, REFERRAL_CONVERTED, is_payment},
    record::Handled,
    referral::{ReferralTurn, RejectionReason, SideName},
};

use super::super::Cause;

/// Something that the member has done.
pub(in crate::decide) struct Deed<'a> {
    /// The event type.
    pub(in crate::decide) trigger: &'a str,
    /// The object behind it.
    pub(in crate::decide) source_id: &'a str,
    /// When.
    pub(in crate::decide) at: Timestamp,
    /// Minor units.
    pub(in crate::decide) amount: Option<i64>,
}

impl<'a> Course<'a> {
    /// Lets what the member did convert the referral, where it is what qualifies, or reject it,
    /// where it must not pay. Answers whether it converted.
    ///
    /// # Errors
    /// `points_out_of_range` and the like where the referee's own points do not fit.
    pub(in crate::decide) fn follow(
        &mut self,
        referee: &mut Draft<'a>,
        deed: &Deed<'_>,
    ) -> Result<Progress<bool>, Refusal> {
        let Some(referral) = &self.referral else {
            return Ok(Progress::Done(false));
        };
        let known = referee.account.referrals.touched();
        let Some(known) = known.filter(|known| known.id == referral.id).cloned() else {
            return Ok(Progress::Done(false));
        };
        let qualify = referral.qualify.clone();
        if is_payment(deed.trigger) {
            // Whoever comes by this card later meets it, whatever was paid with it and whenever.
            self.claim_instruments(referee);
        }
        if !known.is_open() {
            return Ok(Progress::Done(false));
        }
        let came_at = known.attributed_at;
        let is_in_time = known.is_in_time(deed.at);
        if is_payment(deed.trigger) && deed.at < came_at {
            self.reject(referee, RejectionReason::NotNewCustomer, deed);
            return Ok(Progress::Done(false));
        }
        let minimum = match &qualify.trigger {
            Some(_) => qualify.first_payment_minimum.unwrap_or(0),
            None => qualify.minimum(),
        };
        let is_enough = deed.amount.unwrap_or(0) >= minimum;
        if !qualify.listens_to(deed.trigger) || !is_in_time || !is_enough {
            return Ok(Progress::Done(false));
        }
        if let Some(reason) = self.obstacle(&referee.account, None, came_at) {
            self.reject(referee, reason, deed);
            return Ok(Progress::Done(false));
        }
        let velocity = self.catalog.program.referrals.velocity.unwrap_or_default();
        if !self.all_conversions().has_room(deed.at, velocity) {
            self.reject(referee, RejectionReason::Velocity, deed);
            return Ok(Progress::Done(false));
        }
        match self.pay(referee, deed)? {
            Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
            Progress::Done(Payout::Unavailable) => {
                self.reject(referee, RejectionReason::RewardUnavailable, deed);
                return Ok(Progress::Done(false));
            }
            Progress::Done(Payout::Paid(changes, transactions)) => {
                let mut conversions = self.conversions.take();
                let own = conversions.get_or_insert_with(|| self.scene.conversions.1.clone());
                if !is(Bug::ConversionsNotCounted) {
                    own.add(deed.at, velocity);
                }
                self.conversions = conversions;
                if let Some(referral) = &mut self.referral {
                    referral.velocity = Some(velocity);
                }
                let converted = self.turn(referee, ReferralTurn::Converted, deed.at);
                let changes = changes
                    .into_iter()
                    .chain(converted.map(|it| Change::Referral(Box::new(it))));
                let id = self.referral.as_ref().map(|it| it.id.clone());
                let cause = Cause {
                    trigger: REFERRAL_CONVERTED,
                    source_id: id.as_deref().unwrap_or_default(),
                    payment: is_payment(deed.trigger).then_some(deed.source_id),
                    occurred_at: deed.at,
                };
                referee.append(&cause, changes.collect(), transactions);
                referee.write_off_expired();
                match (heard(referee, SideName::Referee)?, &mut self.referral) {
                    (Progress::Needs(needs), _) => return Ok(Progress::Needs(needs)),
                    (Progress::Done(given), Some(referral)) => referral.given.extend(given),
                    (Progress::Done(_), None) => {}
                }
            }
        }
        Ok(Progress::Done(true))
    }

    /// Judges a referral that is told of late by what the member had paid meanwhile, as if it had
    /// been known then: the state at the end does not depend on the order of events. Answers
    /// whether it converted.
    ///
    /// # Errors
    /// As [`Course::follow`] and [`Course::take_back`].
    pub(in crate::decide) fn follow_earlier(
        &mut self,
        referee: &mut Draft<'a>,
    ) -> Result<Progress<bool>, Refusal> {
        let mut earlier: Vec<(&EventRecord, &Handled)> = self
            .scene
            .earlier
            .iter()
            .filter_map(|record| Some((record, record.handled.as_ref()?)))
            .collect();
        earlier.sort_by_key(|(_, handled)| handled.occurred_at);
        for (record, handled) in earlier {
            let deed = Deed {
                trigger: &record.key.trigger,
                source_id: &record.key.source_id,
                at: handled.occurred_at,
                amount: Some(handled.amount),
            };
            match self.follow(referee, &deed)? {
                Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
                Progress::Done(false) => continue,
                Progress::Done(true) => {}
            }
            let mut after = record.clone();
            after.version += 1;
            if let Some(handled) = &mut after.handled {
                handled.referral = self.referral.as_ref().map(|it| it.id.clone());
                let refunded = after.refunds.total;
                let refund = Cause {
                    trigger: crate::event::PAYMENT_REFUNDED,
                    source_id: &record.key.source_id,
                    payment: Some(&record.key.source_id),
                    occurred_at: handled.occurred_at,
                };
                let handled = handled.clone();
                let taken = self.take_back(referee, &handled, refunded, &refund)?;
                if let Progress::Needs(needs) = taken {
                    return Ok(Progress::Needs(needs));
                }
            }
            self.records.push(RecordWrite {
                expected: Some(record.version),
                record: after,
            });
            return Ok(Progress::Done(true));
        }
        Ok(Progress::Done(false))
    }

    /// Ends the referral without paying anybody.
    fn reject(&mut self, referee: &mut Draft<'_>, reason: RejectionReason, deed: &Deed<'_>) {
        if let Some(referral) = &mut self.referral {
            referral.reason = Some(reason);
            referral.converted_by = None;
        }
        let Some(change) = self.turn(referee, ReferralTurn::Rejected, deed.at) else {
            return;
        };
        let id = change.id.clone();
        let cause = Cause {
            trigger: REFERRAL_ATTRIBUTION,
            source_id: &id,
            payment: None,
            occurred_at: deed.at,
        };
        referee.append(&cause, vec![Change::Referral(Box::new(change))], Vec::new());
    }
}
