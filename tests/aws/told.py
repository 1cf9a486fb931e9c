"""What must never be in a log, and whether a log tells it."""

import json
import re

from common import ROOT

FORMS = [
    (known["what"], re.compile(known["form"]))
    for known in json.loads((ROOT / "tests" / "secrets.json").read_text())
]


def tales(lines):
    """The lines that tell a secret, each with what it tells."""
    return [(what, line) for line in lines for what, form in FORMS if form.search(line)]


def lambda_log(cloud):
    """All that the deployed functions have logged, by the name of the function."""
    logs = cloud.client("logs")
    log = {}
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            log[name.rsplit("/", 1)[1]] = [event["message"] for part in events for event in part["events"]]
    return log
