"""What time and rewards do to a member's points, for `journey`: the same on every stack in sandbox mode."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from common import wait_for


class Shop:
    """A program of its own with a rule of a point per 1.00, and whoever buys there."""

    def __init__(self, laurel, program, **settings):
        self.laurel, self.program = laurel, program
        laurel.need("POST", "/v1/loyalty/programs", {
            "id": program, "name": program, "auto_enroll": True, **settings})
        laurel.need("POST", "/v1/loyalty/earning_rules", {
            "program": program, "trigger": "payment.completed",
            "award": {"type": "per_amount", "per": 100, "points": 1}})

    def pays(self, payment, amount, **metadata):
        return self.laurel.need("POST", "/v1/events", {
            "type": "payment.completed", "program": self.program, "data": {
                "id": payment, "amount": amount, "currency": "EUR", "customer": self.customer, "metadata": metadata}})

    @property
    def customer(self):
        return f"cust_of_{self.program}"

    def member(self):
        found = self.laurel.list(f"/v1/loyalty/accounts?program={self.program}&customer={self.customer}")
        return self.laurel.need("GET", f"/v1/loyalty/accounts/{found[0]['id']}")

    def ledger(self):
        """The member's transactions as (type, amount), the oldest first."""
        listed = self.laurel.list(f"/v1/loyalty/transactions?account={self.member()['id']}")
        return [(entry["type"], entry["amount"]) for entry in reversed(listed)]

    def moves_time(self, days):
        """Sets the program's clock to so many days after the real time."""
        now = (datetime.now(timezone.utc) + timedelta(days=days)).isoformat(timespec="seconds")
        return self.laurel.need("POST", "/v1/sandbox/clock", {"program": self.program, "now": now})

    def hears(self, event_type):
        """Waits for an event of the program, and answers its data."""
        def there():
            listed = self.laurel.list(f"/v1/events?program={self.program}&type={event_type}")
            return [event["data"] for event in listed]

        return wait_for(f"{event_type} of {self.program}", there, 60)


def points(tally, laurel):
    comes_by_itself = soon(tally, laurel)
    expiry(tally, laurel)
    tiers(tally, laurel)
    campaigns(tally, laurel)
    rewards(tally, laurel)
    budget(tally, laurel)
    store_credit(tally, laurel)
    liability(tally, laurel)
    comes_by_itself()


def soon(tally, laurel):
    """Points that expire while the rest is tried out: in real time, with nobody looking at them."""
    shop = Shop(laurel, "prog_soon")
    shop.pays("pay_soon", 1000)
    account = shop.member()["id"]
    ends = datetime.now(timezone.utc) + timedelta(seconds=4)
    laurel.need("POST", "/v1/loyalty/transactions", {
        "account": account, "type": "adjust", "amount": 5, "reason": "goodwill", "expires_at": ends.isoformat()})
    tally.equal("points are there until they expire", shop.member()["balance"], 15)

    def comes_by_itself():
        wait_for("points to expire", lambda: datetime.now(timezone.utc) > ends, 10)
        tally.equal("and at that second they are gone", shop.member()["balance"], 10)
        # Whatever is scheduled runs once a minute.
        wait_for("the clock", lambda: ("expire", -5) in shop.ledger(), 180, every=1)
        tally.equal("the clock writes them off", shop.ledger(), [("earn", 10), ("adjust", 5), ("expire", -5)])
        tally.equal("and they are announced", [data["points"] for data in shop.hears("loyalty.points.expired")], [-5])

    return comes_by_itself


def expiry(tally, laurel):
    shop = Shop(laurel, "prog_time", expires={"after": "P1M"})
    shop.pays("pay_time_1", 4200)
    shop.moves_time(20)
    shop.pays("pay_time_2", 800)
    tally.equal("before their time points are there", shop.member()["balance"], 50)
    shop.moves_time(40)
    tally.equal("those of a month ago are gone", shop.member()["balance"], 8)
    tally.equal("and written off once", shop.ledger(), [("earn", 42), ("earn", 8), ("expire", -42)])
    shop.moves_time(60)
    tally.equal("then the others", (shop.member()["balance"], shop.member()["lifetime_points"]), (0, 50))
    expired = shop.hears("loyalty.points.expired")
    tally.check("which is announced", {data["points"] for data in expired} <= {-42, -8}, expired)


