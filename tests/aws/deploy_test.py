"""Deploys template.yaml to an emulated AWS and compares it with the local stack.

    python tests/aws/deploy_test.py

The sample events go over the real bus: rule, queue, function, table, stream,
outbox. What the HTTP API then says about every member must be what the local
stack says after the same events. IAM is enforced, so a permission that is
missing in the template fails here.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from common import (
    BIN, EVENTS, FUNCTIONS, LAMBDA_ARCHITECTURE, REGION, ROOT, Tally, aws, depth, environment, find_reason,
    free_port, http, process, receive_all, run, sam_build, template, wait_for,
)
from client import client_tests, front, reset
from guide import guide
from journey import journey
from told import lambda_log, tales

STACK = "laurel"
PROGRAM = "prog_default"
PROGRAM_FIELDS = [
    "name", "currency", "timezone", "rounding", "auto_enroll", "negative_balance", "pending_days", "expires",
]
RULE_FIELDS = [
    "name", "trigger", "award", "multiplier", "cap", "window", "active", "basis", "basis_field", "carry",
    "earn_on", "starts_at", "ends_at", "pending_days", "expires", "priority", "exclusive_group", "exclusive",
]
# One event that each function must refuse.
POISON = {
    "PaymentCompleted": ("payment.completed", {
        "id": "pay_poison", "amount": "ten euros", "currency": "EUR", "customer": "cust_anna"}),
    "PaymentRefunded": ("payment.refunded", {"id": "re_poison", "payment": "pay_1001", "amount": -1}),
    "AccountCreated": ("loyalty.account.created", {"id": ["not", "an", "id"]}),
    "ReferralAttributed": ("customer.created", {"id": "cust_poison", "email": 7}),
    "Behavior": ("review_submitted", {"id": "rev_poison", "customer": "cust_anna", "amount": -1}),
}


class Laurel:
    """Laurel's HTTP API, wherever it runs."""

    def __init__(self, name, url, key, host=None):
        self.name, self.url, self.key, self.host = name, url, key, host

    def call(self, method, path, body=None, key=True, headers=None):
        """`key` may be another key than the stack's own, or false for none."""
        shown = self.key if key is True else key
        return http(method, self.url + path, body, shown or None, self.host, headers=headers)

    def need(self, method, path, body=None):
        answer = self.call(method, path, body)
        if not 200 <= answer.status < 300:
            raise SystemExit(f"{self.name}: {method} {path} answered {answer}")
        return answer.json

    def list(self, path):
        items, after = [], ""
        while True:
            page = self.need("GET", f"{path}{'&' if '?' in path else '?'}limit=100{after}")
            items += page["data"]
            if not page.get("has_more"):
                return items
            after = f"&starting_after={page['data'][-1]['id']}"

    def accounts(self):
        return self.list(f"/v1/loyalty/accounts?program={PROGRAM}")

    def transactions(self, account):
        return self.list(f"/v1/loyalty/transactions?account={account}")

    def members(self, only=None):
        """Every member by customer, without what differs from run to run."""
        accounts = [a for a in self.accounts() if only is None or a.get("customer") in only]
        names = {a["id"]: f"<account of {a.get('customer')}>" for a in accounts}
        times = {json.loads(path.read_text())["time"] for path in EVENTS}

        def plain(value):
            if isinstance(value, dict):
                return {key: plain(entry) for key, entry in value.items()}
            if not isinstance(value, str):
                return value
            for prefix in ("rule_", "ptx_", "evt_"):
                if value.startswith(prefix):
                    return f"<{prefix}>"
            return names.get(value, value)

        members = {}
        for account in accounts:
            entries = []
            for entry in self.transactions(account["id"]):
                metadata = entry.get("metadata") or {}
                entries.append({
                    "type": entry["type"],
                    "amount": entry["amount"],
                    "status": entry.get("status"),
                    "balance_after": entry.get("balance_after"),
                    "payment": entry.get("payment"),
                    "source": plain(entry.get("source")),
                    "reason": plain(entry.get("reason")),
                    "capped": metadata.get("capped"),
                    "uncapped_points": metadata.get("uncapped_points"),
                    "occurred_at": entry["occurred_at"] if entry.get("occurred_at") in times else "<now>",
                })
            members[account.get("customer")] = {
                "status": account["status"],
                "balance": account["balance"],
                "lifetime_points": account["lifetime_points"],
                "pending": account.get("pending"),
                "email": account.get("email"),
                "transactions": sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True)),
            }
        return members


