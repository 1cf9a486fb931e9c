#!/usr/bin/env python3
"""Checks `laurel` against its own OpenAPI document: `run.py PATH_OF_LAUREL [OPTIONS]`.

The options go to Schemathesis; its rules are in schemathesis.toml beside this file. The server
listens on a free port of 127.0.0.1 and is stopped in the end.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
KEY = "sk_test_local"


def made(base, path, body):
    """What a call answers that makes something."""
    headers = {"X-Api-Key": KEY, "Content-Type": "application/json"}
    request = urllib.request.Request(base + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def main():
    laurel, options = sys.argv[1], sys.argv[2:]
    document = HERE.parent.parent / "openapi.json"
    subprocess.run(["openapi-spec-validator", document], check=True)
    # Its log holds a line for each wrong event that is queued, which are many here.
    server = subprocess.Popen(
        [laurel, "--port", "0", "--api-key", KEY],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        urls = (re.search(r"listens on (http://\S+?)\.? ", line) for line in server.stdout)
        base = next(url.group(1) for url in urls if url)
        account = made(base, "/v1/loyalty/accounts", {"customer": "cust_schemathesis"})["id"]
        adjustment = {"account": account, "type": "adjust", "amount": 1000, "reason": "A start"}
        transaction = made(base, "/v1/loyalty/transactions", adjustment)["id"]
        environment = {**os.environ, "ACCOUNT": account, "TRANSACTION": transaction}
        command = ["schemathesis", "--config-file", "schemathesis.toml", "run", f"{base}/openapi.json"]
        command += ["--url", base, "--header", f"X-Api-Key: {KEY}", "--no-color"]
        command += ["--seed", "1", "--max-examples", "25", "--continue-on-failure", *options]
        sys.exit(subprocess.run(command, cwd=HERE, env=environment).returncode)
    finally:
        server.terminate()
        server.wait(timeout=10)


if __name__ == "__main__":
    main()
