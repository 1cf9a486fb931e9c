"""The commands of docs/deploy.md, run as they stand against the deployed stack.

Blocks that say `run` are one script, in their order; only the API's host and the mode of the key
are other ones. The deployment itself, and what ends the stack, is deploy_test.py's; the emulator
moves no messages between queues.
"""

import json
import re
import subprocess

from common import ROOT, receive_all, wait_for

BLOCK = re.compile(r"^```sh run\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def guide(tally, cloud, stack, deployed, url):
    # The CLI looks for some services on the internet unless it is told on its command line.
    done = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'
    blocks = BLOCK.findall((ROOT / "docs/deploy.md").read_text())
    tally.check("docs/deploy.md has commands to run", len(blocks) >= 5, blocks)

    def run(text):
        """Runs a block after those before it, whose functions and variables it has; answers what it printed."""
        nonlocal done
        text = text.replace("$(output ApiUrl)", url).replace("sk_live_", deployed.key[:8])
        text = re.sub(r"\bcurl ", "curl -sS --fail-with-body ", text)
        script = f"{{ :\n{done}\n}} >/dev/null\n{text}"
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=120, env=cloud.env)
        first = next(line for line in text.splitlines() if line.strip())
        if not tally.check(first[:100], ended.returncode == 0, ended.stdout + ended.stderr):
            raise SystemExit("the commands after it need it")
        if is_setting(text):
            done += text
        return ended.stdout

    for text in blocks:
        if "receive-message" in text:
            # Something must have been refused before it can be looked at.
            stack.put([{"detail-type": "payment.completed", "detail": {"id": "pay_refused", "amount": "a lot"}}])
        printed = run(text)
        if "put-events" in text:
            tally.equal("the bus takes the payment", json.loads(printed)["FailedEntryCount"], 0)
            wait_for("the payment's points", lambda: earned(deployed), 60)
        if "customer=cust_1" in text:
            tally.equal("the member has 42 points", json.loads(printed)["data"][0]["balance"], 42)
        if "receive-message" in text:
            attributes = json.loads(printed)["Messages"][0]["MessageAttributes"]
            tally.check("a dead letter says why", {"code", "reason"} <= set(attributes), attributes)
    receive_all(stack.sqs, stack.dead["PaymentCompleted"])


def is_setting(text):
    """Whether a block only says what others need: variables and functions."""
    return all(re.match(r"\w+=|\w+\(\) \{|\s|$", line) for line in text.splitlines())


def earned(deployed):
    listed = deployed.list("/v1/loyalty/accounts?program=prog_default&customer=cust_1")
    return listed and listed[0]["balance"] == 42
