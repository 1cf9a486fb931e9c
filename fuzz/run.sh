#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while, beginning with the inputs in fuzz/corpus.
# Ends non-zero where one of them found something; the input is then in fuzz/artifacts.
#
#   fuzz/run.sh [SECONDS] [TARGET...]     # 5 seconds each, all of them
#
# It needs no nightly compiler, no sanitizer and no tool beside cargo and a C++ compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds="${1:-5}"
shift || true
if [ $# -gt 0 ]; then
    targets=("$@")
else
    mapfile -t targets < <(basename -s .rs fuzz_targets/*.rs)
fi

# The whole workspace is named, and with it the features of what it depends on: those that it was
# compiled with for the tests.
RUSTC_WORKSPACE_WRAPPER="$PWD/instrument.sh" cargo build --workspace \
    --features laurel-fuzz/libfuzzer "${targets[@]/#/--bin=fuzz-}"
binaries="${CARGO_TARGET_DIR:-../target}/debug"

# What is tried anew stays in a folder of its own: the corpus is what is committed.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p artifacts

fuzz() {
    local target="$1" log="$work/$1.log"
    mkdir "$work/$target"
    if "$binaries/fuzz-$target" "$work/$target" "corpus/$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target-" >"$log" 2>&1; then
        printf '%-12s %9s executions\n' "$target" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
    else
        tail -n 40 "$log"
        printf '%-12s found something: see fuzz/artifacts\n' "$target"
        return 1
    fi
}

# As many at a time as there are processors.
failed=0
for target in "${targets[@]}"; do
    while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
        wait -n || failed=1
    done
    fuzz "$target" &
done
while [ "$(jobs -pr | wc -l)" -gt 0 ]; do
    wait -n || failed=1
done
exit "$failed"
