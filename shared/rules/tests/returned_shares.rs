//! What refunds bring back of a redemption that paid, against a naive replay: whatever it took,
//! and however often and in whatever order its payment is paid, refunded and it is canceled, each
//! lot holds what somebody would have left in it who moves single points.

mod support;

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    Event, Plan, Redemption,
    decide::{
        Act, Adjustment, CreditAdjustment, Redeem, RedeemSnapshot, RedemptionSnapshot, Resources,
        Stock, Wanted, act_on_redemption, adjust, adjust_credit, redeem,
    },
    pay_with_points::PointsPayment,
    redemption::RedemptionStatus,
    store_credit::Money,
    window::shifted,
};
use proptest::prelude::*;
use support::{MEMBER, World, payment, refund};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const REDEMPTION: &str = "rdm_1_00000000000000000000000000";
const PAYMENT: &str = "pay_1";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Points,
    Credit,
}

#[derive(Debug, Clone)]
enum Step {
    /// So much that lasts so many days, for ever where 0.
    Give(i64, i64),
    /// Redeem at most so much; reserved for half an hour, or at once.
    Redeem(i64, bool),
    /// A payment of so much that names the redemption.
    Pay(i64),
    /// A refund of so much, of all where absent.
    Refund(Option<i64>),
    Cancel,
    Use,
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gift = || (1..80_i64, prop_oneof![Just(0), 1..12_i64]).prop_map(|(n, d)| Step::Give(n, d));
    let refund = prop_oneof![9 => (0..400_i64).prop_map(Some), 1 => Just(None)];
    let later = prop_oneof![
        2 => (0..1000_i64).prop_map(Step::Pay),
        5 => refund.prop_map(Step::Refund),
        1 => Just(Step::Cancel),
        1 => Just(Step::Use),
        2 => (1..6_i64).prop_map(Step::Wait),
        1 => gift(),
    ];
    (
        prop::collection::vec(gift(), 1..6),
        (1..300_i64, any::<bool>()).prop_map(|(n, reserve)| Step::Redeem(n, reserve)),
        prop::collection::vec(later, 1..25),
        0..4_usize,
    )
        .prop_map(|(mut steps, redeem, later, before)| {
            let (before, after) = later.split_at(before.min(later.len()));
            steps.extend_from_slice(before);
            steps.push(redeem);
            steps.extend_from_slice(after);
            steps
        })
}

/// Whoever moves single points, or cents.
#[derive(Debug, Default)]
struct Naive {
    /// What can be spent: when it ends, and the gift that it came in.
    there: Vec<(Option<i64>, usize)>,
    /// What the redemption took, in that order.
    taken: Vec<(Option<i64>, usize)>,
    took: usize,
    status: Option<RedemptionStatus>,
    /// What was paid while naming it, and refunded.
    paid: Option<i64>,
    is_named: bool,
    refunded: i64,
    early: Vec<Option<i64>>,
    day: i64,
}

impl Naive {
    fn redeem(&mut self, amount: usize, reserve: bool) {
        self.there
            .sort_by_key(|(end, gift)| (end.unwrap_or(i64::MAX), *gift));
        self.taken = self.there.drain(..amount).collect();
        self.took = amount;
        self.status = Some(match reserve {
            true => RedemptionStatus::Reserved,
            false => RedemptionStatus::Confirmed,
        });
    }

    fn come_back(&mut self, until_left: usize) {
        while self.taken.len() > until_left {
            let back = self.taken.pop().expect("there is more");
            if back.0.is_none_or(|end| end > self.day) {
                self.there.push(back);
            }
        }
    }

    fn pay(&mut self, amount: i64) {
        if self.paid.is_some() {
            return;
        }
        self.paid = Some(amount);
        use RedemptionStatus::{Confirmed, Reserved, Used};
        self.is_named = matches!(self.status, Some(Reserved | Confirmed | Used));
        if self.status == Some(Reserved) {
            self.status = Some(Confirmed);
        }
        for refund in std::mem::take(&mut self.early) {
            self.refund(refund);
        }
    }

    fn refund(&mut self, amount: Option<i64>) {
        let Some(paid) = self.paid else {
            self.early.push(amount);
            return;
        };
        self.refunded = paid.min(self.refunded + amount.unwrap_or(paid));
        let is_open = matches!(
            self.status,
            Some(RedemptionStatus::Confirmed | RedemptionStatus::Used)
        );
        if !self.is_named || !is_open {
            return;
        }
        if self.refunded == paid {
            self.come_back(0);
            if self.status == Some(RedemptionStatus::Confirmed) {
                self.status = Some(RedemptionStatus::Canceled);
            }
        } else {
            let took = i64::try_from(self.took).expect("few");
            let back = usize::try_from(took * self.refunded / paid).expect("few");
            self.come_back(self.took - back);
        }
    }

