"""What Schemathesis cannot know of the API: its formats, its forms, and rules between fields."""

import datetime
import json
import os
import uuid
from urllib.parse import quote

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]
schemathesis.openapi.format("iana-time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("iso-4217", st.sampled_from(["EUR", "USD", "JPY", "TND"]))
schemathesis.openapi.format("duration", st.sampled_from(["P1D", "P12M", "P1Y6M", "PT36H", "P2W"]))
# In a sandbox endpoints may be on this machine, where nothing listens there.
HERE = "https://127.0.0.1:9/"
schemathesis.openapi.format("uri", st.just(HERE))
# What forms write as text: a schema of an event type.
SCHEMAS = [{"type": "object"}, {"required": ["rating"]}, {"maxProperties": 3}]
schemathesis.openapi.format("json", st.sampled_from(SCHEMAS).map(json.dumps))
# Past times only: an event of the future is refused, which no schema can say.
PAST = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2026, 1, 1))
schemathesis.openapi.format(
    "date-time", PAST.map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
)

FORM = "application/x-www-form-urlencoded"


def pairs(name, value):
    """A value in the bracket syntax of forms, which is deeper than Schemathesis writes it."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from pairs(f"{name}[{key}]" if name else key, member)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from pairs(f"{name}[{place}]", member)
    else:
        text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
        yield f"{quote(name, safe='[]')}={quote(text, safe='')}"


def says_more_than_a_form(value):
    """Whether a form has no words for it: empty lists and objects, and odd keys."""
    if isinstance(value, dict):
        odd = any(not key or "[" in key or "]" in key for key in value)
        return not value or odd or any(map(says_more_than_a_form, value.values()))
    return isinstance(value, list) and (not value or any(map(says_more_than_a_form, value)))


def as_json(value):
    """What a form says, in JSON: empty text is null."""
    if isinstance(value, dict):
        return {key: as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_json(member) for member in value]
    return None if value == "" else value


def is_positive(case):
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def filter_case(context, case):
    # What is wrong in an empty list or object does not arrive: a form has no words for it.
    wordless = isinstance(case.body, dict) and any(map(says_more_than_a_form, case.body.values()))
    return is_positive(case) or case.media_type != FORM or not wordless


@schemathesis.serializer(FORM)
def form(context, value):
    body = context.case.body
    if is_positive(context.case) and isinstance(body, dict):
        return "&".join(pairs("", body)).encode()
    return value


def rounded(value):
    """The same with at most 8 decimal places: a `multipleOf` would refuse 1.1, in floats."""
    if isinstance(value, dict):
        return {key: rounded(member) for key, member in value.items()}
    return round(value, 8) if isinstance(value, float) else value


@schemathesis.hook
def before_call(context, case, kwargs):
    if not is_positive(case):
        return
    # Transactions need an account that there is, and are named by what events answer.
    if case.operation.path.endswith("transactions"):
        for place in (case.query, case.body):
            if isinstance(place, dict) and "account" in place:
                place["account"] = os.environ["ACCOUNT"]
    elif case.operation.path.endswith("transactions/{id}"):
        case.path_parameters["id"] = os.environ["TRANSACTION"]
    # Restricted keys have scopes, others have none; the programs of a key must be there.
    if case.operation.path == "/v1/api_keys" and isinstance(case.body, dict):
        is_restricted = case.body.get("type") == "restricted"
        case.body["scopes"] = ["accounts:read"] if is_restricted else None
        if case.body.get("programs"):
            case.body["programs"] = ["prog_default"]
    # A name that was used before gets the first answer, also where what it made is gone by now.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Deliveries go nowhere.
    if isinstance(case.body, dict) and "webhook_endpoints" in case.operation.path and "url" in case.body:
        case.body["url"] = HERE
    # A clock goes forward, though not by centuries; what is paid was paid by now.
    if case.operation.path == "/v1/sandbox/clock" and isinstance(case.body, dict):
        case.body["now"] = "2027-01-01T00:00:00Z"
    if case.operation.path == "/v1/sandbox/payments" and isinstance(case.body, dict):
        if isinstance(case.body.get("created"), int):
            case.body["created"] %= 1_700_000_000
    # A cursor is the id of a member of that very list.
    for cursor in ("starting_after", "ending_before"):
        if isinstance(case.query, dict):
            case.query.pop(cursor, None)
    if isinstance(case.body, dict):
        rule = case.body = rounded(case.body)
        # A rule must end after it starts, and may have a start or an end already.
        for name, moment in (("starts_at", "1970-01-01T00:00:00Z"), ("ends_at", "2026-01-01T00:00:00Z")):
            if rule.get(name) is not None:
                rule[name] = moment
        # A balance has bounds of its own, and only what is granted expires.
        if isinstance(rule.get("amount"), (int, float)):
            rule["amount"] = max(-1_000_000, min(1_000_000, rule["amount"])) or 1
            if rule.get("expires_at") is not None:
                rule["expires_at"] = "2100-01-01T00:00:00Z" if rule["amount"] > 0 else None
        # Others get points of referrals only; a rolling cap has no window but a short one.
        if "recipient" in rule:
            rule["recipient"] = "member"
        if isinstance(rule.get("cap"), dict):
            rule["cap"].pop("rolling", None)
        if case.media_type == FORM and says_more_than_a_form(rule):
            case.media_type, case.body = "application/json", as_json(rule)
