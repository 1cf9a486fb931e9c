use super::*;

fn ratio(num: i128, den: i128) -> Ratio {
    Ratio::new(num, den).expect("a positive denominator")
}

/// 3⁴⁰ and 3⁶⁰ have no power of ten that they divide.
#[test]
fn what_is_stored_has_18_digits_at_the_most() {
    const CUT: i128 = 1_000_000_000_000_000_000;
    let most = ratio(1, CUT);
    assert_eq!(most.storable(), most, "as fine as can be");
    let (den, long) = (3_i128.pow(40), 3_i128.pow(60));
    for (fraction, cut) in [
        (ratio(den - 1, den), 999_999_999_999_999_999),
        (ratio(2 * den - 1, den), 1_999_999_999_999_999_999),
        (ratio(-1, den), -1),
        (ratio(2 * (long / 3) + 1, long), 666_666_666_666_666_666),
    ] {
        assert_eq!(fraction.storable(), ratio(cut, CUT), "{fraction}");
    }
}

#[test]
fn rounding_table() {
    use Rounding::{Ceil, Floor, HalfEven, HalfUp};
    // num / den       floor  half_up  half_even  ceil
    let table = [
        (ratio(945, 10), 94, 95, 94, 95),
        (ratio(955, 10), 95, 96, 96, 96),
        (ratio(10, 3), 3, 3, 3, 4),
        (ratio(11, 3), 3, 4, 4, 4),
        (ratio(0, 1), 0, 0, 0, 0),
        (ratio(-1, 2), -1, 0, 0, 0),
        (ratio(-3, 2), -2, -1, -2, -1),
        (ratio(7, 1), 7, 7, 7, 7),
    ];
    for (exact, floor, half_up, half_even, ceil) in table {
        let rounded = [Floor, HalfUp, HalfEven, Ceil].map(|how| exact.round(how));
        assert_eq!(
            rounded,
            [floor, half_up, half_even, ceil].map(Some),
            "{exact}"
        );
    }
}

#[test]
fn major_units_table() {
    for (text, digits, minor) in [
        ("120.5", 2, Some(12050)),
        ("0.30000000000000004", 2, Some(30)),
        ("19.994999", 2, Some(1999)),
        ("0.005", 2, Some(1)),
        ("1000", 0, Some(1000)),
        ("1.2345", 3, Some(1235)),
        ("1e3", 2, Some(100_000)),
        ("1e-7", 2, Some(0)),
        ("-0", 2, Some(0)),
        ("90071992547409.91", 2, Some(crate::POINTS_MAX)),
        ("90071992547409.92", 2, None),
        ("1e300", 2, None),
        ("-0.01", 2, None),
        ("12,50", 2, None),
        ("", 2, None),
    ] {
        assert_eq!(minor_units(text, digits), minor, "{text}");
    }
}

#[test]
fn ratios_read_exactly() {
    for (value, text) in [
        (ratio(945, 10), "94.5"),
        (ratio(10, 3), "10/3"),
        (ratio(1, 8), "0.125"),
        (ratio(-1, 20), "-0.05"),
        (ratio(100, 1), "100"),
        (ratio(1, 100), "0.01"),
    ] {
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn factors_keep_their_digits() {
    for text in ["0", "1", "1.2", "0.00000001", "1000000"] {
        let factor: Factor = serde_json::from_str(text).expect(text);
        assert_eq!(factor.to_string(), text);
        assert_eq!(
            Factor::parse(
                &serde_json::to_string(&factor)
                    .expect("json")
                    .replace("1e-8", "0.00000001")
            ),
            Ok(factor)
        );
    }
    for text in ["-1", "1.000000001", "1000001", "1e30", "\"abc\"", "null"] {
        assert!(serde_json::from_str::<Factor>(text).is_err(), "{text}");
    }
}

#[test]
fn overflow_is_none_and_never_wraps() {
    let huge = ratio(i128::MAX, 1);
    assert_eq!(huge.times(ratio(2, 1)), None);
    assert_eq!(huge.plus(ratio(1, 1)), None);
    assert_eq!(huge.round(Rounding::Floor), None);
    assert_eq!(
        ratio(i128::from(i64::MAX), 1).round(Rounding::Ceil),
        Some(i64::MAX)
    );
}
