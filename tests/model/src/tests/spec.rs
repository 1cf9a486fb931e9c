//! The spec's sentences, with its own numbers where it gives some.

use jiff::Timestamp;
use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::{Value, json};

use crate::points::{currency_exponent, exact_points, reversed_in_all, round};
use crate::*;

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOON: &str = "2026-03-10T12:00:00Z";

pub(super) fn per_amount(per: u64, points: u64) -> Award {
    Award::PerAmount { per, points }
}

pub(super) fn euro_rule() -> Rule {
    Rule::new("euro", "payment.completed", per_amount(100, 1))
}

fn fixed_rule(points: u64) -> Rule {
    Rule::new("fixed", "payment.completed", Award::Fixed { points })
}

struct Engine;

impl Names for Engine {
    fn member(&self, member: MemberId) -> String {
        format!("loy_{}", member.0)
    }

    fn redemption(&self, redemption: RedemptionId) -> String {
        format!("rdm_{}", redemption.0)
    }

    fn code(&self, code: CodeId) -> String {
        format!("CODE-{}", code.0)
    }
}

fn event(kind: &str, when: &str, data: Value) -> Event {
    Event {
        kind: kind.to_owned(),
        envelope_id: format!("env_{when}"),
        occurred_at: at(when),
        account: None,
        loyalty_account: None,
        redemption: None,
        referral_code: None,
        data: data.as_object().unwrap().clone(),
    }
}

pub(super) fn payment(id: &str, when: &str, amount: u64) -> Event {
    let data = json!({"id": id, "amount": amount, "currency": "EUR", "customer": "ann"});
    event("payment.completed", when, data)
}

pub(super) fn refund(id: &str, when: &str, payment: &str, amount: Option<u64>) -> Event {
    let mut data = json!({"id": id, "payment": payment});
    if let Some(amount) = amount {
        data["amount"] = json!(amount);
    }
    event("payment.refunded", when, data)
}

/// A model with one member, Ann, and a shorthand for each operation.
pub(super) struct Shop {
    pub(super) model: Model,
    pub(super) ann: MemberId,
}

impl Shop {
    pub(super) fn new(settings: ProgramSettings, rules: &[Rule]) -> Self {
        let mut model = Model::new(settings, rules.to_vec());
        let op = Op::CreateAccount {
            customer: Some("ann".to_owned()),
            email: None,
        };
        let answer = model.apply(at("2020-01-01T00:00:00Z"), &op);
        assert_eq!(answer.outcome(), "created");
        Self {
            model,
            ann: MemberId(0),
        }
    }

    /// Sends an event at its own time.
    pub(super) fn send(&mut self, event: Event) -> Answer {
        self.send_at(event.occurred_at, event)
    }

    fn send_at(&mut self, now: Timestamp, event: Event) -> Answer {
        let answer = self.model.apply(now, &Op::Event(event));
        self.model.check_invariants(now).unwrap();
        answer
    }

    /// A payment's points, -1 for none at all.
    pub(super) fn pay(&mut self, id: &str, when: &str, amount: u64) -> i64 {
        let answer = self.send(payment(id, when, amount));
        amounts(&answer).first().copied().unwrap_or(-1)
    }

    pub(super) fn adjust(&mut self, when: &str, amount: i64, allow_negative: bool) -> Answer {
        self.adjust_until(when, amount, allow_negative, None)
    }

    pub(super) fn adjust_until(
        &mut self,
        when: &str,
        amount: i64,
        allow_negative: bool,
        expires_at: Option<&str>,
    ) -> Answer {
        let op = Op::Adjust {
            member: self.ann,
            amount,
            allow_negative,
            lifetime: false,
            expires_at: expires_at.map(at),
        };
        let answer = self.model.apply(at(when), &op);
        self.model.check_invariants(at(when)).unwrap();
        answer
    }

    pub(super) fn balance(&self, when: &str) -> i64 {
        self.model.balance(self.ann, at(when))
    }

    fn pending(&self, when: &str) -> i64 {
        self.model.pending(self.ann, at(when))
    }
}

pub(super) fn amounts(answer: &Answer) -> Vec<i64> {
    answer
        .done()
        .unwrap()
        .transactions
        .iter()
        .map(|t| t.amount)
        .collect()
}

pub(super) fn program() -> ProgramSettings {
    ProgramSettings::default()
}

fn expiring(after: &str) -> ProgramSettings {
    let expires = Expires {
        after: after.to_owned(),
        round: None,
    };
    ProgramSettings {
        expires: Some(expires),
        ..program()
    }
}

// Section 1: award.

#[test]
fn multipliers_compose_and_round_once() {
    let mut rule = euro_rule();
    rule.multiplier = Decimal::new(2, 0);
    let others = [Decimal::new(15, 1), Decimal::new(3, 0)];
    let event = payment("p", NOON, 1050);
    let points = |rule: &Rule| {
        round(
            Rounding::Floor,
            &exact_points(rule, &event, &others).unwrap(),
        )
    };
    assert_eq!(points(&rule), BigInt::from(94));
    rule.whole_units = true;
    assert_eq!(points(&rule), BigInt::from(90));
}

