"""What time and rewards do to a member's points, for `journey`: the same on every stack in sandbox mode."""

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
    expiry(tally, laurel)


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
