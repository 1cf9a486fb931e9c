//! `laurel liability --check`: what it compares, and what it says.

use super::*;

async fn checked(world: &World) -> (String, bool) {
    let liability = liability(&world.ledger).await;
    let (program, now) = (&liability.program, liability.as_of);
    let added_up = added_up(&world.store.client(), program, now).await;
    in_words(&compare(&kept(&liability), &added_up.expect("is added up")))
}

#[tokio::test]
async fn figures_that_have_not_followed_the_ledger_are_told_apart() {
    let world = a_rule_for_payments(json!({})).await;
    world
        .apply(payment("pay_1", "a", 10_000))
        .await
        .expect("earns");
    count_all(&world).await;
    let (text, agrees) = checked(&world).await;
    assert!(agrees, "{text}");
    assert_eq!(
        text,
        "FIGURE          KEPT  LEDGER\n\
         2026-11 issued   100     100\n\
         outstanding      100     100\n\
         until never      100     100\n\
         \n\
         All 3 figures agree with the ledger.\n"
    );
    world
        .apply(refund("re_1", "pay_1", Some(2500)))
        .await
        .expect("is refunded");
    let (text, agrees) = checked(&world).await;
    assert!(!agrees, "{text}");
    assert_eq!(
        text,
        "FIGURE            KEPT  LEDGER\n\
         2026-11 issued     100     100\n\
         2026-11 reversed     0     -25  differs\n\
         outstanding        100      75  differs\n\
         until never        100      75  differs\n\
         \n\
         3 of 4 figures differ from the ledger.\n"
    );
    let counted = world.ledger.recount(PROGRAM, None, 100).await;
    counted.expect("is counted");
    let (text, agrees) = checked(&world).await;
    assert!(agrees, "{text}");
    // Another program's ledger is another's.
    let mut other = world.ledger.new_program(Some("prog_other".to_owned()));
    other.auto_enroll = true;
    let made = world.ledger.create_program(other, "other").await;
    made.expect("a program");
    let mut event = payment("pay_2", "b", 10_000);
    merge(&mut event["data"], json!({"program": "prog_other"}));
    world.apply(event).await.expect("is handled");
    let (text, agrees) = checked(&world).await;
    assert!(agrees, "{text}");
}