#[test]
fn four_roundings() {
    for (numerator, denominator, floor, half_up, half_even, ceil) in [
        (5, 2, 2, 3, 2, 3),
        (7, 2, 3, 4, 4, 4),
        (1, 3, 0, 0, 0, 1),
        (2, 3, 0, 1, 1, 1),
        (4, 1, 4, 4, 4, 4),
        (-1, 2, -1, 0, 0, 0),
        (-3, 2, -2, -1, -2, -1),
        (-2, 3, -1, -1, -1, 0),
    ] {
        let value = BigRational::new(BigInt::from(numerator), BigInt::from(denominator));
        let rounded = [
            Rounding::Floor,
            Rounding::HalfUp,
            Rounding::HalfEven,
            Rounding::Ceil,
        ]
        .map(|rounding| round(rounding, &value));
        assert_eq!(
            rounded,
            [floor, half_up, half_even, ceil].map(BigInt::from),
            "{value}"
        );
    }
}

#[test]
fn rates_are_per_major_unit() {
    let rates = [("EUR", 10, 1), ("JPY", 5, 2), ("KWD", 4, 0)]
        .map(|(code, mantissa, scale)| (code.to_owned(), Decimal::new(mantissa, scale)));
    let rule = Rule::new(
        "r",
        "payment.completed",
        Award::PerCurrency {
            rates: rates.into(),
        },
    );
    let points = |amount: u64, currency: &str| {
        let data = json!({"id": "p", "amount": amount, "currency": currency});
        let event = event("payment.completed", NOON, data);
        exact_points(&rule, &event, &[]).map(|value| round(Rounding::Floor, &value))
    };
    assert_eq!(points(1050, "EUR"), Some(BigInt::from(10)));
    assert_eq!(points(1050, "JPY"), Some(BigInt::from(52)));
    assert_eq!(points(1050, "KWD"), Some(BigInt::from(4)));
    assert_eq!(points(1050, "USD"), None);
    assert_eq!([currency_exponent("CLF"), currency_exponent("SEK")], [4, 2]);
}

#[test]
fn decimals_print_as_written() {
    let printed = |mantissa, scale| Decimal::new(mantissa, scale).to_string();
    assert_eq!(printed(125, 2), "1.25");
    assert_eq!(printed(7, 3), "0.007");
    assert_eq!(printed(-5, 1), "-0.5");
    assert_eq!(printed(3, 0), "3");
    assert_eq!(Decimal::new(125, 2).json(), json!(1.25));
}

#[test]
fn rules_and_programs_become_what_the_api_takes() {
    let mut rule = capped(Some(5_000), None, true, Window::Month);
    rule.multiplier = Decimal::new(15, 1);
    rule.earn_on = Some(EarnOn {
        categories: vec!["food".to_owned()],
        exclude_products: vec!["sku_1".to_owned()],
        ..EarnOn::default()
    });
    let expected = json!({
        "program": "prog_default",
        "trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 100, "points": 1},
        "multiplier": 1.5,
        "earn_on": {"categories": ["food"], "exclude": {"products": ["sku_1"]}},
        "cap": {"points": 5000, "rolling": true},
        "window": "month",
        "carry": false,
        "active": true,
        "priority": 0,
    });
    assert_eq!(Value::Object(rule.to_api("prog_default")), expected);
    let expected = json!({
        "timezone": "UTC",
        "rounding": "floor",
        "auto_enroll": false,
        "negative_balance": "allow",
        "pending_days": 0,
        "expires": {"after": "P1M"},
    });
    assert_eq!(Value::Object(expiring("P1M").to_api()), expected);
    let mut event = payment("p", NOON, 100);
    event.loyalty_account = Some(MemberId(3));
    let data = Value::Object(event.data_with(&Engine));
    assert_eq!(data["metadata"], json!({"loyalty_account": "loy_3"}));
}

#[test]
fn part_of_a_payment_earns() {
    let items = json!([
        {"product": "a", "category": "food", "amount": 300},
        {"product": "b", "category": "food", "amount": 500},
        {"product": "c", "category": "gift_cards", "amount": 1000},
    ]);
    let data = json!({"id": "p", "amount": 1800, "amount_net": 1500, "line_items": items});
    let event = event("payment.completed", NOON, data);
    let points = |earn_on: Option<EarnOn>, basis_field: Option<&str>| {
        let mut rule = euro_rule();
        rule.earn_on = earn_on;
        rule.basis_field = basis_field.map(str::to_owned);
        exact_points(&rule, &event, &[]).map(|value| value.to_integer())
    };
    let food = EarnOn {
        categories: vec!["food".to_owned()],
        ..EarnOn::default()
    };
    let food_but_b = EarnOn {
        exclude_products: vec!["b".to_owned()],
        ..food.clone()
    };
    let no_cards = EarnOn {
        exclude_categories: vec!["gift_cards".to_owned()],
        ..EarnOn::default()
    };
    let toys = EarnOn {
        categories: vec!["toys".to_owned()],
        ..EarnOn::default()
    };
    assert_eq!(points(Some(food), None), Some(8.into()));
    assert_eq!(points(Some(food_but_b), None), Some(3.into()));
    assert_eq!(points(Some(no_cards), None), Some(8.into()));
    assert_eq!(points(Some(toys), None), None);
    assert_eq!(points(None, Some("amount_net")), Some(15.into()));
    assert_eq!(points(None, Some("amount_gross")), None);
}

