//! What a program says of redeeming.

use laurel_rules::{POINTS_MAX, Refusal, exact::Factor, program::RedeemRate};

use super::referrals::{CURRENCY, WHOLE};
use crate::fields::{Field, Fields, Kind, Shape};

pub(super) const CANCEL_ON_REFUND: Field = Field::new(
    "cancel_redemptions_on_refund",
    Kind::Boolean,
    "Whether a full refund of the payment that confirmed a redemption cancels it, and others bring back their share of points that paid.",
);

pub(crate) const REDEEM_RATE: Field = Field::new(
    "redeem_rate",
    Kind::Object(&RATE),
    "What points are worth where members pay with them: so many pay so much.",
)
.example("{\"points\": 100, \"amount\": 100, \"currency\": \"EUR\"}")
.nullable();

const RATE: Shape = Shape::of(
    "`redeem_rate`",
    &[
        Field::new("points", WHOLE, "Points.").required(),
        Field::new("amount", WHOLE, "Minor units.").required(),
        CURRENCY,
        Field::new(
            "minimum_points",
            WHOLE,
            "The fewest points that can be paid with; as few as are worth something where null.",
        )
        .nullable()
        .optional(),
        Field::new(
            "maximum_percent",
            Kind::Factor,
            "How much of an order points can pay, of a hundred; all of it where null.",
        )
        .example("50")
        .nullable()
        .optional(),
    ],
);

/// Reads what points are worth.
pub(super) fn redeem_rate(fields: &mut Fields, name: &str) -> Result<Option<RedeemRate>, Refusal> {
    let Some(mut rate) = fields.object(name, &RATE)? else {
        return Ok(None);
    };
    let whole = |fields: &mut Fields, name: &str| fields.whole(name, 1..=POINTS_MAX);
    let maximum_percent = rate.nullable("maximum_percent", Fields::factor)?.flatten();
    if maximum_percent.is_some_and(|percent| !is_share(percent)) {
        let param = format!("{name}.maximum_percent");
        let message = format!("`{param}` must be more than 0 and at most 100.");
        return Err(Refusal::invalid(param, message));
    }
    Ok(Some(RedeemRate {
        points: rate.required("points", whole)?,
        amount: rate.required("amount", whole)?,
        currency: rate.required("currency", Fields::currency)?,
        minimum_points: rate.nullable("minimum_points", whole)?.flatten(),
        maximum_percent,
    }))
}

fn is_share(percent: Factor) -> bool {
    let (num, den) = percent.ratio().parts();
    num > 0 && num <= den * 100
}