def tiers(tally, laurel):
    shop = Shop(laurel, "prog_tiers")
    for key, threshold, multiplier in (("bronze", 0, "1"), ("silver", 50, "2"), ("gold", 500, "3")):
        laurel.need("POST", "/v1/loyalty/tiers", {
            "program": shop.program, "key": key, "name": key.title(), "threshold": threshold,
            "multiplier": multiplier})
    shop.pays("pay_tier_1", 6000)
    member = shop.member()
    tally.equal("who crosses a threshold is promoted by that very payment, which earns as before",
                (member["tier"], member["balance"]), ("silver", 60))
    tally.equal("and is told what the next tier takes", member["next_tier"], {"key": "gold", "missing": 440})
    shop.pays("pay_tier_2", 1000)
    tally.equal("the next payment earns double", shop.member()["balance"], 80)
    changed = [(data["from"], data["to"]) for data in shop.hears("loyalty.tier.changed")]
    tally.check("which is announced", changed and changed[0][1] == "silver", changed)


def campaigns(tally, laurel):
    shop = Shop(laurel, "prog_campaign")
    start = datetime.now(timezone.utc) - timedelta(days=1)
    made = laurel.need("POST", "/v1/loyalty/campaigns", {
        "program": shop.program, "name": "Triple", "multiplier": "3", "triggers": ["payment.completed"],
        "starts_at": start.isoformat(timespec="seconds"),
        "ends_at": (start + timedelta(days=30)).isoformat(timespec="seconds")})
    shop.pays("pay_campaign_1", 1000)
    tally.equal("a campaign multiplies while it lasts", shop.member()["balance"], 30)
    shop.moves_time(40)
    shop.pays("pay_campaign_2", 1000)
    tally.equal("and no longer", shop.member()["balance"], 40)
    tally.equal("it can be retrieved", laurel.need("GET", f"/v1/loyalty/campaigns/{made['id']}")["name"], "Triple")


def rewards(tally, laurel):
    shop = Shop(laurel, "prog_rewards")
    shop.pays("pay_reward_1", 10_000)
    account = shop.member()["id"]
    reward = laurel.need("POST", "/v1/loyalty/rewards", {
        "program": shop.program, "name": "Five off", "type": "discount_amount", "amount": 500, "currency": "EUR",
        "cost": 30, "stock": 3})["id"]

    def redeem(**more):
        return laurel.call("POST", "/v1/loyalty/redemptions", {"account": account, "reward": reward, **more})

    def step(redemption, name, body=None):
        return laurel.call("POST", f"/v1/loyalty/redemptions/{redemption}/{name}", body or {})

    reserved = redeem(capture=False).json
    tally.equal("a reservation takes the points", (reserved["status"], shop.member()["balance"]), ("reserved", 70))
    step(reserved["id"], "cancel")
    tally.equal("cancelled, they are back", shop.member()["balance"], 100)
    reserved = redeem(capture=False).json
    shop.pays("pay_reward_2", 0, redemption=reserved["id"])
    confirmed = laurel.need("GET", f"/v1/loyalty/redemptions/{reserved['id']}")
    tally.equal("a payment confirms the redemption that it names",
                (confirmed["status"], shop.member()["balance"]), ("confirmed", 70))
    order = {"amount": 2000, "currency": "EUR"}
    worth = laurel.need("POST", "/v1/loyalty/redemptions/validate", {
        "program": shop.program, "code": confirmed["code"], "order": order})
    tally.equal("the checkout learns what its code is worth", (worth["valid"], worth["discount_amount"]), (True, 500))
    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: step(reserved["id"], "use").status, range(8)))
    tally.check("it is used", 200 in used, used)
    late = step(reserved["id"], "cancel")
    tally.equal("what was used stays so", (late.status, code(late)), (409, "redemption_used"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: redeem(), range(8)))
    codes = sorted({code(answer) or "" for answer in answers})
    tally.equal("eight at once get what there are funds and stock for",
                sum(answer.status == 201 for answer in answers), 2)
    tally.check("the others are told why", set(codes) <= {"", "insufficient_points", "out_of_stock"}, codes)
    tally.equal("no point is spent twice", shop.member()["balance"], 10)
    again = Shop(laurel, "prog_reservation")
    again.pays("pay_reservation", 5000)
    held = laurel.need("POST", "/v1/loyalty/rewards", {
        "program": again.program, "name": "Held", "type": "custom", "cost": 50})["id"]
    laurel.need("POST", "/v1/loyalty/redemptions", {
        "account": again.member()["id"], "reward": held, "capture": False, "ttl_minutes": 30})
    tally.equal("a reservation holds its points", again.member()["balance"], 0)
    again.moves_time(1)
    tally.equal("and gives them back by itself", again.member()["balance"], 50)
    tally.check("which is announced", again.hears("redemption.expired"))


