//! What is said of transactions, sentence by sentence.

use std::sync::Arc;

use jiff::Timestamp;
use laurel_rules::{
    Catalog, Entry, Program, Tier, Transaction,
    calculation::Calculation,
    campaign::Campaign,
    entry::TransactionType,
    exact::Factor,
    explain::{Subject, explain},
    id::TransactionId,
};
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn factor(text: &str) -> Factor {
    Factor::parse(text).expect(text)
}

fn catalog() -> Arc<Catalog> {
    let created = at("2026-01-01T00:00:00Z");
    let program = json!({"timezone": "Europe/Berlin"});
    let mut settings = serde_json::to_value(Program::new("prog_1", "salt", created)).expect("JSON");
    settings["timezone"] = program["timezone"].clone();
    let program: Program = serde_json::from_value(settings).expect("a program");
    let gold: Tier = serde_json::from_value(json!({
        "id": "tier_1", "program": "prog_1", "key": "gold", "name": "Gold", "threshold": 100,
        "multiplier": 2, "version": 1, "created": created,
    }))
    .expect("a tier");
    let mut week = Campaign::new("camp_1".into(), "prog_1".into(), factor("1.5"), created);
    week.name = Some("Birthday week".to_owned());
    let catalog = Catalog::new(program, 1, Vec::new());
    Arc::new(catalog.with_tiers(vec![gold]).with_campaigns([week]))
}

fn entry(trigger: &str, source_id: &str, payment: Option<&str>, made: Transaction) -> Entry {
    Entry {
        account: "loy_1".to_owned(),
        seq: 3,
        program: "prog_1".to_owned(),
        trigger: trigger.to_owned(),
        source_id: source_id.to_owned(),
        payment: payment.map(str::to_owned),
        occurred_at: at("2026-11-20T11:00:00Z"),
        created: at("2026-11-20T12:00:00Z"),
        changes: Vec::new(),
        transactions: vec![made],
        credits: Vec::new(),
        seal: None,
    }
}

fn earned(points: i64, name: &str, trace: Value) -> Transaction {
    let mut all = json!({
        "rule": "rule_1", "rule_version": 3, "award": {"type": "fixed", "points": 1},
        "base": points.to_string(), "exact": points.to_string(), "rounding": "floor",
        "rounded": points, "points": points,
    });
    for (field, value) in trace.as_object().expect("fields") {
        all[field] = value.clone();
    }
    let calculation: Calculation = serde_json::from_value(all).expect("a trace");
    Transaction {
        rule: Some(("rule_1".to_owned(), 3)),
        balance_after: points,
        calculation: Some(calculation),
        ..Transaction::new(TransactionType::Earn, points, name)
    }
}

fn of_payment(points: i64, trace: Value) -> Entry {
    entry(
        "payment.completed",
        "pay_1",
        Some("pay_1"),
        earned(points, "1 point per euro", trace),
    )
}

fn paid(amount: i64, currency: &str) -> Value {
    json!({"field": "amount", "amount": amount, "currency": currency})
}

const LEAD: &str = "The rule \"1 point per euro\" (version 3) rewards the payment `pay_1`";

#[track_caller]
fn check(entry: &Entry, of: Option<&Entry>, expected: &[&str]) {
    let catalog = catalog();
    let said = explain(Subject {
        entry,
        place: 0,
        of: of.map(|of| (of, &of.transactions[0])),
        catalog: Some(&catalog),
    });
    assert_eq!(said, expected);
}

#[test]
fn milestones_and_streaks() {
    check(
        &of_payment(
            1000,
            json!({"award": {"type": "fixed", "points": 500}, "base": "1000",
                "milestone": {"stat": "payment.completed.sum", "before": 0, "after": 600_000,
                    "crossed": [100_000, 500_000]}}),
        ),
        None,
        &[
            &format!("{LEAD}."),
            "With it `payment.completed.sum` goes from 0 to 600000, and reaches 100000 and 500000.",
            "It gives 500 points for every threshold.",
            "That counts 2 times: 1000 points.",
            "So it gave 1000 points.",
            "The balance right after was 1000 points.",
        ],
    );
    check(
        &of_payment(
            10,
            json!({"award": {"type": "per_amount", "per": 100, "points": 1}, "base": "10",
                "basis": paid(1000, "EUR"),
                "streak": {"unit": "week", "length": 3, "run": 6, "times": 1}}),
        ),
        None,
        &[
            &format!("{LEAD} of €10.00."),
            "With it 6 weeks in a row have such an event; the rule pays for 3 weeks.",
            "It gives 1 point for each €1.00: 10 points.",
            "So it gave 10 points.",
            "The balance right after was 10 points.",
        ],
    );
}