    fn wait(&mut self, days: i64) {
        if self.status == Some(RedemptionStatus::Reserved) {
            self.come_back(0);
            self.status = Some(RedemptionStatus::Expired);
        }
        self.day += days;
        let day = self.day;
        self.there
            .retain(|(end, _)| end.is_none_or(|end| end > day));
    }
}

struct Shop {
    world: World,
    unit: Unit,
    start: Timestamp,
    naive: Naive,
    sent: Vec<Event>,
    /// The number of the step.
    serial: usize,
}

impl Shop {
    fn new(unit: Unit) -> Shop {
        let mut world = World::new();
        world.program.cancel_redemptions_on_refund = true;
        let rate = r#"{"points": 1, "amount": 1, "currency": "EUR"}"#;
        world.program.redeem_rate = serde_json::from_str(rate).expect("a rate");
        Shop {
            start: world.now,
            world,
            unit,
            naive: Naive::default(),
            sent: Vec::new(),
            serial: 0,
        }
    }

    fn commit<T>(&mut self, plan: Plan<T>) {
        match plan {
            Plan::Commit(commit, _) => self.world.apply(*commit),
            Plan::Answer(_) | Plan::Final(_) => {}
            Plan::Needs(needs) => panic!("{needs:?}"),
        }
    }

    fn give(&mut self, amount: i64, days: i64) {
        let end = (days > 0).then(|| self.naive.day + days);
        let expires_at = end.map(|end| shifted(self.start, end * DAY_MS));
        let (catalog, now) = (self.world.catalog(), self.world.now);
        let account = self.world.accounts[MEMBER].clone();
        let (key, reason) = (format!("adj_{}", self.serial), "a gift".to_owned());
        match self.unit {
            Unit::Points => {
                let gift = Adjustment {
                    account: MEMBER.to_owned(),
                    amount,
                    reason,
                    allow_negative: false,
                    lifetime: false,
                    expires_at,
                    metadata: BTreeMap::new(),
                    key,
                    content: String::new(),
                };
                let plan = adjust(&catalog, &account, None, &Resources::default(), &gift, now);
                self.commit(plan.expect("a gift"));
            }
            Unit::Credit => {
                let gift = CreditAdjustment {
                    account: MEMBER.to_owned(),
                    currency: "EUR".to_owned(),
                    amount,
                    reason,
                    allow_negative: false,
                    expires_at: Some(expires_at),
                    metadata: BTreeMap::new(),
                    key,
                    content: String::new(),
                };
                let plan = adjust_credit(&catalog, &account, None, &gift, now);
                self.commit(plan.expect("a gift"));
            }
        }
        let count = usize::try_from(amount).expect("few");
        let gift = (end, self.serial);
        self.naive.there.extend(std::iter::repeat_n(gift, count));
    }

    fn redeem(&mut self, amount: i64, reserve: bool) {
        let there = i64::try_from(self.naive.there.len()).expect("few");
        let amount = amount.min(there);
        if amount == 0 {
            return;
        }
        let currency = "EUR".to_owned();
        let wanted = match self.unit {
            Unit::Points => Wanted::Discount(PointsPayment {
                points: amount,
                currency,
                order_amount: None,
            }),
            Unit::Credit => Wanted::StoreCredit(Money { amount, currency }),
        };
        let asked = Redeem {
            id: REDEMPTION.to_owned(),
            account: MEMBER.to_owned(),
            wanted,
            reserve_minutes: reserve.then_some(30),
            metadata: BTreeMap::new(),
        };
        let (catalog, account) = (self.world.catalog(), self.world.accounts[MEMBER].clone());
        let snapshot = RedeemSnapshot {
            catalog: &catalog,
            account: &account,
            existing: None,
            stock: Stock::default(),
            offer: None,
            past: None,
            now: self.world.now,
        };
        let plan = redeem(&snapshot, &asked).expect("there is enough");
        self.commit(plan);
        self.naive
            .redeem(usize::try_from(amount).expect("few"), reserve);
    }

    fn redemption(&self) -> Option<&Redemption> {
        self.world.redemptions.get(REDEMPTION)
    }

    fn act(&mut self, act: &Act) -> bool {
        let Some(redemption) = self.redemption().cloned() else {
            return false;
        };
        let (catalog, account) = (self.world.catalog(), self.world.accounts[MEMBER].clone());
        let snapshot = RedemptionSnapshot {
            catalog: &catalog,
            account: &account,
            redemption: &redemption,
            offer: None,
            now: self.world.now,
        };
        match act_on_redemption(&snapshot, act) {
            Ok(plan) => {
                self.commit(plan);
                true
            }
            Err(_) => false,
        }
    }

