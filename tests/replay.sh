#!/usr/bin/env bash
# Replays the CDNOW purchases (see docs/performance.md for their source) and checks the totals:
# once, again, and once more from a run that was killed in the middle.
set -euo pipefail
file=$1
# Optimising across crates takes minutes, more than it saves here.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
cargo build --quiet --release -p laurel
laurel="${CARGO_TARGET_DIR:-target}/release/laurel"
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

# Checks that the line of the summary in $1 which begins with $2 shows the number $3.
expect() {
    if ! grep -qE "^ *$2 +$3\b" <<<"$1"; then
        printf '%s\nexpected: %s %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
}

first=$("$laurel" replay "$file" --data "$data/whole")
printf '%s\n' "$first"
expect "$first" events "69659"
expect "$first" members "23570"
expect "$first" points "2453159"
again=$("$laurel" replay "$file" --data "$data/whole")
expect "$again" duplicates "69659"
expect "$again" members "23570"
expect "$again" points "2453159"

"$laurel" replay "$file" --data "$data/killed" >"$data/out" 2>&1 &
pid=$!
sleep 8
kill -9 "$pid" 2>/dev/null || { echo "the replay ended before it could be killed" >&2; exit 1; }
wait "$pid" 2>/dev/null || true
resumed=$("$laurel" replay "$file" --data "$data/killed")
printf '%s\n' "$resumed"
expect "$resumed" members "23570"
expect "$resumed" points "2453159"
if grep -qE "^ *duplicates +0\b" <<<"$resumed"; then
    echo "the kill came before the first event" >&2
    exit 1
fi
echo "The totals are right: at once, again, and after a kill."
