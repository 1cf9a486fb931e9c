//! Numbers, by properties: conditions reckon as integers do that never overflow.

use laurel_rules::POINTS_MAX;
use proptest::prelude::*;
use serde_json::json;

use crate::support::Given;

proptest! {
    #[test]
    fn money_is_reckoned_exactly(a in 0..=POINTS_MAX, b in -POINTS_MAX..=POINTS_MAX) {
        let given = Given::new(&json!({"event": {"type": "payment.completed", "data": {
            "amount": a, "currency": "EUR", "metadata": {"b": b},
        }}}));
        let (a, b) = (i128::from(a), i128::from(b));
        let is = |condition: &str| given.judged(condition) == "true";
        let judged = |start: &str, number: i128| given.judged(&format!("{start} == {number}"));
        prop_assert_eq!(is("event.amount >= b"), a >= b);
        prop_assert_eq!(is("event.amount == b"), a == b);
        prop_assert_eq!(judged("event.amount + b", a + b), "true");
        prop_assert_eq!(judged("event.amount - b", a - b), "true");
        prop_assert!(is("(event.amount - b) + b == event.amount"));
        if b != 0 {
            prop_assert_eq!(judged("event.amount % b", a % b), "true");
            prop_assert_eq!(judged("int(event.amount / b)", a / b), "true");
        }
        // The product of two of the largest has more digits than are kept exactly, and says so.
        let product = judged("event.amount * b", a * b);
        let is_kept = (a * b).abs() < 10_i128.pow(28);
        prop_assert!(product == "true" || !is_kept, "{} {} {}", a, b, product);
    }

    #[test]
    fn a_fraction_is_what_it_is_written_as(whole in 0..1_000_000_u32, cents in 0..100_u32) {
        let written = format!("{whole}.{cents:02}");
        let number: serde_json::Value = serde_json::from_str(&written).expect("a number");
        let given = Given::new(&json!({"event": {"data": {"metadata": {"price": number}}}}));
        let all = u64::from(whole) * 100 + u64::from(cents);
        prop_assert_eq!(given.judged(&format!("price * 100 == {all}")), "true");
        prop_assert_eq!(given.judged(&format!("price == {written}")), "true");
    }
}
