//! The model: events, refunds, adjustments and accounts over one list of transactions.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde_json::{Map, Value, json};

use crate::calendar;
use crate::lots::{Expiry, Holdings};
use crate::ops::{Answer, Done, Event, MemberId, Op, Outcome, Posted, TransactionKind};
use crate::points;
use crate::settings::{Cap, Exclusive, NegativeBalance, ProgramSettings, Rule};

/// No balance and no transaction is further from 0: 2^53 - 1.
pub const POINTS_MAX: i64 = (1 << 53) - 1;

/// An event may be so far ahead of now, and not a millisecond more.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The types of the events that a refund can name.
pub const PAYMENTS: [&str; 2] = ["payment.completed", "invoice.paid"];

const WELCOME: &str = "loyalty.account.created";

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Whose.
    pub member: MemberId,
    /// Its type.
    pub kind: TransactionKind,
    /// Signed.
    pub amount: i64,
    /// The rule that gave the award, or whose award is reversed.
    pub rule: Option<String>,
    /// The event behind it: trigger and source id; nothing for an adjustment.
    pub source: Option<(String, String)>,
    /// When its cause happened.
    pub occurred_at: Timestamp,
    /// When it was written.
    pub created: Timestamp,
    /// From when it counts in the balance, where that was not at once.
    pub available_at: Option<Timestamp>,
    /// When its points expire.
    pub expires_at: Option<Timestamp>,
    /// `metadata.uncapped_points` of an award that the cap cut.
    pub uncapped_points: Option<i128>,
    /// The number of the award that it reverses.
    pub reverses: Option<usize>,
    /// What a reversal under `clamp` could not take and wrote off.
    pub shortfall: i64,
    /// Whether it counts into `lifetime_points`.
    pub lifetime: bool,
    /// The balance after it, at the instant of writing.
    pub balance_after: i64,
}

impl Transaction {
    /// It as answers list it.
    pub fn posted(&self) -> Posted {
        Posted {
            kind: self.kind,
            amount: self.amount,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) customer: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) status: Status,
}

/// Whether an account earns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It does.
    #[default]
    Active,
    /// It does not, and holds what it has.
    Closed,
    /// It ended, and this one has what it had.
    Merged(MemberId),
}

/// A merge that happened.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    pub(crate) source: MemberId,
    pub(crate) target: MemberId,
    pub(crate) at: Timestamp,
    /// How many transactions were written before.
    pub(crate) after: usize,
}

/// An event that left a trace.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) kind: String,
    pub(crate) source_id: String,
    content: Map<String, Value>,
    answer: Done,
}

/// A refund or a lost dispute.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) source: (String, String),
    pub(crate) payment: String,
    /// Nothing given is everything.
    pub(crate) amount: Option<u64>,
    pub(crate) occurred_at: Timestamp,
}

/// What a rule would do for an event.
struct Candidate {
    rule: Rule,
    /// What rounding left of the value, for a rule that carries.
    carry: Option<BigRational>,
    uncapped: BigInt,
    points: BigInt,
}

impl Candidate {
    fn writes(&self) -> bool {
        self.uncapped > BigInt::ZERO
    }
}

type Refusal = &'static str;

/// A program with its members, for ever.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) settings: ProgramSettings,
    pub(crate) zone: TimeZone,
    pub(crate) rules: Vec<Rule>,
    /// Every state that each rule was ever in.
    pub(crate) rule_versions: Vec<Rule>,
    pub(crate) members: Vec<Member>,
    /// Every transaction ever, in the order written.
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) merges: Vec<Merge>,
    /// Who took each customer and each email last.
    customers: BTreeMap<String, MemberId>,
    emails: BTreeMap<String, MemberId>,
    carries: BTreeMap<(MemberId, String), BigRational>,
    now: Timestamp,
}

