//! Random histories of a few people who bring each other, share cards, pay, get refunds, are closed,
//! reopened and merged, against a naive model: who came first by whom, what they paid, and what is
//! left of it.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::SignedDuration;
use laurel_ledger::{AttributionRequest, Error};
use laurel_rules::{Code, account::Status, referral::SideName};
use laurel_tests::{
    World, at,
    referrals::{paid, settings},
    refund,
};
use serde_json::json;

const CONVERSIONS_MAX: usize = 2;
const WINDOW_DAYS: i64 = 7;
const MINIMUM: i64 = 2000;
const PEOPLE: [&str; 6] = ["anna", "ben", "cem", "dora", "emil", "finn"];
/// Those who share codes.
const REFERRERS: usize = 2;

/// A payment, and what is left of it.
#[derive(Debug, Clone)]
struct Paid {
    customer: &'static str,
    left: i64,
}

struct History {
    world: World,
    codes: Vec<String>,
    rng: Rng,
    payments: BTreeMap<String, Paid>,
    /// The referral that each came by first.
    first: BTreeMap<&'static str, String>,
    /// What converted each referral.
    converted_by: BTreeMap<String, String>,
    /// How far referrals have come: each with each status that it had.
    seen: BTreeSet<(String, &'static str)>,
    /// Who each is by now: people who were merged have one number.
    person: [usize; PEOPLE.len()],
}

impl History {
    async fn begin(seed: u64) -> History {
        let mut program = settings();
        program["velocity"] =
            json!({"maxConversionsPerWindow": CONVERSIONS_MAX, "windowDays": WINDOW_DAYS});
        let world = World::with(program, &[]).await;
        let mut codes = Vec::new();
        for customer in &PEOPLE[..REFERRERS] {
            codes.push(world.referrer(customer).await.1);
        }
        History {
            world,
            codes,
            rng: Rng::with_seed(seed),
            payments: BTreeMap::new(),
            first: BTreeMap::new(),
            converted_by: BTreeMap::new(),
            seen: BTreeSet::new(),
            person: std::array::from_fn(|place| place),
        }
    }

    /// Who bears the name by now.
    fn person(&self, customer: &str) -> usize {
        let place = PEOPLE.iter().position(|name| *name == customer);
        self.person[place.expect("one of the people")]
    }

    /// Whether anybody was merged with this one.
    fn is_merged(&self, customer: &str) -> bool {
        let person = self.person(customer);
        let same = self.person.iter().filter(|other| **other == person);
        same.count() > 1
    }

    fn pass_time(&mut self) {
        let hours = self.rng.i64(0..48);
        let now = self.world.ledger.now() + SignedDuration::from_hours(hours);
        self.world.clock.set(now);
    }

