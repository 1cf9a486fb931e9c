//! Both signatures of a delivery, and how to verify them.
//!
//! `x-vinr-signature: t=<unix>,v1=<hex>` is HMAC-SHA256 of `<unix>.<body>` keyed with the whole
//! secret as text; Standard Webhooks (<https://www.standardwebhooks.com>) signs
//! `<id>.<unix>.<body>` keyed with the decoded part of the secret, in base64. While a secret is
//! being rotated both name one signature per secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::Secret;

/// How far the time of a signature may be from the receiver's, in seconds.
pub const TOLERANCE_S: i64 = 300;

/// Why a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The header is not of its form.
    #[error("the signature header is malformed: it must be passed on as it came")]
    Malformed,
    /// It was signed too long ago, or will be.
    #[error("the timestamp is more than {TOLERANCE_S} s from now: a replay, or a wrong clock")]
    Mistimed,
    /// No signature fits.
    #[error(
        "no signature fits: check the secret, and that the body is the raw one rather than JSON \
         that was parsed and written again"
    )]
    Mismatch,
}

fn hmac(key: &[u8], parts: [&[u8]; 5]) -> [u8; 32] {
    // HMAC takes keys of any length, so there is nothing to fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn own(secret: &Secret, unix: &str, body: &[u8]) -> String {
    let key = secret.reveal().as_bytes();
    let bytes = hmac(key, [unix.as_bytes(), b".", body, b"", b""]);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn standard(secret: &Secret, id: &str, unix: &str, body: &[u8]) -> String {
    let parts = [id.as_bytes(), b".", unix.as_bytes(), b".", body];
    STANDARD.encode(hmac(&secret.decoded(), parts))
}

/// The value of `x-vinr-signature`.
#[must_use]
pub fn sign<'a>(secrets: impl IntoIterator<Item = &'a Secret>, unix_s: i64, body: &[u8]) -> String {
    let unix = unix_s.to_string();
    secrets
        .into_iter()
        .fold(format!("t={unix}"), |header, secret| {
            format!("{header},v1={}", own(secret, &unix, body))
        })
}

/// The value of `webhook-signature`.
#[must_use]
pub fn sign_standard<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    unix_s: i64,
    body: &[u8],
) -> String {
    let unix = unix_s.to_string();
    let each = secrets.into_iter();
    let each = each.map(|secret| format!("v1,{}", standard(secret, id, &unix, body)));
    each.collect::<Vec<_>>().join(" ")
}

/// Verifies `x-vinr-signature`, in a time that does not depend on where a signature differs.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify(secret: &Secret, header: &str, body: &[u8], now_s: i64) -> Result<(), VerifyError> {
    let mut unix = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", time)) if unix.is_none() => unix = Some(time),
            Some(("v1", signature)) => signatures.push(signature),
            // Another time is a forgery; another scheme is for another verifier.
            Some(("t", _)) | None => return Err(VerifyError::Malformed),
            Some(_) => {}
        }
    }
    let unix = unix.ok_or(VerifyError::Malformed)?;
    timely(unix, now_s)?;
    any_fits(&signatures, &own(secret, unix, body))
}

/// Verifies the three headers of Standard Webhooks.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_standard(
    secret: &Secret,
    id: &str,
    timestamp: &str,
    header: &str,
    body: &[u8],
    now_s: i64,
) -> Result<(), VerifyError> {
    timely(timestamp, now_s)?;
    let signatures: Vec<&str> = header
        .split(' ')
        .filter_map(|part| part.strip_prefix("v1,"))
        .collect();
    any_fits(&signatures, &standard(secret, id, timestamp, body))
}

fn timely(unix: &str, now_s: i64) -> Result<(), VerifyError> {
    let signed_s: i64 = unix.parse().map_err(|_| VerifyError::Malformed)?;
    // A number of which the text is the only spelling, since the text is what was signed.
    if signed_s.to_string() != unix {
        return Err(VerifyError::Malformed);
    }
    match now_s.checked_sub(signed_s).and_then(i64::checked_abs) {
        Some(apart_s) if apart_s <= TOLERANCE_S => Ok(()),
        _ => Err(VerifyError::Mistimed),
    }
}

