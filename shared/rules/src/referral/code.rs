//! Codes that members share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Qualify, ReferralReward};

/// What codes end with: digits and capitals that no two of are taken for each other.
pub const CODE_LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// How many of these a code ends with (spec section 4).
pub const SUFFIX_LETTERS: usize = 4;
/// How many at most, should the shorter ones be taken.
pub const SUFFIX_LETTERS_MAX: usize = 8;
/// How many characters of a name a code takes.
const NAME_LEN_MAX: usize = 10;
/// How long a code may be that somebody types in, without dashes.
const CODE_LEN_MAX: usize = 32;
/// What a code begins with where neither the member nor the program says it.
const NAME_DEFAULT: &str = "FRIEND";

/// A member's code: the `pending` referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralCode {
    /// `ref_…`.
    pub id: String,
    /// The code as it is shown: `ANNA-7F3K`.
    pub code: String,
    /// The program.
    pub program: String,
    /// The member who shares it.
    pub account: String,
    /// What both sides get, where that is not as the program has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<ReferralReward>,
    /// What the referee must do, where that is not as the program has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualify: Option<Qualify>,
    /// When it was made.
    pub created: Timestamp,
    /// Grows with each write.
    pub version: u64,
}

/// The form in which a code is looked up: capitals and digits without dashes. `None` for what can
/// be no code.
#[must_use]
pub fn code_form(text: &str) -> Option<String> {
    if text.len() > 2 * CODE_LEN_MAX {
        return None;
    }
    let plain: String = text
        .trim()
        .chars()
        .filter(|letter| *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let is_fine = (SUFFIX_LETTERS..=CODE_LEN_MAX).contains(&plain.len())
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_fine.then_some(plain)
}

/// What a code begins with: the first word of the member's name in plain capitals, else the
/// program's prefix. `name` is the name with accents taken off.
#[must_use]
pub fn code_name(name: Option<&str>, prefix: Option<&str>) -> String {
    let word = |text: &str| {
        let letters = text
            .split_whitespace()
            .map(|word| {
                word.chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|letter| letter.to_ascii_uppercase())
                    .take(NAME_LEN_MAX)
                    .collect::<String>()
            })
            .find(|word| !word.is_empty());
        letters.filter(|word| word.len() > 1)
    };
    name.and_then(word)
        .or_else(|| prefix.and_then(word))
        .unwrap_or_else(|| NAME_DEFAULT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_code_table() {
        let table = [
            ("ANNA-7F3K", Some("ANNA7F3K")),
            (" anna7f3k ", Some("ANNA7F3K")),
            ("a-n-n-a", Some("ANNA")),
            ("abc", None),
            ("", None),
            ("ANNA#7F3K", None),
            ("ANNA 7F3K", None),
            ("ANNÄ-7F3K", None),
            ("A123456789012345678901234567890123", None),
        ];
        for (text, expected) in table {
            assert_eq!(code_form(text).as_deref(), expected, "{text}");
        }
        assert_eq!(code_form(&"-".repeat(10_000)), None);
    }

    #[test]
    fn what_a_code_begins_with_table() {
        let table = [
            (Some("Anna Smith"), None, "ANNA"),
            (Some("  anna"), Some("SHOP"), "ANNA"),
            (Some("Bartholomew-James"), None, "BARTHOLOME"),
            (Some("?!"), Some("shop"), "SHOP"),
            (Some("J Doe"), None, "FRIEND"),
            (None, Some("my-shop"), "MYSHOP"),
            (None, None, "FRIEND"),
        ];
        for (name, prefix, expected) in table {
            assert_eq!(code_name(name, prefix), expected, "{name:?} {prefix:?}");
        }
    }
}
