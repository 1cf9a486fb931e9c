//! The gate that keeps this crate pure: no IO, clock, randomness, float or panic. What clippy
//! can tell by path is in `clippy.toml` of this crate and in the workspace's lints.

#![allow(
    clippy::disallowed_methods,
    reason = "the gate itself reads the sources"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

fn crate_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(path: &Path) -> Table {
    let text = fs::read_to_string(path).expect("a manifest");
    text.parse().expect("TOML")
}

/// What rules may depend on, with the features that bring neither a clock nor IO. `None` where
/// the default features are harmless.
const ALLOWED: [(&str, Option<&[&str]>); 7] = [
    ("iso_currency", Some(&[])),
    // Not `std`-with-`tz-system` or `tzdb-zoneinfo`: they look at the machine's time zone files.
    ("jiff", Some(&["alloc", "serde", "tzdb-bundle-always"])),
    // Without its feature a constant; the simulation alone switches it on.
    ("laurel-planted", None),
    ("rust_decimal", Some(&["std"])),
    ("serde", None),
    ("serde_json", None),
    ("sha2", None),
];

#[test]
fn dependencies_are_those_allowed() {
    let own = manifest(&crate_dir().join("Cargo.toml"));
    let workspace = manifest(&crate_dir().join("../../Cargo.toml"));
    for section in ["build-dependencies", "target", "features"] {
        assert!(!own.contains_key(section), "rules have no [{section}]");
    }
    let dependencies = own["dependencies"].as_table().expect("a table");
    for (name, dependency) in dependencies {
        let allowed = ALLOWED.iter().find(|(allowed, _)| allowed == name);
        let Some((_, features)) = allowed else {
            panic!("`{name}` is not on the list of what rules may depend on");
        };
        let shared = &workspace["workspace"]["dependencies"][name];
        let Some(features) = features else { continue };
        assert_eq!(
            shared.get("default-features").and_then(Value::as_bool),
            Some(false),
            "`{name}` may bring a clock or IO with its default features"
        );
        for source in [shared, dependency] {
            let on = source
                .get("features")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            for feature in on.filter_map(Value::as_str) {
                assert!(
                    features.contains(&feature),
                    "`{name}` may not have `{feature}` on"
                );
            }
        }
    }
}

/// Names that have no place in a decision, and why.
const FORBIDDEN: [(&str, &str); 30] = [
    ("SystemTime", "the time of deciding comes with the snapshot"),
    ("Instant", "the time of deciding comes with the snapshot"),
    (
        "Timestamp::now",
        "the time of deciding comes with the snapshot",
    ),
    ("Zoned::now", "the time of deciding comes with the snapshot"),
    ("TimeZone::system", "the time zone is the program's"),
    ("std::env", "configuration comes with the snapshot"),
    ("env!", "configuration comes with the snapshot"),
    ("std::fs", "rules do no IO"),
    ("std::io", "rules do no IO"),
    ("std::net", "rules do no IO"),
    ("std::process", "rules do no IO"),
    ("std::thread", "a decision is one computation"),
    ("async ", "a decision does not wait"),
    ("static ", "a decision keeps nothing"),
    ("thread_local", "a decision keeps nothing"),
    ("OnceLock", "a decision keeps nothing"),
    ("RefCell", "a decision changes nothing but what it returns"),
    ("Mutex", "a decision changes nothing but what it returns"),
    ("Atomic", "a decision changes nothing but what it returns"),
    ("rand::", "the same snapshot gives the same decision"),
    ("RandomState", "the same snapshot gives the same decision"),
    ("f32", "points are never counted in floats"),
    ("f64", "points are never counted in floats"),
    (".unwrap()", "no input may panic"),
    (".expect(", "no input may panic"),
    ("panic!", "no input may panic"),
    ("unreachable!", "no input may panic"),
    ("assert", "no input may panic"),
    ("println!", "rules do no IO"),
    ("include_", "rules do no IO"),
];

/// Where floats may stand: JSON has one kind of number, so a factor such as 1.5 comes and goes
/// as a float, and is turned into decimal digits at once.
const FLOAT_EDGES: [&str; 3] = [
    "match self.0.to_string().parse::<f64>() {",
    "Ok(number) => serializer.serialize_f64(number),",
    "fn visit_f64<E: de::Error>(self, value: f64) -> Result<Factor, E> {",
];

#[test]
fn sources_name_nothing_impure() {
    let mut problems = Vec::new();
    let mut edges = 0;
    for path in sources(&crate_dir().join("src")) {
        let text = fs::read_to_string(&path).expect("a source");
        for (number, line) in code_of(&text) {
            if FLOAT_EDGES.contains(&line.trim()) && path.ends_with("exact.rs") {
                edges += 1;
                continue;
            }
            for (_, why) in FORBIDDEN.iter().filter(|(name, _)| names(line, name)) {
                problems.push(format!(
                    "{}:{number}: {}: {why}",
                    path.display(),
                    line.trim()
                ));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert_eq!(
        edges,
        FLOAT_EDGES.len(),
        "a float edge that is gone need not be allowed"
    );
}

/// Whether `line` has `name`, and not as the end of a longer word.
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        name.starts_with('.')
            || !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'')
    })
}

/// The lines of `source` without comments, up to its tests.
fn code_of(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source
        .lines()
        .zip(1..)
        .take_while(|(line, _)| !line.starts_with("#[cfg(test)]"))
        .map(|(line, number)| (number, line.split("//").next().unwrap_or_default()))
}

/// All sources but modules of tests in files of their own, which are `tests.rs`.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("tests.rs"))
        .collect();
    found.sort();
    found
}

#[test]
fn the_gate_sees_what_it_should() {
    let code =
        "let t = Timestamp::now(); // SystemTime\n/// Instant\n#[cfg(test)]\nfn x() { y.unwrap() }";
    let hits = |name: &str| code_of(code).filter(|(_, line)| names(line, name)).count();
    assert_eq!(
        (hits("Timestamp::now"), hits("SystemTime"), hits("Instant")),
        (1, 0, 0)
    );
    assert_eq!(hits(".unwrap()"), 0, "tests may");
    assert!(names("a.b().unwrap();", ".unwrap()") && !names("x.unwrap_or(1)", ".unwrap()"));
    assert!(names("std::time::Instant", "Instant") && !names("an_Instant", "Instant"));
    assert!(!names("&'static str", "static "));
}
