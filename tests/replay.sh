#!/usr/bin/env bash
# Replays the CDNOW purchases (see docs/performance.md for their source) and checks the totals:
# once, again, and once more from a run that was killed in the middle. Then it compares what
# milestones and streaks have paid each member with what a script reckons by itself.
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

program=benches/programs/goals.json
"$laurel" replay "$file" --program "$program" --earned "$data/earned.csv"
python3 tests/replay_goals.py "$file" "$program" "$data/earned.csv"

# What other rules would give is told without a table, and is what a run under them then gives.
cat >"$data/rules.json" <<'END'
[{"name": "spent", "trigger": "payment.completed", "carry": true, "cap": {"points": 60}, "window": "month",
  "award": {"type": "per_amount", "per": 150, "points": 2}},
 {"name": "welcome", "trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 25}}]
END
told=$("$laurel" replay "$file" --what-if "$data/rules.json")
printf '%s\n' "$told"
column() { awk -v name="$1" -v place="$2" '$1 == name {print $place; exit}' <<<"$told"; }
[ "$(column points 2)" = 2453159 ] || { echo "what happened is told otherwise" >&2; exit 1; }
printf '{"program": {"id": "prog_default", "auto_enroll": true}, "rules": %s}' \
    "$(cat "$data/rules.json")" >"$data/program.json"
real=$("$laurel" replay "$file" --program "$data/program.json")
for name in members points capped; do
    expect "$real" "$name" "$(column "$name" 3)"
done
echo "What was told of other rules is what they give."
