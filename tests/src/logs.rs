//! The log of tests, watched for what must never be in one: keys, secrets, tokens, signatures, and
//! who members are.
//!
//! All that the process logs is looked at, line by line as it is written: Laurel's own code from
//! TRACE on, what it stands on from INFO on, which is what functions log unless told otherwise. A line
//! that tells a secret ends the process, since a test may be in no position to fail.

use std::{
    collections::HashMap,
    io::{self, Write},
    process,
    sync::{Arc, LazyLock, Mutex, Once, PoisonError},
};

use regex::Regex;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter, format::FmtSpan},
    layer::SubscriberExt,
    registry,
};

/// What is secret, by its form: expressions that Rust, JavaScript and Python read alike.
const FORMS: &str = include_str!("../secrets.json");

/// Where Laurel's own code logs from; what begins so is Laurel's, too.
const OWN: [&str; 13] = [
    "account_created",
    "api",
    "behavior",
    "clock",
    "deliveries",
    "it",
    "landing",
    "laurel",
    "liability",
    "outbox",
    "payment_completed",
    "payment_refunded",
    "referral_attributed",
];

static PATTERNS: LazyLock<Vec<(String, Regex)>> = LazyLock::new(|| {
    let forms: Vec<HashMap<String, String>> = serde_json::from_str(FORMS).expect("forms");
    let compiled = forms.into_iter().map(|mut form| {
        let regex = Regex::new(&form["form"]).expect("an expression");
        (form.remove("what").expect("a name"), regex)
    });
    compiled.collect()
});

/// What is secret by itself.
static TEXTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What a line tells that it must not, where it does.
#[must_use]
pub fn told(line: &str) -> Option<&'static str> {
    let by_form = PATTERNS.iter().find(|(_, form)| form.is_match(line));
    by_form.map(|(name, _)| name.as_str()).or_else(|| {
        let texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told = texts.iter().any(|text| line.contains(text));
        is_told.then_some("a text that is secret")
    })
}

/// Notes a text that must not be logged, which its form does not tell.
pub fn keep_secret(text: &str) {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    texts.push(text.to_owned());
}

/// Watches all that this process logs from now on, unless something does already.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = subscriber(|line: &str| {
            if let Some(what) = told(line) {
                // The last that the process says.
                let _ = writeln!(io::stderr(), "The log tells {what}: {line}");
                process::exit(101);
            }
        });
        // Whoever sets another log knows why.
        let _ = tracing::subscriber::set_global_default(log);
    });
}

/// A log that hands each line to `judge`.
pub fn subscriber(judge: impl Fn(&str) + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    let own = OWN.map(|target| (target, LevelFilter::TRACE));
    let targets = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(own);
    let lines = fmt::layer()
        .with_ansi(false)
        .with_span_events(FmtSpan::NEW)
        .with_writer(Lines(Arc::new(judge)));
    registry().with(targets).with(lines)
}

#[derive(Clone)]
struct Lines(Arc<dyn Fn(&str) + Send + Sync>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

/// A line comes as one piece.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        (self.0)(String::from_utf8_lossy(line).trim_end());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
