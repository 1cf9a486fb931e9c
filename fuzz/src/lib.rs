//! What must hold of any input, one function for each way in: a function panics where it does not.
//!
//! The fuzzer calls them (`fuzz_targets`) with inputs that it makes, the tests of this package with
//! those that are kept in `corpus`. Inputs are text, so that somebody can read and write
//! them; what is no text is tried where bytes come in.

mod codes;
mod conditions;
mod cursors;
mod entries;
mod events;
mod forms;
mod landing;
mod requests;
mod signatures;
mod table;

pub use codes::codes;
pub use conditions::conditions;
pub use cursors::cursors;
pub use entries::entries;
pub use events::events;
pub use forms::forms;
pub use landing::landing_page;
pub use requests::requests;
pub use signatures::signatures;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use laurel_ledger::Clock;
use laurel_rules::{Refusal, id};
use tokio::runtime::{Builder, Runtime};

/// What must hold of an input.
pub type Target = fn(&[u8]);

/// Each target with its name, which is that of its corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("codes", codes),
    ("conditions", conditions),
    ("cursors", cursors),
    ("entries", entries),
    ("events", events),
    ("forms", forms),
    ("landing", landing_page),
    ("requests", requests),
    ("signatures", signatures),
];

/// The time of everything here.
static NOW: LazyLock<Timestamp> =
    LazyLock::new(|| "2026-11-20T12:00:00Z".parse().expect("an instant"));

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        *NOW
    }
}

fn still() -> Arc<dyn Clock> {
    Arc::new(Still)
}

/// Carries out what takes no time.
fn run<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().build().expect("a runtime")
    });
    RUNTIME.block_on(work)
}

/// A refusal tells the caller what is wrong, and that it is the caller's.
fn check_refusal(refusal: &Refusal) {
    assert!((400..500).contains(&refusal.code.status()), "{refusal:?}");
    assert!(!refusal.message.is_empty(), "{refusal:?}");
}

/// What was accepted as an id can be a part of a key.
fn check_key_part(text: &str) {
    assert!(id::check("id", text).is_ok(), "{text:?}");
    assert!(!text.contains('#'), "{text:?}");
}
