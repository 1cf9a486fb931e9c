"""The client's own tests, and the documents' code blocks, against the deployed stack.

They are those of tests/node and tests/seeds: LAUREL_STACK_URL has them use a stack that stands,
instead of a local one of their own, and LAUREL_STACK_RESET lets each begin with an empty one.
"""

import http.client
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import ROOT, environment, run

SUITES = ["tests/node/client.test.mjs", "tests/seeds/seeds.test.mjs"]


def client_tests(tally, url, key, logs):
    if not shutil.which("node") or not shutil.which("npm"):
        tally.check("node and npm are there", False, "install them: apt-get install nodejs npm")
        return
    if not (ROOT / "sdk/typescript/node_modules").exists():
        run(["npm", "--prefix", "sdk/typescript", "ci", "--silent"], logs / "npm-ci-sdk.log")
    run(["npm", "--prefix", "sdk/typescript", "run", "build"], logs / "npm-build.log")
    if not (ROOT / "tests/node/node_modules").exists():
        run(["npm", "--prefix", "tests/node", "ci", "--silent"], logs / "npm-ci-tests.log")
    env = environment(LAUREL_STACK_URL=url, LAUREL_STACK_KEY=key, LAUREL_STACK_RESET=f"{url}/_reset")
    # One file after the other: they share the stack.
    done = subprocess.run(
        ["node", "--test", "--test-concurrency=1", "--test-reporter=tap", *SUITES],
        cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1200)
    text = done.stdout + done.stderr
    (logs / "client.log").write_text(text)
    names = 0
    for line in text.splitlines():
        is_good, _, rest = line.strip().partition("ok ")
        number, _, name = rest.partition(" - ")
        if is_good in ("", "not ") and number.isdigit() and not name.endswith(".mjs"):
            names += 1
            tally.check(name, not is_good)
    tally.check(f"all {names} tests of the client end well", done.returncode == 0 and names, text[-6000:])


def reset(cloud, stack):
    """Makes the stack as it was when it was new: nothing in the table, and functions that know nothing."""
    stack.drain()
    dynamodb, functions = cloud.client("dynamodb"), cloud.client("lambda")
    table = stack.outputs["TableName"]
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
        for start in range(0, len(keys), 25):
            dynamodb.batch_write_item(RequestItems={
                table: [{"DeleteRequest": {"Key": key}} for key in keys[start:start + 25]]})
    for name in stack.functions:
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables["RESETS"] = str(int(variables.get("RESETS", 0)) + 1)
        # A function that is configured anew starts anew.
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


@contextmanager
def front(cloud, stack, deployed):
    """A URL that leads to the deployed API, whose host has no address here; `POST /_reset` resets it."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path == "/_reset":
                reset(cloud, stack)
                return self.answer(204, [], b"")
            inner = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=60)
            headers = {name: value for name, value in self.headers.items()
                       if name.lower() not in ("host", "connection", "content-length", "transfer-encoding")}
            inner.request(self.command, self.path, body or None, {**headers, "Host": deployed.host})
            answer = inner.getresponse()
            kept = [(name, value) for name, value in answer.getheaders()
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server")]
            self.answer(answer.status, kept, answer.read())
            inner.close()

        def answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = forward

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
