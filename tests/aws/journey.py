"""What a shop does with the HTTP API, from its first key to a member's erasure.

`journey` runs against any stack in sandbox mode: deploy_test.py takes it to the deployed one and to
the local one, and expects the same of both.
"""

import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

from common import wait_for
from points import points

PROGRAM = "prog_journey"
JSON = "application/json"


def journey(tally, laurel):
    laurel.need("POST", "/v1/loyalty/programs", {"id": PROGRAM, "name": "Journey", "auto_enroll": True})
    laurel.need("POST", "/v1/loyalty/earning_rules", {
        "program": PROGRAM, "trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 100, "points": 1}})
    with receiver() as inbox:
        endpoint = laurel.need("POST", "/v1/webhook_endpoints", {
            "url": inbox.url, "program": PROGRAM,
            "enabled_events": ["loyalty.points.earned", "loyalty.account.merged"]})
        keys(tally, laurel)
        once_only(tally, laurel)
        payments(tally, laurel)
        lives(tally, laurel)
        event_types(tally, laurel)
        webhooks(tally, laurel, endpoint, inbox)
    points(tally, laurel)
    document = laurel.call("GET", "/openapi.json", key=False)
    tally.equal("the reference is served", (document.status, document.json["openapi"][:3]), (200, "3.1"))


def keys(tally, laurel):
    made = laurel.need("POST", "/v1/api_keys", {
        "name": "Reporting", "type": "restricted", "scopes": ["accounts:read"], "programs": [PROGRAM]})
    key = made["secret"]
    tally.check("a restricted key is made", key.startswith("rk_test_"), made)
    listing = f"/v1/loyalty/accounts?program={PROGRAM}"
    tally.equal("it reads what its scopes say", laurel.call("GET", listing, key=key).status, 200)
    refused = laurel.call("POST", "/v1/loyalty/accounts", {"program": PROGRAM}, key=key)
    tally.equal("and writes nothing", (refused.status, code(refused)), (403, "scope_insufficient"))
    other = laurel.need("POST", "/v1/loyalty/accounts", {"program": "prog_default"})
    foreign = laurel.call("GET", f"/v1/loyalty/accounts/{other['id']}", key=key)
    unknown = laurel.call("GET", f"/v1/loyalty/accounts/{other['id'][:-1]}", key=key)
    tally.equal("another program's member is as unknown as none",
                (foreign.status, code(foreign)), (unknown.status, code(unknown)))
    laurel.need("POST", f"/v1/api_keys/{made['id']}/revoke", {})
    wait_for("the revoked key to be refused", lambda: laurel.call("GET", listing, key=key).status == 401, 60)
    tally.check("a revoked key is refused within a minute", True)


def once_only(tally, laurel):
    body = {"program": PROGRAM, "customer": "cust_parallel"}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: laurel.call("POST", "/v1/loyalty/accounts", body), range(50)))
    statuses = sorted(answer.status for answer in answers)
    tally.equal("50 parallel creates make one account", statuses, [201] + [409] * 49)
    ids = {a.json["id"] if a.status == 201 else a.json["error"]["account"] for a in answers}
    tally.equal("and all name it", len(ids), 1)
    account = ids.pop()
    grant = {"account": account, "type": "adjust", "amount": 100, "reason": "goodwill"}
    named = {"Idempotency-Key": "journey-grant"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda _: laurel.call("POST", "/v1/loyalty/transactions", grant, headers=named), range(8)))
    tally.equal("a named request counts once", len({answer.text for answer in answers}), 1)
    tally.equal("and its answer comes again", {answer.status for answer in answers}, {201})
    other = laurel.call("POST", "/v1/loyalty/transactions", {**grant, "amount": 200}, headers=named)
    tally.equal("its name takes no other body", (other.status, code(other)), (409, "idempotency_key_reused"))
    balance = laurel.need("GET", f"/v1/loyalty/accounts/{account}")["balance"]
    tally.equal("the points are there once", balance, 100)


def payments(tally, laurel):
    paid = laurel.need("POST", "/v1/sandbox/payments", {
        "program": PROGRAM, "customer": "cust_buyer", "amount": 4200, "currency": "EUR",
        "card": {"number": "4242 4242 4242 4242"}})
    tally.equal("a test card pays", paid["status"], "completed")
    declined = laurel.need("POST", "/v1/sandbox/payments", {
        "program": PROGRAM, "customer": "cust_buyer", "amount": 4200, "currency": "EUR",
        "card": {"number": "4000 0000 0000 0002"}})
    tally.equal("another is declined", declined["status"], "failed")
    buyer = laurel.list(f"/v1/loyalty/accounts?program={PROGRAM}&customer=cust_buyer")[0]
    tally.equal("only the payment earns", buyer["balance"], 42)
    laurel.need("POST", f"/v1/sandbox/payments/{paid['id']}/refund", {"amount": 2100})
    buyer = laurel.need("GET", f"/v1/loyalty/accounts/{buyer['id']}")
    tally.equal("half the payment, half the points", (buyer["balance"], buyer["lifetime_points"]), (21, 42))


