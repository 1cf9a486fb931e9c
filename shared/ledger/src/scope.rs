//! The ledger as somebody sees it who may know some programs only.

use std::{collections::BTreeSet, sync::Arc};

use laurel_rules::Refusal;

use crate::{Ledger, catalogs::no_such_program};

/// The programs that there are; all where absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope(Option<Arc<BTreeSet<String>>>);

impl Ledger {
    /// This ledger narrowed to `programs`: what belongs to any other is refused in the words in
    /// which what never existed is refused, by reads, writes and lists alike.
    ///
    /// Whatever loads an object from the table by its id asks [`Ledger::sees`] of the object's
    /// program, right where it finds out whether there is such an object.
    #[must_use]
    pub fn within(&self, programs: Option<Arc<BTreeSet<String>>>) -> Ledger {
        Ledger {
            scope: Scope(programs),
            ..self.clone()
        }
    }

    /// Whether there is, as far as this ledger may tell, anything in `program`.
    #[must_use]
    pub fn sees(&self, program: &str) -> bool {
        let Scope(programs) = &self.scope;
        programs
            .as_ref()
            .is_none_or(|programs| programs.contains(program))
    }

    /// Whether there is anything that belongs to `program`, or to all programs where it is none.
    #[must_use]
    pub(crate) fn sees_all_of(&self, program: Option<&String>) -> bool {
        match program {
            Some(program) => self.sees(program),
            None => self.scope.0.is_none(),
        }
    }

    /// Refuses a program that this ledger must not know.
    ///
    /// # Errors
    /// `resource_missing`, as for a program that does not exist.
    pub fn check_sees(&self, program: &str) -> Result<(), Refusal> {
        if self.sees(program) {
            Ok(())
        } else {
            Err(no_such_program(program))
        }
    }
}
