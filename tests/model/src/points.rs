//! The exact value of an award, and its one rounding.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::Value;

use crate::ops::Event;
use crate::settings::{Award, Decimal, EarnOn, Rounding, Rule};

/// How many digits of a currency's amounts stand after the point (ISO 4217).
pub fn currency_exponent(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The figure of the event that a rule earns on: `amount`, or the rule's `basis_field`, of the
/// whole event or of the line items that `earn_on` picks.
///
/// Ruling: no such figure, or no line item picked, and the rule does not fire. A line item's
/// `amount` is for the whole line, whatever its `quantity`.
pub fn basis(rule: &Rule, event: &Event) -> Option<u64> {
    let field = rule.basis_field.as_deref().unwrap_or("amount");
    let Some(earn_on) = &rule.earn_on else {
        return event.number(field);
    };
    let items = event.data.get("line_items")?.as_array()?;
    let picked: Vec<&Value> = items.iter().filter(|item| picks(earn_on, item)).collect();
    if picked.is_empty() {
        return None;
    }
    picked.iter().map(|item| item.get(field)?.as_u64()).sum()
}

/// Whether `earn_on` picks this line item.
///
/// Ruling: with both categories and products an item of either is picked; with neither, all
/// are; what `exclude` names by either is not.
fn picks(earn_on: &EarnOn, item: &Value) -> bool {
    let named = |list: &[String], key: &str| {
        let value = item.get(key).and_then(Value::as_str);
        value.is_some_and(|value| list.iter().any(|name| name == value))
    };
    let all = earn_on.categories.is_empty() && earn_on.products.is_empty();
    let included =
        all || named(&earn_on.categories, "category") || named(&earn_on.products, "product");
    let excluded = named(&earn_on.exclude_categories, "category")
        || named(&earn_on.exclude_products, "product");
    included && !excluded
}

/// The exact value of a rule's award for an event, before rounding and cap: the award × the
/// rule's multiplier × every other multiplier (tier, campaigns). `None` where the rule does not
/// fire: no figure to earn on, or a currency without a rate.
///
/// Ruling: a fixed award with `earn_on` fires if any line item is picked. `whole_units` of a
/// `per_currency` award drops what is less than one major unit.
pub fn exact_points(rule: &Rule, event: &Event, others: &[Decimal]) -> Option<BigRational> {
    let whole = |value: BigRational| {
        if rule.whole_units {
            value.floor()
        } else {
            value
        }
    };
    let base = match &rule.award {
        Award::Fixed { points } => {
            if rule.earn_on.is_some() {
                basis(rule, event)?;
            }
            integer(*points)
        }
        Award::PerAmount { per, points } => {
            let units = integer(basis(rule, event)?) / integer(*per);
            whole(units) * integer(*points)
        }
        Award::PerCurrency { rates } => {
            let currency = event.text("currency")?;
            let rate = rates.get(currency)?.exact();
            let minor = integer(10u64.pow(currency_exponent(currency)));
            whole(integer(basis(rule, event)?) / minor) * rate
        }
    };
    Some(
        others
            .iter()
            .fold(base * rule.multiplier.exact(), |value, other| {
                value * other.exact()
            }),
    )
}

/// Rounds to whole points.
pub fn round(rounding: Rounding, value: &BigRational) -> BigInt {
    let half = BigRational::new(1.into(), 2.into());
    match rounding {
        Rounding::Floor => value.floor().to_integer(),
        Rounding::Ceil => value.ceil().to_integer(),
        Rounding::HalfUp => (value + half).floor().to_integer(),
        Rounding::HalfEven => {
            let down = value.floor();
            let rest = value - &down;
            let down = down.to_integer();
            let odd = (&down % BigInt::from(2)) != BigInt::from(0);
            if rest > half || (rest == half && odd) {
                down + 1
            } else {
                down
            }
        }
    }
}

/// How much of an award of `points` is reversed after refunds of `refunded` in all, of a payment
/// of `paid`: ⌊points × refunded ÷ paid⌋, all of it from `paid` on, and all of it for any refund
/// of a payment of 0.
pub fn reversed_in_all(points: i64, refunded: u64, paid: u64) -> i64 {
    if refunded >= paid {
        return points;
    }
    let exact = i128::from(points) * i128::from(refunded) / i128::from(paid);
    i64::try_from(exact).expect("not more than the award")
}

fn integer(value: u64) -> BigRational {
    BigRational::from_integer(value.into())
}
