//! Words for people: numbers, money, spans of time, as explanations and reasons write them.

use iso_currency::Currency;

use crate::rule::Window;

/// So many points: `1 point`, `84 points`.
#[must_use]
pub fn points(count: i64) -> String {
    counted(count, "point")
}

/// So many points in the passive: `1 point was`, `84 points were`.
pub(crate) fn points_were(count: i64) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb}", points(count))
}

/// So many of anything.
pub(crate) fn counted(count: i64, what: &str) -> String {
    match count {
        1 | -1 => format!("{count} {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// An amount of minor units as people write money, with as many decimal places as ISO 4217 gives
/// the currency: `€42.00`, `¥500`, `KWD 1.250`.
#[must_use]
pub fn money(amount: i64, code: &str) -> String {
    let currency = Currency::from_code(code);
    let exponent = currency.and_then(Currency::exponent).unwrap_or(0);
    let digits = usize::from(exponent);
    let figure = amount.unsigned_abs().to_string();
    let figure = format!("{figure:0>width$}", width = digits + 1);
    let (major, minor) = figure.split_at(figure.len().saturating_sub(digits));
    let dot = if digits == 0 { "" } else { "." };
    let sign = if amount < 0 { "-" } else { "" };
    // Of all dollars the one without a prefix is that of the United States.
    match code {
        "EUR" => format!("{sign}€{major}{dot}{minor}"),
        "USD" => format!("{sign}${major}{dot}{minor}"),
        "GBP" => format!("{sign}£{major}{dot}{minor}"),
        "JPY" => format!("{sign}¥{major}{dot}{minor}"),
        _ => format!("{sign}{code} {major}{dot}{minor}"),
    }
}

/// The window of a cap or a budget, as in `100 points within a calendar day`.
#[must_use]
pub fn within(window: Window, rolling: bool) -> &'static str {
    match (window, rolling) {
        (Window::Day, false) => "within a calendar day",
        (Window::Week, false) => "within a calendar week",
        (Window::Month, false) => "within a calendar month",
        (Window::Day, true) => "within 24 hours",
        (Window::Week, true) => "within 7 days",
        (Window::Month, true) => "within 30 days",
        (Window::Lifetime, _) => "in all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_table() {
        let table = [
            (4200, "EUR", "€42.00"),
            (5, "EUR", "€0.05"),
            (0, "USD", "$0.00"),
            (-1050, "GBP", "-£10.50"),
            (500, "JPY", "¥500"),
            (1250, "KWD", "KWD 1.250"),
            (7, "CLF", "CLF 0.0007"),
            (1234, "CAD", "CAD 12.34"),
            (100, "XYZ", "XYZ 100"),
        ];
        for (amount, code, expected) in table {
            assert_eq!(money(amount, code), expected);
        }
        assert_eq!(points(1), "1 point");
        assert_eq!(points(-84), "-84 points");
    }
}
