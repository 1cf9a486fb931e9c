//! Events in: repeats, whom they belong to, what they set off.

use super::*;

impl Model {
    pub(super) fn event(&mut self, event: &Event) -> Result<Done, Refusal> {
        let content = event.data_with(&OwnNames);
        let first = self
            .seen
            .iter()
            .find(|seen| seen.kind == event.kind && seen.source_id == event.source_id());
        if let Some(first) = first {
            if first.content != content {
                return Err("event_content_mismatch");
            }
            return Ok(Done {
                duplicate: true,
                ..first.answer.clone()
            });
        }
        if event.occurred_at.duration_since(self.now) > AHEAD_MAX {
            return Err("occurred_in_future");
        }
        let lost = event.text("status") == Some("lost");
        match event.kind.as_str() {
            "payment.failed" => return Ok(simply(Outcome::Ignored, None)),
            "payment.disputed" if !lost => return Ok(simply(Outcome::Ignored, None)),
            _ => {}
        }
        let done = match event.kind.as_str() {
            "payment.refunded" | "payment.disputed" => self.refund(event)?,
            "customer.updated" => self.customer_updated(event)?,
            "customer.deleted" => self.customer_deleted(event)?,
            _ => self.earning(event)?,
        };
        let leaves_no_trace = [Outcome::Unlinked, Outcome::AccountClosed, Outcome::Ignored];
        if !leaves_no_trace.contains(&done.outcome) {
            self.remember(event, done.clone());
        }
        Ok(done)
    }

    pub(super) fn remember(&mut self, event: &Event, answer: Done) {
        self.seen.push(Seen {
            kind: event.kind.clone(),
            source_id: event.source_id().to_owned(),
            content: event.data_with(&OwnNames),
            answer,
        });
    }

    /// Ruling: the outcome speaks of the event's own awards, not of the welcome that came with
    /// an enrolment; and an account enrolled by an event gets the customer, but not the email.
    pub(super) fn earning(&mut self, event: &Event) -> Result<Done, Refusal> {
        let comes_by_code = self.works(event);
        let (member, enrolled, welcome) = match self.resolve(event) {
            Some(member) if !self.is_active(member) => {
                return Ok(simply(Outcome::AccountClosed, Some(member)));
            }
            Some(member) => (member, false, Vec::new()),
            None => match event.customer() {
                Some(customer) if self.settings.auto_enroll || comes_by_code => {
                    let customer = Some(customer.to_owned());
                    let (member, welcome) = self.enroll(customer, None, event.occurred_at)?;
                    (member, true, welcome)
                }
                _ => return Ok(simply(Outcome::Unlinked, None)),
            },
        };
        let mut transactions = self.award(member, event)?;
        self.confirm_by_payment(member, event)?;
        let earned = !transactions.is_empty();
        let referred = self.refer(member, event)?;
        transactions.extend(referred.transactions);
        let outcome = match (earned || referred.converted, referred.attributed) {
            (true, _) => Outcome::Awarded,
            (false, true) => Outcome::Processed,
            (false, false) => Outcome::NoAward,
        };
        if PAYMENTS.contains(&event.kind.as_str()) {
            for index in 0..self.refunds.len() {
                if self.refunds[index].payment == event.source_id() {
                    transactions.extend(self.return_for(index, paid(&event.data))?.1);
                    transactions.extend(self.claw(index, paid(&event.data))?);
                }
            }
            let (_, taken) = self.take_back(event.source_id(), paid(&event.data))?;
            transactions.extend(taken);
        }
        Ok(Done {
            outcome,
            duplicate: false,
            account: Some(member),
            enrolled,
            welcome,
            transactions,
        })
    }

    /// Ruling: where another member has the new address, the account keeps the one that it has.
    fn customer_updated(&mut self, event: &Event) -> Result<Done, Refusal> {
        let Some(email) = event.text("email").map(str::to_owned) else {
            return Ok(simply(Outcome::Ignored, None));
        };
        let Some(member) = self.resolve(event) else {
            return Ok(simply(Outcome::Unlinked, None));
        };
        if !self.is_active(member) {
            return Ok(simply(Outcome::AccountClosed, Some(member)));
        }
        match self.update_account(member, &None, &Some(Some(email))) {
            Ok(_) | Err("account_already_exists") => Ok(simply(Outcome::Processed, Some(member))),
            Err(refusal) => Err(refusal),
        }
    }

    fn customer_deleted(&mut self, event: &Event) -> Result<Done, Refusal> {
        let Some(member) = self.resolve(event) else {
            return Ok(simply(Outcome::Unlinked, None));
        };
        self.close(member)?;
        Ok(simply(Outcome::Processed, Some(member)))
    }

    pub(super) fn resolve(&self, event: &Event) -> Option<MemberId> {
        let known = |member: Option<MemberId>| {
            let member = member.filter(|m| m.0 < self.members.len());
            member.map(|member| self.survivor(member))
        };
        known(event.loyalty_account)
            .or_else(|| known(event.account))
            .or_else(|| self.member_of_customer(event.customer()?))
            .or_else(|| {
                // The address is the new one, which may be anybody's by now.
                let email = event.text("email");
                self.member_of_email(email.filter(|_| event.kind != "customer.updated")?)
            })
    }
}
