//! The page that shared links lead to.

use std::sync::LazyLock;

use axum::{
    body::{Body, to_bytes},
    http::{
        HeaderName, HeaderValue, Request, StatusCode,
        header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, COOKIE, SET_COOKIE},
    },
    response::Response,
};
use landing::{Landing, router};
use laurel_ledger::Seed;
use laurel_rules::{
    Program,
    decide::{Mint, NewAccount},
    landing::{LandingSettings, Wording},
};
use tower::ServiceExt;

use crate::{NOW, run, table::Table};

const SIGNUP: &str = "https://shop.example/signup";
const PROGRAM: &str = "prog_default";

/// A page and what it is made of.
struct Site {
    landing: Landing,
    program: Program,
    code: String,
}

/// A page, as a browser gets it.
struct Page {
    status: StatusCode,
    policy: HeaderValue,
    cookies: Vec<String>,
    html: String,
}

/// A site whose operator says nothing of their own.
static PLAIN: LazyLock<Site> = LazyLock::new(|| run(Site::new("x")));

/// Nothing in a request changes the page but the code, the language and a click that was rightly
/// signed; nothing that an operator writes becomes HTML. An input is a path after `/r/`, a
/// language, cookies, and the operator's words, each on a line of its own but the last; `{code}`
/// and `{click}` stand for those that there are.
///
/// # Panics
/// Where that does not hold.
pub fn landing_page(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.splitn(4, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (path, language, cookies, words) = (part(), part(), part(), part());
    let path = path.replace("{code}", &PLAIN.code);
    let click = laurel_ledger::clicks::token(&PLAIN.program, &PLAIN.code, *NOW);
    let with_click = cookies.replace("{click}", &click);
    let Some(page) = run(PLAIN.open(&path, language, &with_click)) else {
        return;
    };
    let is_known = page.status == StatusCode::OK;
    if is_known {
        check_known(&page, &path, &with_click, &click);
    } else {
        let none = run(PLAIN.open("none", language, "")).expect("a page");
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.html, none.html, "{path}");
        assert_eq!(page.policy, none.policy, "{path}");
        assert!(page.cookies.is_empty(), "{path}");
    }
    if !words.is_empty() {
        check_words(words);
    }
}

fn check_known(page: &Page, path: &str, cookies: &str, click: &str) {
    assert!(page.html.contains(&PLAIN.code), "{path}");
    assert!(
        page.html.contains(&format!("href=\"{SIGNUP}?ref=")),
        "{path}"
    );
    let [] = page.cookies.as_slice() else {
        let [cookie] = page.cookies.as_slice() else {
            panic!("{:?}", page.cookies);
        };
        assert!(cookie.starts_with("__Host-laurel_ref=") && cookie.contains("; Secure"));
        return;
    };
    // A click is remembered only where it is one.
    assert!(
        cookies.contains(&format!("__Host-laurel_ref={click}")),
        "forged: {cookies}"
    );
}

/// The page has the tags, the attributes and the policy that it has with a plain word.
fn check_words(words: &str) {
    let open = |site: &Site| run(site.open(&site.code, "en", "")).expect("a page");
    let site = run(Site::new(words));
    let (page, plain) = (open(&site), open(&PLAIN));
    for mark in ['<', '>', '"', '\''] {
        let count = |page: &Page| page.html.matches(mark).count();
        assert_eq!(count(&page), count(&plain), "{mark} in {words:?}");
    }
    assert_eq!(page.policy, plain.policy, "{words:?}");
}

impl Site {
    async fn new(words: &str) -> Site {
        let table = Table::default();
        let ledger = table.ledger();
        let mut program = Program::new(PROGRAM, "salt", *NOW);
        program.name = words.to_owned();
        program.referrals.signup_url = Some(SIGNUP.to_owned());
        let wording = || Some(Wording::Same(words.to_owned()));
        program.landing = Some(LandingSettings {
            title: wording(),
            text: wording(),
            button: wording(),
            ..LandingSettings::default()
        });
        let created = ledger.create_program(program, "set up").await;
        let new = NewAccount {
            program: PROGRAM.to_owned(),
            customer: Some("cust_1".to_owned()),
            ..NewAccount::default()
        };
        let seed = Seed::parse(&"0".repeat(26)).expect("a seed");
        let account = ledger.create_account(new, seed).await.expect("an account");
        let mint = Mint {
            referrer: account.account.id,
            ..Mint::default()
        };
        let minted = ledger.mint_referral_code(None, &mint).await;
        table.freeze();
        Site {
            landing: Landing::new(ledger, 0).encrypted(),
            program: created.expect("a program"),
            code: minted.expect("a code").view.code.expect("a code"),
        }
    }

    /// Opens a page; `None` for what is no request.
    async fn open(&self, path: &str, language: &str, cookies: &str) -> Option<Page> {
        let mut request = Request::get(format!("/r/{path}"))
            .body(Body::empty())
            .ok()?;
        let headers: [(HeaderName, &str); 2] = [(ACCEPT_LANGUAGE, language), (COOKIE, cookies)];
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().ok()?);
        }
        let is_ours = request.uri().path().matches('/').count() == 2;
        let response = router(self.landing.clone()).oneshot(request).await;
        let page = Page::of(response.expect("a response")).await;
        // What leads to no page is the router's to answer.
        (is_ours && page.is_some()).then_some(page?)
    }
}

impl Page {
    async fn of(response: Response) -> Option<Page> {
        let (parts, body) = response.into_parts();
        assert_ne!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
        let headers = parts.headers;
        headers.get(CONTENT_LANGUAGE)?;
        let cookies = headers.get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|value| value.to_str().expect("text").to_owned());
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Some(Page {
            status: parts.status,
            policy: headers
                .get(CONTENT_SECURITY_POLICY)
                .expect("a policy")
                .clone(),
            cookies: cookies.collect(),
            html: String::from_utf8(body.to_vec()).expect("text"),
        })
    }
}

#[cfg(test)]
mod tests {
    use laurel_rules::referral::code_form;

    use super::*;

    #[test]
    fn the_site_has_a_code_with_a_page() {
        let page = run(PLAIN.open(&PLAIN.code, "de", "")).expect("a page");
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert!(code_form(&PLAIN.code).is_some());
    }
}
