//! `expand[]=…`: parts of an answer that are there where they are asked for, as at Stripe.

use laurel_rules::{Code, Refusal};

use crate::fields::{Field, Fields, Kind};

/// The explanation of a transaction.
pub(crate) const CALCULATION: Field = Field::new(
    "expand",
    Kind::List(&Kind::Choice(&["calculation"]), 1, 1),
    "`calculation`: with `calculation.explanation`, how it came about in words.",
);

/// The same in a list of transactions.
pub(crate) const DATA_CALCULATION: Field = Field::new(
    "expand",
    Kind::List(&Kind::Choice(&["data.calculation"]), 1, 1),
    "`data.calculation`: each with `calculation.explanation`, how it came about in words.",
);

/// Whether `field` says that its one part is asked for: `expand[]=calculation`, or without the
/// brackets.
///
/// # Errors
/// `parameter_invalid` where it names something else.
pub(crate) fn is_asked(fields: &mut Fields, field: &Field) -> Result<bool, Refusal> {
    let Kind::List(Kind::Choice([known]), ..) = field.kind else {
        return Err(Refusal::new(
            Code::Internal,
            "Something is wrong on our side.",
        ));
    };
    let asked = if fields.is_text(field.name) {
        let one = fields.any_text(field.name)?;
        one.map(|one| vec![one])
    } else {
        fields.texts_up_to(field.name, 1)?
    };
    match asked.as_deref() {
        None => Ok(false),
        Some([one]) if one == known => Ok(true),
        Some(_) => Err(fields.invalid(field.name, &format!("can be `{known}` only"))),
    }
}