class Stack:
    """The deployed stack and its queues."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.sqs, self.events = cloud.client("sqs"), cloud.client("events")
        found = cloud.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.status = found["StackStatus"]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}
        self.queues = {
            key.removesuffix("QueueUrl"): url for key, url in self.outputs.items()
            if key.endswith("QueueUrl") and "DeadLetter" not in key and key != "UndeliveredQueueUrl"
        }
        self.dead = {
            key.removesuffix("DeadLetterQueueUrl"): url for key, url in self.outputs.items()
            if key.endswith("DeadLetterQueueUrl")
        }
        resources = cloud.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        self.functions = [
            r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::Lambda::Function"]

    def put(self, entries):
        answer = self.events.put_events(Entries=[
            {
                "EventBusName": self.outputs["BusName"],
                "Source": event.get("source", "shop"),
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Time": event.get("time", time.time()),
            } for event in entries
        ])
        if answer["FailedEntryCount"]:
            raise SystemExit(f"the bus refused events: {answer['Entries']}")
        self.drain()

    def drain(self):
        """Waits until no queue holds anything, seen three times running."""
        seen = 0

        def empty():
            nonlocal seen
            seen = seen + 1 if not any(depth(self.sqs, url) for url in self.queues.values()) else 0
            return seen == 3

        wait_for("the queues to empty", empty, 120, every=0.15, log=self.cloud.log)

    def listen(self):
        """A queue of the test's own that gets whatever Laurel emits."""
        url = self.sqs.create_queue(QueueName=f"{STACK}-heard")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus = self.outputs["BusName"]
        rule = self.events.put_rule(
            Name="heard", EventBusName=bus, EventPattern=json.dumps({"source": ["laurel"]}))["RuleArn"]
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }],
        })})
        self.events.put_targets(Rule="heard", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])
        return url