impl Model {
    /// A program without members.
    ///
    /// # Panics
    /// If the time zone or a duration is none.
    pub fn new(settings: ProgramSettings, rules: Vec<Rule>) -> Self {
        let zone = TimeZone::get(&settings.timezone).expect("an IANA time zone");
        Self {
            settings,
            zone,
            rule_versions: rules.clone(),
            rules,
            members: Vec::new(),
            transactions: Vec::new(),
            seen: Vec::new(),
            refunds: Vec::new(),
            merges: Vec::new(),
            customers: BTreeMap::new(),
            emails: BTreeMap::new(),
            carries: BTreeMap::new(),
            now: Timestamp::MIN,
        }
    }

    /// Does one operation at `now`. A refusal changes nothing.
    ///
    /// # Panics
    /// If `now` is before that of an earlier operation.
    pub fn apply(&mut self, now: Timestamp, op: &Op) -> Answer {
        assert!(self.now <= now, "time went back");
        self.now = now;
        let before = self.clone();
        let answer = match op {
            Op::CreateAccount { customer, email } => self.create_account(customer, email),
            Op::UpdateAccount {
                member,
                customer,
                email,
            } => self.update_account(*member, customer, email),
            Op::Event(event) => self.event(event),
            Op::AccountCreatedAgain(member) => Ok(self.account_created_again(*member)),
            Op::Adjust {
                member,
                amount,
                allow_negative,
                lifetime,
                expires_at,
            } => self.adjust(*member, *amount, *allow_negative, *lifetime, *expires_at),
            Op::UpdateRule(rule) => Ok(self.update_rule(rule)),
            Op::Close(member) => self.close(*member),
            Op::Reopen(member) => self.reopen(*member),
            Op::Merge { source, target } => self.merge(*source, *target),
        };
        match answer {
            Ok(done) => Answer::Done(done),
            Err(code) => {
                *self = before;
                Answer::Refused(code)
            }
        }
    }

    /// How many members there are; they are numbered from 0.
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    /// The member whom this customer leads to: who took it last, or whom that one was merged
    /// into. Ruling: closing an account leaves its names with it until another takes them.
    pub fn member_of_customer(&self, customer: &str) -> Option<MemberId> {
        self.customers.get(customer).map(|who| self.survivor(*who))
    }

    /// The member whom this email leads to.
    pub fn member_of_email(&self, email: &str) -> Option<MemberId> {
        self.emails.get(email).map(|who| self.survivor(*who))
    }

    /// Whether a member earns.
    pub fn status(&self, member: MemberId) -> Status {
        self.members[member.0].status
    }

    /// The member, or whom it was merged into in the end.
    pub fn survivor(&self, member: MemberId) -> MemberId {
        match self.status(member) {
            Status::Merged(into) => self.survivor(into),
            Status::Active | Status::Closed => member,
        }
    }

    /// The customer and the email of a member.
    pub fn identity(&self, member: MemberId) -> (Option<&str>, Option<&str>) {
        let member = &self.members[member.0];
        (member.customer.as_deref(), member.email.as_deref())
    }

    /// The rules, in the order of creation.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Spendable points, pending and expired ones left out.
    pub fn balance(&self, member: MemberId, now: Timestamp) -> i64 {
        self.holdings(member, now).balance()
    }

    /// Points that mature later.
    pub fn pending(&self, member: MemberId, now: Timestamp) -> i64 {
        self.holdings(member, now).pending()
    }

    /// Everything ever earned.
    ///
    /// Ruling: a pending award counts from the moment it is written.
    pub fn lifetime(&self, member: MemberId) -> i64 {
        self.transactions(member)
            .iter()
            .filter(|t| t.lifetime)
            .map(|t| t.amount)
            .sum()
    }

    /// A member's transactions and those of all who were merged into it, in the order written;
    /// none for who was merged. Expiries are not among them: an engine writes those when it gets
    /// to it. See [`Model::expiries`].
    pub fn transactions(&self, member: MemberId) -> Vec<&Transaction> {
        self.lineage(member)
            .map(|(_, transaction)| transaction)
            .collect()
    }

    /// What of a member's points has expired by `now`.
    pub fn expiries(&self, member: MemberId, now: Timestamp) -> Vec<Expiry> {
        self.holdings(member, now).expiries
    }

