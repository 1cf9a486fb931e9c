//! Random histories: a program, its rules, and operations with the time of each.
//!
//! The generator runs a model of its own beside it, only to aim well: at members that exist, at
//! the whole balance and one point more, at the instants where lots mature and expire. What the
//! spec leaves open and no ruling settles is not generated; each place says so.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::model::{Model, PAYMENTS, POINTS_MAX, Status};
use crate::ops::{Event, MemberId, Op};
use crate::settings::{
    Award, Cap, Decimal, EarnOn, Exclusive, Expires, NegativeBalance, ProgramSettings, RoundUpTo,
    Rounding, Rule, Window,
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
    let settings = settings(&mut rng, at_limit);
    let rules: Vec<Rule> = (0..rng.usize(1..=6))
        .map(|n| rule(&mut rng, n, start, at_limit))
        .collect();
    let mut generator = Generator {
        zone: TimeZone::get(&settings.timezone).expect("an IANA time zone"),
        model: Model::new(settings.clone(), rules.clone()),
        rng,
        at_limit,
        huge_sent: false,
        now: start,
        sent: Vec::new(),
        announced: Vec::new(),
        last_number: 0,
    };
    let ops = (0..len).map(|step| generator.step(step)).collect();
    (settings, rules, ops)
}

fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.usize(..list.len())]
}

/// True `percent` times in 100.
fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

fn settings(rng: &mut Rng, at_limit: bool) -> ProgramSettings {
    let rounding = *pick(
        rng,
        &[
            Rounding::Floor,
            Rounding::HalfUp,
            Rounding::HalfEven,
            Rounding::Ceil,
        ],
    );
    let pending = !at_limit && chance(rng, 35);
    let expiring = !at_limit && chance(rng, 60);
    ProgramSettings {
        timezone: (*pick(rng, &ZONES)).to_owned(),
        rounding,
        auto_enroll: rng.bool(),
        negative_balance: *pick(rng, &[NegativeBalance::Allow, NegativeBalance::Clamp]),
        pending_days: if pending {
            *pick(rng, &[1, 2, 7, 14, 30])
        } else {
            0
        },
        expires: expiring.then(|| expires(rng)),
    }
}

fn expires(rng: &mut Rng) -> Expires {
    let after = *pick(
        rng,
        &[
            "P1D", "P3D", "P1W", "P1M", "P1M", "P2M", "P6M", "P12M", "P1Y",
        ],
    );
    let round = *pick(
        rng,
        &[
            None,
            None,
            Some(RoundUpTo::Day),
            Some(RoundUpTo::Month),
            Some(RoundUpTo::Year),
        ],
    );
    Expires {
        after: after.to_owned(),
        round,
    }
}

