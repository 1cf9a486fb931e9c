//! A member's account: what is stored of it.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use laurel_planted::{Bug, is};

use crate::{
    POINTS_MAX, Program, Refusal,
    absorb::Absorbed,
    counter::{COUNTERS_MAX, Counter, PastAward, Unit},
    entry::Seal,
    exact::Ratio,
    experiment::standing::Experiments,
    goal::Goals,
    hold::{HeldReward, Returned},
    id::TransactionId,
    purse::{Lot, LotId, Purse, Step, out_of_range},
    referral::ReferralStanding,
    stats::Stats,
    store_credit::StoreCredit,
    tier::TierStanding,
};

/// A member's account (spec section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `loy_…`.
    pub id: String,
    /// The program that it belongs to.
    pub program: String,
    /// The customer that it stands for, where known.
    pub customer: Option<String>,
    /// The email address in lower case, for behaviours that identify people by it.
    pub email: Option<String>,
    /// Whether it earns.
    pub status: Status,
    /// The survivor, where it was merged.
    pub merged_into: Option<String>,
    /// The operator's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// Its tier, and what that depends on.
    pub tier: TierStanding,
    /// Grows with each write: the condition that the next write relies on.
    pub version: u64,
    /// The number of the latest entry in its log.
    pub seq: u64,
    /// The seal of the latest entry, as of when the account was read.
    pub seal: Seal,
    /// When the latest entry was written: entries are ordered by time as they are by number.
    pub logged_at: Timestamp,
    /// The accounts that were merged into it, each before those that it had absorbed itself.
    pub absorbed: Vec<Absorbed>,
    /// Σ of everything ever earned; never falls.
    pub lifetime_points: i64,
    /// Its points, lot by lot.
    pub points: Purse,
    /// Its store credit.
    pub store_credit: StoreCredit,
    /// What is kept of its events, by type.
    pub stats: Stats,
    /// What is remembered of milestones and streaks.
    pub goals: Goals,
    /// What experiments keep of it.
    pub experiments: Experiments,
    /// What it knows of referrals.
    pub referrals: ReferralStanding,
    /// Use of caps.
    pub counters: Vec<Counter>,
    /// The time zone that calendar counters were kept in.
    pub counter_zone: String,
    /// Fractions that rounding cut off, by rule.
    pub carries: Vec<Carry>,
    /// The latest `occurred_at` of its events.
    pub latest_event_at: Timestamp,
    /// When the member last earned or spent.
    pub active_at: Timestamp,
    /// When somebody is to look what time has done to it, at the latest; absent where it will do
    /// nothing by itself (`due.rs`).
    pub due_at: Option<Timestamp>,
}

/// Whether an account earns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Status {
    Active,
    Closed,
    Merged,
}

impl Status {
    /// The status as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Closed => "closed",
            Status::Merged => "merged",
        }
    }

    /// Reads what [`Status::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Active, Status::Closed, Status::Merged]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// The fraction of a point that rounding cut off under one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carry {
    /// The rule.
    pub rule: String,
    /// Exactly; negative where rounding went up.
    pub fraction: Ratio,
}

/// What time did to an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passed {
    /// To its points, in the order of time.
    pub points: Vec<Step>,
    /// To its store credit, by currency and in each in the order of time.
    pub store_credit: Vec<(String, Step)>,
}

impl Account {
    /// An account without points.
    #[must_use]
    pub fn new(id: String, program: &Program, now: Timestamp, occurred_at: Timestamp) -> Account {
        Account {
            id,
            program: program.id.clone(),
            customer: None,
            email: None,
            status: Status::Active,
            merged_into: None,
            metadata: BTreeMap::new(),
            created: now,
            tier: TierStanding::default(),
            version: 0,
            seq: 0,
            seal: Seal::default(),
            logged_at: now,
            absorbed: Vec::new(),
            lifetime_points: 0,
            points: Purse::default(),
            store_credit: StoreCredit::default(),
            stats: Stats::default(),
            goals: Goals::default(),
            experiments: Experiments::default(),
            referrals: ReferralStanding::default(),
            counters: Vec::new(),
            counter_zone: program.timezone_name().to_owned(),
            carries: Vec::new(),
            latest_event_at: occurred_at,
            active_at: occurred_at,
            due_at: None,
        }
    }

    /// Spendable points, given that the account is settled to `now`.
    #[must_use]
    pub fn balance(&self, now: Timestamp) -> i64 {
        self.points.balance(now)
    }

