//! A member's account: what is stored of it, and what time, earning, spending and clawing back
//! do to its points.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Code, POINTS_MAX, Program, Refusal,
    absorb::Absorbed,
    counter::{COUNTERS_MAX, Counter, PastAward, Unit},
    exact::Ratio,
    id::TransactionId,
    program::NegativeBalance,
    window,
};

/// How many lots an account holds at the most: 1,000, some 15 kB. Beyond that the two that
/// expire closest together become one that expires when the later of them does.
pub const LOTS_MAX: usize = 1000;

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
    /// The key of its tier.
    pub tier: Option<String>,
    /// Grows with each write: the condition that the next write relies on.
    pub version: u64,
    /// The number of the latest entry in its log.
    pub seq: u64,
    /// When the latest entry was written: entries are ordered by time as they are by number.
    pub logged_at: Timestamp,
    /// The accounts that were merged into it, each before those that it had absorbed itself.
    pub absorbed: Vec<Absorbed>,
    /// Σ of everything ever earned; never falls.
    pub lifetime_points: i64,
    /// Points owed: what a clawback took beyond what was there.
    pub deficit: i64,
    /// What is left of each earning, oldest first.
    pub lots: Vec<Lot>,
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

/// Which transaction a lot came from, as the account knows it: [`Account::transaction_of`] spells
/// it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId {
    /// Whose log: 0 for the account's own, else the place in [`Account::absorbed`], from 1.
    pub origin: u32,
    /// The entry of that log.
    pub seq: u64,
    /// The place in the entry.
    pub place: u32,
}

impl LotId {
    /// A lot from the account's own log.
    #[must_use]
    pub const fn own(seq: u64, place: u32) -> LotId {
        LotId {
            origin: 0,
            seq,
            place,
        }
    }
}

/// What is left of one earning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// The earning.
    pub id: LotId,
    /// Points left; never 0.
    pub remaining: i64,
    /// From when they can be spent; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Until when; for ever where absent. Never before `available_at`.
    pub expires_at: Option<Timestamp>,
}

impl Lot {
    fn is_pending(&self, now: Timestamp) -> bool {
        self.available_at.is_some_and(|at| at > now)
    }

