"""test_oracle.py: the oracle re-derives reference vectors at 50 digits.

SPDX-License-Identifier: MIT

    test_oracle.py VECTOR_DIRECTORY
"""
import json
import os
import sys
from decimal import Decimal, getcontext

import digits
import oracle

# One per mechanism, the quick ones: crossings, slides, groups, origin, ties, activations.
NAMES = ["pos_generic_0", "mixed_slide_0", "parallel_0", "origin_through", "grazing_exact",
         "grazing_cross", "start_repelling", "leaky", "linear_reactivates", "zero_label_asymptotic",
         "finite_T", "dead_start", "double_cross", "tiny_init"]
RELATIVE, ABSOLUTE = Decimal("1e-18"), Decimal("1e-20")
EXACT = ("complete", "end_at_origin", "initial_active", "initial_sliding", "final_active",
         "final_sliding", "deactivations", "reactivations", "norm_monotone")


def close(a, b):
    a, b = Decimal(a), Decimal(b)
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b)) + ABSOLUTE


def instants(events):
    """Events in an order that does not depend on the order inside an instant."""
    return sorted(events, key=lambda e: (round(float(e["t"]), 10), e["i"], e["kind"]))


def numbers(expect):
    """Every number of an answer with its place."""
    for key in ("w_end", "z_end"):
        for i, v in enumerate(expect[key]):
            yield "%s[%d]" % (key, i), v
    for key in ("theta_end", "u_end"):
        for i, v in sorted(expect[key].items()):
            yield "%s[%s]" % (key, i), v
    yield "loss_end", expect["loss_end"]
    for item in expect["at"]:
        for key in ("w", "alpha"):
            for i, v in enumerate(item[key]):
                yield "%s[%d] at %s" % (key, i, item["t"]), v
        yield "loss at " + item["t"], item["loss"]


def differences(expect, got):
    out = ["%s: %s, not %s" % (k, got[k], expect[k]) for k in EXACT if got[k] != expect[k]]
    a, b = instants(expect["events"]), instants(got["events"])
    if [(e["i"], e["kind"]) for e in a] != [(e["i"], e["kind"]) for e in b]:
        out.append("events: %s, not %s" % (b, a))
    else:
        out += ["event %s at %s" % (e, f["t"]) for e, f in zip(a, b) if not close(e["t"], f["t"])]
    for (place, v), (other, u) in zip(numbers(expect), numbers(got)):
        if place != other or not close(v, u):
            out.append("%s: %s, not %s" % (place, u, v))
    for x, y in zip(expect["at"], got["at"]):
        if (x["active"], x["sliding"]) != (y["active"], y["sliding"]):
            out.append("pattern at " + x["t"])
    if (expect["norm_fail_time"] is None) != (got["norm_fail_time"] is None):
        out.append("norm_fail_time")
    return out


def main():
    getcontext().prec = 40
    digits.set_digits(50)
    failed = 0
    for name in NAMES:
        with open(os.path.join(sys.argv[1], name + ".json"), encoding="utf-8") as f:
            case = json.load(f)
        wrong = differences(case["expect"], oracle.run(case))
        failed += bool(wrong)
        for text in wrong:
            print("%s: %s" % (name, text))
    print("%d of %d vectors re-derived" % (len(NAMES) - failed, len(NAMES)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
