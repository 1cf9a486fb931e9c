//! How much of an award a refund takes back: spec section 2, "Refunds".

/// The part of `awarded` points that is to be reversed once `refunded` of `paid` minor units
/// have been refunded: ⌊awarded × refunded ÷ paid⌋, and all of it at the whole payment or, for a
/// payment of nothing, at any refund. Arguments are not negative.
#[must_use]
pub fn reversed_points(awarded: i64, refunded: i64, paid: i64) -> i64 {
    if refunded >= paid {
        return awarded;
    }
    let share = i128::from(awarded) * i128::from(refunded) / i128::from(paid);
    i64::try_from(share).unwrap_or(awarded)
}

/// The total refunded after another refund of `amount` (all of the payment where absent); never
/// more than was paid.
#[must_use]
pub fn refunded_total(before: i64, amount: Option<i64>, paid: i64) -> i64 {
    amount.map_or(paid, |amount| before.saturating_add(amount).min(paid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_take_back_exactly_the_award() {
        let (awarded, paid) = (100, 999);
        let mut refunded = 0;
        let mut reversed = 0;
        for step in [33, 33, 34] {
            refunded = refunded_total(refunded, Some(333), paid);
            let target = reversed_points(awarded, refunded, paid);
            assert_eq!(target - reversed, step);
            reversed = target;
        }
        assert_eq!(reversed, awarded);
    }

    #[test]
    fn more_than_paid_counts_as_paid() {
        assert_eq!(refunded_total(900, Some(i64::MAX), 999), 999);
        assert_eq!(refunded_total(0, None, 999), 999);
        assert_eq!(reversed_points(500, 0, 0), 500);
    }
}
