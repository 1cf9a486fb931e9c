//! Accounts: created, changed, closed, reopened, merged, adjusted by hand.

use super::*;

impl Model {
    pub(super) fn create_account(
        &mut self,
        customer: &Option<String>,
        email: &Option<String>,
    ) -> Result<Done, Refusal> {
        let holders = [
            customer
                .as_deref()
                .and_then(|name| self.member_of_customer(name)),
            email.as_deref().and_then(|name| self.member_of_email(name)),
        ];
        if holders.into_iter().flatten().any(|who| self.is_active(who)) {
            return Err("account_already_exists");
        }
        let (member, welcome) = self.enroll(customer.clone(), email.clone(), self.now)?;
        Ok(Done {
            outcome: Outcome::Created,
            duplicate: false,
            account: Some(member),
            enrolled: true,
            welcome,
            transactions: Vec::new(),
        })
    }

    /// Creates an account and handles its `loyalty.account.created` in the same transaction.
    pub(super) fn enroll(
        &mut self,
        customer: Option<String>,
        email: Option<String>,
        occurred_at: Timestamp,
    ) -> Result<(MemberId, Vec<Posted>), Refusal> {
        let member = MemberId(self.members.len());
        self.members.push(Member {
            first_customer: customer.clone(),
            customer,
            email,
            status: Status::Active,
            step: self.step,
        });
        self.take_names(member);
        let mut event = Event::new(WELCOME, member.to_string(), occurred_at);
        let id = json!(member.to_string());
        event.data.insert("id".to_owned(), id);
        let welcome = self.award(member, &event)?;
        let outcome = if welcome.is_empty() {
            Outcome::NoAward
        } else {
            Outcome::Awarded
        };
        self.remember(
            &event,
            Done {
                outcome,
                duplicate: false,
                account: Some(member),
                enrolled: false,
                welcome: Vec::new(),
                transactions: welcome.clone(),
            },
        );
        Ok((member, welcome))
    }

    pub(super) fn account_created_again(&self, member: MemberId) -> Done {
        let first = self
            .seen
            .iter()
            .find(|seen| seen.kind == WELCOME && seen.source_id == member.to_string())
            .expect("a member");
        Done {
            duplicate: true,
            ..first.answer.clone()
        }
    }

    pub(super) fn update_account(
        &mut self,
        member: MemberId,
        customer: &Option<Option<String>>,
        email: &Option<Option<String>>,
    ) -> Result<Done, Refusal> {
        if let Status::Merged(_) = self.status(member) {
            return Err("account_merged");
        }
        let now = self.members[member.0].clone();
        let customer = customer.as_ref().filter(|name| **name != now.customer);
        let email = email.as_ref().filter(|name| **name != now.email);
        // Ruling: what a closed account is called does not change.
        if !self.is_active(member) && (customer.is_some() || email.is_some()) {
            return Err("account_closed");
        }
        let holders = [
            customer
                .and_then(|name| name.as_deref())
                .and_then(|name| self.member_of_customer(name)),
            email
                .and_then(|name| name.as_deref())
                .and_then(|name| self.member_of_email(name)),
        ];
        let mut others = holders.into_iter().flatten().filter(|who| *who != member);
        if others.any(|who| self.is_active(who)) {
            return Err("account_already_exists");
        }
        let account = &mut self.members[member.0];
        if let Some(customer) = customer {
            let before = std::mem::replace(&mut account.customer, customer.clone());
            self.customers
                .retain(|name, _| Some(name) != before.as_ref());
        }
        if let Some(email) = email {
            let before = std::mem::replace(&mut account.email, email.clone());
            self.emails.retain(|name, _| Some(name) != before.as_ref());
        }
        self.take_names(member);
        Ok(simply(Outcome::Updated, Some(member)))
    }

    pub(super) fn is_active(&self, member: MemberId) -> bool {
        self.status(member) == Status::Active
    }

    pub(super) fn take_names(&mut self, member: MemberId) {
        let Member {
            customer, email, ..
        } = self.members[member.0].clone();
        self.customers.extend(customer.map(|name| (name, member)));
        self.emails.extend(email.map(|name| (name, member)));
    }

    pub(super) fn close(&mut self, member: MemberId) -> Result<Done, Refusal> {
        if let Status::Merged(_) = self.status(member) {
            return Err("account_merged");
        }
        self.cancel_reserved(member)?;
        self.members[member.0].status = Status::Closed;
        Ok(simply(Outcome::Closed, Some(member)))
    }

    pub(super) fn reopen(&mut self, member: MemberId) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Merged(_) => return Err("account_merged"),
            Status::Active => {}
            Status::Closed => {
                let (customer, email) = self.identity(member);
                let holders = [
                    customer.and_then(|name| self.member_of_customer(name)),
                    email.and_then(|name| self.member_of_email(name)),
                ];
                if holders.into_iter().flatten().any(|who| self.is_active(who)) {
                    return Err("account_already_exists");
                }
                self.members[member.0].status = Status::Active;
                self.take_names(member);
            }
        }
        Ok(simply(Outcome::Reopened, Some(member)))
    }

    /// Ruling: the survivor gets the customer and the email where it has none; where it has one,
    /// the other's leads to it all the same.
    pub(super) fn merge(&mut self, source: MemberId, target: MemberId) -> Result<Done, Refusal> {
        if source == target {
            return Err("merge_with_itself");
        }
        for member in [source, target] {
            match self.status(member) {
                Status::Active => {}
                Status::Merged(_) => return Err("account_merged"),
                Status::Closed => return Err("account_not_active"),
            }
        }
        self.merge_goals(source, target);
        self.merge_referrals(source, target);
        self.merges.push(Merge {
            source,
            target,
            at: self.now,
            after: self.transactions.len(),
            step: self.step,
        });
        let Member {
            customer, email, ..
        } = self.members[source.0].clone();
        self.members[source.0].status = Status::Merged(target);
        let survivor = &mut self.members[target.0];
        survivor.customer = survivor.customer.take().or(customer);
        survivor.email = survivor.email.take().or(email);
        self.take_names(target);
        let carried = self.carries.clone();
        for ((_, rule), fraction) in carried.into_iter().filter(|((who, _), _)| *who == source) {
            self.carries.remove(&(source, rule.clone()));
            let sum = self.carry(target, &rule) + fraction;
            self.carries.insert((target, rule), sum);
        }
        let holdings = self.holdings(target, self.now);
        in_range(&holdings)?;
        Ok(simply(Outcome::Merged, Some(target)))
    }

    /// Ruling: an adjustment's points are never pending, and expire only as it says itself.
    pub(super) fn adjust(
        &mut self,
        member: MemberId,
        amount: i64,
        allow_negative: bool,
        lifetime: bool,
        expires_at: Option<Timestamp>,
    ) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Active => {}
            Status::Closed => return Err("account_closed"),
            Status::Merged(_) => return Err("account_merged"),
        }
        if amount > 0 && expires_at.is_some_and(|at| at <= self.now) {
            return Err("parameter_invalid");
        }
        let balance = self.balance(member, self.now);
        if amount < 0 && !allow_negative && balance.saturating_add(amount) < 0 {
            return Err("insufficient_points");
        }
        let posted = self.post(Transaction {
            expires_at: expires_at.filter(|_| amount > 0),
            lifetime: lifetime && amount > 0,
            ..Transaction::of(member, TransactionKind::Adjust, amount, self.now)
        })?;
        Ok(Done {
            transactions: vec![posted],
            ..simply(Outcome::Adjusted, Some(member))
        })
    }
}
