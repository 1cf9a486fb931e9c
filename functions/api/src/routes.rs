//! Routes that describe themselves.
//!
//! A route is added to the router and to the OpenAPI document by one call, and what it takes and
//! answers is read off its handler's signature: [`Input`] says what an extractor means for the
//! document, [`Output`] what an answer does. So neither can say what the other doesn't.

use axum::{
    Json, Router,
    handler::Handler,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use laurel_rules::Code;
use serde::Serialize;

use crate::{
    AppState,
    body::Body,
    error::ApiError,
    fields::FromFields,
    list::List,
    naming::Naming,
    path::Id,
    query::Query,
    shape::{Kind, Shape},
};

/// What a group of routes is about; it heads them in the reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) name: &'static str,
    /// Markdown.
    pub(crate) about: &'static str,
}

/// One method of one route.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) tag: Tag,
    /// As `accounts.create`; the TypeScript client's methods are called so.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    /// Markdown; empty where the summary says it all.
    pub(crate) about: &'static str,
    pub(crate) query: Option<&'static Shape>,
    pub(crate) body: Option<Kind>,
    /// Statuses and bodies; `None` for an answer without a body.
    pub(crate) answers: Vec<(StatusCode, Option<Kind>)>,
    /// What it refuses beside what every route does.
    pub(crate) refusals: Vec<Code>,
    /// Whether callers must show a key.
    pub(crate) needs_key: bool,
}

/// Routes, and what is to be said of them.
pub(crate) struct Routes {
    pub(crate) router: Router<AppState>,
    pub(crate) operations: Vec<Operation>,
    tag: Tag,
}

impl Routes {
    /// No routes yet, under this heading.
    pub(crate) fn tagged(name: &'static str, about: &'static str) -> Routes {
        Routes {
            router: Router::new(),
            operations: Vec::new(),
            tag: Tag { name, about },
        }
    }

    pub(crate) fn get<H, X, T>(
        self,
        path: &str,
        handler: H,
        id: &'static str,
        summary: &'static str,
    ) -> Routes
    where
        H: Handler<X, AppState> + Described<T>,
        X: 'static,
    {
        self.on(Method::GET, path, handler, id, summary)
    }

    pub(crate) fn post<H, X, T>(
        self,
        path: &str,
        handler: H,
        id: &'static str,
        summary: &'static str,
    ) -> Routes
    where
        H: Handler<X, AppState> + Described<T>,
        X: 'static,
    {
        self.on(Method::POST, path, handler, id, summary)
    }

    pub(crate) fn delete<H, X, T>(
        self,
        path: &str,
        handler: H,
        id: &'static str,
        summary: &'static str,
    ) -> Routes
    where
        H: Handler<X, AppState> + Described<T>,
        X: 'static,
    {
        self.on(Method::DELETE, path, handler, id, summary)
    }

    pub(crate) fn patch<H, X, T>(
        self,
        path: &str,
        handler: H,
        id: &'static str,
        summary: &'static str,
    ) -> Routes
    where
        H: Handler<X, AppState> + Described<T>,
        X: 'static,
    {
        self.on(Method::PATCH, path, handler, id, summary)
    }

    /// Adds the route to the router and to the document.
    fn on<H, X, T>(
        mut self,
        method: Method,
        path: &str,
        handler: H,
        id: &'static str,
        summary: &'static str,
    ) -> Routes
    where
        H: Handler<X, AppState> + Described<T>,
        X: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(path, on(filter, handler));
        let mut operation = Operation {
            method,
            path: path.to_owned(),
            tag: self.tag,
            id,
            summary,
            about: "",
            query: None,
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            needs_key: true,
        };
        H::describe(&mut operation);
        self.operations.push(operation);
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Operation)) -> Routes {
        if let Some(operation) = self.operations.last_mut() {
            change(operation);
        }
        self
    }

    /// Says more of the last route, in Markdown.
    pub(crate) fn about(self, about: &'static str) -> Routes {
        self.last(|operation| operation.about = about)
    }

    /// Names what the last route refuses, beside what every route does.
    pub(crate) fn refuses(self, codes: &[Code]) -> Routes {
        self.last(|operation| operation.refusals.extend_from_slice(codes))
    }

    /// Says what body the last route takes, where its handler reads it as it comes.
    pub(crate) fn body(self, kind: Kind) -> Routes {
        self.last(|operation| operation.body = Some(kind))
    }

    /// Says of all routes so far that they ask for no key.
    pub(crate) fn open(mut self) -> Routes {
        for operation in &mut self.operations {
            operation.needs_key = false;
        }
        self
    }

    /// These and the others.
    pub(crate) fn merge(mut self, other: Routes) -> Routes {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self
    }
}

/// What an extractor means for the document; nothing, unless it says so.
pub(crate) trait Input {
    /// Says it.
    fn describe(_: &mut Operation) {}
}

impl<S> Input for crate::caller::State<S> {}
impl Input for crate::caller::Caller {}
impl Input for Uri {}
impl Input for HeaderMap {}
impl Input for Naming {}
// Paths name their parameters themselves.
impl Input for Id {}

impl<T: FromFields> Input for Query<T> {
    fn describe(operation: &mut Operation) {
        operation.query = Some(&T::SHAPE);
    }
}

impl<T: FromFields> Input for Body<T> {
    fn describe(operation: &mut Operation) {
        operation.body = Some(Kind::Object(&T::SHAPE));
    }
}

// What it holds, the route says: see `Routes::body`.
impl Input for crate::body::Payload {}

/// What is answered, as the document has it.
pub(crate) trait Answer {
    /// The kind of its JSON form.
    const KIND: Kind;
}

impl<T: Answer> Answer for List<T> {
    const KIND: Kind = Kind::Page(&T::KIND);
}

/// What a handler gives back.
pub(crate) trait Output {
    /// Adds the statuses and bodies that it may be.
    fn describe(operation: &mut Operation);
}

impl<T: Answer> Output for Json<T> {
    fn describe(operation: &mut Operation) {
        operation.answers.push((StatusCode::OK, Some(T::KIND)));
    }
}

impl<T: Output> Output for Result<T, ApiError> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

/// The answer of a call that made something: status 201.
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Answer> Output for Created<T> {
    fn describe(operation: &mut Operation) {
        operation.answers.push((StatusCode::CREATED, Some(T::KIND)));
    }
}

/// The answer of a call whose effect comes later: status 202.
pub(crate) struct Accepted<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl<T: Answer> Output for Accepted<T> {
    fn describe(operation: &mut Operation) {
        operation
            .answers
            .push((StatusCode::ACCEPTED, Some(T::KIND)));
    }
}

/// A handler whose signature says what it takes and answers; `T` are its arguments.
pub(crate) trait Described<T> {
    /// Says it.
    fn describe(operation: &mut Operation);
}

macro_rules! described {
    ($($argument:ident),*) => {
        impl<F, Fut, R, $($argument),*> Described<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Fut,
            Fut: Future<Output = R>,
            R: Output,
            $($argument: Input,)*
        {
            fn describe(operation: &mut Operation) {
                $($argument::describe(operation);)*
                R::describe(operation);
            }
        }
    };
}

described!();
described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, D);
described!(A, B, C, D, E);
described!(A, B, C, D, E, G);
described!(A, B, C, D, E, G, H);
