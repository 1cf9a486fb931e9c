"""Reckons from a file of payments alone who is paid for which milestone and streak, and compares it
with what a replay of that file has paid.

    laurel replay FILE --program benches/programs/goals.json --earned EARNED.csv
    python tests/replay_goals.py FILE benches/programs/goals.json EARNED.csv

It knows nothing of the engine: it looks at the whole history of each customer at once. Times are
UTC. Thresholds are counted at the end, since nothing is refunded; months and weeks are looked at as
a set, run by run.
"""

import csv
import datetime
import gzip
import json
import sys
from collections import defaultdict


def units(streak, days):
    """The numbers of the weeks or months of some days; those that follow each other differ by 1."""
    if streak["unit"] == "month":
        return sorted({day.year * 12 + day.month for day in days})
    if streak["unit"] == "week":
        return sorted({(day - datetime.timedelta(day.weekday())).toordinal() // 7 for day in days})
    return sorted({day.toordinal() for day in days})


def streaks(streak, days):
    """How often a streak pays."""
    runs, last = [], None
    for unit in units(streak, days):
        if last is not None and unit - last - 1 <= streak.get("grace", 0):
            runs[-1] += 1
        else:
            runs.append(1)
        last = unit
    paid = [run // streak["length"] for run in runs]
    return sum(paid) if streak.get("repeat") else sum(min(times, 1) for times in paid)


def milestones(milestone, payments):
    """How many thresholds are crossed, and by how many payments."""
    figure = milestone["stat"].rsplit(".", 1)[1]
    crossed, by, total = 0, 0, 0
    for _, amount in payments:
        before = total
        total += amount if figure == "sum" else 1
        here = sum(before < threshold <= total for threshold in milestone["at"])
        crossed += here
        by += here > 0
    return crossed, by


def main(payments_path, program_path, earned_path):
    history = defaultdict(list)
    with gzip.open(payments_path, "rt") as lines:
        for line in lines:
            event = json.loads(line)
            day = datetime.date.fromisoformat(event["occurred_at"][:10])
            history[event["data"]["customer"]].append((day, event["data"]["amount"]))
    with open(program_path) as file:
        rules = json.load(file)["rules"]

    expected = {}
    for customer, payments in history.items():
        for rule in rules:
            points = rule["award"]["points"]
            if "streak" in rule:
                times = streaks(rule["streak"], [day for day, _ in payments])
                awards = times
            else:
                times, awards = milestones(rule["milestone"], payments)
            if times:
                expected[customer, rule["id"]] = (awards, times * points)

    with open(earned_path) as file:
        rows = list(csv.DictReader(file))
    paid = {(row["customer"], row["rule"]): (int(row["awards"]), int(row["points"])) for row in rows}

    for rule in rules:
        ours = [awards for (_, name), awards in expected.items() if name == rule["id"]]
        members, awards, points = len(ours), sum(a for a, _ in ours), sum(p for _, p in ours)
        print(f"{rule['id']:<18}{members:>7} members {awards:>7} awards {points:>9} points")
        assert members > 0, f"nobody is paid by {rule['id']}: it proves nothing"
    differing = {key for key in expected.keys() | paid.keys() if expected.get(key) != paid.get(key)}
    for key in sorted(differing)[:10]:
        print(f"{key}: reckoned {expected.get(key)}, paid {paid.get(key)}", file=sys.stderr)
    if differing:
        sys.exit(f"{len(differing)} of {len(expected)} figures differ.")
    print(f"All {len(expected)} figures of {len(history)} customers agree.")


if __name__ == "__main__":
    main(*sys.argv[1:])
