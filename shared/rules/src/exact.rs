//! Exact numbers: decimal factors as configured, and ratios of integers to compute with.
//!
//! An award is `amount × points ÷ per × multipliers`; a quotient such as 1 ÷ 3 has no finite
//! decimal form, so it stays a ratio until the one rounding at the end (spec section 1).

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, de};

/// The whole number that a JSON value is. `5.0` is one, too: to JSON Schema, and to languages that
/// know one kind of number, it is the same as `5`.
#[must_use]
pub fn whole(value: &serde_json::Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let digits = number.to_string();
        digits.strip_suffix(".0")?.parse().ok()
    })
}

/// Minor units of an amount in major ones, as 12050 of `120.5` where there are two `digits` after
/// the point. What is finer than a minor unit is rounded to the nearest, a half upwards: a sum of
/// binary floats such as `0.30000000000000004` is meant as 0.30. `None` where it is no decimal
/// number, less than nothing or larger than 2⁵³ − 1.
#[must_use]
pub fn minor_units(text: &str, digits: u16) -> Option<i64> {
    let major: Decimal = text
        .parse()
        .or_else(|_| Decimal::from_scientific(text))
        .ok()?;
    if major.is_sign_negative() && !major.is_zero() {
        return None;
    }
    let scale = 10_i128.checked_pow(major.scale())?;
    let minor = major
        .mantissa()
        .checked_mul(10_i128.checked_pow(digits.into())?)?;
    let minor = Ratio::new(minor, scale)?.round(Rounding::HalfUp)?;
    (minor <= crate::POINTS_MAX).then_some(minor)
}

/// How an exact award becomes a whole number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Towards nothing: what is not earned whole is not given.
    #[default]
    Floor,
    /// To the nearest, a half upwards.
    HalfUp,
    /// To the nearest, a half to the even neighbour.
    HalfEven,
    /// Every begun point counts.
    Ceil,
}

/// A factor as a person writes it, such as 1.5: not negative, at most 8 digits after the point,
/// at most a million. Kept in decimal, never as a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(Decimal);

impl Factor {
    /// The factor that changes nothing.
    pub const ONE: Factor = Factor(Decimal::ONE);

    /// Reads a factor from its decimal digits.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Factor, String> {
        let problem = "must be a number from 0 to 1000000 with at most 8 decimal places";
        let decimal: Decimal = text.parse().map_err(|_| problem.to_owned())?;
        let decimal = decimal.normalize();
        if decimal.is_sign_negative() || decimal.scale() > 8 || decimal > Decimal::from(1_000_000) {
            return Err(problem.to_owned());
        }
        Ok(Factor(decimal))
    }

    /// The factor as a ratio of integers.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        // A scale of at most 8 keeps the power far inside i128.
        Ratio {
            num: self.0.mantissa(),
            den: 10_i128.pow(self.0.scale()),
        }
        .lowest()
    }
}

