//! What each operation of the API takes of the table, as the list in `docs/costs.md` has it.

use std::{fmt::Write, path::Path};

use api::openapi::{document, operation_ids};

use crate::examples::{NOT_CALLED, record};

/// What stands above the list.
const ABOVE: &str = include_str!("route_costs.md");

#[tokio::test]
async fn the_costs_of_every_route_are_as_listed() {
    let recorder = record().await;
    let missing: Vec<&str> = operation_ids()
        .into_iter()
        .filter(|id| *id != NOT_CALLED && recorder.costs(id).next().is_none())
        .collect();
    assert!(missing.is_empty(), "no call of {missing:?} succeeds");

    let mut list = ABOVE.to_owned();
    let document = document(&Default::default());
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let id = operation["operationId"].as_str().expect("an id");
            for (what, used) in recorder.costs(id) {
                writeln!(
                    list,
                    "| {} {path} | {what} | {} | {} | {} |",
                    method.to_uppercase(),
                    used.total_requests(),
                    used.read_units(),
                    used.write_units,
                )
                .expect("a line of text");
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/costs.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, list).expect("docs/costs.md can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (was, is) in committed.lines().zip(list.lines()) {
        assert_eq!(
            is, was,
            "a cost is another than in docs/costs.md; where that is meant, \
             `UPDATE=1 cargo test -p laurel-tests route_costs` writes it anew"
        );
    }
    assert_eq!(list.lines().count(), committed.lines().count());
}
