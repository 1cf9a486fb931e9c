#!/usr/bin/env bash
# The load of docs/reliability.md: every profile for a minute, and one with ten kills, as the tables
# of that page. With arguments it is the load that they ask for: see --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Optimising across crates takes minutes, more than it saves here.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
cargo build --quiet --release -p laurel -p load
if [ $# -eq 0 ]; then
    set -- --all
fi
exec "${CARGO_TARGET_DIR:-target}/release/load" "$@"