#[test]
fn carry_keeps_the_fraction_exactly() {
    let mut rule = Rule::new("r", "payment.completed", per_amount(3, 1));
    rule.carry = true;
    let mut shop = Shop::new(program(), &[rule.clone()]);
    let points: Vec<i64> = (0..6)
        .map(|n| shop.pay(&format!("p{n}"), NOON, 4))
        .collect();
    assert_eq!(points, [1, 1, 2, 1, 1, 2]);
    let half_up = ProgramSettings {
        rounding: Rounding::HalfUp,
        ..program()
    };
    let mut shop = Shop::new(half_up, &[rule]);
    // 2/3 rounds to 1 and owes 1/3; then 1/3, owed; then 1 again.
    let points: Vec<i64> = (0..3)
        .map(|n| shop.pay(&format!("p{n}"), NOON, 2))
        .collect();
    assert_eq!(points, [1, -1, 1]);
}

#[test]
fn carry_survives_the_cap_but_not_another_rules_win() {
    let mut rule = Rule::new("r", "payment.completed", per_amount(2, 1));
    rule.carry = true;
    rule.cap = Some(Cap {
        points: Some(1),
        ..Cap::default()
    });
    let mut shop = Shop::new(program(), &[rule.clone()]);
    assert_eq!(shop.pay("p1", NOON, 5), 1);
    assert_eq!(
        shop.model.carry(shop.ann, "r"),
        BigRational::new(1.into(), 2.into())
    );
    rule.cap = None;
    rule.exclusive_group = Some("g".to_owned());
    let mut rival = fixed_rule(1);
    rival.exclusive_group = Some("g".to_owned());
    rival.priority = 1;
    let mut shop = Shop::new(program(), &[rule, rival]);
    assert_eq!(shop.pay("p1", NOON, 5), 1);
    assert_eq!(
        shop.model.carry(shop.ann, "r"),
        BigRational::from_integer(0.into())
    );
}

#[test]
fn rules_are_judged_when_the_event_occurred() {
    let mut rule = euro_rule();
    rule.starts_at = Some(at("2026-03-10T12:00:00Z"));
    rule.ends_at = Some(at("2026-03-11T00:00:00Z"));
    let mut shop = Shop::new(program(), &[rule]);
    let now = at("2026-05-01T00:00:00Z");
    for (id, when, outcome) in [
        ("a", "2026-03-10T11:59:59.999Z", "no_award"),
        ("b", "2026-03-10T12:00:00Z", "awarded"),
        ("c", "2026-03-10T23:59:59.999Z", "awarded"),
        ("d", "2026-03-11T00:00:00Z", "no_award"),
    ] {
        assert_eq!(
            shop.send_at(now, payment(id, when, 500)).outcome(),
            outcome,
            "{id}"
        );
    }
}

// Section 1: caps.

fn capped(points: Option<u64>, awards: Option<u64>, rolling: bool, window: Window) -> Rule {
    let mut rule = euro_rule();
    rule.cap = Some(Cap {
        points,
        awards,
        rolling,
    });
    rule.window = Some(window);
    rule
}

#[test]
fn an_award_over_the_headroom_is_cut_then_empty() {
    let mut shop = Shop::new(program(), &[capped(Some(50), None, false, Window::Month)]);
    assert_eq!(shop.pay("a", "2026-03-01T10:00:00Z", 4_000), 40);
    assert_eq!(shop.pay("b", "2026-03-02T10:00:00Z", 4_000), 10);
    assert_eq!(shop.pay("c", "2026-03-03T10:00:00Z", 4_000), 0);
    assert_eq!(shop.pay("d", "2026-03-03T10:00:00Z", 99), -1);
    assert_eq!(shop.pay("e", "2026-04-01T00:00:00Z", 4_000), 40);
    let uncapped: Vec<_> = shop
        .model
        .transactions(shop.ann)
        .iter()
        .map(|t| t.uncapped_points)
        .collect();
    assert_eq!(uncapped, [None, Some(40), Some(40), None]);
}

#[test]
fn a_late_event_counts_where_it_happened() {
    let mut shop = Shop::new(program(), &[capped(Some(50), None, false, Window::Month)]);
    assert_eq!(shop.pay("a", "2026-04-10T10:00:00Z", 5_000), 50);
    let late = payment("b", "2026-03-31T23:59:59.999Z", 5_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-04-10T11:00:00Z"), late)),
        [50]
    );
    let late = payment("c", "2026-04-01T00:00:00Z", 5_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-04-10T11:00:00Z"), late)),
        [0]
    );
}

#[test]
fn windows_are_local_and_weeks_start_on_monday() {
    let berlin = ProgramSettings {
        timezone: "Europe/Berlin".to_owned(),
        ..program()
    };
    let mut shop = Shop::new(berlin.clone(), &[capped(None, Some(1), false, Window::Day)]);
    // The day of the spring change has 23 hours: 28 March 23:00Z to 29 March 22:00Z.
    assert_eq!(shop.pay("a", "2026-03-28T22:59:59.999Z", 100), 1);
    assert_eq!(shop.pay("b", "2026-03-28T23:00:00Z", 100), 1);
    assert_eq!(shop.pay("c", "2026-03-29T21:59:59.999Z", 100), -1);
    assert_eq!(shop.pay("d", "2026-03-29T22:00:00Z", 100), 1);
    let mut shop = Shop::new(berlin, &[capped(None, Some(1), false, Window::Week)]);
    // 1 January 2027 is a Friday of the week that began on 28 December 2026.
    assert_eq!(shop.pay("a", "2026-12-27T22:59:59Z", 100), 1);
    assert_eq!(shop.pay("b", "2026-12-27T23:00:00Z", 100), 1);
    assert_eq!(shop.pay("c", "2027-01-03T22:59:59Z", 100), -1);
    assert_eq!(shop.pay("d", "2027-01-03T23:00:00Z", 100), 1);
}

