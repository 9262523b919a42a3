"""test_oracle.py: the oracle re-derives reference vectors at 50 digits.

SPDX-License-Identifier: MIT

    test_oracle.py VECTOR_DIRECTORY
"""
import json
import os
import sys
from decimal import Decimal, getcontext

import digits
import landscape
import oracle
import vanishing

# Every vector in the directory; this one takes minutes.
SLOW = {"diabetes"}
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
    a, b = expect["norm_fail_time"], got["norm_fail_time"]
    if (a is None) != (b is None) or (a is not None and not close(a, b)):
        out.append("norm_fail_time: %s, not %s" % (b, a))
    return out


def flow(case):
    return differences(case["expect"], oracle.run(case))


def small_init(case):
    """The inner flow, its ending and the outer flow."""
    expect, got = case["expect"], vanishing.run(case)
    out = ["%s: %s, not %s" % (k, got[k], expect[k]) for k in
           ("inner_status", "inner_flags", "pattern_active", "pattern_sliding")
           if got[k] != expect[k]]
    a, b = ([dict(e, t=e["s"]) for e in x["inner_events"]] for x in (expect, got))
    a, b = instants(a), instants(b)
    if [(e["i"], e["kind"]) for e in a] != [(e["i"], e["kind"]) for e in b] or \
            not all(close(e["t"], f["t"]) for e, f in zip(a, b)):
        out.append("inner events: %s, not %s" % (b, a))
    if expect["outer"] is None:
        return out
    if not all(close(v, u) for v, u in zip(expect["escape_velocity"], got["escape_velocity"])):
        out.append("escape velocity: %s" % got["escape_velocity"])
    return out + differences(expect["outer"], got["outer"])


def point_numbers(point):
    """Every number of a stationary point; a line of minima has no sense of direction."""
    out = [point["loss"]]
    for key in ("w", "line_point", "direction"):
        out += point.get(key, [])
    if "theta" in point:
        out += [point["theta"]] + [v for _, v in sorted(point["theta_member"].items())]
    if "line_dir" in point:
        e, ends = [Decimal(v) for v in point["line_dir"]], [Decimal(v) for v in point["range"]]
        turn = e[0] < 0 or (e[0] == 0 and e[1] < 0)
        out += [-v for v in e] + [-ends[1], -ends[0]] if turn else e + ends
    for ray in point.get("rays", []):
        out += ray
    return out


def landscape2d(case):
    """The stationary points as a set."""
    left, out = landscape.run(case)["points"], []
    for want in case["expect"]["points"]:
        same = [p for p in left if p["type"] == want["type"] and
                p.get("kink") == want.get("kink") and
                p.get("clarke_stationary") == want.get("clarke_stationary") and
                all(close(a, b) for a, b in zip(point_numbers(p), point_numbers(want)))]
        if same:
            left.remove(same[0])
        else:
            out.append("missing: %s" % want)
    return out + ["not expected: %s" % p for p in left]


DERIVE = {"flow": flow, "small_init": small_init, "landscape2d": landscape2d}


def main():
    getcontext().prec = 40
    digits.set_digits(50)
    count = failed = 0
    for name in sorted(os.listdir(sys.argv[1])):
        if not name.endswith(".json") or name[:-5] in SLOW:
            continue
        with open(os.path.join(sys.argv[1], name), encoding="utf-8") as f:
            case = json.load(f)
        wrong = DERIVE[case["kind"]](case)
        count += 1
        failed += bool(wrong)
        for text in wrong:
            print("%s: %s" % (case["name"], text))
    print("%d of %d vectors re-derived" % (count - failed, count))
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
