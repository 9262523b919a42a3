"""compare.py: the library against the many-digit oracle on random cases.

SPDX-License-Identifier: MIT

    compare.py LIBRARY [--seed S] [--count N] [--kind K ...] [--quick] [--theory] [--files F ...]
               [--cases KIND_SEED ...] [--save DIR]

LIBRARY is the shared library.  Without --files, N random cases are drawn from the kinds of
cases.py, or with --theory (vanishing starts, leave-one-out limits, landscapes) of
cases_theory.py; with it, cases with their answers are read; with --cases they have these names.  A case on which the library raises
RF_FLAG_DOUBTFUL, or whose solution is not unique by exact ties, may differ; it is counted.
Ends with status 1 if any other case differs.
"""
import argparse
import json
import os
import sys

import cases
import cases_theory
import landscape
import leave_out
import oracle
import vanishing
from agreement import Comparison, size, worst
from agreement_theory import LeftOut, Points, Vanishing, near_start
from digits import Unsupported
from library import DOUBTFUL, Model, load

NEEDS = {"flow": "rf_model_init", "small_init": "rf_model_init_direction",
         "leave_one_out": "rf_model_leave_one_out", "landscape2d": "rf_landscape_create"}
CLASSES = {"flow": Comparison, "small_init": Vanishing, "leave_one_out": LeftOut,
           "landscape2d": Points}
COUNTS = ("same", "same, doubtful", "differs, doubtful", "differs, unstable", "DIFFERS")


def compare(library, case):
    """(problems, doubtful, condition known) of one case with its answers."""
    try:
        model = Model(library, case)
        try:
            if case["kind"] != "landscape2d":
                model.start()
            if case["kind"] in ("flow", "small_init"):
                model.run()
            result = CLASSES[case["kind"]](case, model)
            if case["kind"] == "small_init" and "finite" in case:
                small_start(library, case, result)
            return result.problems, result.doubtful, result.known
        finally:
            model.close()
    except RuntimeError as error:
        return ["run: %s" % error], False, True


def small_start(library, case, result):
    """The library from a small scale against its limit: they differ by what the oracle says."""
    scale, w = case["finite"]["scale"], [float(v) for v in case["finite"]["w_end"]]
    got, flags = near_start(library, case, scale)
    base = max(size(w), scale * size([float(v) for v in case["input"]["u"]]))
    allowed = base * 1e-14 * (1 + case["finite"]["kappa"])
    if not worst(got, w) <= allowed and not flags & DOUBTFUL:
        result.note("w_end from scale %g" % scale, w, "%s (off by %.3g, allowed %.3g)" % (
            got, worst(got, w), allowed))


def answer(case):
    """Adds its answers to a case."""
    if case["kind"] == "flow":
        case["expect"] = oracle.run(case, extra=True)
        case["conditioning"] = oracle.condition(case, 1)
    elif case["kind"] == "small_init":
        case["expect"] = vanishing.run(case)
        case["conditioning"] = vanishing.condition(case)
        case["finite"] = vanishing.finite(case, 1e-8)
        if case["finite"] is None:
            del case["finite"]
    elif case["kind"] == "leave_one_out":
        case["expect"] = leave_out.run(case, case["data"])
    else:
        case["expect"] = landscape.run(case)


def surer(case):
    """Condition numbers from more perturbations, for one may happen to be harmless, and of w on its way: late in a
    flow of small speed its rounding decides when an event is, however the data are rounded."""
    if case["kind"] == "flow":
        case["conditioning"] = oracle.condition(case, 4, 7, True) or oracle.condition(case, 4, 7)
    elif case["kind"] == "small_init":
        case["conditioning"] = vanishing.condition(case, 4, 7)
    elif case["kind"] == "leave_one_out":
        case["expect"] = leave_out.run(case, case["data"], 4)


def drawn(args, library):
    """Random cases with their answers."""
    source = cases_theory if args.theory else cases
    kinds = args.kind or (source.QUICK if args.quick else list(source.KINDS))
    names = [(kinds[(k + args.seed) % len(kinds)], args.seed + k // len(kinds))
             for k in range(args.count)]
    if args.cases:
        names = [(name.rsplit("_", 1)[0], int(name.rsplit("_", 1)[1])) for name in args.cases]
    for name in names:
        case = source.make(*name)
        if not hasattr(library, NEEDS[case["kind"]]):
            continue
        try:
            answer(case)
        except Unsupported as error:
            print("%-20s left out: %s" % (case["name"], str(error)[:300]), flush=True)
            continue
        yield case


def read(paths):
    for path in paths:
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        if case["kind"] != "flow" or "at" not in case["expect"]:
            answer(case)
        yield case


def degenerate(case, known):
    """Do exact ties leave the answer to a choice?  Of several that are consistent the oracle says so
    too, and perturbations that keep the ties do not show it.  Where events hang on the last bits of the data the
    answer of a computation in them is one of several."""
    expect = case["expect"]
    flags = expect.get("flags", []) + expect.get("run_flags", []) + \
        ((expect.get("outer") or {}).get("flags", []))
    if known and not (case["kind"] == "flow" and "ambiguous" in flags):
        return False
    return "degenerate" in flags or (case["kind"] == "flow" and oracle.tied(case))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--kind", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--theory", action="store_true")
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--cases", nargs="*")
    parser.add_argument("--save")
    args = parser.parse_args()
    library = load(args.library)
    counts = {}
    for case in read(args.files) if args.files else drawn(args, library):
        problems, doubtful, known = compare(library, case)
        if problems and known and not doubtful:
            surer(case)
            problems, doubtful, known = compare(library, case)
        kind = ("same, doubtful" if doubtful else "same") if not problems else \
            "differs, doubtful" if doubtful else \
            "differs, unstable" if degenerate(case, known) else "DIFFERS"
        of_kind = counts.setdefault(case["tags"][0] if args.kind else case["kind"],
                                    dict.fromkeys(COUNTS, 0))
        of_kind[kind] += 1
        if problems:
            print("%-20s %s%s" % (case["name"], kind, "" if known else " (exact ties)"),
                  flush=True)
            for text in problems[:4]:
                print("    " + text[:600])
            if args.save:
                with open(os.path.join(args.save, case["name"] + ".json"), "w") as f:
                    json.dump(case, f)
    for name, of_kind in sorted(counts.items()):
        print("%-16s %s" % (name, ", ".join("%s: %d" % item for item in of_kind.items())))
    return 1 if any(c["DIFFERS"] for c in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
