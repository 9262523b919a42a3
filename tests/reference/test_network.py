"""test_network.py: network.py re-derives the reference vectors of several neurons to 1e-24.

SPDX-License-Identifier: MIT

    test_network.py VECTOR_DIRECTORY
"""
import json
import os
import sys
from decimal import Decimal, InvalidOperation, getcontext

import digits
import network

RELATIVE, ABSOLUTE = Decimal("1e-24"), Decimal("1e-27")


def number(text):
    """A number given as text, or None."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def differences(want, got, place):
    """Everything of want that got does not have; numbers to RELATIVE of the larger."""
    if isinstance(want, dict):
        return [d for k in want for d in
                (differences(want[k], got[k], place + "." + k) if k in got else
                 ["%s.%s is missing" % (place, k)])]
    if isinstance(want, list):
        if len(want) != len(got):
            return ["%s: %s, not %s" % (place, got, want)]
        return [d for i, (a, b) in enumerate(zip(want, got))
                for d in differences(a, b, "%s[%d]" % (place, i))]
    if isinstance(want, str) and isinstance(got, str):
        a, b = number(want), number(got)
        if a is not None and b is not None and \
                abs(a - b) <= RELATIVE * max(abs(a), abs(b)) + ABSOLUTE:
            return []
    return [] if want == got else ["%s: %s, not %s" % (place, got, want)]


def sort_events(expect):
    """Events in an order that does not depend on the order inside an instant."""
    def key(event):
        return (round(float(event.get("t", event.get("s"))), 10), event.get("j", 0), event["i"],
                event["kind"])
    for part in [expect, expect.get("outer") or {}] + expect.get("inner", []):
        for name in ("events", "inner_events"):
            if name in part:
                part[name].sort(key=key)


def main():
    getcontext().prec = 40
    digits.set_digits(50)
    count = failed = 0
    for name in sorted(os.listdir(sys.argv[1])):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(sys.argv[1], name), encoding="utf-8") as f:
            case = json.load(f)
        got = network.run(case)
        sort_events(got)
        sort_events(case["expect"])
        wrong = differences(case["expect"], got, case["name"])
        count += 1
        failed += bool(wrong)
        for text in wrong:
            print(text)
    print("%d of %d vectors re-derived" % (count - failed, count))
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
