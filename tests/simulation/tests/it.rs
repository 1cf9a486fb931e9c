//! The harness itself: what it finds is found again, and what it runs is what it says.

use simulation::{Script, run};

/// How many operations these histories have.
const LENGTH: usize = 40;

#[test]
fn one_seed_decides_everything() {
    for seed in [3, 14, 16] {
        let script = Script::of(seed, LENGTH);
        let [one, other] = [run(&script), run(&script)];
        assert_eq!(one.violation, other.violation, "{seed}");
        for (place, (one, other)) in one.trace.iter().zip(&other.trace).enumerate() {
            assert_eq!(one, other, "seed {seed}, line {place}");
        }
        assert_eq!(one.trace.len(), other.trace.len(), "{seed}");
        assert!(
            one.trace.len() > LENGTH / 2,
            "hardly anything happens: {:?}",
            one.trace
        );
        assert_ne!(one.trace, run(&Script::of(seed + 1, LENGTH)).trace);
    }
}
