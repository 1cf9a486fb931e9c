"""Runs each function under AWS's Runtime Interface Emulator with its sample events.

    python tests/aws/rie_test.py

The emulator is the one that the SAM CLI brings; table, bus and queues are an
emulated AWS. At the end it prints the size of each function and the time from
its start to its first request for work.
"""

import argparse
import base64
import contextlib
import http.server
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import samcli

from common import (
    FUNCTIONS, REGION, ROOT, Tally, aws, environment, find_reason, free_port, http as call_http, process,
    receive_all, sam_build, template, wait_for,
)
from told import tales

TABLE, BUS, KEY = "laurel-rie", "laurel-rie", "sk_test_rie"
PROGRAM = "prog_default"
STARTS = 11


def sample(name):
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


def scheduled(name):
    return json.loads((ROOT / "events" / "scheduled" / f"{name}.json").read_text())


class Function:
    """One bootstrap under one emulator."""

    def __init__(self, url):
        self.url = f"{url}/2015-03-31/functions/function/invocations"

    def __call__(self, payload):
        return call_http("POST", self.url, payload, timeout=60).json


@contextlib.contextmanager
def emulator(bootstrap, env, logs):
    machine = "arm64" if os.uname().machine in ("arm64", "aarch64") else "x86_64"
    binary = Path(samcli.__file__).parent / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    port, runtime = free_port(), free_port()
    log = logs / f"rie-{bootstrap.parent.name}.log"
    command = [
        binary, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{runtime}", bootstrap,
    ]
    with process(command, log, env, cwd=bootstrap.parent) as child:
        url = f"http://127.0.0.1:{port}"
        wait_for("the emulator", lambda: call_http("GET", url).status, 30, child=child, log=log)
        yield Function(url)


