//! What a program says of its landing page (spec section 4, "Landing page").

use std::collections::BTreeMap;

use laurel_rules::{
    Refusal,
    landing::{Color, LandingSettings, Language, Wording},
};

use crate::fields::{Field, Fields, Kind, Shape};

/// How the page looks and what it says.
pub(super) const LANDING: Field = Field::new(
    "landing",
    Kind::Object(&PAGE),
    "How the page looks that shared links lead to, and what it says there.",
)
.example("{\"accent_color\": \"#0b6e4f\", \"title\": {\"en\": \"A gift for you\"}}")
.nullable();

const PAGE: Shape = Shape::of(
    "`landing`",
    &[
        Field::new(
            "accent_color",
            Kind::Pattern("^#[0-9A-Fa-f]{6}$"),
            "The colour of the button. What is written on it is black or white, whichever is read \
             better.",
        )
        .example("#0b6e4f")
        .nullable(),
        Field::new(
            "currency",
            Kind::Text("iso-4217"),
            "The currency of `firstPaymentMinimum`, ISO 4217; that of the reward or of \
             `redeem_rate` where null. Without any the page names no amount.",
        )
        .example("EUR")
        .nullable(),
        Field::new(
            "title",
            WORDING,
            "The heading: one for all visitors, or one for each language.",
        )
        .nullable(),
        Field::new("text", WORDING, "What stands below the heading.").nullable(),
        Field::new("button", WORDING, "What is on the button.").nullable(),
    ],
);

const WORDING: Kind = Kind::AnyOf(&[Kind::Text(""), Kind::Object(&BY_LANGUAGE)]);
const BY_LANGUAGE: Shape = Shape::of(
    "a text by language",
    &[
        Field::new("en", Kind::Text(""), "English."),
        Field::new("de", Kind::Text(""), "German."),
        Field::new("fr", Kind::Text(""), "French."),
        Field::new("es", Kind::Text(""), "Spanish."),
    ],
);

/// Reads the settings of the landing page.
pub(super) fn landing(fields: &mut Fields, name: &str) -> Result<Option<LandingSettings>, Refusal> {
    let Some(mut page) = fields.object(name, &PAGE)? else {
        return Ok(None);
    };
    Ok(Some(LandingSettings {
        accent_color: page.nullable("accent_color", color)?.flatten(),
        currency: page.nullable("currency", Fields::currency)?.flatten(),
        title: page.nullable("title", wording)?.flatten(),
        text: page.nullable("text", wording)?.flatten(),
        button: page.nullable("button", wording)?.flatten(),
    }))
}

fn color(fields: &mut Fields, name: &str) -> Result<Option<Color>, Refusal> {
    let wrong = fields.invalid(name, "must be a colour as \"#0b6e4f\"");
    let text = fields.any_text(name)?;
    text.map(|text| text.parse()).transpose().map_err(|_| wrong)
}

fn wording(fields: &mut Fields, name: &str) -> Result<Option<Wording>, Refusal> {
    if fields.is_text(name) {
        return Ok(fields.text(name)?.map(Wording::Same));
    }
    let Some(mut given) = fields.object(name, &BY_LANGUAGE)? else {
        return Ok(None);
    };
    let mut texts = BTreeMap::new();
    for language in Language::ALL {
        if let Some(text) = given.text(language.as_str())? {
            texts.insert(language, text);
        }
    }
    Ok((!texts.is_empty()).then_some(Wording::ByLanguage(texts)))
}
