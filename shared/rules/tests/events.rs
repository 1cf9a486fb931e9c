//! What an event says beside its amount, and what the object behind it is called.

use laurel_rules::{
    Event, Program,
    event::{Intent, source_type},
};
use serde_json::{Value, json};

fn event(trigger: &str, data: &Value) -> Event {
    let now = "2026-11-20T12:00:00Z".parse().expect("a time");
    let program = Program::new("prog_1", "salt", now);
    let data = data.as_object().expect("an object").clone();
    Event {
        data,
        ..Event::own(trigger, "id_1", &program, now)
    }
}

#[test]
fn a_code_a_card_and_a_redemption_are_what_purchases_say() {
    let data = json!({
        "metadata": {"referral_code": "ANNA-X7K2", "redemption": "rdm_1"},
        "payment_method": {"type": "card", "fingerprint": "fp_1"},
    });
    for (trigger, code, rest) in [
        ("payment.completed", true, true),
        ("invoice.paid", true, true),
        ("customer.created", true, false),
        ("review_submitted", false, false),
        ("payment.refunded", false, false),
    ] {
        let event = event(trigger, &data);
        assert_eq!(
            event.referral_code(),
            code.then_some("ANNA-X7K2"),
            "{trigger}"
        );
        assert_eq!(
            event.card_fingerprint(),
            rest.then_some("fp_1"),
            "{trigger}"
        );
        assert_eq!(event.redemption(), rest.then_some("rdm_1"), "{trigger}");
        // What takes back does none of that, whatever it is called.
        let refund = Event {
            intent: Intent::Refund {
                payment: "pay_1".to_owned(),
                amount: None,
            },
            ..event
        };
        assert_eq!(refund.referral_code(), None);
        assert_eq!(refund.card_fingerprint(), None);
        assert_eq!(refund.redemption(), None);
    }
    let silent = event(
        "payment.completed",
        &json!({"metadata": {"referral_code": 5}, "payment_method": {"fingerprint": ""}}),
    );
    assert_eq!(silent.referral_code(), None);
    assert_eq!(silent.card_fingerprint(), None);
    assert_eq!(silent.redemption(), None);
}

#[test]
fn objects_are_called_what_they_are() {
    for (trigger, name) in [
        ("payment.completed", "payment"),
        ("invoice.paid", "invoice"),
        ("payment.refunded", "refund"),
        ("payment.disputed", "dispute"),
        ("subscription.created", "subscription"),
        ("customer.created", "customer"),
        ("customer.updated", "customer"),
        ("customer.deleted", "customer"),
        ("loyalty.account.created", "account"),
        ("loyalty.points.earned", "transaction"),
        ("loyalty.tier.changed", "event"),
        ("referral.converted", "referral"),
        ("referral.attributed", "referral"),
        ("review_submitted", "behavior"),
    ] {
        assert_eq!(source_type(trigger), name, "{trigger}");
    }
}
