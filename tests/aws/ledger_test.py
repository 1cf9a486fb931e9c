"""Runs the tests of the ledger on the DynamoDB of an emulated AWS.

    python tests/aws/ledger_test.py [--whole] [FILTER…]

`cargo test` runs them on the embedded store. Here the same tests send the same
requests over HTTP to an independent implementation, so that what holds on one
store is shown not to be a habit of it.

Left out are tests that assert read units, which the emulation does not report
for batches, and those whose time stands still while they wait for the store.
Some tests send thousands of requests each, which takes this store a minute:
those run with `--whole`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ROOT, aws, environment

LEFT_OUT = [
    "cost",
    "what_failed_on_our_side_is_done_on_a_repeat",
    "whoever_waits_for_the_dead_is_told_to_come_again",
]
# A crash at every call, and histories; the API's document, which is the same on any store.
LONG = ["crash", "dies", "histor", "what_if::under_other_rules", "openapi"]
FEWER = {"LAUREL_SEEDS": "6", "LAUREL_REFEREES": "100"}


def main():
    parser = argparse.ArgumentParser(description="The tests of the ledger on an emulated AWS")
    parser.add_argument("--whole", action="store_true", help="the long ones, too")
    parser.add_argument("filters", nargs="*", help="only tests with one of these in their name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, aws(Path(scratch), enforce_iam=False) as emulated:
        env = environment(
            LAUREL_TEST_DYNAMODB=f"127.0.0.1:{emulated.port}",
            **{name: os.environ.get(name, value) for name, value in FEWER.items()},
        )
        # Of the whole workspace, so that it is built as for `cargo test --workspace`.
        command = ["cargo", "test", "--workspace", "--test", "it", "--", *arguments.filters]
        for name in LEFT_OUT if arguments.whole or arguments.filters else LEFT_OUT + LONG:
            command += ["--skip", name]
        sys.exit(subprocess.run(command, cwd=ROOT, env=env, check=False).returncode)


if __name__ == "__main__":
    main()
