//! Segments in a program's configuration, and the conditions of all that has any.

use std::sync::Arc;

use laurel_conditions::{Scope, compile, compile_stored};
use laurel_rules::{Refusal, Segment, condition::Condition};

use crate::configured::{Configured, getters};

impl Configured for Segment {
    const NOUN: &'static str = "segment";
    const LETTER: char = 'S';
    const COUNT_MAX: usize = 100;
    const UNIQUE: &'static str = "key";

    getters!();

    #[allow(
        clippy::misnamed_getters,
        reason = "conditions name a segment by its key; its name is for people"
    )]
    fn name(&self) -> &str {
        &self.key
    }

    fn check(&self) -> Result<(), Refusal> {
        Segment::check(self)?;
        check_condition(Some(&self.when), Scope::Segment)
    }
}

/// Checks the condition of an object, where it has one.
///
/// # Errors
/// `condition_invalid` at `when`.
pub(crate) fn check_condition(when: Option<&String>, scope: Scope) -> Result<(), Refusal> {
    when.map_or(Ok(()), |when| compile(when, scope).map(|_| ()))
}

/// The condition of a stored object, where it has one.
pub(crate) fn condition(when: Option<&String>, scope: Scope) -> Option<Arc<dyn Condition>> {
    when.map(|when| compile_stored(when, scope))
}