    /// Every lot of a member, and the deficit.
    pub fn holdings(&self, member: MemberId, now: Timestamp) -> Holdings {
        self.holdings_before(member, self.transactions.len(), self.merges.len(), now)
    }

    /// The same as after so many transactions and merges.
    pub(crate) fn holdings_before(
        &self,
        member: MemberId,
        transactions: usize,
        merges: usize,
        at: Timestamp,
    ) -> Holdings {
        let mut holdings = Holdings::default();
        let happened = self.merges[..merges].iter().enumerate();
        let mut happened: Vec<(usize, &Merge)> =
            happened.filter(|(_, merge)| merge.at <= at).collect();
        if happened.iter().any(|(_, merge)| merge.source == member) {
            return holdings;
        }
        happened.retain(|(_, merge)| merge.target == member);
        let mut happened = happened.into_iter().peekable();
        for (number, transaction) in self.transactions.iter().enumerate().take(transactions) {
            while let Some((place, merge)) = happened.next_if(|(_, merge)| merge.after <= number) {
                self.absorb(&mut holdings, place, merge);
            }
            if transaction.member == member && transaction.created <= at {
                holdings.happen(number, transaction);
            }
        }
        for (place, merge) in happened {
            self.absorb(&mut holdings, place, merge);
        }
        holdings.pass_until(at);
        holdings
    }

    fn absorb(&self, holdings: &mut Holdings, place: usize, merge: &Merge) {
        holdings.pass_until(merge.at);
        holdings.absorb(self.holdings_before(merge.source, merge.after, place, merge.at));
    }

    /// The fraction, exact and signed, that a member's next award of this rule starts from.
    pub fn carry(&self, member: MemberId, rule: &str) -> BigRational {
        let key = (member, rule.to_owned());
        self.carries
            .get(&key)
            .cloned()
            .unwrap_or_else(BigRational::zero)
    }

    pub(crate) fn numbered(&self, member: MemberId) -> impl Iterator<Item = (usize, &Transaction)> {
        self.transactions
            .iter()
            .enumerate()
            .filter(move |(_, t)| t.member == member)
    }

    /// What is a member's by now.
    pub(crate) fn lineage(&self, member: MemberId) -> impl Iterator<Item = (usize, &Transaction)> {
        self.transactions
            .iter()
            .enumerate()
            .filter(move |(_, t)| self.survivor(t.member) == member)
    }

    // Accounts.

