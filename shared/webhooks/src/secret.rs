//! Signing secrets: `whsec_` and the base64 of 32 random bytes.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

const PREFIX: &str = "whsec_";

/// How many random bytes a secret is made of: 256 bits, as Standard Webhooks recommends at most
/// 64 bytes and at least 24.
pub const SECRET_BYTES: usize = 32;

/// A signing secret. It never shows in logs; [`Secret::reveal`] is for its owner alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret of these bytes, which must be random.
    #[must_use]
    pub fn from_random(bytes: [u8; SECRET_BYTES]) -> Secret {
        Secret(format!("{PREFIX}{}", STANDARD.encode(bytes)))
    }

    /// Reads a secret; `None` where it is not `whsec_` and base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Secret> {
        let decoded = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (!decoded.is_empty()).then(|| Secret(text.to_owned()))
    }

    /// The whole text: what the owner copies, and what keys `x-vinr-signature`.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The bytes that key the Standard Webhooks signature.
    pub(crate) fn decoded(&self) -> Vec<u8> {
        let encoded = self.0.strip_prefix(PREFIX).unwrap_or(&self.0);
        STANDARD.decode(encoded).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_hides() {
        let secret = Secret::from_random([7; SECRET_BYTES]);
        assert_eq!(Secret::parse(secret.reveal()), Some(secret.clone()));
        assert_eq!(secret.decoded(), [7; SECRET_BYTES]);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        for wrong in ["", "whsec_", "whsec_*", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(Secret::parse(wrong), None, "{wrong}");
        }
    }
}