impl Default for Factor {
    fn default() -> Self {
        Factor::ONE
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Factor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // JSON has one kind of number; at most 15 significant digits survive it unchanged.
        if self.0.scale() == 0 {
            return serializer.serialize_i64(i64::try_from(self.0.mantissa()).unwrap_or(0));
        }
        match self.0.to_string().parse::<f64>() {
            Ok(number) => serializer.serialize_f64(number),
            Err(_) => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Factor;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to 1000000 with at most 8 decimal places")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Factor, E> {
                Factor::parse(&value.to_string()).map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Factor, E> {
                Factor::parse(&value.to_string()).map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Factor, E> {
                // The shortest digits that name this float are the digits that were sent.
                Factor::parse(&value.to_string()).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Factor, E> {
                Factor::parse(value).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A ratio of integers, the denominator positive.
///
/// Reducing costs more than computing, so it is left until somebody looks at the parts; only
/// numbers beyond 64 bits are kept in lowest terms, to stay far from the end of 128.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Ratio {}

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };
    /// The factor that changes nothing.
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };

    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Ratio {
        Ratio {
            num: i128::from(value),
            den: 1,
        }
    }

    /// `num ÷ den`, or `None` where `den` is not positive.
    #[must_use]
    pub fn new(num: i128, den: i128) -> Option<Ratio> {
        (den > 0).then(|| Ratio { num, den }.kept_small())
    }

    /// Reads what `Display` wrote: decimal text, or a fraction such as `10/3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Ratio> {
        if let Some((num, den)) = text.split_once('/') {
            return Ratio::new(num.parse().ok()?, den.parse().ok()?);
        }
        let Some((whole, rest)) = text.split_once('.') else {
            return Ratio::new(text.parse().ok()?, 1);
        };
        let digits = u32::try_from(rest.len()).ok()?;
        let num = format!("{whole}{rest}").parse().ok()?;
        Ratio::new(num, 10_i128.checked_pow(digits)?)
    }

    /// As it is where both parts fit 64 bits, else in lowest terms.
    fn kept_small(self) -> Ratio {
        if self.small().is_some() {
            self
        } else {
            self.lowest()
        }
    }

    /// Both parts, where they fit 64 bits.
    fn small(self) -> Option<(i64, i64)> {
        Some((i64::try_from(self.num).ok()?, i64::try_from(self.den).ok()?))
    }

    fn lowest(self) -> Ratio {
        let divisor = gcd(self.num.unsigned_abs(), self.den.unsigned_abs());
        match i128::try_from(divisor) {
            Ok(divisor) if divisor > 1 => Ratio {
                num: self.num / divisor,
                den: self.den / divisor,
            },
            _ => self,
        }
    }

    /// Numerator and denominator in lowest terms.
    #[must_use]
    pub fn parts(self) -> (i128, i128) {
        let Ratio { num, den } = self.lowest();
        (num, den)
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// The product, or `None` where it does not fit 128 bits.
    #[must_use]
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        if other.num == 1 && other.den == 1 {
            return Some(self);
        }
        if let (Some((num, den)), Some((other_num, other_den))) = (self.small(), other.small()) {
            // Two numbers of 64 bits have a product of 128.
            let (num, other_num) = (i128::from(num), i128::from(other_num));
            let (den, other_den) = (i128::from(den), i128::from(other_den));
            return Some(
                Ratio {
                    num: num * other_num,
                    den: den * other_den,
                }
                .kept_small(),
            );
        }
        let (a, b) = (self.lowest(), other.lowest());
        let (num, den) = (a.num.checked_mul(b.num)?, a.den.checked_mul(b.den)?);
        Some(Ratio { num, den }.kept_small())
    }

    /// The sum, or `None` where it does not fit 128 bits.
    #[must_use]
    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        if other.num == 0 {
            return Some(self);
        }
        if self.den == other.den {
            let num = self.num.checked_add(other.num)?;
            return Some(Ratio { num, den: self.den }.kept_small());
        }
        let divisor =
            i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let widen = other.den / divisor;
        let num = self
            .num
            .checked_mul(widen)?
            .checked_add(other.num.checked_mul(self.den / divisor)?)?;
        let den = self.den.checked_mul(widen)?;
        Some(Ratio { num, den }.kept_small())
    }

    /// The difference, or `None` where it does not fit 128 bits.
    #[must_use]
    pub fn minus(self, other: Ratio) -> Option<Ratio> {
        self.plus(Ratio {
            num: other.num.checked_neg()?,
            den: other.den,
        })
    }

    /// The same number with a denominator that stays storable however often rules change: exact
    /// up to 10¹⁸, beyond that cut to 10⁻¹⁸.
    #[must_use]
    pub fn storable(self) -> Ratio {
        const DEN_MAX: i128 = 1_000_000_000_000_000_000;
        let (num, den) = self.parts();
        if den <= DEN_MAX {
            return self;
        }
        let (whole, rest) = (num.div_euclid(den), num.rem_euclid(den));
        // rest < den, so shifting both down keeps the product below inside 128 bits.
        let shift = 128 - den.leading_zeros().min(128);
        let shift = shift.saturating_sub(66);
        let (rest, den) = (rest >> shift, den >> shift);
        rest.checked_mul(DEN_MAX)
            .map(|scaled| scaled.div_euclid(den))
            .and_then(|cut| whole.checked_mul(DEN_MAX)?.checked_add(cut))
            .and_then(|num| Ratio::new(num, DEN_MAX))
            .unwrap_or(Ratio::ZERO)
    }

    /// The whole number that `rounding` makes of it, or `None` where it does not fit 64 bits.
    #[must_use]
    pub fn round(self, rounding: Rounding) -> Option<i64> {
        let (floor, rest) = match self.small() {
            Some((num, den)) => (num.div_euclid(den).into(), num.rem_euclid(den).into()),
            None => (self.num.div_euclid(self.den), self.num.rem_euclid(self.den)),
        };
        // `rest` lies in 0..den; comparing it with its complement avoids doubling it.
        let versus_half = rest.cmp(&(self.den - rest));
        let up = match rounding {
            Rounding::Floor => false,
            Rounding::Ceil => rest > 0,
            Rounding::HalfUp => versus_half.is_ge(),
            Rounding::HalfEven => versus_half.is_gt() || (versus_half.is_eq() && floor % 2 != 0),
        };
        i64::try_from(if up { floor.checked_add(1)? } else { floor }).ok()
    }
}

/// Exact: decimal where the ratio has a finite decimal form, else as a fraction, `10/3`.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = self.lowest();
        let mut den = lowest.den;
        let mut digits: u32 = 0;
        while den % 10 == 0 {
            den /= 10;
            digits += 1;
        }
        while den % 2 == 0 {
            den /= 2;
            digits += 1;
        }
        while den % 5 == 0 {
            den /= 5;
            digits += 1;
        }
        if digits == 0 && den == 1 {
            return write!(f, "{}", lowest.num);
        }
        let scaled = 10_i128.checked_pow(digits).and_then(|power| {
            lowest
                .num
                .checked_mul(power / lowest.den)
                .filter(|_| den == 1)
        });
        match scaled {
            Some(scaled) => {
                let sign = if scaled < 0 { "-" } else { "" };
                let power = 10_u128.pow(digits);
                let (whole, rest) = (scaled.unsigned_abs() / power, scaled.unsigned_abs() % power);
                write!(f, "{sign}{whole}.{rest:0width$}", width = digits as usize)
            }
            None => write!(f, "{}/{}", lowest.num, lowest.den),
        }
    }
}

/// The greatest common divisor.
fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return gcd_64(a, b).into();
        }
        (a, b) = (b, a % b);
    }
    a
}

fn gcd_64(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
