//! Which key a text is. Stored keys are remembered for a little while, so that a request costs no
//! read; revocation works as soon as every process has forgotten.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use laurel_host::Mode;
use laurel_ledger::{Error, KeyKind, Ledger};
use laurel_planted::{Bug, is};
use laurel_rules::{Code, Refusal};
use subtle::ConstantTimeEq;

use crate::{
    caller::Caller,
    error::ApiError,
    secret::{self, ApiKey},
};

/// How long a key, or that there is none, is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(30);
/// How many texts are remembered at the most; beyond it all are forgotten.
const TEXTS_MAX: usize = 1_000;

/// What ids of keys begin with.
pub(crate) const KEY_PREFIX: &str = "key_";
/// The characters of an id after its prefix, and those of the secret after the id: of 5 bits each,
/// so that the secret has 130 random bits.
const ID_LEN: usize = 26;
const SECRET_LEN: usize = 26;

/// What was found out about a text, and when.
#[derive(Clone)]
struct Finding {
    since: Timestamp,
    /// Its bearer; none where it is no key.
    caller: Option<Caller>,
}

/// All keys.
pub(crate) struct Keyring {
    root: ApiKey,
    mode: Mode,
    remembered: Mutex<HashMap<[u8; 32], Finding>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

/// What the texts of keys begin with.
pub(crate) fn prefix(kind: KeyKind, mode: Mode) -> &'static str {
    match (kind, mode) {
        (KeyKind::Secret, Mode::Live) => "sk_live_",
        (KeyKind::Secret, Mode::Sandbox) => "sk_test_",
        (KeyKind::Restricted, Mode::Live) => "rk_live_",
        (KeyKind::Restricted, Mode::Sandbox) => "rk_test_",
        (KeyKind::Publishable, Mode::Live) => "pk_live_",
        (KeyKind::Publishable, Mode::Sandbox) => "pk_test_",
    }
}

/// A new text for the key with this id: the id lets the key be found, the rest is its secret.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn new_text(kind: KeyKind, mode: Mode, id: &str) -> Result<String, Refusal> {
    let id = id.strip_prefix(KEY_PREFIX).unwrap_or(id);
    let secret = secret::random_text(SECRET_LEN)?;
    Ok(format!("{}{id}{secret}", prefix(kind, mode)))
}

/// The id in the text of a key, where it has the form of one of this mode.
fn id_in(text: &str, mode: Mode) -> Option<String> {
    let kinds = [KeyKind::Secret, KeyKind::Restricted, KeyKind::Publishable];
    let rest = kinds
        .into_iter()
        .find_map(|kind| text.strip_prefix(prefix(kind, mode)))?;
    (rest.len() == ID_LEN + SECRET_LEN && secret::is_plain(rest))
        .then(|| format!("{KEY_PREFIX}{}", &rest[..ID_LEN]))
}

impl Keyring {
    pub(crate) fn new(root: ApiKey, mode: Mode) -> Keyring {
        Keyring {
            root,
            mode,
            remembered: Mutex::default(),
        }
    }

    /// Whose key a text is.
    ///
    /// # Errors
    /// `api_key_invalid`, the same for whatever is wrong with it; that of a table that does not
    /// answer.
    pub(crate) async fn caller(&self, ledger: &Ledger, text: &str) -> Result<Caller, ApiError> {
        let hash = secret::hash(text);
        if self.root.is(&hash) {
            return Ok(Caller::root());
        }
        // What has not the form of a key is none: nothing is asked of the table.
        let Some(id) = id_in(text, self.mode) else {
            return Err(invalid().into());
        };
        let now = ledger.now();
        let found = match self.recall(&hash, now) {
            Some(known) => known,
            None => {
                let caller = look_up(ledger, &id, &hash).await?;
                let found = Finding { since: now, caller };
                self.remember(hash, found.clone());
                found
            }
        };
        found.caller.ok_or_else(|| invalid().into())
    }

    fn recall(&self, hash: &[u8; 32], now: Timestamp) -> Option<Finding> {
        let remembered = self.remembered.lock();
        let remembered = remembered.unwrap_or_else(PoisonError::into_inner);
        let known = remembered.get(hash)?;
        // A clock that was set back must not make memory longer.
        let age = now.duration_since(known.since);
        (SignedDuration::ZERO <= age && age < REMEMBERED).then(|| known.clone())
    }

    fn remember(&self, hash: [u8; 32], found: Finding) {
        let remembered = self.remembered.lock();
        let mut remembered = remembered.unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= TEXTS_MAX {
            remembered.clear();
        }
        remembered.insert(hash, found);
    }
}

async fn look_up(ledger: &Ledger, id: &str, hash: &[u8; 32]) -> Result<Option<Caller>, Error> {
    let key = match ledger.key(id).await {
        Ok(key) => key,
        Err(Error::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_right: bool = secret::hex(hash)
        .as_bytes()
        .ct_eq(key.hash.as_bytes())
        .into();
    let is_in_use = key.revoked_at.is_none() || is(Bug::RevokedKeysWork);
    Ok((is_right && is_in_use).then(|| Caller::bearer(key)))
}

fn invalid() -> Refusal {
    let message = "There is no such API key, or it was revoked.";
    Refusal::new(Code::ApiKeyInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lead_to_their_keys() {
        let id = "key_01234567890123456789abcdef";
        for kind in [KeyKind::Secret, KeyKind::Restricted, KeyKind::Publishable] {
            for (mode, other) in [(Mode::Live, Mode::Sandbox), (Mode::Sandbox, Mode::Live)] {
                let text = new_text(kind, mode, id).expect("a text");
                assert_eq!(id_in(&text, mode).as_deref(), Some(id), "{text}");
                assert_eq!(id_in(&text, other), None, "{text}");
                assert_eq!(id_in(&text[1..], mode), None);
                assert_eq!(id_in(&text[..text.len() - 1], mode), None);
                assert_eq!(id_in(&format!("{text}0"), mode), None);
                assert_eq!(id_in(&text.to_uppercase(), mode), None);
            }
        }
        assert_eq!(id_in("sk_test_é", Mode::Sandbox), None);
    }
}
