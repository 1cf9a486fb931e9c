//! Experiments: who gets what, and that every figure is exact.

mod exact;
mod histories;
mod http;
mod members;

use std::collections::BTreeMap;

use laurel_ledger::ExperimentView;
use laurel_rules::experiment::standing::{Figures, Standing};
use laurel_tests::{PROGRAM, World};
use serde_json::{Value, json};

const KEY: &str = "exp";

/// A point per euro for half of the members, two for the others.
fn doubled() -> Value {
    json!({
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "experiment": experiment(json!({"multiplier": 2})),
    })
}

/// Half of the members get the rule with these overrides.
fn experiment(overrides: Value) -> Value {
    json!({
        "key": KEY, "started_at": "2026-11-01T00:00:00Z",
        "variants": [
            {"key": "a", "weight": 1},
            {"key": "b", "weight": 1, "overrides": overrides},
        ],
    })
}

async fn world(rule: Value) -> World {
    World::with(json!({"auto_enroll": true}), &[rule]).await
}

async fn view(world: &World) -> ExperimentView {
    let found = world.ledger.experiment(PROGRAM, KEY).await;
    found.expect("an experiment")
}

/// What the experiment's report says.
async fn figures(world: &World) -> BTreeMap<String, Figures> {
    let view = view(world).await;
    let figures = world.ledger.experiment_figures(&view).await;
    figures.expect("figures")
}

async fn figure(world: &World, variant: &str) -> Figures {
    figures(world).await[variant]
}

/// What the accounts of these customers say of the experiment.
async fn standing(world: &World, customer: &str) -> Option<Standing> {
    let member = world.find_member(customer).await?;
    member.account.experiments.get(KEY).cloned()
}

/// The figures are what the accounts say, added up.
async fn check_sums(world: &World, customers: &[String]) {
    let mut expected: BTreeMap<String, Figures> = figures(world).await;
    for sum in expected.values_mut() {
        *sum = Figures::default();
    }
    for customer in customers {
        if let Some(standing) = standing(world, customer).await {
            let sum = expected.get_mut(&standing.variant).expect("a variant");
            *sum = sum.plus(1, standing.figures());
        }
    }
    assert_eq!(figures(world).await, expected);
}

/// A customer of each variant.
async fn one_of_each(world: &World) -> (String, String) {
    let (mut a, mut b) = (None, None);
    for number in 0.. {
        let customer = format!("cust_{number}");
        let payment = laurel_tests::payment(&format!("probe_{number}"), &customer, 100);
        world.apply(payment).await.expect("is handled");
        let standing = standing(world, &customer).await.expect("is given one");
        let place = if standing.variant == "a" {
            &mut a
        } else {
            &mut b
        };
        place.get_or_insert(customer);
        if let (Some(a), Some(b)) = (&a, &b) {
            return (a.clone(), b.clone());
        }
    }
    unreachable!("numbers do not end")
}