def lives(tally, laurel):
    def member(customer, points):
        account = laurel.need("POST", "/v1/loyalty/accounts", {"program": PROGRAM, "customer": customer})
        laurel.need("POST", "/v1/loyalty/transactions", {
            "account": account["id"], "type": "adjust", "amount": points, "reason": "goodwill"})
        return account["id"]

    old, new = member("cust_old", 30), member("cust_new", 12)
    survivor = laurel.need("POST", "/v1/loyalty/accounts/merge", {"source": old, "target": new})
    tally.equal("a merge adds up", (survivor["id"], survivor["balance"]), (new, 42))
    source = laurel.need("GET", f"/v1/loyalty/accounts/{old}")
    tally.equal("the source is empty and points to it",
                (source["status"], source["balance"], source["merged_into"]), ("merged", 0, new))
    listed = laurel.list(f"/v1/loyalty/transactions?account={new}")
    tally.equal("its transactions list under the survivor",
                ([t["amount"] for t in listed], {t["account"] for t in listed}), ([12, 30], {new}))
    by_customer = laurel.list(f"/v1/loyalty/accounts?program={PROGRAM}&customer=cust_old")
    tally.equal("its customer leads there", [a["id"] for a in by_customer], [new])
    itself = laurel.call("POST", "/v1/loyalty/accounts/merge", {"source": new, "target": new})
    tally.equal("no merge with itself", (itself.status, code(itself)), (400, "merge_with_itself"))

    tally.equal("closing", laurel.need("POST", f"/v1/loyalty/accounts/{new}/close", {})["status"], "closed")
    event = {"type": "payment.completed", "program": PROGRAM, "data": {
        "id": "pay_closed", "amount": 100, "currency": "EUR", "customer": "cust_new"}}
    tally.equal("a closed account earns nothing",
                laurel.need("POST", "/v1/events", event)["outcome"], "account_closed")
    tally.equal("reopening", laurel.need("POST", f"/v1/loyalty/accounts/{new}/reopen", {})["status"], "active")

    erased = laurel.need("DELETE", f"/v1/loyalty/accounts/{new}/personal_data")
    tally.equal("erasure leaves the points", (erased["customer"], erased["balance"]), (None, 42))
    tally.equal("and nobody is found by a name",
                laurel.list(f"/v1/loyalty/accounts?program={PROGRAM}&customer=cust_old"), [])


def event_types(tally, laurel):
    laurel.need("POST", "/v1/event_types", {"program": PROGRAM, "name": "review_submitted", "schema": {
        "type": "object", "required": ["rating"], "properties": {"rating": {"type": "integer", "maximum": 5}}}})
    review = {"type": "review_submitted", "program": PROGRAM, "data": {
        "id": "rev_journey", "customer": "cust_buyer", "metadata": {"rating": 6}}}
    refused = laurel.call("POST", "/v1/events", review)
    tally.equal("metadata must match the schema of its type",
                (refused.status, refused.json["error"].get("param")), (400, "data.metadata.rating"))


def webhooks(tally, laurel, endpoint, inbox):
    secret = endpoint["secret"]
    got = inbox.wait(lambda sent: {"loyalty.points.earned", "loyalty.account.merged"} <= {s.type for s in sent})
    first, last = got[0], got[-1]
    tally.equal("what failed is sent again, under the same id", first.headers["webhook-id"] in
                {s.headers["webhook-id"] for s in got[1:]}, True)
    for sent in (first, last):
        Webhook(secret).verify(sent.body, sent.headers)
        moment = sent.headers["x-vinr-signature"].split(",")[0].removeprefix("t=")
        wanted = hmac.new(secret.encode(), moment.encode() + b"." + sent.body, hashlib.sha256).hexdigest()
        tally.check("both signatures verify", f"v1={wanted}" in sent.headers["x-vinr-signature"].split(","))
    listed = laurel.list(f"/v1/events?program={PROGRAM}")
    event = json.loads(last.body)
    tally.check("what was sent is listed", event["id"] in {e["id"] for e in listed}, listed[:2])
    tally.equal("and can be retrieved", laurel.need("GET", f"/v1/events/{event['id']}"), event)
    deliveries = laurel.list(f"/v1/webhook_endpoints/{endpoint['id']}/deliveries")
    attempts = {len(d["attempts"]) for d in deliveries if d["event"] == json.loads(first.body)["id"]}
    tally.equal("each attempt is listed", attempts, {2})
    rotated = laurel.need("POST", f"/v1/webhook_endpoints/{endpoint['id']}/rotate_secret", {})["secret"]
    count = len(inbox.sent)
    laurel.need("POST", "/v1/sandbox/payments", {
        "program": PROGRAM, "customer": "cust_buyer", "amount": 700, "currency": "EUR", "card": "4242424242424242"})
    sent = inbox.wait(lambda sent: len(sent) > count)[-1]
    for each in (secret, rotated):
        Webhook(each).verify(sent.body, sent.headers)
    tally.check("during a rotation both secrets verify", True)


def code(answer):
    return ((answer.json or {}).get("error") or {}).get("code")


class Sent:
    """A webhook as it arrived."""

    def __init__(self, headers, body):
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body
        self.type = json.loads(body)["type"]


class Inbox:
    """What a receiver got; it turns the very first request away."""

    def __init__(self, url):
        self.url, self.sent, self.lock = url, [], threading.Lock()

    def take(self, sent):
        with self.lock:
            self.sent.append(sent)
            return 500 if len(self.sent) == 1 else 204

    def wait(self, enough):
        def arrived():
            with self.lock:
                sent = list(self.sent)
            again = len({s.headers["webhook-id"] for s in sent}) < len(sent)
            return sent if again and enough(sent) else None

        return wait_for("the webhooks", arrived, 90)


@contextmanager
def receiver():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(inbox.take(Sent(self.headers, body)))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox = Inbox(f"http://127.0.0.1:{server.server_port}/webhooks")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        thread.join(5)