    async fn attribute(&mut self) {
        let customer = PEOPLE[self.rng.usize(..PEOPLE.len())];
        let device = self.rng.usize(0..8);
        let request = AttributionRequest {
            code: Some(self.codes[self.rng.usize(..self.codes.len())].clone()),
            customer: Some(customer.to_owned()),
            device_fingerprint: Some(format!("device_{device}")).filter(|_| device < 3),
            ..AttributionRequest::default()
        };
        let made = match self.world.ledger.attribute(&request).await {
            Ok(made) => made,
            Err(Error::Refused(refusal)) => {
                let closed = [Code::AccountClosed, Code::ReferralCodeNotFound];
                assert!(closed.contains(&refusal.code), "{refusal:?}");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        let again = self.world.ledger.attribute(&request).await;
        assert_eq!(again.expect("the same").id, made.id, "first touch wins");
        if made.status.as_str() != "rejected" {
            let first = self.first.entry(customer).or_insert(made.id.clone());
            let first = first.clone();
            assert!(self.is_merged(customer) || first == made.id);
        }
    }

    async fn pay(&mut self) {
        let customer = PEOPLE[self.rng.usize(..PEOPLE.len())];
        let id = format!("pay_{}", self.payments.len());
        let amount = self.rng.i64(1..6) * 1000;
        let card = match self.rng.usize(0..5) {
            0 => "card_of_many".to_owned(),
            _ => format!("card_{customer}"),
        };
        let mut payment = paid(&id, customer, amount, "12:00", &card);
        payment["occurred_at"] = self.world.ledger.now().to_string().into();
        for _ in 0..2 {
            let handled = self.world.apply(payment.clone()).await;
            handled.expect("handled");
        }
        let paid = Paid {
            customer,
            left: amount,
        };
        self.payments.insert(id, paid);
    }

    async fn refund(&mut self) {
        if self.payments.is_empty() {
            return;
        }
        let number = self.rng.u64(..);
        let part = self.rng.i64(1..4) * 1000;
        // Half of them of what has converted, where anything has.
        let converting: Vec<String> = self.converted_by.values().cloned().collect();
        let id = if !converting.is_empty() && self.rng.bool() {
            converting[self.rng.usize(..converting.len())].clone()
        } else {
            format!("pay_{}", self.rng.usize(..self.payments.len()))
        };
        let Some(paid) = self.payments.get_mut(&id) else {
            return;
        };
        paid.left = (paid.left - part).max(0);
        let event = refund(&format!("re_{number}"), &id, Some(part));
        for _ in 0..2 {
            let handled = self.world.apply(event.clone()).await;
            handled.expect("handled");
        }
    }

    /// Makes one person of two.
    async fn merge(&mut self) {
        let (source, target) = (
            self.rng.usize(..PEOPLE.len()),
            self.rng.usize(..PEOPLE.len()),
        );
        let (Some(from), Some(into)) = (
            self.world.find_member(PEOPLE[source]).await,
            self.world.find_member(PEOPLE[target]).await,
        ) else {
            return;
        };
        let are_active = [&from, &into].map(|member| member.account.status) == [Status::Active; 2];
        if from.account.id != into.account.id && are_active {
            self.world.merge(&from.account.id, &into.account.id).await;
            let (gone, survivor) = (self.person[source], self.person[target]);
            for person in &mut self.person {
                if *person == gone {
                    *person = survivor;
                }
            }
        }
    }

    /// Closes somebody's account, or opens it again.
    async fn turn(&mut self) {
        let customer = PEOPLE[self.rng.usize(..PEOPLE.len())];
        let Some(member) = self.world.find_member(customer).await else {
            return;
        };
        let id = &member.account.id;
        let turned = match member.account.status {
            Status::Closed => self.world.ledger.reopen_account(id).await,
            _ => self.world.ledger.close_account(id).await,
        };
        turned.expect("is turned");
    }

    /// What must hold after every step, whatever happened.
    async fn check(&mut self, seed: u64) {
        let filter = laurel_ledger::ReferralFilter {
            program: laurel_tests::PROGRAM.to_owned(),
            ..Default::default()
        };
        let request = laurel_ledger::PageRequest {
            limit: 1000,
            ..Default::default()
        };
        let all = self.world.ledger.referrals(&filter, &request).await;
        let all = all.expect("a list").data;
        let mut conversions: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for view in &all {
            self.seen.insert((view.id.clone(), view.status.as_str()));
            let Some(converted_at) = view.converted_at else {
                assert!(view.given.is_empty(), "{seed}: {view:?}");
                continue;
            };
            conversions
                .entry(view.referrer.clone())
                .or_default()
                .push(converted_at);
            // Both rewards, or none.
            let sides: Vec<SideName> = view.given.iter().map(|given| given.side).collect();
            let both = [SideName::Referrer, SideName::Referee];
            assert_eq!(sides, both, "{seed}: {view:?}");
            let (_, payment) = view.converted_by.clone().expect("what converted it");
            let paid = &self.payments[&payment];
            let by = self.converted_by.entry(view.id.clone());
            let by = by.or_insert_with(|| payment.clone()).clone();
            assert_eq!(by, payment, "{seed}: converted once");
            let customer = view.customer.as_deref().expect("a customer");
            assert_eq!(self.person(customer), self.person(paid.customer), "{seed}");
            if !self.is_merged(customer) {
                assert_eq!(self.first[customer], view.id, "{seed}: first touch wins");
            }
            // Reversed exactly when what remains no longer qualifies.
            let expected = if paid.left < MINIMUM {
                "reversed"
            } else {
                "converted"
            };
            assert_eq!(view.status.as_str(), expected, "{seed}: {view:?} {paid:?}");
            if expected == "converted" {
                let referee = view.referee.clone().expect("a referee");
                *sums.entry(view.referrer.clone()).or_default() += 500;
                *sums.entry(referee).or_default() += 250;
            }
        }
        // No window of a referrer holds more than its limit. Two referrers who became one have
        // each had their own until then.
        let converting: BTreeSet<&String> = self.converted_by.values().collect();
        let are_told_apart = converting.len() == self.converted_by.len();
        assert!(are_told_apart, "{seed}: a payment converts once");
        if self.person[0] != self.person[1] {
            for instants in conversions.values_mut() {
                instants.sort_unstable();
                let span = SignedDuration::from_hours(24 * WINDOW_DAYS);
                for end in instants.iter() {
                    let inside = instants
                        .iter()
                        .filter(|at| **at > *end - span && *at <= end);
                    assert!(inside.count() <= CONVERSIONS_MAX, "{seed}: {instants:?}");
                }
            }
        }
        // Nothing else gives or takes points.
        for customer in PEOPLE {
            if let Some(member) = self.world.find_member(customer).await {
                let expected = sums.get(&member.account.id).copied().unwrap_or(0);
                assert_eq!(member.balance, expected, "{seed}: {customer}");
            }
        }
    }
}

/// How many histories: `LAUREL_HISTORIES=1000 cargo test -p laurel-tests --release histories`.
fn histories() -> u64 {
    let asked = std::env::var("LAUREL_HISTORIES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[tokio::test]
async fn random_histories_keep_what_is_promised() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..histories() {
        let mut history = History::begin(seed).await;
        history.world.clock.set(at("2026-11-20T12:00:00Z"));
        for _ in 0..30 {
            history.pass_time();
            match history.rng.usize(0..20) {
                0..7 => history.attribute().await,
                7..14 => history.pay().await,
                14..18 => history.refund().await,
                18 => history.turn().await,
                _ => history.merge().await,
            }
            history.check(seed).await;
        }
        for (_, status) in history.seen {
            *counts.entry(status).or_default() += 1;
        }
    }
    // A history in which nothing happens would prove nothing.
    for status in ["attributed", "converted", "rejected", "reversed"] {
        let count = counts.get(status).copied().unwrap_or(0);
        assert!(count >= 5, "{counts:?}");
    }
}