def http_request(method, path, body=None, key=KEY, route=None):
    """What an HTTP API sends to its function (payload format 2.0)."""
    path, _, query = path.partition("?")
    headers = {"host": "example.execute-api.eu-central-1.amazonaws.com", "x-forwarded-proto": "https"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    if body is not None:
        headers["content-type"] = "application/json"
    request = {
        "version": "2.0",
        "routeKey": route or ("ANY /v1/{proxy+}" if path.startswith("/v1/") else f"{method} {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": headers["host"],
            "domainPrefix": "example",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "rie_test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "20/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795168800000,
        },
        "isBase64Encoded": False,
    }
    if query:
        request["queryStringParameters"] = dict(pair.split("=", 1) for pair in query.split("&"))
    if body is not None:
        request["body"] = json.dumps(body)
    return request


def sqs_batch(bodies, receives=1):
    return {"Records": [
        {
            "messageId": f"message-{place}",
            "receiptHandle": f"receipt-{place}",
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {
                "ApproximateReceiveCount": str(receives), "SentTimestamp": "1795168800000",
                "SenderId": "123456789012", "ApproximateFirstReceiveTimestamp": "1795168800000",
            },
            "messageAttributes": {},
            "md5OfBody": "00000000000000000000000000000000",
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:laurel",
            "awsRegion": REGION,
        } for place, body in enumerate(bodies)
    ]}


def as_streamed(value):
    """An attribute as Lambda gets it: bytes are in Base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_streamed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_streamed(part) for part in value]
    return value


def stream_batch(items):
    return {"Records": [
        {
            "eventID": f"{place:032x}",
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "eventSourceARN": f"arn:aws:dynamodb:{REGION}:123456789012:table/{TABLE}/stream/2026-11-20T00:00:00.000",
            "dynamodb": {
                "ApproximateCreationDateTime": 1795168800,
                "Keys": {"pk": item["pk"], "sk": item["sk"]},
                "NewImage": as_streamed(item),
                "SequenceNumber": str(100000000000000000000 + place),
                "SizeBytes": 400,
                "StreamViewType": "NEW_IMAGE",
            },
        } for place, item in enumerate(items)
    ]}


def create_world(cloud):
    """The table of the template, a bus that is listened to, a dead-letter queue, a queue of deliveries."""
    properties = template()["Resources"]["Table"]["Properties"]
    cloud.client("dynamodb").create_table(TableName=TABLE, **{key: properties[key] for key in (
        "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")})
    sqs, events = cloud.client("sqs"), cloud.client("events")
    dead = sqs.create_queue(QueueName="laurel-rie-dead")["QueueUrl"]
    heard = sqs.create_queue(QueueName="laurel-rie-heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="heard", EventBusName=BUS, EventPattern=json.dumps({"source": [{"prefix": "laurel"}]}))
    events.put_targets(Rule="heard", EventBusName=BUS, Targets=[{"Id": "heard", "Arn": arn}])
    deliveries = sqs.create_queue(QueueName="laurel-rie-deliveries")["QueueUrl"]
    return dead, heard, deliveries


def entries(cloud):
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"] if item["sk"].get("S", "").startswith("T#")]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def check_api(tally, api):
    answer = api(http_request("GET", "/healthz", key=None))
    tally.check("api: GET /healthz answers 200", answer.get("statusCode") == 200, answer)
    answer = api(http_request("GET", "/v1/loyalty/accounts", key=None))
    tally.check("api: no key is 401", answer.get("statusCode") == 401, answer)
    answer = api(http_request("GET", f"/v1/loyalty/programs/{PROGRAM}"))
    tally.check("api: the default program is there", answer.get("statusCode") == 200, answer)
    answer = api(http_request("POST", f"/v1/loyalty/programs/{PROGRAM}", {"auto_enroll": True}))
    tally.check("api: a program is changed", answer.get("statusCode") == 200, answer)
    for rule in (
        {"trigger": "payment.completed", "award": {"type": "per_amount", "per": 100, "points": 1},
         "cap": {"points": 5000}, "window": "month"},
        {"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 500}, "window": "lifetime"},
    ):
        answer = api(http_request("POST", "/v1/loyalty/earning_rules", {"program": PROGRAM, **rule}))
        tally.check(f"api: a rule for {rule['trigger']} is created", answer.get("statusCode") in (200, 201), answer)


def check_landing(tally, api, landing, referrer):
    """The page of a member's code, and of none; API Gateway's context says who asks."""
    minted = api(http_request("POST", "/v1/loyalty/referrals", {"referrer": referrer}))
    code = json.loads(minted["body"])["code"]

    def page(code):
        return landing(http_request("GET", f"/r/{code}", key=None, route="GET /r/{code}"))

    answer = page(code)
    tally.check("landing: a member's code has its page", answer.get("statusCode") == 200, answer)
    tally.check("landing: it shows the code, and remembers the click", code in answer["body"]
                and any("__Host-laurel_ref=" in cookie for cookie in answer.get("cookies", [])), answer)
    tally.equal("landing: it is the page's own", answer["headers"].get("strict-transport-security"), "max-age=31536000")
    answer = page("NOBODY-2222")
    tally.check("landing: another has the friendly page, and no cookie",
                answer.get("statusCode") == 404 and not answer.get("cookies"), answer)
    # More than two minutes' worth, should one end meanwhile.
    tally.check("landing: who guesses is told to wait",
                any(page("NOBODY-2222").get("statusCode") == 429 for _ in range(130)))


def outcome(tally, name, function, event, want, duplicate=False):
    answer = function(event) or {}
    tally.check(
        f"{name}: {want}" + (", a duplicate" if duplicate else ""),
        answer.get("object") == "event_outcome" and answer.get("outcome") == want
        and bool(answer.get("duplicate")) == duplicate, answer)
    return answer


def check_batch(tally, name, function, cloud, dead, good, bad):
    """A queue's batch: what is fine counts, what is refused goes to the dead-letter queue."""
    answer = function(sqs_batch([good, bad, "not even JSON"]))
    tally.equal(f"{name}: a batch with bad events fails for none", answer, {"batchItemFailures": []})
    messages = receive_all(cloud.client("sqs"), dead, 1)
    bodies = {m["Body"] for m in messages}
    tally.equal(f"{name}: they are in the dead-letter queue as they came", bodies, {json.dumps(bad), "not even JSON"})
    tally.check(f"{name}: with the reason", messages and all(find_reason(m) for m in messages), messages)


def measure(tally, built, env, logs):
    """Size, and time from start to the first request for work."""
    rows = []
    for name in FUNCTIONS.values():
        bootstrap = built[name]
        times = [first_next(bootstrap, env, logs / f"start-{name}.log") for _ in range(STARTS)]
        rows.append((name, bootstrap.stat().st_size / 1e6, statistics.median(times), min(times)))
        tally.check(f"{name}: starts and asks for work", min(times) > 0)
    print(f"\n  {'function':<20}{'size MB':>9}{'init ms, median':>18}{'best':>8}")
    for name, size, median, best in rows:
        print(f"  {name:<20}{size:>9.2f}{median:>18.2f}{best:>8.2f}")
    print(f"  ({STARTS} starts each; the time ends when the Runtime API sees the first `next`)\n")


def first_next(bootstrap, env, log):
    """Milliseconds from exec to the first GET …/runtime/invocation/next."""
    seen = threading.Event()
    moment = []

    class RuntimeApi(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.endswith("/runtime/invocation/next") and not seen.is_set():
                moment.append(time.perf_counter())
                seen.set()
            # As Lambda does, no answer until there is work.
            finished.wait(20)

        def log_message(self, *_):
            pass

    finished = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        env = {**env, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}"}
        with open(log, "wb") as out:
            start = time.perf_counter()
            child = subprocess.Popen(
                [bootstrap], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True)
        try:
            if not seen.wait(20):
                print(Path(log).read_text(errors="replace")[-3000:])
                return -1.0
            return (moment[0] - start) * 1000
        finally:
            child.kill()
            child.wait()
    finally:
        finished.set()
        server.shutdown()
        server.server_close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstraps", type=Path, help=(
        "folder with the bootstrap of each function, instead of running sam build: "
        "target/lambda after cargo lambda build, or .aws-sam/build"))
    parser.add_argument("--keep-logs", type=Path, help="folder for the logs of everything that was started")
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="laurel-rie-") as folder:
        scratch = Path(folder)
        logs = options.keep_logs or scratch
        logs.mkdir(parents=True, exist_ok=True)
        with tally.to_the_end():
            if options.bootstraps:
                folder = options.bootstraps.resolve()
            else:
                folder = sam_build(logs).parent
            built = {
                name: folder / (name if (folder / name).exists() else logical) / "bootstrap"
                for logical, name in FUNCTIONS.items()}
            test(tally, built, scratch, logs)
    tally.finish()


