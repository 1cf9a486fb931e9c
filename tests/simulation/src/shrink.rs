//! The shortest history that still breaks a promise.

use crate::{Report, Script, run};

/// Leaves out steps and deeds, faults aside, as long as a promise is still broken; answers what is
/// left with its report. `tries_max` bounds how often a history is run.
#[must_use]
pub fn shrink(script: &Script, tries_max: usize) -> (Script, Report) {
    let mut best = script.clone();
    let mut report = run(&best);
    let mut tries = 0;
    if report.violation.is_none() {
        return (best, report);
    }
    let promise = kind(&report);
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut has_shrunk = false;
        while from < best.steps.len() && tries < tries_max {
            let mut shorter = best.clone();
            let to = (from + size).min(shorter.steps.len());
            shorter.steps.drain(from..to);
            tries += 1;
            let shorter_report = run(&shorter);
            if kind(&shorter_report) == promise {
                best = shorter;
                report = shorter_report;
                has_shrunk = true;
            } else {
                from += size;
            }
        }
        if tries >= tries_max {
            break;
        }
        if !has_shrunk || size > 1 {
            size /= 2;
        }
    }
    simplify(&mut best, &mut report, tries_max.saturating_sub(tries));
    (best, report)
}

/// What tells one broken promise from another: the first words of the violation.
fn kind(report: &Report) -> Option<String> {
    let words = report.violation.as_ref()?.split_whitespace();
    let words = words.filter(|word| word.chars().all(|it| it.is_alphabetic() || it == ':'));
    Some(words.take(4).collect::<Vec<_>>().join(" "))
}

/// Leaves out single deeds of steps, copies, poison and what the stream tells meanwhile.
fn simplify(best: &mut Script, report: &mut Report, mut tries_left: usize) {
    let promise = kind(report);
    let mut try_out = |best: &mut Script, change: &dyn Fn(&mut Script)| {
        if tries_left == 0 {
            return;
        }
        tries_left -= 1;
        let mut simpler = best.clone();
        change(&mut simpler);
        let simpler_report = run(&simpler);
        if kind(&simpler_report) == promise {
            *best = simpler;
            *report = simpler_report;
        }
    };
    for step in 0..best.steps.len() {
        for deed in (0..best.steps[step].deeds.len()).rev() {
            if best.steps[step].deeds.len() > 1 {
                try_out(best, &|script| drop(script.steps[step].deeds.remove(deed)));
            }
        }
        for deed in 0..best.steps[step].deeds.len() {
            if best.steps[step].deeds[deed].copies > 1 {
                try_out(best, &|script| script.steps[step].deeds[deed].copies = 1);
            }
            if best.steps[step].deeds[deed].poison {
                try_out(best, &|script| {
                    script.steps[step].deeds[deed].poison = false
                });
            }
        }
        if best.steps[step].tell {
            try_out(best, &|script| script.steps[step].tell = false);
        }
    }
}
