//! How an award came about, in words.

use std::fmt::Write;

use laurel_rules::{
    Transaction,
    calculation::{Calculation, CapTrace},
    exact::Rounding,
    rule::{Award, Window},
};

/// The steps from the event to the points, one a line; none where nothing was calculated.
#[must_use]
pub fn explain(transaction: &Transaction) -> Vec<String> {
    let Some(trace) = &transaction.calculation else {
        return Vec::new();
    };
    let mut lines = vec![format!(
        "The rule \"{}\" (version {}) fired.",
        transaction.reason, trace.rule_version
    )];
    lines.push(base(trace));
    for multiplier in &trace.multipliers {
        let origin = format!("{:?}", multiplier.origin).to_lowercase();
        lines.push(format!(
            "Times {} for the {origin} {}.",
            multiplier.value, multiplier.id
        ));
    }
    if let Some(carried) = &trace.carried_in {
        lines.push(format!("Plus {carried} carried over from earlier awards."));
    }
    let rounding = match trace.rounding {
        Rounding::Floor => "down",
        Rounding::HalfUp => "half up",
        Rounding::HalfEven => "half to even",
        Rounding::Ceil => "up",
    };
    lines.push(format!(
        "{} rounded {rounding} makes {}.",
        trace.exact, trace.rounded
    ));
    if let Some(cap) = &trace.cap {
        lines.push(capped(trace, cap));
    }
    lines.push(format!(
        "{} points were written; the balance was {} right after.",
        transaction.amount, transaction.balance_after
    ));
    lines
}

fn base(trace: &Calculation) -> String {
    let basis = trace.basis.as_ref();
    let of = basis.map_or_else(String::new, |basis| {
        let currency = basis.currency.as_deref().unwrap_or_default();
        format!(
            " on {} {currency} in minor units (`{}`)",
            basis.amount, basis.field
        )
    });
    let how = match &trace.award {
        Award::PerAmount { per, points } => format!("{points} points for each {per}"),
        Award::Fixed { points } => format!("{points} points, whatever the amount"),
        Award::PerCurrency { rates } => {
            let rate = basis.and_then(|basis| rates.get(basis.currency.as_deref()?));
            match rate {
                Some(rate) => format!("{rate} points for each major unit"),
                None => "points by currency".to_owned(),
            }
        }
    };
    format!("It gives {how}{of}: {}.", trace.base)
}

fn capped(trace: &Calculation, cap: &CapTrace) -> String {
    let window = match (cap.window, cap.rolling) {
        (Window::Day, false) => "the calendar day",
        (Window::Week, false) => "the calendar week",
        (Window::Month, false) => "the calendar month",
        (Window::Day, true) => "24 hours",
        (Window::Week, true) => "7 days",
        (Window::Month, true) => "30 days",
        (Window::Lifetime, _) => "the whole membership",
    };
    let mut line = format!("The cap of {window}");
    if let Some(limit) = cap.limit_points {
        let _ = write!(
            line,
            " is {limit} points, {} of them used before",
            cap.used_points
        );
    }
    if let Some(limit) = cap.limit_awards {
        let also = if cap.limit_points.is_some() {
            " and"
        } else {
            " is"
        };
        let _ = write!(
            line,
            "{also} {limit} awards, {} of them used before",
            cap.used_awards
        );
    }
    let left = if trace.points < trace.rounded {
        "cut to"
    } else {
        "left at"
    };
    let _ = write!(line, ": {left} {}.", trace.points);
    line
}
