"""What a cold start costs each event function: bytes, start to the first request for work, and the
CPU time of its first event, whose first call to DynamoDB opens a TLS connection.

    python tests/aws/cold_start.py --bootstraps .aws-sam/build

The DynamoDB is a stand-in on the loopback that speaks TLS with a certificate of its own and refuses
every request, so what is counted is the function's own work: the handshake, signing, the request.
A function of 128 MB gets 7.2 % of a CPU; the last column is what that CPU time takes there.
Times of one machine, to be read beside docs/performance.md; nothing is asserted about them.
"""

import argparse
import http.server
import json
import ssl
import statistics
import subprocess
import tempfile
import threading
from pathlib import Path

from common import ROOT, environment
from rie_test import first_next, sample

FUNCTIONS = {
    "payment-completed": ("PaymentCompletedFunction", "payment-completed"),
    "payment-refunded": ("PaymentRefundedFunction", "payment-refunded"),
    "referral-attributed": ("ReferralAttributedFunction", "customer-created"),
    "account-created": ("AccountCreatedFunction", "account-created"),
    "behavior": ("BehaviorFunction", "review-submitted"),
}
STARTS = 9
CPU_SHARE = 0.072


class Refusal(http.server.BaseHTTPRequestHandler):
    """Answers every request as DynamoDB answers one for a table that does not exist."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.dumps({
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "no such table"}).encode()
        self.send_response(400)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def certificate(folder):
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


def serve(handler, tls=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def cpu_ms(pid):
    """CPU time of all threads of a process so far."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e6


def first_event(bootstrap, env, event, log):
    """CPU milliseconds from the delivery of the first event to its answer."""
    done = threading.Event()
    figures = {}
    child = None

    class RuntimeApi(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        delivered = False

        def do_GET(self):
            if RuntimeApi.delivered:
                done.wait(20)
                return
            RuntimeApi.delivered = True
            figures["before"] = cpu_ms(child.pid)
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
            self.send_header("Lambda-Runtime-Deadline-Ms", "99999999999999")
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:local:000000000000:function:f")
            self.send_header("content-length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            figures["after"] = cpu_ms(child.pid)
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()
            done.set()

        def log_message(self, *_):
            pass

    server = serve(RuntimeApi)
    env = {**env, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}"}
    with open(log, "wb") as out:
        child = subprocess.Popen(
            [bootstrap], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        if not done.wait(20):
            raise SystemExit(Path(log).read_text(errors="replace")[-3000:])
    finally:
        child.kill()
        child.wait()
        server.shutdown()
        server.server_close()
    return figures["after"] - figures["before"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstraps", type=Path, default=ROOT / ".aws-sam/build")
    folder = parser.parse_args().bootstraps.resolve()
    print(f"{'function':<20}{'MB':>7}{'init ms':>10}{'first event, CPU ms':>22}{'at 128 MB':>12}")
    with tempfile.TemporaryDirectory(prefix="laurel-cold-") as scratch:
        scratch = Path(scratch)
        cert, key = certificate(scratch)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cert, key)
        dynamodb = serve(Refusal, tls)
        env = environment(
            AWS_ENDPOINT_URL=f"https://localhost:{dynamodb.server_port}", SSL_CERT_FILE=str(cert),
            LAUREL_TABLE="laurel", LAUREL_BUS="laurel", LAUREL_DELIVERIES_URL="http://q", AWS_LAMBDA_FUNCTION_NAME="f",
            AWS_LAMBDA_FUNCTION_VERSION="$LATEST", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128",
            AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="ERROR")
        for name, (logical, event) in FUNCTIONS.items():
            bootstrap = folder / (name if (folder / name).exists() else logical) / "bootstrap"
            log = scratch / f"{name}.log"
            payload = json.dumps(sample(event)).encode()
            starts = [first_next(bootstrap, env, log) for _ in range(STARTS)]
            events = [first_event(bootstrap, env, payload, log) for _ in range(STARTS)]
            event_ms = statistics.median(events)
            print(f"{name:<20}{bootstrap.stat().st_size / 1e6:>7.2f}{statistics.median(starts):>10.2f}"
                  f"{event_ms:>22.2f}{event_ms / CPU_SHARE:>12.0f}")


if __name__ == "__main__":
    main()
