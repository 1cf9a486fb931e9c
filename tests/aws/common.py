"""What the AWS tests share: processes, an emulated AWS, HTTP and a tally."""

import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
EVENTS = sorted((ROOT / "events").glob("*.json"), key=lambda path: path.stem)
BIN = Path(sys.executable).parent
REGION = "us-east-1"
FUNCTIONS = {
    "PaymentCompletedFunction": "payment-completed",
    "PaymentRefundedFunction": "payment-refunded",
    "AccountCreatedFunction": "account-created",
    "ReferralAttributedFunction": "referral-attributed",
    "BehaviorFunction": "behavior",
    "OutboxFunction": "outbox",
    "LiabilityFunction": "liability",
    "DeliveriesFunction": "deliveries",
    "ClockFunction": "clock",
    "AuditFunction": "audit",
    "ApiFunction": "api",
    "LandingFunction": "landing",
}
LAMBDA_ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


class Tally:
    """Counts checks, prints each, and ends the process with the right status."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
            print(f"  ok    {name}", flush=True)
        else:
            self.failed += 1
            print(f"  FAIL  {name}", flush=True)
            if detail != "":
                text = detail if isinstance(detail, str) else json.dumps(detail, indent=2, default=str)
                print("        " + text.replace("\n", "\n        "), flush=True)
        return bool(good)

    def equal(self, name, got, want):
        return self.check(name, got == want, {"got": got, "want": want})

    @contextlib.contextmanager
    def to_the_end(self):
        """What ends a run early is one more failure, so that the tally always comes last."""
        try:
            yield
        except (Exception, SystemExit) as error:
            if not isinstance(error, SystemExit):
                traceback.print_exc(file=sys.stdout)
            self.check(f"the run comes to its end: {error}", False)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)


def environment(**more):
    """An environment that can reach no real AWS account."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    env.update(
        PATH=f"{BIN}{os.pathsep}{env.get('PATH', '')}",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION=REGION,
        AWS_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        SAM_CLI_TELEMETRY="0",
        SAM_CLI_CHECK_INSTALLED_VERSION="0",
    )
    env.update(more)
    return env


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def process(command, log, env=None, cwd=ROOT):
    """Runs a command in a process group of its own and ends that group at the end."""
    with open(log, "wb") as out:
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )
    try:
        yield child
    finally:
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(patience)
                if sign == signal.SIGTERM:
                    # Whatever the leader left behind in its group.
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(child.pid, signal.SIGKILL)
                break


def run(command, log, env=None, cwd=ROOT):
    """Runs a command to its end; its output is shown only when it fails."""
    with open(log, "wb") as out:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=env or environment(),
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )
    if done.returncode:
        print(Path(log).read_text(errors="replace")[-6000:])
        raise SystemExit(f"{' '.join(str(part) for part in command)} failed with status {done.returncode}")


def wait_for(what, probe, seconds, every=0.2, child=None, log=None):
    """Waits until the probe answers something true, and returns that."""
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        if child is not None and child.poll() is not None:
            break
        try:
            value = probe()
            if value:
                return value
        except (OSError, urllib.error.URLError) as error:
            last = error
        time.sleep(every)
    if log is not None:
        print(Path(log).read_text(errors="replace")[-6000:])
    raise SystemExit(f"waited {seconds} s in vain for {what}" + (f": {last}" if last else ""))


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.text = body.decode(errors="replace")
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"{self.status} {self.text[:600]}"


def http(method, url, body=None, key=None, host=None, timeout=30, headers=None):
    request = urllib.request.Request(url, method=method)
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    if host:
        request.add_header("Host", host)
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, data, timeout) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())


class Aws:
    """ministack on a port of its own, reachable from this machine only."""

    def __init__(self, port, log, child):
        self.port, self.log, self.child = port, log, child
        self.url = f"http://127.0.0.1:{port}"
        self.env = environment(AWS_ENDPOINT_URL=self.url)

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 2}, read_timeout=60),
        )


@contextlib.contextmanager
def aws(scratch, enforce_iam):
    """With `enforce_iam` each function can do only what its role allows."""
    port = free_port()
    log = scratch / "ministack.log"
    env = environment(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        IOT_MTLS_ENABLED="0",
        PERSIST_STATE="0",
        S3_DATA_DIR=str(scratch / "s3"),
        STATE_DIR=str(scratch / "state"),
        AUTH="true" if enforce_iam else "false",
    )
    with process([BIN / "ministack"], log, env, cwd=scratch) as child:
        wait_for(
            "the emulated AWS",
            lambda: http("GET", f"http://127.0.0.1:{port}/_ministack/health").status == 200,
            60, child=child, log=log,
        )
        yield Aws(port, log, child)


def template():
    from samcli.yamlhelper import yaml_parse

    return yaml_parse((ROOT / "template.yaml").read_text())


def sam_build(scratch):
    """Builds the functions as a user would, and returns the built template."""
    print(f"building the functions for {LAMBDA_ARCHITECTURE} (sam build)", flush=True)
    run(
        [BIN / "sam", "build", "--parameter-overrides", f"Architecture={LAMBDA_ARCHITECTURE}"],
        scratch / "sam-build.log",
    )
    return ROOT / ".aws-sam" / "build" / "template.yaml"


def find_reason(message):
    """The reason that came with a message in a dead-letter queue."""
    attributes = message.get("MessageAttributes") or {}
    return (attributes.get("reason") or {}).get("StringValue", "")


def receive_all(sqs, url, seconds=0.0):
    """Reads a queue until it stays empty, and removes what it read."""
    messages = []
    end = time.monotonic() + seconds
    while True:
        batch = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"],
        ).get("Messages", [])
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        messages += batch
        if not batch:
            if time.monotonic() >= end:
                return messages
            time.sleep(0.2)


def depth(sqs, url):
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes.get(name, 0)) for name in names)