    /// Points that mature later.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> i64 {
        self.points.pending(now)
    }

    /// Lets time pass until `now`, and answers what it did.
    pub fn settle(&mut self, program: &Program, now: Timestamp) -> Passed {
        let passed = Passed {
            points: self.points.settle(self.idle_at(program), now),
            store_credit: self.store_credit.settle(now),
        };
        for step in &passed.points {
            if let Step::Returned(Returned { hold, .. }) = step {
                self.uncount_redemption(hold.reward.as_ref(), hold.created);
            }
        }
        passed
    }

    /// Gives a redemption that came to nothing back to the member's limit of the reward.
    pub(crate) fn uncount_redemption(&mut self, reward: Option<&HeldReward>, at: Timestamp) {
        let (Some(reward), Ok(zone)) = (reward, TimeZone::get(&self.counter_zone)) else {
            return;
        };
        let mut counters = self.counters.iter_mut();
        if let Some(counter) = counters.find(|counter| counter.rule == reward.id) {
            counter.take_back(at, &zone);
        }
    }

    /// Adds points as a lot, which counts into the lifetime total where `lifetime` says so.
    ///
    /// # Errors
    /// `points_out_of_range` where the balance or the lifetime total would leave ± (2⁵³ − 1).
    pub fn credit(&mut self, lot: Lot, lifetime: bool, now: Timestamp) -> Result<(), Refusal> {
        let earned = if lifetime { lot.remaining } else { 0 };
        if earned > POINTS_MAX - self.lifetime_points {
            return Err(out_of_range());
        }
        self.points.credit(lot, now)?;
        self.lifetime_points += earned;
        Ok(())
    }

    /// The transaction that a lot came from.
    #[must_use]
    pub fn transaction_of(&self, lot: LotId) -> TransactionId {
        let origin = usize::try_from(lot.origin).unwrap_or(usize::MAX);
        let absorbed = origin.checked_sub(1).and_then(|at| self.absorbed.get(at));
        TransactionId {
            account: absorbed
                .map_or(&self.id, |absorbed| &absorbed.account)
                .clone(),
            seq: lot.seq,
            place: lot.place,
        }
    }

    /// The lot that came from a transaction of the account's own log or of one that it absorbed;
    /// `None` for any other. Nothing need be left of it.
    #[must_use]
    pub fn lot_of(&self, transaction: &TransactionId) -> Option<LotId> {
        let origin = if transaction.account == self.id {
            0
        } else {
            let mut absorbed = self.absorbed.iter();
            1 + absorbed.position(|absorbed| absorbed.account == transaction.account)?
        };
        Some(LotId {
            origin: u32::try_from(origin).ok()?,
            seq: transaction.seq,
            place: transaction.place,
        })
    }

    /// The counter of `rule`, where the account has a usable one: kept in the unit and the time
    /// zone that are in force.
    #[must_use]
    pub fn counter(&self, rule: &str, unit: Unit, zone_name: &str) -> Option<&Counter> {
        let calendar = !unit.rolling && unit.window != crate::rule::Window::Lifetime;
        if calendar && self.counter_zone != zone_name {
            return None;
        }
        self.counters
            .iter()
            .find(|counter| counter.rule == rule && counter.unit == unit)
    }

    /// Counts an award against a cap. A member without any entry yet starts a fresh counter;
    /// else a missing one is rebuilt from `past`, which must then be the whole past.
    pub fn count(
        &mut self,
        rule: &str,
        unit: Unit,
        at: Timestamp,
        points: i64,
        past: Option<&[PastAward]>,
        program: &Program,
    ) {
        let (zone, zone_name) = (&program.timezone, program.timezone_name());
        if self.counter_zone != zone_name {
            self.counters.retain(|counter| {
                counter.unit.rolling || counter.unit.window == crate::rule::Window::Lifetime
            });
            self.counter_zone = zone_name.to_owned();
        }
        let found = self
            .counters
            .iter()
            .position(|c| c.rule == rule && c.unit == unit);
        let mut counter = match (found, past) {
            (Some(place), _) => self.counters.remove(place),
            (None, Some(past)) => Counter::from_past(rule, unit, past, zone),
            (None, None) => Counter::new(rule, unit),
        };
        self.counters.retain(|counter| counter.rule != rule);
        counter.add(at, points, 1, zone);
        counter.prune(self.latest_event_at.max(at), zone);
        if self.counters.len() == COUNTERS_MAX {
            self.counters.remove(0);
        }
        self.counters.push(counter);
    }

    /// Forgets the counter of a rule that awarded without a cap: it would miss that award when
    /// the rule is capped again.
    pub fn forget_counter(&mut self, rule: &str) {
        self.counters.retain(|counter| counter.rule != rule);
    }

    /// Gives reversed points back to the window in which they were earned.
    pub fn uncount(&mut self, rule: &str, at: Timestamp, points: i64) {
        let Ok(zone) = TimeZone::get(&self.counter_zone) else {
            return;
        };
        if let Some(counter) = self
            .counters
            .iter_mut()
            .find(|counter| counter.rule == rule)
        {
            counter.add(at, -points, 0, &zone);
        }
    }

    /// The fraction carried under `rule`.
    #[must_use]
    pub fn carried(&self, rule: &str) -> Ratio {
        self.carries
            .iter()
            .find(|carry| carry.rule == rule)
            .map_or(Ratio::ZERO, |c| c.fraction)
    }

    /// Remembers the fraction that rounding cut off under `rule`.
    pub fn set_carried(&mut self, rule: &str, fraction: Ratio) {
        self.carries.retain(|carry| carry.rule != rule);
        if !fraction.is_zero() && !is(Bug::CarriesDropped) {
            self.carries.push(Carry {
                rule: rule.to_owned(),
                fraction,
            });
        }
    }
}
