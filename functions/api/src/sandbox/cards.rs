//! The cards of the sandbox: their numbers say what comes of a payment.

use laurel_rules::Refusal;

use crate::{
    fields::{Field, Fields, Kind, Shape},
    shape::words,
};

/// A card that the sandbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TestCard {
    pub(super) brand: &'static str,
    /// Why payments with it fail; they complete where absent.
    pub(super) failure_code: Option<&'static str>,
}

const fn card(brand: &'static str, failure_code: Option<&'static str>) -> TestCard {
    TestCard {
        brand,
        failure_code,
    }
}

/// The cards by their numbers, which are those of Stripe's test mode.
const CARDS: [(&str, TestCard); 7] = [
    ("4242424242424242", card("visa", None)),
    ("5555555555554444", card("mastercard", None)),
    ("378282246310005", card("amex", None)),
    ("4000000000000002", card("visa", Some("card_declined"))),
    ("4000000000009995", card("visa", Some("insufficient_funds"))),
    ("4000000000000069", card("visa", Some("expired_card"))),
    ("4000000000000119", card("visa", Some("processing_error"))),
];

/// A card as a payment names it.
#[derive(Debug)]
pub(super) struct Paid {
    pub(super) number: &'static str,
    pub(super) card: TestCard,
    /// A fingerprint in place of the number's, so that one number can stand for many cards.
    pub(super) fingerprint: Option<String>,
}

/// The field, for shapes.
pub(super) const CARD: Field = Field::new(
    "card",
    Kind::AnyOf(&[Kind::Object(&DETAILS), NUMBER]),
    "The card, or its number alone. 4242424242424242 completes, 4000000000000002 is declined; \
     spaces and hyphens do not count.",
)
.example("{\"number\": \"4242424242424242\"}");

const NUMBER: Kind = Kind::Choice(&words(&CARDS));

// What a checkout sends beside the number is taken and not looked at.
const DETAILS: Shape = Shape::of(
    "`card`",
    &[
        Field::new("number", NUMBER, "The number.").required(),
        Field::new("exp_month", Kind::Whole(1, 12), "Not looked at."),
        Field::new("exp_year", Kind::Whole(0, 9999), "Not looked at."),
        Field::new("cvc", Kind::AnyText, "Not looked at."),
        Field::new(
            "fingerprint",
            Kind::Id,
            "In place of the number's own, so that one number stands for many cards.",
        ),
    ],
);

/// Reads how a payment is paid: `card: {number}`, or the number as `card`.
///
/// # Errors
/// `parameter_missing`, `parameter_invalid`, `parameter_unknown`.
pub(super) fn paid(fields: &mut Fields) -> Result<Paid, Refusal> {
    if fields.is_text("card") {
        let number = fields.any_text("card")?.unwrap_or_default();
        return by_number("card", &number, None);
    }
    let Some(mut card) = fields.object("card", &DETAILS)? else {
        return Err(Refusal::missing("card.number"));
    };
    for ignored in ["exp_month", "exp_year", "cvc"] {
        card.value(ignored)?;
    }
    let fingerprint = card.id("fingerprint")?;
    let number = card.required("number", Fields::any_text)?;
    by_number("card.number", &number, fingerprint)
}

fn by_number(param: &str, text: &str, fingerprint: Option<String>) -> Result<Paid, Refusal> {
    let digits: String = text.chars().filter(|c| !" -".contains(*c)).collect();
    let known = CARDS.iter().find(|(number, _)| *number == digits);
    let (number, card) = known.ok_or_else(|| unknown(param))?;
    Ok(Paid {
        number,
        card: *card,
        fingerprint,
    })
}

/// The number itself is not repeated: somebody may have sent a real one.
fn unknown(param: &str) -> Refusal {
    let cards = CARDS.iter().map(|(number, card)| {
        let what = card.failure_code.unwrap_or("completes");
        format!("{number} ({what})")
    });
    let cards: Vec<String> = cards.collect();
    let message = format!(
        "`{param}` must be a test card; the sandbox knows {}. Never send it a real one.",
        cards.join(", ")
    );
    Refusal::invalid(param, message)
}