fn any_fits(signatures: &[&str], expected: &str) -> Result<(), VerifyError> {
    if signatures.is_empty() {
        return Err(VerifyError::Malformed);
    }
    let fits = signatures.iter().fold(Choice::from(0), |fits, signature| {
        fits | signature.as_bytes().ct_eq(expected.as_bytes())
    });
    match bool::from(fits) {
        true => Ok(()),
        false => Err(VerifyError::Mismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vector of Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const UNIX: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const PUBLISHED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> Secret {
        Secret::parse(SECRET).expect("a secret")
    }

    #[test]
    fn the_published_vector() {
        let secret = secret();
        assert_eq!(sign_standard([&secret], ID, UNIX, BODY), PUBLISHED);
        let unix = UNIX.to_string();
        assert_eq!(
            verify_standard(&secret, ID, &unix, PUBLISHED, BODY, UNIX),
            Ok(())
        );
    }

    #[test]
    fn our_own_scheme_against_a_known_answer() {
        // openssl dgst -sha256 -hmac whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
        let header = sign([&secret()], UNIX, BODY);
        assert_eq!(
            header,
            "t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964"
        );
        assert_eq!(verify(&secret(), &header, BODY, UNIX), Ok(()));
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let secret = secret();
        let own = sign([&secret], UNIX, BODY);
        let unix = UNIX.to_string();
        for place in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[place] ^= 1;
            assert!(verify(&secret, &own, &body, UNIX).is_err());
            assert!(verify_standard(&secret, ID, &unix, PUBLISHED, &body, UNIX).is_err());
        }
        let flipped = |text: &str, place: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] ^= 1;
            String::from_utf8(bytes).ok()
        };
        for place in 0..own.len() {
            let Some(header) = flipped(&own, place) else {
                continue;
            };
            assert!(verify(&secret, &header, BODY, UNIX).is_err(), "{header}");
        }
        for place in 0..PUBLISHED.len() {
            let Some(header) = flipped(PUBLISHED, place) else {
                continue;
            };
            let verified = verify_standard(&secret, ID, &unix, &header, BODY, UNIX);
            assert!(verified.is_err(), "{header}");
        }
        for place in 0..ID.len() {
            let id = flipped(ID, place).expect("text");
            assert!(verify_standard(&secret, &id, &unix, PUBLISHED, BODY, UNIX).is_err());
        }
    }

    #[test]
    fn times_table() {
        let secret = secret();
        let at =
            |signed_s: i64, now_s| verify(&secret, &sign([&secret], signed_s, BODY), BODY, now_s);
        let late = Err(VerifyError::Mistimed);
        for (signed_s, now_s, expected) in [
            (UNIX, UNIX + 300, Ok(())),
            (UNIX, UNIX - 300, Ok(())),
            (UNIX, UNIX + 301, late),
            (UNIX, UNIX - 301, late),
            (i64::MIN, UNIX, late),
            (i64::MAX, -2, late),
            (i64::MIN, i64::MAX, late),
            (0, i64::MIN, late),
        ] {
            assert_eq!(at(signed_s, now_s), expected, "{signed_s} {now_s}");
        }
    }

    #[test]
    fn malformed_headers_table() {
        let secret = secret();
        let good = sign([&secret], UNIX, BODY);
        let (time, signature) = good.split_once(',').expect("two parts");
        for header in [
            "".to_owned(),
            time.to_owned(),
            signature.to_owned(),
            format!("{time},{time},{signature}"),
            format!("t=,{signature}"),
            format!("t=0{UNIX},{signature}"),
            format!("t=+{UNIX},{signature}"),
            format!("t=99999999999999999999,{signature}"),
            format!("{good},x"),
        ] {
            let verified = verify(&secret, &header, BODY, UNIX);
            assert_eq!(verified, Err(VerifyError::Malformed), "{header}");
        }
        let unknown = format!("{good},v9=zz");
        assert_eq!(
            verify(&secret, &unknown, BODY, UNIX),
            Ok(()),
            "schemes to come"
        );
        let unix = UNIX.to_string();
        for header in ["", "v1", "v2,abc", "g0hM9SsE"] {
            let verified = verify_standard(&secret, ID, &unix, header, BODY, UNIX);
            assert_eq!(verified, Err(VerifyError::Malformed), "{header}");
        }
    }

    #[test]
    fn during_a_rotation_either_secret_verifies() {
        let other = Secret::from_random([3; 32]);
        let (old, stranger) = (secret(), Secret::from_random([4; 32]));
        let own = sign([&other, &old], UNIX, BODY);
        let standard = sign_standard([&other, &old], ID, UNIX, BODY);
        let unix = UNIX.to_string();
        let verified = |by: &Secret| {
            (
                verify(by, &own, BODY, UNIX).is_ok(),
                verify_standard(by, ID, &unix, &standard, BODY, UNIX).is_ok(),
            )
        };
        assert_eq!(verified(&old), (true, true));
        assert_eq!(verified(&other), (true, true));
        assert_eq!(verified(&stranger), (false, false));
    }
}