def test(tally, built, scratch, logs):
    with aws(scratch, enforce_iam=False) as cloud:
        dead, heard, deliveries = create_world(cloud)
        base = environment(
            AWS_ENDPOINT_URL=cloud.url, LAUREL_TABLE=TABLE, LAUREL_BUS=BUS, LAUREL_DLQ_URL=dead,
            LAUREL_DELIVERIES_URL=deliveries,
            LAUREL_MAX_RECEIVES="5", LAUREL_API_KEY=KEY, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="INFO",
            AWS_LAMBDA_FUNCTION_VERSION="$LATEST", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128",
        )

        def env(name):
            return {**base, "AWS_LAMBDA_FUNCTION_NAME": f"laurel-{name}"}

        def run(name):
            return emulator(built[name], env(name), logs)

        with run("api") as api:
            check_api(tally, api)

            with run("payment-completed") as function:
                payment = sample("payment-completed")
                outcome(tally, "payment-completed", function, payment, "awarded")
                outcome(tally, "payment-completed", function, payment, "awarded", duplicate=True)
                outcome(tally, "invoice-paid", function, sample("invoice-paid"), "no_award")
                outcome(tally, "payment-over-cap", function, sample("payment-over-cap"), "awarded")
                outcome(tally, "payment-completed-second-member", function,
                        sample("payment-completed-second-member"), "awarded")
                answer = function(sample("payment-failed"))
                tally.check("payment-failed: earns nothing", answer.get("outcome") in ("ignored", "no_award"), answer)
                bad = {**payment, "detail": {**payment["detail"], "id": "pay_bad", "amount": 42.5}}
                answer = outcome(tally, "a payment of half a cent", function, bad, "refused")
                tally.check("and it says what is wrong", (answer.get("error") or {}).get("param"), answer)
                kept = receive_all(cloud.client("sqs"), dead, 1)
                tally.equal("and it is kept as it came", [m["Body"] for m in kept], [json.dumps(bad)])
                check_batch(tally, "payment-completed", function, cloud, dead, payment, bad)

            with run("payment-refunded") as function:
                refund = sample("payment-refunded")
                outcome(tally, "payment-refunded", function, refund, "reversed")
                outcome(tally, "payment-refunded", function, refund, "reversed", duplicate=True)
                outcome(tally, "payment-disputed", function, sample("payment-disputed"), "reversed")
                early = {**refund, "detail": {"id": "re_early", "payment": "pay_later", "amount": 100}}
                outcome(tally, "a refund ahead of its payment", function, early, "remembered")
                check_batch(tally, "payment-refunded", function, cloud, dead, refund,
                            {**refund, "detail": {"id": "re_bad"}})

            listed = api(http_request("GET", f"/v1/loyalty/accounts?program={PROGRAM}&customer=cust_anna"))
            anna = json.loads(listed["body"])["data"][0]
            # 500 for joining, 42 for the teapot, 4,958 up to the cap; the refund of half the teapot takes 21.
            tally.equal("what Anna has in the end", (anna["balance"], anna["lifetime_points"]), (5479, 5500))

            with run("account-created") as function:
                created = sample("account-created")
                outcome(tally, "account-created", function, created, "unlinked")
                known = {**created, "detail": {"id": anna["id"]}}
                answer = function(known)
                tally.check("account-created for a member who has the bonus: nothing more", (
                    answer.get("object") == "event_outcome"
                    and (answer.get("duplicate") or answer.get("outcome") == "no_award")), answer)
                check_batch(tally, "account-created", function, cloud, dead, known,
                            {**created, "detail": {"id": 7}})
            listed = api(http_request("GET", f"/v1/loyalty/accounts/{anna['id']}"))
            tally.equal("Anna still has as much", json.loads(listed["body"]).get("balance"), 5479)

            with run("landing") as function:
                check_landing(tally, api, function, anna["id"])

            with run("referral-attributed") as function:
                customer = sample("customer-created")
                answer = function(customer)
                tally.check("customer-created: handled", answer.get("object") == "event_outcome"
                            and answer.get("outcome") != "refused", answer)
                outcome(tally, "referral-attributed of a referral that there is not", function,
                        sample("referral-attributed"), "unlinked")
                check_batch(tally, "referral-attributed", function, cloud, dead, customer,
                            {**customer, "detail": {"id": 7}})

            with run("behavior") as function:
                review = sample("review-submitted")
                outcome(tally, "review-submitted", function, review, "no_award")
                outcome(tally, "subscription-created", function, sample("subscription-created"), "no_award")
                for name in ("customer-updated", "customer-deleted"):
                    outcome(tally, name, function, sample(name), "processed")
                check_batch(tally, "behavior", function, cloud, dead, review,
                            {**review, "detail": {**review["detail"], "id": "rev_bad", "amount": "many"}})

            with run("outbox") as function:
                written = entries(cloud)
                receive_all(cloud.client("sqs"), heard)
                answer = function(stream_batch(written))
                tally.equal("outbox: takes the table's entries", answer, {"batchItemFailures": []})
                first = emitted(cloud, heard)
                kinds = {kind for kind, _ in first}
                tally.check("outbox: emits joining, earning and reversal", {
                    "loyalty.account.created", "loyalty.points.earned", "loyalty.points.reversed"} <= kinds,
                    sorted(kinds))
                function(stream_batch(written))
                tally.equal("outbox: a repeat bears the same ids", emitted(cloud, heard), first)
                tally.equal("outbox: nothing in the dead-letter queue", receive_all(cloud.client("sqs"), dead), [])

            with run("clock") as function:
                tally.equal("clock: sees to what is due", function(scheduled("clock")), None)

            with run("audit") as function:
                tally.equal("audit: goes through the members", function(scheduled("audit")), None)

        print("\nlogs")
        log = [line for path in sorted(logs.glob("rie-*.log")) for line in path.read_text(errors="replace").splitlines()]
        tally.check("what the functions logged is there", any("INFO" in line for line in log), log[:20])
        tally.equal("and tells no secret", tales(log), [])

        print("\nstart-up")
        measure(tally, built, env("measured"), logs)


def emitted(cloud, heard):
    events = [json.loads(m["Body"]) for m in receive_all(cloud.client("sqs"), heard, 2)]
    return sorted({(e["detail-type"], e["detail"]["id"]) for e in events})


if __name__ == "__main__":
    main()