    fn create_account(
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
    fn enroll(
        &mut self,
        customer: Option<String>,
        email: Option<String>,
        occurred_at: Timestamp,
    ) -> Result<(MemberId, Vec<Posted>), Refusal> {
        let member = MemberId(self.members.len());
        self.members.push(Member {
            customer,
            email,
            status: Status::Active,
        });
        self.take_names(member);
        let mut data = Map::new();
        data.insert("id".to_owned(), json!(member.to_string()));
        let event = Event {
            kind: WELCOME.to_owned(),
            envelope_id: member.to_string(),
            occurred_at,
            account: None,
            loyalty_account: None,
            data,
        };
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

    fn account_created_again(&self, member: MemberId) -> Done {
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

    fn update_account(
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

    fn is_active(&self, member: MemberId) -> bool {
        self.status(member) == Status::Active
    }

    fn take_names(&mut self, member: MemberId) {
        let Member {
            customer, email, ..
        } = self.members[member.0].clone();
        self.customers.extend(customer.map(|name| (name, member)));
        self.emails.extend(email.map(|name| (name, member)));
    }

    fn close(&mut self, member: MemberId) -> Result<Done, Refusal> {
        if let Status::Merged(_) = self.status(member) {
            return Err("account_merged");
        }
        self.members[member.0].status = Status::Closed;
        Ok(simply(Outcome::Closed, Some(member)))
    }

    fn reopen(&mut self, member: MemberId) -> Result<Done, Refusal> {
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
    fn merge(&mut self, source: MemberId, target: MemberId) -> Result<Done, Refusal> {
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
        self.merges.push(Merge {
            source,
            target,
            at: self.now,
            after: self.transactions.len(),
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

    fn update_rule(&mut self, rule: &Rule) -> Done {
        let place = self
            .rules
            .iter_mut()
            .find(|other| other.id == rule.id)
            .expect("a known rule");
        place.clone_from(rule);
        self.rule_versions.push(rule.clone());
        simply(Outcome::RuleUpdated, None)
    }

    /// Ruling: an adjustment's points are never pending, and expire only as it says itself.
    fn adjust(
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
        let balance = self.balance(member, self.now);
        if amount < 0 && !allow_negative && balance.saturating_add(amount) < 0 {
            return Err("insufficient_points");
        }
        let posted = self.post(Transaction {
            member,
            kind: TransactionKind::Adjust,
            amount,
            rule: None,
            source: None,
            occurred_at: self.now,
            created: self.now,
            available_at: None,
            expires_at: expires_at.filter(|_| amount > 0),
            uncapped_points: None,
            reverses: None,
            shortfall: 0,
            lifetime: lifetime && amount > 0,
            balance_after: 0,
        })?;
        Ok(Done {
            transactions: vec![posted],
            ..simply(Outcome::Adjusted, Some(member))
        })
    }

    // Events.

    fn event(&mut self, event: &Event) -> Result<Done, Refusal> {
        if event.occurred_at.duration_since(self.now) > AHEAD_MAX {
            return Err("occurred_in_future");
        }
        let lost = event.text("status") == Some("lost");
        match event.kind.as_str() {
            "payment.failed" => return Ok(simply(Outcome::Ignored, None)),
            "payment.disputed" if !lost => return Ok(simply(Outcome::Ignored, None)),
            _ => {}
        }
        let content = event.data_with(|member| member.to_string());
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
        let done = match event.kind.as_str() {
            "payment.refunded" | "payment.disputed" => self.refund(event)?,
            _ => self.earning(event)?,
        };
        if !matches!(done.outcome, Outcome::Unlinked | Outcome::AccountClosed) {
            self.remember(event, done.clone());
        }
        Ok(done)
    }

    fn remember(&mut self, event: &Event, answer: Done) {
        self.seen.push(Seen {
            kind: event.kind.clone(),
            source_id: event.source_id().to_owned(),
            content: event.data_with(|member| member.to_string()),
            answer,
        });
    }

    /// Ruling: the outcome speaks of the event's own awards, not of the welcome that came with
    /// an enrolment; and an account enrolled by an event gets the customer, but not the email.
    fn earning(&mut self, event: &Event) -> Result<Done, Refusal> {
        let (member, enrolled, welcome) = match self.resolve(event) {
            Some(member) if !self.is_active(member) => {
                return Ok(simply(Outcome::AccountClosed, Some(member)));
            }
            Some(member) => (member, false, Vec::new()),
            None => match event.text("customer") {
                Some(customer) if self.settings.auto_enroll => {
                    let customer = Some(customer.to_owned());
                    let (member, welcome) = self.enroll(customer, None, event.occurred_at)?;
                    (member, true, welcome)
                }
                _ => return Ok(simply(Outcome::Unlinked, None)),
            },
        };
        let mut transactions = self.award(member, event)?;
        let outcome = if transactions.is_empty() {
            Outcome::NoAward
        } else {
            Outcome::Awarded
        };
        if PAYMENTS.contains(&event.kind.as_str()) {
            for index in 0..self.refunds.len() {
                if self.refunds[index].payment == event.source_id() {
                    transactions.extend(self.claw(index, paid(&event.data))?);
                }
            }
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

    fn resolve(&self, event: &Event) -> Option<MemberId> {
        let known = |member: Option<MemberId>| {
            let member = member.filter(|m| m.0 < self.members.len());
            member.map(|member| self.survivor(member))
        };
        known(event.loyalty_account)
            .or_else(|| known(event.account))
            .or_else(|| self.member_of_customer(event.text("customer")?))
            .or_else(|| self.member_of_email(event.text("email")?))
    }

    // Awards.

    /// Writes what every rule gives for an event, in the order of the rules' creation.
    fn award(&mut self, member: MemberId, event: &Event) -> Result<Vec<Posted>, Refusal> {
        let candidates: Vec<Candidate> = self
            .rules
            .iter()
            .filter_map(|rule| self.candidate(member, event, rule))
            .collect();
        let fires: Vec<bool> = candidates.iter().map(|it| wins(it, &candidates)).collect();
        let mut written = Vec::new();
        for (candidate, fires) in candidates.into_iter().zip(fires) {
            let writes = candidate.writes();
            // Ruling: a rule whose award rounds to 0 has not competed for its group, hence not
            // lost it, and keeps its fraction.
            if writes && !fires {
                continue;
            }
            let rule = candidate.rule;
            if let Some(carry) = candidate.carry {
                self.carries.insert((member, rule.id.clone()), carry);
            }
            if !writes {
                continue;
            }
            let capped = candidate.points < candidate.uncapped;
            let uncapped = candidate.uncapped.to_i128().ok_or("points_out_of_range")?;
            let pending_days = rule.pending_days.unwrap_or(self.settings.pending_days);
            let expires = rule.expires.as_ref().or(self.settings.expires.as_ref());
            let occurred_at = event.occurred_at;
            let available_at = calendar::available_at(occurred_at, pending_days, &self.zone);
            let expires_at = expires.map(|expires| {
                calendar::expires_at(occurred_at, expires, available_at, &self.zone)
            });
            written.push(self.post(Transaction {
                member,
                kind: TransactionKind::Earn,
                amount: candidate.points.to_i64().ok_or("points_out_of_range")?,
                rule: Some(rule.id),
                source: Some((event.kind.clone(), event.source_id().to_owned())),
                occurred_at,
                created: self.now,
                available_at,
                expires_at,
                uncapped_points: capped.then_some(uncapped),
                reverses: None,
                shortfall: 0,
                lifetime: true,
                balance_after: 0,
            })?);
        }
        Ok(written)
    }

    /// What a rule would give, `None` where it does not fire: another trigger, not active, not
    /// in its time, nothing to earn on, or `cap.awards` reached.
    fn candidate(&self, member: MemberId, event: &Event, rule: &Rule) -> Option<Candidate> {
        let at = event.occurred_at;
        let in_time = rule.starts_at.is_none_or(|start| start <= at)
            && rule.ends_at.is_none_or(|end| at < end);
        if rule.trigger != event.kind || !rule.active || !in_time {
            return None;
        }
        let exact = points::exact_points(rule, event, &[])?;
        let cap = rule.cap_in_force().unwrap_or_default();
        if let Some(awards) = cap.awards
            && self.most_in_a_window(member, rule, cap, at, |_| 1) >= i128::from(awards)
        {
            return None;
        }
        let carried = if rule.carry {
            self.carry(member, &rule.id)
        } else {
            BigRational::zero()
        };
        let value = exact + carried;
        let uncapped = points::round(self.settings.rounding, &value);
        let carry = rule
            .carry
            .then(|| value - BigRational::from_integer(uncapped.clone()));
        let headroom = cap.points.map(|points| {
            let used = self.most_in_a_window(member, rule, cap, at, |award| self.net(award));
            BigInt::from((i128::from(points) - used).max(0))
        });
        let points = match headroom {
            Some(headroom) if headroom < uncapped => headroom,
            _ => uncapped.clone(),
        };
        Some(Candidate {
            rule: rule.clone(),
            carry,
            uncapped,
            points,
        })
    }

    /// The most that any window which an award at `at` would lie in already holds of a rule's
    /// awards to a member. A calendar window is the one of `at`. Trailing windows are those that
    /// end at `at` or later, before `at` has left them; only the ends at `at` and at the awards
    /// after it need a look, because a window can only gain at these.
    fn most_in_a_window(
        &self,
        member: MemberId,
        rule: &Rule,
        cap: Cap,
        at: Timestamp,
        size: impl Fn(usize) -> i64,
    ) -> i128 {
        let awards: Vec<(Timestamp, i128)> = self
            .lineage(member)
            .filter(|(_, t)| t.kind == TransactionKind::Earn)
            .filter(|(_, t)| t.rule.as_deref() == Some(&rule.id))
            .map(|(number, t)| (t.occurred_at, i128::from(size(number))))
            .collect();
        let window = rule.window_in_force();
        let span = calendar::trailing_span(window).filter(|_| cap.rolling);
        let Some(span) = span else {
            return awards
                .iter()
                .filter(|(when, _)| calendar::same_window(window, *when, at, &self.zone))
                .map(|(_, size)| size)
                .sum();
        };
        let leaves_at = at + span;
        let later = awards
            .iter()
            .map(|(when, _)| *when)
            .filter(|w| at < *w && *w < leaves_at);
        std::iter::once(at)
            .chain(later)
            .map(|end| {
                let inside = awards
                    .iter()
                    .filter(|(when, _)| end - span < *when && *when <= end);
                inside.map(|(_, size)| size).sum()
            })
            .max()
            .expect("at least the window that ends at the award")
    }

    pub(crate) fn paid_for(&self, kind: &str, id: &str) -> u64 {
        let seen = self
            .seen
            .iter()
            .find(|seen| seen.kind == kind && seen.source_id == id);
        seen.map_or(0, |seen| paid(&seen.content))
    }

    /// What has been reversed of an award, with what was written off.
    pub(crate) fn reversed(&self, award: usize) -> i64 {
        let reversals = self
            .transactions
            .iter()
            .filter(|t| t.reverses == Some(award));
        reversals.map(|t| t.shortfall - t.amount).sum()
    }

    fn net(&self, award: usize) -> i64 {
        self.transactions[award].amount - self.reversed(award)
    }

    // Refunds.

    fn refund(&mut self, event: &Event) -> Result<Done, Refusal> {
        let payment = event
            .text("payment")
            .expect("a refund names its payment")
            .to_owned();
        let whole = event.kind == "payment.disputed";
        let refund = Refund {
            source: (event.kind.clone(), event.source_id().to_owned()),
            payment: payment.clone(),
            amount: event.number("amount").filter(|_| !whole),
            occurred_at: event.occurred_at,
        };
        self.refunds.push(refund);
        let Some(first) = self
            .seen
            .iter()
            .find(|seen| PAYMENTS.contains(&seen.kind.as_str()) && seen.source_id == payment)
        else {
            return Ok(simply(Outcome::Remembered, None));
        };
        let account = first.answer.account.map(|member| self.survivor(member));
        let paid = paid(&first.content);
        let transactions = self.claw(self.refunds.len() - 1, paid)?;
        let nothing = transactions.is_empty();
        let outcome = if nothing {
            Outcome::Processed
        } else {
            Outcome::Reversed
        };
        Ok(Done {
            transactions,
            ..simply(outcome, account)
        })
    }

    /// Reverses what the refund with this number adds to those of its payment before it.
    fn claw(&mut self, refund: usize, paid: u64) -> Result<Vec<Posted>, Refusal> {
        let Refund {
            source,
            payment,
            occurred_at,
            ..
        } = self.refunds[refund].clone();
        let refunded = |until: usize| {
            let earlier = self.refunds[..until]
                .iter()
                .filter(|other| other.payment == payment);
            earlier
                .map(|other| other.amount.unwrap_or(u64::MAX))
                .fold(0, u64::saturating_add)
        };
        let (before, after) = (refunded(refund), refunded(refund + 1));
        let first = !self.refunds[..refund]
            .iter()
            .any(|other| other.payment == payment);
        let awards: Vec<usize> = (0..self.transactions.len())
            .filter(|&number| {
                let t = &self.transactions[number];
                let source = t.source.as_ref();
                t.kind == TransactionKind::Earn
                    && source.is_some_and(|(kind, id)| {
                        PAYMENTS.contains(&kind.as_str()) && *id == payment
                    })
            })
            .collect();
        let mut written = Vec::new();
        for award in awards {
            let earned = self.transactions[award].clone();
            // Before the first refund nothing is reversed, also of a payment of 0.
            let due_before = if first {
                0
            } else {
                points::reversed_in_all(earned.amount, before, paid)
            };
            let due = points::reversed_in_all(earned.amount, after, paid) - due_before;
            let member = self.survivor(earned.member);
            let holdings = self.holdings(member, self.now);
            let lot = holdings.lot(award);
            // Ruling: a refund for which nothing is left to claw writes nothing.
            let points = due.min(earned.amount - self.reversed(award) - lot.expired);
            if points == 0 {
                continue;
            }
            let pending = !lot.mature && lot.remaining > 0;
            let shortfall = match self.settings.negative_balance {
                NegativeBalance::Clamp if !pending => (points - holdings.spendable()).max(0),
                _ => 0,
            };
            // Ruling: the amount is what is really taken, so that the balance stays the sum of
            // the amounts; under `clamp` it may be 0.
            written.push(self.post(Transaction {
                member,
                kind: TransactionKind::Reverse,
                amount: shortfall - points,
                rule: earned.rule,
                source: Some(source.clone()),
                occurred_at,
                created: self.now,
                available_at: earned.available_at.filter(|_| pending),
                expires_at: None,
                uncapped_points: None,
                reverses: Some(award),
                shortfall,
                lifetime: false,
                balance_after: 0,
            })?);
        }
        Ok(written)
    }

    /// Writes a transaction, unless it or the balance would be out of range.
    ///
    /// Ruling: pending points count as if they had matured.
    fn post(&mut self, mut transaction: Transaction) -> Result<Posted, Refusal> {
        let member = transaction.member;
        let posted = transaction.posted();
        if transaction.amount.unsigned_abs() > POINTS_MAX.unsigned_abs() {
            return Err("points_out_of_range");
        }
        self.transactions.push(transaction.clone());
        let holdings = self.holdings(member, self.now);
        in_range(&holdings)?;
        transaction.balance_after = holdings.balance();
        *self.transactions.last_mut().expect("just written") = transaction;
        Ok(posted)
    }
}

fn in_range(holdings: &Holdings) -> Result<(), Refusal> {
    let balance = holdings.balance();
    let with_pending = balance + holdings.pending();
    if !(-POINTS_MAX..=POINTS_MAX).contains(&balance) || with_pending > POINTS_MAX {
        return Err("points_out_of_range");
    }
    Ok(())
}

/// Whether a candidate that writes is the one of its exclusive group that fires.
fn wins(candidate: &Candidate, all: &[Candidate]) -> bool {
    let group = &candidate.rule.exclusive_group;
    if group.is_none() || !candidate.writes() {
        return true;
    }
    let rivals: Vec<&Candidate> = all
        .iter()
        .filter(|it| it.rule.exclusive_group == *group && it.writes())
        .collect();
    let best = rivals.iter().any(|it| it.rule.exclusive == Exclusive::Best);
    let rank = |it: &Candidate| {
        let points = if best {
            it.points.clone()
        } else {
            BigInt::ZERO
        };
        (points, it.rule.priority)
    };
    let mut winner = rivals[0];
    for rival in rivals {
        if rank(rival) > rank(winner) {
            winner = rival;
        }
    }
    winner.rule.id == candidate.rule.id
}

/// The amount of a payment. Ruling: none given is 0.
fn paid(data: &Map<String, Value>) -> u64 {
    data.get("amount").and_then(Value::as_u64).unwrap_or(0)
}

fn simply(outcome: Outcome, account: Option<MemberId>) -> Done {
    Done {
        outcome,
        duplicate: false,
        account,
        enrolled: false,
        welcome: Vec::new(),
        transactions: Vec::new(),
    }
}
