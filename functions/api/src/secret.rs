//! Texts that nobody can guess, and the stack's own secret.

use std::fmt;

use hmac::{Hmac, Mac};
use laurel_rules::{Code, Refusal};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// `length` random characters of 5 bits each.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn random_text(length: usize) -> Result<String, Refusal> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|problem| {
        tracing::error!(%problem, "the system gives no random numbers");
        Refusal::new(Code::Internal, "Something is wrong on our side; try again.")
    })?;
    // 256 is a multiple of 32, so every character is as likely as any other.
    let characters = bytes.iter().map(|byte| ALPHABET[usize::from(byte & 31)]);
    Ok(characters.map(char::from).collect())
}

/// Whether `text` consists of what [`random_text`] and ids are made of.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// SHA-256 of a key's text.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The stack's own secret key, which is there before any other: kept as its hash, and as a key
/// that is derived from it to sign with.
#[derive(Clone)]
pub struct ApiKey {
    hash: [u8; 32],
    signing: Hmac<Sha256>,
}

impl ApiKey {
    /// The key with this text.
    #[must_use]
    pub fn new(text: &str) -> ApiKey {
        let hash = hash(text);
        // What signs is another key than what is compared.
        let derived = Sha256::new()
            .chain_update("laurel signing key\0")
            .chain_update(text)
            .finalize();
        let padded: [u8; 64] = std::array::from_fn(|at| derived.get(at).copied().unwrap_or(0));
        ApiKey {
            hash,
            signing: Hmac::new(&padded.into()),
        }
    }

    /// Whether the hash is that of this key, in a time that tells nothing of either.
    pub(crate) fn is(&self, hash: &[u8; 32]) -> bool {
        hash.ct_eq(&self.hash).into()
    }

    /// The signature of a message: HMAC-SHA256 in hexadecimal digits.
    pub(crate) fn sign(&self, message: &str) -> String {
        let signed = self.signing.clone().chain_update(message);
        hex(&signed.finalize().into_bytes())
    }

    /// Whether it is the signature of a message, in a time that tells nothing of the right one.
    pub(crate) fn has_signed(&self, message: &str, signature: &str) -> bool {
        let right = self.sign(message);
        right.as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_key_is_the_key() {
        let key = ApiKey::new("sk_test_local");
        assert!(key.is(&hash("sk_test_local")));
        for other in [
            "",
            "sk_test_loca",
            "sk_test_locaL",
            "sk_test_local ",
            "sk_test_local\0",
        ] {
            assert!(!key.is(&hash(other)), "{other:?}");
        }
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
    }

    #[test]
    fn random_texts_are_plain_and_differ() {
        let [one, other] = [random_text(26), random_text(26)].map(|text| text.expect("random"));
        assert!(one.len() == 26 && is_plain(&one), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn signatures_stand_for_key_and_message() {
        let key = ApiKey::new("sk_1");
        let signature = key.sign("m");
        assert!(key.has_signed("m", &signature));
        assert!(!key.has_signed("n", &signature));
        assert!(!key.has_signed("m", &signature[1..]));
        assert!(!ApiKey::new("sk_2").has_signed("m", &signature));
    }
}
