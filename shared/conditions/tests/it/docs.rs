//! What docs/conditions.md says holds.

use laurel_conditions::{DEPTH_MAX, PARTS_MAX, SOURCE_BYTES_MAX, Scope, compile};
use laurel_rules::condition::STEPS_MAX;

use crate::support::Given;

const TEXT: &str = include_str!("../../../../docs/conditions.md");

/// The rows of the table under a heading, without its head.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let section = TEXT.split("\n## ").find(|text| text.starts_with(heading));
    let lines = section.expect(heading).lines();
    let rows = lines.filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|line| {
        // `||` stands in no table.
        let cells = line.trim_matches('|').split(" | ");
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}

/// The codes of a cell.
fn codes(cell: &str) -> Vec<String> {
    if let Some(code) = cell.strip_prefix("``") {
        return vec![code.trim_end_matches('`').trim_end().to_owned()];
    }
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

#[test]
fn the_examples_come_to_what_they_are_said_to() {
    let rows = rows("Examples");
    assert!(rows.len() > 15);
    for row in rows {
        let [condition, given, result] = row.as_slice() else {
            panic!("{row:?}")
        };
        let given = serde_json::from_str(&codes(given)[0]).expect(given);
        let judged = Given::new(&given).judged(&codes(condition)[0]);
        let result = &codes(result)[0];
        assert_eq!(judged, *result, "{condition}");
    }
}

#[test]
fn all_that_is_named_is_known() {
    for row in rows("Operators and functions") {
        for condition in codes(&row[1]) {
            let compiled = compile(&condition, Scope::Event);
            assert!(compiled.is_ok(), "{condition}: {compiled:?}");
        }
    }
    for row in rows("What it may ask about") {
        for name in codes(&row[0]) {
            let compiled = compile(&format!("{name} != null"), Scope::Event);
            assert!(compiled.is_ok(), "{name}: {compiled:?}");
        }
    }
}

#[test]
fn the_bounds_are_those_that_are_named() {
    let section = TEXT.split("\n## Bounds").nth(1).expect("bounds");
    for bound in [SOURCE_BYTES_MAX, PARTS_MAX, DEPTH_MAX, STEPS_MAX] {
        let digits = bound.to_string();
        let written = match digits.len() {
            0..=3 => digits,
            len => format!("{},{}", &digits[..len - 3], &digits[len - 3..]),
        };
        assert!(section.contains(&written), "{written}");
    }
}