#[test]
fn awards() {
    let euro = json!({"type": "per_amount", "per": 100, "points": 1});
    check(
        &of_payment(
            84,
            json!({"award": euro, "basis": paid(4200, "EUR"), "base": "42",
                "multipliers": [{"origin": "tier", "id": "gold", "value": 2}]}),
        ),
        None,
        &[
            &format!("{LEAD} of €42.00."),
            "It gives 1 point for each €1.00: 42 points.",
            "The tier \"Gold\" doubles that: 84 points.",
            "So it gave 84 points.",
            "The balance right after was 84 points.",
        ],
    );
    // Every step there is; names that are not known any more are ids.
    check(
        &of_payment(
            10,
            json!({"award": euro, "basis": paid(1050, "EUR"), "base": "10.5",
                "multipliers": [
                    {"origin": "rule", "id": "rule_1", "value": 3},
                    {"origin": "tier", "id": "lost", "value": 1.1},
                    {"origin": "campaign", "id": "camp_1", "value": 1.5},
                    {"origin": "campaign", "id": "camp_lost", "value": 2},
                ],
                "campaigns_failed": [{"campaign": "camp_2", "message": "there is no `x`"}],
                "carried_in": "0.25", "exact": "104.2", "rounded": 104, "carried_out": "0.2",
                "cap": {"window": "day", "limit_points": 100, "limit_awards": 5,
                    "used_points": 84, "used_awards": 1},
                "budgets": [
                    {"campaign": "camp_1", "window": "lifetime", "limit_points": 30,
                        "wanted_points": 12, "granted_points": 6},
                    {"window": "month", "limit_points": 1000, "wanted_points": 10,
                        "granted_points": 10},
                ],
                "points": 10}),
        ),
        None,
        &[
            &format!("{LEAD} of €10.50."),
            "It gives 1 point for each €1.00: 10.5 points.",
            "The rule's own multiplier triples that: 31.5 points.",
            "The tier \"lost\" multiplies that by 1.1: 34.65 points.",
            "The campaign \"Birthday week\" multiplies that by 1.5: 51.975 points.",
            "The campaign `camp_lost` doubles that: 103.95 points.",
            "The campaign `camp_2` did not count, since whether its condition holds could not be \
             told: there is no `x`.",
            "With 0.25 carried over from earlier awards it is 104.2.",
            "Rounded down that is 104 points; 0.2 is carried on to the next award.",
            "Its cap is 5 awards within a calendar day; this is number 2.",
            "Its cap of 100 points within a calendar day left 16.",
            "Of the 12 points that count against the budget of the campaign \"Birthday week\" \
             (30 points in all for all members together), 6 were left.",
            "So it gave 10 points.",
            "The balance right after was 10 points.",
        ],
    );
}

#[test]
fn awards_of_other_kinds() {
    // Each: award, basis, base, what is said of it.
    let table = [
        (
            json!({"type": "per_amount", "per": 1000, "points": 5}),
            paid(4250, "USD"),
            "20",
            "It gives 5 points for each complete $10.00: 20 points.",
        ),
        (
            json!({"type": "per_amount", "per": 100, "points": 1}),
            json!({"field": "line_items", "amount": 3000, "currency": "GBP"}),
            "30",
            "It gives 1 point for each £1.00 of the £30.00 that its line items come to: 30 points.",
        ),
        (
            json!({"type": "per_amount", "per": 3, "points": 1}),
            json!({"field": "amount_net", "amount": 10}),
            "10/3",
            "It gives 1 point for each 3 of the 10 in `amount_net`: 10/3 points.",
        ),
        (
            json!({"type": "per_currency", "rates": {"KWD": 1.2, "JPY": 0.01}}),
            paid(4000, "KWD"),
            "4.8",
            "It gives 1.2 points for each KWD 1: 4.8 points.",
        ),
        (
            json!({"type": "per_currency", "rates": {"KWD": 1.2, "JPY": 1}}),
            paid(500, "JPY"),
            "500",
            "It gives 1 point for each JPY 1: 500 points.",
        ),
    ];
    let catalog = catalog();
    for (award, basis, base, expected) in table {
        let entry = of_payment(7, json!({"award": award, "basis": basis, "base": base}));
        let said = explain(Subject {
            entry: &entry,
            place: 0,
            of: None,
            catalog: Some(&catalog),
        });
        assert_eq!(said.get(1).map(String::as_str), Some(expected));
    }
}