#[test]
fn a_trailing_window_is_never_exceeded_at_any_instant() {
    let mut shop = Shop::new(program(), &[capped(Some(50), None, true, Window::Day)]);
    assert_eq!(shop.pay("a", "2026-03-10T12:00:00Z", 3_000), 30);
    // (t - span, t]: a moment before the span is over the 30 still count.
    assert_eq!(shop.pay("b", "2026-03-11T11:59:59.999Z", 3_000), 20);
    assert_eq!(shop.pay("c", "2026-03-11T12:00:00Z", 4_000), 30);
    // A late event at 13:00 on the 10th shares a window with the first and, as seen from the
    // 11th at noon, one with the other two, which are at the cap already.
    let late = payment("d", "2026-03-10T13:00:00Z", 3_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-03-11T12:00:00Z"), late)),
        [0]
    );
    // At 11:00 on the 10th it has left every window that holds more than the first.
    let late = payment("e", "2026-03-10T11:00:00Z", 3_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-03-11T12:00:00Z"), late)),
        [20]
    );
}

#[test]
fn trailing_spans_are_24_hours_7_and_30_days() {
    for (window, before, after) in [
        (
            Window::Day,
            "2026-03-29T11:59:59.999Z",
            "2026-03-29T12:00:00Z",
        ),
        (
            Window::Week,
            "2026-04-04T11:59:59.999Z",
            "2026-04-04T12:00:00Z",
        ),
        (
            Window::Month,
            "2026-04-27T11:59:59.999Z",
            "2026-04-27T12:00:00Z",
        ),
    ] {
        let berlin = ProgramSettings {
            timezone: "Europe/Berlin".to_owned(),
            ..program()
        };
        let mut shop = Shop::new(berlin, &[capped(None, Some(1), true, window)]);
        assert_eq!(shop.pay("a", "2026-03-28T12:00:00Z", 100), 1);
        assert_eq!(shop.pay("b", before, 100), -1, "{window:?}");
        assert_eq!(shop.pay("c", after, 100), 1, "{window:?}");
    }
}

#[test]
fn a_cap_by_awards_counts_empty_ones_and_is_not_given_back() {
    let mut shop = Shop::new(
        program(),
        &[capped(Some(1), Some(2), false, Window::Lifetime)],
    );
    assert_eq!(shop.pay("a", NOON, 100), 1);
    assert_eq!(shop.pay("b", NOON, 100), 0);
    shop.send(refund("r", NOON, "a", None));
    assert_eq!(shop.pay("c", NOON, 100), -1);
}

#[test]
fn a_reversal_gives_points_back_to_the_window_of_the_earning() {
    let mut shop = Shop::new(program(), &[capped(Some(50), None, false, Window::Month)]);
    assert_eq!(shop.pay("a", "2026-03-31T10:00:00Z", 5_000), 50);
    assert_eq!(shop.pay("b", "2026-04-01T10:00:00Z", 5_000), 50);
    shop.send(refund("r", "2026-04-02T10:00:00Z", "a", Some(2_000)));
    assert_eq!(shop.pay("c", "2026-04-02T10:00:00Z", 5_000), 0);
    let late = payment("d", "2026-03-05T10:00:00Z", 5_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-04-02T11:00:00Z"), late)),
        [20]
    );
}

#[test]
fn a_fixed_award_with_a_window_and_no_cap_is_given_once() {
    let mut rule = fixed_rule(500);
    rule.window = Some(Window::Lifetime);
    let mut shop = Shop::new(program(), &[rule]);
    assert_eq!(shop.pay("a", NOON, 1), 500);
    assert_eq!(shop.pay("b", NOON, 1), -1);
}

#[test]
fn a_lowered_cap_takes_nothing_back() {
    let rule = capped(Some(50), None, false, Window::Lifetime);
    let mut shop = Shop::new(program(), std::slice::from_ref(&rule));
    assert_eq!(shop.pay("a", NOON, 4_000), 40);
    let lower = Rule {
        cap: Some(Cap {
            points: Some(10),
            ..Cap::default()
        }),
        ..rule
    };
    shop.model.apply(at(NOON), &Op::UpdateRule(Box::new(lower)));
    assert_eq!(shop.balance(NOON), 40);
    assert_eq!(shop.pay("b", NOON, 4_000), 0);
}

// Section 1: exclusive groups.

fn grouped(id: &str, points: u64, priority: i64, exclusive: Exclusive) -> Rule {
    let mut rule = Rule::new(id, "payment.completed", Award::Fixed { points });
    rule.priority = priority;
    rule.exclusive = exclusive;
    rule.exclusive_group = Some("g".to_owned());
    rule
}

#[test]
fn one_rule_of_a_group_fires() {
    use Exclusive::{Best, Priority};
    let fired = |rules: &[Rule]| Shop::new(program(), rules).pay("p", NOON, 100);
    let (low, high) = (grouped("a", 9, 1, Priority), grouped("b", 5, 2, Priority));
    assert_eq!(fired(&[low.clone(), high.clone()]), 5);
    assert_eq!(fired(&[grouped("a", 9, 1, Best), high.clone()]), 9);
    assert_eq!(
        fired(&[grouped("a", 3, 1, Priority), grouped("b", 4, 1, Priority)]),
        3
    );
    assert_eq!(
        fired(&[grouped("a", 4, 1, Best), grouped("b", 4, 2, Best)]),
        4
    );
    // The best after the cap; and a rule whose awards are used up does not compete.
    let mut cut = grouped("a", 9, 3, Best);
    cut.cap = Some(Cap {
        points: Some(2),
        ..Cap::default()
    });
    assert_eq!(fired(&[cut, high.clone()]), 5);
    let mut none = grouped("a", 9, 3, Best);
    none.cap = Some(Cap {
        awards: Some(0),
        ..Cap::default()
    });
    assert_eq!(fired(&[none, low, high]), 5);
}

