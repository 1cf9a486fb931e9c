//! Clicks on a referral's link (spec section 4, "Attribution").
//!
//! A visit of the landing page is told to the storefront as a token, which tells the ledger later
//! whose code was opened and when. Nothing is stored for it: the token is signed under the
//! program's secret salt, with a key of its own, so that it stands for the program's codes only.
//!
//! In base64 for URLs: a byte for the version, the instant in milliseconds (8 bytes, the highest
//! first), 8 random bytes, the code without its dash, and the first 16 bytes of an HMAC-SHA256 over
//! all of these.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use laurel_planted::{Bug, is};
use laurel_rules::Program;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Ledger;

/// How long a click is good for.
pub const CLICK_HOURS: i64 = 24;
/// How far the clock of the machine that saw the click may be ahead.
const AHEAD_MAX_MS: i64 = 5 * 60 * 1000;
const CLICK_MS: i64 = CLICK_HOURS * 60 * 60 * 1000;

const VERSION: u8 = 1;
const AT_END: usize = 9;
const NONCE_END: usize = 17;
const SIGNATURE_LEN: usize = 16;
const CODE_LEN_MAX: usize = 32;
const TOKEN_LEN_MAX: usize = (NONCE_END + CODE_LEN_MAX + SIGNATURE_LEN).div_ceil(3) * 4;

/// That a code's page was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The code, in capitals and without dashes.
    pub code: String,
    /// When, in the program's time.
    pub at: Timestamp,
}

/// A token that says that the page of `code`, as it is shown, was opened `at`, in the program's
/// time. It consists of letters, digits, `-` and `_`.
#[must_use]
pub fn token(program: &Program, code: &str, at: Timestamp) -> String {
    let nonce = Uuid::new_v4().into_bytes();
    let mut bytes = vec![VERSION];
    bytes.extend(at.as_millisecond().to_be_bytes());
    // Of a random UUID the last eight bytes are random but for two bits.
    bytes.extend(&nonce[8..]);
    bytes.extend(code.bytes().filter(|byte| *byte != b'-'));
    let signature = signing(program)
        .chain_update(&bytes)
        .finalize()
        .into_bytes();
    bytes.extend(&signature[..SIGNATURE_LEN]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The code that a token speaks of, on its own word: it finds the program by which the token is
/// then verified. None for what is no token.
#[must_use]
pub fn claimed_code(token: &str) -> Option<String> {
    Parts::of(&decoded(token)?).map(|parts| parts.code.to_owned())
}

/// The click that a token proves to `program` as of `now`, in the program's time. None where the
/// token is forged, older than [`CLICK_HOURS`], from the future, or another program's.
#[must_use]
pub fn verify(program: &Program, token: &str, now: Timestamp) -> Option<Click> {
    let bytes = decoded(token)?;
    let parts = Parts::of(&bytes)?;
    let signed = signing(program).chain_update(parts.signed);
    // In a time that tells nothing of the right signature.
    let is_signed = signed.verify_truncated_left(parts.signature).is_ok();
    if !is_signed && !is(Bug::AnyClick) {
        return None;
    }
    let age_ms = now.as_millisecond().checked_sub(parts.at_ms)?;
    if !(-AHEAD_MAX_MS..CLICK_MS).contains(&age_ms) {
        return None;
    }
    Some(Click {
        code: parts.code.to_owned(),
        at: Timestamp::from_millisecond(parts.at_ms).ok()?,
    })
}

impl Ledger {
    /// The token of a click on `code`, as it is shown, that happens now.
    #[must_use]
    pub fn click_token(&self, program: &Program, code: &str) -> String {
        token(program, code, self.now_in(program))
    }

    /// The click that a token proves to `program` by now: see [`verify`].
    #[must_use]
    pub fn verify_click(&self, program: &Program, token: &str) -> Option<Click> {
        verify(program, token, self.now_in(program))
    }
}

/// What is in a token, unverified.
struct Parts<'a> {
    signed: &'a [u8],
    at_ms: i64,
    code: &'a str,
    signature: &'a [u8],
}

impl Parts<'_> {
    fn of(bytes: &[u8]) -> Option<Parts<'_>> {
        let (signed, signature) =
            bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE_LEN)?)?;
        let at_ms = signed.get(1..AT_END)?.try_into().ok()?;
        let code = std::str::from_utf8(signed.get(NONCE_END..)?).ok()?;
        let is_code = (1..=CODE_LEN_MAX).contains(&code.len())
            && code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        (signed[0] == VERSION && is_code).then_some(Parts {
            signed,
            at_ms: i64::from_be_bytes(at_ms),
            code,
            signature,
        })
    }
}

