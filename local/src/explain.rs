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
        "So it wrote {}; the balance was {} right after.",
        counted(transaction.amount),
        transaction.balance_after
    ));
    lines
}

fn base(trace: &Calculation) -> String {
    let basis = trace.basis.as_ref();
    let currency = basis.and_then(|basis| basis.currency.as_deref());
    let of = basis.map_or_else(String::new, |basis| {
        let unit = currency.map_or_else(String::new, |code| format!(" minor units of {code}"));
        format!(" of {}{unit} (`{}`)", basis.amount, basis.field)
    });
    let how = match &trace.award {
        Award::PerAmount { per, points } => format!("{} for each {per}{of}", counted(*points)),
        Award::Fixed { points } => format!("{} for any such event", counted(*points)),
        Award::PerCurrency { rates } => {
            let code = currency.unwrap_or_default();
            let rate = rates
                .get(code)
                .map_or_else(String::new, ToString::to_string);
            format!("{rate} points for each {code} 1{of}")
        }
    };
    format!("Its award, {how}, comes to {}.", trace.base)
}

fn counted(points: i64) -> String {
    match points {
        1 => "1 point".to_owned(),
        points => format!("{points} points"),
    }
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
