//! What flowed: the transactions of an entry, by kind and by the month in which they are booked.

use jiff::{Timestamp, tz::TimeZone};

use super::{Figure, Figures, Month, Unit};
use crate::{Entry, entry::TransactionType, window::shifted};

/// Why what is owed grew or shrank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Earned.
    Issued,
    /// Spent, or held for a reservation.
    Redeemed,
    /// Given back by a redemption that was cancelled or ran out.
    Returned,
    /// Expired.
    Expired,
    /// Taken back by a refund.
    Reversed,
    /// Given or taken by hand.
    Adjusted,
}

impl Flow {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Flow; 6] = [
        Flow::Issued,
        Flow::Redeemed,
        Flow::Returned,
        Flow::Expired,
        Flow::Reversed,
        Flow::Adjusted,
    ];

    /// The flow as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Flow::Issued => "issued",
            Flow::Redeemed => "redeemed",
            Flow::Returned => "returned",
            Flow::Expired => "expired",
            Flow::Reversed => "reversed",
            Flow::Adjusted => "adjusted",
        }
    }

    /// Which flow a transaction is part of.
    fn of(kind: TransactionType, amount: i64) -> Flow {
        match kind {
            TransactionType::Earn => Flow::Issued,
            TransactionType::Redeem => Flow::Redeemed,
            TransactionType::Expire => Flow::Expired,
            // What reverses an earning takes, what reverses a redemption gives.
            TransactionType::Reverse if amount > 0 => Flow::Returned,
            TransactionType::Reverse => Flow::Reversed,
            TransactionType::Adjust => Flow::Adjusted,
        }
    }
}

/// Which transaction of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// That of points at this place.
    Points(usize),
    /// That of store credit at this place.
    Credit(usize),
}

/// A transaction, as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Which one of its entry.
    pub place: Place,
    /// What is moved.
    pub unit: Unit,
    /// What the transaction is.
    pub kind: TransactionType,
    /// What it is part of.
    pub flow: Flow,
    /// How much; below zero where less is owed then.
    pub amount: i64,
    /// When it is booked: when it was written, so that a month that is over stays as it is. An
    /// expiry, which nobody need write at its moment, is booked at the last moment at which there
    /// was something to spend.
    pub booked_at: Timestamp,
}

/// The transactions of an entry: those of points, then those of store credit.
pub fn movements(entry: &Entry) -> impl Iterator<Item = Movement> {
    let movement = |place, unit, kind, amount, occurred_at: Option<Timestamp>| Movement {
        place,
        unit,
        kind,
        flow: Flow::of(kind, amount),
        amount,
        booked_at: match kind {
            TransactionType::Expire => shifted(occurred_at.unwrap_or(entry.occurred_at), -1),
            _ => entry.created,
        },
    };
    let points = entry.transactions.iter().enumerate().map(move |(at, it)| {
        let place = Place::Points(at);
        movement(place, Unit::Points, it.kind, it.amount, it.occurred_at)
    });
    let credits = entry.credits.iter().enumerate().map(move |(at, it)| {
        let unit = Unit::Credit(it.currency.clone());
        movement(Place::Credit(at), unit, it.kind, it.amount, it.occurred_at)
    });
    points.chain(credits)
}

/// What the transactions of an entry add up to, by the months of `zone`.
#[must_use]
pub fn flows(entry: &Entry, zone: &TimeZone) -> Figures {
    let mut figures = Figures::default();
    for movement in movements(entry) {
        let month = Month::of(movement.booked_at, zone);
        let figure = Figure::Booked(month, movement.flow);
        figures.add(&movement.unit, figure, movement.amount.into());
    }
    figures
}
