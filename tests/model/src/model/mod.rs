//! The model: events, refunds, adjustments and accounts over one list of transactions.

mod accounts;
mod award;
mod budgets;
mod configured;
mod conversions;
mod credit;
mod erasure;
mod events;
mod fraud;
mod goals;
mod redemptions;
mod referrals;
mod refund;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde_json::{Map, Value, json};

use crate::calendar;
use crate::campaigns::Campaign;
use crate::goals::Units;
use crate::lots::{Expiry, Holdings};
use crate::ops::{Answer, Done, Event, MemberId, Op, Outcome, OwnNames, Posted, TransactionKind};
use crate::points;
use crate::referrals::{CodeId, Qualify, Referral, ReferralCode, Sides};
use crate::rewards::{Redemption, RedemptionStatus, Reward};
use crate::settings::{Cap, Exclusive, NegativeBalance, ProgramSettings, Rule, Tier};
use crate::tiers::Table;

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
    /// Which operation wrote it.
    pub step: usize,
    /// The currency of the store credit that it is about; points where absent.
    pub currency: Option<String>,
    /// The number of the redemption that it is about.
    pub redemption: Option<usize>,
    /// The number of the referral that it is about.
    pub referral: Option<usize>,
    /// Whether it gives back what nobody confirmed: an engine writes it when it gets to it.
    pub by_itself: bool,
    /// What campaigns that have budgets added to it.
    pub added: Vec<(String, i64)>,
    /// The thresholds that an award is for.
    pub milestones: Vec<i64>,
}

impl Transaction {
    /// A transaction that happens as it is written, and has nothing else to say.
    fn of(member: MemberId, kind: TransactionKind, amount: i64, now: Timestamp) -> Self {
        Self {
            member,
            kind,
            amount,
            rule: None,
            source: None,
            occurred_at: now,
            created: now,
            available_at: None,
            expires_at: None,
            uncapped_points: None,
            reverses: None,
            shortfall: 0,
            lifetime: false,
            balance_after: 0,
            step: 0,
            currency: None,
            redemption: None,
            referral: None,
            by_itself: false,
            added: Vec::new(),
            milestones: Vec::new(),
        }
    }

