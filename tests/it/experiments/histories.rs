//! Random histories beside a tally that knows logs and payments only.

use std::collections::BTreeMap;

use laurel_rules::experiment::standing::Figures;
use laurel_tests::{World, payment, refund};
use serde_json::json;

use super::{check_sums, doubled, figures, standing, world};

const MEMBERS: u64 = 8;

/// A linear congruence is random enough, and the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// A payment of the history.
struct Paid {
    person: usize,
    amount: i64,
    refunded: i64,
    /// Whether it was made by somebody who had a variant.
    counts: bool,
}

/// Everybody who is one person by now has the same number.
struct Tally {
    person: BTreeMap<String, usize>,
    /// Who has a variant.
    given: BTreeMap<usize, String>,
    excluded: Vec<usize>,
    payments: BTreeMap<String, Paid>,
    early: BTreeMap<String, i64>,
}

impl Tally {
    fn pay(&mut self, id: &str, customer: &str, amount: i64) {
        let person = self.person[customer];
        let refunded = self.early.remove(id).unwrap_or(0).min(amount);
        let paid = Paid {
            person,
            amount,
            refunded,
            counts: self.given.contains_key(&person),
        };
        self.payments.insert(id.to_owned(), paid);
    }

    fn refund(&mut self, id: &str, amount: i64) {
        match self.payments.get_mut(id) {
            Some(paid) => paid.refunded = (paid.refunded + amount).min(paid.amount),
            None => *self.early.entry(id.to_owned()).or_default() += amount,
        }
    }

    fn merge(&mut self, source: &str, target: &str) {
        let (from, into) = (self.person[source], self.person[target]);
        for person in self.person.values_mut().filter(|person| **person == from) {
            *person = into;
        }
        for paid in self
            .payments
            .values_mut()
            .filter(|paid| paid.person == from)
        {
            paid.person = into;
        }
        let was_excluded = self.excluded.contains(&from);
        if let Some(variant) = self.given.remove(&from) {
            let kept = self
                .given
                .entry(into)
                .or_insert_with(|| variant.clone())
                .clone();
            if kept != variant || was_excluded {
                self.excluded.push(into);
            }
        }
    }

    /// Spend and squares, by variant.
    fn spends(&self) -> BTreeMap<String, (i128, i128, i128)> {
        let mut sums: BTreeMap<String, (i128, i128, i128)> = BTreeMap::new();
        for (person, variant) in &self.given {
            let (members, spend, squares) = sums.entry(variant.clone()).or_default();
            if self.excluded.contains(person) {
                continue;
            }
            let own = self
                .payments
                .values()
                .filter(|paid| paid.person == *person && paid.counts);
            let own: i128 = own
                .map(|paid| i128::from(paid.amount - paid.refunded))
                .sum();
            *members += 1;
            *spend += own;
            *squares += own * own;
        }
        sums
    }
}

#[tokio::test]
async fn figures_are_what_happened() {
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut rule = doubled();
        rule["when"] = json!("event.amount >= 300");
        let world = world(rule).await;
        let customers: Vec<String> = (0..MEMBERS)
            .map(|number| format!("cust_{number}"))
            .collect();
        let mut active = customers.clone();
        let mut tally = Tally {
            person: BTreeMap::new(),
            given: BTreeMap::new(),
            excluded: Vec::new(),
            payments: BTreeMap::new(),
            early: BTreeMap::new(),
        };
        for (number, customer) in customers.iter().enumerate() {
            world.create(customer).await;
            tally.person.insert(customer.clone(), number);
        }
        for step in 0..60 {
            step_of(&world, &mut random, &mut tally, &mut active, step).await;
        }
        let told = figures(&world).await;
        let expected = tally.spends();
        for (variant, found) in &told {
            let spends = expected.get(variant).copied().unwrap_or_default();
            let found = (found.members, found.spend, found.spend_squares);
            assert_eq!(found, spends, "seed {seed}, {variant}");
        }
        check_awards(&world, &tally, &active, &told).await;
        check_sums(&world, &active).await;
    }
}

async fn step_of(
    world: &World,
    random: &mut Random,
    tally: &mut Tally,
    active: &mut Vec<String>,
    step: u64,
) {
    let whom = usize::try_from(random.below(active.len() as u64)).expect("small");
    match random.below(10) {
        0..=5 => {
            let customer = active[whom].clone();
            let (id, amount) = (format!("pay_{step}"), i64::try_from(random.below(900)));
            let amount = amount.expect("small");
            let event = payment(&id, &customer, amount);
            for _ in 0..=random.below(2) {
                world.apply(event.clone()).await.expect("is handled");
            }
            let person = tally.person[&customer];
            if amount >= 300 && !tally.given.contains_key(&person) {
                // Which variant only the ledger knows; that there is one follows.
                let given = standing(world, &customer).await.expect("is given one");
                tally.given.insert(person, given.variant);
            }
            tally.pay(&id, &customer, amount);
        }
        6..=8 => {
            // Of a payment that was, or of one that may come.
            let id = format!("pay_{}", random.below(step + 4));
            let amount = i64::try_from(1 + random.below(500)).expect("small");
            let event = refund(&format!("re_{step}"), &id, Some(amount));
            world.apply(event).await.expect("is handled");
            tally.refund(&id, amount);
        }
        _ if active.len() > 2 => {
            let other = (whom + 1) % active.len();
            let (source, target) = (active[whom].clone(), active[other].clone());
            let id = async |customer: &str| world.member(customer).await.account.id;
            let (from, into) = (id(&source).await, id(&target).await);
            world.merge(&from, &into).await;
            tally.merge(&source, &target);
            active.remove(whom);
        }
        _ => {}
    }
}

/// Awards and points are those that the members' logs name.
async fn check_awards(
    world: &World,
    tally: &Tally,
    active: &[String],
    told: &BTreeMap<String, Figures>,
) {
    let mut sums: BTreeMap<&str, (i128, i128, i128, i128)> = BTreeMap::new();
    for customer in active {
        let person = tally.person[customer];
        let Some(variant) = tally.given.get(&person) else {
            continue;
        };
        let sum = sums.entry(variant).or_default();
        if tally.excluded.contains(&person) {
            continue;
        }
        let account = world.member(customer).await.account.id;
        let mut awards = 0;
        for view in world.log(&account).await {
            let made = view.transaction();
            let earned = made
                .calculation
                .as_ref()
                .and_then(|it| it.experiment.as_ref());
            match earned {
                Some(_) => {
                    awards += 1;
                    sum.2 += i128::from(made.amount);
                }
                None => sum.3 -= i128::from(made.amount),
            }
        }
        sum.0 += i128::from(awards > 0);
        sum.1 += awards;
    }
    for (variant, found) in told {
        let expected = sums.get(variant.as_str()).copied().unwrap_or_default();
        let found = (
            found.awarded_members,
            found.awards,
            found.points,
            found.reversed_points,
        );
        assert_eq!(found, expected, "{variant}");
    }
}