#[test]
fn roundings() {
    let table = [
        ("floor", "7.5", 7, "Rounded down that is 7 points."),
        ("ceil", "7.5", 8, "Rounded up that is 8 points."),
        (
            "half_up",
            "7.5",
            8,
            "Rounded to the nearest whole number, halves up that is 8 points.",
        ),
        (
            "half_even",
            "8.5",
            8,
            "Rounded to the nearest whole number, halves to the even one that is 8 points.",
        ),
    ];
    for (rounding, exact, rounded, expected) in table {
        let entry = of_payment(
            rounded,
            json!({"base": exact, "exact": exact, "rounding": rounding}),
        );
        let said = explain(Subject {
            entry: &entry,
            place: 0,
            of: None,
            catalog: None,
        });
        assert_eq!(said[2], expected);
    }
}

#[test]
fn bonuses_name_what_they_are_for() {
    let unnamed = earned(50, "review_submitted", json!({}));
    check(
        &entry("review_submitted", "rev_1", None, unnamed),
        None,
        &[
            "The rule `rule_1` (version 3) rewards the event `review_submitted` `rev_1`.",
            "It gives 1 point for every such event.",
            "So it gave 50 points.",
            "The balance right after was 50 points.",
        ],
    );
    let mut welcome = earned(1, "Welcome", json!({}));
    welcome.available_at = Some(at("2026-12-04T11:00:00Z"));
    welcome.expires_at = Some(at("2027-11-20T11:00:00Z"));
    check(
        &entry("loyalty.account.created", "loy_1", None, welcome),
        None,
        &[
            "The rule \"Welcome\" (version 3) rewards the new account.",
            "It gives 1 point for every such event.",
            "So it gave 1 point.",
            "They can be spent from 4 December 2026, 12:00 (Europe/Berlin) on, and expire on \
             20 November 2027, 12:00 (Europe/Berlin).",
            "The balance right after was 1 point.",
        ],
    );
}

#[test]
fn what_a_referral_promised() {
    let made = Transaction {
        referral: Some("ref_1".to_owned()),
        uncapped_points: Some(100),
        balance_after: 40,
        ..Transaction::new(TransactionType::Earn, 40, "referral")
    };
    check(
        &entry("referral.converted", "ref_1", Some("pay_1"), made),
        None,
        &[
            "The referral `ref_1` gave 40 points.",
            "Promised were 100 points; the program's budget had no more left.",
            "The balance right after was 40 points.",
        ],
    );
}

fn earning_id() -> TransactionId {
    TransactionId {
        account: "loy_1".to_owned(),
        seq: 3,
        place: 0,
    }
}

