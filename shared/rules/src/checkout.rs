//! What a redemption is worth at a checkout.

use jiff::Timestamp;

use crate::{
    event::LineItem,
    exact::{Factor, Ratio, Rounding},
    redemption::{Redemption, RedemptionStatus},
    refund::reversed_points,
    reward::Value,
};

/// An order at a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Minor units, before the discount.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What is bought; absent where the caller does not say.
    pub line_items: Option<Vec<LineItem>>,
}

/// What a redemption is worth for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// Minor units of the order's currency.
    pub discount_amount: i64,
    /// Why it is worth nothing here; absent where it counts.
    pub reason: Option<Worthless>,
}

/// Why a redemption or a code is worth nothing for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Worthless {
    NotFound,
    NotConfirmed,
    Canceled,
    Expired,
    Used,
    BelowMinimum,
    CurrencyMismatch,
    ProductMissing,
}

impl Worthless {
    /// All of them.
    pub const ALL: [Worthless; 8] = [
        Worthless::NotFound,
        Worthless::NotConfirmed,
        Worthless::Canceled,
        Worthless::Expired,
        Worthless::Used,
        Worthless::BelowMinimum,
        Worthless::CurrencyMismatch,
        Worthless::ProductMissing,
    ];

    /// The reason as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Worthless::NotFound => "not_found",
            Worthless::NotConfirmed => "not_confirmed",
            Worthless::Canceled => "canceled",
            Worthless::Expired => "expired",
            Worthless::Used => "used",
            Worthless::BelowMinimum => "below_minimum",
            Worthless::CurrencyMismatch => "currency_mismatch",
            Worthless::ProductMissing => "product_missing",
        }
    }
}

impl Redemption {
    /// Why it is good for no order at all; `None` where it can be used.
    #[must_use]
    pub fn why_unusable(&self, now: Timestamp) -> Option<Worthless> {
        match self.status_at(now) {
            RedemptionStatus::Confirmed if self.valid_until.is_some_and(|end| end <= now) => {
                Some(Worthless::Expired)
            }
            RedemptionStatus::Confirmed => None,
            RedemptionStatus::Reserved => Some(Worthless::NotConfirmed),
            RedemptionStatus::Canceled => Some(Worthless::Canceled),
            RedemptionStatus::Expired => Some(Worthless::Expired),
            RedemptionStatus::Used => Some(Worthless::Used),
        }
    }

    /// What it is worth for `order`, or why nothing.
    #[must_use]
    pub fn worth(&self, order: &Order, now: Timestamp) -> Worth {
        let invalid = |reason| Worth {
            discount_amount: 0,
            reason: Some(reason),
        };
        if let Some(reason) = self.why_unusable(now) {
            return invalid(reason);
        }
        if self
            .min_order_amount
            .is_some_and(|least| order.amount < least)
        {
            return invalid(Worthless::BelowMinimum);
        }
        match self.value.discount(order) {
            Ok(discount) => Worth {
                discount_amount: self.left_of(discount).clamp(0, order.amount),
                reason: None,
            },
            Err(reason) => invalid(reason),
        }
    }

    /// What is left of a discount of which a share has come back with its payment.
    fn left_of(&self, discount: i64) -> i64 {
        match self.returned {
            0 => discount,
            returned => discount - reversed_points(discount, returned, self.taken()),
        }
    }
}

impl Value {
    /// Minor units off `order`; shares are rounded down, to the shop's favour. A free product is
    /// worth the price of one of it, where the order says what is bought.
    fn discount(&self, order: &Order) -> Result<i64, Worthless> {
        match self {
            Value::DiscountAmount { amount, currency } if *currency == order.currency => {
                Ok(*amount)
            }
            Value::DiscountAmount { .. } => Err(Worthless::CurrencyMismatch),
            Value::DiscountPercent {
                percent,
                max_amount,
            } => {
                let share = share(order.amount, *percent);
                Ok(max_amount.map_or(share, |most| share.min(most)))
            }
            Value::FreeProduct { product } => {
                let Some(items) = &order.line_items else {
                    return Ok(0);
                };
                let mut bought = items.iter().filter(|item| item.quantity > 0);
                let line = bought.find(|item| item.product.as_ref() == Some(product));
                line.map(|line| line.amount / line.quantity)
                    .ok_or(Worthless::ProductMissing)
            }
            Value::StoreCredit { .. } | Value::Custom => Ok(0),
        }
    }
}

/// `percent` of a hundredth parts of `amount`, rounded down.
pub(crate) fn share(amount: i64, percent: Factor) -> i64 {
    let exact = Ratio::whole(amount).times(percent.ratio());
    let hundredth = Ratio::new(1, 100);
    exact
        .zip(hundredth)
        .and_then(|(exact, hundredth)| exact.times(hundredth))
        .and_then(|exact| exact.round(Rounding::Floor))
        .unwrap_or(0)
}
