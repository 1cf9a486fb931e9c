//! How a program's landing page looks, and what it says (spec section 4, "Landing page").

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

/// A program's settings for its landing page; each may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LandingSettings {
    /// The colour of what matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent_color: Option<Color>,
    /// The ISO 4217 code of the currency that the least first payment is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Wording>,
    /// What stands below the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Wording>,
    /// What is on the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Wording>,
}

/// A language that the page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English, for whoever wants none of the others.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 4] = [Language::En, Language::De, Language::Fr, Language::Es];

    /// Its ISO 639 code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
            Language::Es => "es",
        }
    }
}

/// A text of the operator's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wording {
    /// One for every visitor.
    Same(String),
    /// One for each language; the page has words of its own for those that are absent.
    ByLanguage(BTreeMap<Language, String>),
}

impl Wording {
    /// What it says to a visitor who reads `language`.
    #[must_use]
    pub fn for_reader(&self, language: Language) -> Option<&str> {
        match self {
            Wording::Same(text) => Some(text),
            Wording::ByLanguage(texts) => texts.get(&language).map(String::as_str),
        }
    }
}

/// A colour in sRGB, written as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub channels: [u8; 3],
}

/// A text is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoColor;

impl FromStr for Color {
    type Err = NoColor;

    fn from_str(text: &str) -> Result<Color, NoColor> {
        let digits = text.strip_prefix('#').ok_or(NoColor)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoColor);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| NoColor)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Color {
            channels: [red, green, blue],
        })
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.channels;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Color {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Color, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|NoColor| de::Error::custom("a colour is written as #rrggbb"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_six_digits() {
        for (text, written) in [("#0a7F3c", "#0a7f3c"), ("#FFFFFF", "#ffffff")] {
            let color: Color = text.parse().expect("a colour");
            assert_eq!(color.to_string(), written);
        }
        for wrong in [
            "", "#", "#fff", "0a7f3c", "#0a7f3c0", "#0a7f3é", "#+a7f3c", "#gggggg", "red",
        ] {
            assert_eq!(wrong.parse::<Color>(), Err(NoColor), "{wrong}");
        }
    }

    #[test]
    fn wordings_are_one_or_by_language() {
        let read = |text: &str| serde_json::from_str::<Wording>(text).expect("a wording");
        let same = read("\"Hi\"");
        let by_language = read("{\"de\": \"Hallo\"}");
        assert_eq!(same.for_reader(Language::Fr), Some("Hi"));
        assert_eq!(by_language.for_reader(Language::De), Some("Hallo"));
        assert_eq!(by_language.for_reader(Language::En), None);
        assert!(serde_json::from_str::<Wording>("{\"it\": \"Ciao\"}").is_err());
    }
}
