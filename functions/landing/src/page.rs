//! Pages and their headers.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
            REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use laurel_host::rates::TooSoon;
use laurel_rules::landing::Language;
use sha2::{Digest, Sha256};

use crate::{
    color,
    invitation::Invitation,
    words::{self, Words, words},
};

const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/copy.js");
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));
/// The style of pages that are no program's.
static PLAIN: LazyLock<Style> = LazyLock::new(|| Style::of(color::ACCENT));

/// A page that shows no code.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Notice {
    /// There is no such code, or none that works.
    Unknown,
    /// Too many visits came from one address.
    TooMany(TooSoon),
    /// The code could not be read.
    Trouble,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    language: &'static str,
    words: &'static Words,
    style: &'a str,
    script: &'static str,
    invitation: &'a Invitation,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    language: &'static str,
    style: &'a str,
    title: &'static str,
    text: &'a str,
}

/// A style sheet with the hash that the policy lets it in by.
struct Style {
    css: String,
    hash: String,
}

impl Style {
    fn of(accent: laurel_rules::landing::Color) -> Style {
        let css = color::properties(accent) + STYLE;
        let hash = hash(&css);
        Style { css, hash }
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The page of a code.
pub(crate) fn invitation(invitation: &Invitation, language: Language) -> Response {
    let style = Style::of(invitation.accent);
    let page = InvitationPage {
        language: language.as_str(),
        words: words(language),
        style: &style.css,
        script: SCRIPT,
        invitation,
    };
    written(StatusCode::OK, page.render(), &style, Some(&SCRIPT_HASH))
}

/// A page that shows no code.
pub(crate) fn notice(notice: Notice, language: Language) -> Response {
    let words = words(language);
    let (status, [title, text]) = match notice {
        Notice::Unknown => (StatusCode::NOT_FOUND, words.unknown),
        Notice::Trouble => (StatusCode::SERVICE_UNAVAILABLE, words.trouble),
        Notice::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, [words.too_many, ""]),
    };
    let (text, retry_after_s) = match notice {
        Notice::TooMany(TooSoon { retry_after_s }) => {
            let text = words::come_back(retry_after_s.unsigned_abs(), language);
            (text, Some(retry_after_s))
        }
        Notice::Unknown | Notice::Trouble => (text.to_owned(), None),
    };
    let page = NoticePage {
        language: language.as_str(),
        style: &PLAIN.css,
        title,
        text: &text,
    };
    let mut response = written(status, page.render(), &PLAIN, None);
    if let Some(retry_after_s) = retry_after_s {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    response
}

fn written(
    status: StatusCode,
    page: Result<String, askama::Error>,
    style: &Style,
    script_hash: Option<&str>,
) -> Response {
    let Ok(page) = page else {
        tracing::error!("a page could not be written");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'",
        style.hash,
        script_hash.unwrap_or("'none'"),
    );
    let mut response = (status, page).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The headers that every page has.
pub(crate) fn finish(mut response: Response, language: Language, is_encrypted: bool) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_TYPE, "text/html; charset=utf-8");
    set(CONTENT_LANGUAGE, language.as_str());
    set(VARY, "Accept-Language, Cookie");
    // It is made for one visitor and one moment.
    set(CACHE_CONTROL, "private, no-store");
    // The address holds the code, which is the program's to pass on.
    set(REFERRER_POLICY, "no-referrer");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if is_encrypted {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