// Section 1: events.

#[test]
fn a_repeat_answers_the_first_outcome_and_other_content_is_refused() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    let first = shop.send(payment("a", NOON, 1_000));
    let mut again = payment("a", "2026-03-10T11:00:00Z", 1_000);
    again.envelope_id = "another".to_owned();
    let repeat = shop.send_at(at("2026-06-01T00:00:00Z"), again);
    let expected = Done {
        duplicate: true,
        ..first.done().unwrap().clone()
    };
    assert_eq!(repeat, Answer::Done(expected));
    let altered = shop.send_at(at("2026-06-01T00:00:00Z"), payment("a", NOON, 1_001));
    assert_eq!(altered, Answer::Refused("event_content_mismatch"));
    assert_eq!(shop.balance("2026-06-01T00:00:00Z"), 10);
    // The key is (trigger, source id).
    let invoice = Event {
        kind: "invoice.paid".to_owned(),
        ..payment("a", NOON, 1_000)
    };
    let answer = shop.send_at(at("2026-06-01T00:00:00Z"), invoice);
    assert_eq!(answer.outcome(), "no_award");
}

#[test]
fn a_behaviour_without_an_id_goes_by_the_envelope() {
    let rule = Rule::new("r", "review_submitted", Award::Fixed { points: 7 });
    let mut shop = Shop::new(program(), &[rule]);
    let review = event("review_submitted", NOON, json!({"customer": "ann"}));
    let other = Event {
        envelope_id: "other".to_owned(),
        ..review.clone()
    };
    assert!(!shop.send(review.clone()).done().unwrap().duplicate);
    assert!(shop.send(review).done().unwrap().duplicate);
    assert!(!shop.send(other).done().unwrap().duplicate);
    assert_eq!(shop.balance(NOON), 14);
}

#[test]
fn members_are_found_by_the_first_hit() {
    let mut model = Model::new(program(), Vec::new());
    let account = |customer: Option<&str>, email: Option<&str>| Op::CreateAccount {
        customer: customer.map(str::to_owned),
        email: email.map(str::to_owned),
    };
    for op in [
        account(None, None),
        account(None, None),
        account(Some("c"), None),
        account(None, Some("e@example.com")),
    ] {
        model.apply(at(NOON), &op);
    }
    let unknown = MemberId(usize::MAX);
    let cases = [
        (Some(MemberId(0)), Some(MemberId(1)), Some("c"), Some(0)),
        (Some(unknown), Some(MemberId(1)), Some("c"), Some(1)),
        (Some(unknown), Some(unknown), Some("c"), Some(2)),
        (None, None, Some("d"), Some(3)),
        (None, None, None, Some(3)),
    ];
    for (number, (loyalty_account, account, customer, found)) in cases.into_iter().enumerate() {
        let mut data = json!({"id": format!("b{number}"), "email": "e@example.com"});
        if let Some(customer) = customer {
            data["customer"] = json!(customer);
        }
        let event = Event {
            account,
            loyalty_account,
            ..event("did_it", NOON, data)
        };
        let answer = model.apply(at(NOON), &Op::Event(event));
        assert_eq!(
            answer.done().unwrap().account,
            found.map(MemberId),
            "{number}"
        );
    }
}

#[test]
fn an_unlinked_event_leaves_no_trace_and_auto_enrolment_welcomes_first() {
    let welcome = Rule::new("w", "loyalty.account.created", Award::Fixed { points: 500 });
    let rules = vec![euro_rule(), welcome];
    let mut model = Model::new(program(), rules.clone());
    let event = Op::Event(payment("a", NOON, 1_000));
    assert_eq!(model.apply(at(NOON), &event).outcome(), "unlinked");
    let account = Op::CreateAccount {
        customer: Some("ann".to_owned()),
        email: None,
    };
    assert_eq!(amounts_of_welcome(&model.apply(at(NOON), &account)), [500]);
    assert_eq!(
        model.apply(at(NOON), &account),
        Answer::Refused("account_already_exists")
    );
    assert_eq!(amounts(&model.apply(at(NOON), &event)), [10]);
    let again = model.apply(at(NOON), &Op::AccountCreatedAgain(MemberId(0)));
    assert!(again.done().unwrap().duplicate && again.outcome() == "awarded");

    let mut model = Model::new(
        ProgramSettings {
            auto_enroll: true,
            ..program()
        },
        rules,
    );
    for (kind, outcome) in [
        ("payment.failed", "ignored"),
        ("payment.refunded", "remembered"),
    ] {
        let mut event = payment("x", NOON, 5);
        event.kind = kind.to_owned();
        event.data.insert("payment".to_owned(), json!("nothing"));
        assert_eq!(model.apply(at(NOON), &Op::Event(event)).outcome(), outcome);
        assert_eq!(model.member_count(), 0);
    }
    let answer = model.apply(at("2026-03-10T13:00:00Z"), &event);
    assert_eq!(amounts_of_welcome(&answer), [500]);
    assert_eq!(amounts(&answer), [10]);
    let times: Vec<_> = model
        .transactions(MemberId(0))
        .iter()
        .map(|t| t.occurred_at)
        .collect();
    assert_eq!(times, [at(NOON), at(NOON)]);
}

