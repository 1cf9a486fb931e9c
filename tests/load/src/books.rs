//! What a client was told, counted by the specification alone: what each source must have come to,
//! and each member.

use std::collections::HashMap;

/// What one source must come to in the log of its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// So many points in all.
    Points(i64),
    /// An award of so many points, less where a budget has run out.
    AtMost(i64),
    /// What a refund takes of an award.
    Back(i64),
}

/// Somebody who came by a code and has paid enough since.
#[derive(Debug, Clone)]
pub(crate) struct Referee {
    /// What refunded all of that payment, where something did.
    pub(crate) refund: Option<String>,
}

/// The acknowledged effects of a client, or of all.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// By customer and source.
    pub(crate) due: HashMap<(String, String), Due>,
    /// Points ever earned, by customer, where nothing cuts awards.
    pub(crate) lifetime: HashMap<String, i64>,
    /// By customer.
    pub(crate) referees: HashMap<String, Referee>,
    /// What was answered otherwise than promised.
    pub(crate) wrong: Vec<String>,
}

impl Books {
    /// An award was acknowledged.
    pub(crate) fn award(&mut self, customer: &str, source: &str, due: Due) {
        let (Due::Points(points) | Due::AtMost(points) | Due::Back(points)) = due;
        *self.lifetime.entry(customer.to_owned()).or_default() += points;
        self.note(customer, source, due);
    }

    /// Points were taken, given or returned.
    pub(crate) fn change(&mut self, customer: &str, source: &str, points: i64) {
        self.note(customer, source, Due::Points(points));
    }

    /// A refund took back so many points.
    pub(crate) fn take_back(&mut self, customer: &str, source: &str, points: i64) {
        self.note(customer, source, Due::Back(-points));
    }

    fn note(&mut self, customer: &str, source: &str, due: Due) {
        let name = (customer.to_owned(), source.to_owned());
        if self.due.insert(name, due).is_some() {
            self.wrong.push(format!(
                "`{source}` of `{customer}` was answered as new twice"
            ));
        }
    }

    /// Adds what another client was told.
    pub(crate) fn add(&mut self, other: Books) {
        for ((customer, source), due) in other.due {
            self.note(&customer, &source, due);
        }
        for (customer, points) in other.lifetime {
            *self.lifetime.entry(customer).or_default() += points;
        }
        self.referees.extend(other.referees);
        self.wrong.extend(other.wrong);
    }
}

/// What an award of `points` for `amount` has come to be reversed by, once `refunded` of it is
/// back: its share rounded down, and all at last.
pub(crate) fn reversed(points: i64, amount: i64, refunded: i64) -> i64 {
    match refunded == amount {
        true => points,
        false => points * refunded / amount,
    }
}
