//! Random histories: a program, its rules, and operations with the time of each.
//!
//! The generator runs a model of its own beside it, only to aim well: at members that exist, at
//! the whole balance and one point more, at the instants where lots mature and expire. What the
//! spec leaves open and no ruling settles is not generated; each place says so.

mod accounts;
mod campaigns;
mod events;
mod program;
mod redemptions;
mod referrals;
mod tiers;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::campaigns::{Campaign, Schedule};
use crate::goals::{Figure, Milestone, Streak, Unit};
use crate::model::{Model, PAYMENTS, POINTS_MAX, Status};
use crate::ops::{CreditExpiry, Event, MemberId, Op, RedemptionId};
use crate::rewards::{Act, Gives, Limit, Money, RedeemRate, RedemptionStatus, Reward, Wanted};
use crate::settings::{
    Award, Budget, Cap, Decimal, Downgrade, EarnOn, Exclusive, Expires, NegativeBalance,
    ProgramSettings, RoundUpTo, Rounding, Rule, Tier, TierBasis, TierPeriod, Window,
};

/// A program's settings, its rules in the order of creation, and the operations with the time at
/// which each is done, never falling.
pub type History = (ProgramSettings, Vec<Rule>, Vec<(Timestamp, Op)>);

/// Half of these change their clocks, at one, two or three o'clock or at midnight, by an hour or
/// by half of one.
const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "Europe/Berlin",
    "America/New_York",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Africa/Cairo",
    "America/Havana",
    "Australia/Lord_Howe",
];

/// Shortly before a change of the clocks, the end of a short month, of a year.
const STARTS: [&str; 10] = [
    "2026-03-28T20:00:00Z",
    "2026-03-07T22:00:00Z",
    "2026-10-24T18:00:00Z",
    "2026-10-31T12:00:00Z",
    "2026-04-23T18:00:00Z",
    "2026-01-30T22:30:00Z",
    "2028-02-28T21:00:00Z",
    "2025-12-30T10:00:00Z",
    "2026-06-29T23:59:59.999Z",
    "2026-08-15T09:12:33.120Z",
];

const BEHAVIOURS: [&str; 3] = [
    "review_submitted",
    "discord_message",
    "subscription.created",
];
const CATEGORIES: [&str; 3] = ["food", "books", "gift_cards"];
const PRODUCTS: [&str; 3] = ["sku_1", "sku_2", "sku_3"];
const CURRENCIES: [&str; 4] = ["EUR", "EUR", "GBP", "JPY"];
const EMAILS: [&str; 4] = [
    "ada@example.com",
    "bob@example.com",
    "cy@example.com",
    "di@example.com",
];
const CUSTOMERS: [&str; 5] = ["cust_1", "cust_2", "cust_3", "cust_4", "cust_5"];

/// A history of `len` operations; the same seed and length give the same history.
pub fn generate(seed: u64, len: usize) -> History {
    let mut rng = Rng::with_seed(seed);
    // At the limit of what a balance may be: no caps, groups, pending points or expiry, where
    // it is open what an award beyond the limit counts as before the cap has cut it.
    let at_limit = rng.u32(..16) == 0;
    let start: Timestamp = pick(&mut rng, &STARTS).parse().expect("a time");
    let features = Features::some(&mut rng, at_limit).and(seed);
    let settings = program::settings(&mut rng, at_limit, features);
    let mut rules: Vec<Rule> = (0..rng.usize(1..=6))
        .map(|n| program::rule(&mut rng, n, start, at_limit))
        .collect();
    if features.customers && features.referrals {
        rules.extend(referrals::rules(seed, rules.len()));
    }
    let mut generator = Generator {
        zone: TimeZone::get(&settings.timezone).expect("an IANA time zone"),
        model: Model::new(settings.clone(), rules.clone()),
        rng,
        features,
        at_limit,
        huge_sent: false,
        now: start,
        sent: Vec::new(),
        announced: Vec::new(),
        last_number: 0,
        setup: Vec::new(),
        set_up_in: 0,
    };
    generator.set_up();
    let ops = (0..len).map(|step| generator.step(step)).collect();
    (settings, rules, ops)
}

/// What a history is about beside earning.
#[derive(Clone, Copy, Debug)]
struct Features {
    tiers: bool,
    campaigns: bool,
    rewards: bool,
    credit: bool,
    budgets: bool,
    referrals: bool,
    erasures: bool,
    changes: bool,
    keys: bool,
    /// What a shop tells of its customers, and rules that pay for conversions.
    customers: bool,
}

/// Other seeds have the histories that they had before this came; so do all that are kept.
const CUSTOMERS_SALT: u64 = 195;

impl Features {
    fn some(rng: &mut Rng, at_limit: bool) -> Self {
        let mut some = |percent| !at_limit && chance(rng, percent);
        let rewards = some(45);
        Self {
            tiers: some(40),
            campaigns: some(35),
            rewards,
            credit: rewards && some(60),
            budgets: some(25),
            referrals: false,
            erasures: false,
            changes: false,
            keys: false,
            customers: false,
        }
    }

