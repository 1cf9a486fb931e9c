//! What counting costs, as counts.

use super::*;

#[tokio::test]
async fn an_account_is_counted_for_two_write_units_and_a_share() {
    let world = a_rule_for_payments(json!({})).await;
    let customers = 40;
    let pay = async |round: u32| {
        for number in 0..customers {
            let id = format!("pay_{round}_{number}");
            world
                .apply(payment(&id, &format!("cust_{number}"), 1000))
                .await
                .expect("earns");
        }
    };
    pay(1).await;
    count_all(&world).await;
    let before: BTreeSet<(String, u64)> = entries(&world)
        .await
        .into_iter()
        .map(|it| (it.account, it.seq))
        .collect();
    pay(2).await;
    let new: Vec<Entry> = entries(&world)
        .await
        .into_iter()
        .filter(|it| !before.contains(&(it.account.clone(), it.seq)))
        .collect();
    let used = async |entries: &[Entry]| {
        let before = world.store.usage();
        world
            .ledger
            .count_entries(PROGRAM, entries)
            .await
            .expect("is counted");
        let used = world.store.usage().since(&before);
        (
            used.total_requests(),
            used.read_half_units,
            used.write_units,
        )
    };
    // Two items of each account and the program are read, half a unit each; one item of each
    // account and two of sums are written, two units each.
    assert_eq!(used(&new[..39]).await, (2, 79, 2 * (39 + 2)));
    // Alone, the sums are the larger part.
    assert_eq!(used(&new[39..]).await, (2, 3, 2 * (1 + 2)));
    // What is counted already costs reads; that nothing is to be written is no fact to rely on.
    assert_eq!(used(&new[39..]).await, (1, 3, 0));
}

#[tokio::test]
async fn reading_the_figures_takes_two_requests_whatever_the_number_of_members() {
    let world = a_rule_for_payments(json!({})).await;
    for number in 0..50 {
        let id = format!("pay_{number}");
        world
            .apply(payment(&id, &format!("cust_{number}"), 1000))
            .await
            .expect("earns");
    }
    count_all(&world).await;
    liability(&world.ledger).await;
    let before = world.store.usage();
    liability(&world.ledger).await;
    let used = world.store.usage().since(&before);
    assert_eq!(
        (used.total_requests(), used.write_units),
        (2, 0),
        "{used:?}"
    );
    assert!(used.read_half_units <= 6, "{used:?}");
}
