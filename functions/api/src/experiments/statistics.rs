//! How far the figures of a variant differ from the control's, with two-sided 95 % confidence
//! intervals.
//!
//! Shares are compared by Newcombe's hybrid score method (R. G. Newcombe, "Interval estimation for
//! the difference between independent proportions: comparison of eleven methods", Statistics in
//! Medicine 17 (1998), 873–890, method 10), made of Wilson's score intervals (E. B. Wilson, JASA 22
//! (1927), 209–212). Means are compared by Welch's unequal variances t-test (B. L. Welch,
//! Biometrika 34 (1947), 28–35). Student's distribution is reckoned by its incomplete beta
//! function (NIST Digital Library of Mathematical Functions, 8.17).
#![expect(
    clippy::float_arithmetic,
    reason = "statistics are estimates; the sums that they are made of are exact"
)]
#![allow(
    clippy::cast_precision_loss,
    reason = "an estimate has no more digits than a float"
)]

use laurel_rules::experiment::standing::Figures;

/// The difference of two figures, and where it lies with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) difference: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The 97.5 % quantile of the normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;
/// What remains above the upper bound of an interval.
const TAIL: f64 = 0.025;

/// The share of the members who were awarded anything; `None` without members.
pub(super) fn awarded_share(figures: &Figures) -> Option<f64> {
    (figures.members > 0).then(|| figures.awarded_members as f64 / figures.members as f64)
}

/// What a member spent on the average; `None` without members.
pub(super) fn mean_spend(figures: &Figures) -> Option<f64> {
    (figures.members > 0).then(|| figures.spend as f64 / figures.members as f64)
}

/// By how much the share of awarded members is larger than in `control`.
pub(super) fn share_difference(variant: &Figures, control: &Figures) -> Option<Interval> {
    let (share, of_control) = (awarded_share(variant)?, awarded_share(control)?);
    let (low, high) = wilson(share, variant.members as f64);
    let (control_low, control_high) = wilson(of_control, control.members as f64);
    let difference = share - of_control;
    Some(Interval {
        difference,
        low: difference - (share - low).hypot(control_high - of_control),
        high: difference + (high - share).hypot(of_control - control_low),
    })
}