fn rule(rng: &mut Rng, number: usize, start: Timestamp, at_limit: bool) -> Rule {
    let trigger = match rng.u32(..100) {
        // Most histories are about payments.
        0..85 if number == 0 => "payment.completed",
        0..58 => "payment.completed",
        58..70 => "invoice.paid",
        70..83 => "loyalty.account.created",
        _ => pick(rng, &BEHAVIOURS),
    };
    let welcome = trigger == "loyalty.account.created";
    let fixed = Award::Fixed {
        points: *pick(rng, &[1, 5, 10, 33, 100, 500]),
    };
    let award = match rng.u32(..100) {
        _ if welcome => fixed,
        0..55 => Award::PerAmount {
            per: *pick(rng, &[1, 3, 7, 33, 50, 100, 100, 150, 250, 1000]),
            points: *pick(rng, &[1, 1, 2, 3, 5, 10]),
        },
        55..75 => fixed,
        _ => Award::PerCurrency {
            rates: BTreeMap::from([
                (
                    "EUR".to_owned(),
                    *pick(rng, &[Decimal::ONE, Decimal::new(15, 1)]),
                ),
                ("GBP".to_owned(), Decimal::new(12, 1)),
                ("JPY".to_owned(), Decimal::new(7, 3)),
            ]),
        },
    };
    let mut rule = Rule::new(&format!("rule{number}"), trigger, award);
    let multipliers = [(2, 0), (5, 1), (15, 1), (333, 3), (125, 2), (3, 0)];
    if chance(rng, 40) {
        let (mantissa, scale) = *pick(rng, &multipliers);
        rule.multiplier = Decimal::new(mantissa, scale);
    }
    // Open: what a unit of a `per_currency` award is.
    rule.whole_units = matches!(rule.award, Award::PerAmount { .. }) && chance(rng, 20);
    // Open: how a `basis_field` and `earn_on` go together.
    let payment = PAYMENTS.contains(&trigger);
    match rng.u32(..100) {
        0..12 if payment => rule.basis_field = Some("amount_net".to_owned()),
        12..30 if payment => rule.earn_on = Some(earn_on(rng)),
        _ => {}
    }
    if at_limit {
        return rule;
    }
    let windows = [Window::Day, Window::Week, Window::Month, Window::Lifetime];
    if chance(rng, 55) {
        let window = *pick(rng, &windows);
        let points = *pick(rng, &[1, 10, 50, 100, 250, 500, 1000]);
        let awards = rng.u64(1..=4);
        let (points, awards) = match rng.u32(..10) {
            0..6 => (Some(points), None),
            6..8 => (None, Some(awards)),
            _ => (Some(points), Some(awards)),
        };
        // Open: `rolling` without a span.
        let rolling = window != Window::Lifetime && chance(rng, 45);
        rule.cap = Some(Cap {
            points,
            awards,
            rolling,
        });
        let named = window != Window::Lifetime || rng.bool();
        rule.window = named.then_some(window);
    } else if chance(rng, 25) {
        rule.window = Some(*pick(rng, &windows));
    }
    rule.carry = chance(rng, 30);
    rule.active = chance(rng, 95);
    if chance(rng, 12) {
        rule.starts_at = Some(start + SignedDuration::from_hours(rng.i64(-48..72)));
    }
    if chance(rng, 12) {
        let from = rule.starts_at.unwrap_or(start);
        rule.ends_at = Some(from + SignedDuration::from_hours(rng.i64(1..40 * 24)));
    }
    if chance(rng, 15) {
        rule.pending_days = Some(*pick(rng, &[0, 1, 5, 31]));
    }
    if chance(rng, 15) {
        rule.expires = Some(expires(rng));
    }
    if chance(rng, 35) {
        rule.exclusive_group = Some("group".to_owned());
        rule.priority = rng.i64(-1..=2);
        rule.exclusive = *pick(rng, &[Exclusive::Priority, Exclusive::Best]);
    }
    rule
}

/// Open: categories together with products, and `exclude` alone for a payment without items.
fn earn_on(rng: &mut Rng) -> EarnOn {
    let names = |rng: &mut Rng, list: &[&str]| {
        let count = rng.usize(1..list.len());
        rng.choose_multiple(list.iter(), count)
            .into_iter()
            .map(|s| (*s).to_owned())
            .collect()
    };
    let mut earn_on = EarnOn::default();
    let by_category = rng.bool();
    if by_category {
        earn_on.categories = names(rng, &CATEGORIES);
    } else {
        earn_on.products = names(rng, &PRODUCTS);
    }
    match rng.u32(..4) {
        0 if by_category => earn_on.exclude_products = names(rng, &PRODUCTS),
        0 => earn_on.exclude_categories = names(rng, &CATEGORIES),
        _ => {}
    }
    earn_on
}

struct Generator {
    rng: Rng,
    model: Model,
    zone: TimeZone,
    at_limit: bool,
    huge_sent: bool,
    now: Timestamp,
    /// Every event sent so far.
    sent: Vec<Event>,
    /// Payments whose refunds were sent before them.
    announced: Vec<Event>,
    last_number: usize,
}

