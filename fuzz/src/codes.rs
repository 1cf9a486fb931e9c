//! Codes of referrals and rewards, and other short texts that somebody types in.

use laurel_ledger::clicks;
use laurel_rules::{
    landing::Color,
    redemption::lookup_form,
    referral::{SUFFIX_LETTERS, code_form, code_name},
};
use laurel_webhooks::{Secret, target::Policy};

use crate::{check_key_part, check_refusal};

/// A code has one form, whatever its case and dashes; what somebody's name makes of one is one.
///
/// # Panics
/// Where that does not hold.
pub fn codes(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(form) = code_form(text) {
        check_key_part(&form);
        assert_eq!(code_form(&form).as_ref(), Some(&form), "{text}");
        let (first, rest) = form.split_at(form.len() / 2);
        let shown = format!(" {}-{rest} ", first.to_ascii_lowercase());
        assert_eq!(code_form(&shown), Some(form), "{text}");
    }
    match lookup_form("code", text) {
        Ok(form) => {
            check_key_part(&form);
            assert_eq!(lookup_form("code", &form), Ok(form), "{text}");
        }
        Err(refusal) => check_refusal(&refusal),
    }
    let suffix = "7".repeat(SUFFIX_LETTERS);
    for (name, prefix) in [(Some(text), None), (None, Some(text))] {
        let code = format!("{}-{suffix}", code_name(name, prefix));
        assert!(code_form(&code).is_some(), "{text} makes {code}");
    }
    if let Some(code) = clicks::claimed_code(text) {
        assert_eq!(
            code_form(&code).as_ref(),
            Some(&code).filter(|it| it.len() >= SUFFIX_LETTERS)
        );
    }
    if let Ok(color) = text.parse::<Color>() {
        assert_eq!(color.to_string(), text.to_ascii_lowercase());
    }
    if let Some(secret) = Secret::parse(text) {
        assert_eq!(secret.reveal(), text);
        assert!(!format!("{secret:?}").contains(text.trim_start_matches("whsec_")));
    }
    address(text);
}

/// Where a webhook may go is no address inside, however it is written.
fn address(text: &str) {
    let policy = Policy::default();
    let Ok(target) = policy.target(text) else {
        return;
    };
    for inside in [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
    ] {
        let inside = inside.parse().expect("an address");
        assert!(policy.check(&target, inside).is_err(), "{text} {inside}");
    }
}
