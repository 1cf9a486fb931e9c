//! What hides kept answers from whoever reads the table: they hold secrets that are told once,
//! and people's data that may have been erased since.
//!
//! They are sealed with ChaCha20-Poly1305 under a key that follows from the text of the caller's
//! API key, which is stored nowhere. Digests of requests are keyed alike, so that nobody can
//! find out by guessing what was asked.

use std::fmt;

use hmac::{Hmac, Mac};
use laurel_rules::{Code, Refusal};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::secret::hex;

/// Seals what is kept for the bearer of one API key.
#[derive(Clone)]
pub(crate) struct Sealer {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// That of the API key with this text.
    pub(crate) fn of(text: &str) -> Sealer {
        let derived = Sha256::new().chain_update("laurel kept answers\0");
        let derived = derived.chain_update(text).finalize();
        let padded: [u8; 64] = std::array::from_fn(|at| derived.get(at).copied().unwrap_or(0));
        Sealer {
            keyed: Hmac::new(&padded.into()),
        }
    }

    /// What stands for these parts, in hexadecimal digits: the same for the same only.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> String {
        let mut digest = self.keyed.clone().chain_update("digest\0");
        for part in parts {
            // With their lengths, so that no two run together to the same bytes.
            digest.update(&part.len().to_be_bytes());
            digest.update(part);
        }
        hex(&digest.finalize().into_bytes())
    }

    /// Seals `plain`, to be opened with the same `about` only.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn seal(&self, about: &str, plain: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|problem| broken(&problem))?;
        let mut sealed = plain.to_vec();
        let key = self
            .key(about)
            .ok_or_else(|| broken(&"a key of another size"))?;
        let whole = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(whole, Aad::empty(), &mut sealed)
            .map_err(|problem| broken(&problem))?;
        sealed.extend(nonce);
        Ok(sealed)
    }

    /// What was sealed; `None` where that was done with another key, or about something else.
    pub(crate) fn open(&self, about: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (sealed, nonce) = sealed.split_last_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = self.key(about)?;
        let plain = key.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
        Some(plain.to_vec())
    }

    /// One key for each thing that is kept, so that few nonces are ever drawn for it.
    fn key(&self, about: &str) -> Option<LessSafeKey> {
        let derived = self
            .keyed
            .clone()
            .chain_update("seal\0")
            .chain_update(about);
        let derived = derived.finalize().into_bytes();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &derived).ok()?;
        Some(LessSafeKey::new(key))
    }
}

fn broken(problem: &dyn fmt::Display) -> Refusal {
    tracing::error!(%problem, "nothing can be sealed");
    Refusal::new(Code::Internal, "Something is wrong on our side; try again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_the_same_thing() {
        let sealer = Sealer::of("sk_1");
        let sealed = sealer.seal("a", b"secret").expect("random numbers");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(sealer.open("a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealer.open("b", &sealed), None);
        assert_eq!(Sealer::of("sk_2").open("a", &sealed), None);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(sealer.open("a", &changed), None, "{place}");
        }
        for short in [&b""[..], &[0; NONCE_LEN], &[0; NONCE_LEN + 15]] {
            assert_eq!(sealer.open("a", short), None);
        }
        let again = sealer.seal("a", b"secret").expect("random numbers");
        assert_ne!(again, sealed);
        let empty = sealer.seal("a", b"").expect("random numbers");
        assert_eq!(sealer.open("a", &empty).as_deref(), Some(&b""[..]));
    }

    #[test]
    fn digests_stand_for_key_and_parts() {
        let digest = Sealer::of("sk_1").digest(&[b"ab", b"c"]);
        assert_eq!(Sealer::of("sk_1").digest(&[b"ab", b"c"]), digest);
        assert_ne!(Sealer::of("sk_1").digest(&[b"a", b"bc"]), digest);
        assert_ne!(Sealer::of("sk_2").digest(&[b"ab", b"c"]), digest);
    }
}
