use jiff::Timestamp;
use laurel_rules::{Refusal, Rule};
use serde_json::{Value, json};

use super::{RuleChange, RuleCreation, RuleObject};
use crate::{
    fields::{Fields, Origin},
    form,
};

fn json_fields(value: &Value) -> Fields {
    let map = value.as_object().expect("an object").clone();
    Fields::new(map, Origin::Json)
}

fn form_fields(text: &str) -> Fields {
    Fields::new(form::parse(text.as_bytes()).expect(text), Origin::Text)
}

fn created(fields: Fields) -> Result<Rule, Refusal> {
    let creation: RuleCreation = fields.read()?;
    creation.into_rule("rule_1".to_owned(), Timestamp::UNIX_EPOCH)
}

fn shown(rule: Rule) -> Value {
    serde_json::to_value(RuleObject::from(rule)).expect("JSON")
}

#[test]
fn all_fields_are_there_and_null_where_unset() {
    let rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}});
    let rule = created(json_fields(&rule)).expect("a rule");
    assert_eq!(
        shown(rule),
        json!({
            "id": "rule_1", "object": "earning_rule", "program": "prog_default", "name": null,
            "trigger": "signup", "award": {"type": "fixed", "points": 5}, "multiplier": 1,
            "basis": "exact", "basis_field": null, "earn_on": null, "cap": null,
            "window": "lifetime", "carry": false, "active": true, "starts_at": null,
            "ends_at": null, "pending_days": null, "expires": null, "priority": 0,
            "exclusive_group": null, "exclusive": "priority", "recipient": "member",
            "milestone": null, "streak": null, "experiment": null, "when": null,
            "version": 1, "metadata": {}, "created": "1970-01-01T00:00:00Z",
        })
    );
}

#[test]
fn a_form_makes_the_same_rule_as_json() {
    let json = json!({
        "program": "prog_2", "trigger": "payment.completed", "name": "Base",
        "award": {"type": "per_currency", "rates": {"EUR": 1, "GBP": 1.2}}, "multiplier": 1.5,
        "basis": "whole_units", "basis_field": "amount_net", "window": "month",
        "earn_on": {"categories": ["a", "b"], "exclude": {"products": ["gift card"]}},
        "cap": {"points": 5000, "awards": 3, "rolling": true}, "carry": true, "active": false,
        "starts_at": "2026-01-01T00:00:00Z", "ends_at": null, "pending_days": 14,
        "expires": {"after": "P12M", "round": "month"}, "priority": -5,
        "exclusive_group": "base", "exclusive": "best", "metadata": {"0": "x"},
        "milestone": {"stat": "payment.completed.sum", "at": [100_000, 500_000]},
    });
    let text = "program=prog_2&trigger=payment.completed&name=Base&award[type]=per_currency\
        &award[rates][EUR]=1&award[rates][GBP]=1.2&multiplier=1.5&basis=whole_units\
        &basis_field=amount_net&window=month&earn_on[categories][]=a&earn_on[categories][]=b\
        &earn_on[exclude][products][0]=gift+card&cap[points]=5000&cap[awards]=3\
        &cap[rolling]=true&carry=true&active=false&starts_at=2026-01-01T00%3A00%3A00Z&ends_at=\
        &pending_days=14&expires[after]=P12M&expires[round]=month&priority=-5\
        &exclusive_group=base&exclusive=best&metadata[0]=x\
        &milestone[stat]=payment.completed.sum&milestone[at][]=100000&milestone[at][]=500000";
    let of_json = created(json_fields(&json)).expect("a rule");
    assert_eq!(of_json.check(), Ok(()));
    assert_eq!(created(form_fields(text)), Ok(of_json));
}

#[test]
fn a_streak_comes_and_goes() {
    let text = "trigger=check_in&award[type]=fixed&award[points]=5&streak[unit]=day\
        &streak[length]=7&streak[repeat]=true";
    let mut rule = created(form_fields(text)).expect("a rule");
    let streak = json!({"unit": "day", "length": 7, "repeat": true, "grace": 0});
    assert_eq!(shown(rule.clone())["streak"], streak);
    for (change, expected) in [
        (json!({"multiplier": 2}), streak),
        (
            json!({"streak": {"unit": "week", "length": 2, "grace": 1}}),
            json!({"unit": "week", "length": 2, "repeat": false, "grace": 1}),
        ),
        (json!({"streak": null}), json!(null)),
    ] {
        let change_read: RuleChange = json_fields(&change).read().expect("a change");
        change_read.apply(&mut rule).expect("applied");
        assert_eq!(shown(rule.clone())["streak"], expected, "{change}");
    }
    // One or the other.
    let both = json!({"streak": {"unit": "day", "length": 2},
        "milestone": {"stat": "check_in.count", "at": [5]}});
    let change: RuleChange = json_fields(&both).read().expect("a change");
    change.apply(&mut rule).expect("applied");
    let refused = rule.check().expect_err("both");
    assert_eq!(refused.param.as_deref(), Some("streak"));
}

#[test]
fn a_fixed_award_with_a_window_is_a_bonus_of_one_time() {
    let once = json!({"awards": 1});
    let fixed = json!({"type": "fixed", "points": 5});
    let per_amount = json!({"type": "per_amount", "per": 100, "points": 1});
    let table = [
        (json!({"award": fixed}), json!(null)),
        (json!({"award": fixed, "window": "lifetime"}), once.clone()),
        (json!({"award": fixed, "window": "day"}), once.clone()),
        (
            json!({"award": fixed, "window": "day", "cap": {"points": 5}}),
            json!({"points": 5}),
        ),
        (
            json!({"award": fixed, "window": "day", "cap": null}),
            json!(null),
        ),
        (json!({"award": per_amount, "window": "day"}), json!(null)),
    ];
    for (mut rule, cap) in table {
        rule["trigger"] = json!("signup");
        let made = created(json_fields(&rule)).expect("a rule");
        assert_eq!(shown(made)["cap"], cap, "{rule}");
    }
    let mut rule = json!({"trigger": "signup", "award": fixed});
    rule["name"] = json!("Bonus");
    let mut rule = created(json_fields(&rule)).expect("a rule");
    // Step by step, as a caller would change it.
    for (change, cap) in [
        (json!({"multiplier": 2}), json!(null)),
        (json!({"window": "week"}), once.clone()),
        (json!({"cap": {"awards": 3}}), json!({"awards": 3})),
        (json!({"window": "month"}), json!({"awards": 3})),
        (json!({"cap": null}), json!(null)),
        (json!({"name": null}), json!(null)),
    ] {
        let change_read: RuleChange = json_fields(&change).read().expect("a change");
        change_read.apply(&mut rule).expect("applied");
        assert_eq!(shown(rule.clone())["cap"], cap, "{change}");
    }
    assert_eq!(rule.name, None);
}