/// Where a share of `n` lies: Wilson's score interval.
fn wilson(share: f64, n: f64) -> (f64, f64) {
    let z2 = NORMAL * NORMAL;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let spread = share * (1.0 - share) / n + z2 / (4.0 * n * n);
    let half = NORMAL * spread.sqrt() / (1.0 + z2 / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// By how much the mean spend is larger than in `control`; `None` where either has fewer than two
/// members, or where nobody differs from anybody else.
pub(super) fn spend_difference(variant: &Figures, control: &Figures) -> Option<Interval> {
    let (of_variant, of_control) = (Sample::of(variant)?, Sample::of(control)?);
    let (a, b) = (of_variant.variance_of_mean(), of_control.variance_of_mean());
    let error = (a + b).sqrt();
    if error <= 0.0 {
        return None;
    }
    // Satterthwaite's degrees of freedom.
    let degrees = (a + b).powi(2) / (a * a / (of_variant.n - 1.0) + b * b / (of_control.n - 1.0));
    let difference = of_variant.mean - of_control.mean;
    let half = student_quantile(degrees) * error;
    Some(Interval {
        difference,
        low: difference - half,
        high: difference + half,
    })
}

/// What is known of the spends of some members.
struct Sample {
    n: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn of(figures: &Figures) -> Option<Sample> {
        let Figures {
            members,
            spend,
            spend_squares,
            ..
        } = *figures;
        if members < 2 {
            return None;
        }
        let n = members as f64;
        // n Σx² − (Σx)² cancels, so that it is reckoned exactly where 128 bits are enough.
        let squares = members.checked_mul(spend_squares);
        let scatter = squares.zip(spend.checked_mul(spend)).map_or_else(
            || n * spend_squares as f64 - (spend as f64).powi(2),
            |(squares, square)| (squares - square) as f64,
        );
        Some(Sample {
            n,
            mean: spend as f64 / n,
            variance: (scatter / (n * (n - 1.0))).max(0.0),
        })
    }

    fn variance_of_mean(&self) -> f64 {
        self.variance / self.n
    }
}

/// The 97.5 % quantile of Student's distribution with so many degrees of freedom.
fn student_quantile(degrees: f64) -> f64 {
    // Above is that of one degree, 12.7, and with less than one there is none here: Welch's are
    // at least those of the smaller sample. Each step halves what is left.
    let (mut low, mut high) = (NORMAL, 13.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if upper_tail(middle, degrees) > TAIL {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// How likely a value above `t` is by Student's distribution: half of the regularized incomplete
/// beta function of ν ÷ 2 and ½ at ν ÷ (ν + t²).
fn upper_tail(t: f64, degrees: f64) -> f64 {
    beta(degrees / 2.0, 0.5, degrees / (degrees + t * t)) / 2.0
}

/// The regularized incomplete beta function.
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    // The fraction converges quickly on this side (DLMF 8.17.22), else on the other (8.17.4).
    if x < (a + 1.0) / (a + b + 2.0) {
        front.exp() * fraction(a, b, x) / a
    } else {
        1.0 - front.exp() * fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of DLMF 8.17.22, by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut result) = (1.0, d);
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = result;
        for part in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + part * d);
            c = away_from_zero(1.0 + part / c);
            result *= c * d;
        }
        if (result / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    result
}

/// The logarithm of the gamma function of a number above 0: Stirling's series (DLMF 5.11.1), after
/// the recurrence has made the number large enough for it.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 12.0 {
        shift += x.ln();
        x += 1.0;
    }
    let square = x * x;
    let series = (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square)
        / x;
    (x - 0.5) * x.ln() - x + (2.0 * std::f64::consts::PI).ln() / 2.0 + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(awarded_members: i128, members: i128) -> Figures {
        Figures {
            members,
            awarded_members,
            ..Figures::default()
        }
    }

    fn spends(values: &[i64]) -> Figures {
        let values = values.iter().map(|value| i128::from(*value));
        Figures {
            members: values.len() as i128,
            spend: values.clone().sum(),
            spend_squares: values.map(|value| value * value).sum(),
            ..Figures::default()
        }
    }

    #[track_caller]
    fn close(found: f64, expected: f64, within: f64) {
        assert!(
            (found - expected).abs() <= within,
            "{found}, not {expected}"
        );
    }

    /// Table II of Newcombe (1998), the examples (a) to (h) by method 10.
    #[test]
    fn newcombes_examples() {
        let table = [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0000),
            ((10, 10), (0, 10), 0.6075, 1.0000),
        ];
        for ((a, m), (b, n), low, high) in table {
            let interval = share_difference(&shares(a, m), &shares(b, n)).expect("members");
            close(interval.low, low, 0.000_05);
            close(interval.high, high, 0.000_05);
        }
        assert_eq!(share_difference(&shares(0, 0), &shares(1, 2)), None);
    }

    /// Critical values of Student's distribution, as in the NIST/SEMATECH e-Handbook of Statistical
    /// Methods, 1.3.6.7.2.
    #[test]
    fn critical_values_of_student() {
        for (degrees, quantile) in [
            (1.0, 12.706),
            (2.0, 4.303),
            (5.0, 2.571),
            (10.0, 2.228),
            (30.0, 2.042),
            (100.0, 1.984),
            (1e7, 1.960),
        ] {
            close(student_quantile(degrees), quantile, 0.000_5);
        }
    }

    /// Mileages of American and Japanese cars: NIST/SEMATECH e-Handbook of Statistical Methods,
    /// 1.3.5.3, where t is −12.94627 with 136.8750 degrees of freedom for unequal variances.
    #[test]
    fn the_handbooks_mileages() {
        let sample = |n: f64, mean: f64, deviation: f64| Sample {
            n,
            mean,
            variance: deviation * deviation,
        };
        let american = sample(249.0, 20.144_58, 6.414_70);
        let japanese = sample(79.0, 30.481_01, 6.107_71);
        let (a, b) = (american.variance_of_mean(), japanese.variance_of_mean());
        close(
            (american.mean - japanese.mean) / (a + b).sqrt(),
            -12.946_27,
            0.000_1,
        );
        let degrees = (a + b).powi(2) / (a * a / 248.0 + b * b / 78.0);
        close(degrees, 136.875_0, 0.001);
    }

    /// Whole numbers whose intervals were reckoned by the formulas step by step: means 6 and 3,
    /// variances 2.5 and 2.5 of five each, 8 degrees of freedom, whose quantile is 2.306.
    #[test]
    fn two_small_samples() {
        let interval = spend_difference(&spends(&[4, 5, 6, 7, 8]), &spends(&[1, 2, 3, 4, 5]));
        let interval = interval.expect("samples");
        close(interval.difference, 3.0, 1e-12);
        close(interval.low, 3.0 - 2.306, 0.000_1);
        close(interval.high, 3.0 + 2.306, 0.000_1);
        assert_eq!(spend_difference(&spends(&[5]), &spends(&[1, 2])), None);
        assert_eq!(spend_difference(&spends(&[5, 5]), &spends(&[1, 1])), None);
    }

    #[test]
    fn large_sums_keep_their_spread() {
        // A billion and one, two and three: as floats the squares would all be the same.
        let at = |base: i64| spends(&[base + 1, base + 2, base + 3]);
        let interval = spend_difference(&at(1_000_000_000), &at(0)).expect("samples");
        let small = spend_difference(&at(10), &at(0)).expect("samples");
        // The bounds themselves stand at a billion, where floats are 0.0000001 apart.
        close(interval.high - interval.low, small.high - small.low, 1e-6);
    }
}