fn decoded(token: &str) -> Option<Vec<u8>> {
    (token.len() <= TOKEN_LEN_MAX)
        .then(|| URL_SAFE_NO_PAD.decode(token).ok())
        .flatten()
}

/// The salt makes other things too, so that what signs clicks is a key of its own.
fn signing(program: &Program) -> Hmac<Sha256> {
    let derived = Sha256::new()
        .chain_update("laurel referral click\0")
        .chain_update(&program.salt)
        .finalize();
    let padded: [u8; 64] = std::array::from_fn(|at| derived.get(at).copied().unwrap_or(0));
    Hmac::new(&padded.into())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn program(salt: &str) -> Program {
        Program::new("prog_a", salt, at("2026-01-01T00:00:00Z"))
    }

    fn noon() -> Timestamp {
        at("2026-11-20T12:00:00.123Z")
    }

    #[test]
    fn a_click_is_good_for_a_day() {
        let program = program("salt");
        let token = token(&program, "ANNA-7F3K", noon());
        assert_eq!(claimed_code(&token).as_deref(), Some("ANNA7F3K"));
        let day = SignedDuration::from_hours(CLICK_HOURS);
        let (moment, ahead) = (SignedDuration::from_millis(1), SignedDuration::from_mins(5));
        let table = [
            (noon(), true),
            (noon() - ahead, true),
            (noon() - ahead - moment, false),
            (noon() + day - moment, true),
            (noon() + day, false),
            (Timestamp::MAX, false),
            (Timestamp::MIN, false),
        ];
        for (now, is_good) in table {
            let click = verify(&program, &token, now);
            let expected = is_good.then(|| Click {
                code: "ANNA7F3K".to_owned(),
                at: noon(),
            });
            assert_eq!(click, expected, "{now}");
        }
    }

    #[test]
    fn what_is_forged_or_anothers_is_none() {
        let ours = program("salt");
        let good = token(&ours, "ANNA7F3K", noon());
        assert_eq!(verify(&program("pepper"), &good, noon()), None);
        assert_ne!(good, token(&ours, "ANNA7F3K", noon()), "each is its own");
        for place in 0..good.len() {
            for with in ["A", "-", "=", "é", " ", "\0"] {
                let mut text = good.clone();
                text.replace_range(place..=place, with);
                if text != good {
                    assert_eq!(verify(&ours, &text, noon()), None, "{text}");
                }
            }
            assert_eq!(verify(&ours, &good[..place], noon()), None);
        }
        let long = "A".repeat(100_000);
        let longer = format!("{good}A");
        for text in ["", "A", "====", "../..", &long, &longer] {
            assert_eq!(verify(&ours, text, noon()), None, "{text}");
            assert_eq!(claimed_code(text), None, "{text}");
        }
    }

    /// A signature of the right key over an instant at the end of time overflows nothing.
    #[test]
    fn instants_beyond_all_time_are_none() {
        let ours = program("salt");
        for at_ms in [i64::MIN, i64::MAX, 0] {
            let mut bytes = vec![VERSION];
            bytes.extend(at_ms.to_be_bytes());
            bytes.extend([0; 8]);
            bytes.extend(b"ANNA7F3K");
            let signature = signing(&ours).chain_update(&bytes).finalize().into_bytes();
            bytes.extend(&signature[..SIGNATURE_LEN]);
            let text = URL_SAFE_NO_PAD.encode(bytes);
            assert_eq!(verify(&ours, &text, noon()), None, "{at_ms}");
        }
    }
}
