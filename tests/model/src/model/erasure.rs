//! Erasing what identifies a person, and keeping the ledger.

use super::*;

/// The types of the events that are named by the customer whom they are about.
const NAMED_BY_CUSTOMER: [&str; 2] = ["customer.created", "customer.deleted"];

impl Model {
    /// Ruling: it closes the account, since nobody is left whom its points could serve; and an
    /// event that is named by the customer answers from then on without saying whose it was.
    pub(super) fn erase(&mut self, member: MemberId) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Merged(_) => return Err("account_merged"),
            Status::Closed => {}
            Status::Active => {
                self.close(member)?;
            }
        }
        let all = (0..self.members.len()).map(MemberId);
        let own: Vec<MemberId> = all.filter(|who| self.survivor(*who) == member).collect();
        for who in &own {
            let account = &mut self.members[who.0];
            let names = [account.customer.take(), account.first_customer.take()];
            account.email = None;
            let is_its = |seen: &&mut Seen| {
                NAMED_BY_CUSTOMER.contains(&seen.kind.as_str())
                    && names.iter().flatten().any(|name| *name == seen.source_id)
                    && seen.answer.account == Some(*who)
            };
            for seen in self.seen.iter_mut().filter(is_its) {
                seen.answer.account = None;
                seen.answer.transactions.clear();
            }
        }
        self.customers.retain(|_, who| !own.contains(who));
        self.emails.retain(|_, who| !own.contains(who));
        self.erase_referrals(member);
        Ok(simply(Outcome::Erased, Some(member)))
    }
}
