//! Numbers and amounts as each language writes them (Unicode's CLDR).

use iso_currency::Currency;
use laurel_rules::{landing::Language, store_credit::Money};

/// What keeps a number and its unit on one line.
const NO_BREAK: char = '\u{a0}';

/// A whole number with its thousands marked: `1,250` or `1.250`.
pub(crate) fn whole(number: u64, language: Language) -> String {
    let digits = number.to_string();
    let (mark, marked_from) = match language {
        Language::En => (',', 4),
        Language::De => ('.', 4),
        Language::Fr => ('\u{202f}', 4),
        // A number of four digits stands as it is.
        Language::Es => ('.', 5),
    };
    if digits.len() < marked_from {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// An amount of money: `€20.00` or `20,00 €`.
pub(crate) fn money(money: &Money, language: Language) -> String {
    let exponent = Currency::from_code(&money.currency).and_then(Currency::exponent);
    let exponent = u32::from(exponent.unwrap_or(0));
    let minor = money.amount.unsigned_abs();
    let unit = 10_u64.pow(exponent);
    let mut number = whole(minor / unit, language);
    if exponent > 0 {
        number.push(if language == Language::En { '.' } else { ',' });
        let width = usize::try_from(exponent).unwrap_or(0);
        number.push_str(&format!("{:0width$}", minor % unit));
    }
    let symbol = symbol(&money.currency, language);
    match language {
        // Letters stand off from the number.
        Language::En if symbol.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{symbol}{NO_BREAK}{number}")
        }
        Language::En => format!("{symbol}{number}"),
        Language::De | Language::Fr | Language::Es => format!("{number}{NO_BREAK}{symbol}"),
    }
}

/// The sign of the currencies that nobody takes for another; the code of all others.
fn symbol(code: &str, language: Language) -> &str {
    use Language::{De, En, Es, Fr};
    match (code, language) {
        ("EUR", _) => "€",
        ("USD", En | De) => "$",
        ("USD", Fr) => "$US",
        ("USD", Es) => "US$",
        ("GBP", En | De) => "£",
        ("GBP", Fr) => "£GB",
        ("JPY", En | De) => "¥",
        _ => code,
    }
}

/// Which form of a noun follows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plural {
    One,
    /// Millions without a rest, in French and Spanish: `1 000 000 de points`.
    Many,
    Other,
}

impl Plural {
    /// The form for a number.
    pub(crate) fn of(number: u64, language: Language) -> Plural {
        let has_many = matches!(language, Language::Fr | Language::Es);
        match number {
            1 => Plural::One,
            0 if language == Language::Fr => Plural::One,
            0 => Plural::Other,
            _ if has_many && number.is_multiple_of(1_000_000) => Plural::Many,
            _ => Plural::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `Intl.NumberFormat` of JavaScript writes them.
    #[test]
    fn amounts_are_written_as_unicode_says() {
        let table = [
            ("EUR", 50, "€0.50", "0,50 €", "0,50 €", "0,50 €"),
            (
                "EUR",
                123_450,
                "€1,234.50",
                "1.234,50 €",
                "1_234,50 €",
                "1234,50 €",
            ),
            (
                "EUR",
                1_234_567_890,
                "€12,345,678.90",
                "12.345.678,90 €",
                "12_345_678,90 €",
                "12.345.678,90 €",
            ),
            ("USD", 2000, "$20.00", "20,00 $", "20,00 $US", "20,00 US$"),
            ("GBP", 2000, "£20.00", "20,00 £", "20,00 £GB", "20,00 GBP"),
            ("JPY", 1235, "¥1,235", "1.235 ¥", "1_235 JPY", "1235 JPY"),
            (
                "CHF",
                123_450,
                "CHF 1,234.50",
                "1.234,50 CHF",
                "1_234,50 CHF",
                "1234,50 CHF",
            ),
            (
                "KWD",
                20_005,
                "KWD 20.005",
                "20,005 KWD",
                "20,005 KWD",
                "20,005 KWD",
            ),
        ];
        for (currency, amount, en, de, fr, es) in table {
            let given = Money {
                amount,
                currency: currency.to_owned(),
            };
            for (language, expected) in Language::ALL.into_iter().zip([en, de, fr, es]) {
                let expected = expected.replace(' ', "\u{a0}").replace('_', "\u{202f}");
                assert_eq!(money(&given, language), expected);
            }
        }
    }

    #[test]
    fn nouns_follow_their_numbers() {
        use Language::{De, En, Es, Fr};
        use Plural::{Many, One, Other};
        let table = [
            (0, [Other, Other, One, Other]),
            (1, [One; 4]),
            (2, [Other; 4]),
            (1_000_000, [Other, Other, Many, Many]),
            (1_000_001, [Other; 4]),
        ];
        for (number, expected) in table {
            let forms = [En, De, Fr, Es].map(|language| Plural::of(number, language));
            assert_eq!(forms, expected, "{number}");
        }
    }
}
