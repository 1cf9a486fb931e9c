//! The very ends of what is taken: the last that is, and the first that is not.

use jiff::Timestamp;
use laurel_rules::{
    POINTS_MAX, Refusal, Rule,
    campaign::{Campaign, NAMED_MAX},
    exact::Factor,
    goal::RULES_MAX,
    id::{self, ID_LEN_MAX},
    pay_with_points::PointsPayment,
    program::RedeemRate,
    referral::code_form,
    schedule::{HOURS_MAX, Schedule},
    window::shifted,
};
use serde_json::{Value, json};

fn param(checked: Result<&str, Refusal>) -> Option<String> {
    checked.err().and_then(|refusal| refusal.param)
}

#[test]
fn ids_have_up_to_200_letters() {
    for length in [1, 2, ID_LEN_MAX] {
        assert_eq!(param(id::check("id", &"a".repeat(length))), None);
    }
    for refused in [String::new(), "a".repeat(ID_LEN_MAX + 1), "a b".to_owned()] {
        assert_eq!(param(id::check("id", &refused)).as_deref(), Some("id"));
    }
}

#[test]
fn event_types_begin_with_a_letter_and_have_up_to_64() {
    let longest = "a".repeat(64);
    for taken in ["a", "a1", "review_submitted", "payment.completed", &longest] {
        let checked = id::check_event_type("type", taken);
        assert_eq!(checked.ok(), Some(taken));
    }
    let too_long = "a".repeat(65);
    for refused in [
        "", "1a", "_a", ".a", "A", "aB", "a-b", "a b", "ä", "a\u{e4}", &too_long,
    ] {
        let found = param(id::check_event_type("type", refused));
        assert_eq!(found.as_deref(), Some("type"), "{refused}");
    }
}

#[test]
fn codes_have_4_to_32_letters_beside_dashes() {
    let longest = "A".repeat(32);
    let dashed: String = "A-".repeat(32);
    for (typed, form) in [
        ("anna-x7k2", "ANNAX7K2"),
        (" x7k2 ", "X7K2"),
        (longest.as_str(), longest.as_str()),
        (dashed.as_str(), longest.as_str()),
    ] {
        assert_eq!(code_form(typed).as_deref(), Some(form));
    }
    let too_long = "A".repeat(33);
    let too_many_dashes = format!("{dashed}-");
    for none in ["x7k", "----", "", "x7k_2", &too_long, &too_many_dashes] {
        assert_eq!(code_form(none), None, "{none}");
    }
}

#[test]
fn time_ends_where_it_does() {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().expect("a time");
    assert_eq!(shifted(now, 0), now);
    assert_eq!(shifted(now, 1).as_millisecond(), now.as_millisecond() + 1);
    assert_eq!(shifted(now, -1).as_millisecond(), now.as_millisecond() - 1);
    assert_eq!(shifted(now, i64::MAX), Timestamp::MAX);
    assert_eq!(shifted(now, i64::MIN), Timestamp::MIN);
    assert_eq!(shifted(Timestamp::MAX, 1), Timestamp::MAX);
    assert_eq!(shifted(Timestamp::MIN, -1), Timestamp::MIN);
}

#[test]
fn a_day_has_up_to_fifty_ranges_of_hours() {
    let schedule = |ranges: usize| {
        let hours = vec![json!({"from": "08:00", "to": "09:00"}); ranges];
        let schedule: Schedule =
            serde_json::from_value(json!({"hours": hours})).expect("a schedule");
        schedule.check().err().and_then(|refusal| refusal.param)
    };
    for ranges in [1, 2, HOURS_MAX] {
        assert_eq!(schedule(ranges), None);
    }
    for ranges in [0, HOURS_MAX + 1] {
        assert_eq!(schedule(ranges).as_deref(), Some("schedule.hours"));
    }
}

/// Two cents for three points: what says how many points will do says the fewest.
#[test]
fn refused_payments_with_points_say_how_many_will_do() {
    let rate = |minimum_points: Option<i64>, maximum_percent: Option<Factor>| RedeemRate {
        points: 3,
        amount: 2,
        currency: "EUR".to_owned(),
        minimum_points,
        maximum_percent,
    };
    let message = |rate: &RedeemRate, points: i64, order_amount: Option<i64>| {
        let payment = PointsPayment {
            points,
            currency: "EUR".to_owned(),
            order_amount,
        };
        rate.price(&payment).err().map(|refusal| refusal.message)
    };
    let plain = rate(None, None);
    assert_eq!(message(&plain, 2, None), None);
    let least = message(&plain, 1, None).expect("worth nothing");
    assert_eq!(least, "`points` must be at least 2.");
    let least = message(&rate(Some(10), None), 9, None).expect("too few");
    assert_eq!(least, "`points` must be at least 10.");
    assert_eq!(message(&rate(Some(10), None), 10, None), None);
    // 9 points are worth 6; 8 are worth 5, and so are no fewer.
    let most = message(&plain, 9, Some(5)).expect("too many");
    assert_eq!(
        most,
        "9 points are worth 6, more than the 5 that points may pay of this order; 8 points are \
         enough."
    );
    assert_eq!(message(&plain, 8, Some(5)), None);
    let half: Factor = serde_json::from_value(json!(50)).expect("a factor");
    let half = rate(None, Some(half));
    let most = message(&half, 9, Some(10)).expect("more than half");
    assert!(most.ends_with("8 points are enough."), "{most}");
    assert_eq!(message(&half, 8, Some(10)), None);
}

