//! Paying with points at the program's rate (spec section 5, "Pay with points").

use crate::{Code, Refusal, checkout::share, program::RedeemRate, reward::Value};

/// Points that a member pays with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsPayment {
    /// Points.
    pub points: i64,
    /// ISO 4217.
    pub currency: String,
    /// What the order comes to, in minor units, where the caller says so.
    pub order_amount: Option<i64>,
}

impl RedeemRate {
    /// What points are worth, in whole minor units; what is left over buys nothing.
    fn worth(&self, points: i64) -> i64 {
        let worth = i128::from(points) * i128::from(self.amount) / i128::from(self.points.max(1));
        i64::try_from(worth).unwrap_or(i64::MAX)
    }

    /// The fewest points that are worth so many minor units.
    fn points_for(&self, amount: i64) -> i64 {
        let (num, den) = (
            i128::from(amount) * i128::from(self.points),
            i128::from(self.amount),
        );
        i64::try_from((num + den - 1) / den.max(1)).unwrap_or(i64::MAX)
    }

    /// What a payment with points is worth.
    ///
    /// # Errors
    /// `parameter_invalid` at the field at fault, with what would do.
    pub fn price(&self, payment: &PointsPayment) -> Result<Value, Refusal> {
        let PointsPayment {
            points,
            currency,
            order_amount,
        } = payment;
        if *currency != self.currency {
            let message = format!("Points of this program pay in {} only.", self.currency);
            return Err(Refusal::invalid("currency", message));
        }
        let amount = self.worth(*points);
        let least = self.minimum_points.unwrap_or(0).max(self.points_for(1));
        if *points < least || amount < 1 {
            let message = format!("`points` must be at least {least}.");
            return Err(Refusal::invalid("points", message));
        }
        let most = match (order_amount, self.maximum_percent) {
            (None, Some(percent)) => {
                let message = format!(
                    "`order_amount` is required: points pay at most {percent} % of an order."
                );
                return Err(Refusal::new(Code::ParameterMissing, message).at("order_amount"));
            }
            (None, None) => None,
            (Some(order), None) => Some(*order),
            (Some(order), Some(percent)) => Some(share(*order, percent)),
        };
        if let Some(most) = most.filter(|most| amount > *most) {
            let message = format!(
                "{points} points are worth {amount}, more than the {most} that points may pay of \
                 this order; {} points are enough.",
                self.points_for(most)
            );
            return Err(Refusal::invalid("points", message));
        }
        Ok(Value::DiscountAmount {
            amount,
            currency: currency.clone(),
        })
    }
}
