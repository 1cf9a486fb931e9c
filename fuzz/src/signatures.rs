//! Signatures: of webhooks, of member tokens, of clicks.

use std::sync::LazyLock;

use api::{ApiKey, member_tokens};
use laurel_host::Mode;
use laurel_ledger::clicks;
use laurel_rules::Program;
use laurel_webhooks::{Secret, signature};

use crate::{NOW, check_key_part};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ACCOUNT: &str = "loy_a.b";
const CODE: &str = "ANNA-7F3K";

static PROGRAM: LazyLock<Program> = LazyLock::new(|| Program::new("prog_a", "salt", *NOW));
static KEY: LazyLock<ApiKey> = LazyLock::new(|| ApiKey::new("sk_test_fuzzed"));

/// Only what was signed verifies. An input is an id, a time, a header and a body, each on a line of
/// its own but the last; where it says `{own}`, `{standard}`, `{token}` or `{click}` it gets what
/// was rightly signed, so that what is around it is tried as well.
///
/// # Panics
/// Where that does not hold.
pub fn signatures(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.splitn(4, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (id, time, header, body) = (part(), part(), part(), part());
    own(header, body);
    standard(id, time, header, body);
    member_token(header);
    click(header);
}

fn secret() -> Secret {
    Secret::parse(SECRET).expect("a secret")
}

fn now_s() -> i64 {
    NOW.as_second()
}

fn own(header: &str, body: &str) {
    let secret = secret();
    let signed = signature::sign([&secret], now_s(), body.as_bytes());
    let header = header.replace("{own}", &signed);
    let verified = |body: &[u8], now_s| signature::verify(&secret, &header, body, now_s);
    if verified(body.as_bytes(), now_s()).is_err() {
        return;
    }
    let (time, v1) = signed.split_once(',').expect("time and signature");
    assert!(
        header.contains(time) && header.contains(v1),
        "forged: {header}"
    );
    let other = format!("{body} ");
    assert!(verified(other.as_bytes(), now_s()).is_err(), "{header}");
    for away in [-301, 301] {
        assert!(
            verified(body.as_bytes(), now_s() + away).is_err(),
            "{header}"
        );
    }
}

fn standard(id: &str, time: &str, header: &str, body: &str) {
    let secret = secret();
    let right = signature::sign_standard([&secret], id, now_s(), body.as_bytes());
    let (header, time) = (
        header.replace("{standard}", &right),
        time.replace("{now}", &now_s().to_string()),
    );
    let verified = |id: &str, body: &str| {
        let body = body.as_bytes();
        signature::verify_standard(&secret, id, &time, &header, body, now_s()).is_ok()
    };
    if !verified(id, body) {
        return;
    }
    assert_eq!(time, now_s().to_string(), "another time was signed");
    assert!(header.contains(&right), "forged: {header}");
    assert!(
        !verified(id, &format!("{body} ")) && !verified(&format!("{id} "), body),
        "{header}"
    );
}

fn member_token(header: &str) {
    let expires_s = now_s() + 60;
    let right = member_tokens::token(&KEY, Mode::Live, ACCOUNT, expires_s);
    let token = header.replace("{token}", &right);
    let account = |mode, now_s| member_tokens::account_in(&token, &KEY, mode, now_s);
    let Some(shown) = account(Mode::Live, now_s()) else {
        return;
    };
    check_key_part(&shown);
    assert_eq!((shown.as_str(), &token), (ACCOUNT, &right), "forged");
    assert_eq!(account(Mode::Sandbox, now_s()), None);
    assert_eq!(account(Mode::Live, expires_s), None);
}

fn click(header: &str) {
    let right = clicks::token(&PROGRAM, CODE, *NOW);
    let token = header.replace("{click}", &right);
    let Some(click) = clicks::verify(&PROGRAM, &token, *NOW) else {
        return;
    };
    assert_eq!(token, right, "forged");
    assert_eq!((click.code.as_str(), click.at), ("ANNA7F3K", *NOW));
    let other = Program::new("prog_a", "pepper", *NOW);
    assert_eq!(clicks::verify(&other, &token, *NOW), None);
}