fn amounts_of_welcome(answer: &Answer) -> Vec<i64> {
    answer
        .done()
        .unwrap()
        .welcome
        .iter()
        .map(|t| t.amount)
        .collect()
}

#[test]
fn five_minutes_ahead_and_no_more() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    let now = at(NOON);
    let ahead = shop.send_at(now, payment("a", "2026-03-10T12:05:00Z", 100));
    assert_eq!(ahead.outcome(), "awarded");
    let further = shop.send_at(now, payment("b", "2026-03-10T12:05:00.001Z", 100));
    assert_eq!(further, Answer::Refused("occurred_in_future"));
    assert_eq!(shop.balance(NOON), 1);
}

#[test]
fn nothing_goes_beyond_two_to_the_53() {
    let max = (1 << 53) - 1;
    let mut shop = Shop::new(program(), &[euro_rule()]);
    assert_eq!(shop.adjust(NOON, max - 1, false).outcome(), "adjusted");
    assert_eq!(shop.pay("a", NOON, 100), 1);
    let over = shop.send(payment("b", NOON, 100));
    assert_eq!(over, Answer::Refused("points_out_of_range"));
    assert_eq!(shop.balance(NOON), max);
    assert_eq!(shop.adjust(NOON, -max, false).outcome(), "adjusted");
    // Refused, hence not remembered.
    assert_eq!(shop.pay("b", NOON, 100), 1);
    assert_eq!(
        shop.adjust(NOON, -max - 1, true).refusal(),
        Some("points_out_of_range")
    );
    assert_eq!(shop.adjust(NOON, -max, true).outcome(), "adjusted");
    assert_eq!(
        shop.adjust(NOON, -2, true).refusal(),
        Some("points_out_of_range")
    );
}

// Section 2: refunds.

#[test]
fn thirds_claw_exactly_the_award() {
    assert_eq!(
        [1, 2, 3, 4].map(|refunded| reversed_in_all(10, refunded, 3)),
        [3, 6, 10, 10]
    );
    let mut shop = Shop::new(program(), &[euro_rule()]);
    assert_eq!(shop.pay("p", NOON, 1_000), 10);
    let clawed: Vec<i64> = [333, 333, 334, 1]
        .iter()
        .enumerate()
        .flat_map(|(n, amount)| {
            amounts(&shop.send(refund(&format!("r{n}"), NOON, "p", Some(*amount))))
        })
        .collect();
    assert_eq!(clawed, [-3, -3, -4]);
    assert_eq!((shop.balance(NOON), shop.model.lifetime(shop.ann)), (0, 10));
}

#[test]
fn each_award_is_reversed_by_itself_and_small_refunds_reverse_nothing() {
    let mut shop = Shop::new(program(), &[euro_rule(), fixed_rule(3)]);
    shop.pay("p", NOON, 1_000);
    assert_eq!(
        shop.send(refund("r1", NOON, "p", Some(99))).outcome(),
        "processed"
    );
    assert_eq!(amounts(&shop.send(refund("r2", NOON, "p", Some(1)))), [-1]);
    assert_eq!(amounts(&shop.send(refund("r3", NOON, "p", None))), [-9, -3]);
    assert!(
        shop.send(refund("r3", NOON, "p", None))
            .done()
            .unwrap()
            .duplicate
    );
    let altered = shop.send(refund("r3", NOON, "p", Some(5)));
    assert_eq!(altered.refusal(), Some("event_content_mismatch"));
}

#[test]
fn any_refund_of_a_payment_of_nothing_reverses_all() {
    let mut shop = Shop::new(program(), &[fixed_rule(5)]);
    assert_eq!(shop.pay("p", NOON, 0), 5);
    assert_eq!(amounts(&shop.send(refund("r1", NOON, "p", Some(0)))), [-5]);
    assert_eq!(
        shop.send(refund("r2", NOON, "p", Some(0))).outcome(),
        "processed"
    );
}

#[test]
fn a_lost_dispute_is_a_full_refund() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    shop.pay("p", NOON, 1_000);
    let dispute = |status: &str| {
        event(
            "payment.disputed",
            NOON,
            json!({"id": "d", "payment": "p", "status": status}),
        )
    };
    assert_eq!(shop.send(dispute("needs_response")).outcome(), "ignored");
    assert_eq!(amounts(&shop.send(dispute("lost"))), [-10]);
}

#[test]
fn every_order_of_a_payment_and_its_refunds_ends_alike() {
    let events = [
        payment("p", NOON, 1_000),
        refund("r1", NOON, "p", Some(333)),
        refund("r2", NOON, "p", Some(50)),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut shop = Shop::new(program(), &[euro_rule(), fixed_rule(7)]);
        for index in order {
            shop.send(events[index].clone());
        }
        let state = (shop.balance(NOON), shop.model.lifetime(shop.ann));
        assert_eq!(state, (17 - 3 - 2, 17), "{order:?}");
    }
    let mut shop = Shop::new(program(), &[euro_rule()]);
    assert_eq!(shop.send(events[1].clone()).outcome(), "remembered");
    let payment = shop.send(events[0].clone());
    assert_eq!(
        (payment.outcome(), amounts(&payment)),
        ("awarded", vec![10, -3])
    );
    let repeat = shop.send(events[1].clone());
    assert_eq!(
        (repeat.outcome(), repeat.done().unwrap().duplicate),
        ("remembered", true)
    );
}

