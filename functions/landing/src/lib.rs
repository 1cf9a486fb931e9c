//! The page that shared referral links lead to (spec section 4, "Landing page"): `GET /r/{code}`.
//!
//! It names the friend's gift, shows the code, remembers the click in a signed cookie, and leads to
//! the program's `signup_url` and nowhere else. Whoever opens it is unknown, and so is what they
//! send: nothing of a request is written into the page, and all that the table is asked for is one
//! code. A code that does not exist, does not work any more or is none costs the same reads and
//! gets the same page.

mod address;
mod color;
mod invitation;
mod language;
mod numbers;
mod page;
mod visit;
mod words;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use laurel_host::rates::{Rates, TooSoon};
use laurel_ledger::{Ledger, SharedCode};
use laurel_rules::landing::Language;

pub use address::Visitor;
use invitation::Invitation;
use page::Notice;

const MINUTE_S: i64 = 60;

/// What the page is made of.
#[derive(Debug, Clone)]
pub struct Landing {
    ledger: Ledger,
    /// Visits a minute from one address; 0 means no limit.
    visit_limit: u32,
    visits: Arc<Rates>,
    is_encrypted: bool,
}

impl Landing {
    /// The page on `ledger`, which answers each address so many times a minute; 0 means no limit.
    #[must_use]
    pub fn new(ledger: Ledger, visit_limit: u32) -> Landing {
        Landing {
            ledger,
            visit_limit,
            visits: Arc::new(Rates::new(MINUTE_S)),
            is_encrypted: false,
        }
    }

    /// The same, reached by HTTPS, and by it only from then on.
    #[must_use]
    pub fn encrypted(self) -> Landing {
        Landing {
            is_encrypted: true,
            ..self
        }
    }

    /// Lets a visit from this address pass.
    async fn admit(&self, visitor: Option<Visitor>) -> Result<(), TooSoon> {
        if self.visit_limit == 0 {
            return Ok(());
        }
        let owner = address::owner(visitor, self.ledger.now());
        let budget = u64::from(self.visit_limit);
        self.visits.admit(&self.ledger, &owner, budget).await
    }
}

/// The page's route. Whoever serves it lays a [`Visitor`] into the request's extensions, or all
/// visitors share one limit.
pub fn router(landing: Landing) -> Router {
    Router::new()
        .route("/r/{code}", get(open))
        .with_state(landing)
}

async fn open(
    State(landing): State<Landing>,
    visitor: Option<Extension<Visitor>>,
    code: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let language = language::wanted(&headers);
    let answer = answer(
        &landing,
        visitor.map(|it| it.0),
        code.ok(),
        &headers,
        language,
    )
    .await;
    page::finish(answer, language, landing.is_encrypted)
}

async fn answer(
    landing: &Landing,
    visitor: Option<Visitor>,
    code: Option<Path<String>>,
    headers: &HeaderMap,
    language: Language,
) -> Response {
    if let Err(too_soon) = landing.admit(visitor).await {
        return page::notice(Notice::TooMany(too_soon), language);
    }
    // What is no text can be no code, and is looked for as what can be none.
    let code = code.map(|Path(code)| code).unwrap_or_default();
    let shared = match landing.ledger.shared_code(&code).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(
                reason = laurel_host::chain(&error),
                "a code could not be read"
            );
            return page::notice(Notice::Trouble, language);
        }
    };
    let Some(shared) = shared else {
        return page::notice(Notice::Unknown, language);
    };
    invite(landing, &shared, headers, language)
}

fn invite(
    landing: &Landing,
    shared: &SharedCode,
    headers: &HeaderMap,
    language: Language,
) -> Response {
    let program = &shared.catalog.program;
    // First touch wins: who comes back by another link keeps the click that is remembered.
    let kept = visit::remembered(headers)
        .find(|token| landing.ledger.verify_click(program, token).is_some());
    let (token, is_new) = match kept {
        Some(token) => (token.to_owned(), false),
        None => (landing.ledger.click_token(program, &shared.code.code), true),
    };
    let invitation = Invitation::of(shared, &token, language);
    let mut response = page::invitation(&invitation, language);
    if is_new {
        visit::remember(&token, response.headers_mut());
    }
    response
}