#[test]
fn campaigns_name_up_to_so_many_and_add_what_their_budget_is_for() {
    let refused = |change: Value| {
        let mut campaign = json!({
            "id": "cmp_1", "program": "prog_1", "multiplier": 2, "active": true, "version": 1,
            "created": "2026-11-20T12:00:00Z",
        });
        let fields = change.as_object().expect("fields").clone();
        campaign.as_object_mut().expect("fields").extend(fields);
        let campaign: Campaign = serde_json::from_value(campaign).expect("a campaign");
        campaign.check().err().and_then(|refusal| refusal.param)
    };
    let names = |count: usize| vec!["a"; count];
    let (early, late) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    for change in [
        json!({}),
        json!({"name": "ä".repeat(200)}),
        json!({"starts_at": early, "ends_at": late}),
        json!({"triggers": names(1), "rules": names(NAMED_MAX)}),
        json!({"triggers": names(NAMED_MAX), "rules": names(1)}),
        json!({"rules": ["Rule-1"]}),
        json!({"budget": {"points": 1, "window": "day"}}),
        json!({"budget": {"points": POINTS_MAX, "window": "day"}, "multiplier": 1.0001}),
        json!({"multiplier": 0.5}),
    ] {
        assert_eq!(refused(change.clone()), None, "{change}");
    }
    for (change, param) in [
        (json!({"name": "ä".repeat(201)}), "name"),
        (json!({"starts_at": late, "ends_at": late}), "ends_at"),
        (json!({"starts_at": late, "ends_at": early}), "ends_at"),
        (json!({"triggers": []}), "triggers"),
        (json!({"rules": names(NAMED_MAX + 1)}), "rules"),
        (json!({"triggers": names(NAMED_MAX + 1)}), "triggers"),
        (json!({"triggers": ["a", "Rule-1"]}), "triggers[1]"),
        (json!({"rules": ["Rule 1"]}), "rules[0]"),
        (json!({"schedule": {"weekdays": []}}), "schedule.weekdays"),
        (
            json!({"budget": {"points": 0, "window": "day"}}),
            "budget.points",
        ),
        (
            json!({"budget": {"points": POINTS_MAX + 1, "window": "day"}}),
            "budget.points",
        ),
        (
            json!({"budget": {"points": 1, "window": "day"}, "multiplier": 1}),
            "multiplier",
        ),
    ] {
        assert_eq!(refused(change.clone()).as_deref(), Some(param), "{change}");
    }
}

#[test]
fn a_program_has_so_many_rules_that_accounts_remember_something_of() {
    let rule = |number: usize, fields: Value| {
        let mut rule = json!({
            "id": format!("rule_{number}"), "program": "prog_1", "trigger": "signup",
            "award": {"type": "fixed", "points": 1}, "active": true, "version": 1,
            "created": "2026-11-20T12:00:00Z",
        });
        let fields = fields.as_object().expect("fields").clone();
        rule.as_object_mut().expect("fields").extend(fields);
        serde_json::from_value::<Rule>(rule).expect("a rule")
    };
    let streak = json!({"streak": {"unit": "day", "length": 2}});
    let milestone = json!({"milestone": {"stat": "signup.count", "at": [5]}});
    let many = |count: usize, fields: &Value| -> Vec<Rule> {
        (0..count)
            .map(|number| rule(number, fields.clone()))
            .collect()
    };
    let is_refused = |one: &Rule, others: &[Rule]| one.check_beside(others.iter()).is_err();
    for goal in [&streak, &milestone] {
        let one = rule(100, goal.clone());
        for others in [&streak, &milestone] {
            assert!(!is_refused(&one, &many(RULES_MAX - 1, others)));
            assert!(is_refused(&one, &many(RULES_MAX, others)));
        }
        // One that is off, and one that pays for each event, are remembered nowhere.
        let mut off = goal.clone();
        off["active"] = json!(false);
        assert!(!is_refused(&rule(100, off.clone()), &many(RULES_MAX, goal)));
        assert!(!is_refused(&one, &many(RULES_MAX, &off)));
    }
    let plain = rule(100, json!({}));
    assert!(!is_refused(&plain, &many(RULES_MAX, &streak)));
    let one = rule(100, streak);
    assert!(!is_refused(&one, &many(RULES_MAX, &json!({}))));
}