    /// Whether the points can be spent. A late event can bring points that have expired already;
    /// they wait here to be written off and are good for nothing.
    fn is_spendable(&self, now: Timestamp) -> bool {
        !self.is_pending(now) && self.expires_at.is_none_or(|at| at > now)
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

/// Points that expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// The earning that they came from.
    pub lot: LotId,
    /// How many.
    pub points: i64,
    /// When.
    pub at: Timestamp,
    /// The balance right after.
    pub balance_after: i64,
}

/// What taking points did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Taken from lots or owed: the balance fell by this.
    pub points: i64,
    /// Not taken, because the balance stops at zero.
    pub written_off: i64,
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
            tier: None,
            version: 0,
            seq: 0,
            logged_at: now,
            absorbed: Vec::new(),
            lifetime_points: 0,
            deficit: 0,
            lots: Vec::new(),
            counters: Vec::new(),
            counter_zone: program.timezone_name().to_owned(),
            carries: Vec::new(),
            latest_event_at: occurred_at,
            active_at: occurred_at,
        }
    }

    /// Spendable points, given that the account is settled to `now`.
    #[must_use]
    pub fn balance(&self, now: Timestamp) -> i64 {
        let spendable = self.lots.iter().filter(|lot| lot.is_spendable(now));
        spendable.map(|lot| lot.remaining).sum::<i64>() - self.deficit
    }

    /// Points that mature later.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> i64 {
        let pending = self.lots.iter().filter(|lot| lot.is_pending(now));
        pending.map(|lot| lot.remaining).sum()
    }

    /// Lets time pass until `now`: lots mature, repay what is owed, and expire, each at its own
    /// instant and in that order of time (expiry before maturity at the same one).
    pub fn settle(&mut self, program: &Program, now: Timestamp) -> Vec<Expired> {
        let zone = &program.timezone;
        let idle = window::inactivity_deadline(program.expires.as_ref(), self.active_at, zone);
        let expiry_of = |lot: &Lot| {
            let idle = idle.map(|idle| lot.available_at.map_or(idle, |at| at.max(idle)));
            [lot.expires_at, idle].into_iter().flatten().min()
        };
        let mut expired = Vec::new();
        loop {
            let due = self
                .lots
                .iter()
                .enumerate()
                .filter_map(|(i, lot)| Some((expiry_of(lot)?, i)));
            let Some((at, place)) = due.filter(|(at, _)| *at <= now).min() else {
                break;
            };
            // What could be spent from the start repaid when it came, or came expired.
            if self.repay(|lot| lot.available_at.is_some_and(|matured| matured < at)) {
                continue;
            }
            let lot = self.lots.remove(place);
            let balance_after = self.balance(at);
            expired.push(Expired {
                lot: lot.id,
                points: lot.remaining,
                at,
                balance_after,
            });
        }
        self.repay(|lot| lot.is_spendable(now));
        expired
    }

    /// Repays what is owed from the lots that can be used, in the order of maturing, and answers
    /// whether there was anything to do.
    fn repay(&mut self, is_usable: impl Fn(&Lot) -> bool) -> bool {
        let mut repaid_any = false;
        while self.deficit > 0 {
            let next = self
                .lots
                .iter_mut()
                .filter(|lot| is_usable(lot))
                .min_by_key(|lot| (lot.available_at, lot.expires_at.unwrap_or(Timestamp::MAX)));
            let Some(lot) = next else { break };
            let repaid = lot.remaining.min(self.deficit);
            lot.remaining -= repaid;
            self.deficit -= repaid;
            self.lots.retain(|lot| lot.remaining > 0);
            repaid_any = true;
        }
        repaid_any
    }

    /// Adds points as a lot; what is available at once repays what is owed first.
    ///
    /// # Errors
    /// `points_out_of_range` where the balance or the lifetime total would leave ± (2⁵³ − 1).
    pub fn credit(&mut self, lot: Lot, lifetime: bool, now: Timestamp) -> Result<(), Refusal> {
        let held: i64 = self.lots.iter().map(|lot| lot.remaining).sum();
        let earned = if lifetime { lot.remaining } else { 0 };
        if lot.remaining > POINTS_MAX - held || earned > POINTS_MAX - self.lifetime_points {
            return Err(out_of_range());
        }
        self.lifetime_points += earned;
        if lot.remaining > 0 {
            self.lots.push(lot);
            self.repay(|lot| lot.is_spendable(now));
            self.bound_lots();
        }
        Ok(())
    }

    /// Takes `points` from the lots that expire first (never-expiring ones last, the older first
    /// among equals), and beyond them by owing. The account must be settled to `now`.
    ///
    /// # Errors
    /// `points_out_of_range` where more would be owed than can be counted.
    pub fn debit(&mut self, points: i64, now: Timestamp) -> Result<(), Refusal> {
        let short = self.take_from_lots(points, now);
        if short > POINTS_MAX - self.deficit {
            return Err(out_of_range());
        }
        self.deficit += short;
        Ok(())
    }

    /// Takes up to `points` from available lots and answers how many were missing.
    fn take_from_lots(&mut self, points: i64, now: Timestamp) -> i64 {
        let mut missing = points;
        while missing > 0 {
            let first = self
                .lots
                .iter_mut()
                .filter(|lot| lot.is_spendable(now))
                .min_by_key(|lot| lot.expires_at.unwrap_or(Timestamp::MAX));
            let Some(lot) = first else { break };
            let taken = lot.remaining.min(missing);
            lot.remaining -= taken;
            missing -= taken;
            self.lots.retain(|lot| lot.remaining > 0);
        }
        missing
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

    /// What is left of the lot `id`.
    #[must_use]
    pub fn lot(&self, id: LotId) -> Option<&Lot> {
        self.lots.iter().find(|lot| lot.id == id)
    }

    /// Takes back `points` of the earning `id`: from its own lot first, then from the lots that
    /// expire first, then below zero or, with `clamp`, not at all (spec, "Settled details").
    ///
    /// # Errors
    /// `points_out_of_range` where more would be owed than can be counted.
    pub fn claw_back(
        &mut self,
        id: LotId,
        points: i64,
        negative: NegativeBalance,
        now: Timestamp,
    ) -> Result<Taken, Refusal> {
        let mut missing = points;
        if let Some(lot) = self.lots.iter_mut().find(|lot| lot.id == id) {
            let own = lot.remaining.min(missing);
            lot.remaining -= own;
            missing -= own;
            self.lots.retain(|lot| lot.remaining > 0);
        }
        missing = self.take_from_lots(missing, now);
        let written_off = match negative {
            NegativeBalance::Clamp => missing,
            NegativeBalance::Allow => {
                if missing > POINTS_MAX - self.deficit {
                    return Err(out_of_range());
                }
                self.deficit += missing;
                0
            }
        };
        Ok(Taken {
            points: points - written_off,
            written_off,
        })
    }

    /// Makes one of the two lots that expire closest together until there are no more than
    /// [`LOTS_MAX`].
    pub(crate) fn bound_lots(&mut self) {
        let excess = self.lots.len().saturating_sub(LOTS_MAX);
        if excess == 0 {
            return;
        }
        let end = |lot: &Lot| lot.expires_at.unwrap_or(Timestamp::MAX);
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|place| (self.lots[*place].available_at, end(&self.lots[*place])));
        for _ in 0..excess {
            // Only lots that can be spent alike may become one.
            let gap = |pair: &[usize]| {
                let (earlier, later) = (&self.lots[pair[0]], &self.lots[pair[1]]);
                let gap_ms = end(later).as_millisecond() - end(earlier).as_millisecond();
                (earlier.available_at == later.available_at).then_some(gap_ms)
            };
            let pairs = order.windows(2).enumerate();
            let gaps = pairs.filter_map(|(at, pair)| Some((gap(pair)?, at)));
            let Some((_, closest)) = gaps.min() else {
                break;
            };
            let earlier = order.remove(closest);
            let points = std::mem::take(&mut self.lots[earlier].remaining);
            self.lots[order[closest]].remaining += points;
        }
        self.lots.retain(|lot| lot.remaining > 0);
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
        if !fraction.is_zero() {
            self.carries.push(Carry {
                rule: rule.to_owned(),
                fraction,
            });
        }
    }
}

pub(crate) fn out_of_range() -> Refusal {
    Refusal::new(
        Code::PointsOutOfRange,
        format!("The result would leave the range of ±{POINTS_MAX} points; nothing was written."),
    )
}
