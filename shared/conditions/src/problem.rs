//! What is wrong with a condition, and where.

use laurel_rules::{Code, Refusal};

/// What is wrong, at a byte of the source. The message is a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    at: usize,
    message: String,
}

impl Problem {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Problem {
        let message = message.into();
        Problem { at, message }
    }

    /// The refusal: `condition_invalid` at `when`, with line and column as an editor counts them.
    pub(crate) fn refusal(&self, source: &str) -> Refusal {
        let before: String = source
            .char_indices()
            .take_while(|(at, _)| *at < self.at)
            .map(|(_, c)| c)
            .collect();
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let line = before.matches('\n').count() + 1;
        let place = if source.contains('\n') {
            format!("line {line}, column {column}")
        } else {
            format!("column {column}")
        };
        let end = if self.message.ends_with('?') { "" } else { "." };
        let message = format!("`when`, {place}: {}{end}", self.message);
        Refusal::new(Code::ConditionInvalid, message).at("when")
    }
}

/// What somebody who wrote `word` may have meant.
pub(crate) fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = word.to_ascii_lowercase();
    // One slip for each three characters, and at least one.
    let slips_max = (wanted.chars().count() / 3).max(1);
    known
        .map(|name| (distance(&wanted, &name.to_ascii_lowercase()), name))
        .filter(|(slips, _)| *slips <= slips_max)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// How many characters must be put in, left out, replaced or swapped to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(x != y);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