    /// It as answers list it.
    pub fn posted(&self) -> Posted {
        Posted {
            kind: self.kind,
            amount: self.amount,
            for_referral: self.referral.is_some(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) customer: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) status: Status,
    /// In which operation it was enrolled.
    pub(crate) step: usize,
    /// The customer that it was enrolled with.
    first_customer: Option<String>,
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
    pub(crate) step: usize,
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

/// What of a model shows only in what comes later, so that nothing tells by then which of two
/// things that happened side by side came first.
#[derive(Debug, PartialEq, Eq)]
pub struct Hidden<'a> {
    refunds_ahead: Vec<(&'a str, Option<u64>)>,
    /// What codes say of rewards, and for what.
    terms: Vec<(&'a Option<Sides>, &'a Option<Qualify>)>,
    carries: &'a BTreeMap<(MemberId, String), BigRational>,
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
    /// Every event that counts into figures.
    counted: Vec<goals::Counted>,
    /// Thresholds that only a merge has crossed, by member and rule.
    owed: BTreeSet<(MemberId, String, i64)>,
    /// The units of streaks, by member and rule.
    units: BTreeMap<(MemberId, String), Units>,
    /// Every state that the table of tiers was ever in.
    pub(crate) tables: Vec<Table>,
    /// The campaigns, in the order of creation.
    pub(crate) campaigns: Vec<Campaign>,
    /// The rewards, in the order of creation.
    pub(crate) rewards: Vec<Reward>,
    /// All redemptions ever made, in the order made.
    pub(crate) redemptions: Vec<Redemption>,
    /// The codes of members, in the order minted.
    pub(crate) codes: Vec<ReferralCode>,
    /// Everybody who ever came by a code, in the order in which that was told.
    pub(crate) referrals: Vec<Referral>,
    /// The referral that each member came by.
    came_by: Vec<(MemberId, usize)>,
    pub(crate) conversions: Vec<fraud::Conversion>,
    payments: Vec<conversions::Payment>,
    sightings: Vec<fraud::Sighting>,
    now: Timestamp,
    /// How many operations there were.
    step: usize,
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
            counted: Vec::new(),
            owed: BTreeSet::new(),
            units: BTreeMap::new(),
            tables: Vec::new(),
            campaigns: Vec::new(),
            rewards: Vec::new(),
            redemptions: Vec::new(),
            codes: Vec::new(),
            referrals: Vec::new(),
            came_by: Vec::new(),
            conversions: Vec::new(),
            payments: Vec::new(),
            sightings: Vec::new(),
            now: Timestamp::MIN,
            step: 0,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Does one operation at `now`. A refusal changes nothing.
    ///
    /// # Panics
    /// If `now` is before that of an earlier operation.
    pub fn apply(&mut self, now: Timestamp, op: &Op) -> Answer {
        assert!(self.now <= now, "time went back");
        self.now = now;
        self.step += 1;
        self.let_reservations_end(now);
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
            Op::SetTier(tier) => Ok(self.set_tier(tier)),
            Op::DeleteTier(key) => Ok(self.delete_tier(key)),
            Op::SetCampaign(campaign) => Ok(self.set_campaign(campaign)),
            Op::SetReward(reward) => Ok(self.set_reward(reward)),
            Op::Redeem {
                member,
                wanted,
                reserve_minutes,
            } => self.redeem(*member, wanted, *reserve_minutes),
            Op::Act { redemption, act } => self.act(*redemption, *act),
            Op::AdjustCredit {
                member,
                money,
                allow_negative,
                expiry,
            } => self.adjust_credit(*member, money, *allow_negative, *expiry),
            Op::SetProgram(settings) => Ok(self.set_program(settings)),
            Op::Mint {
                member,
                reward,
                qualify,
            } => self.mint(*member, reward, qualify),
            Op::Attribute(coming) => self.attribute(coming),
            Op::AttributionTold(referral) => self.attribution_told(*referral),
            Op::Erase(member) => self.erase(*member),
            Op::RotateKey => Ok(simply(Outcome::KeyRotated, None)),
            Op::Tick => Ok(simply(Outcome::Ticked, None)),
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

    /// The customers that lead to a member.
    pub fn customers(&self) -> Vec<String> {
        self.customers.keys().cloned().collect()
    }

    /// Whether a code is shared: it was minted, is not forgotten, and its owner is active.
    pub fn is_shared(&self, code: CodeId) -> bool {
        self.owner(code).is_some()
    }

    /// What shows only in what comes later.
    #[must_use]
    pub fn hidden(&self) -> Hidden<'_> {
        let terms = self.codes.iter().map(|it| (&it.reward, &it.qualify));
        Hidden {
            refunds_ahead: self.refunds_ahead(),
            terms: terms.collect(),
            carries: &self.carries,
        }
    }

    /// The program's settings.
    pub fn settings(&self) -> &ProgramSettings {
        &self.settings
    }

    /// The rules, in the order of creation.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The campaigns, in the order of creation.
    pub fn campaigns(&self) -> &[Campaign] {
        &self.campaigns
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

    /// The transaction with this number.
    pub fn transaction(&self, number: usize) -> &Transaction {
        &self.transactions[number]
    }

    /// A member's transactions of points and those of all who were merged into it, in the order
    /// written; none for who was merged. Expiries are not among them: an engine writes those when
    /// it gets to it. See [`Model::expiries`].
    pub fn transactions(&self, member: MemberId) -> Vec<&Transaction> {
        self.ledger(member, None)
    }

    /// The same of points, or of store credit in a currency.
    pub fn ledger(&self, member: MemberId, currency: Option<&str>) -> Vec<&Transaction> {
        let all = self.lineage(member).map(|(_, transaction)| transaction);
        all.filter(|t| t.currency.as_deref() == currency).collect()
    }

    /// What of a member's points has expired by `now`.
    pub fn expiries(&self, member: MemberId, now: Timestamp) -> Vec<Expiry> {
        self.holdings(member, now).expiries
    }

    /// Every lot of a member's points, and the deficit.
    pub fn holdings(&self, member: MemberId, now: Timestamp) -> Holdings {
        self.holdings_of(member, None, now)
    }

    /// The same of points, or of store credit in a currency.
    pub fn holdings_of(
        &self,
        member: MemberId,
        currency: Option<&str>,
        now: Timestamp,
    ) -> Holdings {
        if !self.all_ended(now) {
            return self.as_of(now).holdings_of(member, currency, now);
        }
        let (transactions, merges) = (self.transactions.len(), self.merges.len());
        self.holdings_before(member, currency, transactions, merges, now)
    }

    /// Whether no reservation ends until then.
    fn all_ended(&self, then: Timestamp) -> bool {
        !self.redemptions.iter().any(|it| {
            let reserved = it.status == RedemptionStatus::Reserved;
            reserved && it.ends_at.is_some_and(|at| at <= then)
        })
    }

    /// The same once all reservations that end until then have ended.
    pub(crate) fn as_of(&self, then: Timestamp) -> Cow<'_, Self> {
        if self.all_ended(then) {
            return Cow::Borrowed(self);
        }
        let mut ahead = self.clone();
        ahead.let_reservations_end(then);
        Cow::Owned(ahead)
    }

    fn balance_of(&self, member: MemberId, currency: Option<&str>, now: Timestamp) -> i64 {
        self.holdings_of(member, currency, now).balance()
    }

    /// The same as after so many transactions and merges.
    pub(crate) fn holdings_before(
        &self,
        member: MemberId,
        currency: Option<&str>,
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
                self.absorb(&mut holdings, currency, place, merge);
            }
            let own = transaction.member == member && transaction.currency.as_deref() == currency;
            if own && transaction.created <= at {
                holdings.happen(number, transaction);
            }
        }
        for (place, merge) in happened {
            self.absorb(&mut holdings, currency, place, merge);
        }
        holdings.pass_until(at);
        holdings
    }

    fn absorb(&self, holdings: &mut Holdings, currency: Option<&str>, place: usize, merge: &Merge) {
        holdings.pass_until(merge.at);
        let source = self.holdings_before(merge.source, currency, merge.after, place, merge.at);
        holdings.absorb(source);
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

    /// Writes a transaction, unless it or the balance would be out of range.
    ///
    /// Ruling: pending points count as if they had matured.
    fn post(&mut self, mut transaction: Transaction) -> Result<Posted, Refusal> {
        let member = transaction.member;
        let posted = transaction.posted();
        if transaction.amount.unsigned_abs() > POINTS_MAX.unsigned_abs() {
            return Err("points_out_of_range");
        }
        transaction.step = self.step;
        self.transactions.push(transaction.clone());
        let currency = transaction.currency.as_deref();
        let holdings = self.holdings_of(member, currency, transaction.created);
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