#[test]
fn a_clawback_takes_its_own_lot_then_the_earliest_then_goes_below_zero() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    shop.adjust_until(NOON, 5, false, Some("2026-12-01T00:00:00Z"));
    shop.adjust_until(NOON, 5, false, Some("2026-06-01T00:00:00Z"));
    shop.pay("p", NOON, 1_000);
    let remaining = |shop: &Shop| {
        let holdings = shop.model.holdings(shop.ann, at(NOON));
        (
            holdings
                .lots
                .iter()
                .map(|lot| lot.remaining)
                .collect::<Vec<_>>(),
            holdings.deficit,
        )
    };
    // Spending goes by expiry: 5 of June, 3 of December; a refund by its own lot first.
    shop.adjust(NOON, -8, false);
    assert_eq!(remaining(&shop), (vec![2, 0, 10], 0));
    shop.send(refund("r1", NOON, "p", Some(600)));
    assert_eq!(remaining(&shop), (vec![2, 0, 4], 0));
    shop.adjust(NOON, -3, false);
    assert_eq!(remaining(&shop), (vec![0, 0, 3], 0));
    shop.send(refund("r2", NOON, "p", Some(400)));
    assert_eq!(remaining(&shop), (vec![0, 0, 0], 1));
    shop.pay("q", NOON, 500);
    assert_eq!(remaining(&shop), (vec![0, 0, 0, 4], 0));
}

