//! What could not be handled, for people to look at.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use laurel_host::{DeadLetter, DeadLetters, SendError};
use serde_json::{Value, json};

/// The most letters that are kept; the oldest go first.
const LETTERS_MAX: usize = 1000;

/// All dead letters of the stack, the newest last. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct DeadLetterList {
    letters: Arc<Mutex<VecDeque<Kept>>>,
}

/// A dead letter, and where and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The function that it is from.
    pub function: String,
    /// When it was given up.
    pub at: Timestamp,
    /// What, and why.
    pub letter: DeadLetter,
}

impl DeadLetterList {
    /// The letters so far.
    #[must_use]
    pub fn all(&self) -> Vec<Kept> {
        self.lock().iter().cloned().collect()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// The list as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let letters = self.lock();
        let data = letters.iter().map(|kept| {
            json!({
                "object": "dead_letter",
                "function": kept.function,
                "created": kept.at.to_string(),
                "code": kept.letter.code,
                "reason": kept.letter.reason,
                "received": kept.letter.received,
                "origin": kept.letter.origin,
                "body": kept.letter.body,
            })
        });
        json!({"object": "list", "data": data.collect::<Vec<_>>(), "has_more": false})
    }

    pub(crate) fn keep(&self, function: &str, letter: DeadLetter) {
        let DeadLetter { code, reason, .. } = &letter;
        tracing::error!(function, code, reason, "dead letter");
        let mut letters = self.lock();
        if letters.len() == LETTERS_MAX {
            letters.pop_front();
        }
        letters.push_back(Kept {
            function: function.to_owned(),
            at: Timestamp::now(),
            letter,
        });
    }

    /// The part of the list that one function writes to.
    pub(crate) fn of(&self, function: &str) -> Arc<dyn DeadLetters> {
        Arc::new(OfFunction {
            list: self.clone(),
            function: function.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct OfFunction {
    list: DeadLetterList,
    function: String,
}

impl DeadLetters for OfFunction {
    fn send(&self, letter: DeadLetter) -> futures::future::BoxFuture<'_, Result<(), SendError>> {
        self.list.keep(&self.function, letter);
        Box::pin(std::future::ready(Ok(())))
    }
}