def budget(tally, laurel):
    shop = Shop(laurel, "prog_budget", budget={"points": 100, "window": "month"})
    def pay(number):
        return laurel.call("POST", "/v1/events", {
            "type": "payment.completed", "program": shop.program, "data": {
                "id": f"pay_budget_{number}", "amount": 1500, "currency": "EUR", "customer": f"cust_budget_{number}"}})

    with ThreadPoolExecutor(16) as pool:
        statuses = {answer.status for answer in pool.map(pay, range(16))}
    tally.equal("every payment is handled", statuses, {200})
    members = laurel.list(f"/v1/loyalty/accounts?program={shop.program}")
    tally.equal("a budget is handed out wholly, and never exceeded", sum(m["balance"] for m in members), 100)
    tally.equal("which is announced once", len(shop.hears("program.budget_reached")), 1)


def store_credit(tally, laurel):
    shop = Shop(laurel, "prog_credit")
    shop.pays("pay_credit_1", 100)
    account = shop.member()["id"]

    def gives(amount, **more):
        return laurel.call("POST", "/v1/loyalty/store_credit_transactions", {
            "account": account, "amount": amount, "currency": "EUR", "reason": "goodwill", **more})

    gives(1000)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gives(-600), range(8)))
    tally.equal("store credit is taken once", sorted({answer.status for answer in answers}), [201, 409])
    refused = {code(answer) for answer in answers if answer.status == 409}
    tally.equal("and what there is not, is not", refused, {"insufficient_store_credit"})
    tally.equal("the rest is on the account",
                [(c["currency"], c["balance"]) for c in shop.member()["store_credit"]], [("EUR", 400)])
    listed = laurel.list(f"/v1/loyalty/store_credit_transactions?account={account}")
    tally.equal("each has its transaction", [entry["amount"] for entry in listed], [-600, 1000])
    tally.equal("points are apart", shop.member()["balance"], 1)
    ends = datetime.now(timezone.utc) + timedelta(days=10)
    gives(50, expires_at=ends.isoformat(timespec="seconds"))
    shop.moves_time(20)
    tally.equal("it expires where it was given until then",
                [c["balance"] for c in shop.member()["store_credit"]], [400])


def liability(tally, laurel):
    shop = Shop(laurel, "prog_liability", redeem_rate={"points": 100, "amount": 100, "currency": "EUR"})
    shop.pays("pay_liability_1", 12_000)

    def owed():
        return laurel.need("GET", f"/v1/loyalty/programs/{shop.program}/liability")

    wait_for("the liability to be counted", lambda: owed()["outstanding"] == 120, 60)
    tally.equal("what is owed is known", owed()["outstanding"], 120)
    journal = laurel.call("GET", f"/v1/loyalty/programs/{shop.program}/journal")
    tally.equal("the journal has it, too", [json.loads(line)["points"] for line in journal.text.splitlines()], [120])


def code(answer):
    return ((answer.json or {}).get("error") or {}).get("code")
