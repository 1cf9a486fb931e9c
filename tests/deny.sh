#!/usr/bin/env bash
# Whether the packages that Laurel is made of may be used: their licences, where they come from,
# and, where RustSec's database of advisories can be had, what is known against them. Needs
# cargo-deny (`cargo install cargo-deny --locked`).
#
# ADVISORIES names a copy of the database: an address that git can clone, as file:///path. Without
# it, it is asked for at GitHub, and said where it cannot be had; a copy that is named must be there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo deny check --hide-inclusion-graph bans licenses sources

database="https://github.com/RustSec/advisory-db"
if [ -n "${ADVISORIES:-}" ]; then
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.$ADVISORIES.insteadOf" GIT_CONFIG_VALUE_0="$database"
fi
if GIT_TERMINAL_PROMPT=0 timeout 60 git ls-remote --quiet "$database" HEAD >/dev/null 2>&1; then
    cargo deny check --hide-inclusion-graph advisories
elif [ -n "${ADVISORIES:-}" ]; then
    echo "There is no database of advisories at $ADVISORIES." >&2
    exit 1
else
    echo "Advisories were NOT checked: $database cannot be reached. Name a copy in ADVISORIES."
fi