    /// With those that follow from the seed alone.
    fn and(self, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0x7265_6665_7272_616c);
        let at_limit = !(self.tiers || self.campaigns || self.rewards || self.budgets);
        Self {
            referrals: chance(&mut rng, 45) && !at_limit,
            erasures: chance(&mut rng, 25),
            changes: chance(&mut rng, 25) && !at_limit,
            keys: chance(&mut rng, 20),
            customers: chance(&mut Rng::with_seed(seed ^ CUSTOMERS_SALT), 30) && !at_limit,
            ..self
        }
    }
}

fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.usize(..list.len())]
}

/// True `percent` times in 100.
fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

struct Generator {
    rng: Rng,
    model: Model,
    zone: TimeZone,
    features: Features,
    at_limit: bool,
    huge_sent: bool,
    now: Timestamp,
    /// Every event sent so far.
    sent: Vec<Event>,
    /// Payments whose refunds were sent before them.
    announced: Vec<Event>,
    last_number: usize,
    /// What the program is set up with, the first last.
    setup: Vec<Op>,
    /// How many operations that is.
    set_up_in: usize,
}

impl Generator {
    fn step(&mut self, step: usize) -> (Timestamp, Op) {
        if step > 0 && self.setup.is_empty() {
            self.now = self.later();
        }
        let set_up = self.setup.pop();
        let step = step.saturating_sub(self.set_up_in);
        let op = match self.rng.u32(..100) {
            _ if set_up.is_some() => set_up.expect("was there"),
            _ if self.features.tiers && chance(&mut self.rng, 3) => self.change_tiers(),
            _ if self.features.campaigns && chance(&mut self.rng, 4) => self.change_campaign(),
            _ if self.features.rewards && step > 3 && chance(&mut self.rng, 25) => {
                self.redemption()
            }
            _ if self.features.credit && step > 3 && chance(&mut self.rng, 8) => {
                self.adjust_credit()
            }
            _ if self.features.referrals && step > 1 && chance(&mut self.rng, 25) => {
                self.referral()
            }
            _ if self.features.changes && chance(&mut self.rng, 5) => self.change_program(),
            _ if self.features.erasures && step > 5 && chance(&mut self.rng, 4) => self.erasure(),
            _ if self.features.keys && chance(&mut self.rng, 5) => Op::RotateKey,
            _ if self.features.customers && step > 2 && chance(&mut self.rng, 8) => {
                self.customer_told()
            }
            _ if step < 3 && chance(&mut self.rng, 70) => self.create_account(),
            0..5 => self.create_account(),
            5..8 => self.update_account(),
            8..43 => self.payment(),
            43..54 => self.behaviour(),
            54..70 => self.refund(),
            70..72 => self.dispute(),
            72..74 => self.failed(),
            74..82 => self.repeat(),
            // At the limit of what a balance may be, this is what is looked at.
            82..93 => self.adjust(),
            93..97 if self.at_limit && self.rng.bool() => self.adjust(),
            93..95 => self.close_or_reopen(),
            95..97 => self.merge(),
            97..99 => self.update_rule(),
            _ => match self.some_member() {
                Some(member) => Op::AccountCreatedAgain(member),
                None => self.create_account(),
            },
        };
        if let Op::Event(event) = &op {
            self.sent.push(event.clone());
        }
        self.model.apply(self.now, &op);
        (self.now, op)
    }

    fn set_up(&mut self) {
        let mut ops = Vec::new();
        if self.features.tiers {
            ops.extend(self.first_tiers());
        }
        if self.features.campaigns {
            ops.extend(self.first_campaigns());
        }
        if self.features.rewards {
            let tiers = ops.iter().filter_map(|op| match op {
                Op::SetTier(tier) => Some(tier.key.clone()),
                _ => None,
            });
            let tiers = tiers.collect();
            ops.extend(self.first_rewards(tiers));
        }
        ops.reverse();
        self.set_up_in = ops.len();
        self.setup = ops;
    }

    // What there is to aim at.

    fn some_member(&mut self) -> Option<MemberId> {
        let count = self.model.member_count();
        (count > 0).then(|| MemberId(self.rng.usize(..count)))
    }

    fn some_sent(&mut self, which: impl Fn(&Event) -> bool) -> Option<Event> {
        let fitting: Vec<&Event> = self.sent.iter().filter(|event| which(event)).collect();
        if fitting.is_empty() {
            return None;
        }
        // The latest ones more often, so that the same payment is refunded several times.
        let from = if self.rng.bool() {
            fitting.len().saturating_sub(4)
        } else {
            0
        };
        Some(fitting[self.rng.usize(from..fitting.len())].clone())
    }

    fn number(&mut self) -> usize {
        self.last_number += 1;
        self.last_number
    }
}