#[test]
fn clamp_stops_at_zero_and_writes_the_rest_off() {
    let settings = ProgramSettings {
        negative_balance: NegativeBalance::Clamp,
        ..program()
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    shop.pay("p", NOON, 1_000);
    shop.adjust(NOON, -8, false);
    assert_eq!(
        amounts(&shop.send(refund("r1", NOON, "p", Some(500)))),
        [-2]
    );
    shop.adjust(NOON, 100, false);
    // The shortfall of 3 counts as reversed: only the other 5 are due.
    assert_eq!(amounts(&shop.send(refund("r2", NOON, "p", None))), [-5]);
    let shortfalls: Vec<i64> = shop
        .model
        .transactions(shop.ann)
        .iter()
        .map(|t| t.shortfall)
        .collect();
    assert_eq!(shortfalls, [0, 0, 3, 0, 0]);
}

#[test]
fn expired_points_are_not_clawed_again() {
    let mut shop = Shop::new(expiring("P1M"), &[euro_rule()]);
    shop.pay("p", NOON, 1_000);
    shop.adjust(NOON, -4, false);
    let later = "2026-05-01T00:00:00Z";
    assert_eq!(shop.balance(later), 0);
    assert_eq!(
        amounts(&shop.send(refund("r1", later, "p", Some(300)))),
        [-3]
    );
    assert_eq!(amounts(&shop.send(refund("r2", later, "p", None))), [-1]);
    assert_eq!(shop.balance(later), -4);
}

// Section 2: pending and expiry.

#[test]
fn pending_points_mature_after_calendar_days() {
    let settings = ProgramSettings {
        timezone: "Europe/Berlin".to_owned(),
        pending_days: 2,
        ..program()
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    shop.pay("p", "2026-03-28T11:00:00Z", 1_000);
    // Noon in Berlin, before and after the change of the clocks.
    let (before, after) = ("2026-03-30T09:59:59.999Z", "2026-03-30T10:00:00Z");
    assert_eq!((shop.balance(before), shop.pending(before)), (0, 10));
    assert_eq!((shop.balance(after), shop.pending(after)), (10, 0));
    assert_eq!(shop.model.lifetime(shop.ann), 10);
}

#[test]
fn a_refund_while_pending_voids_from_the_pending_part() {
    let settings = ProgramSettings {
        pending_days: 2,
        ..program()
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    shop.adjust(NOON, 3, false);
    shop.pay("p", NOON, 1_000);
    shop.send(refund("r", NOON, "p", Some(500)));
    assert_eq!((shop.balance(NOON), shop.pending(NOON)), (3, 5));
    let reversal = shop.model.transactions(shop.ann)[2].clone();
    assert_eq!(reversal.available_at, Some(at("2026-03-12T12:00:00Z")));
    assert_eq!(shop.balance("2026-03-12T12:00:00Z"), 8);
}

#[test]
fn maturing_points_repay_first() {
    let settings = ProgramSettings {
        pending_days: 2,
        ..expiring("P3D")
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    shop.pay("p", NOON, 1_000);
    shop.adjust(NOON, -4, true);
    assert_eq!(shop.balance(NOON), -4);
    assert_eq!(shop.balance("2026-03-12T12:00:00Z"), 6);
    assert_eq!(shop.balance("2026-03-13T12:00:00Z"), 0);
    // Points that expire the instant they mature are never there to repay with.
    let settings = ProgramSettings {
        pending_days: 3,
        ..expiring("P1D")
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    shop.pay("p", NOON, 1_000);
    shop.adjust(NOON, -4, true);
    assert_eq!(shop.balance("2026-03-13T12:00:00Z"), -4);
}

#[test]
fn months_clamp_and_round_up_to_the_end() {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let expires = |when: &str, after: &str, round| {
        let expires = Expires {
            after: after.to_owned(),
            round,
        };
        calendar::expires_at(at(when), &expires, None, &zone).to_string()
    };
    use RoundUpTo::{Day, Month, Year};
    for (when, after, round, end) in [
        ("2026-01-31T11:00:00Z", "P1M", None, "2026-02-28T11:00:00Z"),
        ("2028-01-31T11:00:00Z", "P1M", None, "2028-02-29T11:00:00Z"),
        ("2028-02-29T11:00:00Z", "P12M", None, "2029-02-28T11:00:00Z"),
        ("2026-03-28T11:00:00Z", "P1D", None, "2026-03-29T10:00:00Z"),
        (
            "2026-03-28T11:00:00Z",
            "P1D",
            Some(Day),
            "2026-03-29T22:00:00Z",
        ),
        (
            "2026-01-31T11:00:00Z",
            "P1M",
            Some(Month),
            "2026-02-28T23:00:00Z",
        ),
        (
            "2026-12-31T22:59:59Z",
            "P1Y",
            Some(Year),
            "2027-12-31T23:00:00Z",
        ),
        (
            "2026-12-31T23:00:00Z",
            "P1Y",
            Some(Year),
            "2028-12-31T23:00:00Z",
        ),
        // At the very start of a day, the end of that day.
        (
            "2026-06-01T22:00:00Z",
            "P1D",
            Some(Day),
            "2026-06-03T22:00:00Z",
        ),
    ] {
        assert_eq!(expires(when, after, round), end, "{when} {after} {round:?}");
    }
    // Midnight does not exist in Cairo on 24 April 2026: the day starts at one o'clock.
    let cairo = jiff::tz::TimeZone::get("Africa/Cairo").unwrap();
    let day = Expires {
        after: "P1D".to_owned(),
        round: Some(Day),
    };
    let end = calendar::expires_at(at("2026-04-22T10:00:00Z"), &day, None, &cairo);
    assert_eq!(end, at("2026-04-23T22:00:00Z"));
}

#[test]
fn expiry_is_exact_at_the_instant_of_reading() {
    let mut shop = Shop::new(expiring("P1M"), &[euro_rule()]);
    shop.pay("p", "2026-01-31T11:00:00Z", 1_000);
    assert_eq!(shop.balance("2026-02-28T10:59:59.999Z"), 10);
    assert_eq!(shop.balance("2026-02-28T11:00:00Z"), 0);
    // Too late to count, even to repay.
    shop.adjust("2026-04-01T00:00:00Z", -5, true);
    let late = payment("q", "2026-02-01T00:00:00Z", 2_000);
    assert_eq!(
        amounts(&shop.send_at(at("2026-04-01T00:00:00Z"), late)),
        [20]
    );
    assert_eq!(shop.balance("2026-04-01T00:00:00Z"), -5);
    assert_eq!(shop.model.lifetime(shop.ann), 30);
    let expired: i64 = shop
        .model
        .expiries(shop.ann, at("2026-04-01T00:00:00Z"))
        .iter()
        .map(|e| e.points)
        .sum();
    assert_eq!(expired, 30);
}

#[test]
fn a_rules_own_pending_and_expiry_override_the_programs() {
    let mut rule = euro_rule();
    rule.pending_days = Some(0);
    rule.expires = Some(Expires {
        after: "P1D".to_owned(),
        round: None,
    });
    let settings = ProgramSettings {
        pending_days: 9,
        ..expiring("P1Y")
    };
    let mut shop = Shop::new(settings, &[rule]);
    shop.pay("p", NOON, 1_000);
    assert_eq!(shop.balance(NOON), 10);
    assert_eq!(shop.balance("2026-03-11T12:00:00Z"), 0);
}

// Section 2: adjustments. Section 3: accounts.

#[test]
fn adjustments_stop_at_zero_unless_they_may_not() {
    let mut shop = Shop::new(program(), &[]);
    shop.adjust(NOON, 10, false);
    assert_eq!(
        shop.adjust(NOON, -11, false).refusal(),
        Some("insufficient_points")
    );
    assert_eq!(shop.adjust(NOON, -10, false).outcome(), "adjusted");
    assert_eq!(shop.adjust(NOON, -1, true).outcome(), "adjusted");
    assert_eq!((shop.balance(NOON), shop.model.lifetime(shop.ann)), (-1, 0));
    let migration = Op::Adjust {
        member: shop.ann,
        amount: 50,
        allow_negative: false,
        lifetime: true,
        expires_at: None,
    };
    shop.model.apply(at(NOON), &migration);
    assert_eq!(
        (shop.balance(NOON), shop.model.lifetime(shop.ann)),
        (49, 50)
    );
}

#[test]
fn a_customer_moves_only_to_where_it_is_free() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    let other = Op::CreateAccount {
        customer: None,
        email: None,
    };
    shop.model.apply(at(NOON), &other);
    let link = |member: usize, customer: Option<&str>| Op::UpdateAccount {
        member: MemberId(member),
        customer: Some(customer.map(str::to_owned)),
        email: None,
    };
    let mut apply = |op: Op| shop.model.apply(at(NOON), &op);
    assert_eq!(
        apply(link(1, Some("ann"))).refusal(),
        Some("account_already_exists")
    );
    assert_eq!(apply(link(0, Some("ann"))).outcome(), "updated");
    assert_eq!(apply(link(0, None)).outcome(), "updated");
    assert_eq!(apply(link(1, Some("ann"))).outcome(), "updated");
    let answer = apply(Op::Event(payment("p", NOON, 100)));
    assert_eq!(answer.done().unwrap().account, Some(MemberId(1)));
}