#[test]
fn reversals() {
    let award = of_payment(42, json!({}));
    let made = |amount: i64| Transaction {
        rule: Some(("rule_1".to_owned(), 3)),
        of: Some(earning_id()),
        earned_at: Some(at("2026-11-20T11:00:00Z")),
        balance_after: 30,
        ..Transaction::new(TransactionType::Reverse, amount, "payment.refunded")
    };
    let refund = |made: Transaction| entry("payment.refunded", "re_1", Some("pay_1"), made);
    check(
        &refund(made(-12)),
        Some(&award),
        &[
            "The refund `re_1` of the payment `pay_1` takes back 12 of the 42 points that the rule \
             \"1 point per euro\" (version 3) gave on 20 November 2026, 12:00 (Europe/Berlin).",
            "The balance right after was 30 points.",
        ],
    );
    check(
        &refund(made(-12)),
        None,
        &[
            "The refund `re_1` of the payment `pay_1` takes back 12 points of the earning \
             `ptx_1_3_0`.",
            "The balance right after was 30 points.",
        ],
    );
    let pending = Transaction {
        written_off: Some(2),
        available_at: Some(at("2026-12-04T11:00:00Z")),
        balance_after: -5,
        ..made(-10)
    };
    check(
        &entry("payment.disputed", "dp_1", Some("pay_1"), pending),
        None,
        &[
            "The dispute `dp_1` of the payment `pay_1`, which was lost, takes back 12 points of \
             the earning `ptx_1_3_0`.",
            "Of them 2 had been spent, which is written off.",
            "They had not matured yet.",
            "The balance right after was -5 points, which what is earned next repays.",
        ],
    );
    let returned = Transaction {
        redemption: Some("rdm_1".to_owned()),
        balance_after: 500,
        ..Transaction::new(TransactionType::Reverse, 500, "redemption canceled")
    };
    check(
        &entry("@redemption", "rdm_1", None, returned),
        None,
        &[
            "500 points that the redemption `rdm_1` took came back (redemption canceled).",
            "The balance right after was 500 points.",
        ],
    );
    let referral = Transaction {
        referral: Some("ref_1".to_owned()),
        ..Transaction::new(TransactionType::Reverse, -100, "referral reversed")
    };
    check(
        &entry("@referral", "ref_1", None, referral),
        None,
        &[
            "The reversal of the referral `ref_1` takes back 100 points.",
            "The balance right after was 0 points.",
        ],
    );
}

#[test]
fn ends_of_points() {
    let award = of_payment(42, json!({}));
    let expired = Transaction {
        of: Some(earning_id()),
        occurred_at: Some(at("2027-11-20T11:00:00Z")),
        ..Transaction::new(TransactionType::Expire, -30, "expired")
    };
    check(
        &entry("@expiry", "loy_1", None, expired),
        Some(&award),
        &[
            "30 points of the 42 points that the rule \"1 point per euro\" (version 3) gave \
             expired unspent on 20 November 2027, 12:00 (Europe/Berlin).",
            "The balance right after was 0 points.",
        ],
    );
    let redeemed = Transaction {
        redemption: Some("rdm_1".to_owned()),
        balance_after: 12,
        ..Transaction::new(TransactionType::Redeem, -500, "Free coffee")
    };
    check(
        &entry("@redemption", "rdm_1", None, redeemed),
        None,
        &[
            "The redemption `rdm_1` took 500 points: Free coffee.",
            "The balance right after was 12 points.",
        ],
    );
}

#[test]
fn adjustments() {
    let made = |amount| Transaction {
        balance_after: 7,
        ..Transaction::new(TransactionType::Adjust, amount, "Sorry for the delay")
    };
    let of = Some(earning_id());
    let until = Some(at("2027-06-01T00:00:00Z"));
    let table = [
        (
            made(50),
            "50 points were given by hand: \"Sorry for the delay\".",
            None,
        ),
        (
            made(-1),
            "1 point was taken by hand: \"Sorry for the delay\".",
            None,
        ),
        (
            Transaction {
                lifetime: true,
                ..made(50)
            },
            "50 points were given by hand, and counted into the lifetime total: \"Sorry for the \
             delay\".",
            None,
        ),
        (
            Transaction {
                of: of.clone(),
                expires_at: until,
                ..made(0)
            },
            "What is left of the earning `ptx_1_3_0` expires on 1 June 2027, 02:00 \
             (Europe/Berlin) instead: \"Sorry for the delay\".",
            None,
        ),
        (
            Transaction {
                of: of.clone(),
                ..made(0)
            },
            "What is left of the earning `ptx_1_3_0` never expires now: \"Sorry for the delay\".",
            None,
        ),
        (
            Transaction {
                of,
                expires_at: until,
                ..made(30)
            },
            "30 points were given back of what had expired (`ptx_1_3_0`): \"Sorry for the delay\".",
            Some("They expire on 1 June 2027, 02:00 (Europe/Berlin)."),
        ),
    ];
    for (made, first, second) in table {
        let lines = [
            Some(first),
            second,
            Some("The balance right after was 7 points."),
        ];
        let lines: Vec<&str> = lines.into_iter().flatten().collect();
        check(&entry("@adjustment", "adj_1", None, made), None, &lines);
    }
}

#[test]
fn there_is_nothing_to_say_of_what_there_is_not() {
    let entry = of_payment(1, json!({}));
    let said = explain(Subject {
        entry: &entry,
        place: 1,
        of: None,
        catalog: None,
    });
    assert!(said.is_empty());
}