impl Generator {
    fn step(&mut self, step: usize) -> (Timestamp, Op) {
        if step > 0 {
            self.now = self.later();
        }
        let op = match self.rng.u32(..100) {
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

    // Time.

    fn later(&mut self) -> Timestamp {
        let rng = &mut self.rng;
        let ahead = |millis: i64| SignedDuration::from_millis(millis);
        let hour = 3_600_000;
        let next = match rng.u32(..100) {
            0..5 => self.now,
            5..55 => self.now + ahead(rng.i64(1..120_000)),
            55..75 => self.now + ahead(rng.i64(1..12 * hour)),
            75..85 => self.window_edge(1),
            85..93 => self.lot_edge(),
            93..98 => self.now + ahead(rng.i64(24 * hour..20 * 24 * hour)),
            _ => self.now + ahead(rng.i64(25 * 24 * hour..120 * 24 * hour)),
        };
        next.max(self.now)
    }

    /// The start of a local day, week or month, `direction` from now, and a millisecond about it.
    fn window_edge(&mut self, direction: i8) -> Timestamp {
        let today = self.zone.to_datetime(self.now).date();
        let monday = i64::from(today.weekday().to_monday_zero_offset());
        let days = |date: Date, days: i64| {
            date.checked_add(jiff::Span::new().days(days))
                .expect("a date in range")
        };
        let back = direction < 0;
        let date = match self.rng.u32(..3) {
            0 if back => today,
            0 => days(today, 1),
            1 if back => days(today, -monday),
            1 => days(today, 7 - monday),
            _ if back => today.first_of_month(),
            _ => days(today.last_of_month(), 1),
        };
        let edge = date
            .to_zoned(self.zone.clone())
            .expect("a date in range")
            .timestamp();
        self.about(edge)
    }

    /// The next instant at which a lot of somebody matures or expires.
    fn lot_edge(&mut self) -> Timestamp {
        let Some(member) = self.some_member() else {
            return self.now;
        };
        let edges = self.model.holdings(member, self.now).boundaries();
        let next = edges.into_iter().find(|edge| self.now < *edge);
        // Not years ahead for the whole history.
        let near = next.filter(|at| at.duration_since(self.now) < SignedDuration::from_hours(2400));
        near.map_or(self.now, |edge| self.about(edge))
    }

    fn about(&mut self, edge: Timestamp) -> Timestamp {
        edge + SignedDuration::from_millis(self.rng.i64(-1..=1))
    }

    fn occurred_at(&mut self) -> Timestamp {
        let back = |rng: &mut Rng, millis: i64| SignedDuration::from_millis(-rng.i64(0..millis));
        let minute = 60_000;
        let latest = self.now + SignedDuration::from_mins(5);
        match self.rng.u32(..1000) {
            0..200 => self.now,
            200..540 => self.now + back(&mut self.rng, 5_000),
            540..640 => self.now + back(&mut self.rng, 600 * minute),
            640..750 => self.now + back(&mut self.rng, 92 * 24 * 60 * minute),
            750..870 => self.window_edge(-1).min(latest),
            870..945 => self
                .trailing_edge()
                .filter(|at| *at <= latest)
                .unwrap_or(self.now),
            945..985 => self.now + SignedDuration::from_millis(self.rng.i64(1..=5 * minute)),
            985..990 => latest,
            990..993 => latest + SignedDuration::from_millis(1),
            _ => latest + SignedDuration::from_millis(self.rng.i64(1..99 * minute)),
        }
    }

    /// Where an earlier event leaves or enters a trailing window.
    fn trailing_edge(&mut self) -> Option<Timestamp> {
        let other = self.some_sent(|_| true)?.occurred_at;
        let days = *pick(&mut self.rng, &[1, 7, 30, -1, -7, -30]);
        Some(self.about(other + SignedDuration::from_hours(24 * days)))
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

    // Operations.

    fn create_account(&mut self) -> Op {
        let customer =
            chance(&mut self.rng, 80).then(|| (*pick(&mut self.rng, &CUSTOMERS)).to_owned());
        let email = chance(&mut self.rng, 50).then(|| (*pick(&mut self.rng, &EMAILS)).to_owned());
        Op::CreateAccount { customer, email }
    }

    fn close_or_reopen(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let closed = (0..self.model.member_count()).map(MemberId);
        let closed = closed.filter(|who| self.model.status(*who) == Status::Closed);
        let closed: Vec<MemberId> = closed.collect();
        match self.rng.u32(..10) {
            0..4 => Op::Close(member),
            4..9 if !closed.is_empty() => Op::Reopen(*pick(&mut self.rng, &closed)),
            _ => Op::Reopen(member),
        }
    }

    fn merge(&mut self) -> Op {
        match (self.some_member(), self.some_member()) {
            (Some(source), Some(target)) => Op::Merge { source, target },
            _ => self.create_account(),
        }
    }

    fn update_account(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let rng = &mut self.rng;
        let change = |rng: &mut Rng, list: &[&str]| {
            let clear = chance(rng, 25);
            Some((!clear).then(|| (*pick(rng, list)).to_owned()))
        };
        let which = rng.u32(..3);
        let customer = if which != 1 {
            change(rng, &CUSTOMERS)
        } else {
            None
        };
        let email = if which != 0 {
            change(rng, &EMAILS)
        } else {
            None
        };
        Op::UpdateAccount {
            member,
            customer,
            email,
        }
    }

    /// An event of somebody, with nothing in its data but its id.
    fn event(&mut self, kind: &str, prefix: &str) -> Event {
        let number = self.number();
        let mut event = Event {
            kind: kind.to_owned(),
            envelope_id: format!("env_{number}"),
            occurred_at: self.occurred_at(),
            account: None,
            loyalty_account: None,
            data: Map::new(),
        };
        event
            .data
            .insert("id".to_owned(), json!(format!("{prefix}_{number}")));
        event
    }

    fn identify(&mut self, event: &mut Event) {
        let member = self.some_member();
        let rng = &mut self.rng;
        let customer = json!(pick(rng, &CUSTOMERS));
        let email = json!(pick(rng, &EMAILS));
        match rng.u32(..100) {
            0..65 => {
                event.data.insert("customer".to_owned(), customer);
            }
            65..75 => {
                event.data.insert("email".to_owned(), email);
            }
            75..83 => event.account = member,
            83..89 => event.loyalty_account = member,
            89..91 => {
                event.loyalty_account = Some(MemberId(usize::MAX));
                event.data.insert("customer".to_owned(), customer);
            }
            91..97 => {
                event.account = member.filter(|_| rng.bool());
                event.data.insert("customer".to_owned(), customer);
                event.data.insert("email".to_owned(), email);
            }
            _ => {}
        }
        self.settle_identity(event);
    }

    /// Open: whether an account that an event enrolls gets the event's email as well.
    fn settle_identity(&self, event: &mut Event) {
        if event
            .text("email")
            .is_some_and(|email| self.model.member_of_email(email).is_none())
            && event.data.contains_key("customer")
        {
            event.data.remove("email");
        }
    }

    fn payment(&mut self) -> Op {
        if !self.announced.is_empty() && chance(&mut self.rng, 45) {
            let index = self.rng.usize(..self.announced.len());
            let mut event = self.announced.swap_remove(index);
            event.occurred_at = self.occurred_at();
            self.settle_identity(&mut event);
            return Op::Event(event);
        }
        Op::Event(self.new_payment())
    }

    fn new_payment(&mut self) -> Event {
        let invoice = chance(&mut self.rng, 18);
        let (kind, prefix) = if invoice {
            ("invoice.paid", "in")
        } else {
            ("payment.completed", "pay")
        };
        let mut event = self.event(kind, prefix);
        self.identify(&mut event);
        let rng = &mut self.rng;
        let amount = match rng.u32(..100) {
            0..4 => 0,
            4..25 => rng.u64(1..200),
            25..40 => 100 * rng.u64(1..100),
            // Once at most. Open: whether `lifetime_points` has the limit of the balance.
            _ if self.at_limit && !self.huge_sent && chance(rng, 8) => {
                self.huge_sent = true;
                1 << 52
            }
            _ => rng.u64(100..20_000),
        };
        event.data.insert("amount".to_owned(), json!(amount));
        event
            .data
            .insert("currency".to_owned(), json!(pick(rng, &CURRENCIES)));
        if chance(rng, 80) {
            let net = amount - amount.min(1 << 40) * rng.u64(0..30) / 100;
            event.data.insert("amount_net".to_owned(), json!(net));
        }
        if chance(rng, 55) {
            event
                .data
                .insert("line_items".to_owned(), line_items(rng, amount));
        }
        if invoice {
            event.data.insert("subscription".to_owned(), json!("sub_1"));
        }
        event
    }

    fn behaviour(&mut self) -> Op {
        let kind = *pick(&mut self.rng, &BEHAVIOURS);
        let mut event = self.event(kind, "beh");
        // Without an id of its own the envelope's counts.
        if chance(&mut self.rng, 25) {
            event.data.remove("id");
        }
        self.identify(&mut event);
        let rng = &mut self.rng;
        if chance(rng, 50) {
            event
                .data
                .insert("amount".to_owned(), json!(rng.u64(0..5_000)));
            event
                .data
                .insert("currency".to_owned(), json!(pick(rng, &CURRENCIES)));
        }
        if chance(rng, 40) {
            let metadata = event.data.entry("metadata").or_insert_with(|| json!({}));
            metadata["stars"] = json!(rng.u32(1..=5));
        }
        Op::Event(event)
    }

    /// A payment to refund: one that was sent, one that will be, or one that never is.
    fn target(&mut self) -> (String, u64) {
        let roll = self.rng.u32(..100);
        let sources: Vec<_> = self.model.transactions.iter().map(|t| &t.source).collect();
        let earned: BTreeSet<String> = sources
            .into_iter()
            .flatten()
            .map(|(_, id)| id.clone())
            .collect();
        let fits = |event: &Event| {
            let payment = PAYMENTS.contains(&event.kind.as_str());
            payment && (roll < 25 || earned.contains(event.source_id()))
        };
        if roll < 78
            && let Some(event) = self.some_sent(fits)
        {
            return (
                event.source_id().to_owned(),
                event.number("amount").unwrap_or(0),
            );
        }
        if roll < 94 {
            let again = chance(&mut self.rng, 40) && !self.announced.is_empty();
            let event = if again {
                pick(&mut self.rng, &self.announced).clone()
            } else {
                let event = self.new_payment();
                self.announced.push(event.clone());
                event
            };
            return (
                event.source_id().to_owned(),
                event.number("amount").unwrap_or(0),
            );
        }
        (format!("pay_never_{}", self.number()), 1_000)
    }

    fn refund(&mut self) -> Op {
        let (payment, paid) = self.target();
        let mut event = self.event("payment.refunded", "re");
        event.data.insert("payment".to_owned(), json!(payment));
        let rng = &mut self.rng;
        let amount = match rng.u32(..100) {
            0..25 => None,
            25..32 => Some(paid),
            32..50 => Some(paid / 3),
            50..58 => Some(paid.div_ceil(3)),
            58..64 => Some(1.min(paid)),
            64..68 => Some(0),
            68..74 => Some(paid + rng.u64(1..500)),
            _ => Some(rng.u64(0..=paid)),
        };
        if let Some(amount) = amount {
            event.data.insert("amount".to_owned(), json!(amount));
        }
        Op::Event(event)
    }

    fn dispute(&mut self) -> Op {
        let (payment, _) = self.target();
        let mut event = self.event("payment.disputed", "dp");
        event.data.insert("payment".to_owned(), json!(payment));
        let status = if chance(&mut self.rng, 70) {
            "lost"
        } else {
            "won"
        };
        event.data.insert("status".to_owned(), json!(status));
        Op::Event(event)
    }

    /// A decline, at times of a payment that completes later under the same id. Open: whether
    /// one from the future is refused or ignored.
    fn failed(&mut self) -> Op {
        let mut event = if chance(&mut self.rng, 40) {
            let event = self.new_payment();
            self.announced.push(event.clone());
            event
        } else {
            self.new_payment()
        };
        event.kind = "payment.failed".to_owned();
        event.occurred_at = event.occurred_at.min(self.now);
        Op::Event(event)
    }

    /// An event that was sent before, the same or altered. Open: whether a repeat from the future
    /// is refused or answered.
    fn repeat(&mut self) -> Op {
        let Some(mut event) = self.some_sent(|_| true) else {
            return self.create_account();
        };
        event.occurred_at = event.occurred_at.min(self.now);
        let own_id = event.data.contains_key("id");
        let number = self.number();
        let rng = &mut self.rng;
        if own_id && rng.bool() {
            event.envelope_id = format!("env_{number}");
        }
        if chance(rng, 30) {
            let before = SignedDuration::from_millis(rng.i64(0..86_400_000));
            event.occurred_at -= before;
        }
        if chance(rng, 35) {
            match rng.u32(..3) {
                0 => {
                    let amount = event.number("amount").unwrap_or(0);
                    event
                        .data
                        .insert("amount".to_owned(), json!(amount / 2 + 1));
                }
                1 => {
                    event
                        .data
                        .insert("customer".to_owned(), json!(pick(rng, &CUSTOMERS)));
                }
                _ => {
                    event.data.insert("note".to_owned(), json!("altered"));
                }
            }
            self.settle_identity(&mut event);
        }
        Op::Event(event)
    }

    fn adjust(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let balance = self.model.balance(member, self.now);
        let rng = &mut self.rng;
        let mut amount = match rng.u32(..100) {
            0..30 => rng.i64(1..300),
            30..50 => -balance,
            50..58 => -balance - 1,
            58..85 => -rng.i64(1..=balance.clamp(1, 1 << 40)),
            _ => -rng.i64(1..300),
        };
        if self.at_limit && chance(rng, 45) {
            amount = if chance(rng, 70) {
                POINTS_MAX
            } else {
                -POINTS_MAX
            };
        }
        // Open: whether an amount of 0, or one beyond the limit by itself, is a bad parameter.
        if amount == 0 || amount.unsigned_abs() > POINTS_MAX.unsigned_abs() {
            amount = 1;
        }
        // Open: whether a negative one counts into `lifetime_points`.
        let lifetime = amount > 0 && !self.at_limit && chance(rng, 25);
        let expires_at = (amount > 0 && !self.at_limit && chance(rng, 35))
            .then(|| self.now + SignedDuration::from_millis(rng.i64(1..90 * 86_400_000)));
        Op::Adjust {
            member,
            amount,
            allow_negative: chance(rng, 35),
            lifetime,
            expires_at,
        }
    }

    /// Switches a rule on or off, or changes its multiplier or the height of its cap. Open: what
    /// earlier awards count when a rule gets another window, or its first cap.
    fn update_rule(&mut self) -> Op {
        let mut rule = pick(&mut self.rng, self.model.rules()).clone();
        let rng = &mut self.rng;
        match (rng.u32(..3), &mut rule.cap) {
            (0, Some(cap)) => {
                cap.points = cap.points.map(|points| (points * rng.u64(1..4) / 2).max(1));
                cap.awards = cap.awards.map(|_| rng.u64(1..=5));
            }
            (1, _) => rule.multiplier = Decimal::new(rng.i64(1..40), 1),
            _ => rule.active = !rule.active,
        }
        Op::UpdateRule(Box::new(rule))
    }
}

/// One to four lines whose amounts add up to the payment's.
fn line_items(rng: &mut Rng, amount: u64) -> Value {
    let count = rng.u64(1..=4);
    let mut left = amount;
    let mut items = Vec::new();
    for line in 1..=count {
        let share = if line == count {
            left
        } else {
            rng.u64(0..=left)
        };
        left -= share;
        items.push(json!({
            "product": pick(rng, &PRODUCTS),
            "category": pick(rng, &CATEGORIES),
            "quantity": rng.u32(1..=3),
            "amount": share,
        }));
    }
    Value::Array(items)
}