    fn send(&mut self, event: Event) {
        self.world.handle(&event).expect("is handled");
        self.sent.push(event);
    }

    fn step(&mut self, step: Step) {
        use RedemptionStatus::{Canceled, Confirmed, Reserved, Used};
        self.serial += 1;
        match step {
            Step::Give(amount, days) => self.give(amount, days),
            Step::Redeem(amount, reserve) => self.redeem(amount, reserve),
            Step::Pay(amount) => {
                let mut event = payment(PAYMENT, amount, "EUR", self.world.now);
                let metadata = serde_json::json!({"redemption": REDEMPTION});
                event.data.insert("metadata".to_owned(), metadata);
                // The first one counts; another would be a contradiction.
                if self.naive.paid.is_none() {
                    self.send(event);
                    self.naive.pay(amount);
                }
            }
            Step::Refund(amount) => {
                let id = format!("re_{}", self.serial);
                self.send(refund(&id, PAYMENT, amount, self.world.now));
                self.naive.refund(amount);
            }
            Step::Cancel => {
                let can = matches!(self.naive.status, Some(Reserved | Confirmed | Canceled));
                assert_eq!(self.act(&Act::Cancel), can);
                if can {
                    self.naive.come_back(0);
                    self.naive.status = Some(Canceled);
                }
            }
            Step::Use => {
                let act = Act::Use {
                    request: "till".to_owned(),
                    order: None,
                };
                let can = matches!(self.naive.status, Some(Confirmed | Used));
                assert_eq!(self.act(&act), can);
                if can {
                    self.naive.status = Some(Used);
                }
            }
            Step::Wait(days) => {
                self.naive.wait(days);
                self.world.now = shifted(self.start, self.naive.day * DAY_MS);
            }
        }
    }

    /// What each lot holds, by its end, and what the log adds up to, as of now.
    fn check(&self) {
        let mut account = self.world.accounts[MEMBER].clone();
        let passed = account.settle(&self.world.program, self.world.now);
        let (purse, passed) = match self.unit {
            Unit::Points => (account.points.clone(), passed.points),
            Unit::Credit => (
                account
                    .store_credit
                    .purse("EUR")
                    .cloned()
                    .unwrap_or_default(),
                passed
                    .store_credit
                    .into_iter()
                    .map(|(_, step)| step)
                    .collect(),
            ),
        };
        let mut lots: BTreeMap<Option<Timestamp>, i64> = BTreeMap::new();
        for lot in &purse.lots {
            *lots.entry(lot.expires_at).or_default() += lot.remaining;
        }
        let mut expected = BTreeMap::new();
        for (end, _) in &self.naive.there {
            let end = end.map(|end| shifted(self.start, end * DAY_MS));
            *expected.entry(end).or_default() += 1;
        }
        assert_eq!(lots, expected, "{:?}", self.naive);
        let entries = self.world.entries.iter();
        let posted: i64 = entries
            .map(|entry| match self.unit {
                Unit::Points => entry.transactions.iter().map(|it| it.amount).sum::<i64>(),
                Unit::Credit => entry.credits.iter().map(|it| it.amount).sum(),
            })
            .sum();
        let to_write: i64 = passed
            .iter()
            .map(|step| match step {
                laurel_rules::purse::Step::Expired(expired) => -expired.amount,
                laurel_rules::purse::Step::Returned(returned) => returned.hold.amount(),
            })
            .sum();
        assert_eq!(posted + to_write, purse.balance(self.world.now));
        if let Some(redemption) = self.redemption() {
            let now = self.world.now;
            assert_eq!(Some(redemption.status_at(now)), self.naive.status);
            let back = self.naive.took - self.naive.taken.len();
            assert_eq!(usize::try_from(redemption.returned_at(now)), Ok(back));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn each_lot_gets_back_what_a_naive_replay_gives_it(
        steps in steps(),
        unit in prop_oneof![Just(Unit::Points), Just(Unit::Credit)],
    ) {
        let mut shop = Shop::new(unit);
        for step in steps {
            shop.step(step);
            shop.check();
        }
        // All of it again is nothing.
        let (accounts, redemptions) = (shop.world.accounts.clone(), shop.world.redemptions.clone());
        for event in shop.sent.clone() {
            let again = shop.world.handle(&event).expect("is handled");
            prop_assert!(again.duplicate);
        }
        prop_assert_eq!(accounts, shop.world.accounts);
        prop_assert_eq!(redemptions, shop.world.redemptions);
    }
}