def check_template(tally):
    lint = subprocess.run(
        [BIN / "sam", "validate", "--lint"], cwd=ROOT, env=environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    tally.check("sam validate --lint", lint.returncode == 0, lint.stdout + lint.stderr)
    resources = template()["Resources"]
    wide = []
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        documents = [p["PolicyDocument"] for p in properties.get("Policies", [])]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for statement in document["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                # One wildcard is meant: it stands for messages alone and in batches.
                wild = [action for action in actions if "*" in action and action != "sqs:SendMessage*"]
                if statement["Resource"] == "*" or wild:
                    wide.append(f"{name}: {statement.get('Sid')}")
    tally.equal("no policy allows every action or every resource", wide, [])
    functions = [n for n, r in resources.items() if r["Type"] == "AWS::Serverless::Function"]
    roles = [str(resources[name]["Properties"]["Role"]) for name in functions]
    tally.equal("one role per function", len(set(roles)), len(functions))
    # The emulated bus delivers whatever the queue's policy says, so compare here.
    allowed = {
        (str(queue), str(statement["Condition"]["ArnEquals"]["aws:SourceArn"]))
        for r in resources.values() if r["Type"] == "AWS::SQS::QueuePolicy"
        for queue in [s["Resource"] for s in r["Properties"]["PolicyDocument"]["Statement"]]
        for statement in r["Properties"]["PolicyDocument"]["Statement"]}
    undelivered = [s for q, s in allowed if "UndeliveredQueue" in q]
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Events::Rule":
            continue
        target = resource["Properties"]["Targets"][0]
        arn = str({"Fn::GetAtt": [name, "Arn"]})
        tally.check(f"{name} may send to its queue, and to the one for what it cannot deliver",
                    (str(target["Arn"]), arn) in allowed and any(arn in s for s in undelivered), sorted(allowed))
    timeout = template()["Globals"]["Function"]["Timeout"]
    short = [
        n for n, r in resources.items() if r["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in r["Properties"]
        and r["Properties"]["VisibilityTimeout"] < 6 * timeout]
    tally.equal("queues hide a message for six time-outs", short, [])


def check_routing(tally, stack):
    """Asks the bus itself which rules an event matches."""
    bus = stack.outputs["BusName"]
    patterns = {
        rule["Name"]: rule["EventPattern"] for rule in stack.events.list_rules(EventBusName=bus)["Rules"]}
    queues = {
        rule: stack.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"][0]["Arn"].split(":")[-1]
        for rule in patterns}

    def functions(source, kind):
        event = {"id": "1", "source": source, "detail-type": kind, "account": "123456789012", "region": REGION,
                 "time": "2026-11-01T00:00:00Z", "resources": [], "detail": {}}
        return [
            queues[rule].removeprefix(f"{STACK}-") for rule, pattern in patterns.items()
            if stack.events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]]

    for source, kind, want in (
        ("shop", "payment.completed", ["payment-completed"]),
        ("shop", "payment.failed", ["payment-completed"]),
        ("billing", "invoice.paid", ["payment-completed"]),
        ("shop", "payment.refunded", ["payment-refunded"]),
        ("shop", "payment.disputed", ["payment-refunded"]),
        ("crm", "loyalty.account.created", ["account-created"]),
        ("laurel", "loyalty.account.created", ["account-created"]),
        ("shop", "customer.created", ["referral-attributed"]),
        ("laurel", "referral.attributed", ["referral-attributed"]),
        ("shop", "customer.updated", ["behavior"]),
        ("shop", "customer.deleted", ["behavior"]),
        ("shop", "a_behaviour_of_tomorrow", ["behavior"]),
        ("laurel.api", "review_submitted", ["behavior"]),
        ("laurel", "loyalty.points.earned", []),
        ("laurel", "referral.converted", []),
    ):
        tally.equal(f"{kind} from {source}", functions(source, kind), want)


def check_landing(tally, deployed):
    """The page that a member's link leads to, through the HTTP API's own route."""
    member = deployed.need("POST", "/v1/loyalty/accounts", {"customer": "cust_host"})
    referral = deployed.need("POST", "/v1/loyalty/referrals", {"referrer": member["id"]})
    tally.check("the link leads to the page", referral["shareUrl"].endswith(f"/r/{referral['code']}"), referral)
    page = deployed.call("GET", f"/r/{referral['code']}", key=False)
    tally.equal("GET /r/{code}", page.status, 200)
    tally.equal("an unknown code", deployed.call("GET", "/r/NOBODY-2222", key=False).status, 404)


def prepare(deployed, local):
    """Gives the deployed program the settings and rules of the local demo."""
    demo = local.need("GET", f"/v1/loyalty/programs/{PROGRAM}")
    settings = {field: demo[field] for field in PROGRAM_FIELDS if demo.get(field) is not None}
    if deployed.call("GET", f"/v1/loyalty/programs/{PROGRAM}").status == 404:
        deployed.need("POST", "/v1/loyalty/programs", {"id": PROGRAM, **settings})
    else:
        deployed.need("POST", f"/v1/loyalty/programs/{PROGRAM}", settings)
    rules = local.list(f"/v1/loyalty/earning_rules?program={PROGRAM}")
    for rule in reversed(rules):
        body = {field: rule[field] for field in RULE_FIELDS if rule.get(field) is not None}
        deployed.need("POST", "/v1/loyalty/earning_rules", {"program": PROGRAM, **body})
    return rules


def settled(laurel):
    """The members once they have stopped changing."""
    last, same = None, 0

    def still():
        nonlocal last, same
        now = laurel.members()
        same = same + 1 if now and now == last else 0
        last = now
        return same == 4

    wait_for(f"{laurel.name} to settle", still, 120, every=0.5)
    return last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, help="a built template, instead of running sam build")
    parser.add_argument("--laurel", type=Path, help="a built laurel binary, instead of cargo run")
    parser.add_argument("--keep-logs", type=Path, help="folder for the logs of everything that was started")
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="laurel-deploy-") as folder:
        scratch = Path(folder)
        if options.keep_logs:
            options.keep_logs.mkdir(parents=True, exist_ok=True)
        with tally.to_the_end():
            test(tally, options, scratch, options.keep_logs or scratch)
    tally.finish()


