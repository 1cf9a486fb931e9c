//! Conditions of earning rules, campaigns, rewards and segments (spec section 6, "Conditions"):
//! expressions in [CEL](https://cel.dev), checked when they are saved and cheap when they run.
//!
//! [`compile`] goes from the text to words (`lex.rs`), parts (`parse.rs`) and meanings
//! (`check.rs`): what is wrong is refused with its place and what may have been meant. What comes
//! of it is evaluated (`eval.rs`) on borrowed facts, in counted steps, in exact decimal numbers.
//!
//! Whatever somebody writes costs little: the source is bounded in bytes, parts and depth when it
//! is saved, and evaluation ends when its steps are used up. Nothing here panics or recurses
//! deeper than those bounds.
//!
//! What differs from CEL, and why: `docs/conditions.md`.

mod check;
mod eval;
mod failure;
mod functions;
mod lex;
mod node;
mod parse;
mod problem;
mod syntax;
mod time;
mod types;
mod value;

use std::sync::Arc;

use laurel_rules::{
    Refusal,
    condition::{Condition, Facts, Steps},
};

pub use parse::{DEPTH_MAX, PARTS_MAX, SOURCE_BYTES_MAX};

/// What a condition may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The event, the member and the program: earning rules and campaigns.
    Event,
    /// The member and the program: rewards, which are redeemed without an event.
    Member,
    /// The same without segments, which cannot depend on one another.
    Segment,
}

/// Makes a condition ready.
///
/// # Errors
/// `condition_invalid` at `when`; its message names the place and what to do.
pub fn compile(source: &str, scope: Scope) -> Result<Arc<dyn Condition>, Refusal> {
    let expr = parse::parse(source).map_err(|problem| problem.refusal(source))?;
    let checked = check::condition(&expr, scope).map_err(|problem| problem.refusal(source))?;
    let (node, event_types) = checked;
    Ok(Arc::new(Compiled { node, event_types }))
}

/// The same for a condition that is stored: one that can no longer be read never holds, and says
/// why, since an old condition must not keep a program from handling events.
#[must_use]
pub fn compile_stored(source: &str, scope: Scope) -> Arc<dyn Condition> {
    compile(source, scope).unwrap_or_else(|refusal| Arc::new(Broken(refusal.message)))
}

#[derive(Debug)]
struct Compiled {
    node: node::Node,
    /// Those whose stats it asks for by name.
    event_types: Vec<String>,
}

impl Condition for Compiled {
    fn holds(&self, facts: &Facts<'_>, steps: &mut Steps) -> Result<bool, String> {
        eval::holds(&self.node, facts, steps)
    }

    fn event_types(&self) -> &[String] {
        &self.event_types
    }
}

#[derive(Debug)]
struct Broken(String);

impl Condition for Broken {
    fn holds(&self, _: &Facts<'_>, _: &mut Steps) -> Result<bool, String> {
        Err(self.0.clone())
    }
}
