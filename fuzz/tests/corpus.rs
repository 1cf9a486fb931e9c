//! What must hold of any input holds of those that are kept.

use std::{collections::BTreeSet, fs, panic, path::Path};

use laurel_fuzz::TARGETS;

#[test]
fn what_must_hold_holds_of_all_kept_inputs() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.into_string().expect("text"))
            .collect()
    };
    let targets = TARGETS.map(|(name, _)| name.to_owned());
    assert_eq!(names(&corpus), BTreeSet::from(targets));
    for (target, check) in TARGETS {
        let folder = corpus.join(target);
        let inputs = names(&folder);
        assert!(inputs.len() >= 10, "{target} has {} inputs", inputs.len());
        for input in inputs {
            let data = fs::read(folder.join(&input)).expect("an input");
            // A panic does not say which input it was.
            let tried = panic::catch_unwind(|| check(&data));
            assert!(tried.is_ok(), "{target}/{input}");
        }
    }
}