def test(tally, options, scratch, logs):
    print("template")
    check_template(tally)
    built = options.template or sam_build(logs)

    port = free_port()
    command = [options.laurel] if options.laurel else ["cargo", "run", "--quiet", "--package", "laurel", "--"]
    local = Laurel("the local stack", f"http://127.0.0.1:{port}", "sk_test_local")
    plain = {key: value for key, value in environment().items() if not key.startswith(("AWS_", "LAUREL_"))}
    with aws(scratch, enforce_iam=True) as cloud, \
            process([*command, "--port", port], logs / "laurel.log", plain) as laurel:
        print("deployment")
        run([
            BIN / "sam", "deploy", "--config-file", ROOT / "samconfig.toml", "--template-file", built, "--stack-name", STACK,
            "--parameter-overrides", f"Architecture={LAMBDA_ARCHITECTURE}", "BatchingWindow=0", "Mode=sandbox",
            "--region", REGION,
        ], logs / "sam-deploy.log", cloud.env)
        stack = Stack(cloud)
        tally.equal("sam deploy", stack.status, "CREATE_COMPLETE")
        secret = cloud.client("secretsmanager").get_secret_value(SecretId=stack.outputs["ApiKeySecretArn"])
        api = stack.outputs["ApiUrl"].split("//", 1)[1].split(".", 1)[0]
        deployed = Laurel(
            "the deployed stack", cloud.url, f"sk_test_{secret['SecretString']}",
            host=f"{api}.execute-api.localhost:{cloud.port}")

        print("HTTP API")
        tally.equal("GET /healthz", deployed.call("GET", "/healthz", key=False).status, 200)
        tally.equal("no key is refused", deployed.call("GET", "/v1/loyalty/accounts", key=False).status, 401)
        tally.equal("the key of the secret is taken", deployed.call("GET", "/v1/loyalty/accounts").status, 200)
        tally.equal("an unknown path", deployed.call("GET", "/nowhere").status, 404)
        again = run_again(built, cloud, logs)
        tally.check("a second sam deploy changes nothing", again)

        print("routing")
        check_routing(tally, stack)

        print("sample events")
        wait_for(
            "the local stack", lambda: local.call("GET", "/healthz", key=False).status == 200,
            1800, child=laurel, log=logs / "laurel.log")
        want = settled(local)
        rules = prepare(deployed, local)
        tally.check("the demo program has rules", rules)
        heard = stack.listen()
        # In the order in which they happened, as the local stack sends them.
        samples = sorted((json.loads(path.read_text()) for path in EVENTS), key=lambda sample: sample["time"])
        for sample in samples:
            stack.put([sample])
        got = settled(deployed)
        tally.equal("the same members as in the local stack", sorted(got), sorted(want))
        for customer in sorted(want):
            tally.equal(f"{customer}: balance, lifetime and transactions as in the local stack",
                        got.get(customer), want[customer])
        entries = [entry for member in got.values() for entry in member["transactions"]]
        tally.check("a member earns", any(e["type"] == "earn" and e["amount"] > 0 for e in entries), entries)
        tally.check("a member hits the cap", any(e["capped"] for e in entries), entries)
        tally.check("a member loses points to a refund", any(e["type"] == "reverse" for e in entries), entries)

        print("emitted events")
        ledger = {
            entry["id"]: entry for account in deployed.accounts() for entry in deployed.transactions(account["id"])}
        earned = {key for key, entry in ledger.items() if entry["type"] == "earn"}
        reversed_ = {key for key, entry in ledger.items() if entry["type"] == "reverse"}
        emitted = hear(stack, heard, lambda seen: (
            earned <= of_type(seen, "loyalty.points.earned")
            and reversed_ <= of_type(seen, "loyalty.points.reversed")))
        tally.equal("every earning is emitted, and nothing else as one",
                    sorted(of_type(emitted, "loyalty.points.earned")), sorted(earned))
        tally.equal("every reversal is emitted",
                    sorted(of_type(emitted, "loyalty.points.reversed")), sorted(reversed_))
        tally.check("new members are emitted",
                    {a["id"] for a in deployed.accounts()}
                    <= {e["detail"]["data"].get("account") or e["detail"]["data"].get("id") for e in emitted
                        if e["detail-type"] == "loyalty.account.created"}, [e["detail"] for e in emitted][:3])
        shape = [e for e in emitted if not (
            e["detail"].get("id", "").startswith("evt_") and e["detail"].get("type") == e["detail-type"]
            and e["detail"].get("program") == PROGRAM and "created" in e["detail"]
            and isinstance(e["detail"].get("data"), dict))]
        tally.equal("each has id, type, created, program and data", shape, [])
        points = {e["detail"]["data"]["transaction"]: e["detail"]["data"]["points"] for e in emitted
                  if e["detail-type"] == "loyalty.points.earned"}
        tally.equal("with the points of the ledger", points, {key: ledger[key]["amount"] for key in points})

        print("duplicates")
        for start in range(0, len(samples), 10):
            stack.put(samples[start:start + 10])
        tally.equal("the same events again change nothing", settled(deployed), got)
        late = receive_all(stack.sqs, heard, 3)
        known = {e["detail"]["id"] for e in emitted}
        fresh = [e for e in (json.loads(m["Body"]) for m in late) if e["detail"]["id"] not in known]
        tally.equal("and emit nothing new", fresh, [])

        print("what cannot be processed")
        for name, url in stack.dead.items():
            left = receive_all(stack.sqs, url)
            tally.equal(f"so far nothing in the dead-letter queue of {name}", left, [])
        good = [{"detail-type": "payment.completed", "detail": {
            "id": f"pay_carla_{n}", "amount": 100, "currency": "EUR", "customer": "cust_carla"}} for n in range(9)]
        kind, detail = POISON["PaymentCompleted"]
        stack.put([*good[:4], {"detail-type": kind, "detail": detail}, *good[4:]])
        def paid():
            member = deployed.members({"cust_carla"}).get("cust_carla", {"transactions": []})
            return [e["amount"] for e in member["transactions"]
                    if ((e["source"] or {}).get("id") or "").startswith("pay_carla_") and e["amount"] == 1]

        wait_for("nine payments", lambda: len(paid()) >= 9, 30, log=stack.cloud.log)
        tally.equal("nine good events beside a bad one all count", paid(), [1] * 9)
        for name, (kind, detail) in POISON.items():
            if name != "PaymentCompleted":
                stack.put([{"detail-type": kind, "detail": detail}])
        for name, (kind, detail) in POISON.items():
            messages = receive_all(stack.sqs, stack.dead[name], 10 if not depth(stack.sqs, stack.dead[name]) else 0)
            reasons = [find_reason(m) for m in messages]
            tally.check(f"{name} puts what it refuses into its dead-letter queue, with the reason",
                        len(messages) == 1 and all(reasons), messages)
            print(f"        {', '.join(reasons)}")
            if messages:
                body = json.loads(messages[0]["Body"])
                tally.equal("and the event as it came", (body.get("detail-type"), body.get("detail")), (kind, detail))
        others = {name: member for name, member in deployed.members().items() if name != "cust_carla"}
        tally.equal("nobody's points changed", others, got)
        undelivered = receive_all(stack.sqs, stack.outputs["UndeliveredQueueUrl"])
        tally.equal("the bus delivered everything", undelivered, [])
        tally.equal("the outbox emitted everything", receive_all(stack.sqs, stack.dead["Outbox"]), [])

        for laurel in (local, deployed):
            print(f"a shop's journey: {laurel.name}")
            journey(tally, laurel)
        tally.equal("no webhook was given up", receive_all(stack.sqs, stack.dead["Deliveries"]), [])

        print("audit")
        invoked = cloud.client("lambda").invoke(FunctionName=f"{STACK}-audit", Payload=b"{}")
        tally.check("a round of the audit is through", "FunctionError" not in invoked, str(invoked))
        audited = deployed.need("GET", f"/v1/loyalty/programs/{PROGRAM}/audit")["last"]
        tally.check("and it looked at members", audited and audited["members"] > 0, audited)
        tally.equal("and found nothing amiss", audited and audited["violations"], [])

        print("landing page")
        check_landing(tally, deployed)

        print("the client's tests, and the documents' code blocks: the deployed stack")
        with front(cloud, stack, deployed) as url:
            client_tests(tally, url, deployed.key, logs)
            print("the commands of docs/deploy.md")
            reset(cloud, stack)
            guide(tally, cloud, stack, deployed, url)

        print("logs")
        log = lambda_log(cloud)
        tally.equal("every function has logged", sorted(name for name, lines in log.items() if lines),
                    sorted(f"{STACK}-{name}" for name in FUNCTIONS.values()))
        tally.equal("and none told a secret", {name: tales(lines) for name, lines in log.items() if tales(lines)}, {})


def run_again(built, cloud, logs):
    run([
        BIN / "sam", "deploy", "--config-file", ROOT / "samconfig.toml", "--template-file", built, "--stack-name", STACK,
        "--parameter-overrides", f"Architecture={LAMBDA_ARCHITECTURE}", "BatchingWindow=0", "Mode=sandbox",
        "--region", REGION,
    ], logs / "sam-deploy-again.log", cloud.env)
    text = (logs / "sam-deploy-again.log").read_text(errors="replace")
    return "No changes to deploy" in text or "is up to date" in text


def of_type(emitted, kind):
    return {e["detail"]["data"].get("transaction") for e in emitted if e["detail-type"] == kind}


def hear(stack, url, enough, seconds=60):
    """What Laurel emitted, once it is enough or the time is over; each event once."""
    emitted = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for message in receive_all(stack.sqs, url):
            event = json.loads(message["Body"])
            emitted[event["detail"]["id"]] = event
        if enough(list(emitted.values())):
            break
        time.sleep(0.3)
    return list(emitted.values())


if __name__ == "__main__":
    main()
