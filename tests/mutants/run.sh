#!/usr/bin/env bash
# Tries every mutant that cargo-mutants lists of a package against the tests that reach it, all of
# them built into the tests at once. Beside this, cargo-mutants has to be installed.
#
#   tests/mutants/run.sh PACKAGE OUTCOMES [--file GLOB]... [--skip TEST]... [--again] [--most TESTS]
#       [--workers N] -- CARGO-TEST-ARGUMENTS
#
#   tests/mutants/run.sh laurel-rules rules.jsonl -- -p laurel-rules
#   tests/mutants/run.sh laurel-rules rules.jsonl --again -- --workspace --test it
#   tests/mutants/run.sh laurel-ledger ledger.jsonl --file 'shared/ledger/src/commit.rs' -- --workspace --test it
#
# A line of OUTCOMES says what became of a mutant. Those that have one are not tried again; with
# `--again`, but those that no test has found yet. `--most` bounds how many tests, the nearest first, a
# mutant is tried by.
set -euo pipefail
if [ $# -lt 2 ] || ! cargo mutants --version >/dev/null 2>&1; then
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    echo "Both PACKAGE and OUTCOMES are needed, and cargo-mutants: cargo install cargo-mutants --locked" >&2
    exit 2
fi
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
package=$1
outcomes=$(realpath "$2")
shift 2
target="${CARGO_TARGET_DIR:-$root/target}/mutants"
tree="$target/tree"

# What is changed is a copy.
rm -rf "$tree"
mkdir -p "$tree"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents --preserve=timestamps -t "$tree")

cargo build --quiet --manifest-path "$root/tests/mutants/Cargo.toml" --target-dir "$target"

# A case that fails is shrunk in vain, and is nothing for the next mutant to begin with.
export PROPTEST_MAX_SHRINK_ITERS=0 PROPTEST_DISABLE_FAILURE_PERSISTENCE=true
export CARGO_TARGET_DIR="$target/build" CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_OPT_LEVEL=1
exec "$target/debug/mutants" "$tree" "$package" "$outcomes" "$@"
